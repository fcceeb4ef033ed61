//! `gatehouse vault`.

use anyhow::{Context, Result, bail, ensure};
use gatehouse_config::Config;
use gatehouse_seal::{MasterKeys, Sealed};
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, ControlStore};
use gatehouse_store::secrets::{ReplacedSecret, SecretField, SecretPlace};
use gatehouse_store::vault::ProviderKey;
use serde_json::{Map, Value, json};

use crate::administration::{entry, open_and, print_list};
use crate::cli::{ListAll, RotateVault, VaultCommand};
use crate::{banner, vault_keys};

/// How often the store is read again for secrets that a running server sealed meanwhile.
const MAX_ROUNDS: usize = 20;
const COLUMNS: [&str; 4] = ["key", "state", "secrets", "unreadable"];

/// Runs a command about the vault.
pub(crate) fn run(command: &VaultCommand) -> Result<()> {
    match command {
        VaultCommand::Rotate(rotate) => rotate_keys(rotate),
        VaultCommand::Status(list) => show(list),
    }
}

/// A secret of the store, where it is.
struct Kept {
    place: SecretPlace,
    sealed: Sealed,
}

/// Seals every secret with a new key.
fn rotate_keys(rotate: &RotateVault) -> Result<()> {
    let report = open_and(&rotate.place, async |store, config| {
        let is_in_file = config.vault.key.is_none();
        let _alone = is_in_file.then(|| vault_keys::lock(&config.vault_key_path())).transpose()?;
        let keys = new_keys(store, config, rotate).await?;
        let done = reseal_all(store, &keys).await?;
        let mut report = format!("sealed {done} secrets anew with key {}", keys.current_id());
        if rotate.drop_old {
            vault_keys::replace(&config.vault_key_path(), &keys.without_former())?;
            report.push_str("; the former keys are dropped");
        }
        Ok(report)
    })?;
    banner::print(&report)
}

/// Returns the keys to rotate to: those of the configuration, or the file's with a new current one, which is in the
/// file when this returns, so that a running server can open what is sealed with it.
async fn new_keys(store: &dyn ControlStore, config: &Config, rotate: &RotateVault) -> Result<MasterKeys> {
    if let Some(keys) = &config.vault.key {
        ensure!(
            !rotate.drop_old,
            "`vault.key` is configured: drop the former keys there, when `gatehouse vault status` shows that nothing \
             needs them"
        );
        return Ok(keys.clone());
    }
    let path = config.vault_key_path();
    let keys = vault_keys::read_file(&path)?.rotated().context("can't make a key for the vault")?;
    // What does not open is found before anything is changed.
    resealed(store, &keys).await?;
    vault_keys::replace(&path, &keys)?;
    Ok(keys)
}

/// Seals everything with the current key, and what a running server sealed with a former one meanwhile; returns how
/// many secrets that were.
async fn reseal_all(store: &dyn ControlStore, keys: &MasterKeys) -> Result<usize> {
    let owner = store.default_organization().await.context("can't read the organisation")?;
    let mut done = 0;
    for _ in 0..MAX_ROUNDS {
        let resealed = resealed(store, keys).await?;
        if resealed.is_empty() {
            return Ok(done);
        }
        let count = resealed.len();
        let audit = entry(owner.id, Action::VaultRotated, keys.current_id(), format!("{count} secrets"));
        store.change(Change::ReplaceSecrets(resealed), audit).await.context("can't store the secrets")?;
        done += count;
    }
    bail!(
        "the secrets of the vault are being changed all the time; the former keys are kept, try again later"
    )
}

/// Returns every secret that is not sealed with the current key, sealed with it. One that does not open stops the
/// rotation before anything is written: a key that is needed would be dropped.
async fn resealed(store: &dyn ControlStore, keys: &MasterKeys) -> Result<Vec<ReplacedSecret>> {
    let mut resealed = Vec::new();
    for Kept { place, sealed } in kept(store).await? {
        let renewed = place.reseal(keys, &sealed).with_context(|| {
            format!("can't rotate: the secret of {} {} can't be sealed anew", kind(place), place.record_id)
        })?;
        resealed.extend(renewed);
    }
    Ok(resealed)
}

/// Returns every secret of the store.
async fn kept(store: &dyn ControlStore) -> Result<Vec<Kept>> {
    let keys = store.provider_keys().await.context("can't read the providers' keys")?;
    let webhooks = store.webhooks().await.context("can't read the webhooks")?;
    let of_keys = keys.iter().flat_map(ProviderKey::secrets);
    let of_webhooks = webhooks.iter().map(|webhook| (webhook.secret_place(), &webhook.secret));
    let all = of_keys.chain(of_webhooks);
    Ok(all.map(|(place, sealed)| Kept { place, sealed: sealed.clone() }).collect())
}

const fn kind(place: SecretPlace) -> &'static str {
    match place.field {
        SecretField::ProviderKey | SecretField::ProviderExtra => "provider key",
        SecretField::WebhookKey => "webhook",
    }
}

/// Lists the keys, the current one first, with how many secrets each has sealed.
fn show(list: &ListAll) -> Result<()> {
    let rows = open_and(&list.place, async |store, config| {
        let keys = match &config.vault.key {
            Some(keys) => keys.clone(),
            None => vault_keys::read_file(&config.vault_key_path())?,
        };
        Ok(rows(&keys, &kept(store).await?))
    })?;
    print_list(&list.form, &COLUMNS, &rows)
}

/// Returns a row for each key that is there, and for each that is missing.
fn rows(keys: &MasterKeys, kept: &[Kept]) -> Vec<Map<String, Value>> {
    let mut ids = keys.ids();
    let present = ids.len();
    for missing in kept.iter().filter_map(|kept| kept.sealed.key_id()) {
        if !ids.contains(&missing) {
            ids.push(missing);
        }
    }
    let row = |(index, id)| {
        let sealed = || kept.iter().filter(move |kept| kept.sealed.key_id() == Some(id));
        let unreadable = sealed().filter(|kept| kept.place.open(keys, &kept.sealed).is_err()).count();
        let state = match index {
            0 => "current",
            former if former < present => "former",
            _ => "missing",
        };
        let fields = [
            ("key", json!(id.to_string())),
            ("state", json!(state)),
            ("secrets", json!(sealed().count())),
            ("unreadable", json!(unreadable)),
        ];
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    };
    ids.into_iter().enumerate().map(row).collect()
}
