//! Listening: worker threads, connections, and the drain at the end.
//!
//! Each worker is one thread with a runtime of its own. All of them accept from the same socket; a
//! connection and every call on it stay with the worker that accepted it.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use gatehouse_tls::{Acceptor, Stream};
use gatehouse_upstream::Tracked;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio_util::task::TaskTracker;

use crate::breakers::Breakers;
use crate::client_io::ClientIo;
use crate::finish::CLOSING_TIMEOUT;
use crate::guards::{Roster, RosterError};
use crate::life;
use crate::metrics::Metrics;
use crate::worker::{Budgets, Common, Shared, Worker};

/// How long a new connection may take to its first call: one that never makes it holds a place.
const FIRST_CALL: Duration = Duration::from_secs(60);
/// The pause after the machine refused a connection (out of file descriptors, say).
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Threads of a worker that read bodies which are not to be kept: a bound on the memory that takes.
const BLOCKING_THREADS: usize = 2;
/// What hyper buffers of an HTTP/1.1 head by itself.
const HEAD_BUFFER: u64 = 8192 + 4096 * 100;
/// Most calls at once on one HTTP/2 connection.
const STREAMS_PER_CONNECTION: u32 = 250;
/// Receive windows of HTTP/2: how far a client may run ahead of a slow provider. The connection's holds all
/// its streams', so that one that nobody reads does not stop the others.
const STREAM_WINDOW_BYTES: u32 = 256 << 10;
const CONNECTION_WINDOW_BYTES: u32 = STREAM_WINDOW_BYTES * STREAMS_PER_CONNECTION;

/// Why the gateway does not listen.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The listening socket can't be used.
    #[error("can't listen")]
    Listen(#[source] io::Error),
    /// A configured guard can't be asked.
    #[error(transparent)]
    Guards(#[from] RosterError),
    /// A worker thread can't be started.
    #[error("can't start a worker")]
    Worker(#[source] io::Error),
}

/// The running gateway.
pub struct Gateway {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    workers: Vec<JoinHandle<()>>,
}

impl Gateway {
    /// Serves on `listener` with the configured number of workers, with TLS if there is an acceptor.
    ///
    /// # Errors
    /// Fails when the socket or a thread can't be had.
    pub fn start(listener: StdListener, tls: Option<Acceptor>, shared: Shared) -> Result<Self, ServeError> {
        listener.set_nonblocking(true).map_err(ServeError::Listen)?;
        let address = listener.local_addr().map_err(ServeError::Listen)?;
        let (stop, stopping) = watch::channel(false);
        let permits = Arc::new(Semaphore::new(shared.config.gateway.max_connections));
        let common = Common {
            budgets: Budgets::new(shared.config.gateway.max_captured_bytes),
            roster: Arc::new(Roster::new(&shared.config)?),
            breakers: Arc::new(Breakers::new(&shared.config.upstream)),
        };
        let count = match shared.config.gateway.workers {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            count => count,
        };
        let mut workers = Vec::with_capacity(count);
        for number in 0..count {
            let door = Door {
                listener: listener.try_clone().map_err(ServeError::Listen)?,
                permits: Arc::clone(&permits),
                tls: tls.clone(),
            };
            let (shared, stopping, common) = (shared.clone(), stopping.clone(), common.clone());
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .max_blocking_threads(BLOCKING_THREADS)
                .build()
                .map_err(ServeError::Worker)?;
            let thread = std::thread::Builder::new()
                .name(format!("gateway-{number}"))
                .spawn(move || run(&runtime, door, Worker::new(shared, common), stopping))
                .map_err(ServeError::Worker)?;
            workers.push(thread);
        }
        Ok(Self { address, stop, workers })
    }

    /// Returns the address that is listened on.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no new connections, lets calls in flight end within the drain timeout, and ends the workers.
    ///
    /// Blocks until they have ended.
    pub fn drain(self) {
        self.stop.send_replace(true);
        for worker in self.workers {
            if worker.join().is_err() {
                tracing::error!("a gateway worker panicked");
            }
        }
    }
}

/// Where a worker's connections come from and how they are opened.
struct Door {
    /// The socket that all workers share.
    listener: StdListener,
    /// The places for connections that all workers share.
    permits: Arc<Semaphore>,
    /// What to shake hands with; without it connections are plain.
    tls: Option<Acceptor>,
}

/// The life of a worker thread.
fn run(runtime: &tokio::runtime::Runtime, door: Door, worker: Worker, stopping: watch::Receiver<bool>) {
    let drain_timeout = worker.shared.config.gateway.drain_timeout;
    let worker = Arc::new(worker);
    runtime.block_on(async {
        let connections = TaskTracker::new();
        let sweeper = worker.upstream.clone();
        worker.tasks.spawn(async move { sweeper.sweep().await });
        let sweeper = worker.askers.upstream();
        worker.tasks.spawn(async move { sweeper.sweep().await });
        if let Err(error) = accept_all(&worker, door, &connections, stopping).await {
            tracing::error!(%error, "a gateway worker can't accept connections");
        }
        connections.close();
        if tokio::time::timeout(drain_timeout, connections.wait()).await.is_err() {
            tracing::warn!(open = connections.len(), "drain timeout passed, ending calls in flight");
        }
        worker.closing.close();
        if tokio::time::timeout(CLOSING_TIMEOUT, worker.closing.wait()).await.is_err() {
            tracing::error!("records of some calls could not be closed in time");
        }
        worker.abort();
    });
    // Dropping the runtime drops what still runs; each call is recorded as it goes.
}

async fn accept_all(
    worker: &Arc<Worker>,
    door: Door,
    connections: &TaskTracker,
    mut stopping: watch::Receiver<bool>,
) -> io::Result<()> {
    let listener = TcpListener::from_std(door.listener)?;
    let speaker = Arc::new(Speaker { http: connection_builder(worker, connections), tls: door.tls });
    loop {
        let accepted = tokio::select! {
            () = stop_asked_for(&mut stopping) => return Ok(()),
            accepted = accept_one(&listener, &door.permits) => accepted,
        };
        match accepted {
            Ok((stream, permit)) => {
                let (worker, speaker) = (Arc::clone(worker), Arc::clone(&speaker));
                connections.spawn(serve_connection(worker, speaker, stream, stopping.clone(), permit));
            }
            // The client was gone before its turn came: that is its affair, and no reason to pause.
            Err(error) if is_clients_affair(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "connection could not be accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

async fn stop_asked_for(stopping: &mut watch::Receiver<bool>) {
    // An error means that the gateway itself is gone: a stop as well.
    if stopping.wait_for(|stop| *stop).await.is_err() {
        tracing::debug!("the gateway's handle was dropped");
    }
}

/// Waits for a free place first, so that what can't be served waits in the kernel's queue.
async fn accept_one(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "could not set TCP_NODELAY on a client connection");
    }
    Ok((stream, permit))
}

fn is_clients_affair(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
}

fn connection_builder(worker: &Worker, connections: &TaskTracker) -> auto::Builder<Tracked> {
    let gateway = &worker.shared.config.gateway;
    let mut builder = auto::Builder::new(Tracked::new(connections.clone()));
    builder
        .http1()
        .timer(TokioTimer::new())
        .max_headers(gateway.max_headers)
        // Larger than our own limit, so that our own answer names it.
        .max_buf_size(usize::try_from(HEAD_BUFFER.max(gateway.max_header_bytes * 2)).unwrap_or(usize::MAX))
        .header_read_timeout(gateway.keep_alive_timeout)
        .auto_date_header(false)
        .http2()
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_concurrent_streams(STREAMS_PER_CONNECTION)
        .initial_stream_window_size(STREAM_WINDOW_BYTES)
        .initial_connection_window_size(CONNECTION_WINDOW_BYTES)
        .max_header_list_size(u32::try_from(gateway.max_header_bytes * 4).unwrap_or(u32::MAX))
        .keep_alive_interval(gateway.keep_alive_timeout);
    builder
}

/// How connections are spoken to.
struct Speaker {
    http: auto::Builder<Tracked>,
    tls: Option<Acceptor>,
}

/// Counts an open connection while it lives, however it ends.
struct Open(Arc<Metrics>);

impl Open {
    fn new(metrics: &Arc<Metrics>) -> Self {
        metrics.connection_opened();
        Self(Arc::clone(metrics))
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.connection_closed();
    }
}

async fn serve_connection(
    worker: Arc<Worker>,
    speaker: Arc<Speaker>,
    stream: TcpStream,
    mut stopping: watch::Receiver<bool>,
    permit: OwnedSemaphorePermit,
) {
    let open = Open::new(&worker.shared.metrics);
    let gateway = &worker.shared.config.gateway;
    let (patience, idle_timeout) = (gateway.keep_alive_timeout.min(FIRST_CALL), gateway.idle_timeout);
    let opened = tokio::select! {
        biased;
        opened = Stream::open(speaker.tls.as_ref(), stream, |tcp| ClientIo::new(tcp, idle_timeout)) => opened,
        // There is no call yet that could be let end.
        () = stop_asked_for(&mut stopping) => return,
    };
    let client = match opened {
        Ok(client) => client,
        Err(error) => return tracing::debug!(%error, "a client did not get past the handshake"),
    };
    let called = Arc::new(AtomicBool::new(false));
    let has_called = Arc::clone(&called);
    let service = service_fn(move |request: Request<Incoming>| {
        called.store(true, Ordering::Relaxed);
        let worker = Arc::clone(&worker);
        // In a box, whose memory is free again once the answer has begun: hyper keeps the place of the future
        // for as long as the connection lasts.
        Box::pin(async move { Ok::<_, Infallible>(life::serve(worker, request).await) })
    });
    let mut connection = std::pin::pin!(speaker.http.serve_connection(TokioIo::new(client), service));
    let ended = tokio::select! {
        biased;
        ended = connection.as_mut() => Some(ended),
        () = stop_asked_for(&mut stopping) => None,
        () = silence(patience, &has_called) => return,
    };
    let ended = match ended {
        Some(ended) => ended,
        None => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "client connection ended");
    }
    drop((open, permit));
}

/// Resolves when a client has not made a call in time; once it has, the HTTP server's own timers hold.
async fn silence(patience: Duration, has_called: &AtomicBool) {
    tokio::time::sleep(patience).await;
    if has_called.load(Ordering::Relaxed) {
        std::future::pending::<()>().await;
    }
}
