//! Counters of a day that survive a restart: how often an organisation called a target that is not approved.

use gatehouse_types::OrganizationId;

use crate::StoreFuture;

/// What is counted: calls of an organisation to an origin on a day.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct CounterKey {
    /// The tenant.
    pub organization_id: OrganizationId,
    /// The target: scheme, host and port, as in `https://llm.example.com`.
    pub origin: String,
}

/// A counter as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Counter {
    /// What is counted.
    pub key: CounterKey,
    /// The day in UTC, counted from the Unix epoch.
    pub day: u32,
    /// How many calls were let through on that day.
    pub used: u64,
    /// The time in microseconds since the Unix epoch before which no call is let through: see `policy`.
    pub not_before_us: i64,
}

/// Where counters outlive the process.
pub trait CounterStore: Send + Sync {
    /// Returns the counters of `day`, and forgets those of earlier days.
    fn load(&self, day: u32) -> StoreFuture<'_, Vec<Counter>>;

    /// Stores counters, all of them or none; each replaces the one with its key.
    ///
    /// What was saved is there after the process was killed. After the machine lost power or its system
    /// crashed, the saves of about the last second may be missing, never those before them.
    fn save(&self, counters: Vec<Counter>) -> StoreFuture<'_, ()>;
}
