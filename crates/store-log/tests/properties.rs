//! Properties are found whether they have a column of their own or not.

use std::collections::BTreeMap;

use anyhow::Result;
use gatehouse_store::conformance::samples::plain_row;
use gatehouse_store::filter::{Column, Condition, Filter, Test};
use gatehouse_store::log::{
    AggregateQuery, Batch, Dimension, Figure, Having, LogRow, LogStore, Measure, SESSION_ID,
};
use gatehouse_store_log::{DuckDbLog, Options};
use gatehouse_types::{OrganizationId, RequestId};
use uuid::Uuid;

const fn tenant(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(number))
}

fn row(organization_id: OrganizationId, number: u128, properties: &[(String, String)]) -> LogRow {
    let properties: BTreeMap<String, String> = properties.iter().cloned().collect();
    LogRow { properties, ..plain_row(organization_id, RequestId::from_uuid(Uuid::from_u128(number))) }
}

fn named(number: u128) -> (String, String) {
    (format!("name {number}"), format!("value {number}"))
}

async fn count(
    store: &DuckDbLog,
    organization_id: OrganizationId,
    column: Column,
    test: Test,
) -> Result<u64> {
    Ok(store.count(organization_id, Filter::Leaf(Condition { column, test })).await?)
}

/// Checks that each of the properties is found, and that no other tenant has any of them.
async fn check(
    store: &DuckDbLog,
    organization_id: OrganizationId,
    numbers: std::ops::Range<u128>,
) -> Result<()> {
    for (name, value) in numbers.map(named) {
        let of = || Column::Property(name.clone());
        assert_eq!(count(store, organization_id, of(), Test::TextEquals(value.clone())).await?, 1, "{name}");
        assert_eq!(count(store, organization_id, of(), Test::IsNotNull).await?, 1, "{name}");
        let has = Test::TextEquals(name.clone());
        assert_eq!(count(store, organization_id, Column::PropertyKey, has).await?, 1, "{name}");
        assert_eq!(count(store, tenant(9), of(), Test::TextEquals(value.clone())).await?, 0, "{name}");
        let query = AggregateQuery {
            organization_id,
            filter: Filter::All,
            groups: vec![Dimension::Property(name.clone())],
            measures: vec![Measure::Requests],
            having: Having::All,
            order: Vec::new(),
            offset: 0,
            limit: 10,
        };
        let found = store.aggregate(query).await?;
        let found: Vec<_> = found.rows.into_iter().map(|row| (row.groups, row.measures)).collect();
        assert_eq!(found, [(vec![Figure::Text(value)], vec![Figure::Count(1)])]);
    }
    Ok(())
}

#[tokio::test]
async fn more_properties_are_found_than_have_columns() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let open = || DuckDbLog::start(Options::at(folder.path().join("log.duckdb")));
    let one = |number| row(tenant(1), number, &[named(number), (SESSION_ID.to_owned(), "s".to_owned())]);
    {
        let store = open()?;
        store.insert(Batch { rows: (0..6).map(one).collect(), journal_position: 1 }).await?;
        check(&store, tenant(1), 0..6).await?;
    }
    let store = open()?;
    let others = (0..4).map(|number| row(tenant(9), 100 + number, &[(named(50 + number).0, String::new())]));
    let rows = (6..30).map(one).chain(others).collect();
    store.insert(Batch { rows, journal_position: 2 }).await?;
    check(&store, tenant(1), 0..30).await?;
    let session = Column::Property(SESSION_ID.to_owned());
    assert_eq!(count(&store, tenant(1), session, Test::TextEquals("s".to_owned())).await?, 30);
    Ok(())
}

#[tokio::test]
async fn a_batch_that_is_not_stored_gives_no_columns_away() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
    let one = |number| row(tenant(1), number, &[named(number)]);
    store.insert(Batch { rows: vec![one(1)], journal_position: 5 }).await?;
    // It is covered already.
    store.insert(Batch { rows: vec![one(2)], journal_position: 4 }).await?;
    store.insert(Batch { rows: vec![one(3), one(2)], journal_position: 6 }).await?;
    check(&store, tenant(1), 1..4).await
}
