//! The stage of the limits: is this call one too many?
//!
//! It stands behind the cache, as in Helicone's proxy: an answer out of the cache takes nothing from a limit.

mod claims;
mod reached;
mod standing;

use std::sync::Arc;

use gatehouse_config::DomainMode;
use gatehouse_store::limits::{Decision, OpenReservation, Standing};
use gatehouse_types::{LimitUse, OrganizationId};

use crate::finish::Recording;
use crate::plan::{Limited, Plan, Uncached};
use crate::quotas::QuotaKey;
use crate::reject::{Refusal, Rejection};
use crate::targets::Target;
use crate::upload::HeldBody;
use crate::vault::Grant;
use crate::worker::Worker;

pub(crate) use claims::needs_estimate;
pub(crate) use reached::Limit;
pub(crate) use standing::{Reached, seconds};

/// Helicone's property of a call that was refused by a limit.
const STATUS_PROPERTY: (&str, &str) = ("Helicone-Rate-Limit-Status", "bucket_rate_limited");

/// Takes a call out of what its limits leave; what cost and tokens are set aside for it is settled when it
/// has ended.
///
/// # Errors
/// Refuses a call beyond a limit: of its organisation, its key, its proxy key or its own headers, or of calls
/// to a target that is not approved.
pub(crate) async fn limit(
    worker: &Arc<Worker>,
    Uncached(mut plan): Uncached,
) -> Result<Limited, Box<Rejection>> {
    let limited = match reserve(worker, &mut plan).await {
        Ok(()) => take_from_domain(worker, plan.organization_id(), &plan.target).await,
        refused => refused,
    };
    match limited {
        Ok(()) => Ok(Limited(plan)),
        Err(refusal) => Err(plan.recording.refuse(refusal)),
    }
}

/// Claims the call's share of every limit that holds for it.
async fn reserve(worker: &Arc<Worker>, plan: &mut Plan) -> Result<(), Refusal> {
    let claims = claims::of(worker, plan).await;
    for (name, value) in claims.marks {
        plan.recording.mark(name, value);
    }
    if let Some(meta) = plan.recording.meta().filter(|_| claims.error.is_some()) {
        meta.rate_limit = Some(LimitUse { error: claims.error, ..LimitUse::default() });
    }
    if claims.claims.is_empty() {
        return Ok(());
    }
    let shared = &worker.shared;
    let decision = shared.limits.reserve(plan.organization_id(), claims.claims, shared.clock.now()).await;
    match decision {
        Ok(Decision::Granted { reservation, standings }) => {
            if let Some(tightest) = Standing::tightest(&standings) {
                note(plan, tightest, false);
            }
            let (limits, clock) = (Arc::clone(&shared.limits), Arc::clone(&shared.clock));
            plan.recording.settle_at_end(OpenReservation::new(limits, clock, reservation));
            Ok(())
        }
        Ok(Decision::Refused { standing, retry_after, .. }) => {
            note(plan, &standing, true);
            if let Some(meta) = plan.recording.meta() {
                meta.properties.push((STATUS_PROPERTY.0.to_owned(), STATUS_PROPERTY.1.to_owned()));
            }
            Err(Refusal::RateLimited(Reached { policy: standing.policy, retry_after }))
        }
        Err(error) => {
            // No call waits for a store, nor fails with one.
            tracing::warn!(%error, "limits can't be asked; the call is made without them");
            if let Some(meta) = plan.recording.meta() {
                meta.rate_limit.get_or_insert_default().error =
                    Some("the limits could not be asked".to_owned());
            }
            Ok(())
        }
    }
}

/// Takes a call out of what the limits of a fallback's own proxy key leave; it is settled when the fallback is
/// passed over, or the call has ended.
///
/// # Errors
/// Refuses a call beyond one of them.
pub(crate) async fn take_from_grant(
    worker: &Worker,
    recording: &mut Recording,
    grant: &Grant,
    body: Option<&HeldBody>,
) -> Result<(), Refusal> {
    if grant.key.limits.is_empty() {
        return Ok(());
    }
    let claims = claims::of_grant(worker, recording, grant, body).await;
    let shared = &worker.shared;
    match shared.limits.reserve(grant.key.organization_id, claims, shared.clock.now()).await {
        Ok(Decision::Granted { reservation, .. }) => {
            let (limits, clock) = (Arc::clone(&shared.limits), Arc::clone(&shared.clock));
            recording.settle_with_entry(OpenReservation::new(limits, clock, reservation));
            Ok(())
        }
        Ok(Decision::Refused { standing, retry_after, .. }) => {
            Err(Refusal::RateLimited(Reached { policy: standing.policy, retry_after }))
        }
        Err(error) => {
            tracing::warn!(%error, "limits can't be asked; the call is made without them");
            Ok(())
        }
    }
}

/// Tells the caller, and the record, how a limit stands.
fn note(plan: &mut Plan, standing: &Standing, is_refused: bool) {
    for (name, value) in standing::marks(standing) {
        plan.recording.mark(name, value);
    }
    if let Some(meta) = plan.recording.meta() {
        let limit = meta.rate_limit.get_or_insert_default();
        limit.policy.clone_from(&standing.policy);
        limit.is_refused = is_refused;
    }
}

/// Counts a call to a target that is not approved.
///
/// # Errors
/// Refuses one too many.
pub(crate) async fn take_from_domain(
    worker: &Worker,
    organization_id: OrganizationId,
    target: &Target,
) -> Result<(), Refusal> {
    let is_free = target.is_approved
        || worker.shared.config.domains.mode == DomainMode::Open
        || worker.shared.view.load().domains.contains(organization_id, target.origin.host());
    if is_free {
        return Ok(());
    }
    let key = QuotaKey { organization_id, origin: Arc::clone(&target.origin) };
    worker.shared.quotas.take(key, worker.shared.clock.now()).await
}
