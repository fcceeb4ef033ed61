//! Questions in SQL, answered on a connection of their own and stopped when their time is up.
//!
//! The answer is written into a temporary table first, which counts against DuckDB's memory and may go to disk, and is
//! read from there once it is known to be small enough.

mod cell;
mod memory;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

use duckdb::{Connection, params};
use gatehouse_store::log::{SqlAnswer, SqlQuery, SqlRefusal};
use gatehouse_types::{Clock, SystemClock};

use super::engine::Error;
use super::read::has_annotations;
use crate::hql::{self, Setting};
use crate::sql;

/// How often it is looked whether a question's time is up, or nobody waits for its answer.
const CHECK_INTERVAL: Duration = Duration::from_millis(50);
/// How much more than DuckDB may have the process may take while a question is answered: what some functions gather is
/// not counted by DuckDB.
const UNCOUNTED_BYTES: u64 = 512 << 20;
/// How much of what DuckDB says is passed on, in characters.
const MAX_MESSAGE_CHARS: usize = 600;

const SIZE: &str =
    "SELECT coalesce(sum(strlen(CAST(gatehouse_answer AS VARCHAR))), 0)::UBIGINT FROM gatehouse_answer";
const READ: &str = "SELECT * FROM gatehouse_answer ORDER BY rowid";

/// Answers a question, unless `is_abandoned` says that nobody waits for it. DuckDB may have `memory_limit_bytes`.
pub(super) fn select(
    connection: &Connection,
    query: &SqlQuery,
    memory_limit_bytes: u64,
    is_abandoned: &(dyn Fn() -> bool + Sync),
) -> Result<Result<SqlAnswer, SqlRefusal>, Error> {
    let interrupt = connection.interrupt_handle();
    let (done, ended) = sync_channel::<()>(1);
    let deadline = Instant::now() + query.max_time;
    let most = memory::resident().map(|bytes| bytes + memory_limit_bytes + UNCOUNTED_BYTES);
    let grows = AtomicBool::new(false);
    let grows = &grows;
    let answered = std::thread::scope(|scope| {
        scope.spawn(move || {
            // Again and again: what has not begun yet is not stopped by the first time.
            while ended.recv_timeout(CHECK_INTERVAL) == Err(RecvTimeoutError::Timeout) {
                if most.is_some_and(|most| memory::resident() > Some(most)) {
                    grows.store(true, Ordering::Relaxed);
                }
                if Instant::now() >= deadline || is_abandoned() || grows.load(Ordering::Relaxed) {
                    interrupt.interrupt();
                }
            }
        });
        watched(connection, query, done)
    });
    match answered {
        Ok(answer) => Ok(answer),
        Err(error) => Ok(match refusal(connection, query, error)? {
            Err(SqlRefusal::TooLong(_)) if grows.load(Ordering::Relaxed) => Err(SqlRefusal::TooMuchMemory),
            refused => refused,
        }),
    }
}

/// Answers a question; `_done` is dropped at the end.
fn watched(
    connection: &Connection,
    query: &SqlQuery,
    _done: SyncSender<()>,
) -> Result<Result<SqlAnswer, SqlRefusal>, Error> {
    // Whoever changes the checks on a question has this behind them: nothing but temporary tables can be written.
    connection.execute_batch("BEGIN TRANSACTION READ ONLY")?;
    let organization = query.organization_id.to_string();
    let has = |text: &str| connection.query_row(text, params![organization], |row| row.get(0));
    let setting = Setting {
        default_rows: query.default_rows,
        max_rows: query.max_rows,
        now: SystemClock.now(),
        has_annotations: has_annotations(connection, query.organization_id)?,
        has_revisions: has(sql::HAS_REVISIONS)?,
    };
    let statement = match hql::compile(&query.text, setting) {
        Ok(statement) => statement,
        Err(refused) => return Ok(Err(SqlRefusal::NotAllowed(refused.0))),
    };
    let create = format!("CREATE TEMP TABLE gatehouse_answer AS {statement}");
    let mut prepared = connection.prepare(&create)?;
    match prepared.parameter_count() {
        0 => prepared.execute([])?,
        _ => prepared.execute(params![organization])?,
    };
    read(connection, query.max_bytes)
}

fn read(connection: &Connection, max_bytes: u64) -> Result<Result<SqlAnswer, SqlRefusal>, Error> {
    let size: u64 = connection.query_row(SIZE, [], |row| row.get(0))?;
    if size > max_bytes {
        return Ok(Err(SqlRefusal::TooLarge(max_bytes)));
    }
    let mut prepared = connection.prepare(READ)?;
    let mut found = prepared.query([])?;
    let columns = found.as_ref().map(duckdb::Statement::column_names).unwrap_or_default();
    let mut rows = Vec::new();
    while let Some(row) = found.next()? {
        let cells = (0..columns.len()).map(|index| Ok(cell::json(row.get(index)?)));
        rows.push(cells.collect::<Result<_, Error>>()?);
    }
    Ok(Ok(SqlAnswer { columns, rows }))
}

/// Tells what is wrong with a question from what is wrong with the store.
fn refusal(
    connection: &Connection,
    query: &SqlQuery,
    error: Error,
) -> Result<Result<SqlAnswer, SqlRefusal>, Error> {
    let Error::DuckDb(duckdb::Error::DuckDBFailure(_, Some(message))) = &error else { return Err(error) };
    let starts = |kind: &str| message.starts_with(kind);
    if starts("INTERRUPT Error") {
        return Ok(Err(SqlRefusal::TooLong(query.max_time)));
    }
    if starts("Out of Memory Error") {
        return Ok(Err(SqlRefusal::TooMuchMemory));
    }
    if starts("IO Error") || starts("FATAL Error") || starts("Connection Error") {
        return Err(error);
    }
    let is_alive = || {
        connection.execute_batch("ROLLBACK")?;
        connection.query_row("SELECT 1", [], |row| row.get::<_, i32>(0))
    };
    if starts("INTERNAL Error") {
        // DuckDB takes most of them for a reason to stop, and then it is the store that failed.
        return match is_alive() {
            Ok(_) => Ok(Err(SqlRefusal::Failed("the query can't be answered".to_owned()))),
            Err(_) => Err(error),
        };
    }
    Ok(Err(SqlRefusal::Failed(said(message))))
}

/// Returns what DuckDB says of a question, without the statement that it was made into.
fn said(message: &str) -> String {
    let message = message.split("\n\nLINE ").next().unwrap_or_default();
    let message = message.split("\nLINE ").next().unwrap_or_default().trim();
    message.chars().take(MAX_MESSAGE_CHARS).collect()
}
