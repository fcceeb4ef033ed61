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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_an_earlier_version_gets_what_it_lacks_and_keeps_what_it_has() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(STEPS[0]).unwrap();
        let earlier =
            "CREATE TABLE schema_version (version UINTEGER NOT NULL, applied_at TIMESTAMP NOT NULL);
                       INSERT INTO schema_version VALUES (1, now()::TIMESTAMP);
                       UPDATE journal_cursor SET position = 7";
        connection.execute_batch(earlier).unwrap();
        for _ in 0..2 {
            run(&mut connection).unwrap();
            let number = |query: &str| connection.query_row(query, [], |row| row.get::<_, u32>(0)).unwrap();
            assert_eq!(number("SELECT max(version) FROM schema_version"), 2);
            assert_eq!(number("SELECT count(*) FROM annotations"), 0);
            assert_eq!(number("SELECT position FROM journal_cursor"), 7);
        }
    }
}
