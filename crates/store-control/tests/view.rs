//! The view of the control store: what is sealed there opens for calls, also while keys are rotated.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use gatehouse_seal::MasterKeys;
use gatehouse_seal::Sealed;
use gatehouse_store::accounts::{AccountChange, Admission, Membership, Role, StoredSession, Token, User};
use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::conformance::MemoryControl;
use gatehouse_store::control::{Change, Changed, ControlStore};
use gatehouse_store::keys::{generate_proxy_key, hash_key};
use gatehouse_store::secrets::{KeySource, ReplacedSecret};
use gatehouse_store::vault::{ProviderKey, ProxyKey, ProxyKeyRefusal};
use gatehouse_store::view::{SharedView, ViewKeeper};
use gatehouse_store::webhooks::{FULL_SAMPLE_RATE, Webhook};
use gatehouse_store_control::SqliteControlStore;
use gatehouse_types::{OrganizationId, ProviderKeyId, ProxyKeyId, SessionId, Timestamp, UserId, WebhookId};
use parking_lot::Mutex;

const NOW: Timestamp = Timestamp::from_unix_micros(1_795_356_360_123_456);
const SECRET: &str = "sk-of-the-provider";

/// What is done when the keys are read: the nth reading does the nth thing.
type Script = Mutex<Vec<Box<dyn FnOnce(&Keys) + Send>>>;

/// Keys that are replaced as by another process.
struct Keys {
    in_force: Mutex<Arc<MasterKeys>>,
    script: Script,
}

impl Keys {
    fn new(keys: MasterKeys) -> Arc<Self> {
        Arc::new(Self { in_force: Mutex::new(Arc::new(keys)), script: Mutex::default() })
    }

    fn replace(&self, keys: MasterKeys) {
        *self.in_force.lock() = Arc::new(keys);
    }
}

impl KeySource for Keys {
    fn keys(&self) -> Arc<MasterKeys> {
        let keys = Arc::clone(&self.in_force.lock());
        let next = { self.script.lock().pop() };
        if let Some(next) = next {
            next(self);
        }
        keys
    }
}

/// A store with one provider key and its proxy key, and one webhook.
struct House {
    store: Arc<MemoryControl>,
    organization_id: OrganizationId,
    proxy_key: String,
    keys: Arc<Keys>,
    keeper: ViewKeeper,
}

impl House {
    async fn build() -> Result<Self> {
        let store = Arc::new(MemoryControl::default());
        let organization_id = store.default_organization().await?.id;
        let master = MasterKeys::generate()?;
        let keys = Keys::new(master.clone());
        let secrets: Arc<dyn KeySource> = keys.clone();
        let keeper = ViewKeeper::new(store.clone(), SharedView::default(), secrets);
        let id = ProxyKeyId::generate();
        let proxy_key = generate_proxy_key(id)?.expose().clone();
        let house = Self { store, organization_id, proxy_key, keys, keeper };
        let provider_key = provider_key(organization_id, &master)?;
        let proxy_key = ProxyKey {
            id,
            organization_id,
            provider_key_id: provider_key.id,
            name: "app".to_owned(),
            hash: hash_key(house.proxy_key.as_bytes()),
            limits: Vec::new(),
            created_at: NOW,
            expires_at: None,
            revoked_at: None,
            last_used_at: None,
        };
        house.change(Change::AddProviderKey(provider_key)).await?;
        house.change(Change::AddProxyKey(proxy_key)).await?;
        house.change(Change::AddWebhook(webhook(organization_id, &master)?)).await?;
        Ok(house)
    }

    async fn change(&self, change: Change) -> Result<()> {
        let entry = AuditEntry::new(self.organization_id, NOW, Actor::Server, Action::VaultRotated, "", "");
        assert_eq!(self.store.change(change, entry).await?, Changed::Done);
        Ok(())
    }

    /// Returns every secret of the store, sealed with the current one of `keys`.
    async fn resealed(&self, keys: &MasterKeys) -> Result<Vec<ReplacedSecret>> {
        let (provider_keys, webhooks) = (self.store.provider_keys().await?, self.store.webhooks().await?);
        let mut places: Vec<_> = provider_keys.iter().flat_map(ProviderKey::secrets).collect();
        places.extend(webhooks.iter().map(|webhook| (webhook.secret_place(), &webhook.secret)));
        let resealed: Result<Vec<_>, _> =
            places.into_iter().map(|(place, sealed)| place.reseal(keys, sealed)).collect();
        Ok(resealed?.into_iter().flatten().collect())
    }

    /// Returns the provider's key that the proxy key stands for now.
    fn secret(&self) -> Result<String, ProxyKeyRefusal> {
        let view = self.keeper.view().load();
        view.vault.find(self.proxy_key.as_bytes(), NOW).map(|grant| grant.secret.expose().clone())
    }

    fn webhooks(&self) -> usize {
        self.keeper.view().load().webhooks.of(self.organization_id).len()
    }
}

fn provider_key(organization_id: OrganizationId, master: &MasterKeys) -> Result<ProviderKey> {
    let mut key = ProviderKey {
        id: ProviderKeyId::generate(),
        organization_id,
        name: "key".to_owned(),
        provider: "OPENAI".to_owned(),
        hosts: Vec::new(),
        secret: Sealed::erased(),
        extra_secret: None,
        config: "{}".to_owned(),
        is_active: true,
        created_at: NOW,
        updated_at: NOW,
        revoked_at: None,
    };
    key.secret = key.secret_place().seal(master, SECRET.as_bytes())?;
    Ok(key)
}

fn webhook(organization_id: OrganizationId, master: &MasterKeys) -> Result<Webhook> {
    let mut webhook = Webhook {
        id: WebhookId::generate(),
        organization_id,
        destination: "https://hooks.example.com".to_owned(),
        secret: Sealed::erased(),
        sample_rate: FULL_SAMPLE_RATE,
        property_filters: Vec::new(),
        include_data: true,
        is_active: true,
        created_at: NOW,
    };
    webhook.secret = webhook.secret_place().seal(master, b"signs")?;
    Ok(webhook)
}

#[tokio::test]
async fn what_is_sealed_opens_for_calls() -> Result<()> {
    let house = House::build().await?;
    assert_eq!(house.secret(), Err(ProxyKeyRefusal::Unknown));
    house.keeper.refresh().await?;
    assert_eq!(house.secret().as_deref(), Ok(SECRET));
    assert_eq!(house.webhooks(), 1);
    house.keeper.write_key_uses().await?;
    let used: Vec<_> = house.store.proxy_keys().await?.into_iter().map(|key| key.last_used_at).collect();
    assert_eq!(used, [Some(NOW)]);
    Ok(())
}

#[tokio::test]
async fn a_wrong_key_takes_calls_their_keys_and_the_right_one_gives_them_back() -> Result<()> {
    let house = House::build().await?;
    let right = house.keys.in_force.lock().as_ref().clone();
    house.keys.replace(MasterKeys::generate()?);
    house.keeper.refresh().await?;
    assert_eq!(house.secret(), Err(ProxyKeyRefusal::Unreadable));
    assert_eq!(house.webhooks(), 0);
    house.keys.replace(right);
    house.keeper.refresh().await?;
    assert_eq!(house.secret().as_deref(), Ok(SECRET), "the store did not change, but its keys did");
    assert_eq!(house.webhooks(), 1);
    Ok(())
}

#[tokio::test]
async fn a_secret_that_changed_places_does_not_open() -> Result<()> {
    let house = House::build().await?;
    let stolen = house.store.provider_keys().await?.remove(0).secret;
    let master = house.keys.in_force.lock().as_ref().clone();
    let other = provider_key(house.organization_id, &master)?;
    house.change(Change::AddProviderKey(ProviderKey { secret: stolen, ..other.clone() })).await?;
    let (id, moved) = (ProxyKeyId::generate(), house.store.proxy_keys().await?.remove(0));
    let key = generate_proxy_key(id)?;
    let hash = hash_key(key.expose().as_bytes());
    house.change(Change::AddProxyKey(ProxyKey { id, hash, provider_key_id: other.id, ..moved })).await?;
    house.keeper.refresh().await?;
    let view = house.keeper.view().load();
    let found = view.vault.find(key.expose().as_bytes(), NOW).map(|grant| grant.proxy_key_id);
    assert_eq!(found, Err(ProxyKeyRefusal::Unreadable));
    assert_eq!(house.secret().as_deref(), Ok(SECRET));
    Ok(())
}

#[tokio::test]
async fn no_refresh_loses_a_key_while_keys_are_rotated() -> Result<()> {
    let house = House::build().await?;
    house.keeper.refresh().await?;
    let first = house.keys.in_force.lock().as_ref().clone();
    let second = first.rotated()?;
    let resealed = house.resealed(&second).await?;
    assert_eq!(resealed.len(), 2);

    // The file is replaced right after the refresh looked at it, and the contents before the refresh reads them.
    let (with_both, only_new) = (second.clone(), second.without_former());
    *house.keys.script.lock() = vec![Box::new(move |keys: &Keys| keys.replace(with_both))];
    house.change(Change::ReplaceSecrets(resealed)).await?;
    house.keeper.refresh().await?;
    assert_eq!(house.secret().as_deref(), Ok(SECRET), "sealed with a key that came meanwhile");

    // The former key is dropped while the contents that it sealed were already read.
    house.keys.replace(second.clone());
    house.keeper.refresh().await?;
    house.keys.replace(only_new);
    house.keeper.refresh().await?;
    assert_eq!(house.secret().as_deref(), Ok(SECRET));
    assert_eq!(house.webhooks(), 1);
    Ok(())
}

#[tokio::test]
async fn a_key_dropped_during_a_refresh_still_opens_what_was_read() -> Result<()> {
    let house = House::build().await?;
    let only_new = house.keys.in_force.lock().rotated()?.without_former();
    *house.keys.script.lock() = vec![Box::new(move |keys: &Keys| keys.replace(only_new))];
    house.keeper.refresh().await?;
    assert_eq!(house.secret().as_deref(), Ok(SECRET));
    Ok(())
}

#[tokio::test]
async fn a_session_that_another_process_ends_is_unknown_after_the_next_look() -> Result<()> {
    let directory = tempfile::TempDir::new()?;
    let path = directory.path().join("control.db");
    let (here, other) = (SqliteControlStore::open(&path).await?, SqliteControlStore::open(&path).await?);
    let organization_id = here.default_organization().await?.id;
    let keys = Keys::new(MasterKeys::generate()?);
    let keeper = ViewKeeper::new(Arc::new(here), SharedView::default(), keys);
    let user = User {
        id: UserId::generate(),
        email: "ada@example.com".to_owned(),
        name: "Ada".to_owned(),
        password_hash: None,
        outside_id: None,
        is_installation_admin: false,
        created_at: NOW,
    };
    let token = Token::generate()?;
    let session = StoredSession {
        id: SessionId::generate(),
        user_id: user.id,
        organization_id,
        hash: token.hash(),
        user_agent: String::new(),
        address: String::new(),
        created_at: NOW,
        expires_at: NOW.plus(Duration::from_hours(1)),
        last_used_at: NOW,
    };
    let (user_id, id) = (user.id, session.id);
    let membership = Membership { organization_id, user_id, role: Role::Admin, created_at: NOW };
    let make = async |change: AccountChange| -> Result<()> {
        let actor = Actor::CommandLine;
        let audit = AuditEntry::new(organization_id, NOW, actor, Action::SignedIn, id, "");
        let made = other.change(Change::Account(Box::new(change)), audit).await?;
        assert_eq!(made, Changed::Done);
        Ok(keeper.refresh().await?)
    };
    let role = || {
        let view = keeper.view().load();
        view.sessions.identify(&token, NOW, Duration::from_hours(1)).map(|entry| entry.role).ok()
    };
    make(AccountChange::AddUser(user, membership, Admission::Operator)).await?;
    assert_eq!(role(), None);
    make(AccountChange::AddSession(session, None)).await?;
    assert_eq!(role(), Some(Role::Admin));
    make(AccountChange::EndSession(user_id, id)).await?;
    assert_eq!(role(), None);
    Ok(())
}
