//! Uploads: they pass as they come, answers may overtake them, and half of one is not taken for the whole.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use gatehouse_testkit::client::RawClient;
use gatehouse_testkit::double::{Progress, Received};
use gatehouse_testkit::eventually;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use crate::support::{Call, DEADLINE, House, OPENAI, expect_end, refusal};

/// Lets calls go to a plain server of the test.
const PLAIN_TARGETS: &str = "[upstream]\nallow_http = true\nallow_private = [\"127.0.0.0/8\"]\n";

/// Returns the id of a test's n-th call.
fn id(number: usize) -> String {
    format!("0199f0a1-7c1e-7c3a-9a55-{number:012}")
}

/// Returns the head of an upload with this id and framing line.
fn head(id: &str, target: &str, framing: &str) -> Vec<u8> {
    let call = Call::new("POST", "/v1/files").replace("Helicone-Target-Url", target);
    let mut head = call.header("Helicone-Request-Id", id).bytes();
    head.truncate(head.len() - 2);
    head.extend_from_slice(framing.as_bytes());
    head.extend_from_slice(b"\r\n\r\n");
    head
}

/// Starts a server that answers what `answer` says once it has read a head, and then reads on to the end.
async fn hasty_server(answer: &'static str) -> Result<(SocketAddr, JoinSet<()>)> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            // A client that goes away is no concern of the server.
            drop(be_hasty(stream, answer).await);
        }
    });
    Ok((address, tasks))
}

async fn be_hasty(mut stream: TcpStream, answer: &str) -> std::io::Result<()> {
    let mut seen = Vec::new();
    while !seen.windows(4).any(|window| window == b"\r\n\r\n") {
        if stream.read_buf(&mut seen).await? == 0 {
            return Ok(());
        }
    }
    stream.write_all(answer.as_bytes()).await?;
    stream.shutdown().await?;
    tokio::io::copy(&mut stream, &mut tokio::io::sink()).await.map(drop)
}

#[tokio::test]
async fn an_answer_may_overtake_its_upload() -> Result<()> {
    let house = House::with_toml(PLAIN_TARGETS).await?;
    let answer = "HTTP/1.1 413 Payload Too Large\r\nConnection: close\r\nContent-Length: 9\r\n\r\ntoo large";
    let (server, _tasks) = hasty_server(answer).await?;
    let target = format!("http://{server}");
    for (number, framing) in ["Content-Length: 5000000", "Transfer-Encoding: chunked"].into_iter().enumerate()
    {
        let id = id(number);
        let mut client = house.client().await?;
        client.send(head(&id, &target, framing)).await?;
        if framing.starts_with("Transfer") {
            client.send(format!("{:x}\r\n", 5_000_000)).await?;
        }
        client.send(vec![b'x'; 100_000]).await?;
        let answer = client.read_response().await.with_context(|| framing.to_owned())?;
        ensure!(answer.head.status == 413 && answer.body == "too large", "{answer:?}");
        expect_end(&house.row(&id).await?, "complete", 413)?;
    }
    Ok(())
}

#[tokio::test]
async fn the_provider_gets_an_upload_as_it_comes() -> Result<()> {
    let house = House::with_toml(PLAIN_TARGETS).await?;
    // The answer is only given once the head is there, long before the rest of the upload is sent.
    let answer = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nearly\r\n";
    let (server, _tasks) = hasty_server(answer).await?;
    let mut client = house.client().await?;
    client.send(head(&id(0), &format!("http://{server}"), "Transfer-Encoding: chunked")).await?;
    let head = client.read_head().await?;
    ensure!(head.status == 200, "{head:?}");
    Ok(())
}

#[tokio::test]
async fn half_an_upload_is_not_taken_for_the_whole() -> Result<()> {
    let house = House::start().await?;
    let (length, chunked) = ("Content-Length: 1000", "Transfer-Encoding: chunked");
    let cases = [
        (length, "half", false),
        (length, "half", true),
        (chunked, "4\r\nhalf\r\n", false),
        (chunked, "4\r\nhalf\r\n", true),
    ];
    for (number, (framing, start, resets)) in cases.into_iter().enumerate() {
        house.double.clear();
        let id = id(number);
        let mut client = house.client().await?;
        client.send(head(&id, OPENAI, framing)).await?;
        client.send(start).await?;
        let (received, left) = leave(&house, client, resets).await?;
        let Progress::Aborted(at) = received else { bail!("{framing}: the double saw {received:?}") };
        let taken = at.saturating_duration_since(left);
        ensure!(taken < Duration::from_secs(1), "{framing}: dropped after {taken:?}");
        let row = house.row(&id).await?;
        expect_end(&row, "client_gone", -3).with_context(|| format!("{framing}, resets: {resets}"))?;
    }
    house.expect_alive().await
}

#[tokio::test]
async fn a_broken_upload_is_refused() -> Result<()> {
    let house = House::start().await?;
    let mut client = house.client().await?;
    client.send(head(&id(0), OPENAI, "Transfer-Encoding: chunked")).await?;
    client.send("4\r\nhalf\r\nno size\r\n").await?;
    let answer = client.read_response().await?;
    let (status, code, _) = refusal(&answer)?;
    ensure!((status, code.as_str()) == (400, "request_body_failed"), "{status} {code}");
    expect_end(&house.row(&id(0)).await?, "refused", 400)?;
    house.expect_alive().await
}

/// Closes the connection once the double reads the upload; returns what became of it, and when the client left.
async fn leave(house: &House, client: RawClient, resets: bool) -> Result<(Progress, Instant)> {
    let reading = eventually(DEADLINE, async || Ok(house.double.requests().pop())).await?;
    let left = Instant::now();
    if resets {
        client.reset()
    } else {
        drop(client)
    }
    let ended = tokio::time::timeout(DEADLINE, reading.ended()).await?;
    Ok((ended, left))
}

/// Requests as they stand on the wire behind their head's common lines.
const FORMS: [(&str, &str, &[u8]); 11] = [
    ("POST", "Content-Length: 5\r\nX-Twice: a\r\nX-Twice: b\r\nx-twice:  c\r\n", b"hello"),
    (
        "POST",
        "Transfer-Encoding: chunked\r\nTrailer: X-T\r\nTE: trailers\r\n",
        b"5\r\nhello\r\n0\r\nX-T: 1\r\n\r\n",
    ),
    ("POST", "Transfer-Encoding: chunked\r\n", b"1\r\nh\r\n4\r\nello\r\n0\r\n\r\n"),
    ("POST", "Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
    ("POST", "Content-Length: 0\r\n", b""),
    ("POST", "", b""),
    ("GET", "", b""),
    ("GET", "Content-Length: 3\r\n", b"get"),
    ("HEAD", "", b""),
    ("DELETE", "", b""),
    ("POST", "Content-Encoding: gzip\r\nContent-Length: 4\r\nExpect: 100-continue\r\n", b"\x1f\x8b\xff\0"),
];

#[tokio::test]
async fn a_body_that_is_held_arrives_as_one_that_passes() -> Result<()> {
    let house = House::start().await?;
    for (method, lines, body) in FORMS {
        let mut received = Vec::new();
        for more in ["", "Helicone-Retry-Enabled: true\r\n"] {
            let mut bytes = Call::new(method, "/v1/x?a=%2F").bytes();
            bytes.truncate(bytes.len() - 2);
            let request = [&bytes, lines.as_bytes(), more.as_bytes(), b"\r\n", body].concat();
            let seen = house.double.requests().len();
            let mut client = house.client().await?;
            client.send(request).await?;
            let requests = house.double.wait_for(seen + 1).await?;
            let request = requests.last().context("nothing arrived")?;
            ensure!(
                tokio::time::timeout(DEADLINE, request.ended()).await? == Progress::Answered,
                "{request:?}"
            );
            received.push(house.double.requests().pop().context("nothing arrived")?);
        }
        let [passed, held] = received.as_slice() else { bail!("two requests arrive") };
        let of = |request: &Received| {
            // The order of names says nothing, that of the values of one name does.
            let mut fields = request.headers.0.clone();
            fields.sort_by(|one, other| one.name.cmp(&other.name));
            // A body that is here has a length, also where the client did not know it.
            let is_framing = |name: &str| matches!(name, "content-length" | "transfer-encoding");
            fields.retain(|field| !(lines.contains("chunked") && is_framing(&field.name)));
            (fields, request.trailers.clone(), request.body.clone())
        };
        ensure!(of(passed) == of(held), "{method} {lines:?}:\n{passed:?}\n{held:?}");
    }
    Ok(())
}
