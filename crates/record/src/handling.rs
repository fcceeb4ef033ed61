//! What the gateway did with a call beside passing it on, and what a hit of the cache saved.

use gatehouse_store::log::{Billing, CACHED, Handling, LogRow, Saved, threat};
use gatehouse_types::{CacheStatus, CacheUse, ExchangeMeta, NanoUsd, UnitKind, Usage, UsageSource};

/// Takes what is known of attempts, cache, limits and guards out of the facts of a call.
pub(crate) fn taken(meta: &mut ExchangeMeta) -> Handling {
    let guards = std::mem::take(&mut meta.guards);
    let cache = meta.cache.as_ref();
    Handling {
        source: meta.source,
        attempts: std::mem::take(&mut meta.attempt_log),
        fallback_index: meta.fallback_index,
        cache_status: cache.map(|cache| cache.status),
        cache_bucket_index: cache.and_then(|cache| cache.bucket_index),
        saved: Saved::default(),
        rate_limit: meta.rate_limit.take(),
        threat: threat(&guards),
        guards,
        proxy_key_id: meta.proxy_key_id,
        prompt_inputs: std::mem::take(&mut meta.prompt_inputs),
    }
}

/// Enters what the cache did.
///
/// A call that the cache answered used nothing and costs nothing, which is known: what `row` holds of the
/// replayed answer is what was saved.
pub(crate) fn enter_cache(row: &mut LogRow, cache: Option<CacheUse>) {
    let Some(cache) = cache else { return };
    row.cache_enabled = true;
    if cache.status != CacheStatus::Hit {
        return;
    }
    row.cache_reference_id = cache.reference_id;
    row.handling.saved = Saved {
        us: cache.original_us.map(|original_us| original_us.saturating_sub(row.total_us)),
        cost: row.cost,
        prompt_tokens: sum(&row.usage, UnitKind::is_input),
        completion_tokens: sum(&row.usage, |kind| !kind.is_input()),
    };
    row.cost = Some(NanoUsd::new(0));
    CACHED.clone_into(&mut row.cost_status);
    row.usage_source = UsageSource::Cache;
    row.usage = nothing();
    row.billing = Billing::default();
}

/// Returns what a call used that the cache answered, in the classes that most providers count.
fn nothing() -> Usage {
    Usage {
        input: Some(0),
        output: Some(0),
        cache_read: Some(0),
        cache_write: Some(0),
        reasoning: Some(0),
        input_audio: Some(0),
        output_audio: Some(0),
        total: Some(0),
        ..Usage::default()
    }
}

/// Returns the sum of the counts of tokens that are known, or `None` when none is.
fn sum(usage: &Usage, is_meant: impl Fn(UnitKind) -> bool) -> Option<u64> {
    let tokens = UnitKind::ALL.into_iter().filter(|kind| kind.is_tokens() && is_meant(*kind));
    tokens.filter_map(|kind| usage.count(kind)).reduce(u64::saturating_add)
}
