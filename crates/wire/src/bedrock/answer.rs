//! What a conversation, an event of one, or the answer of a single model says.

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
    flat: Flat,
    /// The numbers of the last event of an invoked model, which are final.
    metrics: Flat,
    /// Why it ended, which only the last event of a single model says.
    stop_reason: Scalar<'a>,
    tier: Kind<'a>,
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
        self.depth = inner.depth + 1;
        Ok(())
    }
}

impl<'de: 'a, 'a> Shape<'de> for Answer<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "usage" => self.usage = map.next_value::<Option<Shaped<RawUsage>>>()?.map(|usage| usage.0),
            "output" | "message" | "delta" | "start" | "generation" | "text" | "toolUse" | "content"
            | "outputs" | "outputText" => self.said.push(map.next_value::<Shaped<Speech<'de>>>()?.0.ended()),
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
            _ => skip(map)?,
        }
        Ok(())
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
        if let Some(usage) = answer.usage {
            facts.usage = usage.classes();
            facts.has_fees |= usage.has_fees();
        }
        self.flat.replace(answer.flat);
        self.metrics.replace(answer.metrics);
        self.is_final |= answer.stop_reason.text().is_some();
        note(&mut facts.service_tier, answer.tier.0);
    }

    fn facts(self, is_stream: bool) -> Facts {
        let flat = self.flat.classes().filter(|_| self.is_final || !is_stream);
        let usage = self.facts.usage.or(self.metrics.classes()).or(flat);
        Facts { usage, ..self.facts }
    }
}
