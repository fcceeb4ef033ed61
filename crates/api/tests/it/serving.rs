//! The listener: versions of HTTP, headers of every answer, deadlines, a graceful end.

use std::time::Duration;

use anyhow::Result;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS,
};
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

use crate::client::{Call, TestApi};
use crate::installation::{READ_KEY, ours};
use crate::memory_log::{Mood, full_row};

const ROW: &str = "/v1/request/00000000-0000-0000-0000-000000000001";

#[tokio::test]
async fn every_answer_carries_the_security_headers() -> Result<()> {
    let api = TestApi::start(vec![full_row(ours(), 1)]).await?;
    let panicking = TestApi::start(Vec::new()).await?;
    panicking.log.set_mood(Mood::Panics);
    let answers = [
        api.get(ROW).await?,
        api.send(Call::get(ROW)).await?,
        api.send(Call::get("/").header("origin", "https://elsewhere.example")).await?,
        api.send(Call::get("/v1/nothing")).await?,
        api.send(Call::new("OPTIONS", ROW).header("origin", "https://elsewhere.example")).await?,
        api.send(Call::get("/healthz")).await?,
        panicking.get(ROW).await?,
    ];
    for answer in answers {
        let policy = answer.header(CONTENT_SECURITY_POLICY);
        assert!(policy.starts_with("default-src 'self';"), "{answer:?}");
        assert!(policy.contains("frame-ancestors 'none'"), "{answer:?}");
        assert_eq!(answer.header(X_CONTENT_TYPE_OPTIONS), "nosniff", "{answer:?}");
        assert_eq!(answer.header(REFERRER_POLICY), "no-referrer", "{answer:?}");
        assert_eq!(answer.header(ACCESS_CONTROL_ALLOW_ORIGIN), "", "{answer:?}");
        assert!(["no-store", "no-cache"].contains(&answer.header(CACHE_CONTROL)), "{answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn speaks_http2_without_tls() -> Result<()> {
    let api = TestApi::start(vec![full_row(ours(), 1)]).await?;
    let answer = api.send_http2(Call::get(ROW).key(READ_KEY)).await?;
    assert_eq!(answer.json()?["data"]["model"], "gpt-4o-mini-2024-07-18");
    let answer = api.send_http2(Call::post("/v1/request/count/query", "{}").key(READ_KEY)).await?;
    assert_eq!(answer.json()?["data"], 1);
    Ok(())
}

#[tokio::test]
async fn a_call_that_takes_too_long_ends_with_a_timeout() -> Result<()> {
    let api = TestApi::start_with(vec![full_row(ours(), 1)], Duration::from_millis(20)).await?;
    api.log.set_mood(Mood::Waits);
    let answer = api.get(ROW).await?;
    assert_eq!(answer.outcome()?, (504, "timeout".to_owned()));
    Ok(())
}

#[tokio::test]
async fn a_call_in_flight_is_answered_before_the_end() -> Result<()> {
    let mut api = TestApi::start(vec![full_row(ours(), 1)]).await?;
    api.log.set_mood(Mood::Waits);
    let (address, log) = (api.address, api.log.clone());
    let stop = api.stop_handle();
    let call = api.get(ROW);
    let rest = async {
        log.someone_waits().await;
        drop(stop);
        // The listener is closed once a connection is refused; the call still waits.
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        log.release();
    };
    let (answer, ()) = tokio::join!(call, rest);
    assert_eq!(answer?.status, 200);
    api.ended().await
}

#[tokio::test(start_paused = true)]
async fn a_client_that_says_nothing_does_not_keep_its_place() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let mut silent = TcpStream::connect(api.address).await?;
    let read = tokio::time::timeout(Duration::from_secs(3600), silent.read(&mut [0; 16])).await?;
    assert_eq!(read?, 0);
    Ok(())
}
