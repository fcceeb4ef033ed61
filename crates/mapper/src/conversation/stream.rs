//! Streams, put together into the answer that they would have been in one piece.

mod anthropic;
mod bedrock;
mod cohere;
mod google;
mod openai;
mod plain;
mod responses;

use super::json::Json;

/// Whose stream the pieces are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Chat,
    Responses,
    Anthropic,
    Google,
    Bedrock,
    Cohere,
    CohereFirst,
    Thread,
    Sdk,
    Media,
    Plain,
}

/// Returns the answer that the pieces make; `None` when nobody knows what they are.
pub(super) fn assembled(pieces: &[Json]) -> Option<Json> {
    let error = pieces.iter().find_map(failed);
    let whose = pieces.iter().find_map(whose);
    let answer = match whose {
        Some(Whose::Chat) => openai::assembled(pieces),
        Some(Whose::Responses) => responses::assembled(pieces),
        Some(Whose::Anthropic) => anthropic::assembled(pieces),
        Some(Whose::Google) => google::assembled(pieces),
        Some(Whose::Bedrock) => bedrock::assembled(pieces),
        Some(Whose::Cohere) => cohere::assembled(pieces),
        Some(Whose::CohereFirst) => cohere::first_version(pieces),
        Some(Whose::Thread) => plain::thread(pieces),
        Some(Whose::Sdk) => plain::sdk(pieces),
        Some(Whose::Media) => plain::media(pieces),
        Some(Whose::Plain) => plain::assembled(pieces),
        None => Json::Null,
    };
    match error {
        None if answer.is_null() => None,
        None => Some(answer),
        Some(error) => {
            let mut answer = answer;
            if !answer.has("error") {
                *answer.slot("error") = error;
            }
            Some(answer)
        }
    }
}

/// Returns the answer that the elements of a list make, if the list is a stream, as Google's are.
pub(super) fn assembled_list(elements: &[Json]) -> Option<Json> {
    let is_googles = elements.iter().any(|element| whose(element) == Some(Whose::Google));
    is_googles.then(|| assembled(elements)).flatten()
}

/// Returns the error that a piece tells of.
fn failed(piece: &Json) -> Option<Json> {
    let error = piece.get("error");
    if !error.is_empty() && (error.is_object() || error.text().is_some()) {
        return Some(error.clone());
    }
    let is_error = matches!(piece.get("type").text(), Some("error" | "response.error"));
    is_error.then(|| if piece.has("message") { piece.get("message").clone() } else { piece.clone() })
}

/// Returns whose stream a piece is of; `None` when that can't be told from this one.
fn whose(piece: &Json) -> Option<Whose> {
    let has = |key| piece.has(key);
    if let Some(whose) = piece.get("type").text().and_then(of_type) {
        return Some(whose);
    }
    if piece.get("object").text().is_some_and(|object| object.starts_with("thread")) {
        return Some(Whose::Thread);
    }
    if piece.get("choices").is_list() {
        return Some(Whose::Chat);
    }
    let googles = ["candidates", "usageMetadata", "promptFeedback", "usage_metadata", "modelVersion"];
    if googles.into_iter().any(has) {
        return Some(Whose::Google);
    }
    let bedrocks = [
        "messageStart",
        "contentBlockStart",
        "contentBlockDelta",
        "messageStop",
        "contentBlockIndex",
        "stopReason",
    ];
    if bedrocks.into_iter().any(has) {
        return Some(Whose::Bedrock);
    }
    if has("event_type") {
        return Some(Whose::CohereFirst);
    }
    plain::KNOWN.into_iter().any(has).then_some(Whose::Plain)
}

/// Returns whose an event is by its name.
fn of_type(kind: &str) -> Option<Whose> {
    Some(match kind {
        "message_start"
        | "message_delta"
        | "message_stop"
        | "content_block_start"
        | "content_block_delta"
        | "content_block_stop"
        | "completion" => Whose::Anthropic,
        "message-start" | "message-end" | "content-start" | "content-delta" | "content-end"
        | "tool-plan-delta" | "tool-call-start" | "tool-call-delta" | "tool-call-end" | "citation-start"
        | "citation-end" => Whose::Cohere,
        "text-start"
        | "text-delta"
        | "reasoning-delta"
        | "tool-input-available"
        | "start-step"
        | "tool-call" => Whose::Sdk,
        "transcript.text.delta" | "transcript.text.done" | "speech.audio.delta" | "speech.audio.done" => {
            Whose::Media
        }
        kind if kind.starts_with("image_generation.") || kind.starts_with("image_edit.") => Whose::Media,
        kind if kind.starts_with("response.") => Whose::Responses,
        _ => return None,
    })
}

/// Adds the text of a member to that of a target's, if it has any.
fn add_text(target: &mut Json, key: &str, piece: &Json) {
    if let Some(text) = piece.filled() {
        target.slot(key).append(text);
    }
}

/// Adds the elements of a list to those of a target's.
fn add_list(target: &mut Json, key: &str, piece: &Json) {
    for element in piece.list() {
        target.slot(key).push(element.clone());
    }
}
