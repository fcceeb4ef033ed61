//! The loop that follows the journal: read a batch, store it, tell the journal what it need not keep.
//!
//! The store keeps the journal position of what it has in the same transaction as the rows, and that
//! position alone decides where the recorder goes on: a crash at any point neither loses nor repeats a
//! row. The journal's own cursor only says which segments may go.

mod storing;

use std::sync::Arc;
use std::time::Duration;

use gatehouse_journal::{Journal, JournalError, Position, Reader, Record};
use gatehouse_store::log::LogStore;
use tokio::task::JoinError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::knowledge::KnowledgeSource;
use crate::mappers::MapperQueue;
use crate::mapping::Watches;
use crate::{RecordOptions, RecordStats};

/// The recorder's name among the readers of the journal.
const READER_NAME: &str = "log-store";

/// Moves exchanges from the journal to the log store.
pub struct Recorder {
    journal: Journal,
    store: Arc<dyn LogStore>,
    knowledge: KnowledgeSource,
    watches: Arc<Watches>,
    mappers: Option<MapperQueue>,
    options: RecordOptions,
    stats: Arc<RecordStats>,
}

/// How far a recorder has come when it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// Everything that was in the journal is stored.
    Whole,
    /// The deadline passed first, or the journal was closed while it could not be read; the rest stays in
    /// the journal for the next start.
    Unfinished,
}

/// Why following the journal was interrupted.
#[derive(Debug, thiserror::Error)]
enum Setback {
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A blocking piece of work did not come to its end.
    #[error("a blocking task of the recorder did not end")]
    Blocking(#[from] JoinError),
}

impl Recorder {
    /// Returns a recorder; nothing happens before [`Recorder::run`].
    pub fn new(
        journal: Journal,
        store: Arc<dyn LogStore>,
        knowledge: KnowledgeSource,
        options: RecordOptions,
    ) -> Self {
        let (watches, stats) = (Arc::default(), Arc::default());
        Self { journal, store, knowledge, watches, mappers: None, options, stats }
    }

    /// Tells `mappers` of calls that no reader and no mapping knows, and of mappings that no longer fit.
    #[must_use]
    pub fn telling(self, mappers: MapperQueue) -> Self {
        Self { mappers: Some(mappers), ..self }
    }

    /// Returns the counters, which stay readable when the recorder has ended.
    pub fn stats(&self) -> Arc<RecordStats> {
        Arc::clone(&self.stats)
    }

    /// Follows the journal until it is closed and read to its end, or `stop` is cancelled.
    ///
    /// After `stop` what is readable in the journal is still stored, for `drain_deadline` at most. A clean
    /// end is to close the journal first, so that all of it is readable, and to cancel `stop` then.
    ///
    /// # Cancellation
    /// Safe: what is not confirmed is read again by the next recorder.
    pub async fn run(self, stop: CancellationToken) -> Drained {
        let patience = async {
            stop.cancelled().await;
            tokio::time::sleep(self.options.drain_deadline).await;
        };
        tokio::select! {
            drained = self.work(&stop) => drained,
            () = patience => Drained::Unfinished,
        }
    }

    /// Follows the journal, with a new reader after every failure of the old one.
    async fn work(&self, stop: &CancellationToken) -> Drained {
        // The name is made known at once, so that the journal keeps its records while the store is away.
        if let Err(error) = self.journal.reader(READER_NAME, None) {
            self.note_journal_failure(&error);
        }
        let mut backoff = self.backoff();
        loop {
            let position = self.stored_position().await;
            let followed = match self.journal.reader(READER_NAME, Some(Position::from_u64(position))) {
                Ok(reader) => self.follow(reader, stop, &mut backoff).await,
                Err(JournalError::Closed) => return Drained::Unfinished,
                Err(error) => Err(error.into()),
            };
            match followed {
                Ok(()) => return Drained::Whole,
                Err(setback) => self.note_journal_failure(&setback),
            }
            backoff.pause().await;
        }
    }

    /// Asks the store where it stands, for as long as it takes.
    async fn stored_position(&self) -> u64 {
        let mut backoff = self.backoff();
        loop {
            match self.store.journal_position().await {
                Ok(position) => {
                    self.stats.note_stored(position);
                    return position;
                }
                Err(error) => self.note_store_failure(&error),
            }
            backoff.pause().await;
        }
    }

    /// Stores what `reader` reads until there will be no more.
    async fn follow(
        &self,
        mut reader: Reader,
        stop: &CancellationToken,
        backoff: &mut Backoff,
    ) -> Result<(), Setback> {
        let mut cursor = Cursor { uncommitted: None, due: Instant::now() + self.options.commit_interval };
        loop {
            let (rows, bytes) = (self.options.batch_rows, self.options.batch_bytes);
            let (back, records) = tokio::task::spawn_blocking(move || {
                let records = reader.next_batch(rows, bytes);
                (reader, records)
            })
            .await?;
            reader = back;
            let records = records?;
            backoff.reset();

            if let Some(last) = records.last() {
                cursor.uncommitted = Some(last.end);
                let more_is_waiting = self.fills_a_batch(&records);
                self.store_all(records).await;
                if !more_is_waiting {
                    let collecting = tokio::time::sleep(self.options.batch_interval);
                    tokio::select! { () = collecting => {}, () = stop.cancelled() => {} }
                }
            } else if !self.wait(&mut reader, stop, &cursor).await {
                cursor.due = Instant::now();
                self.commit(reader, &mut cursor).await?;
                return Ok(());
            }
            reader = self.commit(reader, &mut cursor).await?;
        }
    }

    fn fills_a_batch(&self, records: &[Record]) -> bool {
        let bytes: usize = records.iter().map(|record| record.payload.len()).sum();
        records.len() >= self.options.batch_rows || bytes >= self.options.batch_bytes / 2
    }

    /// Waits for more to read or for a commit that is due; returns `false` when the end has come.
    async fn wait(&self, reader: &mut Reader, stop: &CancellationToken, cursor: &Cursor) -> bool {
        let is_stopped = stop.is_cancelled();
        tokio::select! {
            biased;
            more = reader.wait() => more,
            () = stop.cancelled(), if !is_stopped => true,
            () = std::future::ready(()), if is_stopped => false,
            () = tokio::time::sleep_until(cursor.due), if cursor.uncommitted.is_some() => true,
        }
    }

    /// Tells the journal what is stored, if it is time; a failure is tried again when it is time again.
    async fn commit(&self, mut reader: Reader, cursor: &mut Cursor) -> Result<Reader, Setback> {
        let Some(upto) = cursor.uncommitted.filter(|_| Instant::now() >= cursor.due) else {
            return Ok(reader);
        };
        let (reader, committed) = tokio::task::spawn_blocking(move || {
            let committed = reader.commit(upto);
            (reader, committed)
        })
        .await?;
        cursor.due = Instant::now() + self.options.commit_interval;
        match committed {
            Ok(()) => cursor.uncommitted = None,
            Err(error) => self.note_journal_failure(&error),
        }
        Ok(reader)
    }

    fn note_journal_failure(&self, error: &dyn std::error::Error) {
        self.stats.note_failure(&self.stats.journal_errors, error);
        tracing::warn!("recorder can't use the journal: {}", crate::stats::whole_text(error));
    }

    fn note_store_failure(&self, error: &dyn std::error::Error) {
        self.stats.note_failure(&self.stats.store_errors, error);
        tracing::warn!("log store did not take a batch: {}", crate::stats::whole_text(error));
    }

    fn backoff(&self) -> Backoff {
        Backoff {
            first: self.options.retry_first,
            longest: self.options.retry_longest,
            next: self.options.retry_first,
        }
    }
}

/// What the journal has not been told yet.
struct Cursor {
    uncommitted: Option<Position>,
    due: Instant,
}

/// Growing pauses between attempts.
struct Backoff {
    first: Duration,
    longest: Duration,
    next: Duration,
}

impl Backoff {
    async fn pause(&mut self) {
        let pause = self.next.min(self.longest);
        self.next = pause.saturating_mul(2);
        tokio::time::sleep(pause).await;
    }

    fn reset(&mut self) {
        self.next = self.first;
    }
}
