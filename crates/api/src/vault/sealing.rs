//! Secrets sealed for a change, and sealed anew if the keys were rotated meanwhile.

use std::sync::Arc;

use gatehouse_seal::{MasterKeys, Sealed};
use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::secrets::{ReplacedSecret, SecretPlace};

use super::secret::Secret;
use crate::control::Control;
use crate::error::{ApiError, ErrorKind};

/// What was sealed for one change.
pub(super) struct Sealing {
    keys: Arc<MasterKeys>,
    sealed: Vec<(SecretPlace, Sealed)>,
}

impl Sealing {
    /// Returns one that seals with the keys of now.
    pub(super) fn new(control: &Control) -> Self {
        Self { keys: control.master_keys(), sealed: Vec::new() }
    }

    /// Seals a secret.
    pub(super) fn seal(&mut self, place: SecretPlace, secret: &Secret) -> Result<Sealed, ApiError> {
        let sealed = place.seal(&self.keys, secret.expose().as_bytes()).map_err(failed)?;
        self.sealed.push((place, sealed.clone()));
        Ok(sealed)
    }

    /// Makes the change.
    ///
    /// A rotation by another process may have read the secrets before this one was there, and drop the key that it
    /// was sealed with. The file of the keys is written before they are read, so that a look at it afterwards tells.
    pub(super) async fn change(
        self,
        control: &Control,
        change: Change,
        audit: AuditEntry,
    ) -> Result<Changed, ApiError> {
        let organization_id = audit.organization_id;
        let changed = control.change(change, audit).await?;
        let keys = control.master_keys();
        if changed != Changed::Done || keys.current_id() == self.keys.current_id() || self.sealed.is_empty() {
            return Ok(changed);
        }
        let renew = |(place, old): &(SecretPlace, Sealed)| {
            let opened = place.open(&self.keys, old).map_err(failed)?;
            let new = place.seal(&keys, opened.expose()).map_err(failed)?;
            Ok(ReplacedSecret { place: *place, old: old.clone(), new })
        };
        let renewed = self.sealed.iter().map(renew).collect::<Result<Vec<_>, ApiError>>()?;
        let detail = format!("{} secrets", renewed.len());
        let key = keys.current_id();
        let audit = control.entry(organization_id, Actor::Server, Action::VaultRotated, key, detail);
        control.change(Change::ReplaceSecrets(renewed), audit).await?;
        Ok(changed)
    }
}

fn failed(error: impl std::error::Error) -> ApiError {
    tracing::error!(%error, "a secret could not be sealed");
    ApiError::new(ErrorKind::Internal, "the key could not be sealed")
}
