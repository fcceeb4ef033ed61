//! What the handles, the readers and the two threads of a journal share.
//!
//! Two locks: the queue's is taken by every append and never held during anything else; the log's guards what is
//! where on disk. Neither is held during I/O, and nobody takes the queue's while holding the log's or the reverse.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;

use crate::disk::{DirLock, Disk, DiskFile};
use crate::segment::{FRAME_BYTES, HEADER_BYTES};
use crate::{Durability, JournalOptions, Position};

/// What each queued record is charged for its bookkeeping.
pub(crate) const RECORD_CHARGE: usize = 128;

pub(crate) struct Shared {
    pub(crate) options: JournalOptions,
    pub(crate) disk: Arc<dyn Disk>,
    /// The secret of the journal, see `segment.rs`.
    pub(crate) key: u64,
    pub(crate) queue: Mutex<Queue>,
    /// Wakes the writer; goes with `queue`.
    pub(crate) writer_wake: Condvar,
    pub(crate) log: Mutex<Log>,
    /// Something was written, fsynced or broke; goes with `log`.
    pub(crate) log_changed: Condvar,
    /// How many records, by sequence, are durable. Apart from the rest so that an ack does not keep the lock of the directory.
    pub(crate) durable: Arc<watch::Sender<Durable>>,
    pub(crate) visible: watch::Sender<Visible>,
    /// Set while the writer cannot write: the byte cap is reached or the disk fails.
    pub(crate) blocked: AtomicBool,
    pub(crate) counters: Counters,
    /// Dropped by `close`; readers keep their own share.
    pub(crate) lock: Mutex<Option<Arc<DirLock>>>,
}

/// Counts since the start.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) appended_records: AtomicU64,
    pub(crate) appended_bytes: AtomicU64,
    pub(crate) dropped_records: AtomicU64,
    pub(crate) write_errors: AtomicU64,
    pub(crate) corruptions: AtomicU64,
    pub(crate) corrupt_bytes: AtomicU64,
}

impl Counters {
    pub(crate) fn add(counter: &AtomicU64, amount: u64) {
        counter.fetch_add(amount, Ordering::Relaxed);
    }
}

/// How far the journal is durable.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Durable {
    /// Every record with a smaller sequence is on disk.
    pub(crate) sequence: u64,
    pub(crate) closed: bool,
}

/// How far readers may read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Visible {
    pub(crate) end: Position,
    pub(crate) closed: bool,
}

/// A record on its way to the disk; kept until it is fsynced.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) parts: Vec<Bytes>,
    pub(crate) length: u32,
}

impl Queued {
    /// Returns the bytes that the record takes in its segment.
    pub(crate) fn record_bytes(&self) -> u64 {
        u64::from(self.length).saturating_add(FRAME_BYTES as u64)
    }

    pub(crate) fn charge(&self) -> usize {
        (self.length as usize).saturating_add(RECORD_CHARGE)
    }
}

/// What was appended and not yet fsynced.
#[derive(Debug)]
pub(crate) struct Queue {
    /// What the writer has not taken yet.
    pub(crate) records: VecDeque<Queued>,
    /// The charge of all records that are not fsynced, also of those that the writer has taken.
    pub(crate) charged: usize,
    /// Their number.
    pub(crate) outstanding: u64,
    /// The sequence of the next record.
    pub(crate) next_sequence: u64,
    /// The writer sleeps until it is woken.
    pub(crate) parked: bool,
    /// Something other than a record asks for the writer's attention.
    pub(crate) nudged: bool,
    pub(crate) closing: bool,
}

/// A segment file.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Segment {
    pub(crate) base: Position,
    /// Where its last record ends; for the last segment, the last one written.
    pub(crate) end: Position,
    /// Tells this file from another one of the same name.
    pub(crate) generation: u64,
}

impl Segment {
    /// Returns whether it has no record.
    pub(crate) fn is_empty(&self) -> bool {
        self.base == self.end
    }

    pub(crate) fn file_bytes(&self) -> u64 {
        HEADER_BYTES.saturating_add(self.end.since(self.base))
    }
}

/// A named reader's cursor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor {
    pub(crate) position: Position,
    pub(crate) open: bool,
}

/// What is where on disk.
pub(crate) struct Log {
    /// In order; ends grow.
    pub(crate) segments: VecDeque<Segment>,
    /// The file of the last segment if it takes more records.
    pub(crate) active: Option<Arc<dyn DiskFile>>,
    pub(crate) next_generation: u64,
    /// Where the next record goes.
    pub(crate) written: Position,
    pub(crate) written_sequence: u64,
    pub(crate) synced: Position,
    pub(crate) synced_sequence: u64,
    /// The records from `synced` to `written`.
    pub(crate) unsynced: VecDeque<Queued>,
    /// An fsync is running.
    pub(crate) syncing: bool,
    /// What the active file has beyond `synced` is not to be trusted.
    pub(crate) broken: bool,
    /// The writer has ended.
    pub(crate) finished: bool,
    /// The next segment must not begin before this: a reader has been further in an earlier life of the directory.
    pub(crate) floor: Position,
    pub(crate) cursors: BTreeMap<String, Cursor>,
    /// The disk failed and has not worked since.
    pub(crate) failing: bool,
    pub(crate) last_error: Option<String>,
}

/// A stretch of one segment that can be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Stretch {
    pub(crate) segment: Segment,
    pub(crate) start: Position,
    pub(crate) limit: Position,
    /// What is damaged before this is damaged on disk; behind it, an fsync that fails may have dropped cached writes.
    pub(crate) settled: Position,
}

impl Log {
    /// Returns up to where readers may read.
    pub(crate) fn visible(&self, durability: Durability) -> Position {
        if self.broken || durability == Durability::Strict { self.synced } else { self.written }
    }

    /// Returns the next stretch at or after a position, or, if there is none, how far a reader can be moved.
    pub(crate) fn stretch(&self, from: Position, durability: Durability) -> Result<Stretch, Position> {
        let visible = self.visible(durability);
        let index = self.segments.partition_point(|segment| segment.end <= from);
        let mut rest = self.segments.iter().skip(index);
        let Some(segment) = rest.find(|segment| segment.base < segment.end).copied() else {
            return Err(visible);
        };
        let stretch = Stretch {
            segment,
            start: from.max(segment.base),
            limit: segment.end.min(visible),
            settled: self.synced,
        };
        if stretch.start < stretch.limit { Ok(stretch) } else { Err(visible) }
    }

    /// Returns how many bytes of records are behind a position.
    pub(crate) fn lag_bytes(&self, cursor: Position) -> u64 {
        self.segments.iter().map(|segment| segment.end.since(segment.base.max(cursor))).sum()
    }

    pub(crate) fn disk_bytes(&self) -> u64 {
        self.segments.iter().map(Segment::file_bytes).sum()
    }

    /// Returns the cursor that is furthest behind; `None` if nobody has ever read.
    pub(crate) fn slowest(&self) -> Option<Position> {
        self.cursors.values().map(|cursor| cursor.position).min()
    }

    /// Returns where the records before a new segment at `base` end.
    pub(crate) fn end_before(&self, base: Position) -> Position {
        let before = self.segments.iter().rev().find(|segment| segment.base < base);
        before.map_or(base, |segment| segment.end.min(base))
    }
}

impl Shared {
    /// Asks the writer to look at the state again.
    pub(crate) fn nudge(&self) {
        let mut queue = self.queue.lock();
        queue.nudged = true;
        queue.parked = false;
        drop(queue);
        self.writer_wake.notify_all();
    }

    /// Tells readers how far they may read.
    pub(crate) fn show(&self, log: &Log) {
        let end = log.visible(self.options.durability);
        self.visible.send_if_modified(|visible| {
            let changed = visible.end != end;
            visible.end = end;
            changed
        });
    }

    /// Frees the room of records that are fsynced and resolves their acks.
    pub(crate) fn release(&self, records: &VecDeque<Queued>, durable_sequence: u64) {
        let charge: usize = records.iter().map(Queued::charge).sum();
        let mut queue = self.queue.lock();
        queue.charged = queue.charged.saturating_sub(charge);
        queue.outstanding = queue.outstanding.saturating_sub(records.len() as u64);
        drop(queue);
        self.durable.send_modify(|durable| durable.sequence = durable.sequence.max(durable_sequence));
    }

    /// Counts a failure of the disk; logs the first of several.
    pub(crate) fn failed(&self, log: &mut Log, action: &str, error: &std::io::Error) {
        Counters::add(&self.counters.write_errors, 1);
        let message = format!("cannot {action}: {error}");
        if !log.failing {
            tracing::error!(%error, "journal cannot {action}; records wait in memory");
        }
        log.failing = true;
        log.last_error = Some(message);
    }
}
