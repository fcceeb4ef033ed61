//! OpenAI's API, as OpenAI and many others speak it: which endpoint is called, errors, models, embeddings, files.

use base64::Engine as _;
use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, count_tokens, data_event};
use super::provider::Provider;
use super::respond::Request;
use super::vendor::Vendor;
use super::{openai_chat, openai_further, openai_responses};

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

/// Answers a request that was posted to an endpoint.
type Endpoint = fn(&Request, Vendor) -> Answer;

/// The endpoints by the ends of their paths: providers differ in what comes before.
const ENDPOINTS: &[(&str, Endpoint)] = &[
    ("/chat/completions", openai_chat::chat),
    ("/completions", openai_further::completion),
    ("/edits", openai_further::edit),
    ("/responses", openai_responses::response),
    ("/embeddings", embeddings),
    ("/moderations", openai_further::moderation),
    ("/images/generations", openai_further::image),
    ("/audio/transcriptions", openai_further::transcription),
    ("/audio/speech", openai_further::speech),
    ("/files", file),
];

/// A provider that speaks OpenAI's API.
#[derive(Debug)]
pub(super) struct OpenAi(pub(super) Vendor);

impl Provider for OpenAi {
    fn refusal(&self, request: &Request) -> Option<Answer> {
        let key = request.key(&["api-key"]);
        match key {
            Some(key) if key.starts_with("sk-invalid") => Some(self.0.bad_key(true)),
            Some(_) => None,
            None if self.0 == Vendor::Local => None,
            None => Some(self.0.bad_key(false)),
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        if let Some(answer) = self.0.misdirected(request) {
            return answer;
        }
        let path = request.path.as_str();
        match request.method.as_str() {
            "POST" => match endpoint(path) {
                Some(endpoint) => endpoint(request, self.0),
                None => self.0.unknown_path(request),
            },
            "GET" | "HEAD" if path.ends_with("/models") => models(None),
            "GET" | "HEAD" => match path.split_once("/models/") {
                Some((_, id)) => models(Some(id)),
                None => self.0.unknown_path(request),
            },
            _ => self.0.unknown_path(request),
        }
    }

    fn error_of_status(&self, request: &Request, status: u16) -> Answer {
        match (self.0, status) {
            (Vendor::Azure | Vendor::Mistral | Vendor::OpenRouter, 401) => self.0.bad_key(true),
            (_, 404) if self.0 != Vendor::OpenAi => self.0.unknown_path(request),
            _ => error_of_status(status),
        }
    }

    fn error_event(&self, _: &Request, _: bool) -> Bytes {
        error_event()
    }

    fn add_usual_fields(&self, answer: &mut Answer, number: u64) {
        self.0.add_usual_fields(answer, number);
    }
}

fn endpoint(path: &str) -> Option<Endpoint> {
    ENDPOINTS.iter().find(|(end, _)| path.ends_with(end)).map(|(_, endpoint)| *endpoint)
}

/// Returns whether `path` is one of this API.
pub(super) fn knows(path: &str) -> bool {
    endpoint(path).is_some() || path.ends_with("/models") || path.contains("/models/")
}

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
fn error_of_status(status: u16) -> Answer {
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

/// Answers `GET /v1/models` and `GET /v1/models/{id}`.
fn models(wanted: Option<&str>) -> Answer {
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
fn embeddings(request: &Request, _: Vendor) -> Answer {
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
fn file(request: &Request, _: Vendor) -> Answer {
    let id = request.digest();
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
