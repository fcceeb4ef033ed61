//! What sessions are called, and how often.

use axum::Json;
use axum::extract::State;
use gatehouse_store::filter::{Filter, GroupKind, Test};
use gatehouse_store::log::{
    AggregateQuery, AggregateRow, Dimension, Figure, Having, Measure, Order, Quantity, SESSION_ID,
    SESSION_NAME,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{in_session, property};
use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope};
use crate::fields::OptionalFields;
use crate::figures::answer::page;
use crate::figures::groups::{grouped, sort};
use crate::figures::value;
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// How many names there are, unless said otherwise, and at most.
const NAMES: u64 = 50;
const MAX_NAMES: u64 = 1000;
/// What names can be sorted by: their figures, in their order.
const FIGURES: [&str; 4] = ["last_used", "first_used", "session_count", "avg_latency"];

/// Which names of sessions are wanted; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "nameContains": "", "timezoneDifference": 0, "filter": "all", "limit": 50
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct QuerySessionNames {
    /// Only names with this in them, upper and lower case being the same.
    #[schema(required = false)]
    name_contains: Option<String>,
    /// Taken and not needed: times are in UTC.
    #[schema(required = false)]
    timezone_difference: Option<i32>,
    /// When calls began: `startTimeUnixMs` and `endTimeUnixMs`, or `start` and `end` in ISO 8601; both included.
    #[schema(value_type = Option<Object>, required = false)]
    time_filter: Option<Value>,
    /// Which calls, as in a query of calls.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// One figure of a name and its direction, `asc` or `desc`; `{"last_used": "desc"}` without it.
    #[schema(value_type = Option<Object>, required = false)]
    sort: Option<Value>,
    /// How many names to skip.
    #[schema(required = false, default = 0)]
    offset: Option<u64>,
    /// How many names at most.
    #[schema(required = false, default = 50, maximum = 1000)]
    limit: Option<u64>,
}

/// A name of sessions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionName)]
pub(crate) struct Name {
    /// It; empty for the sessions without one, which come last on the first page.
    name: String,
    /// When its first call began.
    #[schema(format = DateTime)]
    created_at: Value,
    /// The same as `created_at`.
    #[schema(format = DateTime)]
    first_used: Value,
    /// When its last call began.
    #[schema(format = DateTime)]
    last_used: Value,
    /// How many sessions are called so.
    session_count: u64,
    /// How long calls took on average, in ms.
    avg_latency: f64,
}

/// Returns what sessions are called.
#[utoipa::path(
    post, path = "/v1/session/name/query", operation_id = "querySessionNames", tag = "Sessions",
    request_body = QuerySessionNames,
    responses(
        (status = 200, description = "The names", body = Envelope<Vec<Name>>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<Vec<Name>>>, ApiError> {
    let filter = grouped(&state, reader.organization_id, &fields, GroupKind::Sessions).await?;
    let (offset, limit) = page(&fields, NAMES, MAX_NAMES)?;
    let (key, direction) = sort(&fields, &FIGURES)?;
    let part = fields.value("nameContains").and_then(Value::as_str).unwrap_or_default();
    let mut calls = filter.rows.and(in_session());
    if !part.is_empty() {
        calls = calls.and(Filter::Leaf(property(SESSION_NAME, Test::Contains(part.to_owned()))));
    }
    let query = AggregateQuery {
        organization_id: reader.organization_id,
        filter: calls,
        groups: vec![Dimension::Property(SESSION_NAME.to_owned())],
        measures: figures(),
        having: filter.having,
        order: vec![(Order::Measure(key), direction)],
        offset,
        limit: limit.max(1),
    };
    if limit == 0 {
        return Ok(Envelope::json(Vec::new()));
    }
    let unnamed = AggregateQuery {
        filter: query.filter.clone().and(Filter::Leaf(property(SESSION_NAME, Test::IsNull))),
        groups: Vec::new(),
        having: Having::All,
        order: Vec::new(),
        offset: 0,
        ..query.clone()
    };
    let found = state.log.aggregate(query).await?;
    let mut names: Vec<Name> = found.rows.into_iter().map(Name::of).collect();
    if part.is_empty() && offset == 0 {
        let unnamed = state.log.aggregate(unnamed).await?.rows.into_iter().map(Name::of);
        names.extend(unnamed.filter(|name| name.session_count > 0));
    }
    Ok(Envelope::json(names))
}

/// Returns the figures of a name.
fn figures() -> Vec<Measure> {
    let sessions = Dimension::Property(SESSION_ID.to_owned());
    vec![Measure::Last, Measure::First, Measure::Distinct(sessions), Measure::Average(Quantity::Latency)]
}

impl Name {
    fn of(row: AggregateRow) -> Self {
        let figure = |index: usize| row.measures.get(index).unwrap_or(&Figure::Unknown);
        Self {
            name: row.groups.first().map(value::text).unwrap_or_default(),
            created_at: value::json(figure(1).clone()),
            first_used: value::json(figure(1).clone()),
            last_used: value::json(figure(0).clone()),
            session_count: value::count(figure(2)),
            avg_latency: value::number(figure(3)),
        }
    }
}
