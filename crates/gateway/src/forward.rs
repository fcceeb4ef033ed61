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
    let Identified { head, body, target, mut recording } = identified;
    let (upload, progress) = Upload::new(worker, body);
    recording.watch_upload(Arc::clone(&progress));
    let request = request_for_provider(head, upload);
    let answered = {
        let sending = std::pin::pin!(worker.upstream.send(&target.origin, request));
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

/// Takes the client's head over, less what is not for the provider.
fn request_for_provider(head: Parts, upload: Upload) -> Request<Upload> {
    let path = head.uri.path_and_query().cloned().unwrap_or_else(|| PathAndQuery::from_static("/"));
    let mut headers = head.headers;
    headers::strip_request(&mut headers);
    if head.version == Version::HTTP_2 {
        join_cookies(&mut headers);
    }
    let mut request = Request::new(upload);
    *request.method_mut() = head.method;
    *request.uri_mut() = Uri::from(path);
    *request.headers_mut() = headers;
    request
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
async fn within_deadlines<F, T, E>(
    worker: &Worker,
    mut sending: std::pin::Pin<&mut F>,
    progress: &Mutex<Progress>,
    started: Instant,
) -> Result<T, Refusal>
where
    F: Future<Output = Result<T, E>>,
    Refusal: From<E>,
{
    let gateway = &worker.shared.config.gateway;
    let last_moment = started + gateway.total_timeout;
    loop {
        let first_byte = progress.lock().last_activity + gateway.first_byte_timeout;
        match tokio::time::timeout_at(first_byte.min(last_moment), sending.as_mut()).await {
            Ok(answered) => return Ok(answered?),
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
