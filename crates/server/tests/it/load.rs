//! Calls under load: many clients at once, and what each of them saw.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::{RawClient, request};
use gatehouse_testkit::process::TEST_KEY;
use gatehouse_testkit::{Gatehouse, eventually};
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// How long the log may take to show what happened.
pub(crate) const SEEN: Duration = Duration::from_secs(60);

/// A call that a client saw completed.
#[derive(Clone, Debug)]
pub(crate) struct Completed {
    /// The `Helicone-Id` of the answer.
    pub(crate) id: String,
    /// When its last byte was there.
    pub(crate) at: Instant,
}

/// A chat completion on its way to OpenAI.
pub(crate) fn chat(stream: bool, extra: &[(&str, &str)]) -> Vec<u8> {
    let authorization = format!("Bearer {TEST_KEY}");
    let mut headers = vec![
        ("Host", "gateway"),
        ("Content-Type", "application/json"),
        ("Authorization", "Bearer sk-provider"),
        ("Helicone-Auth", authorization.as_str()),
        ("Helicone-Target-Url", "https://api.openai.com"),
    ];
    headers.extend_from_slice(extra);
    let body = json!({
        "model": "gpt-4o-mini", "stream": stream, "messages": [{"role": "user", "content": "hello"}]
    });
    request("POST", "/v1/chat/completions", &headers, body.to_string().as_bytes())
}

/// Clients that call without a pause until they are stopped or the gateway is gone.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    completed: Arc<AtomicUsize>,
    clients: JoinSet<Vec<Completed>>,
}

impl Load {
    /// Starts `clients` clients, every second one with streams.
    pub(crate) fn start(gateway: SocketAddr, clients: usize) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let completed = Arc::new(AtomicUsize::new(0));
        let mut running = JoinSet::new();
        for number in 0..clients {
            let (stop, completed) = (Arc::clone(&stop), Arc::clone(&completed));
            running.spawn(async move {
                let mut seen = Vec::new();
                // An error is the gateway's end; what was seen before it counts.
                drop(run_client(gateway, number % 2 == 1, &stop, &completed, &mut seen).await);
                seen
            });
        }
        Self { stop, completed, clients: running }
    }

    /// Waits until `count` calls have completed.
    pub(crate) async fn reach(&self, count: usize) -> Result<()> {
        let reached = || async { Ok((self.completed.load(Ordering::Acquire) >= count).then_some(())) };
        eventually(SEEN, reached).await.with_context(|| format!("{count} calls"))
    }

    /// Stops the clients after their current call and returns every call they saw completed.
    pub(crate) async fn stop(self) -> Vec<Completed> {
        self.stop.store(true, Ordering::Release);
        self.clients.join_all().await.concat()
    }
}

async fn run_client(
    gateway: SocketAddr,
    stream: bool,
    stop: &AtomicBool,
    completed: &AtomicUsize,
    seen: &mut Vec<Completed>,
) -> Result<()> {
    let mut client = RawClient::connect(gateway).await?;
    while !stop.load(Ordering::Acquire) {
        let answer = client.exchange(chat(stream, &[])).await?;
        answer.end?;
        ensure!(answer.head.status == 200, "status {}", answer.head.status);
        let id = answer.head.headers.text("helicone-id").context("no Helicone-Id")?;
        seen.push(Completed { id, at: Instant::now() });
        completed.fetch_add(1, Ordering::AcqRel);
    }
    Ok(())
}

/// Waits until every record of the journal is in the log store.
pub(crate) async fn caught_up(gatehouse: &Gatehouse) -> Result<()> {
    let caught_up = || async {
        let lag = metric(gatehouse, "gatehouse_journal_lag_bytes").await?;
        let queued = metric(gatehouse, "gatehouse_journal_queued_records").await?;
        Ok((lag == Some(0.0) && queued == Some(0.0)).then_some(()))
    };
    eventually(SEEN, caught_up).await.context("the log store does not catch up")
}

/// Reads one sample without labels from `/metrics`.
pub(crate) async fn metric(gatehouse: &Gatehouse, name: &str) -> Result<Option<f64>> {
    let host = gatehouse.api().to_string();
    let authorization = format!("Bearer {TEST_KEY}");
    let headers = [("Host", host.as_str()), ("Authorization", &authorization), ("Connection", "close")];
    let mut client = RawClient::connect(gatehouse.api()).await?;
    let answer = client.exchange(request("GET", "/metrics", &headers, b"")).await?;
    ensure!(answer.head.status == 200, "/metrics answered {}", answer.head.status);
    let text = String::from_utf8_lossy(&answer.body).into_owned();
    let sample = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' ')?.parse().ok());
    Ok(sample)
}

/// Returns the ids of all rows, as often as they occur.
pub(crate) async fn logged_ids(gatehouse: &Gatehouse) -> Result<Vec<String>> {
    let mut ids = Vec::new();
    loop {
        let query = json!({
            "filter": "all", "offset": ids.len(), "limit": 1000, "sort": {"created_at": "asc"}
        });
        let page = gatehouse.post("/v1/request/query-clickhouse", &query).await?;
        let rows = page.get("data").and_then(Value::as_array).cloned().unwrap_or_default();
        if rows.is_empty() {
            return Ok(ids);
        }
        ids.extend(rows.iter().filter_map(|row| row.get("request_id")?.as_str().map(str::to_owned)));
    }
}

/// Waits for the row of a call.
pub(crate) async fn row(gatehouse: &Gatehouse, id: &str) -> Result<Value> {
    let path = format!("/v1/request/{id}?includeBody=true");
    let found =
        || async { Ok(gatehouse.get(&path).await.ok().and_then(|answer| answer.get("data").cloned())) };
    eventually(SEEN, found).await.with_context(|| format!("no row of {id}"))
}
