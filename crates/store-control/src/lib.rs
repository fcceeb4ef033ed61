//! The control store in one SQLite file: organisations and keys, for installations of one machine.
//!
//! The SQL is portable, so that a server database can run the same text; what only SQLite has (pragmas,
//! the file's mode) stays in `sqlite.rs`.

pub mod error;
pub mod sqlite;

mod migrations;

pub use error::OpenError;
pub use gatehouse_store::keys;
pub use sqlite::SqliteControlStore;
