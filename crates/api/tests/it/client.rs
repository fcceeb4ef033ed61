//! A running API and a plain HTTP client for it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use bytes::Bytes;
use gatehouse_api::{ApiState, MetricsSource, Readiness, router, serve};
use gatehouse_catalog::Catalog;
use gatehouse_store::log::{LogRow, LogStore};
use gatehouse_store::view::SharedView;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::{http1, http2};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde::Deserialize;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::installation::{Installation, READ_KEY};
use crate::memory_log::MemoryLog;
use crate::replays::GatewayDouble;
use crate::row_intake::RowIntake;
use crate::sql::Echo;
use crate::webhooks::Letterbox;

/// How long a stream that says nothing is listened to.
const SILENCE: Duration = Duration::from_millis(250);

/// A running API; dropping it ends it at once.
pub(crate) struct TestApi {
    pub(crate) address: SocketAddr,
    pub(crate) log: Arc<MemoryLog>,
    pub(crate) intake: Arc<RowIntake>,
    pub(crate) readiness: Readiness,
    pub(crate) view: SharedView,
    pub(crate) installation: Installation,
    pub(crate) letterbox: Arc<Letterbox>,
    /// What gets the calls that are sent again.
    pub(crate) gateway: Arc<GatewayDouble>,
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
        Self::build(rows, timeout, Installation::two_organizations().await?).await
    }

    /// Starts an API over `rows` and `installation`.
    pub(crate) async fn with_installation(rows: Vec<LogRow>, installation: Installation) -> Result<Self> {
        Self::build(rows, Duration::from_secs(30), installation).await
    }

    /// Starts an API over another store.
    pub(crate) async fn over(store: Arc<dyn LogStore>) -> Result<Self> {
        let unused = Arc::new(MemoryLog::new(Vec::new()));
        let installation = Installation::two_organizations().await?;
        Self::build_over(store, unused, Duration::from_secs(30), installation).await
    }

    async fn build(rows: Vec<LogRow>, timeout: Duration, installation: Installation) -> Result<Self> {
        let log = Arc::new(MemoryLog::new(rows));
        Self::build_over(log.clone(), log, timeout, installation).await
    }

    async fn build_over(
        store: Arc<dyn LogStore>,
        log: Arc<MemoryLog>,
        timeout: Duration,
        installation: Installation,
    ) -> Result<Self> {
        let intake = Arc::new(RowIntake::new(log.clone()));
        let view = installation.view();
        let readiness = Readiness::new(["journal", "keys"]);
        let letterbox = Arc::<Letterbox>::default();
        let gateway = Arc::<GatewayDouble>::default();
        let source: MetricsSource = Arc::new(|text| text.push_str("test_source 7\n"));
        let mut state = ApiState::new(store, view.clone(), readiness.clone())
            .with_metrics(vec![source])
            .with_catalog(Arc::new(Catalog::builtin()))
            .with_sql(Arc::new(Echo))
            .with_administration(installation.administration()?)
            .with_webhook_courier(letterbox.clone())
            .with_intake(intake.clone())
            .with_replays(gateway.clone())
            .with_request_timeout(timeout);
        if let Some((config, transport)) = installation.identities.clone() {
            state = state.with_sign_in(config, false, Some(transport));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let mut server = JoinSet::new();
        server.spawn(serve(listener, None, router(state), async {
            stopped.await.unwrap_or_default();
        }));
        Ok(Self {
            address,
            log,
            intake,
            readiness,
            view,
            installation,
            letterbox,
            gateway,
            stop: Some(stop),
            server,
        })
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

    /// Calls `path` with `key`, and with `body` unless it is null.
    pub(crate) async fn ask(&self, key: &str, method: &str, path: &str, body: Value) -> Result<Answer> {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.send(Call { body: body.into(), ..Call::new(method, path) }.key(key)).await
    }

    /// Calls as [`TestApi::ask`] does and returns the JSON of the answer, which must have this status.
    pub(crate) async fn expect(&self, status: u16, key: &str, call: &str, body: Value) -> Result<Value> {
        let (method, path) = call.split_once(' ').context("a method and a path")?;
        let answer = self.ask(key, method, path, body).await?;
        anyhow::ensure!(answer.status == status, "{call} answered {}: {}", answer.status, answer.text());
        answer.json()
    }

    /// Calls as [`TestApi::expect`] does and returns what is in the answer's `data`.
    pub(crate) async fn data(&self, status: u16, key: &str, call: &str, body: Value) -> Result<Value> {
        let answer = self.expect(status, key, call, body).await?;
        answer.get("data").cloned().with_context(|| format!("no data in {answer}"))
    }

    /// Checks that a call is refused with this status and code, and with a message that says `about`.
    pub(crate) async fn expect_refusal(
        &self,
        expected: (u16, &str),
        key: &str,
        call: &str,
        body: Value,
        about: &str,
    ) -> Result<()> {
        let (method, path) = call.split_once(' ').context("a method and a path")?;
        let answer = self.ask(key, method, path, body).await?;
        let (status, code) = answer.outcome()?;
        anyhow::ensure!((status, code.as_str()) == expected, "{call}: {status} {}", answer.text());
        let message = answer.message()?;
        anyhow::ensure!(message.contains(about), "{call}: `{message}` does not say `{about}`");
        Ok(())
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

    pub(crate) fn body(self, body: impl Into<Bytes>) -> Self {
        Self { body: body.into(), ..self }
    }

    pub(crate) fn method(self, method: &str) -> Self {
        Self { method: method.to_owned(), ..self }
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
        let is_stream = head.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        let body = if is_stream { until_silence(body).await? } else { body.collect().await?.to_bytes() };
        Ok(Self { status: head.status, headers: head.headers, body })
    }

    /// Returns the body as JSON.
    pub(crate) fn json(&self) -> Result<Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("not JSON: {:?}", self.body))
    }

    /// Returns what an error says.
    pub(crate) fn message(&self) -> Result<String> {
        let body: ErrorBody = serde_json::from_slice(&self.body).context("not an error body")?;
        Ok(body.error.message)
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

/// Reads a stream, which may have no end, until nothing more comes.
async fn until_silence(mut body: hyper::body::Incoming) -> Result<Bytes> {
    let mut read = Vec::new();
    while let Ok(Some(frame)) = tokio::time::timeout(SILENCE, body.frame()).await {
        read.extend_from_slice(frame?.data_ref().map(Bytes::as_ref).unwrap_or_default());
    }
    Ok(read.into())
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
