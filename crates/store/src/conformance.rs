//! What every implementation of a contract must do, as suites that its own tests run.
//!
//! A suite panics where the store breaks its promise and returns the error of an operation that must
//! not fail. Each wants a fresh, empty store. Only with the cargo feature `conformance`.

pub mod accounts;
pub mod aggregate;
pub mod annotation;
pub mod cache;
pub mod control;
pub mod counters;
pub mod desk;
pub mod evaluate;
pub mod log;
pub mod mappers;
pub mod prices;
pub mod revision;
pub mod samples;
pub mod vault;
pub mod webhooks;

mod memory;
mod memory_counters;

pub use memory::MemoryControl;
pub use memory_counters::MemoryCounters;
