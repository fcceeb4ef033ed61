//! The promises of [`LogStore`], one suite each.

use bytes::Bytes;
use gatehouse_types::{BodyState, OrganizationId, RequestId};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use super::evaluate::{matches, order};
use super::revision::revise_some;
use super::samples::{self, plain_row};
use crate::StoreError;
use crate::filter::{BoolColumn, Column, Condition, Filter, NumberColumn, Test, TextColumn};
use crate::log::{
    After, Annotated, Batch, Bodies, CacheStats, Direction, LogRow, LogStore, RowQuery, SortKey,
};

/// What a suite returns: the error of an operation that had to work.
pub type Outcome = Result<(), StoreError>;

/// How many random rows the suites over many rows use.
const MANY_ROWS: usize = 60;
/// How many random filter trees are tried.
const FILTER_TREES: usize = 300;

pub(super) const fn organization(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(number))
}

pub(super) const fn request(number: u128) -> RequestId {
    RequestId::from_uuid(Uuid::from_u128(number))
}

pub(super) fn query(organization_id: OrganizationId, filter: Filter) -> RowQuery {
    RowQuery {
        organization_id,
        filter,
        sort: SortKey::CreatedAt,
        direction: Direction::Descending,
        after: None,
        offset: 0,
        limit: 1000,
    }
}

pub(super) fn without_bodies(row: &LogRow) -> LogRow {
    LogRow { bodies: Bodies::default(), ..row.clone() }
}

/// Returns the same random rows at every call.
pub(super) fn many_rows(organization_id: OrganizationId) -> Vec<LogRow> {
    let mut runner = TestRunner::deterministic();
    let strategy = samples::rows(organization_id);
    (0..MANY_ROWS).filter_map(|_| strategy.new_tree(&mut runner).ok()).map(|tree| tree.current()).collect()
}

/// Annotates every other row, in the store and in `rows`; the last annotations of a row may be older.
async fn annotate_some(store: &dyn LogStore, rows: &mut [LogRow]) -> Outcome {
    let mut runner = TestRunner::deterministic();
    let strategy = samples::annotations();
    for row in rows.iter_mut().step_by(2) {
        for _ in 0..2 {
            let Ok(tree) = strategy.new_tree(&mut runner) else { continue };
            let added = tree.current();
            row.annotations = row.annotations.with(&added).unwrap_or_default();
            let annotated = store.annotate(row.organization_id, row.request_id, added).await?;
            assert_eq!(annotated, Annotated::Kept);
        }
    }
    Ok(())
}

/// What is stored is read back as it was: one row with its bodies, lists without.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn stores_and_reads_back(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let full = plain_row(tenant, request(10));
    let omitted = LogRow {
        request_body_state: BodyState::Omitted,
        response_body_state: BodyState::Empty,
        bodies: Bodies::default(),
        ..plain_row(tenant, request(11))
    };
    let half = LogRow {
        request_body_state: BodyState::Truncated,
        bodies: Bodies { request: Some(Bytes::from(vec![b'x'; 100_000])), response: None },
        ..plain_row(tenant, request(12))
    };
    let stored = [full, omitted, half];
    assert_eq!(store.journal_position().await?, 0, "a new store has stored nothing");
    store.insert(Batch { rows: stored.to_vec(), journal_position: 3 }).await?;
    for row in &stored {
        assert_eq!(store.row(tenant, row.request_id).await?.as_ref(), Some(row));
    }
    assert_eq!(store.row(tenant, request(99)).await?, None);
    let listed = store.rows(query(tenant, Filter::All)).await?;
    let expected: Vec<LogRow> = stored.iter().rev().map(without_bodies).collect();
    assert_eq!(listed, expected, "same time: by id, descending");
    assert_eq!(store.count(tenant, Filter::All).await?, 3);
    Ok(())
}

/// Awkward values of every field come back unchanged.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_awkward_values(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let rows = many_rows(tenant);
    store.insert(Batch { rows: rows.clone(), journal_position: 1 }).await?;
    for row in &rows {
        assert_eq!(store.row(tenant, row.request_id).await?.as_ref(), Some(row));
    }
    Ok(())
}

/// A tenant sees its own rows only, also when it knows another's id or writes a filter that matches all.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_tenants_apart(store: &dyn LogStore) -> Outcome {
    let (ours, theirs) = (organization(1), organization(2));
    let chosen = |tenant| LogRow { client_chose_id: true, ..plain_row(tenant, request(10)) };
    let rows = vec![chosen(ours), chosen(theirs), plain_row(theirs, request(11))];
    store.insert(Batch { rows, journal_position: 3 }).await?;
    assert_eq!(store.row(ours, request(10)).await?.map(|row| row.organization_id), Some(ours));
    assert_eq!(store.row(ours, request(11)).await?, None);
    let anything =
        Condition { column: Column::Text(TextColumn::Model), test: Test::TextNotEquals("no".into()) };
    let either = Filter::Or(Box::new(Filter::All), Box::new(Filter::Leaf(anything)));
    for (tenant, visible) in [(ours, 1), (theirs, 2), (organization(3), 0)] {
        assert_eq!(store.count(tenant, either.clone()).await?, visible);
        let rows = store.rows(query(tenant, either.clone())).await?;
        assert_eq!(rows.len() as u64, visible);
        assert!(rows.iter().all(|row| row.organization_id == tenant));
    }
    Ok(())
}

/// A batch that is sent again, as after a crash of the sender, adds nothing.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn stores_a_batch_once(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let first = Batch { rows: vec![plain_row(tenant, request(10))], journal_position: 100 };
    store.insert(first.clone()).await?;
    store.insert(first.clone()).await?;
    store.insert(Batch { journal_position: 50, ..first }).await?;
    assert_eq!(store.count(tenant, Filter::All).await?, 1);
    assert_eq!(store.journal_position().await?, 100);
    store.insert(Batch { rows: Vec::new(), journal_position: 120 }).await?;
    assert_eq!(store.journal_position().await?, 120, "a batch without rows moves the position too");
    store.insert(Batch { rows: vec![plain_row(tenant, request(11))], journal_position: 130 }).await?;
    assert_eq!(store.count(tenant, Filter::All).await?, 2);
    Ok(())
}

/// A later row of an id that the client chose hides the earlier one, in one batch and across batches,
/// and what it lacks (a body) does not shine through.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn later_row_of_a_chosen_id_hides_the_earlier(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let version =
        |number: i32| LogRow { client_chose_id: true, status: number, ..plain_row(tenant, request(10)) };
    let check = async |expected: LogRow, others: u64| {
        assert_eq!(store.row(tenant, request(10)).await?.as_ref(), Some(&expected));
        assert_eq!(store.count(tenant, Filter::All).await?, 1 + others);
        Ok::<(), StoreError>(())
    };
    store.insert(Batch { rows: vec![version(1)], journal_position: 1 }).await?;
    check(version(1), 0).await?;
    store.insert(Batch { rows: vec![version(2)], journal_position: 2 }).await?;
    check(version(2), 0).await?;
    let rows = vec![version(3), plain_row(tenant, request(11)), version(4), version(5)];
    store.insert(Batch { rows, journal_position: 6 }).await?;
    check(version(5), 1).await?;
    let bare = LogRow { bodies: Bodies::default(), request_body_state: BodyState::Omitted, ..version(6) };
    let theirs = LogRow { organization_id: organization(2), ..version(7) };
    store.insert(Batch { rows: vec![bare.clone(), theirs], journal_position: 8 }).await?;
    check(bare, 1).await
}

/// Every column with every operator, and random trees of them, match the rows that they should.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn filters_as_the_meaning_says(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let mut rows = many_rows(tenant);
    store.insert(Batch { rows: rows.clone(), journal_position: 1 }).await?;
    check_filters(store, &rows, 5).await?;
    annotate_some(store, &mut rows).await?;
    revise_some(store, &mut rows).await?;
    check_filters(store, &rows, 1).await
}

/// Tries random trees, and of all single conditions one in so many.
async fn check_filters(store: &dyn LogStore, rows: &[LogRow], one_in: usize) -> Outcome {
    let of_a_row = rows.first().map(|row| row.request_id.to_string()).unwrap_or_default();
    let by_id =
        [of_a_row.clone(), of_a_row.to_uppercase(), of_a_row.replace('-', ""), format!("{of_a_row} ")]
            .into_iter()
            .flat_map(|id| {
                [Test::TextEquals(id.clone()), Test::TextNotEquals(id.clone()), Test::Contains(id)]
            })
            .map(|test| Condition { column: Column::Text(TextColumn::RequestId), test });
    let no_call = Uuid::nil().to_string();
    let not_cached = [Test::TextEquals(no_call.clone()), Test::TextNotEquals(no_call), Test::IsNull]
        .map(|test| Condition { column: Column::Text(TextColumn::CacheReferenceId), test });
    let mut runner = TestRunner::deterministic();
    let trees = samples::filters();
    let trees = (0..FILTER_TREES).filter_map(|_| trees.new_tree(&mut runner).ok()).map(|tree| tree.current());
    for filter in samples::conditions()
        .into_iter()
        .step_by(one_in)
        .chain(by_id)
        .chain(not_cached)
        .map(Filter::Leaf)
        .chain(trees)
    {
        let expected = rows.iter().filter(|row| matches(&filter, row)).count() as u64;
        assert_eq!(store.count(organization(1), filter.clone()).await?, expected, "{filter:?}");
    }
    Ok(())
}

/// What the cache did is added up over the rows that match, and what is not known stays apart.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn adds_up_what_the_cache_did(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    assert_eq!(store.cache_stats(tenant, Filter::All).await?, CacheStats::default(), "nothing is stored");
    let mut rows = many_rows(tenant);
    let theirs = many_rows(organization(2));
    let all = rows.iter().cloned().chain(theirs).collect();
    store.insert(Batch { rows: all, journal_position: 1 }).await?;
    annotate_some(store, &mut rows).await?;
    revise_some(store, &mut rows).await?;
    let leaf = |column, test| Filter::Leaf(Condition { column, test });
    let model = leaf(Column::Text(TextColumn::Model), Test::TextNotEquals("gpt-4o".to_owned()));
    let cost = leaf(Column::Number(NumberColumn::Cost), Test::NumberAtLeast(0.0));
    let rated = leaf(Column::Bool(BoolColumn::Rating), Test::BoolEquals(true));
    let nothing = leaf(Column::PropertyKey, Test::TextEquals("absent".to_owned()));
    for filter in [Filter::All, model, cost, rated, nothing] {
        let expected = CacheStats::of(rows.iter().filter(|row| matches(&filter, row)));
        assert_eq!(store.cache_stats(tenant, filter.clone()).await?, expected, "{filter:?}");
    }
    Ok(())
}

/// Pages cover a list in its order, each row once, whatever it is sorted by and which rows it shows.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn pages_visit_each_row_once(store: &dyn LogStore) -> Outcome {
    const PAGE: u32 = 13;
    let tenant = organization(1);
    let mut rows = many_rows(tenant);
    store.insert(Batch { rows: rows.clone(), journal_position: 1 }).await?;
    annotate_some(store, &mut rows).await?;
    revise_some(store, &mut rows).await?;
    let listed: Vec<LogRow> = rows.iter().map(without_bodies).collect();
    let some =
        Condition { column: Column::Text(TextColumn::Model), test: Test::TextNotEquals("gpt-4o".into()) };
    let lists = [(Direction::Ascending, Filter::All), (Direction::Descending, Filter::Leaf(some))];
    for (sort, (direction, filter)) in
        sort_keys().into_iter().flat_map(|sort| lists.clone().map(|list| (sort.clone(), list)))
    {
        let matching = listed.iter().zip(&rows).filter(|(_, row)| matches(&filter, row));
        let mut expected: Vec<&LogRow> = matching.map(|(row, _)| row).collect();
        expected.sort_by(|left, right| order(&sort, direction, left, right));
        let base = RowQuery { sort: sort.clone(), direction, limit: PAGE, ..query(tenant, filter) };
        let seen = all_pages(store, &base).await?;
        let behind = all_pages_behind(store, &base).await?;
        if matches!(sort, SortKey::Random(_)) {
            assert_eq!(behind, seen, "by {sort:?}, {direction:?}");
            expected.sort_by_key(|row| row.request_id);
            let mut seen: Vec<&LogRow> = seen.iter().collect();
            seen.sort_by_key(|row| row.request_id);
            assert_eq!(seen, expected, "by {sort:?}, {direction:?}");
            continue;
        }
        assert!(seen.iter().eq(expected.iter().copied()), "by {sort:?}, {direction:?}");
        assert!(behind.iter().eq(expected), "behind places, by {sort:?}, {direction:?}");
    }
    Ok(())
}

/// Reads pages by how many rows come before them.
async fn all_pages(store: &dyn LogStore, base: &RowQuery) -> Result<Vec<LogRow>, StoreError> {
    let mut seen = Vec::new();
    loop {
        let page = store.rows(RowQuery { offset: seen.len() as u64, ..base.clone() }).await?;
        if page.is_empty() {
            return Ok(seen);
        }
        seen.extend(page);
    }
}

/// More rows than any test of pages has.
const MAX_SEEN: usize = 10_000;

/// Reads pages of growing length by the place of the row before them.
async fn all_pages_behind(store: &dyn LogStore, base: &RowQuery) -> Result<Vec<LogRow>, StoreError> {
    let mut seen: Vec<LogRow> = Vec::new();
    for limit in (1..).step_by(6) {
        let after = seen.last().map(|row| After::row(&base.sort, row));
        let page = store.rows(RowQuery { after, limit, ..base.clone() }).await?;
        if page.is_empty() {
            break;
        }
        seen.extend(page);
        assert!(seen.len() <= MAX_SEEN, "pages by {:?} come back to rows before them", base.sort);
    }
    Ok(seen)
}

fn sort_keys() -> Vec<SortKey> {
    vec![
        SortKey::CreatedAt,
        SortKey::CacheCreatedAt,
        SortKey::Latency,
        SortKey::TimeToFirstToken,
        SortKey::TotalTokens,
        SortKey::PromptTokens,
        SortKey::CompletionTokens,
        SortKey::UserId,
        SortKey::Cost,
        SortKey::Model,
        SortKey::IsCached,
        SortKey::RequestPreview,
        SortKey::ResponsePreview,
        SortKey::Property("Env".to_owned()),
        SortKey::Property("it's".to_owned()),
        SortKey::Input("gpt-4o".to_owned()),
        SortKey::Random(u64::MAX),
    ]
}

/// What was stored is there when the store is opened again, the journal position included.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn remembers_when_opened_again<S: LogStore>(mut open: impl FnMut() -> S) -> Outcome {
    let tenant = organization(1);
    let rows: Vec<LogRow> = (0..5).map(|number| plain_row(tenant, request(number))).collect();
    for (position, row) in (1..).zip(&rows) {
        let store = open();
        assert_eq!(store.journal_position().await?, position - 1);
        store.insert(Batch { rows: vec![row.clone()], journal_position: position }).await?;
    }
    let store = open();
    assert_eq!(store.journal_position().await?, rows.len() as u64);
    for row in &rows {
        assert_eq!(store.row(tenant, row.request_id).await?.as_ref(), Some(row));
    }
    Ok(())
}
