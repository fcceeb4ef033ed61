//! `usageMetadata`: thoughts and the results of tools stand beside prompt and candidates, the cache in the prompt.

use gatehouse_types::Usage;
use serde::de::{MapAccess, SeqAccess};

use crate::counts::{Count, only_total, sum, without};
use crate::json::{Scalar, Shape, Shaped, skip};

/// `usageMetadata` as it is sent, or as SDKs for Python write it down.
#[derive(Debug, Default)]
pub(crate) struct RawUsage<'a> {
    prompt: Count,
    candidates: Count,
    thoughts: Count,
    cached: Count,
    tool_prompt: Count,
    total: Count,
    prompt_details: Modalities,
    cache_details: Modalities,
    tool_details: Modalities,
    output_details: Modalities,
    traffic: Scalar<'a>,
    service_tier: Scalar<'a>,
}

/// Counts by modality.
#[derive(Clone, Copy, Debug, Default)]
struct Modalities {
    is_known: bool,
    audio: Count,
    image: Count,
    video: Count,
}

/// One modality's count.
#[derive(Debug, Default)]
struct Modality<'a> {
    name: Scalar<'a>,
    tokens: Count,
}

impl<'de: 'a, 'a> Shape<'de> for RawUsage<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let count = match key {
            "promptTokenCount" | "prompt_token_count" => &mut self.prompt,
            "candidatesTokenCount" | "candidates_token_count" => &mut self.candidates,
            "thoughtsTokenCount" | "thoughts_token_count" => &mut self.thoughts,
            "cachedContentTokenCount" | "cached_content_token_count" => &mut self.cached,
            "toolUsePromptTokenCount" | "tool_use_prompt_token_count" => &mut self.tool_prompt,
            "totalTokenCount" | "total_token_count" => &mut self.total,
            "trafficType" | "traffic_type" => {
                self.traffic = map.next_value()?;
                return Ok(());
            }
            "serviceTier" | "service_tier" => {
                self.service_tier = map.next_value()?;
                return Ok(());
            }
            _ => return self.details(key, map),
        };
        *count = map.next_value::<Scalar<'de>>()?.into();
        Ok(())
    }
}

impl<'a> RawUsage<'a> {
    fn details<'de: 'a, A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let details = match key {
            "promptTokensDetails" | "prompt_tokens_details" => &mut self.prompt_details,
            "cacheTokensDetails" | "cache_tokens_details" => &mut self.cache_details,
            "toolUsePromptTokensDetails" | "tool_use_prompt_tokens_details" => &mut self.tool_details,
            "candidatesTokensDetails" | "candidates_tokens_details" => &mut self.output_details,
            _ => return skip(map),
        };
        *details = map.next_value::<Shaped<Modalities>>()?.0;
        Ok(())
    }
}

impl<'de> Shape<'de> for Modalities {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(modality)) = seq.next_element::<Shaped<Modality<'de>>>()? else { return Ok(false) };
        self.is_known = true;
        // Enumerations come as names or, for those who ask for that, as numbers.
        let name = match &modality.name {
            Scalar::Unsigned(2) => "IMAGE",
            Scalar::Unsigned(3) => "VIDEO",
            Scalar::Unsigned(4) => "AUDIO",
            name => name.text().unwrap_or_default(),
        };
        match name {
            "AUDIO" => self.audio.add(modality.tokens),
            "IMAGE" => self.image.add(modality.tokens),
            "VIDEO" => self.video.add(modality.tokens),
            _ => {}
        }
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

impl<'de: 'a, 'a> Shape<'de> for Modality<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "modality" => self.name = map.next_value()?,
            "tokenCount" | "token_count" => self.tokens = map.next_value::<Scalar<'de>>()?.into(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

/// The tokens of an answer that is valid, without those of its modalities.
#[derive(Clone, Copy)]
struct Sides {
    prompt: Option<u64>,
    tool_prompt: Option<u64>,
    candidates: Option<u64>,
    thoughts: Option<u64>,
    total: Option<u64>,
}

impl RawUsage<'_> {
    /// Returns whether anything is counted: chunks of Vertex AI's streams have only the kind of traffic.
    pub(crate) fn has_counts(&self) -> bool {
        [self.prompt, self.candidates, self.total].iter().any(|count| *count != Count::Absent)
    }

    /// Returns whether films were made, of which no class is counted in tokens.
    pub(crate) fn has_films(&self) -> bool {
        self.output_details.video.is_some_use()
    }

    /// Returns the service tier that was billed; `None` for the usual one.
    pub(crate) fn tier(&self) -> Option<String> {
        let tier = match self.traffic.text().unwrap_or_default() {
            "" | "ON_DEMAND" | "TRAFFIC_TYPE_UNSPECIFIED" => self.service_tier.text()?,
            "ON_DEMAND_PRIORITY" => "priority",
            "ON_DEMAND_FLEX" => "flex",
            "PROVISIONED_THROUGHPUT" => "provisioned",
            other => other,
        };
        (!matches!(tier, "" | "standard" | "STANDARD")).then(|| tier.to_owned())
    }

    /// Returns the counts in classes that don't overlap; only the total where they contradict each other.
    pub(crate) fn classes(&self) -> Option<Usage> {
        let sides = Sides {
            prompt: self.prompt.valid()?,
            tool_prompt: self.tool_prompt.valid()?,
            candidates: self.candidates.valid()?,
            thoughts: self.thoughts.valid()?,
            total: self.total.valid()?,
        };
        let cache_read = self.cached.valid()?;
        let audio = (self.prompt_details.audio.valid()?, self.tool_details.audio.valid()?);
        let cached_audio = self.cache_details.audio.valid()?;
        let (output_audio, output_image) =
            (self.output_details.audio.valid()?, self.output_details.image.valid()?);
        // Of what came from the cache without being told apart, nobody knows what it was.
        let is_apart = cache_read.unwrap_or(0) == 0 || self.cache_details.is_known;
        let image = self.prompt_details.image.valid()?.filter(|_| is_apart);
        let cached_image = self.cache_details.image.valid()?.filter(|_| image.is_some());
        let video = self.prompt_details.video.valid()?.filter(|_| is_apart);
        let cached_video = self.cache_details.video.valid()?;
        let Some(output) = sides.output() else { return only_total(sides.total) };
        let prompt_audio = audio.0.unwrap_or(0);
        if prompt_audio > 0 && cache_read.unwrap_or(0) > 0 && !self.cache_details.is_known {
            // Nobody knows how much of the sound came from the cache.
            return only_total(sides.total);
        }
        let fresh_audio = without(audio.0, &[cached_audio]);
        let fresh_image = without(image, &[cached_image]);
        // Films have no class of their own in the cache.
        let fresh_video = without(video, &[cached_video.filter(|_| video.is_some())]);
        let fresh = fresh_audio.zip(fresh_image).zip(fresh_video);
        let prompt = fresh
            .and_then(|((audio, image), video)| without(sides.prompt, &[cache_read, audio, image, video]));
        let cached_rest = without(cache_read, &[cached_audio, cached_image]);
        let tool = without(sides.tool_prompt, &[audio.1]);
        let output = without(output, &[output_audio, output_image]);
        let (Some(fresh_audio), Some(prompt), Some(tool), Some(output)) = (fresh_audio, prompt, tool, output)
        else {
            return only_total(sides.total);
        };
        let (Some(cache_read), Some(input_image), Some(input_video)) =
            (cached_rest, fresh_image, fresh_video)
        else {
            return only_total(sides.total);
        };
        sides.prompt.or(output).or(sides.total)?;
        Some(Usage {
            input: prompt.map(|prompt| sum(&[Some(prompt), tool])),
            output,
            cache_read,
            reasoning: sides.thoughts,
            input_audio: fresh_audio.or(audio.1).map(|_| sum(&[fresh_audio, audio.1])),
            cache_read_audio: cached_audio,
            cache_read_image: cached_image,
            input_image,
            input_video,
            output_audio,
            output_image,
            total: sides.total,
            ..Usage::default()
        })
    }
}

impl Sides {
    /// Returns the tokens of the candidates, which the total may tell where they are left out as nothing is; `None`
    /// when they contradict it.
    fn output(self) -> Option<Option<u64>> {
        let Self { prompt, tool_prompt, candidates, thoughts, total } = self;
        let (Some(prompt), Some(total)) = (prompt, total) else { return Some(candidates) };
        let rest = total.checked_sub(prompt)?;
        let is = |parts: &[Option<u64>]| {
            let with_tool = sum(&[Some(sum(parts)), tool_prompt]);
            rest == with_tool || rest == sum(parts)
        };
        match candidates {
            None => Some(is(&[thoughts]).then_some(0)),
            Some(_) if is(&[candidates, thoughts]) => Some(candidates),
            // Some versions count thoughts among the candidates.
            Some(_) if is(&[candidates]) => without(candidates, &[thoughts]),
            Some(_) => None,
        }
    }
}
