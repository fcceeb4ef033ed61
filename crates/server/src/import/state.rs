//! How far an import is, in a file, so that the next one goes on there.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::Row;
use crate::cli::ImportHelicone;

/// The field of a row that an import goes along.
const CREATED_AT: &str = "request_created_at";

/// A place between two rows, which are in the order in which their calls began.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// When the last call began that was read, as Helicone writes it; `None` before the first.
    pub(super) at: Option<String>,
    /// How many calls that began at that very time were read.
    pub(super) read_at: u64,
}

/// What the file says.
pub(super) struct State {
    path: PathBuf,
    /// What is imported: a file of another import is not continued.
    source: Value,
    pub(super) position: Position,
    /// How many rows were read of each export.
    pub(super) files: BTreeMap<String, u64>,
}

impl Position {
    /// Returns the place behind some rows that were read from here on.
    ///
    /// # Errors
    /// Fails when a row does not say when its call began.
    pub(super) fn after(&self, rows: &[Row]) -> Result<Self> {
        let mut next = self.clone();
        for row in rows {
            let at = row.get(CREATED_AT).and_then(Value::as_str);
            let at = at.with_context(|| format!("a row of Helicone's has no `{CREATED_AT}`"))?;
            if next.at.as_deref() == Some(at) {
                next.read_at += 1;
            } else {
                next = Self { at: Some(at.to_owned()), read_at: 1 };
            }
        }
        Ok(next)
    }
}

impl State {
    /// Reads the file that the command line names, if it is there.
    ///
    /// # Errors
    /// Fails when it is of another import, or is none.
    pub(super) fn load(import: &ImportHelicone) -> Result<Self> {
        let time = |at: Option<gatehouse_types::Timestamp>| at.map(|at| at.to_string());
        let source = json!({"url": import.url, "since": time(import.since), "until": time(import.until)});
        let mut state = Self {
            path: import.state.clone(),
            source,
            position: Position::default(),
            files: BTreeMap::new(),
        };
        if import.restart || !state.path.exists() {
            return Ok(state);
        }
        let path = state.path.display();
        let text = fs::read_to_string(&state.path).with_context(|| format!("can't read `{path}`"))?;
        let kept: Value = serde_json::from_str(&text)
            .with_context(|| format!("`{path}` is no state of an import: name another with --state"))?;
        if kept.get("source") != Some(&state.source) {
            bail!(
                "`{path}` is of another import: name another file with --state, or begin anew with --restart"
            );
        }
        state.position = Position {
            at: kept.get("at").and_then(Value::as_str).map(str::to_owned),
            read_at: kept.get("read_at").and_then(Value::as_u64).unwrap_or(0),
        };
        let files = kept.get("files").and_then(Value::as_object).into_iter().flatten();
        state.files = files.filter_map(|(name, rows)| Some((name.clone(), rows.as_u64()?))).collect();
        Ok(state)
    }

    /// Writes the file; a crash leaves the former one or this one.
    ///
    /// # Errors
    /// Fails when it can't be written.
    pub(super) fn save(&self) -> Result<()> {
        let kept = json!({
            "source": self.source, "at": self.position.at, "read_at": self.position.read_at, "files": self.files,
        });
        let new = self.path.with_extension("new");
        let written = fs::write(&new, kept.to_string()).and_then(|()| fs::rename(&new, &self.path));
        written.with_context(|| format!("can't write `{}`", self.path.display()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(at: &str) -> Row {
        json!({CREATED_AT: at}).as_object().cloned().unwrap_or_default()
    }

    #[test]
    fn counts_the_calls_of_the_last_instant_over_pages() {
        let first = Position::default().after(&[row("a"), row("b"), row("b")]).unwrap();
        assert_eq!(first, Position { at: Some("b".to_owned()), read_at: 2 });
        let second = first.after(&[row("b"), row("b")]).unwrap();
        assert_eq!(second, Position { at: Some("b".to_owned()), read_at: 4 });
        assert_eq!(second.after(&[row("c")]).unwrap().read_at, 1);
        assert!(second.after(&[Row::new()]).is_err());
    }
}
