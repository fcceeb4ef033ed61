//! The log store: DuckDB in the process, behind the contract [`gatehouse_store::log::LogStore`].
//!
//! [`hql`] makes statements of questions that people wrote; [`sql`] writes the statements (text and bound parameters, no engine), [`embedded`] runs them on a
//! DuckDB file. Nothing outside this crate sees SQL or DuckDB.

pub mod embedded;
mod hql;
mod pattern;
mod sql;

pub use embedded::{DuckDbLog, Options};
