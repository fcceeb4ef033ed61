//! Counts that survive a restart: of a day, how often an organisation called a target that is not approved;
//! and where the limits of calls stand.

use gatehouse_types::{OrganizationId, Timestamp};

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

/// Where a limit of calls stands, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LimitState {
    /// The tenant.
    pub organization_id: OrganizationId,
    /// What is counted: [`Claim::key`](crate::limits::Claim::key).
    pub key: String,
    /// What was used, as [`Meter::to_bytes`](gatehouse_policy::rate::Meter::to_bytes) writes it.
    pub state: Vec<u8>,
    /// From when on it limits nothing any more.
    pub expires_at: Timestamp,
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

    /// Returns where the limits stand that still limit something at `now`.
    fn load_limits(&self, now: Timestamp) -> StoreFuture<'_, Vec<LimitState>>;

    /// Stores where limits stand, all of them or none; each replaces the one with its organisation and key.
    /// What was saved lasts as that of [`CounterStore::save`] does.
    fn save_limits(&self, states: Vec<LimitState>) -> StoreFuture<'_, ()>;

    /// Forgets limits that no longer limit anything at `now`.
    fn forget_limits(&self, now: Timestamp) -> StoreFuture<'_, ()>;
}
