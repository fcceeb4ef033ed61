//! Cohere's chat in its two versions, plain and streamed, its embeddings and its rankings.

mod answer;
mod usage;

pub(crate) use answer::Cohere;
