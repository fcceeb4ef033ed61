//! Where answers are kept to be given again.
//!
//! A store of this kind sees sealed bytes under names that say nothing; what is in them is the gateway's affair.

use bytes::Bytes;
use gatehouse_types::Timestamp;

use crate::StoreFuture;

/// The name of an entry: a digest, so that names are spread evenly and never collide.
pub type EntryKey = [u8; 32];

/// Entries by name, each until its time is over.
///
/// It is a cache: an entry may be gone at any moment, because room was needed or its medium failed. What a store
/// must never do is return bytes that were not put under that name, an entry whose time is over, or one that
/// was replaced or removed before by a call that has returned.
pub trait CacheStore: Send + Sync {
    /// Returns the entry, if it is there and its time is not over.
    fn get(&self, key: EntryKey) -> StoreFuture<'_, Option<Bytes>>;

    /// Returns for each name whether [`CacheStore::get`] would very likely return an entry, without reading any.
    fn holds(&self, keys: Vec<EntryKey>) -> StoreFuture<'_, Vec<bool>>;

    /// Keeps an entry until `expires_at`, in place of the one with its name.
    ///
    /// When the future is ready the entry is there for every later `get`, also after this process was killed,
    /// as far as the store outlives a process at all. One that is larger than the store takes is not kept.
    fn put(&self, key: EntryKey, value: Bytes, expires_at: Timestamp) -> StoreFuture<'_, ()>;

    /// Forgets an entry, if it is there.
    fn remove(&self, key: EntryKey) -> StoreFuture<'_, ()>;

    /// Returns the length in bytes of the largest entry that is kept.
    fn max_entry_bytes(&self) -> u64;
}
