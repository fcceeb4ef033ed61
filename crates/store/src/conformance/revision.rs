//! The promises of [`LogStore::revise`], of walks and of sums of costs, one suite each.

use std::collections::BTreeMap;

use bytes::Bytes;
use gatehouse_types::{NanoUsd, OrganizationId, Timestamp, Usage, UsageSource};

use super::evaluate::matches;
use super::log::{Outcome, many_rows, organization, query, request, without_bodies};
use super::samples::plain_row;
use crate::StoreError;
use crate::filter::{Column, Condition, Filter, NumberColumn, Test, TextColumn, TimeColumn};
use crate::log::{
    Batch, Bodies, CostGroups, CostQuery, CostSum, LogRow, LogStore, MapperUse, PricedRow, Reading, Revised,
    Revision, RevisionReason, RowKey, Walk,
};

/// How many rows a part of a walk has at most.
const PART: u32 = 7;

/// When the revision numbered `number` was made.
const fn moment(number: i64) -> Timestamp {
    Timestamp::from_unix_micros(1_795_356_500_000_000 + number)
}

/// Returns a revision of the price alone.
fn repriced(row: &PricedRow, cost: Option<i64>, status: &str, at: i64) -> Revision {
    Revision {
        row_key: row.row_key,
        seen: row.revised.map(|revised| revised.at),
        reading: None,
        cost: cost.map(NanoUsd::new),
        cost_status: status.to_owned(),
        revised: Revised { at: moment(at), reason: RevisionReason::Reprice },
    }
}

/// Returns a revision of all that can be revised, awkward texts in it.
fn read_anew(row: &PricedRow, number: u64, at: i64) -> Revision {
    let usage = Usage {
        input: Some(number),
        output: None,
        images: Some(2),
        cache_write_1h: Some(u64::MAX),
        total: Some(number),
        ..Usage::default()
    };
    let reading = Reading {
        model: format!("it's % 日本 {number}"),
        usage,
        usage_source: UsageSource::Mapped,
        mapper: Some(MapperUse { id: "map_1".to_owned(), version: 3 }),
        request_preview: Some(String::new()),
        response_preview: None,
    };
    let revised = Revised { at: moment(at), reason: RevisionReason::Mapping };
    Revision { reading: Some(reading), revised, ..repriced(row, Some(0), "priced", at) }
}

/// Goes all the way of a walk.
async fn walked(
    store: &dyn LogStore,
    organization_id: OrganizationId,
    filter: &Filter,
) -> Result<Vec<PricedRow>, StoreError> {
    let mut rows = Vec::new();
    let mut before: Option<RowKey> = None;
    loop {
        let walk = Walk { organization_id, filter: filter.clone(), before, limit: PART };
        let part = store.walk_priced(walk).await?;
        assert!(part.rows.len() <= PART as usize, "a part has so many rows at most");
        rows.extend(part.rows);
        match part.next {
            Some(next) => before = Some(next),
            None => return Ok(rows),
        }
    }
}

/// Returns what walks find for each of the rows, which are in the order in which they were stored.
async fn keyed(store: &dyn LogStore, rows: &[LogRow]) -> Result<Vec<PricedRow>, StoreError> {
    let mut found = walked(store, organization(1), &Filter::All).await?;
    found.reverse();
    assert_eq!(found.len(), rows.len(), "each row once");
    Ok(found)
}

/// Revises two of three rows, in the store and in `rows`, of which the order is that of storing.
pub(super) async fn revise_some(store: &dyn LogStore, rows: &mut [LogRow]) -> Outcome {
    revise_at(store, rows, 1).await
}

/// Revises two of three rows, in the store and in `rows`, as [`revise_some`]; times ascend from call to call.
pub(super) async fn revise_at(store: &dyn LogStore, rows: &mut [LogRow], at: i64) -> Outcome {
    let found = keyed(store, rows).await?;
    let mut revisions = Vec::new();
    for (number, (row, found)) in (at.unsigned_abs()..).zip(rows.iter_mut().zip(&found)) {
        let revision = match number % 3 {
            1 => repriced(found, (number % 2 == 0).then_some(2_500_000_000), &format!("repriced {at}"), at),
            2 => read_anew(found, number + 1_000 * at.unsigned_abs(), at),
            _ => continue,
        };
        assert!(row.revise(&revision), "a sample changes something");
        revisions.push(revision);
    }
    let count = revisions.len() as u64;
    assert_eq!(store.revise(organization(1), revisions).await?, count);
    Ok(())
}

/// Compares a row as it is read alone, in a list and on a walk with what it must be.
async fn check(store: &dyn LogStore, expected: &LogRow) -> Outcome {
    let tenant = expected.organization_id;
    assert_eq!(store.row(tenant, expected.request_id).await?.as_ref(), Some(expected));
    let listed = store.rows(query(tenant, Filter::All)).await?;
    let listed = listed.iter().find(|row| row.request_id == expected.request_id);
    assert_eq!(listed, Some(&without_bodies(expected)));
    let status = Test::TextEquals(expected.cost_status.clone());
    let filter = Filter::Leaf(Condition { column: Column::Text(TextColumn::CostStatus), test: status });
    let found = walked(store, tenant, &filter).await?;
    assert!(found.iter().any(|row| *row == expected.priced(row.row_key)), "{found:?}");
    Ok(())
}

/// A revision takes the place of what the row says; pricing anew keeps what was read, reading anew takes all.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn revisions_take_the_place_of_facts(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let mut rows = vec![plain_row(tenant, request(10)), plain_row(tenant, request(11))];
    store.insert(Batch { rows: rows.clone(), journal_position: 1 }).await?;
    let Some((row, bystander)) = rows.split_first_mut() else { return Ok(()) };
    type Make = fn(&PricedRow) -> Revision;
    let steps: [Make; 5] = [
        |row| repriced(row, Some(7), "priced", 1),
        |row| read_anew(row, 5, 2),
        |row| repriced(row, None, "no_price", 3),
        |row| read_anew(row, 6, 4),
        |row| repriced(row, Some(-1), "priced", 5),
    ];
    for step in steps {
        let found = keyed(store, &[row.clone(), plain_row(tenant, request(11))]).await?;
        let Some(found) = found.first() else { return Ok(()) };
        let revision = step(found);
        assert!(row.revise(&revision));
        assert_eq!(store.revise(tenant, vec![revision]).await?, 1);
        check(store, row).await?;
    }
    assert_eq!((row.model.as_str(), row.usage.images), ("it's % 日本 6", Some(2)), "what was read is kept");
    for row in bystander {
        check(store, row).await?;
    }
    Ok(())
}

/// What changes nothing is not written: the same values, what is older than the last revision, another tenant's
/// row, and a row that is not there; of two for one row the last counts.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn revises_only_what_changes(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let mut row = plain_row(tenant, request(10));
    store.insert(Batch { rows: vec![row.clone()], journal_position: 1 }).await?;
    assert_eq!(store.revise(tenant, Vec::new()).await?, 0);
    let fresh = keyed(store, &[row.clone()]).await?.remove(0);
    let same = repriced(&fresh, fresh.cost.map(NanoUsd::get), &fresh.cost_status, 1);
    assert_eq!(store.revise(tenant, vec![same]).await?, 0, "the facts say so already");
    let theirs = repriced(&fresh, Some(9), "priced", 1);
    assert_eq!(store.revise(organization(2), vec![theirs.clone()]).await?, 0, "another tenant's");
    let absent = Revision { row_key: RowKey::new(1_000), ..theirs };
    assert_eq!(store.revise(tenant, vec![absent]).await?, 0, "no row");
    check(store, &row).await?;

    let (first, last) = (read_anew(&fresh, 1, 1), read_anew(&fresh, 2, 1));
    assert!(row.revise(&last));
    assert_eq!(store.revise(tenant, vec![first, last.clone()]).await?, 1, "the last counts");
    check(store, &row).await?;
    let again = Revision { seen: row.revised.map(|revised| revised.at), ..last };
    let later = Revised { at: moment(2), ..again.revised };
    assert_eq!(store.revise(tenant, vec![Revision { revised: later, ..again }]).await?, 0, "said already");
    let unseen = repriced(&fresh, Some(9), "priced", 3);
    assert_eq!(store.revise(tenant, vec![unseen]).await?, 0, "it was revised meanwhile");
    check(store, &row).await
}

/// A walk comes by each row that matches once, the newest stored first, with all that its price depends on, and
/// sees neither another tenant's rows nor replaced ones.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn walks_come_by_each_row_once(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    assert!(walked(store, tenant, &Filter::All).await?.is_empty(), "nothing is stored");
    let mut rows = many_rows(tenant);
    let replaced = LogRow { client_chose_id: true, status: 1, ..plain_row(tenant, request(10)) };
    let replacing = LogRow { status: 2, ..replaced.clone() };
    let mut all = vec![replaced];
    all.extend(many_rows(organization(2)));
    all.extend(rows.iter().cloned());
    all.push(replacing.clone());
    rows.push(replacing);
    store.insert(Batch { rows: all, journal_position: 1 }).await?;
    revise_some(store, &mut rows).await?;
    let leaf = |column, test| Filter::Leaf(Condition { column, test });
    let filters = [
        Filter::All,
        leaf(Column::Text(TextColumn::Model), Test::TextNotEquals("gpt-4o".to_owned())),
        leaf(Column::Text(TextColumn::UsageSource), Test::TextEquals("mapped".to_owned())),
        leaf(Column::Number(NumberColumn::MapperVersion), Test::NumberBelow(4.0)),
        leaf(Column::Time(TimeColumn::RequestCreatedAt), Test::TimeAfter(Timestamp::from_unix_micros(1))),
        leaf(Column::Property("Env".to_owned()), Test::IsNotNull),
    ];
    for filter in filters {
        let found = walked(store, tenant, &filter).await?;
        let expected: Vec<&LogRow> = rows.iter().rev().filter(|row| matches(&filter, row)).collect();
        assert_eq!(found.len(), expected.len(), "{filter:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert_eq!(*found, expected.priced(found.row_key), "{filter:?}");
        }
        assert!(found.is_sorted_by(|newer, older| newer.row_key > older.row_key));
    }
    Ok(())
}

/// A walk through whole rows finds the bodies of each.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn walks_find_bodies(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let row = |number: u128| LogRow {
        bodies: Bodies {
            request: (!number.is_multiple_of(3)).then(|| Bytes::from(vec![b'a'; 40_000])),
            response: (!number.is_multiple_of(2)).then(|| Bytes::from(number.to_string())),
        },
        ..plain_row(tenant, request(number))
    };
    let mut rows: Vec<LogRow> = (0..20).map(row).collect();
    for (position, part) in (1..).zip(rows.chunks(9)) {
        store.insert(Batch { rows: part.to_vec(), journal_position: position }).await?;
    }
    revise_some(store, &mut rows).await?;
    let (mut found, mut before) = (Vec::new(), None);
    loop {
        let walk = Walk { organization_id: tenant, filter: Filter::All, before, limit: PART };
        let part = store.walk_rows(walk).await?;
        found.extend(part.rows.into_iter().map(|keyed| keyed.row));
        before = part.next;
        if before.is_none() {
            break;
        }
    }
    rows.reverse();
    assert_eq!(found, rows);
    Ok(())
}

/// Costs are added up over the rows that match, in every grouping, revised ones as they were revised.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn adds_up_costs(store: &dyn LogStore) -> Outcome {
    let tenant = organization(1);
    let mut rows = many_rows(tenant);
    let theirs = many_rows(organization(2));
    let all = rows.iter().cloned().chain(theirs).collect();
    store.insert(Batch { rows: all, journal_position: 1 }).await?;
    check_sums(store, &rows).await?;
    revise_some(store, &mut rows).await?;
    check_sums(store, &rows).await?;
    let query = CostQuery {
        organization_id: tenant,
        filter: Filter::All,
        groups: CostGroups { day: true, model: true, provider: true },
        limit: 3,
    };
    assert_eq!(store.cost_sums(query).await?.len(), 3, "so many sums at most");
    Ok(())
}

async fn check_sums(store: &dyn LogStore, rows: &[LogRow]) -> Outcome {
    let cost = Condition { column: Column::Number(NumberColumn::Cost), test: Test::NumberAtLeast(0.0) };
    for filter in [Filter::All, Filter::Leaf(cost)] {
        for number in 0..8_u8 {
            let bit = |bit: u8| number & bit != 0;
            let groups = CostGroups { day: bit(1), model: bit(2), provider: bit(4) };
            let query =
                CostQuery { organization_id: organization(1), filter: filter.clone(), groups, limit: 1000 };
            let expected = CostSum::of(rows.iter().filter(|row| matches(&filter, row)), groups);
            assert_eq!(by_group(store.cost_sums(query).await?), by_group(expected), "{groups:?}");
        }
    }
    Ok(())
}

type Group = (Option<Timestamp>, Option<String>, Option<String>, String);

fn by_group(sums: Vec<CostSum>) -> BTreeMap<Group, CostSum> {
    let count = sums.len();
    let group = |sum: &CostSum| (sum.day, sum.model.clone(), sum.provider.clone(), sum.cost_status.clone());
    let by_group: BTreeMap<Group, CostSum> = sums.into_iter().map(|sum| (group(&sum), sum)).collect();
    assert_eq!(by_group.len(), count, "each group once");
    by_group
}

/// Revisions are there when the store is opened again, and a walk can be taken up where it was left.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn remembers_revisions_when_opened_again<S: LogStore>(mut open: impl FnMut() -> S) -> Outcome {
    let tenant = organization(1);
    let mut rows: Vec<LogRow> = (0..10).map(|number| plain_row(tenant, request(number))).collect();
    open().insert(Batch { rows: rows.clone(), journal_position: 1 }).await?;
    revise_some(&open(), &mut rows).await?;
    for row in &rows {
        check(&open(), row).await?;
    }
    let walk = |before| Walk { organization_id: tenant, filter: Filter::All, before, limit: PART };
    let first = open().walk_priced(walk(None)).await?;
    let next = first.next.map(|next| RowKey::new(next.get()));
    let second = open().walk_priced(walk(next)).await?;
    let found: Vec<PricedRow> = first.rows.into_iter().chain(second.rows).collect();
    assert_eq!(found.len(), rows.len());
    for (found, row) in found.iter().zip(rows.iter().rev()) {
        assert_eq!(*found, row.priced(found.row_key));
    }
    Ok(())
}
