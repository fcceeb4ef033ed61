//! What the first starts make: the organisation, its first key, and the link that lets the first person in.

use anyhow::{Context, Result};
use gatehouse_config::{BootstrapConfig, Redacted};
use gatehouse_store::accounts::Token;
use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::control::{Change, ControlStore, Permissions, StoredKey};
use gatehouse_store::keys::{generate_key, hash_key};
use gatehouse_types::{Clock as _, SystemClock};

/// Makes the link that lets the first person in, while there is nobody; a link of an earlier start is no longer good.
/// Its token stands where browsers send it to nobody.
pub(crate) async fn first_visit(store: &dyn ControlStore, dashboard: &str) -> Result<Option<String>> {
    if !store.accounts().await.context("can't read who may sign in")?.users.is_empty() {
        return Ok(None);
    }
    let token = Token::generate().context("can't generate a token")?;
    store.set_first_visit(token.hash()).await.context("can't store the link of the first visit")?;
    Ok(Some(format!("{dashboard}/first-visit#{}", token.expose())))
}

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
