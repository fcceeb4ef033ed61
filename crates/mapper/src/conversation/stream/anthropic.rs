//! Streams of Claude's messages and of its older completions.

use std::collections::BTreeMap;

use super::super::json::Json;
use super::add_text;

/// Returns the message that the events make.
pub(super) fn assembled(pieces: &[Json]) -> Json {
    let mut message = Json::object([("type", "message".into()), ("role", "assistant".into())]);
    let mut blocks: BTreeMap<u64, Json> = BTreeMap::new();
    let mut completion = Json::Null;
    for piece in pieces {
        let index = piece.get("index").count().unwrap_or_default();
        match piece.get("type").text().unwrap_or_default() {
            "message_start" => message = piece.get("message").clone(),
            "content_block_start" => {
                blocks.insert(index, piece.get("content_block").clone());
            }
            "content_block_delta" => add(blocks.entry(index).or_default(), piece.get("delta")),
            "message_delta" => message.put("stop_reason", piece.get("delta").get("stop_reason")),
            "completion" => {
                add_text(&mut completion, "completion", piece.get("completion"));
                completion.put("model", piece.get("model"));
                completion.put("stop_reason", piece.get("stop_reason"));
            }
            _ => {}
        }
    }
    if !completion.is_null() {
        return completion;
    }
    if !blocks.is_empty() || !message.get("content").is_list() {
        *message.slot("content") = Json::List(blocks.into_values().collect());
    }
    if !message.has("type") {
        *message.slot("type") = "message".into();
    }
    message
}

/// Adds a change to its block.
fn add(block: &mut Json, delta: &Json) {
    let kind = delta.get("type").text().unwrap_or_default();
    let begun = match kind {
        "thinking_delta" => "thinking",
        "input_json_delta" => "tool_use",
        _ => "text",
    };
    // The beginning of the block may be missing.
    if !block.has("type") {
        *block.slot("type") = begun.into();
    }
    match kind {
        "text_delta" => add_text(block, "text", delta.get("text")),
        "thinking_delta" => add_text(block, "thinking", delta.get("thinking")),
        // Arguments begin as an empty object, whose place the text takes.
        "input_json_delta" => add_text(block, "input", delta.get("partial_json")),
        "citations_delta" => block.slot("citations").push(delta.get("citation").clone()),
        _ => {}
    }
}
