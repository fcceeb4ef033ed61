//! What an administrator decides about a field.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::mapping::document::{Field, MappingDocument};
use crate::mapping::infer::Candidate;
use crate::mapping::path::Path;

/// What an administrator chose for a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// One of the candidates.
    Candidate(Candidate),
    /// A place in the bodies that was pointed at.
    Pointer {
        /// The place.
        path: Path,
        /// Whether it is one in the pieces of a streamed answer.
        #[serde(default)]
        streamed: bool,
    },
    /// That nothing says it.
    Nothing,
}

/// Why a choice is not possible.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChoiceError {
    /// A candidate is for another field.
    #[error("this candidate is not one for `{0}`")]
    WrongCandidate(&'static str),
    /// A field needs more than one place.
    #[error("`{0}` can't be settled by one pointer: {1}")]
    NotAPlace(&'static str, &'static str),
    /// The document would contradict itself.
    #[error("{0}")]
    Contradiction(String),
}

impl MappingDocument {
    /// Returns the document with a field settled by an administrator, which later inference leaves alone.
    ///
    /// # Errors
    /// Returns a [`ChoiceError`] when the choice does not fit the field.
    pub fn with_choice(&self, field: Field, choice: &Choice) -> Result<Self, ChoiceError> {
        let mut document = self.clone();
        match choice {
            Choice::Candidate(candidate) => {
                let mapping = candidate.mapping.clone();
                if !super::place::put(&mut document, field, mapping) {
                    return Err(ChoiceError::WrongCandidate(field.as_str()));
                }
                document.evidence.scores.insert(field, candidate.score);
            }
            Choice::Pointer { path, streamed } => {
                super::place::point(&mut document, field, path.clone(), *streamed)
                    .map_err(|reason| ChoiceError::NotAPlace(field.as_str(), reason))?;
                document.evidence.scores.remove(&field);
            }
            Choice::Nothing => {
                super::place::clear(&mut document, field);
                document.evidence.scores.remove(&field);
            }
        }
        document.pinned.insert(field);
        document.check().map_err(|problem| ChoiceError::Contradiction(problem.to_string()))?;
        Ok(document)
    }
}

#[cfg(test)]
mod tests;
