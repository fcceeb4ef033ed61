//! Writing a call down in OpenAI's shape where only its facts are known, as those of a span.

use bytes::Bytes;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

/// One message of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ChatMessage {
    /// `system`, `user`, `assistant`, `tool` or what the model takes.
    pub role: String,
    /// A text, or parts as they are; null where there is none.
    pub content: Value,
    /// The tools that the message calls.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tool_calls: Vec<ToolCall>,
    /// The call that a tool's message answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tool_call_id: Option<String>,
    /// Why the model stopped; stands beside the message in an answer.
    #[serde(skip)]
    pub finish_reason: Option<String>,
}

/// A call of a tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolCall {
    /// The call's own id.
    pub id: Option<String>,
    /// The tool's name.
    pub name: String,
    /// What it is called with: JSON in a text.
    pub arguments: String,
}

/// Counts of tokens as OpenAI reports them: the sides include their parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChatUsage {
    /// All tokens of the input.
    pub input: Option<u64>,
    /// All tokens of the output.
    pub output: Option<u64>,
    /// All tokens.
    pub total: Option<u64>,
    /// Those of the input that were read from a cache.
    pub cache_read: Option<u64>,
    /// Those of the input that were written to a cache.
    pub cache_write: Option<u64>,
    /// Those of the output that were reasoning.
    pub reasoning: Option<u64>,
}

/// What was asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// The model.
    pub model: Option<String>,
    /// The conversation.
    pub messages: Vec<ChatMessage>,
    /// Further members, such as `temperature`.
    pub parameters: Map<String, Value>,
}

/// What came back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatAnswer {
    /// The answer's own id.
    pub id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// What the choices say.
    pub messages: Vec<ChatMessage>,
    /// What was used, if anybody counted.
    pub usage: ChatUsage,
}

impl ChatRequest {
    /// Returns the body of the request.
    pub fn to_json(&self) -> Bytes {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            model: Option<&'a str>,
            messages: &'a [ChatMessage],
            #[serde(flatten)]
            parameters: &'a Map<String, Value>,
        }
        written(&Body {
            model: self.model.as_deref(),
            messages: &self.messages,
            parameters: &self.parameters,
        })
    }
}

impl ChatAnswer {
    /// Returns the body of the answer.
    pub fn to_json(&self) -> Bytes {
        #[derive(Serialize)]
        struct Body<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            id: Option<&'a str>,
            object: &'static str,
            #[serde(skip_serializing_if = "Option::is_none")]
            model: Option<&'a str>,
            choices: Vec<Choice<'a>>,
            #[serde(skip_serializing_if = "ChatUsage::is_nothing")]
            usage: ChatUsage,
        }
        #[derive(Serialize)]
        struct Choice<'a> {
            index: usize,
            message: &'a ChatMessage,
            finish_reason: Option<&'a str>,
        }
        let choices = self.messages.iter().enumerate().map(|(index, message)| Choice {
            index,
            message,
            finish_reason: message.finish_reason.as_deref(),
        });
        written(&Body {
            id: self.id.as_deref(),
            object: "chat.completion",
            model: self.model.as_deref(),
            choices: choices.collect(),
            usage: self.usage,
        })
    }
}

/// Returns the body of a failed call's answer.
pub fn chat_failure(message: &str) -> Bytes {
    #[derive(Serialize)]
    struct Body<'a> {
        error: Failure<'a>,
    }
    #[derive(Serialize)]
    struct Failure<'a> {
        message: &'a str,
    }
    written(&Body { error: Failure { message } })
}

/// Returns chunks of a stream as server-sent events; one that is an event already stays as it is.
pub fn event_stream<'a>(chunks: impl IntoIterator<Item = &'a str>) -> Bytes {
    let mut text = String::new();
    for chunk in chunks {
        let is_event = ["data:", "event:"].iter().any(|field| chunk.starts_with(field));
        for line in chunk.lines().filter(|line| !line.is_empty()) {
            text.push_str(if is_event { "" } else { "data: " });
            text.push_str(line);
            text.push('\n');
        }
        text.push('\n');
    }
    Bytes::from(text)
}

impl ChatUsage {
    fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}

impl Serialize for ChatUsage {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let of = |counts: &[(&str, Option<u64>)]| -> Map<String, Value> {
            let known =
                counts.iter().filter_map(|(name, count)| Some(((*name).to_owned(), (*count)?.into())));
            known.collect()
        };
        let mut usage = of(&[
            ("prompt_tokens", self.input),
            ("completion_tokens", self.output),
            ("total_tokens", self.total),
        ]);
        let input = of(&[("cached_tokens", self.cache_read), ("cache_write_tokens", self.cache_write)]);
        let output = of(&[("reasoning_tokens", self.reasoning)]);
        for (name, details) in [("prompt_tokens_details", input), ("completion_tokens_details", output)] {
            if !details.is_empty() {
                usage.insert(name.to_owned(), Value::Object(details));
            }
        }
        usage.serialize(serializer)
    }
}

impl Serialize for ToolCall {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Call<'a> {
            #[serde(skip_serializing_if = "Option::is_none")]
            id: Option<&'a str>,
            r#type: &'static str,
            function: Function<'a>,
        }
        #[derive(Serialize)]
        struct Function<'a> {
            name: &'a str,
            arguments: &'a str,
        }
        let function = Function { name: &self.name, arguments: &self.arguments };
        Call { id: self.id.as_deref(), r#type: "function", function }.serialize(serializer)
    }
}

/// Writes JSON; texts, numbers and lists of them can always be written.
fn written(body: &impl Serialize) -> Bytes {
    serde_json::to_vec(body).map(Bytes::from).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observe::{BodyView, ObserveInput, observe};
    use gatehouse_types::{Dialect, Usage};

    fn message(role: &str, content: &str) -> ChatMessage {
        ChatMessage { role: role.to_owned(), content: content.into(), ..ChatMessage::default() }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let request = ChatRequest {
            model: Some("gpt-4o-mini".to_owned()),
            messages: vec![message("system", "Be brief."), message("user", "Hello")],
            parameters: Map::from_iter([("temperature".to_owned(), Value::from(0.5))]),
        };
        let calls = vec![ToolCall { id: None, name: "look".to_owned(), arguments: "{}".to_owned() }];
        let reply = ChatMessage { finish_reason: Some("stop".to_owned()), ..message("assistant", "Hi") };
        let answer = ChatAnswer {
            id: Some("chatcmpl-1".to_owned()),
            model: Some("gpt-4o-mini-2024-07-18".to_owned()),
            messages: vec![ChatMessage { tool_calls: calls, ..reply }],
            usage: ChatUsage {
                input: Some(10),
                output: Some(5),
                total: Some(15),
                cache_read: Some(4),
                reasoning: Some(2),
                cache_write: None,
            },
        };
        let (request, answer) = (request.to_json(), answer.to_json());
        let view = |bytes| BodyView { bytes, content_type: Some("application/json"), truncated: false };
        let observed = observe(ObserveInput {
            dialect: Dialect::OpenAi,
            path: "/v1/trace/log",
            request: view(&request),
            response: view(&answer),
        });
        assert_eq!(observed.request_model.as_deref(), Some("gpt-4o-mini"));
        assert_eq!(observed.response_model.as_deref(), Some("gpt-4o-mini-2024-07-18"));
        assert_eq!(observed.request_preview.as_deref(), Some("Hello"));
        assert!(observed.response_preview.unwrap().starts_with("Hi"));
        let usage = Usage {
            input: Some(6),
            output: Some(3),
            cache_read: Some(4),
            reasoning: Some(2),
            total: Some(15),
            ..Usage::default()
        };
        assert_eq!(observed.usage, Some(usage));
    }

    #[test]
    fn what_nobody_counted_is_left_out() {
        let answer = ChatAnswer::default().to_json();
        assert_eq!(answer, r#"{"object":"chat.completion","choices":[]}"#);
        assert_eq!(chat_failure("no \"luck\""), r#"{"error":{"message":"no \"luck\""}}"#);
    }

    #[test]
    fn chunks_become_events_whatever_their_layout() {
        let stream = event_stream(["{\"a\":1}", "{\n  \"b\": 2\n}", "data: [DONE]\n\n"]);
        assert_eq!(stream, "data: {\"a\":1}\n\ndata: {\ndata:   \"b\": 2\ndata: }\n\ndata: [DONE]\n\n");
    }
}
