//! `[cache]`: how large the cache of answers may be.

use crate::definitions::Definition;
use crate::slot::Slot;

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
const TIB: u64 = 1 << 40;

/// `[cache]`: how large the cache of answers may be.
#[derive(Debug, Clone, PartialEq)]
pub struct CacheConfig {
    /// Most memory of entries, in bytes.
    pub memory_bytes: u64,
    /// Most disk of entries, in bytes; 0 keeps them in memory only.
    pub disk_bytes: u64,
    /// Largest entry, in bytes.
    pub max_entry_bytes: u64,
}

impl Default for CacheConfig {
    fn default() -> Self {
        Self { memory_bytes: 64 * MIB, disk_bytes: GIB, max_entry_bytes: 16 * MIB }
    }
}

pub(crate) static CACHE: [Definition; 3] = [
    Definition {
        path: "cache.memory_bytes",
        doc: "Most memory that cached answers take; what was not asked for longest goes first.",
        example: "\"512MiB\"",
        slot: |config| Slot::Bytes(&mut config.cache.memory_bytes, 0..=TIB),
    },
    Definition {
        path: "cache.disk_bytes",
        doc: "Most disk that cached answers take in the directory `cache` of the data directory; the oldest go first. \
              0 keeps them in memory only, where a restart forgets them.",
        example: "\"20GiB\"",
        slot: |config| Slot::Bytes(&mut config.cache.disk_bytes, 0..=64 * TIB),
    },
    Definition {
        path: "cache.max_entry_bytes",
        doc: "Largest answer that is cached, with its headers; never more than half of what the cache may take.",
        example: "\"4MiB\"",
        slot: |config| Slot::Bytes(&mut config.cache.max_entry_bytes, KIB..=GIB),
    },
];
