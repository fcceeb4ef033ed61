//! The queries of the contract, run on one connection.

use duckdb::{Connection, OptionalExt, ToSql, params_from_iter};
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{LogRow, RowQuery};
use gatehouse_types::{OrganizationId, RequestId};

use super::bodies::decompress;
use super::decode::{COLUMNS, StoredRow, stored_row};
use super::engine::Error;
use crate::sql::{self, DuckDb, Param, Statement};

pub(super) fn journal_position(connection: &Connection) -> Result<u64, Error> {
    Ok(connection.query_row(sql::CURSOR, [], |row| row.get(0))?)
}

pub(super) fn rows(connection: &Connection, query: &RowQuery) -> Result<Vec<LogRow>, Error> {
    let statement = sql::page(&DuckDb, &COLUMNS, query)?;
    Ok(stored_rows(connection, &statement)?.into_iter().map(|stored| stored.row).collect())
}

pub(super) fn count(
    connection: &Connection,
    organization_id: OrganizationId,
    filter: &Filter,
) -> Result<u64, Error> {
    let statement = sql::count(&DuckDb, organization_id, filter)?;
    let count: i64 =
        connection.query_row(&statement.text, params_from_iter(&statement.params), |row| row.get(0))?;
    Ok(u64::try_from(count).unwrap_or_default())
}

pub(super) fn row(
    connection: &Connection,
    organization_id: OrganizationId,
    request_id: RequestId,
) -> Result<Option<LogRow>, Error> {
    let statement = sql::one(&DuckDb, &COLUMNS, organization_id, request_id);
    let Some(StoredRow { row_key, mut row }) = stored_rows(connection, &statement)?.pop() else {
        return Ok(None);
    };
    let bodies = connection
        .query_row(sql::BODIES, [row_key], |row| {
            Ok((row.get::<_, Option<Vec<u8>>>(0)?, row.get::<_, Option<Vec<u8>>>(1)?))
        })
        .optional()?;
    if let Some((request, response)) = bodies {
        row.bodies.request = request.as_deref().map(decompress).transpose()?;
        row.bodies.response = response.as_deref().map(decompress).transpose()?;
    }
    Ok(Some(row))
}

fn stored_rows(connection: &Connection, statement: &Statement) -> Result<Vec<StoredRow>, Error> {
    let mut prepared = connection.prepare(&statement.text)?;
    let mut rows = prepared.query(params_from_iter(&statement.params))?;
    let mut found = Vec::new();
    while let Some(row) = rows.next()? {
        found.push(stored_row(row)?);
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
            Self::Time(at) => {
                ToSqlOutput::Borrowed(ValueRef::Timestamp(TimeUnit::Microsecond, at.as_unix_micros()))
            }
        })
    }
}
