//! What can go wrong, by the call that can fail with it.

use std::io;
use std::path::PathBuf;

use crate::Position;

/// Why the journal could not be opened, read or its cursor moved.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Another journal, most likely of another process, has this directory open.
    #[error("journal directory `{}` is in use by another process", dir.display())]
    Locked {
        /// The directory of the journal.
        dir: PathBuf,
    },
    /// An operation of the file system failed.
    #[error("cannot {action} `{name}` of the journal")]
    Io {
        /// What was being done, a verb phrase.
        action: &'static str,
        /// The file or directory.
        name: String,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The options contradict each other.
    #[error("journal option `{option}` is {value}, must be at least {least}")]
    Option {
        /// The name of the option.
        option: &'static str,
        /// Its value.
        value: u64,
        /// The smallest value that works with the other options.
        least: u64,
    },
    /// A segment was written by a newer version of this program.
    #[error("journal segment `{segment}` has format version {version}, newest known is {known}")]
    Version {
        /// The name of the file.
        segment: String,
        /// The version that its header says.
        version: u32,
        /// The newest version that this program reads.
        known: u32,
    },
    /// There are segments and the header of each one is damaged.
    #[error("none of the {segments} segments of the journal has a readable header")]
    Unreadable {
        /// How many segment files there are.
        segments: usize,
    },
    /// A reader's name is not 1 to 64 of `a-z`, `0-9`, `_` and `-`.
    #[error("reader name `{name}` is not 1 to 64 of a-z, 0-9, _ and -")]
    ReaderName {
        /// The refused name.
        name: String,
    },
    /// A reader with this name is open already.
    #[error("journal reader `{name}` is open already")]
    ReaderInUse {
        /// The name of the reader.
        name: String,
    },
    /// A reader committed what it has not read.
    #[error("journal reader `{name}` commits up to {upto} but has read up to {read}")]
    CommitBeyondRead {
        /// The name of the reader.
        name: String,
        /// The position to be committed.
        upto: Position,
        /// The position up to which it has read.
        read: Position,
    },
    /// The journal was closed.
    #[error("journal is closed")]
    Closed,
}

/// Why a record was not accepted; it is not in the journal and will not be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// What waits to be written has reached `max_queued_bytes`.
    #[error("journal queue is full: {queued_bytes} of {max_queued_bytes} bytes wait to be written")]
    QueueFull {
        /// What waits, with the charge for each record.
        queued_bytes: usize,
        /// The bound.
        max_queued_bytes: usize,
    },
    /// The record is longer than `max_record_bytes`.
    #[error("record of {length} bytes is longer than {max_record_bytes}")]
    TooLarge {
        /// The length of the payload.
        length: usize,
        /// The bound.
        max_record_bytes: usize,
    },
    /// The journal was closed.
    #[error("journal is closed")]
    Closed,
}

/// Why it is not known that a record is on disk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AckError {
    /// The journal was closed, or its threads ended, before the record was fsynced.
    #[error("journal was closed before the record was on disk")]
    Closed,
}
