//! The fifth stage: the request's body gets the form in which it goes out.
//!
//! It passes untouched as the client sends it, unless something was asked for that needs it whole: then it is
//! held in memory, as far as there is room for it.

use std::sync::Arc;

use bytes::Bytes;
use gatehouse_catalog::Catalog;
use gatehouse_policy::cache::CacheSettings;
use gatehouse_wire::token_limit::{Fitted, Handler, fit};
use gatehouse_wire::{Untagged, with_stream_usage, without_tags};
use http::header::CONTENT_ENCODING;

use crate::attempt;
use crate::blocking::off_thread;
use crate::fallbacks::Alternative;
use crate::limit;
use crate::plan::{Admitted, Plan, Prepared};
use crate::reject::{Refusal, Rejection};
use crate::signing;
use crate::upload::{NotHeld, Payload};
use crate::worker::Worker;

/// How badly a body is needed whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Need {
    /// Not at all.
    No,
    /// What needs it is left out otherwise.
    Wish,
    /// The call is not made otherwise.
    Must,
}

/// Holds the body if it is needed, and makes the changes that the caller asked for.
///
/// # Errors
/// Refuses a body that must be held and can't be.
pub(crate) async fn prepare(
    worker: &Arc<Worker>,
    Admitted(mut plan): Admitted,
) -> Result<Prepared, Box<Rejection>> {
    let need = need(worker, &plan);
    if need > Need::No {
        *plan = Box::pin(hold(worker, *plan, need)).await?;
        edit(worker, &mut plan).await;
    }
    Ok(Prepared(plan))
}

/// The changes that a caller asked for.
struct Edits {
    /// Whether the tags of a prompt are taken out.
    untags: bool,
    stream_usage: bool,
    token_limit: Option<Handler>,
    model_override: Option<String>,
    catalog: Arc<Catalog>,
}

/// Makes the changes that the caller asked for; what is coded can't be changed, and stays as it is.
async fn edit(worker: &Worker, plan: &mut Plan) {
    let Payload::Held(body) = &plan.payload else { return };
    let edits = Edits {
        untags: plan.options.prompt_id.is_some(),
        stream_usage: plan.options.stream_usage,
        token_limit: plan.options.token_limit,
        model_override: plan.recording.meta().and_then(|meta| meta.model_override.clone()),
        catalog: Arc::clone(&worker.shared.catalog),
    };
    let is_due = edits.untags || edits.stream_usage || edits.token_limit.is_some();
    if !is_due || plan.head.headers.contains_key(CONTENT_ENCODING) {
        return;
    }
    let sent = body.bytes().clone();
    let edited = off_thread(sent.len(), move || edits.make(sent)).await;
    let Some((bytes, inputs)) = edited else { return };
    plan.payload = Payload::Held(body.with_bytes(bytes));
    if let Some(meta) = plan.recording.meta() {
        meta.prompt_inputs = inputs;
    }
}

impl Edits {
    /// Returns the body as it goes out, and the inputs of its prompt.
    fn make(&self, mut bytes: Bytes) -> (Bytes, Vec<(String, String)>) {
        let mut marked = Vec::new();
        if self.untags
            && let Some(Untagged { body, inputs, .. }) = without_tags(&bytes)
        {
            bytes = body.into();
            marked = inputs.into_iter().collect();
        }
        if self.stream_usage
            && let Some(edited) = with_stream_usage(&bytes)
        {
            bytes = edited.into();
        }
        if let Some(handler) = self.token_limit {
            let context_length = |model: &str| self.catalog.context_length(model);
            let fitted = fit(&bytes, handler, self.model_override.as_deref(), context_length);
            if let Fitted::Changed(edited) = fitted {
                bytes = edited.into();
            }
        }
        (bytes, marked)
    }
}

fn need(worker: &Worker, plan: &Plan) -> Need {
    if signing::is_due(&plan.target, plan.must_sign, &plan.head.headers) {
        return Need::Must;
    }
    if worker.roster.concerns(plan.options.guards) {
        return Need::Must;
    }
    let overrides = plan.fallbacks.iter().any(Alternative::needs_body);
    let options = &plan.options;
    let is_wanted = options.stream_usage
        || options.token_limit.is_some()
        || options.prompt_id.is_some()
        || options.cache.as_ref().is_some_and(CacheSettings::is_on)
        || options.retry.is_some()
        || !plan.fallbacks.is_empty()
        || limit::needs_estimate(worker, plan);
    match (overrides, is_wanted) {
        (true, _) => Need::Must,
        (false, true) => Need::Wish,
        (false, false) => Need::No,
    }
}

async fn hold(worker: &Arc<Worker>, plan: Plan, need: Need) -> Result<Plan, Box<Rejection>> {
    let Plan { payload, recording, .. } = plan;
    let Payload::Passing(upload) = payload else { return Ok(Plan { payload, recording, ..plan }) };
    let limit = worker.shared.config.gateway.max_buffered_body_bytes;
    let progress = Arc::clone(upload.progress());
    let held = {
        let holding = std::pin::pin!(upload.hold(limit, worker.room_for_whole()));
        attempt::while_moving(worker, holding, &progress, &recording).await
    };
    match held {
        Ok(Ok((payload, None))) => Ok(Plan { payload, recording, ..plan }),
        Ok(Ok((payload, Some(_)))) if need < Need::Must => Ok(Plan { payload, recording, ..plan }),
        Ok(Ok((_, Some(NotHeld::TooLarge)))) => Err(recording.refuse(Refusal::BodyTooLarge { limit })),
        Ok(Ok((_, Some(NotHeld::NoRoom)))) => Err(recording.refuse(Refusal::NoRoomForBody)),
        Ok(Err(failure)) => Err(recording.refuse(Refusal::Upload(failure))),
        Err(refusal) => Err(recording.refuse(refusal)),
    }
}
