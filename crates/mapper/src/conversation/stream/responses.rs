//! Streams of the Responses API.

use std::collections::BTreeMap;

use super::super::json::Json;
use super::{add_list, add_text};

/// An item with those parts of it that come in pieces.
#[derive(Default)]
struct Item {
    item: Json,
    content: BTreeMap<u64, Json>,
    summary: BTreeMap<u64, Json>,
}

/// Returns the answer that the events make: the one at their end, or what came before the end was cut off.
pub(super) fn assembled(pieces: &[Json]) -> Json {
    let mut answer = Json::object([("object", "response".into())]);
    let mut items: BTreeMap<u64, Item> = BTreeMap::new();
    for piece in pieces {
        if piece.get("response").is_object() {
            answer = piece.get("response").clone();
        }
        let Some(event) = piece.get("type").text().and_then(|kind| kind.strip_prefix("response.")) else {
            continue;
        };
        if piece.has("response") {
            continue;
        }
        items.entry(piece.get("output_index").count().unwrap_or(u64::MAX)).or_default().add(event, piece);
    }
    if answer.get("output").list().is_empty() && !items.is_empty() {
        *answer.slot("output") =
            Json::List(items.into_values().map(Item::ended).filter(|item| !item.is_null()).collect());
    }
    if !answer.has("object") {
        *answer.slot("object") = "response".into();
    }
    answer
}

impl Item {
    fn add(&mut self, event: &str, piece: &Json) {
        let delta = piece.get("delta");
        let content = piece.get("content_index").count().unwrap_or_default();
        match event {
            "output_item.added" | "output_item.done" => {
                self.item = piece.get("item").clone();
                if event == "output_item.done" {
                    self.content.clear();
                    self.summary.clear();
                }
            }
            "content_part.added" | "content_part.done" => {
                self.content.insert(content, piece.get("part").clone());
            }
            "output_text.delta" => self.say(content, "output_text", "text", delta),
            "refusal.delta" => self.say(content, "refusal", "refusal", delta),
            "reasoning_text.delta" => {
                self.be("reasoning");
                self.say(content, "reasoning_text", "text", delta);
            }
            "output_text.annotation.added" => {
                let part = self.content.entry(content).or_default();
                add_list(part, "annotations", &Json::List(vec![piece.get("annotation").clone()]));
            }
            "reasoning_summary_text.delta" => {
                self.be("reasoning");
                let summary =
                    self.summary.entry(piece.get("summary_index").count().unwrap_or_default()).or_default();
                summary.put("type", &"summary_text".into());
                add_text(summary, "text", delta);
            }
            "function_call_arguments.delta" | "mcp_call_arguments.delta" => {
                add_text(&mut self.item, "arguments", delta)
            }
            "custom_tool_call_input.delta" => add_text(&mut self.item, "input", delta),
            "code_interpreter_call_code.delta" => add_text(&mut self.item, "code", delta),
            "image_generation_call.partial_image" => {
                self.be("image_generation_call");
                self.item.put("result", piece.get("partial_image_b64"));
                self.item.put("output_format", piece.get("output_format"));
            }
            _ => {}
        }
    }

    /// Adds text to a part of the content.
    fn say(&mut self, at: u64, kind: &str, key: &str, delta: &Json) {
        let part = self.content.entry(at).or_default();
        part.put("type", &kind.into());
        add_text(part, key, delta);
    }

    /// Says what the item is, in case that its beginning is missing.
    fn be(&mut self, kind: &str) {
        if !self.item.has("type") {
            *self.item.slot("type") = kind.into();
        }
    }

    fn ended(self) -> Json {
        let Self { mut item, content, summary } = self;
        if !content.is_empty() {
            *item.slot("content") = Json::List(content.into_values().collect());
        }
        if !summary.is_empty() {
            *item.slot("summary") = Json::List(summary.into_values().collect());
        }
        item
    }
}
