//! Streams of chat completions and completions.

use std::collections::BTreeMap;

use super::super::json::Json;
use super::{add_list, add_text};

/// The members of a delta that are pieces of text.
const TEXTS: [&str; 4] = ["refusal", "reasoning_content", "reasoning", "tool_plan"];

/// What one choice has said so far.
#[derive(Default)]
struct Choice {
    choice: Json,
    message: Json,
    calls: Calls,
}

/// Returns the completion that the chunks make.
pub(super) fn assembled(pieces: &[Json]) -> Json {
    let mut answer = Json::object([]);
    let mut choices: BTreeMap<u64, Choice> = BTreeMap::new();
    for piece in pieces {
        for key in ["id", "model", "citations", "search_results"] {
            answer.put(key, piece.get(key));
        }
        for (at, choice) in piece.get("choices").list().iter().enumerate() {
            let index = choice.get("index").count().unwrap_or(at as u64);
            choices.entry(index).or_default().add(choice);
        }
    }
    *answer.slot("choices") = Json::List(choices.into_values().map(Choice::ended).collect());
    answer
}

impl Choice {
    fn add(&mut self, piece: &Json) {
        add_text(&mut self.choice, "text", piece.get("text"));
        for key in ["finish_reason", "stop_reason", "error"] {
            self.choice.put(key, piece.get(key));
        }
        let delta = piece.any(&["delta", "message"]);
        for key in ["role", "id", "name"] {
            self.message.put(key, delta.get(key));
        }
        for key in TEXTS {
            add_text(&mut self.message, key, delta.get(key));
        }
        match delta.get("content") {
            Json::List(parts) => parts.iter().for_each(|part| add_part(&mut self.message, part)),
            text => add_text(&mut self.message, "content", text),
        }
        add_list(&mut self.message, "annotations", delta.get("annotations"));
        add_list(&mut self.message, "images", delta.get("images"));
        let function = delta.get("function_call");
        if function.is_object() {
            add_text(self.message.slot("function_call"), "name", function.get("name"));
            add_text(self.message.slot("function_call"), "arguments", function.get("arguments"));
        }
        let audio = delta.get("audio");
        if audio.is_object() {
            let sound = self.message.slot("audio");
            sound.put("id", audio.get("id"));
            add_text(sound, "data", audio.get("data"));
            add_text(sound, "transcript", audio.get("transcript"));
        }
        for (at, call) in delta.get("tool_calls").list().iter().enumerate() {
            self.calls.add(call, at as u64);
        }
    }

    fn ended(self) -> Json {
        let Self { mut choice, mut message, calls } = self;
        if !calls.calls.is_empty() {
            *message.slot("tool_calls") = Json::List(calls.calls);
        }
        // A completion has its text beside, and no message.
        if !choice.has("text") || !message.is_empty() {
            if !message.has("role") {
                *message.slot("role") = "assistant".into();
            }
            *choice.slot("message") = message;
        }
        choice
    }
}

/// Adds a part to content that is a list, as Mistral's is when it thinks; texts that follow each other are one.
fn add_part(message: &mut Json, part: &Json) {
    if let Json::Text(_) = message.get("content") {
        let text = Json::object([("type", "text".into()), ("text", message.get("content").clone())]);
        *message.slot("content") = Json::List(vec![text]);
    }
    let kind = part.get("type").text();
    if let Json::List(parts) = message.slot("content")
        && let Some(last) = parts.last_mut().filter(|last| last.get("type").text() == kind)
    {
        match kind {
            Some("text") => return add_text(last, "text", part.get("text")),
            Some("thinking") => return add_thoughts(last, part.get("thinking")),
            _ => {}
        }
    }
    message.slot("content").push(part.clone());
}

/// Adds thoughts, which are texts or lists of them.
fn add_thoughts(last: &mut Json, thoughts: &Json) {
    let texts = thoughts.list().iter().filter_map(|thought| thought.get("text").text());
    let more: String = texts.chain(thoughts.text()).collect();
    if let Json::List(before) = last.slot("thinking")
        && let Some(thought) = before.last_mut()
    {
        thought.slot("text").append(&more);
        return;
    }
    last.slot("thinking").append(&more);
}

/// The calls of tools, whose pieces name their places.
#[derive(Default)]
struct Calls {
    calls: Vec<Json>,
    places: BTreeMap<u64, usize>,
}

impl Calls {
    fn add(&mut self, piece: &Json, at: u64) {
        let index = piece.get("index").count().unwrap_or(at);
        let id = piece.get("id").filled();
        let place = self.places.get(&index).copied();
        // Some give every call the same place, and only another id tells that it is another one.
        let is_other =
            |call: &Json| id.is_some() && call.get("id").filled().is_some_and(|known| Some(known) != id);
        let place =
            place.filter(|place| !self.calls.get(*place).is_some_and(is_other)).unwrap_or_else(|| {
                self.calls.push(Json::object([]));
                self.calls.len() - 1
            });
        self.places.insert(index, place);
        let Some(call) = self.calls.get_mut(place) else { return };
        if let Some(id) = id {
            *call.slot("id") = id.into();
        }
        call.put("type", piece.get("type"));
        for (key, given) in [("function", "arguments"), ("custom", "input")] {
            let described = piece.get(key);
            if described.is_object() {
                add_text(call.slot(key), "name", described.get("name"));
                match described.get(given) {
                    whole @ Json::Object(_) => *call.slot(key).slot(given) = whole.clone(),
                    text => add_text(call.slot(key), given, text),
                }
            }
        }
    }
}
