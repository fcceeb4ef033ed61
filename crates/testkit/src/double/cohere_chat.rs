//! Cohere's chat in its two versions: plain, and streamed as lines of JSON or as server-sent events.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, count_tokens, named_event, pieces};
use super::cohere::error;
use super::respond::Request;
use super::tool::ToolCall;

struct Chat {
    id: String,
    content: Vec<&'static str>,
    call: Option<ToolCall>,
    input: u64,
    output: u64,
    cached: u64,
}

/// Answers `POST /v1/chat`; a stream is one object a line.
pub(super) fn first(request: &Request, body: &Value) -> Answer {
    let Some(message) = body.get("message").filter(|message| message.is_string()) else {
        return error(400, "invalid request: message must be at least 1 token long");
    };
    let chat = Chat::of(request, message, None);
    let whole = chat.first(message);
    if body.get("stream") != Some(&Value::Bool(true)) {
        return Answer::json(200, &whole);
    }
    let mut lines =
        vec![json!({"is_finished": false, "event_type": "stream-start", "generation_id": chat.id})];
    let text = |piece: &&str| json!({"is_finished": false, "event_type": "text-generation", "text": piece});
    lines.extend(chat.content.iter().map(text));
    lines.push(json!({
        "is_finished": true,
        "event_type": "stream-end",
        "finish_reason": "COMPLETE",
        "response": whole,
    }));
    let lines: Vec<Bytes> = lines.iter().map(|line| format!("{line}\n").into()).collect();
    Answer::stream_of("application/stream+json", lines)
}

/// Answers `POST /v2/chat`; a stream has named events and ends with `[DONE]`.
pub(super) fn second(request: &Request, body: &Value) -> Answer {
    let Some(messages) = body.get("messages").filter(|messages| messages.is_array()) else {
        return error(400, "invalid request: messages is required");
    };
    let chat = Chat::of(request, messages, tool_call(request, body));
    if body.get("stream") == Some(&Value::Bool(true)) {
        Answer::stream_of("text/event-stream", chat.events())
    } else {
        Answer::json(200, &chat.second())
    }
}

impl Chat {
    fn of(request: &Request, prompt: &Value, call: Option<ToolCall>) -> Self {
        let directives = &request.directives;
        let content = if call.is_some() { Vec::new() } else { pieces(directives.events) };
        let written = call.as_ref().map_or(content.len() as u64, ToolCall::tokens);
        Self {
            id: request.digest(),
            content,
            call,
            input: directives.prompt_tokens.unwrap_or_else(|| count_tokens(prompt)),
            output: directives.completion_tokens.unwrap_or(written),
            cached: directives.cached_tokens.unwrap_or(0),
        }
    }

    /// Returns the units that are billed and the tokens; the prompt is billed without the cached ones.
    fn counts(&self) -> (Value, Value) {
        let billed = self.input.saturating_sub(self.cached);
        (
            json!({"input_tokens": billed, "output_tokens": self.output}),
            json!({"input_tokens": self.input, "output_tokens": self.output}),
        )
    }

    fn usage(&self) -> Value {
        let (billed, tokens) = self.counts();
        json!({"billed_units": billed, "tokens": tokens, "cached_tokens": self.cached})
    }

    fn finish_reason(&self) -> &'static str {
        if self.call.is_some() { "TOOL_CALL" } else { "COMPLETE" }
    }

    fn first(&self, message: &Value) -> Value {
        let (billed, tokens) = self.counts();
        let text = self.content.concat();
        json!({
            "response_id": format!("response-{}", self.id),
            "generation_id": self.id,
            "text": text,
            "chat_history": [
                {"role": "USER", "message": message},
                {"role": "CHATBOT", "message": text},
            ],
            "finish_reason": "COMPLETE",
            "meta": {"api_version": {"version": "1"}, "billed_units": billed, "tokens": tokens},
        })
    }

    fn second(&self) -> Value {
        let message = match &self.call {
            Some(call) => json!({
                "role": "assistant",
                "tool_plan": "I will look it up.",
                "tool_calls": [tool_object(call, &call.text())],
            }),
            None => {
                let text = json!({"type": "text", "text": self.content.concat()});
                json!({"role": "assistant", "content": [text]})
            }
        };
        json!({
            "id": self.id,
            "finish_reason": self.finish_reason(),
            "message": message,
            "usage": self.usage(),
        })
    }

    fn events(&self) -> Vec<Bytes> {
        let message =
            json!({"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []});
        let start = json!({"id": self.id, "type": "message-start", "delta": {"message": message}});
        let mut events = vec![named_event("message-start", &start)];
        events.extend(match &self.call {
            Some(call) => call_events(call),
            None => self.text_events(),
        });
        let delta = json!({"finish_reason": self.finish_reason(), "usage": self.usage()});
        events.push(named_event("message-end", &json!({"type": "message-end", "delta": delta})));
        events.push(Bytes::from_static(b"data: [DONE]\n\n"));
        events
    }

    fn text_events(&self) -> Vec<Bytes> {
        let start = event("content-start", Some(json!({"content": {"type": "text", "text": ""}})));
        let deltas = self
            .content
            .iter()
            .map(|piece| event("content-delta", Some(json!({"content": {"text": piece}}))));
        std::iter::once(start).chain(deltas).chain([event("content-end", None)]).collect()
    }
}

fn call_events(call: &ToolCall) -> Vec<Bytes> {
    let plan = json!({"type": "tool-plan-delta", "delta": {"message": {"tool_plan": "I will look it up."}}});
    let start = json!({"tool_calls": tool_object(call, "")});
    let arguments = call.pieces().into_iter().map(|piece| {
        let piece = json!({"tool_calls": {"function": {"arguments": piece}}});
        event("tool-call-delta", Some(piece))
    });
    [named_event("tool-plan-delta", &plan), event("tool-call-start", Some(start))]
        .into_iter()
        .chain(arguments)
        .chain([event("tool-call-end", None)])
        .collect()
}

/// Formats an event about the first part of a message.
fn event(kind: &str, message: Option<Value>) -> Bytes {
    let data = match message {
        Some(message) => json!({"type": kind, "index": 0, "delta": {"message": message}}),
        None => json!({"type": kind, "index": 0}),
    };
    named_event(kind, &data)
}

fn tool_object(call: &ToolCall, arguments: &str) -> Value {
    let function = json!({"name": call.name, "arguments": arguments});
    json!({"id": format!("{}_{}", call.name, call.digest), "type": "function", "function": function})
}

/// Returns a call of the first tool, unless there is none or its result was just given.
fn tool_call(request: &Request, body: &Value) -> Option<ToolCall> {
    let last = body.get("messages")?.as_array()?.last();
    if last.and_then(|message| message.get("role")) == Some(&json!("tool")) {
        return None;
    }
    let function = body.get("tools")?.as_array()?.first()?.get("function")?;
    ToolCall::of(request, function.get("name"), function.get("parameters"))
}
