//! Questions that people write in SQL themselves.

use std::time::Duration;

use gatehouse_types::OrganizationId;
use serde_json::Value;

use crate::StoreFuture;

/// A question in SQL, and what answering it may take.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SqlQuery {
    /// The tenant: nothing else is ever visible.
    pub organization_id: OrganizationId,
    /// One `SELECT`, as it was written.
    pub text: String,
    /// How many rows there are at most, unless the question itself has a limit.
    pub default_rows: u32,
    /// How many rows there are at most, whatever the question says.
    pub max_rows: u32,
    /// How large the answer may be, in bytes of its cells as text.
    pub max_bytes: u64,
    /// How long answering may take.
    pub max_time: Duration,
}

/// The answer: a table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SqlAnswer {
    /// The names of the columns, each unlike the others.
    pub columns: Vec<String>,
    /// The rows, each with a cell for every column.
    pub rows: Vec<Vec<Value>>,
}

/// Why a question was not answered; nothing is wrong with the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SqlRefusal {
    /// It is no SQL, or asks for something that is not offered.
    #[error("{0}")]
    NotAllowed(String),
    /// It can't be answered: a column is not there, types don't fit, a number is too large.
    #[error("{0}")]
    Failed(String),
    /// It took longer than it may.
    #[error("the query took longer than {} s, which is as long as it may take: look at a shorter time", .0.as_secs())]
    TooLong(Duration),
    /// The answer is larger than it may be.
    #[error("the answer is larger than {0} bytes: select fewer columns or rows")]
    TooLarge(u64),
    /// Answering needs more memory than there is.
    #[error("the query needs more memory than there is: look at a shorter time or at fewer columns")]
    TooMuchMemory,
}

/// A table that can be asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqlTable {
    /// Its name.
    pub name: &'static str,
    /// Its columns.
    pub columns: &'static [SqlColumn],
}

/// A column of such a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SqlColumn {
    /// Its name.
    pub name: &'static str,
    /// The type of its values, in SQL.
    pub kind: &'static str,
    /// What it holds, in a few words.
    pub comment: &'static str,
}

/// Where logged calls can be asked about in SQL.
pub trait SqlLog: Send + Sync {
    /// Answers a question about one tenant's calls, of which it sees what
    /// [`LogStore::rows`](super::LogStore::rows) shows and nothing else, whatever it says.
    fn select(&self, query: SqlQuery) -> StoreFuture<'_, Result<SqlAnswer, SqlRefusal>>;

    /// Returns the tables that can be asked about.
    fn tables(&self) -> &'static [SqlTable];
}
