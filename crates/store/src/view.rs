//! What of the control store is needed for every call, in memory: no call waits for a store.

mod opening;

use std::sync::Arc;

use arc_swap::ArcSwap;
use gatehouse_seal::MasterKeyId;
use tokio::sync::Mutex;

use crate::StoreError;
use crate::accounts::{SessionRing, SessionUses};
use crate::control::ControlStore;
use crate::domains::{ApprovedDomains, HostRules};
use crate::keys::{KeyRing, KeyUses, ProxyKeyUses};
use crate::mappers::Mappings;
use crate::price_overrides::OrganizationPrices;
use crate::rate_limits::RateLimits;
use crate::secrets::KeySource;
use crate::vault::Vault;
use crate::webhooks::Webhooks;

use opening::Opener;

/// What calls need of the control store, as it was when the store was last seen to change.
#[derive(Debug, Default)]
pub struct ControlView {
    /// Who may call.
    pub keys: KeyRing,
    /// Which targets beside the known providers are not limited.
    pub domains: ApprovedDomains,
    /// Where organisations let their calls go.
    pub hosts: HostRules,
    /// How organisations limit their calls.
    pub rate_limits: RateLimits,
    /// What proxy keys stand for.
    pub vault: Vault,
    /// Who is told of calls.
    pub webhooks: Webhooks,
    /// The prices that organisations set for their calls.
    pub prices: OrganizationPrices,
    /// How calls are read that nobody wrote a reader for.
    pub mappings: Mappings,
    /// Who is signed in.
    pub sessions: SessionRing,
}

/// The view that is in force, replaced as a whole when the store changed.
pub type SharedView = Arc<ArcSwap<ControlView>>;

/// Keeps a [`SharedView`] that of the store.
pub struct ViewKeeper {
    store: Arc<dyn ControlStore>,
    view: SharedView,
    secrets: Arc<dyn KeySource>,
    uses: KeyUses,
    proxy_uses: ProxyKeyUses,
    session_uses: SessionUses,
    seen: Mutex<Seen>,
}

/// What the view was read from.
#[derive(Default)]
struct Seen {
    /// The version of the store, once it was read.
    version: Option<i64>,
    /// The keys that were there to open secrets.
    key_ids: Vec<MasterKeyId>,
    /// What did not open, so that it is said once.
    unreadable: opening::Unreadable,
}

impl ViewKeeper {
    /// Returns a keeper of `view`, which stays as it is until the first refresh; `secrets` has the keys that open
    /// what is sealed in the store.
    pub fn new(store: Arc<dyn ControlStore>, view: SharedView, secrets: Arc<dyn KeySource>) -> Self {
        Self {
            store,
            view,
            secrets,
            uses: KeyUses::default(),
            proxy_uses: ProxyKeyUses::default(),
            session_uses: SessionUses::default(),
            seen: Mutex::default(),
        }
    }

    /// Returns the store.
    pub fn store(&self) -> &Arc<dyn ControlStore> {
        &self.store
    }

    /// Returns the view.
    pub const fn view(&self) -> &SharedView {
        &self.view
    }

    /// Returns who has the keys that secrets are sealed with.
    pub fn secrets(&self) -> &dyn KeySource {
        self.secrets.as_ref()
    }

    /// Reads the view anew if the store or the keys to its secrets have changed, also by another process.
    ///
    /// # Errors
    /// Fails when the store can't be read; the view stays as it was.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let mut seen = self.seen.lock().await;
        // Both are read before the contents: a change in between is seen again next time.
        let before = self.secrets.keys();
        let version = self.store.version().await?;
        if seen.version == Some(version) && seen.key_ids == before.ids() {
            return Ok(());
        }
        let (provider_keys, webhooks) = (self.store.provider_keys().await?, self.store.webhooks().await?);
        // Keys and contents may have been replaced in between, in this order or the other: what was just read opens
        // with the keys of before or with those of now.
        let mut opener = Opener::new([self.secrets.keys(), Arc::clone(&before)]);
        let opened = provider_keys.into_iter().map(|key| opener.provider_key(key)).collect();
        let view = ControlView {
            keys: KeyRing::new(self.store.keys().await?, &self.uses),
            domains: self.store.domains().await?.into_iter().collect(),
            hosts: self.store.host_rules().await?.into_iter().collect(),
            rate_limits: self.store.rate_limits().await?.into_iter().collect(),
            vault: Vault::new(opened, self.store.proxy_keys().await?, &self.proxy_uses),
            webhooks: webhooks.into_iter().filter_map(|webhook| opener.webhook(webhook)).collect(),
            prices: self.store.price_overrides().await?.into_iter().collect(),
            mappings: Mappings::new(self.store.mappers().await?, self.store.active_mapper_versions().await?),
            sessions: SessionRing::new(&self.store.accounts().await?, &self.session_uses),
        };
        self.view.store(Arc::new(view));
        let unreadable = opener.report(&seen.unreadable);
        *seen = Seen { version: Some(version), key_ids: before.ids(), unreadable };
        Ok(())
    }

    /// Writes the last uses of keys and sessions to the store, as far as they are new.
    ///
    /// # Errors
    /// Fails when the store can't be written; they are tried again next time.
    pub async fn write_key_uses(&self) -> Result<(), StoreError> {
        let uses = self.uses.take_new();
        if !uses.is_empty() {
            let written = self.store.note_key_uses(uses.clone()).await;
            written.inspect_err(|_| self.uses.put_back(&uses))?;
        }
        let uses = self.proxy_uses.take_new();
        if !uses.is_empty() {
            let written = self.store.note_proxy_key_uses(uses.clone()).await;
            written.inspect_err(|_| self.proxy_uses.put_back(&uses))?;
        }
        let uses = self.session_uses.take_new();
        if !uses.is_empty() {
            let written = self.store.note_session_uses(uses.clone()).await;
            written.inspect_err(|_| self.session_uses.put_back(&uses))?;
        }
        Ok(())
    }
}
