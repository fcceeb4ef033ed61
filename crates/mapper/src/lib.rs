//! Raw bodies → what was said: readable conversations of every dialect, and mappings of APIs that nobody
//! wrote a reader for, inferred from samples.
//!
//! Pure: the same bytes always give the same result.

pub mod conversation;
pub mod mapping;
