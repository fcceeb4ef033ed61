//! The control store against real files: what is written is read back, by this process and by others.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::Result;
use gatehouse_store::audit::{Action, Actor, AuditEntry, AuditQuery};
use gatehouse_store::control::{Change, Changed, ControlStore, KeyHash, Permissions, StoredKey};
use gatehouse_store::desk::{DeskStore, MAX_SESSION_TAGS, SessionTag, Tagged};
use gatehouse_store::keys::hash_key;
use gatehouse_store_control::{OpenError, SqliteControlStore};
use gatehouse_types::{KeyId, OrganizationId, Timestamp};
use sqlx::{Connection, Row, SqliteConnection};
use tempfile::TempDir;

const KEY: &str = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd";

const NOW: Timestamp = Timestamp::from_unix_micros(1_795_356_360_123_456);

fn key(organization_id: OrganizationId, hash: KeyHash) -> StoredKey {
    StoredKey::new(organization_id, "test".to_owned(), hash, Permissions::READ_WRITE, NOW)
}

fn entry(key: &StoredKey) -> AuditEntry {
    AuditEntry::new(key.organization_id, NOW, Actor::CommandLine, Action::KeyCreated, key.id, "test")
}

/// Adds a key and says what became of it.
async fn add(store: &SqliteControlStore, key: StoredKey) -> Result<Changed> {
    let entry = entry(&key);
    Ok(store.change(Change::AddKey(key), entry).await?)
}

async fn connect(path: &Path) -> Result<SqliteConnection> {
    Ok(SqliteConnection::connect(&format!("sqlite:{}", path.display())).await?)
}

#[tokio::test]
async fn keeps_everything_over_a_restart() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("control.db");
    let store = SqliteControlStore::open(&path).await?;
    let organization = store.default_organization().await?;
    let written = key(organization.id, hash_key(KEY.as_bytes()));
    assert_eq!(add(&store, written.clone()).await?, Changed::Done);
    store.note_key_uses(vec![(written.id, NOW)]).await?;
    store.close().await;

    let store = SqliteControlStore::open(&path).await?;
    assert_eq!(store.keys().await?, [StoredKey { last_used_at: Some(NOW), ..written }]);
    assert_eq!(store.default_organization().await?, organization);
    let query = AuditQuery { organization_id: organization.id, before: None, limit: 10 };
    assert_eq!(store.audit(query).await?.len(), 1);
    Ok(())
}

/// The key that a store of the first version has in `an_older_store`.
const OLD_KEY: &str = "5b6a3a52-8ed6-4a3c-9cc1-8f2d6a1b7c10";

/// Makes a store as the program's first version left it.
async fn an_older_store(path: &Path) -> Result<()> {
    SqliteControlStore::open(path).await?.close().await;
    let mut raw = connect(path).await?;
    let sql = format!(
        "DROP TABLE first_visit; DROP TABLE password_link; DROP TABLE browser_session; DROP TABLE invitation;
         DROP TABLE membership; DROP TABLE person; DROP TABLE session_tag; DROP TABLE hidden_property; DROP TABLE saved_filter; DROP TABLE saved_query;
         DROP TABLE mapper_version; DROP TABLE mapper; DROP TABLE price_override; DROP TABLE dead_letter; DROP TABLE webhook; DROP TABLE proxy_key_use; DROP TABLE proxy_key;
         DROP TABLE provider_key; DROP TABLE rate_limit;
         DROP TABLE audit; DROP TABLE host_rule; DROP TABLE domain; DROP TABLE key_use;
         DROP INDEX organization_name;
         ALTER TABLE api_key DROP COLUMN is_admin; ALTER TABLE api_key DROP COLUMN updated_at;
         ALTER TABLE api_key DROP COLUMN expires_at; ALTER TABLE api_key DROP COLUMN revoked_at;
         DELETE FROM schema_migration WHERE version > 1;
         INSERT INTO organization VALUES ('019aab00-0000-7000-8000-000000000001', 'default', 'Default', 5);
         INSERT INTO api_key VALUES ('{OLD_KEY}', '019aab00-0000-7000-8000-000000000001', 'bootstrap', '{}', 'rw', 7)",
        "ab".repeat(32)
    );
    sqlx::raw_sql(&sql).execute(&mut raw).await?;
    Ok(raw.close().await?)
}

#[tokio::test]
async fn takes_over_the_keys_of_an_older_store() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("control.db");
    an_older_store(&path).await?;
    let store = SqliteControlStore::open(&path).await?;
    let organization = store.default_organization().await?;
    let made = |micros| Timestamp::from_unix_micros(micros);
    assert_eq!((organization.name.as_str(), organization.created_at), ("Default", made(5)));
    let fresh =
        StoredKey::new(organization.id, "bootstrap".to_owned(), [0xab; 32], Permissions::READ_WRITE, made(7));
    // The first start's key: an administrator's from now on.
    let old = StoredKey { id: KeyId::parse(OLD_KEY).unwrap(), is_admin: true, ..fresh };
    assert_eq!(store.keys().await?, std::slice::from_ref(&old));
    assert_eq!(store.change(Change::RevokeKey(organization.id, old.id), entry(&old)).await?, Changed::Done);
    Ok(())
}

#[tokio::test]
async fn a_change_whose_audit_entry_cannot_be_written_is_not_made() -> Result<()> {
    let directory = TempDir::new()?;
    let store = SqliteControlStore::open(directory.path().join("control.db")).await?;
    let organization = store.default_organization().await?;
    let (first, second) = (key(organization.id, [1; 32]), key(organization.id, [2; 32]));
    let entry = entry(&first);
    assert_eq!(store.change(Change::AddKey(first.clone()), entry.clone()).await?, Changed::Done);
    // An entry's id is taken once.
    store.change(Change::AddKey(second.clone()), entry.clone()).await.unwrap_err();
    store.change(Change::RevokeKey(organization.id, first.id), entry).await.unwrap_err();
    assert_eq!(store.keys().await?, [first]);
    assert_eq!(add(&store, second).await?, Changed::Done, "the store goes on");
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

    add(&store, key(organization.id, [1; 32])).await?;
    seen.push(store.version().await?);

    let other = SqliteControlStore::open(&path).await?;
    add(&other, key(organization.id, [2; 32])).await?;
    seen.push(store.version().await?);
    other.close().await;

    let mut raw = connect(&path).await?;
    sqlx::query("DELETE FROM audit").execute(&mut raw).await?;
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
        "was changed after it was applied",
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
    let broken = key(organization.id, [1; 32]);
    add(&store, broken.clone()).await?;
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
    add(&store, key(organization.id, [1; 32])).await?;
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

#[tokio::test]
async fn an_organisation_with_as_many_session_tags_as_it_may_have_can_change_them() -> Result<()> {
    let directory = TempDir::new()?;
    let path = directory.path().join("control.db");
    let store = SqliteControlStore::open(&path).await?;
    let organization_id = store.default_organization().await?.id;
    let mut raw = connect(&path).await?;
    sqlx::query(
        "WITH RECURSIVE counter (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter WHERE n < $2)
         INSERT INTO session_tag SELECT $1, n, 'old' FROM counter",
    )
    .bind(organization_id.to_string())
    .bind(i64::try_from(MAX_SESSION_TAGS)?)
    .execute(&mut raw)
    .await?;
    let tag = |session_id: &str| SessionTag {
        organization_id,
        session_id: session_id.to_owned(),
        tag: "new".to_owned(),
    };
    assert_eq!(store.tag_session(tag("another")).await?, Tagged::Full);
    assert_eq!(store.session_tag(organization_id, "another".to_owned()).await?, None);
    assert_eq!(store.tag_session(tag("1")).await?, Tagged::Done);
    assert_eq!(store.session_tag(organization_id, "1".to_owned()).await?.as_deref(), Some("new"));
    store.untag_session(organization_id, "1".to_owned()).await?;
    assert_eq!(store.tag_session(tag("another")).await?, Tagged::Done);
    Ok(())
}
