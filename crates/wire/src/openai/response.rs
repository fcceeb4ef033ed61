//! What an answer says: model, usage, service tier, and the beginning of its text.

use std::borrow::Cow;

use gatehouse_types::{Observed, Usage};
use serde::de::{MapAccess, SeqAccess};

use super::charges::is_hosted_tool;
use super::json::{Scalar, Shape, Shaped, read, skip};
use super::preview::{Content, Preview};
use super::usage::RawUsage;
use crate::sse::SseDecoder;

/// An answer, one chunk of a streamed answer, or one event of the responses API.
#[derive(Debug, Default)]
struct Answer<'a> {
    model: Scalar<'a>,
    service_tier: Scalar<'a>,
    /// `None` without `usage`; `Some(None)` with a `usage` that does not validate.
    usage: Option<Option<Usage>>,
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
                self.usage = usage.map(|usage| usage.0.classes()).or(self.usage);
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

/// The beginning of an answer's text: `what it said name({"argument":1})`.
#[derive(Debug, Default)]
struct Transcript {
    preview: Preview,
    in_call: bool,
}

impl Transcript {
    fn add(&mut self, item: &Item<'_>) {
        item.content.write(&mut self.preview);
        if let Some(name) = item.name.text().filter(|name| !name.is_empty()) {
            self.end_call();
            self.preview.push(if self.preview.is_empty() { "" } else { " " });
            self.preview.push(name);
            self.preview.push("(");
            self.in_call = true;
        }
        if self.in_call {
            item.arguments.write(&mut self.preview);
        }
        item.calls.iter().for_each(|call| self.add(call));
    }

    fn end_call(&mut self) {
        if std::mem::take(&mut self.in_call) {
            self.preview.push(")");
        }
    }

    fn into_text(mut self) -> Option<String> {
        self.end_call();
        self.preview.into_text()
    }
}

/// What the chunks of an answer add up to.
#[derive(Debug, Default)]
struct Facts {
    model: Option<String>,
    service_tier: Option<String>,
    usage: Option<Usage>,
    has_hosted_tool: bool,
    transcript: Transcript,
}

impl Facts {
    fn add(&mut self, answer: Answer<'_>) {
        let is_text_delta =
            matches!(answer.kind.text(), Some("response.output_text.delta" | "response.refusal.delta"));
        if let Some(text) = answer.delta.text().filter(|_| is_text_delta) {
            self.transcript.preview.push(text);
        }
        let item = answer.item.0.text();
        self.has_hosted_tool |= answer.said.has_hosted_tool || item.is_some_and(is_hosted_tool);
        answer.said.items.iter().for_each(|item| self.transcript.add(item));
        if let Some(inner) = answer.inner {
            // The end of a stream of events repeats the text that the deltas brought.
            let repeats = !self.transcript.preview.is_empty();
            let items = if repeats { Vec::new() } else { inner.said.items };
            let said = Said { items, ..inner.said };
            self.add(Answer { said, inner: None, ..*inner });
        }
        if self.transcript.preview.is_empty() {
            answer.error.message.write(&mut self.transcript.preview);
        }
        if let Some(usage) = answer.usage {
            self.usage = usage;
        }
        note(&mut self.model, answer.model);
        note(&mut self.service_tier, answer.service_tier);
    }

    fn tell(self, observed: &mut Observed) {
        observed.response_model = self.model;
        observed.service_tier = self.service_tier;
        observed.usage = self.usage;
        observed.extra_charges |= self.has_hosted_tool;
        observed.response_preview = self.transcript.into_text();
    }
}

/// Keeps the last value that says something; chunks mostly repeat the one before.
fn note(slot: &mut Option<String>, value: Scalar<'_>) {
    if value.text().is_some_and(|text| slot.as_deref() != Some(text))
        && let Some(text) = value.into_text()
    {
        *slot = Some(text);
    }
}

/// Notes what the answer `body` says.
pub(crate) fn observe_answer(body: &[u8], observed: &mut Observed) {
    let Some(answer) = read::<Answer<'_>>(body) else { return };
    let mut facts = Facts::default();
    facts.add(answer);
    facts.tell(observed);
}

/// Notes what a streamed answer says, whole or not; an event that is not valid JSON is passed over.
pub(crate) fn observe_events(body: &[u8], observed: &mut Observed) {
    let mut facts = Facts::default();
    let mut each = |event: crate::sse::SseEvent<'_>| {
        if let Some(answer) = read::<Answer<'_>>(event.data) {
            facts.add(answer);
        }
    };
    let mut decoder = SseDecoder::new(body.len());
    decoder.push(body, &mut each);
    decoder.finish(&mut each);
    facts.tell(observed);
}
