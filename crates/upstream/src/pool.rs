//! Open connections, kept by origin and used again.
//!
//! Every worker has a pool of its own, so that a call never crosses threads; only the count of connections
//! to an origin is shared. An HTTP/1.1 connection is lent to one call at a time, an HTTP/2 connection to as
//! many as the provider allows, a hundred at most. Where none has room another is opened; no call waits for
//! one in use.

use std::collections::HashMap;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{HOST, HeaderValue, TRANSFER_ENCODING};
use http::{Request, Response, Uri, Version};
use http_body::Body;
use hyper::body::Incoming;
use hyper::client::conn::{TrySendError, http1, http2};
use parking_lot::Mutex;
use tokio::time::Instant;
use tokio_util::task::TaskTracker;

use crate::body::UpstreamBody;
use crate::connect::Connector;
use crate::error::UpstreamError;
use crate::handshake::{self, Opened};
use crate::origin::Origin;
use crate::streams::{StreamCount, Streams};

/// The bounds of a pool.
#[derive(Clone, Copy, Debug)]
pub struct PoolLimits {
    /// Most connections to one origin, all workers together.
    pub connections_per_origin: usize,
    /// Most idle connections kept to one origin, each worker for itself.
    pub idle_per_origin: usize,
    /// How long a connection may be idle and still be used.
    pub idle_timeout: Duration,
    /// Most header fields of an answer.
    pub max_headers: usize,
}

/// The way to providers of one worker; clones share its connections.
///
/// `B` is the body of requests.
pub struct Upstream<B> {
    pool: Arc<Pool<B>>,
}

impl<B> Clone for Upstream<B> {
    fn clone(&self) -> Self {
        Self { pool: Arc::clone(&self.pool) }
    }
}

/// The head of an answer with its body to be read, and how the connection was had.
pub struct Answer<B> {
    /// The provider's answer.
    pub response: Response<UpstreamBody<B>>,
    /// How long connecting took; `None` when an open connection was used.
    pub connect_time: Option<Duration>,
}

/// What a call holds of a connection until its answer has been read.
pub(crate) enum Lease<B> {
    /// The whole connection.
    Http1 { sender: http1::SendRequest<B>, pool: Arc<Pool<B>>, origin: Arc<Origin> },
    /// One stream of it.
    Http2 { _stream: StreamCount },
}

impl<B> Lease<B> {
    /// Lets the next call have the connection; the answer must have been read to its end.
    pub(crate) fn give_back(self) {
        if let Self::Http1 { sender, pool, origin } = self {
            pool.give_back(sender, origin);
        }
    }
}

/// The open connections of one worker.
pub(crate) struct Pool<B> {
    connector: Arc<Connector>,
    limits: PoolLimits,
    tasks: TaskTracker,
    origins: Mutex<HashMap<Arc<Origin>, Connections<B>>>,
}

/// The connections of this worker to one origin.
struct Connections<B> {
    idle: Vec<Idle<B>>,
    shared: Vec<Shared<B>>,
}

/// An HTTP/1.1 connection without a call.
struct Idle<B> {
    sender: http1::SendRequest<B>,
    since: Instant,
}

/// An HTTP/2 connection, with calls or without.
struct Shared<B> {
    sender: http2::SendRequest<B>,
    streams: Arc<Streams>,
}

/// A connection that one request can be sent on.
enum Ready<B> {
    Http1(http1::SendRequest<B>),
    Http2(http2::SendRequest<B>, StreamCount),
}

impl<B> Upstream<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    /// Returns an empty pool; connections run as `tasks` of the current runtime.
    pub fn new(connector: Arc<Connector>, limits: PoolLimits, tasks: TaskTracker) -> Self {
        let pool = Arc::new(Pool { connector, limits, tasks, origins: Mutex::new(HashMap::new()) });
        Self { pool }
    }

    /// Closes connections nobody uses, for as long as this is awaited.
    ///
    /// A connection is closed once it has been idle for the limit, at the latest half the limit after (or half
    /// a second, if that is more). No call gets it in between.
    ///
    /// # Cancellation
    /// Dropping the future stops the sweeping and nothing else.
    pub async fn sweep(&self) {
        let mut interval =
            tokio::time::interval(self.pool.limits.idle_timeout.max(Duration::from_secs(1)) / 2);
        loop {
            interval.tick().await;
            self.pool.sweep();
        }
    }

    /// Sends `request` to `origin` and returns the head of the answer.
    ///
    /// The request's URI is its path and query; `Host` or `:authority` is set here. A request that an idle
    /// connection refused before taking any of it goes to the next one.
    ///
    /// # Errors
    /// Fails when no connection can be had or the answer has no valid head.
    ///
    /// # Cancellation
    /// Dropping the future closes the connection or resets the stream.
    pub async fn send(
        &self,
        origin: &Arc<Origin>,
        mut request: Request<B>,
    ) -> Result<Answer<B>, UpstreamError> {
        while let Some(connection) = self.pool.check_out(origin) {
            match self.send_on(connection, origin, request).await {
                Ok(response) => return Ok(Answer { response, connect_time: None }),
                Err(mut refused) => match refused.take_message() {
                    Some(unsent) => request = unsent,
                    None => return Err(UpstreamError::from_hyper(refused.into_error())),
                },
            }
        }
        let started = Instant::now();
        // On the heap: the state of a handshake is large, and most calls have none.
        let connection = Box::pin(self.pool.open(origin)).await?;
        let connect_time = Some(started.elapsed());
        match self.send_on(connection, origin, request).await {
            Ok(response) => Ok(Answer { response, connect_time }),
            Err(refused) => Err(UpstreamError::from_hyper(refused.into_error())),
        }
    }

    async fn send_on(
        &self,
        connection: Ready<B>,
        origin: &Arc<Origin>,
        request: Request<B>,
    ) -> Result<Response<UpstreamBody<B>>, TrySendError<Request<B>>> {
        let (answer, lease): (Response<Incoming>, Lease<B>) = match connection {
            Ready::Http1(mut sender) => {
                let answer = sender.try_send_request(for_http1(request, origin)).await?;
                let (pool, origin) = (Arc::clone(&self.pool), Arc::clone(origin));
                (answer, Lease::Http1 { sender, pool, origin })
            }
            Ready::Http2(mut sender, stream) => {
                let answer = sender.try_send_request(for_http2(request, origin)).await?;
                (answer, Lease::Http2 { _stream: stream })
            }
        };
        Ok(answer.map(|frames| UpstreamBody::new(frames, lease)))
    }
}

impl<B> Pool<B> {
    /// Puts a connection among the idle ones, unless there are enough.
    fn give_back(&self, sender: http1::SendRequest<B>, origin: Arc<Origin>) {
        let mut origins = self.origins.lock();
        let connections = origins.entry(origin).or_insert_with(Connections::new);
        if !sender.is_closed() && connections.idle.len() < self.limits.idle_per_origin {
            connections.idle.push(Idle { sender, since: Instant::now() });
        }
    }

    fn sweep(&self) {
        self.origins.lock().retain(|_, connections| {
            connections.drop_stale(self.limits.idle_timeout);
            !connections.idle.is_empty() || !connections.shared.is_empty()
        });
    }
}

impl<B> Pool<B>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    /// Takes an open connection, if there is one that can take a request now.
    fn check_out(&self, origin: &Arc<Origin>) -> Option<Ready<B>> {
        let mut origins = self.origins.lock();
        let connections = origins.get_mut(origin)?;
        connections.drop_stale_shared(self.limits.idle_timeout);
        let mut open = connections.shared.iter();
        let shared =
            open.find_map(|shared| shared.streams.take().map(|stream| (shared.sender.clone(), stream)));
        if let Some((sender, stream)) = shared {
            return Some(Ready::Http2(sender, stream));
        }
        connections.take_newest(self.limits.idle_timeout).map(Ready::Http1)
    }

    /// Opens a connection; a shared one is open to other calls from then on.
    async fn open(&self, origin: &Arc<Origin>) -> Result<Ready<B>, UpstreamError> {
        let slot = self.connector.take_slot(origin, self.limits.connections_per_origin)?;
        let connected = self.connector.connect(origin).await?;
        match handshake::open(connected, self.limits.max_headers, slot, &self.tasks).await? {
            Opened::Http1(sender) => Ok(Ready::Http1(sender)),
            Opened::Http2(sender, streams) => {
                let stream = streams.take_first();
                let shared = Shared { sender: sender.clone(), streams };
                let mut origins = self.origins.lock();
                origins.entry(Arc::clone(origin)).or_insert_with(Connections::new).shared.push(shared);
                Ok(Ready::Http2(sender, stream))
            }
        }
    }
}

impl<B> Connections<B> {
    const fn new() -> Self {
        Self { idle: Vec::new(), shared: Vec::new() }
    }

    /// Takes the connection that was given back last; older ones that are stale are dropped on the way to it.
    fn take_newest(&mut self, idle_timeout: Duration) -> Option<http1::SendRequest<B>> {
        let now = Instant::now();
        let mut not_ready = Vec::new();
        let mut taken = None;
        while let Some(idle) = self.idle.pop() {
            if now.duration_since(idle.since) >= idle_timeout || idle.sender.is_closed() {
                continue;
            }
            if idle.sender.is_ready() {
                taken = Some(idle.sender);
                break;
            }
            not_ready.push(idle);
        }
        self.idle.extend(not_ready.into_iter().rev());
        taken
    }

    /// Drops connections that are closed, or have been idle for `idle_timeout`.
    fn drop_stale(&mut self, idle_timeout: Duration) {
        self.idle.retain(|idle| idle.since.elapsed() < idle_timeout && !idle.sender.is_closed());
        self.drop_stale_shared(idle_timeout);
    }

    fn drop_stale_shared(&mut self, idle_timeout: Duration) {
        self.shared.retain(|shared| shared.streams.is_fresh(idle_timeout) && !shared.sender.is_closed());
    }
}

/// HTTP/1.1 wants the path alone and a `Host`.
fn for_http1<B: Body>(mut request: Request<B>, origin: &Origin) -> Request<B> {
    *request.version_mut() = Version::HTTP_11;
    if request.body().size_hint().exact().is_none() {
        // Unless told, hyper drops a body of unknown length where the method is GET or HEAD.
        request.headers_mut().insert(TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    }
    request.headers_mut().insert(HOST, origin.host_header().clone());
    request
}

/// HTTP/2 wants scheme and authority in the URI and no `Host`.
fn for_http2<B>(mut request: Request<B>, origin: &Origin) -> Request<B> {
    *request.version_mut() = Version::HTTP_2;
    request.headers_mut().remove(HOST);
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(origin.scheme().into());
    parts.authority = Some(origin.authority().clone());
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}

#[cfg(test)]
mod tests;
