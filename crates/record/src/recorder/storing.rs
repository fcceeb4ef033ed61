//! Getting a batch into the store whatever happens, one refused row aside.
//!
//! A store that is away is waited for. A batch that is refused is halved until the row is found that the
//! store does not take; that row is put aside as a file, but only if the store then moves on without it:
//! a store that refuses everything is broken, and is waited for like one that is away.

use std::io;
use std::ops::Range;
use std::sync::Arc;

use gatehouse_journal::{Position, Record};
use gatehouse_store::StoreError;
use gatehouse_store::log::Batch;

use super::Recorder;
use crate::RecordStats;
use crate::prepare::{Preparation, Prepared};
use crate::rejected::{Reason, put_aside, take_back};

/// What became of one attempt.
enum Attempt {
    /// The records of the range are dealt with.
    Done,
    /// The same has to be tried again later.
    Again,
    /// The store refuses the batch and another attempt would not help.
    Refused(StoreError),
}

impl Recorder {
    /// Stores `records`, for as long as it takes.
    pub(super) async fn store_all(&self, records: Vec<Record>) {
        let records = Arc::new(records);
        let mut todo: Vec<Range<usize>> = Vec::new();
        todo.push(0..records.len());
        let mut aside: Option<Position> = None;
        let mut backoff = self.backoff();
        while let Some(range) = todo.pop() {
            let Some(prepared) = self.prepare(&records, range.clone()).await else {
                todo.push(range);
                backoff.pause().await;
                continue;
            };
            let taken = range.start..range.start + prepared.taken;
            if taken.end < range.end {
                todo.push(taken.end..range.end);
            }
            let single = records.get(taken.start).filter(|_| taken.len() == 1);
            match (self.attempt(prepared).await, single) {
                (Attempt::Done, single) => {
                    backoff.reset();
                    self.take_back(single.filter(|record| aside == Some(record.position))).await;
                }
                (Attempt::Refused(error), None) => {
                    self.note_store_failure(&error);
                    let middle = taken.start + taken.len() / 2;
                    todo.extend([middle..taken.end, taken.start..middle]);
                }
                (Attempt::Refused(error), Some(record)) => {
                    aside = Some(record.position);
                    if !self.go_on_without(record, &error).await {
                        todo.push(taken);
                        backoff.pause().await;
                    }
                }
                (Attempt::Again, _) => {
                    todo.push(taken);
                    backoff.pause().await;
                }
            }
        }
    }

    /// Makes a batch of the first records of `range`, those that are no exchanges put aside on disk.
    async fn prepare(&self, records: &Arc<Vec<Record>>, range: Range<usize>) -> Option<Prepared> {
        let records = Arc::clone(records);
        let rejected_dir = self.options.rejected_dir.clone();
        let preparation = Preparation {
            knowledge: self.knowledge.now(),
            watches: Arc::clone(&self.watches),
            max_bytes: self.options.batch_bytes,
            max_body_bytes: self.options.max_body_bytes,
        };
        let work = move || -> io::Result<Prepared> {
            let records = records.get(range).unwrap_or_default();
            let prepared = preparation.prepare(records);
            for undecodable in &prepared.undecodable {
                if let Some(record) = records.get(undecodable.index) {
                    let path = put_aside(&rejected_dir, record, Reason::Undecodable)?;
                    let (at, reason) = (record.position, &undecodable.reason);
                    tracing::error!("journal record at {at} put aside as {}: {reason}", path.display());
                }
            }
            Ok(prepared)
        };
        match tokio::task::spawn_blocking(work).await {
            Ok(Ok(prepared)) => Some(prepared),
            Ok(Err(error)) => {
                self.note_aside_failure(&error);
                None
            }
            Err(error) => {
                self.note_journal_failure(&error);
                None
            }
        }
    }

    async fn attempt(&self, prepared: Prepared) -> Attempt {
        let (rows, undecodable) = (prepared.batch.rows.len(), prepared.undecodable.len());
        let position = prepared.batch.journal_position;
        match self.store.insert(prepared.batch).await {
            Ok(()) => {
                RecordStats::add(&self.stats.batches, 1);
                RecordStats::add(&self.stats.rows_stored, rows);
                RecordStats::add(&self.stats.undecodable_records, undecodable);
                self.stats.note_stored(position);
                if let Some(mappers) = &self.mappers {
                    mappers.tell(prepared.sightings);
                }
                Attempt::Done
            }
            // No row is to blame for the refusal of a batch without rows.
            Err(error) if error.is_transient() || rows == 0 => {
                self.note_store_failure(&error);
                Attempt::Again
            }
            Err(error) => Attempt::Refused(error),
        }
    }

    /// Puts a record aside that the store refused; returns whether the store takes the position behind it.
    async fn go_on_without(&self, record: &Record, refusal: &StoreError) -> bool {
        let (dir, copy) = (self.options.rejected_dir.clone(), record.clone());
        let written = tokio::task::spawn_blocking(move || put_aside(&dir, &copy, Reason::Refused)).await;
        let path = match written.map_err(io::Error::other).flatten() {
            Ok(path) => path,
            Err(error) => {
                self.note_aside_failure(&error);
                return false;
            }
        };
        let without_rows = Batch { rows: Vec::new(), journal_position: record.end.as_u64() };
        self.note_store_failure(refusal);
        match self.store.insert(without_rows).await {
            Ok(()) => {
                RecordStats::add(&self.stats.rejected_rows, 1);
                self.stats.note_stored(record.end.as_u64());
                let (at, reason) = (record.position, crate::stats::whole_text(refusal));
                tracing::error!(
                    "log store refuses the record at {at}, put aside as {}: {reason}",
                    path.display()
                );
                true
            }
            Err(error) => {
                self.note_store_failure(&error);
                false
            }
        }
    }

    /// Removes the file of a record that was refused with everything else and is now stored.
    async fn take_back(&self, record: Option<&Record>) {
        let Some(record) = record.cloned() else { return };
        let dir = self.options.rejected_dir.clone();
        let removed = tokio::task::spawn_blocking(move || take_back(&dir, &record, Reason::Refused)).await;
        if let Err(error) = removed.map_err(io::Error::other).flatten() {
            self.note_aside_failure(&error);
        }
    }

    fn note_aside_failure(&self, error: &io::Error) {
        self.stats.note_failure(&self.stats.store_errors, error);
        let dir = self.options.rejected_dir.display();
        tracing::error!("recorder can't put a record aside in {dir}: {error}");
    }
}
