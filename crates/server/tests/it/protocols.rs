//! Every protocol on either side, connections used again, and many calls at once.

use std::sync::Arc;

use anyhow::{Context, Result, bail, ensure};
use gatehouse_testkit::DoubleOptions;
use gatehouse_testkit::double::{Alpn, Script};
use gatehouse_testkit::http1::{Broken, Field};
use http_body_util::BodyExt;
use hyper::Version;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::http2::{self, Http2Client};
use crate::support::{Call, House, chat_body, expect_end, helicone_id};

/// One worker, so that all calls share one pool.
const ONE_WORKER: &str = "[gateway]\nworkers = 1\n";

fn chat() -> Call<'static> {
    Call::chat(&chat_body(false))
}

async fn http2_house(toml: &str) -> Result<House> {
    House::with_double(DoubleOptions { alpn: Alpn::Http2, ..DoubleOptions::default() }, toml).await
}

#[tokio::test]
async fn an_http2_client_in_the_clear_is_served() -> Result<()> {
    let house = House::start().await?;
    let client = Http2Client::connect(house.gatehouse.gateway()).await?;
    let plain =
        client.send(http2::call("POST", "/v1/chat/completions?a=%20b"), chat_body(false).to_string()).await?;
    ensure!((plain.version(), plain.status().as_u16()) == (Version::HTTP_2, 200), "{plain:?}");
    let id = plain.headers().get("helicone-id").context("no id")?.to_str()?.to_owned();
    let body = http2::whole(plain).await?;
    expect_end(&house.row(&id).await?, "complete", 200)?;
    let direct = house.exchange(&Call { path: "/v1/chat/completions?a=%20b", ..chat() }).await?;
    ensure!(direct.body == body, "the body differs");
    let call =
        http2::call("POST", "/v1/chat/completions").header("x-double", "trailers").header("te", "trailers");
    let stream = client.send(call, chat_body(true).to_string()).await?.into_body().collect().await?;
    ensure!(stream.trailers().and_then(|trailers| trailers.get("x-double-trailer")) == Some(&"end".parse()?));
    ensure!(stream.to_bytes().ends_with(b"data: [DONE]\n\n"));
    for (number, request) in house.double.requests().iter().enumerate() {
        ensure!(request.version == "HTTP/1.1", "{request:?}");
        ensure!(request.headers.text("host").as_deref() == Some("api.openai.com"), "{number}: {request:?}");
    }
    Ok(())
}

#[tokio::test]
async fn calls_on_one_http2_connection_run_beside_each_other() -> Result<()> {
    let house = House::start().await?;
    let client = Http2Client::connect(house.gatehouse.gateway()).await?;
    let held = http2::call("POST", "/v1/chat/completions").header("x-double", "hold");
    let held = client.send(held, chat_body(true).to_string()).await?;
    for _ in 0..3 {
        let other = client.send(http2::call("GET", "/v1/models"), "").await?;
        ensure!(other.status() == 200, "{other:?}");
        http2::whole(other).await?;
    }
    house.double.release();
    ensure!(http2::whole(held).await?.ends_with(b"data: [DONE]\n\n"));
    Ok(())
}

#[tokio::test]
async fn cookies_that_http2_split_are_joined() -> Result<()> {
    let house = House::start().await?;
    let client = Http2Client::connect(house.gatehouse.gateway()).await?;
    let call =
        http2::call("GET", "/v1/models").header("cookie", "__cf_bm=a").header("cookie", "_cfuvid=b; c=d");
    http2::whole(client.send(call, "").await?).await?;
    let received = house.double.wait_for(1).await?;
    let cookies = received.first().map(|request| request.headers.all("cookie"));
    ensure!(cookies == Some(vec![b"__cf_bm=a; _cfuvid=b; c=d".as_slice()]), "{cookies:?}");
    Ok(())
}

#[tokio::test]
async fn an_http2_provider_is_spoken_to_in_http2() -> Result<()> {
    let house = http2_house(ONE_WORKER).await?;
    let direct = House::start().await?;
    for directives in ["", "gzip", "status=429,retry-after=7", "chunked", "trailers", "gap-ms=5"] {
        for stream in [false, true] {
            let call =
                Call::chat(&chat_body(stream)).double(directives).header("X-Latin", b"z\xfcr".to_vec());
            let (over2, over1) = (house.exchange(&call).await?, direct.exchange(&call).await?);
            ensure!(over2.end.is_ok(), "{directives}: {:?}", over2.end);
            ensure!(over2.head.status == over1.head.status, "{directives}: {:?}", over2.head);
            ensure!(over2.body == over1.body, "{directives}: the body differs");
            expect_end(
                &house.row(&helicone_id(&over2.head.headers)?).await?,
                "complete",
                over2.head.status.into(),
            )?;
        }
    }
    let head = house.exchange(&Call { method: "HEAD", path: "/v1/models", ..chat().with_body("") }).await?;
    ensure!(head.head.status == 200 && head.end.is_ok(), "{head:?}");
    ensure!(head.head.headers.get("content-length").is_some(), "{head:?}");
    for request in house.double.requests() {
        ensure!(request.version == "HTTP/2", "{request:?}");
        ensure!(request.headers.text(":authority").as_deref() == Some("api.openai.com"), "{request:?}");
        for name in ["host", "connection", "transfer-encoding", "helicone-auth"] {
            ensure!(request.headers.get(name).is_none(), "{name} in {request:?}");
        }
        ensure!(request.headers.get("x-latin").is_none_or(|value| value == b"z\xfcr"), "{request:?}");
    }
    ensure!(house.double.connections() == 1, "{} connections", house.double.connections());
    Ok(())
}

#[tokio::test]
async fn odd_targets_reach_an_http2_provider_as_they_are() -> Result<()> {
    let house = http2_house("").await?;
    for path in ["/v1//x?", "//v1", "/a:b;c=d/%2F%24?%24alt=json%3Benum-encoding%3Dint&q=a:b/@?", "/?"] {
        house.double.clear();
        house.exchange(&Call::new("GET", path)).await?;
        let received = house.double.wait_for(1).await?;
        let target = received.first().map(|request| request.target.as_str());
        ensure!(target == Some(path), "{path} became {target:?}");
    }
    Ok(())
}

#[tokio::test]
async fn http2_on_both_sides_carries_large_bodies() -> Result<()> {
    let house = http2_house("").await?;
    let client = Http2Client::connect(house.gatehouse.gateway()).await?;
    let upload: Vec<u8> = (0..=250_u8).cycle().take(5_000_000).collect();
    let call = http2::call("POST", "/v1/x").header("x-double", "bytes=5000000");
    let download = http2::whole(client.send(call, upload.clone()).await?).await?;
    ensure!(download == upload, "{} bytes came back", download.len());
    let received = house.double.wait_for(1).await?;
    ensure!(
        received.first().map(|request| request.body.clone()) == Some(upload.into()),
        "the upload differs"
    );
    Ok(())
}

#[tokio::test]
async fn a_cut_http2_provider_stream_does_not_end_cleanly() -> Result<()> {
    let house = http2_house("").await?;
    for directives in ["cut-after=2", "reset-after=2"] {
        let answer = house.exchange(&Call::chat(&chat_body(true)).double(directives)).await?;
        ensure!(matches!(answer.end, Err(Broken::Closed | Broken::Reset)), "{directives}: {:?}", answer.end);
        expect_end(&house.row(&helicone_id(&answer.head.headers)?).await?, "upstream_cut", 200)?;
    }
    house.expect_alive().await
}

#[tokio::test]
async fn an_http_1_0_client_is_served() -> Result<()> {
    let house = House::start().await?;
    let expected = house.exchange(&chat()).await?;
    for (stream, more) in [(false, ""), (true, ""), (false, "Connection: keep-alive\r\n")] {
        let call = Call::chat(&chat_body(stream)).bytes();
        let text = String::from_utf8(call)?.replacen("HTTP/1.1\r\n", &format!("HTTP/1.0\r\n{more}"), 1);
        let mut client = house.client().await?;
        let answer = client.exchange(&text).await?;
        ensure!(answer.head.status == 200 && answer.end.is_ok(), "{answer:?}");
        // That version has no chunks: a stream ends with its connection.
        ensure!(answer.head.headers.get("transfer-encoding").is_none(), "{answer:?}");
        if stream {
            ensure!(answer.body.ends_with(b"data: [DONE]\n\n"), "{answer:?}");
        } else {
            ensure!(answer.body == expected.body, "{answer:?}");
        }
        if more.is_empty() {
            ensure!(client.wait_for_end().await == Broken::Closed);
        } else {
            ensure!(client.exchange(&text).await?.body == expected.body);
        }
        expect_end(&house.row(&helicone_id(&answer.head.headers)?).await?, "complete", 200)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_target_in_absolute_form_is_its_path() -> Result<()> {
    let house = House::start().await?;
    let call = Call { path: "http://gateway.test/v1/models?x=1", ..Call::new("GET", "") };
    let answer = house.exchange(&call).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let received = house.double.wait_for(1).await?;
    ensure!(
        received.first().map(|request| request.target.as_str()) == Some("/v1/models?x=1"),
        "{received:?}"
    );
    Ok(())
}

#[tokio::test]
async fn pipelined_requests_are_answered_in_order() -> Result<()> {
    let house = House::start().await?;
    let paths = ["/v1/models/gpt-4o", "/v1/models/o3", "/v1/models/gpt-4", "/v1/models/o1"];
    let mut client = house.client().await?;
    let all: Vec<u8> = paths.iter().flat_map(|path| Call::new("GET", path).bytes()).collect();
    client.send(all).await?;
    for path in paths {
        let answer = client.read_response().await?;
        let id = answer.json()?["id"].as_str().map(str::to_owned);
        ensure!(id.as_deref() == path.strip_prefix("/v1/models/"), "{path} was answered {id:?}");
    }
    Ok(())
}

#[tokio::test]
async fn connections_are_used_again_on_both_sides() -> Result<()> {
    let house = House::with_toml(ONE_WORKER).await?;
    house.double.script("204", Script::bytes("HTTP/1.1 204 No Content\r\n\r\n"));
    let mut client = house.client().await?;
    let models = Call::new("GET", "/v1/models");
    for round in 0..5 {
        for call in [
            chat(),
            Call::chat(&chat_body(true)),
            chat().double("gzip,chunked"),
            chat().double("status=500"),
            chat().double("trailers"),
            Call { method: "HEAD", ..models.clone() },
            models.clone().header("X-Double-Script", "204"),
        ] {
            let answer =
                client.exchange(call.bytes()).await.with_context(|| format!("round {round}, {call:?}"))?;
            ensure!(answer.end.is_ok(), "{answer:?}");
        }
    }
    ensure!(house.double.connections() == 1, "{} connections for 35 calls", house.double.connections());
    // A connection that the provider closed is not used again.
    client.exchange(chat().header("X-Double", "cut-after=3").bytes()).await?;
    house.expect_alive().await?;
    ensure!(house.double.connections() == 2, "{} connections", house.double.connections());
    Ok(())
}

#[tokio::test]
async fn a_connection_that_the_provider_closed_meanwhile_costs_no_call() -> Result<()> {
    use gatehouse_testkit::double::Step;
    let house = House::with_toml(ONE_WORKER).await?;
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    house.double.script("leave", Script::bytes(answer).then(Step::Close));
    for _ in 0..20 {
        let answer = house.exchange(&chat().header("X-Double-Script", "leave")).await?;
        ensure!(answer.head.status == 200 && answer.body == "ok", "{answer:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_calls_at_once_are_all_answered() -> Result<()> {
    const CALLS: usize = 500;
    let house = Arc::new(House::start().await?);
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        let house = house.clone();
        calls.spawn(async move {
            let body = json!({
                "model": "gpt-4o-mini",
                "messages": [{"role": "user", "content": "x".repeat(number)}],
                "stream": number % 2 == 0,
            });
            // All are open at once: each waits in its middle until every one of them has begun.
            let answer = house.exchange(&Call::chat(&body).double("hold,events=3")).await?;
            ensure!(answer.head.status == 200 && answer.end.is_ok(), "{number}: {answer:?}");
            helicone_id(&answer.head.headers)
        });
    }
    house.double.wait_for(CALLS).await?;
    house.double.release();
    let mut ids = Vec::new();
    while let Some(call) = calls.join_next().await {
        ids.push(call??);
    }
    ids.sort_unstable();
    ids.dedup();
    ensure!(ids.len() == CALLS, "{} different ids", ids.len());
    for id in ids.iter().step_by(50) {
        expect_end(&house.row(id).await?, "complete", 200)?;
    }
    Ok(())
}

#[tokio::test]
async fn early_hints_do_not_stand_in_for_the_answer() -> Result<()> {
    let house = House::start().await?;
    let answer = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n\
                  HTTP/1.1 418 I'm a teapot\r\nContent-Length: 2\r\n\r\nok";
    house.double.script("hints", Script::bytes(answer));
    let answer = house.exchange(&chat().header("X-Double-Script", "hints")).await?;
    ensure!((answer.head.status, answer.head.reason.as_str()) == (418, "I'm a teapot"), "{answer:?}");
    ensure!(answer.body == "ok", "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn a_body_is_asked_for_before_it_is_sent() -> Result<()> {
    let house = House::start().await?;
    let call = chat().header("Expect", "100-continue").bytes();
    let Some(end) = call.windows(4).position(|window| window == b"\r\n\r\n") else { bail!("no head") };
    let (head, body) = call.split_at(end + 4);
    let mut client = house.client().await?;
    client.send(head).await?;
    ensure!(client.read_head().await?.status == 100);
    client.send(body).await?;
    ensure!(client.read_response().await?.head.status == 200);
    // A call that is refused needs no body.
    let refused = chat().without("Helicone-Auth").header("Expect", "100-continue").bytes();
    let mut client = house.client().await?;
    client.send(refused.split_at(refused.len() - body.len()).0).await?;
    ensure!(client.read_head().await?.status == 401);
    Ok(())
}

#[tokio::test]
async fn many_equal_fields_pass() -> Result<()> {
    let house = House::with_toml("[gateway]\nmax_headers = 1000\n").await?;
    let call = (0..900).fold(chat(), |call, number| call.header("X-Many", number.to_string()));
    ensure!(house.exchange(&call).await?.head.status == 200);
    let received = house.double.wait_for(1).await?;
    let fields = received.first().map(|request| request.headers.0.clone()).unwrap_or_default();
    let passed: Vec<Field> = fields.into_iter().filter(|field| field.name == "x-many").collect();
    let expected: Vec<Field> = (0..900).map(|number: u32| Field::new("x-many", number.to_string())).collect();
    ensure!(passed == expected, "{} fields passed", passed.len());
    Ok(())
}

#[tokio::test]
async fn heads_end_cleanly_for_http2_clients_also_when_refused() -> Result<()> {
    let house = House::start().await?;
    let client = Http2Client::connect(house.gatehouse.gateway()).await?;
    let refused = http2::call("HEAD", "/v1/models").header("helicone-target-url", "https://localhost");
    for (call, status) in [(refused, 403), (http2::call("HEAD", "/v1/models"), 200)] {
        let answer = client.send(call, "").await?;
        ensure!(answer.status().as_u16() == status, "{answer:?}");
        ensure!(answer.headers().contains_key("content-length"), "{answer:?}");
        ensure!(http2::whole(answer).await?.is_empty());
    }
    Ok(())
}
