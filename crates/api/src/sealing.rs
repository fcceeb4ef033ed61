//! Secrets sealed for a change, and sealed anew if the keys were rotated meanwhile.

use std::sync::Arc;

use gatehouse_seal::{MasterKeys, Sealed};
use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::secrets::{ReplacedSecret, SecretPlace};

use crate::control::Control;
use crate::error::{ApiError, ErrorKind};

/// What seals the secrets of a record that is added or changed.
pub(crate) struct Sealing {
    keys: Arc<MasterKeys>,
}

impl Sealing {
    /// Returns one that seals with the keys of now; of a record that is changed, take it before the record is read.
    pub(crate) fn new(control: &Control) -> Self {
        Self { keys: control.master_keys() }
    }

    /// Seals a secret.
    pub(crate) fn seal(&self, place: SecretPlace, secret: &[u8]) -> Result<Sealed, ApiError> {
        place.seal(&self.keys, secret).map_err(failed)
    }

    /// Makes the change.
    ///
    /// A rotation by another process may have read the secrets before this one was there, or sealed anew what this
    /// change puts back as it was, and drop the key that it was sealed with. The file of the keys is written before
    /// they are read, so that a look at it afterwards tells.
    pub(crate) async fn change(
        self,
        control: &Control,
        change: Change,
        audit: AuditEntry,
    ) -> Result<Changed, ApiError> {
        let organization_id = audit.organization_id;
        let written = secrets(&change);
        let changed = control.change(change, audit).await?;
        let keys = control.master_keys();
        if changed != Changed::Done {
            return Ok(changed);
        }
        let renew = |secret| self.renewed(secret, &keys).transpose();
        let renewed = written.iter().filter_map(renew).collect::<Result<Vec<_>, ApiError>>()?;
        if renewed.is_empty() {
            return Ok(changed);
        }
        let detail = format!("{} secrets", renewed.len());
        let key = keys.current_id();
        let audit = control.entry(organization_id, Actor::Server, Action::VaultRotated, key, detail);
        control.change(Change::ReplaceSecrets(renewed), audit).await?;
        Ok(changed)
    }

    /// Returns a secret sealed with the current one of `keys`; `None` when it is already, or can't be opened.
    fn renewed(
        &self,
        (place, old): &(SecretPlace, Sealed),
        keys: &MasterKeys,
    ) -> Result<Option<ReplacedSecret>, ApiError> {
        if !keys.needs_rotation(old) {
            return Ok(None);
        }
        let opened = place.open(keys, old).or_else(|_| place.open(&self.keys, old));
        // What did not open before stays as it is: its owner may be about to replace it.
        let Ok(opened) = opened else { return Ok(None) };
        let new = place.seal(keys, opened.expose()).map_err(failed)?;
        Ok(Some(ReplacedSecret { place: *place, old: old.clone(), new }))
    }
}

/// Returns the secrets of the record that a change writes, those that stay as they were too.
fn secrets(change: &Change) -> Vec<(SecretPlace, Sealed)> {
    match change {
        Change::AddProviderKey(key) | Change::UpdateProviderKey(key) => {
            key.secrets().map(|(place, sealed)| (place, sealed.clone())).collect()
        }
        Change::AddWebhook(webhook) | Change::UpdateWebhook(webhook) => {
            vec![(webhook.secret_place(), webhook.secret.clone())]
        }
        _ => Vec::new(),
    }
}

fn failed(error: impl std::error::Error) -> ApiError {
    tracing::error!(%error, "a secret could not be sealed");
    ApiError::new(ErrorKind::Internal, "the key could not be sealed")
}
