//! What a message says: model, usage, tier, and the beginning of its text.

use serde::de::MapAccess;

use super::usage::{Counters, RawUsage};
use crate::counts::Count;
use crate::facts::{Facts, Reader, note};
use crate::json::{Scalar, Shape, Shaped, read, skip};
use crate::transcript::Speech;

/// A message, one event of a streamed one, nothing but counts, or an error.
#[derive(Debug, Default)]
struct Event<'a> {
    kind: Scalar<'a>,
    model: Scalar<'a>,
    usage: Option<RawUsage<'a>>,
    said: Speech<'a>,
    failure: Speech<'a>,
    stop_reason: Scalar<'a>,
    /// The counts of an answer that is nothing but counts.
    input: Count,
    output: Count,
    /// The message inside the first event.
    message: Option<Box<Event<'a>>>,
}

impl<'de: 'a, 'a> Shape<'de> for Event<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "type" => self.kind = map.next_value()?,
            "model" => self.model = map.next_value()?,
            "usage" => self.usage = map.next_value::<Option<Shaped<RawUsage<'de>>>>()?.map(|usage| usage.0),
            "content" | "content_block" | "completion" => {
                self.said = map.next_value::<Shaped<Speech<'de>>>()?.0.ended();
            }
            "delta" => {
                let delta = map.next_value::<Shaped<Delta<'de>>>()?.0;
                (self.said, self.stop_reason) = (delta.said.ended(), delta.stop_reason);
            }
            "error" => self.failure = map.next_value::<Shaped<Speech<'de>>>()?.0.ended(),
            "input_tokens" => self.input = map.next_value::<Scalar<'de>>()?.into(),
            "output_tokens" => self.output = map.next_value::<Scalar<'de>>()?.into(),
            "message" => {
                let message = map.next_value::<Shaped<Message<'de>>>()?.0;
                self.message = Some(Box::new(message.0));
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// The message inside an event; it holds no further one.
#[derive(Debug, Default)]
struct Message<'a>(Event<'a>);

impl<'de: 'a, 'a> Shape<'de> for Message<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == "message" { skip(map) } else { self.0.member(key, map) }
    }
}

/// What an event adds to a block, or to the message.
#[derive(Debug, Default)]
struct Delta<'a> {
    said: Speech<'a>,
    stop_reason: Scalar<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Delta<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == "stop_reason" {
            self.stop_reason = map.next_value()?;
            return Ok(());
        }
        self.said.member(key, map)
    }
}

/// Reads Anthropic's answers.
#[derive(Debug, Default)]
pub(crate) struct Anthropic {
    facts: Facts,
    counters: Counters,
    /// Whether the event that has the final counts was there: the first event's output is only begun.
    is_final: bool,
}

impl Anthropic {
    fn take(&mut self, event: &Event<'_>) {
        self.facts.transcript.add(&event.said);
        if self.facts.transcript.is_empty() {
            self.facts.transcript.add(&event.failure);
        }
        if let Some(usage) = &event.usage {
            self.counters.merge(usage);
        } else if event.output != Count::Absent {
            // Without an output the tokens were only counted, and nothing was used.
            self.counters.merge(&RawUsage::of(event.input, event.output));
        }
        let is_end = event.kind.text() == Some("message_delta") && event.stop_reason.text().is_some();
        self.is_final |= is_end && event.usage.is_some();
    }
}

impl Reader for Anthropic {
    fn add(&mut self, piece: &[u8]) {
        let Some(mut event) = read::<Event<'_>>(piece) else { return };
        let message = event.message.take();
        for mut event in message.map(|message| *message).into_iter().chain([event]) {
            self.take(&event);
            note(&mut self.facts.model, std::mem::take(&mut event.model));
            if let Some(usage) = event.usage {
                note(&mut self.facts.service_tier, usage.service_tier);
            }
        }
    }

    fn facts(self, is_stream: bool) -> Facts {
        let usage = self.counters.classes().filter(|_| self.is_final || !is_stream);
        Facts { usage, has_fees: self.counters.has_fees, ..self.facts }
    }
}
