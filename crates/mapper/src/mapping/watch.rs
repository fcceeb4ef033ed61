//! Whether an active mapping still fits: counters over the last calls that were read by it.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::Sample;
use super::document::MappingDocument;
use super::evaluate::Mapped;
use super::pieces::{ArrayIs, Framing};
use super::shape::{SAME_API, answer_shape};

/// How many calls are looked back on.
pub const LOOKED_BACK: usize = 200;
/// How many of [`LOOKED_BACK`] calls may be read badly: 5 %.
const MOST_BAD: usize = 10;
/// How many bad calls it takes however few there were.
const LEAST_BAD: usize = 3;

/// What was bad about one call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Seen {
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_missing: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    identity_failed: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_unknown: bool,
}

/// Why a mapping needs to be inferred anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Drift {
    /// Fields that every sample had are missing.
    Missing,
    /// Counts violate what holds between them.
    Identity,
    /// There are roles, or reasons of an end, that it has no word for.
    Unknown,
    /// Answers have another shape.
    Shape,
}

/// The counters of one version of a mapping.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watch {
    /// What was seen, oldest first.
    seen: VecDeque<Seen>,
}

impl Watch {
    /// Counts a call that was read by `document`; returns why the document is no longer good enough. Calls that
    /// failed are not counted: they lack most fields rightly.
    pub fn count(
        &mut self,
        document: &MappingDocument,
        exchange: &Sample<'_>,
        mapped: &Mapped,
    ) -> Option<Drift> {
        if !exchange.is_success() {
            return None;
        }
        let always = &document.evidence.always;
        self.seen.push_back(Seen {
            is_missing: mapped.missing.iter().any(|field| always.contains(field)),
            identity_failed: mapped.identity_failed,
            is_unknown: !mapped.unknown.is_empty(),
        });
        while self.seen.len() > LOOKED_BACK {
            self.seen.pop_front();
        }
        if has_another_shape(document, exchange) { Some(Drift::Shape) } else { self.drift() }
    }

    /// Returns how many of the last calls lack a field, violate an identity, or have an unknown word.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |is: fn(&Seen) -> bool| self.seen.iter().filter(|seen| is(seen)).count();
        (count(|seen| seen.is_missing), count(|seen| seen.identity_failed), count(|seen| seen.is_unknown))
    }

    /// Returns how many of the last calls are looked at.
    pub fn calls(&self) -> usize {
        self.seen.len()
    }

    fn drift(&self) -> Option<Drift> {
        let is_too_many = |bad: usize| bad >= LEAST_BAD && bad * LOOKED_BACK > self.seen.len() * MOST_BAD;
        let (missing, identity, unknown) = self.counts();
        let reasons = [(missing, Drift::Missing), (identity, Drift::Identity), (unknown, Drift::Unknown)];
        reasons.into_iter().find(|(bad, _)| is_too_many(*bad)).map(|(_, drift)| drift)
    }
}

/// Whether the answer is unlike all that the document was made from.
fn has_another_shape(document: &MappingDocument, exchange: &Sample<'_>) -> bool {
    let shapes = &document.shapes;
    let is_array_streamed = document.stream.as_ref().is_some_and(|stream| stream.framing == Framing::Array);
    let array_is = if is_array_streamed { ArrayIs::Stream } else { ArrayIs::Value };
    let Some((shape, is_streamed)) = answer_shape(&exchange.response, array_is) else { return false };
    let (known, places) = if is_streamed {
        (&shapes.stream, &shapes.stream_places)
    } else {
        (&shapes.response, &shapes.response_places)
    };
    !places.is_empty() && !known.contains(&shape.fingerprint()) && places.similarity(&shape) < SAME_API
}

#[cfg(test)]
mod tests;
