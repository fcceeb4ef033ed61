//! Secrets of the store, opened for the view; what does not open is left out, and said once.

use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_seal::{MasterKeys, OpenError, Opened, Sealed};
use gatehouse_types::Redacted;
use uuid::Uuid;

use crate::secrets::SecretPlace;
use crate::vault::{OpenedKey, ProviderKey};
use crate::webhooks::{OpenWebhook, Webhook};

/// The records whose secrets did not open, and why.
pub(super) type Unreadable = HashMap<Uuid, OpenError>;

/// Opens what is sealed in the store.
pub(super) struct Opener {
    /// Tried one after the other.
    keys: [Arc<MasterKeys>; 2],
    unreadable: Unreadable,
}

impl Opener {
    pub(super) fn new(keys: [Arc<MasterKeys>; 2]) -> Self {
        Self { keys, unreadable: Unreadable::new() }
    }

    /// Opens a provider's key that is in use.
    pub(super) fn provider_key(&mut self, key: ProviderKey) -> OpenedKey {
        if key.revoked_at.is_some() {
            return OpenedKey { key, secret: None, extra_secret: None };
        }
        let secret = self.text(key.secret_place(), &key.secret);
        let extra = key.extra_secret.as_ref();
        let extra_secret = extra.and_then(|sealed| self.text(key.extra_place(), sealed));
        OpenedKey { key, secret, extra_secret }
    }

    /// Opens the key of a webhook; `None` when that can't be done.
    pub(super) fn webhook(&mut self, webhook: Webhook) -> Option<OpenWebhook> {
        let key = self.text(webhook.secret_place(), &webhook.secret)?;
        Some(OpenWebhook { webhook, key })
    }

    /// Says what did not open unless that was said `before`, and returns it.
    pub(super) fn report(self, before: &Unreadable) -> Unreadable {
        for (id, error) in &self.unreadable {
            if before.get(id) != Some(error) {
                tracing::error!(%id, "a secret of the vault can't be used: it {error}");
            }
        }
        self.unreadable
    }

    fn text(&mut self, place: SecretPlace, sealed: &Sealed) -> Option<Redacted<String>> {
        match self.open(place, sealed) {
            Ok(text) => Some(text),
            Err(error) => {
                self.unreadable.insert(place.record_id, error);
                None
            }
        }
    }

    fn open(&self, place: SecretPlace, sealed: &Sealed) -> Result<Redacted<String>, OpenError> {
        let [now, before] = &self.keys;
        let opened: Opened = place.open(now, sealed).or_else(|_| place.open(before, sealed))?;
        let text = std::str::from_utf8(opened.expose()).map_err(|_| OpenError::Damaged)?;
        Ok(Redacted::new(text.to_owned()))
    }
}
