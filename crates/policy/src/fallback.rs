//! Other targets for a call whose first one fails: `Helicone-Fallbacks`.
//!
//! The header is a JSON array of entries, tried in order:
//! `[{"target-url": "https://api.openai.com", "headers": {"authorization": "Bearer …"},
//! "onCodes": [429, {"from": 500, "to": 599}], "bodyKeyOverride": {"model": "gpt-4o"}}]`.
//! An entry's headers take the place of the caller's, and its override holds for that entry alone.

mod read;

use std::fmt;
use std::ops::RangeInclusive;

use serde_json::{Map, Value};

/// The most entries that a call can have.
pub const MOST_FALLBACKS: usize = 20;

/// The targets of a call, in the order in which they are tried.
///
/// # Invariants
/// There are between 1 and [`MOST_FALLBACKS`] of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Fallbacks(Vec<Fallback>);

/// One target, with what is sent there and what makes the next one be tried.
///
/// Its `Debug` form shows no values: they hold the provider's key.
#[derive(Clone, PartialEq)]
pub struct Fallback {
    /// The URL that takes the place of `Helicone-Target-Url`: not empty, otherwise as it was written.
    pub target_url: String,
    /// The headers that take the place of the caller's: every name is a token, every value printable ASCII,
    /// blanks or tabs.
    pub headers: Vec<(String, String)>,
    /// The statuses, each range within 100..=599, on which the next entry is tried.
    pub on_codes: Vec<RangeInclusive<u16>>,
    /// What is merged into the JSON body.
    pub body_key_override: Option<Map<String, Value>>,
}

/// Why a text is not a list of fallbacks; never repeats a value of it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FallbackError {
    /// It is not JSON.
    #[error("`Helicone-Fallbacks` is not JSON: error at line {line}, column {column}")]
    NotJson {
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1.
        column: usize,
    },
    /// It is not an array, or not one of a length that is allowed.
    #[error("`Helicone-Fallbacks` is not an array of 1 to {MOST_FALLBACKS} entries")]
    NotEntries,
    /// A field of an entry is missing or of another form.
    #[error("`Helicone-Fallbacks`: entry {index}: `{field}` is not {expected}")]
    Entry {
        /// The entry, counted from 0 as in `Helicone-Fallback-Index`.
        index: usize,
        /// The field, and what in it, such as `onCodes[2]` or `headers.authorization`.
        field: String,
        /// What it should have been.
        expected: &'static str,
    },
}

impl Fallbacks {
    /// Reads the header's value; fields that nobody knows are left out.
    ///
    /// # Errors
    /// Fails when it is not a JSON array of 1 to [`MOST_FALLBACKS`] objects, or when one of them lacks
    /// `target-url`, `headers` or `onCodes`, or holds something in them, or in `bodyKeyOverride`, that can't
    /// be meant.
    pub fn parse(text: &str) -> Result<Self, FallbackError> {
        read::entries(text).map(Self)
    }

    /// Returns the entries; there is at least one.
    pub fn entries(&self) -> &[Fallback] {
        &self.0
    }
}

impl Fallback {
    /// Returns whether the next entry is to be tried after this one ended with `status`.
    ///
    /// An attempt that brought no answer counts as the status that the gateway would give the client: 502
    /// when no connection could be had or it was lost, 504 when a deadline passed. So a list that covers
    /// 500 to 599 also gets over a provider that is not there.
    pub fn moves_on(&self, status: u16) -> bool {
        self.on_codes.iter().any(|codes| codes.contains(&status))
    }
}

impl fmt::Debug for Fallback {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        let keys: Option<Vec<_>> = self.body_key_override.as_ref().map(|members| members.keys().collect());
        f.debug_struct("Fallback")
            .field("headers", &names)
            .field("on_codes", &self.on_codes)
            .field("body_key_override", &keys)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
