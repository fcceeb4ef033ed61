//! Counts, split into classes that don't overlap.

use gatehouse_types::Usage;
use serde::de::MapAccess;

use super::charges::{Fees, Money};
use super::details::Details;
use crate::counts::{Count, only_total, sum, without};
use crate::json::{Scalar, Shape, Shaped, skip};

/// What an answer is made of, where its usage doesn't say so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Product {
    /// Text, and what the details of its usage tell apart.
    #[default]
    Text,
    /// Pictures.
    Images,
    /// Sound.
    Speech,
}

/// `usage` as it is sent: totals of either side, and what of them was special.
#[derive(Debug, Default)]
pub(crate) struct RawUsage<'a> {
    input: Count,
    output: Count,
    total: Count,
    /// Whether the input has the name of the newer APIs, which have prices of their own for images in it.
    is_newer: bool,
    /// Input from a cache as some copies of the API count it, beside `prompt_tokens_details` or instead.
    cached: Count,
    cache_hit: Count,
    cache_miss: Count,
    /// Whether the cache is counted under Anthropic's names too: nobody knows whether in the input or beside it.
    is_mixed: bool,
    /// Reasoning that is counted without details: in the output, or beside it where a search engine counts.
    reasoning: Count,
    citation: Count,
    searches: Count,
    sources: Count,
    /// How much a search put before the model.
    context: Scalar<'a>,
    heard_ms: Count,
    fees: Fees,
    /// What it cost.
    pub(crate) money: Money,
    input_details: Details,
    output_details: Details,
}

impl<'de: 'a, 'a> Shape<'de> for RawUsage<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let count = match key {
            "prompt_tokens" | "tokens_input" => &mut self.input,
            "input_tokens" => {
                self.is_newer = true;
                &mut self.input
            }
            "completion_tokens" | "output_tokens" | "tokens_generated" => &mut self.output,
            "total_tokens" => &mut self.total,
            "cached_tokens" => &mut self.cached,
            "prompt_cache_hit_tokens" => &mut self.cache_hit,
            "prompt_cache_miss_tokens" => &mut self.cache_miss,
            "reasoning_tokens" => &mut self.reasoning,
            "citation_tokens" => &mut self.citation,
            "num_search_queries" => &mut self.searches,
            "num_sources_used" => &mut self.sources,
            _ => return self.others(key, map),
        };
        *count = map.next_value::<Scalar<'de>>()?.into();
        Ok(())
    }
}

impl<'a> RawUsage<'a> {
    /// Takes what is more than one count.
    fn others<'de: 'a, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "prompt_tokens_details" | "input_tokens_details" | "input_token_details" => {
                self.input_details = map.next_value::<Shaped<Details>>()?.0;
            }
            "completion_tokens_details" | "output_tokens_details" | "output_token_details" => {
                self.output_details = map.next_value::<Shaped<Details>>()?.0;
            }
            "cache_read_input_tokens" | "cache_creation_input_tokens" => {
                self.is_mixed |= Count::from(map.next_value::<Scalar<'de>>()?).is_some_use();
            }
            "search_context_size" => self.context = map.next_value()?,
            // An empty object stands for no sound at all.
            "seconds" | "prompt_audio_seconds" => match map.next_value()? {
                Scalar::Other => {}
                seconds => self.heard_ms = Count::of_seconds(&seconds),
            },
            "server_tool_use" => self.fees.merge(map.next_value::<Shaped<Fees>>()?.0),
            "num_server_side_tools_used" => self.fees.note(&map.next_value()?),
            _ => {
                if !self.money.member(key, map)? {
                    skip(map)?;
                }
            }
        }
        Ok(())
    }

    /// Returns whether more was counted than there are classes for.
    pub(crate) fn has_fees(&self) -> bool {
        // What a request costs by the size of its context is told by the sum alone.
        self.fees.is_due() || (self.context.text().is_some() && self.money.total().is_none())
    }

    /// Takes how much a search put before the model.
    pub(crate) fn take_context(&mut self) -> Option<String> {
        std::mem::take(&mut self.context).into_text()
    }

    /// Returns the counts in classes that don't overlap.
    ///
    /// `None` when a count is not a count or there is none. When the parts of a side are more than the
    /// side itself, nobody can tell what was meant: then only the provider's total is kept.
    pub(crate) fn classes(&self, product: Product) -> Option<Usage> {
        let [input, output, total] = [self.input.valid()?, self.output.valid()?, self.total.valid()?];
        let others = Usage {
            total,
            citation: self.citation.valid()?,
            input_audio_ms: self.heard_ms.valid()?,
            search_units: self.sources.valid()?,
            web_searches: self.searches.valid()?.or(self.fees.web_searches.valid()?),
            ..Usage::default()
        };
        if input.is_none() && output.is_none() && total.is_none() {
            return others.input_audio_ms.map(|_| others);
        }
        let Some(cached) = self.cached(input)?.filter(|_| !self.is_mixed) else {
            return only_total(total);
        };
        let Some(usage) = self.input_classes(input, cached, others)? else { return only_total(total) };
        self.output_classes(output, product, usage)?.or_else(|| only_total(total))
    }

    /// Adds the classes of the input; `Some(None)` where they contradict each other.
    fn input_classes(&self, input: Option<u64>, cached: Option<u64>, usage: Usage) -> Option<Option<Usage>> {
        let details = &self.input_details;
        let (audio, image) = (details.audio.valid()?, details.image.valid()?.filter(|_| self.is_newer));
        let cache_write = details.cache_write.valid()?;
        let of_cache = &details.of_cache;
        let (cached_audio, cached_image) = (of_cache.audio.valid()?, of_cache.image.valid()?);
        let cached_image = cached_image.filter(|_| self.is_newer);
        if cached.unwrap_or(0) > 0 && image.unwrap_or(0) > 0 && !of_cache.is_told {
            // Nobody knows how many of the images came from the cache.
            return Some(None);
        }
        let split = || {
            let cache_read = without(cached, &[cached_audio, cached_image])?;
            let (fresh_audio, fresh_image) =
                (without(audio, &[cached_audio])?, without(image, &[cached_image])?);
            let plain = without(input, &[cached, cache_write, fresh_audio, fresh_image])?;
            Some(Usage {
                input: plain,
                cache_read,
                cache_write,
                input_audio: fresh_audio,
                input_image: fresh_image,
                cache_read_audio: cached_audio,
                cache_read_image: cached_image,
                ..usage
            })
        };
        Some(split())
    }

    /// Adds the classes of the output; `Some(None)` where they contradict each other.
    fn output_classes(&self, output: Option<u64>, product: Product, usage: Usage) -> Option<Option<Usage>> {
        let details = &self.output_details;
        let (detailed, flat) = (details.reasoning.valid()?, self.reasoning.valid()?);
        let reasoning = detailed.or(flat);
        let (mut audio, mut image) = (details.audio.valid()?, details.image.valid()?);
        let is_told = details.is_told();
        match product {
            Product::Images if !is_told => image = output,
            Product::Speech if !is_told => audio = output,
            _ => {}
        }
        let is_beside = (self.is_search_engines() && detailed.is_none())
            || reasoning_is_beside(self.input.valid()?, output, reasoning, usage.total);
        let plain = without(output, &[reasoning.filter(|_| !is_beside), audio, image]);
        Some(plain.map(|plain| Usage {
            output: plain,
            reasoning,
            output_audio: audio,
            output_image: image,
            ..usage
        }))
    }

    /// Whether this is counted as Perplexity counts, who bills reasoning beside the output.
    fn is_search_engines(&self) -> bool {
        self.citation != Count::Absent || self.searches != Count::Absent || self.context.text().is_some()
    }

    /// Returns the input from a cache, under whatever names it is counted; `Some(None)` where they disagree.
    fn cached(&self, input: Option<u64>) -> Option<Option<Option<u64>>> {
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
