//! Health, readiness and metrics.

use anyhow::Result;
use hyper::header::CONTENT_TYPE;
use serde_json::json;

use crate::client::{Call, TestApi};
use crate::installation::ADMIN_READ_KEY;
use crate::memory_log::Mood;

#[tokio::test]
async fn is_ready_when_all_is_recovered_and_until_it_drains() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let check = async |status: u16, name: &str, reasons: &[&str]| -> Result<()> {
        let answer = api.send(Call::get("/readyz")).await?;
        assert_eq!(answer.status, status);
        let expected = json!({"status": name, "reasons": reasons, "log_store": "available"});
        assert_eq!(answer.json()?, expected);
        Ok(())
    };
    check(503, "starting", &["journal: not done yet", "keys: not done yet"]).await?;
    api.readiness.met("keys");
    api.readiness.missing("journal", "reading segment 3 of 9");
    check(503, "starting", &["journal: reading segment 3 of 9"]).await?;
    assert!(!api.readiness.is_ready());
    api.readiness.met("journal");
    check(200, "ready", &[]).await?;
    assert!(api.readiness.is_ready());
    api.readiness.drain();
    check(503, "draining", &["draining: the process is going away"]).await?;
    assert!(!api.readiness.is_ready());
    assert_eq!(api.send(Call::get("/healthz")).await?.text(), r#"{"status":"ok"}"#);
    Ok(())
}

#[tokio::test]
async fn stays_ready_without_the_log_store_and_says_so() -> Result<()> {
    for mood in [Mood::Unavailable, Mood::Fails, Mood::Waits] {
        let api = TestApi::start(Vec::new()).await?;
        api.readiness.met("journal");
        api.readiness.met("keys");
        api.log.set_mood(mood);
        let answer = api.send(Call::get("/readyz")).await?;
        assert_eq!(answer.status, 200, "{mood:?}");
        assert_eq!(answer.json()?["log_store"], "unavailable", "{mood:?}");
        assert!(!answer.text().contains("secret"), "{mood:?}");
    }
    Ok(())
}

#[tokio::test]
async fn metrics_hold_every_source_and_the_api_itself() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    api.get("/v1/request/not-an-id").await?;
    api.get("/some/page").await?;
    let answer = api.send(Call::get("/metrics").key(ADMIN_READ_KEY)).await?;
    assert_eq!(answer.header(CONTENT_TYPE), "text/plain; version=0.0.4; charset=utf-8");
    let text = answer.text();
    for line in [
        "# TYPE gatehouse_build_info gauge",
        concat!("gatehouse_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\"} 1"),
        "gatehouse_api_requests_total{route=\"/v1/request/{id}\",status_class=\"4xx\"} 1",
        "gatehouse_api_requests_total{route=\"other\",",
        "test_source 7",
    ] {
        assert!(text.contains(line), "{line} is not in:\n{text}");
    }
    Ok(())
}
