//! The break-down of one side's tokens, and Llama's list of metrics, which has no sides.

use gatehouse_types::Usage;
use serde::de::{MapAccess, SeqAccess};

use crate::counts::Count;
use crate::json::{Scalar, Shape, Shaped, skip};

/// The break-down of one side's tokens.
#[derive(Debug, Default)]
pub(crate) struct Details {
    pub(crate) cached: Count,
    pub(crate) cache_write: Count,
    pub(crate) audio: Count,
    pub(crate) image: Count,
    pub(crate) reasoning: Count,
    text: Count,
    /// What the tokens from the cache are made of.
    pub(crate) of_cache: OfCache,
}

/// `cached_tokens_details`.
#[derive(Debug, Default)]
pub(crate) struct OfCache {
    /// Whether there is any.
    pub(crate) is_told: bool,
    pub(crate) audio: Count,
    pub(crate) image: Count,
}

impl Details {
    /// Returns whether the kinds of tokens are told apart.
    pub(crate) fn is_told(&self) -> bool {
        [self.text, self.audio, self.image].iter().any(|count| *count != Count::Absent)
    }
}

impl<'de> Shape<'de> for Details {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let count = match key {
            "cached_tokens" => &mut self.cached,
            "cache_write_tokens" => &mut self.cache_write,
            "audio_tokens" => &mut self.audio,
            "image_tokens" => &mut self.image,
            "text_tokens" => &mut self.text,
            "reasoning_tokens" => &mut self.reasoning,
            "cached_tokens_details" => {
                self.of_cache = map.next_value::<Shaped<OfCache>>()?.0;
                return Ok(());
            }
            _ => return skip(map),
        };
        *count = map.next_value::<Scalar<'de>>()?.into();
        Ok(())
    }
}

impl<'de> Shape<'de> for OfCache {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.is_told = true;
        match key {
            "audio_tokens" => self.audio = map.next_value::<Scalar<'de>>()?.into(),
            "image_tokens" => self.image = map.next_value::<Scalar<'de>>()?.into(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// Llama's `metrics`: `[{"metric":"num_prompt_tokens","value":14,"unit":"tokens"}]`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Metrics {
    input: Count,
    output: Count,
    total: Count,
}

#[derive(Debug, Default)]
struct Metric<'a> {
    name: Scalar<'a>,
    value: Count,
}

impl<'de> Shape<'de> for Metrics {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(metric)) = seq.next_element::<Shaped<Metric<'de>>>()? else { return Ok(false) };
        match metric.name.text() {
            Some("num_prompt_tokens") => self.input = metric.value,
            Some("num_completion_tokens") => self.output = metric.value,
            Some("num_total_tokens") => self.total = metric.value,
            _ => {}
        }
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

impl<'de: 'a, 'a> Shape<'de> for Metric<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "metric" => self.name = map.next_value()?,
            "value" => self.value = map.next_value::<Scalar<'de>>()?.into(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Metrics {
    /// Returns the counts, if there is any.
    pub(crate) fn classes(self) -> Option<Usage> {
        let (input, output, total) = (self.input.valid()?, self.output.valid()?, self.total.valid()?);
        input.or(output).or(total)?;
        Some(Usage { input, output, total, ..Usage::default() })
    }
}
