//! Streams: frames pass as they come, an end is an end, a cut is a cut, and the row says which it was.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use gatehouse_testkit::client::{RawClient, RawResponse, ResponseHead};
use gatehouse_testkit::double::{Progress, Received};
use gatehouse_testkit::http1::{Body, Broken, Piece, latin1};
use http_body_util::BodyExt;

use crate::support::http2::{self, Http2Client};
use crate::support::{Call, DEADLINE, House, chat_body, expect_end, helicone_id, refusal};

/// The damages after which a stream is not whole; each after its first event.
const CUTS: &[&str] = &["cut-after=2", "reset-after=2", "malformed-chunk", "gzip,cut-after=2"];

/// A client in the middle of an answer.
struct Reading {
    client: RawClient,
    head: ResponseHead,
    body: Body,
}

impl Reading {
    /// Sends a streamed chat and reads the head of the answer.
    async fn start(house: &House, directives: &str) -> Result<Self> {
        let mut client = house.client().await?;
        client.send(Call::chat(&chat_body(true)).double(directives).bytes()).await?;
        let head = client.read_head().await?;
        ensure!(head.status == 200, "{head:?}");
        let body = client.body(&head, false)?;
        Ok(Self { client, head, body })
    }

    /// Reads until the text so far contains `wanted`, and returns it.
    async fn read_until(&mut self, wanted: &[u8]) -> Result<Vec<u8>> {
        let mut seen = Vec::new();
        loop {
            match self.client.read_piece(&mut self.body).await? {
                Piece::Data { bytes, .. } => seen.extend_from_slice(&bytes),
                Piece::End(_) => bail!("the answer ended after {:?}", latin1(&seen)),
            }
            if seen.windows(wanted.len()).any(|window| window == wanted) {
                return Ok(seen);
            }
        }
    }

    fn id(&self) -> Result<String> {
        helicone_id(&self.head.headers)
    }
}

/// Waits for the first request that the double received.
async fn first_received(house: &House) -> Result<Received> {
    let received = house.double.wait_for(1).await?;
    received.into_iter().next().context("no request was recorded")
}

/// Waits for the double to see that its connection was dropped, and says how long that took.
async fn dropped_within(received: &Received, since: Instant) -> Result<Duration> {
    match tokio::time::timeout(DEADLINE, received.ended()).await? {
        Progress::Aborted(at) => Ok(at.saturating_duration_since(since)),
        other => bail!("the double saw {other:?}"),
    }
}

#[tokio::test]
async fn events_arrive_while_the_provider_holds_the_rest() -> Result<()> {
    let house = House::start().await?;
    for directives in ["hold,events=2", "hold,events=2,gzip"] {
        let mut reading = Reading::start(&house, directives).await?;
        let first = reading.client.read_piece(&mut reading.body).await?;
        ensure!(matches!(first, Piece::Data { .. }), "{first:?}");
        house.double.release();
        while !matches!(reading.client.read_piece(&mut reading.body).await?, Piece::End(_)) {}
        expect_end(&house.row(&reading.id()?).await?, "complete", 200)?;
    }
    Ok(())
}

#[tokio::test]
async fn every_event_keeps_its_own_chunk() -> Result<()> {
    let house = House::start().await?;
    let answer = house.exchange(&Call::chat(&chat_body(true)).double("events=5")).await?;
    for chunk in &answer.chunks {
        ensure!(chunk.starts_with(b"data: ") && chunk.ends_with(b"\n\n"), "{}", latin1(chunk));
    }
    // Role, five words, the finish, the usage, [DONE].
    ensure!(answer.chunks.len() == 9, "{} chunks", answer.chunks.len());
    Ok(())
}

#[tokio::test]
async fn a_client_that_does_not_read_stops_the_provider() -> Result<()> {
    const LARGE: u64 = 96 << 20;
    let house = House::with_toml("[gateway]\nworkers = 1\n").await?;
    let call = Call::new("GET", "/v1/x").double(&format!("bytes={LARGE}")).bytes();
    let mut stalled = house.client().await?;
    stalled.send(&call).await?;
    let head = stalled.read_head().await?;
    let mut unread = stalled.body(&head, false)?;
    let received = first_received(&house).await?;
    let before = house.gatehouse.rss_bytes()?;
    // In the time in which another client gets as much, a gateway that reads ahead would have had all of it.
    let mut other = house.client().await?;
    other.send(&call).await?;
    let head = other.read_head().await?;
    let mut body = other.body(&head, false)?;
    read_bytes(&mut other, &mut body, LARGE).await?;
    ensure!(received.progress() == Progress::Answering, "{:?}", received.progress());
    let grown = house.gatehouse.rss_bytes()?.saturating_sub(before);
    ensure!(grown < 32 << 20, "memory grew by {grown} bytes");
    // What was held back is still whole when it is read at last.
    read_bytes(&mut stalled, &mut unread, LARGE).await?;
    ensure!(received.ended().await == Progress::Answered);
    Ok(())
}

/// Reads a body to its end, which comes after `expected` bytes.
async fn read_bytes(client: &mut RawClient, body: &mut Body, expected: u64) -> Result<()> {
    let mut seen = 0;
    while let Piece::Data { bytes, .. } = client.read_piece(body).await? {
        seen += bytes.len() as u64;
    }
    ensure!(seen == expected, "{seen} of {expected} bytes came");
    Ok(())
}

#[tokio::test]
async fn a_cut_stream_does_not_end_cleanly() -> Result<()> {
    let house = House::start().await?;
    for directives in CUTS {
        let answer = house.exchange(&Call::chat(&chat_body(true)).double(directives)).await?;
        ensure!(answer.head.status == 200, "{directives}: {answer:?}");
        ensure!(matches!(answer.end, Err(Broken::Closed | Broken::Reset)), "{directives}: {:?}", answer.end);
        ensure!(!answer.body.is_empty(), "{directives}: what came before the cut was lost");
        expect_end(&house.row(&helicone_id(&answer.head.headers)?).await?, "upstream_cut", 200)?;
    }
    house.expect_alive().await
}

#[tokio::test]
async fn a_cut_body_of_known_length_does_not_end_cleanly() -> Result<()> {
    let house = House::start().await?;
    for directives in
        ["cut-after=9", "reset-after=9", "chunked,cut-after=9", "bytes=5000000,cut-after=3000000"]
    {
        let answer = house.exchange(&Call::chat(&chat_body(false)).double(directives)).await?;
        ensure!(answer.end.is_err(), "{directives}: {:?}", answer.end);
        expect_end(&house.row(&helicone_id(&answer.head.headers)?).await?, "upstream_cut", 200)?;
    }
    house.expect_alive().await
}

#[tokio::test]
async fn a_cut_stream_does_not_end_cleanly_over_http2() -> Result<()> {
    let house = House::start().await?;
    let client = Http2Client::connect(house.gatehouse.gateway()).await?;
    for directives in CUTS {
        let call = http2::call("POST", "/v1/chat/completions").header("x-double", *directives);
        let answer = client.send(call, chat_body(true).to_string()).await?;
        ensure!(answer.status() == 200, "{answer:?}");
        let end = answer.into_body().collect().await;
        ensure!(end.is_err(), "{directives}: the stream ended cleanly");
    }
    // The other streams of the connection are not harmed.
    let call = http2::call("POST", "/v1/chat/completions");
    let whole = http2::whole(client.send(call, chat_body(true).to_string()).await?).await?;
    ensure!(whole.ends_with(b"data: [DONE]\n\n"));
    Ok(())
}

#[tokio::test]
async fn an_answer_cut_before_its_head_is_a_502() -> Result<()> {
    use gatehouse_testkit::double::{Script, Step};
    let house = House::start().await?;
    house.double.script("close", Script::default().then(Step::Close));
    house.double.script("reset", Script::bytes("HTTP/1.1 200 O").then(Step::Reset));
    house.double.script("garbage", Script::bytes("SSH-2.0-OpenSSH_9.2\r\n\r\n").then(Step::Close));
    for (id, kind) in
        [("close", "upstream_closed"), ("reset", "upstream_closed"), ("garbage", "upstream_protocol_error")]
    {
        let call = Call::chat(&chat_body(false)).header("X-Double-Script", id);
        let answer = house.exchange(&call).await?;
        let (status, code, _) = refusal(&answer)?;
        ensure!((status, code.as_str()) == (502, kind), "{id}: {status} {code}");
        expect_end(&house.row(&helicone_id(&answer.head.headers)?).await?, "failed", 502)?;
    }
    house.expect_alive().await
}

#[tokio::test]
async fn a_client_that_leaves_takes_its_upstream_call_with_it() -> Result<()> {
    let house = House::start().await?;
    for (directives, resets) in [("hold", false), ("hold", true), ("gap-ms=50,events=1000", false)] {
        house.double.clear();
        let mut reading = Reading::start(&house, directives).await?;
        reading.read_until(b"data: ").await?;
        let (id, received) = (reading.id()?, first_received(&house).await?);
        let left = Instant::now();
        if resets {
            reading.client.reset()
        } else {
            drop(reading)
        }
        let taken = dropped_within(&received, left).await?;
        ensure!(taken < Duration::from_secs(1), "{directives}: dropped after {taken:?}");
        expect_end(&house.row(&id).await?, "client_gone", -3)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_leaves_before_the_first_byte_takes_its_upstream_call_with_it() -> Result<()> {
    let house = House::start().await?;
    let id = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20";
    let call = Call::chat(&chat_body(true)).double("first-byte-delay-ms=600000");
    let mut client = house.client().await?;
    client.send(call.header("Helicone-Request-Id", id).bytes()).await?;
    let received = first_received(&house).await?;
    let left = Instant::now();
    drop(client);
    let taken = dropped_within(&received, left).await?;
    ensure!(taken < Duration::from_secs(1), "dropped after {taken:?}");
    expect_end(&house.row(id).await?, "client_gone", -3)
}

#[tokio::test]
async fn a_cancelled_http2_stream_takes_its_upstream_call_with_it() -> Result<()> {
    let house = House::start().await?;
    for closes_all in [false, true] {
        house.double.clear();
        let client = Http2Client::connect(house.gatehouse.gateway()).await?;
        let call = http2::call("POST", "/v1/chat/completions").header("x-double", "hold");
        let answer = client.send(call, chat_body(true).to_string()).await?;
        let id = answer.headers().get("helicone-id").context("no id")?.to_str()?.to_owned();
        let received = first_received(&house).await?;
        let left = Instant::now();
        if closes_all {
            client.close().await
        } else {
            drop(answer)
        }
        let taken = dropped_within(&received, left).await?;
        ensure!(taken < Duration::from_secs(1), "dropped after {taken:?}");
        expect_end(&house.row(&id).await?, "client_gone", -3)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_leaves_after_done_has_had_all() -> Result<()> {
    let house = House::start().await?;
    for durability in ["normal", "strict"] {
        let toml = format!("[journal]\ndurability = {durability:?}\n");
        let house = if durability == "strict" { &House::with_toml(&toml).await? } else { &house };
        let mut reading = Reading::start(house, "delay-end-ms=600000").await?;
        reading.read_until(b"data: [DONE]\n\n").await?;
        let id = reading.id()?;
        drop(reading);
        let row = house.row(&id).await?;
        expect_end(&row, "complete", 200)?;
        ensure!(row["total_tokens"].as_u64() > Some(0), "{row}");
    }
    Ok(())
}

#[tokio::test]
async fn a_client_that_leaves_after_a_compressed_done_has_had_all() -> Result<()> {
    let house = House::start().await?;
    let direct = house.exchange(&Call::chat(&chat_body(true)).double("gzip")).await?;
    let all = direct.body.len();
    let mut reading = Reading::start(&house, "gzip,delay-end-ms=600000").await?;
    let mut seen = 0;
    while seen < all {
        let Piece::Data { bytes, .. } = reading.client.read_piece(&mut reading.body).await? else {
            bail!("the stream ended after {seen} of {all} bytes");
        };
        seen += bytes.len();
    }
    let id = reading.id()?;
    drop(reading);
    expect_end(&house.row(&id).await?, "complete", 200)
}

#[tokio::test]
async fn silence_in_the_middle_ends_the_stream() -> Result<()> {
    let house = House::with_toml("[gateway]\nidle_timeout = \"1s\"\n").await?;
    let answer = house.exchange(&Call::chat(&chat_body(true)).double("hold")).await?;
    expect_timed_out(&house, &answer).await?;
    // What moves on is not silent, however long it takes.
    let answer = house.exchange(&Call::chat(&chat_body(true)).double("gap-ms=50,events=24")).await?;
    ensure!(answer.end.is_ok(), "{:?}", answer.end);
    Ok(())
}

#[tokio::test]
async fn a_call_that_takes_too_long_in_all_is_ended() -> Result<()> {
    let house = House::with_toml("[gateway]\ntotal_timeout = \"1500ms\"\n").await?;
    let answer = house.exchange(&Call::chat(&chat_body(true)).double("gap-ms=50,events=1000")).await?;
    expect_timed_out(&house, &answer).await?;
    let call = Call::chat(&chat_body(true)).double("first-byte-delay-ms=600000");
    let answer = house.exchange(&call).await?;
    let (status, code, _) = refusal(&answer)?;
    ensure!((status, code.as_str()) == (504, "total_timeout"), "{status} {code}");
    Ok(())
}

async fn expect_timed_out(house: &House, answer: &RawResponse) -> Result<()> {
    ensure!(matches!(answer.end, Err(Broken::Closed | Broken::Reset)), "{:?}", answer.end);
    ensure!(answer.body.starts_with(b"data: "), "{}", latin1(&answer.body));
    expect_end(&house.row(&helicone_id(&answer.head.headers)?).await?, "timed_out", -2)?;
    let received = first_received(house).await?;
    ensure!(matches!(received.ended().await, Progress::Aborted(_)), "the provider was not told");
    Ok(())
}

#[tokio::test]
async fn a_late_first_byte_is_a_504() -> Result<()> {
    let house = House::with_toml("[gateway]\nfirst_byte_timeout = \"1s\"\n").await?;
    let call = Call::chat(&chat_body(false)).double("first-byte-delay-ms=600000");
    let answer = house.exchange(&call).await?;
    let (status, code, _) = refusal(&answer)?;
    ensure!((status, code.as_str()) == (504, "first_byte_timeout"), "{status} {code}");
    expect_end(&house.row(&helicone_id(&answer.head.headers)?).await?, "timed_out", 504)?;
    ensure!(matches!(first_received(&house).await?.ended().await, Progress::Aborted(_)));
    house.expect_alive().await
}

#[tokio::test]
async fn every_kind_of_answer_is_whole_when_its_end_waits_for_the_disk() -> Result<()> {
    use gatehouse_testkit::double::{Script, Step};
    let house = House::with_toml("[journal]\ndurability = \"strict\"\n").await?;
    house.double.script("204", Script::bytes("HTTP/1.1 204 No Content\r\n\r\n"));
    house.double.script("304", Script::bytes("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n"));
    house.double.script("empty", Script::bytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    house.double.script("close", Script::bytes("HTTP/1.1 200 OK\r\n\r\nto the close").then(Step::Close));
    let models = Call::new("GET", "/v1/models");
    let scripted = |id: &str| models.clone().header("X-Double-Script", id);
    let calls = [
        (Call::chat(&chat_body(false)), 200),
        (Call::chat(&chat_body(true)), 200),
        (Call::chat(&chat_body(true)).double("gzip"), 200),
        (Call::chat(&chat_body(true)).double("trailers"), 200),
        (Call::chat(&chat_body(false)).double("status=429"), 429),
        (Call { method: "HEAD", ..models.clone() }, 200),
        (scripted("204"), 204),
        (scripted("304"), 304),
        (scripted("empty"), 200),
        (scripted("close"), 200),
    ];
    let mut client = house.client().await?;
    for (call, status) in calls {
        let answer = client.exchange(call.bytes()).await?;
        ensure!(answer.head.status == status && answer.end.is_ok(), "{call:?}: {answer:?}");
        expect_end(&house.row(&helicone_id(&answer.head.headers)?).await?, "complete", i64::from(status))?;
    }
    Ok(())
}
