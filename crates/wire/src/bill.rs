//! What providers say that they charge: their exports of costs, added up by day and model.
//!
//! Read are the pages of OpenAI's `/v1/organization/costs` and Anthropic's `/v1/organizations/cost_report`, alone, in
//! a list or one after the other; and tables (CSV) as both consoles export them, or of one's own making with columns
//! `date`, `model` and `amount_usd`. What is read is decided by its structure. Every error says where it is.

mod amount;
mod pages;
mod table;

use std::collections::BTreeMap;

use gatehouse_types::{NanoUsd, Timestamp};

/// How long a day is, in microseconds.
const DAY_MICROS: i64 = 86_400_000_000;

/// What a provider charges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bill {
    /// The charges, by the beginning of their day (UTC) and the model; the name is empty where the export does not
    /// tell models apart.
    pub charges: BTreeMap<(Timestamp, String), NanoUsd>,
    /// What the reader should know, such as that there is more than was sent.
    pub notes: Vec<String>,
}

/// Why an export can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BillError {
    /// It is not text.
    #[error("the export is not UTF-8 text")]
    NotText,
    /// There is nothing in it.
    #[error("the export is empty")]
    Empty,
    /// The JSON is not one, or not of the form of an export; the text names line and column.
    #[error("{0}")]
    Pages(String),
    /// The first line does not name a column that is needed.
    #[error("line 1: no column for the {what}: one of {expected} is needed, there are {found}")]
    Column {
        /// What the column is for.
        what: &'static str,
        /// The names it may have.
        expected: String,
        /// The names there are.
        found: String,
    },
    /// A cell is not what its column holds.
    #[error("line {line}, column `{column}`: {problem}")]
    Cell {
        /// The line, counted from 1.
        line: usize,
        /// The column's name.
        column: String,
        /// What is wrong.
        problem: String,
    },
}

/// Reads an export of costs.
///
/// # Errors
/// Fails on what is no such export, and on dates, amounts and currencies that can't be read.
pub fn read_bill(body: &[u8]) -> Result<Bill, BillError> {
    let text = std::str::from_utf8(body).map_err(|_| BillError::NotText)?;
    let text = text.trim_start_matches('\u{feff}');
    match text.trim_start().as_bytes().first() {
        None => Err(BillError::Empty),
        Some(b'{' | b'[') => pages::read(text),
        Some(_) => table::read(text),
    }
}

impl Bill {
    /// Adds a charge to its day and model.
    fn add(&mut self, at: Timestamp, model: &str, amount: NanoUsd) {
        let micros = at.as_unix_micros();
        let day = Timestamp::from_unix_micros(micros - micros.rem_euclid(DAY_MICROS));
        let sum = self.charges.entry((day, model.trim().to_owned())).or_insert(NanoUsd::new(0));
        *sum = NanoUsd::new(sum.get().saturating_add(amount.get()));
    }
}

/// Returns the model that a line of OpenAI's bill is about: `gpt-4o-2024-08-06, cached input`.
fn model_of_line(line_item: &str) -> &str {
    line_item.split_once(", ").map_or(line_item, |(model, _)| model)
}

/// Returns whether amounts in a currency are US dollars.
fn is_dollars(currency: &str) -> bool {
    currency.trim().is_empty() || currency.trim().eq_ignore_ascii_case("usd")
}

/// Reads a point in time: ISO 8601, a date, or seconds since the Unix epoch.
fn moment(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if (9..=11).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let seconds: i64 = text.parse().ok()?;
        return Some(Timestamp::from_unix_micros(seconds.checked_mul(1_000_000)?));
    }
    Timestamp::parse(text.strip_suffix(" UTC").unwrap_or(text))
}

#[cfg(test)]
mod tests;
