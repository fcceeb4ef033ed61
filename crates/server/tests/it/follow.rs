//! Who follows the log sees calls as they are logged, their own organisation's alone, and not for longer than they may.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::{RawClient, call_json, request};
use gatehouse_testkit::http1::{Body, Piece};
use gatehouse_testkit::process::TEST_KEY;
use gatehouse_testkit::{Gatehouse, eventually};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::support::{BINARY, Call, DEADLINE, House, chat_body, helicone_id, text};

/// A live tail as it comes.
struct Tail {
    client: RawClient,
    body: Body,
    rest: String,
}

impl Tail {
    /// Begins to follow, and returns once nothing that is logged from now on is missed.
    async fn begin(gatehouse: &Gatehouse, key: &str, query: &str) -> Result<Self> {
        let host = gatehouse.api().to_string();
        let authorization = format!("Bearer {key}");
        let headers = [("Host", host.as_str()), ("Authorization", authorization.as_str())];
        let mut client = RawClient::connect(gatehouse.api()).await?;
        client.send(request("GET", &format!("/v1/request/tail{query}"), &headers, b"")).await?;
        let head = client.read_head().await?;
        ensure!(head.status == 200, "{head:?}");
        ensure!(head.headers.text("content-type").as_deref() == Some("text/event-stream"), "{head:?}");
        let body = client.body(&head, false)?;
        Ok(Self { client, body, rest: String::new() })
    }

    /// Returns the next row; `None` when the stream has come to its end.
    async fn next(&mut self) -> Result<Option<Value>> {
        loop {
            while let Some((event, rest)) = self.rest.split_once("\n\n") {
                let row =
                    event.strip_prefix("event: request\ndata: ").map(serde_json::from_str).transpose()?;
                ensure!(row.is_some() || event.starts_with(':'), "neither a row nor a comment: {event}");
                self.rest = rest.to_owned();
                if row.is_some() {
                    return Ok(row);
                }
            }
            match self.client.read_piece(&mut self.body).await? {
                Piece::Data { bytes, .. } => self.rest.push_str(std::str::from_utf8(&bytes)?),
                Piece::End(_) => return Ok(None),
            }
        }
    }

    async fn row(&mut self) -> Result<Value> {
        timeout(DEADLINE, self.next()).await.context("no row came")??.context("the stream ended")
    }
}

/// Makes a call and returns its id.
async fn call(house: &House, environment: &str) -> Result<String> {
    let call = Call::chat(&chat_body(false)).header("Helicone-Property-Environment", environment);
    let answer = house.exchange(&call).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    helicone_id(&answer.head.headers)
}

#[tokio::test]
async fn calls_come_as_they_are_logged_those_that_match_and_as_lists_have_them() -> Result<()> {
    let house = House::start().await?;
    call(&house, "production").await?;
    let production = "?filter=%7B%22request_response_rmt%22%3A%7B%22properties%22%3A%7B%22environment%22%3A%7B%22equals%22%3A%22production%22%7D%7D%7D%7D";
    let mut all = Tail::begin(&house.gatehouse, TEST_KEY, "").await?;
    let mut some = Tail::begin(&house.gatehouse, TEST_KEY, production).await?;
    let staging = call(&house, "staging").await?;
    let wanted = call(&house, "production").await?;
    let mut seen = vec![all.row().await?, all.row().await?];
    if text(&seen[0], "request_id") != staging {
        // The one from before may have been on its way still.
        seen = vec![seen.remove(1), all.row().await?];
    }
    ensure!([text(&seen[0], "request_id"), text(&seen[1], "request_id")] == [&staging, &wanted], "{seen:?}");
    let mut row = some.row().await?;
    if text(&row, "request_id") != wanted {
        row = some.row().await?;
    }
    ensure!(text(&row, "request_id") == wanted, "{row}");
    let query = json!({"filter": {"request_response_rmt": {"request_id": {"equals": wanted}}}});
    let listed = house.gatehouse.post("/v1/request/query-clickhouse", &query).await?;
    let mut listed = listed["data"][0].clone();
    // Only lists link to bodies.
    listed["signed_body_url"] = Value::Null;
    ensure!(row == listed, "{row} is not {listed}");
    Ok(())
}

#[tokio::test]
async fn nobody_follows_another_organisation_or_longer_than_allowed() -> Result<()> {
    let house = House::start().await?;
    let api = house.gatehouse.api();
    let (status, refused) = call_json(api, "GET", "/v1/request/tail", "", None).await?;
    ensure!(status == 401, "{refused}");
    let (status, refused) = call_json(api, "GET", "/v1/request/tail?filter=%7B", TEST_KEY, None).await?;
    ensure!(status == 400 && refused["error"]["code"] == "invalid_filter", "{refused}");

    let make = async |path: &str, body: Value| {
        let (status, made) = call_json(api, "POST", path, TEST_KEY, Some(&body)).await?;
        ensure!(status == 200 || status == 201, "{path}: {status} {made}");
        // Keys come without an envelope.
        Ok(made.get("data").cloned().unwrap_or(made))
    };
    let other = make("/v1/admin/organizations", json!({"name": "Other"})).await?;
    let path = format!("/v1/admin/organizations/{}/api-keys", text(&other, "id"));
    let other = make(&path, json!({"api_key_name": "other", "key_permissions": "rw"})).await?;
    let own = make("/v1/api-keys", json!({"api_key_name": "short-lived", "key_permissions": "r"})).await?;
    let known = async |key: &str| {
        let look = async || {
            let (status, _) = call_json(api, "GET", "/v1/request/tail?filter=%7B", key, None).await?;
            Ok((status == 400).then_some(()))
        };
        eventually(DEADLINE, look).await.context("the key is not known")
    };
    let (other_key, own_key) = (text(&other, "apiKey"), text(&own, "apiKey"));
    known(other_key).await?;
    known(own_key).await?;
    let mut foreign = Tail::begin(&house.gatehouse, other_key, "").await?;
    let mut short = Tail::begin(&house.gatehouse, own_key, "").await?;
    let id = call(&house, "production").await?;
    ensure!(text(&short.row().await?, "request_id") == id);
    let theirs = Call::chat(&chat_body(false)).replace("Helicone-Auth", format!("Bearer {other_key}"));
    let theirs = helicone_id(&house.exchange(&theirs).await?.head.headers)?;
    ensure!(text(&foreign.row().await?, "request_id") == theirs, "the first row is their own");

    let (status, revoked) =
        call_json(api, "DELETE", &format!("/v1/api-keys/{}", text(&own, "id")), TEST_KEY, None).await?;
    ensure!((200..300).contains(&status), "{revoked}");
    let ended = timeout(DEADLINE, short.next()).await.context("a revoked key follows on")??;
    ensure!(ended.is_none(), "{ended:?}");
    Ok(())
}

#[tokio::test]
async fn tails_are_bounded_and_end_with_the_server() -> Result<()> {
    let mut house = House::start().await?;
    let mut tails = Vec::new();
    for _ in 0..16 {
        tails.push(Tail::begin(&house.gatehouse, TEST_KEY, "").await?);
    }
    let api = house.gatehouse.api();
    let (status, refused) = call_json(api, "GET", "/v1/request/tail", TEST_KEY, None).await?;
    ensure!(status == 429 && refused["error"]["code"] == "too_many_streams", "{status} {refused}");
    tails.truncate(15);
    // The server sees that a client has left when it says something.
    let again = async || Ok(Tail::begin(&house.gatehouse, TEST_KEY, "").await.ok());
    let mut last = eventually(DEADLINE, again).await.context("a seat is given back")?;
    house.gatehouse.send_term()?;
    ensure!(last.next().await?.is_none(), "the stream comes to its end");
    for tail in &mut tails {
        ensure!(tail.next().await?.is_none(), "the stream comes to its end");
    }
    ensure!(house.gatehouse.wait(DEADLINE).await?.success());
    Ok(())
}

/// Passes connections on to a server whose address changes.
async fn forwarder(to: Arc<Mutex<SocketAddr>>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let tasks = TaskTracker::new();
    tasks.clone().spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let target = *to.lock();
            tasks.spawn(async move {
                if let Ok(mut server) = TcpStream::connect(target).await {
                    // A connection that breaks off is what the test is about.
                    drop(copy_bidirectional(&mut client, &mut server).await);
                }
            });
        }
    });
    Ok(address)
}

#[tokio::test]
async fn the_command_follows_and_goes_on_following_when_the_server_is_back() -> Result<()> {
    let mut house = House::start().await?;
    let target = Arc::new(Mutex::new(house.gatehouse.api()));
    let url = format!("http://{}", forwarder(Arc::clone(&target)).await?);
    let mut command = Command::new(BINARY);
    let arguments =
        ["requests", "tail", "--property", "environment=production", "--url", url.as_str(), "--config"];
    command.args(arguments).arg(house.gatehouse.config_path()).env_clear().env("HELICONE_API_KEY", TEST_KEY);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut lines = BufReader::new(child.stdout.take().context("stdout")?).lines();
    let mut complaints = BufReader::new(child.stderr.take().context("stderr")?).lines();

    // When it follows is not told: calls are made until one is shown.
    let shown = async |house: &House, lines: &mut tokio::io::Lines<_>| -> Result<String> {
        let mut waits = 0;
        loop {
            call(house, "staging").await?;
            call(house, "production").await?;
            match timeout(std::time::Duration::from_secs(1), lines.next_line()).await {
                Ok(line) => return line?.context("the command ended"),
                Err(_) => waits += 1,
            }
            ensure!(waits < 30, "nothing is shown");
        }
    };
    let line = shown(&house, &mut lines).await?;
    ensure!(
        line.contains("  200  ") && line.contains("gpt-4o-mini") && line.ends_with("Say hello."),
        "{line}"
    );
    house.gatehouse.restart().await?;
    let told =
        timeout(DEADLINE, complaints.next_line()).await.context("it says nothing")??.context("stderr")?;
    ensure!(told.contains("following again"), "{told}");
    *target.lock() = house.gatehouse.api();
    shown(&house, &mut lines).await?;
    child.kill().await?;
    Ok(())
}
