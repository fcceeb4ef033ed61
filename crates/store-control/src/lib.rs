//! The stores in SQLite files, for installations of one machine: the control store, and the counters that
//! outlive the process.
//!
//! The SQL is portable, so that a server database can run the same text; what only SQLite has (pragmas,
//! the file's mode) stays in `file.rs`, `counters.rs` and `sqlite/watcher.rs`.

pub mod counters;
pub mod error;
pub mod sqlite;

mod file;
mod hex;
mod migrations;
mod row;

pub use counters::SqliteCounterStore;
pub use error::OpenError;
pub use gatehouse_store::keys;
pub use sqlite::SqliteControlStore;
