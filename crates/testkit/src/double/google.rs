//! Google's Gemini API and Vertex AI: which method is called, keys, errors, models, counts, embeddings.

use bytes::Bytes;
use serde_json::{Value, json};

use super::answer::{Answer, Content, count_tokens};
use super::google_content;
use super::provider::Provider;
use super::respond::Request;

/// The type of Google's JSON.
pub(super) const JSON: &str = "application/json; charset=UTF-8";

/// Models that are listed.
const MODELS: &[&str] = &[
    "gemini-2.5-pro",
    "gemini-2.5-flash",
    "gemini-2.5-flash-lite",
    "gemini-2.0-flash",
    "gemini-embedding-001",
];
/// How the names of models begin that exist.
const FAMILIES: &[&str] =
    &["gemini-", "gemma-", "text-embedding-", "embedding-", "text-multilingual-embedding-"];
/// Methods of a model.
const METHODS: &[&str] = &[
    "generateContent",
    "streamGenerateContent",
    "countTokens",
    "embedContent",
    "batchEmbedContents",
    "predict",
];

/// Google.
#[derive(Debug)]
pub(super) struct Google;

impl Provider for Google {
    fn refusal(&self, request: &Request) -> Option<Answer> {
        let in_query = request.query.split('&').find_map(|pair| pair.strip_prefix("key="));
        let key = request.key(&["x-goog-api-key"]).or(in_query.map(str::to_owned));
        match key {
            Some(key) if key.starts_with("sk-invalid") => Some(wrong_key(request)),
            Some(_) => None,
            None if Form::of(request).is_vertex => Some(error_of_status(request, 401)),
            None => Some(error_of_status(request, 403)),
        }
    }

    fn answer(&self, request: &Request) -> Answer {
        let path = request.path.as_str();
        if matches!(request.method.as_str(), "GET" | "HEAD") {
            return match path.rsplit_once("/models") {
                Some((_, "" | "/")) => list(request),
                Some((_, model)) if exists(model.trim_start_matches('/'), path) => {
                    json_answer(&describe(model.trim_start_matches('/')))
                }
                _ => unknown_model(request),
            };
        }
        let Some((model, method)) = call_of(path).filter(|_| request.method == "POST") else {
            return unknown_path(request);
        };
        if !METHODS.contains(&method) {
            return unknown_path(request);
        }
        if !exists(model, path) {
            return unknown_model(request);
        }
        let Some(body) = request.json() else { return unreadable_json(request) };
        match method {
            "generateContent" => google_content::generate(request, &body, model, false),
            "streamGenerateContent" => google_content::generate(request, &body, model, true),
            "countTokens" => count(&body),
            "embedContent" => json_answer(&json!({"embedding": embedding()})),
            "batchEmbedContents" => {
                let count = body.get("requests").and_then(Value::as_array).map_or(0, Vec::len);
                json_answer(&json!({"embeddings": vec![embedding(); count]}))
            }
            _ => predict(&body),
        }
    }

    fn error_of_status(&self, request: &Request, status: u16) -> Answer {
        error_of_status(request, status)
    }

    fn error_event(&self, request: &Request, first: bool) -> Bytes {
        let error = error_object(503, "The model is overloaded. Please try again later.", &json!([]));
        google_content::error_event(&Form::of(request), &error, first)
    }

    fn add_usual_fields(&self, answer: &mut Answer, number: u64) {
        answer.push("Vary", "Origin");
        answer.push("Vary", "X-Origin");
        answer.push("Vary", "Referer");
        answer.push("Server", "scaffolding on HTTPServer2");
        answer.push("X-XSS-Protection", "0");
        answer.push("X-Frame-Options", "SAMEORIGIN");
        answer.push("X-Content-Type-Options", "nosniff");
        answer.push("Server-Timing", format!("gfet4t7; dur={}", 400 + number % 100));
        answer.push("Alt-Svc", "h3=\":443\"; ma=2592000,h3-29=\":443\"; ma=2592000");
    }
}

/// In which form a request wants its answer.
#[derive(Debug, Default)]
pub(super) struct Form {
    /// A stream comes as server-sent events, else as the elements of a JSON array.
    pub(super) is_sse: bool,
    /// Enumerations are numbers, else names.
    pub(super) has_numbers: bool,
    /// Vertex AI is asked, else the Gemini API.
    pub(super) is_vertex: bool,
    /// The method is a streaming one.
    pub(super) is_stream: bool,
}

impl Form {
    /// Reads the form from host, path and query (`alt`, also as `$alt` and `%24alt`).
    pub(super) fn of(request: &Request) -> Self {
        let is_vertex = request.host.contains("aiplatform") || request.path.contains("/publishers/");
        let is_stream = call_of(&request.path).is_some_and(|(_, method)| method == "streamGenerateContent");
        let mut form = Self { is_vertex, is_stream, ..Self::default() };
        for pair in request.query.split('&') {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            if matches!(name, "alt" | "$alt" | "%24alt") {
                let value = value.to_ascii_lowercase().replace("%3b", ";").replace("%3d", "=");
                form.is_sse |= value == "sse" || value.starts_with("sse;");
                form.has_numbers |= value.contains("enum-encoding=int");
            }
        }
        form
    }
}

/// Splits the last segment of a path into model and method; the colon between them may be percent-encoded.
fn call_of(path: &str) -> Option<(&str, &str)> {
    let last = path.rsplit('/').next()?;
    last.rsplit_once(':').or_else(|| last.rsplit_once("%3A")).or_else(|| last.rsplit_once("%3a"))
}

/// Returns the model in a path that ends with a method.
pub(super) fn model_of(path: &str) -> Option<&str> {
    call_of(path).map(|(model, _)| model)
}

/// Returns whether `path` ends with one of the methods.
pub(super) fn knows(path: &str) -> bool {
    call_of(path).is_some_and(|(_, method)| METHODS.contains(&method))
}

/// Returns whether `path` is the one of a model of Anthropic on Vertex AI.
pub(super) fn is_anthropics(path: &str) -> bool {
    let raw = call_of(path).is_some_and(|(_, method)| matches!(method, "rawPredict" | "streamRawPredict"));
    raw && path.contains("/publishers/anthropic/")
}

fn exists(model: &str, path: &str) -> bool {
    let tuned = path.contains("/tunedModels/") || path.contains("/endpoints/");
    tuned || FAMILIES.iter().any(|family| model.starts_with(family))
}

/// Returns the name that Google's errors have for a status.
fn status_name(status: u16) -> &'static str {
    match status {
        400 => "INVALID_ARGUMENT",
        401 => "UNAUTHENTICATED",
        403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        499 => "CANCELLED",
        503 => "UNAVAILABLE",
        504 => "DEADLINE_EXCEEDED",
        402..=498 => "FAILED_PRECONDITION",
        _ => "INTERNAL",
    }
}

fn error_object(status: u16, message: &str, details: &Value) -> Value {
    json!({"error": {
        "code": status,
        "message": message,
        "status": status_name(status),
        "details": details,
    }})
}

/// Makes an error answer; where an array would have been streamed, the error is its only element.
pub(super) fn error(request: &Request, status: u16, message: &str, details: &Value) -> Answer {
    let error = error_object(status, message, details);
    let form = Form::of(request);
    let body = if form.is_stream && !form.is_sse { json!([error]) } else { error };
    let mut answer = json_answer(&body);
    answer.status = status;
    answer
}

fn error_of_status(request: &Request, status: u16) -> Answer {
    let none = json!([]);
    match status {
        401 => error(
            request,
            401,
            "Request is missing required authentication credential. Expected OAuth 2 access token, login cookie or other valid authentication credential.",
            &none,
        ),
        403 => error(
            request,
            403,
            "Method doesn't allow unregistered callers (callers without established identity).",
            &none,
        ),
        429 => {
            let retry = json!([{"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "7s"}]);
            error(request, 429, "You exceeded your current quota.", &retry)
        }
        400..=499 => error(request, status, "The request can't be served.", &none),
        503 => error(request, 503, "The model is overloaded. Please try again later.", &none),
        _ => error(request, status, "An internal error has occurred.", &none),
    }
}

fn wrong_key(request: &Request) -> Answer {
    if Form::of(request).is_vertex {
        return error_of_status(request, 401);
    }
    let info = json!([{
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "generativelanguage.googleapis.com"},
    }]);
    error(request, 400, "API key not valid. Please pass a valid API key.", &info)
}

fn unreadable_json(request: &Request) -> Answer {
    let violation = json!({"description": "Invalid JSON payload received."});
    let details =
        json!([{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": [violation]}]);
    error(request, 400, "Invalid JSON payload received. Unexpected token.", &details)
}

fn unknown_path(request: &Request) -> Answer {
    error(request, 404, &format!("No method for {} {}.", request.method, request.path), &json!([]))
}

fn unknown_model(request: &Request) -> Answer {
    let path = request.path.trim_start_matches('/');
    let resource = path.split_once('/').map_or(path, |(_, resource)| resource);
    let resource = resource.rsplit_once(':').map_or(resource, |(resource, _)| resource);
    let message = if Form::of(request).is_vertex {
        format!("Publisher Model `{resource}` was not found or your project does not have access to it.")
    } else {
        format!("{resource} is not found for this API version, or is not supported for this method.")
    };
    error(request, 404, &message, &json!([]))
}

/// Makes an answer with Google's type of JSON.
pub(super) fn json_answer(body: &Value) -> Answer {
    let text = serde_json::to_vec_pretty(body).unwrap_or_default();
    Answer::new(200, JSON, Content::Whole(text.into()))
}

fn describe(model: &str) -> Value {
    json!({
        "name": format!("models/{model}"),
        "version": "001",
        "displayName": model,
        "inputTokenLimit": 1_048_576,
        "outputTokenLimit": 65_536,
        "supportedGenerationMethods": ["generateContent", "countTokens"],
    })
}

fn list(request: &Request) -> Answer {
    let models: Vec<Value> = MODELS.iter().map(|model| describe(model)).collect();
    let name = if Form::of(request).is_vertex { "publisherModels" } else { "models" };
    json_answer(&json!({ name: models }))
}

fn embedding() -> Value {
    json!({"values": [0.25, -0.5, 0.125, 1.0]})
}

fn count(body: &Value) -> Answer {
    let tokens = count_tokens(body);
    let details = json!([{"modality": "TEXT", "tokenCount": tokens}]);
    json_answer(&json!({"totalTokens": tokens, "promptTokensDetails": details}))
}

/// Answers `:predict` as Vertex AI's embedding models do.
fn predict(body: &Value) -> Answer {
    let instances = body.get("instances").and_then(Value::as_array).cloned().unwrap_or_default();
    let predictions: Vec<Value> = instances
        .iter()
        .map(|instance| {
            let statistics = json!({"truncated": false, "token_count": count_tokens(instance)});
            json!({"embeddings": {"statistics": statistics, "values": [0.25, -0.5, 0.125, 1.0]}})
        })
        .collect();
    json_answer(&json!({"predictions": predictions, "metadata": {"billableCharacterCount": 42}}))
}
