//! The schema, as the list of steps that lead to it; steps are only ever appended.

use duckdb::Connection;

use super::engine::Error;

/// The steps; the schema version is how many of them have run.
const STEPS: &[&str] = &[
    include_str!("migrations/0001_requests.sql"),
    include_str!("migrations/0002_annotations.sql"),
    include_str!("migrations/0003_handling.sql"),
    include_str!("migrations/0004_revisions.sql"),
    include_str!("migrations/0005_rollups.sql"),
    include_str!("migrations/0006_property_columns.sql"),
];

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
    use gatehouse_store::filter::{Column, Condition, Filter, Test};
    use gatehouse_store::log::{Billing, Handling};
    use gatehouse_types::{OrganizationId, RequestId, Usage};
    use uuid::Uuid;

    use super::super::read;
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
            assert_eq!(number("SELECT max(version) FROM schema_version"), 6);
            assert_eq!(number("SELECT count(*) FROM annotations"), 0);
            assert_eq!(number("SELECT position FROM journal_cursor"), 7);
        }
    }

    #[test]
    fn a_row_of_an_earlier_version_is_read_with_nothing_known_of_its_handling() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.duckdb");
        let mut connection = Connection::open(&path).unwrap();
        STEPS.iter().take(2).for_each(|step| connection.execute_batch(step).unwrap());
        let earlier = "CREATE TABLE schema_version (version UINTEGER NOT NULL, applied_at TIMESTAMP NOT NULL);
            INSERT INTO schema_version VALUES (2, now()::TIMESTAMP);
            INSERT INTO request_response_rmt (row_key, superseded, client_chose_id, organization_id, request_id,
                request_created_at, response_id, response_created_at, outcome, status, attempt_count, method, path,
                target_url, provider, model, is_stream, user_id, properties, prompt_id, prompt_version,
                request_referrer, cache_enabled, usage_source, prompt_tokens, cost_status, latency, total_us,
                request_bytes, response_bytes, request_body_state, response_body_state)
            VALUES (1, false, false, '00000000-0000-0000-0000-000000000001',
                '00000000-0000-0000-0000-000000000002', now()::TIMESTAMP, NULL, now()::TIMESTAMP, 'complete', 200, 1,
                'POST', '/', 'https://a.example/', 'A', 'm', false, '', MAP {'Env': 'before'}, '', '', '', false, 'provider',
                3, 'extra_charges', 1, 1000, 1, 1, 'empty', 'empty');
            UPDATE journal_cursor SET position = 1, next_row_key = 2";
        connection.execute_batch(earlier).unwrap();
        connection.execute_batch("CHECKPOINT").unwrap();
        run(&mut connection).unwrap();
        check_row_without_handling(&connection);
        // The files as they are now are what a crash right after the upgrade leaves behind.
        let crashed = folder.path().join("crashed.duckdb");
        std::fs::copy(&path, &crashed).unwrap();
        std::fs::copy(folder.path().join("log.duckdb.wal"), folder.path().join("crashed.duckdb.wal"))
            .unwrap();
        let mut connection = Connection::open(crashed).unwrap();
        run(&mut connection).unwrap();
        check_row_without_handling(&connection);
    }

    fn check_row_without_handling(connection: &Connection) {
        let organization_id = OrganizationId::from_uuid(Uuid::from_u128(1));
        let request_id = RequestId::from_uuid(Uuid::from_u128(2));
        let row = read::row(connection, organization_id, request_id).unwrap().unwrap();
        assert_eq!((row.request_id, row.model.as_str()), (request_id, "m"));
        assert_eq!(row.handling, Handling::default());
        let billing = Billing { is_unknown: true, extra_charges: true, ..Billing::default() };
        assert_eq!((row.billing, row.mapper, row.revised), (billing, None, None));
        assert_eq!(row.usage, Usage { input: Some(3), ..Usage::default() });
        let test = Test::TextEquals("before".to_owned());
        let before = Filter::Leaf(Condition { column: Column::Property("Env".to_owned()), test });
        assert_eq!(read::count(connection, organization_id, &before).unwrap(), 1);
    }
}
