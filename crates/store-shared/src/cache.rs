//! The cache of answers: a tier in memory before a tier on disk.
//!
//! What is put goes to both tiers. The one in memory forgets what was not read for longest; the one on disk
//! ([`disk`]) forgets its oldest file, and is there after a restart. Both are bounded in bytes.

mod disk;
mod index;
mod memory;
mod segment;

use std::path::PathBuf;
use std::sync::Arc;

use bytes::Bytes;
use gatehouse_store::cache::{CacheStore, EntryKey};
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::{Clock, Timestamp};
use parking_lot::Mutex;

use disk::Disk;
use index::{Index, Place};
use memory::Memory;

/// How large the cache may be, and where it is.
#[derive(Clone, Debug)]
pub struct CacheOptions {
    /// The directory of the tier on disk; its own, nothing else may be in it.
    pub dir: PathBuf,
    /// The most that entries in memory take, in bytes.
    pub memory_bytes: u64,
    /// The most that files take, in bytes; 0 has no tier on disk.
    pub disk_bytes: u64,
    /// The largest entry that is kept, in bytes; less where the tiers are small.
    pub max_entry_bytes: u64,
}

/// How full the cache is, and what it had to give up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CacheStats {
    /// The bytes of entries in memory.
    pub memory_bytes: u64,
    /// The number of entries on disk.
    pub disk_entries: u64,
    /// The bytes of files on disk.
    pub disk_bytes: u64,
    /// How many entries on disk had to go before their time was over.
    pub evicted: u64,
    /// How many writes and reads of the disk failed.
    pub failed: u64,
}

/// A cache in memory and on disk.
pub struct SharedCache {
    tiers: Arc<Mutex<Tiers>>,
    disk: Option<Disk>,
    clock: Arc<dyn Clock>,
    max_entry_bytes: u64,
}

/// What is where. Both tiers change under one lock, so that they never tell different stories.
#[derive(Debug)]
struct Tiers {
    memory: Memory,
    index: Index,
    failed: u64,
}

/// Returns an error that tells nothing but what was being done.
fn ended() -> StoreError {
    StoreError::Unavailable { store: "the cache", reason: "it is being closed".to_owned() }
}

impl SharedCache {
    /// Opens the cache; what an earlier process left is read in the background.
    ///
    /// A directory that can't be used, or with files that can't be read, costs the entries in them and stops
    /// nobody: without it the cache is one in memory.
    pub fn open(options: &CacheOptions, clock: Arc<dyn Clock>) -> Self {
        let CacheOptions { memory_bytes, disk_bytes, max_entry_bytes, .. } = *options;
        let fits = if disk_bytes == 0 { memory_bytes / 2 } else { segment::largest_entry(disk_bytes) };
        let tiers = Arc::new(Mutex::new(Tiers {
            memory: Memory::new(memory_bytes),
            index: Index::default(),
            failed: 0,
        }));
        let max_entry_bytes = max_entry_bytes.min(fits).min(u64::from(u32::MAX));
        let disk = Disk::open(options, max_entry_bytes, &tiers, Arc::clone(&clock));
        Self { tiers, disk, clock, max_entry_bytes }
    }

    /// Returns how full the cache is.
    pub fn stats(&self) -> CacheStats {
        let tiers = self.tiers.lock();
        CacheStats {
            memory_bytes: tiers.memory.used_bytes(),
            disk_entries: tiers.index.entries(),
            disk_bytes: tiers.index.bytes(),
            evicted: tiers.index.evicted(),
            failed: tiers.failed,
        }
    }

    async fn find(&self, key: EntryKey) -> Option<Bytes> {
        if let Some(value) = self.remembered(&key) {
            return Some(value);
        }
        let disk = self.disk.as_ref()?;
        disk.recovered().await;
        self.place_of(&key)?;
        let turn = disk.reader().await?;
        // Many may have waited for the same entry.
        if let Some(value) = self.remembered(&key) {
            return Some(value);
        }
        let place = self.place_of(&key)?;
        let reading = place.clone();
        // The turn is over when the read is, even if nobody waits for it any more.
        let read = tokio::task::spawn_blocking(move || (reading.read(&key), turn)).await;
        match read {
            Ok((Ok(value), _turn)) => {
                self.tiers.lock().promote(key, &value, &place);
                Some(value)
            }
            Ok((Err(error), _turn)) => {
                tracing::warn!(%error, "an entry of the cache can't be read");
                self.tiers.lock().give_up(&key, &place);
                None
            }
            // The runtime is being shut down.
            Err(_) => None,
        }
    }

    fn remembered(&self, key: &EntryKey) -> Option<Bytes> {
        let now = self.clock.now();
        self.tiers.lock().memory.get(key, now)
    }

    fn place_of(&self, key: &EntryKey) -> Option<Place> {
        let now = self.clock.now();
        self.tiers.lock().index.find(key, now)
    }

    /// Takes an entry out of both tiers at once; on disk it is gone for good once the writer has said so.
    async fn forget(&self, key: EntryKey) -> Result<(), StoreError> {
        let Some(disk) = &self.disk else {
            self.tiers.lock().forget(&key);
            return Ok(());
        };
        disk.recovered().await;
        let room = disk.room(0).await?;
        let forgotten = {
            let mut tiers = self.tiers.lock();
            tiers.forget(&key);
            disk.removal(key, room)
        };
        forgotten?.await.map_err(|_| ended())
    }

    async fn keep(&self, key: EntryKey, value: Bytes, expires_at: Timestamp) -> Result<(), StoreError> {
        if value.len() as u64 > self.max_entry_bytes || expires_at <= self.clock.now() {
            return self.forget(key).await;
        }
        let Some(disk) = &self.disk else {
            self.tiers.lock().memory.put(key, value, expires_at);
            return Ok(());
        };
        disk.recovered().await;
        let room = disk.room(value.len()).await?;
        let written = {
            // Both in one step: entries of one name are then in the same order in both tiers.
            let mut tiers = self.tiers.lock();
            tiers.forget(&key);
            tiers.memory.put(key, value.clone(), expires_at);
            disk.entry(key, value, expires_at, room)
        };
        written?.await.map_err(|_| ended())
    }
}

impl Tiers {
    fn forget(&mut self, key: &EntryKey) {
        self.memory.remove(key);
        self.index.remove(key);
    }

    /// Takes an entry that was read from disk into memory, unless it is another one by now.
    fn promote(&mut self, key: EntryKey, value: &Bytes, place: &Place) {
        if self.index.is_at(&key, place) {
            self.memory.put(key, value.clone(), place.expires_at);
        }
    }

    fn give_up(&mut self, key: &EntryKey, place: &Place) {
        self.failed += 1;
        if self.index.is_at(key, place) {
            self.index.remove(key);
        }
    }
}

impl CacheStore for SharedCache {
    fn get(&self, key: EntryKey) -> StoreFuture<'_, Option<Bytes>> {
        Box::pin(async move { Ok(self.find(key).await) })
    }

    fn holds(&self, keys: Vec<EntryKey>) -> StoreFuture<'_, Vec<bool>> {
        Box::pin(async move {
            if let Some(disk) = &self.disk {
                disk.recovered().await;
            }
            let now = self.clock.now();
            let mut tiers = self.tiers.lock();
            let mut holds = |key| tiers.memory.holds(key, now) || tiers.index.find(key, now).is_some();
            Ok(keys.iter().map(&mut holds).collect())
        })
    }

    fn put(&self, key: EntryKey, value: Bytes, expires_at: Timestamp) -> StoreFuture<'_, ()> {
        Box::pin(self.keep(key, value, expires_at))
    }

    fn remove(&self, key: EntryKey) -> StoreFuture<'_, ()> {
        Box::pin(self.forget(key))
    }

    fn max_entry_bytes(&self) -> u64 {
        self.max_entry_bytes
    }
}
