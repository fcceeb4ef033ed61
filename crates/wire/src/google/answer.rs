//! What an answer or a chunk of one says: model, usage, traffic, and the beginning of its text.

use gatehouse_types::Usage;
use serde::de::{IgnoredAny, MapAccess, SeqAccess};

use super::searched::Searched;
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
    characters: Count,
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
            "metadata" => self.characters = map.next_value::<Shaped<Billed>>()?.0.0,
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
    searched: Searched,
}

impl<'de: 'a, 'a> Shape<'de> for Candidates<'a> {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(candidate)) = seq.next_element::<Shaped<Candidate<'de>>>()? else {
            return Ok(false);
        };
        self.is_final |= !matches!(candidate.finish_reason, Scalar::Null);
        self.searched.add(candidate.searched);
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
    searched: Searched,
}

impl<'de: 'a, 'a> Shape<'de> for Candidate<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "index" => self.index = map.next_value()?,
            "content" => self.said = map.next_value::<Shaped<Speech<'de>>>()?.0.ended(),
            "finishReason" | "finish_reason" => self.finish_reason = map.next_value()?,
            "groundingMetadata" | "grounding_metadata" => {
                self.searched = map.next_value::<Shaped<Searched>>()?.0;
            }
            _ => skip(map)?,
        }
        Ok(())
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

/// The tokens that Vertex AI's embeddings count for each text, of which one without a count spoils the sum; or images.
#[derive(Debug, Default)]
struct Predictions {
    tokens: Count,
    lacks_some: bool,
    images: u64,
}

impl<'de> Shape<'de> for Predictions {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(prediction)) = seq.next_element::<Shaped<Prediction>>()? else { return Ok(false) };
        self.lacks_some |= prediction.tokens == Count::Absent;
        self.tokens.add(prediction.tokens);
        self.images += u64::from(prediction.is_image);
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

/// `{"embeddings":{"statistics":{"token_count":n}}}`, at any level of it; or an image, here or in a bucket.
#[derive(Debug, Default)]
struct Prediction {
    tokens: Count,
    is_image: bool,
}

impl<'de> Shape<'de> for Prediction {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        Ok(seq.next_element::<IgnoredAny>()?.is_some())
    }

    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "embeddings" | "statistics" => self.tokens = map.next_value::<Shaped<Self>>()?.0.tokens,
            "token_count" => self.tokens = map.next_value::<Scalar<'de>>()?.into(),
            "bytesBase64Encoded" | "gcsUri" => {
                self.is_image |= map.next_value::<Scalar<'de>>()?.text().is_some();
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// `{"billableCharacterCount":n}`.
#[derive(Debug, Default)]
struct Billed(Count);

impl<'de> Shape<'de> for Billed {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        if key == "billableCharacterCount" {
            self.0 = map.next_value::<Scalar<'de>>()?.into();
            return Ok(());
        }
        skip(map)
    }
}

impl Predictions {
    /// Returns what was counted or made, if anything.
    fn classes(&self, characters: Count) -> Option<Usage> {
        if self.images > 0 {
            return Some(Usage { images: Some(self.images), ..Usage::default() });
        }
        let tokens = self.tokens.valid().flatten().filter(|_| !self.lacks_some)?;
        Some(Usage { input: Some(tokens), characters: characters.valid().flatten(), ..Usage::default() })
    }
}

/// Reads Google's answers.
#[derive(Debug, Default)]
pub(crate) struct Google {
    facts: Facts,
    searched: Searched,
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
        self.searched.replace(chunk.candidates.searched);
        if let Some(usage) = chunk.usage {
            if usage.has_counts() {
                facts.usage = usage.classes();
                facts.has_fees |= usage.has_films();
            }
            facts.service_tier = usage.tier().or(facts.service_tier.take());
        } else if let Some(usage) = chunk.predictions.classes(chunk.characters) {
            facts.usage = Some(usage);
        }
        note(&mut facts.model, chunk.model);
    }

    fn facts(self, is_stream: bool) -> Facts {
        let mut facts = self.facts;
        facts.usage = facts.usage.filter(|_| self.is_final || !is_stream);
        let searches = self.searched.billed(facts.model.as_deref().unwrap_or_default());
        facts.has_fees |= searches.is_none();
        if let Some(usage) = &mut facts.usage {
            usage.web_searches = searches.filter(|searches| *searches > 0);
        }
        facts
    }
}
