//! The log store: DuckDB in the process, behind the contract [`gatehouse_store::log::LogStore`].
//!
//! [`sql`] writes the statements (text and bound parameters, no engine), [`embedded`] runs them on a
//! DuckDB file. Nothing outside this crate sees SQL or DuckDB.

pub mod embedded;
mod sql;

pub use embedded::{DuckDbLog, Options};
