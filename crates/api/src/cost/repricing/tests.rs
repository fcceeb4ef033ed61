//! What comes of single rows, and the numbers that are told.

use gatehouse_store::conformance::samples::plain_row;
use gatehouse_store::log::{Billing, LogRow, RowKey};
use gatehouse_types::{RequestId, Usage};

use super::*;

/// What 12 input, 7 output and 3 reasoning tokens of the sample's model cost.
const COST: i64 = 7_800;

fn row() -> PricedRow {
    let (organization, request) = (OrganizationId::from_uuid(Uuid::nil()), RequestId::from_uuid(Uuid::nil()));
    let row: LogRow = plain_row(organization, request);
    PricedRow { cost: Some(NanoUsd::new(COST)), ..row.priced(RowKey::new(7)) }
}

fn unpriced(row: PricedRow) -> PricedRow {
    PricedRow { cost: None, cost_status: "no_price".to_owned(), ..row }
}

fn price(row: PricedRow) -> Part {
    Part::price(&[row], &Catalog::builtin(), None, Timestamp::from_unix_micros(5))
}

/// Checks what a row is revised to; `None` for nothing.
fn check(row: PricedRow, expected: Option<(Option<i64>, &str)>) {
    let told = format!("{row:?}");
    let part = price(row);
    let revised = part.revisions.first().map(|one| (one.cost.map(NanoUsd::get), one.cost_status.as_str()));
    assert_eq!(revised, expected, "{told}");
}

#[test]
fn a_row_is_revised_when_it_comes_to_another_cost() {
    check(row(), None);
    check(unpriced(row()), Some((Some(COST), "priced")));
    check(PricedRow { cost: Some(NanoUsd::new(1)), ..row() }, Some((Some(COST), "priced")));
    check(PricedRow { model: "nobody-knows-it".to_owned(), ..row() }, Some((None, "no_price")));
    let unused = PricedRow { usage_source: UsageSource::None, usage: Usage::default(), ..row() };
    check(unused, Some((None, "no_usage")));
}

#[test]
fn an_answer_out_of_the_cache_stays() {
    let cached = || PricedRow { cost: Some(NanoUsd::new(0)), cost_status: CACHED.to_owned(), ..row() };
    check(cached(), None);
    check(PricedRow { usage_source: UsageSource::Cache, ..cached() }, None);
}

#[test]
fn a_row_of_before_keeps_its_cost_and_is_priced_where_it_has_none() {
    let billing = || Billing { is_unknown: true, ..Billing::default() };
    let before = || PricedRow { billing: billing(), ..row() };
    let paid = PricedRow { cost: Some(NanoUsd::new(1)), ..before() };
    assert_eq!((price(paid.clone()).revisions, price(paid.clone()).told.kept), (Vec::new(), 1));
    check(unpriced(before()), Some((Some(COST), "priced")));
    let revised = Revised { at: Timestamp::from_unix_micros(1), reason: RevisionReason::Reprice };
    check(PricedRow { revised: Some(revised), ..paid }, Some((Some(COST), "priced")));
}

#[test]
fn a_revision_is_later_than_the_one_it_replaces() {
    let at = Timestamp::from_unix_micros(9_000);
    let revised = Revised { at, reason: RevisionReason::Mapping };
    let part = price(PricedRow { revised: Some(revised), ..unpriced(row()) });
    let revision = part.revisions.first().unwrap();
    assert_eq!((revision.seen, revision.reading.is_none()), (Some(at), true));
    assert!(revision.revised.at > at, "although the clock says {:?}", Timestamp::from_unix_micros(5));
}

#[test]
fn sums_and_reasons_are_told() {
    let unknown = PricedRow { model: "nobody-knows-it".to_owned(), ..unpriced(row()) };
    let rows = [row(), unpriced(row()), unknown];
    let Part { told, revisions } =
        Part::price(&rows, &Catalog::builtin(), None, Timestamp::from_unix_micros(5));
    assert_eq!((told.scanned, told.cost_before, told.cost_after), (3, COST, 2 * COST));
    assert_eq!(told.without_cost, BTreeMap::from([("no_price".to_owned(), 1)]));
    assert_eq!(revisions.len(), 1);
    let mut all = Progress::default();
    all.add(told.clone());
    all.add(told);
    assert_eq!((all.scanned, all.cost_after, all.without_cost.get("no_price")), (6, 4 * COST, Some(&2)));
}

#[test]
fn what_was_not_begun_holds_nothing_up() {
    let all = Arc::new(Repricings::default());
    let (organization_id, stop) = (OrganizationId::from_uuid(Uuid::nil()), CancellationToken::new());
    let made = || Repricing::new(organization_id, Value::Null, true, Timestamp::from_unix_micros(0), &stop);
    let entered = all.enter(made()).unwrap();
    assert!(all.enter(made()).is_err(), "one at a time");
    drop(entered);
    assert!(all.list(organization_id).is_empty());
    assert!(all.enter(made()).is_ok());
}
