//! The rows of the table.

use std::fmt;
use std::fs;

use anyhow::{Context, Result, bail, ensure};
use toml::{Table, Value};

use super::root;

const FILE: &str = "crates/testkit/tests/house/conformance/headers.toml";
const FIELDS: [&str; 6] = ["name", "direction", "value", "behaviour", "difference", "not_built"];

/// Who sends a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// The client.
    Request,
    /// The gateway.
    Response,
}

impl fmt::Display for Direction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
        })
    }
}

/// A header with a meaning of its own at the gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Its name as documentation writes it.
    pub name: String,
    /// Who sends it.
    pub direction: Direction,
    /// The form of its value, and the default where there is one.
    pub value: String,
    /// What it does, in one sentence.
    pub behaviour: String,
    /// What differs from Helicone on purpose.
    pub difference: Option<String>,
    /// Why it does nothing, where it does nothing.
    pub not_built: Option<String>,
}

/// Reads every header, in the order of the file.
///
/// # Errors
/// When the file is not as it should be: a row lacks a field, has an unknown one, or is there twice.
pub fn table() -> Result<Vec<Header>> {
    let text = fs::read_to_string(root().join(FILE)).with_context(|| format!("read {FILE}"))?;
    let file: Table = text.parse().with_context(|| format!("read {FILE}"))?;
    let rows = file.get("headers").and_then(Value::as_array).context("no `[[headers]]`")?;
    let mut headers: Vec<Header> = Vec::with_capacity(rows.len());
    for row in rows {
        let header = read(row).with_context(|| format!("{FILE}: {row}"))?;
        let same = |known: &Header| {
            known.direction == header.direction && known.name.eq_ignore_ascii_case(&header.name)
        };
        ensure!(!headers.iter().any(same), "{FILE}: {} {} is there twice", header.direction, header.name);
        headers.push(header);
    }
    Ok(headers)
}

fn read(row: &Value) -> Result<Header> {
    let row = row.as_table().context("not a table")?;
    if let Some(unknown) = row.keys().find(|key| !FIELDS.contains(&key.as_str())) {
        bail!("unknown field `{unknown}`");
    }
    let optional = |name: &str| match row.get(name) {
        Some(Value::String(text)) if !text.is_empty() && !text.contains('\n') => Ok(Some(text.clone())),
        Some(other) => bail!("`{name}` is {other}; expected one line of text"),
        None => Ok(None),
    };
    let text = |name: &str| optional(name)?.with_context(|| format!("`{name}` is missing"));
    let direction = match text("direction")?.as_str() {
        "request" => Direction::Request,
        "response" => Direction::Response,
        other => bail!("`direction` is `{other}`; expected `request` or `response`"),
    };
    Ok(Header {
        name: text("name")?,
        direction,
        value: text("value")?,
        behaviour: text("behaviour")?,
        difference: optional("difference")?,
        not_built: optional("not_built")?,
    })
}
