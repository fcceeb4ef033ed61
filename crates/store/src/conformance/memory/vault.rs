//! Provider keys, proxy keys and their secrets.

use gatehouse_seal::Sealed;
use gatehouse_types::{OrganizationId, ProviderKeyId, ProxyKeyId, Timestamp};

use super::{State, add};
use crate::control::{Change, Changed};
use crate::secrets::{ReplacedSecret, SecretField};
use crate::vault::{ProviderKey, ProxyKey};

impl State {
    pub(super) fn apply_to_vault(&mut self, change: Change, now: Timestamp) -> Changed {
        match change {
            Change::AddProviderKey(added) => add(&mut self.provider_keys, added, |a, b| a.id == b.id),
            Change::UpdateProviderKey(changed) => {
                let (organization_id, id) = (changed.organization_id, changed.id);
                self.edit_provider_key(organization_id, id, |key| {
                    // What is not replaced stays.
                    let (provider, created_at) = (key.provider.clone(), key.created_at);
                    *key = ProviderKey { provider, created_at, revoked_at: None, ..changed };
                })
            }
            Change::RevealProviderKey(organization_id, id) => {
                self.edit_provider_key(organization_id, id, |_| {})
            }
            Change::RevokeProviderKey(organization_id, id) => {
                self.edit_provider_key(organization_id, id, |key| {
                    (key.secret, key.extra_secret) = (Sealed::erased(), None);
                    (key.revoked_at, key.updated_at) = (Some(now), now);
                })
            }
            Change::AddProxyKey(added) => self.add_proxy_key(added),
            Change::RevokeProxyKey(organization_id, id) => self.revoke_proxy_key(organization_id, id, now),
            Change::Note(_) => Changed::Done,
            Change::ReplaceSecrets(replaced) => self.replace_secrets(&replaced),
            other => self.apply_to_webhooks(other),
        }
    }

    pub(super) fn note_proxy_key_uses(&mut self, uses: &[(ProxyKeyId, Timestamp)]) {
        for (id, at) in uses {
            let used = self.proxy_keys.iter_mut().find(|key| key.id == *id);
            used.into_iter().for_each(|key| key.last_used_at = key.last_used_at.max(Some(*at)));
        }
        self.version += 1;
    }

    fn edit_provider_key(
        &mut self,
        organization_id: OrganizationId,
        id: ProviderKeyId,
        edit: impl FnOnce(&mut ProviderKey),
    ) -> Changed {
        let is_meant = |key: &&mut ProviderKey| {
            (key.organization_id, key.id) == (organization_id, id) && key.revoked_at.is_none()
        };
        self.provider_keys.iter_mut().find(is_meant).map(edit).map_or(Changed::NotFound, |()| Changed::Done)
    }

    fn add_proxy_key(&mut self, added: ProxyKey) -> Changed {
        let is_behind = |key: &ProviderKey| {
            (key.organization_id, key.id) == (added.organization_id, added.provider_key_id)
                && key.revoked_at.is_none()
        };
        let is_taken = self.proxy_keys.iter().any(|key| key.hash == added.hash || key.id == added.id);
        if is_taken || !self.provider_keys.iter().any(is_behind) {
            return Changed::NotFound;
        }
        self.proxy_keys.push(added);
        Changed::Done
    }

    fn revoke_proxy_key(
        &mut self,
        organization_id: OrganizationId,
        id: ProxyKeyId,
        now: Timestamp,
    ) -> Changed {
        let is_meant = |key: &&mut ProxyKey| {
            (key.organization_id, key.id) == (organization_id, id) && key.revoked_at.is_none()
        };
        let Some(key) = self.proxy_keys.iter_mut().find(is_meant) else { return Changed::NotFound };
        key.revoked_at = Some(now);
        Changed::Done
    }

    fn replace_secrets(&mut self, replaced: &[ReplacedSecret]) -> Changed {
        let done = replaced.iter().filter(|replaced| self.replace_secret(replaced)).count();
        if done == 0 { Changed::NotFound } else { Changed::Done }
    }

    fn replace_secret(&mut self, ReplacedSecret { place, old, new }: &ReplacedSecret) -> bool {
        let (organization_id, record_id) = (place.organization_id, place.record_id);
        let mut keys = self.provider_keys.iter_mut();
        let key = keys.find(|key| (key.organization_id, key.id.as_uuid()) == (organization_id, record_id));
        let mut webhooks = self.webhooks.iter_mut();
        let webhook =
            webhooks.find(|hook| (hook.organization_id, hook.id.as_uuid()) == (organization_id, record_id));
        let secret = match place.field {
            SecretField::ProviderKey => key.map(|key| &mut key.secret),
            SecretField::ProviderExtra => key.and_then(|key| key.extra_secret.as_mut()),
            SecretField::WebhookKey => webhook.map(|webhook| &mut webhook.secret),
        };
        match secret.filter(|secret| *secret == old) {
            Some(secret) => {
                *secret = new.clone();
                true
            }
            None => false,
        }
    }
}
