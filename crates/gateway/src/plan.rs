//! A call on its way from the caller's identity to the provider, and the stages that it has passed.

use std::sync::Arc;

use gatehouse_types::{KeyId, OrganizationId};
use http::request::Parts;

use crate::cache::CallerSecret;
use crate::fallbacks::Alternative;
use crate::finish::Recording;
use crate::options::Options;
use crate::targets::Target;
use crate::upload::Payload;
use crate::vault::Grant;

/// Everything that is known of a call that is to be made.
pub(crate) struct Plan {
    pub(crate) head: Parts,
    pub(crate) payload: Payload,
    pub(crate) target: Arc<Target>,
    /// Whether the provider takes the call only with a signature of ours.
    pub(crate) must_sign: bool,
    /// Whose call it is; `None` where it may stay unknown.
    pub(crate) caller: Option<Caller>,
    /// What the caller asked for beside the call itself.
    pub(crate) options: Options,
    /// The entries of `Helicone-Fallbacks`, of which the first is the call's own target.
    pub(crate) fallbacks: Vec<Alternative>,
    pub(crate) recording: Recording,
}

/// Whose call it is.
#[derive(Clone)]
pub(crate) struct Caller {
    pub(crate) organization_id: OrganizationId,
    /// The Helicone key; a call with a proxy key alone has none.
    pub(crate) key_id: Option<KeyId>,
    /// What its proxy key grants.
    pub(crate) grant: Option<Grant>,
    /// The keys themselves, which seal what is kept for this caller alone.
    pub(crate) secret: CallerSecret,
}

impl Plan {
    /// Returns whose call it is for what is kept by organisation.
    pub(crate) fn organization_id(&self) -> OrganizationId {
        self.caller.as_ref().map_or(OrganizationId::NOBODY, |caller| caller.organization_id)
    }
}

/// A call that may be made at all.
pub(crate) struct Admitted(pub(crate) Box<Plan>);
/// A call whose body has the form in which it goes out.
pub(crate) struct Prepared(pub(crate) Box<Plan>);
/// A call that the cache can't answer.
pub(crate) struct Uncached(pub(crate) Box<Plan>);
/// A call within all limits.
pub(crate) struct Limited(pub(crate) Box<Plan>);
/// A call that no guard refused.
pub(crate) struct Guarded(pub(crate) Box<Plan>);
