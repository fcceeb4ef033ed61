//! The REST API under `/v1`, health, metrics, the OpenAPI document and the dashboard's files.
//!
//! It reads through contracts only: a `dyn LogStore`, the key ring in memory, and closures that print
//! metrics. [`router()`] builds the whole surface from an [`ApiState`]; [`serve()`] runs it on a listener.

pub mod error;
pub mod health;
pub mod metrics;
pub mod openapi;
pub mod request;
pub mod router;
pub mod serve;
pub mod state;

mod auth;
mod dashboard;
mod guard;

pub use health::Readiness;
pub use metrics::{Exposition, MetricsSource};
pub use router::router;
pub use serve::serve;
pub use state::ApiState;
