//! Where the parts of a JSON text are, and replacing some of them.

use std::fmt;

use memchr::{memchr, memchr2};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// A part of a text, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A member of an object.
#[derive(Debug)]
pub(crate) struct Member {
    /// Its name, with the escapes resolved.
    pub(crate) key: String,
    /// Where its value is, without the blanks around it.
    pub(crate) value: Span,
}

impl Span {
    /// Returns the span of all of `text`.
    pub(crate) fn whole(text: &str) -> Self {
        Self { start: 0, end: text.len() }
    }

    /// Returns the part of `text`.
    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.start..self.end).unwrap_or_default()
    }

    /// Finds `part`, which was taken out of `text`.
    fn find(part: &str, text: &str) -> Self {
        let start = part.as_ptr().addr().saturating_sub(text.as_ptr().addr());
        Self { start, end: start + part.len() }
    }
}

/// Returns the members of the object at `span`, in order; `None` when no valid object is there.
pub(crate) fn members(text: &str, span: Span) -> Option<Vec<Member>> {
    let Members(members) = serde_json::from_str(span.of(text)).ok()?;
    let member = |(key, value): (String, &RawValue)| Member { key, value: Span::find(value.get(), text) };
    Some(members.into_iter().map(member).collect())
}

/// Returns the elements of the array at `span`, in order; `None` when no valid array is there.
pub(crate) fn elements(text: &str, span: Span) -> Option<Vec<Span>> {
    let elements: Vec<&RawValue> = serde_json::from_str(span.of(text)).ok()?;
    Some(elements.into_iter().map(|element| Span::find(element.get(), text)).collect())
}

/// Returns the value of the last member of that name, which is the one that most parsers take.
pub(crate) fn last(members: &[Member], name: &str) -> Option<Span> {
    members.iter().rfind(|member| member.key == name).map(|member| member.value)
}

/// Returns the string at `span` with its escapes resolved; `None` when something else is there.
pub(crate) fn string(text: &str, span: Span) -> Option<String> {
    serde_json::from_str(span.of(text)).ok()
}

/// Returns what stands between the quotes of every string of a valid JSON text, names of members among them.
pub(crate) fn strings(text: &str) -> impl Iterator<Item = Span> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let bytes = text.as_bytes();
        let start = at + memchr(b'"', bytes.get(at..)?)? + 1;
        let mut end = start;
        loop {
            end += memchr2(b'"', b'\\', bytes.get(end..)?)?;
            if bytes.get(end) == Some(&b'"') {
                break;
            }
            // An escape: the character behind it ends nothing.
            end += 2;
        }
        at = end + 1;
        Some(Span { start, end })
    })
}

/// Returns the place behind the opening bracket of the object at `span`.
pub(crate) fn after_opening(text: &str, span: Span) -> usize {
    let written = span.of(text);
    span.start + (written.len() - written.trim_start().len()) + 1
}

/// A text and what is to be replaced in it.
#[derive(Debug)]
pub(crate) struct Splices<'a> {
    text: &'a str,
    /// In the order of the text, without overlaps.
    new: Vec<(Span, String)>,
    /// How many bytes may still be put in; `None` once there were more.
    room: Option<usize>,
}

impl<'a> Splices<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self::bounded(text, usize::MAX)
    }

    /// Takes no more than `room` bytes of new text.
    pub(crate) fn bounded(text: &'a str, room: usize) -> Self {
        Self { text, new: Vec::new(), room: Some(room) }
    }

    /// Returns the text as it was.
    pub(crate) fn text(&self) -> &'a str {
        self.text
    }

    /// Puts `with` in the place of `span`, which lies behind everything replaced so far.
    pub(crate) fn replace(&mut self, span: Span, with: String) {
        self.room = self.room.and_then(|room| room.checked_sub(with.len()));
        if self.room.is_some() {
            self.new.push((span, with));
        }
    }

    /// Returns whether there was more new text than there was room for; what is there then is not all of it.
    pub(crate) fn is_overfull(&self) -> bool {
        self.room.is_none()
    }

    /// Returns whether nothing is replaced.
    pub(crate) fn is_empty(&self) -> bool {
        self.new.is_empty()
    }

    /// Returns the new text.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        let added: usize = self.new.iter().map(|(_, with)| with.len()).sum();
        let mut bytes = Vec::with_capacity(self.text.len() + added);
        let mut at = 0;
        for (span, with) in &self.new {
            bytes.extend_from_slice(Span { start: at, end: span.start }.of(self.text).as_bytes());
            bytes.extend_from_slice(with.as_bytes());
            at = span.end;
        }
        bytes.extend_from_slice(Span { start: at, end: self.text.len() }.of(self.text).as_bytes());
        bytes
    }
}

/// All members of an object, repeated ones too.
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor).map(Self)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = map.next_entry()? {
            members.push(member);
        }
        Ok(members)
    }
}
