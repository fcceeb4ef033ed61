//! The stage that asks the provider and waits for the head of its answer.

use std::sync::Arc;

use gatehouse_upstream::{Answer, UpstreamBody};
use http::header::COOKIE;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Response, Uri, Version};

use crate::attempt::{self, Leg};
use crate::finish::Recording;
use crate::plan::{Limited, Plan};
use crate::reject::{Refusal, Rejection};
use crate::upload::Upload;
use crate::worker::Worker;

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
    Limited(plan): Limited,
) -> Result<Forwarded, Box<Rejection>> {
    let Plan { head, payload, target, must_sign, mut recording, .. } = plan;
    let leg = Leg { head: head_for_provider(head), target, must_sign };
    match attempt::ask(worker, leg, payload, &mut recording).await {
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
