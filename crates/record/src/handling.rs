//! What the gateway did with a call beside passing it on, and what a hit of the cache saved.

use gatehouse_store::log::{CACHED, Handling, LogRow, Saved, threat};
use gatehouse_types::{CacheStatus, CacheUse, ExchangeMeta, NanoUsd, Usage, UsageSource};

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
pub(crate) fn enter_cache(row: &mut LogRow, cache: Option<CacheUse>, usage: &Usage) {
    let Some(cache) = cache else { return };
    row.cache_enabled = true;
    if cache.status != CacheStatus::Hit {
        return;
    }
    row.cache_reference_id = cache.reference_id;
    row.handling.saved = Saved {
        us: cache.original_us.map(|original_us| original_us.saturating_sub(row.total_us)),
        cost: row.cost,
        prompt_tokens: sum([usage.input, usage.cache_read, usage.cache_write, usage.input_audio]),
        completion_tokens: sum([usage.output, usage.reasoning, usage.output_audio]),
    };
    row.cost = Some(NanoUsd::new(0));
    CACHED.clone_into(&mut row.cost_status);
    row.usage_source = UsageSource::Cache;
    for count in [
        &mut row.prompt_tokens,
        &mut row.completion_tokens,
        &mut row.prompt_cache_read_tokens,
        &mut row.prompt_cache_write_tokens,
        &mut row.prompt_audio_tokens,
        &mut row.completion_audio_tokens,
        &mut row.reasoning_tokens,
        &mut row.total_tokens,
    ] {
        *count = Some(0);
    }
}

/// Returns the sum of the counts that are known, or `None` when none is.
fn sum<const N: usize>(counts: [Option<u64>; N]) -> Option<u64> {
    counts.into_iter().flatten().reduce(u64::saturating_add)
}
