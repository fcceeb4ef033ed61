//! The third stage: whose call is this? From memory only.

use std::sync::Arc;

use gatehouse_store::keys::KeyEntry;
use http::HeaderValue;
use http::request::Parts;
use hyper::body::Incoming;

use crate::finish::Recording;
use crate::reject::{self, Refusal, Rejection};
use crate::route::{Routed, Target};
use crate::worker::Worker;

/// A call whose caller is known (or allowed to be unknown); from here on its record is open.
pub(crate) struct Identified {
    pub(crate) head: Parts,
    pub(crate) body: Incoming,
    pub(crate) target: Arc<Target>,
    pub(crate) recording: Recording,
}

/// Finds out whose call it is.
///
/// # Errors
/// Refuses a missing or unknown key, unless the configuration lets such calls pass unrecorded, and a key
/// that may only read.
pub(crate) fn identify(worker: &Arc<Worker>, routed: Routed) -> Result<Identified, Box<Rejection>> {
    let caller = match caller(worker, routed.accepted.call.control.auth.as_ref()) {
        Ok(caller) => caller,
        Err(refusal) => return Err(reject::early(worker, routed.accepted, routed.dialect, refusal)),
    };
    let Routed { accepted, target, dialect } = routed;
    let recording = Recording::open(worker, accepted.call, &accepted.head, Some(&target), dialect, caller);
    Ok(Identified { head: accepted.head, body: accepted.body, target, recording })
}

/// Returns the key's entry, or `None` for a caller that may stay unknown.
fn caller(worker: &Worker, auth: Option<&HeaderValue>) -> Result<Option<KeyEntry>, Refusal> {
    let required = worker.shared.config.gateway.require_auth;
    let Some(auth) = auth else {
        return if required { Err(Refusal::MissingKey) } else { Ok(None) };
    };
    match known_caller(worker, auth) {
        Some(entry) if entry.permissions.write => Ok(Some(entry)),
        Some(_) => Err(Refusal::ReadOnlyKey),
        None if required => Err(Refusal::UnknownKey),
        None => Ok(None),
    }
}

/// Looks a key up.
pub(crate) fn known_caller(worker: &Worker, auth: &HeaderValue) -> Option<KeyEntry> {
    worker.shared.keys.load().identify(auth.as_bytes()).cloned()
}
