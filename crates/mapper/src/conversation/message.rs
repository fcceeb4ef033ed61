//! One message, in any dialect.

use super::citation;
use super::item;
use super::json::Json;
use super::media;
use super::part::{self, Part};
use super::schema::{Message, MessageKind};
use super::{call, preview};

/// How many messages, or parts of one, are read.
pub(super) const MOST: usize = 20_000;

/// The members of a message that may well say nothing.
const KNOWN: [&str; 10] =
    ["id", "role", "author", "name", "content", "parts", "text", "status", "refusal", "object"];

/// Reads a list of messages, or the one that stands in its place.
pub(super) fn list(messages: &Json, role: &str) -> Vec<Message> {
    match messages {
        Json::List(messages) => {
            messages.iter().take(MOST).filter_map(|message| read(message, role)).collect()
        }
        Json::Null => Vec::new(),
        message => read(message, role).into_iter().collect(),
    }
}

/// Reads a message; `role` is whose it is when it does not say so itself. `None` for null.
pub(super) fn read(message: &Json, role: &str) -> Option<Message> {
    match message {
        Json::Null => return None,
        Json::Object(_) => {}
        Json::Text(text) => return Some(Message::said(role, text.as_str())),
        other => return Some(Message::said(role, other.compact())),
    }
    if let Some(message) = item::read(message) {
        return Some(message);
    }
    let role = message.any(&["role", "author"]).text().map_or_else(|| role.to_owned(), role_of);
    if matches!(role.as_str(), "tool" | "function") && !message.any(&["content"]).list().iter().any(is_result)
    {
        let result = returned(message);
        return Some(Message { role: Some(role), ..result });
    }
    let content = message.any(&["content", "parts", "message", "text", "prompt"]);
    let mut read = Message {
        id: message.get("id").owned(),
        name: message.get("name").owned(),
        role: Some(role),
        ..Message::default()
    };
    let mut thoughts: Vec<String> = Vec::new();
    read.take(content, &mut thoughts);
    add_beside(message, &mut read, &mut thoughts);
    // Some repeat the thoughts that stand in the content in a member of their own.
    if thoughts.is_empty() {
        let said = ["reasoning_content", "reasoning", "thinking", "tool_plan", "reasoning_details"];
        if let Part::Thought(thought) = part::thought(message.any(&said)) {
            thoughts.push(thought);
        }
    }
    read.reasoning = (!thoughts.is_empty()).then(|| thoughts.join("\n\n"));
    read.settle();
    let is_unknown =
        read.is_empty() && message.members().iter().any(|(name, _)| !KNOWN.contains(&name.as_str()));
    if is_unknown {
        read.content = Some(message.pretty());
        read.part_type = Some("unknown".to_owned());
    }
    Some(read)
}

/// Reads a message with the role of a tool: it is what that returned.
fn returned(message: &Json) -> Message {
    if let Some(outputs) = message.get("outputs").list().first() {
        return Message {
            kind: MessageKind::Function,
            content: Some(outputs.pretty()),
            ..Message::default()
        };
    }
    // Cohere's first version puts the results of several calls into one message.
    let results = message.get("tool_results").list();
    if results.is_empty() {
        return part::result(message);
    }
    let parts = results.iter().map(|result| Message {
        kind: MessageKind::Function,
        name: result.get("call").get("name").owned(),
        content: result.get("outputs").shown(),
        ..Message::default()
    });
    let mut whole = Message { kind: MessageKind::Function, ..Message::default() };
    whole.set_parts(parts.collect());
    whole
}

fn is_result(part: &Json) -> bool {
    matches!(part.get("type").text(), Some("tool-result" | "tool_result"))
        || part.has("functionResponse")
        || part.has("function_response")
}

/// Adds what stands beside the content of a message: calls, pictures, sound, refusals and citations.
fn add_beside(message: &Json, read: &mut Message, thoughts: &mut Vec<String>) {
    read.tool_calls.extend(call::list(message.any(&["tool_calls", "toolCalls"])));
    read.tool_calls.extend(call::read(message.get("function_call")));
    let mut parts = Vec::new();
    for image in message.get("images").list().iter().take(MOST) {
        match image.text() {
            Some(base64) => parts.push(media::picture(base64)),
            None => add(part::read(image), &mut parts, thoughts),
        }
    }
    if message.get("audio").is_object() {
        let sound = Json::object([("type", "audio".into()), ("audio", message.get("audio").clone())]);
        add(part::read(&sound), &mut parts, thoughts);
    }
    if let Some(refusal) = message.get("refusal").filled() {
        parts.push(Message { part_type: Some("refusal".to_owned()), ..Message::of_text(refusal) });
    }
    if !parts.is_empty() {
        read.add_parts(parts);
    }
    let cited = citation::read(message);
    if read.annotations.is_empty() {
        read.annotations = cited;
    }
}

/// Puts a part where it belongs: calls stay between what is said before and after them.
fn add(part: Part, parts: &mut Vec<Message>, thoughts: &mut Vec<String>) {
    match part {
        Part::Shown(part) => parts.push(part),
        Part::Thought(thought) => thoughts.push(thought),
        Part::Call(call) => {
            parts.push(Message {
                kind: MessageKind::FunctionCall,
                tool_calls: vec![call],
                ..Message::default()
            });
        }
        Part::Nothing => {}
    }
}

impl Message {
    /// Takes the content of a message: a text, parts, or one part alone.
    fn take(&mut self, content: &Json, thoughts: &mut Vec<String>) {
        match content {
            Json::Text(text) => self.content = Some(text.clone()),
            Json::Null => {}
            Json::List(list) => {
                let mut parts = Vec::new();
                for one in list.iter().take(MOST) {
                    add(part::read(one), &mut parts, thoughts);
                }
                self.set_parts(parts);
            }
            Json::Object(_) if content.any(&["content", "parts"]).is_list() => {
                self.take(content.any(&["content", "parts"]), thoughts);
            }
            other => {
                let mut parts = Vec::new();
                add(part::read(other), &mut parts, thoughts);
                self.set_parts(parts);
            }
        }
    }

    /// Sets the parts: calls at their end, and one that is nothing but text, are the message's own.
    pub(super) fn set_parts(&mut self, mut parts: Vec<Self>) {
        let is_call = |part: &Self| part.kind == MessageKind::FunctionCall && part.parts.is_empty();
        let said = parts.iter().rposition(|part| !is_call(part)).map_or(0, |last| last + 1);
        self.tool_calls.extend(parts.drain(said..).flat_map(|part| part.tool_calls));
        let is_text = |part: &Self| part.kind == MessageKind::Message && part.part_type.is_none();
        if let [one] = parts.as_mut_slice()
            && is_text(one)
        {
            self.content = one.content.take();
            self.annotations.append(&mut one.annotations);
            return;
        }
        self.parts = parts;
    }

    /// Adds parts behind the content, which becomes a part too.
    fn add_parts(&mut self, parts: Vec<Self>) {
        if let Some(content) = self.content.take().filter(|content| !content.is_empty()) {
            let annotations = std::mem::take(&mut self.annotations);
            self.parts.insert(0, Self { annotations, ..Self::of_text(content) });
        }
        self.parts.extend(parts);
    }

    /// Says what a message is, now that all of it is known.
    fn settle(&mut self) {
        let is_function = |part: &Self| part.kind == MessageKind::Function;
        if let [one] = self.parts.as_mut_slice()
            && (is_function(one) || self.content.is_none())
            && self.tool_calls.is_empty()
            && self.reasoning.is_none()
        {
            let one = std::mem::take(one);
            let annotations = std::mem::take(&mut self.annotations);
            *self = Self {
                id: self.id.take().or(one.id),
                role: self.role.take(),
                name: one.name.or(self.name.take()),
                annotations: if one.annotations.is_empty() { annotations } else { one.annotations },
                ..one
            };
        } else if !self.tool_calls.is_empty() {
            self.kind = MessageKind::FunctionCall;
        } else if !self.parts.is_empty() {
            self.kind = MessageKind::ContentArray;
        }
    }

    /// Returns the text of a message, its calls and marks for what is no text: see [`preview`].
    pub(super) fn in_a_line(&self) -> String {
        preview::of_message(self)
    }
}

/// Returns a role in the words of the schema.
pub(super) fn role_of(role: &str) -> String {
    let lower = role.to_lowercase();
    match lower.as_str() {
        "model" | "chatbot" | "ai" | "bot" => "assistant".to_owned(),
        "human" => "user".to_owned(),
        _ => lower,
    }
}
