//! The queries of the contract, run on one connection.

use std::collections::BTreeMap;

use duckdb::{Connection, OptionalExt, ToSql, params, params_from_iter};
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{CacheStats, CostQuery, CostSum, LogRow, RowKey, RowQuery, SavedTotal, SortKey};
use gatehouse_types::{OrganizationId, RequestId};

use super::annotate;
use super::bodies::unpack;
use super::decode::{COLUMNS, StoredRow, cost_sum, stored_row};
use super::engine::Error;
use super::place;
use super::properties::dialect;
use crate::sql::{self, Added, Annotated, Beside, DuckDb, Param, Range, Revisions, Statement};

pub(super) fn newest(connection: &Connection) -> Result<RowKey, Error> {
    let next: u64 = connection.query_row(sql::CURSOR, [], |row| row.get(1))?;
    Ok(RowKey::new(next.saturating_sub(1)))
}

pub(super) fn journal_position(connection: &Connection) -> Result<u64, Error> {
    Ok(connection.query_row(sql::CURSOR, [], |row| row.get(0))?)
}

pub(super) fn rows(connection: &Connection, query: &RowQuery) -> Result<Vec<LogRow>, Error> {
    // One transaction, so that all statements see the same rows.
    let transaction = connection.unchecked_transaction()?;
    let beside = beside(&transaction, query.organization_id, &query.filter, Some(&query.sort))?;
    let dialect = dialect(&transaction, query.organization_id, beside.added)?;
    let place = place::find(&transaction, query, &dialect, beside)?;
    let keys = keys(&transaction, &sql::page(&dialect, query, &place, beside)?)?;
    let mut rows = by_keys(&transaction, query.organization_id, &keys)?;
    annotate::join(&transaction, query.organization_id, rows.values_mut())?;
    Ok(keys.iter().filter_map(|key| rows.remove(key)).collect())
}

pub(super) fn count(
    connection: &Connection,
    organization_id: OrganizationId,
    filter: &Filter,
) -> Result<u64, Error> {
    let transaction = connection.unchecked_transaction()?;
    let beside = beside(&transaction, organization_id, filter, None)?;
    let dialect = dialect(&transaction, organization_id, beside.added)?;
    let statement = sql::count(&dialect, organization_id, filter, beside)?;
    let count: i64 =
        transaction.query_row(&statement.text, params_from_iter(&statement.params), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

pub(super) fn cache_stats(
    connection: &Connection,
    organization_id: OrganizationId,
    filter: &Filter,
) -> Result<CacheStats, Error> {
    let transaction = connection.unchecked_transaction()?;
    let beside = beside(&transaction, organization_id, filter, None)?;
    let dialect = dialect(&transaction, organization_id, beside.added)?;
    let statement = sql::cache_stats(&dialect, organization_id, filter, beside)?;
    let stats = transaction.query_row(&statement.text, params_from_iter(&statement.params), |row| {
        let count =
            |index| Ok::<u64, duckdb::Error>(u64::try_from(row.get::<_, i64>(index)?).unwrap_or_default());
        let total =
            |index| Ok::<_, duckdb::Error>(SavedTotal { sum: row.get(index)?, unknown: count(index + 1)? });
        Ok(CacheStats {
            hits: count(0)?,
            misses: count(1)?,
            saved_us: total(2)?,
            saved_cost: total(4)?,
            saved_prompt_tokens: total(6)?,
            saved_completion_tokens: total(8)?,
        })
    })?;
    Ok(stats)
}

pub(super) fn cost_sums(connection: &Connection, query: &CostQuery) -> Result<Vec<CostSum>, Error> {
    let transaction = connection.unchecked_transaction()?;
    let beside = Beside {
        revisions: revisions(&transaction, query.organization_id)?,
        ..beside(&transaction, query.organization_id, &query.filter, None)?
    };
    let dialect = dialect(&transaction, query.organization_id, beside.added)?;
    let statement = sql::cost_sums(&dialect, query, beside)?;
    let mut prepared = transaction.prepare(&statement.text)?;
    let mut rows = prepared.query(params_from_iter(&statement.params))?;
    let mut sums = Vec::new();
    while let Some(row) = rows.next()? {
        sums.push(cost_sum(row)?);
    }
    Ok(sums)
}

pub(super) fn row(
    connection: &Connection,
    organization_id: OrganizationId,
    request_id: RequestId,
) -> Result<Option<LogRow>, Error> {
    let transaction = connection.unchecked_transaction()?;
    let found = keys(&transaction, &sql::one(&DuckDb, organization_id, request_id))?;
    let Some((row_key, mut row)) = by_keys(&transaction, organization_id, &found)?.pop_first() else {
        return Ok(None);
    };
    annotate::join(&transaction, organization_id, std::iter::once(&mut row))?;
    let params = params![organization_id.to_string(), row_key, row_key];
    let block: Option<Vec<u8>> =
        transaction.query_row(sql::BODY_BLOCK, params, |row| row.get(0)).optional()?;
    if let Some(block) = block {
        row.bodies = unpack(&block, row_key)?;
    }
    Ok(Some(row))
}

/// Returns what a query must know of annotations and revisions.
pub(super) fn beside(
    connection: &Connection,
    organization_id: OrganizationId,
    filter: &Filter,
    sort: Option<&SortKey>,
) -> Result<Beside, Error> {
    let added = added(connection, organization_id, &sql::annotated(filter, sort))?;
    let revisions = match sql::reads_revisions(filter, sort) {
        true => revisions(connection, organization_id)?,
        false => Revisions::Unread,
    };
    Ok(Beside { added, revisions })
}

/// Returns what a query must know of revisions that reads what they change.
pub(super) fn revisions(
    connection: &Connection,
    organization_id: OrganizationId,
) -> Result<Revisions, Error> {
    let params = params![organization_id.to_string()];
    let any = connection.query_row(sql::HAS_REVISIONS, params, |row| row.get(0))?;
    Ok(if any { Revisions::Joined } else { Revisions::None })
}

/// Returns what a query must know of annotations that reads these.
pub(super) fn added(
    connection: &Connection,
    organization_id: OrganizationId,
    read: &Annotated,
) -> Result<Added, Error> {
    if read.is_nothing() {
        return Ok(Added::Unread);
    }
    let names = added_names(connection, organization_id)?;
    let there = read.of(names.into_iter(), has_feedback(connection, organization_id)?);
    Ok(if there.any() { Added::Joined(there) } else { Added::None })
}

/// Returns whether an organisation has annotations of any call.
pub(super) fn has_annotations(
    connection: &Connection,
    organization_id: OrganizationId,
) -> Result<bool, Error> {
    Ok(has_feedback(connection, organization_id)? || !added_names(connection, organization_id)?.is_empty())
}

fn has_feedback(connection: &Connection, organization_id: OrganizationId) -> Result<bool, Error> {
    Ok(connection.query_row(sql::HAS_FEEDBACK, params![organization_id.to_string()], |row| row.get(0))?)
}

fn added_names(connection: &Connection, organization_id: OrganizationId) -> Result<Vec<String>, Error> {
    let mut prepared = connection.prepare(sql::ADDED_NAMES)?;
    let names = prepared.query_map(params![organization_id.to_string()], |row| row.get(0))?;
    Ok(names.collect::<duckdb::Result<_>>()?)
}

pub(super) fn keys(connection: &Connection, statement: &Statement) -> Result<Vec<u64>, Error> {
    let mut prepared = connection.prepare(&statement.text)?;
    let keys = prepared.query_map(params_from_iter(&statement.params), |row| row.get(0))?;
    Ok(keys.collect::<duckdb::Result<_>>()?)
}

pub(super) fn by_keys(
    connection: &Connection,
    organization_id: OrganizationId,
    keys: &[u64],
) -> Result<BTreeMap<u64, LogRow>, Error> {
    if keys.is_empty() {
        return Ok(BTreeMap::new());
    }
    let revisions = revisions(connection, organization_id)?;
    let found = within(connection, organization_id, Range::Places(keys), revisions)?;
    if keys.iter().all(|key| found.contains_key(key)) {
        return Ok(found);
    }
    within(connection, organization_id, Range::Keys(keys), revisions)
}

fn within(
    connection: &Connection,
    organization_id: OrganizationId,
    range: Range<'_>,
    revisions: Revisions,
) -> Result<BTreeMap<u64, LogRow>, Error> {
    let statement = sql::by_keys(&DuckDb, organization_id, &COLUMNS, range, revisions);
    let mut prepared = connection.prepare(&statement.text)?;
    let mut rows = prepared.query(params_from_iter(&statement.params))?;
    let mut found = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let StoredRow { row_key, row } = stored_row(row)?;
        found.insert(row_key, row);
    }
    Ok(found)
}

impl ToSql for Param {
    fn to_sql(&self) -> duckdb::Result<duckdb::types::ToSqlOutput<'_>> {
        use duckdb::types::{TimeUnit, ToSqlOutput, Value, ValueRef};
        Ok(match self {
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Uuid(id) => ToSqlOutput::Owned(Value::Text(id.to_string())),
            Self::Integer(value) => ToSqlOutput::Borrowed(ValueRef::BigInt(*value)),
            Self::Unsigned(value) => ToSqlOutput::Borrowed(ValueRef::UBigInt(*value)),
            Self::Real(value) => ToSqlOutput::Borrowed(ValueRef::Double(*value)),
            Self::Time(at) => {
                ToSqlOutput::Borrowed(ValueRef::Timestamp(TimeUnit::Microsecond, at.as_unix_micros()))
            }
        })
    }
}
