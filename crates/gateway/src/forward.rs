//! The stage that asks the provider and waits for the head of its answer.

use std::sync::Arc;

use gatehouse_types::OrganizationId;
use gatehouse_upstream::{Answer, UpstreamBody};
use http::header::COOKIE;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Response, Uri, Version};

use crate::attempt::{Asking, Leg};
use crate::fallbacks::Alternative;
use crate::finish::Recording;
use crate::plan::{Caller, Guarded, Plan};
use crate::reject::{Refusal, Rejection};
use crate::upload::{Payload, Upload};
use crate::worker::Worker;
use crate::{attempt, limit};

/// A call that the provider answers.
pub(crate) struct Forwarded {
    pub(crate) response: Response<UpstreamBody<Upload>>,
    pub(crate) recording: Recording,
}

/// Sends the call on.
///
/// # Errors
/// Fails when no connection can be had, the provider doesn't speak HTTP, or a deadline passes.
pub(crate) async fn forward(
    worker: &Arc<Worker>,
    Guarded(plan): Guarded,
) -> Result<Forwarded, Box<Rejection>> {
    let Plan { head, payload, target, must_sign, options, caller, fallbacks, mut recording } = *plan;
    let head = head_for_provider(head);
    let keeps_log = options.retry.is_some() || !fallbacks.is_empty();
    let mut asking = Asking { worker, retry: options.retry, keeps_log, recording: &mut recording };
    let answered = if fallbacks.is_empty() {
        asking.ask(Box::new(Leg { head, target, must_sign, fallback_index: None }), payload).await
    } else {
        Box::pin(ask_in_turn(&mut asking, caller.as_ref(), &head, payload, &fallbacks)).await
    };
    match answered {
        Ok(Answer { response, connect_time }) => {
            recording.note_answer(&response, connect_time);
            Ok(Forwarded { response, recording })
        }
        Err(refusal) => {
            let upload = recording.upload_failure().map(Refusal::Upload);
            Err(recording.refuse(upload.unwrap_or(refusal)))
        }
    }
}

/// Asks one target after the other until one gives an answer that is not to be passed over.
async fn ask_in_turn(
    asking: &mut Asking<'_>,
    caller: Option<&Caller>,
    head: &Parts,
    payload: Payload,
    fallbacks: &[Alternative],
) -> Result<Answer<Upload>, Refusal> {
    let organization_id = caller.map_or(OrganizationId::NOBODY, |caller| caller.organization_id);
    let own_key = caller.and_then(|caller| caller.grant.as_ref()).map(|grant| grant.key.proxy_key_id);
    let held = payload.held().cloned();
    let mut passing = Some(payload);
    let mut answered: Result<Answer<Upload>, Refusal> = Err(Refusal::MissingTarget);
    for (index, next) in (0..).zip(fallbacks) {
        // A body that is too long to be held can be sent once.
        if held.is_none() && passing.is_none() {
            break;
        }
        let (head, held) = (next.head(head)?, held.as_ref().map(|held| next.body(held)).transpose()?);
        asking.recording.pass_over(used_nothing(&answered));
        // An answer that is passed over keeps no connection from the next target.
        drop(answered);
        let grant = next.grant();
        let key = grant.map(|grant| grant.key.proxy_key_id).or(own_key);
        asking.recording.fall_back_to(index, &next.target, path_of(&head), key);
        // The first one was counted before the guards were asked.
        let counted = match index {
            0 => Ok(()),
            _ => limit::take_from_domain(asking.worker, organization_id, &next.target).await,
        };
        let counted = match (counted, grant) {
            (Ok(()), Some(grant)) if key != own_key => {
                limit::take_from_grant(asking.worker, asking.recording, grant, held.as_ref()).await
            }
            (counted, _) => counted,
        };
        let target = Arc::clone(&next.target);
        let leg = Leg { head, target, must_sign: false, fallback_index: Some(index) };
        answered = match counted {
            Ok(()) => match held.map(Payload::Held).or_else(|| passing.take()) {
                Some(payload) => asking.ask(Box::new(leg), payload).await,
                None => Err(Refusal::MissingTarget),
            },
            Err(refusal) => Err(refusal),
        };
        if !moves_on(next, &answered) {
            break;
        }
    }
    answered
}

/// Returns whether the next target is to be asked; once the call's time is over none is.
fn moves_on(entry: &Alternative, answered: &Result<Answer<Upload>, Refusal>) -> bool {
    let status = match answered {
        Ok(answer) => answer.response.status(),
        Err(Refusal::TotalTimeout) => return false,
        Err(refusal) => refusal.status(),
    };
    entry.entry.moves_on(status.as_u16())
}

/// Returns whether a provider said that it did nothing which it charges for, or was not asked.
fn used_nothing(answered: &Result<Answer<Upload>, Refusal>) -> bool {
    match answered {
        Ok(answer) => answer.response.status().as_u16() >= 400,
        Err(refusal @ (Refusal::Upstream(_) | Refusal::FirstByteTimeout)) => attempt::never_reached(refusal),
        Err(_) => true,
    }
}

fn path_of(head: &Parts) -> &str {
    head.uri.path_and_query().map_or("/", PathAndQuery::as_str)
}

/// Takes the client's head over, less what is for its connection.
fn head_for_provider(mut head: Parts) -> Parts {
    let path = head.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    head.uri = Uri::from(path);
    if head.version == Version::HTTP_2 {
        join_cookies(&mut head.headers);
    }
    head
}

/// HTTP/2 clients split cookies into several fields, which HTTP/1.1 forbids (RFC 9113 §8.2.3).
fn join_cookies(headers: &mut HeaderMap) {
    let mut cookies = headers.get_all(COOKIE).iter();
    let (Some(first), Some(second)) = (cookies.next(), cookies.next()) else { return };
    let mut joined = first.as_bytes().to_vec();
    for cookie in std::iter::once(second).chain(cookies) {
        joined.extend_from_slice(b"; ");
        joined.extend_from_slice(cookie.as_bytes());
    }
    if let Ok(joined) = HeaderValue::from_maybe_shared(joined) {
        headers.insert(COOKIE, joined);
    }
}
