//! `gatehouse keys`.

use anyhow::{Context, Result};
use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::control::{Change, ControlStore, StoredKey};
use gatehouse_store::keys::{generate_key, hash_key};
use gatehouse_store_control::SqliteControlStore;
use gatehouse_types::{Clock as _, SystemClock};

use crate::cli::CreateKey;
use crate::{banner, data_dir, settings};

/// Makes a key and prints it alone on standard output.
pub(crate) fn create(create: &CreateKey) -> Result<()> {
    let mut config = settings::load(&create.place)?;
    config.data_dir = data_dir::make(&config.data_dir)?;
    let key = generate_key().context("can't generate a key")?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let store = SqliteControlStore::open(config.control_path()).await?;
        let organization = store.default_organization().await.context("can't read the organisation")?;
        let (hash, now) = (hash_key(key.expose().as_bytes()), SystemClock.now());
        let stored = StoredKey::new(organization.id, create.name.clone(), hash, create.permissions, now);
        let (actor, action) = (Actor::CommandLine, Action::KeyCreated);
        let audit = AuditEntry::new(organization.id, now, actor, action, stored.id, create.name.clone());
        store.change(Change::AddKey(stored), audit).await.context("can't store the key")?;
        store.close().await;
        anyhow::Ok(())
    })?;
    banner::print(key.expose())
}
