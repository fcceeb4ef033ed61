//! Bodies are compared in every kind of query, and what was found stays right while rows come.

use anyhow::Result;
use bytes::Bytes;
use gatehouse_store::conformance::samples::plain_row;
use gatehouse_store::filter::{Column, Condition, Filter, Test, TextColumn};
use gatehouse_store::log::{
    AggregateQuery, Batch, Bodies, Dimension, Figure, Having, LogRow, LogStore, Measure, RowKey, SearchStep,
    Walk,
};
use gatehouse_store_log::{DuckDbLog, Options};
use gatehouse_types::{OrganizationId, RequestId};
use uuid::Uuid;

const TENANT: OrganizationId = OrganizationId::from_uuid(Uuid::from_u128(1));

fn row(number: u128, user: &str, request: &str) -> LogRow {
    LogRow {
        user_id: user.to_owned(),
        bodies: Bodies { request: Some(Bytes::from(request.to_owned())), response: None },
        ..plain_row(TENANT, RequestId::from_uuid(Uuid::from_u128(number)))
    }
}

fn request(test: Test) -> Condition {
    Condition { column: Column::Text(TextColumn::RequestBody), test }
}

fn contains(part: &str) -> Condition {
    request(Test::Contains(part.to_owned()))
}

async fn store(folder: &tempfile::TempDir) -> Result<DuckDbLog> {
    let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
    let rows = vec![row(1, "a", "a Needle"), row(2, "a", "hay"), row(3, "b", "hay"), row(4, "b", "more hay")];
    store.insert(Batch { rows, journal_position: 1 }).await?;
    Ok(store)
}

#[tokio::test]
async fn what_was_found_stays_right_while_rows_come() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = store(&folder).await?;
    let count = async |condition: Condition| store.count(TENANT, condition.into()).await;
    let without = || request(Test::NotContains("needle".to_owned()));
    assert_eq!(count(contains("NEEDLE")).await?, 1);
    assert_eq!(count(without()).await?, 3);
    for number in 5..10 {
        let batch = vec![row(number, "c", "needles"), row(number + 100, "c", "straw")];
        store.insert(Batch { rows: batch, journal_position: u64::try_from(number)? }).await?;
        let passed = u64::try_from(number)? - 3;
        assert_eq!(count(contains("NEEDLE")).await?, passed);
        assert_eq!(count(without()).await?, passed + 2);
    }
    let of_user = |user: &str| {
        let test = Test::TextEquals(user.to_owned());
        let user = Condition { column: Column::Text(TextColumn::UserId), test };
        Filter::from(user).and(contains("needle").into())
    };
    assert_eq!(store.count(TENANT, of_user("a")).await?, 1);
    assert_eq!(store.count(TENANT, of_user("b")).await?, 0);
    assert_eq!(store.count(TENANT, of_user("c")).await?, 5);
    assert_eq!(store.count(OrganizationId::from_uuid(Uuid::from_u128(2)), contains("a").into()).await?, 0);
    Ok(())
}

#[tokio::test]
async fn figures_compare_bodies() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = store(&folder).await?;
    let query = |filter: Filter, having: Having| AggregateQuery {
        organization_id: TENANT,
        filter,
        groups: vec![Dimension::Text(TextColumn::UserId)],
        measures: vec![Measure::Requests, Measure::RequestsWith(contains("needle").into())],
        having,
        order: Vec::new(),
        offset: 0,
        limit: 10,
    };
    let figures = async |filter: Filter, having: Having| -> Result<Vec<(Figure, Vec<Figure>)>> {
        let answer = store.aggregate(query(filter, having)).await?;
        Ok(answer.rows.into_iter().map(|row| (row.groups[0].clone(), row.measures)).collect())
    };
    let of = |user: &str, all: u64, with: u64| {
        (Figure::Text(user.to_owned()), vec![Figure::Count(all), Figure::Count(with)])
    };
    assert_eq!(figures(Filter::All, Having::All).await?, [of("a", 2, 1), of("b", 2, 0)]);
    assert_eq!(figures(contains("hay").into(), Having::All).await?, [of("a", 1, 0), of("b", 2, 0)]);
    assert_eq!(figures(Filter::All, Having::Any(contains("needle"))).await?, [of("a", 2, 1)]);
    Ok(())
}

#[tokio::test]
async fn walks_and_searches_compare_bodies() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = store(&folder).await?;
    let walk = Walk { organization_id: TENANT, filter: contains("hay").into(), before: None, limit: 10 };
    let keys: Vec<u64> = store.walk_rows(walk).await?.rows.iter().map(|row| row.row_key.get()).collect();
    assert_eq!(keys, [4, 3, 2]);
    let step = |before: Option<RowKey>| SearchStep {
        organization_id: TENANT,
        filter: request(Test::NotContains("more".to_owned())).into(),
        text: "HAY".to_owned(),
        before,
        limit: 1,
    };
    let first = store.search(step(None)).await?;
    assert_eq!(first.found.iter().map(|found| found.row_key.get()).collect::<Vec<_>>(), [3]);
    assert_eq!((first.searched, first.next), (1, Some(RowKey::new(3))));
    let second = store.search(step(first.next)).await?;
    assert_eq!(second.found.iter().map(|found| found.row_key.get()).collect::<Vec<_>>(), [2]);
    assert_eq!(second.found[0].snippet.found, "hay");
    assert_eq!((second.searched, second.next), (2, None));
    Ok(())
}
