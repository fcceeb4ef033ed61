//! The stage of the limits: is this call one too many?
//!
//! It stands behind the cache, as in Helicone's proxy: an answer out of the cache takes nothing from a limit.

mod reached;

use std::sync::Arc;

use gatehouse_config::DomainMode;

use crate::plan::{Limited, Plan, Prepared};
use crate::quotas::QuotaKey;
use crate::reject::{Refusal, Rejection};
use crate::worker::Worker;

pub(crate) use reached::Limit;

/// Takes a call out of what its limits leave.
///
/// # Errors
/// Refuses a call to a target that is not approved and was called too often.
pub(crate) async fn limit(worker: &Arc<Worker>, Prepared(plan): Prepared) -> Result<Limited, Box<Rejection>> {
    match take_from_domain(worker, &plan).await {
        Ok(()) => Ok(Limited(plan)),
        Err(refusal) => Err(plan.recording.refuse(refusal)),
    }
}

/// Counts a call to a target that is not approved.
async fn take_from_domain(worker: &Worker, plan: &Plan) -> Result<(), Refusal> {
    let organization_id = plan.organization_id();
    let target = &plan.target;
    let is_free = target.is_approved
        || worker.shared.config.domains.mode == DomainMode::Open
        || worker.shared.view.load().domains.contains(organization_id, target.origin.host());
    if is_free {
        return Ok(());
    }
    let key = QuotaKey { organization_id, origin: Arc::clone(&target.origin) };
    worker.shared.quotas.take(key, worker.shared.clock.now()).await
}
