//! The counter store against real files: what is saved outlives the process, and soon the machine.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use gatehouse_store::counters::{Counter, CounterKey, CounterStore};
use gatehouse_store_control::{OpenError, SqliteControlStore, SqliteCounterStore};
use gatehouse_testkit::eventually;
use gatehouse_types::OrganizationId;
use sqlx::{Connection, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

const TODAY: u32 = 20_779;
/// How long a save may take to come to disk on a machine with other things to do.
const DEADLINE: Duration = Duration::from_secs(30);

fn counter(used: u64) -> Counter {
    let organization_id = OrganizationId::from_uuid(Uuid::from_u128(7));
    let key = CounterKey { organization_id, origin: "https://llm.example.com".to_owned() };
    Counter { key, day: TODAY, used, not_before_us: 1_795_356_360_123_456 }
}

/// Returns what a store made of copies of the files with these endings has.
async fn load_copy(path: &Path, endings: &[&str]) -> Result<Vec<Counter>> {
    let directory = TempDir::new()?;
    let copy = directory.path().join("copy.sqlite");
    for ending in endings {
        std::fs::copy(format!("{}{ending}", path.display()), format!("{}{ending}", copy.display()))?;
    }
    let store = SqliteCounterStore::open(&copy).await?;
    let loaded = store.load(TODAY).await?;
    store.close().await?;
    Ok(loaded)
}

#[tokio::test]
async fn what_was_saved_outlives_a_killed_process() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("counters.sqlite");
    let store = SqliteCounterStore::open(&path).await?;
    store.save(vec![counter(3)]).await?;
    // The files as they lie there while the store is open: what a killed process leaves behind.
    assert_eq!(load_copy(&path, &["", "-wal"]).await?, [counter(3)]);
    Ok(())
}

#[tokio::test]
async fn saves_are_brought_to_disk_soon() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("counters.sqlite");
    let store = SqliteCounterStore::open(&path).await?;
    for used in [1, 2] {
        store.save(vec![counter(used)]).await?;
        // A checkpoint syncs the log before it writes the file itself: what is in there is on disk.
        let arrived = async || Ok((load_copy(&path, &[""]).await? == [counter(used)]).then_some(()));
        eventually(DEADLINE, arrived).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_closed_store_is_one_file_with_everything() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("counters.sqlite");
    let store = SqliteCounterStore::open(&path).await?;
    store.save(vec![counter(4)]).await?;
    store.close().await?;
    assert!(!directory.path().join("counters.sqlite-wal").exists());
    assert_eq!(load_copy(&path, &[""]).await?, [counter(4)]);
    Ok(())
}

#[tokio::test]
async fn a_save_that_is_given_up_leaves_a_usable_store() -> Result<()> {
    let directory = TempDir::new()?;
    let store = SqliteCounterStore::open(directory.path().join("counters.sqlite")).await?;
    store.save(vec![counter(1)]).await?;
    let many = vec![counter(2); 10_000];
    let given_up = tokio::time::timeout(Duration::from_millis(1), store.save(many)).await;
    store.save(vec![counter(3)]).await?;
    assert_eq!(store.load(TODAY).await?, [counter(3)], "{given_up:?}");
    Ok(())
}

#[tokio::test]
async fn names_the_row_that_is_not_valid() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("counters.sqlite");
    let store = SqliteCounterStore::open(&path).await?;
    store.save(vec![counter(1)]).await?;
    let mut raw = SqliteConnection::connect(&format!("sqlite:{}", path.display())).await?;
    sqlx::query("UPDATE counter SET used = -1").execute(&mut raw).await?;
    let error = store.load(TODAY).await.unwrap_err();
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(source.as_deref(), Some("counter row https://llm.example.com has an invalid used"));
    Ok(())
}

#[tokio::test]
async fn refuses_the_file_of_another_store() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("control.sqlite");
    SqliteControlStore::open(&path).await?.close().await;
    let refused = SqliteCounterStore::open(&path).await;
    assert!(matches!(refused, Err(OpenError::Changed { .. } | OpenError::TooNew { .. })));
    Ok(())
}
