//! How a journal is set up.

use std::path::PathBuf;
use std::time::Duration;

use crate::JournalError;
use crate::segment::{FRAME_BYTES, HEADER_BYTES};
use crate::state::RECORD_CHARGE;

/// The length of a record has 32 bits in the file.
const LONGEST_RECORD: usize = 1 << 30;

/// Says what a record's author waits for, and with that how eagerly the journal writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Nobody waits: records are collected for `commit_interval`, written, and fsynced beside it.
    /// Readers see a record once it is written.
    Normal,
    /// Somebody waits for the ack: records are written and fsynced at once, those that came during an fsync together.
    /// Readers see a record once it is durable.
    Strict,
}

/// The set-up of a journal.
#[derive(Debug, Clone)]
pub struct JournalOptions {
    /// The directory of segments and cursors; created if it is missing.
    pub dir: PathBuf,
    /// See [`Durability`].
    pub durability: Durability,
    /// The size at which a segment is closed; at most a quarter of `max_disk_bytes` is used.
    pub segment_bytes: u64,
    /// The bound on all segments together; [`close`](crate::Journal::close) may exceed it by what is queued.
    pub max_disk_bytes: u64,
    /// The bound on the memory of records that are not yet fsynced; each is charged its payload and 128 bytes.
    pub max_queued_bytes: usize,
    /// How long records are collected before they are written, in [`Durability::Normal`].
    pub commit_interval: Duration,
    /// The longest payload; at most 1 GiB is used.
    pub max_record_bytes: usize,
    /// The pause after the first of several failures of the disk; it doubles up to a hundred times this.
    pub retry_interval: Duration,
}

impl JournalOptions {
    /// Returns the defaults for a journal in `dir`.
    #[must_use]
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            durability: Durability::Normal,
            segment_bytes: 64 << 20,
            max_disk_bytes: 10 << 30,
            max_queued_bytes: 128 << 20,
            commit_interval: Duration::from_millis(2),
            max_record_bytes: 64 << 20,
            retry_interval: Duration::from_millis(10),
        }
    }

    /// Checks that the longest record can be queued and written.
    pub(crate) fn checked(mut self) -> Result<Self, JournalError> {
        self.max_record_bytes = self.max_record_bytes.min(LONGEST_RECORD);
        let frame = (self.max_record_bytes as u64).saturating_add(FRAME_BYTES as u64);
        let at_least = |option, value, least| {
            if value < least { Err(JournalError::Option { option, value, least }) } else { Ok(()) }
        };
        at_least("max_disk_bytes", self.max_disk_bytes, frame.saturating_add(2 * HEADER_BYTES))?;
        let charge = self.max_record_bytes.saturating_add(RECORD_CHARGE);
        at_least("max_queued_bytes", self.max_queued_bytes as u64, charge as u64)?;
        self.segment_bytes = self.segment_bytes.min(self.max_disk_bytes / 4).max(1);
        Ok(self)
    }

    /// Returns how far the positions of one segment can reach.
    pub(crate) fn span(&self) -> u64 {
        self.segment_bytes.max((self.max_record_bytes as u64).saturating_add(FRAME_BYTES as u64))
    }
}
