//! Answers that are no conversation: vectors, pictures, transcripts, judgements, rankings and runs.

use super::super::json::Json;
use super::super::kind::Kind;
use super::super::media;
use super::super::message;
use super::super::request::document;
use super::super::schema::Message;

/// How many results are read.
const MOST: usize = 2_000;
/// How many numbers of a vector are shown.
const SHOWN: usize = 5;

/// Reads such an answer.
pub(super) fn read(response: &Json, kind: Kind) -> Vec<Message> {
    match kind {
        Kind::OpenaiEmbedding => vectors(response),
        Kind::OpenaiImage => pictures(response),
        Kind::OpenaiAudio => response.get("text").text().map(said).into_iter().collect(),
        Kind::OpenaiModeration => {
            let results = response.get("results");
            if results.is_null() { Vec::new() } else { vec![said(&results.pretty())] }
        }
        Kind::Rerank => ranked(response),
        Kind::OpenaiAssistant => assistant(response),
        _ => Vec::new(),
    }
}

fn said(text: &str) -> Message {
    Message::said("assistant", text)
}

/// Reads vectors, wherever they stand.
fn vectors(response: &Json) -> Vec<Message> {
    let mut found: Vec<&Json> = Vec::new();
    let listed = ["data", "embeddings", "predictions"].map(|key| response.get(key));
    for one in listed.iter().flat_map(|list| list.list()).take(MOST) {
        let inner = one.any(&["embedding", "embeddings"]);
        found.push(if inner.is_null() { one } else { inner });
    }
    // Several kinds of numbers at once, by their names.
    let by_type = response.any(&["embeddings", "embeddingsByType"]).members().iter();
    for (_, list) in by_type {
        found.extend(if list.first().is_list() || list.first().text().is_some() {
            list.list().iter().take(MOST).collect()
        } else {
            vec![list]
        });
    }
    if found.is_empty() {
        found.extend([response.get("embedding")].into_iter().filter(|one| !one.is_null()));
    }
    found.into_iter().take(MOST).filter_map(vector).map(|text| said(&text)).collect()
}

/// Returns the first numbers of a vector, and how many there are.
fn vector(vector: &Json) -> Option<String> {
    let vector = if vector.get("values").is_list() { vector.get("values") } else { vector };
    if vector.text().is_some() {
        return Some("base64 encoded".to_owned());
    }
    let numbers = vector.list();
    let first: Vec<String> =
        numbers.iter().take(SHOWN).filter_map(Json::number).map(|number| format!("{number:.6}")).collect();
    if first.is_empty() {
        return None;
    }
    let more = if numbers.len() > SHOWN { ", …" } else { "" };
    Some(format!("[{}{more}] ({} numbers)", first.join(", "), numbers.len()))
}

/// Reads pictures: in base64 or where they lie, with the prompt that they were made of.
fn pictures(response: &Json) -> Vec<Message> {
    let format = response.get("output_format").text().map(|format| format!("image/{format}"));
    let listed = ["data", "images", "predictions"].map(|key| response.get(key));
    let read = |one: &Json| {
        let mime = one.get("mimeType").text().or(format.as_deref());
        let base64 = one.text().or_else(|| one.any(&["b64_json", "bytesBase64Encoded"]).text());
        let shown = match (base64, one.get("url").text()) {
            (Some(base64), _) if mime.is_some() => media::part_of(base64, mime),
            (Some(base64), _) => media::picture(base64),
            (None, Some(url)) => media::image(url),
            (None, None) => return None,
        };
        let content = one.any(&["revised_prompt", "prompt"]).owned();
        Some(Message { role: Some("assistant".to_owned()), content, ..shown })
    };
    listed.iter().flat_map(|list| list.list()).take(MOST).filter_map(read).collect()
}

/// Reads documents by rank.
fn ranked(response: &Json) -> Vec<Message> {
    let results = response.any(&["results", "data"]).list();
    let line = |result: &Json| {
        let score = result.get("relevance_score").number()?;
        let index = result.get("index").count()?;
        let text = result.get("document");
        let text = if text.is_null() { None } else { document(text).content };
        Some(format!(
            "{score:.6}  document {index}{}",
            text.map(|text| format!(": {text}")).unwrap_or_default()
        ))
    };
    let lines: Vec<String> = results.iter().take(MOST).filter_map(line).collect();
    if lines.is_empty() { Vec::new() } else { vec![said(&lines.join("\n"))] }
}

/// Reads runs of assistants in words, and the messages of their threads.
fn assistant(response: &Json) -> Vec<Message> {
    let object = response.get("object").text().unwrap_or_default();
    if object == "list" || response.get("data").is_list() {
        return response.get("data").list().iter().take(MOST).flat_map(assistant).collect();
    }
    if object == "thread.message" {
        return message::read(response, "assistant").into_iter().collect();
    }
    let calls = response.get("required_action").get("submit_tool_outputs").get("tool_calls");
    let facts = [
        ("Object", response.get("object")),
        ("Run", response.get("id")),
        ("Status", response.get("status")),
        ("Assistant", response.get("assistant_id")),
        ("Thread", response.get("thread_id")),
        ("Model", response.get("model")),
    ];
    let told =
        facts.iter().filter_map(|(name, value)| value.filled().map(|value| format!("{name}: {value}")));
    let mut lines: Vec<String> = told.collect();
    let tools = response.get("tools").list().len();
    if tools > 0 {
        lines.push(format!("Tools: {tools}"));
    }
    if lines.is_empty() {
        return Vec::new();
    }
    let folded = Json::object([
        ("role", "assistant".into()),
        ("content", lines.join("\n").as_str().into()),
        ("tool_calls", calls.clone()),
    ]);
    let mut messages: Vec<Message> = message::read(&folded, "assistant").into_iter().collect();
    messages.extend(response.get("messages").list().iter().take(MOST).flat_map(assistant));
    messages
}
