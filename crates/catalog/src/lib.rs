//! Models and prices: the only place where tokens are multiplied by money.
//!
//! [`Catalog::builtin`] holds the price lists of `prices/`; [`Catalog::price`] gives a cost or the reason
//! why there is none. Prices are integers of 10⁻¹² dollars per token, sums are exact, and a cost is
//! rounded once, at its end, half up to 10⁻⁹ dollars.

mod catalog;
mod decimal;
mod list;

pub use catalog::{Catalog, CostStatus, PriceQuery, Priced};
pub use list::ListError;
