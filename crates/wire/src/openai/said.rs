//! What the choices of a chat, or the items of the responses API, say, and what they are charged for.

use gatehouse_types::NanoUsd;
use serde::de::{MapAccess, SeqAccess};

use super::charges::{Charge, Routed};
use crate::json::{Scalar, Shape, Shaped, skip};
use crate::preview::Content;
use crate::transcript::Transcript;

/// How many items or tool calls a preview can be made of.
const MAX_ITEMS: usize = 32;
/// How many choices are told apart.
const MAX_CHOICES: u64 = 64;

/// What the first choice, or the items of the responses API, say.
#[derive(Debug, Default)]
pub(crate) struct Said<'a> {
    pub(crate) items: Vec<Item<'a>>,
    /// How many of all the items are searches of the web.
    pub(crate) web_searches: u64,
    /// Whether one of them is charged for in a way that is not counted.
    pub(crate) has_fees: bool,
    /// What the gateway between says that it cost.
    pub(crate) cost: Option<NanoUsd>,
    /// The choices that are there, and those of them that have ended, as sets of bits.
    pub(crate) choices: u64,
    pub(crate) ended: u64,
}

impl<'de: 'a, 'a> Shape<'de> for Said<'a> {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(item)) = seq.next_element::<Shaped<Item<'de>>>()? else { return Ok(false) };
        let charge = item.charge();
        self.web_searches += u64::from(charge == Charge::Search);
        self.has_fees |= charge == Charge::Other;
        self.cost = item.cost.or(self.cost);
        let index = if let Scalar::Unsigned(index) = item.index { index } else { 0 };
        self.choices |= 1 << (index % MAX_CHOICES);
        if !matches!(item.finish_reason, Scalar::Null) {
            self.ended |= 1 << (index % MAX_CHOICES);
        }
        if index == 0 && self.items.len() < MAX_ITEMS {
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
pub(crate) struct Item<'a> {
    kind: Scalar<'a>,
    index: Scalar<'a>,
    finish_reason: Scalar<'a>,
    status: Scalar<'a>,
    action: Kind<'a>,
    content: Content<'a>,
    name: Scalar<'a>,
    arguments: Content<'a>,
    calls: Vec<Item<'a>>,
    cost: Option<NanoUsd>,
}

impl<'de: 'a, 'a> Shape<'de> for Item<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "type" => self.kind = map.next_value()?,
            "index" => self.index = map.next_value()?,
            "finish_reason" => self.finish_reason = map.next_value()?,
            "status" => self.status = map.next_value()?,
            "action" => self.action = map.next_value::<Shaped<Kind<'de>>>()?.0,
            "message" | "delta" | "function" => {
                let inner = map.next_value::<Shaped<Item<'de>>>()?.0;
                *self = Item {
                    kind: std::mem::take(&mut self.kind),
                    index: std::mem::take(&mut self.index),
                    finish_reason: std::mem::take(&mut self.finish_reason),
                    cost: inner.cost.or(self.cost),
                    ..inner
                };
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
            "provider_metadata" | "providerMetadata" => {
                self.cost = map.next_value::<Shaped<Routed>>()?.0.0.or(self.cost);
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Item<'_> {
    /// Returns what the item is charged for.
    pub(crate) fn charge(&self) -> Charge {
        let Some(kind) = self.kind.text() else { return Charge::None };
        Charge::of(kind, self.action.0.text(), self.status.text())
    }

    /// Adds what the item says.
    pub(crate) fn transcribe(&self, transcript: &mut Transcript) {
        if !self.content.is_empty() {
            transcript.pause();
            self.content.write(transcript.preview());
        }
        if let Some(name) = self.name.text().filter(|name| !name.is_empty()) {
            transcript.call(name);
        }
        if transcript.is_in_call() {
            self.arguments.write(transcript.preview());
        }
        self.calls.iter().for_each(|call| call.transcribe(transcript));
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

/// An object of which only its type matters.
#[derive(Debug, Default)]
pub(crate) struct Kind<'a>(pub(crate) Scalar<'a>);

impl<'de: 'a, 'a> Shape<'de> for Kind<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == "type" {
            self.0 = map.next_value()?;
            return Ok(());
        }
        skip(map)
    }
}
