//! The fourth stage: may this call be made now?

use std::sync::Arc;

use gatehouse_config::DomainMode;
use gatehouse_types::OrganizationId;
use gatehouse_upstream::UpstreamError;

use crate::identify::Identified;
use crate::quotas::QuotaKey;
use crate::reject::{Refusal, Rejection};
use crate::worker::Worker;

/// Lets a call pass if its organisation lets its calls go there, the target is approved or within its limits,
/// and the call's record can be kept.
///
/// # Errors
/// Refuses a host that the organisation excluded, a target beyond the limits of what is not approved, and in
/// `strict` durability every call while the journal has no room for its record.
pub(crate) async fn admit(worker: &Worker, identified: Identified) -> Result<Identified, Box<Rejection>> {
    match refusal(worker, &identified).await {
        Some(refusal) => Err(identified.recording.refuse(refusal)),
        None => Ok(identified),
    }
}

async fn refusal(worker: &Worker, identified: &Identified) -> Option<Refusal> {
    if worker.is_strict() && !worker.shared.journal.has_room() {
        return Some(Refusal::JournalFull);
    }
    let target = &identified.target;
    if let Some(address) = target.forbidden {
        return Some(Refusal::Upstream(UpstreamError::ForbiddenAddress(address)));
    }
    let caller = identified.caller.as_ref();
    let organization_id = caller.map_or(OrganizationId::NOBODY, |caller| caller.organization_id);
    let host = target.origin.host();
    let domains = &worker.shared.config.domains;
    {
        let view = worker.shared.view.load();
        if !view.hosts.permit(organization_id, host, target.origin.port()) {
            return Some(Refusal::ExcludedHost);
        }
        let is_free = target.is_approved || domains.mode == DomainMode::Open;
        if is_free || view.domains.contains(organization_id, host) {
            return None;
        }
    }
    if domains.mode == DomainMode::Closed {
        return Some(Refusal::UnapprovedDomain);
    }
    let key = QuotaKey { organization_id, origin: Arc::clone(&target.origin) };
    worker.shared.quotas.take(key, worker.shared.clock.now()).await.err()
}
