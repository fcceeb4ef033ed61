//! A change and its audit entry, in one transaction.

use gatehouse_store::StoreError;
use gatehouse_store::audit::AuditEntry;
use gatehouse_store::control::{Change, Changed};
use gatehouse_types::Timestamp;
use sqlx::SqliteConnection;

use super::{SqliteControlStore, audit, domains, host_rules, keys, organizations};
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
    }
}

/// Returns whether a change adds something, which may be there already.
const fn adds(change: &Change) -> bool {
    matches!(
        change,
        Change::AddOrganization(_) | Change::AddKey(_) | Change::AddDomain(_) | Change::AddHostRule(_)
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
    }
}
