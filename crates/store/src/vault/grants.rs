//! What proxy keys grant, from memory: which provider's key, for which hosts, within which limits.

use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_types::{OrganizationId, ProviderKeyId, ProxyKeyId, Redacted, Timestamp};
use gatehouse_wire::HostPattern;
use subtle::ConstantTimeEq;

use super::{ProviderKey, ProxyKey, ProxyKeyLimit};
use crate::control::KeyHash;
use crate::keys::{LastUse, ProxyKeyUses, hash_key, key_in_header, proxy_key_id};

/// The port that a provider's key may be sent to where nothing else is said: that of HTTPS.
const HTTPS_PORT: u16 = 443;
/// The port to which no key is sent: everybody on the way would read it.
const HTTP_PORT: u16 = 80;

/// What a proxy key grants.
#[derive(Clone, Debug)]
pub struct ProxyGrant {
    /// The proxy key.
    pub proxy_key_id: ProxyKeyId,
    /// The provider's key that it stands for.
    pub provider_key_id: ProviderKeyId,
    /// Whose both are: the calls are this organisation's.
    pub organization_id: OrganizationId,
    /// The provider's name.
    pub provider: String,
    /// The only hosts that the provider's key may be sent to; empty for those of its provider in the table.
    pub hosts: Vec<HostPattern>,
    /// The provider's key.
    pub secret: Redacted<String>,
    /// The second secret that some providers want.
    pub extra_secret: Option<Redacted<String>>,
    /// What else the provider wants to know: a JSON object.
    pub config: String,
    /// What may be used; all of them hold.
    pub limits: Vec<ProxyKeyLimit>,
}

impl ProxyGrant {
    /// Returns whether the provider's key may be sent to `host` (lower case, without port) at `port`.
    ///
    /// `provider` is the name of the row of the table of providers that the target's own host and port belong to,
    /// whatever a header says. Where hosts are named they alone count; a pattern without a port means that of HTTPS.
    /// The port of plain HTTP is never permitted.
    pub fn permits(&self, host: &str, port: u16, provider: Option<&str>) -> bool {
        if port == HTTP_PORT {
            return false;
        }
        if self.hosts.is_empty() {
            return provider.is_some_and(|name| name.eq_ignore_ascii_case(&self.provider));
        }
        let is_meant = |pattern: &HostPattern| {
            pattern.matches(host, port) && (port == HTTPS_PORT || pattern.names_port())
        };
        self.hosts.iter().any(is_meant)
    }
}

/// Why a proxy key is not accepted; the text is for whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyKeyRefusal {
    /// It does not look like a proxy key.
    #[error("is not of the form `sk-helicone-proxy-xxxxxxx-xxxxxxx-xxxxxxx-xxxxxxx-<id>`")]
    Malformed,
    /// Nobody has it.
    #[error("is not known here; make one with `POST /v1/api-keys/proxy-key`")]
    Unknown,
    /// It was revoked.
    #[error("was revoked")]
    Revoked,
    /// Its time is over.
    #[error("has expired")]
    Expired,
    /// The provider's key was removed.
    #[error("stands for a provider key that was removed")]
    ProviderKeyRemoved,
    /// The provider's key is switched off.
    #[error("stands for a provider key that is switched off")]
    ProviderKeyInactive,
    /// What stands in the provider's key is the document of a service account, which no header carries.
    #[error("stands for a service account, which can't be placed into a call")]
    NotPlaceable,
    /// The provider's key does not open.
    #[error("can't be used: its provider key can't be decrypted with the current vault key")]
    Unreadable,
}

/// Every proxy key, in memory; replaced as a whole when the control store changed.
#[derive(Clone, Debug, Default)]
pub struct Vault {
    slots: HashMap<KeyHash, Slot>,
}

#[derive(Clone, Debug)]
struct Slot {
    hash: KeyHash,
    grant: Result<Arc<ProxyGrant>, ProxyKeyRefusal>,
    expires_at: Option<Timestamp>,
    last_use: LastUse,
}

/// A provider's key as the view has it: opened, or why it is not used.
pub(crate) struct OpenedKey {
    pub(crate) key: ProviderKey,
    pub(crate) secret: Option<Redacted<String>>,
    pub(crate) extra_secret: Option<Redacted<String>>,
}

impl Vault {
    /// Returns the vault of `keys`, whose uses are noted in `uses`.
    pub(crate) fn new(opened: Vec<OpenedKey>, keys: Vec<ProxyKey>, uses: &ProxyKeyUses) -> Self {
        let opened: HashMap<_, _> = opened.into_iter().map(|opened| (opened.key.id, opened)).collect();
        let slot = |key: ProxyKey| {
            let slot = Slot {
                hash: key.hash,
                expires_at: key.expires_at,
                last_use: uses.of(key.id, key.last_used_at),
                grant: grant(&key, opened.get(&key.provider_key_id)).map(Arc::new),
            };
            (key.hash, slot)
        };
        Self { slots: keys.into_iter().map(slot).collect() }
    }

    /// Returns what the proxy key in a header value (`Bearer <key>` or the bare key) grants, and notes its use.
    ///
    /// The work is the same for a known and an unknown key; what does not look like one is not hashed at all.
    ///
    /// # Errors
    /// Tells why the key is not accepted at `now`.
    pub fn find(&self, header: &[u8], now: Timestamp) -> Result<&Arc<ProxyGrant>, ProxyKeyRefusal> {
        let key = key_in_header(header);
        proxy_key_id(key).ok_or(ProxyKeyRefusal::Malformed)?;
        let hash = hash_key(key);
        let found = self.slots.get(&hash);
        // As in the ring of keys: a hash is compared, of which nobody can choose a part, always as long.
        let stored = found.map_or([0; 32], |slot| slot.hash);
        let is_equal = bool::from(hash.ct_eq(&stored));
        let slot = found.filter(|_| is_equal).ok_or(ProxyKeyRefusal::Unknown)?;
        if slot.expires_at.is_some_and(|end| end <= now) {
            return Err(ProxyKeyRefusal::Expired);
        }
        let grant = slot.grant.as_ref().map_err(|refusal| *refusal)?;
        slot.last_use.note(now);
        Ok(grant)
    }

    /// Returns how many proxy keys there are, those that are not accepted included.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

/// Returns what a proxy key grants until it expires.
fn grant(key: &ProxyKey, opened: Option<&OpenedKey>) -> Result<ProxyGrant, ProxyKeyRefusal> {
    if key.revoked_at.is_some() {
        return Err(ProxyKeyRefusal::Revoked);
    }
    let opened = opened.filter(|opened| {
        opened.key.revoked_at.is_none() && opened.key.organization_id == key.organization_id
    });
    let opened = opened.ok_or(ProxyKeyRefusal::ProviderKeyRemoved)?;
    if !opened.key.is_active {
        return Err(ProxyKeyRefusal::ProviderKeyInactive);
    }
    // A pattern that does not read leaves no host: the key is then sent nowhere rather than anywhere.
    let hosts: Result<Vec<HostPattern>, _> = opened.key.hosts.iter().map(|host| host.parse()).collect();
    let (Some(secret), Ok(hosts)) = (&opened.secret, hosts) else { return Err(ProxyKeyRefusal::Unreadable) };
    if opened.key.extra_secret.is_some() != opened.extra_secret.is_some() {
        return Err(ProxyKeyRefusal::Unreadable);
    }
    if secret.expose().starts_with('{') {
        return Err(ProxyKeyRefusal::NotPlaceable);
    }
    Ok(ProxyGrant {
        proxy_key_id: key.id,
        provider_key_id: opened.key.id,
        organization_id: key.organization_id,
        provider: opened.key.provider.clone(),
        hosts,
        secret: secret.clone(),
        extra_secret: opened.extra_secret.clone(),
        config: opened.key.config.clone(),
        limits: key.limits.clone(),
    })
}

#[cfg(test)]
mod tests;
