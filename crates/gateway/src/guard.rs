//! The stage of the guards: does anybody who is asked about the call refuse it?

use std::sync::Arc;

use http::request::Parts;

use crate::fallbacks::Alternative;
use crate::guards::{self, Denied, Packed, Question};
use crate::plan::{Guarded, Limited};
use crate::reject::Rejection;
use crate::upload::HeldBody;
use crate::worker::Worker;

/// Asks the guards that the caller or the operator wants to be asked.
///
/// # Errors
/// Refuses what a guard refuses, and what should be guarded and can't be.
pub(crate) async fn guard(
    worker: &Arc<Worker>,
    Limited(mut plan): Limited,
) -> Result<Guarded, Box<Rejection>> {
    let wanted = plan.options.guards;
    if !worker.roster.concerns(wanted) {
        return Ok(Guarded(plan));
    }
    let request_id = plan.recording.request_id();
    // The first entry of `Helicone-Fallbacks` brings the headers of its target.
    let first = plan.fallbacks.first().map(|first| first.head(&plan.head)).transpose();
    let first = match first {
        Ok(first) => first,
        Err(refusal) => return Err(plan.recording.refuse(refusal)),
    };
    let headers = first.as_ref().map_or(&plan.head.headers, |head| &head.headers);
    let asked = match (plan.payload.held(), plan.recording.meta()) {
        (Some(body), Some(meta)) => {
            let question = Question {
                request_id,
                target: &plan.target,
                headers,
                max_body_bytes: worker.shared.config.gateway.max_buffered_body_bytes,
                user_id: meta.user_id.as_deref(),
                properties: &meta.properties,
                wanted,
            };
            let bodies = bodies(&plan.head, body, &plan.fallbacks);
            Box::pin(guards::check(&worker.askers, &worker.roster, &question, bodies)).await
        }
        _ => Err(Denied::from(guards::GuardRefusal::Unreadable)),
    };
    match asked {
        Ok(uses) => {
            if let Some(meta) = plan.recording.meta() {
                meta.guards = uses;
            }
            Ok(Guarded(plan))
        }
        Err(Denied { refusal, uses }) => {
            if let Some(meta) = plan.recording.meta() {
                meta.guards = uses;
            }
            Err(plan.recording.refuse(refusal))
        }
    }
}

/// The bodies that providers may get: the call's, and what fallbacks make of it. Made one by one, so that no
/// more than one of them takes memory.
fn bodies<'a>(
    head: &'a Parts,
    body: &'a HeldBody,
    fallbacks: &'a [Alternative],
) -> Box<dyn Iterator<Item = Packed> + Send + 'a> {
    if fallbacks.is_empty() {
        return Box::new(std::iter::once(Packed::new(&head.headers, body)));
    }
    Box::new(fallbacks.iter().filter_map(|next| {
        // Where one can't be made, nobody gets it.
        Some(Packed::new(&next.head(head).ok()?.headers, &next.body(body).ok()?))
    }))
}
