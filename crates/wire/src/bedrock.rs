//! Bedrock's `converse` and the makers' own shapes behind `invoke`; Claude's messages are read as Anthropic's.

mod answer;
mod usage;

pub(crate) use answer::Bedrock;
