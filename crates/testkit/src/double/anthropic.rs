//! Anthropic's messages, plain and streamed, with text or the call of a tool; also as Vertex AI serves them.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, count_tokens, named_event, pieces};
use super::google;
use super::provider::Provider;
use super::respond::Request;
use super::tool::ToolCall;

/// Models that are listed.
const MODELS: &[&str] =
    &["claude-sonnet-4-5-20250929", "claude-opus-4-1-20250805", "claude-3-5-haiku-20241022"];

/// Anthropic.
#[derive(Debug)]
pub(super) struct Anthropic;

impl Provider for Anthropic {
    fn refusal(&self, request: &Request) -> Option<Answer> {
        let usable = request.key(&["x-api-key"]).is_some_and(|key| !key.starts_with("sk-invalid"));
        (!usable).then(|| error_of_status(401))
    }

    fn answer(&self, request: &Request) -> Answer {
        let path = request.path.as_str();
        match request.method.as_str() {
            "POST" if path.ends_with("/messages/count_tokens") => count(request),
            "POST" if path.ends_with("/messages") || google::is_anthropics(path) => messages(request),
            "POST" if path.ends_with("/complete") => complete(request),
            "GET" | "HEAD" if path.ends_with("/models") => models(),
            _ => error(404, "not_found_error", "Not found"),
        }
    }

    fn error_of_status(&self, _: &Request, status: u16) -> Answer {
        error_of_status(status)
    }

    fn error_event(&self, _: &Request, _: bool) -> Bytes {
        let error = json!({"type": "overloaded_error", "message": "Overloaded"});
        named_event("error", &json!({"type": "error", "error": error}))
    }

    fn add_usual_fields(&self, answer: &mut Answer, number: u64) {
        answer.push("anthropic-organization-id", "00000000-0000-4000-8000-000000000000");
        answer.push("anthropic-ratelimit-requests-limit", "4000");
        answer.push("anthropic-ratelimit-requests-remaining", "3999");
        answer.push("request-id", format!("req_{number:024x}"));
        answer.push("Server", "cloudflare");
    }
}

fn error(status: u16, kind: &str, message: &str) -> Answer {
    let error = json!({"type": kind, "message": message});
    Answer::json(status, &json!({"type": "error", "error": error, "request_id": "req_double"}))
}

fn error_of_status(status: u16) -> Answer {
    match status {
        401 => error(401, "authentication_error", "invalid x-api-key"),
        403 => error(403, "permission_error", "The key may not use this."),
        404 => error(404, "not_found_error", "Not found"),
        429 => error(429, "rate_limit_error", "The rate limit of the organization is exceeded."),
        529 => error(529, "overloaded_error", "Overloaded"),
        400..=499 => error(status, "invalid_request_error", "The request can't be served."),
        _ => error(status, "api_error", "Internal server error"),
    }
}

fn unreadable_json() -> Answer {
    error(400, "invalid_request_error", "The body of the request is not valid JSON.")
}

/// Answers `POST /v1/messages`, and Vertex AI's `:rawPredict` and `:streamRawPredict`.
fn messages(request: &Request) -> Answer {
    let Some(body) = request.json() else { return unreadable_json() };
    let on_vertex = google::is_anthropics(&request.path);
    let named = if on_vertex { google::model_of(&request.path) } else { None };
    let Some(model) = body.get("model").and_then(Value::as_str).or(named) else {
        return error(400, "invalid_request_error", "model: Field required");
    };
    let message = Message::of(request, &body, model);
    let asked = body.get("stream") == Some(&Value::Bool(true));
    let is_stream = asked || (on_vertex && request.path.ends_with("streamRawPredict"));
    if !is_stream {
        return Answer::json(200, &message.whole());
    }
    let events = message.events();
    let named = events.iter().map(|event| {
        let name = event.get("type").and_then(Value::as_str).unwrap_or_default();
        named_event(name, event)
    });
    Answer::stream(named.collect())
}

/// Answers `POST /v1/messages/count_tokens`.
fn count(request: &Request) -> Answer {
    let Some(body) = request.json() else { return unreadable_json() };
    Answer::json(200, &json!({"input_tokens": count_tokens(body.get("messages").unwrap_or(&Value::Null))}))
}

/// Answers `POST /v1/complete`, the API before messages, not streamed.
fn complete(request: &Request) -> Answer {
    let Some(body) = request.json() else { return unreadable_json() };
    Answer::json(
        200,
        &json!({
            "type": "completion",
            "id": format!("compl_{}", request.digest()),
            "completion": pieces(request.directives.events).concat(),
            "stop_reason": "stop_sequence",
            "model": body.get("model"),
        }),
    )
}

fn models() -> Answer {
    let describe = |id: &&str| json!({"type": "model", "id": id, "display_name": id, "created_at": "2025-01-01T00:00:00Z"});
    let data: Vec<Value> = MODELS.iter().map(describe).collect();
    let (first, last) = (MODELS.first(), MODELS.last());
    Answer::json(200, &json!({"data": data, "has_more": false, "first_id": first, "last_id": last}))
}

/// An answer to messages.
#[derive(Debug)]
pub(super) struct Message {
    id: String,
    model: String,
    content: Vec<&'static str>,
    tool_call: Option<ToolCall>,
    /// Input tokens that were not cached.
    pub(super) input: u64,
    /// Output tokens.
    pub(super) output: u64,
    cached: u64,
}

impl Message {
    /// Makes the answer of `model` to the messages in `body`.
    pub(super) fn of(request: &Request, body: &Value, model: &str) -> Self {
        let tool_call = tool_call(request, body);
        let content = if tool_call.is_some() { Vec::new() } else { pieces(request.directives.events) };
        let counted = count_tokens(body.get("messages").unwrap_or(&Value::Null));
        let written = tool_call.as_ref().map_or(content.len() as u64, ToolCall::tokens);
        Self {
            id: format!("msg_{}", request.digest()),
            model: model.to_owned(),
            content,
            tool_call,
            input: request.directives.prompt_tokens.unwrap_or(counted),
            output: request.directives.completion_tokens.unwrap_or(written),
            cached: request.directives.cached_tokens.unwrap_or(0),
        }
    }

    fn stop_reason(&self) -> &'static str {
        if self.tool_call.is_some() { "tool_use" } else { "end_turn" }
    }

    fn message(&self, content: Value, stop: Option<&str>, output: u64) -> Value {
        json!({
            "id": self.id,
            "type": "message",
            "role": "assistant",
            "model": self.model,
            "content": content,
            "stop_reason": stop,
            "stop_sequence": null,
            "usage": {
                "input_tokens": self.input,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": self.cached,
                "output_tokens": output,
            },
        })
    }

    /// Returns the block of the content, whose tool's input is `input`.
    fn block(&self, text: &str, input: &Value) -> Value {
        match &self.tool_call {
            Some(call) => {
                let id = format!("toolu_{}", call.digest);
                json!({"type": "tool_use", "id": id, "name": call.name, "input": input})
            }
            None => json!({"type": "text", "text": text}),
        }
    }

    /// Returns the whole message.
    pub(super) fn whole(&self) -> Value {
        let input = self.tool_call.as_ref().map_or(Value::Null, |call| call.arguments.clone());
        let block = self.block(&self.content.concat(), &input);
        self.message(json!([block]), Some(self.stop_reason()), self.output)
    }

    /// Returns the events of the stream, each with its name as `type`.
    pub(super) fn events(&self) -> Vec<Value> {
        let mut events = vec![
            json!({"type": "message_start", "message": self.message(json!([]), None, 1)}),
            json!({"type": "content_block_start", "index": 0, "content_block": self.block("", &json!({}))}),
            json!({"type": "ping"}),
        ];
        let delta = |delta: Value| json!({"type": "content_block_delta", "index": 0, "delta": delta});
        events.extend(self.content.iter().map(|piece| delta(json!({"type": "text_delta", "text": piece}))));
        let arguments = self.tool_call.iter().flat_map(ToolCall::pieces);
        events
            .extend(arguments.map(|piece| delta(json!({"type": "input_json_delta", "partial_json": piece}))));
        events.push(json!({"type": "content_block_stop", "index": 0}));
        events.push(json!({
            "type": "message_delta",
            "delta": {"stop_reason": self.stop_reason(), "stop_sequence": null},
            "usage": {"output_tokens": self.output},
        }));
        events.push(json!({"type": "message_stop"}));
        events
    }
}

/// Returns a call of the first tool, unless there is none or its result was just given.
fn tool_call(request: &Request, body: &Value) -> Option<ToolCall> {
    let last = body.get("messages")?.as_array()?.last()?;
    if last.pointer("/content/0/type") == Some(&json!("tool_result")) {
        return None;
    }
    let tool = body.get("tools")?.as_array()?.first()?;
    ToolCall::of(request, tool.get("name"), tool.get("input_schema"))
}
