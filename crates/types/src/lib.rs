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
pub use exchange::{Body, BodyState, Dialect, Exchange, ExchangeMeta, Outcome, Timing};
pub use ids::{KeyId, OrganizationId, RequestId};
pub use redacted::Redacted;
pub use units::NanoUsd;
pub use usage::{Observed, Usage, UsageSource};
