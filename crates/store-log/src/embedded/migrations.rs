//! The schema, as the list of steps that lead to it; steps are only ever appended.

use duckdb::Connection;

use super::engine::Error;

/// The steps; the schema version is how many of them have run.
const STEPS: &[&str] =
    &[include_str!("migrations/0001_requests.sql"), include_str!("migrations/0002_annotations.sql")];

/// Brings the schema up to date, each step in a transaction of its own.
pub(super) fn run(connection: &mut Connection) -> Result<(), Error> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS schema_version (version UINTEGER NOT NULL, applied_at TIMESTAMP NOT NULL)",
    )?;
    let version: u32 =
        connection.query_row("SELECT coalesce(max(version), 0) FROM schema_version", [], |row| row.get(0))?;
    let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    if version > known {
        return Err(Error::Newer { found: version, known });
    }
    for (number, step) in (1_u32..).zip(STEPS).skip_while(|(number, _)| *number <= version) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(step)?;
        transaction.execute("INSERT INTO schema_version VALUES (?, now()::TIMESTAMP)", [number])?;
        transaction.commit()?;
    }
    Ok(())
}
