//! The handler of every route in [`super::table`].
//!
//! Where Helicone's types have a number, what is not known is 0: a sum of nothing, or an average of nothing.

use std::collections::BTreeMap;
use std::time::Duration;

use gatehouse_store::filter::{BoolColumn, Column, Condition, Filter, Test};
use gatehouse_store::log::{
    AggregateQuery, Aggregated, Bucket, Dimension, Direction, Figure, Having, Increment, MAX_GROUPS, Measure,
    Order,
};
use gatehouse_types::{OrganizationId, Timestamp};
use serde_json::{Map, Value};

use super::groups::Tags;
use super::names::listed;
use super::span::{Span, bucket, increment};
use super::table::{Answer, Field, METRICS, QUANTILES, Ranking, Route, Series, Split};
use super::value;
use crate::error::{ApiError, ErrorKind};
use crate::fields::Fields;
use crate::state::ApiState;

/// How many pieces a span may be cut into.
const MAX_POINTS: usize = 10_000;
/// How many rows a series has at most, which may be split by something.
const MAX_ROWS: usize = 50_000;
/// How many groups a ranking has, unless said otherwise, and at most.
const RANKED: u64 = 100;
const MAX_RANKED: u64 = 10_000;
/// What Helicone calls the minutes between the caller's clock and UTC, here and there.
pub(crate) const DIFFERENCES: [&str; 3] =
    ["timeZoneDifference", "timezoneDifference", "timeZoneDifferenceMinutes"];

/// Answers a route.
pub(super) async fn answer(
    route: &Route,
    organization_id: OrganizationId,
    state: &ApiState,
    fields: &Fields,
) -> Result<Value, ApiError> {
    let filter = Tags { state, organization_id }.in_filter(filter(fields)?).await?;
    let asked = Asked { organization_id, filter, state, fields };
    match &route.answer {
        Answer::Number(measure) => {
            let found = asked.one(vec![measure.clone()]).await?;
            Ok(found.first().map_or(Value::from(0), known))
        }
        Answer::Numbers(numbers) => {
            let found = asked.one(measures(numbers)).await?;
            Ok(Value::Object(named(numbers, &found)))
        }
        Answer::Series(series) => asked.series(series).await,
        Answer::Quantiles => asked.quantiles().await,
        Answer::Ranking(ranking) => asked.ranking(ranking).await,
    }
}

/// Returns which calls a body asks for; both spellings of the field are in use.
fn filter(fields: &Fields) -> Result<Filter, ApiError> {
    let name = if fields.value("filter").is_some() { "filter" } else { "userFilter" };
    let filter = Span::read(fields)?.within(fields.filter(name)?);
    let Some(cached) = fields.flag("isCached")? else { return Ok(filter) };
    let condition = Condition { column: Column::Bool(BoolColumn::Cached), test: Test::BoolEquals(cached) };
    Ok(filter.and(Filter::Leaf(condition)))
}

/// A call of one of the routes.
struct Asked<'a> {
    organization_id: OrganizationId,
    filter: Filter,
    state: &'a ApiState,
    fields: &'a Fields,
}

impl Asked<'_> {
    fn query(&self, groups: Vec<Dimension>, measures: Vec<Measure>) -> AggregateQuery {
        AggregateQuery {
            organization_id: self.organization_id,
            filter: self.filter.clone(),
            groups,
            measures,
            having: Having::All,
            order: Vec::new(),
            offset: 0,
            limit: MAX_GROUPS,
        }
    }

    /// Returns figures over all calls.
    async fn one(&self, measures: Vec<Measure>) -> Result<Vec<Figure>, ApiError> {
        let found = self.state.log.aggregate(self.query(Vec::new(), measures)).await?;
        Ok(found.rows.into_iter().next().map(|row| row.measures).unwrap_or_default())
    }

    async fn ranking(&self, ranking: &Ranking) -> Result<Value, ApiError> {
        let (offset, limit) = page(self.fields, RANKED, MAX_RANKED)?;
        if limit == 0 {
            return Ok(Value::Array(Vec::new()));
        }
        let query = AggregateQuery {
            order: vec![(Order::Measure(0), Direction::Descending)],
            offset,
            limit,
            ..self.query(vec![ranking.group.clone()], measures(ranking.fields))
        };
        let found = self.state.log.aggregate(query).await?;
        let rows = found.rows.into_iter().map(|row| {
            let mut named = named(ranking.fields, &row.measures);
            let group = row.groups.into_iter().next().map_or(Value::Null, value::json);
            named.insert(ranking.name.to_owned(), group);
            Value::Object(named)
        });
        Ok(rows.collect())
    }

    async fn quantiles(&self) -> Result<Value, ApiError> {
        let wanted = self.fields.value("metric").map_or(Some("latency"), Value::as_str);
        let quantity = METRICS.iter().find(|(name, _)| Some(*name) == wanted);
        let (_, quantity) = quantity.ok_or_else(|| {
            let known = listed(METRICS.iter().map(|(name, _)| *name));
            ApiError::field("metric", &format!("one of {known}"))
        })?;
        let quantile = |(name, share): (&'static str, f64)| (name, Measure::Quantile(*quantity, share));
        let fields = QUANTILES.map(quantile);
        self.points("time", Split::None, &fields).await
    }

    async fn series(&self, series: &Series) -> Result<Value, ApiError> {
        self.points(series.time, series.split, series.fields).await
    }

    /// Returns a row for each piece of time and each value of what it is split by.
    async fn points(&self, time: &str, split: Split, numbers: &[Field]) -> Result<Value, ApiError> {
        let times = Times::read(self.fields)?;
        let mut groups = vec![Dimension::Time(times.bucket)];
        groups.extend(match split {
            Split::None => None,
            Split::Status => Some(Dimension::Status),
            Split::Score => Some(Dimension::ScoreName),
            Split::Property => Some(Dimension::Property(property_key(self.fields)?)),
        });
        let found = self.state.log.aggregate(self.query(groups, measures(numbers))).await?;
        let points = Points::of(found, split)?;
        let rows = points.lines.len().saturating_mul(times.beginnings.len());
        if rows > MAX_ROWS {
            return Err(too_many(&format!("{rows} points, more than {MAX_ROWS}")));
        }
        let row = |at: &Timestamp, line: &str, value: &Value| {
            let found = points.figures.get(&(at.as_unix_micros(), line.to_owned()));
            let mut row = named(numbers, found.map(Vec::as_slice).unwrap_or_default());
            row.insert(time.to_owned(), at.to_string().into());
            if split != Split::None {
                row.insert(split.name().to_owned(), value.clone());
            }
            Value::Object(row)
        };
        let lines = |at| points.lines.iter().map(move |(line, value)| row(at, line, value));
        Ok(times.beginnings.iter().flat_map(lines).collect())
    }
}

/// The pieces of time that a series has.
struct Times {
    bucket: Bucket,
    beginnings: Vec<Timestamp>,
}

impl Times {
    fn read(fields: &Fields) -> Result<Self, ApiError> {
        let span = Span::read(fields)?;
        let (Some(start), Some(end)) = (span.start, span.end) else {
            return Err(ApiError::field("timeFilter", "an object with `start` and `end` in ISO 8601"));
        };
        let length = match fields.value("dbIncrement") {
            Some(length) => increment("dbIncrement", length)?,
            None => Increment::Hour,
        };
        let bucket = bucket(length, fields, &DIFFERENCES)?;
        let mut beginnings = vec![bucket.beginning(start)];
        while let Some(next) = beginnings.last().map(|last| after(bucket, *last)).filter(|next| *next <= end)
        {
            if beginnings.len() == MAX_POINTS {
                return Err(too_many(&format!("more than {MAX_POINTS} points")));
            }
            beginnings.push(next);
        }
        Ok(Self { bucket, beginnings })
    }
}

/// Returns the beginning of the piece of time after the one that begins then.
fn after(bucket: Bucket, beginning: Timestamp) -> Timestamp {
    const HOUR: u64 = 60 * 60;
    // Into the next piece, however long this one is.
    let seconds = match bucket.increment {
        Increment::Minute => 60,
        Increment::Hour => HOUR,
        Increment::Day => 24 * HOUR,
        Increment::Week => 7 * 24 * HOUR,
        Increment::Month => 32 * 24 * HOUR,
        Increment::Year => 367 * 24 * HOUR,
    };
    bucket.beginning(beginning.plus(Duration::from_secs(seconds)))
}

/// What was found for a series.
#[derive(Default)]
struct Points {
    /// The figures by time, in µs, and line.
    figures: BTreeMap<(i64, String), Vec<Figure>>,
    /// The values that the series is split by, by what they are in JSON; one without meaning where it is not split.
    lines: BTreeMap<String, Value>,
}

impl Points {
    fn of(found: Aggregated, split: Split) -> Result<Self, ApiError> {
        if found.total > found.rows.len() as u64 {
            return Err(too_many(&format!("{} points, more than {MAX_GROUPS}", found.total)));
        }
        let mut points = Self::default();
        if split == Split::None {
            points.lines.insert(String::new(), Value::Null);
        }
        for row in found.rows {
            let mut groups = row.groups.into_iter();
            let Some(Figure::Time(at)) = groups.next() else { continue };
            let value = groups.next().map(value::json);
            let line = value.as_ref().map(Value::to_string).unwrap_or_default();
            points.figures.insert((at.as_unix_micros(), line.clone()), row.measures);
            points.lines.extend(value.map(|value| (line, value)));
        }
        Ok(points)
    }
}

fn too_many(how_many: &str) -> ApiError {
    let message =
        format!("these are {how_many}: take a larger `dbIncrement`, a shorter `timeFilter` or a filter");
    ApiError::new(ErrorKind::InvalidField, message)
}

fn measures(numbers: &[Field]) -> Vec<Measure> {
    numbers.iter().map(|(_, measure)| measure.clone()).collect()
}

/// Puts names to numbers; those that are not known are 0.
fn named(numbers: &[Field], figures: &[Figure]) -> Map<String, Value> {
    let figures = figures.iter().map(Some).chain(std::iter::repeat(None));
    let named = numbers.iter().zip(figures);
    named.map(|((name, _), figure)| ((*name).to_owned(), figure.map_or(Value::from(0), known))).collect()
}

/// Returns a number; 0 where it is not known.
fn known(figure: &Figure) -> Value {
    if *figure == Figure::Unknown { Value::from(0) } else { value::json(figure.clone()) }
}

/// Reads the name of the property that a series is split by.
fn property_key(fields: &Fields) -> Result<String, ApiError> {
    let name = fields.value("propertyKey").and_then(Value::as_str).filter(|name| !name.is_empty());
    name.map(str::to_owned).ok_or_else(|| ApiError::field("propertyKey", "the name of a property"))
}

/// Reads which part of a list is wanted: `offset` and `limit`.
pub(crate) fn page(fields: &Fields, default: u64, most: u64) -> Result<(u64, u32), ApiError> {
    let offset = fields.whole("offset", 0..=i64::MAX.unsigned_abs())?.unwrap_or_default();
    let limit = fields.whole("limit", 0..=most)?.unwrap_or(default);
    Ok((offset, u32::try_from(limit).unwrap_or(u32::MAX)))
}
