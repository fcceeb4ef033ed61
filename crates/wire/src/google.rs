//! Google's `generateContent`, plain and in both forms of stream, at the Gemini API and Vertex AI; embeddings and images.

mod answer;
mod searched;
mod usage;

pub(crate) use answer::Google;
