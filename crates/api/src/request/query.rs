//! The body of a query: read field by field, so that an error names the field.

use gatehouse_store::filter::{BoolColumn, Column, Condition, Filter, Test};
use gatehouse_store::log::{Direction, RowQuery, SortKey};
use gatehouse_types::OrganizationId;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use crate::error::{ApiError, ErrorKind};

/// How many rows a page has, unless said otherwise.
const DEFAULT_LIMIT: u32 = 10;
/// How many rows a page has at most.
const MAX_LIMIT: u32 = 1000;
/// What a list can be sorted by, for error messages.
const SORT_KEYS: &str = "created_at, latency, time_to_first_token, total_tokens, prompt_tokens, \
                         completion_tokens, user_id, cost, body_model, properties";

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
    /// One key and its direction, `asc` or `desc`; for a property `{"properties": {name: direction}}`.
    /// Keys: `created_at` (the default, `desc`), `latency`, `time_to_first_token`, `total_tokens`,
    /// `prompt_tokens`, `completion_tokens`, `user_id`, `cost`, `body_model`. Unknown values come last.
    #[schema(value_type = Option<Object>, required = false)]
    sort: Option<Value>,
    /// Only calls that were answered from the cache, or only those that were not.
    #[schema(required = false)]
    #[schema(rename = "isCached")]
    is_cached: Option<bool>,
}

/// Reads the body of a query.
///
/// # Errors
/// Fails when it is not JSON, not an object, or a field it knows has a wrong type or value.
pub(super) fn parse(body: &[u8], organization_id: OrganizationId) -> Result<RowQuery, ApiError> {
    let body: Value = serde_json::from_slice(body).map_err(|error| {
        ApiError::new(ErrorKind::InvalidJson, format!("the body is not valid JSON: {error}"))
    })?;
    let Value::Object(fields) = body else {
        return Err(ApiError::new(ErrorKind::InvalidJson, "the body must be a JSON object"));
    };
    let (sort, direction) = sort(&fields)?;
    Ok(RowQuery {
        organization_id,
        filter: filter(&fields)?,
        sort,
        direction,
        offset: offset(&fields)?,
        limit: limit(&fields)?,
    })
}

/// Returns a field that is there and not null.
fn given<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    fields.get(name).filter(|value| !value.is_null())
}

/// Returns a yes-or-no field.
fn flag(fields: &Map<String, Value>, name: &str) -> Result<Option<bool>, ApiError> {
    let flag = |value: &Value| value.as_bool().ok_or_else(|| ApiError::field(name, "true or false"));
    given(fields, name).map(flag).transpose()
}

/// Returns the filter, `isCached` included.
fn filter(fields: &Map<String, Value>) -> Result<Filter, ApiError> {
    let invalid = |error| ApiError::new(ErrorKind::InvalidFilter, format!("`filter`: {error}"));
    let filter = match given(fields, "filter") {
        Some(filter) => Filter::parse(filter).map_err(invalid)?,
        None => Filter::All,
    };
    for name in ["isScored", "isPartOfExperiment"] {
        if flag(fields, name)? == Some(true) {
            return Err(ApiError::field(name, "false: there are no scores and experiments here"));
        }
    }
    let Some(cached) = flag(fields, "isCached")? else { return Ok(filter) };
    let column = Column::Bool(BoolColumn::Cached);
    let cached = Filter::Leaf(Condition { column, test: Test::BoolEquals(cached) });
    Ok(Filter::And(Box::new(filter), Box::new(cached)))
}

/// Returns how many rows to skip.
fn offset(fields: &Map<String, Value>) -> Result<u64, ApiError> {
    // Stores count in signed 64-bit numbers.
    let is_offset = |offset: &u64| i64::try_from(*offset).is_ok();
    let Some(value) = given(fields, "offset") else { return Ok(0) };
    value.as_u64().filter(is_offset).ok_or_else(|| ApiError::field("offset", "a whole number from 0"))
}

/// Returns how many rows are wanted.
fn limit(fields: &Map<String, Value>) -> Result<u32, ApiError> {
    let Some(value) = given(fields, "limit") else { return Ok(DEFAULT_LIMIT) };
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
    if key == "properties" {
        return sort_by_property(way);
    }
    let known = match key.as_str() {
        "created_at" => SortKey::CreatedAt,
        "latency" => SortKey::Latency,
        "time_to_first_token" => SortKey::TimeToFirstToken,
        "total_tokens" => SortKey::TotalTokens,
        "prompt_tokens" => SortKey::PromptTokens,
        "completion_tokens" => SortKey::CompletionTokens,
        "user_id" => SortKey::UserId,
        "cost" => SortKey::Cost,
        "body_model" => SortKey::Model,
        _ => {
            let message = format!("`sort`: unknown key `{key}`, use one of {SORT_KEYS}");
            return Err(ApiError::new(ErrorKind::InvalidField, message));
        }
    };
    Ok((known, direction(way, key)?))
}

/// Returns the order by one custom property.
fn sort_by_property(property: &Value) -> Result<(SortKey, Direction), ApiError> {
    let mut names = property.as_object().into_iter().flatten();
    match (names.next(), names.next()) {
        (Some((name, way)), None) => Ok((SortKey::Property(name.clone()), direction(way, name)?)),
        _ => Err(ApiError::field("sort.properties", "an object with one property name")),
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
