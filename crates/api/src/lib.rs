//! The REST API under `/v1`, health, metrics, the OpenAPI document and the dashboard's files.
//!
//! It works through contracts only: a `dyn LogStore`, a `dyn ControlStore` with its view in memory, and closures
//! that print metrics. [`router()`] builds the whole surface from an [`ApiState`]; [`serve()`] runs it on a listener.

pub mod control;
pub mod conversation;
pub mod coverage;
pub mod domains;
pub mod error;
pub mod health;
pub mod metrics;
pub mod openapi;
pub mod request;
pub mod router;
pub mod serve;
pub mod state;
pub mod webhooks;

mod account;
mod admin;
mod annotate;
mod api_keys;
mod audit;
mod auth;
mod cache_stats;
mod cost;
mod csv;
mod customers;
mod dashboard;
mod feedback;
mod fields;
mod figures;
mod guard;
mod host_rules;
mod hql;
mod import;
mod intake;
mod labels;
mod local;
mod manual;
mod mappers;
mod members;
mod organization;
mod price_overrides;
mod properties;
mod property;
mod providers;
mod rate_limits;
mod replies;
mod room;
mod saved_filters;
mod score;
mod sealing;
mod seats;
mod sessions;
mod traces;
mod turns;
mod users;
mod vault;

pub use account::oidc::transport::{
    IdentityTransport, ProviderAnswer, ProviderCall, ProviderCalling, Unreachable,
};
pub use control::{Administration, Control};
pub use fields::parse_name;
pub use health::Readiness;
pub use local::{LocalBody, LocalService};
pub use metrics::{Exposition, MetricsSource};
pub use request::replay::{ReplayTransport, Replaying};
pub use router::{router, router_behind_gateway};
pub use serve::serve;
pub use state::ApiState;
