//! Custom properties as a whole: which there are, which are hidden, and what calls have in them.

use axum::Json;
use axum::extract::State;
use gatehouse_store::audit::Action;
use gatehouse_store::control::Change;
use gatehouse_store::desk::{DeskChange, MAX_HIDDEN_PROPERTIES};
use gatehouse_store::filter::{Column, Condition, Filter, Test};
use gatehouse_store::log::{
    AggregateQuery, AggregateRow, Dimension, Direction, Figure, Having, Measure, Order, Quantity,
};
use gatehouse_types::OrganizationId;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use crate::auth::{Reader, Writer};
use crate::error::{ApiError, ErrorEnvelope};
use crate::fields::{Fields, OptionalFields, PathText};
use crate::figures::answer::page;
use crate::figures::groups::Tags;
use crate::figures::span::Span;
use crate::figures::value;
use crate::replies::{Done, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// How many properties are listed at most.
const MAX_PROPERTIES: u64 = 10_000;
/// How many values are listed, unless said otherwise, and at most.
const VALUES: u64 = 100;
const MAX_VALUES: u64 = 1_000;

/// The name of a property.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PropertyName {
    /// It.
    #[schema(example = "Environment")]
    property: String,
}

/// Which calls' properties are wanted; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({"filter": "all"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct QueryProperties {
    /// Which calls, as in a query of calls; all of them without it.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// When they began: `start` and `end` in ISO 8601, both included.
    #[schema(value_type = Option<Object>, required = false)]
    time_filter: Option<Value>,
}

/// The property to be hidden or shown again.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"key": "Environment"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct PropertyKey {
    /// Its name.
    key: String,
}

/// Which values of a property are wanted; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({"searchTerm": "prod", "limit": 100}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct SearchProperty {
    /// Only values with this in them, upper and lower case being the same.
    #[schema(required = false)]
    search_term: Option<String>,
    /// How many values at most.
    #[schema(required = false, default = 100, maximum = 1000)]
    limit: Option<u64>,
}

/// Which part of a property's values is wanted; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "timeFilter": {"start": "2026-11-22T00:00:00Z", "end": "2026-11-22T23:59:59.999Z"}, "limit": 10
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct QueryPropertyValues {
    /// Which calls, as in a query of calls; all of them without it.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// When they began: `start` and `end` in ISO 8601, both included.
    #[schema(value_type = Option<Object>, required = false)]
    time_filter: Option<Value>,
    /// How many values to skip.
    #[schema(required = false, default = 0)]
    offset: Option<u64>,
    /// How many values at most.
    #[schema(required = false, default = 100, maximum = 1000)]
    limit: Option<u64>,
}

/// A value, and what the calls with it cost.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValueCost {
    /// It.
    #[schema(example = "production")]
    value: String,
    /// US dollars, as far as costs are known.
    cost: f64,
}

/// A value, and how many calls have it.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ValueCount {
    /// It.
    #[schema(example = "production")]
    value: String,
    /// How many calls.
    count: u64,
}

/// Lists the properties that calls have, without the hidden ones.
#[utoipa::path(
    post, path = "/v1/property/query", operation_id = "queryProperties", tag = "Properties",
    request_body = QueryProperties,
    responses(
        (status = 200, description = "The properties", body = Envelope<Vec<PropertyName>>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<Vec<PropertyName>>>, ApiError> {
    let organization_id = reader.organization_id;
    let asked = Asked { state: &state, organization_id, group: Dimension::PropertyName };
    let rows = asked.rows(&fields, Filter::All, Vec::new(), (0, whole(MAX_PROPERTIES))).await?;
    let hidden = state.control()?.store().hidden_properties(organization_id).await?;
    let names = rows.iter().map(name).filter(|name| !hidden.contains(name));
    Ok(Envelope::json(names.map(|property| PropertyName { property }).collect()))
}

/// Lists the hidden properties.
#[utoipa::path(
    post, path = "/v1/property/hidden/query", operation_id = "queryHiddenProperties", tag = "Properties",
    responses((status = 200, description = "The properties", body = Envelope<Vec<PropertyName>>), Refusals)
)]
pub(crate) async fn hidden(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<PropertyName>>>, ApiError> {
    let hidden = state.control()?.store().hidden_properties(reader.organization_id).await?;
    Ok(Envelope::json(hidden.into_iter().map(|property| PropertyName { property }).collect()))
}

/// Hides a property from lists; its values stay with their calls.
#[utoipa::path(
    post, path = "/v1/property/hide", operation_id = "hideProperty", tag = "Properties", request_body = PropertyKey,
    responses(
        (status = 200, description = "It is hidden", body = Done),
        (status = 409, description = "The organisation hides as many as it may", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn hide(
    writer: Writer,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Done>, ApiError> {
    let key = key(&fields)?;
    let change = DeskChange::HideProperty(writer.organization_id, key.clone());
    desk(&state, &writer, change, Action::PropertyHidden, key).await
}

/// Shows a hidden property again.
#[utoipa::path(
    post, path = "/v1/property/restore", operation_id = "restoreProperty", tag = "Properties",
    request_body = PropertyKey,
    responses(
        (status = 200, description = "It is shown", body = Done),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn restore(
    writer: Writer,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Done>, ApiError> {
    let key = key(&fields)?;
    let change = DeskChange::RestoreProperty(writer.organization_id, key.clone());
    desk(&state, &writer, change, Action::PropertyRestored, key).await
}

/// Lists values of a property, the one of most calls first.
#[utoipa::path(
    post, path = "/v1/property/{id}/search", operation_id = "searchProperty", tag = "Properties",
    params(("id" = String, Path, description = "The property's name", example = "Environment")),
    request_body = SearchProperty,
    responses(
        (status = 200, description = "The values", body = Envelope<Vec<String>>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn search(
    reader: Reader,
    State(state): State<ApiState>,
    PathText(key): PathText,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<Vec<String>>>, ApiError> {
    let part = fields.value("searchTerm").map_or(Some(""), Value::as_str);
    let part = part.ok_or_else(|| ApiError::field("searchTerm", "a text"))?;
    let condition =
        Condition { column: Column::Property(key.clone()), test: Test::Contains(part.to_owned()) };
    let page = page(&fields, VALUES, MAX_VALUES)?;
    let asked =
        Asked { state: &state, organization_id: reader.organization_id, group: Dimension::Property(key) };
    let rows = asked.rows(&fields, Filter::Leaf(condition), vec![Measure::Requests], page).await?;
    Ok(Envelope::json(rows.iter().map(name).collect()))
}

/// Returns the values of a property whose calls cost most.
#[utoipa::path(
    post, path = "/v1/property/{id}/top-costs/query", operation_id = "queryPropertyCosts", tag = "Properties",
    params(("id" = String, Path, description = "The property's name", example = "Environment")),
    request_body = QueryPropertyValues,
    responses(
        (status = 200, description = "The values", body = Envelope<Vec<ValueCost>>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn top_costs(
    reader: Reader,
    State(state): State<ApiState>,
    PathText(key): PathText,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<Vec<ValueCost>>>, ApiError> {
    let rows = top(&state, &reader, key, &fields, Measure::Sum(Quantity::Cost)).await?;
    let costs = rows.iter().map(|row| ValueCost { value: name(row), cost: value::number(figure(row)) });
    Ok(Envelope::json(costs.collect()))
}

/// Returns the values of a property that most calls have.
#[utoipa::path(
    post, path = "/v1/property/{id}/top-requests/query", operation_id = "queryPropertyRequests", tag = "Properties",
    params(("id" = String, Path, description = "The property's name", example = "Environment")),
    request_body = QueryPropertyValues,
    responses(
        (status = 200, description = "The values", body = Envelope<Vec<ValueCount>>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn top_requests(
    reader: Reader,
    State(state): State<ApiState>,
    PathText(key): PathText,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<Vec<ValueCount>>>, ApiError> {
    let rows = top(&state, &reader, key, &fields, Measure::Requests).await?;
    let counts = rows.iter().map(|row| ValueCount { value: name(row), count: value::count(figure(row)) });
    Ok(Envelope::json(counts.collect()))
}

/// Returns the values of a property with most of something.
async fn top(
    state: &ApiState,
    reader: &Reader,
    key: String,
    fields: &Fields,
    measure: Measure,
) -> Result<Vec<AggregateRow>, ApiError> {
    let page = page(fields, VALUES, MAX_VALUES)?;
    let asked = Asked { state, organization_id: reader.organization_id, group: Dimension::Property(key) };
    asked.rows(fields, Filter::All, vec![measure], page).await
}

/// A list of groups of an organisation's calls.
struct Asked<'a> {
    state: &'a ApiState,
    organization_id: OrganizationId,
    group: Dimension,
}

impl Asked<'_> {
    /// Returns a page of groups, those with most of the first measure first.
    async fn rows(
        self,
        fields: &Fields,
        also: Filter,
        measures: Vec<Measure>,
        (offset, limit): (u64, u32),
    ) -> Result<Vec<AggregateRow>, ApiError> {
        if limit == 0 {
            return Ok(Vec::new());
        }
        let Self { state, organization_id, group } = self;
        let filter = Span::read(fields)?.within(fields.filter("filter")?).and(also);
        let query = AggregateQuery {
            organization_id,
            filter: Tags { state, organization_id }.in_filter(filter).await?,
            groups: vec![group],
            order: measures.first().map(|_| (Order::Measure(0), Direction::Descending)).into_iter().collect(),
            measures,
            having: Having::All,
            offset,
            limit,
        };
        Ok(state.log.aggregate(query).await?.rows)
    }
}

fn name(row: &AggregateRow) -> String {
    row.groups.first().map(value::text).unwrap_or_default()
}

fn figure(row: &AggregateRow) -> &Figure {
    row.measures.first().unwrap_or(&Figure::Unknown)
}

fn whole(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// Reads the name of the property to be hidden or shown.
fn key(fields: &Fields) -> Result<String, ApiError> {
    let name = fields.value("key").and_then(Value::as_str).filter(|name| is_name(name));
    name.map(str::to_owned).ok_or_else(|| ApiError::field("key", "a text of 1 to 200 characters"))
}

fn is_name(name: &str) -> bool {
    (1..=gatehouse_store::log::MAX_NAME_CHARACTERS).contains(&name.chars().count())
}

/// Makes a change; what is so already is not changed again.
async fn desk(
    state: &ApiState,
    writer: &Writer,
    change: DeskChange,
    action: Action,
    key: String,
) -> Result<Json<Done>, ApiError> {
    let control = state.control()?;
    let _turn = control.take_turn().await;
    if change.adds_to().is_some() {
        let hidden = control.store().hidden_properties(writer.organization_id).await?;
        if hidden.len() >= MAX_HIDDEN_PROPERTIES && !hidden.contains(&key) {
            return Err(ApiError::too_many(MAX_HIDDEN_PROPERTIES, "hidden properties"));
        }
    }
    let audit = control.entry(writer.organization_id, writer.actor, action, key, "");
    control.change(Change::Desk(change), audit).await?;
    Ok(Done::json())
}
