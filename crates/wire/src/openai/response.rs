//! What an answer says: model, usage, service tier, and the beginning of its text.

use std::borrow::Cow;

use gatehouse_types::Usage;
use serde::de::{MapAccess, SeqAccess};

use super::charges::is_hosted_tool;
use super::usage::RawUsage;
use crate::facts::{Facts, Reader, note};
use crate::json::{Scalar, Shape, Shaped, read, skip};
use crate::preview::Content;
use crate::transcript::Transcript;

/// An answer, one chunk of a streamed answer, or one event of the responses API.
#[derive(Debug, Default)]
struct Answer<'a> {
    model: Scalar<'a>,
    service_tier: Scalar<'a>,
    /// `None` without `usage`; `Some(None)` with a `usage` that does not validate.
    usage: Option<Option<Usage>>,
    /// Whether `usage` counts what is paid for besides tokens.
    has_fees: bool,
    kind: Scalar<'a>,
    delta: Scalar<'a>,
    said: Said<'a>,
    error: Failure<'a>,
    /// The item that an event of the responses API is about.
    item: Kind<'a>,
    /// The whole answer inside an event of the responses API, or Groq's extension of a chunk.
    inner: Option<Box<Answer<'a>>>,
}

impl<'de: 'a, 'a> Shape<'de> for Answer<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "model" => self.model = map.next_value()?,
            "service_tier" => self.service_tier = map.next_value()?,
            "usage" => {
                let usage: Option<Shaped<RawUsage>> = map.next_value()?;
                if let Some(Shaped(usage)) = usage {
                    self.usage = Some(usage.classes());
                    self.has_fees |= usage.has_fees();
                }
            }
            "type" => self.kind = map.next_value()?,
            "delta" => self.delta = map.next_value()?,
            "choices" | "output" => self.said = map.next_value::<Shaped<Said<'de>>>()?.0,
            "item" => self.item = map.next_value::<Shaped<Kind<'de>>>()?.0,
            "error" => self.error = map.next_value::<Shaped<Failure<'de>>>()?.0,
            "response" | "x_groq" => {
                let inner = map.next_value::<Shaped<Inner<'de>>>()?.0;
                self.inner = Some(Box::new(inner.0));
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// The answer inside an event; it holds no further one.
#[derive(Debug, Default)]
struct Inner<'a>(Answer<'a>);

impl<'de: 'a, 'a> Shape<'de> for Inner<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if matches!(key, "response" | "x_groq") { skip(map) } else { self.0.member(key, map) }
    }
}

/// An object of which only its type matters.
#[derive(Debug, Default)]
struct Kind<'a>(Scalar<'a>);

impl<'de: 'a, 'a> Shape<'de> for Kind<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == "type" {
            self.0 = map.next_value()?;
            return Ok(());
        }
        skip(map)
    }
}

/// The error of an answer: an object with a message, or a string.
#[derive(Debug, Default)]
struct Failure<'a> {
    message: Content<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Failure<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        self.message.text(text);
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "message" => self.message = map.next_value::<Shaped<Content<'de>>>()?.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// What the first choice, or the items of the responses API, say.
#[derive(Debug, Default)]
struct Said<'a> {
    items: Vec<Item<'a>>,
    /// Whether one of all the items is the call of a tool that the provider ran.
    has_hosted_tool: bool,
}

/// How many items or tool calls a preview can be made of.
const MAX_ITEMS: usize = 32;

impl<'de: 'a, 'a> Shape<'de> for Said<'a> {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(item)) = seq.next_element::<Shaped<Item<'de>>>()? else { return Ok(false) };
        self.has_hosted_tool |= item.kind.text().is_some_and(is_hosted_tool);
        let is_other_choice = matches!(item.index, Scalar::Unsigned(1..));
        if !is_other_choice && self.items.len() < MAX_ITEMS {
            self.items.push(item);
        }
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

/// A choice, the message or delta in it, a tool call, or an item of the responses API: their members
/// don't clash, so that one shape reads them all.
#[derive(Debug, Default)]
struct Item<'a> {
    kind: Scalar<'a>,
    index: Scalar<'a>,
    content: Content<'a>,
    name: Scalar<'a>,
    arguments: Content<'a>,
    calls: Vec<Item<'a>>,
}

impl<'de: 'a, 'a> Shape<'de> for Item<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "type" => self.kind = map.next_value()?,
            "index" => self.index = map.next_value()?,
            "message" | "delta" | "function" => {
                let inner = map.next_value::<Shaped<Item<'de>>>()?.0;
                let (kind, index) = (std::mem::take(&mut self.kind), std::mem::take(&mut self.index));
                *self = Item { kind, index, ..inner };
            }
            "content" | "text" | "refusal" => {
                let content = map.next_value::<Shaped<Content<'de>>>()?.0;
                if !content.is_empty() {
                    self.content = content;
                }
            }
            "name" => self.name = map.next_value()?,
            "arguments" => self.arguments = map.next_value::<Shaped<Content<'de>>>()?.0,
            "tool_calls" => self.calls = map.next_value::<Shaped<Calls<'de>>>()?.0.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// The tool calls of a message or delta.
#[derive(Debug, Default)]
struct Calls<'a>(Vec<Item<'a>>);

impl<'de: 'a, 'a> Shape<'de> for Calls<'a> {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(call)) = seq.next_element::<Shaped<Item<'de>>>()? else { return Ok(false) };
        if self.0.len() < MAX_ITEMS {
            self.0.push(call);
        }
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

/// Adds what a choice or an item says.
fn transcribe(item: &Item<'_>, transcript: &mut Transcript) {
    item.content.write(transcript.preview());
    if let Some(name) = item.name.text().filter(|name| !name.is_empty()) {
        transcript.call(name);
    }
    if transcript.is_in_call() {
        item.arguments.write(transcript.preview());
    }
    item.calls.iter().for_each(|call| transcribe(call, transcript));
}

/// Reads answers of OpenAI's dialect.
#[derive(Debug, Default)]
pub(crate) struct OpenAi(Facts);

impl OpenAi {
    fn take(&mut self, answer: Answer<'_>) {
        let facts = &mut self.0;
        let is_text_delta =
            matches!(answer.kind.text(), Some("response.output_text.delta" | "response.refusal.delta"));
        if let Some(text) = answer.delta.text().filter(|_| is_text_delta) {
            facts.transcript.say(text);
        }
        let item = answer.item.0.text();
        facts.has_fees |= answer.has_fees || answer.said.has_hosted_tool || item.is_some_and(is_hosted_tool);
        answer.said.items.iter().for_each(|item| transcribe(item, &mut facts.transcript));
        if let Some(inner) = answer.inner {
            // The end of a stream of events repeats the text that the deltas brought.
            let repeats = !self.0.transcript.is_empty();
            let items = if repeats { Vec::new() } else { inner.said.items };
            let said = Said { items, ..inner.said };
            self.take(Answer { said, inner: None, ..*inner });
        }
        let facts = &mut self.0;
        if facts.transcript.is_empty() {
            answer.error.message.write(facts.transcript.preview());
        }
        if let Some(usage) = answer.usage {
            facts.usage = usage;
        }
        note(&mut facts.model, answer.model);
        note(&mut facts.service_tier, answer.service_tier);
    }
}

impl Reader for OpenAi {
    fn add(&mut self, piece: &[u8]) {
        if let Some(answer) = read::<Answer<'_>>(piece) {
            self.take(answer);
        }
    }

    fn facts(self, _: bool) -> Facts {
        self.0
    }
}
