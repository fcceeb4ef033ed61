//! What an answer or a chunk of one says: model, usage, traffic, and the beginning of its text.

use gatehouse_types::Usage;
use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::usage::RawUsage;
use crate::counts::Count;
use crate::facts::{Facts, Reader, note};
use crate::json::{Scalar, Shape, Shaped, read, skip};
use crate::transcript::Speech;

/// An answer, a chunk of one, or an error.
#[derive(Debug, Default)]
struct Chunk<'a> {
    model: Scalar<'a>,
    usage: Option<RawUsage<'a>>,
    candidates: Candidates<'a>,
    /// Why the prompt was not answered.
    block_reason: Named<'a>,
    predictions: Predictions,
    failure: Speech<'a>,
}

impl<'de: 'a, 'a> Shape<'de> for Chunk<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "modelVersion" | "model_version" => self.model = map.next_value()?,
            "usageMetadata" | "usage_metadata" => {
                self.usage = map.next_value::<Option<Shaped<RawUsage<'de>>>>()?.map(|usage| usage.0);
            }
            "candidates" => self.candidates = map.next_value::<Shaped<Candidates<'de>>>()?.0,
            "promptFeedback" | "prompt_feedback" => {
                self.block_reason = map.next_value::<Shaped<Named<'de>>>()?.0;
            }
            "predictions" => self.predictions = map.next_value::<Shaped<Predictions>>()?.0,
            "error" => self.failure = map.next_value::<Shaped<Speech<'de>>>()?.0.ended(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// What the first candidate says, and whether any of them has ended.
#[derive(Debug, Default)]
struct Candidates<'a> {
    said: Vec<Speech<'a>>,
    is_final: bool,
    is_grounded: bool,
}

impl<'de: 'a, 'a> Shape<'de> for Candidates<'a> {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(candidate)) = seq.next_element::<Shaped<Candidate<'de>>>()? else {
            return Ok(false);
        };
        self.is_final |= !matches!(candidate.finish_reason, Scalar::Null);
        self.is_grounded |= candidate.is_grounded;
        if self.said.is_empty() && !matches!(candidate.index, Scalar::Unsigned(1..)) {
            self.said.push(candidate.said);
        }
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

#[derive(Debug, Default)]
struct Candidate<'a> {
    index: Scalar<'a>,
    said: Speech<'a>,
    finish_reason: Scalar<'a>,
    /// Whether Google searched for what it says, which is charged per search.
    is_grounded: bool,
}

impl<'de: 'a, 'a> Shape<'de> for Candidate<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "index" => self.index = map.next_value()?,
            "content" => self.said = map.next_value::<Shaped<Speech<'de>>>()?.0.ended(),
            "finishReason" | "finish_reason" => self.finish_reason = map.next_value()?,
            "groundingMetadata" | "grounding_metadata" => {
                self.is_grounded = map.next_value::<Shaped<Filled>>()?.0.0;
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// An object of which only matters whether there is anything in it.
#[derive(Debug, Default)]
struct Filled(bool);

impl<'de> Shape<'de> for Filled {
    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        self.0 = true;
        skip(map)
    }
}

/// An object of which only `blockReason` matters.
#[derive(Debug, Default)]
struct Named<'a>(Scalar<'a>);

impl<'de: 'a, 'a> Shape<'de> for Named<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if matches!(key, "blockReason" | "block_reason") {
            self.0 = map.next_value()?;
            return Ok(());
        }
        skip(map)
    }
}

/// The tokens that Vertex AI's embeddings count for each text; one without a count spoils the sum.
#[derive(Debug, Default)]
struct Predictions {
    tokens: Count,
    lacks_some: bool,
}

impl<'de> Shape<'de> for Predictions {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(prediction)) = seq.next_element::<Shaped<Prediction>>()? else { return Ok(false) };
        self.lacks_some |= prediction.0 == Count::Absent;
        self.tokens.add(prediction.0);
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

/// `{"embeddings":{"statistics":{"token_count":n}}}`, at any level of it.
#[derive(Debug, Default)]
struct Prediction(Count);

impl<'de> Shape<'de> for Prediction {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        Ok(seq.next_element::<IgnoredAny>()?.is_some())
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "embeddings" | "statistics" => self.0 = map.next_value::<Shaped<Self>>()?.0.0,
            "token_count" => self.0 = map.next_value::<Scalar<'de>>()?.into(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// Reads Google's answers.
#[derive(Debug, Default)]
pub(crate) struct Google {
    facts: Facts,
    /// Whether the answer has come to its end: what was counted before is only begun.
    is_final: bool,
}

impl Reader for Google {
    fn add(&mut self, piece: &[u8]) {
        let Some(chunk) = read::<Chunk<'_>>(piece) else { return };
        let facts = &mut self.facts;
        chunk.candidates.said.iter().for_each(|said| facts.transcript.add(said));
        if facts.transcript.is_empty() {
            facts.transcript.add(&chunk.failure);
        }
        self.is_final |= chunk.candidates.is_final || !matches!(chunk.block_reason.0, Scalar::Null);
        facts.has_fees |= chunk.candidates.is_grounded;
        if let Some(usage) = chunk.usage {
            if usage.has_counts() {
                facts.usage = usage.classes();
                facts.has_fees |= usage.has_pictures();
            }
            facts.service_tier = tier(&usage.traffic).map(str::to_owned).or(facts.service_tier.take());
        } else if let (Some(Some(tokens)), false) =
            (chunk.predictions.tokens.valid(), chunk.predictions.lacks_some)
        {
            facts.usage = Some(Usage { input: Some(tokens), ..Usage::default() });
        }
        note(&mut facts.model, chunk.model);
    }

    fn facts(self, is_stream: bool) -> Facts {
        let usage = self.facts.usage.filter(|_| self.is_final || !is_stream);
        Facts { usage, ..self.facts }
    }
}

/// The service tier that a kind of traffic is billed at; `None` for the usual one.
fn tier<'a>(traffic: &'a Scalar<'_>) -> Option<&'a str> {
    match traffic.text()? {
        "" | "ON_DEMAND" | "TRAFFIC_TYPE_UNSPECIFIED" => None,
        "ON_DEMAND_PRIORITY" => Some("priority"),
        "ON_DEMAND_FLEX" => Some("flex"),
        "PROVISIONED_THROUGHPUT" => Some("provisioned"),
        other => Some(other),
    }
}
