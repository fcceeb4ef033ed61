//! Making a mapping of samples: candidates for every field, scored by names, numbers and structure, and the
//! decision which of them are sure enough.

pub mod choice;
mod columns;
mod corpus;
mod counts;
mod decide;
mod ends;
mod examples;
mod faces;
mod place;
mod requests;
mod statistics;
mod table;
mod texts;
mod usage;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use self::corpus::{Case, Corpus, split};
use self::decide::Draft;
use super::Sample;
use super::document::{
    Field, FinishMapping, MappingDocument, MappingStatus, MessagesMapping, ModelMapping, StreamText,
    StreamUsage, TextMapping, ToolCallsMapping, UsageMapping,
};
use super::path::Path;

/// What a candidate would put into the document.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mapping {
    /// A place.
    Path(Path),
    /// A place in a piece of a stream.
    StreamPath(Path),
    /// A text.
    Text(TextMapping),
    /// A streamed text.
    StreamText(StreamText),
    /// Counts.
    Usage(UsageMapping),
    /// Counts of a stream.
    StreamUsage(StreamUsage),
    /// The reason of an end.
    Finish(FinishMapping),
    /// The reason of a stream's end.
    StreamFinish(FinishMapping),
    /// Parameters by our name for them.
    Params(BTreeMap<String, Path>),
    /// Messages.
    Messages(MessagesMapping),
    /// A model.
    Model(ModelMapping),
    /// Calls of tools.
    ToolCalls(ToolCallsMapping),
}

/// One way to read a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// What the document would say.
    pub mapping: Mapping,
    /// How much speaks for it.
    pub score: f64,
    /// What speaks for it and against it, in words.
    pub reasons: Vec<String>,
    /// What it reads from up to three samples.
    pub examples: Vec<String>,
}

/// What becomes of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// It is sure enough to be used.
    Active,
    /// There are candidates that an administrator has to look at.
    Pending,
    /// Nothing was found.
    Missing,
}

/// What was found for a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldInference {
    /// The field.
    pub field: Field,
    /// Whether it is about streamed answers.
    pub streamed: bool,
    /// What becomes of it.
    pub decision: Decision,
    /// Up to three candidates, the best first.
    pub candidates: Vec<Candidate>,
    /// Why it was decided like this.
    pub reason: String,
}

/// What was inferred.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inference {
    /// The mapping of all fields that are sure enough.
    pub document: MappingDocument,
    /// Every field that something was found for, with what becomes of it.
    pub fields: Vec<FieldInference>,
    /// What becomes of the document as a whole.
    pub status: MappingStatus,
}

/// How many samples it takes to be sure of anything.
pub const LEAST_SAMPLES: usize = 5;
/// How many candidates of a field are shown.
const SHOWN: usize = 3;

/// Infers a mapping from samples of one API: same host, method and path template. Their order does not matter.
pub fn infer(samples: &[Sample<'_>]) -> Inference {
    let corpus = Corpus::new(samples);
    let (plain, plain_checks) = split(&corpus.plain);
    let (streamed, streamed_checks) = split(&corpus.streamed);
    let learned: Vec<&Case<'_>> = plain.iter().chain(&streamed).copied().collect();
    let checks: Vec<&Case<'_>> = plain_checks.into_iter().chain(streamed_checks).collect();
    let mut draft = Draft::new(&corpus, learned.len(), checks.len());
    let answers = faces::answer_table(&plain, &streamed);
    draft.request(&learned, &answers);
    draft.whole(&plain);
    draft.streamed(&streamed);
    draft.failures(&corpus.failed);
    draft.check(&checks, &learned);
    draft.finish(&corpus)
}

impl Inference {
    /// Returns the document with the best candidate of every field that waits for approval.
    pub fn approved(&self) -> MappingDocument {
        let mut document = self.document.clone();
        for field in self.fields.iter().filter(|field| field.decision == Decision::Pending) {
            if let Some(candidate) = field.candidates.first() {
                place::put(&mut document, field.field, candidate.mapping.clone());
                document.evidence.scores.insert(field.field, candidate.score);
            }
        }
        document
    }

    /// Returns what was found for a field.
    pub fn field(&self, field: Field, streamed: bool) -> Option<&FieldInference> {
        self.fields.iter().find(|found| found.field == field && found.streamed == streamed)
    }
}

#[cfg(test)]
mod tests;
