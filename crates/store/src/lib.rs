//! The contracts of the stores, and the query model they answer.
//!
//! No storage engine is known here: `store-log` and `store-control` implement these traits, everything
//! above them holds a `dyn` of the trait.

pub mod accounts;
pub mod audit;
pub mod cache;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod control;
pub mod counters;
pub mod desk;
pub mod domains;
pub mod filter;
pub mod intake;
pub mod keys;
pub mod limits;
pub mod log;
pub mod mappers;
pub mod price_overrides;
pub mod pricing;
pub mod rate_limits;
pub mod secrets;
pub mod vault;
pub mod view;
pub mod webhooks;

use std::future::Future;
use std::pin::Pin;

/// What every store operation returns.
pub type StoreFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// The source of a [`StoreError`]: whatever the engine said.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The store can't be reached or opened now; the same call may succeed later.
    #[error("{store} is unavailable: {reason}")]
    Unavailable {
        /// Which store.
        store: &'static str,
        /// What the engine said, for the operator's log.
        reason: String,
    },
    /// The store refused the operation; repeating it won't help.
    #[error("{store} failed to {operation}")]
    Failed {
        /// Which store.
        store: &'static str,
        /// What it was doing, as a verb phrase.
        operation: &'static str,
        /// What the engine said.
        #[source]
        source: Source,
    },
}

impl StoreError {
    /// Returns whether the same call may succeed later.
    pub const fn is_transient(&self) -> bool {
        matches!(self, Self::Unavailable { .. })
    }
}
