//! Where the text of a request is, and writing it back changed.

use serde_json::Value;

use crate::edit::spans::{self, Member, Span, Splices};
use crate::request_size::output_limit;

/// The members that hold a list of messages, and the members that hold such a message's text.
const LISTS: [&str; 3] = ["messages", "input", "contents"];
const CONTENTS: [&str; 2] = ["content", "parts"];
/// The members that are text themselves.
const PROMPTS: [&str; 2] = ["input", "prompt"];
/// The members that count, but are never shortened.
const FIXED: [&str; 5] = ["tools", "system", "instructions", "systemInstruction", "system_instruction"];
/// The members of a message that nothing refers to, and the roles of such messages.
const PLAIN_MEMBERS: [&str; 5] = ["role", "content", "parts", "name", "type"];
const PLAIN_ROLES: [&str; 5] = ["user", "assistant", "system", "developer", "model"];

/// A request as far as it matters here.
#[derive(Debug)]
pub(super) struct Request<'a> {
    text: &'a str,
    /// What `model` says; empty when it says nothing.
    pub(super) model: String,
    /// How many tokens the answer may take, when the request says so.
    pub(super) output_limit: Option<u64>,
    /// Everything that may be shortened, in the order of the body.
    pub(super) passages: Vec<Passage>,
    messages: Vec<Message>,
    fixed_chars: u64,
}

/// A string of the request.
#[derive(Debug)]
pub(super) struct Passage {
    pub(super) text: String,
    span: Span,
    place: Option<Place>,
}

/// Where in a list of messages a passage is.
#[derive(Clone, Copy, Debug)]
struct Place {
    message: usize,
    /// The part of the message; `None` when the message is all text.
    part: Option<usize>,
}

#[derive(Debug)]
struct Message {
    span: Span,
    parts: Vec<Span>,
    /// Whether it can be left out without leaving others alone.
    is_plain: bool,
}

/// What becomes of a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum New {
    /// It stays as it is.
    Same,
    /// It says something else.
    Text(String),
    /// Nothing is left of it.
    Gone,
}

impl<'a> Request<'a> {
    /// Reads a body; `None` when it is not a JSON object.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        let members = spans::members(text, Span::whole(text))?;
        let fixed = FIXED.iter().filter_map(|name| spans::last(&members, name));
        let mut request = Self {
            text,
            model: spans::last(&members, "model")
                .and_then(|model| spans::string(text, model))
                .unwrap_or_default(),
            output_limit: output_limit(text, &members),
            passages: Vec::new(),
            messages: Vec::new(),
            fixed_chars: fixed.map(|span| chars(span.of(text))).sum(),
        };
        let list = LISTS.iter().find_map(|name| spans::elements(text, spans::last(&members, name)?));
        if let Some(messages) = list {
            messages.into_iter().for_each(|message| request.add_message(message));
        } else if let Some(prompt) = PROMPTS.iter().find_map(|name| spans::last(&members, name)) {
            request.add_passage(prompt, None);
        }
        Some(request)
    }

    /// Returns how many characters count.
    pub(super) fn chars(&self) -> u64 {
        self.fixed_chars + self.passages.iter().map(|passage| chars(&passage.text)).sum::<u64>()
    }

    /// Returns how many of the characters can't be taken away.
    pub(super) fn fixed_chars(&self) -> u64 {
        self.fixed_chars
    }

    /// Returns the body with `new`, one for each passage; `None` when that is nothing new.
    pub(super) fn with(&self, new: Vec<New>) -> Option<Vec<u8>> {
        let mut splices = Splices::new(self.text);
        let new: Vec<(&Passage, New)> = self.passages.iter().zip(new).collect();
        let dropped: Vec<bool> =
            (0..self.messages.len()).map(|message| self.is_dropped(message, &new)).collect();
        let gaps = gaps(&self.messages.iter().map(|message| message.span).collect::<Vec<_>>(), &dropped);
        for (passage, new) in new.iter().filter(|(passage, _)| passage.place.is_none()) {
            write(&mut splices, passage.span, new);
        }
        for (at, (message, gap)) in self.messages.iter().zip(gaps).enumerate() {
            match gap {
                Some(gap) => splices.replace(gap, String::new()),
                None => message.write(&mut splices, &of_message(at, &new)),
            }
        }
        (!splices.is_empty()).then(|| splices.into_bytes())
    }

    fn add_message(&mut self, span: Span) {
        let (at, text) = (self.messages.len(), self.text);
        let members = spans::members(text, span).unwrap_or_default();
        let is_plain = is_plain(text, &members);
        let content = CONTENTS.iter().find_map(|name| spans::last(&members, name));
        let parts = content.and_then(|content| spans::elements(text, content)).unwrap_or_default();
        for (part, span) in parts.iter().enumerate() {
            let words = spans::members(text, *span).and_then(|members| spans::last(&members, "text"));
            if let Some(words) = words {
                self.add_passage(words, Some(Place { message: at, part: Some(part) }));
            }
        }
        if let Some(content) = content {
            self.add_passage(content, Some(Place { message: at, part: None }));
        }
        self.messages.push(Message { span, parts, is_plain });
    }

    /// Adds the passage at `span` if a string is there.
    fn add_passage(&mut self, span: Span, place: Option<Place>) {
        if let Some(text) = spans::string(self.text, span) {
            self.passages.push(Passage { text, span, place });
        }
    }

    /// Returns whether nothing is left of a message, and nothing is missing without it.
    fn is_dropped(&self, message: usize, new: &[(&Passage, New)]) -> bool {
        let passages = of_message(message, new);
        let is_gone = !passages.is_empty() && passages.iter().all(|(_, new)| *new == New::Gone);
        let has_more = |message: &Message| message.parts.len() > passages.len();
        self.messages.get(message).is_some_and(|message| is_gone && message.is_plain && !has_more(message))
    }
}

impl Message {
    /// Writes what becomes of the passages of a message that stays.
    fn write(&self, splices: &mut Splices<'_>, passages: &[&(&Passage, New)]) {
        let is_gone = |part| {
            let is_it = |passage: &Passage| passage.place.is_some_and(|place| place.part == Some(part));
            passages.iter().any(|(passage, new)| is_it(passage) && *new == New::Gone)
        };
        let dropped: Vec<bool> = (0..self.parts.len()).map(is_gone).collect();
        // A message without any part is not one.
        let dropped = if dropped.contains(&false) { dropped } else { vec![false; self.parts.len()] };
        let gaps = gaps(&self.parts, &dropped);
        for (passage, new) in passages {
            let part = passage.place.and_then(|place| place.part);
            match part.and_then(|part| gaps.get(part).copied().flatten()) {
                Some(gap) => splices.replace(gap, String::new()),
                None => write(splices, passage.span, new),
            }
        }
    }
}

/// Returns the passages of a message.
fn of_message<'n, 'p>(message: usize, new: &'n [(&'p Passage, New)]) -> Vec<&'n (&'p Passage, New)> {
    let start = new.partition_point(|(passage, _)| passage.place.is_none_or(|place| place.message < message));
    let rest = new.get(start..).unwrap_or_default().iter();
    rest.take_while(|(passage, _)| passage.place.is_some_and(|place| place.message == message)).collect()
}

/// Writes what becomes of a string that stays where it is.
fn write(splices: &mut Splices<'_>, span: Span, new: &New) {
    match new {
        New::Same => {}
        New::Text(text) => splices.replace(span, Value::from(text.as_str()).to_string()),
        New::Gone => splices.replace(span, "\"\"".to_owned()),
    }
}

/// Returns, for each element of an array that is dropped, what is to be taken out so that the commas are
/// right.
fn gaps(elements: &[Span], dropped: &[bool]) -> Vec<Option<Span>> {
    let mut kept_one = false;
    let mut last_end = None;
    let mut gaps = Vec::with_capacity(elements.len());
    for (at, (element, is_dropped)) in elements.iter().zip(dropped).enumerate() {
        let to_next = elements.get(at + 1).map_or(element.end, |next| next.start);
        let gap = match last_end {
            Some(end) if kept_one => Span { start: end, end: element.end },
            _ => Span { start: element.start, end: to_next },
        };
        gaps.push(is_dropped.then_some(gap));
        kept_one |= !is_dropped;
        last_end = Some(element.end);
    }
    gaps
}

/// Returns whether a message of these members can be left out.
fn is_plain(text: &str, members: &[Member]) -> bool {
    let role = spans::last(members, "role").and_then(|role| spans::string(text, role));
    role.is_some_and(|role| PLAIN_ROLES.contains(&role.as_str()))
        && members.iter().all(|member| PLAIN_MEMBERS.contains(&member.key.as_str()))
}

fn chars(text: &str) -> u64 {
    text.chars().count() as u64
}
