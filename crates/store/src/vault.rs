//! The vault: providers' keys, sealed, and the proxy keys that stand in their place.

mod grants;

use std::time::Duration;

use gatehouse_seal::Sealed;
use gatehouse_types::{NanoUsd, OrganizationId, ProviderKeyId, ProxyKeyId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::control::KeyHash;
use crate::secrets::{SecretField, SecretPlace};

pub(crate) use grants::OpenedKey;
pub use grants::{ProxyGrant, ProxyKeyRefusal, Vault};

/// A provider's key, sealed.
///
/// What a change replaces is `name`, `hosts`, `secret`, `extra_secret`, `config`, `is_active` and `updated_at`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderKey {
    /// Its id.
    pub id: ProviderKeyId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// What its owner calls it.
    pub name: String,
    /// The provider's name as in the table of providers (`OPENAI`), or one of the owner's own.
    pub provider: String,
    /// The patterns of the hosts that it may be sent to; empty for those of its provider in the table.
    pub hosts: Vec<String>,
    /// The key; erased when it was revoked.
    pub secret: Sealed,
    /// The second secret that some providers want.
    pub extra_secret: Option<Sealed>,
    /// What else the provider wants to know: region, project, deployment; a JSON object.
    pub config: String,
    /// Whether it is used; its owner may switch it off for a while.
    pub is_active: bool,
    /// When it was stored.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was removed: its secrets are erased, and its proxy keys are no longer in force.
    pub revoked_at: Option<Timestamp>,
}

impl ProviderKey {
    /// Returns where the key is kept.
    pub const fn secret_place(&self) -> SecretPlace {
        self.place(SecretField::ProviderKey)
    }

    /// Returns where the second secret is kept.
    pub const fn extra_place(&self) -> SecretPlace {
        self.place(SecretField::ProviderExtra)
    }

    /// Returns its secrets with their places, those that were erased left out.
    pub fn secrets(&self) -> impl Iterator<Item = (SecretPlace, &Sealed)> {
        let extra = self.extra_secret.iter().map(|sealed| (self.extra_place(), sealed));
        let all = std::iter::once((self.secret_place(), &self.secret)).chain(extra);
        all.filter(|(_, sealed)| !sealed.is_erased())
    }

    const fn place(&self, field: SecretField) -> SecretPlace {
        let (organization_id, record_id) = (self.organization_id, self.id.as_uuid());
        SecretPlace { organization_id, record_id, field }
    }
}

/// What an application uses in the place of a provider's key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyKey {
    /// Its id, which is also a part of the key.
    pub id: ProxyKeyId,
    /// Whose it is: the owner of the provider's key.
    pub organization_id: OrganizationId,
    /// The provider's key that it stands for.
    pub provider_key_id: ProviderKeyId,
    /// What its owner calls it.
    pub name: String,
    /// The hash of `Bearer <key>`.
    pub hash: KeyHash,
    /// What may be used through it; all of them hold.
    pub limits: Vec<ProxyKeyLimit>,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is no longer accepted.
    pub expires_at: Option<Timestamp>,
    /// When it was revoked.
    pub revoked_at: Option<Timestamp>,
    /// When it was last used, to within a minute.
    pub last_used_at: Option<Timestamp>,
}

/// How much may be used through a proxy key in any window of a length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProxyKeyLimit {
    /// The length of the window.
    #[serde(with = "whole_seconds", rename = "window_seconds")]
    pub window: Duration,
    /// How much.
    #[serde(flatten)]
    pub quota: ProxyKeyQuota,
}

/// An amount of what a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProxyKeyQuota {
    /// Calls.
    Requests(u64),
    /// Tokens of requests and answers together.
    Tokens(u64),
    /// What the calls cost.
    #[serde(rename = "cost_nano_usd")]
    Cost(NanoUsd),
}

mod whole_seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(window: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(window.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}
