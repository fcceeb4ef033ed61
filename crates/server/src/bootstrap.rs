//! What the first start makes: the organisation and its first key.

use anyhow::{Context, Result};
use gatehouse_config::{BootstrapConfig, Redacted};
use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::control::{Change, ControlStore, Permissions, StoredKey};
use gatehouse_store::keys::{generate_key, hash_key};
use gatehouse_types::{Clock as _, SystemClock};

/// What the first key is called.
const NAME: &str = "bootstrap";

/// Makes the first key, an administrator's, when there is none; returns it when it was generated and so has to
/// be shown.
pub(crate) async fn first_key(store: &dyn ControlStore, config: &BootstrapConfig) -> Result<Option<String>> {
    let (key, generated) = match &config.api_key {
        Some(key) => (key.expose().clone(), false),
        None if !store.keys().await.context("can't read keys")?.is_empty() => return Ok(None),
        None => (generate_key().context("can't generate a key")?.expose().clone(), true),
    };
    let key = Redacted::new(key);
    let organization = store.default_organization().await.context("can't read the organisation")?;
    let (hash, now) = (hash_key(key.expose().as_bytes()), SystemClock.now());
    let stored = StoredKey {
        is_admin: true,
        ..StoredKey::new(organization.id, NAME.to_owned(), hash, Permissions::READ_WRITE, now)
    };
    let (actor, action) = (Actor::Server, Action::KeyCreated);
    let audit = AuditEntry::new(organization.id, now, actor, action, stored.id, NAME);
    // A key that is there already stays as it is.
    store.change(Change::AddKey(stored), audit).await.context("can't store the key")?;
    Ok(generated.then(|| key.expose().clone()))
}
