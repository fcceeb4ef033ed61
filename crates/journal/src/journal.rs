//! The handle of a journal: open, append, close.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use bytes::Bytes;
use parking_lot::{Condvar, Mutex};
use tokio::sync::watch;

use crate::disk::{DirLock, Disk, RealDisk};
use crate::recovery::{Recovered, recover};
use crate::state::{Counters, Durable, Queue, Queued, RECORD_CHARGE, Shared, Visible};
use crate::writer::Writer;
use crate::{AckError, AppendError, JournalError, JournalOptions, Position, Reader, Recovery, Stats, syncer};

/// A handle of an open journal; clones share it.
///
/// When the last one is dropped without [`close`](Self::close), what is queued is still written, but nobody waits for it.
#[derive(Clone)]
pub struct Journal {
    inner: Arc<Inner>,
}

struct Inner {
    shared: Arc<Shared>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Journal {
    /// Opens the journal of a directory, creating it if needed, and repairs what a crash has left.
    ///
    /// # Errors
    /// [`JournalError::Locked`] if it is open elsewhere, [`JournalError::Option`], [`JournalError::Version`],
    /// [`JournalError::Unreadable`] or [`JournalError::Io`].
    pub fn open(options: JournalOptions) -> Result<(Self, Recovery), JournalError> {
        let options = options.checked()?;
        let (disk, lock) = RealDisk::open(&options)?;
        Self::open_on(Arc::new(disk), Some(lock), options)
    }

    /// Opens a journal whose options are checked.
    pub(crate) fn open_on(
        disk: Arc<dyn Disk>,
        lock: Option<DirLock>,
        options: JournalOptions,
    ) -> Result<(Self, Recovery), JournalError> {
        let Recovered { key, log, report } = recover(disk.as_ref(), &options)?;
        let sequence = log.written_sequence;
        let visible = Visible { end: log.written, closed: false };
        let shared = Arc::new(Shared {
            options,
            disk,
            key,
            queue: Mutex::new(Queue::starting_at(sequence)),
            writer_wake: Condvar::new(),
            log: Mutex::new(log),
            log_changed: Condvar::new(),
            durable: Arc::new(watch::Sender::new(Durable { sequence, closed: false })),
            visible: watch::Sender::new(visible),
            blocked: AtomicBool::new(false),
            counters: Counters::default(),
            lock: Mutex::new(lock.map(Arc::new)),
        });
        shared.remove_read_segments();
        let journal =
            Self { inner: Arc::new(Inner { shared: Arc::clone(&shared), threads: Mutex::default() }) };
        let mut writer = Writer::new(Arc::clone(&shared));
        writer.begin();
        journal.start("journal-write", move || writer.run())?;
        journal.start("journal-sync", move || syncer::run(&shared))?;
        Ok((journal, report))
    }

    fn start(&self, name: &str, run: impl FnOnce() + Send + 'static) -> Result<(), JournalError> {
        let started = thread::Builder::new().name(name.to_owned()).spawn(run);
        let failed = |source| JournalError::Io { action: "start the thread", name: name.to_owned(), source };
        self.inner.threads.lock().push(started.map_err(failed)?);
        Ok(())
    }

    /// Queues a record whose payload is the parts one after the other; does no I/O and never waits for any.
    ///
    /// The parts are kept until the record is fsynced.
    ///
    /// # Errors
    /// The record is refused, and counted as dropped, if the queue is full or the record too large; it is also
    /// refused after `close`.
    pub fn append(&self, parts: Vec<Bytes>) -> Result<Ack, AppendError> {
        let shared = &self.inner.shared;
        let max_record_bytes = shared.options.max_record_bytes;
        let length = parts.iter().map(Bytes::len).fold(0, usize::saturating_add);
        let Some(checked) = u32::try_from(length).ok().filter(|_| length <= max_record_bytes) else {
            Counters::add(&shared.counters.dropped_records, 1);
            return Err(AppendError::TooLarge { length, max_record_bytes });
        };
        let (sequence, wake) = match shared
            .queue
            .lock()
            .push(Queued { parts, length: checked }, shared.options.max_queued_bytes)
        {
            Ok(pushed) => pushed,
            Err(refusal) => {
                if refusal != AppendError::Closed {
                    Counters::add(&shared.counters.dropped_records, 1);
                }
                return Err(refusal);
            }
        };
        if wake {
            shared.writer_wake.notify_one();
        }
        Counters::add(&shared.counters.appended_records, 1);
        Counters::add(&shared.counters.appended_bytes, length as u64);
        Ok(Ack { sequence, durable: Arc::clone(&shared.durable) })
    }

    /// Opens the reader with this name at its saved cursor, or at `from`; a new one begins at the oldest record.
    ///
    /// From then on no segment is removed that the reader has not passed, also after a restart without it. A position
    /// whose records were removed becomes that of the oldest record. So does one that the journal has not reached,
    /// which happens when its directory was lost; the journal's positions then jump ahead of it.
    ///
    /// # Errors
    /// [`JournalError::ReaderName`], [`JournalError::ReaderInUse`], [`JournalError::Closed`], or
    /// [`JournalError::Io`] if a new reader's cursor cannot be saved.
    pub fn reader(&self, name: &str, from: Option<Position>) -> Result<Reader, JournalError> {
        Reader::open(&self.inner.shared, name, from)
    }

    /// Forgets a reader that will not be opened again, so that its cursor keeps no segments.
    ///
    /// # Errors
    /// [`JournalError::ReaderInUse`] if it is open, [`JournalError::Io`] if its cursor cannot be removed.
    pub fn forget_reader(&self, name: &str) -> Result<(), JournalError> {
        self.inner.shared.forget_reader(name)
    }

    /// Returns the figures of this moment.
    #[must_use]
    pub fn stats(&self) -> Stats {
        self.inner.shared.stats()
    }

    /// Says whether a record that is appended now can be written soon.
    ///
    /// False while the queue is full, the byte cap is reached or the disk fails.
    #[must_use]
    pub fn has_room(&self) -> bool {
        let shared = &self.inner.shared;
        let queued = shared.queue.lock().charged.saturating_add(RECORD_CHARGE);
        queued <= shared.options.max_queued_bytes && !shared.blocked.load(Ordering::Relaxed)
    }

    /// Writes and fsyncs what is queued, ends the threads and unlocks the directory once no reader is open.
    ///
    /// Blocks. A disk that fails is tried a few times; what it does not take is given up, logged and counted. What is
    /// queued is written even beyond the byte cap. Further calls wait for the first one and do nothing.
    pub fn close(&self) {
        self.inner.ask_to_close();
        let mut threads = self.inner.threads.lock();
        for thread in threads.drain(..) {
            if thread.join().is_err() {
                tracing::error!("a thread of the journal has panicked");
            }
        }
        drop(self.inner.shared.lock.lock().take());
    }
}

impl Inner {
    fn ask_to_close(&self) {
        self.shared.queue.lock().closing = true;
        self.shared.nudge();
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.ask_to_close();
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Journal").field("dir", &self.inner.shared.options.dir).finish_non_exhaustive()
    }
}

impl Queue {
    fn starting_at(next_sequence: u64) -> Self {
        Self {
            records: Default::default(),
            charged: 0,
            outstanding: 0,
            next_sequence,
            parked: false,
            nudged: false,
            closing: false,
        }
    }

    /// Accepts a record; returns its sequence and whether the writer has to be woken.
    fn push(&mut self, record: Queued, max_queued_bytes: usize) -> Result<(u64, bool), AppendError> {
        if self.closing {
            return Err(AppendError::Closed);
        }
        let charged = self.charged.saturating_add(record.charge());
        if charged > max_queued_bytes {
            return Err(AppendError::QueueFull { queued_bytes: self.charged, max_queued_bytes });
        }
        let half = max_queued_bytes / 2;
        // Do not collect any longer when the queue fills up.
        let filling = self.charged < half && charged >= half;
        self.nudged |= filling;
        self.charged = charged;
        self.outstanding += 1;
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        self.records.push_back(record);
        Ok((sequence, std::mem::take(&mut self.parked) || filling))
    }
}

/// The promise that one appended record will be on disk; dropping it changes nothing.
#[derive(Debug)]
pub struct Ack {
    sequence: u64,
    durable: Arc<watch::Sender<Durable>>,
}

impl Ack {
    /// Returns once the record is fsynced, which is not before the disk works and has room.
    ///
    /// # Errors
    /// [`AckError::Closed`] if the journal ended before; the record may or may not be on disk then.
    pub async fn durable(self) -> Result<(), AckError> {
        let mut receiver = self.durable.subscribe();
        let reached = receiver.wait_for(|durable| durable.sequence > self.sequence || durable.closed).await;
        match reached {
            Ok(durable) if durable.sequence > self.sequence => Ok(()),
            _ => Err(AckError::Closed),
        }
    }
}
