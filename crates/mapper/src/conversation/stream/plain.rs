//! Streams whose pieces have the members of the whole answer: Ollama, Llama, Hugging Face, Titan, Mistral; and
//! those of threads, of Vercel's SDK, of pictures and of sound.

use std::collections::BTreeMap;

use super::super::json::Json;
use super::{add_list, add_text};

/// The members that tell such a piece.
pub(super) const KNOWN: [&str; 8] =
    ["done", "response", "event", "token", "generation", "outputText", "outputs", "generated_text"];

/// Returns the answer that the pieces make.
pub(super) fn assembled(pieces: &[Json]) -> Json {
    let mut answer = Json::object([]);
    let mut output = Json::Null;
    for piece in pieces {
        for key in ["model", "done", "done_reason", "stop_reason", "completionReason", "details"] {
            answer.put(key, piece.get(key));
        }
        for key in ["response", "thinking", "generation", "outputText"] {
            add_text(&mut answer, key, piece.get(key));
        }
        if piece.get("message").is_object() {
            said(answer.slot("message"), piece.get("message"));
        }
        if piece.get("event").is_object() {
            llama(answer.slot("completion_message"), piece.get("event"));
        }
        if piece.get("token").is_object() {
            token(&mut answer, piece);
        }
        add_text(&mut output, "text", piece.get("outputs").first().get("text"));
        output.put("stop_reason", piece.get("outputs").first().get("stop_reason"));
    }
    if !output.is_null() {
        *answer.slot("outputs") = Json::List(vec![output]);
    }
    answer
}

/// Adds a piece of Ollama's message.
fn said(message: &mut Json, piece: &Json) {
    message.put("role", piece.get("role"));
    for key in ["content", "thinking"] {
        add_text(message, key, piece.get(key));
    }
    add_list(message, "tool_calls", piece.get("tool_calls"));
    add_list(message, "images", piece.get("images"));
}

/// Adds an event of the Llama API.
fn llama(message: &mut Json, event: &Json) {
    *message.slot("role") = "assistant".into();
    message.put("stop_reason", event.get("stop_reason"));
    let delta = event.get("delta");
    match delta.get("type").text() {
        Some("tool_call") => {
            let calls = message.slot("tool_calls");
            if delta.has("id") || calls.list().is_empty() {
                calls.push(Json::object([("id", delta.get("id").clone())]));
            }
            if let Json::List(calls) = calls
                && let Some(call) = calls.last_mut()
            {
                add_text(call.slot("function"), "name", delta.get("function").get("name"));
                add_text(call.slot("function"), "arguments", delta.get("function").get("arguments"));
            }
        }
        _ => add_text(message, "content", delta.get("text")),
    }
}

/// Adds a token of Hugging Face's server, whose last piece has the whole text.
fn token(answer: &mut Json, piece: &Json) {
    let whole = piece.get("generated_text");
    if whole.text().is_some() {
        answer.put("generated_text", whole);
    } else if piece.get("token").get("special").bool() != Some(true) {
        add_text(answer, "generated_text", piece.get("token").get("text"));
    }
}

/// Returns what the events of a thread make: its messages as they are at the end, or their pieces.
pub(super) fn thread(pieces: &[Json]) -> Json {
    let mut run = Json::Null;
    let mut messages: BTreeMap<String, Json> = BTreeMap::new();
    for piece in pieces {
        let id = piece.get("id").text().unwrap_or_default().to_owned();
        match piece.get("object").text().unwrap_or_default() {
            "thread.run" => run = piece.clone(),
            "thread.message" => {
                messages.insert(id, piece.clone());
            }
            "thread.message.delta" => {
                let message = messages.entry(id).or_default();
                *message.slot("object") = "thread.message".into();
                add_value(message, piece.get("delta"));
            }
            _ => {}
        }
    }
    let mut answer = if run.is_null() { Json::object([("object", "thread.run".into())]) } else { run };
    *answer.slot("messages") = Json::List(messages.into_values().collect());
    answer
}

/// Adds a piece of a thread's message.
fn add_value(message: &mut Json, delta: &Json) {
    message.put("role", delta.get("role"));
    for part in delta.get("content").list() {
        let value = part.get("text").get("value");
        match message.slot("content") {
            Json::List(parts) if value.text().is_some() && !parts.is_empty() => {
                if let Some(last) = parts.last_mut() {
                    add_text(last.slot("text"), "value", value);
                }
            }
            content => content.push(part.clone()),
        }
    }
}

/// Returns what the events of Vercel's SDK make.
pub(super) fn sdk(pieces: &[Json]) -> Json {
    let mut parts: Vec<Json> = Vec::new();
    let mut reason = Json::from("");
    for piece in pieces {
        let text = piece.any(&["delta", "textDelta", "text"]);
        match piece.get("type").text().unwrap_or_default() {
            "text-delta" => add_to_last(&mut parts, "text", text),
            "reasoning-delta" | "reasoning" => add_to_last(&mut parts, "reasoning", text),
            "tool-call" => parts.push(piece.clone()),
            "tool-input-available" => {
                let mut call = piece.clone();
                *call.slot("type") = "tool-call".into();
                parts.push(call);
            }
            "tool-output-available" => {
                let mut result = piece.clone();
                *result.slot("type") = "tool-result".into();
                parts.push(result);
            }
            "file" | "source" => parts.push(piece.clone()),
            "finish" if piece.has("finishReason") => reason = piece.get("finishReason").clone(),
            _ => {}
        }
    }
    Json::object([("content", Json::List(parts)), ("finishReason", reason)])
}

/// Adds text to the last part, if that is of the same kind; else it begins one.
fn add_to_last(parts: &mut Vec<Json>, kind: &str, text: &Json) {
    if parts.last().is_none_or(|last| last.get("type").text() != Some(kind)) {
        parts.push(Json::object([("type", kind.into())]));
    }
    if let Some(last) = parts.last_mut() {
        add_text(last, "text", text);
    }
}

/// Returns what the events of pictures, speech and transcripts make.
pub(super) fn media(pieces: &[Json]) -> Json {
    let mut answer = Json::object([]);
    for piece in pieces {
        match piece.get("type").text().unwrap_or_default() {
            "transcript.text.delta" => add_text(&mut answer, "text", piece.get("delta")),
            "transcript.text.done" => answer.put("text", piece.get("text")),
            kind if kind.starts_with("image_") => {
                // A later picture is the earlier one with more to be seen.
                *answer.slot("data") = Json::List(vec![piece.clone()]);
                answer.put("output_format", piece.get("output_format"));
            }
            _ => add_text(&mut answer, "audio", piece.get("audio")),
        }
    }
    answer
}
