//! What a call consumed, as the provider itself counted it.

use serde::{Deserialize, Serialize};

/// Where the numbers of a [`Usage`] come from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsageSource {
    /// The provider reported them in its answer.
    Provider,
    /// The answer came from the cache: nothing was used, and every count is known to be zero.
    Cache,
    /// Nobody reported any: every count is unknown, which is not zero.
    #[default]
    None,
}

impl UsageSource {
    /// Every source, for reading them back.
    pub const ALL: [Self; 3] = [Self::Provider, Self::Cache, Self::None];

    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Provider => "provider",
            Self::Cache => "cache",
            Self::None => "none",
        }
    }
}

/// Token counts of one call; the classes don't overlap, so that cost is a plain sum over them.
///
/// A count is `None` when the provider did not report that class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Input tokens that were neither read from a prompt cache nor audio.
    pub input: Option<u64>,
    /// Output tokens that are neither reasoning nor audio.
    pub output: Option<u64>,
    /// Input tokens read from the provider's prompt cache.
    pub cache_read: Option<u64>,
    /// Input tokens written to the provider's prompt cache.
    pub cache_write: Option<u64>,
    /// Output tokens spent on reasoning that the caller doesn't see.
    pub reasoning: Option<u64>,
    /// Audio tokens of the input.
    pub input_audio: Option<u64>,
    /// Audio tokens of the output.
    pub output_audio: Option<u64>,
    /// The provider's own total, as reported.
    pub total: Option<u64>,
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
    /// Whether the call is charged for more than its tokens, such as a web search that the provider ran.
    pub extra_charges: bool,
    /// The first lines of what was asked, for lists.
    pub request_preview: Option<String>,
    /// The first lines of what came back, for lists.
    pub response_preview: Option<String>,
}
