//! What calls cost: sums, how a cost comes about, prices computed anew, and what providers charge beside it.

pub(crate) mod derivation;
mod drift;
pub(crate) mod reconcile;
pub(crate) mod reprice;
pub(crate) mod repricing;
pub(crate) mod summary;

/// How many nano-dollars a dollar has.
const NANOS_PER_DOLLAR: f64 = 1e9;

/// Returns nano-dollars as dollars, for people and charts.
pub(crate) fn dollars(nanos: i64) -> f64 {
    nanos as f64 / NANOS_PER_DOLLAR
}
