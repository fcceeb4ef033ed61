//! A client of a running server's API, for commands about what only the server can open.

use std::collections::HashMap;
use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use gatehouse_config::Config;
use gatehouse_types::Redacted;
use gatehouse_upstream::{
    AddressGuard, Connector, Origin, PoolLimits, Resolver, Upstream, UpstreamBody, client_config,
};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Method, Request, Response};
use serde_json::Value;
use tokio_util::task::TaskTracker;

use crate::cli::Access;
use crate::settings;

/// The variable that has the key, unless the command line does.
const KEY_VARIABLE: &str = "HELICONE_API_KEY";
/// How long connecting may take, and an answer.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);
/// The longest answer that is read.
const MAX_ANSWER_BYTES: usize = 64 << 20;
const LIMITS: PoolLimits = PoolLimits {
    connections_per_origin: 1,
    idle_per_origin: 1,
    idle_timeout: Duration::from_secs(30),
    max_headers: 100,
};

/// The way to the API of one server.
pub(crate) struct ApiClient {
    upstream: Upstream<Full<Bytes>>,
    origin: Arc<Origin>,
    authorization: HeaderValue,
}

/// What the API says that refuses.
#[derive(Debug)]
pub(crate) struct Refused {
    status: u16,
    message: String,
}

impl fmt::Display for Refused {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the API refused with {}: {}", self.status, self.message)
    }
}

impl Error for Refused {}

/// What is asked of the API.
pub(crate) struct Question<'a> {
    pub(crate) method: Method,
    /// Path and query.
    pub(crate) path: &'a str,
    pub(crate) body: Bytes,
    pub(crate) is_json: bool,
}

/// Does `work` with a client of the server that the command line or the configuration names.
pub(crate) fn ask_and<T>(access: &Access, work: impl AsyncFnOnce(&ApiClient) -> Result<T>) -> Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async { work(&client(access)?).await })
}

/// Returns a client of the server that the command line or the configuration names; within a runtime.
pub(crate) fn client(access: &Access) -> Result<ApiClient> {
    let config = settings::load(&access.place)?;
    let key = access.key.clone().or_else(|| settings::variable(KEY_VARIABLE));
    let key = key.with_context(|| format!("no API key: give one with --key, or in {KEY_VARIABLE}"))?;
    let url = access.url.clone().unwrap_or_else(|| own_url(&config));
    ApiClient::new(&config, &url, &Redacted::new(key))
}

/// Returns the URL of the API of a server with this configuration on this machine.
pub(crate) fn own_url(config: &Config) -> String {
    let listen = config.api.listen;
    let scheme = if config.api.tls_cert.is_some() { "https" } else { "http" };
    match listen.ip() {
        ip if ip.is_unspecified() => format!("{scheme}://localhost:{}", listen.port()),
        _ => format!("{scheme}://{listen}"),
    }
}

/// Returns what opens connections to servers that the operator names, whatever their address: so many at the same time
/// to each.
pub(crate) fn upstream(config: &Config, connections: usize) -> Result<Upstream<Full<Bytes>>> {
    let everywhere = ["0.0.0.0/0".parse()?, "::/0".parse()?];
    let guard = AddressGuard::new(everywhere.to_vec());
    let resolver = Resolver::new(guard, HashMap::new(), config.upstream.dns_server)?;
    let roots = config.upstream.extra_ca.as_ref().map(std::fs::read).transpose()?;
    let connector =
        Connector::new(Arc::new(resolver), client_config(roots.as_deref(), false)?, CONNECT_TIMEOUT);
    let limits = PoolLimits { connections_per_origin: connections, idle_per_origin: connections, ..LIMITS };
    Ok(Upstream::new(Arc::new(connector), limits, TaskTracker::new()))
}

/// Returns the header that carries a key.
pub(crate) fn authorization(key: &Redacted<String>) -> Result<HeaderValue> {
    let header = HeaderValue::from_str(&format!("Bearer {}", key.expose()));
    let mut header = header.context("the API key has characters that no key has")?;
    header.set_sensitive(true);
    Ok(header)
}

impl ApiClient {
    /// Returns a client of the API at `url`.
    pub(crate) fn new(config: &Config, url: &str, key: &Redacted<String>) -> Result<Self> {
        let origin = Origin::parse(url, true).with_context(|| format!("`{url}` is not the URL of an API"))?;
        let authorization = authorization(key)?;
        Ok(Self { upstream: upstream(config, 1)?, origin: Arc::new(origin), authorization })
    }

    /// Asks and returns the answer's `data`.
    pub(crate) async fn ask(&self, question: Question<'_>) -> Result<Value> {
        tokio::time::timeout(ANSWER_TIMEOUT, self.exchange(question))
            .await
            .map_err(|_| anyhow!("{} did not answer in time", self.origin.authority()))?
    }

    /// Asks and returns the answer's body as it comes, for answers that go on for long.
    ///
    /// # Errors
    /// Fails when the server can't be reached, and with [`Refused`] when it refuses.
    pub(crate) async fn stream(&self, question: Question<'_>) -> Result<UpstreamBody<Full<Bytes>>> {
        let place = self.origin.authority();
        let answer = tokio::time::timeout(ANSWER_TIMEOUT, self.send(question)).await;
        let answer = answer.map_err(|_| anyhow!("{place} did not answer in time"))??;
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        tokio::time::timeout(ANSWER_TIMEOUT, self.read(answer)).await?.map(drop)?;
        bail!("{place} neither answered nor refused")
    }

    async fn exchange(&self, question: Question<'_>) -> Result<Value> {
        let answer = self.send(question).await?;
        self.read(answer).await
    }

    async fn send(&self, question: Question<'_>) -> Result<Response<UpstreamBody<Full<Bytes>>>> {
        let content_type = if question.is_json { "application/json" } else { "text/plain" };
        let request = Request::builder()
            .method(question.method)
            .uri(question.path)
            .header(AUTHORIZATION, self.authorization.clone())
            .header(CONTENT_TYPE, content_type)
            .body(Full::new(question.body))?;
        let place = self.origin.authority();
        let unreachable = || format!("can't reach the API at {place}: is the server running?");
        Ok(self.upstream.send(&self.origin, request).await.with_context(unreachable)?.response)
    }

    /// Reads an answer to its end and returns its `data`.
    async fn read(&self, answer: Response<UpstreamBody<Full<Bytes>>>) -> Result<Value> {
        let place = self.origin.authority();
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| anyhow!("the answer of {place} was cut: {error}"))?.to_bytes();
        let answer: Value = serde_json::from_slice(&body)
            .with_context(|| format!("{place} answered {} with something else than JSON", head.status))?;
        if head.status.is_success() {
            return answer.get("data").cloned().context("the answer has no `data`");
        }
        let message = answer.pointer("/error/message").and_then(Value::as_str).unwrap_or("no reason given");
        bail!(Refused { status: head.status.as_u16(), message: message.to_owned() })
    }
}
