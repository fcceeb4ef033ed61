//! Figures over many calls, run on one connection.

use duckdb::types::{TimeUnit, Value};
use duckdb::{Connection, Row, params_from_iter};
use gatehouse_store::log::{AggregateQuery, AggregateRow, Aggregated, Dimension, Figure, Having, Order};
use gatehouse_types::{NanoUsd, Timestamp};

use super::engine::Error;
use super::properties::dialect;
use super::read::{added, revisions};
use super::rollup::rolled_up;
use crate::sql::{self, Beside, DuckDb, Plan, Revisions, Shape, Statement};

/// How many times as many groups as a page has there are at least for the page to be found first.
const MANY_TIMES: u64 = 4;
/// How many measures more than what groups are in order by are worth finding the page first.
const MANY_MEASURES: usize = 4;
/// How many groups a page has at most that is found first.
const MAX_PAGE: u32 = 1_000;

/// Answers a question; where it is about no more than `few` calls these are read one by one.
pub(super) fn aggregate(
    connection: &Connection,
    query: &AggregateQuery,
    few: u64,
) -> Result<Aggregated, Error> {
    // One transaction, so that all statements see the same rows.
    let transaction = connection.unchecked_transaction()?;
    let reads = sql::reads(query);
    let added = added(&transaction, query.organization_id, &reads.annotated)?;
    let revisions = match reads.revisions {
        true => revisions(&transaction, query.organization_id)?,
        false => Revisions::Unread,
    };
    let beside = Beside { added, revisions };
    let dialect = dialect(&transaction, query.organization_id, added)?;
    let rolled_up = rolled_up(&transaction)?;
    let plan = match sql::plan(query) {
        Some(plan) if rolled_up > 1 && calls(&transaction, query, plan)? >= few => Some(plan),
        _ => None,
    };
    let statement = |query: &AggregateQuery| match plan {
        Some(plan) => sql::aggregate_rolled(&dialect, query, plan, rolled_up, beside),
        None => sql::aggregate(&dialect, query, None, beside),
    };
    if plan.is_none()
        && let Some(ranking) = ranking(query)
    {
        let ranked = run(&transaction, &ranking, &statement(&ranking)?)?;
        if ranked.total > u64::from(query.limit).saturating_mul(MANY_TIMES) && !ranked.rows.is_empty() {
            let page = AggregateQuery { having: Having::All, offset: 0, ..query.clone() };
            let found = sql::aggregate(&dialect, &page, Some(&first_texts(ranked.rows)), beside)?;
            return Ok(Aggregated { total: ranked.total, ..run(&transaction, &page, &found)? });
        }
    }
    let aggregated = run(&transaction, query, &statement(query)?)?;
    if !aggregated.rows.is_empty() || (query.offset == 0 && query.limit > 0) {
        return Ok(aggregated);
    }
    // Beyond the last group there is no row that tells how many there are.
    let first = AggregateQuery { offset: 0, limit: 1, order: Vec::new(), ..query.clone() };
    Ok(Aggregated { rows: Vec::new(), ..run(&transaction, &first, &statement(&first)?)? })
}

/// Returns how many calls the sums have of those that a question is about.
fn calls(connection: &Connection, query: &AggregateQuery, plan: Plan) -> Result<u64, Error> {
    let statement = plan.calls(&DuckDb, query.organization_id);
    let params = params_from_iter(&statement.params);
    let calls: i64 = connection.query_row(&statement.text, params, |row| row.get(0))?;
    Ok(u64::try_from(calls).unwrap_or_default())
}

/// Returns the query that finds which groups are on a page, by no more than what these are in order by; `None` where
/// asking twice is no help: few more measures are wanted, or groups are not by one text.
fn ranking(query: &AggregateQuery) -> Option<AggregateQuery> {
    let [Dimension::Text(_) | Dimension::Property(_)] = query.groups.as_slice() else { return None };
    let mut measures = Vec::new();
    let mut order = Vec::new();
    for (by, direction) in &query.order {
        let by = match by {
            Order::Group(index) => Order::Group(*index),
            Order::Measure(index) => {
                measures.extend(query.measures.get(*index).cloned());
                Order::Measure(measures.len().checked_sub(1)?)
            }
        };
        order.push((by, *direction));
    }
    let has_many_more = query.measures.len() >= measures.len().saturating_add(MANY_MEASURES);
    (has_many_more && query.limit <= MAX_PAGE).then(|| AggregateQuery { measures, order, ..query.clone() })
}

fn first_texts(rows: Vec<AggregateRow>) -> Vec<String> {
    let text = |figure| match figure {
        Some(Figure::Text(text)) => Some(text),
        _ => None,
    };
    rows.into_iter().filter_map(|row| text(row.groups.into_iter().next())).collect()
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
