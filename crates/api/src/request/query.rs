//! The body of a query: read field by field, so that an error names the field.

use std::hash::{BuildHasher, RandomState};

use gatehouse_store::filter::{BoolColumn, Column, Condition, Filter, Test};
use gatehouse_store::log::{Direction, RowQuery, SortKey};
use gatehouse_types::OrganizationId;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::cursor::Cursor;
use crate::error::{ApiError, ErrorKind};
use crate::figures::groups::Tags;
use crate::state::ApiState;

/// How many rows a page has, unless said otherwise.
const DEFAULT_LIMIT: u32 = 10;
/// How many rows a page has at most.
const MAX_LIMIT: u32 = 1000;
/// What a list can be sorted by, for error messages.
const SORT_KEYS: &str = "created_at, last_active, cache_created_at, latency, time_to_first_token, total_tokens, \
                         prompt_tokens, completion_tokens, user_id, cost, body_model, is_cached, request_prompt, \
                         response_text, properties, values, random";
/// The property that calls of an experiment have.
const EXPERIMENT_ID: &str = "Helicone-Experiment-Id";

/// Which calls are wanted, in which order, and how many; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "filter": {
        "left": {"request_response_rmt": {"model": {"contains": "gpt-4o"}}},
        "operator": "and",
        "right": {"request_response_rmt": {"properties": {"Environment": {"equals": "production"}}}}
    },
    "sort": {"created_at": "desc"},
    "offset": 0,
    "limit": 25
}))]
#[expect(
    dead_code,
    reason = "describes the body in the OpenAPI document; the body itself is read by `parse`"
)]
pub struct RequestQuery {
    /// `"all"` or `{}` for every call; a leaf `{"request_response_rmt": {column: {operator: value}}}`; or
    /// `{"left": …, "operator": "and" | "or", "right": …}`.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// How many calls to skip.
    #[schema(default = 0, minimum = 0, required = false)]
    offset: Option<u64>,
    /// How many calls at most.
    #[schema(default = 10, minimum = 0, maximum = 1000, required = false)]
    limit: Option<u32>,
    /// Where the page begins: what the answer before this one had in its header `gatehouse-next-cursor`, with the same
    /// `filter` and `sort`. Unlike `offset`, it skips and repeats nothing while calls arrive; both together are refused.
    #[schema(required = false)]
    cursor: Option<String>,
    /// One key and its direction, `asc` or `desc`; for a property `{"properties": {name: direction}}`, for an input of a
    /// prompt `{"values": {name: direction}}`, for no order at all `{"random": true}`.
    /// Keys: `created_at` (the default, `desc`; also `last_active`), `cache_created_at`, `latency`, `time_to_first_token`,
    /// `total_tokens`, `prompt_tokens`, `completion_tokens`, `user_id`, `cost`, `body_model`, `is_cached`,
    /// `request_prompt`, `response_text`. Unknown values come last.
    #[schema(value_type = Option<Object>, required = false)]
    sort: Option<Value>,
    /// Only calls that were answered from the cache, or only those that were not.
    #[schema(required = false)]
    #[schema(rename = "isCached")]
    is_cached: Option<bool>,
    /// Only calls with feedback or scores, or only those without.
    #[schema(required = false)]
    #[schema(rename = "isScored")]
    is_scored: Option<bool>,
    /// Only calls with the property `Helicone-Experiment-Id`, or only those without.
    #[schema(required = false)]
    #[schema(rename = "isPartOfExperiment")]
    is_part_of_experiment: Option<bool>,
}

/// Reads the body of a query and where its page begins.
///
/// # Errors
/// Fails when it is not JSON, not an object, or a field it knows has a wrong type or value, and when the cursor is none of
/// this order.
pub(super) async fn page(
    state: &ApiState,
    body: &[u8],
    organization_id: OrganizationId,
) -> Result<RowQuery, ApiError> {
    let fields = fields(body)?;
    let mut query = first_page(&fields, organization_id)?;
    if let Some(cursor) = given(&fields, "cursor") {
        let text = cursor.as_str().ok_or_else(|| ApiError::field("cursor", "a text"))?;
        if query.offset > 0 {
            let message = "`offset` and `cursor` exclude each other: a cursor says where the page begins";
            return Err(ApiError::new(ErrorKind::InvalidField, message));
        }
        Cursor::read(text, &query)?.put(state, &mut query).await?;
    }
    query.filter = Tags { state, organization_id }.in_filter(query.filter).await?;
    Ok(query)
}

/// Reads which calls the body of a query asks for; everything else that it says is only checked.
///
/// # Errors
/// Fails as [`page`] does, but for the cursor.
pub(super) async fn calls(
    state: &ApiState,
    body: &[u8],
    organization_id: OrganizationId,
) -> Result<Filter, ApiError> {
    let query = first_page(&fields(body)?, organization_id)?;
    Tags { state, organization_id }.in_filter(query.filter).await
}

/// Returns the fields of a body.
///
/// # Errors
/// Fails when it is not JSON, or not an object.
pub(super) fn fields(body: &[u8]) -> Result<Map<String, Value>, ApiError> {
    let body: Value = serde_json::from_slice(body).map_err(|error| {
        ApiError::new(ErrorKind::InvalidJson, format!("the body is not valid JSON: {error}"))
    })?;
    match body {
        Value::Object(fields) => Ok(fields),
        _ => Err(ApiError::new(ErrorKind::InvalidJson, "the body must be a JSON object")),
    }
}

fn first_page(fields: &Map<String, Value>, organization_id: OrganizationId) -> Result<RowQuery, ApiError> {
    let (sort, direction) = sort(fields)?;
    Ok(RowQuery {
        organization_id,
        filter: filter(fields)?,
        sort,
        direction,
        after: None,
        offset: offset(fields)?,
        limit: limit(fields, DEFAULT_LIMIT)?,
    })
}

/// Returns a field that is there and not null.
pub(super) fn given<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

/// Returns a yes-or-no field, which some clients send as text.
fn flag(fields: &Map<String, Value>, name: &str) -> Result<Option<bool>, ApiError> {
    let flag = |value: &Value| match value {
        Value::Bool(flag) => Ok(*flag),
        Value::String(text) if text == "true" || text == "false" => Ok(text == "true"),
        _ => Err(ApiError::field(name, "true or false")),
    };
    given(fields, name).map(flag).transpose()
}

/// Returns the filter, with what the flags beside it ask.
fn filter(fields: &Map<String, Value>) -> Result<Filter, ApiError> {
    let invalid = |error| ApiError::new(ErrorKind::InvalidFilter, format!("`filter`: {error}"));
    let mut filter = match given(fields, "filter") {
        Some(filter) => Filter::parse(filter).map_err(invalid)?,
        None => Filter::All,
    };
    for (name, column) in [("isCached", BoolColumn::Cached), ("isScored", BoolColumn::Scored)] {
        if let Some(wanted) = flag(fields, name)? {
            filter = filter.and(leaf(Column::Bool(column), Test::BoolEquals(wanted)));
        }
    }
    if let Some(wanted) = flag(fields, "isPartOfExperiment")? {
        let of_experiment = if wanted { Test::IsNotNull } else { Test::IsNull };
        filter = filter.and(leaf(Column::Property(EXPERIMENT_ID.to_owned()), of_experiment));
    }
    flag(fields, "includeInputs")?;
    Ok(filter)
}

const fn leaf(column: Column, test: Test) -> Filter {
    Filter::Leaf(Condition { column, test })
}

/// Returns how many rows to skip.
fn offset(fields: &Map<String, Value>) -> Result<u64, ApiError> {
    // Stores count in signed 64-bit numbers.
    let is_offset = |offset: &u64| i64::try_from(*offset).is_ok();
    let Some(value) = given(fields, "offset") else { return Ok(0) };
    value.as_u64().filter(is_offset).ok_or_else(|| ApiError::field("offset", "a whole number from 0"))
}

/// Returns how many rows are wanted.
///
/// # Errors
/// Fails when that is not a number, or too many.
pub(super) fn limit(fields: &Map<String, Value>, default: u32) -> Result<u32, ApiError> {
    let Some(value) = given(fields, "limit") else { return Ok(default) };
    let limit = value.as_u64().and_then(|limit| u32::try_from(limit).ok());
    limit
        .filter(|limit| *limit <= MAX_LIMIT)
        .ok_or_else(|| ApiError::field("limit", &format!("a whole number from 0 to {MAX_LIMIT}")))
}

/// Returns the order.
fn sort(fields: &Map<String, Value>) -> Result<(SortKey, Direction), ApiError> {
    let Some(sort) = given(fields, "sort") else { return Ok(Default::default()) };
    let one_key = || ApiError::field("sort", "an object with one key, as in {\"created_at\": \"desc\"}");
    let mut keys = sort.as_object().ok_or_else(one_key)?.iter();
    let Some((key, way)) = keys.next() else { return Ok(Default::default()) };
    if keys.next().is_some() {
        return Err(one_key());
    }
    let known = match key.as_str() {
        "properties" => return sort_by_name(key, way, SortKey::Property),
        "values" => return sort_by_name(key, way, SortKey::Input),
        "random" => return sort_randomly(way),
        "created_at" | "last_active" => SortKey::CreatedAt,
        "cache_created_at" => SortKey::CacheCreatedAt,
        "latency" => SortKey::Latency,
        "time_to_first_token" => SortKey::TimeToFirstToken,
        "total_tokens" => SortKey::TotalTokens,
        "prompt_tokens" => SortKey::PromptTokens,
        "completion_tokens" => SortKey::CompletionTokens,
        "user_id" => SortKey::UserId,
        "cost" => SortKey::Cost,
        "body_model" => SortKey::Model,
        "is_cached" => SortKey::IsCached,
        "request_prompt" => SortKey::RequestPreview,
        "response_text" => SortKey::ResponsePreview,
        _ => {
            let message = format!("`sort`: unknown key `{key}`, use one of {SORT_KEYS}");
            return Err(ApiError::new(ErrorKind::InvalidField, message));
        }
    };
    Ok((known, direction(way, key)?))
}

/// Returns the order by one custom property, or by one input of the prompt.
fn sort_by_name(
    key: &str,
    named: &Value,
    by: impl Fn(String) -> SortKey,
) -> Result<(SortKey, Direction), ApiError> {
    let mut names = named.as_object().into_iter().flatten();
    match (names.next(), names.next()) {
        (Some((name, way)), None) => Ok((by(name.clone()), direction(way, name)?)),
        _ => Err(ApiError::field(&format!("sort.{key}"), "an object with one name")),
    }
}

/// Returns an order that is another one at each call.
fn sort_randomly(is_wanted: &Value) -> Result<(SortKey, Direction), ApiError> {
    match is_wanted {
        Value::Bool(true) => {
            let seed = RandomState::new().hash_one(());
            Ok((SortKey::Random(seed), Direction::default()))
        }
        Value::Bool(false) => Ok(Default::default()),
        _ => Err(ApiError::field("sort.random", "true")),
    }
}

/// Returns which way.
fn direction(way: &Value, key: &str) -> Result<Direction, ApiError> {
    match way.as_str() {
        Some("asc") => Ok(Direction::Ascending),
        Some("desc") => Ok(Direction::Descending),
        _ => Err(ApiError::field(&format!("sort.{key}"), "`asc` or `desc`")),
    }
}

#[cfg(test)]
mod tests;
