//! Google's `generateContent`, plain and in both forms of stream, at the Gemini API and Vertex AI; embeddings.

mod answer;
mod usage;

pub(crate) use answer::Google;
