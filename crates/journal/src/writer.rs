//! The thread that writes what was appended to the segment files.
//!
//! When the disk fails, nothing is given up: records stay in memory, in order, and are tried again. A partial write is
//! cut off. After a failed fsync (or if the cut failed) the active file is not trusted beyond what was fsynced: the
//! records behind that point are written once more, to a new segment that begins exactly there. They get the positions
//! they had, so a reader that has seen them goes on behind them and sees none twice; the old file's tail is void
//! because a segment ends where the next one says that it ends.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use crate::disk::{DiskFile, MAX_SLICES, TEMPORARY, write_fully};
use crate::segment::{self, FRAME_BYTES, HEADER_BYTES, Header};
use crate::state::{Counters, Queued, Segment, Shared};
use crate::{Durability, Position};

/// What is written, and shown to readers, at once.
const GROUP_BYTES: u64 = 4 << 20;
/// How often `close` tries a disk that fails.
const CLOSING_ATTEMPTS: u32 = 5;

pub(crate) struct Writer {
    shared: Arc<Shared>,
    /// Taken from the queue, not yet written.
    waiting: VecDeque<Queued>,
    /// Failed attempts in a row.
    failures: u32,
}

/// Why the writer cannot go on.
enum Stall {
    /// The byte cap is reached.
    Full,
    /// The disk failed.
    Failed { action: &'static str, error: io::Error },
}

fn failed(action: &'static str) -> impl Fn(io::Error) -> Stall {
    move |error| Stall::Failed { action, error }
}

impl Writer {
    pub(crate) fn new(shared: Arc<Shared>) -> Self {
        Self { shared, waiting: VecDeque::new(), failures: 0 }
    }

    /// Begins a segment at the start, which takes fsyncs that the first record then does not wait for.
    ///
    /// A disk that fails is tried again with the first record.
    pub(crate) fn begin(&mut self) {
        let begun = self.roll();
        self.judge(&begun);
        self.failures = 0;
    }

    /// Runs until the journal is closed and everything is on disk.
    pub(crate) fn run(mut self) {
        let _ending = Ending(Arc::clone(&self.shared));
        loop {
            let closing = self.collect();
            let outcome = self.work(closing);
            self.judge(&outcome);
            match outcome {
                Ok(()) if closing => return,
                Ok(()) => self.failures = 0,
                Err(_) if closing && self.failures >= CLOSING_ATTEMPTS => return self.abandon(),
                Err(_) => self.pause(closing),
            }
        }
    }

    /// Takes what was appended; parks while there is nothing to do. Returns whether the journal is being closed.
    fn collect(&mut self) -> bool {
        let shared = &self.shared;
        let mut queue = shared.queue.lock();
        if self.waiting.is_empty() && self.failures == 0 {
            while queue.records.is_empty() && !queue.nudged && !queue.closing {
                queue.parked = true;
                shared.writer_wake.wait(&mut queue);
            }
            if shared.options.durability == Durability::Normal {
                let deadline = Instant::now() + shared.options.commit_interval;
                while !queue.nudged
                    && !queue.closing
                    && !shared.writer_wake.wait_until(&mut queue, deadline).timed_out()
                {}
            }
        }
        queue.parked = false;
        queue.nudged = false;
        self.waiting.append(&mut queue.records);
        queue.closing
    }

    fn work(&mut self, closing: bool) -> Result<(), Stall> {
        self.repair()?;
        while let Some(first) = self.waiting.front().map(Queued::record_bytes) {
            self.make_room(first, closing)?;
            self.write_group(closing)?;
        }
        if closing || self.shared.options.durability == Durability::Strict {
            self.settle()?;
        }
        self.leave_read_segment(FRAME_BYTES as u64)
    }

    /// Notes whether the disk works and whether there is room for more.
    fn judge(&mut self, outcome: &Result<(), Stall>) {
        let full = self.over_cap(FRAME_BYTES as u64);
        let mut log = self.shared.log.lock();
        match outcome {
            Ok(()) if log.broken => {}
            Ok(()) => {
                if std::mem::take(&mut log.failing) {
                    tracing::info!("journal can write again");
                }
            }
            Err(Stall::Full) => {
                self.failures = self.failures.saturating_add(1);
                if !self.shared.blocked.load(Ordering::Relaxed) {
                    tracing::warn!("journal has reached its byte cap; records wait in memory for a reader");
                }
            }
            Err(Stall::Failed { action, error }) => {
                self.failures = self.failures.saturating_add(1);
                self.shared.failed(&mut log, action, error);
            }
        }
        self.shared.blocked.store(full || outcome.is_err(), Ordering::Relaxed);
    }

    /// Waits until it is time for another attempt.
    fn pause(&self, closing: bool) {
        let factor = 1_u32 << self.failures.saturating_sub(1).min(7);
        let pause = self.shared.options.retry_interval.saturating_mul(factor.min(100));
        let deadline = Instant::now() + pause.max(Duration::from_micros(100));
        let mut queue = self.shared.queue.lock();
        while !queue.nudged && queue.closing == closing {
            if self.shared.writer_wake.wait_until(&mut queue, deadline).timed_out() {
                return;
            }
        }
    }

    /// Gives up what cannot be written before the end.
    fn abandon(&self) {
        let unsynced = self.shared.log.lock().unsynced.len();
        let records = self.waiting.len();
        Counters::add(&self.shared.counters.dropped_records, records as u64);
        tracing::error!(
            records,
            unsynced,
            "journal is closed although {records} records could not be written"
        );
    }

    /// Replaces the active segment if it is broken.
    fn repair(&mut self) -> Result<(), Stall> {
        let mut log = self.shared.log.lock();
        // A running fsync is no reason to wait: writing goes on beside it, however slow the disk is.
        if !log.broken {
            return Ok(());
        }
        while log.syncing {
            self.shared.log_changed.wait(&mut log);
        }
        let records = std::mem::take(&mut log.unsynced);
        let (base, sequence) = (log.synced, log.synced_sequence);
        let previous_end = log.end_before(base);
        drop(log);
        let outcome = self.create_segment(base, previous_end, sequence, &records);
        let mut log = self.shared.log.lock();
        let (file, end) = match outcome {
            Ok(created) => created,
            Err(error) => {
                log.unsynced = records;
                return Err(failed("write a segment anew")(error));
            }
        };
        let mut void_tail = None;
        let old_file = log.active.replace(file);
        if let Some(old) = log.segments.pop_back_if(|segment| segment.base == base) {
            tracing::debug!(base = %old.base, "journal segment is replaced");
        } else if let Some(old) = log.segments.back_mut() {
            void_tail = old_file.map(|file| (file, HEADER_BYTES.saturating_add(base.since(old.base))));
            old.end = old.end.min(base);
        }
        let generation = log.next_generation;
        log.next_generation += 1;
        log.segments.push_back(Segment { base, end, generation });
        log.synced = end;
        log.synced_sequence = log.written_sequence;
        log.broken = false;
        let durable_sequence = log.synced_sequence;
        self.shared.show(&log);
        drop(log);
        self.shared.release(&records, durable_sequence);
        if let Some((Err(error), base)) = void_tail.map(|(file, bytes)| (file.set_size(bytes), base)) {
            tracing::debug!(%error, "cannot cut the void tail of the segment before {base}");
        }
        Ok(())
    }

    /// Waits until all that was written is fsynced.
    fn settle(&mut self) -> Result<(), Stall> {
        let mut log = self.shared.log.lock();
        while !log.broken && log.synced < log.written {
            self.shared.log_changed.wait(&mut log);
        }
        drop(log);
        self.repair()
    }

    /// Sees to it that the active segment takes a record of this size and that the byte cap allows it.
    fn make_room(&mut self, record_bytes: u64, closing: bool) -> Result<(), Stall> {
        let log = self.shared.log.lock();
        let size = log.segments.back().map_or(0, |segment| segment.end.since(segment.base));
        let full = size > 0 && size.saturating_add(record_bytes) > self.shared.options.segment_bytes;
        let must_roll = log.active.is_none() || full || log.floor > log.written;
        drop(log);
        if must_roll {
            self.roll()?;
        }
        self.leave_read_segment(record_bytes)?;
        if self.over_cap(record_bytes) && !closing { Err(Stall::Full) } else { Ok(()) }
    }

    fn over_cap(&self, record_bytes: u64) -> bool {
        let disk_bytes = self.shared.log.lock().disk_bytes();
        disk_bytes.saturating_add(record_bytes) > self.shared.options.max_disk_bytes
    }

    /// If the byte cap allows no such record and all is read, begins a new segment so that the active one can go.
    fn leave_read_segment(&mut self, record_bytes: u64) -> Result<(), Stall> {
        if !self.over_cap(record_bytes) {
            return Ok(());
        }
        let log = self.shared.log.lock();
        let filled = log.segments.back().is_some_and(|segment| segment.base < segment.end);
        let all_read = log.slowest().is_some_and(|slowest| slowest >= log.written);
        drop(log);
        if filled && all_read { self.roll() } else { Ok(()) }
    }

    /// Ends the active segment and begins another one.
    fn roll(&mut self) -> Result<(), Stall> {
        self.settle()?;
        let log = self.shared.log.lock();
        let base = log.written.max(log.floor);
        let previous_end = log.end_before(base);
        let sequence = log.written_sequence;
        drop(log);
        let created = self.create_segment(base, previous_end, sequence, &VecDeque::new());
        let (file, end) = created.map_err(failed("begin a segment"))?;
        let mut log = self.shared.log.lock();
        let generation = log.next_generation;
        log.next_generation += 1;
        // An empty segment of this name, left by a repair, has just been replaced.
        log.segments.pop_back_if(|segment| segment.base == base);
        log.segments.push_back(Segment { base, end, generation });
        log.active = Some(file);
        log.written = base;
        log.synced = base;
        drop(log);
        self.shared.remove_read_segments();
        Ok(())
    }

    /// Creates a segment with these records; it has its name only once all of it is durable.
    fn create_segment(
        &self,
        base: Position,
        previous_end: Position,
        first_sequence: u64,
        records: &VecDeque<Queued>,
    ) -> io::Result<(Arc<dyn DiskFile>, Position)> {
        let shared = &self.shared;
        let bytes: u64 = records.iter().map(Queued::record_bytes).sum();
        let span = shared.options.span().max(bytes);
        let header = Header { key: shared.key, base, previous_end, span, first_sequence }.encode();
        let name = segment::file_name(base);
        let temporary = format!("{name}{TEMPORARY}");
        let file = shared.disk.create(&temporary)?;
        let finish = || {
            write_fully(file.as_ref(), 0, &mut [IoSlice::new(&header)]).1?;
            write_records(file.as_ref(), HEADER_BYTES, shared.key, base, records.iter()).1?;
            file.sync()?;
            shared.disk.rename(&temporary, &name)?;
            shared.disk.sync_dir()
        };
        if let Err(error) = finish() {
            // What it holds may be what the disk lacks.
            if let Err(error) = shared.disk.remove(&temporary) {
                tracing::debug!(%error, "cannot remove {temporary}");
            }
            return Err(error);
        }
        Ok((file, base.plus(bytes)))
    }

    /// Writes as many of the waiting records as the segment and the byte cap allow, at least one.
    fn write_group(&mut self, closing: bool) -> Result<(), Stall> {
        let log = self.shared.log.lock();
        let (Some(file), Some(last)) = (log.active.clone(), log.segments.back().copied()) else {
            return Ok(());
        };
        let position = log.written;
        let cap = if closing { u64::MAX } else { self.shared.options.max_disk_bytes };
        let room = cap.saturating_sub(log.disk_bytes());
        drop(log);
        let size = position.since(last.base);
        let room = room.min(self.shared.options.segment_bytes.saturating_sub(size)).min(GROUP_BYTES);
        let mut bytes: u64 = 0;
        let fitting = self.waiting.iter().take_while(|record| {
            bytes = bytes.saturating_add(record.record_bytes());
            bytes <= room
        });
        let count = fitting.count().max(1);
        let offset = HEADER_BYTES.saturating_add(size);
        let group = self.waiting.iter().take(count);
        let (written, outcome) = write_records(file.as_ref(), offset, self.shared.key, position, group);
        let (count, complete) = self.complete(written);
        let cut = if outcome.is_err() { file.set_size(offset.saturating_add(complete)) } else { Ok(()) };
        self.publish(count, complete, cut.is_err());
        cut.map_err(failed("cut off a partial write"))?;
        outcome.map_err(failed("write records"))
    }

    /// Returns how many of the waiting records are whole in so many bytes, and their bytes.
    fn complete(&self, written: u64) -> (usize, u64) {
        let mut count = 0;
        let mut bytes: u64 = 0;
        for record in &self.waiting {
            let end = bytes.saturating_add(record.record_bytes());
            if end > written {
                break;
            }
            count += 1;
            bytes = end;
        }
        (count, bytes)
    }

    /// Hands written records to the syncer and the readers.
    fn publish(&mut self, count: usize, bytes: u64, broken: bool) {
        let rest = self.waiting.split_off(count.min(self.waiting.len()));
        let mut records = std::mem::replace(&mut self.waiting, rest);
        let mut log = self.shared.log.lock();
        log.unsynced.append(&mut records);
        log.written = log.written.plus(bytes);
        log.written_sequence = log.written_sequence.saturating_add(count as u64);
        let written = log.written;
        if let Some(last) = log.segments.back_mut() {
            last.end = written;
        }
        log.broken |= broken;
        self.shared.show(&log);
        drop(log);
        self.shared.log_changed.notify_all();
    }
}

/// Writes records one after the other; returns how many bytes were written also when it fails.
fn write_records<'a>(
    file: &dyn DiskFile,
    offset: u64,
    key: u64,
    base: Position,
    records: impl Iterator<Item = &'a Queued> + Clone,
) -> (u64, io::Result<()>) {
    let mut position = base;
    let frames: Vec<_> = records
        .clone()
        .map(|record| {
            let frame = segment::frame(key, position, record.length, &record.parts);
            position = position.plus(record.record_bytes());
            frame
        })
        .collect();
    let mut slices = Vec::with_capacity(frames.len().saturating_mul(2).min(MAX_SLICES));
    for (frame, record) in frames.iter().zip(records) {
        slices.push(IoSlice::new(frame));
        slices.extend(record.parts.iter().filter(|part| !part.is_empty()).map(|part| IoSlice::new(part)));
    }
    write_fully(file, offset, &mut slices)
}

/// Tells everybody that the writer has ended, however it did.
struct Ending(Arc<Shared>);

impl Drop for Ending {
    fn drop(&mut self) {
        let mut queue = self.0.queue.lock();
        queue.closing = true;
        queue.parked = false;
        drop(queue);
        let mut log = self.0.log.lock();
        log.finished = true;
        self.0.visible.send_modify(|visible| visible.closed = true);
        drop(log);
        self.0.log_changed.notify_all();
        self.0.durable.send_modify(|durable| durable.closed = true);
    }
}
