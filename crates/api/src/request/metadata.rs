//! What the log knows of a call beside its bodies, in the form of Helicone's mapped requests.

use std::collections::BTreeMap;

use gatehouse_store::log::LogRow;
use serde::Serialize;
use utoipa::ToSchema;

use super::row::{dollars, millis};

/// What the log knows of a call; what is not known is null, never 0.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct HeliconeMetadata {
    /// The call's id.
    request_id: String,
    /// Path and query as the client sent them, credentials blanked.
    path: String,
    /// Country code of the caller.
    country_code: Option<String>,
    /// When the head of the request was read.
    #[schema(format = DateTime)]
    created_at: String,
    /// Whether the caller enabled caching.
    cache_enabled: bool,
    /// The id of the call whose cached answer this was.
    cache_reference_id: Option<String>,
    /// All tokens.
    total_tokens: Option<u64>,
    /// Input tokens that were neither cached nor audio.
    prompt_tokens: Option<u64>,
    /// Output tokens without reasoning and audio.
    completion_tokens: Option<u64>,
    /// Reasoning tokens.
    reasoning_tokens: Option<u64>,
    /// Input tokens written to the provider's cache.
    prompt_cache_write_tokens: Option<u64>,
    /// Input tokens read from the provider's cache.
    prompt_cache_read_tokens: Option<u64>,
    /// The whole duration in milliseconds.
    latency: f64,
    /// From the start to the first part of a stream, in milliseconds.
    time_to_first_token: Option<f64>,
    /// The caller's user.
    user: Option<String>,
    /// How it ended.
    status: MappedStatus,
    /// Custom properties, the ones that were added later too.
    custom_properties: BTreeMap<String, String>,
    /// US dollars; null when unknown.
    cost: Option<f64>,
    /// The provider, in Helicone's spelling.
    provider: String,
    /// The URL the provider was asked at, credentials blanked.
    target_url: String,
    /// Where the token counts come from, as in the row.
    #[serde(rename = "usage_source")]
    usage_source: &'static str,
    /// Where nothing was counted: what to do about it, as in the row.
    #[serde(rename = "usage_hint")]
    usage_hint: Option<&'static str>,
}

/// How a call ended.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct MappedStatus {
    /// HTTP status; -2 timed out, -3 the client went away.
    #[schema(example = 200)]
    code: i32,
    /// `success`, `error`, `pending` or `cached`.
    #[schema(example = "success")]
    status_type: &'static str,
}

impl HeliconeMetadata {
    /// Returns what a row says; `has_error` is whether its answer tells of one.
    pub(crate) fn of(row: &LogRow, has_error: bool, usage_hint: Option<&'static str>) -> Self {
        let usage = &row.usage;
        Self {
            request_id: row.request_id.to_string(),
            path: row.path.clone(),
            country_code: row.country_code.clone(),
            created_at: row.request_created_at.to_string(),
            cache_enabled: row.cache_enabled,
            cache_reference_id: row.cache_reference_id.map(|id| id.to_string()),
            total_tokens: usage.total,
            prompt_tokens: usage.input,
            completion_tokens: usage.output,
            reasoning_tokens: usage.reasoning,
            prompt_cache_write_tokens: usage.cache_write,
            prompt_cache_read_tokens: usage.cache_read,
            latency: millis(row.total_us),
            time_to_first_token: row.first_token_us.map(millis),
            user: (!row.user_id.is_empty()).then(|| row.user_id.clone()),
            status: MappedStatus { code: row.status, status_type: status_type(row, has_error) },
            custom_properties: row.all_properties(),
            cost: row.cost.map(dollars),
            provider: row.provider.clone(),
            target_url: row.target_url.clone(),
            usage_source: row.usage_source.as_str(),
            usage_hint,
        }
    }
}

fn status_type(row: &LogRow, has_error: bool) -> &'static str {
    match row.status {
        _ if row.cache_reference_id.is_some() => "cached",
        _ if has_error => "error",
        200..=299 => "success",
        0 => "pending",
        _ => "error",
    }
}
