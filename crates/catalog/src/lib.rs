//! Models and prices: the only place where tokens are multiplied by money.
//!
//! [`Catalog::builtin`] holds the price lists of `prices/`; [`Catalog::price`] gives a cost or the reason
//! why there is none, [`Catalog::estimate`] what a call may cost before it is made, and
//! [`Catalog::context_length`] how many tokens a model takes. Prices are integers of 10⁻¹² dollars per
//! token, sums are exact, and a cost is rounded once, at its end, half up to 10⁻⁹ dollars.

mod catalog;
mod context;
mod decimal;
mod list;

pub use catalog::{Catalog, CostStatus, EstimateQuery, PriceQuery, Priced};
pub use list::ListError;
