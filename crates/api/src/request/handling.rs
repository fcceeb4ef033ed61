//! What the gateway did with a call, as the API shows it.

use gatehouse_store::log::{LimitStatus, LogRow};
use gatehouse_types::{Attempt, CacheStatus, GuardUse, LimitUse, Source};
use serde::Serialize;
use utoipa::ToSchema;

use super::row::{dollars, millis};

/// The part of a call's fields that tells of attempts, cache, limits and guards.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Handled {
    /// How the record came to be: `gateway`, or logged by the application itself, `manual` or `trace`.
    #[schema(example = "gateway")]
    source: &'static str,
    /// Every time a provider was asked, in order; empty when none was.
    attempts: Vec<ProviderAttempt>,
    /// Which entry of `Helicone-Fallbacks` answered, counted from 0.
    fallback_index: Option<u16>,
    /// What the cache did; null when the caller did not enable it.
    cache: Option<CacheDecision>,
    /// What the limits said; null when there was none.
    rate_limit: Option<LimitDecision>,
    /// What the guards said, in the order in which they were asked.
    guards: Vec<GuardDecision>,
    /// Whether a guard against attacks found one; null when none was asked or none could tell.
    threat: Option<bool>,
    /// The proxy key that stood in the place of the provider's.
    #[schema(format = Uuid)]
    proxy_key_id: Option<String>,
}

/// One time a provider was asked; times are milliseconds since the call began.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ProviderAttempt {
    /// The provider, in Helicone's spelling.
    #[schema(example = "OPENAI")]
    provider: String,
    /// Scheme, host and port.
    #[schema(example = "https://api.openai.com")]
    target_url: String,
    /// The entry of `Helicone-Fallbacks` that was asked, counted from 0.
    fallback_index: Option<u16>,
    /// The status of its answer; null when there was none.
    #[schema(example = 200)]
    status: Option<u16>,
    /// Why there was no answer: the stable kind.
    error_kind: Option<String>,
    /// When it began.
    started_ms: f64,
    /// When the head of the answer was there, or it had failed.
    ended_ms: f64,
    /// How long connecting took; null when a pooled connection served or none was had.
    connect_ms: Option<f64>,
}

/// What the cache did.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct CacheDecision {
    /// `miss` or `hit`.
    #[schema(example = "hit")]
    status: &'static str,
    /// The call whose answer was given again; null for a miss.
    #[schema(format = Uuid)]
    reference_id: Option<String>,
    /// Which slot of the bucket answered, counted from 0.
    bucket_index: Option<u16>,
    /// By how much the call was faster than the original one.
    saved_ms: Option<f64>,
    /// What the answer would have cost, in US dollars.
    saved_cost_usd: Option<f64>,
    /// Input tokens of every class that were not used.
    saved_prompt_tokens: Option<u64>,
    /// Output tokens of every class that were not used.
    saved_completion_tokens: Option<u64>,
}

/// What the limits said.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LimitDecision {
    /// The tightest policy; empty when none could be read.
    #[schema(example = "100;w=60;s=user")]
    policy: String,
    /// `allowed`, `refused`, or `error` when a policy of the caller's was not applied.
    #[schema(example = "allowed")]
    status: &'static str,
    /// Why a policy was not applied.
    error: Option<String>,
}

/// What a guard said.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct GuardDecision {
    /// The guard's name.
    name: String,
    /// What it guards against: `moderation`, `security` or `always`.
    #[schema(example = "moderation")]
    kind: String,
    /// Whether it refused the call.
    is_denied: bool,
    /// Its reason, or why it could not be asked.
    reason: Option<String>,
    /// How long it took, in milliseconds.
    took_ms: f64,
}

impl Handled {
    /// Returns what the gateway did with the call of a row.
    pub(super) fn from_row(row: &LogRow) -> Self {
        let handling = &row.handling;
        Self {
            source: handling.source.as_str(),
            attempts: attempts(row),
            fallback_index: handling.fallback_index,
            cache: handling.cache_status.map(|status| cache(row, status)),
            rate_limit: handling.rate_limit.as_ref().map(LimitDecision::from),
            guards: handling.guards.iter().map(GuardDecision::from).collect(),
            threat: handling.threat,
            proxy_key_id: handling.proxy_key_id.map(|id| id.to_string()),
        }
    }
}

/// Returns the attempts of a call: those of its list, or the only one, of which the row itself tells.
fn attempts(row: &LogRow) -> Vec<ProviderAttempt> {
    if row.handling.attempts.is_empty() && row.attempt_count > 0 {
        return vec![only_attempt(row)];
    }
    row.handling.attempts.iter().map(ProviderAttempt::from).collect()
}

fn only_attempt(row: &LogRow) -> ProviderAttempt {
    // Where no head of an answer came, the status is ours and not the provider's; who logs a call by hand tells
    // the provider's.
    let is_told = row.handling.source != Source::Gateway || row.first_byte_us.is_some();
    let answered = u16::try_from(row.status).ok().filter(|_| is_told);
    ProviderAttempt {
        provider: row.provider.clone(),
        target_url: origin(&row.target_url).to_owned(),
        fallback_index: row.handling.fallback_index,
        status: answered,
        error_kind: row.error_kind.clone(),
        started_ms: 0.0,
        ended_ms: millis(row.first_byte_us.unwrap_or(row.total_us)),
        connect_ms: row.connect_us.map(millis),
    }
}

/// Returns scheme, host and port of a URL.
fn origin(url: &str) -> &str {
    let host = url.find("://").map_or(0, |colon| colon + 3);
    let end = url.get(host..).and_then(|rest| rest.find(['/', '?', '#']));
    end.and_then(|end| url.get(..host + end)).unwrap_or(url)
}

fn cache(row: &LogRow, status: CacheStatus) -> CacheDecision {
    let saved = row.handling.saved;
    CacheDecision {
        status: status.as_str(),
        reference_id: row.cache_reference_id.map(|id| id.to_string()),
        bucket_index: row.handling.cache_bucket_index,
        saved_ms: saved.us.map(millis),
        saved_cost_usd: saved.cost.map(dollars),
        saved_prompt_tokens: saved.prompt_tokens,
        saved_completion_tokens: saved.completion_tokens,
    }
}

impl From<&Attempt> for ProviderAttempt {
    fn from(attempt: &Attempt) -> Self {
        Self {
            provider: attempt.provider.as_ref().to_owned(),
            target_url: attempt.origin.clone(),
            fallback_index: attempt.fallback_index,
            status: attempt.status,
            error_kind: attempt.error_kind.clone(),
            started_ms: millis(attempt.started_us),
            ended_ms: millis(attempt.ended_us),
            connect_ms: attempt.connect_us.map(millis),
        }
    }
}

impl From<&LimitUse> for LimitDecision {
    fn from(limit: &LimitUse) -> Self {
        Self {
            policy: limit.policy.clone(),
            status: LimitStatus::of(limit).as_str(),
            error: limit.error.clone(),
        }
    }
}

impl From<&GuardUse> for GuardDecision {
    fn from(guard: &GuardUse) -> Self {
        Self {
            name: guard.name.clone(),
            kind: guard.kind.clone(),
            is_denied: guard.is_denied,
            reason: guard.reason.clone(),
            took_ms: millis(guard.took_us),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_ends_where_the_path_begins() {
        let check = |url: &str, expected: &str| assert_eq!(origin(url), expected, "{url}");
        check("https://api.openai.com/v1/chat", "https://api.openai.com");
        check("http://127.0.0.1:8080?x=1/2", "http://127.0.0.1:8080");
        check("https://api.openai.com", "https://api.openai.com");
        check("no url", "no url");
        check("", "");
    }
}
