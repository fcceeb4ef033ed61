//! The types of single values that the standard library has no name for.

use std::fmt;
use std::path::{Path, PathBuf};

/// A host name or address with its port, as in `api.openai.com:443`.
///
/// # Invariants
/// The host is a lower-case name or an IPv4 address when it was read by this crate.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    /// Host name.
    pub host: String,
    /// TCP port, never 0.
    pub port: u16,
}

impl fmt::Display for HostPort {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.host, self.port)
    }
}

/// What becomes of calls to targets that are neither known providers nor approved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DomainMode {
    /// They pass like any other.
    Open,
    /// They pass as far as the limits of a day and a second allow.
    #[default]
    Limited,
    /// They are refused.
    Closed,
}

/// What the end of a response waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Durability {
    /// Nothing: a crash can lose at most the last few milliseconds.
    #[default]
    Normal,
    /// The record of the call being on disk.
    Strict,
}

/// Least severe messages that are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogLevel {
    /// Failures only.
    Error,
    /// And what may become one.
    Warn,
    /// And rare events of normal operation.
    #[default]
    Info,
    /// And what helps to find a fault.
    Debug,
    /// And everything else.
    Trace,
}

/// Form of the process's own messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Lines for people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Where the control store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlUrl {
    /// A SQLite file; none is `gatehouse.sqlite` in the data directory.
    Sqlite(Option<PathBuf>),
}

impl Default for ControlUrl {
    fn default() -> Self {
        Self::Sqlite(None)
    }
}

/// Where the log store is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogUrl {
    /// A DuckDB file; none is `gatehouse.duckdb` in the data directory.
    DuckDb(Option<PathBuf>),
}

impl Default for LogUrl {
    fn default() -> Self {
        Self::DuckDb(None)
    }
}

/// Where counters and the cache are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SharedUrl {
    /// In this process.
    #[default]
    Memory,
}

/// Returns a store's file: `path` relative to the data directory, or `name` in it.
pub(crate) fn data_file(data_dir: &Path, path: Option<&Path>, name: &str) -> PathBuf {
    data_dir.join(path.unwrap_or(Path::new(name)))
}
