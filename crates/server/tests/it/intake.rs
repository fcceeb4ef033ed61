//! Calls that did not go through the gateway are logged by either listener, and what was answered `ok` is kept;
//! scores find their call whenever they come.

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::{RawClient, RawResponse, call_json};
use gatehouse_testkit::eventually;
use gatehouse_testkit::http1::Piece;
use gatehouse_testkit::process::TEST_KEY;
use serde_json::{Value, json};

use crate::support::{Call, DEADLINE, House, chat_body, expect_end, helicone_id, refusal, text};

/// A record whose call had this question.
fn record(question: &str) -> Value {
    json!({
        "providerRequest": {
            "url": "custom-model-nopath",
            "json": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": question}]},
            "meta": {"Helicone-User-Id": "ann"},
        },
        "providerResponse": {
            "status": 200,
            "headers": {},
            "json": {"model": "gpt-4o-mini", "usage": {"prompt_tokens": 10, "completion_tokens": 5}},
        },
        "timing": {
            "startTime": {"seconds": 1_795_348_411, "milliseconds": 260},
            "endTime": {"seconds": 1_795_348_412, "milliseconds": 100},
        },
    })
}

/// A call of an application that has only this server's address and its key.
fn to_server<'a>(method: &'a str, path: &'a str, body: &Value) -> Call<'a> {
    let call = Call::new(method, path).without("Helicone-Auth").without("Helicone-Target-Url");
    call.replace("Authorization", format!("Bearer {TEST_KEY}")).with_body(body.to_string())
}

/// Sends a call to the gateway's listener or the API's.
async fn send(house: &House, to_gateway: bool, call: &Call<'_>) -> Result<RawResponse> {
    let address = if to_gateway { house.gatehouse.gateway() } else { house.gatehouse.api() };
    RawClient::connect(address).await?.exchange(call.bytes()).await
}

async fn logged(house: &House, answer: &RawResponse) -> Result<Value> {
    ensure!(answer.head.status == 200 && answer.body == "ok", "{answer:?}");
    house.row(&helicone_id(&answer.head.headers)?).await
}

/// Changes a call's row by the API and returns the row once it says so.
async fn row_with(house: &House, id: &str, has: impl Fn(&Value) -> bool) -> Result<Value> {
    eventually(DEADLINE, async || Ok(Some(house.row(id).await?).filter(|row| has(row)))).await
}

#[tokio::test]
async fn both_listeners_log_calls_that_others_made() -> Result<()> {
    let house = House::start().await?;
    for (number, (to_gateway, path)) in [
        (true, "/oai/v1/log"),
        (true, "//oai/v1/log"),
        (true, "/v1/trace/custom/log"),
        (false, "//oai/v1/log"),
        (false, "/custom/v1/log"),
    ]
    .into_iter()
    .enumerate()
    {
        let question = format!("question {number}");
        let answer = send(&house, to_gateway, &to_server("POST", path, &record(&question))).await?;
        let row = logged(&house, &answer).await?;
        ensure!(row.pointer("/attempts/0/status") == Some(&json!(200)), "{row}");
        expect_end(&row, "complete", 200)?;
        ensure!(text(&row, "source") == "manual" && text(&row, "request_preview") == question, "{row}");
        ensure!(row.get("prompt_tokens") == Some(&json!(10)), "{row}");
        ensure!(text(&row, "request_user_id") == "ann", "{row}");
    }
    // Under a host of Helicone's API, as where only DNS was swapped.
    let call = to_server("POST", "/oai/v1/log", &record("dns")).replace("Host", "api.hconeai.com");
    logged(&house, &send(&house, true, &call).await?).await?;
    // Who names a target means the target's path.
    let call = Call::new("POST", "/oai/v1/log").with_body("{}");
    ensure!(house.exchange(&call).await?.head.status == 404, "the double has no such path");
    ensure!(house.double.wait_for(1).await?.len() == 1, "and no record went to a provider");
    Ok(())
}

#[tokio::test]
async fn a_trace_of_either_listener_becomes_a_row() -> Result<()> {
    let house = House::start().await?;
    for (span_id, to_gateway) in [("00000000000000a1", true), ("00000000000000b2", false)] {
        let data = json!({"resourceSpans": [{"scopeSpans": [{"spans": [{
            "traceId": "01020304050607080000000000000000", "spanId": span_id,
            "startTimeUnixNano": "1795348411260000000", "endTimeUnixNano": "1795348412100000000",
            "attributes": [
                {"key": "gen_ai.request.model", "value": {"stringValue": "gpt-4o-mini"}},
                {"key": "gen_ai.usage.prompt_tokens", "value": {"intValue": "7"}},
            ],
        }]}]}]});
        // An exporter that had no answer sends its spans again: they are the same call.
        for _ in 0..2 {
            let answer = send(&house, to_gateway, &to_server("POST", "/v1/trace/log", &data)).await?;
            ensure!(answer.head.status == 200 && answer.body == "{}", "{answer:?}");
        }
        let id = format!("01020304-0506-8708-8000-{}", span_id.get(4..).context("a span id")?);
        let row = house.row(&id).await?;
        ensure!(text(&row, "source") == "trace" && row.get("prompt_tokens") == Some(&json!(7)), "{row}");
    }
    let (_, count) =
        call_json(house.gatehouse.api(), "POST", "/v1/request/count/query", TEST_KEY, Some(&json!({})))
            .await?;
    ensure!(count.get("data") == Some(&json!(2)), "{count}");
    Ok(())
}

#[tokio::test]
async fn what_was_answered_ok_survives_a_kill() -> Result<()> {
    let mut house = House::start().await?;
    let mut ids = Vec::new();
    for number in 0..20 {
        let record = record(&format!("question {number}"));
        let answer = send(&house, number % 2 == 0, &to_server("POST", "/custom/v1/log", &record)).await?;
        ensure!(answer.head.status == 200, "{answer:?}");
        ids.push(helicone_id(&answer.head.headers)?);
    }
    house.gatehouse.kill9().await?;
    house.gatehouse.restart().await?;
    for id in ids {
        expect_end(&house.row(&id).await?, "complete", 200)?;
    }
    Ok(())
}

#[tokio::test]
async fn scores_and_feedback_wait_for_a_call_that_is_still_streaming() -> Result<()> {
    let house = House::start().await?;
    let mut client = house.client().await?;
    client.send(Call::chat(&chat_body(true)).double("hold,events=2").bytes()).await?;
    let head = client.read_head().await?;
    let id = helicone_id(&head.headers)?;
    let mut body = client.body(&head, false)?;
    client.read_piece(&mut body).await?;

    let scores = json!({"scores": {"accuracy": 0.925, "polite": true}});
    let (score, feedback) = (format!("/v1/request/{id}/score"), format!("/v1/request/{id}/feedback"));
    let property = format!("/v1/request/{id}/property");
    let named = json!({"helicone-id": id, "name": "tone", "value": "warm"});
    let rated = json!({"helicone-id": id, "rating": false});
    for (to_gateway, method, path, body, status) in [
        (true, "POST", score.as_str(), &scores, 201),
        (false, "POST", "/v1/feedback", &named, 200),
        (true, "POST", "/v1/feedback", &rated, 200),
        (true, "POST", &feedback, &json!({"rating": true}), 201),
        (true, "PUT", &property, &json!({"key": "env", "value": "test"}), 201),
        (false, "PUT", &property, &json!({"key": "stage", "value": "two"}), 201),
    ] {
        let answer = send(&house, to_gateway, &to_server(method, path, body)).await?;
        ensure!(answer.head.status == status, "{method} {path}: {answer:?}");
    }
    let read = format!("/v1/request/{id}");
    let (status, _) = call_json(house.gatehouse.api(), "GET", &read, TEST_KEY, None).await?;
    ensure!(status == 404, "the call has not ended, and its row says {status}");

    house.double.release();
    while !matches!(client.read_piece(&mut body).await?, Piece::End(_)) {}
    let row = house.row(&id).await?;
    expect_end(&row, "complete", 200)?;
    let expected = json!({"accuracy": 0.925, "polite-hcone-bool": 1, "helicone-score-feedback": 1});
    ensure!(row.get("scores") == Some(&expected), "{row}");
    ensure!(row.pointer("/feedback/tone/value") == Some(&json!("warm")), "{row}");
    ensure!(row.get("request_properties") == Some(&json!({"env": "test", "stage": "two"})), "{row}");

    // And one that has ended.
    let later = to_server("POST", &score, &json!({"scores": {"accuracy": 1}}));
    ensure!(send(&house, true, &later).await?.head.status == 201, "a later score");
    row_with(&house, &id, |row| row.pointer("/scores/accuracy") == Some(&json!(1))).await?;
    Ok(())
}

#[tokio::test]
async fn what_is_no_record_is_refused_by_both_listeners() -> Result<()> {
    let house = House::start().await?;
    for to_gateway in [true, false] {
        for (path, key, body, expected) in [
            ("/custom/v1/log", TEST_KEY, "{", (400, "invalid_json")),
            ("/oai/v1/log", TEST_KEY, "{}", (400, "invalid_field")),
            ("/v1/trace/log", TEST_KEY, "[]", (400, "invalid_json")),
            ("/v1/trace/log-python", TEST_KEY, "{}", (400, "invalid_field")),
            ("/oai/v1/log", "sk-helicone-zzzzzzz-zzzzzzz-zzzzzzz-zzzzzzz", "{}", (401, "invalid_api_key")),
            ("/oai/v1/log", "sk-proj-other", "{}", (401, "malformed_api_key")),
        ] {
            let call =
                to_server("POST", path, &Value::Null).replace("Authorization", format!("Bearer {key}"));
            let (status, code, body) = refusal(&send(&house, to_gateway, &call.with_body(body)).await?)?;
            ensure!(
                (status, code.as_str()) == expected,
                "{path} at the gateway's: {to_gateway}: {status} {body}"
            );
        }
        let nobodys = to_server("POST", "/custom/v1/log", &record("x")).without("Authorization");
        let (status, code, _) = refusal(&send(&house, to_gateway, &nobodys).await?)?;
        ensure!((status, code.as_str()) == (401, "missing_api_key"), "{status} {code}");
    }
    house.expect_alive().await
}
