//! Asks somebody whom the operator named: one call, its whole answer, within a time and a size.
//!
//! For what is configured, not for what callers send: whoever makes the connector decides which addresses it may
//! reach. Redirects are not followed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, StatusCode, Uri};
use http_body_util::{BodyExt as _, Full, Limited};
use tokio_util::task::TaskTracker;

use crate::connect::Connector;
use crate::error::UpstreamError;
use crate::origin::{Origin, TargetError};
use crate::pool::{PoolLimits, Upstream};

/// Most calls to one origin at once.
const MAX_CONNECTIONS: usize = 16;
/// How many connections are kept, and for how long.
const IDLE_CONNECTIONS: usize = 2;
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);
/// Most header fields of an answer.
const MAX_ANSWER_HEADERS: usize = 100;

/// Makes calls and reads their answers whole.
pub struct Fetcher {
    upstream: Upstream<Full<Bytes>>,
    timeout: Duration,
    max_bytes: usize,
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// Its status.
    pub status: StatusCode,
    /// Its body, not decoded.
    pub body: Bytes,
}

/// Why there is no whole answer. Texts name the kind only.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// What was to be called is no target.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The head of an answer did not come.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The answer did not come within the time for it, given in seconds.
    #[error("the target took longer than {0} s")]
    TooSlow(f32),
    /// The answer has more bytes than it may.
    #[error("the target's answer is longer than {0} bytes")]
    TooLong(usize),
    /// The answer broke off.
    #[error("the target's answer broke off")]
    Cut,
}

impl Fetcher {
    /// Returns one whose calls take `timeout` at most, all included, and whose answers have `max_bytes` at most;
    /// connections run as `tasks` of the runtime that makes the call.
    pub fn new(connector: Arc<Connector>, timeout: Duration, max_bytes: usize, tasks: TaskTracker) -> Self {
        let limits = PoolLimits {
            connections_per_origin: MAX_CONNECTIONS,
            idle_per_origin: IDLE_CONNECTIONS,
            idle_timeout: IDLE_TIMEOUT,
            max_headers: MAX_ANSWER_HEADERS,
        };
        Self { upstream: Upstream::new(connector, limits, tasks), timeout, max_bytes }
    }

    /// Makes a call, whose URI is absolute, and reads the answer.
    ///
    /// Plain HTTP is spoken where the URI says so: whether that is allowed is decided by whoever calls.
    ///
    /// # Errors
    /// Fails when there is no whole answer within the bounds; any status is one.
    ///
    /// # Cancellation
    /// Dropping the future ends the call; the other side may have acted on it or not.
    pub async fn fetch(&self, request: Request<Bytes>) -> Result<Fetched, FetchError> {
        // On the heap: the state of a handshake is large.
        let call = Box::pin(self.fetch_at_leisure(request));
        let too_slow = |_| FetchError::TooSlow(self.timeout.as_secs_f32());
        tokio::time::timeout(self.timeout, call).await.map_err(too_slow)?
    }

    async fn fetch_at_leisure(&self, request: Request<Bytes>) -> Result<Fetched, FetchError> {
        let (mut head, body) = request.into_parts();
        let origin = Arc::new(Origin::parse(&head.uri.to_string(), true)?);
        let path = head.uri.path_and_query().map_or("/", |path| path.as_str());
        head.uri = path.parse().unwrap_or_else(|_| Uri::from_static("/"));
        let answer = self.upstream.send(&origin, Request::from_parts(head, Full::new(body))).await?;
        let (head, body) = answer.response.into_parts();
        let body = Limited::new(body, self.max_bytes).collect().await.map_err(|error| {
            if error.is::<http_body_util::LengthLimitError>() {
                FetchError::TooLong(self.max_bytes)
            } else {
                FetchError::Cut
            }
        })?;
        Ok(Fetched { status: head.status, body: body.to_bytes() })
    }
}
