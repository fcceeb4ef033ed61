//! Decisions as pure state machines: what is decided follows from the state, the limits and the time given.
//!
//! Nothing here reads a clock, keeps a lock or stores anything; whoever decides does.

pub mod domains;

pub use domains::{DomainLimits, DomainQuota, Verdict};
