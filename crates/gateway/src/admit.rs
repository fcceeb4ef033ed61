//! The fourth stage: may this call be made at all?

use std::sync::Arc;

use gatehouse_config::DomainMode;
use gatehouse_types::OrganizationId;
use gatehouse_upstream::UpstreamError;
use http::request::Parts;

use crate::fallbacks::Alternative;
use crate::identify::Identified;
use crate::options::Options;
use crate::plan::{Admitted, Caller, Plan};
use crate::reject::{Refusal, Rejection};
use crate::targets::Target;
use crate::upload::{Payload, Upload};
use crate::worker::Worker;

/// Lets a call pass if what it asks for can be read, its organisation lets its calls go there, and its record
/// can be kept.
///
/// # Errors
/// Refuses headers that can't be read, a host that the organisation excluded, a target that is not approved
/// where only approved ones are let through, and in `strict` durability every call while the journal has no
/// room for its record.
pub(crate) fn admit(worker: &Worker, identified: Identified) -> Result<Admitted, Box<Rejection>> {
    let Identified { mut head, body, target, must_sign, caller, fallbacks, features, mut recording } =
        identified;
    let (upload, progress) = Upload::new(worker, body);
    recording.watch_upload(progress);
    let organization_id = caller.as_ref().map_or(OrganizationId::NOBODY, |caller| caller.organization_id);
    let admitted = has_room(worker)
        .and_then(|()| permit(worker, organization_id, &target))
        .and_then(|()| place_key(caller.as_ref(), &mut head, &target, &fallbacks))
        .and_then(|()| fallbacks.iter().try_for_each(|next| permit(worker, organization_id, &next.target)))
        .and_then(|()| Options::read(&features, &head.headers, worker.shared.config.gateway.strict_headers));
    match admitted {
        Ok(options) => {
            recording.take_options(&options);
            let payload = Payload::Passing(upload);
            Ok(Admitted(Box::new(Plan {
                head,
                payload,
                target,
                must_sign,
                caller,
                options,
                fallbacks,
                recording,
            })))
        }
        Err(refusal) => Err(recording.refuse(refusal)),
    }
}

/// Puts the caller's provider key out of the vault where the target takes it.
fn place_key(
    caller: Option<&Caller>,
    head: &mut Parts,
    target: &Target,
    fallbacks: &[Alternative],
) -> Result<(), Refusal> {
    // Every entry brings the headers, and the key, with which its own target is asked.
    fallbacks.iter().try_for_each(|next| next.head(head).map(drop))?;
    match caller.and_then(|caller| caller.grant.as_ref()) {
        Some(grant) if fallbacks.is_empty() => grant.place(head, target),
        _ => Ok(()),
    }
}

fn has_room(worker: &Worker) -> Result<(), Refusal> {
    if worker.is_strict() && !worker.shared.journal.has_room() {
        return Err(Refusal::JournalFull);
    }
    Ok(())
}

/// Lets calls of an organisation go to a target.
///
/// # Errors
/// Refuses a forbidden address, an excluded host, and where only approved targets may be called any other.
pub(crate) fn permit(
    worker: &Worker,
    organization_id: OrganizationId,
    target: &Arc<Target>,
) -> Result<(), Refusal> {
    if let Some(address) = target.forbidden {
        return Err(Refusal::Upstream(UpstreamError::ForbiddenAddress(address)));
    }
    let host = target.origin.host();
    let view = worker.shared.view.load();
    if !view.hosts.permit(organization_id, host, target.origin.port()) {
        return Err(Refusal::ExcludedHost);
    }
    let is_closed = worker.shared.config.domains.mode == DomainMode::Closed;
    if is_closed && !target.is_approved && !view.domains.contains(organization_id, host) {
        return Err(Refusal::UnapprovedDomain);
    }
    Ok(())
}
