//! Prices a million stored calls anew, through the API, on a log store of its own, and says how long everything takes.
//!
//! `cargo run --release -p gatehouse-api --example reprice_million [ROWS]`

use std::error::Error;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{Request, header};
use gatehouse_api::domains::{DomainVerifier, Verification};
use gatehouse_api::{Administration, ApiState, Control, Readiness, router};
use gatehouse_catalog::Catalog;
use gatehouse_config::DomainsConfig;
use gatehouse_seal::MasterKeys;
use gatehouse_store::audit::{Action, Actor, AuditEntry};
use gatehouse_store::conformance::{MemoryControl, samples};
use gatehouse_store::control::{Change, ControlStore, Permissions, StoredKey};
use gatehouse_store::keys::hash_key;
use gatehouse_store::log::{Batch, LogRow, LogStore};
use gatehouse_store::secrets::KeySource;
use gatehouse_store::view::{SharedView, ViewKeeper};
use gatehouse_store_log::{DuckDbLog, Options};
use gatehouse_types::{Clock as _, OrganizationId, RequestId, SystemClock, Timestamp};
use gatehouse_wire::ProviderTable;
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;
use uuid::Uuid;

const KEY: &str = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd";
/// How many rows are stored together.
const BATCH_ROWS: u64 = 5_000;
const ROWS: u64 = 1_000_000;
const LOOK_EVERY: Duration = Duration::from_millis(50);

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Nobody asks for domains here.
struct NoDomains;

impl DomainVerifier for NoDomains {
    fn verify<'a>(&'a self, _: &'a str) -> Pin<Box<dyn Future<Output = Verification> + Send + 'a>> {
        Box::pin(async { Verification::Missing { explanation: String::new() } })
    }
}

/// Nothing is sealed here for longer than this runs.
struct OneKey(Arc<MasterKeys>);

impl KeySource for OneKey {
    fn keys(&self) -> Arc<MasterKeys> {
        Arc::clone(&self.0)
    }
}

#[tokio::main]
async fn main() -> Outcome<()> {
    let rows = std::env::args().nth(1).map_or(Ok(ROWS), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let log = Arc::new(DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?);
    let (organization_id, api) = api(log.clone()).await?;
    let started = Instant::now();
    store(&log, organization_id, rows).await?;
    tell("storing", started);
    questions(&api, "before").await?;
    for round in ["pricing anew", "pricing anew again"] {
        let started = Instant::now();
        let told = reprice(&api).await?;
        let [changed, scanned] =
            ["changed", "scanned"].map(|name| told.get(name).cloned().unwrap_or_default());
        tell(&format!("{round}: {changed} of {scanned} changed"), started);
    }
    questions(&api, "after").await?;
    Ok(())
}

/// Asks what the dashboard asks.
async fn questions(api: &axum::Router, when: &str) -> Outcome<()> {
    let dear = json!({"request_response_rmt": {"cost": {"gt": 0.000001}}});
    let model = json!({"request_response_rmt": {"model": {"equals": "gpt-4o-mini-2024-07-18"}}});
    for (name, path, body) in [
        ("newest page", "/v1/request/query-clickhouse", json!({"filter": "all", "limit": 25})),
        (
            "dearest page",
            "/v1/request/query-clickhouse",
            json!({"filter": "all", "limit": 25, "sort": {"cost": "desc"}}),
        ),
        ("page of a model", "/v1/request/query-clickhouse", json!({"filter": model, "limit": 25})),
        ("count of all", "/v1/request/count/query", json!({"filter": "all"})),
        ("count by cost", "/v1/request/count/query", json!({"filter": dear})),
        ("summary", "/v1/cost/summary", json!({"group_by": ["day", "model"]})),
    ] {
        let started = Instant::now();
        ask(api, "POST", path, &body).await?;
        tell(&format!("{when}, {name}"), started);
    }
    Ok(())
}

async fn reprice(api: &axum::Router) -> Outcome<Value> {
    let begun = ask(api, "POST", "/v1/cost/reprice", &json!({"filter": "all"})).await?;
    let path = format!("/v1/cost/reprice/{}", begun.get("id").and_then(Value::as_str).unwrap_or_default());
    loop {
        let told = ask(api, "GET", &path, &Value::Null).await?;
        if told.get("state") != Some(&json!("running")) {
            return Ok(told);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

async fn ask(api: &axum::Router, method: &str, path: &str, body: &Value) -> Outcome<Value> {
    let authorization = format!("Bearer {KEY}");
    let request = Request::builder().method(method).uri(path).header(header::AUTHORIZATION, authorization);
    let answer = api.clone().oneshot(request.body(Body::from(body.to_string()))?).await?;
    let status = answer.status();
    let body: Value = serde_json::from_slice(&answer.into_body().collect().await?.to_bytes())?;
    if !status.is_success() {
        return Err(format!("{path} answered {status}: {body}").into());
    }
    Ok(body.get("data").cloned().unwrap_or_default())
}

/// Stores calls whose cost is another one than their prices come to.
async fn store(log: &DuckDbLog, organization_id: OrganizationId, rows: u64) -> Outcome<()> {
    let first = SystemClock.now().as_unix_micros();
    for batch in 0..rows.div_ceil(BATCH_ROWS) {
        let numbers = batch * BATCH_ROWS..rows.min((batch + 1) * BATCH_ROWS);
        let row = |number: u64| {
            let request_id = RequestId::from_uuid(Uuid::from_u128(number.into()));
            let micros = first.saturating_add(i64::try_from(number).unwrap_or_default() * 1_000);
            LogRow {
                request_created_at: Timestamp::from_unix_micros(micros),
                user_id: format!("user-{}", number % 100),
                ..samples::plain_row(organization_id, request_id)
            }
        };
        log.insert(Batch { rows: numbers.map(row).collect(), journal_position: batch + 1 }).await?;
    }
    Ok(())
}

/// Returns an API over `log` with one organisation and its key.
async fn api(log: Arc<DuckDbLog>) -> Outcome<(OrganizationId, axum::Router)> {
    let store = Arc::new(MemoryControl::default());
    let organization_id = store.default_organization().await?.id;
    let now = SystemClock.now();
    let hash = hash_key(KEY.as_bytes());
    let key = StoredKey::new(organization_id, "bench".to_owned(), hash, Permissions::READ_WRITE, now);
    let audit = AuditEntry::new(organization_id, now, Actor::Server, Action::KeyCreated, key.id, "bench");
    store.change(Change::AddKey(key), audit).await?;
    let secrets = Arc::new(OneKey(Arc::new(MasterKeys::generate()?)));
    let view = SharedView::default();
    let keeper = Arc::new(ViewKeeper::new(store, Arc::clone(&view), secrets));
    keeper.refresh().await?;
    let control = Arc::new(Control::new(keeper, Arc::new(NoDomains), Arc::new(SystemClock)));
    let administration = Administration {
        control: Arc::new(OnceLock::from(control)),
        providers: Arc::new(ProviderTable::new(Vec::new())?),
        limits: DomainsConfig::default(),
        reveals_provider_keys: false,
    };
    let state = ApiState::new(log, view, Readiness::new([]))
        .with_administration(administration)
        .with_catalog(Arc::new(Catalog::builtin()));
    Ok((organization_id, router(state)))
}

#[expect(clippy::print_stdout, reason = "this is what the program is for")]
fn tell(what: &str, started: Instant) {
    println!("{what}: {:.3} s", started.elapsed().as_secs_f64());
}
