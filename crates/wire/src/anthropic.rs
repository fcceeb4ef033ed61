//! Anthropic's messages, plain and streamed, wherever Claude is served; the older completions, which count nothing.

mod answer;
mod usage;

pub(crate) use answer::Anthropic;
