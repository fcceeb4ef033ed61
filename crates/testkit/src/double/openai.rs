//! OpenAI's endpoints besides chat: errors, models, embeddings, files, and the fields that every answer has.

use base64::Engine as _;
use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, count_tokens, data_event};
use super::respond::Request;

/// Time at which everything was created, in seconds since 1970: fixed, so that answers compare equal.
pub(super) const CREATED: u64 = 1_760_000_000;

/// Models with the dated snapshot that answers name.
const SNAPSHOTS: &[(&str, &str)] = &[
    ("gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
    ("gpt-4o", "gpt-4o-2024-08-06"),
    ("gpt-4.1", "gpt-4.1-2025-04-14"),
    ("gpt-4.1-mini", "gpt-4.1-mini-2025-04-14"),
    ("gpt-4.1-nano", "gpt-4.1-nano-2025-04-14"),
    ("gpt-4-turbo", "gpt-4-turbo-2024-04-09"),
    ("gpt-4", "gpt-4-0613"),
    ("gpt-3.5-turbo", "gpt-3.5-turbo-0125"),
    ("gpt-5", "gpt-5-2025-08-07"),
    ("gpt-5-mini", "gpt-5-mini-2025-08-07"),
    ("gpt-5-nano", "gpt-5-nano-2025-08-07"),
    ("o1", "o1-2024-12-17"),
    ("o3", "o3-2025-04-16"),
    ("o3-mini", "o3-mini-2025-01-31"),
    ("o4-mini", "o4-mini-2025-04-16"),
];

/// Returns the snapshot that answers to a request for `model` name.
pub(super) fn snapshot(model: &str) -> &str {
    SNAPSHOTS.iter().find(|(name, _)| *name == model).map_or(model, |(_, dated)| dated)
}

/// Makes an error answer.
pub(super) fn error(status: u16, kind: &str, code: Option<&str>, message: &str) -> Answer {
    let error = json!({"message": message, "type": kind, "param": null, "code": code});
    Answer::json(status, &json!({ "error": error }))
}

/// Makes the error that the real provider gives with `status`.
pub(super) fn error_of_status(status: u16) -> Answer {
    match status {
        401 => error(401, "invalid_request_error", Some("invalid_api_key"), "Incorrect API key provided."),
        429 => error(429, "requests", Some("rate_limit_exceeded"), "Rate limit reached for requests."),
        400..=499 => error(status, "invalid_request_error", None, "The request can't be served."),
        _ => error(status, "server_error", None, "The server had an error while processing your request."),
    }
}

/// Makes the event with which a stream reports a failure.
pub(super) fn error_event() -> Bytes {
    let message = "The server had an error while processing your request.";
    data_event(&json!({"error": {"message": message, "type": "server_error", "param": null, "code": null}}))
}

/// Makes the answer to a path that does not exist.
pub(super) fn unknown_path(request: &Request) -> Answer {
    let message = format!("Invalid URL ({} {})", request.method, request.path);
    error(404, "invalid_request_error", None, &message)
}

/// Adds the fields that every answer of the real provider has.
pub(super) fn add_usual_fields(answer: &mut Answer, number: u64) {
    answer.push("openai-organization", "org-double");
    answer.push("openai-processing-ms", "42");
    answer.push("openai-version", "2020-10-01");
    answer.push("x-ratelimit-limit-requests", "10000");
    answer.push("x-ratelimit-limit-tokens", "200000");
    answer.push("x-ratelimit-remaining-requests", "9999");
    answer.push("x-ratelimit-remaining-tokens", "199968");
    answer.push("x-ratelimit-reset-requests", "8.64s");
    answer.push("x-ratelimit-reset-tokens", "9ms");
    answer.push("x-request-id", format!("req_{number:032x}"));
}

/// Answers `GET /v1/models` and `GET /v1/models/{id}`.
pub(super) fn models(wanted: Option<&str>) -> Answer {
    let describe = |id: &str| json!({"id": id, "object": "model", "created": CREATED, "owned_by": "system"});
    match wanted {
        Some(id) => Answer::json(200, &describe(id)),
        None => {
            let data: Vec<Value> = SNAPSHOTS.iter().map(|(id, _)| describe(id)).collect();
            Answer::json(200, &json!({"object": "list", "data": data}))
        }
    }
}

/// Answers `POST /v1/embeddings`, as floats or in base64.
pub(super) fn embeddings(request: &Request) -> Answer {
    let Some(body) = request.json() else { return unreadable_json() };
    let count = match body.get("input") {
        Some(Value::Array(inputs)) if inputs.iter().any(Value::is_string) => inputs.len(),
        _ => 1,
    };
    let vector: [f32; 4] = [0.25, -0.5, 0.125, 1.0];
    let embedding = if body.get("encoding_format") == Some(&json!("base64")) {
        let bytes: Vec<u8> = vector.iter().flat_map(|value| value.to_le_bytes()).collect();
        json!(base64::engine::general_purpose::STANDARD.encode(bytes))
    } else {
        json!(vector)
    };
    let data: Vec<Value> = (0..count)
        .map(|index| json!({"object": "embedding", "index": index, "embedding": embedding}))
        .collect();
    let tokens = count_tokens(body.get("input").unwrap_or(&Value::Null));
    Answer::json(
        200,
        &json!({
            "object": "list",
            "data": data,
            "model": body.get("model"),
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        }),
    )
}

/// Answers an upload with its length and hash.
pub(super) fn file(request: &Request) -> Answer {
    let id: String = request.body_sha256.chars().take(24).collect();
    Answer::json(
        200,
        &json!({
            "id": format!("file-{id}"),
            "object": "file",
            "bytes": request.body_bytes,
            "created_at": CREATED,
            "filename": "upload",
            "purpose": "user_data",
            "sha256": request.body_sha256,
        }),
    )
}

/// Makes the answer to a body that should be JSON and is not.
pub(super) fn unreadable_json() -> Answer {
    error(400, "invalid_request_error", None, "The body of the request is not valid JSON.")
}
