//! Users: the calls with the same `Helicone-User-Id`, put together.

use axum::Json;
use axum::extract::State;
use gatehouse_store::filter::{Column, Condition, Filter, GroupKind, GroupedFilter, Test, TextColumn};
use gatehouse_store::log::{
    AggregateQuery, AggregateRow, Direction, Figure, MAX_GROUPS, Measure, Order, Quantity,
};
use gatehouse_types::OrganizationId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope};
use crate::fields::{Fields, OptionalFields};
use crate::figures::answer::page;
use crate::figures::groups::{grouped, sort};
use crate::figures::histogram::{Cut, Range};
use crate::figures::{ACTIVE_DAYS, RATE_LIMITED, USER, value};
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// How many users a list has, unless said otherwise, and at most.
const USERS: u64 = 100;
const MAX_USERS: u64 = 10_000;
/// How many users can be asked for by name.
const MAX_NAMED: usize = 1_000;
/// What users can be sorted by, and what that is; the figures of a user in their order.
const FIGURES: [(&str, Measure); 10] = [
    ("last_active", Measure::Last),
    ("first_active", Measure::First),
    ("active_for", ACTIVE_DAYS),
    ("total_requests", Measure::Requests),
    ("average_requests_per_day_active", Measure::RequestsPerActiveDay),
    ("average_tokens_per_request", Measure::TokensPerRequest),
    ("total_prompt_tokens", Measure::Sum(Quantity::PromptTokens)),
    ("total_completion_tokens", Measure::Sum(Quantity::CompletionTokens)),
    ("cost", Measure::Sum(Quantity::Cost)),
    ("rate_limited_count", RATE_LIMITED),
];

/// Which users' figures are wanted; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "userIds": ["alice"], "timeFilter": {"startTimeUnixSeconds": 1_795_305_600, "endTimeUnixSeconds": 1_795_391_999}
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct QueryUsers {
    /// Only these users, up to 1,000; all of them without it.
    #[schema(required = false)]
    user_ids: Option<Vec<String>>,
    /// When calls began: `startTimeUnixSeconds` and `endTimeUnixSeconds`, or `start` and `end` in ISO 8601.
    #[schema(value_type = Option<Object>, required = false)]
    time_filter: Option<Value>,
    /// Which calls, as in a query of calls, and which users: the columns of `users_view` compare their figures.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// How many users to skip.
    #[schema(required = false, default = 0)]
    offset: Option<u64>,
    /// How many users at most.
    #[schema(required = false, default = 10000, maximum = 10000)]
    limit: Option<u64>,
}

/// Which part of which users' figures is wanted; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "filter": {"users_view": {"user_total_requests": {"gte": 1}}}, "offset": 0, "limit": 100,
    "sort": {"cost": "desc"}
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct QueryUserMetrics {
    /// Which calls, as in a query of calls, and which users: the columns of `users_view` compare their figures.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// When calls began: `startTimeUnixSeconds` and `endTimeUnixSeconds`, or `start` and `end` in ISO 8601.
    #[schema(value_type = Option<Object>, required = false)]
    time_filter: Option<Value>,
    /// Taken and not needed: times and days are in UTC.
    #[schema(required = false)]
    time_zone_difference_minutes: Option<i32>,
    /// One key and its direction, `asc` or `desc`: `last_active` (the default, `desc`), `first_active`, `active_for`,
    /// `total_requests`, `average_requests_per_day_active`, `average_tokens_per_request`, `total_prompt_tokens`,
    /// `total_completion_tokens`, `cost`, `rate_limited_count`, `user_id`, `id`. Unknown values come last.
    #[schema(value_type = Option<Object>, required = false)]
    sort: Option<Value>,
    /// How many users to skip.
    #[schema(required = false, default = 0)]
    offset: Option<u64>,
    /// How many users at most.
    #[schema(required = false, default = 100, maximum = 10000)]
    limit: Option<u64>,
}

/// Which users' figures are spread, and how; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({"filter": "all", "pSize": "p95", "useInterquartile": false}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct QueryUserOverview {
    /// Which calls, as in a query of calls, and which users: the columns of `users_view` compare their figures.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// When calls began, as in the other queries of users.
    #[schema(value_type = Option<Object>, required = false)]
    time_filter: Option<Value>,
    /// Up to which share of the users histograms reach: `p50`, `p75` (the default), `p95`, `p99` or `p99.9`.
    #[schema(required = false)]
    p_size: Option<String>,
    /// Whether histograms leave out as much at their other end.
    #[schema(required = false)]
    use_interquartile: Option<bool>,
}

/// What a user's calls cost and used; a sum over nothing known is null.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserUsage {
    /// The user.
    #[schema(example = "alice")]
    user_id: String,
    /// US dollars, as far as costs are known.
    cost: Option<f64>,
    /// Of how many calls the cost is not known.
    cost_unknown: u64,
    /// How many calls.
    count: u64,
    /// Input tokens, as far as they are known.
    prompt_tokens: Option<u64>,
    /// Output tokens, as far as they are known.
    completion_tokens: Option<u64>,
}

/// The figures of a user; a sum over nothing known is null.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserMetrics {
    /// The user.
    #[schema(example = "alice")]
    id: String,
    /// The same.
    user_id: String,
    /// On how many days (UTC) there were calls.
    active_for: u64,
    /// When the first call began.
    #[schema(format = DateTime)]
    first_active: Value,
    /// When the last call began.
    #[schema(format = DateTime)]
    last_active: Value,
    /// How many calls.
    total_requests: u64,
    /// Calls for each day with any.
    average_requests_per_day_active: f64,
    /// Tokens for each call whose tokens are known.
    average_tokens_per_request: Option<f64>,
    /// Input tokens, as far as they are known.
    total_prompt_tokens: Option<u64>,
    /// Output tokens, as far as they are known.
    total_completion_tokens: Option<u64>,
    /// US dollars, as far as costs are known.
    cost: Option<f64>,
    /// Of how many calls the cost is not known.
    cost_unknown: u64,
    /// How many calls a limit refused.
    rate_limited_count: u64,
}

/// A page of users.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserPage {
    /// Their figures.
    users: Vec<UserMetrics>,
    /// How many users match.
    count: u64,
    /// Whether the organisation has any user at all.
    #[serde(rename = "hasUsers")]
    has_users: bool,
}

/// How the figures of users are spread.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct UserOverview {
    /// Calls of a user.
    request_count: Vec<Range>,
    /// What users cost, in US dollars; those without any known cost are left out.
    user_cost: Vec<Range>,
}

/// Returns what the calls of users cost and used, the one with the most calls first.
#[utoipa::path(
    post, path = "/v1/user/query", operation_id = "queryUsers", tag = "Users", request_body = QueryUsers,
    responses(
        (status = 200, description = "The users", body = Envelope<Vec<UserUsage>>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn usage(
    reader: Reader,
    State(state): State<ApiState>,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<Vec<UserUsage>>>, ApiError> {
    let mut wanted = grouped(&state, reader.organization_id, &fields, GroupKind::Users).await?;
    if let Some(ids) = user_ids(&fields)? {
        let column = Column::Text(TextColumn::UserId);
        wanted.rows = wanted.rows.and(Filter::Leaf(Condition { column, test: Test::TextIn(ids) }));
    }
    let (offset, limit) = page(&fields, MAX_USERS, MAX_USERS)?;
    if limit == 0 {
        return Ok(Envelope::json(Vec::new()));
    }
    let measures = vec![
        Measure::Requests,
        Measure::Sum(Quantity::Cost),
        Measure::Sum(Quantity::PromptTokens),
        Measure::Sum(Quantity::CompletionTokens),
        Measure::Unknown(Quantity::Cost),
    ];
    let order = vec![(Order::Measure(0), Direction::Descending)];
    let query = AggregateQuery { order, offset, limit, ..query(reader.organization_id, wanted, measures) };
    let found = state.log.aggregate(query).await?;
    let users = found.rows.into_iter().map(|row| {
        let (user_id, figure) = parts(&row);
        UserUsage {
            user_id,
            cost: value::known_number(figure(1)),
            cost_unknown: value::count(figure(4)),
            count: value::count(figure(0)),
            prompt_tokens: value::known_count(figure(2)),
            completion_tokens: value::known_count(figure(3)),
        }
    });
    Ok(Envelope::json(users.collect()))
}

/// Returns a page of users and their figures.
#[utoipa::path(
    post, path = "/v1/user/metrics/query", operation_id = "queryUserMetrics", tag = "Users",
    request_body = QueryUserMetrics,
    responses(
        (status = 200, description = "The users", body = Envelope<UserPage>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn metrics(
    reader: Reader,
    State(state): State<ApiState>,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<UserPage>>, ApiError> {
    let organization_id = reader.organization_id;
    let wanted = grouped(&state, organization_id, &fields, GroupKind::Users).await?;
    let (offset, limit) = page(&fields, USERS, MAX_USERS)?;
    let keys: Vec<_> = FIGURES.iter().map(|(name, _)| *name).chain(["user_id", "id"]).collect();
    let (key, direction) = sort(&fields, &keys)?;
    let by = if key < FIGURES.len() { Order::Measure(key) } else { Order::Group(0) };
    let measures = FIGURES.map(|(_, measure)| measure).into_iter().chain([Measure::Unknown(Quantity::Cost)]);
    let query = AggregateQuery {
        order: vec![(by, direction)],
        offset,
        limit: limit.max(1),
        ..query(organization_id, wanted, measures.collect())
    };
    let found = state.log.aggregate(query).await?;
    let has_users = found.total > 0 || has_users(&state, organization_id).await?;
    let shown = usize::try_from(limit).unwrap_or(usize::MAX);
    let users = found.rows.into_iter().take(shown).map(UserMetrics::of).collect();
    Ok(Envelope::json(UserPage { users, count: found.total, has_users }))
}

/// Returns how the figures of users are spread; of the most active 100,000 where there are more.
#[utoipa::path(
    post, path = "/v1/user/metrics-overview/query", operation_id = "queryUserOverview", tag = "Users",
    request_body = QueryUserOverview,
    responses(
        (status = 200, description = "The figures", body = Envelope<UserOverview>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn overview(
    reader: Reader,
    State(state): State<ApiState>,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<UserOverview>>, ApiError> {
    let cut = Cut::read(&fields)?;
    let wanted = grouped(&state, reader.organization_id, &fields, GroupKind::Users).await?;
    let measures = vec![Measure::Requests, Measure::Sum(Quantity::Cost)];
    let order = vec![(Order::Measure(0), Direction::Descending)];
    let query = AggregateQuery { order, ..query(reader.organization_id, wanted, measures) };
    let rows = state.log.aggregate(query).await?.rows;
    let amounts = |index| cut.histogram(value::amounts(&rows, index));
    Ok(Envelope::json(UserOverview { request_count: amounts(0), user_cost: amounts(1) }))
}

/// Returns whether an organisation has any user at all.
async fn has_users(state: &ApiState, organization_id: OrganizationId) -> Result<bool, ApiError> {
    let all = query(organization_id, GroupedFilter::default(), vec![Measure::Requests]);
    let found = state.log.aggregate(AggregateQuery { limit: 1, ..all }).await?;
    Ok(found.total > 0)
}

fn query(organization_id: OrganizationId, wanted: GroupedFilter, measures: Vec<Measure>) -> AggregateQuery {
    let GroupedFilter { rows: filter, having } = wanted;
    let (groups, order) = (vec![USER], Vec::new());
    AggregateQuery { organization_id, filter, groups, measures, having, order, offset: 0, limit: MAX_GROUPS }
}

/// Reads which users are asked for by name.
fn user_ids(fields: &Fields) -> Result<Option<Vec<String>>, ApiError> {
    let Some(value) = fields.value("userIds") else { return Ok(None) };
    let expected = format!("a list of up to {MAX_NAMED} texts");
    let list = value.as_array().filter(|list| list.len() <= MAX_NAMED);
    let ids =
        list.and_then(|list| list.iter().map(|id| id.as_str().map(str::to_owned)).collect::<Option<_>>());
    // Helicone takes an empty list for all.
    let ids: Vec<String> = ids.ok_or_else(|| ApiError::field("userIds", &expected))?;
    Ok(Some(ids).filter(|ids| !ids.is_empty()))
}

/// Returns a group's name and its figures.
fn parts<'a>(row: &'a AggregateRow) -> (String, impl Fn(usize) -> &'a Figure) {
    let figure = move |index: usize| row.measures.get(index).unwrap_or(&Figure::Unknown);
    (row.groups.first().map(value::text).unwrap_or_default(), figure)
}

impl UserMetrics {
    fn of(row: AggregateRow) -> Self {
        let (id, figure) = parts(&row);
        Self {
            user_id: id.clone(),
            id,
            last_active: value::json(figure(0).clone()),
            first_active: value::json(figure(1).clone()),
            active_for: value::count(figure(2)),
            total_requests: value::count(figure(3)),
            average_requests_per_day_active: value::number(figure(4)),
            average_tokens_per_request: value::known_number(figure(5)),
            total_prompt_tokens: value::known_count(figure(6)),
            total_completion_tokens: value::known_count(figure(7)),
            cost: value::known_number(figure(8)),
            rate_limited_count: value::count(figure(9)),
            cost_unknown: value::count(figure(10)),
        }
    }
}
