//! Models and prices: the only place where counts are multiplied by money.
//!
//! A [`PriceList`] is a set of dated rows: the built-in book (`prices/book.tsv`), a file of the user's, or an
//! organisation's [`Overrides`]. [`Catalog::price`] gives a cost or the reason why there is none,
//! [`Catalog::explain`] how that comes about, [`Catalog::estimate`] what a call may cost before it is made,
//! [`Catalog::models`] what is listed, and [`Catalog::context_length`] how many tokens a model takes.
//!
//! Prices are integers of 10⁻¹² dollars per unit, sums are exact, and a cost is rounded once, at its end, half
//! up to 10⁻⁹ dollars.

mod book;
mod breakdown;
mod catalog;
mod choice;
mod context;
mod decimal;
mod list;
mod listing;
mod names;
mod query;
mod row;
mod sum;
mod unit;
mod window;

pub use breakdown::{Breakdown, Line, MatchKind, MatchedRow, Source};
pub use catalog::Catalog;
pub use list::{ListError, Overrides, PriceList};
pub use listing::{ListedPrice, ListingQuery};
pub use query::{CostStatus, EstimateQuery, PriceQuery, Priced};
pub use row::{PriceRow, RowError};
pub use unit::Unit;
