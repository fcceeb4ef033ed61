//! From an open byte stream to an HTTP connection that runs as a task.

use std::error::Error;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body;
use hyper::client::conn::{http1, http2};
use hyper::rt::Executor;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::Notify;
use tokio_util::task::TaskTracker;

use crate::connect::{Connected, ConnectionSlot};
use crate::error::UpstreamError;
use crate::executor::Tracked;
use crate::streams::{STREAMS_PER_CONNECTION, Streams};

/// How often an HTTP/2 connection with calls in flight is pinged, and how long the answer may take.
const PING_INTERVAL: Duration = Duration::from_secs(20);
/// How far a provider may run ahead of a slow client.
const STREAM_WINDOW_BYTES: u32 = 256 << 10;
/// Room for the full window of every stream: clients that don't read must not stop those that do.
const CONNECTION_WINDOW_BYTES: u32 = STREAM_WINDOW_BYTES * STREAMS_PER_CONNECTION;
/// Largest header section of an HTTP/2 answer.
const MAX_HEADER_LIST_BYTES: u32 = 1 << 20;

/// What requests are sent with.
pub(crate) enum Opened<B> {
    Http1(http1::SendRequest<B>),
    Http2(http2::SendRequest<B>, Arc<Streams>),
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
        let progress = Arc::new(Notify::new());
        let executor = Observed {
            executor: Tracked::new(tasks.clone()),
            progress: Arc::clone(&progress),
            has_driver: Arc::default(),
        };
        let mut builder = http2::Builder::new(executor);
        builder
            .timer(TokioTimer::new())
            .initial_stream_window_size(STREAM_WINDOW_BYTES)
            .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
            .max_header_list_size(MAX_HEADER_LIST_BYTES)
            .keep_alive_interval(PING_INTERVAL)
            .keep_alive_timeout(PING_INTERVAL);
        let (sender, connection) = builder.handshake(io).await.map_err(UpstreamError::from_hyper)?;
        let streams = Streams::new();
        let allowed = Arc::clone(&streams);
        tasks.spawn(async move {
            let mut connection = pin!(connection);
            let ended = loop {
                tokio::select! {
                    ended = connection.as_mut() => break ended,
                    () = progress.notified() => allowed.allow(connection.current_max_send_streams()),
                }
            };
            close(ended, slot);
        });
        return Ok(Opened::Http2(sender, streams));
    }
    let mut builder = http1::Builder::new();
    builder.max_headers(max_headers);
    let (mut sender, connection) = builder.handshake(io).await.map_err(UpstreamError::from_hyper)?;
    tasks.spawn(async move { close(connection.await, slot) });
    sender.ready().await.map_err(UpstreamError::from_hyper)?;
    Ok(Opened::Http1(sender))
}

/// Tells after every step of a connection's driver, the first task that hyper spawns, that there was one.
///
/// The driver reads and applies the provider's settings on its own; what hyper calls the connection is asleep
/// then, and would tell the old limit of streams until its next request.
#[derive(Clone)]
struct Observed {
    executor: Tracked,
    progress: Arc<Notify>,
    has_driver: Arc<AtomicBool>,
}

impl<F> Executor<F> for Observed
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, future: F) {
        if self.has_driver.swap(true, Ordering::Relaxed) {
            return self.executor.execute(future);
        }
        let progress = Arc::clone(&self.progress);
        self.executor.execute(async move {
            let mut future = pin!(future);
            poll_fn(|cx| {
                let polled = future.as_mut().poll(cx);
                progress.notify_one();
                polled
            })
            .await;
        });
    }
}

fn close(ended: hyper::Result<()>, slot: ConnectionSlot) {
    if let Err(error) = ended {
        // The call that used it, if any, has the same error and reports it.
        tracing::debug!(%error, "provider connection ended");
    }
    drop(slot);
}

#[cfg(test)]
mod tests;
