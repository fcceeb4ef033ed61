//! Lists of sessions, and figures over all of them.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use gatehouse_store::filter::{Filter, GroupKind, GroupedFilter, Test, TextColumn};
use gatehouse_store::log::{
    AggregateQuery, AggregateRow, Dimension, Direction, Figure, Having, MAX_GROUPS, Measure, Order, Quantity,
    SESSION_ID, SESSION_NAME,
};
use gatehouse_types::OrganizationId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::{property, query, searched};
use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, OptionalFields};
use crate::figures::answer::page;
use crate::figures::groups::{grouped, sort};
use crate::figures::histogram::{Cut, Range};
use crate::figures::value;
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// How many sessions a page has, unless said otherwise, and at most.
const SESSIONS: u64 = 50;
const MAX_SESSIONS: u64 = 1000;
/// How many users of a session are named.
const MAX_USERS: u32 = 100;
/// What a list can be sorted by, and what that is; the figures of a session in their order.
const FIGURES: [(&str, Measure); 10] = [
    ("created_at", Measure::First),
    ("latest_request_created_at", Measure::Last),
    ("total_cost", Measure::Sum(Quantity::Cost)),
    ("total_requests", Measure::Requests),
    ("prompt_tokens", Measure::Sum(Quantity::PromptTokens)),
    ("completion_tokens", Measure::Sum(Quantity::CompletionTokens)),
    ("total_tokens", Measure::Sum(Quantity::TotalTokens)),
    ("avg_latency", Measure::Average(Quantity::Latency)),
    ("duration", Measure::Duration),
    ("errors", Measure::Errors),
];

/// Which sessions are wanted; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "search": "", "filter": "all", "timezoneDifference": 0, "offset": 0, "limit": 50,
    "timeFilter": {"startTimeUnixMs": 1_795_305_600_000_u64, "endTimeUnixMs": 1_795_391_999_999_u64}
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct QuerySessions {
    /// Only sessions with this in their id or name, upper and lower case being the same.
    #[schema(required = false)]
    search: Option<String>,
    /// Only sessions of this name.
    #[schema(required = false)]
    name_equals: Option<String>,
    /// Only sessions with this in their name.
    #[schema(required = false)]
    name_contains: Option<String>,
    /// When calls began: `startTimeUnixMs` and `endTimeUnixMs`, or `start` and `end` in ISO 8601; both included.
    #[schema(value_type = Option<Object>, required = false)]
    time_filter: Option<Value>,
    /// Taken and not needed: times are in UTC.
    #[schema(required = false)]
    timezone_difference: Option<i32>,
    /// Which calls, as in a query of calls, and which sessions: the columns of `sessions_request_response_rmt` compare
    /// their figures.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// One figure of a session and its direction, `asc` or `desc`; `{"created_at": "desc"}` without it.
    #[schema(value_type = Option<Object>, required = false)]
    sort: Option<Value>,
    /// How many sessions to skip.
    #[schema(required = false, default = 0)]
    offset: Option<u64>,
    /// How many sessions at most.
    #[schema(required = false, default = 50, maximum = 1000)]
    limit: Option<u64>,
    /// Up to which share of the sessions histograms reach: `p50`, `p75` (the default), `p95`, `p99` or `p99.9`.
    #[schema(required = false)]
    p_size: Option<String>,
    /// Whether histograms leave out as much at their other end.
    #[schema(required = false)]
    use_interquartile: Option<bool>,
}

/// A session; a sum over nothing known is 0.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct Session {
    /// Its id.
    session_id: String,
    /// What its last call with a name says it is called; empty without one.
    session_name: String,
    /// When its first call began.
    #[schema(format = DateTime)]
    created_at: Value,
    /// When its last call began.
    #[schema(format = DateTime)]
    latest_request_created_at: Value,
    /// US dollars, over the calls of which the cost is known; null where it is of none.
    total_cost: Option<f64>,
    /// How many calls it has.
    total_requests: u64,
    /// Input tokens, as far as they are known; null where they are of no call.
    prompt_tokens: Option<u64>,
    /// Output tokens, as far as they are known; null where they are of no call.
    completion_tokens: Option<u64>,
    /// All tokens, as far as they are known; null where they are of no call.
    total_tokens: Option<u64>,
    /// How long its calls took on average, in ms.
    avg_latency: f64,
    /// From the beginning of its first call to the end of its last one, in ms.
    duration: f64,
    /// How many of its calls failed.
    errors: u64,
    /// Of how many calls the cost is not known.
    cost_unknown: u64,
    /// Its users, up to 100.
    user_ids: Vec<String>,
    /// Its tag; null without one.
    tag: Option<String>,
}

/// Figures over sessions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionCount)]
pub(crate) struct Count {
    /// How many sessions there are.
    count: u64,
    /// US dollars, as far as costs are known; null where there are sessions, and the cost is known of none.
    total_cost: Option<f64>,
    /// US dollars by session, of the sessions with a known cost.
    avg_cost: Option<f64>,
    /// How long calls took, in ms: the average of the sessions' averages.
    avg_latency: f64,
    /// Calls by session.
    avg_requests: f64,
}

/// How the figures of sessions are spread.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionMetrics)]
pub(crate) struct Metrics {
    /// Calls of a session.
    session_count: Vec<Range>,
    /// How long sessions are, in seconds.
    session_duration: Vec<Range>,
    /// What sessions cost, in US dollars; sessions without any known cost are left out.
    session_cost: Vec<Range>,
    /// The averages.
    average: Averages,
}

/// The averages of the figures of sessions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionAverages)]
pub(crate) struct Averages {
    /// Calls of a session.
    session_count: Vec<Average>,
    /// Seconds.
    session_duration: Vec<Average>,
    /// US dollars.
    session_cost: Vec<Average>,
}

/// One average.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SessionAverage)]
pub(crate) struct Average {
    /// It; 0 of nothing.
    average: f64,
}

/// Returns a page of sessions.
#[utoipa::path(
    post, path = "/v1/session/query", operation_id = "querySessions", tag = "Sessions", request_body = QuerySessions,
    responses(
        (status = 200, description = "The sessions", body = Envelope<Vec<Session>>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<Vec<Session>>>, ApiError> {
    let wanted = wanted(&state, reader.organization_id, &fields).await?;
    let (offset, limit) = page(&fields, SESSIONS, MAX_SESSIONS)?;
    let (key, direction) = sort(&fields, &FIGURES.map(|(name, _)| name))?;
    if limit == 0 {
        return Ok(Envelope::json(Vec::new()));
    }
    let extra = [Measure::Unknown(Quantity::Cost), Measure::Values(TextColumn::UserId, MAX_USERS)];
    let measures = FIGURES.map(|(_, measure)| measure).into_iter().chain(extra).collect();
    let query = AggregateQuery {
        order: vec![(Order::Measure(key), direction)],
        offset,
        limit,
        ..query(reader.organization_id, wanted, measures)
    };
    let filter = query.filter.clone();
    let found = state.log.aggregate(query).await?;
    let ids = found.rows.iter().filter_map(|row| row.groups.first()).map(value::text).collect();
    let names = names(&state, reader.organization_id, filter, ids).await?;
    let mut tags = tags(&state, reader.organization_id).await?;
    Ok(Envelope::json(found.rows.into_iter().map(|row| Session::of(row, &names, &mut tags)).collect()))
}

/// Returns figures over all sessions.
#[utoipa::path(
    post, path = "/v1/session/count", operation_id = "countSessions", tag = "Sessions", request_body = QuerySessions,
    responses(
        (status = 200, description = "The figures", body = Envelope<Count>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn count(
    reader: Reader,
    State(state): State<ApiState>,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<Count>>, ApiError> {
    let wanted = wanted(&state, reader.organization_id, &fields).await?;
    let measures = vec![Measure::Requests, Measure::Sum(Quantity::Cost), Measure::Average(Quantity::Latency)];
    let found = state.log.aggregate(query(reader.organization_id, wanted, measures)).await?;
    if found.total > found.rows.len() as u64 {
        let message = format!("these are {} sessions: take a shorter `timeFilter` or a filter", found.total);
        return Err(ApiError::new(ErrorKind::InvalidField, message));
    }
    let sum = |index: usize| value::amounts(&found.rows, index).iter().sum::<f64>();
    let by_session = |sum: f64| if found.total == 0 { 0.0 } else { sum / found.total as f64 };
    let costs = value::amounts(&found.rows, 1);
    let total_cost = (found.total == 0 || !costs.is_empty()).then(|| costs.iter().sum::<f64>());
    Ok(Envelope::json(Count {
        count: found.total,
        total_cost,
        avg_cost: total_cost.map(|sum| if costs.is_empty() { 0.0 } else { sum / costs.len() as f64 }),
        avg_latency: by_session(sum(2)),
        avg_requests: by_session(sum(0)),
    }))
}

/// Returns how the figures of sessions are spread; of the newest 100,000 where there are more.
#[utoipa::path(
    post, path = "/v1/session/metrics/query", operation_id = "querySessionMetrics", tag = "Sessions",
    request_body = QuerySessions,
    responses(
        (status = 200, description = "The figures", body = Envelope<Metrics>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn metrics(
    reader: Reader,
    State(state): State<ApiState>,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<Metrics>>, ApiError> {
    let cut = Cut::read(&fields)?;
    let wanted = wanted(&state, reader.organization_id, &fields).await?;
    let measures = vec![Measure::Requests, Measure::Duration, Measure::Sum(Quantity::Cost), Measure::First];
    let order = vec![(Order::Measure(3), Direction::Descending)];
    let query = AggregateQuery { order, ..query(reader.organization_id, wanted, measures) };
    let rows = state.log.aggregate(query).await?.rows;
    let counts = value::amounts(&rows, 0);
    let seconds: Vec<f64> = value::amounts(&rows, 1).into_iter().map(|millis| millis / 1000.0).collect();
    let costs = value::amounts(&rows, 2);
    Ok(Envelope::json(Metrics {
        average: Averages {
            session_count: average(&counts),
            session_duration: average(&seconds),
            session_cost: average(&costs),
        },
        session_count: cut.histogram(counts),
        session_duration: cut.histogram(seconds),
        session_cost: cut.histogram(costs),
    }))
}

/// Returns which sessions a body asks for, and of which calls they are made.
async fn wanted(
    state: &ApiState,
    organization_id: OrganizationId,
    fields: &Fields,
) -> Result<GroupedFilter, ApiError> {
    let mut wanted = grouped(state, organization_id, fields, GroupKind::Sessions).await?;
    wanted.having = searched(fields, wanted.having);
    Ok(wanted)
}

fn average(amounts: &[f64]) -> Vec<Average> {
    let sum: f64 = amounts.iter().sum();
    let average = if amounts.is_empty() { 0.0 } else { sum / amounts.len() as f64 };
    vec![Average { average }]
}

/// Returns what sessions are called: the name that is in the latest call with one.
async fn names(
    state: &ApiState,
    organization_id: OrganizationId,
    filter: Filter,
    ids: Vec<String>,
) -> Result<BTreeMap<String, String>, ApiError> {
    if ids.is_empty() {
        return Ok(BTreeMap::new());
    }
    let these = Filter::Leaf(property(SESSION_ID, Test::TextIn(ids)));
    let query = AggregateQuery {
        organization_id,
        filter: filter.and(these),
        groups: [SESSION_ID, SESSION_NAME].map(|name| Dimension::Property(name.to_owned())).to_vec(),
        measures: vec![Measure::Last],
        having: Having::All,
        // Of several names of a session the last one stays.
        order: vec![(Order::Measure(0), Direction::Ascending)],
        offset: 0,
        limit: MAX_GROUPS,
    };
    let found = state.log.aggregate(query).await?;
    let named = found.rows.iter().filter_map(|row| match row.groups.as_slice() {
        [id, name] => Some((value::text(id), value::text(name))),
        _ => None,
    });
    Ok(named.collect())
}

/// Returns the tags of the organisation's sessions, of which there are only so many.
async fn tags(
    state: &ApiState,
    organization_id: OrganizationId,
) -> Result<BTreeMap<String, String>, ApiError> {
    let tags = state.control()?.store().session_tags(organization_id).await?;
    Ok(tags.into_iter().map(|tag| (tag.session_id, tag.tag)).collect())
}

impl Session {
    fn of(row: AggregateRow, names: &BTreeMap<String, String>, tags: &mut BTreeMap<String, String>) -> Self {
        let session_id = row.groups.first().map(value::text).unwrap_or_default();
        let figure = |index: usize| row.measures.get(index).unwrap_or(&Figure::Unknown);
        let users = match figure(11) {
            Figure::Texts(users) => users.clone(),
            _ => Vec::new(),
        };
        Self {
            session_name: names.get(&session_id).cloned().unwrap_or_default(),
            tag: tags.remove(&session_id),
            session_id,
            created_at: value::json(figure(0).clone()),
            latest_request_created_at: value::json(figure(1).clone()),
            total_cost: value::known_number(figure(2)),
            total_requests: value::count(figure(3)),
            prompt_tokens: value::known_count(figure(4)),
            completion_tokens: value::known_count(figure(5)),
            total_tokens: value::known_count(figure(6)),
            avg_latency: value::number(figure(7)),
            duration: value::number(figure(8)),
            errors: value::count(figure(9)),
            cost_unknown: value::count(figure(10)),
            user_ids: users,
        }
    }
}
