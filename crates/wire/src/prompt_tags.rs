//! The tags by which older prompts mark their inputs: `Helicone-Prompt-Id` without a stored prompt.
//!
//! `Hello <helicone-prompt-input key="name">Ada</helicone-prompt-input>!` is sent as `Hello Ada!`, and `name`
//! is recorded as `Ada`. `<helicone-auto-prompt-input idx=0>…</helicone-auto-prompt-input>` marks an input
//! without a name. Tags are found in the strings of a JSON body however they are escaped there, as long as
//! their letters are not. Every byte that is not part of a tag stays as it is.

mod literal;

use std::collections::BTreeMap;

use memchr::memmem;
use serde::de::IgnoredAny;

use crate::edit::spans::{self, Span, Splices};
use literal::Literal;

/// What both kinds of tags have in their names.
const IN_ALL_TAGS: &str = "prompt-input";
/// The longest name of an input, in bytes.
const MOST_KEY_BYTES: usize = 1_000;

/// A body without its tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Untagged {
    /// What is sent.
    pub body: Vec<u8>,
    /// The inputs by their names; of one that occurs again the last value.
    pub inputs: BTreeMap<String, String>,
    /// The inputs without a name, by their numbers.
    pub auto_inputs: BTreeMap<u32, String>,
}

/// Takes the tags out of a JSON body; `None` when there are none, or when it is not JSON in UTF-8.
///
/// A tag that is not closed in the same string is none, and tags don't nest: what stands between two of them
/// stays as it is. The time is linear in the body's length.
pub fn without_tags(body: &[u8]) -> Option<Untagged> {
    memmem::find(body, IN_ALL_TAGS.as_bytes())?;
    let text = std::str::from_utf8(body).ok()?;
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let mut splices = Splices::new(text);
    let (mut inputs, mut auto_inputs) = (BTreeMap::new(), BTreeMap::new());
    for span in spans::strings(text).filter(|span| span.of(text).contains(IN_ALL_TAGS)) {
        let literal = Literal::read(text, span);
        for input in Inputs::of(&literal.text) {
            splices.replace(literal.written(input.opening), String::new());
            splices.replace(literal.written(input.closing), String::new());
            let value = Span { start: input.opening.end, end: input.closing.start };
            let value = value.of(&literal.text).to_owned();
            match input.name {
                Name::Key(key) => drop(inputs.insert(key.to_owned(), value)),
                Name::Index(index) => drop(auto_inputs.insert(index, value)),
            }
        }
    }
    (!splices.is_empty()).then(|| Untagged { body: splices.into_bytes(), inputs, auto_inputs })
}

/// A kind of tag.
struct Kind {
    opening: &'static str,
    closing: &'static str,
    /// Reads what follows on the name in an opening tag, up to its end; with what is behind.
    attribute: fn(&str) -> Option<(Name<'_>, &str)>,
}

const KINDS: [Kind; 2] = [
    Kind { opening: "<helicone-prompt-input", closing: "</helicone-prompt-input>", attribute: key },
    Kind {
        opening: "<helicone-auto-prompt-input",
        closing: "</helicone-auto-prompt-input>",
        attribute: index,
    },
];

/// How an input is called.
#[derive(Clone, Copy)]
enum Name<'a> {
    Key(&'a str),
    Index(u32),
}

/// A pair of tags.
struct Input<'a> {
    name: Name<'a>,
    opening: Span,
    closing: Span,
}

/// The pairs of tags in a text, in order.
struct Inputs<'a> {
    text: &'a str,
    at: usize,
    /// The kinds of which there may be more.
    kinds: Vec<&'static Kind>,
}

impl<'a> Inputs<'a> {
    fn of(text: &'a str) -> Self {
        Self { text, at: 0, kinds: KINDS.iter().collect() }
    }

    /// Returns the text from `at` on.
    fn from(&self, at: usize) -> &'a str {
        Span { start: at, end: self.text.len() }.of(self.text)
    }

    /// Returns the next opening tag of a kind that is still looked for: its kind, and where its name ends.
    fn next_opening(&mut self) -> Option<(&'static Kind, usize, usize)> {
        let rest = self.from(self.at);
        let (found, kind) = rest.match_indices("<helicone-").find_map(|(found, _)| {
            let tag = rest.get(found..)?;
            Some((found, *self.kinds.iter().find(|kind| tag.starts_with(kind.opening))?))
        })?;
        let start = self.at + found;
        Some((kind, start, start + kind.opening.len()))
    }
}

impl<'a> Iterator for Inputs<'a> {
    type Item = Input<'a>;

    fn next(&mut self) -> Option<Input<'a>> {
        loop {
            let (kind, start, name_end) = self.next_opening()?;
            self.at = name_end;
            let Some((name, behind)) = (kind.attribute)(self.from(name_end)) else { continue };
            let Some(length) = behind.find(kind.closing) else {
                // Nor is any later tag of this kind closed.
                self.kinds.retain(|other| other.opening != kind.opening);
                continue;
            };
            let opening = Span { start, end: self.text.len() - behind.len() };
            let closing =
                Span { start: opening.end + length, end: opening.end + length + kind.closing.len() };
            self.at = closing.end;
            return Some(Input { name, opening, closing });
        }
    }
}

/// Reads ` key="…">`.
fn key(text: &str) -> Option<(Name<'_>, &str)> {
    let value = text.trim_start().strip_prefix("key=\"")?;
    let end = memchr::memchr(b'"', value.as_bytes().get(..MOST_KEY_BYTES).unwrap_or(value.as_bytes()))?;
    let (key, rest) = value.split_at_checked(end)?;
    Some((Name::Key(key), rest.strip_prefix('"')?.trim_start().strip_prefix('>')?))
}

/// Reads ` idx=…>`.
fn index(text: &str) -> Option<(Name<'_>, &str)> {
    let value = text.trim_start().strip_prefix("idx=")?;
    let end = value.bytes().take_while(u8::is_ascii_digit).take(MOST_KEY_BYTES).count();
    let (digits, rest) = value.split_at_checked(end)?;
    Some((Name::Index(digits.parse().ok()?), rest.trim_start().strip_prefix('>')?))
}

#[cfg(test)]
mod tests;
