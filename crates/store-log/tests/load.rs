//! Rows that did not come from the journal are stored beside those that do, and who waits for rows is told of them.

use anyhow::{Context, Result, ensure};
use gatehouse_store::conformance::samples::plain_row;
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{
    Annotated, Annotation, Annotations, Batch, Bodies, Content, Extent, FeedbackValue, KeyedRow, LogRow,
    LogStore, RATING, RowKey, Walk, Walked,
};
use gatehouse_store_log::{DuckDbLog, Options};
use gatehouse_types::{OrganizationId, RequestId, Timestamp};
use uuid::Uuid;

#[tokio::test]
async fn loads_rows_with_annotations_and_leaves_the_journal_position() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
    let organization_id = OrganizationId::from_uuid(Uuid::from_u128(1));
    let row = |id: u128| plain_row(organization_id, RequestId::from_uuid(Uuid::from_u128(id)));
    store.insert(Batch { rows: vec![row(1)], journal_position: 10 }).await?;

    let rating = Content::Feedback(FeedbackValue::Boolean(true));
    let said = [
        Annotation::new(RATING, rating, Timestamp::from_unix_micros(5))?,
        Annotation::new("Team", Content::Property("blue".to_owned()), Timestamp::from_unix_micros(6))?,
    ];
    let annotations = Annotations::default().with(&said).context("two are not too many")?;
    let bodies = Bodies { request: Some("question".into()), response: Some("answer".into()) };
    let loaded = LogRow { annotations, bodies, ..row(2) };
    store.load(vec![loaded.clone(), row(3)]).await?;
    ensure!(store.journal_position().await? == 10);
    let found = store.row(organization_id, loaded.request_id).await?.context("the loaded row")?;
    ensure!(found == loaded, "{found:?}");

    store.insert(Batch { rows: vec![row(4)], journal_position: 11 }).await?;
    store.load(Vec::new()).await?;
    for id in 1..=4 {
        let request_id = RequestId::from_uuid(Uuid::from_u128(id));
        ensure!(store.row(organization_id, request_id).await?.is_some(), "row {id} is gone");
    }
    ensure!(store.journal_position().await? == 11);
    Ok(())
}

#[tokio::test]
async fn who_is_told_of_rows_finds_them_and_no_others() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
    let (mine, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let row = |organization: Uuid, id: u128| {
        plain_row(OrganizationId::from_uuid(organization), RequestId::from_uuid(Uuid::from_u128(id)))
    };
    let mut arrivals = store.arrivals();
    ensure!(store.newest().await? == RowKey::new(0));
    store.insert(Batch { rows: vec![row(mine, 1), row(mine, 2)], journal_position: 10 }).await?;
    arrivals.changed().await?;
    let before = *arrivals.borrow_and_update();
    ensure!(before == RowKey::new(2) && store.newest().await? == before);
    let bodies = Bodies { request: Some("question".into()), response: None };
    let rows =
        vec![row(mine, 3), row(other, 4), LogRow { bodies: bodies.clone(), ..row(mine, 5) }, row(mine, 6)];
    store.insert(Batch { rows, journal_position: 11 }).await?;
    let rating = Annotation::new(
        RATING,
        Content::Feedback(FeedbackValue::Boolean(true)),
        Timestamp::from_unix_micros(5),
    )?;
    let (organization_id, request_id) = (OrganizationId::from_uuid(mine), row(mine, 5).request_id);
    ensure!(store.annotate(organization_id, request_id, vec![rating]).await? == Annotated::Kept);
    ensure!(arrivals.has_changed()? && *arrivals.borrow_and_update() == RowKey::new(6));

    let walk = |before| Walk { organization_id, filter: Filter::All, before, limit: 2 };
    let extent = Extent { after: Some(before), has_bodies: true };
    let first = store.walk_shown(walk(None), extent).await?;
    let keys =
        |walked: &Walked<KeyedRow>| walked.rows.iter().map(|row| row.row_key.get()).collect::<Vec<_>>();
    ensure!(keys(&first) == [6, 5] && first.next == Some(RowKey::new(5)), "{first:?}");
    let annotated = &first.rows[1].row;
    ensure!(annotated.bodies == bodies && annotated.annotations.rating().is_some(), "{annotated:?}");
    let second = store.walk_shown(walk(first.next), extent).await?;
    ensure!(keys(&second) == [3] && second.next.is_none(), "{second:?}");
    let bare = store.walk_shown(walk(None), Extent { has_bodies: false, ..extent }).await?;
    ensure!(bare.rows.iter().all(|keyed| keyed.row.bodies == Bodies::default()), "{bare:?}");
    let nothing = Extent { after: Some(RowKey::new(6)), has_bodies: false };
    ensure!(store.walk_shown(walk(None), nothing).await? == Walked { rows: Vec::new(), next: None });

    // What was stored before is not told of again.
    store.insert(Batch { rows: vec![row(mine, 7)], journal_position: 11 }).await?;
    ensure!(!arrivals.has_changed()?);
    drop(store);
    ensure!(arrivals.changed().await.is_err(), "it ends with the store");
    Ok(())
}
