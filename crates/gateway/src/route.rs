//! The second stage: where does this call go?

use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_types::Dialect;
use gatehouse_upstream::Origin;
use gatehouse_wire::{Provider, dialect_of, provider_of};
use http::{HeaderValue, Method};
use parking_lot::Mutex;

use crate::accept::Accepted;
use crate::headers;
use crate::reject::{self, Refusal, Rejection};
use crate::worker::Worker;

/// How many targets a worker remembers; beyond that it starts anew.
const REMEMBERED_TARGETS: usize = 1024;
/// Longer targets than this many bytes are read anew each time.
const LONGEST_REMEMBERED: usize = 256;

/// Where calls with one and the same `Helicone-Target-Url` go.
pub(crate) struct Target {
    pub(crate) origin: Arc<Origin>,
    pub(crate) provider: Option<&'static Provider>,
    /// The provider's name, or the host of an unknown one.
    pub(crate) name: Arc<str>,
}

/// The targets a worker has seen, by the header's bytes: most calls repeat one of a few.
#[derive(Default)]
pub(crate) struct TargetCache(Mutex<HashMap<HeaderValue, Arc<Target>>>);

/// A call whose target is known.
pub(crate) struct Routed {
    pub(crate) accepted: Accepted,
    pub(crate) target: Arc<Target>,
    pub(crate) dialect: Dialect,
}

/// Finds the target of a call.
///
/// # Errors
/// Refuses a head that is too large, a method that has no target, and a missing or invalid target.
pub(crate) fn route(worker: &Arc<Worker>, accepted: Accepted) -> Result<Routed, Box<Rejection>> {
    match target_of(worker, &accepted) {
        Ok(target) => {
            let dialect = dialect_of(target.provider, accepted.head.uri.path());
            Ok(Routed { accepted, target, dialect })
        }
        Err(refusal) => {
            let dialect = dialect_of(None, accepted.head.uri.path());
            Err(reject::early(worker, accepted, dialect, refusal))
        }
    }
}

fn target_of(worker: &Worker, accepted: &Accepted) -> Result<Arc<Target>, Refusal> {
    let control = &accepted.call.control;
    let limit = worker.shared.config.gateway.max_header_bytes;
    if control.total_bytes > limit {
        return Err(Refusal::HeadersTooLarge { limit });
    }
    if accepted.head.method == Method::CONNECT {
        return Err(Refusal::MethodNotAllowed);
    }
    let header = control.target_url.as_ref().ok_or(Refusal::MissingTarget)?;
    if headers::has_transfer_coding(&accepted.head.headers) {
        return Err(Refusal::TransferCoding);
    }
    if let Some(known) = worker.targets.0.lock().get(header) {
        return Ok(Arc::clone(known));
    }
    let text = std::str::from_utf8(header.as_bytes())
        .map_err(|_| Refusal::InvalidHeader { name: "Helicone-Target-Url" })?;
    let origin = Origin::parse(text, worker.shared.config.upstream.allow_http)?;
    let provider = provider_of(origin.host());
    let name = provider.map_or_else(|| origin.host().into(), |provider| provider.name.into());
    let target = Arc::new(Target { origin: Arc::new(origin), provider, name });
    worker.targets.remember(header, &target);
    Ok(target)
}

impl TargetCache {
    fn remember(&self, header: &HeaderValue, target: &Arc<Target>) {
        if header.len() > LONGEST_REMEMBERED {
            return;
        }
        // A copy: the value itself is a part of the buffer that the whole head was read into.
        let Ok(header) = HeaderValue::from_bytes(header.as_bytes()) else { return };
        let mut targets = self.0.lock();
        if targets.len() >= REMEMBERED_TARGETS {
            targets.clear();
        }
        targets.insert(header, Arc::clone(target));
    }
}
