//! The mapping document: where the bodies of one API say what. It holds places, no values, and is never changed
//! once stored: a change is a new version.

mod streamed;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use self::streamed::{Select, StreamMapping, StreamText, StreamUsage, TextMode, UsageMode};
pub use self::words::{Field, MappingStatus};
use super::path::Path;
use super::shape::{Fingerprint, Shape};

/// The engine whose rules made the documents of this build.
pub const ENGINE: &str = "infer-1";

/// Which calls a mapping is for.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scope {
    /// The organisation, or everybody.
    #[serde(rename = "org")]
    pub organization: Option<String>,
    /// The provider's host.
    pub host: String,
    /// The method.
    pub method: String,
    /// The path, with `:p` for what differs from call to call ([`path_template`](super::path_template)).
    pub path: String,
}

/// The shapes of the bodies that a mapping was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Shapes {
    /// Of requests.
    pub request: BTreeSet<Fingerprint>,
    /// Of answers in one piece.
    pub response: BTreeSet<Fingerprint>,
    /// Of streamed answers, all their pieces together.
    pub stream: BTreeSet<Fingerprint>,
    /// The places that most answers in one piece have.
    pub response_places: Shape,
    /// The places that most streamed answers have.
    pub stream_places: Shape,
}

/// A mapping, as it is stored.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MappingDocument {
    /// Its id, when it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Its version within the scope, from 1, when it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<u32>,
    /// Its status, when it is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<MappingStatus>,
    /// The version that it was made from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent: Option<u32>,
    /// Who made it: `job` or `user:…`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
    /// Which calls it is for.
    pub scope: Scope,
    /// The shapes it was made from.
    pub shapes: Shapes,
    /// How requests are read.
    pub request: RequestMapping,
    /// How answers in one piece are read, and failures.
    pub response: ResponseMapping,
    /// How streamed answers are read.
    pub stream: Option<StreamMapping>,
    /// The fields that an administrator settled.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub pinned: BTreeSet<Field>,
    /// What speaks for it.
    pub evidence: Evidence,
}

/// How requests are read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RequestMapping {
    /// The messages.
    pub messages: Option<MessagesMapping>,
    /// The prompt.
    pub prompt: Option<TextMapping>,
    /// The system prompt.
    pub system: Option<TextMapping>,
    /// The model that is asked for.
    pub model: Option<ModelMapping>,
    /// Parameters by our name for them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub params: BTreeMap<String, Path>,
}

/// How messages are read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MessagesMapping {
    /// Every message.
    pub each: Path,
    /// Who says it, below a message.
    pub role: Option<Path>,
    /// What is said, below a message: the texts of all these places.
    pub content: Vec<Path>,
    /// Images and files, below a message: addresses or base64.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Path>,
    /// The API's roles → ours.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, String>,
}

/// Which of the texts that a path leads to are meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pick {
    /// All, joined.
    #[default]
    All,
    /// The first, of several choices.
    First,
    /// The last, of a conversation.
    Last,
}

/// How a text is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TextMapping {
    /// Where it stands.
    pub path: Path,
    /// What stands between its parts.
    pub join: String,
    /// Which parts are meant.
    pub pick: Pick,
}

/// How the model is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelMapping {
    /// From the request's body.
    Path(Path),
    /// From the segment of the call's path that follows this one.
    After(String),
    /// The API has but one.
    Constant(String),
}

/// How answers in one piece are read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ResponseMapping {
    /// The text.
    pub text: Option<TextMapping>,
    /// The reasoning before it.
    pub reasoning: Option<TextMapping>,
    /// The model that answered.
    pub model: Option<Path>,
    /// The counts.
    pub usage: Option<UsageMapping>,
    /// Why it ended.
    pub finish: Option<FinishMapping>,
    /// The calls of tools.
    pub tool_calls: Option<ToolCallsMapping>,
    /// What went wrong.
    pub error: Option<Path>,
}

/// What holds between counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identity {
    /// input + output = total.
    InputOutput,
    /// input + output + reasoning = total.
    InputOutputReasoning,
    /// input + cached + output = total.
    InputCachedOutput,
}

/// How counts of tokens are read. Where an identity is given, counts that violate it are not read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UsageMapping {
    /// Input tokens.
    pub input: Option<Path>,
    /// Output tokens; without a place but with those of input and total it is their difference.
    pub output: Option<Path>,
    /// The total.
    pub total: Option<Path>,
    /// Input tokens read from a cache.
    pub cached: Option<Path>,
    /// Output tokens spent on reasoning.
    pub reasoning: Option<Path>,
    /// Whether `input` counts the cached ones too.
    pub input_includes_cached: bool,
    /// Whether `output` counts those of reasoning too.
    pub output_includes_reasoning: bool,
    /// What holds in every answer.
    pub identity: Option<Identity>,
    /// Counts that were 0 in every sample: what the others mean when they are not is unknown, so that nothing is
    /// read then.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub zero: BTreeSet<Path>,
}

/// How the reason of an end is read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FinishMapping {
    /// Where it stands.
    pub path: Path,
    /// The API's words → ours; others are kept as they are.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, String>,
}

/// How calls of tools are read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ToolCallsMapping {
    /// Every call.
    pub each: Path,
    /// The name of the tool, below a call.
    pub name: Path,
    /// Its arguments, below a call: an object, or one written as a string.
    pub arguments: Path,
    /// The id, below a call.
    pub id: Option<Path>,
}

/// What speaks for a document.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Evidence {
    /// How many samples it was made from.
    pub samples: usize,
    /// How many of them were held back to check it.
    pub held_out: usize,
    /// The score of each field that is mapped.
    pub scores: BTreeMap<Field, f64>,
    /// What came second.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub runner_up: BTreeMap<Field, String>,
    /// The fields that every sample had: one that lacks them is news.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub always: BTreeSet<Field>,
    /// Whose rules made it.
    pub engine: String,
}

/// Why a text is no [`MappingDocument`].
#[derive(Debug, Error)]
pub enum DocumentError {
    /// It is not of the stored form; the message names the pointer or member.
    #[error("mapping document: {0}")]
    Form(#[from] serde_json::Error),
    /// Two of its statements don't go together.
    #[error("mapping document: `{place}` {problem}")]
    Contradiction {
        /// The member.
        place: &'static str,
        /// What is wrong with it.
        problem: &'static str,
    },
}

impl MappingDocument {
    /// Parses and checks the stored form.
    ///
    /// # Errors
    /// Returns a [`DocumentError`] that names the pointer or the member.
    pub fn parse(json: &str) -> Result<Self, DocumentError> {
        let document: Self = serde_json::from_str(json)?;
        document.check()?;
        Ok(document)
    }

    /// Checks what the form alone does not.
    ///
    /// # Errors
    /// Returns a [`DocumentError`] that names the member.
    pub fn check(&self) -> Result<(), DocumentError> {
        let usage = self.response.usage.as_ref().map(|usage| ("response.usage", usage));
        let streamed = self.stream.as_ref().and_then(|stream| stream.usage.as_ref());
        let streamed = streamed.map(|usage| ("stream.usage", &usage.counts));
        for (place, usage) in usage.into_iter().chain(streamed) {
            usage.check().map_err(|problem| DocumentError::Contradiction { place, problem })?;
        }
        match &self.request.messages {
            Some(messages) if messages.content.is_empty() => Err(DocumentError::Contradiction {
                place: "request.messages.content",
                problem: "names no place",
            }),
            _ => Ok(()),
        }
    }
}

impl UsageMapping {
    fn check(&self) -> Result<(), &'static str> {
        let lacks = |path: &Option<Path>| path.is_none();
        match self.identity {
            None if lacks(&self.input) && lacks(&self.output) => Err("has neither input nor output"),
            Some(_) if lacks(&self.input) || lacks(&self.output) || lacks(&self.total) => {
                Err("has an identity, but not all counts that it is about")
            }
            Some(Identity::InputOutputReasoning) if lacks(&self.reasoning) => {
                Err("has an identity with reasoning, but no place for it")
            }
            Some(Identity::InputCachedOutput) if lacks(&self.cached) => {
                Err("has an identity with cached tokens, but no place for them")
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
