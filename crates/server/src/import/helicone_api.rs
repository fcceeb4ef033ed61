//! Helicone's REST API, as far as an import reads it, at the pace that it is asked to keep.
//!
//! Shapes: `POST /v1/request/query-clickhouse` and `/v1/request/count/query` of its public OpenAPI document; bodies
//! are at the `signed_body_url` of a row, as `{"request", "response"}`, and need no key.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gatehouse_config::Config;
use gatehouse_types::Redacted;
use gatehouse_upstream::{Origin, Upstream};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use hyper::{Method, Request, StatusCode};
use serde_json::{Value, json};
use tokio::sync::Mutex;
use tokio::time::{Interval, MissedTickBehavior};

use super::Row;
use super::state::Position;
use crate::api_client;
use crate::cli::ImportHelicone;

/// How many rows a page has, which is as many as Helicone gives.
const PAGE_ROWS: usize = 1000;
/// How many bodies are asked for at the same time.
const BODIES_AT_ONCE: usize = 8;
const ANSWER_TIMEOUT: Duration = Duration::from_secs(120);
const MAX_ANSWER_BYTES: usize = 256 << 20;
/// How often a call is made that fails for a reason that may pass, and how long is waited after the first time.
const ATTEMPTS: u32 = 6;
const FIRST_WAIT: Duration = Duration::from_secs(1);
const MAX_WAIT: Duration = Duration::from_secs(60);

/// The API, and which of its calls are wanted.
pub(super) struct HeliconeApi {
    upstream: Upstream<Full<Bytes>>,
    origin: Arc<Origin>,
    authorization: HeaderValue,
    pace: Mutex<Interval>,
    since: Option<String>,
    until: Option<String>,
    reads_bodies: bool,
}

/// An answer that was read to its end.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
}

impl HeliconeApi {
    pub(super) fn new(config: &Config, import: &ImportHelicone, key: &Redacted<String>) -> Result<Self> {
        let url = &import.url;
        let origin = Origin::parse(url, true).with_context(|| format!("`{url}` is not the URL of an API"))?;
        let mut pace = tokio::time::interval(Duration::from_secs(1) / import.max_per_second.max(1));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            upstream: api_client::upstream(config, BODIES_AT_ONCE)?,
            origin: Arc::new(origin),
            authorization: api_client::authorization(key)?,
            pace: Mutex::new(pace),
            since: import.since.map(|at| at.to_string()),
            until: import.until.map(|at| at.to_string()),
            reads_bodies: !import.no_bodies,
        })
    }

    /// Counts the calls from a position on; `None` when Helicone does not say.
    pub(super) async fn count(&self, position: &Position) -> Option<u64> {
        let body = json!({"filter": self.filter(position)});
        self.ask("/v1/request/count/query", &body).await.ok()?.as_u64()
    }

    /// Returns the calls behind a position, oldest first; none at the end.
    ///
    /// # Errors
    /// Fails when Helicone can't be reached, refuses, or answers something else.
    pub(super) async fn page(&self, position: &Position) -> Result<Vec<Row>> {
        let body = json!({
            "filter": self.filter(position), "offset": position.read_at, "limit": PAGE_ROWS,
            "sort": {"created_at": "asc"}, "includeInputs": false,
        });
        match self.ask("/v1/request/query-clickhouse", &body).await? {
            Value::Array(rows) => rows.into_iter().map(row).collect(),
            _ => bail!("{} answered something else than a list of calls", self.origin.authority()),
        }
    }

    /// Adds the bodies to rows that don't have them; returns how many have none then because they could not be read.
    ///
    /// # Errors
    /// Fails when the server that has them can't be reached.
    pub(super) async fn add_bodies(&self, rows: &mut [Row]) -> Result<u64> {
        if !self.reads_bodies {
            rows.iter_mut().for_each(super::without_bodies);
            return Ok(0);
        }
        let found = stream::iter(rows.iter_mut().map(|row| self.add_body(row)));
        let missing = found.buffer_unordered(BODIES_AT_ONCE);
        missing.try_fold(0, |sum, is_missing| async move { Ok(sum + u64::from(is_missing)) }).await
    }

    /// Adds the bodies to a row; returns whether there are some that could not be read.
    async fn add_body(&self, row: &mut Row) -> Result<bool> {
        let has = |name: &str| row.get(name).is_some_and(|body| !body.is_null() && *body != json!({}));
        if has("request_body") || has("response_body") {
            return Ok(false);
        }
        let Some(url) = row.get("signed_body_url").and_then(Value::as_str).map(str::to_owned) else {
            return Ok(false);
        };
        let (origin, path) = split(&url, &self.origin)?;
        let answer = self.patiently(&origin, &Method::GET, &path, None).await?;
        if !answer.status.is_success() {
            return Ok(true);
        }
        let Ok(Value::Object(mut bodies)) = serde_json::from_slice(&answer.body) else { return Ok(true) };
        for (from, to) in [("request", "request_body"), ("response", "response_body")] {
            if let Some(body) = bodies.remove(from) {
                row.insert(to.to_owned(), body);
            }
        }
        Ok(false)
    }

    /// Which calls are wanted that began at a position or later.
    fn filter(&self, position: &Position) -> Value {
        let from = position.at.as_ref().or(self.since.as_ref()).map(|at| ("gte", at));
        let tests = from.into_iter().chain(self.until.as_ref().map(|at| ("lt", at)));
        let leaves = tests
            .map(|(operator, at)| json!({"request_response_rmt": {"request_created_at": {operator: at}}}));
        let joined = leaves.reduce(|left, right| json!({"left": left, "operator": "and", "right": right}));
        joined.unwrap_or_else(|| json!("all"))
    }

    /// Makes a call and returns the `data` of its answer.
    async fn ask(&self, path: &str, body: &Value) -> Result<Value> {
        let body = Bytes::from(body.to_string());
        let answer = self.patiently(&self.origin, &Method::POST, path, Some(body)).await?;
        let place = self.origin.authority();
        let told: Value = serde_json::from_slice(&answer.body)
            .with_context(|| format!("{place} answered {} with something else than JSON", answer.status))?;
        let error = told.get("error").filter(|error| !error.is_null());
        if answer.status.is_success() && error.is_none() {
            return told.get("data").cloned().with_context(|| format!("the answer of {place} has no `data`"));
        }
        let message = error.and_then(|error| error.as_str().or_else(|| error.get("message")?.as_str()));
        bail!(
            "{place} refused {path} with {}: {}",
            answer.status.as_u16(),
            message.unwrap_or("no reason given")
        )
    }

    /// Makes a call again for as long as it fails for a reason that may pass.
    async fn patiently(
        &self,
        origin: &Arc<Origin>,
        method: &Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Answer> {
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            self.pace.lock().await.tick().await;
            let answered =
                tokio::time::timeout(ANSWER_TIMEOUT, self.once(origin, method, path, body.clone()));
            let answered = answered.await.unwrap_or_else(|_| Err(anyhow!("no answer in time")));
            let passes = match &answered {
                Ok(answer) => {
                    answer.status == StatusCode::TOO_MANY_REQUESTS || answer.status.is_server_error()
                }
                Err(_) => true,
            };
            if !passes || attempt == ATTEMPTS {
                return answered.with_context(|| format!("can't reach {}", origin.authority()));
            }
            let asked = answered.ok().and_then(|answer| retry_after(&answer.headers));
            tokio::time::sleep(asked.unwrap_or(wait).min(MAX_WAIT)).await;
            wait *= 2;
        }
        bail!("can't reach {}", origin.authority())
    }

    async fn once(
        &self,
        origin: &Arc<Origin>,
        method: &Method,
        path: &str,
        body: Option<Bytes>,
    ) -> Result<Answer> {
        let mut request = Request::builder().method(method.clone()).uri(path);
        // Where bodies lie nobody may see the key.
        if body.is_some() {
            request = request
                .header(AUTHORIZATION, self.authorization.clone())
                .header(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let sent = self.upstream.send(origin, request.body(Full::new(body.unwrap_or_default()))?).await?;
        let (head, body) = sent.response.into_parts();
        let body = Limited::new(body, MAX_ANSWER_BYTES).collect().await;
        let body = body.map_err(|error| anyhow!("the answer was cut: {error}"))?.to_bytes();
        Ok(Answer { status: head.status, headers: head.headers, body })
    }
}

fn row(value: Value) -> Result<Row> {
    match value {
        Value::Object(row) => Ok(row),
        _ => bail!("a call in Helicone's answer is no JSON object"),
    }
}

/// Returns where a URL leads and its path; one on the API's own host uses its connections.
fn split(url: &str, api: &Arc<Origin>) -> Result<(Arc<Origin>, String)> {
    let wrong = || "a `signed_body_url` is not a URL";
    let after_scheme = url.split_once("://").map(|(_, rest)| rest).with_context(wrong)?;
    let path = after_scheme.find('/').and_then(|at| after_scheme.get(at..)).unwrap_or("/");
    let origin = url.strip_suffix(path).unwrap_or(url);
    let origin = Origin::parse(origin, true).with_context(wrong)?;
    let is_same = origin.authority() == api.authority() && origin.scheme() == api.scheme();
    Ok((if is_same { Arc::clone(api) } else { Arc::new(origin) }, path.to_owned()))
}

fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok().map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_where_bodies_lie() {
        let api = Arc::new(Origin::parse("http://127.0.0.1:8585", true).unwrap());
        let (origin, path) = split("http://127.0.0.1:8585/v1/body/1?s=2", &api).unwrap();
        assert!(Arc::ptr_eq(&origin, &api));
        assert_eq!(path, "/v1/body/1?s=2");
        let (origin, path) = split("https://bucket.example.com/a%20b?X-Signature=%2F", &api).unwrap();
        assert_eq!(
            (origin.authority().as_str(), path.as_str()),
            ("bucket.example.com", "/a%20b?X-Signature=%2F")
        );
        assert!(split("nonsense", &api).is_err());
    }
}
