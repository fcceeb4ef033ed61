//! Token counts, split into classes that don't overlap.

use gatehouse_types::Usage;
use serde::de::MapAccess;

use super::charges::Fees;
use crate::counts::{Count, only_total, sum, without};
use crate::json::{Scalar, Shape, Shaped, skip};

/// `usage` as it is sent: totals of either side, and what of them was special.
#[derive(Debug, Default)]
pub(crate) struct RawUsage {
    input: Count,
    output: Count,
    total: Count,
    /// Input from a cache as some copies of the API count it, beside `prompt_tokens_details` or instead.
    cached: Count,
    cache_hit: Count,
    cache_miss: Count,
    /// Whether the cache is counted under Anthropic's names too: nobody knows whether in the input or beside it.
    is_mixed: bool,
    fees: Fees,
    input_details: Details,
    output_details: Details,
}

/// The break-down of one side's tokens.
#[derive(Debug, Default)]
struct Details {
    cached: Count,
    cache_write: Count,
    audio: Count,
    reasoning: Count,
}

impl<'de> Shape<'de> for RawUsage {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "prompt_tokens" | "input_tokens" => self.input = map.next_value::<Scalar<'de>>()?.into(),
            "completion_tokens" | "output_tokens" => self.output = map.next_value::<Scalar<'de>>()?.into(),
            "total_tokens" => self.total = map.next_value::<Scalar<'de>>()?.into(),
            "prompt_tokens_details" | "input_tokens_details" => {
                self.input_details = map.next_value::<Shaped<Details>>()?.0;
            }
            "completion_tokens_details" | "output_tokens_details" => {
                self.output_details = map.next_value::<Shaped<Details>>()?.0;
            }
            "cached_tokens" => self.cached = map.next_value::<Scalar<'de>>()?.into(),
            "prompt_cache_hit_tokens" => self.cache_hit = map.next_value::<Scalar<'de>>()?.into(),
            "prompt_cache_miss_tokens" => self.cache_miss = map.next_value::<Scalar<'de>>()?.into(),
            "cache_read_input_tokens" | "cache_creation_input_tokens" => {
                self.is_mixed |= Count::from(map.next_value::<Scalar<'de>>()?).is_some_use();
            }
            "server_tool_use" => self.fees.merge(map.next_value::<Shaped<Fees>>()?.0),
            "num_sources_used" | "num_search_queries" | "citation_tokens" | "search_context_size" => {
                self.fees.member(key, map)?;
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Shape<'de> for Details {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let count = match key {
            "cached_tokens" => &mut self.cached,
            "cache_write_tokens" => &mut self.cache_write,
            "audio_tokens" => &mut self.audio,
            "reasoning_tokens" => &mut self.reasoning,
            _ => return skip(map),
        };
        *count = map.next_value::<Scalar<'de>>()?.into();
        Ok(())
    }
}

impl RawUsage {
    /// Returns whether more than tokens was counted.
    pub(crate) fn has_fees(&self) -> bool {
        self.fees.is_due()
    }

    /// Returns the counts in classes that don't overlap.
    ///
    /// `None` when a count is not a count or there is none. When the parts of a side are more than the
    /// side itself, nobody can tell what was meant: then only the provider's total is kept.
    pub(crate) fn classes(&self) -> Option<Usage> {
        let input = self.input.valid()?;
        let output = self.output.valid()?;
        let total = self.total.valid()?;
        let cache_write = self.input_details.cache_write.valid()?;
        let input_audio = self.input_details.audio.valid()?;
        let reasoning = self.output_details.reasoning.valid()?;
        let output_audio = self.output_details.audio.valid()?;
        if input.is_none() && output.is_none() && total.is_none() {
            return None;
        }
        let Some(cache_read) = self.cache_read(input)?.filter(|_| !self.is_mixed) else {
            return only_total(total);
        };
        let plain_input = without(input, &[cache_read, cache_write, input_audio]);
        let is_beside = reasoning_is_beside(input, output, reasoning, total);
        let plain_output = without(output, &[reasoning.filter(|_| !is_beside), output_audio]);
        let (Some(plain_input), Some(plain_output)) = (plain_input, plain_output) else {
            return only_total(total);
        };
        Some(Usage {
            input: plain_input,
            output: plain_output,
            cache_read,
            cache_write,
            reasoning,
            input_audio,
            output_audio,
            total,
            ..Usage::default()
        })
    }

    /// Returns the input from a cache, under whatever names it is counted; `Some(None)` where they disagree.
    fn cache_read(&self, input: Option<u64>) -> Option<Option<Option<u64>>> {
        let counts = [self.input_details.cached.valid()?, self.cached.valid()?, self.cache_hit.valid()?];
        let miss = self.cache_miss.valid()?;
        let mut known = counts.into_iter().flatten();
        let first = known.next();
        let agree = known.all(|count| Some(count) == first);
        let adds_up = miss.is_none() || input.is_none() || Some(sum(&[first, miss])) == input;
        Some((agree && adds_up).then_some(first))
    }
}

/// Whether the total says that reasoning was counted beside the output, as xAI and Vertex AI do, not in it.
fn reasoning_is_beside(
    input: Option<u64>,
    output: Option<u64>,
    reasoning: Option<u64>,
    total: Option<u64>,
) -> bool {
    let is_known = input.is_some() && output.is_some() && reasoning.unwrap_or(0) > 0;
    is_known && total == Some(sum(&[input, output, reasoning]))
}
