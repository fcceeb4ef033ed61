//! The instance is dropped and opened again as errors demand.

use super::*;

fn engine(folder: &tempfile::TempDir) -> Engine {
    Engine::new(Options::at(folder.path().join("log.duckdb")))
}

fn says(message: &str) -> Error {
    let code = duckdb::ffi::Error::new(1);
    Error::DuckDb(duckdb::Error::DuckDBFailure(code, Some(message.to_owned())))
}

fn instance_of(engine: &Engine) -> Option<Weak<()>> {
    engine.instance.lock().open.as_ref().map(|open| Arc::downgrade(&open.token))
}

#[test]
fn opens_again_after_an_error_the_instance_does_not_survive() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    for message in [
        "FATAL Error: Failed: database has been invalidated because of a previous fatal error",
        "IO Error: Could not write file: No space left on device",
        "INTERNAL Error: Attempted to dereference unique_ptr that is NULL!",
    ] {
        engine.run("test", |_| Ok(())).unwrap();
        let before = instance_of(&engine).unwrap();
        let error = engine.run("test", |_| Err::<(), _>(says(message))).unwrap_err();
        assert!(error.is_transient(), "{error}");
        assert_eq!(before.strong_count(), 0, "the instance is gone, and its lock with it");
        engine.run("test", |_| Ok(())).unwrap();
    }
}

#[test]
fn keeps_the_instance_after_an_error_of_a_statement() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    engine.run("test", |_| Ok(())).unwrap();
    let before = instance_of(&engine).unwrap();
    let wrong = engine.run("test", |connection| Ok(connection.execute_batch("SELECT nothing")?)).unwrap_err();
    assert!(!wrong.is_transient(), "{wrong}");
    let later = engine.run("test", |_| Err::<(), _>(says("Out of Memory Error: 1"))).unwrap_err();
    assert!(later.is_transient(), "{later}");
    assert_eq!(before.strong_count(), 1);
}

#[test]
fn waits_for_the_last_user_of_a_dropped_instance() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    let user = engine.lease().unwrap();
    engine.close();
    let error = engine.run("test", |_| Ok(())).unwrap_err();
    assert!(error.to_string().contains("still closing"), "{error}");
    drop(user);
    engine.run("test", |_| Ok(())).unwrap();
}

#[test]
fn refuses_a_file_of_a_newer_version() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    engine
        .run("test", |connection| {
            Ok(connection.execute_batch("INSERT INTO schema_version VALUES (999, now()::TIMESTAMP)")?)
        })
        .unwrap();
    engine.close();
    let error = engine.run("test", |_| Ok(())).unwrap_err();
    assert!(error.to_string().contains("schema version 999"), "{error}");
}

#[test]
fn opens_a_file_in_the_form_of_before_and_goes_on_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&folder);
    let some = "INSERT INTO annotations SELECT uuid(), uuid(), 'property', 'name', 'value ' || (i % 7), 'string', \
                now()::TIMESTAMP FROM range(5000) AS numbers(i)";
    // DuckDB's own default is the oldest form, which the file keeps until something is written to it.
    let mut former = Connection::open(folder.path().join("log.duckdb")).unwrap();
    migrations::run(&mut former).unwrap();
    former.execute_batch(some).unwrap();
    former.execute_batch("CHECKPOINT").unwrap();
    former.execute_batch(some).unwrap();
    former.close().unwrap();
    for rounds in [2, 3] {
        let values = engine.run("test", |connection| {
            connection.execute_batch(some)?;
            let counted = "SELECT count(*), count(DISTINCT value) FROM annotations";
            Ok(connection.query_row(counted, [], |row| Ok((row.get::<_, u64>(0)?, row.get::<_, u64>(1)?)))?)
        });
        assert_eq!(values.unwrap(), ((rounds + 1) * 5_000, 7));
        engine.close();
    }
}
