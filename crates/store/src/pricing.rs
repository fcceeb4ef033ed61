//! What a call is filed under and what it cost: what its bodies say, put to the prices.
//!
//! Rows and limits have to agree on this, so both ask here.

use gatehouse_catalog::{Breakdown, Catalog, EstimateQuery, Overrides, PriceQuery, Priced};
use gatehouse_types::{ExchangeMeta, NanoUsd, Observed, Timestamp, Usage, UsageSource};
use gatehouse_wire::{name_behind, region_of};

use crate::log::PricedRow;

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

/// A call that was made, as far as its price depends on it: as it was observed, or as its row has it.
#[derive(Clone, Copy, Debug)]
pub struct PricedCall<'a> {
    /// The provider's name, or the host of an unknown one.
    pub provider: &'a str,
    /// Where it was asked.
    pub target_url: &'a str,
    /// The model that the call is filed under; empty when nobody said.
    pub model: &'a str,
    /// The service tier that the provider billed, when it said so.
    pub service_tier: Option<&'a str>,
    /// Which variant of a product was made, where its price depends on it.
    pub variant: Option<&'a str>,
    /// What was counted, when anything was.
    pub usage: Option<&'a Usage>,
    /// What the provider says that the call cost.
    pub declared_cost: Option<NanoUsd>,
    /// Whether the call is charged for more than what is counted.
    pub extra_charges: bool,
    /// The HTTP status, or a synthetic one below 0.
    pub status: i32,
    /// When the call was made.
    pub at: Timestamp,
}

impl<'a> PricedCall<'a> {
    /// Returns the call that an exchange was, as far as its bodies tell.
    pub fn observed(meta: &'a ExchangeMeta, observed: &'a Observed) -> Self {
        Self {
            provider: &meta.provider,
            target_url: &meta.target_url,
            model: model_of(meta, observed),
            service_tier: observed.service_tier.as_deref(),
            variant: observed.variant.as_deref(),
            usage: observed.usage.as_ref(),
            declared_cost: observed.declared_cost,
            extra_charges: observed.extra_charges,
            status: meta.status,
            at: meta.started_at,
        }
    }

    /// Returns the call that a stored row tells of.
    pub fn stored(row: &'a PricedRow) -> Self {
        Self {
            provider: &row.provider,
            target_url: &row.target_url,
            model: &row.model,
            service_tier: row.billing.service_tier.as_deref(),
            variant: row.billing.variant.as_deref(),
            usage: (row.usage_source != UsageSource::None).then_some(&row.usage),
            declared_cost: row.billing.declared_cost,
            extra_charges: row.billing.extra_charges,
            status: row.status,
            at: row.request_created_at,
        }
    }

    /// Returns what the call cost, or why that is not known.
    pub fn price(self, catalog: &Catalog, overrides: Option<&Overrides>) -> Priced {
        catalog.price(self.query(), overrides)
    }

    /// Returns how what [`Self::price`] returns comes about.
    pub fn explain(self, catalog: &Catalog, overrides: Option<&Overrides>) -> Breakdown {
        catalog.explain(self.query(), overrides)
    }

    fn query(self) -> PriceQuery<'a> {
        PriceQuery {
            provider: paid_provider(self.provider, self.target_url),
            region: host_of(self.target_url).and_then(region_of),
            model: self.model,
            service_tier: self.service_tier,
            variant: self.variant,
            usage: self.usage,
            declared_cost: self.declared_cost,
            extra_charges: self.extra_charges,
            status: self.status,
            at: self.at,
        }
    }
}

/// Returns what a call cost, or why that is not known.
pub fn price_of(
    catalog: &Catalog,
    overrides: Option<&Overrides>,
    meta: &ExchangeMeta,
    observed: &Observed,
) -> Priced {
    PricedCall::observed(meta, observed).price(catalog, overrides)
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
pub fn estimate_of(catalog: &Catalog, overrides: Option<&Overrides>, call: Prospect<'_>) -> Option<NanoUsd> {
    let query = EstimateQuery {
        provider: paid_provider(call.provider, call.target_url),
        region: host_of(call.target_url).and_then(region_of),
        model: call.model,
        input_tokens: call.input_tokens,
        output_tokens: call.output_tokens,
        at: call.at,
    };
    catalog.estimate(query, overrides)
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
pub(crate) fn host_of(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', ':', '?', '#']).next()
}

#[cfg(test)]
mod tests;
