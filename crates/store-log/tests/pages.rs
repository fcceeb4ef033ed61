//! Pages that lie far behind the first one, which are found by counting, have the rows that they should.

use anyhow::{Result, ensure};
use gatehouse_store::conformance::samples::plain_row;
use gatehouse_store::filter::{Column, Condition, Filter, NumberColumn, Test};
use gatehouse_store::log::{Batch, Direction, LogRow, LogStore, RowQuery, SortKey};
use gatehouse_store_log::{DuckDbLog, Options};
use gatehouse_types::{NanoUsd, OrganizationId, RequestId, Timestamp};
use uuid::Uuid;

/// How many rows there are: three times as many as a page has before it that is found by counting.
const ROWS: u64 = 3_000;
const MINUTE: i64 = 60_000_000;
/// The first of 2026.
const FIRST: i64 = 1_767_225_600_000_000;

const fn organization() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(1))
}

/// Calls of two weeks, in no order, some of them at the same moment, some at the full hour; every fifth costs nothing
/// that is known.
fn rows() -> Vec<LogRow> {
    let row = |number: u64| {
        let shuffled = number * 7_919 % ROWS;
        let minutes = i64::try_from(shuffled / 3).unwrap_or_default() * 20;
        LogRow {
            request_created_at: Timestamp::from_unix_micros(FIRST + minutes * MINUTE),
            cost: (!number.is_multiple_of(5))
                .then(|| NanoUsd::new(i64::try_from(shuffled % 700).unwrap_or_default())),
            status: if number.is_multiple_of(2) { 200 } else { 500 },
            ..plain_row(organization(), RequestId::from_uuid(Uuid::from_u128(shuffled.into())))
        }
    };
    (0..ROWS).map(row).collect()
}

/// Puts rows in the order of a list; what is not known comes last either way.
fn in_order(mut rows: Vec<LogRow>, sort: &SortKey, direction: Direction) -> Vec<RequestId> {
    let value = |row: &LogRow| match sort {
        SortKey::Cost => row.cost.map(NanoUsd::get),
        _ => Some(row.request_created_at.as_unix_micros()),
    };
    rows.sort_by_key(|row| (value(row), row.request_id));
    if direction == Direction::Descending {
        rows.reverse();
    }
    rows.sort_by_key(|row| value(row).is_none());
    rows.into_iter().map(|row| row.request_id).collect()
}

#[tokio::test]
async fn far_behind_the_first_one_have_their_rows() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
    let rows = rows();
    store.insert(Batch { rows: rows.clone(), journal_position: 1 }).await?;
    let failed = Filter::Leaf(Condition {
        column: Column::Number(NumberColumn::Status),
        test: Test::NumberAtLeast(500.into()),
    });
    for (filter, some) in [
        (Filter::All, rows.clone()),
        (failed, rows.iter().filter(|row| row.status >= 500).cloned().collect()),
    ] {
        for sort in [SortKey::CreatedAt, SortKey::Cost] {
            for direction in [Direction::Ascending, Direction::Descending] {
                let expected = in_order(some.clone(), &sort, direction);
                let order = Order { filter: &filter, sort: &sort, direction };
                compare(&store, &order, &expected).await?;
            }
        }
    }
    Ok(())
}

/// In which order which rows are wanted.
struct Order<'a> {
    filter: &'a Filter,
    sort: &'a SortKey,
    direction: Direction,
}

/// Reads pages at several places of the order.
async fn compare(store: &DuckDbLog, order: &Order<'_>, expected: &[RequestId]) -> Result<()> {
    let Order { filter, sort, direction } = order;
    let pages =
        [(0, 7), (999, 3), (1_000, 1), (1_001, 200), (1_493, 20), (2_398, 9), (2_990, 50), (9_000, 5)];
    for (offset, limit) in pages {
        let query = RowQuery {
            organization_id: organization(),
            filter: (*filter).clone(),
            sort: (*sort).clone(),
            direction: *direction,
            after: None,
            offset,
            limit,
        };
        let found: Vec<RequestId> = store.rows(query).await?.into_iter().map(|row| row.request_id).collect();
        let page = expected.iter().skip(offset.try_into()?).take(limit.try_into()?);
        ensure!(found.iter().eq(page), "{limit} rows behind {offset} by {sort:?}, {direction:?}");
    }
    Ok(())
}
