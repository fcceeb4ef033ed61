//! Figures over many calls, run on one connection.

use duckdb::types::{TimeUnit, Value};
use duckdb::{Connection, Row, params_from_iter};
use gatehouse_store::log::{AggregateQuery, AggregateRow, Aggregated, Figure};
use gatehouse_types::{NanoUsd, Timestamp};

use super::engine::Error;
use super::properties::dialect;
use super::read::{annotations, revisions};
use super::rollup::rolled_up;
use crate::sql::{self, Added, Beside, Revisions, Shape, Statement};

pub(super) fn aggregate(connection: &Connection, query: &AggregateQuery) -> Result<Aggregated, Error> {
    // One transaction, so that all statements see the same rows.
    let transaction = connection.unchecked_transaction()?;
    let reads = sql::reads(query);
    let added = match reads.annotations {
        true => annotations(&transaction, query.organization_id)?,
        false => Added::Unread,
    };
    let revisions = match reads.revisions {
        true => revisions(&transaction, query.organization_id)?,
        false => Revisions::Unread,
    };
    let beside = Beside { added, revisions };
    let dialect = dialect(&transaction, query.organization_id, added)?;
    let rolled_up = rolled_up(&transaction)?;
    let plan = sql::plan(query, added == Added::Joined).filter(|_| rolled_up > 1);
    let statement = |query: &AggregateQuery| match plan {
        Some(plan) => sql::aggregate_rolled(&dialect, query, plan, rolled_up, beside),
        None => sql::aggregate(&dialect, query, beside),
    };
    let aggregated = run(&transaction, query, &statement(query)?)?;
    if !aggregated.rows.is_empty() || (query.offset == 0 && query.limit > 0) {
        return Ok(aggregated);
    }
    // Beyond the last group there is no row that tells how many there are.
    let first = AggregateQuery { offset: 0, limit: 1, order: Vec::new(), ..query.clone() };
    Ok(Aggregated { rows: Vec::new(), ..run(&transaction, &first, &statement(&first)?)? })
}

fn run(connection: &Connection, query: &AggregateQuery, statement: &Statement) -> Result<Aggregated, Error> {
    let shapes = sql::shapes(query);
    let mut prepared = connection.prepare(&statement.text)?;
    let mut found = prepared.query(params_from_iter(&statement.params))?;
    let mut aggregated = Aggregated::default();
    while let Some(row) = found.next()? {
        let mut figures = Vec::with_capacity(shapes.len());
        for (index, shape) in (1..).zip(&shapes) {
            figures.push(figure(row, index, *shape)?);
        }
        let measures = figures.split_off(query.groups.len());
        aggregated.rows.push(AggregateRow { groups: figures, measures });
        aggregated.total = row.get(0)?;
    }
    Ok(aggregated)
}

/// Reads one value of a result row.
fn figure(row: &Row<'_>, index: usize, shape: Shape) -> Result<Figure, Error> {
    let known = match shape {
        Shape::Count => row.get::<_, Option<u64>>(index)?.map(Figure::Count),
        Shape::Integer => row.get::<_, Option<i64>>(index)?.map(Figure::Integer),
        Shape::Real => row.get::<_, Option<f64>>(index)?.map(Figure::Real),
        Shape::Money => row.get::<_, Option<i64>>(index)?.map(NanoUsd::new).map(Figure::Money),
        Shape::Text => row.get::<_, Option<String>>(index)?.map(Figure::Text),
        Shape::Time => time(row.get(index)?)?.map(Figure::Time),
        Shape::Texts => Some(Figure::Texts(texts(row.get(index)?)?)),
    };
    Ok(known.unwrap_or(Figure::Unknown))
}

fn time(value: Value) -> Result<Option<Timestamp>, Error> {
    match value {
        Value::Null => Ok(None),
        Value::Timestamp(TimeUnit::Microsecond, micros) => Ok(Some(Timestamp::from_unix_micros(micros))),
        _ => Err(Error::Value { column: "time" }),
    }
}

fn texts(value: Value) -> Result<Vec<String>, Error> {
    let Value::List(values) = value else { return Err(Error::Value { column: "texts" }) };
    let text = |value| match value {
        Value::Text(text) => Ok(text),
        _ => Err(Error::Value { column: "texts" }),
    };
    values.into_iter().map(text).collect()
}
