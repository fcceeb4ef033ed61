//! What is told of a provider's key.

use gatehouse_seal::{MasterKeys, Sealed};
use gatehouse_store::secrets::SecretPlace;
use gatehouse_store::vault::ProviderKey;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::error::{ApiError, ErrorKind};

/// A provider's key; the key itself is left out unless the operator allows it to be shown.
#[derive(Serialize, ToSchema)]
#[schema(as = ProviderKey, example = json!({
    "id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "org_id": "0199f0a1-0000-7000-8000-000000000001",
    "provider_name": "OPENAI", "provider_key_name": "production", "provider_key": null,
    "provider_secret_key": null, "has_secret_key": false, "hosts": [], "config": {}, "active": true,
    "soft_delete": false, "created_at": "2026-11-22T14:06:00.123Z", "updated_at": "2026-11-22T14:06:00.123Z"
}))]
pub(crate) struct ProviderKeyAnswer {
    id: Uuid,
    org_id: Uuid,
    /// The provider's name as `GET /v1/providers` has it, or one of the owner's own.
    provider_name: String,
    /// What its owner calls it.
    provider_key_name: String,
    /// The key: null unless `vault.reveal` is configured and this key alone was asked for.
    provider_key: Option<String>,
    /// The second secret that some providers want: null as `provider_key` is.
    provider_secret_key: Option<String>,
    /// Whether there is a second secret.
    has_secret_key: bool,
    /// The only hosts that it is sent to; none for those of its provider.
    hosts: Vec<String>,
    /// What else the provider wants to know.
    #[schema(value_type = Object)]
    config: Value,
    /// Whether it is used; its proxy keys are refused while it is not.
    active: bool,
    /// Always false: a key that was removed is not listed.
    soft_delete: bool,
    created_at: String,
    updated_at: String,
}

impl From<ProviderKey> for ProviderKeyAnswer {
    fn from(key: ProviderKey) -> Self {
        Self {
            id: key.id.as_uuid(),
            org_id: key.organization_id.as_uuid(),
            provider_name: key.provider,
            provider_key_name: key.name,
            provider_key: None,
            provider_secret_key: None,
            has_secret_key: key.extra_secret.is_some(),
            hosts: key.hosts,
            config: serde_json::from_str(&key.config).unwrap_or_default(),
            active: key.is_active,
            soft_delete: false,
            created_at: key.created_at.to_string(),
            updated_at: key.updated_at.to_string(),
        }
    }
}

impl ProviderKeyAnswer {
    /// Returns what is told of a key together with the key itself.
    pub(super) fn revealed(key: ProviderKey, keys: &MasterKeys) -> Result<Self, ApiError> {
        let provider_key = Some(open(key.secret_place(), &key.secret, keys)?);
        let extra = key.extra_secret.as_ref();
        let provider_secret_key = extra.map(|sealed| open(key.extra_place(), sealed, keys)).transpose()?;
        Ok(Self { provider_key, provider_secret_key, ..Self::from(key) })
    }
}

fn open(place: SecretPlace, sealed: &Sealed, keys: &MasterKeys) -> Result<String, ApiError> {
    let text = place.open(keys, sealed).map_err(|error| error.to_string()).and_then(|opened| {
        let text = std::str::from_utf8(opened.expose());
        text.map(ToOwned::to_owned).map_err(|_| "is no text".to_owned())
    });
    text.map_err(|error| {
        tracing::error!(id = %place.record_id, "a secret of the vault can't be shown: it {error}");
        let message = "the provider key can't be decrypted with the current vault key";
        ApiError::new(ErrorKind::SecretUnreadable, message)
    })
}
