//! A counter store in memory, for the tests of what is built on the contract.

use std::collections::HashMap;

use gatehouse_types::{OrganizationId, Timestamp};
use parking_lot::Mutex;

use crate::counters::{Counter, CounterKey, CounterStore, LimitState};
use crate::{StoreError, StoreFuture};

/// A counter store that lives as long as the process, and fails when it is told to.
#[derive(Debug, Default)]
pub struct MemoryCounters(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    counters: HashMap<CounterKey, Counter>,
    limits: HashMap<(OrganizationId, String), LimitState>,
    is_away: bool,
}

impl MemoryCounters {
    /// Makes every operation fail from now on, or work again.
    pub fn set_away(&self, is_away: bool) {
        self.0.lock().is_away = is_away;
    }

    fn with<T>(&self, operate: impl FnOnce(&mut State) -> T) -> Result<T, StoreError> {
        let mut state = self.0.lock();
        if state.is_away {
            return Err(StoreError::Unavailable { store: "counter store", reason: "it is away".to_owned() });
        }
        Ok(operate(&mut state))
    }
}

impl CounterStore for MemoryCounters {
    fn load(&self, day: u32) -> StoreFuture<'_, Vec<Counter>> {
        let loaded = self.with(|state| {
            state.counters.retain(|_, counter| counter.day >= day);
            state.counters.values().filter(|counter| counter.day == day).cloned().collect()
        });
        Box::pin(async move { loaded })
    }

    fn save(&self, counters: Vec<Counter>) -> StoreFuture<'_, ()> {
        let keyed = counters.into_iter().map(|counter| (counter.key.clone(), counter));
        let saved = self.with(|state| state.counters.extend(keyed));
        Box::pin(async move { saved })
    }

    fn load_limits(&self, now: Timestamp) -> StoreFuture<'_, Vec<LimitState>> {
        let loaded = self
            .with(|state| state.limits.values().filter(|limit| limit.expires_at > now).cloned().collect());
        Box::pin(async move { loaded })
    }

    fn save_limits(&self, states: Vec<LimitState>) -> StoreFuture<'_, ()> {
        let keyed = states.into_iter().map(|limit| ((limit.organization_id, limit.key.clone()), limit));
        let saved = self.with(|state| state.limits.extend(keyed));
        Box::pin(async move { saved })
    }

    fn forget_limits(&self, now: Timestamp) -> StoreFuture<'_, ()> {
        let forgotten = self.with(|state| state.limits.retain(|_, limit| limit.expires_at > now));
        Box::pin(async move { forgotten })
    }
}
