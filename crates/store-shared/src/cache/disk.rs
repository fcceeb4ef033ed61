//! The tier on disk: one thread that writes, in the order in which entries were put.
//!
//! Nothing is synced: after a power cut records at the end may be damaged, which their checksums tell. What was
//! written survives the process, however it ends.

use std::fs;
use std::io;
use std::os::unix::fs::{DirBuilderExt, FileExt};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use bytes::Bytes;
use gatehouse_store::StoreError;
use gatehouse_store::cache::EntryKey;
use gatehouse_types::{Clock, Timestamp};
use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use super::index::{Segment, cost_of};
use super::segment::{self, Head};
use super::{CacheOptions, Tiers, ended};

/// The entries that may wait to be written, in units of [`UNIT`].
const WAITING_UNITS: u32 = 4096;
/// 16 KiB: together 64 MiB.
const UNIT: usize = 16 << 10;

/// How many entries are read at once: a disk that hangs takes no more threads with it, and what many ask for at
/// the same time is not in memory as many times.
const READERS: usize = 16;
/// How many entries are looked at in one go, while calls wait that ask the cache.
const AT_ONCE: usize = 1024;

/// What is asked of the thread that writes.
struct Job {
    head: Head,
    value: Bytes,
    done: oneshot::Sender<()>,
    _room: Room,
}

/// A part of what may wait to be written.
pub(super) type Room = OwnedSemaphorePermit;

/// The way to the thread that writes.
pub(super) struct Disk {
    jobs: SyncSender<Job>,
    room: Arc<Semaphore>,
    readers: Arc<Semaphore>,
    recovered: watch::Receiver<bool>,
}

impl Disk {
    /// Starts the tier; `None` when there is to be none, or its thread can't be started.
    pub(super) fn open(
        options: &CacheOptions,
        max_entry_bytes: u64,
        tiers: &Arc<Mutex<Tiers>>,
        clock: Arc<dyn Clock>,
    ) -> Option<Self> {
        if options.disk_bytes == 0 {
            return None;
        }
        let (jobs, waiting) = sync_channel(WAITING_UNITS as usize);
        let (has_recovered, recovered) = watch::channel(false);
        let mut writer = Writer {
            dir: options.dir.clone(),
            disk_bytes: options.disk_bytes,
            segment_bytes: segment::segment_bytes(options.disk_bytes, max_entry_bytes),
            tiers: Arc::clone(tiers),
            clock,
            failures: 0,
        };
        let run = move || {
            writer.recover();
            // Nobody may be left who waits for it.
            has_recovered.send_replace(true);
            writer.run(&waiting);
        };
        match std::thread::Builder::new().name("cache".to_owned()).spawn(run) {
            Ok(_) => Some(Self {
                jobs,
                room: Arc::new(Semaphore::new(WAITING_UNITS as usize)),
                readers: Arc::new(Semaphore::new(READERS)),
                recovered,
            }),
            Err(error) => {
                tracing::warn!(%error, "the cache is kept in memory only");
                None
            }
        }
    }

    /// Waits until it is known what an earlier process left.
    pub(super) async fn recovered(&self) {
        let mut recovered = self.recovered.clone();
        // An error says that the thread is gone, and with it what it would have found.
        drop(recovered.wait_for(|recovered| *recovered).await);
    }

    /// Waits for the room that `bytes` take while they wait to be written.
    pub(super) async fn room(&self, bytes: usize) -> Result<Room, StoreError> {
        let units = u32::try_from(bytes / UNIT + 1).unwrap_or(WAITING_UNITS).min(WAITING_UNITS);
        Arc::clone(&self.room).acquire_many_owned(units).await.map_err(|_| ended())
    }

    /// Waits for the turn to read; it is over when what is returned is dropped.
    pub(super) async fn reader(&self) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.readers).acquire_owned().await.ok()
    }

    /// Has an entry written; the receiver is told when it is.
    pub(super) fn entry(
        &self,
        key: EntryKey,
        value: Bytes,
        expires_at: Timestamp,
        room: Room,
    ) -> Result<oneshot::Receiver<()>, StoreError> {
        self.give(Head::of_entry(key, &value, expires_at), value, room)
    }

    /// Has the removal of an entry written; the receiver is told when it is.
    pub(super) fn removal(&self, key: EntryKey, room: Room) -> Result<oneshot::Receiver<()>, StoreError> {
        self.give(Head::of_removal(key), Bytes::new(), room)
    }

    fn give(&self, head: Head, value: Bytes, room: Room) -> Result<oneshot::Receiver<()>, StoreError> {
        let (done, written) = oneshot::channel();
        // There is a place for each unit of room: this never waits.
        self.jobs.try_send(Job { head, value, done, _room: room }).map_err(|_| ended())?;
        Ok(written)
    }
}

/// The thread that writes.
struct Writer {
    dir: PathBuf,
    disk_bytes: u64,
    segment_bytes: u64,
    tiers: Arc<Mutex<Tiers>>,
    clock: Arc<dyn Clock>,
    failures: u64,
}

impl Writer {
    /// Reads what an earlier process left; what can't be read is removed.
    fn recover(&mut self) {
        let numbers = match self.list() {
            Ok(numbers) => numbers,
            Err(error) => return self.failed("read the directory of the cache", &error),
        };
        for number in numbers {
            if let Err(error) = self.recover_file(number) {
                self.failed("read a file of the cache", &error);
                self.remove_file(number);
            }
        }
        self.make_room(0);
    }

    fn recover_file(&self, number: u64) -> io::Result<()> {
        let file = segment::open(&self.dir.join(segment::file_name(number)), false)?;
        let mut heads = Vec::new();
        let end = segment::scan(&file, |head, at| heads.push((head, at)))?;
        // Whatever is behind was being written when the process or the machine ended.
        file.set_len(end)?;
        let now = self.clock.now();
        self.tiers.lock().index.add(number, Segment::new(file));
        for heads in heads.chunks(AT_ONCE) {
            let mut tiers = self.tiers.lock();
            for (head, at) in heads {
                tiers.index.note(number, head, *at);
                if !head.is_removal && head.expires_at <= now {
                    tiers.index.remove(&head.key);
                }
            }
        }
        Ok(())
    }

    /// Returns the numbers of the files, the oldest first.
    fn list(&self) -> io::Result<Vec<u64>> {
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.dir)?;
        let mut numbers = Vec::new();
        for entry in fs::read_dir(&self.dir)? {
            numbers.extend(entry?.file_name().to_str().and_then(segment::number));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    fn run(&mut self, waiting: &Receiver<Job>) {
        while let Ok(Job { head, value, done, _room }) = waiting.recv() {
            if let Err(error) = self.write(&head, &value) {
                self.failed("write to the cache", &error);
                self.tiers.lock().index.remove(&head.key);
            }
            // Whoever put it may have gone.
            let _is_awaited = done.send(());
        }
    }

    fn write(&self, head: &Head, value: &[u8]) -> io::Result<()> {
        let (number, file, end) = self.segment_for(head)?;
        file.write_all_at(&head.encode(), end)?;
        file.write_all_at(value, end + segment::HEAD_BYTES)?;
        self.tiers.lock().index.note(number, head, end);
        Ok(())
    }

    /// Returns the file that a record goes to, with room for it.
    fn segment_for(&self, head: &Head) -> io::Result<(u64, Arc<fs::File>, u64)> {
        let cost = cost_of(head);
        self.make_room(cost);
        let next = {
            let tiers = self.tiers.lock();
            match tiers.index.newest() {
                Some((number, newest)) if newest.cost() + cost <= self.segment_bytes || newest.end == 0 => {
                    return Ok((number, Arc::clone(&newest.file), newest.end));
                }
                newest => newest.map_or(1, |(number, _)| number + 1),
            }
        };
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&self.dir)?;
        let file = segment::open(&self.dir.join(segment::file_name(next)), true)?;
        self.tiers.lock().index.add(next, Segment::new(Arc::clone(&file)));
        Ok((next, file, 0))
    }

    /// Removes the oldest files until there is room for `cost` more.
    fn make_room(&self, cost: u64) {
        loop {
            let evicted = {
                let mut tiers = self.tiers.lock();
                if tiers.index.cost() + cost <= self.disk_bytes {
                    return;
                }
                tiers.index.evict()
            };
            let Some((number, segment)) = evicted else { return };
            let now = self.clock.now();
            for keys in segment.keys().chunks(AT_ONCE) {
                self.tiers.lock().index.forget(number, keys, now);
            }
            self.remove_file(number);
        }
    }

    fn remove_file(&self, number: u64) {
        let path = self.dir.join(segment::file_name(number));
        if let Err(error) = fs::remove_file(&path)
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, path = %path.display(), "a file of the cache can't be removed");
        }
    }

    /// Counts a failure; every power of two is logged, since they come by the thousand.
    fn failed(&mut self, action: &'static str, error: &io::Error) {
        self.failures += 1;
        self.tiers.lock().failed += 1;
        if self.failures.is_power_of_two() {
            let (dir, count) = (self.dir.display(), self.failures);
            tracing::warn!(%error, %dir, count, "can't {action}: entries are kept in memory only");
        }
    }
}
