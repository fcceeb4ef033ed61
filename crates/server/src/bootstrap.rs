//! What the first start makes: the organisation and its first key.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use arc_swap::ArcSwap;
use gatehouse_config::{BootstrapConfig, Redacted};
use gatehouse_store::control::{ControlStore, KeyHash, Permissions, StoredKey};
use gatehouse_store::keys::{KeyRing, generate_key, hash_key};
use gatehouse_types::{Clock as _, KeyId, SystemClock};

/// How often the store is asked whether a key was made or revoked, maybe by another process.
const KEY_REFRESH: Duration = Duration::from_millis(250);

/// Makes the first key, when there is none; returns it when it was generated and so has to be shown.
pub(crate) async fn first_key(store: &dyn ControlStore, config: &BootstrapConfig) -> Result<Option<String>> {
    let (key, generated) = match &config.api_key {
        Some(key) => (key.expose().clone(), false),
        None if !store.keys().await.context("can't read keys")?.is_empty() => return Ok(None),
        None => (generate_key().context("can't generate a key")?.expose().clone(), true),
    };
    insert_key(store, "bootstrap", &Redacted::new(key.clone()), Permissions::READ_WRITE).await?;
    Ok(generated.then_some(key))
}

/// Stores `key` for the default organisation.
pub(crate) async fn insert_key(
    store: &dyn ControlStore,
    name: &str,
    key: &Redacted<String>,
    permissions: Permissions,
) -> Result<()> {
    let organization = store.default_organization().await.context("can't read the organisation")?;
    let hash: KeyHash = hash_key(key.expose().as_bytes());
    let key = StoredKey {
        id: KeyId::generate(),
        organization_id: organization.id,
        name: name.to_owned(),
        hash,
        permissions,
        created_at: SystemClock.now(),
    };
    store.insert_key(key).await.context("can't store the key")
}

/// Reads all keys into memory.
pub(crate) async fn key_ring(store: &dyn ControlStore) -> Result<KeyRing> {
    let keys = store.keys().await.context("can't read keys")?;
    Ok(keys.into_iter().collect())
}

/// Keeps the keys in memory those of the store, for as long as it is awaited.
pub(crate) async fn follow_keys(store: Arc<dyn ControlStore>, keys: Arc<ArcSwap<KeyRing>>) {
    let mut seen = None;
    let mut interval = tokio::time::interval(KEY_REFRESH);
    loop {
        interval.tick().await;
        if let Err(error) = refresh(store.as_ref(), &keys, &mut seen).await {
            tracing::warn!(%error, "can't refresh keys; those in memory stay in force");
        }
    }
}

async fn refresh(store: &dyn ControlStore, keys: &ArcSwap<KeyRing>, seen: &mut Option<i64>) -> Result<()> {
    let version = store.version().await?;
    if *seen != Some(version) {
        keys.store(Arc::new(key_ring(store).await?));
        *seen = Some(version);
    }
    Ok(())
}
