//! How the cost of a call comes about.

use axum::Json;
use axum::extract::Path;
use axum::extract::State;
use axum::extract::rejection::PathRejection;
use gatehouse_catalog::Breakdown;
use gatehouse_store::log::RowKey;
use gatehouse_store::pricing::PricedCall;
use gatehouse_types::{NanoUsd, UsageSource};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::dollars;
use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope};
use crate::request::{Envelope, found};
use crate::state::ApiState;

/// How the cost of a call comes about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CostDerivation)]
pub(crate) struct Derivation {
    /// What is stored, in US dollars; null when it is not known.
    #[schema(example = 0.0000125)]
    cost_usd: Option<f64>,
    /// Why it is what it is.
    #[schema(example = "priced")]
    cost_status: String,
    /// When the stored cost was computed anew; null for the one of the call itself.
    revised_at: Option<String>,
    /// Why: `reprice` or `mapping`.
    revised_reason: Option<String>,
    /// Whether today's prices come to the same; pricing the call anew makes them.
    is_current: bool,
    /// How today's prices for the time of the call come to a cost: the row of prices, what each unit comes to in
    /// 10⁻¹² dollars, the exact sum and its rounding. Null for an answer out of the cache, which costs nothing.
    #[schema(value_type = Option<Object>)]
    breakdown: Option<Value>,
}

/// Tells how the cost of a call comes about.
#[utoipa::path(
    get, path = "/v1/request/{id}/cost", operation_id = "getRequestCost", tag = "Cost",
    params(("id" = String, Path, format = Uuid, description = "The call's id")),
    responses(
        (status = 200, description = "How it comes about", body = Envelope<Derivation>),
        (status = 400, description = "Not an id", body = ErrorEnvelope),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
        (status = 404, description = "No such call in this organisation", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn read(
    reader: Reader,
    State(state): State<ApiState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Envelope<Derivation>>, ApiError> {
    let row = found(&state, reader.organization_id, id).await?;
    // The key names a row of a walk; here there is no walk.
    let priced = row.priced(RowKey::new(0));
    let is_cached = row.usage_source == UsageSource::Cache;
    let view = state.view.load();
    let overrides = view.prices.of(reader.organization_id);
    let breakdown = match is_cached {
        true => None,
        false => Some(PricedCall::stored(&priced).explain(state.catalog()?, overrides)),
    };
    let is_same = |breakdown: &Breakdown| {
        (breakdown.cost, breakdown.status.as_str()) == (row.cost, row.cost_status.as_str())
    };
    Ok(Envelope::json(Derivation {
        cost_usd: row.cost.map(NanoUsd::get).map(dollars),
        cost_status: row.cost_status.clone(),
        revised_at: row.revised.map(|revised| revised.at.to_string()),
        revised_reason: row.revised.map(|revised| revised.reason.as_str().to_owned()),
        is_current: breakdown.as_ref().is_none_or(is_same),
        breakdown: breakdown.map(|breakdown| serde_json::to_value(breakdown).unwrap_or_default()),
    }))
}
