//! The promises of [`LogStore::aggregate`], one suite each.

use gatehouse_types::OrganizationId;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::super::log::{Outcome, organization, request};
use super::super::revision::revise_at;
use super::super::samples::plain_row;
use super::{aggregated, random};
use crate::filter::{Filter, TextColumn};
use crate::log::{
    AggregateQuery, Aggregated, Annotated, Batch, Dimension, Figure, Having, LogRow, LogStore, Measure,
    Order, Quantity,
};

/// How many random rows each organisation has at first.
const ROWS: usize = 80;
/// How many random questions are asked after each change.
const QUESTIONS: usize = 100;
/// How far from what it should be a quantile may be.
const QUANTILE_TOLERANCE: f64 = 0.02;
/// How far from what it should be another real number may be: sums depend on their order.
const TOLERANCE: f64 = 1e-9;

fn query(organization_id: OrganizationId, groups: Vec<Dimension>, measures: Vec<Measure>) -> AggregateQuery {
    AggregateQuery {
        organization_id,
        filter: Filter::All,
        groups,
        measures,
        having: Having::All,
        order: Vec::new(),
        offset: 0,
        limit: 1_000,
    }
}

/// Without groups there is one, also of no calls, in which nothing but counts is known; with groups there is none.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn nothing_has_figures_too(store: &dyn LogStore) -> Outcome {
    let measures = vec![
        Measure::Requests,
        Measure::Sum(Quantity::Cost),
        Measure::Quantile(Quantity::Latency, 0.5),
        Measure::Distinct(Dimension::PropertyName),
        Measure::Values(TextColumn::Model, 3),
        Measure::Last,
    ];
    let expected = vec![
        Figure::Count(0),
        Figure::Unknown,
        Figure::Unknown,
        Figure::Count(0),
        Figure::Texts(Vec::new()),
        Figure::Unknown,
    ];
    let found = store.aggregate(query(organization(1), Vec::new(), measures.clone())).await?;
    assert_eq!(found.rows.first().map(|row| &row.measures), Some(&expected));
    assert_eq!(found.total, 1);
    let by_model = vec![Dimension::Text(TextColumn::Model)];
    let found = store.aggregate(query(organization(1), by_model, measures)).await?;
    assert_eq!(found, Aggregated::default());
    Ok(())
}

/// Sums stay within the bounds of their types.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn sums_stay_within_bounds(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let row = |number| {
        let mut row = plain_row(tenant, request(number));
        (row.usage.total, row.total_us) = (Some(u64::MAX), u64::MAX);
        row.cost = Some(gatehouse_types::NanoUsd::new(i64::MAX));
        row
    };
    store.insert(Batch { rows: vec![row(10), row(11), row(12)], journal_position: 1 }).await?;
    let measures = [Quantity::TotalTokens, Quantity::Cost, Quantity::Latency].map(Measure::Sum).to_vec();
    let found = store.aggregate(query(tenant, Vec::new(), measures)).await?;
    let expected = vec![
        Figure::Count(u64::MAX),
        Figure::Money(gatehouse_types::NanoUsd::new(i64::MAX)),
        Figure::Real(3.0 * u64::MAX as f64 / 1e3),
    ];
    assert_eq!(found.rows.first().map(|row| &row.measures), Some(&expected));
    Ok(())
}

/// Any question is answered as the rows say, also when they were annotated, revised and replaced, and with nothing
/// of another tenant.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn answers_as_the_rows_say(store: &dyn LogStore) -> Outcome {
    let mut runner = TestRunner::deterministic();
    let mut rows = store_some(store, &mut runner).await?;
    ask(store, &mut runner, &rows).await?;
    annotate(store, &mut runner, &mut rows).await?;
    revise_ours(store, &mut rows, 1).await?;
    ask(store, &mut runner, &rows).await?;
    replace_some(store, &mut runner, &mut rows).await?;
    ask(store, &mut runner, &rows).await?;
    revise_ours(store, &mut rows, 2).await?;
    ask(store, &mut runner, &rows).await
}

/// Stores rows of two organisations, and returns the visible ones in their order.
async fn store_some(store: &dyn LogStore, runner: &mut TestRunner) -> Result<Vec<LogRow>, crate::StoreError> {
    let mut rows = Vec::new();
    for tenant in [1, 2].map(organization) {
        let strategy = random::rows(tenant);
        rows.extend((0..ROWS).filter_map(|_| strategy.new_tree(runner).ok()).map(|tree| tree.current()));
    }
    for (number, row) in rows.iter_mut().enumerate() {
        row.client_chose_id = number % 4 == 0;
    }
    // The first one is replaced in the same batch.
    let replaced =
        rows.iter().find(|row| row.client_chose_id).map(|row| LogRow { status: 77, ..row.clone() });
    let batch = replaced.into_iter().chain(rows.iter().cloned()).collect();
    store.insert(Batch { rows: batch, journal_position: 1 }).await?;
    Ok(rows)
}

async fn annotate(store: &dyn LogStore, runner: &mut TestRunner, rows: &mut [LogRow]) -> Outcome {
    let strategy = random::annotations();
    for row in rows.iter_mut().step_by(3) {
        let Ok(tree) = strategy.new_tree(runner) else { continue };
        let added = tree.current();
        row.annotations = row.annotations.with(&added).unwrap_or_default();
        assert_eq!(store.annotate(row.organization_id, row.request_id, added).await?, Annotated::Kept);
    }
    Ok(())
}

/// Revises rows of the first organisation.
async fn revise_ours(store: &dyn LogStore, rows: &mut [LogRow], at: i64) -> Outcome {
    let is_ours = |row: &LogRow| row.organization_id == organization(1);
    let mut ours: Vec<LogRow> = rows.iter().filter(|row| is_ours(row)).cloned().collect();
    revise_at(store, &mut ours, at).await?;
    for (row, revised) in rows.iter_mut().filter(|row| is_ours(row)).zip(ours) {
        *row = revised;
    }
    Ok(())
}

/// Stores rows in the place of others, of which some were revised and annotated.
async fn replace_some(store: &dyn LogStore, runner: &mut TestRunner, rows: &mut Vec<LogRow>) -> Outcome {
    let mut batch = Vec::new();
    for index in (0..rows.len()).rev().step_by(5) {
        let earlier = rows.remove(index);
        let Ok(tree) = random::rows(earlier.organization_id).new_tree(runner) else { continue };
        let request_id = earlier.request_id;
        let later = LogRow { request_id, client_chose_id: true, ..tree.current() };
        batch.push(later.clone());
        rows.push(LogRow { annotations: earlier.annotations, ..later });
    }
    store.insert(Batch { rows: batch, journal_position: 2 }).await
}

async fn ask(store: &dyn LogStore, runner: &mut TestRunner, rows: &[LogRow]) -> Outcome {
    for number in 0..QUESTIONS {
        let tenant = organization(if number % 10 == 0 { 2 } else { 1 });
        let Ok(tree) = random::queries(tenant).new_tree(runner) else { continue };
        let query = tree.current();
        let expected = aggregated(&query, rows);
        let found = store.aggregate(query.clone()).await?;
        check(&query, &found, &expected);
    }
    Ok(())
}

/// Compares figures with what they should be.
fn check(query: &AggregateQuery, found: &Aggregated, expected: &Aggregated) {
    let why = || format!("{query:#?}\nfound {found:#?}\nexpected {expected:#?}");
    assert_eq!(found.total, expected.total, "groups: {}", why());
    assert_eq!(found.rows.len(), expected.rows.len(), "rows: {}", why());
    for (found, expected) in found.rows.iter().zip(&expected.rows) {
        assert_eq!(found.groups, expected.groups, "groups of a row: {}", why());
        for (measure, (found, expected)) in
            query.measures.iter().zip(found.measures.iter().zip(&expected.measures))
        {
            assert!(is_close(measure, found, expected), "{measure:?}: {found:?}, {expected:?}: {}", why());
        }
    }
}

fn is_close(measure: &Measure, found: &Figure, expected: &Figure) -> bool {
    let tolerance = match measure {
        Measure::Quantile(..) => QUANTILE_TOLERANCE,
        _ => TOLERANCE,
    };
    match (found, expected) {
        (Figure::Real(found), Figure::Real(expected)) => {
            (found - expected).abs() <= tolerance * expected.abs().max(f64::MIN_POSITIVE)
        }
        _ => found == expected,
    }
}

/// Pages cover the groups in their order, each once, and each tells how many there are; a page beyond them, too.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn pages_visit_each_group_once(store: &dyn LogStore) -> Outcome {
    let mut runner = TestRunner::deterministic();
    let rows = store_some(store, &mut runner).await?;
    let by_cost = vec![(Order::Measure(1), crate::log::Direction::Descending)];
    let few = vec![Measure::Requests, Measure::Sum(Quantity::Cost)];
    let more = [
        Measure::Min(Quantity::Cost),
        Measure::Errors,
        Measure::Last,
        Measure::Values(TextColumn::UserId, 3),
        Measure::Distinct(Dimension::Text(TextColumn::Model)),
    ];
    let many = few.iter().cloned().chain(more).collect::<Vec<Measure>>();
    let both = vec![Dimension::Text(TextColumn::Model), Dimension::Status];
    // With many measures a store may first look for the groups of a page.
    for (groups, measures) in [(both, few), (vec![Dimension::Text(TextColumn::RequestId)], many)] {
        let whole = AggregateQuery { order: by_cost.clone(), ..query(organization(1), groups, measures) };
        visit_pages(store, &whole, &rows).await?;
    }
    Ok(())
}

async fn visit_pages(store: &dyn LogStore, whole: &AggregateQuery, rows: &[LogRow]) -> Outcome {
    let expected = aggregated(whole, rows);
    let mut seen = Vec::new();
    loop {
        let page = AggregateQuery { offset: seen.len() as u64, limit: 7, ..whole.clone() };
        let found = store.aggregate(page).await?;
        assert_eq!(found.total, expected.total);
        if found.rows.is_empty() {
            break;
        }
        seen.extend(found.rows);
    }
    assert_eq!(seen, expected.rows);
    let none = store.aggregate(AggregateQuery { limit: 0, ..whole.clone() }).await?;
    assert_eq!(none, Aggregated { rows: Vec::new(), total: expected.total });
    Ok(())
}
