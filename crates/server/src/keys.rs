//! `gatehouse keys`.

use anyhow::{Context, Result, bail};
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed, ControlStore, Organization, StoredKey};
use gatehouse_store::keys::{generate_key, hash_key};
use gatehouse_types::{Clock as _, KeyId, SystemClock, Timestamp};
use serde_json::{Map, Value, json};

use crate::administration::{entry, make_and, open_and, organization, owner, print_list, time};
use crate::banner;
use crate::cli::{CreateKey, KeysCommand, List, Subject};

const COLUMNS: [&str; 8] =
    ["id", "name", "organization", "permissions", "admin", "created_at", "last_used_at", "status"];

/// Runs a command about keys.
pub(crate) fn run(command: &KeysCommand) -> Result<()> {
    match command {
        KeysCommand::Create(create) => make(create),
        KeysCommand::List(list) => show(list),
        KeysCommand::Revoke(subject) => revoke(subject),
    }
}

/// Makes a key and prints it alone on standard output.
fn make(create: &CreateKey) -> Result<()> {
    let key = generate_key().context("can't generate a key")?;
    make_and(&create.place, async |store, _config| {
        let organization = owner(store, &create.owner).await?;
        let (hash, now) = (hash_key(key.expose().as_bytes()), SystemClock.now());
        let stored = StoredKey {
            is_admin: create.admin,
            expires_at: create.expires_in.map(|duration| now.plus(duration)),
            ..StoredKey::new(organization.id, create.name.clone(), hash, create.permissions, now)
        };
        let audit = entry(organization.id, Action::KeyCreated, stored.id, create.name.clone());
        store.change(Change::AddKey(stored), audit).await.context("can't store the key")
    })?;
    banner::print(key.expose())
}

/// Lists keys, oldest first.
fn show(list: &List) -> Result<()> {
    let rows = open_and(&list.place, async |store, _config| {
        let organizations = match &list.organization {
            Some(named) => vec![organization(store, named).await?],
            None => store.organizations().await.context("can't read the organisations")?,
        };
        let keys = store.keys().await.context("can't read the keys")?.into_iter();
        let owned = keys.filter_map(|key| {
            let owner = organizations.iter().find(|organization| organization.id == key.organization_id)?;
            Some(row(&key, owner, SystemClock.now()))
        });
        Ok(owned.collect::<Vec<_>>())
    })?;
    print_list(&list.form, &COLUMNS, &rows)
}

fn row(key: &StoredKey, owner: &Organization, now: Timestamp) -> Map<String, Value> {
    let status = if key.revoked_at.is_some() {
        "revoked"
    } else if key.expires_at.is_some_and(|end| end <= now) {
        "expired"
    } else {
        "active"
    };
    let fields = [
        ("id", json!(key.id)),
        ("name", json!(key.name)),
        ("organization", json!(owner.name)),
        ("organization_id", json!(owner.id)),
        ("permissions", json!(key.permissions.as_str())),
        ("admin", json!(key.is_admin)),
        ("created_at", time(Some(key.created_at))),
        ("last_used_at", time(key.last_used_at)),
        ("expires_at", time(key.expires_at)),
        ("revoked_at", time(key.revoked_at)),
        ("status", json!(status)),
    ];
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn revoke(subject: &Subject) -> Result<()> {
    let name = open_and(&subject.place, async |store, _config| {
        let id = KeyId::from_uuid(subject.id);
        let keys = store.keys().await.context("can't read the keys")?;
        let Some(key) = keys.into_iter().find(|key| key.id == id) else {
            bail!("there is no key `{id}`: `gatehouse keys list` shows those there are");
        };
        if let Some(at) = key.revoked_at {
            bail!("the key `{id}` ({}) was revoked already, at {at}", key.name);
        }
        let audit = entry(key.organization_id, Action::KeyRevoked, id, key.name.clone());
        let change = Change::RevokeKey(key.organization_id, id);
        match store.change(change, audit).await.context("can't revoke the key")? {
            Changed::Done => Ok(key.name),
            Changed::NotFound | Changed::Exists => bail!("the key `{id}` was revoked already"),
        }
    })?;
    banner::print(&format!("revoked the key {} ({name})", subject.id))
}
