//! What the cache did and saved over a span of time.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use gatehouse_store::filter::{Column, Condition, Filter, Test, TimeColumn};
use gatehouse_store::log::{CacheStats, SavedTotal};
use gatehouse_types::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope};
use crate::request::Envelope;
use crate::state::ApiState;

/// Over which calls the figures are added up.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CacheStatsParams {
    /// Only calls that began then or later: an ISO 8601 time.
    #[param(value_type = Option<String>, format = DateTime, example = "2026-11-22T00:00:00Z")]
    from: Option<String>,
    /// Only calls that began then or earlier.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<String>,
}

/// What the cache did and saved.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CacheStats)]
pub(crate) struct CacheStatsAnswer {
    /// How many calls it answered.
    hits: u64,
    /// How many calls enabled it and were answered by a provider.
    misses: u64,
    /// Time that hits saved, in milliseconds.
    saved_ms: Saved,
    /// Cost that hits saved, in US dollars.
    saved_cost_usd: Saved,
    /// Input tokens that hits saved.
    saved_prompt_tokens: Saved,
    /// Output tokens that hits saved.
    saved_completion_tokens: Saved,
}

/// A sum, and how much it lacks.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SavedTotal)]
pub(crate) struct Saved {
    /// The sum over the hits of which it is known.
    #[schema(example = 0.0153)]
    sum: f64,
    /// Of how many hits it is not known, so that more was saved.
    #[schema(example = 0)]
    unknown: u64,
}

/// Adds up what the cache did and saved.
#[utoipa::path(
    get, path = "/v1/cache/stats", operation_id = "getCacheStats", tag = "Requests", params(CacheStatsParams),
    responses(
        (status = 200, description = "The figures", body = Envelope<CacheStatsAnswer>),
        (status = 400, description = "A wrong parameter", body = ErrorEnvelope),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn read(
    reader: Reader,
    State(state): State<ApiState>,
    params: Result<Query<CacheStatsParams>, QueryRejection>,
) -> Result<Json<Envelope<CacheStatsAnswer>>, ApiError> {
    let Query(params) =
        params.map_err(|_| ApiError::field("from", "given at most once, and so must `to`"))?;
    let filter = Filter::And(
        Box::new(bound("from", params.from, Test::TimeAtLeast)?),
        Box::new(bound("to", params.to, Test::TimeAtMost)?),
    );
    let stats = state.log.cache_stats(reader.organization_id, filter).await?;
    Ok(Envelope::json(stats.into()))
}

/// Returns the filter that one end of the span is.
fn bound(name: &str, text: Option<String>, test: fn(Timestamp) -> Test) -> Result<Filter, ApiError> {
    let Some(text) = text else { return Ok(Filter::All) };
    let at = Timestamp::parse(&text).ok_or_else(|| ApiError::field(name, "an ISO 8601 time"))?;
    let column = Column::Time(TimeColumn::RequestCreatedAt);
    Ok(Filter::Leaf(Condition { column, test: test(at) }))
}

impl From<CacheStats> for CacheStatsAnswer {
    fn from(stats: CacheStats) -> Self {
        Self {
            hits: stats.hits,
            misses: stats.misses,
            saved_ms: saved(stats.saved_us, 1e3),
            saved_cost_usd: saved(stats.saved_cost, 1e9),
            saved_prompt_tokens: saved(stats.saved_prompt_tokens, 1.0),
            saved_completion_tokens: saved(stats.saved_completion_tokens, 1.0),
        }
    }
}

/// Returns a sum in a unit that has so many of the stored ones.
fn saved(total: SavedTotal, per_unit: f64) -> Saved {
    Saved { sum: total.sum as f64 / per_unit, unknown: total.unknown }
}
