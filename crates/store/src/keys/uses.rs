//! When keys were last used, in memory; written to the store from time to time.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use gatehouse_types::{KeyId, ProxyKeyId, Timestamp};
use parking_lot::Mutex;

use crate::control::KEY_USE_RESOLUTION;

/// When keys were last used, across rings.
pub type KeyUses = Uses<KeyId>;
/// When proxy keys were last used, across views.
pub type ProxyKeyUses = Uses<ProxyKeyId>;

/// When something with an id was last used.
#[derive(Debug)]
pub struct Uses<K>(Mutex<HashMap<K, Use>>);

#[derive(Debug)]
struct Use {
    last: LastUse,
    written_us: i64,
}

/// When one thing was last used.
#[derive(Clone, Debug)]
pub(crate) struct LastUse(Arc<AtomicI64>);

impl LastUse {
    /// Returns when it was.
    pub(crate) fn at(&self) -> Timestamp {
        Timestamp::from_unix_micros(self.0.load(Ordering::Relaxed))
    }

    /// Writes only when it makes a difference: many threads share the place.
    pub(crate) fn note(&self, now: Timestamp) {
        let now = now.as_unix_micros();
        let resolution = i64::try_from(KEY_USE_RESOLUTION.as_micros()).unwrap_or(i64::MAX);
        if now.saturating_sub(self.0.load(Ordering::Relaxed)) >= resolution {
            self.0.store(now, Ordering::Relaxed);
        }
    }
}

impl<K> Default for Uses<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Copy + Eq + Hash> Uses<K> {
    /// Returns where the last use of `id` is noted; `stored` is what the store knows of it.
    pub(crate) fn of(&self, id: K, stored: Option<Timestamp>) -> LastUse {
        let stored = stored.map_or(i64::MIN, Timestamp::as_unix_micros);
        let fresh = || Use { last: LastUse(Arc::new(AtomicI64::new(stored))), written_us: stored };
        self.0.lock().entry(id).or_insert_with(fresh).last.clone()
    }

    /// Forgets the uses of what is no longer there.
    pub(crate) fn retain(&self, is_there: impl Fn(&K) -> bool) {
        self.0.lock().retain(|id, _| is_there(id));
    }

    /// Returns the uses that were not returned before.
    pub(crate) fn take_new(&self) -> Vec<(K, Timestamp)> {
        let mut uses = self.0.lock();
        let take = |(id, noted): (&K, &mut Use)| {
            let last = noted.last.0.load(Ordering::Relaxed);
            let is_new = last > noted.written_us;
            noted.written_us = last;
            is_new.then(|| (*id, Timestamp::from_unix_micros(last)))
        };
        uses.iter_mut().filter_map(take).collect()
    }

    /// Says that uses which were taken could not be written.
    pub(crate) fn put_back(&self, taken: &[(K, Timestamp)]) {
        let mut uses = self.0.lock();
        for (id, _) in taken {
            if let Some(noted) = uses.get_mut(id) {
                noted.written_us = i64::MIN;
            }
        }
    }
}
