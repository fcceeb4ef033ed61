//! Keeping the sums of all calls: rows are added to them many at a time, after they were stored; what changes
//! later in a row that is in them is taken away and added again, in the transaction that changes it.

use duckdb::{Connection, params, params_from_iter};

use super::engine::Error;
use crate::sql::{self, DuckDb, Rolled};

/// How many rows are added at once at most.
const STEP: u64 = 500_000;

/// Adds all stored rows to the sums but fewer than `left`, which are cheaper to read one by one than many lines of
/// sums are.
pub(super) fn catch_up(connection: &Connection, left: u64) -> Result<(), Error> {
    loop {
        let transaction = connection.unchecked_transaction()?;
        let next_key: u64 = transaction.query_row(sql::CURSOR, [], |row| row.get(1))?;
        let first = rolled_up(&transaction)?;
        if next_key.saturating_sub(first) < left.max(1) {
            return Ok(());
        }
        let end = next_key.min(first.saturating_add(STEP));
        roll(&transaction, &Rolled::Added(first..end))?;
        transaction.execute(sql::MOVE_ROLLED_UP, params![end])?;
        transaction.commit()?;
    }
}

/// Returns the first row that is not in the sums.
pub(super) fn rolled_up(connection: &Connection) -> Result<u64, Error> {
    Ok(connection.query_row(sql::ROLLED_UP, [], |row| row.get(0))?)
}

/// Takes rows away that were visible until now, as far as they are in the sums.
pub(super) fn take_away(connection: &Connection, replaced: &[u64]) -> Result<(), Error> {
    if replaced.is_empty() {
        return Ok(());
    }
    let end = rolled_up(connection)?;
    let replaced: Vec<u64> = replaced.iter().copied().filter(|key| *key < end).collect();
    if replaced.is_empty() { Ok(()) } else { roll(connection, &Rolled::Replaced(&replaced)) }
}

/// Adds rows to the sums, or takes them away.
pub(super) fn roll(connection: &Connection, rolled: &Rolled<'_>) -> Result<(), Error> {
    for statement in sql::roll(&DuckDb, rolled)? {
        connection.execute(&statement.text, params_from_iter(&statement.params))?;
    }
    Ok(())
}
