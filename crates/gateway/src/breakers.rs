//! Circuit breakers: an origin that fails again and again is left alone for a while.
//!
//! They are off unless `upstream.circuit_breaker_failures` is set, and then all workers share them.

use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_config::UpstreamConfig;
use gatehouse_policy::breaker::{Breaker, BreakerSettings, BrokenCircuit, Pass, is_failure};
use gatehouse_policy::retry::Failure;
use gatehouse_types::Timestamp;
use gatehouse_upstream::Origin;
use parking_lot::Mutex;

/// How many origins are watched; beyond that all begin anew.
const MOST_ORIGINS: usize = 10_000;

/// The breakers of every origin.
pub(crate) struct Breakers {
    settings: Option<BreakerSettings>,
    by_origin: Mutex<HashMap<Arc<Origin>, Breaker>>,
}

/// What a call that a breaker let through has to say when it ends; dropped, it says nothing of the origin.
pub(crate) struct Probe<'a> {
    breakers: &'a Breakers,
    origin: Arc<Origin>,
    pass: Option<Pass>,
}

impl Breakers {
    /// Returns breakers as they are configured, all closed.
    pub(crate) fn new(config: &UpstreamConfig) -> Self {
        let failures = u32::try_from(config.circuit_breaker_failures).unwrap_or(u32::MAX);
        let pause = config.circuit_breaker_pause;
        let settings = (failures > 0).then_some(BreakerSettings { failures, pause });
        Self { settings, by_origin: Mutex::default() }
    }

    /// Lets a call to `origin` through; `None` where nobody watches.
    ///
    /// # Errors
    /// Refuses calls to an origin that is left alone.
    pub(crate) fn admit(
        &self,
        origin: &Arc<Origin>,
        now: Timestamp,
    ) -> Result<Option<Probe<'_>>, BrokenCircuit> {
        let Some(settings) = self.settings else { return Ok(None) };
        let mut by_origin = self.by_origin.lock();
        if by_origin.len() >= MOST_ORIGINS && !by_origin.contains_key(origin) {
            by_origin.clear();
        }
        let pass = by_origin.entry(Arc::clone(origin)).or_default().admit(now, settings)?;
        Ok(Some(Probe { breakers: self, origin: Arc::clone(origin), pass: Some(pass) }))
    }
}

impl Probe<'_> {
    /// Says how the origin did: `None` where it answered well.
    pub(crate) fn end(mut self, failure: Option<Failure>, now: Timestamp) {
        let (Some(pass), Some(settings)) = (self.pass.take(), self.breakers.settings) else { return };
        let mut by_origin = self.breakers.by_origin.lock();
        let Some(breaker) = by_origin.get_mut(&self.origin) else { return };
        match failure {
            Some(failure) if is_failure(failure) => breaker.failed(pass, now, settings),
            _ => breaker.succeeded(pass),
        }
    }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        let Some(pass) = self.pass.take() else { return };
        if let Some(breaker) = self.breakers.by_origin.lock().get_mut(&self.origin) {
            breaker.gave_up(pass);
        }
    }
}
