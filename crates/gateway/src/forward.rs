//! The fifth stage: ask the provider and wait for the head of its answer.

use std::sync::Arc;
use std::time::Duration;

use gatehouse_upstream::{Answer, UpstreamBody};
use http::header::COOKIE;
use http::request::Parts;
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderValue, Request, Response, Uri, Version};
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::finish::Recording;
use crate::headers;
use crate::identify::Identified;
use crate::reject::{Refusal, Rejection};
use crate::signing::Signing;
use crate::targets::Target;
use crate::upload::{Progress, Upload};
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
    identified: Identified,
) -> Result<Forwarded, Box<Rejection>> {
    let Identified { mut head, body, target, must_sign, mut recording, .. } = identified;
    let signing = match Signing::prepare(&mut head, &target, must_sign) {
        Ok(signing) => signing,
        Err(refusal) => return Err(recording.refuse(refusal)),
    };
    let (upload, progress) = Upload::new(worker, body);
    recording.watch_upload(Arc::clone(&progress));
    let head = head_for_provider(head);
    let answered = {
        let sending = std::pin::pin!(send(worker, &target, head, upload, signing));
        within_deadlines(worker, sending, &progress, recording.started()).await
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

/// Sends the call; one that is to be signed is read whole before.
async fn send(
    worker: &Worker,
    target: &Target,
    mut head: Parts,
    mut upload: Upload,
    signing: Option<Signing>,
) -> Result<Answer<Upload>, Refusal> {
    if let Some(signing) = signing {
        let limit = worker.shared.config.gateway.max_buffered_body_bytes;
        let read = upload.read_whole(limit, worker.room_for_whole()).await;
        let (body, whole) = read.map_err(|error| Refusal::of_whole(error, limit))?;
        signing.sign(&mut head, target, &body, worker.shared.clock.now())?;
        upload = whole;
    }
    let mut request = Request::new(upload);
    *request.method_mut() = head.method;
    *request.uri_mut() = head.uri;
    *request.headers_mut() = head.headers;
    Ok(worker.upstream.send(&target.origin, request).await?)
}

/// Takes the client's head over, less what is not for the provider.
fn head_for_provider(mut head: Parts) -> Parts {
    let path = head.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    head.uri = Uri::from(path);
    headers::strip_request(&mut head.headers);
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

/// Waits for the head of the answer; the time for its first byte begins anew while the upload moves on.
async fn within_deadlines<F, T>(
    worker: &Worker,
    mut sending: std::pin::Pin<&mut F>,
    progress: &Mutex<Progress>,
    started: Instant,
) -> Result<T, Refusal>
where
    F: Future<Output = Result<T, Refusal>>,
{
    let gateway = &worker.shared.config.gateway;
    let last_moment = started + gateway.total_timeout;
    loop {
        let first_byte = progress.lock().last_activity + gateway.first_byte_timeout;
        match tokio::time::timeout_at(first_byte.min(last_moment), sending.as_mut()).await {
            Ok(answered) => return answered,
            Err(_) if Instant::now() >= last_moment => return Err(Refusal::TotalTimeout),
            Err(_) if has_passed(progress, gateway.first_byte_timeout) => {
                return Err(Refusal::FirstByteTimeout);
            }
            Err(_) => {}
        }
    }
}

fn has_passed(progress: &Mutex<Progress>, timeout: Duration) -> bool {
    progress.lock().last_activity.elapsed() >= timeout
}
