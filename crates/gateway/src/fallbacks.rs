//! `Helicone-Fallbacks`: further targets of a call, each with headers of its own.

use std::sync::Arc;

use gatehouse_policy::fallback::{Fallback, Fallbacks};
use gatehouse_upstream::TargetError;
use http::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue,
};

use crate::reject::Refusal;
use crate::targets::{Surroundings, Target};
use crate::upload::HeldBody;
use crate::worker::Worker;

/// The header as messages spell it.
const HEADER: &str = "Helicone-Fallbacks";
/// What is about the body and the answer, and stays unless an entry says otherwise.
const KEPT: [HeaderName; 4] = [CONTENT_TYPE, CONTENT_ENCODING, ACCEPT, ACCEPT_ENCODING];

/// An entry and where it leads.
pub(crate) struct Alternative {
    pub(crate) target: Arc<Target>,
    pub(crate) entry: Fallback,
}

/// Reads the header and finds the targets.
///
/// # Errors
/// Refuses what is not of the header's form, and a target that is none: Helicone answers a 500.
pub(crate) fn read(worker: &Worker, value: &HeaderValue) -> Result<Vec<Alternative>, Refusal> {
    let text = std::str::from_utf8(value.as_bytes()).map_err(|_| Refusal::InvalidHeader { name: HEADER })?;
    let surroundings = Surroundings { config: &worker.shared.config, providers: &worker.shared.providers };
    let found = |entry: &Fallback| -> Result<Alternative, Refusal> {
        let invalid = |error: TargetError| Refusal::InvalidTarget { name: HEADER, error };
        let url = HeaderValue::from_str(&entry.target_url);
        let url = url.map_err(|_| Refusal::InvalidHeader { name: HEADER })?;
        let found = worker.targets.find(&url, &surroundings);
        let target = found.ok_or(Refusal::InvalidHeader { name: HEADER })?.map_err(invalid)?;
        Ok(Alternative { target, entry: entry.clone() })
    };
    Fallbacks::parse(text)?.entries().iter().map(found).collect()
}

impl Alternative {
    /// Returns the body with which this target is asked.
    ///
    /// # Errors
    /// Refuses a body in which nothing can be overridden.
    pub(crate) fn body(&self, call: &HeldBody) -> Result<HeldBody, Refusal> {
        let Some(overrides) = &self.entry.body_key_override else { return Ok(call.clone()) };
        let bytes = gatehouse_wire::edit::with_overrides(call.bytes(), overrides)?;
        Ok(call.with_bytes(bytes.into()))
    }

    /// Returns the headers with which this target is asked: the entry's own, and of the call's those that
    /// say what its body is.
    pub(crate) fn headers(&self, call: &HeaderMap) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in &self.entry.headers {
            if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
                headers.append(name, value);
            }
        }
        for name in KEPT {
            if let Some(value) = call.get(&name).filter(|_| !headers.contains_key(&name)) {
                headers.insert(name, value.clone());
            }
        }
        headers
    }
}
