//! Storing a batch: facts, bodies and the journal position in one transaction.

use std::collections::HashSet;

use duckdb::arrow::record_batch::RecordBatch;
use duckdb::{Connection, Transaction, params};
use gatehouse_store::log::{Batch, LogRow, RowKey};

use super::bodies::Packer;
use super::encode;
use super::engine::{Engine, Error};
use super::properties::Known;
use super::rollup;
use crate::sql;

/// What the writing thread keeps from batch to batch.
pub(super) struct Writer {
    packer: Packer,
    known: Known,
    /// How many rows were stored since rows were added to the sums.
    since_rolled_up: u64,
}

/// A row on its way into the store.
pub(super) struct NewRow<'a> {
    /// Its place among all rows of the store.
    pub(super) row_key: u64,
    /// Whether a later row of the same batch replaces it.
    pub(super) superseded: bool,
    /// The row itself.
    pub(super) row: &'a LogRow,
}

impl Writer {
    pub(super) fn new(max_body_bytes: usize) -> Self {
        Self { packer: Packer::new(max_body_bytes), known: Known::default(), since_rolled_up: 0 }
    }

    /// Stores `batch` and returns its last row, unless the store's journal position says that it was stored before.
    pub(super) fn insert(&mut self, connection: &Connection, batch: &Batch) -> Result<Option<RowKey>, Error> {
        let transaction = connection.unchecked_transaction()?;
        let (position, first_key): (u64, u64) =
            transaction.query_row(sql::CURSOR, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        if batch.journal_position <= position {
            return Ok(None);
        }
        let stored = self.store(&transaction, &batch.rows, first_key, batch.journal_position);
        self.commit(transaction, stored)?;
        let last = first_key.saturating_add(batch.rows.len() as u64).saturating_sub(1);
        Ok((!batch.rows.is_empty()).then_some(RowKey::new(last)))
    }

    /// Stores rows that did not come from the journal, with their annotations; its position stays where it is.
    pub(super) fn load(&mut self, connection: &Connection, rows: &[LogRow]) -> Result<(), Error> {
        let transaction = connection.unchecked_transaction()?;
        let (position, first_key): (u64, u64) =
            transaction.query_row(sql::CURSOR, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let stored = self.store(&transaction, rows, first_key, position);
        let stored = stored.and_then(|()| append(&transaction, "annotations", encode::annotations(rows)?));
        self.commit(transaction, stored)?;
        Ok(())
    }

    /// Adds what was stored to the sums, once it is enough. What fails is done later: the rows are stored, and
    /// figures are right without.
    pub(super) fn roll_up(&mut self, engine: &Engine) {
        let after = engine.options().roll_up_after.into();
        if self.since_rolled_up < after {
            return;
        }
        self.since_rolled_up = 0;
        if let Err(error) = engine.run("roll up", |connection| rollup::catch_up(connection, after)) {
            tracing::warn!(%error, "log store: rows could not be added to the sums");
        }
    }

    /// Commits what could be stored, else forgets what was learnt meanwhile.
    fn commit(&mut self, transaction: Transaction<'_>, stored: Result<(), Error>) -> Result<(), Error> {
        let committed = stored.and_then(|()| Ok(transaction.commit()?));
        if committed.is_err() {
            self.known = Known::default();
        }
        committed
    }

    /// Stores rows from a key on, and the journal position behind them.
    fn store(
        &mut self,
        transaction: &Connection,
        rows: &[LogRow],
        first_key: u64,
        journal_position: u64,
    ) -> Result<(), Error> {
        self.known.learn(transaction, rows)?;
        let numbered = number(rows, first_key);
        if !numbered.is_empty() {
            append(
                transaction,
                "request_response_rmt",
                encode::facts(&numbered, &self.packer, &self.known)?,
            )?;
            append(transaction, "body_blocks", encode::body_blocks(&self.packer.pack(&numbered)?)?)?;
        }
        if rows.iter().any(|row| row.client_chose_id) {
            let mut supersede = transaction.prepare(sql::SUPERSEDE)?;
            let replaced = supersede.query_map(params![first_key, first_key], |row| row.get(0))?;
            rollup::take_away(transaction, &replaced.collect::<duckdb::Result<Vec<u64>>>()?)?;
        }
        self.since_rolled_up = self.since_rolled_up.saturating_add(numbered.len() as u64);
        let next_key = first_key.saturating_add(numbered.len() as u64);
        transaction.execute(sql::MOVE_CURSOR, params![journal_position, next_key])?;
        Ok(())
    }
}

/// Gives each row its key, and marks those that a later row of the batch replaces.
fn number(rows: &[LogRow], first_key: u64) -> Vec<NewRow<'_>> {
    let mut numbered: Vec<NewRow<'_>> =
        (first_key..).zip(rows).map(|(row_key, row)| NewRow { row_key, superseded: false, row }).collect();
    let mut later = HashSet::new();
    for new in numbered.iter_mut().rev() {
        let id = (new.row.organization_id, new.row.request_id);
        new.superseded = later.contains(&id);
        if new.row.client_chose_id {
            later.insert(id);
        }
    }
    numbered
}

/// Appends columns that are in the table's own order; naming them would cost as much as appending.
fn append(connection: &Connection, table: &str, columns: RecordBatch) -> Result<(), Error> {
    if columns.num_rows() == 0 {
        return Ok(());
    }
    let mut appender = connection.appender(table)?;
    appender.append_record_batch(columns)?;
    appender.flush()?;
    Ok(())
}

#[cfg(test)]
mod tests;
