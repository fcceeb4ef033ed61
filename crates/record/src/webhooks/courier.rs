//! Sends one delivery, once, and says what became of it.
//!
//! It goes the way that calls to providers go: names are looked up here, and only permitted addresses connected to.
//! Redirects are not followed, because where they lead nobody has checked.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehouse_types::{Clock, Redacted};
use gatehouse_upstream::{Connector, Origin, PoolLimits, TargetError, Upstream, UpstreamError};
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, USER_AGENT};
use http::{Method, Request, Response, StatusCode, Uri};
use http_body::Body;
use http_body_util::{BodyExt as _, Full, Limited};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::signature;

const HELICONE_SIGNATURE: HeaderName = HeaderName::from_static("helicone-signature");
const GATEHOUSE_SIGNATURE: HeaderName = HeaderName::from_static("gatehouse-signature");
const GATEHOUSE_DELIVERY: HeaderName = HeaderName::from_static("gatehouse-delivery");
const AGENT: &str = concat!("Gatehouse-Webhook/", env!("CARGO_PKG_VERSION"));

/// How much of an answer is read, and for how long: nobody looks at it, but its end frees the connection.
const MAX_ANSWER_BYTES: usize = 64 << 10;
const ANSWER_PATIENCE: Duration = Duration::from_secs(1);
/// Most header fields of an answer.
const MAX_ANSWER_HEADERS: usize = 100;
/// How long a connection without deliveries is kept.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// How many of them, to one receiver.
const IDLE_CONNECTIONS: usize = 4;

/// Sends deliveries; shared by all webhooks.
pub struct Courier {
    upstream: Upstream<Full<Bytes>>,
    clock: Arc<dyn Clock>,
    allow_http: bool,
    timeout: Duration,
}

/// What is to be delivered.
#[derive(Clone, Debug)]
pub struct Parcel<'a> {
    /// The URL that is called.
    pub destination: &'a str,
    /// The key of the signatures.
    pub key: &'a Redacted<String>,
    /// The id of the delivery, the same at every attempt.
    pub id: Uuid,
    /// The body.
    pub body: Bytes,
}

/// What became of an attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// The receiver took it: the status was 2xx.
    Delivered,
    /// Another attempt may succeed.
    Failed {
        /// Why, for whoever owns the webhook.
        reason: String,
        /// How long the receiver wants to be left alone.
        retry_after: Option<Duration>,
    },
    /// Another attempt would not help.
    Refused {
        /// Why, for whoever owns the webhook.
        reason: String,
    },
}

impl Courier {
    /// Returns a courier that waits `timeout` for the head of an answer; connections run as `tasks` of the current
    /// runtime.
    pub fn new(
        connector: Arc<Connector>,
        clock: Arc<dyn Clock>,
        allow_http: bool,
        timeout: Duration,
        tasks: TaskTracker,
    ) -> Self {
        let limits = PoolLimits {
            connections_per_origin: usize::MAX,
            idle_per_origin: IDLE_CONNECTIONS,
            idle_timeout: IDLE_TIMEOUT,
            max_headers: MAX_ANSWER_HEADERS,
        };
        Self { upstream: Upstream::new(connector, limits, tasks), clock, allow_http, timeout }
    }

    /// Makes one attempt.
    ///
    /// # Cancellation
    /// Dropping the future ends the attempt; the receiver may have taken it or not.
    pub async fn send(&self, parcel: Parcel<'_>) -> Attempt {
        let refused = |reason: String| Attempt::Refused { reason };
        let origin = match self.origin(parcel.destination) {
            Ok(origin) => Arc::new(origin),
            Err(error) => return refused(error.to_string()),
        };
        let Some(request) = self.request(&parcel) else {
            return refused("the destination is not a URL that can be called".to_owned());
        };
        // On the heap: the state of a handshake is large.
        let answer = Box::pin(self.upstream.send(&origin, request));
        match tokio::time::timeout(self.timeout, answer).await {
            Ok(Ok(answer)) => {
                let attempt = judge(&answer.response);
                // The status has said it all: an answer that goes on for ever changes nothing.
                let reading = read_to_the_end(answer.response.into_body());
                drop(tokio::time::timeout(ANSWER_PATIENCE, reading).await);
                attempt
            }
            Ok(Err(error)) => failed(&error),
            Err(_) => Attempt::Failed {
                reason: format!("the receiver took longer than {} s", self.timeout.as_secs_f32()),
                retry_after: None,
            },
        }
    }

    /// Closes connections that nobody uses, for as long as this is awaited.
    pub(crate) async fn sweep(&self) {
        self.upstream.sweep().await;
    }

    /// Returns how long an attempt may take, but for the rest of an answer.
    pub(crate) const fn timeout(&self) -> Duration {
        self.timeout
    }

    fn origin(&self, destination: &str) -> Result<Origin, TargetError> {
        Origin::parse(destination, self.allow_http)
    }

    fn request(&self, parcel: &Parcel<'_>) -> Option<Request<Full<Bytes>>> {
        let uri: Uri = parcel.destination.parse().ok()?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let (key, body) = (parcel.key.expose(), &parcel.body);
        let seconds = self.clock.now().as_unix_micros().div_euclid(1_000_000);
        let timed = signature::of_body_and_time(key, body, seconds);
        Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .header(USER_AGENT, HeaderValue::from_static(AGENT))
            .header(HELICONE_SIGNATURE, signature::of_body(key, body))
            .header(GATEHOUSE_SIGNATURE, timed)
            .header(GATEHOUSE_DELIVERY, parcel.id.to_string())
            .body(Full::new(parcel.body.clone()))
            .ok()
    }
}

/// Returns what an answer means.
fn judge<B>(answer: &Response<B>) -> Attempt {
    let status = answer.status();
    let reason = format!("the receiver answered with status {}", status.as_u16());
    match status {
        _ if status.is_success() => Attempt::Delivered,
        StatusCode::REQUEST_TIMEOUT
        | StatusCode::CONFLICT
        | StatusCode::TOO_EARLY
        | StatusCode::TOO_MANY_REQUESTS => Attempt::Failed { reason, retry_after: retry_after(answer) },
        _ if status.is_redirection() => {
            Attempt::Refused { reason: format!("{reason}; redirects are not followed") }
        }
        _ if status.is_client_error() => Attempt::Refused { reason },
        _ => Attempt::Failed { reason, retry_after: retry_after(answer) },
    }
}

/// Returns the seconds of `Retry-After`; its other form, a date, is passed over.
fn retry_after<B>(answer: &Response<B>) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// Returns what it means that there is no answer. The texts name the kind and never an address.
fn failed(error: &UpstreamError) -> Attempt {
    let reason = error.to_string().replace("the target", "the receiver");
    match error {
        UpstreamError::ForbiddenAddress(_) => Attempt::Refused { reason },
        _ => Attempt::Failed { reason, retry_after: None },
    }
}

async fn read_to_the_end<B>(body: B)
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let mut body = Limited::new(body, MAX_ANSWER_BYTES);
    while let Some(Ok(_)) = body.frame().await {}
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Attempt {
        let mut answer = Response::builder().status(status);
        if let Some(value) = retry_after {
            answer = answer.header(RETRY_AFTER, value);
        }
        judge(&answer.body(()).unwrap())
    }

    #[test]
    fn a_status_decides_whether_it_is_tried_again() {
        for status in [200, 201, 202, 204, 299] {
            assert_eq!(answer(status, None), Attempt::Delivered, "{status}");
        }
        for status in [408, 409, 425, 429, 500, 502, 503, 504, 599] {
            assert!(matches!(answer(status, None), Attempt::Failed { .. }), "{status}");
        }
        for status in [301, 302, 304, 307, 308, 400, 401, 403, 404, 405, 410, 413, 422, 451] {
            assert!(matches!(answer(status, None), Attempt::Refused { .. }), "{status}");
        }
    }

    #[test]
    fn a_receiver_may_say_when_to_come_again() {
        let asked = |value| match answer(429, Some(value)) {
            Attempt::Failed { retry_after, .. } => retry_after,
            other => panic!("{other:?}"),
        };
        assert_eq!(asked("7"), Some(Duration::from_secs(7)));
        assert_eq!(asked("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(asked("-1"), None);
    }
}
