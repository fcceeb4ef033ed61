//! From an open byte stream to an HTTP connection that runs as a task.

use std::error::Error;
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio_util::task::TaskTracker;

use crate::connect::{Connected, ConnectionSlot};
use crate::error::UpstreamError;
use crate::executor::Tracked;

/// How often an HTTP/2 connection with calls in flight is pinged, and how long the answer may take.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// Most calls on one HTTP/2 connection before another is opened: the least that RFC 9113 §6.5.2 recommends
/// a server to allow.
pub(crate) const STREAMS_PER_CONNECTION: u32 = 100;
/// How far a provider may run ahead of a slow client.
const STREAM_WINDOW_BYTES: u32 = 256 << 10;
/// Room for the full window of every stream: clients that don't read must not stop those that do.
const CONNECTION_WINDOW_BYTES: u32 = STREAM_WINDOW_BYTES * STREAMS_PER_CONNECTION;
/// Largest header section of an HTTP/2 answer.
const MAX_HEADER_LIST_BYTES: u32 = 1 << 20;

/// What requests are sent with.
pub(crate) enum Opened<B> {
    Http1(http1::SendRequest<B>),
    Http2(http2::SendRequest<B>),
}

/// Speaks HTTP on `connected`; the connection runs as one of `tasks` and holds `slot` while it lives.
pub(crate) async fn open<B>(
    connected: Connected,
    max_headers: usize,
    slot: ConnectionSlot,
    tasks: &TaskTracker,
) -> Result<Opened<B>, UpstreamError>
where
    B: Body<Data = Bytes> + Send + Unpin + 'static,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let io = TokioIo::new(connected.stream);
    if connected.http2 {
        let mut builder = http2::Builder::new(Tracked::new(tasks.clone()));
        builder
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_header_list_size(MAX_HEADER_LIST_BYTES)
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_INTERVAL);
        let (sender, connection) = builder.handshake(io).await.map_err(UpstreamError::from_hyper)?;
        tasks.spawn(run(connection, slot));
        return Ok(Opened::Http2(sender));
    }
    let mut builder = http1::Builder::new();
    builder.max_headers(max_headers);
    let (mut sender, connection) = builder.handshake(io).await.map_err(UpstreamError::from_hyper)?;
    tasks.spawn(run(connection, slot));
    sender.ready().await.map_err(UpstreamError::from_hyper)?;
    Ok(Opened::Http1(sender))
}

async fn run(connection: impl Future<Output = hyper::Result<()>>, slot: ConnectionSlot) {
    if let Err(error) = connection.await {
        // The call that used it, if any, has the same error and reports it.
        tracing::debug!(%error, "provider connection ended");
    }
    drop(slot);
}
