//! `Helicone-Fallbacks`: further targets of a call, each with headers of its own.

use std::sync::Arc;

use gatehouse_policy::fallback::{Fallback, Fallbacks};
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName,
    HeaderValue,
};
use http::request::Parts;

use crate::credentials::{self, Credential, Found};
use crate::identify;
use crate::plan::Caller;
use crate::reject::Refusal;
use crate::signing;
use crate::targets::{Surroundings, Target};
use crate::upload::HeldBody;
use crate::vault::Grant;
use crate::worker::Worker;

/// The header as messages spell it.
const HEADER: &str = "Helicone-Fallbacks";
/// What is about the body and the answer, and stays unless an entry says otherwise.
const KEPT: [HeaderName; 4] = [CONTENT_TYPE, CONTENT_ENCODING, ACCEPT, ACCEPT_ENCODING];

/// An entry and where it leads.
pub(crate) struct Alternative {
    pub(crate) target: Arc<Target>,
    pub(crate) entry: Fallback,
    /// The entry's headers, less Helicone's keys.
    headers: HeaderMap,
    proxy_key: Option<Credential>,
    grant: Option<Grant>,
}

/// Reads the header and finds the targets.
///
/// # Errors
/// Refuses what is not of the header's form, and a target that is none: Helicone answers a 500.
pub(crate) fn read(worker: &Worker, value: &HeaderValue) -> Result<Vec<Alternative>, Refusal> {
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| Refusal::InvalidHeader { name: HEADER })?;
    Fallbacks::parse(text)?.entries().iter().map(|entry| Alternative::of(worker, entry)).collect()
}

impl Alternative {
    fn of(worker: &Worker, entry: &Fallback) -> Result<Self, Refusal> {
        let surroundings =
            Surroundings { config: &worker.shared.config, providers: &worker.shared.providers };
        let not_text = || Refusal::InvalidHeader { name: HEADER };
        let url = HeaderValue::from_str(&entry.target_url).map_err(|_| not_text())?;
        let found = worker.targets.find(&url, &surroundings).ok_or_else(not_text)?;
        let target = found.map_err(|error| Refusal::InvalidTarget { name: HEADER, error })?;
        let mut headers = HeaderMap::new();
        for (name, value) in &entry.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                headers.append(name, value);
            }
        }
        // The length of the body is the body's own.
        headers.remove(CONTENT_LENGTH);
        let mut found = Found::default();
        credentials::take_from_headers(&mut headers, &mut found);
        Ok(Self { target, entry: entry.clone(), headers, proxy_key: found.proxy_key, grant: None })
    }

    /// Looks up what the entry's proxy key stands for.
    ///
    /// # Errors
    /// Refuses one that is not in force, or is not the caller's.
    pub(crate) fn identify(&mut self, worker: &Worker, caller: Option<&Caller>) -> Result<(), Refusal> {
        let Some(found) = &self.proxy_key else { return Ok(()) };
        let grant = identify::grant(worker, found, worker.shared.clock.now())?;
        if caller.is_none_or(|caller| caller.organization_id != grant.key.organization_id) {
            return Err(Refusal::ForeignProxyKey);
        }
        self.grant = Some(grant);
        Ok(())
    }

    /// Returns what the entry's own proxy key grants.
    pub(crate) const fn grant(&self) -> Option<&Grant> {
        self.grant.as_ref()
    }

    /// Returns whether the target can't be asked without the whole body at hand.
    pub(crate) fn needs_body(&self) -> bool {
        self.entry.body_key_override.is_some()
            || signing::is_due(&self.target, self.grant.is_some(), &self.headers)
    }

    /// Returns the head with which this target is asked: the entry's own headers, and of the call's those
    /// that say what its body is.
    ///
    /// # Errors
    /// Refuses a provider's key for a target that it is not for.
    pub(crate) fn head(&self, call: &Parts) -> Result<Parts, Refusal> {
        let mut head = call.clone();
        head.headers.clone_from(&self.headers);
        for name in KEPT {
            if let Some(value) = call.headers.get(&name).filter(|_| !self.headers.contains_key(&name)) {
                head.headers.insert(name, value.clone());
            }
        }
        if let Some(grant) = &self.grant {
            grant.place(&mut head, &self.target)?;
        }
        Ok(head)
    }

    /// Returns the body with which this target is asked.
    ///
    /// # Errors
    /// Refuses a body in which nothing can be overridden.
    pub(crate) fn body(&self, call: &HeldBody) -> Result<HeldBody, Refusal> {
        let Some(overrides) = &self.entry.body_key_override else { return Ok(call.clone()) };
        let bytes = gatehouse_wire::with_overrides(call.bytes(), overrides)?;
        Ok(call.with_bytes(bytes.into()))
    }
}
