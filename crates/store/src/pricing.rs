//! What a call is filed under and what it cost: what its bodies say, put to the prices.
//!
//! Rows and limits have to agree on this, so both ask here.

use gatehouse_catalog::{Catalog, EstimateQuery, PriceQuery, Priced};
use gatehouse_types::{ExchangeMeta, NanoUsd, Observed, Timestamp};
use gatehouse_wire::{name_behind, region_of};

/// Returns the model that a call is filed under: the caller's override, else the provider's word, else what
/// was asked for; empty when nobody said.
pub fn model_of<'a>(meta: &'a ExchangeMeta, observed: &'a Observed) -> &'a str {
    [&meta.model_override, &observed.response_model, &observed.request_model]
        .into_iter()
        .flatten()
        .find(|model| !model.is_empty())
        .map(String::as_str)
        .unwrap_or_default()
}

/// Returns what a call cost, or why that is not known.
pub fn price_of(catalog: &Catalog, meta: &ExchangeMeta, observed: &Observed) -> Priced {
    catalog.price(PriceQuery {
        provider: paid_provider(&meta.provider, &meta.target_url),
        region: host_of(&meta.target_url).and_then(region_of),
        model: model_of(meta, observed),
        service_tier: observed.service_tier.as_deref(),
        usage: observed.usage.as_ref(),
        extra_charges: observed.extra_charges,
        status: meta.status,
        at: meta.started_at,
    })
}

/// A call that is to be made, as far as its price depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Prospect<'a> {
    /// The provider's name.
    pub provider: &'a str,
    /// Where it is asked.
    pub target_url: &'a str,
    /// The model that is asked for.
    pub model: &'a str,
    /// The tokens of the input, roughly.
    pub input_tokens: u64,
    /// The tokens that the answer may have.
    pub output_tokens: u64,
    /// When the call is made.
    pub at: Timestamp,
}

/// Returns what a call will cost at most, roughly; `None` when its price is not known.
pub fn estimate_of(catalog: &Catalog, call: Prospect<'_>) -> Option<NanoUsd> {
    catalog.estimate(EstimateQuery {
        provider: paid_provider(call.provider, call.target_url),
        region: host_of(call.target_url).and_then(region_of),
        model: call.model,
        input_tokens: call.input_tokens,
        output_tokens: call.output_tokens,
        at: call.at,
    })
}

/// Whose prices count: those of the provider behind the one that was called, if there is one.
fn paid_provider<'a>(provider: &'a str, target_url: &str) -> &'a str {
    name_behind(provider, path_of(target_url)).unwrap_or(provider)
}

/// The path of a URL and what follows it.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.find('/').and_then(|start| rest.get(start..)).unwrap_or_default()
}

/// The host of a URL, without its port.
fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', ':', '?', '#']).next()
}
