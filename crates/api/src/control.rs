//! The control store as the routes use it: changes that are in force when they are answered.

use std::sync::{Arc, OnceLock};

use gatehouse_config::DomainsConfig;
use gatehouse_seal::MasterKeys;
use gatehouse_store::StoreError;
use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::control::{Change, Changed, ControlStore};
use gatehouse_store::domains::Domain;
use gatehouse_store::view::ViewKeeper;
use gatehouse_types::{Clock, OrganizationId, Timestamp};
use gatehouse_wire::ProviderTable;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use crate::domains::{Decision, DomainVerifier, Finding, Restated, Verification};

/// What the routes about organisations, keys, domains and rules work on.
#[derive(Clone)]
pub struct Administration {
    /// The control store, once it is open; until then these routes answer 503.
    pub control: Arc<OnceLock<Arc<Control>>>,
    /// The providers that calls reach without anybody's approval.
    pub providers: Arc<ProviderTable>,
    /// The limits of calls to other targets.
    pub limits: DomainsConfig,
    /// Whether a provider's key in the vault is shown to its owner.
    pub reveals_provider_keys: bool,
}

/// An opened control store, and what it takes to change it.
pub struct Control {
    keeper: Arc<ViewKeeper>,
    verifier: Arc<dyn DomainVerifier>,
    clock: Arc<dyn Clock>,
    /// Held from reading what a change depends on until it is made.
    turn: Mutex<()>,
}

/// Why a domain was not checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// Nobody could say whether the record is there; nothing was changed.
    #[error("{0}")]
    Unavailable(String),
    /// The domain was removed meanwhile.
    #[error("the domain was removed")]
    Gone,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Control {
    /// Returns what changes the store of `keeper` and asks `verifier` for records.
    pub fn new(keeper: Arc<ViewKeeper>, verifier: Arc<dyn DomainVerifier>, clock: Arc<dyn Clock>) -> Self {
        Self { keeper, verifier, clock, turn: Mutex::new(()) }
    }

    /// Returns the store.
    pub fn store(&self) -> &dyn ControlStore {
        self.keeper.store().as_ref()
    }

    /// Looks the record of a domain up and writes what follows from it.
    ///
    /// A domain about which an administrator decided is left as it is. One that still has its record, or still
    /// lacks it, keeps its status; one whose record has gone is withdrawn.
    ///
    /// # Errors
    /// Fails, with nothing changed, when nobody could say whether the record is there, the domain was removed
    /// meanwhile, or the store fails.
    pub async fn check(&self, domain: &Domain, actor: Actor) -> Result<Domain, CheckError> {
        if domain.is_decided() {
            return Ok(domain.clone());
        }
        let finding = match self.verifier.verify(&domain.name).await {
            Verification::Found { name } => Finding::Found(name),
            Verification::Missing { explanation } => Finding::Missing(explanation),
            Verification::Unavailable { explanation } => return Err(CheckError::Unavailable(explanation)),
        };
        // A look-up takes its time: an administrator may have decided meanwhile.
        let _turn = self.take_turn().await;
        let present = self.domain(domain.id.0).await?.ok_or(CheckError::Gone)?;
        if present.is_decided() {
            return Ok(present);
        }
        let now = self.now();
        let Some(restated) = finding.apply(present.clone(), now) else {
            self.store().note_domain_check(present.id, now).await?;
            return Ok(Domain { checked_at: Some(now), ..present });
        };
        match self.restate(restated, actor).await? {
            Some(restated) => Ok(restated),
            // Another process removed it or decided about it.
            None => self.domain(domain.id.0).await?.ok_or(CheckError::Gone),
        }
    }

    /// Writes what an administrator decided about a domain; `None` if there is no such domain.
    pub(crate) async fn decide(
        &self,
        id: Uuid,
        decision: Decision,
        actor: Actor,
    ) -> Result<Option<Domain>, StoreError> {
        let _turn = self.take_turn().await;
        let Some(domain) = self.domain(id).await? else { return Ok(None) };
        self.restate(decision.apply(domain, self.now()), actor).await
    }

    async fn domain(&self, id: Uuid) -> Result<Option<Domain>, StoreError> {
        Ok(self.store().domains().await?.into_iter().find(|domain| domain.id.0 == id))
    }

    async fn restate(&self, restated: Restated, actor: Actor) -> Result<Option<Domain>, StoreError> {
        let (change, audit) = restated.change(actor);
        let changed = self.change(change, audit).await?;
        Ok((changed == Changed::Done).then_some(restated.domain))
    }

    /// Returns the keys that secrets in the store are sealed with, as they are now.
    pub(crate) fn master_keys(&self) -> Arc<MasterKeys> {
        self.keeper.secrets().keys()
    }

    /// Returns the time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Waits until nobody else of this process is between reading and changing.
    pub(crate) async fn take_turn(&self) -> MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Makes a change, which is in force in this process when this returns.
    pub(crate) async fn change(&self, change: Change, audit: AuditEntry) -> Result<Changed, StoreError> {
        let changed = self.store().change(change, audit).await?;
        if let Err(error) = self.keeper.refresh().await {
            tracing::warn!(%error, "a change was made, but could not be read back yet");
        }
        Ok(changed)
    }

    /// Returns the audit entry of what `actor` does now.
    pub(crate) fn entry(
        &self,
        organization_id: OrganizationId,
        actor: Actor,
        action: Action,
        subject: impl ToString,
        detail: impl Into<String>,
    ) -> AuditEntry {
        AuditEntry::new(organization_id, self.clock.now(), actor, action, subject, detail)
    }
}
