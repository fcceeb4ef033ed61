//! Where each entry on disk is.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use gatehouse_store::cache::EntryKey;
use gatehouse_types::Timestamp;

use super::segment;

/// What a record counts as at least: so the index takes no more than about a tenth of the disk's bytes.
const LEAST_COST: u64 = 1 << 10;

/// The place of an entry.
#[derive(Clone, Debug)]
pub(super) struct Place {
    file: Arc<File>,
    spot: Spot,
    pub(super) expires_at: Timestamp,
}

impl Place {
    /// Reads the entry.
    ///
    /// # Errors
    /// Fails when the file can't be read or the entry is damaged.
    pub(super) fn read(&self, key: &EntryKey) -> io::Result<Bytes> {
        segment::read(&self.file, self.spot.at, key)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Spot {
    segment: u64,
    at: u64,
}

/// A file with what was written into it.
#[derive(Debug)]
pub(super) struct Segment {
    pub(super) file: Arc<File>,
    /// How much of it is written.
    pub(super) end: u64,
    /// What its records count as.
    cost: u64,
    keys: Vec<EntryKey>,
}

impl Segment {
    pub(super) const fn new(file: Arc<File>) -> Self {
        Self { file, end: 0, cost: 0, keys: Vec::new() }
    }

    pub(super) const fn cost(&self) -> u64 {
        self.cost
    }

    /// Returns the names of the entries that were written into it, one for each time.
    pub(super) fn keys(&self) -> &[EntryKey] {
        &self.keys
    }
}

/// Returns what a record counts as.
pub(super) fn cost_of(head: &segment::Head) -> u64 {
    head.record_bytes().max(LEAST_COST)
}

/// The entries on disk by name, and the files by number.
#[derive(Debug, Default)]
pub(super) struct Index {
    entries: HashMap<EntryKey, (Spot, Timestamp)>,
    segments: BTreeMap<u64, Segment>,
    evicted: u64,
}

impl Index {
    pub(super) fn entries(&self) -> u64 {
        self.entries.len() as u64
    }

    pub(super) fn bytes(&self) -> u64 {
        self.segments.values().map(|segment| segment.end).sum()
    }

    pub(super) const fn evicted(&self) -> u64 {
        self.evicted
    }

    /// Returns what all records count as.
    pub(super) fn cost(&self) -> u64 {
        self.segments.values().map(Segment::cost).sum()
    }

    /// Returns where an entry is, unless its time is over.
    pub(super) fn find(&mut self, key: &EntryKey, now: Timestamp) -> Option<Place> {
        let &(spot, expires_at) = self.entries.get(key)?;
        if expires_at <= now {
            self.entries.remove(key);
            return None;
        }
        let file = Arc::clone(&self.segments.get(&spot.segment)?.file);
        Some(Place { file, spot, expires_at })
    }

    /// Returns whether an entry is still where it was.
    pub(super) fn is_at(&self, key: &EntryKey, place: &Place) -> bool {
        self.entries.get(key).is_some_and(|(spot, _)| *spot == place.spot)
    }

    pub(super) fn remove(&mut self, key: &EntryKey) {
        self.entries.remove(key);
    }

    /// Notes a record of a file.
    pub(super) fn note(&mut self, number: u64, head: &segment::Head, at: u64) {
        let Some(segment) = self.segments.get_mut(&number) else { return };
        segment.end = at + head.record_bytes();
        segment.cost += cost_of(head);
        if head.is_removal {
            self.entries.remove(&head.key);
            return;
        }
        segment.keys.push(head.key);
        self.entries.insert(head.key, (Spot { segment: number, at }, head.expires_at));
    }

    pub(super) fn add(&mut self, number: u64, segment: Segment) {
        self.segments.insert(number, segment);
    }

    /// Returns the newest file, the one that is written to.
    pub(super) fn newest(&self) -> Option<(u64, &Segment)> {
        self.segments.last_key_value().map(|(number, segment)| (*number, segment))
    }

    /// Forgets the oldest file; what is in it is not found from now on, and is still to be forgotten.
    pub(super) fn evict(&mut self) -> Option<(u64, Segment)> {
        self.segments.pop_first()
    }

    /// Forgets entries of a file that is gone, unless they are elsewhere by now.
    pub(super) fn forget(&mut self, number: u64, keys: &[EntryKey], now: Timestamp) {
        for key in keys {
            let is_there = |(spot, _): &(Spot, Timestamp)| spot.segment == number;
            if self.entries.get(key).is_some_and(is_there)
                && let Some((_, expires_at)) = self.entries.remove(key)
            {
                self.evicted += u64::from(expires_at > now);
            }
        }
    }
}
