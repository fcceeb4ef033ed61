//! Secrets in the control store: sealed for the place they are kept in, so that none opens anywhere else.

use std::sync::Arc;

use gatehouse_seal::{MasterKeys, OpenError, Opened, SealError, Sealed};
use gatehouse_types::OrganizationId;
use uuid::Uuid;

/// Which secret of a record it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SecretField {
    /// A provider's key.
    ProviderKey,
    /// The second secret that some providers want beside it.
    ProviderExtra,
    /// The key of a webhook's signatures.
    WebhookKey,
}

/// Where a secret is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SecretPlace {
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// The record: a provider key or a webhook.
    pub record_id: Uuid,
    /// Which secret of the record.
    pub field: SecretField,
}

/// A secret that was sealed anew, with another key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplacedSecret {
    /// Where it is.
    pub place: SecretPlace,
    /// What must be there: what was written there meanwhile stays.
    pub old: Sealed,
    /// What is to be there.
    pub new: Sealed,
}

/// Who has the keys that secrets are sealed with.
pub trait KeySource: Send + Sync {
    /// Returns the keys as they are now; a rotation by another process shows at the next call.
    fn keys(&self) -> Arc<MasterKeys>;
}

/// Keys that stay as they are.
impl KeySource for MasterKeys {
    fn keys(&self) -> Arc<MasterKeys> {
        Arc::new(self.clone())
    }
}

impl SecretField {
    /// Returns the name that is a part of what a secret is bound to: it never changes.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ProviderKey => "provider_key",
            Self::ProviderExtra => "provider_extra",
            Self::WebhookKey => "webhook_key",
        }
    }
}

impl SecretPlace {
    /// Seals a secret for this place.
    ///
    /// # Errors
    /// Fails when the operating system has no random bytes to give.
    pub fn seal(&self, keys: &MasterKeys, secret: &[u8]) -> Result<Sealed, SealError> {
        keys.seal(secret, &self.context())
    }

    /// Opens the secret of this place.
    ///
    /// # Errors
    /// Fails when its key is not among `keys`, when it is damaged or erased, or when it was sealed for another place.
    pub fn open(&self, keys: &MasterKeys, sealed: &Sealed) -> Result<Opened, OpenError> {
        keys.open(sealed, &self.context())
    }

    /// Returns the secret sealed with the current key; `None` when it is already, or is erased.
    ///
    /// # Errors
    /// Fails as [`open`](Self::open) and [`seal`](Self::seal) do.
    pub fn reseal(&self, keys: &MasterKeys, old: &Sealed) -> Result<Option<ReplacedSecret>, ResealError> {
        if !keys.needs_rotation(old) {
            return Ok(None);
        }
        let new = self.seal(keys, self.open(keys, old)?.expose())?;
        Ok(Some(ReplacedSecret { place: *self, old: old.clone(), new }))
    }

    /// Two ids of 16 bytes and a name: the same bytes never stand for two places.
    fn context(&self) -> Vec<u8> {
        let (owner, record) = (self.organization_id.as_uuid(), self.record_id);
        [owner.as_bytes(), record.as_bytes(), self.field.as_str().as_bytes()].concat()
    }
}

/// Why a secret was not sealed anew.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It can't be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
}
