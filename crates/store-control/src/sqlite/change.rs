//! A change and its audit entry, in one transaction.

use gatehouse_store::StoreError;
use gatehouse_store::audit::AuditEntry;
use gatehouse_store::control::{Change, Changed};
use gatehouse_types::Timestamp;
use sqlx::SqliteConnection;

use super::{
    SqliteControlStore, accounts, audit, dead_letters, desk, domains, host_rules, keys, mappers,
    organizations, price_overrides, provider_keys, proxy_keys, rate_limits, secrets, webhooks,
};
use crate::error::Operation;

impl SqliteControlStore {
    pub(super) async fn make_change(&self, change: Change, entry: AuditEntry) -> Result<Changed, StoreError> {
        let operation = Operation::control(verb(&change));
        self.transact(&change, &entry).await.map_err(|error| operation.failed(error))
    }

    async fn transact(&self, change: &Change, entry: &AuditEntry) -> Result<Changed, sqlx::Error> {
        let mut writing = self.write().await?;
        if apply(&mut writing.transaction, change, entry.at).await? == 0 {
            writing.transaction.rollback().await?;
            return Ok(if adds(change) { Changed::Exists } else { Changed::NotFound });
        }
        audit::add(&mut writing.transaction, entry).await?;
        writing.transaction.commit().await?;
        Ok(Changed::Done)
    }
}

/// Makes a change; returns how many rows it is about.
async fn apply(db: &mut SqliteConnection, change: &Change, now: Timestamp) -> Result<u64, sqlx::Error> {
    match change {
        Change::AddOrganization(added) => organizations::add(db, added).await,
        Change::AddKey(added) => keys::add(db, added).await,
        Change::RenameKey(organization, id, name) => keys::rename(db, (*organization, *id), name, now).await,
        Change::RevokeKey(organization, id) => keys::revoke(db, (*organization, *id), now).await,
        Change::AddDomain(added) => domains::add(db, added).await,
        Change::UpdateDomain(changed) => domains::update(db, changed).await,
        Change::RemoveDomain(organization, id) => domains::remove(db, *organization, *id).await,
        Change::AddHostRule(added) => host_rules::add(db, added).await,
        Change::RemoveHostRule(organization, id) => host_rules::remove(db, *organization, *id).await,
        Change::AddRateLimit(added) => rate_limits::add(db, added).await,
        Change::UpdateRateLimit(changed) => rate_limits::update(db, changed).await,
        Change::RemoveRateLimit(organization, id) => rate_limits::remove(db, *organization, *id).await,
        other => apply_to_vault(db, other, now).await,
    }
}

/// Makes a change of the vault, of webhooks, prices or mappers.
async fn apply_to_vault(
    db: &mut SqliteConnection,
    change: &Change,
    now: Timestamp,
) -> Result<u64, sqlx::Error> {
    match change {
        Change::AddProviderKey(added) => provider_keys::add(db, added).await,
        Change::UpdateProviderKey(changed) => provider_keys::update(db, changed).await,
        Change::RevealProviderKey(organization, id) => provider_keys::count(db, (*organization, *id)).await,
        Change::RevokeProviderKey(organization, id) => {
            provider_keys::revoke(db, (*organization, *id), now).await
        }
        Change::AddProxyKey(added) => proxy_keys::add(db, added).await,
        Change::RevokeProxyKey(organization, id) => proxy_keys::revoke(db, (*organization, *id), now).await,
        Change::AddWebhook(added) => webhooks::add(db, added).await,
        Change::UpdateWebhook(changed) => webhooks::update(db, changed).await,
        Change::RemoveWebhook(organization, id) => webhooks::remove(db, *organization, *id).await,
        Change::RemoveDeadLetter(organization, id) => dead_letters::remove(db, *organization, *id).await,
        Change::ReplaceSecrets(replaced) => secrets::replace(db, replaced).await,
        Change::AddPriceOverride(added) => price_overrides::add(db, added).await,
        Change::UpdatePriceOverride(changed) => price_overrides::update(db, changed).await,
        Change::RemovePriceOverride(organization, id) => {
            price_overrides::remove(db, *organization, *id).await
        }
        Change::Desk(change) => desk::apply(db, change).await,
        Change::Account(change) => accounts::apply(db, change, now).await,
        Change::Note(_) => Ok(1),
        Change::SaveMapper(saved) => mappers::save(db, saved).await,
        Change::RemoveMapper(organization, id) => mappers::remove(db, *organization, *id).await,
        _ => Ok(0),
    }
}

/// Returns whether a change adds something, which may be there already.
const fn adds(change: &Change) -> bool {
    if let Change::Desk(change) = change {
        return change.adds_to().is_some();
    }
    if let Change::Account(change) = change {
        return accounts::adds(change);
    }
    matches!(
        change,
        Change::AddOrganization(_)
            | Change::AddKey(_)
            | Change::AddDomain(_)
            | Change::AddHostRule(_)
            | Change::AddProviderKey(_)
            | Change::AddWebhook(_)
            | Change::AddPriceOverride(_)
            | Change::SaveMapper(_)
    )
}

/// Returns what a change does, for errors.
const fn verb(change: &Change) -> &'static str {
    match change {
        Change::AddOrganization(_) => "add an organisation",
        Change::AddKey(_) => "add a key",
        Change::RenameKey(..) => "rename a key",
        Change::RevokeKey(..) => "revoke a key",
        Change::AddDomain(_) => "add a domain",
        Change::UpdateDomain(_) => "change the standing of a domain",
        Change::RemoveDomain(..) => "remove a domain",
        Change::AddHostRule(_) => "add a host rule",
        Change::RemoveHostRule(..) => "remove a host rule",
        Change::AddRateLimit(_) => "add a rule that limits calls",
        Change::UpdateRateLimit(_) => "change a rule that limits calls",
        Change::RemoveRateLimit(..) => "remove a rule that limits calls",
        Change::AddProviderKey(_) => "add a provider's key",
        Change::UpdateProviderKey(_) => "change a provider's key",
        Change::RevealProviderKey(..) => "note that a provider's key was shown",
        Change::RevokeProviderKey(..) => "remove a provider's key",
        Change::AddProxyKey(_) => "add a proxy key",
        Change::RevokeProxyKey(..) => "revoke a proxy key",
        Change::AddWebhook(_) => "add a webhook",
        Change::UpdateWebhook(_) => "change a webhook",
        Change::RemoveWebhook(..) => "remove a webhook",
        Change::RemoveDeadLetter(..) => "remove a dead letter",
        Change::ReplaceSecrets(_) => "replace secrets",
        Change::AddPriceOverride(_) => "add a price",
        Change::UpdatePriceOverride(_) => "change a price",
        Change::RemovePriceOverride(..) => "remove a price",
        Change::Desk(_) => "change what an organisation works with",
        Change::Account(_) => "change something about people",
        Change::Note(_) => "note what was done",
        Change::SaveMapper(_) => "save a mapper",
        Change::RemoveMapper(..) => "remove a mapper",
    }
}
