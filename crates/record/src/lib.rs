//! From the journal to the log store: every exchange is read, enriched and stored exactly once.
//!
//! [`enrich`] turns what the gateway recorded into a row: bodies decoded, usage and cost, model and
//! previews. [`Recorder`] is the loop around it; it waits for nothing but the journal and the store, and
//! the gateway waits for nothing of it.

mod enrich;
mod handling;
mod knowledge;
mod mappers;
mod mapping;
mod options;
mod prepare;
mod recorder;
mod rejected;
mod stats;
mod webhooks;

pub use enrich::enrich;
pub use knowledge::{Knowledge, KnowledgeSource};
pub use mappers::{MapperJob, MapperParts, MapperQueue};
pub use options::RecordOptions;
pub use recorder::{Drained, Recorder};
pub use stats::{RecordFigures, RecordStats};
pub use webhooks::{
    Attempt, Courier, Parcel, WebhookFigures, WebhookOptions, WebhookParts, WebhookSender, WebhookStats,
    sample_payload,
};
