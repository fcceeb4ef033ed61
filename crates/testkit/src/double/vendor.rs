//! What differs between the providers that speak OpenAI's API.

use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Content};
use super::openai::error;
use super::respond::Request;

/// A provider, or a kind of providers, that speaks OpenAI's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Vendor {
    OpenAi,
    Azure,
    Groq,
    Mistral,
    OpenRouter,
    DeepInfra,
    /// Cloudflare's gateway, for a provider that it does not know.
    Cloudflare,
    /// Has the usage in every stream's last chunk, asked or not.
    UsageAlways,
    /// Is as OpenAI in every respect but the fields of its answers.
    Compatible,
    /// A server of one's own: needs no key.
    Local,
}

impl Vendor {
    /// Makes the answer to a path that does not exist.
    pub(super) fn unknown_path(self, request: &Request) -> Answer {
        let (method, path) = (&request.method, &request.path);
        match self {
            Self::Azure => azure_error(404, "404", "Resource not found"),
            Self::Groq => {
                let message = format!(
                    "Unknown request URL: {method} {path}. Please check the URL for typos, or see the docs at https://console.groq.com/docs/"
                );
                let error =
                    json!({"message": message, "type": "invalid_request_error", "code": "unknown_url"});
                Answer::json(404, &json!({ "error": error }))
            }
            Self::Mistral => Answer::json(
                404,
                &json!({"message": "no Route matched with those values", "request_id": request.digest()}),
            ),
            Self::DeepInfra => Answer::json(404, &json!({"detail": "Not Found"})),
            Self::Cloudflare => {
                let error = json!({"code": 2008, "message": "Invalid provider"});
                Answer::json(400, &json!({"success": false, "result": [], "messages": [], "error": [error]}))
            }
            Self::OpenRouter => {
                let page = Bytes::from_static(b"<!DOCTYPE html><title>Not Found | OpenRouter</title>\n");
                Answer::new(404, "text/html; charset=utf-8", Content::Whole(page))
            }
            _ => error(404, "invalid_request_error", None, &format!("Invalid URL ({method} {path})")),
        }
    }

    /// Returns the answer to a request whose key is wrong, or is missing.
    pub(super) fn bad_key(self, given: bool) -> Answer {
        match (self, given) {
            (Self::Azure, _) => azure_error(
                401,
                "401",
                "Access denied due to invalid subscription key or wrong API endpoint.",
            ),
            (Self::Mistral, _) => Answer::json(401, &json!({"detail": "Unauthorized"})),
            (Self::OpenRouter, _) => {
                Answer::json(401, &json!({"error": {"message": "No auth credentials found", "code": 401}}))
            }
            (Self::Groq, _) => {
                error(401, "invalid_request_error", Some("invalid_api_key"), "Invalid API Key")
            }
            (_, true) => {
                let message = "Incorrect API key provided.";
                error(401, "invalid_request_error", Some("invalid_api_key"), message)
            }
            (_, false) => error(401, "invalid_request_error", None, "You didn't provide an API key."),
        }
    }

    /// Returns what is wrong with the address of a request to a path that exists.
    pub(super) fn misdirected(self, request: &Request) -> Option<Answer> {
        let needs_version = self == Self::Azure && request.path.contains("/openai/deployments/");
        let has_version = request.query.split('&').any(|pair| pair.starts_with("api-version="));
        (needs_version && !has_version).then(|| self.unknown_path(request))
    }

    /// Adds the fields that every answer has.
    pub(super) fn add_usual_fields(self, answer: &mut Answer, number: u64) {
        match self {
            Self::OpenAi | Self::Local => {
                answer.push("openai-organization", "org-double");
                answer.push("openai-processing-ms", "42");
                answer.push("openai-version", "2020-10-01");
                add_limits(answer);
                answer.push("x-request-id", format!("req_{number:032x}"));
            }
            Self::Azure => {
                answer.push("apim-request-id", format!("{number:032x}"));
                answer.push("x-ms-region", "East US");
                answer.push("x-ratelimit-remaining-requests", "9999");
                answer.push("x-ratelimit-remaining-tokens", "199968");
                return;
            }
            Self::Groq => {
                add_limits(answer);
                answer.push("x-groq-region", "us-west-1");
                answer.push("x-request-id", format!("req_{number:026x}"));
            }
            Self::Cloudflare => answer.push("cf-aig-log-id", format!("{number:026x}")),
            _ => answer.push("x-request-id", format!("{number:032x}")),
        }
        answer.push("Server", "cloudflare");
    }

    /// Adds what the vendor has in a plain answer to a chat.
    pub(super) fn dress_whole(self, answer: &mut Value) {
        if self == Self::Groq {
            let id = json!({"id": answer.get("id")});
            insert(answer, "x_groq", id);
        }
        if self == Self::OpenRouter {
            insert(answer, "provider", json!("OpenAI"));
        }
    }

    /// Adds what the vendor has in the chunks of a stream, the last of which has a finish reason.
    pub(super) fn dress_chunks(self, chunks: &mut Vec<Value>, usage: &Value) {
        match self {
            Self::Groq => {
                let id = json!("req_double");
                if let Some(first) = chunks.first_mut() {
                    insert(first, "x_groq", json!({ "id": id }));
                }
                if let Some(last) = chunks.last_mut() {
                    insert(last, "x_groq", json!({"id": id, "usage": timed(usage)}));
                }
            }
            Self::Azure => {
                let filtered = json!([{"prompt_index": 0, "content_filter_results": {}}]);
                let first = json!({
                    "choices": [],
                    "created": 0,
                    "id": "",
                    "model": "",
                    "object": "",
                    "prompt_filter_results": filtered,
                });
                chunks.insert(0, first);
            }
            Self::Mistral | Self::OpenRouter | Self::UsageAlways => {
                if let Some(last) = chunks.last_mut() {
                    insert(last, "usage", usage.clone());
                }
            }
            _ => {}
        }
    }

    /// Returns what comes before the first chunk of a stream.
    pub(super) fn before_chunks(self) -> Option<Bytes> {
        (self == Self::OpenRouter).then(|| Bytes::from_static(b": OPENROUTER PROCESSING\n\n"))
    }

    /// Returns whether a chunk of its own has the usage of a stream whose request asked for it.
    pub(super) fn has_usage_chunk(self) -> bool {
        !matches!(self, Self::Mistral | Self::OpenRouter | Self::UsageAlways)
    }
}

fn azure_error(status: u16, code: &str, message: &str) -> Answer {
    Answer::json(status, &json!({"error": {"code": code, "message": message}}))
}

fn add_limits(answer: &mut Answer) {
    answer.push("x-ratelimit-limit-requests", "10000");
    answer.push("x-ratelimit-limit-tokens", "200000");
    answer.push("x-ratelimit-remaining-requests", "9999");
    answer.push("x-ratelimit-remaining-tokens", "199968");
    answer.push("x-ratelimit-reset-requests", "8.64s");
    answer.push("x-ratelimit-reset-tokens", "9ms");
}

/// Returns the usage with the times that Groq adds, in seconds.
fn timed(usage: &Value) -> Value {
    let mut timed = usage.clone();
    for (name, seconds) in [("queue_time", 0.25), ("prompt_time", 0.125), ("completion_time", 0.5)] {
        insert(&mut timed, name, json!(seconds));
    }
    timed
}

fn insert(object: &mut Value, name: &str, value: Value) {
    let members: Option<&mut Map<String, Value>> = object.as_object_mut();
    drop(members.and_then(|members| members.insert(name.to_owned(), value)));
}
