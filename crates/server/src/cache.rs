//! The cache of answers: where it is, and what it says at `/metrics`.

use std::sync::Arc;

use gatehouse_api::Exposition;
use gatehouse_config::Config;
use gatehouse_gateway::ResponseCache;
use gatehouse_store_shared::cache::{CacheOptions, SharedCache};
use gatehouse_types::SystemClock;

/// The directory in the data directory.
const DIRECTORY: &str = "cache";

/// The cache and where its entries are.
#[derive(Clone)]
pub(crate) struct Cache {
    store: Arc<SharedCache>,
    pub(crate) answers: Arc<ResponseCache>,
}

impl Cache {
    /// Opens the cache; without its directory it is one in memory.
    pub(crate) fn open(config: &Config) -> Self {
        let options = CacheOptions {
            dir: config.data_dir.join(DIRECTORY),
            memory_bytes: config.cache.memory_bytes,
            disk_bytes: config.cache.disk_bytes,
            max_entry_bytes: config.cache.max_entry_bytes,
        };
        let store = Arc::new(SharedCache::open(&options, Arc::new(SystemClock)));
        let answers = Arc::new(ResponseCache::new(store.clone(), Arc::new(SystemClock)));
        Self { store, answers }
    }

    /// Appends what is counted as Prometheus text.
    pub(crate) fn render(&self, text: &mut String) {
        self.answers.render(text);
        let stats = self.store.stats();
        let mut out = Exposition::new(text);
        out.gauge("gatehouse_cache_memory_bytes", "Bytes of entries in memory.", stats.memory_bytes as f64);
        out.gauge("gatehouse_cache_disk_bytes", "Bytes of files on disk.", stats.disk_bytes as f64);
        out.gauge("gatehouse_cache_disk_entries", "Entries on disk.", stats.disk_entries as f64);
        out.counter(
            "gatehouse_cache_evicted_total",
            "Entries that left the disk before their time was over, to make room.",
            stats.evicted,
        );
        out.counter(
            "gatehouse_cache_disk_errors_total",
            "Failed operations of the cache's disk.",
            stats.failed,
        );
    }
}
