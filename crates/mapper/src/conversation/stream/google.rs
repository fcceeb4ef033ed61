//! Google's streams.

use std::collections::BTreeMap;

use super::super::json::Json;
use super::add_list;

/// What every piece may tell anew of a candidate.
const LATEST: [&str; 8] = [
    "finishReason",
    "finish_reason",
    "finishMessage",
    "index",
    "groundingMetadata",
    "grounding_metadata",
    "citationMetadata",
    "citation_metadata",
];

/// Returns the answer that the pieces make.
pub(super) fn assembled(pieces: &[Json]) -> Json {
    let mut answer = Json::object([]);
    let mut candidates: BTreeMap<u64, Json> = BTreeMap::new();
    for piece in pieces {
        for key in ["promptFeedback", "prompt_feedback", "modelVersion", "model_version", "error"] {
            answer.put(key, piece.get(key));
        }
        for candidate in piece.get("candidates").list() {
            let index = candidate.get("index").count().unwrap_or_default();
            let whole = candidates.entry(index).or_default();
            for key in LATEST {
                whole.put(key, candidate.get(key));
            }
            let content = candidate.get("content");
            if content.is_object() {
                whole.slot("content").put("role", content.get("role"));
                add_list(whole.slot("content"), "parts", content.get("parts"));
            }
        }
    }
    if !candidates.is_empty() || (!answer.has("error") && !answer.has("promptFeedback")) {
        *answer.slot("candidates") = Json::List(candidates.into_values().collect());
    }
    answer
}
