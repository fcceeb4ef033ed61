//! Asking a provider once, within the deadlines.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use gatehouse_upstream::Answer;
use http::Request;
use http::header::CONTENT_LENGTH;
use http::request::Parts;
use parking_lot::Mutex;
use tokio::time::Instant;

use crate::finish::Recording;
use crate::headers;
use crate::reject::Refusal;
use crate::signing::Signing;
use crate::targets::Target;
use crate::upload::{Payload, Progress, Upload};
use crate::worker::Worker;

/// Where a call goes, and what it says there.
#[derive(Clone)]
pub(crate) struct Leg {
    pub(crate) head: Parts,
    pub(crate) target: Arc<Target>,
    /// Whether the provider takes the call only with a signature of ours.
    pub(crate) must_sign: bool,
}

/// Asks once and waits for the head of the answer.
///
/// # Errors
/// Fails when the call can't be signed, no connection can be had, the provider doesn't speak HTTP, or a
/// deadline passes.
pub(crate) async fn ask(
    worker: &Arc<Worker>,
    leg: Leg,
    payload: Payload,
    recording: &mut Recording,
) -> Result<Answer<Upload>, Refusal> {
    let Leg { mut head, target, must_sign } = leg;
    let signing = Signing::prepare(&mut head, &target, must_sign)?;
    headers::strip_request(&mut head.headers);
    let (upload, held) = payload.upload();
    if let Some(held) = &held {
        // What is sent may be longer or shorter than what the client announced.
        if head.headers.contains_key(CONTENT_LENGTH) {
            head.headers.insert(CONTENT_LENGTH, held.bytes().len().into());
        }
        if let Some(signing) = signing {
            signing.sign(&mut head, &target, held.bytes(), worker.shared.clock.now())?;
        }
    }
    let progress = Arc::clone(upload.progress());
    let mut request = Request::new(upload);
    *request.method_mut() = head.method;
    *request.uri_mut() = head.uri;
    *request.headers_mut() = head.headers;
    recording.count_attempt();
    let sending = std::pin::pin!(worker.upstream.send(&target.origin, request));
    within_deadlines(worker, sending, &progress, recording).await.and_then(|sent| Ok(sent?))
}

/// Waits for the head of the answer; the time for its first byte begins anew while the upload moves on.
async fn within_deadlines<F>(
    worker: &Worker,
    mut sending: Pin<&mut F>,
    progress: &Mutex<Progress>,
    recording: &Recording,
) -> Result<F::Output, Refusal>
where
    F: Future,
{
    let last_moment = recording.last_moment();
    let timeout = recording.patience(worker.shared.config.gateway.first_byte_timeout);
    loop {
        let first_byte = progress.lock().last_activity + timeout;
        match tokio::time::timeout_at(first_byte.min(last_moment), sending.as_mut()).await {
            Ok(answered) => return Ok(answered),
            Err(_) if Instant::now() >= last_moment => return Err(Refusal::TotalTimeout),
            Err(_) if has_passed(progress, timeout) => return Err(Refusal::FirstByteTimeout),
            Err(_) => {}
        }
    }
}

/// Waits for something that needs the upload, for as long as the upload moves on.
pub(crate) async fn while_moving<F>(
    worker: &Worker,
    reading: Pin<&mut F>,
    progress: &Mutex<Progress>,
    recording: &Recording,
) -> Result<F::Output, Refusal>
where
    F: Future,
{
    let read = within_deadlines(worker, reading, progress, recording).await;
    read.map_err(|refusal| match refusal {
        Refusal::FirstByteTimeout => Refusal::SlowUpload,
        refusal => refusal,
    })
}

fn has_passed(progress: &Mutex<Progress>, timeout: Duration) -> bool {
    progress.lock().last_activity.elapsed() >= timeout
}
