//! In which dialect an answer is, told by its own members: the path and the provider don't always know.

use std::fmt;

use gatehouse_types::Dialect;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::json::Scalar;

/// The shape of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Structure {
    /// OpenAI's, and that of all who copy it.
    OpenAi,
    /// Messages of Claude, wherever it is served.
    Anthropic,
    /// Google's.
    Google,
    /// Cohere's.
    Cohere,
    /// Bedrock's, Claude's messages excepted.
    Bedrock,
    /// Ollama's own.
    Ollama,
}

impl Structure {
    /// Returns the structure of answers that nothing else tells: that of the call's dialect.
    pub(crate) fn of_dialect(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Anthropic => Self::Anthropic,
            Dialect::Google => Self::Google,
            Dialect::Cohere => Self::Cohere,
            Dialect::Bedrock => Self::Bedrock,
            Dialect::OpenAi | Dialect::Unknown => Self::OpenAi,
        }
    }

    /// Returns the structure of an answer that has this piece, by the first member that only one of them has.
    pub(crate) fn of_piece(piece: &[u8]) -> Option<Self> {
        let mut found = None;
        let mut deserializer = serde_json::Deserializer::from_slice(piece);
        // The error with which the visitor ends the reading early says nothing more.
        deserializer.deserialize_map(Members(&mut found)).ok();
        found
    }
}

struct Members<'a>(&'a mut Option<Structure>);

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Scalar::Text(key)) = map.next_key()? {
            *self.0 = match &*key {
                "type" => of_type(&map.next_value()?),
                "object" => map.next_value::<Scalar<'de>>()?.text().map(|_| Structure::OpenAi),
                "output" => of_output(&map.next_value()?),
                "done" => map.next_value::<Scalar<'de>>()?.bool().map(|_| Structure::Ollama),
                key => of_member(key),
            };
            if self.0.is_some() {
                return Err(A::Error::custom("decided"));
            }
            if !matches!(&*key, "type" | "object" | "output" | "done") {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

/// What the presence of a member tells.
fn of_member(key: &str) -> Option<Structure> {
    Some(match key {
        "choices" | "x_groq" => Structure::OpenAi,
        "input_tokens" | "content_block" => Structure::Anthropic,
        "candidates" | "usageMetadata" | "usage_metadata" | "promptFeedback" | "modelVersion"
        | "model_version" => Structure::Google,
        "event_type" | "is_finished" | "generation_id" | "response_id" | "chat_history" | "meta"
        | "finish_reason" => Structure::Cohere,
        "stopReason"
        | "inputTextTokenCount"
        | "generation"
        | "prompt_token_count"
        | "generation_token_count"
        | "contentBlockIndex"
        | "contentBlockDelta"
        | "messageStart" => Structure::Bedrock,
        "prompt_eval_count" | "eval_count" => Structure::Ollama,
        _ => return None,
    })
}

/// What the name of an event, or the kind of an answer, tells.
fn of_type(kind: &Scalar<'_>) -> Option<Structure> {
    match kind.text()? {
        "message"
        | "message_start"
        | "message_delta"
        | "message_stop"
        | "content_block_start"
        | "content_block_delta"
        | "content_block_stop"
        | "completion" => Some(Structure::Anthropic),
        "message-start" | "message-end" | "content-start" | "content-delta" | "content-end"
        | "tool-plan-delta" | "tool-call-start" | "tool-call-delta" | "tool-call-end" => {
            Some(Structure::Cohere)
        }
        kind if kind.starts_with("response.") => Some(Structure::OpenAi),
        _ => None,
    }
}

/// `output` is an object at Bedrock, a list at OpenAI, and a text at others.
fn of_output(output: &IsObject) -> Option<Structure> {
    output.0.then_some(Structure::Bedrock)
}

/// Whether a value is an object.
struct IsObject(bool);

impl<'de> serde::Deserialize<'de> for IsObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&serde_json::value::RawValue>::deserialize(deserializer)?;
        Ok(Self(raw.get().starts_with('{')))
    }
}
