//! Cohere: which endpoint is called, keys, errors, embeddings, models.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, count_tokens, named_event};
use super::cohere_chat;
use super::provider::Provider;
use super::respond::Request;

/// Models that are listed.
const MODELS: &[&str] = &["command-a-03-2025", "command-r-plus-08-2024", "embed-v4.0", "rerank-v3.5"];
/// How the names of models begin that exist.
const FAMILIES: &[&str] = &["command", "c4ai-", "embed-", "rerank-"];

/// Cohere.
#[derive(Debug)]
pub(super) struct Cohere;

impl Provider for Cohere {
    fn refusal(&self, request: &Request) -> Option<Answer> {
        match request.key(&[]) {
            Some(key) if key.starts_with("sk-invalid") => Some(error(401, "invalid api token")),
            Some(_) => None,
            None => Some(error(401, "no api key supplied")),
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        let path = request.path.as_str();
        match request.method.as_str() {
            "GET" | "HEAD" if path.ends_with("/models") => models(),
            "POST" => post(request),
            _ => unknown_path(request),
        }
    }

    fn error_of_status(&self, _: &Request, status: u16) -> Answer {
        match status {
            401 => error(401, "invalid api token"),
            429 => error(429, "You are past the per minute request limit, please wait and try again later."),
            400..=499 => error(status, "the request can't be served"),
            _ => error(status, "internal server error"),
        }
    }

    fn error_event(&self, request: &Request, _: bool) -> Bytes {
        let message = "internal server error";
        if request.path.ends_with("/v1/chat") {
            let end = json!({
                "is_finished": true,
                "event_type": "stream-end",
                "finish_reason": "ERROR",
                "response": {"message": message},
            });
            return format!("{end}\n").into();
        }
        let delta = json!({"finish_reason": "ERROR", "error": message});
        named_event("message-end", &json!({"type": "message-end", "delta": delta}))
    }

    fn add_usual_fields(&self, answer: &mut Answer, number: u64) {
        answer.push("num_chars", "42");
        answer.push("num_tokens", "12");
        answer.push("x-debug-trace-id", format!("{number:032x}"));
        answer.push("Server", "envoy");
    }
}

/// Makes an error answer.
pub(super) fn error(status: u16, message: &str) -> Answer {
    Answer::json(status, &json!({"id": "00000000-0000-4000-8000-000000000000", "message": message}))
}

fn unknown_path(request: &Request) -> Answer {
    error(404, &format!("no route for {} {}", request.method, request.path))
}

fn post(request: &Request) -> Answer {
    let path = request.path.as_str();
    let is_known = ["/chat", "/embed"].iter().any(|end| path.ends_with(end));
    if !is_known {
        return unknown_path(request);
    }
    let Some(body) = request.json() else {
        return error(400, "invalid request: could not parse the body as JSON");
    };
    let model = body.get("model").and_then(Value::as_str);
    if let Some(model) = model.filter(|model| !FAMILIES.iter().any(|family| model.starts_with(family))) {
        return error(404, &format!("model '{model}' not found"));
    }
    match path {
        path if path.ends_with("/embed") => embed(request, &body),
        path if path.ends_with("/v1/chat") => cohere_chat::first(request, &body),
        _ if model.is_none() => error(400, "invalid request: model is required"),
        _ => cohere_chat::second(request, &body),
    }
}

fn embed(request: &Request, body: &Value) -> Answer {
    let texts = body.get("texts").and_then(Value::as_array).cloned().unwrap_or_default();
    let vectors = json!(vec![[0.25, -0.5, 0.125, 1.0]; texts.len()]);
    let is_first = request.path.ends_with("/v1/embed");
    let embeddings = if is_first { vectors } else { json!({ "float": vectors }) };
    let version = if is_first { "1" } else { "2" };
    Answer::json(
        200,
        &json!({
            "id": request.digest(),
            "texts": texts,
            "embeddings": embeddings,
            "meta": {
                "api_version": {"version": version},
                "billed_units": {"input_tokens": count_tokens(&json!(texts))},
            },
        }),
    )
}

fn models() -> Answer {
    let describe = |name: &&str| json!({"name": name, "endpoints": ["chat"], "context_length": 256_000});
    let models: Vec<Value> = MODELS.iter().map(describe).collect();
    Answer::json(200, &json!({ "models": models }))
}
