//! Which segments can go: those that every reader has left behind.

use std::io;
use std::sync::atomic::Ordering;

use crate::state::{Log, Segment, Shared};
use crate::{JournalError, cursor, segment};

impl Shared {
    /// Removes the segments that lie wholly before every reader's cursor, the oldest first.
    ///
    /// The last segment stays, and everything stays until somebody has read.
    pub(crate) fn remove_read_segments(&self) {
        let read = read_segments(&self.log.lock());
        for old in &read {
            match self.disk.remove(&segment::file_name(old.base)) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => {
                    let mut log = self.log.lock();
                    self.failed(&mut log, "remove a segment", &error);
                    return;
                }
            }
            let mut log = self.log.lock();
            log.segments.retain(|segment| segment.generation != old.generation);
        }
        if read.is_empty() {
            return;
        }
        if let Err(error) = self.disk.sync_dir() {
            // A removed segment may be back after a crash, before every cursor, and is removed again.
            tracing::warn!(%error, "cannot make the removal of journal segments durable");
        }
    }

    /// Wakes the writer if it waits for room.
    pub(crate) fn nudge_if_blocked(&self) {
        if self.blocked.load(Ordering::Relaxed) {
            self.nudge();
        }
    }

    pub(crate) fn forget_reader(&self, name: &str) -> Result<(), JournalError> {
        let mut log = self.log.lock();
        let Some(known) = log.cursors.get(name).copied() else { return Ok(()) };
        if known.open {
            return Err(JournalError::ReaderInUse { name: name.to_owned() });
        }
        log.cursors.remove(name);
        drop(log);
        let file_name = cursor::file_name(name);
        let removed = self.disk.remove(&file_name).and_then(|()| self.disk.sync_dir());
        if let Err(source) =
            removed.or_else(|error| if error.kind() == io::ErrorKind::NotFound { Ok(()) } else { Err(error) })
        {
            self.log.lock().cursors.entry(name.to_owned()).or_insert(known);
            return Err(JournalError::Io { action: "remove", name: file_name, source });
        }
        self.remove_read_segments();
        self.nudge_if_blocked();
        Ok(())
    }
}

fn read_segments(log: &Log) -> Vec<Segment> {
    let Some(slowest) = log.slowest() else { return Vec::new() };
    let all_but_last = log.segments.len().saturating_sub(1);
    let is_read = |segment: &&Segment| segment.end <= slowest || segment.is_empty();
    log.segments.iter().take(all_but_last).take_while(is_read).copied().collect()
}
