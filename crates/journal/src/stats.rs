//! The figures of a journal, for metrics and health.

use std::sync::atomic::Ordering;

use crate::Position;
use crate::state::Shared;

/// The state of a journal at one moment; counts are since the start.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// The bytes of all segment files.
    pub bytes_on_disk: u64,
    /// The number of segment files.
    pub segments: usize,
    /// The charge of what is not fsynced yet, compared with `max_queued_bytes`.
    pub queued_bytes: usize,
    /// The number of records that are not fsynced yet.
    pub queued_records: u64,
    /// The records that were accepted.
    pub appended_records: u64,
    /// The payload bytes of the records that were accepted.
    pub appended_bytes: u64,
    /// The records that were refused for their size or for lack of space, or given up by `close`.
    pub dropped_records: u64,
    /// Failed operations of the disk.
    pub write_errors: u64,
    /// How often a reader came upon damage.
    pub corruptions: u64,
    /// The damaged bytes that readers skipped.
    pub corrupt_bytes: u64,
    /// Where the next record goes.
    pub end: Position,
    /// Every known reader, open or not, in the order of the names.
    pub readers: Vec<ReaderStats>,
    /// False while the disk fails or when the writer has ended.
    pub healthy: bool,
    /// The last failure of the disk, also after it works again.
    pub last_error: Option<String>,
}

/// How far a reader is.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ReaderStats {
    /// The name of the reader.
    pub name: String,
    /// Its committed cursor.
    pub position: Position,
    /// The bytes of records behind the cursor.
    pub lag_bytes: u64,
}

impl Shared {
    pub(crate) fn stats(&self) -> Stats {
        let queue = self.queue.lock();
        let (queued_bytes, queued_records) = (queue.charged, queue.outstanding);
        drop(queue);
        let log = self.log.lock();
        let readers = log.cursors.iter().map(|(name, cursor)| ReaderStats {
            name: name.clone(),
            position: cursor.position,
            lag_bytes: log.lag_bytes(cursor.position),
        });
        let counters = &self.counters;
        Stats {
            bytes_on_disk: log.disk_bytes(),
            segments: log.segments.len(),
            queued_bytes,
            queued_records,
            appended_records: counters.appended_records.load(Ordering::Relaxed),
            appended_bytes: counters.appended_bytes.load(Ordering::Relaxed),
            dropped_records: counters.dropped_records.load(Ordering::Relaxed),
            write_errors: counters.write_errors.load(Ordering::Relaxed),
            corruptions: counters.corruptions.load(Ordering::Relaxed),
            corrupt_bytes: counters.corrupt_bytes.load(Ordering::Relaxed),
            end: log.written,
            readers: readers.collect(),
            healthy: !log.failing && !log.broken && !log.finished,
            last_error: log.last_error.clone(),
        }
    }
}
