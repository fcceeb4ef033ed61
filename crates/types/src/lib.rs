//! The vocabulary every other crate speaks: identifiers, units, the record of one exchange.
//!
//! This crate knows no runtime, socket, file, environment or wall clock; time comes in through [`Clock`].

pub mod clock;
pub mod exchange;
pub mod ids;
pub mod redacted;
pub mod units;
pub mod usage;

pub use clock::{Clock, SystemClock, Timestamp};
pub use exchange::{
    Attempt, Body, BodyState, CacheStatus, CacheUse, Dialect, Exchange, ExchangeMeta, GuardUse, LimitUse,
    Outcome, Source, Timing,
};
pub use ids::{
    InvitationId, KeyId, MapperId, OrganizationId, PriceOverrideId, ProviderKeyId, ProxyKeyId, RateLimitId,
    RequestId, SavedFilterId, SavedQueryId, SessionId, UserId, WebhookId,
};
pub use redacted::Redacted;
pub use units::NanoUsd;
pub use usage::{Observed, UnitKind, Usage, UsageSource};
