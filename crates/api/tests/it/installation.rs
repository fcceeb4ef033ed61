//! Two organisations in a control store in memory, their keys, and what a test says instead of name servers.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use anyhow::{Result, ensure};
use gatehouse_api::domains::{DomainVerifier, Verification};
use gatehouse_api::{Administration, Control, IdentityTransport};
use gatehouse_config::{Config, DomainsConfig, SignInConfig};
use gatehouse_seal::MasterKeys;
use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::conformance::MemoryControl;
use gatehouse_store::control::{Change, Changed, ControlStore, Organization, Permissions, StoredKey};
use gatehouse_store::keys::hash_key;
use gatehouse_store::secrets::KeySource;
use gatehouse_store::view::{SharedView, ViewKeeper};
use gatehouse_types::{KeyId, OrganizationId, SystemClock, Timestamp};
use gatehouse_wire::{Provider, ProviderTable};
use parking_lot::Mutex;
use uuid::Uuid;

pub(crate) const READ_KEY: &str = "sk-helicone-aaaaaaa-aaaaaaa-aaaaaaa-aaaaaaa";
pub(crate) const WRITE_KEY: &str = "sk-helicone-bbbbbbb-bbbbbbb-bbbbbbb-bbbbbbb";
pub(crate) const BOTH_KEY: &str = "sk-helicone-ccccccc-ccccccc-ccccccc-ccccccc";
pub(crate) const OTHER_KEY: &str = "sk-helicone-ddddddd-ddddddd-ddddddd-ddddddd";
pub(crate) const OTHER_READ_KEY: &str = "sk-helicone-ddddddd-ddddddd-ddddddd-rrrrrrr";
pub(crate) const UNKNOWN_KEY: &str = "sk-helicone-eeeeeee-eeeeeee-eeeeeee-eeeeeee";
pub(crate) const ADMIN_KEY: &str = "sk-helicone-fffffff-fffffff-fffffff-fffffff";
pub(crate) const ADMIN_READ_KEY: &str = "sk-helicone-fffffff-fffffff-fffffff-rrrrrrr";
pub(crate) const REVOKED_KEY: &str = "sk-helicone-ggggggg-ggggggg-ggggggg-ggggggg";
pub(crate) const EXPIRED_KEY: &str = "sk-helicone-hhhhhhh-hhhhhhh-hhhhhhh-hhhhhhh";

/// A provider of the operator's own.
const OWN_PROVIDER: &str = r#"{"name": "HOUSE", "title": "House", "hosts": ["llm.house.example"]}"#;

/// Returns the tenant that owns all keys but [`OTHER_KEY`] and [`OTHER_READ_KEY`].
pub(crate) fn ours() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(1))
}

/// Returns the tenant of [`OTHER_KEY`].
pub(crate) fn theirs() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(2))
}

/// Everything the routes about organisations work on.
pub(crate) struct Installation {
    pub(crate) store: Arc<MemoryControl>,
    pub(crate) records: Arc<Records>,
    pub(crate) control: Arc<OnceLock<Arc<Control>>>,
    pub(crate) keeper: Arc<ViewKeeper>,
    pub(crate) secrets: Arc<Secrets>,
    /// Whether the operator lets owners see the keys in their vault.
    pub(crate) reveals_provider_keys: bool,
    /// How people sign in, and what calls the provider of identities.
    pub(crate) identities: Option<(SignInConfig, Arc<dyn IdentityTransport>)>,
}

impl Installation {
    /// Makes one with both organisations and all keys.
    pub(crate) async fn two_organizations() -> Result<Self> {
        let installation = Self::empty()?;
        installation.add_ours().await?;
        installation.add_theirs().await?;
        installation.keeper.refresh().await?;
        Ok(installation)
    }

    /// Makes one in which there is only the other organisation.
    pub(crate) async fn only_theirs() -> Result<Self> {
        let installation = Self::empty()?;
        installation.add_theirs().await?;
        installation.keeper.refresh().await?;
        Ok(installation)
    }

    fn empty() -> Result<Self> {
        let store = Arc::new(MemoryControl::default());
        let records = Arc::new(Records::default());
        let secrets = Arc::new(Secrets::new(MasterKeys::generate()?));
        let keeper = Arc::new(ViewKeeper::new(store.clone(), SharedView::default(), secrets.clone()));
        let control = Control::new(Arc::clone(&keeper), records.clone(), Arc::new(SystemClock));
        let control = Arc::new(OnceLock::from(Arc::new(control)));
        Ok(Self { store, records, control, keeper, secrets, reveals_provider_keys: false, identities: None })
    }

    async fn add_ours(&self) -> Result<()> {
        let (read, write) = (permissions("r"), permissions("w"));
        self.add_organization(ours(), "Ours").await?;
        self.add_key(key(1, ours(), READ_KEY, read)).await?;
        self.add_key(key(2, ours(), WRITE_KEY, write)).await?;
        self.add_key(key(3, ours(), BOTH_KEY, Permissions::READ_WRITE)).await?;
        let admin = |key| StoredKey { is_admin: true, ..key };
        self.add_key(admin(key(6, ours(), ADMIN_KEY, Permissions::READ_WRITE))).await?;
        self.add_key(admin(key(7, ours(), ADMIN_READ_KEY, read))).await?;
        let end = Some(Timestamp::from_unix_micros(1));
        let revoked = key(8, ours(), REVOKED_KEY, Permissions::READ_WRITE);
        self.add_key(StoredKey { revoked_at: end, ..revoked }).await?;
        let expired = key(9, ours(), EXPIRED_KEY, Permissions::READ_WRITE);
        self.add_key(StoredKey { expires_at: end, ..expired }).await
    }

    async fn add_theirs(&self) -> Result<()> {
        self.add_organization(theirs(), "Theirs").await?;
        self.add_key(key(4, theirs(), OTHER_KEY, Permissions::READ_WRITE)).await?;
        self.add_key(key(5, theirs(), OTHER_READ_KEY, permissions("r"))).await
    }

    /// Returns what the API is started with.
    pub(crate) fn administration(&self) -> Result<Administration> {
        let own: Provider = serde_json::from_str(OWN_PROVIDER)?;
        Ok(Administration {
            control: Arc::clone(&self.control),
            providers: Arc::new(ProviderTable::new(vec![own])?),
            limits: limits(),
            reveals_provider_keys: self.reveals_provider_keys,
        })
    }

    /// Returns the keys, domains and rules in force.
    pub(crate) fn view(&self) -> SharedView {
        Arc::clone(self.keeper.view())
    }

    async fn add_organization(&self, id: OrganizationId, name: &str) -> Result<()> {
        let created_at = Timestamp::from_unix_micros(0);
        let change = Change::AddOrganization(Organization { id, name: name.to_owned(), created_at });
        self.change(id, Action::OrganizationCreated, change).await
    }

    async fn add_key(&self, key: StoredKey) -> Result<()> {
        self.change(key.organization_id, Action::KeyCreated, Change::AddKey(key)).await
    }

    /// Lets the API see what was changed behind its back.
    pub(crate) async fn refresh(&self) -> Result<()> {
        Ok(self.keeper.refresh().await?)
    }

    /// Makes a change behind the API's back, as another process would.
    pub(crate) async fn change(&self, id: OrganizationId, action: Action, change: Change) -> Result<()> {
        let at = Timestamp::from_unix_micros(0);
        let audit = AuditEntry::new(id, at, Actor::CommandLine, action, "fixture", "fixture");
        ensure!(self.store.change(change, audit).await? == Changed::Done, "the fixture was not made");
        Ok(())
    }
}

/// The keys of the vault, which another process may replace.
pub(crate) struct Secrets {
    keys: Mutex<(Arc<MasterKeys>, Option<MasterKeys>)>,
}

impl Secrets {
    fn new(keys: MasterKeys) -> Self {
        Self { keys: Mutex::new((Arc::new(keys), None)) }
    }

    /// Returns the keys.
    pub(crate) fn in_force(&self) -> Arc<MasterKeys> {
        Arc::clone(&self.keys.lock().0)
    }

    /// Replaces the keys.
    pub(crate) fn replace(&self, keys: MasterKeys) {
        self.keys.lock().0 = Arc::new(keys);
    }

    /// Replaces the keys right after they are read.
    pub(crate) fn replace_after_next_reading(&self, keys: MasterKeys) {
        self.keys.lock().1 = Some(keys);
    }
}

impl KeySource for Secrets {
    fn keys(&self) -> Arc<MasterKeys> {
        let mut keys = self.keys.lock();
        let present = Arc::clone(&keys.0);
        if let Some(next) = keys.1.take() {
            keys.0 = Arc::new(next);
        }
        present
    }
}

/// What name servers know of records.
#[derive(Default)]
pub(crate) struct Records {
    found: Mutex<HashMap<String, Verification>>,
    /// Look-ups wait while it is held.
    pub(crate) gate: tokio::sync::Mutex<()>,
    asked: AtomicUsize,
}

impl Records {
    /// Sets what a look-up for `domain` finds; nothing is set at first, and missing.
    pub(crate) fn set(&self, domain: &str, found: Verification) {
        self.found.lock().insert(domain.to_owned(), found);
    }

    /// Returns when somebody has asked.
    pub(crate) async fn someone_asks(&self) {
        while self.asked.load(Ordering::Acquire) == 0 {
            tokio::task::yield_now().await;
        }
    }
}

impl DomainVerifier for Records {
    fn verify<'a>(&'a self, domain: &'a str) -> Pin<Box<dyn Future<Output = Verification> + Send + 'a>> {
        let missing = || Verification::Missing { explanation: format!("`{domain}` has no TXT record") };
        let found = self.found.lock().get(domain).cloned().unwrap_or_else(missing);
        self.asked.fetch_add(1, Ordering::Release);
        Box::pin(async {
            let _open = self.gate.lock().await;
            found
        })
    }
}

fn key(number: u128, organization_id: OrganizationId, key: &str, permissions: Permissions) -> StoredKey {
    let created_at = Timestamp::from_unix_micros(0);
    let (id, hash) = (KeyId::from_uuid(Uuid::from_u128(number)), hash_key(key.as_bytes()));
    StoredKey { id, ..StoredKey::new(organization_id, "test".to_owned(), hash, permissions, created_at) }
}

fn permissions(text: &str) -> Permissions {
    Permissions::parse(text).unwrap_or(Permissions::READ_WRITE)
}

fn limits() -> DomainsConfig {
    Config::default().domains
}
