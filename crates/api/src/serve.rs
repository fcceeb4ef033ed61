//! Runs the router on a listener: HTTP/1.1 and HTTP/2, with or without TLS, with a graceful end.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::http::Request;
use gatehouse_tls::{Acceptor, Stream};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tower::ServiceExt;

use crate::account::Peer;

/// How long a client may take to send the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a connection may take to its first call: until it speaks, no timer of the HTTP server runs.
const FIRST_CALL: Duration = Duration::from_secs(30);
/// How often an HTTP/2 client is asked whether it is still there.
const ASK_INTERVAL: Duration = Duration::from_secs(30);
/// How long calls in flight may take after the shutdown was asked for.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// How long accepting pauses when the process is out of something (file descriptors, mostly).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// How many connections are served at once; more wait in the listener's queue.
const MAX_CONNECTIONS: usize = 1024;
/// How many calls one HTTP/2 connection may have in flight.
const MAX_STREAMS: u32 = 100;

/// Serves `router`, with TLS if there is an acceptor, until `shutdown` is ready.
///
/// The calls in flight then have up to 10 s to end; handshakes in flight end at once.
///
/// # Cancellation
/// Dropping the future ends every connection at once.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Acceptor>,
    router: Router,
    shutdown: impl Future<Output = ()>,
) {
    let speaker = Arc::new(Speaker { http: builder(), tls, router });
    let graceful = GracefulShutdown::new();
    let (running, stopping) = watch::channel(());
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    loop {
        tokio::select! {
            () = &mut shutdown => break,
            Some(_ended) = connections.join_next(), if !connections.is_empty() => {}
            stream = accept(&listener), if connections.len() < MAX_CONNECTIONS => {
                let speaking = Arc::clone(&speaker).speak(stream, graceful.watcher(), stopping.clone());
                connections.spawn(speaking);
            }
        }
    }
    drop((listener, running));
    if tokio::time::timeout(DRAIN_TIMEOUT, graceful.shutdown()).await.is_err() {
        tracing::warn!(connections = connections.len(), "closing API connections that did not end in time");
    }
    connections.shutdown().await;
}

/// How connections are spoken to, and what answers their calls.
struct Speaker {
    http: Builder<TokioExecutor>,
    tls: Option<Acceptor>,
    router: Router,
}

impl Speaker {
    /// Serves one connection to its end; `stopping` changes when no handshake is to be waited for.
    async fn speak(
        self: Arc<Self>,
        (stream, peer): (TcpStream, SocketAddr),
        watcher: Watcher,
        mut stopping: watch::Receiver<()>,
    ) {
        let opened = tokio::select! {
            biased;
            opened = Stream::open(self.tls.as_ref(), stream, |tcp| tcp) => opened,
            _ = stopping.changed() => return,
        };
        let stream = match opened {
            Ok(stream) => stream,
            Err(error) => {
                return tracing::debug!(%error, "a client of the API did not get past the handshake");
            }
        };
        let has_called = AtomicBool::new(false);
        let service = service_fn(|mut request: Request<Incoming>| {
            has_called.store(true, Ordering::Relaxed);
            request.extensions_mut().insert(Peer(peer));
            self.router.clone().oneshot(request)
        });
        let connection = watcher.watch(self.http.serve_connection(TokioIo::new(stream), service));
        let ended = tokio::select! {
            biased;
            ended = connection => ended,
            () = silence(&has_called) => return tracing::debug!("a client of the API made no call"),
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "a connection to the API ended early");
        }
    }
}

/// Resolves when a client has not made a call in time; once it has, the HTTP server's own timers hold.
async fn silence(has_called: &AtomicBool) {
    tokio::time::sleep(FIRST_CALL).await;
    if has_called.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}

/// Returns how a connection is spoken to.
fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT);
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(MAX_STREAMS)
        .keep_alive_interval(ASK_INTERVAL);
    builder
}

/// Returns the next connection; a failure to accept is waited out, it concerns no one connection.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "could not set TCP_NODELAY");
                }
                return (stream, peer);
            }
            Err(error) => {
                tracing::warn!(%error, "the API listener could not accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}
