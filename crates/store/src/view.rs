//! What of the control store is needed for every call, in memory: no call waits for a store.

use std::sync::Arc;

use arc_swap::ArcSwap;
use tokio::sync::Mutex;

use crate::StoreError;
use crate::control::ControlStore;
use crate::domains::{ApprovedDomains, HostRules};
use crate::keys::{KeyRing, KeyUses};

/// Keys, approved domains and host rules as they were when the store was last seen to change.
#[derive(Debug, Default)]
pub struct ControlView {
    /// Who may call.
    pub keys: KeyRing,
    /// Which targets beside the known providers are not limited.
    pub domains: ApprovedDomains,
    /// Where organisations let their calls go.
    pub hosts: HostRules,
}

/// The view that is in force, replaced as a whole when the store changed.
pub type SharedView = Arc<ArcSwap<ControlView>>;

/// Keeps a [`SharedView`] that of the store.
pub struct ViewKeeper {
    store: Arc<dyn ControlStore>,
    view: SharedView,
    uses: KeyUses,
    /// The version of the store that the view was read at.
    seen: Mutex<Option<i64>>,
}

impl ViewKeeper {
    /// Returns a keeper of `view`, which stays as it is until the first refresh.
    pub fn new(store: Arc<dyn ControlStore>, view: SharedView) -> Self {
        Self { store, view, uses: KeyUses::default(), seen: Mutex::new(None) }
    }

    /// Returns the store.
    pub fn store(&self) -> &Arc<dyn ControlStore> {
        &self.store
    }

    /// Returns the view.
    pub const fn view(&self) -> &SharedView {
        &self.view
    }

    /// Reads the view anew if the store has changed, also by another process.
    ///
    /// # Errors
    /// Fails when the store can't be read; the view stays as it was.
    pub async fn refresh(&self) -> Result<(), StoreError> {
        let mut seen = self.seen.lock().await;
        // Read before the contents: a change in between is seen again next time.
        let version = self.store.version().await?;
        if *seen == Some(version) {
            return Ok(());
        }
        let view = ControlView {
            keys: KeyRing::new(self.store.keys().await?, &self.uses),
            domains: self.store.domains().await?.into_iter().collect(),
            hosts: self.store.host_rules().await?.into_iter().collect(),
        };
        self.view.store(Arc::new(view));
        *seen = Some(version);
        Ok(())
    }

    /// Writes the last uses of keys to the store, as far as they are new.
    ///
    /// # Errors
    /// Fails when the store can't be written; they are tried again next time.
    pub async fn write_key_uses(&self) -> Result<(), StoreError> {
        let uses = self.uses.take_new();
        if uses.is_empty() {
            return Ok(());
        }
        let written = self.store.note_key_uses(uses.clone()).await;
        if written.is_err() {
            self.uses.put_back(&uses);
        }
        written
    }
}
