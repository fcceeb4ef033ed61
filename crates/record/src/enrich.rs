//! From the record of an exchange to the row that is stored: what was said, used and paid.

use gatehouse_catalog::Priced;
use gatehouse_store::log::{Annotations, Billing, Bodies, LogRow};
use gatehouse_store::pricing::{model_of, price_of};
use gatehouse_types::{BodyState, Exchange, ExchangeMeta, Observed, Usage, UsageSource};
use gatehouse_wire::{ReadExchange, read_body};

use crate::handling;
use crate::knowledge::Knowledge;
use crate::mapping::{Sighting, Watches, read_by_mapping};

/// How much of a body is read for what it says, however little of it is stored.
const READ_BYTES: usize = 20 << 20;

/// The row of an exchange, and what it tells of the mappers of its organisation.
pub(crate) struct Enriched {
    pub(crate) row: LogRow,
    pub(crate) sighting: Option<Sighting>,
}

/// Returns the row of an exchange.
///
/// Bodies are decoded from their content encoding, read, and stored up to `max_body_bytes`; those that the caller
/// omitted leave no trace but what was observed before. The same exchange and knowledge always give the same row.
pub fn enrich(exchange: Exchange, knowledge: &Knowledge, max_body_bytes: usize) -> LogRow {
    enrich_watched(exchange, knowledge, None, max_body_bytes).row
}

/// Does what [`enrich`] does, and counts in `watches` how well mappings fit.
pub(crate) fn enrich_watched(
    exchange: Exchange,
    knowledge: &Knowledge,
    watches: Option<&Watches>,
    max_body_bytes: usize,
) -> Enriched {
    let Exchange { meta, request, response } = exchange;
    let read_bytes = max_body_bytes.max(READ_BYTES);
    let request_body = read_body(&request, read_bytes);
    let response_body = read_body(&response, read_bytes);
    let read = ReadExchange { request: (&request, &request_body), response: (&response, &response_body) };
    let is_stream = meta.timing.first_token_us.is_some() || read.is_event_stream();
    let mut observed = match &meta.observed {
        Some(observed) => observed.clone(),
        None => read.observe(&meta),
    };
    let (mapper, sighting) = read_by_mapping(&meta, &read, &mut observed, knowledge, watches);
    if request.state == BodyState::Omitted {
        observed.request_preview = None;
    }
    if response.state == BodyState::Omitted {
        observed.response_preview = None;
    }
    let (request_body, response_body) = (request_body.cut(max_body_bytes), response_body.cut(max_body_bytes));
    let bodies = Bodies { request: request_body.bytes, response: response_body.bytes };
    let states = (request_body.state, response_body.state);
    let mut row = row(meta, observed, knowledge);
    row.is_stream = is_stream;
    row.request_bytes = request.wire_bytes;
    row.response_bytes = response.wire_bytes;
    (row.request_body_state, row.response_body_state) = states;
    row.bodies = bodies;
    if mapper.is_some() && row.usage_source == UsageSource::Provider {
        row.usage_source = UsageSource::Mapped;
    }
    row.mapper = mapper;
    Enriched { row, sighting }
}

/// The row without what depends on the bodies themselves.
fn row(mut meta: ExchangeMeta, observed: Observed, knowledge: &Knowledge) -> LogRow {
    let model = model_of(&meta, &observed).to_owned();
    let Priced { cost, status: cost_status } =
        price_of(&knowledge.catalog, knowledge.overrides(meta.organization_id), &meta, &observed);
    let usage_source = if observed.usage.is_some() { UsageSource::Provider } else { UsageSource::None };
    let usage = observed.usage.unwrap_or_default();
    let handling = handling::taken(&mut meta);
    let mut row = LogRow {
        request_id: meta.request_id,
        client_chose_id: meta.client_chose_id,
        response_id: meta.request_id,
        organization_id: meta.organization_id,
        key_id: meta.key_id,
        request_created_at: meta.started_at,
        response_created_at: meta.started_at.plus(std::time::Duration::from_micros(meta.timing.total_us)),
        outcome: meta.outcome,
        status: meta.status,
        error_kind: meta.error_kind,
        attempt_count: meta.attempts,
        method: meta.method,
        path: meta.path,
        target_url: meta.target_url,
        provider: meta.provider.as_ref().to_owned(),
        model,
        request_model: observed.request_model,
        response_model: observed.response_model,
        model_override: meta.model_override,
        is_stream: false,
        user_id: meta.user_id.filter(|user| !user.is_empty()).or(observed.user).unwrap_or_default(),
        properties: meta.properties.into_iter().collect(),
        usage_source,
        usage: Usage { total: usage.total_tokens(), ..usage },
        billing: Billing {
            service_tier: observed.service_tier,
            variant: observed.variant,
            declared_cost: observed.declared_cost,
            extra_charges: observed.extra_charges,
            is_unknown: false,
        },
        mapper: None,
        cost,
        cost_status: cost_status.as_str().to_owned(),
        connect_us: meta.timing.connect_us,
        first_byte_us: meta.timing.first_byte_us,
        first_token_us: meta.timing.first_token_us,
        total_us: meta.timing.total_us,
        request_bytes: 0,
        response_bytes: 0,
        request_body_state: BodyState::Empty,
        response_body_state: BodyState::Empty,
        request_preview: observed.request_preview,
        response_preview: observed.response_preview,
        country_code: meta.country_code,
        cache_reference_id: None,
        cache_enabled: false,
        prompt_id: meta.prompt_id.unwrap_or_default(),
        prompt_version: meta.prompt_version.unwrap_or_default(),
        request_referrer: String::new(),
        handling,
        bodies: Bodies::default(),
        annotations: Annotations::default(),
        revised: None,
    };
    handling::enter_cache(&mut row, meta.cache);
    row
}

#[cfg(test)]
mod tests;
