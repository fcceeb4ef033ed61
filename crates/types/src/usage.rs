//! What a call consumed, as the provider itself counted it.

use serde::{Deserialize, Serialize};

use crate::NanoUsd;

/// Where the numbers of a [`Usage`] come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageSource {
    /// The provider reported them in its answer.
    Provider,
    /// The answer came from the cache: nothing was used, and every count is known to be zero.
    Cache,
    /// They were read from the provider's answer by a mapping that was inferred for its API.
    Mapped,
    /// Nobody reported any: every count is unknown, which is not zero.
    #[default]
    None,
}

impl UsageSource {
    /// Every source, for reading them back.
    pub const ALL: [Self; 4] = [Self::Provider, Self::Cache, Self::Mapped, Self::None];

    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Cache => "cache",
            Self::Mapped => "mapped",
            Self::None => "none",
        }
    }
}

/// What one call used, in classes that don't overlap, so that cost is a plain sum over them.
///
/// A count is `None` when the provider did not report that class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Input tokens that are in no other class.
    pub input: Option<u64>,
    /// Output tokens that are in no other class.
    pub output: Option<u64>,
    /// Input tokens read from the provider's prompt cache that are in no other class.
    pub cache_read: Option<u64>,
    /// Input tokens written to the provider's prompt cache for five minutes, or for as long as it says.
    pub cache_write: Option<u64>,
    /// Input tokens written to the provider's prompt cache for an hour.
    pub cache_write_1h: Option<u64>,
    /// Output tokens spent on reasoning that the caller doesn't see.
    pub reasoning: Option<u64>,
    /// Audio tokens of the input.
    pub input_audio: Option<u64>,
    /// Audio tokens read from the provider's prompt cache.
    pub cache_read_audio: Option<u64>,
    /// Audio tokens of the output.
    pub output_audio: Option<u64>,
    /// Image tokens of the input, where the provider counts them apart.
    pub input_image: Option<u64>,
    /// Image tokens read from the provider's prompt cache.
    pub cache_read_image: Option<u64>,
    /// Image tokens of the output.
    pub output_image: Option<u64>,
    /// Video tokens of the input, where the provider counts them apart.
    pub input_video: Option<u64>,
    /// Tokens of the sources that a search put before the model.
    pub citation: Option<u64>,
    /// Images that were made.
    pub images: Option<u64>,
    /// Milliseconds of sound that were heard.
    pub input_audio_ms: Option<u64>,
    /// Milliseconds of sound that were made.
    pub output_audio_ms: Option<u64>,
    /// Milliseconds of film that were made.
    pub output_video_ms: Option<u64>,
    /// Characters that were spoken or translated.
    pub characters: Option<u64>,
    /// Units of search that a reranker or a search engine billed.
    pub search_units: Option<u64>,
    /// Searches of the web that the provider ran for the model.
    pub web_searches: Option<u64>,
    /// Pages that were read.
    pub pages: Option<u64>,
    /// The provider's own total of tokens, as reported.
    pub total: Option<u64>,
}

/// A class of what a call uses: a field of [`Usage`], and what a price is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum UnitKind {
    /// Input tokens that are in no other class.
    Input,
    /// Output tokens that are in no other class.
    Output,
    /// Input tokens read from the provider's prompt cache that are in no other class.
    CacheRead,
    /// Input tokens written to the provider's prompt cache for five minutes, or for as long as it says.
    CacheWrite,
    /// Input tokens written to the provider's prompt cache for an hour.
    CacheWrite1h,
    /// Output tokens spent on reasoning that the caller doesn't see.
    Reasoning,
    /// Audio tokens of the input.
    InputAudio,
    /// Audio tokens read from the provider's prompt cache.
    CacheReadAudio,
    /// Audio tokens of the output.
    OutputAudio,
    /// Image tokens of the input, where the provider counts them apart.
    InputImage,
    /// Image tokens read from the provider's prompt cache.
    CacheReadImage,
    /// Image tokens of the output.
    OutputImage,
    /// Video tokens of the input, where the provider counts them apart.
    InputVideo,
    /// Tokens of the sources that a search put before the model.
    Citation,
    /// Images that were made.
    Images,
    /// Milliseconds of sound that were heard.
    InputAudioMs,
    /// Milliseconds of sound that were made.
    OutputAudioMs,
    /// Milliseconds of film that were made.
    OutputVideoMs,
    /// Characters that were spoken or translated.
    Characters,
    /// Units of search that a reranker or a search engine billed.
    SearchUnits,
    /// Searches of the web that the provider ran for the model.
    WebSearches,
    /// Pages that were read.
    Pages,
}

impl UnitKind {
    /// Every class.
    pub const ALL: [Self; 22] = [
        Self::Input,
        Self::Output,
        Self::CacheRead,
        Self::CacheWrite,
        Self::CacheWrite1h,
        Self::Reasoning,
        Self::InputAudio,
        Self::CacheReadAudio,
        Self::OutputAudio,
        Self::InputImage,
        Self::CacheReadImage,
        Self::OutputImage,
        Self::InputVideo,
        Self::Citation,
        Self::Images,
        Self::InputAudioMs,
        Self::OutputAudioMs,
        Self::OutputVideoMs,
        Self::Characters,
        Self::SearchUnits,
        Self::WebSearches,
        Self::Pages,
    ];

    /// Returns the name used in price lists, rows and the API: that of the field of [`Usage`].
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Input => "input",
            Self::Output => "output",
            Self::CacheRead => "cache_read",
            Self::CacheWrite => "cache_write",
            Self::CacheWrite1h => "cache_write_1h",
            Self::Reasoning => "reasoning",
            Self::InputAudio => "input_audio",
            Self::CacheReadAudio => "cache_read_audio",
            Self::OutputAudio => "output_audio",
            Self::InputImage => "input_image",
            Self::CacheReadImage => "cache_read_image",
            Self::OutputImage => "output_image",
            Self::InputVideo => "input_video",
            Self::Citation => "citation",
            Self::Images => "images",
            Self::InputAudioMs => "input_audio_ms",
            Self::OutputAudioMs => "output_audio_ms",
            Self::OutputVideoMs => "output_video_ms",
            Self::Characters => "characters",
            Self::SearchUnits => "search_units",
            Self::WebSearches => "web_searches",
            Self::Pages => "pages",
        }
    }

    /// Returns the class of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// Returns whether the class is part of what was sent, rather than of what came back.
    pub const fn is_input(self) -> bool {
        matches!(
            self,
            Self::Input
                | Self::CacheRead
                | Self::CacheWrite
                | Self::CacheWrite1h
                | Self::InputAudio
                | Self::CacheReadAudio
                | Self::InputImage
                | Self::CacheReadImage
                | Self::InputVideo
                | Self::Citation
                | Self::InputAudioMs
        )
    }

    /// Returns whether the class is counted in tokens.
    pub const fn is_tokens(self) -> bool {
        !matches!(
            self,
            Self::Images
                | Self::InputAudioMs
                | Self::OutputAudioMs
                | Self::OutputVideoMs
                | Self::Characters
                | Self::SearchUnits
                | Self::WebSearches
                | Self::Pages
        )
    }
}

impl Usage {
    /// Returns how much of a class was used; `None` when nobody said.
    pub const fn count(&self, kind: UnitKind) -> Option<u64> {
        match kind {
            UnitKind::Input => self.input,
            UnitKind::Output => self.output,
            UnitKind::CacheRead => self.cache_read,
            UnitKind::CacheWrite => self.cache_write,
            UnitKind::CacheWrite1h => self.cache_write_1h,
            UnitKind::Reasoning => self.reasoning,
            UnitKind::InputAudio => self.input_audio,
            UnitKind::CacheReadAudio => self.cache_read_audio,
            UnitKind::OutputAudio => self.output_audio,
            UnitKind::InputImage => self.input_image,
            UnitKind::CacheReadImage => self.cache_read_image,
            UnitKind::OutputImage => self.output_image,
            UnitKind::InputVideo => self.input_video,
            UnitKind::Citation => self.citation,
            UnitKind::Images => self.images,
            UnitKind::InputAudioMs => self.input_audio_ms,
            UnitKind::OutputAudioMs => self.output_audio_ms,
            UnitKind::OutputVideoMs => self.output_video_ms,
            UnitKind::Characters => self.characters,
            UnitKind::SearchUnits => self.search_units,
            UnitKind::WebSearches => self.web_searches,
            UnitKind::Pages => self.pages,
        }
    }

    /// Returns the field of a class.
    pub const fn count_mut(&mut self, kind: UnitKind) -> &mut Option<u64> {
        match kind {
            UnitKind::Input => &mut self.input,
            UnitKind::Output => &mut self.output,
            UnitKind::CacheRead => &mut self.cache_read,
            UnitKind::CacheWrite => &mut self.cache_write,
            UnitKind::CacheWrite1h => &mut self.cache_write_1h,
            UnitKind::Reasoning => &mut self.reasoning,
            UnitKind::InputAudio => &mut self.input_audio,
            UnitKind::CacheReadAudio => &mut self.cache_read_audio,
            UnitKind::OutputAudio => &mut self.output_audio,
            UnitKind::InputImage => &mut self.input_image,
            UnitKind::CacheReadImage => &mut self.cache_read_image,
            UnitKind::OutputImage => &mut self.output_image,
            UnitKind::InputVideo => &mut self.input_video,
            UnitKind::Citation => &mut self.citation,
            UnitKind::Images => &mut self.images,
            UnitKind::InputAudioMs => &mut self.input_audio_ms,
            UnitKind::OutputAudioMs => &mut self.output_audio_ms,
            UnitKind::OutputVideoMs => &mut self.output_video_ms,
            UnitKind::Characters => &mut self.characters,
            UnitKind::SearchUnits => &mut self.search_units,
            UnitKind::WebSearches => &mut self.web_searches,
            UnitKind::Pages => &mut self.pages,
        }
    }

    /// Returns the provider's own total of tokens, else the sum of the classes of tokens that are known.
    pub fn total_tokens(&self) -> Option<u64> {
        let tokens = UnitKind::ALL.into_iter().filter(|kind| kind.is_tokens());
        self.total.or_else(|| tokens.filter_map(|kind| self.count(kind)).reduce(u64::saturating_add))
    }
}

/// What can be read from the two bodies of an exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Observed {
    /// The model that the caller asked for.
    pub request_model: Option<String>,
    /// The model that the provider says answered.
    pub response_model: Option<String>,
    /// The caller's own user id (`user`, or `metadata.user_id` of Claude's messages).
    pub user: Option<String>,
    /// Whether the caller asked for a stream; `None` when neither body nor path says.
    pub stream: Option<bool>,
    /// The token counts, when the provider reported any.
    pub usage: Option<Usage>,
    /// The service tier the provider billed (`default`, `flex`, `priority`, `batch`), when it said so.
    pub service_tier: Option<String>,
    /// What the provider says that the call cost, when it says so.
    pub declared_cost: Option<NanoUsd>,
    /// Which variant of a product was made where its price depends on it: quality and size of an image
    /// (`hd/1024x1792`), or how much a web search put before the model (`low`, `medium`, `high`).
    pub variant: Option<String>,
    /// Whether the call is charged for more than what [`Usage`] has a class for.
    pub extra_charges: bool,
    /// The first lines of what was asked, for lists.
    pub request_preview: Option<String>,
    /// The first lines of what came back, for lists.
    pub response_preview: Option<String>,
}
