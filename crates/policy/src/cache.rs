//! The response cache: what a call asks of it, which entry is a call's own, and when a bucket answers.
//!
//! [`CacheSettings`] reads the headers, [`CacheKey`] names the entries, [`Bucket`] decides between a hit and a
//! slot to fill. Whoever looks entries up and keeps them is elsewhere.

mod bucket;
mod canonical;
mod directives;
mod key;
mod settings;

pub use bucket::{Bucket, Choice};
pub use key::{BucketId, CacheKey, EntryKey, KeyParts, RequestBody};
pub use settings::{CacheHeaders, CacheProblem, CacheSettings, MOST_SLOTS};

#[cfg(test)]
mod tests;
