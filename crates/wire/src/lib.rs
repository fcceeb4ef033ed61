//! What providers say: dialects, events, usage.
