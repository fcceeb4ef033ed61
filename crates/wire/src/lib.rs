//! What providers say: who they are, how their bodies, streams and errors look.
//!
//! This is the only crate that knows the names in a provider's JSON. It is pure: bytes in, values out.
//! The hot path uses [`providers`], [`terminal`], [`errors`] and [`redact`]; everything else runs behind
//! the journal.

mod anthropic;
mod bedrock;
pub mod bill;
pub mod captured;
mod cohere;
mod counts;
pub mod decode;
pub mod edit;
pub mod errors;
mod event_stream;
mod facts;
mod framing;
mod google;
pub mod guards;
mod json;
pub mod last_message;
pub mod observe;
mod ollama;
mod openai;
mod preview;
pub mod prompt_tags;
pub mod providers;
pub mod redact;
pub mod reframe;
pub mod request_size;
mod scanner;
pub mod sse;
pub mod terminal;
pub mod token_limit;
mod transcript;
mod usage_hint;

pub use captured::{ReadBody, ReadExchange, read_body};
pub use decode::{Decoded, Ending, decode};
pub use edit::{EditError, with_model, with_overrides, with_stream_usage};
pub use errors::{AMZN_ERROR_TYPE, amzn_error_type, error_body};
pub use event_stream::each_frame;
pub use observe::{BodyView, ObserveInput, observe, observe_scanned};
pub use openai::compose;
pub use preview::preview_of;
pub use prompt_tags::{Untagged, without_tags};
pub use providers::{
    AuthScheme, Dedicated, FieldKind, HostPattern, PatternError, Provider, ProviderTable, ROW_FIELDS,
    dialect_of, name_behind, provider_behind, region_of,
};
pub use redact::{is_helicone_key, redact_json, redact_target};
pub use reframe::Reframer;
pub use request_size::{RequestSize, request_size};
pub use scanner::{AnswerScanner, RequestScanner, ScannedAnswer, ScannedRequest};
pub use sse::SseDecoder;
pub use terminal::{TerminalWatch, ends_in_failure, ends_with_terminal};
pub use usage_hint::{Uncounted, usage_hint};
