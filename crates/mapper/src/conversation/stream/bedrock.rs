//! Streams of Bedrock's Converse and of Nova's messages.

use std::collections::BTreeMap;

use super::super::json::Json;
use super::add_text;

/// The members that events stand in where their headers don't name them.
const WRAPPERS: [&str; 5] =
    ["messageStart", "contentBlockStart", "contentBlockDelta", "contentBlockStop", "messageStop"];

/// Returns the answer that the events make.
pub(super) fn assembled(pieces: &[Json]) -> Json {
    let mut blocks: BTreeMap<u64, Json> = BTreeMap::new();
    let mut answer = Json::object([]);
    let mut role = Json::from("assistant");
    for piece in pieces {
        let inner = piece.any(&WRAPPERS);
        let event = if inner.is_object() { inner } else { piece };
        if event.has("role") {
            role = event.get("role").clone();
        }
        answer.put("stopReason", event.get("stopReason"));
        let Some(index) = event.get("contentBlockIndex").count() else { continue };
        let block = blocks.entry(index).or_default();
        if event.get("start").is_object() {
            *block = event.get("start").clone();
        }
        add(block, event.get("delta"));
    }
    let content = Json::List(blocks.into_values().filter(|block| !block.is_null()).map(ended).collect());
    let message = Json::object([("role", role), ("content", content)]);
    *answer.slot("output") = Json::object([("message", message)]);
    answer
}

/// Adds a change to its block.
fn add(block: &mut Json, delta: &Json) {
    add_text(block, "text", delta.get("text"));
    if delta.get("toolUse").is_object() {
        let input = delta.get("toolUse").get("input");
        match input {
            Json::Text(text) => block.slot("toolUse").slot("input").append(text),
            whole => block.slot("toolUse").put("input", whole),
        }
    }
    let thought = delta.get("reasoningContent");
    if thought.is_object() {
        let reasoning = block.slot("reasoningContent");
        add_text(reasoning.slot("reasoningText"), "text", thought.get("text"));
        reasoning.put("redactedContent", thought.get("redactedContent"));
    }
    if delta.get("citation").is_object() {
        let cited = block.slot("citationsContent");
        cited.slot("citations").push(delta.get("citation").clone());
    }
}

/// A text with citations is a block of another kind when it is not streamed.
fn ended(mut block: Json) -> Json {
    if block.has("citationsContent") {
        let text = Json::object([("text", block.get("text").clone())]);
        *block.slot("citationsContent").slot("content") = Json::List(vec![text]);
    }
    block
}
