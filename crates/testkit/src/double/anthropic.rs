//! Anthropic's messages: plain and streamed, text only.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, count_tokens, named_event, pieces};
use super::respond::Request;

/// Makes an error answer.
pub(super) fn error(status: u16, kind: &str, message: &str) -> Answer {
    let error = json!({"type": kind, "message": message});
    Answer::json(status, &json!({"type": "error", "error": error, "request_id": "req_double"}))
}

/// Makes the error that the real provider gives with `status`.
pub(super) fn error_of_status(status: u16) -> Answer {
    match status {
        401 => error(401, "authentication_error", "invalid x-api-key"),
        429 => error(429, "rate_limit_error", "The rate limit of the organization is exceeded."),
        529 => error(529, "overloaded_error", "Overloaded"),
        400..=499 => error(status, "invalid_request_error", "The request can't be served."),
        _ => error(status, "api_error", "Internal server error"),
    }
}

/// Makes the event with which a stream reports a failure.
pub(super) fn error_event() -> Bytes {
    let error = json!({"type": "overloaded_error", "message": "Overloaded"});
    named_event("error", &json!({"type": "error", "error": error}))
}

/// Adds the fields that every answer of the real provider has.
pub(super) fn add_usual_fields(answer: &mut Answer, number: u64) {
    answer.push("anthropic-organization-id", "00000000-0000-4000-8000-000000000000");
    answer.push("anthropic-ratelimit-requests-limit", "4000");
    answer.push("anthropic-ratelimit-requests-remaining", "3999");
    answer.push("request-id", format!("req_{number:024x}"));
}

/// Answers `POST /v1/messages`.
pub(super) fn messages(request: &Request) -> Answer {
    let Some(body) = request.json() else {
        return error(400, "invalid_request_error", "The body of the request is not valid JSON.");
    };
    let Some(model) = body.get("model").and_then(Value::as_str) else {
        return error(400, "invalid_request_error", "model: Field required");
    };
    let digest: String = request.body_sha256.chars().take(24).collect();
    let content = pieces(request.directives.events);
    let counted = count_tokens(body.get("messages").unwrap_or(&Value::Null));
    let input = request.directives.prompt_tokens.unwrap_or(counted);
    let output = request.directives.completion_tokens.unwrap_or(content.len() as u64);
    let message = |content: Value, stop: Option<&str>, output: u64| {
        json!({
            "id": format!("msg_{digest}"),
            "type": "message",
            "role": "assistant",
            "model": model,
            "content": content,
            "stop_reason": stop,
            "stop_sequence": null,
            "usage": {
                "input_tokens": input,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": request.directives.cached_tokens.unwrap_or(0),
                "output_tokens": output,
            },
        })
    };
    if body.get("stream") != Some(&Value::Bool(true)) {
        let text = json!([{"type": "text", "text": content.concat()}]);
        return Answer::json(200, &message(text, Some("end_turn"), output));
    }
    Answer::stream(events(&message(json!([]), None, 1), &content, output))
}

fn events(message: &Value, content: &[&str], output: u64) -> Vec<Bytes> {
    let start = json!({"type": "message_start", "message": message});
    let block = json!({
        "type": "content_block_start",
        "index": 0,
        "content_block": {"type": "text", "text": ""},
    });
    let end = json!({
        "type": "message_delta",
        "delta": {"stop_reason": "end_turn", "stop_sequence": null},
        "usage": {"output_tokens": output},
    });
    let deltas = content.iter().map(|piece| {
        let delta = json!({"type": "text_delta", "text": piece});
        named_event(
            "content_block_delta",
            &json!({"type": "content_block_delta", "index": 0, "delta": delta}),
        )
    });
    let mut events = vec![
        named_event("message_start", &start),
        named_event("content_block_start", &block),
        named_event("ping", &json!({"type": "ping"})),
    ];
    events.extend(deltas);
    events.push(named_event("content_block_stop", &json!({"type": "content_block_stop", "index": 0})));
    events.push(named_event("message_delta", &end));
    events.push(named_event("message_stop", &json!({"type": "message_stop"})));
    events
}
