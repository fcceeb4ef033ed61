//! The thread that fsyncs what was written, beside the writer, so that a slow fsync does not delay a write.
//!
//! It alone fsyncs the active segment: Linux reports a failed write-back to one caller only.

use std::sync::Arc;

use crate::state::{Log, Shared};

/// Runs until the writer has ended.
pub(crate) fn run(shared: &Shared) {
    while let Some(group) = next_group(shared) {
        sync(shared, &group);
    }
}

/// What is written when an fsync begins.
struct Group {
    file: Arc<dyn crate::disk::DiskFile>,
    end: crate::Position,
    sequence: u64,
}

fn next_group(shared: &Shared) -> Option<Group> {
    let mut log = shared.log.lock();
    loop {
        let due = !log.broken && log.synced < log.written;
        if let Some(file) = log.active.clone().filter(|_| due) {
            log.syncing = true;
            return Some(Group { file, end: log.written, sequence: log.written_sequence });
        }
        if log.finished {
            return None;
        }
        shared.log_changed.wait(&mut log);
    }
}

fn sync(shared: &Shared, group: &Group) {
    let outcome = group.file.sync();
    let mut log = shared.log.lock();
    log.syncing = false;
    let durable = match &outcome {
        Ok(()) => advance(&mut log, group),
        Err(error) => {
            log.broken = true;
            shared.failed(&mut log, "fsync the segment", error);
            std::collections::VecDeque::new()
        }
    };
    shared.show(&log);
    drop(log);
    shared.log_changed.notify_all();
    if outcome.is_ok() {
        shared.release(&durable, group.sequence);
    } else {
        shared.nudge();
    }
}

fn advance(log: &mut Log, group: &Group) -> std::collections::VecDeque<crate::state::Queued> {
    let count = usize::try_from(group.sequence.saturating_sub(log.synced_sequence)).unwrap_or(usize::MAX);
    let rest = log.unsynced.split_off(count.min(log.unsynced.len()));
    log.synced = group.end;
    log.synced_sequence = group.sequence;
    std::mem::replace(&mut log.unsynced, rest)
}
