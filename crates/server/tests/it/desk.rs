//! Calls through the gateway are in figures, sessions, users and properties as soon as they are in lists.

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::{call_json, post_json};
use gatehouse_testkit::eventually;
use gatehouse_testkit::process::TEST_KEY;
use serde_json::{Value, json};

use crate::support::{Call, DEADLINE, House, chat_body, helicone_id};

/// Asks until `is_there` is content.
async fn ask(house: &House, path: &str, body: Value, is_there: impl Fn(&Value) -> bool) -> Result<Value> {
    let found = eventually(DEADLINE, async || {
        let answer = post_json(house.gatehouse.api(), path, TEST_KEY, &body).await?;
        let data = answer.get("data").cloned().context("data")?;
        Ok(Some(data).filter(&is_there))
    });
    found.await.with_context(|| format!("{path} with {body}"))
}

#[tokio::test]
async fn a_call_is_in_all_figures_soon() -> Result<()> {
    let house = House::start().await?;
    let call = |path: &str| {
        Call::chat(&chat_body(false))
            .header("Helicone-User-Id", "alice")
            .header("Helicone-Session-Id", "trip 42")
            .header("Helicone-Session-Name", "planning")
            .header("Helicone-Session-Path", path)
            .header("Helicone-Property-Environment", "production")
    };
    let first = house.exchange(&call("/plan")).await?;
    ensure!(first.head.status == 200, "{first:?}");
    house.exchange(&call("/plan/flights")).await?;

    let body = json!({
        "groupBy": ["user", "model"], "measures": ["requests", "errors", "total_tokens", "latency_p95", "sessions"],
    });
    let figures =
        ask(&house, "/v1/metrics/query", body, |data| data["rows"][0]["requests"] == json!(2)).await?;
    let row = &figures["rows"][0];
    ensure!(
        figures["total"] == 1 && row["user"] == "alice" && row["sessions"] == 1 && row["errors"] == 0,
        "{figures}"
    );
    ensure!(row["latency_p95"].as_f64().is_some_and(|millis| millis > 0.0), "{figures}");

    let session = ask(&house, "/v1/session/query", json!({"search": "TRIP"}), |data| {
        data[0]["total_requests"] == json!(2)
    });
    let session = session.await?;
    ensure!(session[0]["session_id"] == "trip 42" && session[0]["session_name"] == "planning", "{session}");
    ensure!(session[0]["user_ids"] == json!(["alice"]), "{session}");

    let users = ask(&house, "/v1/user/query", json!({}), |data| data[0]["count"] == json!(2)).await?;
    ensure!(users[0]["user_id"] == "alice", "{users}");
    let names =
        ask(&house, "/v1/property/query", json!({}), |data| data.to_string().contains("nvironment")).await?;
    ensure!(names.as_array().is_some_and(|names| names.len() == 4), "{names}");
    let status = json!({"request_response_rmt": {"status": {"equals": 200}}});
    let total = ask(&house, "/v1/metrics/totalRequests", json!({"filter": status}), |data| *data == json!(2));
    total.await?;

    let row = house.row(&helicone_id(&first.head.headers)?).await?;
    let link = row["signed_body_url"].as_str().context("a link")?;
    let (_, path) = link.split_once("/v1/").context("a path")?;
    let path = format!("/v1/{path}");
    let (status, bodies) = call_json(house.gatehouse.api(), "GET", &path, "no-key", None).await?;
    ensure!(status == 200 && bodies["request"] == row["request_body"], "{status}: {bodies}");
    ensure!(!house.gatehouse.stderr().contains("signature="), "a link is a secret");
    Ok(())
}

#[tokio::test]
async fn what_is_said_of_a_session_lasts() -> Result<()> {
    let mut house = House::start().await?;
    let call = Call::chat(&chat_body(false)).header("Helicone-Session-Id", "s1");
    let answer = house.exchange(&call).await?;
    let id = helicone_id(&answer.head.headers)?;
    house.row(&id).await?;
    let say = async |house: &House, path: &str, body: Value| -> Result<()> {
        let (status, answer) = call_json(house.gatehouse.api(), "POST", path, TEST_KEY, Some(&body)).await?;
        ensure!(status == 200, "{path}: {status} {answer}");
        Ok(())
    };
    say(&house, "/v1/session/s1/feedback", json!({"rating": true})).await?;
    say(&house, "/v1/session/s1/tag", json!({"tag": "good"})).await?;
    say(&house, "/v1/property/hide", json!({"key": "Helicone-Session-Feedback"})).await?;
    house.gatehouse.kill9().await?;
    house.gatehouse.restart().await?;
    let row = house.row(&id).await?;
    ensure!(row["properties"]["Helicone-Session-Feedback"] == "1", "{row}");
    let tag = house.gatehouse.get("/v1/session/s1/tag").await?;
    ensure!(tag["data"] == "good", "{tag}");
    let filter = json!({"filter": {"sessions_request_response_rmt": {"session_tag": {"equals": "good"}}}});
    ask(&house, "/v1/session/query", filter, |data| data[0]["session_id"] == "s1").await?;
    let names = ask(&house, "/v1/property/query", json!({}), |data| data.is_array()).await?;
    ensure!(!names.to_string().contains("Feedback"), "{names}");
    Ok(())
}
