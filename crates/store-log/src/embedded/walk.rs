//! Walking through very many rows: each step looks at the rows of one range of keys, so that it takes as long
//! near the end of a walk as at its beginning.

use std::collections::BTreeMap;

use duckdb::{Connection, OptionalExt, params, params_from_iter};
use gatehouse_store::log::{Extent, KeyedRow, LogRow, PricedRow, RowKey, Walk, Walked};
use gatehouse_types::OrganizationId;

use super::annotate;
use super::bodies::unpack_some;
use super::decode::{PRICED_COLUMNS, priced_row};
use super::engine::Error;
use super::properties::dialect;
use super::read::{beside, by_keys, keys, revisions};
use crate::sql::{self, Beside};

/// How many keys a step looks at.
pub(super) const STEP: u64 = 50_000;
/// From how many bytes of bodies on a step takes no more rows.
const STEP_BYTES: usize = 64 << 20;

pub(super) fn priced(connection: &Connection, walk: &Walk) -> Result<Walked<PricedRow>, Error> {
    let transaction = connection.unchecked_transaction()?;
    let range = range(&transaction, walk, None)?;
    let beside = Beside {
        revisions: revisions(&transaction, walk.organization_id)?,
        ..beside(&transaction, walk.organization_id, &walk.filter, None)?
    };
    let dialect = dialect(&transaction, walk.organization_id, beside.added)?;
    let statement = sql::walk(&dialect, walk, &PRICED_COLUMNS, range.clone(), beside)?;
    let mut prepared = transaction.prepare(&statement.text)?;
    let mut found = prepared.query(params_from_iter(&statement.params))?;
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        rows.push(priced_row(row)?);
    }
    let next = next(walk, range.start, rows.iter().map(|row| row.row_key));
    Ok(Walked { rows, next })
}

pub(super) fn rows(connection: &Connection, walk: &Walk) -> Result<Walked<KeyedRow>, Error> {
    let transaction = connection.unchecked_transaction()?;
    part(&transaction, walk, Extent { after: None, has_bodies: true })
}

/// Returns rows as lists show them.
pub(super) fn shown(connection: &Connection, walk: &Walk, extent: Extent) -> Result<Walked<KeyedRow>, Error> {
    let transaction = connection.unchecked_transaction()?;
    let mut walked = part(&transaction, walk, extent)?;
    let rows = walked.rows.iter_mut().map(|keyed| &mut keyed.row);
    annotate::join(&transaction, walk.organization_id, rows)?;
    Ok(walked)
}

fn part(transaction: &Connection, walk: &Walk, extent: Extent) -> Result<Walked<KeyedRow>, Error> {
    let range = range(transaction, walk, extent.after)?;
    let beside = beside(transaction, walk.organization_id, &walk.filter, None)?;
    let dialect = dialect(transaction, walk.organization_id, beside.added)?;
    let statement = sql::walk(&dialect, walk, &["row_key"], range.clone(), beside)?;
    let found = keys(transaction, &statement)?;
    let mut rows = by_keys(transaction, walk.organization_id, &found)?;
    let left = match extent.has_bodies {
        true => fill(transaction, walk.organization_id, &mut rows)?,
        false => None,
    };
    let next = match left {
        Some(last) => Some(RowKey::new(last)),
        None => next(walk, range.start, found.iter().copied().map(RowKey::new)),
    };
    let next = next.filter(|next| next.get() > first_key(extent.after));
    let rows = rows.into_iter().rev().map(|(key, row)| KeyedRow { row_key: RowKey::new(key), row });
    Ok(Walked { rows: rows.collect(), next })
}

/// Returns the keys that a step looks at.
pub(super) fn range(
    connection: &Connection,
    walk: &Walk,
    after: Option<RowKey>,
) -> Result<std::ops::Range<u64>, Error> {
    let end = match walk.before {
        Some(key) => key.get(),
        None => connection.query_row(sql::CURSOR, [], |row| row.get(1))?,
    };
    Ok(end.saturating_sub(STEP).max(first_key(after))..end)
}

/// Returns the first key that a walk comes by; that of the first row is 1.
fn first_key(after: Option<RowKey>) -> u64 {
    after.map_or(1, |after| after.get().saturating_add(1))
}

/// Returns where the next step begins: behind the last row of a step that is full, else where this one ended.
fn next(walk: &Walk, start: u64, keys: impl ExactSizeIterator<Item = RowKey>) -> Option<RowKey> {
    let is_full = keys.len() >= walk.limit as usize;
    let last = keys.last().filter(|_| is_full).unwrap_or(RowKey::new(start));
    // The first row has the key 1.
    (last.get() > 1).then_some(last)
}

/// Reads the bodies of rows from the newest on, each block of them once. Where they would take too much memory, the
/// older rows are left to the next step: then the key of the last row that stays is returned.
fn fill(
    connection: &Connection,
    organization_id: OrganizationId,
    rows: &mut BTreeMap<u64, LogRow>,
) -> Result<Option<u64>, Error> {
    let mut prepared = connection.prepare(sql::BODY_BLOCK)?;
    let mut unread = rows.keys().next_back().copied();
    let (mut bytes, mut last) = (0_usize, None);
    while let Some(row_key) = unread {
        if bytes >= STEP_BYTES {
            *rows = rows.split_off(&row_key.saturating_add(1));
            return Ok(last);
        }
        let params = params![organization_id.to_string(), row_key, row_key];
        let block = prepared.query_row(params, |row| row.get::<_, Vec<u8>>(0)).optional()?;
        let mut first = row_key;
        if let Some(block) = block {
            let unpacked = unpack_some(&block, |key| rows.contains_key(&key))?;
            bytes = bytes.saturating_add(unpacked.bytes);
            for (key, bodies) in unpacked.found {
                first = first.min(key);
                if let Some(row) = rows.get_mut(&key) {
                    row.bodies = bodies;
                }
            }
        }
        last = Some(first);
        unread = rows.range(..first).next_back().map(|(key, _)| *key);
    }
    Ok(None)
}

#[cfg(test)]
mod tests;
