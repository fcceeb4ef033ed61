//! A control store in memory, for the tests of what is built on the contract.

mod accounts;
mod desk;
mod mappers;
mod prices;
mod vault;
mod webhooks;

use std::collections::HashMap;

use gatehouse_types::{Clock, KeyId, MapperId, OrganizationId, ProxyKeyId, SystemClock, Timestamp};
use parking_lot::Mutex;
use uuid::Uuid;

use crate::accounts::Accounts;
use crate::audit::{AuditEntry, AuditQuery};
use crate::control::{Change, Changed, ControlStore, Organization, StoredKey};
use crate::domains::{Domain, DomainId, HostRule};
use crate::mappers::{Mapper, MapperVersion};
use crate::price_overrides::PriceOverride;
use crate::rate_limits::RateLimitRule;
use crate::vault::{ProviderKey, ProxyKey};
use crate::webhooks::{DeadLetter, Webhook};
use crate::{Source, StoreError, StoreFuture};

use desk::Desk;

/// A control store that lives as long as the process.
#[derive(Debug, Default)]
pub struct MemoryControl(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    default_organization: Option<OrganizationId>,
    organizations: Vec<Organization>,
    keys: Vec<StoredKey>,
    uses: HashMap<KeyId, Timestamp>,
    domains: Vec<Domain>,
    host_rules: Vec<HostRule>,
    rate_limits: Vec<RateLimitRule>,
    price_overrides: Vec<PriceOverride>,
    mappers: Vec<Mapper>,
    mapper_versions: Vec<MapperVersion>,
    provider_keys: Vec<ProviderKey>,
    proxy_keys: Vec<ProxyKey>,
    webhooks: Vec<Webhook>,
    dead_letters: Vec<DeadLetter>,
    desk: Desk,
    accounts: Accounts,
    audit: Vec<AuditEntry>,
    version: i64,
}

impl ControlStore for MemoryControl {
    fn default_organization(&self) -> StoreFuture<'_, Organization> {
        Box::pin(async { Ok(self.0.lock().default_organization()) })
    }

    fn organizations(&self) -> StoreFuture<'_, Vec<Organization>> {
        Box::pin(async { Ok(oldest_first(&self.0.lock().organizations, |o| (o.created_at, o.id.as_uuid()))) })
    }

    fn keys(&self) -> StoreFuture<'_, Vec<StoredKey>> {
        Box::pin(async { Ok(self.0.lock().keys()) })
    }

    fn keys_of(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<StoredKey>> {
        Box::pin(async move {
            let mut keys = self.0.lock().keys();
            keys.retain(|key| key.organization_id == organization_id);
            Ok(keys)
        })
    }

    fn domains(&self) -> StoreFuture<'_, Vec<Domain>> {
        Box::pin(async { Ok(oldest_first(&self.0.lock().domains, |d| (d.created_at, d.id.0))) })
    }

    fn host_rules(&self) -> StoreFuture<'_, Vec<HostRule>> {
        Box::pin(async { Ok(oldest_first(&self.0.lock().host_rules, |r| (r.created_at, r.id.0))) })
    }

    fn rate_limits(&self) -> StoreFuture<'_, Vec<RateLimitRule>> {
        Box::pin(async { Ok(oldest_first(&self.0.lock().rate_limits, |r| (r.created_at, r.id))) })
    }

    fn provider_keys(&self) -> StoreFuture<'_, Vec<ProviderKey>> {
        Box::pin(async { Ok(oldest_first(&self.0.lock().provider_keys, |k| (k.created_at, k.id))) })
    }

    fn proxy_keys(&self) -> StoreFuture<'_, Vec<ProxyKey>> {
        Box::pin(async { Ok(oldest_first(&self.0.lock().proxy_keys, |k| (k.created_at, k.id))) })
    }

    fn webhooks(&self) -> StoreFuture<'_, Vec<Webhook>> {
        Box::pin(async { Ok(oldest_first(&self.0.lock().webhooks, |w| (w.created_at, w.id))) })
    }

    fn price_overrides(&self) -> StoreFuture<'_, Vec<PriceOverride>> {
        Box::pin(async { Ok(oldest_first(&self.0.lock().price_overrides, |p| (p.created_at, p.id))) })
    }

    fn mappers(&self) -> StoreFuture<'_, Vec<Mapper>> {
        Box::pin(async { Ok(oldest_first(&self.0.lock().mappers, |m| (m.created_at, m.id))) })
    }

    fn active_mapper_versions(&self) -> StoreFuture<'_, Vec<MapperVersion>> {
        Box::pin(async { Ok(self.0.lock().active_mapper_versions()) })
    }

    fn mapper_versions(
        &self,
        organization_id: OrganizationId,
        id: MapperId,
    ) -> StoreFuture<'_, Vec<MapperVersion>> {
        Box::pin(async move { Ok(self.0.lock().mapper_versions_of(organization_id, id)) })
    }

    fn dead_letters(&self, organization_id: OrganizationId) -> StoreFuture<'_, Vec<DeadLetter>> {
        Box::pin(async move { Ok(self.0.lock().dead_letters_of(organization_id)) })
    }

    fn add_dead_letter(&self, letter: DeadLetter) -> StoreFuture<'_, ()> {
        Box::pin(async {
            self.0.lock().add_dead_letter(letter);
            Ok(())
        })
    }

    fn change(&self, change: Change, audit: AuditEntry) -> StoreFuture<'_, Changed> {
        Box::pin(async { self.0.lock().change(change, audit) })
    }

    fn note_key_uses(&self, uses: Vec<(KeyId, Timestamp)>) -> StoreFuture<'_, ()> {
        Box::pin(async {
            let mut state = self.0.lock();
            for (id, at) in uses {
                let noted = state.uses.entry(id).or_insert(at);
                *noted = at.max(*noted);
            }
            state.version += 1;
            Ok(())
        })
    }

    fn note_proxy_key_uses(&self, uses: Vec<(ProxyKeyId, Timestamp)>) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            self.0.lock().note_proxy_key_uses(&uses);
            Ok(())
        })
    }

    fn note_domain_check(&self, id: DomainId, at: Timestamp) -> StoreFuture<'_, ()> {
        Box::pin(async move {
            let mut state = self.0.lock();
            let checked = state.domains.iter_mut().find(|domain| domain.id == id);
            checked.into_iter().for_each(|domain| domain.checked_at = Some(at));
            state.version += 1;
            Ok(())
        })
    }

    fn audit(&self, query: AuditQuery) -> StoreFuture<'_, Vec<AuditEntry>> {
        Box::pin(async move { Ok(self.0.lock().audit(query)) })
    }

    fn version(&self) -> StoreFuture<'_, i64> {
        Box::pin(async { Ok(self.0.lock().version) })
    }
}

impl State {
    fn default_organization(&mut self) -> Organization {
        let name = "Default";
        let is_it = |found: &&Organization| match self.default_organization {
            Some(id) => found.id == id,
            None => found.name == name,
        };
        let found = self.organizations.iter().find(is_it).cloned();
        let organization = found.unwrap_or_else(|| {
            let id = OrganizationId::from_uuid(Uuid::now_v7());
            let made = Organization { id, name: name.to_owned(), created_at: SystemClock.now() };
            self.organizations.push(made.clone());
            self.version += 1;
            made
        });
        self.default_organization = Some(organization.id);
        organization
    }

    fn keys(&self) -> Vec<StoredKey> {
        let mut keys = oldest_first(&self.keys, |key| (key.created_at, key.id.as_uuid()));
        for key in &mut keys {
            key.last_used_at = key.last_used_at.max(self.uses.get(&key.id).copied());
        }
        keys
    }

    fn audit(&self, query: AuditQuery) -> Vec<AuditEntry> {
        let is_wanted = |entry: &&AuditEntry| {
            entry.organization_id == query.organization_id
                && query.before.is_none_or(|before| entry.id < before)
        };
        let mut entries: Vec<_> = self.audit.iter().filter(is_wanted).cloned().collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.id));
        entries.truncate(usize::try_from(query.limit).unwrap_or(usize::MAX));
        entries
    }

    fn change(&mut self, change: Change, audit: AuditEntry) -> Result<Changed, StoreError> {
        if let Some(stranger) = self.stranger(&change) {
            let source = Source::from(format!("there is no organisation {stranger}"));
            return Err(StoreError::Failed { store: "control store", operation: "make a change", source });
        }
        let changed = self.apply(change, audit.at);
        if changed == Changed::Done {
            self.audit.push(audit);
            self.version += 1;
        }
        Ok(changed)
    }

    /// Returns the organisation to which a change adds something, if there is no such organisation.
    fn stranger(&self, change: &Change) -> Option<OrganizationId> {
        let owner = match change {
            Change::AddKey(key) => key.organization_id,
            Change::AddDomain(domain) => domain.organization_id,
            Change::AddHostRule(rule) => rule.organization_id,
            Change::AddRateLimit(rule) => rule.organization_id,
            Change::AddPriceOverride(price) => price.organization_id,
            Change::SaveMapper(saved) => saved.mapper.organization_id,
            Change::Desk(change) => change.adds_to()?,
            Change::AddProviderKey(key) => key.organization_id,
            Change::AddWebhook(webhook) => webhook.organization_id,
            _ => return None,
        };
        self.organizations.iter().all(|organization| organization.id != owner).then_some(owner)
    }

    fn apply(&mut self, change: Change, now: Timestamp) -> Changed {
        match change {
            Change::Account(change) => self.apply_to_accounts(*change, now),
            Change::AddOrganization(added) => add(&mut self.organizations, added, |a, b| a.name == b.name),
            Change::AddKey(added) => add(&mut self.keys, added, |a, b| a.hash == b.hash),
            Change::RenameKey(organization_id, id, name) => {
                self.edit_key(organization_id, id, |key| (key.name, key.updated_at) = (name, now))
            }
            Change::RevokeKey(organization_id, id) => self.edit_key(organization_id, id, |key| {
                (key.revoked_at, key.updated_at) = (Some(now), now);
            }),
            Change::AddDomain(added) => add(&mut self.domains, added, |a, b| {
                (a.organization_id, &a.name) == (b.organization_id, &b.name)
            }),
            Change::UpdateDomain(changed) => self.edit_domain(changed),
            Change::RemoveDomain(organization_id, id) => {
                remove(&mut self.domains, |found| (found.organization_id, found.id) == (organization_id, id))
            }
            Change::AddHostRule(added) => add(&mut self.host_rules, added, |a, b| {
                (a.organization_id, &a.pattern) == (b.organization_id, &b.pattern)
            }),
            Change::RemoveHostRule(organization_id, id) => remove(&mut self.host_rules, |found| {
                (found.organization_id, found.id) == (organization_id, id)
            }),
            other => self.apply_to_vault(other, now),
        }
    }

    fn edit_key(
        &mut self,
        organization_id: OrganizationId,
        id: KeyId,
        edit: impl FnOnce(&mut StoredKey),
    ) -> Changed {
        let is_meant = |key: &&mut StoredKey| {
            (key.organization_id, key.id) == (organization_id, id) && key.revoked_at.is_none()
        };
        self.keys.iter_mut().find(is_meant).map(edit).map_or(Changed::NotFound, |()| Changed::Done)
    }

    fn edit_domain(&mut self, changed: Domain) -> Changed {
        let is_meant = |found: &&mut Domain| {
            (found.organization_id, found.id) == (changed.organization_id, changed.id)
                && (changed.is_decided() || !found.is_decided())
        };
        let Some(domain) = self.domains.iter_mut().find(is_meant) else { return Changed::NotFound };
        // What is not its standing stays.
        let Domain { name, kind, created_at, .. } = domain.clone();
        *domain = Domain { name, kind, created_at, ..changed };
        Changed::Done
    }
}

/// Adds a row unless it is there.
fn add<T>(rows: &mut Vec<T>, added: T, is_same: impl Fn(&T, &T) -> bool) -> Changed {
    if rows.iter().any(|found| is_same(found, &added)) {
        return Changed::Exists;
    }
    rows.push(added);
    Changed::Done
}

fn remove<T>(rows: &mut Vec<T>, is_meant: impl Fn(&T) -> bool) -> Changed {
    let before = rows.len();
    rows.retain(|found| !is_meant(found));
    if rows.len() < before { Changed::Done } else { Changed::NotFound }
}

fn oldest_first<T: Clone, K: Ord>(rows: &[T], age: impl Fn(&T) -> K) -> Vec<T> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(age);
    rows
}
