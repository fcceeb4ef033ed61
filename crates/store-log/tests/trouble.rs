//! What happens to the file must not lose a row: locks, crashes, a missing folder, bodies over the cap.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use bytes::Bytes;
use gatehouse_store::conformance::samples::plain_row;
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{Annotated, Annotation, Batch, Bodies, Content, LogRow, LogStore};
use gatehouse_store_log::{DuckDbLog, Options};
use gatehouse_types::{BodyState, OrganizationId, RequestId, Timestamp};
use uuid::Uuid;

fn tenant() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(1))
}

fn row(number: u128) -> LogRow {
    plain_row(tenant(), RequestId::from_uuid(Uuid::from_u128(number)))
}

fn batch(number: u64) -> Batch {
    Batch { rows: vec![row(number.into())], journal_position: number }
}

/// Starts a process that holds the file's lock until its input ends.
fn lock_elsewhere(path: &Path) -> Result<Child> {
    let program = "import fcntl, sys\n\
                   file = open(sys.argv[1], 'r+b')\n\
                   fcntl.lockf(file, fcntl.LOCK_EX)\n\
                   print('locked', flush=True)\n\
                   sys.stdin.read()";
    let mut holder = Command::new("python3")
        .args(["-c", program])
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("python3 starts")?;
    let mut said = String::new();
    BufReader::new(holder.stdout.as_mut().context("its output")?).read_line(&mut said)?;
    anyhow::ensure!(said.trim() == "locked", "the holder said {said:?}");
    Ok(holder)
}

#[tokio::test]
async fn a_file_locked_by_another_process_is_used_once_it_is_free() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("log.duckdb");
    DuckDbLog::start(Options::at(&path))?.insert(batch(1)).await?;

    let mut holder = lock_elsewhere(&path)?;
    let store = DuckDbLog::start(Options::at(&path))?;
    for _ in 0..3 {
        let error = store.insert(batch(2)).await.expect_err("the file is locked");
        assert!(error.is_transient(), "{error}");
    }
    assert!(store.count(tenant(), Filter::All).await.is_err_and(|error| error.is_transient()));

    drop(holder.stdin.take());
    holder.wait()?;
    store.insert(batch(2)).await?;
    assert_eq!(store.count(tenant(), Filter::All).await?, 2);
    assert_eq!(store.journal_position().await?, 2);
    Ok(())
}

#[tokio::test]
async fn close_lets_go_of_the_file_and_the_next_use_opens_it_again() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("log.duckdb");
    let store = DuckDbLog::start(Options::at(&path))?;
    store.insert(batch(1)).await?;
    store.close().await?;
    let mut holder = lock_elsewhere(&path)?;
    drop(holder.stdin.take());
    holder.wait()?;
    store.insert(batch(2)).await?;
    assert_eq!(store.count(tenant(), Filter::All).await?, 2);
    Ok(())
}

#[tokio::test]
async fn a_missing_folder_is_an_outage_until_it_is_there() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let missing = folder.path().join("later");
    let store = DuckDbLog::start(Options::at(missing.join("log.duckdb")))?;
    let error = store.insert(batch(1)).await.expect_err("there is no folder");
    assert!(error.is_transient(), "{error}");
    std::fs::create_dir(&missing)?;
    store.insert(batch(1)).await?;
    assert_eq!(store.count(tenant(), Filter::All).await?, 1);
    Ok(())
}

#[tokio::test]
async fn what_insert_confirmed_is_there_after_a_crash() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
    for number in 1..=5_u64 {
        store.insert(batch(number)).await?;
        // The files as they are now are what a crash at this moment leaves behind.
        let crashed = folder.path().join(format!("crashed-{number}"));
        std::fs::create_dir(&crashed)?;
        for name in ["log.duckdb", "log.duckdb.wal"] {
            std::fs::copy(folder.path().join(name), crashed.join(name))?;
        }
        let after = DuckDbLog::start(Options::at(crashed.join("log.duckdb")))?;
        assert_eq!(after.journal_position().await?, number);
        assert_eq!(after.count(tenant(), Filter::All).await?, number);
        assert_eq!(after.row(tenant(), row(number.into()).request_id).await?, Some(row(number.into())));
    }
    Ok(())
}

#[tokio::test]
async fn a_body_over_the_cap_is_cut_and_says_so() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let options = Options { max_body_bytes: 10, ..Options::at(folder.path().join("log.duckdb")) };
    let store = DuckDbLog::start(options)?;
    let long = LogRow {
        bodies: Bodies {
            request: Some(Bytes::from_static(b"0123456789a")),
            response: Some(Bytes::from_static(b"0123456789")),
        },
        ..row(1)
    };
    store.insert(Batch { rows: vec![long], journal_position: 1 }).await?;
    let stored = store.row(tenant(), row(1).request_id).await?.context("the row")?;
    assert_eq!(stored.request_body_state, BodyState::Truncated);
    assert_eq!(stored.response_body_state, BodyState::Stored);
    assert_eq!(stored.bodies.request.as_deref(), Some(&b"0123456789"[..]));
    assert_eq!(stored.bodies.response.as_deref(), Some(&b"0123456789"[..]));
    Ok(())
}

#[tokio::test]
async fn an_omitted_body_is_never_on_disk() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
    let omitted = LogRow { request_body_state: BodyState::Omitted, ..row(1) };
    store.insert(Batch { rows: vec![omitted], journal_position: 1 }).await?;
    let stored = store.row(tenant(), row(1).request_id).await?.context("the row")?;
    assert_eq!(stored.bodies, Bodies { request: None, response: row(1).bodies.response });
    Ok(())
}

#[tokio::test]
async fn what_annotate_confirmed_is_there_after_a_crash() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
    store.insert(batch(1)).await?;
    for number in 0..5_i64 {
        let content = Content::Property(number.to_string());
        let annotation = Annotation::new("env", content, Timestamp::from_unix_micros(number))?;
        let annotated = store.annotate(tenant(), row(1).request_id, vec![annotation]).await?;
        assert_eq!(annotated, Annotated::Kept);
        // The files as they are now are what a crash at this moment leaves behind.
        let crashed = folder.path().join(format!("crashed-{number}"));
        std::fs::create_dir(&crashed)?;
        for name in ["log.duckdb", "log.duckdb.wal"] {
            std::fs::copy(folder.path().join(name), crashed.join(name))?;
        }
        let after = DuckDbLog::start(Options::at(crashed.join("log.duckdb")))?;
        let row = after.row(tenant(), row(1).request_id).await?.context("the row")?;
        assert_eq!(row.property("env"), Some(number.to_string().as_str()));
    }
    Ok(())
}

#[tokio::test]
async fn annotating_a_file_locked_by_another_process_is_an_outage() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("log.duckdb");
    DuckDbLog::start(Options::at(&path))?.insert(batch(1)).await?;
    let mut holder = lock_elsewhere(&path)?;
    let store = DuckDbLog::start(Options::at(&path))?;
    let error =
        store.annotate(tenant(), row(1).request_id, Vec::new()).await.expect_err("the file is locked");
    assert!(error.is_transient(), "{error}");
    drop(holder.stdin.take());
    holder.wait()?;
    Ok(())
}
