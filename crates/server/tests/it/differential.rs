//! The same exchange directly and through the gateway: neither side can tell the difference.
//!
//! Bytes are compared: status, reason, headers, body and trailers for the client; method, target, headers,
//! body and trailers for the provider. What concerns one connection only is left out.

pub(crate) mod generate;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow, ensure};
use gatehouse_testkit::client::{RawClient, RawResponse};
use gatehouse_testkit::double::{Received, Script, Step};
use gatehouse_testkit::http1::{Fields, latin1};
use gatehouse_testkit::process::TEST_KEY;
use tokio::task::JoinSet;

use crate::support::{House, OPENAI};
use generate::{Body, Exchange, Lines, chunked, put_lines};

/// The exchanges are those of the seeds from this one on; a failure names its own.
const FIRST_SEED: u64 = 20_261_122;
/// How many exchanges are made up.
const EXCHANGES: u64 = 2_000;
/// How many run at once, each on its own two connections.
const LANES: usize = 8;
/// How many differences a failure names.
const SHOWN: usize = 10;

/// Little is kept of each body: this is about what passes, and disks of test machines are slow.
const SMALL_LOG: &str = "[gateway]\nmax_buffered_body_bytes = \"256KiB\"\n[log]\nmax_body_bytes = \"4KiB\"\n";

/// An event stream with all that decoders stumble over.
const EVENTS: &str = "event: a\r\ndata: {\"t\": \"zürich 日本 🎉\"}\r\n\r\n: comment\ndata:no space\n\n\
    id: 7\nretry: 10\ndata: one\ndata: two\n\ndata: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\r\r\
    data: [DONE]\n\n";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_exchanges_are_the_same_directly_and_through_the_gateway() -> Result<()> {
    let seeds = FIRST_SEED..FIRST_SEED + EXCHANGES;
    compare_all(seeds.map(|seed| (format!("seed-{seed}"), generate::exchange(seed))).collect()).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn event_streams_are_the_same_wherever_they_are_split() -> Result<()> {
    let events = EVENTS.as_bytes();
    let mut exchanges: Vec<(String, Exchange)> = (1..events.len())
        .map(|at| (format!("split-{at}"), stream_of(vec![events[..at].to_vec(), events[at..].to_vec()])))
        .collect();
    let bytewise = events.iter().map(|byte| vec![*byte]).collect();
    exchanges.push(("bytewise".to_owned(), stream_of(bytewise)));
    compare_all(exchanges).await
}

/// Returns a streamed chat whose answer comes in these chunks, each a write of its own.
fn stream_of(chunks: Vec<Vec<u8>>) -> Exchange {
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    let mut answer = Script::bytes(head);
    for chunk in chunks {
        let framed = [format!("{:x}\r\n", chunk.len()).as_bytes(), &chunk, b"\r\n"].concat();
        answer = answer.then(Step::Bytes(framed.into()));
    }
    Exchange {
        method: "POST".to_owned(),
        target: "/v1/chat/completions".to_owned(),
        headers: Lines::new(),
        body: Body::Length(br#"{"model":"gpt-4o-mini","stream":true}"#.to_vec()),
        expects_continue: false,
        answer: answer.then(Step::Bytes("0\r\n\r\n".into())),
    }
}

/// Runs every exchange both ways and compares what client and provider saw.
async fn compare_all(exchanges: Vec<(String, Exchange)>) -> Result<()> {
    let house = Arc::new(House::with_toml(SMALL_LOG).await?);
    let exchanges = Arc::new(exchanges);
    let next = Arc::new(AtomicUsize::new(0));
    let mut lanes = JoinSet::new();
    for _ in 0..LANES {
        lanes.spawn(run_lane(house.clone(), exchanges.clone(), next.clone()));
    }
    let mut differences = Vec::new();
    while let Some(lane) = lanes.join_next().await {
        differences.extend(lane?);
    }
    let mut received: BTreeMap<String, Vec<Received>> = BTreeMap::new();
    for request in house.double.requests() {
        let id = request.headers.text("x-double-script").context("a request without its id")?;
        received.entry(id).or_default().push(request);
    }
    for (id, exchange) in exchanges.iter() {
        let both = received.get(id).map(Vec::as_slice).unwrap_or_default();
        let compared = match both {
            [direct, through] => same_request(direct, through),
            _ => Err(anyhow!("the double received {} requests", both.len())),
        };
        let compared = compared.with_context(|| format!("{id}, as the provider saw it: {}", shape(exchange)));
        differences.extend(compared.err());
    }
    let shown: Vec<String> =
        differences.iter().take(SHOWN).map(|difference| format!("\n- {difference:#}")).collect();
    ensure!(shown.is_empty(), "{} differences, among them:{}", differences.len(), shown.concat());
    Ok(())
}

/// Takes exchanges until there are no more, and returns the differences that clients saw.
async fn run_lane(
    house: Arc<House>,
    exchanges: Arc<Vec<(String, Exchange)>>,
    next: Arc<AtomicUsize>,
) -> Vec<anyhow::Error> {
    let mut lane = Lane { house, direct: None, through: None };
    let mut differences = Vec::new();
    while let Some((id, exchange)) = exchanges.get(next.fetch_add(1, Ordering::Relaxed)) {
        let compared = lane.compare(id, exchange).await;
        differences.extend(compared.err().map(|error| error.context(format!("{id}: {}", shape(exchange)))));
    }
    differences
}

/// Two connections, used again while they may be.
struct Lane {
    house: Arc<House>,
    direct: Option<RawClient>,
    through: Option<RawClient>,
}

impl Lane {
    async fn compare(&mut self, id: &str, exchange: &Exchange) -> Result<()> {
        let Self { house, direct, through } = self;
        house.double.script(id, exchange.answer.clone());
        let double = house.double.address();
        let connect = RawClient::connect_tls(double, "api.openai.com", house.double.ca());
        let lines = [("Host".to_owned(), b"api.openai.com".to_vec())];
        let expected = perform(direct, connect, exchange, id, &lines).await;
        let expected = expected.context("directly")?;
        let connect = RawClient::connect(house.gatehouse.gateway());
        let answer = perform(through, connect, exchange, id, &to_gateway()).await;
        let answer = answer.context("through the gateway")?;
        house.double.remove_script(id);
        same_answer(&expected, &answer).context("as the client saw it")
    }
}

/// Returns what is only said to the gateway.
fn to_gateway() -> Lines {
    let lines = [
        ("HOST", "gateway.test:8787"),
        ("Helicone-Auth", &format!("Bearer {TEST_KEY}")),
        ("helicone-target-URL", OPENAI),
        ("Helicone-Property-Env", "test"),
        ("HELICONE-anything", "1"),
    ];
    lines.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).into()
}

/// Sends the exchange's request on the open connection, or a new one, and reads the answer.
async fn perform(
    open: &mut Option<RawClient>,
    connect: impl Future<Output = Result<RawClient>>,
    exchange: &Exchange,
    id: &str,
    lines: &[(String, Vec<u8>)],
) -> Result<RawResponse> {
    let mut client = match open.take() {
        Some(client) => client,
        None => connect.await?,
    };
    let mut head = format!("{} {} HTTP/1.1\r\n", exchange.method, exchange.target).into_bytes();
    let mut headers = lines.to_vec();
    headers.extend(exchange.headers.iter().cloned());
    headers.push(("X-Double-Script".to_owned(), id.as_bytes().to_vec()));
    let body = match &exchange.body {
        Body::Absent => Vec::new(),
        Body::Length(content) => {
            headers.push(("Content-Length".to_owned(), content.len().to_string().into_bytes()));
            content.clone()
        }
        Body::Chunked(chunks, trailers) => {
            headers.push(("Transfer-Encoding".to_owned(), b"chunked".to_vec()));
            chunked(chunks, trailers)
        }
    };
    if exchange.expects_continue {
        headers.push(("Expect".to_owned(), b"100-continue".to_vec()));
    }
    put_lines(&mut head, &headers);
    client.send(&head).await?;
    if exchange.expects_continue {
        let interim = client.read_head().await?;
        ensure!(interim.status == 100, "expected 100, found {interim:?}");
    }
    client.send(&body).await?;
    let answer = client.read_response_to(exchange.method == "HEAD").await?;
    let fields = &answer.head.headers;
    let is_bare = exchange.method == "HEAD" || matches!(answer.head.status, 204 | 304);
    let is_framed = fields.lists("transfer-encoding", "chunked") || fields.get("content-length").is_some();
    if (is_bare || is_framed) && !fields.lists("connection", "close") {
        *open = Some(client);
    }
    Ok(answer)
}

fn same_answer(direct: &RawResponse, through: &RawResponse) -> Result<()> {
    ensure!(direct.end.is_ok(), "the double's own answer broke: {:?}", direct.end);
    ensure!(through.end == Ok(()), "the answer broke: {:?}", through.end);
    let head = |answer: &RawResponse| (answer.head.status, answer.head.reason.clone());
    ensure!(head(direct) == head(through), "{:?} became {:?}", head(direct), head(through));
    same_headers(&direct.head.headers, &through.head.headers, &["helicone-id", "helicone-status"])?;
    ensure!(direct.body == through.body, "body of {} became {}", direct.body.len(), through.body.len());
    same_headers(&direct.trailers, &through.trailers, &[]).context("trailers")
}

fn same_request(direct: &Received, through: &Received) -> Result<()> {
    let line = |request: &Received| (request.method.clone(), request.target.clone());
    ensure!(line(direct) == line(through), "{:?} became {:?}", line(direct), line(through));
    let added = through.headers.0.iter().find(|field| field.name.to_lowercase().starts_with("helicone-"));
    ensure!(added.is_none(), "the provider saw {added:?}");
    ensure!(through.headers.all("host") == [b"api.openai.com"], "host is {:?}", through.headers.all("host"));
    same_headers(&direct.headers, &through.headers, &["host"])?;
    let body = |request: &Received| (request.body_bytes, request.body_sha256.clone());
    ensure!(body(direct) == body(through), "body {:?} became {:?}", body(direct), body(through));
    same_headers(&direct.trailers, &through.trailers, &[]).context("trailers")
}

/// Compares fields: names in any case, values of one name in their order, less `ours` and those of a connection.
fn same_headers(direct: &Fields, through: &Fields, ours: &[&str]) -> Result<()> {
    let (direct, through) = (by_name(direct, ours), by_name(through, ours));
    for (name, values) in &direct {
        let found = through.get(name);
        ensure!(found == Some(values), "header {name}: {values:?} became {found:?}");
    }
    let added: Vec<_> = through.iter().filter(|(name, _)| !direct.contains_key(*name)).collect();
    ensure!(added.is_empty(), "headers were added: {added:?}");
    Ok(())
}

fn by_name(fields: &Fields, ours: &[&str]) -> BTreeMap<String, Vec<String>> {
    const OF_A_CONNECTION: &[&str] = &["connection", "keep-alive", "transfer-encoding"];
    let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for field in &fields.0 {
        let name = field.name.to_ascii_lowercase();
        if !OF_A_CONNECTION.contains(&name.as_str()) && !ours.contains(&name.as_str()) {
            by_name.entry(name).or_default().push(latin1(&field.value));
        }
    }
    by_name
}

/// Says what kind of exchange failed, without its contents.
fn shape(exchange: &Exchange) -> String {
    let body = match &exchange.body {
        Body::Absent => "no body".to_owned(),
        Body::Length(content) => format!("{} bytes", content.len()),
        Body::Chunked(chunks, trailers) => format!("{} chunks, {} trailers", chunks.len(), trailers.len()),
    };
    let first = exchange.answer.raw.iter().find_map(|step| match step {
        Step::Bytes(bytes) if !bytes.is_empty() => Some(latin1(&bytes.slice(..bytes.len().min(300)))),
        _ => None,
    });
    format!("{} {} with {body}; answer {first:?}", exchange.method, exchange.target)
}
