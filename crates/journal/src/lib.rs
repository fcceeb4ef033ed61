//! The append-only durable log of finished exchanges on local disk.
//!
//! A caller [appends](Journal::append) opaque payloads, which only queues them; one thread writes them to segment
//! files in groups and another one fsyncs what was written. [Readers](Reader) are named cursors over the files.
//!
//! A [`Position`] never changes its meaning: whatever fails on disk, a record keeps the position at which it was first
//! written, and a position whose record was lost in a crash is never given to another one.
//! `segment.rs` has the file format, `recovery.rs` what a start repairs, `writer.rs` what happens when the disk fails.

mod position;

mod error;
mod options;

mod journal;
mod reader;
mod stats;

mod cursor;
mod disk;
mod recovery;
mod retention;
mod scan;
mod segment;
mod state;
mod syncer;
mod writer;

#[cfg(test)]
mod tests;

pub use error::{AckError, AppendError, JournalError};
pub use journal::{Ack, Journal};
pub use options::{Durability, JournalOptions};
pub use position::Position;
pub use reader::{Reader, Record};
pub use recovery::Recovery;
pub use stats::{ReaderStats, Stats};
