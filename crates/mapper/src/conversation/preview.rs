//! What a message says in one line, for lists.

use super::json::Json;
use super::kind::Kind;
use super::schema::{Message, MessageKind, RequestBody, ResponseBody, ToolCall};

/// How many characters a preview has at most.
pub(super) const MAX_CHARS: usize = 1_000;

/// Returns the first characters of a text, in one line.
pub(super) fn line(text: &str) -> String {
    let is_break = |character| matches!(character, '\n' | '\r' | '\t');
    text.chars().take(MAX_CHARS).map(|character| if is_break(character) { ' ' } else { character }).collect()
}

/// Returns the text of the user's last message, else of anybody's, else what is asked without a message.
pub(super) fn of_request(request: &RequestBody) -> String {
    let is_users = |message: &&Message| message.role.as_deref() == Some("user");
    let last = request.messages.iter().rev();
    let said = last.clone().filter(is_users).map(words).find(|text| !text.is_empty());
    let said = said.or_else(|| last.map(of_message).find(|text| !text.is_empty()));
    let asked = || request.prompt.clone().or_else(|| request.input.last().cloned());
    line(&said.or_else(asked).or_else(|| request.instructions.clone()).unwrap_or_default())
}

/// Returns the text of the first answer, or of all that belongs to the only one; that of the error when there is none.
pub(super) fn of_response(response: &ResponseBody, kind: Kind) -> String {
    // What the provider did by itself on the way is no part of the answer.
    let is_own = |message: &&Message| match message.part_type.as_deref() {
        Some(kind) => message.kind != MessageKind::FunctionCall && !kind.starts_with("mcp_"),
        None => true,
    };
    let mut said = response.messages.iter().filter(is_own).map(answered).filter(|text| !text.is_empty());
    let said = if kind.has_choices() {
        said.next().unwrap_or_default()
    } else {
        said.take(MAX_CHARS).collect::<Vec<_>>().join(" ")
    };
    if !said.is_empty() {
        return line(&said);
    }
    line(&response.error.as_ref().and_then(|error| error.message.shown()).unwrap_or_default())
}

/// Returns text, marks for what is none, and the calls of tools, with spaces between them; what tools returned only
/// when nothing else is said.
pub(super) fn of_message(message: &Message) -> String {
    let words = words(message);
    if words.is_empty() { Line::of(message, Texts::Apart, |_| true) } else { words }
}

/// Returns what a message says but for what tools returned.
fn words(message: &Message) -> String {
    Line::of(message, Texts::Apart, is_said)
}

/// Returns the same of an answer, whose texts are pieces of one.
fn answered(message: &Message) -> String {
    let words = Line::of(message, Texts::Joined, is_said);
    if words.is_empty() { Line::of(message, Texts::Joined, |_| true) } else { words }
}

/// Whether a part is neither what a tool returned nor what the provider ran.
fn is_said(part: &Message) -> bool {
    part.kind != MessageKind::Function && part.part_type.as_deref() != Some("executable_code")
}

/// What stands between two texts of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Texts {
    /// A space.
    Apart,
    /// Nothing.
    Joined,
}

/// A line that is made of pieces.
struct Line {
    line: String,
    texts: Texts,
    /// Whether the last piece was text.
    ends_in_text: bool,
}

impl Line {
    fn of(message: &Message, texts: Texts, is_shown: fn(&Message) -> bool) -> String {
        let mut line = Self { line: String::new(), texts, ends_in_text: false };
        line.add(message, is_shown);
        line.line
    }

    fn add(&mut self, message: &Message, is_shown: fn(&Message) -> bool) {
        if !is_shown(message) {
            return;
        }
        match message.kind {
            MessageKind::Image => self.push("[Image]", false),
            MessageKind::File => self.push("[File]", false),
            MessageKind::Audio => self.push("[Audio]", false),
            _ => {}
        }
        let is_document = message.kind == MessageKind::File;
        if let Some(content) =
            message.content.as_deref().filter(|content| !content.is_empty() && !is_document)
        {
            let beginning: String = content.chars().take(MAX_CHARS).collect();
            self.push(&beginning, true);
        }
        message.parts.iter().take(MAX_CHARS).for_each(|part| self.add(part, is_shown));
        message.tool_calls.iter().take(MAX_CHARS).for_each(|call| self.push(&called(call), false));
    }

    fn push(&mut self, piece: &str, is_text: bool) {
        let is_one = is_text && self.ends_in_text && self.texts == Texts::Joined;
        if !self.line.is_empty() && !is_one && !self.line.ends_with(' ') {
            self.line.push(' ');
        }
        self.line.push_str(piece);
        self.ends_in_text = is_text;
    }
}

/// Returns `name({"argument":1})`.
fn called(call: &ToolCall) -> String {
    let arguments = match &call.arguments {
        Json::Object(members) if members.is_empty() => String::new(),
        other => other.shown().unwrap_or_default(),
    };
    format!("{}({arguments})", call.name)
}
