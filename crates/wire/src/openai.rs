//! OpenAI's JSON and that of all who copy it: chat completions, completions, embeddings, responses, images, sound.
//!
//! Bodies are read in one pass into the few fields that matter; everything else is skipped without being
//! built. A field of an unexpected type is taken as absent, of a repeated key the last value counts, and
//! a body that is not valid JSON says nothing at all.

mod charges;
pub mod compose;
mod details;
mod response;
mod said;
mod usage;

pub(crate) use charges::{Fees, is_search_model};
pub(crate) use response::OpenAi;
