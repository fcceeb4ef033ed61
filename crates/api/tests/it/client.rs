//! A running API and a plain HTTP client for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use arc_swap::ArcSwap;
use bytes::Bytes;
use gatehouse_api::{ApiState, MetricsSource, Readiness, router, serve};
use gatehouse_store::control::{Permissions, StoredKey};
use gatehouse_store::keys::{KeyRing, hash_key};
use gatehouse_store::log::LogRow;
use gatehouse_types::{KeyId, OrganizationId, Timestamp};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper::header::{HeaderMap, HeaderName};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::memory_log::MemoryLog;

pub(crate) const READ_KEY: &str = "sk-helicone-aaaaaaa-aaaaaaa-aaaaaaa-aaaaaaa";
pub(crate) const WRITE_KEY: &str = "sk-helicone-bbbbbbb-bbbbbbb-bbbbbbb-bbbbbbb";
pub(crate) const BOTH_KEY: &str = "sk-helicone-ccccccc-ccccccc-ccccccc-ccccccc";
pub(crate) const OTHER_KEY: &str = "sk-helicone-ddddddd-ddddddd-ddddddd-ddddddd";
pub(crate) const UNKNOWN_KEY: &str = "sk-helicone-eeeeeee-eeeeeee-eeeeeee-eeeeeee";

/// Returns the tenant that owns all keys but [`OTHER_KEY`].
pub(crate) fn ours() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(1))
}

/// Returns the tenant of [`OTHER_KEY`].
pub(crate) fn theirs() -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(2))
}

/// A running API; dropping it ends it at once.
pub(crate) struct TestApi {
    pub(crate) address: SocketAddr,
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) readiness: Readiness,
    pub(crate) keys: Arc<ArcSwap<KeyRing>>,
    stop: Option<oneshot::Sender<()>>,
    server: JoinSet<()>,
}

impl TestApi {
    /// Starts an API over `rows`.
    pub(crate) async fn start(rows: Vec<LogRow>) -> Result<Self> {
        Self::start_with(rows, Duration::from_secs(30)).await
    }

    /// Starts an API whose calls may take `timeout`.
    pub(crate) async fn start_with(rows: Vec<LogRow>, timeout: Duration) -> Result<Self> {
        let log = Arc::new(MemoryLog::new(rows));
        let keys = Arc::new(ArcSwap::from_pointee(key_ring()));
        let readiness = Readiness::new(["journal", "keys"]);
        let source: MetricsSource = Arc::new(|text| text.push_str("test_source 7\n"));
        let state = ApiState::new(log.clone(), keys.clone(), readiness.clone())
            .with_metrics(vec![source])
            .with_request_timeout(timeout);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let mut server = JoinSet::new();
        server.spawn(serve(listener, None, router(state), async {
            stopped.await.unwrap_or_default();
        }));
        Ok(Self { address, log, readiness, keys, stop: Some(stop), server })
    }

    /// Returns the handle whose drop asks the server to end.
    pub(crate) fn stop_handle(&mut self) -> Option<oneshot::Sender<()>> {
        self.stop.take()
    }

    /// Returns when the server has ended.
    pub(crate) async fn ended(&mut self) -> Result<()> {
        self.server.join_next().await.context("the server had ended before")??;
        Ok(())
    }

    /// Reads `path` with the reading key.
    pub(crate) async fn get(&self, path: &str) -> Result<Answer> {
        self.send(Call::get(path).key(READ_KEY)).await
    }

    /// Posts `body` to `path` with the reading key.
    pub(crate) async fn post(&self, path: &str, body: impl Into<Bytes>) -> Result<Answer> {
        self.send(Call::post(path, body).key(READ_KEY)).await
    }

    /// Makes one call over HTTP/1.1.
    pub(crate) async fn send(&self, call: Call) -> Result<Answer> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        Answer::read(sender.send_request(call.request()?).await?).await
    }

    /// Makes one call over HTTP/2 without TLS.
    pub(crate) async fn send_http2(&self, call: Call) -> Result<Answer> {
        let stream = TcpStream::connect(self.address).await?;
        let (mut sender, connection) = http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await?;
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        let mut request = call.request()?;
        *request.uri_mut() = format!("http://{}{}", self.address, request.uri()).parse()?;
        Answer::read(sender.send_request(request).await?).await
    }
}

/// One call to be made.
pub(crate) struct Call {
    method: String,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Call {
    pub(crate) fn new(method: &str, path: &str) -> Self {
        Self { method: method.to_owned(), path: path.to_owned(), headers: Vec::new(), body: Bytes::new() }
    }

    pub(crate) fn get(path: &str) -> Self {
        Self::new("GET", path)
    }

    pub(crate) fn post(path: &str, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..Self::new("POST", path) }
    }

    pub(crate) fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    pub(crate) fn key(self, key: &str) -> Self {
        self.header("authorization", format!("Bearer {key}"))
    }

    fn request(self) -> Result<Request<Full<Bytes>>> {
        let mut builder = Request::builder().method(self.method.as_str()).uri(self.path);
        for (name, value) in self.headers {
            builder = builder.header(name, value);
        }
        Ok(builder.header("host", "gatehouse.test").body(Full::new(self.body))?)
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl Answer {
    async fn read(response: Response<hyper::body::Incoming>) -> Result<Self> {
        let (head, body) = response.into_parts();
        Ok(Self { status: head.status, headers: head.headers, body: body.collect().await?.to_bytes() })
    }

    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {:?}", self.body))
    }

    /// Returns the body as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Returns a header, empty when there is none.
    pub(crate) fn header(&self, name: HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// Like [`Answer::outcome`], but knows that `/readyz` answers its report with either status.
    pub(crate) fn outcome_or_ready(&self, path: &str) -> Result<(u16, String)> {
        if path == "/readyz" { Ok((self.status.as_u16(), String::new())) } else { self.outcome() }
    }

    /// Returns the status and, for an error in the right form, its code; the message must not be empty.
    pub(crate) fn outcome(&self) -> Result<(u16, String)> {
        let status = self.status.as_u16();
        if self.status.is_success() {
            return Ok((status, String::new()));
        }
        let body: ErrorBody = serde_json::from_slice(&self.body)
            .with_context(|| format!("not an error body: {}", self.text()))?;
        anyhow::ensure!(!body.error.message.is_empty() && body.error.r#type.ends_with("_error"), "{body:?}");
        Ok((status, body.error.code))
    }
}

/// The one form that errors have.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorBody {
    #[serde(rename = "data")]
    _data: (),
    error: ErrorDetail,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ErrorDetail {
    message: String,
    r#type: String,
    code: String,
}

fn key_ring() -> KeyRing {
    let key = |number: u128, organization_id, key: &str, permissions| StoredKey {
        id: KeyId::from_uuid(Uuid::from_u128(number)),
        organization_id,
        name: "test".to_owned(),
        hash: hash_key(key.as_bytes()),
        permissions,
        created_at: Timestamp::from_unix_micros(0),
    };
    KeyRing::from_iter([
        key(1, ours(), READ_KEY, Permissions { read: true, write: false }),
        key(2, ours(), WRITE_KEY, Permissions { read: false, write: true }),
        key(3, ours(), BOTH_KEY, Permissions::READ_WRITE),
        key(4, theirs(), OTHER_KEY, Permissions::READ_WRITE),
    ])
}
