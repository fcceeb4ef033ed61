//! What a webhook is told about a call: Helicone's fields in Helicone's order.
//!
//! ```json
//! {"request_id": "…", "user_id": "alice", "request_body": {…}, "response_body": {…},
//!  "request_response_url": null, "model": "gpt-4o-mini", "provider": "OPENAI",
//!  "metadata": {"cost": 0.0000105, "promptTokens": 12, "completionTokens": 7, "totalTokens": 19, "latencyMs": 412}}
//! ```
//!
//! `user_id` is left out when there is none; what follows the bodies is left out without `include_data`; what is
//! not known is null. The text is as JavaScript would write it again (see `javascript.rs`).

use bytes::Bytes;
use gatehouse_store::log::LogRow;

use super::javascript::{rewritten, write_number, write_text};

/// The longest body that is sent, in UTF-16 units, in which JavaScript counts.
const MAX_BODY_UNITS: usize = 10_240;
/// What a UTF-16 unit takes in UTF-8, at most.
const UNIT_BYTES: usize = 3;
/// What stands for a body that is longer.
const TOO_LONG: &str = "the body is longer than 10240 characters: read it by the request's id";
/// What stands for a body that is not UTF-8.
const NOT_TEXT: &str = "the body is not text: read it by the request's id";

/// Returns the body of a delivery about `row`.
///
/// `api_url` is where this API is reached, without a slash at its end; without it nobody can be told where the
/// row is.
pub(crate) fn payload(row: &LogRow, include_data: bool, api_url: Option<&str>) -> Bytes {
    let mut object = Object::default();
    object.text("request_id", &row.request_id.to_string());
    if !row.user_id.is_empty() {
        object.text("user_id", &row.user_id);
    }
    object.value("request_body", &told(row.bodies.request.as_ref()));
    object.value("response_body", &told(row.bodies.response.as_ref()));
    if include_data {
        let url = api_url.map(|api| format!("{api}/v1/request/{}?includeBody=true", row.request_id));
        object.optional_text("request_response_url", url.as_deref());
        object.optional_text("model", Some(row.model.as_str()).filter(|model| !model.is_empty()));
        object.optional_text("provider", Some(row.provider.as_str()).filter(|name| !name.is_empty()));
        object.value("metadata", &metadata(row));
    }
    object.finish().into()
}

fn metadata(row: &LogRow) -> String {
    let mut metadata = Object::default();
    // The nearest number to the exact quotient, so that it prints without a rounding tail.
    metadata.number("cost", row.cost.map(|cost| cost.get() as f64 / 1e9));
    metadata.number("promptTokens", row.usage.input.map(|tokens| tokens as f64));
    metadata.number("completionTokens", row.usage.output.map(|tokens| tokens as f64));
    metadata.number("totalTokens", row.usage.total.map(|tokens| tokens as f64));
    metadata.number("latencyMs", Some((row.total_us.saturating_add(500) / 1000) as f64));
    metadata.finish()
}

/// Returns a kept body as JSON: its own when it is JSON, else a text; null when nothing is kept.
fn told(body: Option<&Bytes>) -> String {
    let Some(body) = body.filter(|body| !body.is_empty()) else { return "null".to_owned() };
    if body.len() > MAX_BODY_UNITS * UNIT_BYTES {
        return quoted(TOO_LONG);
    }
    let Some(text) = as_text(body) else { return quoted(NOT_TEXT) };
    if text.encode_utf16().count() > MAX_BODY_UNITS {
        return quoted(TOO_LONG);
    }
    rewritten(&text).unwrap_or_else(|| quoted(&text))
}

/// Returns a body that is UTF-8, but for a last character that may have been cut through.
fn as_text(body: &[u8]) -> Option<std::borrow::Cow<'_, str>> {
    match std::str::from_utf8(body) {
        Ok(text) => Some(text.into()),
        Err(error) if error.error_len().is_none() => Some(String::from_utf8_lossy(body)),
        Err(_) => None,
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_text(text, &mut out);
    out
}

/// An object that is being written.
#[derive(Default)]
struct Object(String);

impl Object {
    /// Adds a member whose value is JSON already.
    fn value(&mut self, name: &str, json: &str) {
        self.0.push(if self.0.is_empty() { '{' } else { ',' });
        write_text(name, &mut self.0);
        self.0.push(':');
        self.0.push_str(json);
    }

    fn text(&mut self, name: &str, text: &str) {
        self.value(name, &quoted(text));
    }

    fn optional_text(&mut self, name: &str, text: Option<&str>) {
        self.value(name, &text.map_or_else(|| "null".to_owned(), quoted));
    }

    fn number(&mut self, name: &str, number: Option<f64>) {
        let mut out = String::new();
        write_number(number.unwrap_or(f64::NAN), &mut out);
        self.value(name, &out);
    }

    fn finish(mut self) -> String {
        self.0.push('}');
        self.0
    }
}

#[cfg(test)]
mod tests;
