//! Where the page of a list lies: found by one column, so that only few rows are put in order with their ids.

use duckdb::types::{TimeUnit, Value};
use duckdb::{Connection, OptionalExt, params_from_iter};
use gatehouse_store::log::{RowQuery, SortKey};
use gatehouse_types::Timestamp;

use super::engine::Error;
use crate::sql::{self, Beside, Dialect, Param, Place};

/// From how many rows before a page on these are counted by the hour.
const FAR: u64 = 1_000;
/// Up to how many rows the last one is found by a column alone: with more the column takes as long as all.
const NEAR: u64 = 2_000;
/// How long an hour is.
const HOUR_MICROS: i64 = 3_600_000_000;

/// Returns what can be known soon of where a page lies.
pub(super) fn find(
    connection: &Connection,
    query: &RowQuery,
    dialect: &dyn Dialect,
    beside: Beside,
) -> Result<Place, Error> {
    let end = query.offset.saturating_add(query.limit.into());
    match query.sort {
        SortKey::CreatedAt if query.offset >= FAR => times(connection, query, dialect, beside),
        SortKey::Latency
        | SortKey::TimeToFirstToken
        | SortKey::TotalTokens
        | SortKey::PromptTokens
        | SortKey::CompletionTokens
        | SortKey::Cost
            if query.limit > 0 && end <= NEAR =>
        {
            last(connection, query, dialect, beside)
        }
        _ => Ok(Place::default()),
    }
}

/// Finds what the last row of a page has; where that is not known, the page has rows that have nothing there.
fn last(
    connection: &Connection,
    query: &RowQuery,
    dialect: &dyn Dialect,
    beside: Beside,
) -> Result<Place, Error> {
    let statement = sql::last_of_page(dialect, query, beside)?;
    let params = params_from_iter(&statement.params);
    let value: Option<Value> = connection.query_row(&statement.text, params, |row| row.get(0)).optional()?;
    let last = match value {
        Some(Value::BigInt(value)) => Some(Param::Integer(value)),
        Some(Value::UBigInt(value)) => Some(Param::Unsigned(value)),
        _ => None,
    };
    Ok(Place { last, ..Place::default() })
}

/// Finds the hours in which the calls of a page began.
fn times(
    connection: &Connection,
    query: &RowQuery,
    dialect: &dyn Dialect,
    beside: Beside,
) -> Result<Place, Error> {
    let statement = sql::by_hours(dialect, query, beside)?;
    let mut prepared = connection.prepare(&statement.text)?;
    let mut hours = prepared.query(params_from_iter(&statement.params))?;
    let end = query.offset.saturating_add(query.limit.into());
    let mut place = Place::default();
    let mut passed = 0_u64;
    while let Some(row) = hours.next()? {
        let Value::Timestamp(TimeUnit::Microsecond, began) = row.get(0)? else {
            return Err(Error::Value { column: "began" });
        };
        let calls: u64 = row.get(1)?;
        if passed.saturating_add(calls) <= query.offset {
            place.skipped = passed.saturating_add(calls);
        } else if passed < end {
            let hour = (began, began.saturating_add(HOUR_MICROS));
            let (from, to) = place.times.map_or(hour, |(from, to)| {
                (hour.0.min(from.as_unix_micros()), hour.1.max(to.as_unix_micros()))
            });
            place.times = Some((Timestamp::from_unix_micros(from), Timestamp::from_unix_micros(to)));
        }
        passed = passed.saturating_add(calls);
    }
    // Behind the last row there is none.
    let nothing = Timestamp::from_unix_micros(0);
    Ok(Place { times: Some(place.times.unwrap_or((nothing, nothing))), ..place })
}
