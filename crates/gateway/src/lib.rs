//! The life of a request: `accept → route → identify → admit → prepare → cache → limit → guard → forward → relay → finish`.
//!
//! Each stage is the file of its name: a function that takes what the stage before returned. [`life`] shows
//! them on one screen, [`serve`] runs them on every connection. No call waits for a store: identity and policy
//! come from memory, the record of a call goes to the journal's queue. The exceptions are a limit that
//! holds for the call, whose count is written down first, and the cache, where the call asks for it.

mod life;

mod accept;
mod admit;
mod cache;
mod finish;
mod forward;
mod guard;
mod identify;
mod limit;
mod prepare;
mod relay;
mod route;

mod attempt;
mod blocking;
mod breakers;
mod capture;
mod client_io;
mod credentials;
mod doors;
mod fallbacks;
mod features;
mod frames;
mod guards;
mod headers;
mod intake;
mod local;
mod metrics;
mod options;
mod plan;
mod quotas;
mod reject;
mod reply;
mod scan;
mod serve;
mod signing;
mod targets;
mod upload;
mod vault;
mod worker;

pub use cache::ResponseCache;
pub use guards::RosterError;
pub use intake::JournalIntake;
pub use local::{LocalApi, LocalBody};
pub use metrics::Metrics;
pub use quotas::{QuotaWriter, Quotas};
pub use serve::{Gateway, ServeError};
pub use worker::Shared;
