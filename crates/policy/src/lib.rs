//! Decisions as pure state machines: what is decided follows from the state, the limits and the time given.
//!
//! Nothing here reads a clock, keeps a lock or stores anything; whoever decides does.

pub mod breaker;
pub mod cache;
pub mod domains;
pub mod fallback;
pub mod rate;
pub mod retry;

pub use breaker::{Breaker, BreakerSettings, BreakerState, BrokenCircuit, Pass};
pub use domains::{DomainLimits, DomainQuota, Verdict};
pub use fallback::{Fallback, FallbackError, Fallbacks};
pub use retry::{Failure, HeaderProblem, Hints, Next, RetryPolicy};
