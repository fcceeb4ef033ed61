//! What is asked for a provider's key: a new one, or changes of one.

use gatehouse_seal::Sealed;
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::vault::ProviderKey;
use gatehouse_types::ProviderKeyId;
use gatehouse_wire::ProviderTable;
use serde_json::Value;
use uuid::Uuid;

use super::binding::{self, Binding};
use super::secret::{self, Secret};
use super::{no_key, own_key};
use crate::auth::Manager;
use crate::control::Control;
use crate::error::{ApiError, ErrorKind};
use crate::fields::Fields;
use crate::sealing::Sealing;

/// How many provider keys an organisation may have, and how many with those that were removed.
const MAX_USABLE_KEYS: usize = 1000;
const MAX_KEYS: usize = 10_000;
/// The longest `config`, in bytes of JSON.
const MAX_CONFIG_BYTES: usize = 16 << 10;
const CONFIG: &str = "a JSON object of up to 16 KiB";
const FLAG: &str = "`true` or `false`";

/// How a route names the fields of a provider's key.
pub(super) struct Names {
    pub(super) provider: &'static str,
    pub(super) name: &'static str,
    pub(super) key: &'static str,
}

/// The names of `/v1/api-keys/provider-key`, and those of `/v1/vault`.
pub(super) const PROVIDER_KEY: Names =
    Names { provider: "providerName", name: "providerKeyName", key: "providerKey" };
pub(super) const VAULT: Names = Names { provider: "provider", name: "name", key: "key" };
const EXTRA: &str = "providerSecretKey";

/// A provider's key that is to be stored.
pub(super) struct WantedKey {
    name: String,
    binding: Binding,
    secret: Secret,
    extra_secret: Option<Secret>,
    config: String,
}

impl WantedKey {
    pub(super) fn read(fields: &Fields, names: &Names, table: &ProviderTable) -> Result<Self, ApiError> {
        let binding = Binding::read(fields, names.provider, table)?;
        Ok(Self {
            // Helicone's vault takes keys without a name.
            name: fields.optional_name(names.name)?.unwrap_or_else(|| binding.provider.clone()),
            binding,
            secret: secret::required(fields, names.key)?,
            extra_secret: secret::read(fields, EXTRA)?,
            config: config(fields)?.unwrap_or_else(|| "{}".to_owned()),
        })
    }

    /// Stores the key and returns its id.
    pub(super) async fn store(self, manager: &Manager, control: &Control) -> Result<Uuid, ApiError> {
        let organization_id = manager.organization_id;
        let _turn = control.take_turn().await;
        let keys = control.store().provider_keys().await?;
        let own = || keys.iter().filter(|key| key.organization_id == organization_id);
        let usable = own().filter(|key| key.revoked_at.is_none()).count();
        if usable >= MAX_USABLE_KEYS || own().count() >= MAX_KEYS {
            let message = format!(
                "an organisation may have {MAX_USABLE_KEYS} provider keys, and {MAX_KEYS} with those that were removed"
            );
            return Err(ApiError::new(ErrorKind::LimitReached, message));
        }
        let now = control.now();
        let mut key = ProviderKey {
            id: ProviderKeyId::generate(),
            organization_id,
            name: self.name,
            provider: self.binding.provider,
            hosts: self.binding.hosts,
            secret: Sealed::erased(),
            extra_secret: None,
            config: self.config,
            is_active: true,
            created_at: now,
            updated_at: now,
            revoked_at: None,
        };
        let sealing = Sealing::new(control);
        key.secret = sealing.seal(key.secret_place(), self.secret.expose().as_bytes())?;
        let extra = self.extra_secret.as_ref().map(|extra| extra.expose().as_bytes());
        key.extra_secret = extra.map(|extra| sealing.seal(key.extra_place(), extra)).transpose()?;
        let id = key.id.as_uuid();
        let (actor, detail) = (manager.actor, format!("{}: {}", key.provider, key.name));
        let audit = control.entry(organization_id, actor, Action::ProviderKeyAdded, id, detail);
        match sealing.change(control, Change::AddProviderKey(key), audit).await? {
            Changed::Done => Ok(id),
            Changed::Exists | Changed::NotFound => {
                Err(ApiError::new(ErrorKind::Internal, "the key could not be stored"))
            }
        }
    }
}

/// What is to be changed of a provider's key; what is not named stays.
pub(super) struct Changes {
    names: &'static Names,
    name: Option<String>,
    hosts: Option<Vec<String>>,
    secret: Option<Secret>,
    extra_secret: Option<Secret>,
    config: Option<String>,
    is_active: Option<bool>,
}

impl Changes {
    pub(super) fn read(fields: &Fields, names: &'static Names) -> Result<Self, ApiError> {
        let flag = |value: &Value| value.as_bool().ok_or_else(|| ApiError::field("active", FLAG));
        Ok(Self {
            names,
            name: fields.optional_name(names.name)?,
            hosts: binding::read_hosts(fields)?,
            secret: secret::read(fields, names.key)?,
            extra_secret: secret::read(fields, EXTRA)?,
            config: config(fields)?,
            is_active: fields.value("active").map(flag).transpose()?,
        })
    }

    /// Makes the changes; they are in force at once, also for the proxy keys that stand for this key.
    pub(super) async fn make(
        self,
        id: Uuid,
        manager: &Manager,
        control: &Control,
        table: &ProviderTable,
    ) -> Result<ProviderKey, ApiError> {
        let _turn = control.take_turn().await;
        let sealing = Sealing::new(control);
        let mut key = own_key(control, manager.organization_id, id).await?;
        let detail = format!("{}: {}: {}", key.provider, key.name, self.told());
        if let Some(hosts) = &self.hosts {
            self.check_hosts(hosts, &key, table)?;
            key.hosts = Binding::of(key.provider.clone(), hosts.clone(), table)?.hosts;
        }
        if let Some(secret) = &self.secret {
            key.secret = sealing.seal(key.secret_place(), secret.expose().as_bytes())?;
        }
        if let Some(extra) = &self.extra_secret {
            key.extra_secret = Some(sealing.seal(key.extra_place(), extra.expose().as_bytes())?);
        }
        key.name = self.name.unwrap_or(key.name);
        key.config = self.config.unwrap_or(key.config);
        key.is_active = self.is_active.unwrap_or(key.is_active);
        key.updated_at = control.now();
        let actor = manager.actor;
        let audit = control.entry(key.organization_id, actor, Action::ProviderKeyChanged, id, detail);
        match sealing.change(control, Change::UpdateProviderKey(key.clone()), audit).await? {
            Changed::Done => Ok(key),
            Changed::NotFound | Changed::Exists => Err(no_key(id)),
        }
    }

    /// Checks that nobody has a key sent to a further host who does not have it: who may manage the organisation could
    /// otherwise read every key in its vault at a host of his own.
    fn check_hosts(
        &self,
        hosts: &[String],
        key: &ProviderKey,
        table: &ProviderTable,
    ) -> Result<(), ApiError> {
        let Some(further) = binding::further_host(hosts, key, table) else { return Ok(()) };
        let missing = [
            (self.names.key, self.secret.is_none()),
            (EXTRA, key.extra_secret.is_some() && self.extra_secret.is_none()),
        ];
        match missing.into_iter().find(|(_, is_missing)| *is_missing) {
            None => Ok(()),
            Some((field, _)) => {
                let expected = format!("sent again where a host is added, here `{further}`");
                Err(ApiError::field(field, &expected))
            }
        }
    }

    /// Says what is changed, and to what where that is no secret.
    fn told(&self) -> String {
        let told = [
            self.name.as_ref().map(|name| format!("name {name}")),
            self.secret.as_ref().map(|_| "key".to_owned()),
            self.extra_secret.as_ref().map(|_| "second secret".to_owned()),
            self.hosts.as_ref().map(|hosts| format!("hosts {}", hosts.join(" "))),
            self.config.as_ref().map(|_| "config".to_owned()),
            self.is_active.map(|is_active| if is_active { "active" } else { "not active" }.to_owned()),
        ];
        told.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// Reads `config`, if it is there: an object, kept as its JSON text.
fn config(fields: &Fields) -> Result<Option<String>, ApiError> {
    let Some(value) = fields.value("config") else { return Ok(None) };
    let text = value.is_object().then(|| value.to_string());
    let text = text.filter(|text| text.len() <= MAX_CONFIG_BYTES);
    text.map(Some).ok_or_else(|| ApiError::field("config", CONFIG))
}
