//! Price lists: rows by provider and model, and how the row of a model is found.

use std::collections::{BTreeMap, HashMap};

use gatehouse_types::Timestamp;
use serde::Deserialize as _;

use crate::breakdown::MatchKind;
use crate::names;
use crate::row::{PriceRow, Row, RowError};

/// Why a text is not a price list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It is not TOML.
    #[error("the price list is not readable")]
    Toml(#[from] toml::de::Error),
    /// A row is not one.
    #[error(transparent)]
    Row(#[from] RowError),
}

/// Prices by provider and model.
///
/// # Invariants
/// No two rows of a model have the same conditions and the same `from`, so that their order doesn't matter.
#[derive(Clone, Debug, Default)]
pub struct PriceList {
    /// By the provider's name in upper case.
    providers: HashMap<Box<str>, Models>,
}

/// The prices that hold for one organisation, before all others.
#[derive(Clone, Debug, Default)]
pub struct Overrides(pub(crate) PriceList);

/// The models of a provider.
#[derive(Clone, Debug, Default)]
pub(crate) struct Models {
    pub(crate) rows: HashMap<Box<str>, Vec<Row>>,
    pub(crate) aliases: HashMap<Box<str>, Box<str>>,
    /// What declared prefixes hold, without their `*`, the longest first.
    pub(crate) prefixes: Vec<(Box<str>, Vec<Row>)>,
    /// Names and aliases that have capitals, by their lower case.
    folded: HashMap<Box<str>, Box<str>>,
}

/// The rows of a model, and how they were found.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found<'a> {
    /// The name in the list; of a prefix with its `*` left out.
    pub(crate) model: &'a str,
    pub(crate) how: MatchKind,
    pub(crate) rows: &'a [Row],
}

impl Overrides {
    /// Takes an organisation's rows.
    ///
    /// # Errors
    /// Names the first row, counted from 1, and the field that is wrong.
    pub fn new(rows: &[PriceRow]) -> Result<Self, RowError> {
        PriceList::of_rows(rows).map(Self)
    }

    /// Returns whether they price nothing.
    pub fn is_empty(&self) -> bool {
        self.0.providers.is_empty()
    }
}

impl PriceList {
    /// Reads a user's file: `[[prices]]` tables of the form of [`PriceRow`].
    ///
    /// # Errors
    /// Fails when the text is not TOML, or names the row and the field that is wrong.
    pub fn parse_toml(text: &str) -> Result<Self, ListError> {
        let file: toml::Table = toml::from_str(text)?;
        let error = |place: &str, field: &str, problem: String| RowError {
            place: place.to_owned(),
            subject: String::new(),
            field: field.to_owned(),
            problem,
        };
        if let Some(key) = file.keys().find(|key| *key != "prices") {
            let problem = "there is no such key: the file has tables `[[prices]]` only".to_owned();
            return Err(error("top of the file", key, problem).into());
        }
        let rows = match file.get("prices") {
            None => &Vec::new(),
            Some(toml::Value::Array(rows)) => rows,
            Some(_) => {
                let problem = "it has to be an array of tables: write `[[prices]]` above each row".to_owned();
                return Err(error("top of the file", "prices", problem).into());
            }
        };
        let read = |(n, row): (usize, &toml::Value)| {
            PriceRow::deserialize(row.clone()).map_err(|cause| {
                let (field, problem) = field_of(&cause.to_string());
                error(&format!("row {}", n + 1), &field, problem)
            })
        };
        let rows = rows.iter().enumerate().map(read).collect::<Result<Vec<_>, _>>()?;
        Ok(Self::of_rows(&rows)?)
    }

    /// Takes rows.
    ///
    /// # Errors
    /// Names the first row, counted from 1, and the field that is wrong.
    pub fn of_rows(rows: &[PriceRow]) -> Result<Self, RowError> {
        let mut list = Self::default();
        for (n, row) in rows.iter().enumerate() {
            list.take(row).map_err(|(field, problem)| RowError {
                place: format!("row {}", n + 1),
                subject: row.subject(),
                field,
                problem,
            })?;
        }
        list.finish();
        Ok(list)
    }

    fn take(&mut self, written: &PriceRow) -> Result<(), (String, String)> {
        let wrong = |field: &str, problem: &str| (field.to_owned(), problem.to_owned());
        if written.provider.trim().is_empty() {
            return Err(wrong("provider", "it is empty: write a provider such as \"OPENAI\", or a host"));
        }
        if written.models.is_empty() {
            return Err(wrong("models", "it is empty: name at least one model, such as [\"gpt-4o\"]"));
        }
        let row = written.read()?;
        for model in &written.models {
            let model = model.trim();
            if model.is_empty() {
                return Err(wrong("models", "one name is empty: write \"*\" for all models"));
            }
            let added = match model.strip_suffix('*') {
                Some(prefix) => self.add_prefix(&written.provider, prefix, row.clone()),
                None => self.add(&written.provider, model, row.clone()),
            };
            if !added {
                let problem =
                    format!("`{model}` has a row of the same conditions and the same `from` already");
                return Err(("models".to_owned(), problem));
            }
        }
        Ok(())
    }

    /// Adds a row of a model; `false` when there is one for the same case.
    pub(crate) fn add(&mut self, provider: &str, model: &str, row: Row) -> bool {
        push(self.models_mut(provider).rows.entry(model.into()).or_default(), row)
    }

    /// Adds a row of all models that begin like this; `false` when there is one for the same case.
    pub(crate) fn add_prefix(&mut self, provider: &str, prefix: &str, row: Row) -> bool {
        let prefixes = &mut self.models_mut(provider).prefixes;
        if let Some((_, rows)) = prefixes.iter_mut().find(|(other, _)| **other == *prefix) {
            return push(rows, row);
        }
        prefixes.push((prefix.into(), vec![row]));
        true
    }

    /// Adds another name of a model; `false` when it stands for another one already.
    pub(crate) fn add_alias(&mut self, provider: &str, alias: &str, model: &str) -> bool {
        let known = self.models_mut(provider).aliases.insert(alias.into(), model.into());
        known.is_none_or(|known| *known == *model)
    }

    fn models_mut(&mut self, provider: &str) -> &mut Models {
        if !self.providers.contains_key(provider) {
            let provider = provider.trim().to_ascii_uppercase().into_boxed_str();
            return self.providers.entry(provider).or_default();
        }
        self.providers.entry(provider.into()).or_default()
    }

    /// Puts everything in order once all rows are there.
    pub(crate) fn finish(&mut self) {
        self.providers.values_mut().for_each(Models::finish);
    }

    pub(crate) fn models(&self, provider: &str) -> Option<&Models> {
        self.providers.get(provider).or_else(|| self.providers.get(provider.to_ascii_uppercase().as_str()))
    }

    /// Every provider, by name.
    pub(crate) fn providers(&self) -> BTreeMap<&str, &Models> {
        self.providers.iter().map(|(name, models)| (&**name, models)).collect()
    }

    /// Returns the rows of a model, one of which at least is valid at that time.
    pub(crate) fn find(&self, provider: &str, model: &str, at: Timestamp) -> Option<Found<'_>> {
        let models = self.models(provider)?;
        if let Some(found) = models.named(model, at) {
            return Some(found);
        }
        let names = names::other_names(&provider.to_ascii_uppercase(), model);
        let normalised = names.iter().find_map(|name| models.named(name, at));
        if let Some(found) = normalised {
            return Some(Found { how: MatchKind::Normalised, ..found });
        }
        std::iter::once(model)
            .chain(names.iter().map(String::as_str))
            .find_map(|name| models.prefixed(name, at))
    }
}

impl Models {
    fn finish(&mut self) {
        self.prefixes.sort_by(|(a, _), (b, _)| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        let mut names = self.rows.keys().chain(self.aliases.keys()).collect::<Vec<_>>();
        names.retain(|name| name.bytes().any(|byte| byte.is_ascii_uppercase()));
        // Where two differ in nothing but case the first one in order is taken, whatever came first.
        names.sort_unstable_by(|a, b| b.cmp(a));
        self.folded =
            names.into_iter().map(|name| (name.to_ascii_lowercase().into(), name.clone())).collect();
    }

    /// By exactly this name, or by this name in another case.
    fn named(&self, model: &str, at: Timestamp) -> Option<Found<'_>> {
        self.exact(model, at).or_else(|| {
            let lower = model.to_ascii_lowercase();
            let is_other = lower != model;
            let folded = self.folded.get(lower.as_str()).and_then(|name| self.exact(name, at));
            folded.or_else(|| is_other.then(|| self.exact(&lower, at)).flatten())
        })
    }

    fn exact(&self, model: &str, at: Timestamp) -> Option<Found<'_>> {
        let rows = |name: &str| {
            let (model, rows) = self.rows.get_key_value(name)?;
            is_any_valid(rows, at).then_some((&**model, rows.as_slice()))
        };
        if let Some((model, rows)) = rows(model) {
            return Some(Found { model, how: MatchKind::Exact, rows });
        }
        let (model, rows) = rows(self.aliases.get(model)?)?;
        Some(Found { model, how: MatchKind::Alias, rows })
    }

    fn prefixed(&self, model: &str, at: Timestamp) -> Option<Found<'_>> {
        let is_prefix = |prefix: &str| {
            model.get(..prefix.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(prefix))
        };
        let (prefix, rows) =
            self.prefixes.iter().find(|(prefix, rows)| is_prefix(prefix) && is_any_valid(rows, at))?;
        Some(Found { model: prefix, how: MatchKind::Prefix, rows })
    }
}

fn is_any_valid(rows: &[Row], at: Timestamp) -> bool {
    rows.iter().any(|row| row.is_valid(at))
}

/// Adds a row, unless there is one for the same case.
fn push(rows: &mut Vec<Row>, row: Row) -> bool {
    let is_new = !rows.iter().any(|other| other.from == row.from && other.conditions == row.conditions);
    if is_new {
        rows.push(row);
    }
    is_new
}

/// Finds the field in what the TOML reader says: the first name in backquotes.
fn field_of(message: &str) -> (String, String) {
    let message = message.trim();
    let field = message.split('`').nth(1).unwrap_or("row");
    (field.to_owned(), message.to_owned())
}

#[cfg(test)]
mod tests;
