//! Heads and framings that are too large, ambiguous or not HTTP at all.

use anyhow::{Result, ensure};
use gatehouse_testkit::client::RawResponse;

use super::{chat, check, check_after};
use crate::support::{Call, House};

/// A second request, hidden in what one reading of the first takes for its body.
const SMUGGLED: &str = "GET /smuggled HTTP/1.1\r\nHost: gateway.test\r\n\r\n";

/// Returns the head of an authorised call with these framing lines.
fn head(framing: &str) -> Vec<u8> {
    let mut head = Call::new("POST", "/v1/first").bytes();
    head.truncate(head.len() - 2);
    head.extend_from_slice(framing.as_bytes());
    head.extend_from_slice(b"\r\n");
    head
}

/// Sends bytes on a new connection and returns the answer, if there is one.
async fn send(house: &House, bytes: &[u8]) -> Result<Option<RawResponse>> {
    let mut client = house.client().await?;
    // The gateway may close before it has taken everything.
    drop(client.send(bytes).await);
    Ok(client.read_response().await.ok())
}

#[tokio::test]
async fn heads_that_are_too_large() -> Result<()> {
    let house = House::start().await?;
    check(&house, &chat().header("X-Large", vec![b'x'; 65 << 10]), 431, "headers_too_large").await?;
    let mut many = chat();
    for number in 0..200 {
        many = many.header(&format!("Helicone-Property-{number}"), vec![b'x'; 350]);
    }
    check(&house, &many, 431, "headers_too_large").await?;
    // Just below the limit all is well.
    let answer = house.exchange(&chat().header("X-Large", vec![b'x'; 60 << 10])).await?;
    ensure!(answer.head.status == 200, "{:?}", answer.head);
    // What is beyond reading is refused by the HTTP library, without a body.
    for call in [chat().header("X-Large", vec![b'x'; 4 << 20]), with_headers(20_000)] {
        let answer = send(&house, &call.bytes()).await?;
        let status = answer.map(|answer| answer.head.status);
        ensure!(matches!(status, Some(431) | None), "{status:?}");
    }
    check_after(&house).await
}

fn with_headers(count: usize) -> Call<'static> {
    (0..count).fold(chat(), |call, _| call.header("a", ""))
}

#[tokio::test]
async fn methods_without_a_target() -> Result<()> {
    let house = House::start().await?;
    for target in ["api.openai.com:443", "127.0.0.1:22"] {
        check(&house, &Call::new("CONNECT", target), 405, "method_not_allowed").await?;
    }
    ensure!(house.double.requests().is_empty());
    check_after(&house).await
}

#[tokio::test]
async fn framings_with_two_readings_hide_no_request() -> Result<()> {
    let house = House::start().await?;
    let length = SMUGGLED.len();
    for framing in [
        format!("Content-Length: 0\r\nContent-Length: {length}\r\n"),
        format!("Content-Length: {length}\r\nContent-Length: 0\r\n"),
        format!("Content-Length: 0, {length}\r\n"),
        format!("Content-Length: +{length}\r\n"),
        format!("Content-Length: 0x{length:x}\r\n"),
        "Content-Length: -1\r\n".to_owned(),
        "Content-Length: 99999999999999999999999\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n".to_owned(),
        "Transfer-Encoding: chunked, identity\r\n".to_owned(),
        "Transfer-Encoding: identity\r\nTransfer-Encoding: cow\r\n".to_owned(),
        "Transfer-Encoding : chunked\r\n".to_owned(),
        " Transfer-Encoding: chunked\r\n".to_owned(),
        "X: a\r\n Transfer-Encoding: chunked\r\n".to_owned(),
        "X: a\0b\r\n".to_owned(),
        "X: a\rTransfer-Encoding: chunked\r\n".to_owned(),
    ] {
        let bytes = [head(&framing), SMUGGLED.as_bytes().to_vec()].concat();
        let answer = send(&house, &bytes).await?;
        let status = answer.map(|answer| answer.head.status);
        ensure!(status == Some(400), "{framing:?} was answered {status:?}");
        ensure!(house.double.requests().is_empty(), "{framing:?} reached the provider");
    }
    check_after(&house).await
}

#[tokio::test]
async fn a_length_beside_chunks_does_not_count() -> Result<()> {
    let house = House::start().await?;
    // By its length the body would end in the middle; what follows would be a request.
    let framing = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n";
    let body = format!("{:x}\r\n{SMUGGLED}\r\n0\r\n\r\n", SMUGGLED.len());
    let answer = send(&house, &[head(framing), body.into_bytes()].concat()).await?;
    let received = house.double.requests();
    match answer.map(|answer| answer.head.status) {
        // Refusing it is as good.
        Some(400) => ensure!(received.is_empty(), "{received:?}"),
        _ => {
            ensure!(received.len() == 1, "{received:?}");
            for request in received {
                ensure!(request.target == "/v1/first" && request.body == SMUGGLED, "{request:?}");
                ensure!(request.headers.get("content-length").is_none(), "{request:?}");
            }
        }
    }
    check_after(&house).await
}

#[tokio::test]
async fn broken_chunks_end_the_call_and_the_connection() -> Result<()> {
    let house = House::start().await?;
    for body in [
        "FFFFFFFFFFFFFFFFF\r\nx",
        "ffffffffffffffff\r\nx",
        "-1\r\nx",
        "0x5\r\nhello\r\n0\r\n\r\n",
        "zz\r\nhello\r\n0\r\n\r\n",
        "5\r\nhelloXX0\r\n\r\n",
        "\r\n\r\n",
    ] {
        let bytes = [head("Transfer-Encoding: chunked\r\n"), body.as_bytes().to_vec()].concat();
        let mut client = house.client().await?;
        client.send(&bytes).await?;
        if body.starts_with("ffffffffffffffff") {
            // A legal size whose bytes never come: the client's leaving ends it.
            drop(client);
            continue;
        }
        if let Ok(answer) = client.read_response().await {
            ensure!(answer.head.status == 400, "{body:?} was answered {:?}", answer.head);
        }
        client.wait_for_end().await;
    }
    let received = house.double.requests();
    for request in received {
        ensure!(request.body_sha256.is_empty(), "the provider took a broken body for whole: {request:?}");
    }
    check_after(&house).await
}

#[tokio::test]
async fn bytes_that_are_not_http() -> Result<()> {
    let house = House::start().await?;
    let tls_hello = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec();
    let noise: Vec<u8> = (0..=255_u8).cycle().take(9000).collect();
    let broken_h2 = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nthis is no frame at all".to_vec();
    for bytes in [
        tls_hello,
        noise,
        broken_h2,
        b"GET\r\n\r\n".to_vec(),
        b"GET / HTTP/9.9\r\n\r\n".to_vec(),
        b"GET / HTTP/1.1\r\nno colon\r\n\r\n".to_vec(),
        b"GET http://[ HTTP/1.1\r\n\r\n".to_vec(),
        b"\0\0\0\0\r\n\r\n".to_vec(),
        b"\r\n\r\n\r\n\r\nGE T / HTTP/1.1\r\n\r\n".to_vec(),
    ] {
        let mut client = house.client().await?;
        // The gateway may close before it has taken everything.
        drop(client.send(&bytes).await);
        client.wait_for_end().await;
    }
    ensure!(house.double.requests().is_empty());
    check_after(&house).await
}

#[tokio::test]
async fn transfer_codings_that_would_be_lost() -> Result<()> {
    let house = House::start().await?;
    let call = [head("Transfer-Encoding: gzip, chunked\r\n"), b"0\r\n\r\n".to_vec()].concat();
    let answer = send(&house, &call).await?;
    let status = answer.map(|answer| (answer.head.status, answer.json()));
    ensure!(
        matches!(&status, Some((501, Ok(body))) if body["error"]["code"] == "unsupported_transfer_encoding"),
        "{status:?}"
    );
    ensure!(house.double.requests().is_empty());
    check_after(&house).await
}
