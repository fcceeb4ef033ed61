//! The control store against real files: what is written is read back, by this process and by others.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Result;
use gatehouse_store::control::{ControlStore, KeyHash, Permissions, StoredKey};
use gatehouse_store::keys::{KeyRing, hash_key};
use gatehouse_store_control::{OpenError, SqliteControlStore};
use gatehouse_types::{KeyId, OrganizationId, Timestamp};
use sqlx::{Connection, Row, SqliteConnection};
use tempfile::TempDir;
use uuid::Uuid;

const KEY: &str = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd";

fn key(organization_id: OrganizationId, hash: KeyHash, permissions: &str) -> StoredKey {
    StoredKey {
        id: KeyId::from_uuid(Uuid::new_v4()),
        organization_id,
        name: "a \"name\" with 'quotes'".to_owned(),
        hash,
        permissions: Permissions::parse(permissions).unwrap_or(Permissions::READ_WRITE),
        created_at: Timestamp::from_unix_micros(1_795_356_360_123_456),
    }
}

async fn connect(path: &Path) -> Result<SqliteConnection> {
    Ok(SqliteConnection::connect(&format!("sqlite:{}", path.display())).await?)
}

#[tokio::test]
async fn keeps_keys_over_a_restart() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("control.db");
    let store = SqliteControlStore::open(&path).await?;
    let organization = store.default_organization().await?;
    let written = [
        key(organization.id, hash_key(KEY.as_bytes()), "rw"),
        key(organization.id, [0xab; 32], "r"),
        key(organization.id, [0; 32], "w"),
    ];
    for key in &written {
        store.insert_key(key.clone()).await?;
    }
    store.close().await;

    let store = SqliteControlStore::open(&path).await?;
    let mut read = store.keys().await?;
    read.sort_by_key(|key| written.iter().position(|other| other.id == key.id));
    assert_eq!(read, written);
    assert_eq!(store.default_organization().await?, organization);
    let ring = KeyRing::from_iter(read);
    let entry = ring.identify(format!("Bearer {KEY}").as_bytes());
    assert_eq!(entry.map(|entry| entry.organization_id), Some(organization.id));
    Ok(())
}

#[tokio::test]
async fn keeps_the_first_of_two_keys_with_one_hash() -> Result<()> {
    let directory = TempDir::new()?;
    let store = SqliteControlStore::open(directory.path().join("control.db")).await?;
    let organization = store.default_organization().await?;
    let first = key(organization.id, [7; 32], "r");
    store.insert_key(first.clone()).await?;
    store.insert_key(key(organization.id, [7; 32], "rw")).await?;
    assert_eq!(store.keys().await?, [first]);
    Ok(())
}

#[tokio::test]
async fn refuses_a_key_of_an_unknown_organization() -> Result<()> {
    let directory = TempDir::new()?;
    let store = SqliteControlStore::open(directory.path().join("control.db")).await?;
    let stranger = key(OrganizationId::from_uuid(Uuid::nil()), [1; 32], "rw");
    let error = store.insert_key(stranger).await.unwrap_err();
    assert!(!error.is_transient(), "{error}");
    assert_eq!(store.keys().await?, []);
    Ok(())
}

#[tokio::test]
async fn version_changes_with_every_write_of_any_process_and_not_otherwise() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("control.db");
    let store = SqliteControlStore::open(&path).await?;
    let organization = store.default_organization().await?;
    let mut seen = vec![store.version().await?];
    assert_eq!(store.version().await?, seen[0]);
    assert_eq!(store.keys().await?, []);
    assert_eq!(store.version().await?, seen[0], "reading is no change");

    store.insert_key(key(organization.id, [1; 32], "rw")).await?;
    seen.push(store.version().await?);

    let other = SqliteControlStore::open(&path).await?;
    other.insert_key(key(organization.id, [2; 32], "rw")).await?;
    seen.push(store.version().await?);
    other.close().await;

    let mut raw = connect(&path).await?;
    sqlx::query("DELETE FROM api_key").execute(&mut raw).await?;
    seen.push(store.version().await?);

    let mut distinct = seen.clone();
    distinct.dedup();
    assert_eq!(distinct, seen);
    Ok(())
}

#[tokio::test]
async fn only_the_owner_may_read_the_files() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("control.db");
    std::fs::write(&path, "")?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644))?;
    let store = SqliteControlStore::open(&path).await?;
    store.default_organization().await?;
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory.path())? {
        let entry = entry?;
        assert_eq!(entry.metadata()?.permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
        names.push(entry.file_name());
    }
    assert!(names.iter().any(|name| name == "control.db-wal"), "{names:?}");
    Ok(())
}

#[tokio::test]
async fn several_can_open_a_new_store_at_once() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("control.db");
    let open = || async {
        let store = SqliteControlStore::open(&path).await?;
        Ok::<_, anyhow::Error>(store.default_organization().await?.id)
    };
    let (a, b, c, d) = tokio::try_join!(open(), open(), open(), open())?;
    assert_eq!([a, a, a], [b, c, d]);
    Ok(())
}

#[tokio::test]
async fn refuses_what_it_does_not_understand() -> Result<()> {
    let directory = TempDir::new()?;
    let check = async |name: &str, sql: &str, expected: &str| -> Result<()> {
        let path = directory.path().join(name);
        SqliteControlStore::open(&path).await?.close().await;
        let mut raw = connect(&path).await?;
        sqlx::raw_sql(sql).execute(&mut raw).await?;
        raw.close().await?;
        let error = SqliteControlStore::open(&path).await.err().map(|error: OpenError| error.to_string());
        assert!(error.as_ref().is_some_and(|error| error.contains(expected)), "{name}: {error:?}");
        Ok(())
    };
    check(
        "newer.db",
        "INSERT INTO schema_migration VALUES (999, 'later', '', 0)",
        "is at version 999, this program knows versions up to",
    )
    .await?;
    check(
        "changed.db",
        "UPDATE schema_migration SET checksum = 'x' WHERE version = 1",
        "migration 1 of the control store was changed",
    )
    .await?;
    let path = directory.path().join("noise.db");
    std::fs::write(&path, "this is no database, but long enough to be looked at as one. ".repeat(100))?;
    assert!(matches!(SqliteControlStore::open(&path).await, Err(OpenError::Database { .. })));
    let path = directory.path().join("no such directory/control.db");
    assert!(matches!(SqliteControlStore::open(&path).await, Err(OpenError::File { .. })));
    Ok(())
}

#[tokio::test]
async fn names_the_row_that_is_not_valid() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("control.db");
    let store = SqliteControlStore::open(&path).await?;
    let organization = store.default_organization().await?;
    let broken = key(organization.id, [1; 32], "rw");
    store.insert_key(broken.clone()).await?;
    let mut raw = connect(&path).await?;
    sqlx::query("UPDATE api_key SET hash = 'xyz'").execute(&mut raw).await?;
    let error = store.keys().await.unwrap_err();
    let source = std::error::Error::source(&error).map(ToString::to_string);
    assert_eq!(source, Some(format!("api_key row {} has an invalid hash", broken.id)));
    Ok(())
}

#[tokio::test]
async fn what_a_killed_process_leaves_is_a_usable_store() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("control.db");
    let store = SqliteControlStore::open(&path).await?;
    let organization = store.default_organization().await?;
    store.insert_key(key(organization.id, [1; 32], "rw")).await?;
    // The files as they lie there while the store is open: what a killed process leaves behind.
    let copy = directory.path().join("copy.db");
    std::fs::copy(&path, &copy)?;
    std::fs::copy(directory.path().join("control.db-wal"), directory.path().join("copy.db-wal"))?;
    let survivor = SqliteControlStore::open(&copy).await?;
    assert_eq!(survivor.keys().await?.len(), 1);
    let mut raw = connect(&copy).await?;
    let row = sqlx::query("PRAGMA journal_mode").fetch_one(&mut raw).await?;
    assert_eq!(row.try_get::<String, _>(0)?, "wal");
    Ok(())
}
