//! Runs the router on a listener: HTTP/1.1 and HTTP/2 without TLS, with a graceful end.

use std::future::Future;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long calls in flight may take after the shutdown was asked for.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long accepting pauses when the process is out of something (file descriptors, mostly).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How many connections are served at once; more wait in the listener's queue.
const MAX_CONNECTIONS: usize = 1024;
/// How many calls one HTTP/2 connection may have in flight.
const MAX_STREAMS: u32 = 100;

/// Serves `router` until `shutdown` is ready, then lets the calls in flight end for up to 10 s.
///
/// # Cancellation
/// Dropping the future ends every connection at once.
pub async fn serve(listener: TcpListener, router: Router, shutdown: impl Future<Output = ()>) {
    let builder = builder();
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_ended) = connections.join_next(), if !connections.is_empty() => {}
            stream = accept(&listener), if connections.len() < MAX_CONNECTIONS => {
                let service = TowerToHyperService::new(router.clone());
                let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
                let connection = graceful.watch(connection);
                connections.spawn(async move {
                    if let Err(error) = connection.await {
                        tracing::debug!(%error, "a connection to the API ended early");
                    }
                });
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), "closing API connections that did not end in time");
    }
    connections.shutdown().await;
}

/// Returns how a connection is spoken to.
fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(MAX_STREAMS);
    builder
}

/// Returns the next connection; a failure to accept is waited out, it concerns no one connection.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _peer)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "could not set TCP_NODELAY");
                }
                return stream;
            }
            Err(error) => {
                tracing::warn!(%error, "the API listener could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
