//! Which rows pass a test of bodies: found once, kept for a while, and found on for rows that come.

use std::ops::Range;
use std::sync::Arc;

use duckdb::{Connection, params, params_from_iter};
use gatehouse_store::filter::{Condition, Filter, TextColumn};
use gatehouse_types::OrganizationId;
use parking_lot::Mutex;

use super::super::encode;
use super::super::engine::Error;
use super::super::read::beside;
use super::blocks::Scan;
use super::finder::{Bytes, Finder};
use super::is_of_body;
use crate::sql::{self, BodyTest, DuckDb};

/// How many keys are kept, of all tests together.
const KEPT_KEYS: usize = 4 << 20;
/// How many tests are kept.
const KEPT_TESTS: usize = 64;

/// The rows that passed tests lately.
#[derive(Default)]
pub(in crate::embedded) struct Found {
    /// The last used one last.
    kept: Mutex<Vec<(Key, Kept)>>,
}

/// A test of one tenant's bodies.
#[derive(Clone, Debug, PartialEq)]
struct Key {
    organization_id: OrganizationId,
    test: BodyTest,
}

/// What passed a test.
#[derive(Clone, Default)]
struct Kept {
    /// Of which rows it is known.
    keys: Range<u64>,
    /// The rows, in any order.
    passed: Arc<Vec<u64>>,
}

impl Found {
    /// Puts the rows that pass each test of bodies where the statements of `connection` look for them.
    ///
    /// Rows that `filter` leaves out by other columns are not looked at, so the tests hold with that filter only.
    pub(in crate::embedded) fn prepare(
        &self,
        connection: &Connection,
        organization_id: OrganizationId,
        filter: &Filter,
        conditions: &[Condition],
        is_abandoned: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), Error> {
        connection.execute_batch(sql::BODY_MATCHES)?;
        let range = range(connection, organization_id, filter)?;
        let mut tests: Vec<BodyTest> = conditions.iter().filter_map(BodyTest::of).collect();
        tests.dedup();
        self.find(connection, organization_id, &tests, range.clone(), is_abandoned)?;
        connection.execute(sql::INSERT_BODY_MATCH, params![sql::END, range.end])?;
        for test in tests {
            let key = Key { organization_id, test };
            let Some(kept) = self.get(&key) else { continue };
            let mut appender = connection.appender(sql::BODY_MATCHES_TABLE)?;
            let passed = kept.passed.iter().copied().filter(|row_key| range.contains(row_key)).collect();
            appender.append_record_batch(encode::body_matches(key.test.number(), passed)?)?;
            appender.flush()?;
        }
        self.forget();
        Ok(())
    }

    /// Finds what passes tests and is not known yet, all in one go through the blocks.
    fn find(
        &self,
        connection: &Connection,
        organization_id: OrganizationId,
        tests: &[BodyTest],
        range: Range<u64>,
        is_abandoned: &(dyn Fn() -> bool + Sync),
    ) -> Result<(), Error> {
        let of = |test: &BodyTest| Key { organization_id, test: test.clone() };
        let mut missing: Vec<Range<u64>> = Vec::new();
        for test in tests {
            let known = self.get(&of(test)).map_or(0..0, |kept| kept.keys);
            for part in beyond(&range, &known) {
                if !missing.contains(&part) {
                    missing.push(part);
                }
            }
        }
        for part in missing {
            let wanting: Vec<&BodyTest> = tests
                .iter()
                .filter(|test| {
                    let known = self.get(&of(test)).map_or(0..0, |kept| kept.keys);
                    beyond(&range, &known).contains(&part)
                })
                .collect();
            let scan = Scan { organization_id, keys: part.clone(), is_abandoned };
            let passed = passed(connection, &scan, &wanting)?;
            for (test, passed) in wanting.iter().zip(passed) {
                self.add(of(test), part.clone(), passed);
            }
        }
        Ok(())
    }

    fn get(&self, key: &Key) -> Option<Kept> {
        let mut kept = self.kept.lock();
        let index = kept.iter().position(|(known, _)| known == key)?;
        let used = kept.remove(index);
        let found = used.1.clone();
        kept.push(used);
        Some(found)
    }

    /// Adds what passed among the rows of `part`, which lies at an end of what is known, or has nothing to do with it.
    fn add(&self, key: Key, part: Range<u64>, passed: Vec<u64>) {
        let before = self.get(&key).unwrap_or_default();
        let touches =
            !before.keys.is_empty() && part.start <= before.keys.end && before.keys.start <= part.end;
        let after = if touches {
            let keys = before.keys.start.min(part.start)..before.keys.end.max(part.end);
            Kept { keys, passed: Arc::new([before.passed.as_slice(), passed.as_slice()].concat()) }
        } else {
            Kept { keys: part, passed: Arc::new(passed) }
        };
        let mut kept = self.kept.lock();
        kept.retain(|(known, _)| *known != key);
        kept.push((key, after));
    }

    /// Forgets what was not used for longest, where too much is kept.
    fn forget(&self) {
        let mut kept = self.kept.lock();
        let sum = |kept: &[(Key, Kept)]| kept.iter().map(|(_, kept)| kept.passed.len()).sum::<usize>();
        while kept.len() > KEPT_TESTS || sum(&kept) > KEPT_KEYS {
            kept.remove(0);
        }
    }
}

/// Returns the parts of `range` that are not known: where what is known lies within it, what is before and behind that.
fn beyond(range: &Range<u64>, known: &Range<u64>) -> Vec<Range<u64>> {
    let touches = !known.is_empty() && range.start <= known.end && known.start <= range.end;
    let parts = match touches {
        true => [range.start..known.start, known.end..range.end],
        false => [range.clone(), 0..0],
    };
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// Returns the keys among which all rows are that a filter lets through, whatever their bodies.
fn range(
    connection: &Connection,
    organization_id: OrganizationId,
    filter: &Filter,
) -> Result<Range<u64>, Error> {
    let others = filter.clone().map(&mut |condition| match is_of_body(&condition) {
        true => Filter::All,
        false => Filter::Leaf(condition),
    });
    let beside = beside(connection, organization_id, &others, None)?;
    let statement = sql::key_range(&DuckDb, organization_id, &others, beside)?;
    let (first, last): (Option<u64>, Option<u64>) =
        connection.query_row(&statement.text, params_from_iter(&statement.params), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    Ok(first.zip(last).map_or(0..0, |(first, last)| first..last.saturating_add(1)))
}

/// Returns the rows that pass each of several tests.
fn passed(connection: &Connection, scan: &Scan<'_>, tests: &[&BodyTest]) -> Result<Vec<Vec<u64>>, Error> {
    let finders: Vec<(usize, TextColumn, Finder)> = tests
        .iter()
        .enumerate()
        .filter_map(|(index, test)| Some((index, test.column, Finder::new(&test.test)?)))
        .collect();
    let folds = finders.iter().any(|(.., finder)| finder.folds());
    let found = scan.run(connection, |block, found| {
        let lower = if folds { block.content.to_ascii_lowercase() } else { Vec::new() };
        let whole = Bytes { plain: block.content, folded: &lower };
        let hopeful: Vec<_> = finders.iter().filter(|(.., finder)| finder.may_pass(whole)).collect();
        if hopeful.is_empty() {
            return;
        }
        for entry in block.entries() {
            for (index, column, finder) in &hopeful {
                let place = match column {
                    TextColumn::RequestBody => entry.request.clone(),
                    _ => entry.response.clone(),
                };
                let Some(place) = place else { continue };
                let body = Bytes {
                    plain: block.content.get(place.clone()).unwrap_or_default(),
                    folded: lower.get(place).unwrap_or_default(),
                };
                if scan.keys.contains(&entry.row_key) && finder.passes(body) {
                    found.push((*index, entry.row_key));
                }
            }
        }
    })?;
    let found = found.map_err(|_| Error::Abandoned)?;
    let mut passed = vec![Vec::new(); tests.len()];
    for (index, row_key) in found {
        if let Some(passed) = passed.get_mut(index) {
            passed.push(row_key);
        }
    }
    Ok(passed)
}
