//! What a conversation, an event of one, or the answer of a single model says.

use std::borrow::Cow;

use gatehouse_types::Usage;
use serde::de::{MapAccess, SeqAccess};

use super::usage::{Flat, RawUsage};
use crate::counts::Count;
use crate::facts::{Facts, Reader, note};
use crate::json::{Scalar, Shape, Shaped, read, skip};
use crate::transcript::Speech;

/// How many events stand inside each other.
const MAX_DEPTH: u8 = 3;

/// An answer, an event, what an event holds, or an error.
#[derive(Debug, Default)]
struct Answer<'a> {
    usage: Option<RawUsage>,
    said: Vec<Speech<'a>>,
    failure: Vec<Speech<'a>>,
    flat: Flat,
    /// The numbers of the last event of an invoked model, which are final.
    metrics: Flat,
    /// Why it ended, which only the last event of a single model says.
    stop_reason: Scalar<'a>,
    tier: Kind<'a>,
    /// How fast the model ran, which has prices of its own.
    latency: Latency<'a>,
    images: Images,
    /// Why images were not made.
    filtered: Texts,
    depth: u8,
}

impl<'a> Answer<'a> {
    fn inner<'de: 'a, A: MapAccess<'de>>(&mut self, map: &mut A) -> Result<(), A::Error> {
        if self.depth >= MAX_DEPTH {
            return skip(map);
        }
        let inner = map.next_value::<Shaped<Self>>()?.0;
        self.usage = inner.usage.or(self.usage.take());
        self.said.extend(inner.said);
        if inner.latency.0 != Scalar::Null {
            self.latency = inner.latency;
        }
        if inner.tier.0 != Scalar::Null {
            self.tier = inner.tier;
        }
        self.depth = inner.depth + 1;
        Ok(())
    }
}

impl<'de: 'a, 'a> Shape<'de> for Answer<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "usage" => self.usage = map.next_value::<Option<Shaped<RawUsage>>>()?.map(|usage| usage.0),
            "message" => {
                let message = map.next_value::<Shaped<Message<'de>>>()?.0;
                let said = if message.is_text { &mut self.failure } else { &mut self.said };
                said.push(message.speech.ended());
            }
            "output" | "delta" | "start" | "generation" | "text" | "toolUse" | "content" | "outputs"
            | "outputText" => self.said.push(map.next_value::<Shaped<Speech<'de>>>()?.0.ended()),
            "contentBlockStart" | "contentBlockDelta" | "metadata" => self.inner(map)?,
            "results" => {
                let results = map.next_value::<Shaped<Results<'de>>>()?.0;
                self.said.extend(results.said);
                self.flat.output = results.tokens;
            }
            "inputTextTokenCount" | "prompt_token_count" => {
                self.flat.input = map.next_value::<Scalar<'de>>()?.into();
            }
            "generation_token_count" | "totalOutputTextTokenCount" => {
                self.flat.output = map.next_value::<Scalar<'de>>()?.into();
            }
            "amazon-bedrock-invocationMetrics" => self.metrics = map.next_value::<Shaped<Flat>>()?.0,
            "stop_reason" | "completionReason" => self.stop_reason = map.next_value()?,
            "serviceTier" => self.tier = map.next_value::<Shaped<Kind<'de>>>()?.0,
            "performanceConfig" => self.latency = map.next_value::<Shaped<Latency<'de>>>()?.0,
            "images" | "artifacts" => self.images = map.next_value::<Shaped<Images>>()?.0,
            "finish_reasons" => self.filtered = map.next_value::<Shaped<Texts>>()?.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// A message of the model, or the text of an error.
#[derive(Debug, Default)]
struct Message<'a> {
    speech: Speech<'a>,
    is_text: bool,
}

impl<'de: 'a, 'a> Shape<'de> for Message<'a> {
    fn text(&mut self, text: Cow<'de, str>) {
        self.is_text = true;
        self.speech.text(text);
    }

    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        self.speech.element(seq)
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.speech.member(key, map)
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

/// An object of which only `latency` matters.
#[derive(Debug, Default)]
struct Latency<'a>(Scalar<'a>);

impl<'de: 'a, 'a> Shape<'de> for Latency<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == "latency" {
            self.0 = map.next_value()?;
            return Ok(());
        }
        skip(map)
    }
}

/// How many images there are: as texts, or as the artifacts of older models that were finished.
#[derive(Clone, Copy, Debug, Default)]
struct Images(u64);

impl<'de> Shape<'de> for Images {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(image)) = seq.next_element::<Shaped<Image>>()? else { return Ok(false) };
        self.0 += u64::from(image.is_made && !image.is_filtered);
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

#[derive(Debug, Default)]
struct Image {
    is_made: bool,
    is_filtered: bool,
}

impl<'de> Shape<'de> for Image {
    fn text(&mut self, text: Cow<'de, str>) {
        self.is_made = !text.is_empty();
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "base64" => self.is_made = map.next_value::<Scalar<'de>>()?.text().is_some(),
            "finishReason" => {
                let reason = map.next_value::<Scalar<'de>>()?;
                self.is_filtered = reason.text().is_some_and(|reason| reason != "SUCCESS");
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// How many texts a list has among its elements.
#[derive(Clone, Copy, Debug, Default)]
struct Texts(u64);

impl<'de> Shape<'de> for Texts {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(element) = seq.next_element::<Scalar<'de>>()? else { return Ok(false) };
        self.0 += u64::from(element.text().is_some());
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

/// The results of Titan: `[{"tokenCount":n,"outputText":"…"}]`.
#[derive(Debug, Default)]
struct Results<'a> {
    tokens: Count,
    said: Option<Speech<'a>>,
}

impl<'de: 'a, 'a> Shape<'de> for Results<'a> {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(result)) = seq.next_element::<Shaped<One<'de>>>()? else { return Ok(false) };
        self.tokens.add(result.tokens);
        self.said.get_or_insert(result.said);
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

#[derive(Debug, Default)]
struct One<'a> {
    tokens: Count,
    said: Speech<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for One<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "tokenCount" => self.tokens = map.next_value::<Scalar<'de>>()?.into(),
            "outputText" => self.said = map.next_value::<Shaped<Speech<'de>>>()?.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// Reads Bedrock's answers.
#[derive(Debug, Default)]
pub(crate) struct Bedrock {
    facts: Facts,
    flat: Flat,
    metrics: Flat,
    /// Whether the flat counts are those of the end.
    is_final: bool,
}

impl Reader for Bedrock {
    fn add(&mut self, piece: &[u8]) {
        let Some(answer) = read::<Answer<'_>>(piece) else { return };
        let facts = &mut self.facts;
        answer.said.iter().for_each(|said| facts.transcript.add(said));
        if facts.transcript.is_empty() {
            answer.failure.iter().for_each(|said| facts.transcript.add(said));
        }
        if let Some(usage) = answer.usage {
            facts.usage = usage.classes();
            facts.has_fees |= usage.has_fees();
        }
        self.flat.replace(answer.flat);
        self.metrics.replace(answer.metrics);
        self.is_final |= answer.stop_reason.text().is_some();
        let made = answer.images.0.saturating_sub(answer.filtered.0);
        if made > 0 && facts.usage.is_none() {
            facts.usage = Some(Usage { images: Some(made), ..Usage::default() });
        }
        note(&mut facts.service_tier, answer.tier.0);
        if answer.latency.0.text() == Some("optimized") {
            note(&mut facts.service_tier, answer.latency.0);
        }
    }

    fn facts(self, is_stream: bool) -> Facts {
        let flat = self.flat.classes().filter(|_| self.is_final || !is_stream);
        let usage = self.facts.usage.or(self.metrics.classes()).or(flat);
        Facts { usage, ..self.facts }
    }
}
