//! The third stage: whose call is this? From memory only.

use std::sync::Arc;

use gatehouse_store::keys::KeyEntry;
use gatehouse_types::Timestamp;
use http::request::Parts;
use hyper::body::Incoming;

use crate::accept::{Accepted, Call};
use crate::cache::CallerSecret;
use crate::credentials::Credential;
use crate::fallbacks::Alternative;
use crate::features::Features;
use crate::finish::Recording;
use crate::plan::Caller;
use crate::reject::{self, Refusal, Rejection};
use crate::route::Routed;
use crate::targets::Target;
use crate::vault::Grant;
use crate::worker::Worker;

/// A call whose caller is known (or allowed to be unknown); from here on its record is open.
pub(crate) struct Identified {
    pub(crate) head: Parts,
    pub(crate) body: Incoming,
    pub(crate) target: Arc<Target>,
    /// Whether the provider takes the call only with a signature of ours.
    pub(crate) must_sign: bool,
    pub(crate) caller: Option<Caller>,
    pub(crate) fallbacks: Vec<Alternative>,
    pub(crate) features: Features,
    pub(crate) recording: Recording,
}

/// Finds out whose call it is.
///
/// # Errors
/// Refuses a missing key and one that is not accepted, unless the configuration lets such calls pass
/// unrecorded, and a key that may only read.
pub(crate) fn identify(worker: &Arc<Worker>, routed: Routed) -> Result<Identified, Box<Rejection>> {
    let mut caller = match caller(worker, &routed.accepted.call) {
        Ok(caller) => caller,
        Err(refusal) => return Err(reject::early(worker, routed.accepted, Some(&routed.target), refusal)),
    };
    let Routed { accepted, target, must_sign, fallbacks } = routed;
    let Accepted { mut call, head, body } = accepted;
    if let Some(caller) = &mut caller {
        caller.secret = CallerSecret::of(call.credential.as_ref(), call.proxy_key.as_ref());
    }
    let features = std::mem::take(&mut call.control.features);
    let recording = Recording::open(worker, call, &head, Some(&target), caller.as_ref());
    let mut fallbacks = fallbacks;
    for next in &mut fallbacks {
        if let Err(refusal) = next.identify(worker, caller.as_ref()) {
            return Err(recording.refuse(refusal));
        }
    }
    Ok(Identified { head, body, target, must_sign, caller, fallbacks, features, recording })
}

/// Returns whose call it is, or `None` for a caller that may stay unknown.
fn caller(worker: &Worker, call: &Call) -> Result<Option<Caller>, Refusal> {
    let grant = call.proxy_key.as_ref().map(|found| grant(worker, found, call.started_at)).transpose()?;
    let caller = match (key_holder(worker, call), grant) {
        (caller, None) => return caller,
        (Err(Refusal::MissingKey) | Ok(None), Some(grant)) => Caller::of_grant(grant),
        (Ok(Some(caller)), Some(grant)) if caller.organization_id == grant.key.organization_id => {
            Caller { grant: Some(grant), ..caller }
        }
        (Ok(Some(_)), Some(_)) => return Err(Refusal::ForeignProxyKey),
        (Err(refusal), Some(_)) => return Err(refusal),
    };
    Ok(Some(caller))
}

/// Returns whose key came with the call.
fn key_holder(worker: &Worker, call: &Call) -> Result<Option<Caller>, Refusal> {
    let required = worker.shared.config.gateway.require_auth;
    let Some(credential) = &call.credential else {
        return if required { Err(Refusal::MissingKey) } else { Ok(None) };
    };
    let place = credential.place;
    let view = worker.shared.view.load();
    match view.keys.identify(credential.value.as_bytes(), call.started_at) {
        Ok(entry) if entry.permissions.write => Ok(Some(entry.into())),
        Ok(_) => Err(Refusal::ReadOnlyKey { place }),
        Err(refusal) if required => Err(Refusal::Key { place, refusal }),
        Err(_) => Ok(None),
    }
}

/// Looks up what a proxy key stands for.
///
/// # Errors
/// Refuses one that is not in force.
pub(crate) fn grant(worker: &Worker, found: &Credential, now: Timestamp) -> Result<Grant, Refusal> {
    let place = found.place;
    let view = worker.shared.view.load();
    match view.vault.find(found.value.as_bytes(), now) {
        Ok(key) => Ok(Grant { key: Arc::clone(key), place }),
        Err(refusal) => Err(Refusal::ProxyKey { place, refusal }),
    }
}

/// Looks the caller of a call up that is refused anyway.
pub(crate) fn known_caller(worker: &Worker, call: &Call) -> Option<Caller> {
    let view = worker.shared.view.load();
    let identify = |credential: &Credential| {
        view.keys.identify(credential.value.as_bytes(), call.started_at).ok().map(Caller::from)
    };
    let grant = call.proxy_key.as_ref().and_then(|found| grant(worker, found, call.started_at).ok());
    match (&call.credential, grant) {
        (None, grant) => grant.map(Caller::of_grant),
        (Some(credential), grant) => {
            let caller = identify(credential)?;
            let grant = grant.filter(|grant| grant.key.organization_id == caller.organization_id);
            Some(Caller { grant, ..caller })
        }
    }
}

impl Caller {
    /// Returns the caller who has a proxy key alone.
    fn of_grant(grant: Grant) -> Self {
        let (organization_id, grant) = (grant.key.organization_id, Some(grant));
        Self { organization_id, key_id: None, grant, secret: CallerSecret::default() }
    }
}

impl From<&KeyEntry> for Caller {
    fn from(entry: &KeyEntry) -> Self {
        Self {
            organization_id: entry.organization_id,
            key_id: Some(entry.key_id),
            grant: None,
            secret: CallerSecret::default(),
        }
    }
}
