//! Any figures by any groups: what the dashboard is made of.

use axum::Json;
use axum::extract::State;
use gatehouse_store::filter::{Filter, Test};
use gatehouse_store::log::{AggregateQuery, Aggregated, Dimension, Direction, Having, Measure, Order};
use gatehouse_types::{OrganizationId, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::groups::Tags;
use super::names::{self, GROUPS, MEASURES, PROPERTY, TIME, listed};
use super::span::{Span, bucket, increment};
use super::value;
use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::Fields;
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// How many rows an answer has at most, and without a `limit`.
const MAX_ROWS: u64 = 10_000;
/// By how many things calls can be grouped at once.
const MAX_GROUPS: usize = 4;
/// How many measures an answer has at most.
const MAX_MEASURES: usize = 50;
/// The fields of the body.
const FIELDS: [&str; 9] = [
    "filter",
    "timeFilter",
    "groupBy",
    "timeZoneDifference",
    "measures",
    "having",
    "sort",
    "offset",
    "limit",
];

/// Which figures are wanted, and by what calls are grouped.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase", example = json!({
    "filter": {"request_response_rmt": {"status": {"gte": 200}}},
    "timeFilter": {"start": "2026-11-22T00:00:00Z", "end": "2026-11-22T23:59:59.999Z"},
    "groupBy": ["model", {"time": "hour"}],
    "timeZoneDifference": 0,
    "measures": ["requests", "cost", "latency_p95"],
    "having": {"requests": {"gte": 1}},
    "sort": [{"by": "cost", "direction": "desc"}],
    "offset": 0,
    "limit": 100
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct QueryMetrics {
    /// Which calls, as in a query of calls; all of them without it.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// When the calls began: `start` and `end` in ISO 8601, both included.
    #[schema(value_type = Option<Object>, required = false)]
    time_filter: Option<Value>,
    /// By what, up to four: `model`, `provider`, `country`, `user`, `status`, `target`, `path`, `key` (the id of
    /// the API key), `prompt`, `cacheStatus`, `cacheReference` (the call whose answer was given again),
    /// `rateLimitStatus`, `rateLimitPolicy`, `propertyName`, `scoreName`, `{"property": name}`,
    /// `{"time": "min" | "hour" | "day" | "week" | "month" | "year"}`. Without any there is one row. Calls that lack
    /// one of these are in no row; pieces of time without calls are none either.
    #[schema(value_type = Option<Vec<Value>>, required = false)]
    group_by: Option<Vec<Value>>,
    /// Minutes from the caller's clock to UTC, as `Date.getTimezoneOffset()` tells: 480 is UTC−8. Pieces of time begin
    /// by that clock.
    #[schema(required = false, default = 0, minimum = -1440, maximum = 1440)]
    time_zone_difference: Option<i32>,
    /// What is wanted of each group: `requests`, `errors`, `rate_limited`, `cached`, `threats`, `cost`,
    /// `cost_unknown`, `average_cost`, `latency_average`, `latency_p50` (also p75, p90, p95, p99), `ttft_average`,
    /// `ttft_p50` (also p75, p90, p95, p99), `prompt_tokens`, `completion_tokens`, `total_tokens`,
    /// `cache_read_tokens`, `cache_write_tokens`, `reasoning_tokens`, `tokens_unknown`, `users`, `sessions`, `models`,
    /// `first`, `last`, `last_end`, `active_days`, `requests_per_active_day`, `tokens_per_request`, `saved_cost`,
    /// `saved_latency`; by `scoreName` also `score_sum`, `score_average`, `score_min`, `score_max`, `score_count`.
    measures: Vec<String>,
    /// Which groups are left: by measure, an object of `gte`, `lte`, `gt`, `lt` or `equals`; all have to hold. Times are
    /// compared with texts in ISO 8601, everything else with numbers.
    #[schema(value_type = Option<Object>, required = false)]
    having: Option<Value>,
    /// In which order, the first mattering most: `by` a measure or one of the groups, `direction` `asc` or `desc` (the
    /// default). Unknown values come last.
    #[schema(value_type = Option<Vec<Object>>, required = false)]
    sort: Option<Vec<Value>>,
    /// How many groups to skip.
    #[schema(required = false, default = 0, minimum = 0)]
    offset: Option<u64>,
    /// How many groups at most.
    #[schema(required = false, default = 10000, minimum = 1, maximum = 10000)]
    limit: Option<u64>,
}

/// Figures by group.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MetricRows, example = json!({
    "rows": [{"model": "gpt-4o-mini-2024-07-18", "time": "2026-11-22T14:00:00.000Z", "requests": 42, "cost": 0.0153, "latency_p95": 812.4}],
    "total": 1
}))]
pub(crate) struct MetricRows {
    /// One object a group: each group under its name (`property` for a property, `time` for the beginning of a piece of
    /// time), and each measure under its own. Money in US dollars, durations in ms, unknown is null.
    #[schema(value_type = Vec<Object>)]
    rows: Vec<Map<String, Value>>,
    /// How many groups there are, beyond `offset` and `limit`.
    total: u64,
}

/// Returns any figures of the calls, by any groups.
#[utoipa::path(
    post, path = "/v1/metrics/query", operation_id = "queryMetrics", tag = "Metrics", request_body = QueryMetrics,
    responses(
        (status = 200, description = "The figures", body = Envelope<MetricRows>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn query(
    reader: Reader,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<MetricRows>>, ApiError> {
    let (mut wanted, organization_id) = (Wanted::read(&fields)?, reader.organization_id);
    wanted.filter = Tags { state: &state, organization_id }.in_filter(wanted.filter).await?;
    let found = state.log.aggregate(wanted.query(organization_id)).await?;
    Ok(Envelope::json(wanted.rows(found)))
}

/// What a body asks for.
struct Wanted {
    filter: Filter,
    groups: Vec<(&'static str, Dimension)>,
    /// The ones that are shown, then those that only the order needs.
    measures: Vec<(&'static str, Measure)>,
    shown: usize,
    having: Having,
    order: Vec<(Order, Direction)>,
    offset: u64,
    limit: u32,
}

impl Wanted {
    fn read(fields: &Fields) -> Result<Self, ApiError> {
        fields.refuse_others(&FIELDS)?;
        let groups = groups(fields)?;
        let measures = measures(fields)?;
        let mut wanted = Self {
            filter: Span::read(fields)?.within(fields.filter("filter")?),
            shown: measures.len(),
            having: having(fields, &groups)?,
            offset: fields.whole("offset", 0..=i64::MAX.unsigned_abs())?.unwrap_or_default(),
            limit: u32::try_from(fields.whole("limit", 1..=MAX_ROWS)?.unwrap_or(MAX_ROWS))
                .unwrap_or(u32::MAX),
            groups,
            measures,
            order: Vec::new(),
        };
        for (name, _) in &wanted.measures {
            refuse_without_score("measures", name, &wanted.groups)?;
        }
        wanted.sort(fields)?;
        Ok(wanted)
    }

    /// Reads the order, which may be by measures that are not shown.
    fn sort(&mut self, fields: &Fields) -> Result<(), ApiError> {
        let expected = "a list of objects, as in [{\"by\": \"cost\", \"direction\": \"desc\"}]";
        let wrong = || ApiError::field("sort", expected);
        let Some(value) = fields.value("sort") else { return Ok(()) };
        for entry in value.as_array().ok_or_else(wrong)? {
            let entry = entry.as_object().ok_or_else(wrong)?;
            if entry.keys().any(|key| !["by", "direction"].contains(&key.as_str())) {
                return Err(wrong());
            }
            let by = entry.get("by").and_then(Value::as_str).ok_or_else(wrong)?;
            let direction = match entry.get("direction").map_or(Some("desc"), Value::as_str) {
                Some("asc") => Direction::Ascending,
                Some("desc") => Direction::Descending,
                _ => return Err(ApiError::field("sort.direction", "`asc` or `desc`")),
            };
            let order = self.order_by(by)?;
            self.order.push((order, direction));
        }
        Ok(())
    }

    fn order_by(&mut self, by: &str) -> Result<Order, ApiError> {
        if let Some(index) = self.groups.iter().position(|(name, _)| *name == by) {
            return Ok(Order::Group(index));
        }
        if let Some(index) = self.measures.iter().position(|(name, _)| *name == by) {
            return Ok(Order::Measure(index));
        }
        let measure = names::measure(by).ok_or_else(|| {
            let groups = self.groups.iter().map(|(name, _)| *name);
            unknown("sort", by, listed(groups.chain(MEASURES.iter().map(|(name, _)| *name))))
        })?;
        refuse_without_score("sort", by, &self.groups)?;
        self.measures.push(measure);
        Ok(Order::Measure(self.measures.len() - 1))
    }

    fn query(&self, organization_id: OrganizationId) -> AggregateQuery {
        AggregateQuery {
            organization_id,
            filter: self.filter.clone(),
            groups: self.groups.iter().map(|(_, group)| group.clone()).collect(),
            measures: self.measures.iter().map(|(_, measure)| measure.clone()).collect(),
            having: self.having.clone(),
            order: self.order.clone(),
            offset: self.offset,
            limit: self.limit,
        }
    }

    /// Puts names to figures.
    fn rows(&self, found: Aggregated) -> MetricRows {
        let names = self.groups.iter().map(|(name, _)| *name);
        let names: Vec<_> =
            names.chain(self.measures.iter().take(self.shown).map(|(name, _)| *name)).collect();
        let row = |row: gatehouse_store::log::AggregateRow| {
            let figures = row.groups.into_iter().chain(row.measures);
            let named = names.iter().zip(figures);
            named.map(|(name, figure)| ((*name).to_owned(), value::json(figure))).collect()
        };
        MetricRows { rows: found.rows.into_iter().map(row).collect(), total: found.total }
    }
}

fn unknown(field: &str, name: &str, known: String) -> ApiError {
    let name: String = name.chars().take(names::SHOWN_CHARACTERS).collect();
    ApiError::new(ErrorKind::InvalidField, format!("`{field}`: unknown name `{name}`, known are {known}"))
}

/// Refuses figures of scores where calls are not grouped by them.
fn refuse_without_score(field: &str, name: &str, groups: &[(&str, Dimension)]) -> Result<(), ApiError> {
    if !names::is_of_score(name) || groups.iter().any(|(_, group)| *group == Dimension::ScoreName) {
        return Ok(());
    }
    let message = format!("`{field}`: `{name}` needs `scoreName` in `groupBy`");
    Err(ApiError::new(ErrorKind::InvalidField, message))
}

/// Reads what calls are grouped by.
fn groups(fields: &Fields) -> Result<Vec<(&'static str, Dimension)>, ApiError> {
    let Some(value) = fields.value("groupBy") else { return Ok(Vec::new()) };
    let expected = format!("a list of up to {MAX_GROUPS} of {}", group_names());
    let wrong = || ApiError::field("groupBy", &expected);
    let list = value.as_array().filter(|list| list.len() <= MAX_GROUPS).ok_or_else(wrong)?;
    let mut groups: Vec<(&'static str, Dimension)> = Vec::new();
    for entry in list {
        let group = match entry {
            Value::String(name) => GROUPS
                .iter()
                .find(|(known, _)| known == name)
                .cloned()
                .ok_or_else(|| unknown("groupBy", name, group_names()))?,
            Value::Object(entry) => group_with(entry, fields)?,
            _ => return Err(wrong()),
        };
        if groups.iter().any(|(name, _)| *name == group.0) {
            return Err(ApiError::field("groupBy", &format!("a list in which `{}` stands once", group.0)));
        }
        groups.push(group);
    }
    Ok(groups)
}

/// Reads a group that is an object: of a property or of time.
fn group_with(entry: &Map<String, Value>, fields: &Fields) -> Result<(&'static str, Dimension), ApiError> {
    let mut parts = entry.iter();
    let (Some((kind, value)), None) = (parts.next(), parts.next()) else {
        return Err(ApiError::field("groupBy", "objects of one field, `property` or `time`"));
    };
    match kind.as_str() {
        PROPERTY => {
            let name = value.as_str().filter(|name| !name.is_empty());
            let name = name.ok_or_else(|| ApiError::field("groupBy.property", "the name of a property"))?;
            Ok((PROPERTY, Dimension::Property(name.to_owned())))
        }
        TIME => {
            let increment = increment("groupBy.time", value)?;
            Ok((TIME, Dimension::Time(bucket(increment, fields, &["timeZoneDifference"])?)))
        }
        other => Err(unknown("groupBy", other, group_names())),
    }
}

fn group_names() -> String {
    let names = listed(GROUPS.iter().map(|(name, _)| *name));
    format!("{names}, {{\"property\": name}}, {{\"time\": increment}}")
}

/// Reads what is wanted of each group.
fn measures(fields: &Fields) -> Result<Vec<(&'static str, Measure)>, ApiError> {
    let expected = format!("a list of 1 to {MAX_MEASURES} names of measures");
    let wrong = || ApiError::field("measures", &expected);
    let list = fields.value("measures").and_then(Value::as_array).ok_or_else(wrong)?;
    if list.is_empty() || list.len() > MAX_MEASURES {
        return Err(wrong());
    }
    let mut measures: Vec<(&'static str, Measure)> = Vec::new();
    for name in list {
        let name = name.as_str().ok_or_else(wrong)?;
        let measure = known_measure("measures", name)?;
        if measures.iter().any(|(present, _)| *present == measure.0) {
            return Err(ApiError::field("measures", &format!("a list in which `{name}` stands once")));
        }
        measures.push(measure);
    }
    Ok(measures)
}

fn known_measure(field: &str, name: &str) -> Result<(&'static str, Measure), ApiError> {
    names::measure(name).ok_or_else(|| unknown(field, name, listed(MEASURES.iter().map(|(name, _)| *name))))
}

/// Reads which groups are left.
fn having(fields: &Fields, groups: &[(&str, Dimension)]) -> Result<Having, ApiError> {
    let expected = "an object of measures, as in {\"requests\": {\"gte\": 10}}";
    let wrong = || ApiError::field("having", expected);
    let Some(value) = fields.value("having") else { return Ok(Having::All) };
    let mut all = Having::All;
    for (name, tests) in value.as_object().ok_or_else(wrong)? {
        let (name, measure) = known_measure("having", name)?;
        refuse_without_score("having", name, groups)?;
        for (operator, bound) in tests.as_object().ok_or_else(wrong)? {
            let test = test(name, &measure, operator, bound)?;
            let one = Having::Measure(measure.clone(), test);
            all = match all {
                Having::All => one,
                all => Having::And(Box::new(all), Box::new(one)),
            };
        }
    }
    Ok(all)
}

/// Reads one comparison.
fn test(name: &str, measure: &Measure, operator: &str, bound: &Value) -> Result<Test, ApiError> {
    const OPERATORS: [&str; 5] = ["gte", "lte", "gt", "lt", "equals"];
    let field = format!("having.{name}");
    if matches!(measure, Measure::First | Measure::Last | Measure::LastEnd) {
        let at = bound.as_str().and_then(Timestamp::parse);
        let at = at.ok_or_else(|| ApiError::field(&format!("{field}.{operator}"), "an ISO 8601 time"))?;
        return match operator {
            "gte" => Ok(Test::TimeAtLeast(at)),
            "lte" => Ok(Test::TimeAtMost(at)),
            "gt" => Ok(Test::TimeAfter(at)),
            "lt" => Ok(Test::TimeBefore(at)),
            "equals" => Ok(Test::TimeEquals(at)),
            _ => Err(unknown(&field, operator, listed(OPERATORS))),
        };
    }
    let number = bound.as_f64();
    let number = number.ok_or_else(|| ApiError::field(&format!("{field}.{operator}"), "a number"))?;
    match operator {
        "gte" => Ok(Test::NumberAtLeast(number)),
        "lte" => Ok(Test::NumberAtMost(number)),
        "gt" => Ok(Test::NumberAbove(number)),
        "lt" => Ok(Test::NumberBelow(number)),
        "equals" => Ok(Test::NumberEquals(number)),
        _ => Err(unknown(&field, operator, listed(OPERATORS))),
    }
}
