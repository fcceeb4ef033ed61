//! A receiver of webhooks: TLS on a free port, writes down what it is sent and answers as it is told.

use std::collections::{HashMap, VecDeque};
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{self, Poll};
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use http_body_util::{BodyExt, Either, Empty};
use hyper::body::{Body, Frame, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

use crate::TestCa;

/// How long deliveries may take to come.
const DEADLINE: Duration = Duration::from_secs(30);

/// What was sent.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The path and query.
    pub target: String,
    /// The method.
    pub method: String,
    /// The fields, names in small letters; of several with one name the last.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: Bytes,
}

impl Delivery {
    /// Returns the value of a field, empty if there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map(String::as_str).unwrap_or_default()
    }

    /// Returns the body as JSON.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("{:?}", self.body))
    }
}

/// A running receiver; it stops when it is dropped.
#[derive(Debug)]
pub struct Receiver {
    shared: Arc<Shared>,
    address: SocketAddr,
    _stop: DropGuard,
}

#[derive(Debug)]
struct Shared {
    received: watch::Sender<Vec<Delivery>>,
    answers: Mutex<Answers>,
    /// Paths whose requests are never answered.
    held: Mutex<Vec<String>>,
    /// Paths whose answers have no end.
    unending: Mutex<Vec<String>>,
    connections: AtomicUsize,
}

#[derive(Debug)]
struct Answers {
    next: VecDeque<u16>,
    then: u16,
}

impl Receiver {
    /// Starts a receiver whose certificate `ca` has signed, for the names of [`crate::hosts::certified`].
    ///
    /// # Errors
    /// When there is no free port, or the certificate can't be made.
    pub async fn start(ca: &TestCa) -> Result<Self> {
        let leaf = ca.leaf(&[])?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("choose TLS versions")?
            .with_no_client_auth()
            .with_single_cert(leaf.chain, leaf.key)
            .context("use the leaf")?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.context("listen")?;
        let address = listener.local_addr().context("read the listener's address")?;
        let shared = Arc::new(Shared {
            received: watch::Sender::new(Vec::new()),
            answers: Mutex::new(Answers { next: VecDeque::new(), then: 200 }),
            held: Mutex::default(),
            unending: Mutex::default(),
            connections: AtomicUsize::new(0),
        });
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let serving = serve(listener, TlsAcceptor::from(Arc::new(tls)), Arc::clone(&shared), tasks.clone());
        let stopped = stop.clone();
        tasks.spawn(async move {
            tokio::select! { () = serving => {}, () = stopped.cancelled() => {} }
        });
        Ok(Self { shared, address, _stop: stop.drop_guard() })
    }

    /// Returns where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers the next requests with `next`, one after the other, and all others with `then`.
    pub fn answer(&self, next: &[u16], then: u16) {
        *self.shared.answers.lock() = Answers { next: next.iter().copied().collect(), then };
    }

    /// Never answers requests for `path`.
    pub fn hold(&self, path: &str) {
        self.shared.held.lock().push(path.to_owned());
    }

    /// Answers requests for `path`, but never comes to the end of the body.
    pub fn never_end(&self, path: &str) {
        self.shared.unending.lock().push(path.to_owned());
    }

    /// Returns how many connections were accepted so far.
    pub fn connections(&self) -> usize {
        self.shared.connections.load(Ordering::Acquire)
    }

    /// Returns everything that was sent, in the order of arrival.
    pub fn received(&self) -> Vec<Delivery> {
        self.shared.received.borrow().clone()
    }

    /// Waits until what was sent is as `enough` says, and returns it.
    ///
    /// # Errors
    /// When that takes longer than 30 seconds.
    pub async fn wait_until(&self, enough: impl Fn(&[Delivery]) -> bool) -> Result<Vec<Delivery>> {
        let mut received = self.shared.received.subscribe();
        let waiting = received.wait_for(|deliveries| enough(deliveries));
        let come = tokio::time::timeout(DEADLINE, waiting).await;
        let come = come.with_context(|| format!("only this came: {:?}", self.received()))?;
        Ok(come.context("the receiver has ended")?.clone())
    }

    /// Waits until so many deliveries came, and returns all that came.
    ///
    /// # Errors
    /// When that takes longer than 30 seconds.
    pub async fn wait_for(&self, count: usize) -> Result<Vec<Delivery>> {
        self.wait_until(|deliveries| deliveries.len() >= count).await
    }
}

async fn serve(listener: TcpListener, tls: TlsAcceptor, shared: Arc<Shared>, tasks: TaskTracker) {
    while let Ok((tcp, _)) = listener.accept().await {
        shared.connections.fetch_add(1, Ordering::AcqRel);
        tasks.spawn(connection(tcp, tls.clone(), Arc::clone(&shared)));
    }
}

async fn connection(tcp: TcpStream, tls: TlsAcceptor, shared: Arc<Shared>) {
    let Ok(stream) = tls.accept(tcp).await else { return };
    let service = service_fn(move |request| answer(request, Arc::clone(&shared)));
    // How a connection ends is the other side's affair.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

async fn answer(request: Request<Incoming>, shared: Arc<Shared>) -> Result<Response<AnswerBody>> {
    let (head, body) = request.into_parts();
    let body = body.collect().await.context("read the body")?.to_bytes();
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let delivery = Delivery {
        target: head.uri.to_string(),
        method: head.method.to_string(),
        headers: head.headers.iter().map(|(name, value)| (name.to_string(), text(value))).collect(),
        body,
    };
    let is_unending = shared.unending.lock().contains(&delivery.target);
    let is_held = shared.held.lock().contains(&delivery.target);
    shared.received.send_modify(|received| received.push(delivery));
    if is_held {
        std::future::pending::<()>().await;
    }
    let status = {
        let mut answers = shared.answers.lock();
        answers.next.pop_front().unwrap_or(answers.then)
    };
    let body = if is_unending { Either::Right(Unending) } else { Either::Left(Empty::new()) };
    Response::builder().status(status).body(body).context("answer")
}

type AnswerBody = Either<Empty<Bytes>, Unending>;

/// A body that has begun and goes on for ever.
struct Unending;

impl Body for Unending {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut task::Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}
