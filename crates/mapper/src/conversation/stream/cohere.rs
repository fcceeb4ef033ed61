//! Streams of both versions of Cohere's chat.

use std::collections::BTreeMap;

use super::super::json::Json;
use super::{add_list, add_text};

/// Returns the answer that the events of the second version make.
pub(super) fn assembled(pieces: &[Json]) -> Json {
    let mut answer = Json::object([]);
    let mut message = Json::object([("role", "assistant".into())]);
    let mut parts: BTreeMap<u64, Json> = BTreeMap::new();
    let mut calls: BTreeMap<u64, Json> = BTreeMap::new();
    for piece in pieces {
        let delta = piece.get("delta");
        let said = delta.get("message");
        let index = piece.get("index").count().unwrap_or_default();
        match piece.get("type").text().unwrap_or_default() {
            "message-start" => answer.put("id", piece.get("id")),
            "content-start" | "content-delta" => add(parts.entry(index).or_default(), said.get("content")),
            "tool-plan-delta" => add_text(&mut message, "tool_plan", said.get("tool_plan")),
            "tool-call-start" => {
                calls.insert(index, said.get("tool_calls").clone());
            }
            "tool-call-delta" => {
                let function = calls.entry(index).or_default().slot("function");
                add_text(function, "arguments", said.get("tool_calls").get("function").get("arguments"));
            }
            "citation-start" => message.slot("citations").push(said.get("citations").clone()),
            "message-end" => answer.put("finish_reason", delta.get("finish_reason")),
            _ => {}
        }
    }
    *message.slot("content") = Json::List(parts.into_values().collect());
    if !calls.is_empty() {
        *message.slot("tool_calls") = Json::List(calls.into_values().collect());
    }
    *answer.slot("message") = message;
    // Answers have an id; the event that brings it may be missing.
    if !answer.has("id") {
        *answer.slot("id") = "".into();
    }
    answer
}

fn add(part: &mut Json, piece: &Json) {
    part.put("type", piece.get("type"));
    add_text(part, "text", piece.get("text"));
    add_text(part, "thinking", piece.get("thinking"));
    if !part.has("type") {
        let kind = if piece.has("thinking") { "thinking" } else { "text" };
        *part.slot("type") = kind.into();
    }
}

/// Returns the answer that the events of the first version make: the one at their end, or what came before.
pub(super) fn first_version(pieces: &[Json]) -> Json {
    let mut answer = Json::object([("text", "".into())]);
    for piece in pieces {
        match piece.get("event_type").text().unwrap_or_default() {
            "stream-start" => answer.put("generation_id", piece.get("generation_id")),
            "text-generation" => add_text(&mut answer, "text", piece.get("text")),
            "tool-calls-generation" => add_list(&mut answer, "tool_calls", piece.get("tool_calls")),
            "citation-generation" => add_list(&mut answer, "citations", piece.get("citations")),
            "search-results" => add_list(&mut answer, "documents", piece.get("documents")),
            "stream-end" => {
                if piece.get("response").is_object() {
                    answer = piece.get("response").clone();
                }
                answer.put("finish_reason", piece.get("finish_reason"));
            }
            _ => {}
        }
    }
    if !answer.has("generation_id") {
        *answer.slot("generation_id") = "".into();
    }
    answer
}
