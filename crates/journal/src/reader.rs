//! A named cursor over the records.

use std::fmt;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;

use crate::disk::DirLock;
use crate::scan::{Found, Scan};
use crate::state::{Counters, Cursor, Shared, Stretch, Visible};
use crate::{JournalError, Position, cursor, segment};

/// A record as it was appended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Where it begins.
    pub position: Position,
    /// Where it ends: the position to commit once it is dealt with.
    pub end: Position,
    /// Its parts, joined. Shares memory with the records read along with it.
    pub payload: Bytes,
}

/// Reads the records from a cursor on, in order.
///
/// # Invariants
/// One reader of a name is open at a time. The committed cursor never moves back.
pub struct Reader {
    shared: Arc<Shared>,
    name: String,
    /// Up to where it has read.
    position: Position,
    /// The cursor on disk.
    saved: Position,
    scan: Option<(u64, Scan)>,
    visible: watch::Receiver<Visible>,
    _lock: Option<Arc<DirLock>>,
}

impl Reader {
    pub(crate) fn open(
        shared: &Arc<Shared>,
        name: &str,
        from: Option<Position>,
    ) -> Result<Self, JournalError> {
        if !cursor::is_valid_name(name) {
            return Err(JournalError::ReaderName { name: name.to_owned() });
        }
        let lock = shared.lock.lock().clone();
        let mut log = shared.log.lock();
        if log.finished {
            return Err(JournalError::Closed);
        }
        let known = log.cursors.get(name).copied();
        if known.is_some_and(|cursor| cursor.open) {
            return Err(JournalError::ReaderInUse { name: name.to_owned() });
        }
        let oldest = log.segments.front().map_or(log.written, |segment| segment.base);
        let wanted = from.or(known.map(|cursor| cursor.position)).unwrap_or(oldest);
        let mut position = wanted.max(oldest);
        // Segments go once they lie before the cursor: who wants no less than it misses nothing.
        let is_behind = known.is_none_or(|cursor| wanted < cursor.position);
        if wanted < oldest && from.is_some() && is_behind {
            tracing::warn!("journal reader `{name}` wants {wanted} but the oldest record is at {oldest}");
        }
        if wanted > log.written.max(log.floor) {
            let end = log.written;
            tracing::error!(
                "journal reader `{name}` wants {wanted} but the journal ends at {end}; it begins anew"
            );
            log.floor = wanted;
            position = oldest;
        }
        // What was confirmed stays known where the records after it are gone, because there were none.
        let confirmed = known.map_or(position, |cursor| cursor.position.min(position));
        log.cursors.insert(name.to_owned(), Cursor { position: confirmed, open: true });
        drop(log);
        let reader = Self {
            shared: Arc::clone(shared),
            name: name.to_owned(),
            position,
            saved: known.map_or(position, |cursor| cursor.position),
            scan: None,
            visible: shared.visible.subscribe(),
            _lock: lock,
        };
        if known.is_none() {
            reader.save(position)?;
        }
        Ok(reader)
    }

    /// Returns the name of the reader.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the position up to which it has read.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Returns the next records, none if there are none yet.
    ///
    /// The payloads are at most `max_bytes` together, except that one record is returned whatever its size. Reads
    /// files, mostly from the page cache: not for a thread that must not block. What is damaged on disk is logged,
    /// counted in [`Stats`](crate::Stats) and skipped.
    ///
    /// # Errors
    /// [`JournalError::Io`] if a segment cannot be read; the next call tries again. Records read before it are
    /// returned first: the position moves only past what was returned or skipped.
    pub fn next_batch(&mut self, max_records: usize, max_bytes: usize) -> Result<Vec<Record>, JournalError> {
        let mut records = Vec::new();
        let mut bytes: usize = 0;
        while records.len() < max_records {
            let found = match self.peek() {
                Ok(Some(found)) => found,
                Err(error) if records.is_empty() => return Err(error),
                // The position is past the records at hand; the next call meets the failure again, if it lasts.
                Ok(None) | Err(_) => break,
            };
            bytes = bytes.saturating_add(found.payload.len());
            if bytes > max_bytes && !records.is_empty() {
                break;
            }
            self.position = found.end;
            records.push(Record { position: found.start, end: found.end, payload: found.payload });
        }
        Ok(records)
    }

    /// Returns the next record; moves the position only past what is damaged or was never written.
    fn peek(&mut self) -> Result<Option<Found>, JournalError> {
        let mut only_settled = false;
        loop {
            let stretch = match self.stretch() {
                Ok(stretch) if only_settled => {
                    let limit = stretch.limit.min(stretch.settled);
                    if limit <= stretch.start {
                        return Ok(None);
                    }
                    Stretch { limit, ..stretch }
                }
                Ok(stretch) => stretch,
                Err(visible) => {
                    self.position = self.position.max(visible);
                    return Ok(None);
                }
            };
            let step = self.scan(&stretch).and_then(|scan| scan.next(stretch.start, stretch.limit));
            let (skipped, found) = match step {
                Ok(step) => (step.skipped, step.found),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    (stretch.limit.since(stretch.start), None)
                }
                Err(source) => {
                    let name = segment::file_name(stretch.segment.base);
                    return Err(JournalError::Io { action: "read", name, source });
                }
            };
            if skipped > 0 {
                if !self.is_current(&stretch) {
                    self.scan = None;
                    continue;
                }
                if stretch.limit > stretch.settled {
                    // The fsync that is due decides about the rest: it settles it, or fails and has it written anew.
                    self.scan = None;
                    only_settled = true;
                    continue;
                }
                self.report(&stretch, skipped);
                self.position = stretch.start.plus(skipped);
            }
            if found.is_some() {
                return Ok(found);
            }
        }
    }

    fn stretch(&self) -> Result<Stretch, Position> {
        self.shared.log.lock().stretch(self.position, self.shared.options.durability)
    }

    fn is_current(&self, seen: &Stretch) -> bool {
        self.stretch()
            .is_ok_and(|now| now.segment.generation == seen.segment.generation && now.limit >= seen.limit)
    }

    fn scan(&mut self, stretch: &Stretch) -> io::Result<&mut Scan> {
        let generation = stretch.segment.generation;
        let kept = self.scan.take().filter(|(of, _)| *of == generation);
        let (_, scan) = match kept {
            Some(kept) => self.scan.insert(kept),
            None => {
                let file = self.shared.disk.open(&segment::file_name(stretch.segment.base))?;
                self.scan.insert((generation, Scan::new(file, self.shared.key, stretch.segment.base)))
            }
        };
        Ok(scan)
    }

    fn report(&self, stretch: &Stretch, bytes: u64) {
        Counters::add(&self.shared.counters.corruptions, 1);
        Counters::add(&self.shared.counters.corrupt_bytes, bytes);
        let (name, start) = (&self.name, stretch.start);
        tracing::error!(bytes, "journal is damaged at {start}; reader `{name}` skips {bytes} bytes");
    }

    /// Waits until there may be more to read; false when the journal is closed and all of it was read.
    ///
    /// # Cancellation
    /// Safe: what becomes readable is not missed, however often the future is dropped.
    pub async fn wait(&mut self) -> bool {
        let position = self.position;
        let reached = self.visible.wait_for(|visible| visible.end > position || visible.closed).await;
        reached.is_ok_and(|visible| visible.end > position)
    }

    /// Saves the cursor: everything before `upto` is dealt with and may be removed. Blocks for two fsyncs.
    ///
    /// A position before the saved cursor is ignored.
    ///
    /// # Errors
    /// [`JournalError::CommitBeyondRead`], or [`JournalError::Io`] if the cursor cannot be saved; try again then.
    pub fn commit(&mut self, upto: Position) -> Result<(), JournalError> {
        if upto > self.position {
            let (name, read) = (self.name.clone(), self.position);
            return Err(JournalError::CommitBeyondRead { name, upto, read });
        }
        if upto > self.saved {
            if let Err(error) = self.save(upto) {
                if !is_disk_full(&error) {
                    return Err(error);
                }
                // On a full disk the segments must go first; a crash before the cursor is saved loses nothing.
                self.pass(upto);
                self.save(upto)?;
            }
            self.saved = upto;
        }
        self.pass(upto);
        Ok(())
    }

    /// Lets the segments before `upto` be removed.
    fn pass(&self, upto: Position) {
        let mut log = self.shared.log.lock();
        let Some(cursor) = log.cursors.get_mut(&self.name).filter(|cursor| cursor.position < upto) else {
            return;
        };
        cursor.position = upto;
        drop(log);
        self.shared.remove_read_segments();
        self.shared.nudge_if_blocked();
    }

    fn save(&self, position: Position) -> Result<(), JournalError> {
        cursor::save(self.shared.disk.as_ref(), &self.name, position).map_err(|source| JournalError::Io {
            action: "save",
            name: cursor::file_name(&self.name),
            source,
        })
    }
}

fn is_disk_full(error: &JournalError) -> bool {
    let JournalError::Io { source, .. } = error else { return false };
    matches!(source.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(cursor) = self.shared.log.lock().cursors.get_mut(&self.name) {
            cursor.open = false;
        }
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut formatter = formatter.debug_struct("Reader");
        formatter.field("name", &self.name).field("position", &self.position).finish_non_exhaustive()
    }
}
