//! The beginning of what a model said, with the tools that it called.

use std::borrow::Cow;

use serde::de::{MapAccess, SeqAccess};
use serde_json::value::RawValue;

use crate::json::{Scalar, Shape, Shaped, skip};
use crate::preview::{Preview, beginning};

/// How many pieces of one object a transcript can be made of.
const MAX_PIECES: usize = 64;

/// The beginning of an answer's text: `what it said name({"argument":1})`.
#[derive(Debug, Default)]
pub(crate) struct Transcript {
    preview: Preview,
    in_call: bool,
}

impl Transcript {
    /// Adds text.
    pub(crate) fn say(&mut self, text: &str) {
        if !text.is_empty() {
            self.pause();
        }
        self.preview.push(text);
    }

    /// Ends the call that has begun, if one has, for something else to follow.
    pub(crate) fn pause(&mut self) {
        if self.in_call {
            self.end_call();
            self.preview.push(" ");
        }
    }

    /// Begins the call of a tool.
    pub(crate) fn call(&mut self, name: &str) {
        self.end_call();
        self.preview.push(if self.preview.is_empty() { "" } else { " " });
        self.preview.push(name);
        self.preview.push("(");
        self.in_call = true;
    }

    /// Adds to the arguments of the call that has begun, if one has.
    pub(crate) fn argue(&mut self, arguments: &str) {
        if self.in_call {
            self.preview.push(arguments);
        }
    }

    /// Returns whether a call has begun.
    pub(crate) fn is_in_call(&self) -> bool {
        self.in_call
    }

    /// Returns whether nothing was said yet.
    pub(crate) fn is_empty(&self) -> bool {
        self.preview.is_empty()
    }

    /// Returns what is written so far, to be added to.
    pub(crate) fn preview(&mut self) -> &mut Preview {
        &mut self.preview
    }

    /// Adds what an object says.
    pub(crate) fn add(&mut self, speech: &Speech<'_>) {
        for piece in &speech.pieces {
            match piece {
                Piece::Text(text) => self.say(text),
                Piece::Call(name) => self.call(name),
                Piece::Arguments(arguments) => self.argue(arguments),
            }
        }
    }

    fn end_call(&mut self) {
        if std::mem::take(&mut self.in_call) {
            self.preview.push(")");
        }
    }

    /// Returns the text, if there is any.
    pub(crate) fn into_text(mut self) -> Option<String> {
        self.end_call();
        self.preview.into_text()
    }
}

#[derive(Debug)]
enum Piece<'a> {
    Text(Cow<'a, str>),
    Call(Cow<'a, str>),
    Arguments(Cow<'a, str>),
}

/// What a message, a block of it or a change to it says: the dialects' members for that don't clash, so that
/// one shape reads them all.
#[derive(Debug, Default)]
pub(crate) struct Speech<'a> {
    pieces: Vec<Piece<'a>>,
    /// A tool's name and arguments, which come in any order.
    name: Option<Cow<'a, str>>,
    arguments: Option<Cow<'a, str>>,
    /// Whether this is what the model thought, not what it said.
    is_thought: bool,
}

impl<'a> Speech<'a> {
    fn push(&mut self, piece: Piece<'a>) {
        if self.pieces.len() < MAX_PIECES {
            self.pieces.push(piece);
        }
    }

    /// Adds what an inner object says.
    fn extend(&mut self, inner: Self) {
        inner.ended().pieces.into_iter().for_each(|piece| self.push(piece));
    }

    /// Puts the call after the text, and forgets thoughts.
    pub(crate) fn ended(mut self) -> Self {
        if self.is_thought {
            return Self::default();
        }
        if let Some(name) = self.name.take() {
            self.push(Piece::Call(name));
        }
        if let Some(arguments) = self.arguments.take() {
            self.push(Piece::Arguments(arguments));
        }
        self
    }
}

impl<'de: 'a, 'a> Shape<'de> for Speech<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        self.push(Piece::Text(text));
    }

    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(inner)) = seq.next_element::<Shaped<Self>>()? else { return Ok(false) };
        self.extend(inner);
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "text" | "content" | "parts" | "message" | "tool_calls" | "function" | "toolUse"
            | "functionCall" | "function_call" => {
                let inner = map.next_value::<Shaped<Self>>()?.0;
                self.extend(inner);
            }
            "name" => {
                let name: Scalar<'de> = map.next_value()?;
                self.name = name.text().filter(|name| !name.is_empty()).map(kept);
            }
            "input" | "args" | "arguments" | "parameters" | "partial_json" => {
                self.arguments = arguments(map.next_value::<Option<&'de RawValue>>()?);
            }
            "thought" => self.is_thought = map.next_value::<Scalar<'de>>()?.bool() == Some(true),
            _ => skip(map)?,
        }
        Ok(())
    }
}

fn kept<'a>(text: &str) -> Cow<'a, str> {
    Cow::Owned(beginning(text).to_owned())
}

/// Arguments: JSON in a text, or JSON; an empty object is the beginning of what is still to come.
fn arguments<'a>(raw: Option<&'a RawValue>) -> Option<Cow<'a, str>> {
    let raw = raw?.get();
    if raw.starts_with('"') {
        let text = serde_json::from_str::<Scalar<'a>>(raw).ok()?;
        return text.text().map(kept);
    }
    (raw.len() > "{}".len()).then(|| Cow::Owned(compact(beginning(raw))))
}

/// Takes the white space between the parts of JSON away.
fn compact(json: &str) -> String {
    let (mut in_text, mut escaped) = (false, false);
    let is_shown = |character: &char| {
        let is_quote = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        in_text ^= is_quote;
        in_text || !character.is_ascii_whitespace()
    };
    json.chars().filter(is_shown).collect()
}
