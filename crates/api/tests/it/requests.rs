//! Reading logged calls.

use anyhow::{Context, Result};
use gatehouse_store::filter::{Column, Condition, Filter, Test, TextColumn};
use gatehouse_store::log::{Direction, LogRow, SortKey};
use gatehouse_types::BodyState;
use hyper::header::{ALLOW, RETRY_AFTER};
use serde_json::{Map, Value, json};

use crate::client::{Call, TestApi};
use crate::installation::{READ_KEY, ours, theirs};
use crate::memory_log::{Mood, empty_row, full_row};

const FULL: &str = "/v1/request/00000000-0000-0000-0000-000000000001";
const EMPTY: &str = "/v1/request/00000000-0000-0000-0000-000000000002";
/// Fields of Helicone's that are null in [`full_row`].
const ABSENT: [&str; 11] = [
    "prompt_id",
    "prompt_version",
    "feedback_created_at",
    "feedback_id",
    "feedback_rating",
    "llmSchema",
    "country_code",
    "updated_at",
    "request_referrer",
    "ai_gateway_body_mapping",
    "storage_location",
];
const QUERY: &str = "/v1/request/query-clickhouse";

fn rows() -> Vec<LogRow> {
    vec![full_row(ours(), 1), empty_row(ours(), 2), full_row(theirs(), 3), full_row(ours(), 4)]
}

/// What the API tells of a call that went to its provider once, and to nothing else.
fn handled_plainly() -> Value {
    json!({
        "source": "gateway",
        "attempts": [{
            "provider": "OPENAI", "target_url": "https://api.openai.com", "fallback_index": null, "status": 200,
            "error_kind": null, "started_ms": 0.0, "ended_ms": 300.25, "connect_ms": 20.5,
        }],
        "fallback_index": null,
        "cache": null,
        "rate_limit": null,
        "guards": [],
        "threat": null,
        "proxy_key_id": null,
    })
}

#[tokio::test]
async fn shows_a_call_with_everything_known() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let answer = api.get(&format!("{FULL}?includeBody=true")).await?;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains(r#""request_body":{"z": 1.0, "a": "b"}"#), "the body passes verbatim");
    let answer = answer.json()?;
    assert_eq!(answer["error"], Value::Null);
    let request = json!({
        "request_id": "00000000-0000-0000-0000-000000000001",
        "request_created_at": "2026-11-22T14:06:01.000Z",
        "request_body": {"z": 1.0, "a": "b"},
        "request_path": "/v1/chat/completions",
        "request_user_id": "alice",
        "request_properties": {"Environment": "production"},
        "request_model": "gpt-4o-mini",
        "model_override": null,
        "model": "gpt-4o-mini-2024-07-18",
        "helicone_user": null,
        "provider": "OPENAI",
        "target_url": "https://api.openai.com/v1/chat/completions",
    });
    let response = json!({
        "response_id": "00000000-0000-0000-0000-000000a00001",
        "response_created_at": "2026-11-22T14:06:01.812Z",
        "response_body": "data: {\"x\":1}\n\ndata: [DONE]\n\n",
        "response_status": 200,
        "response_model": "gpt-4o-mini-2024-07-18",
        "delay_ms": 812.431,
        "time_to_first_token": 310.0,
        "total_tokens": 33,
        "prompt_tokens": 10,
        "completion_tokens": 20,
        "reasoning_tokens": 3,
        "prompt_cache_write_tokens": null,
        "prompt_cache_read_tokens": 0,
        "prompt_audio_tokens": null,
        "completion_audio_tokens": null,
        "cost": 0.0000153,
        "costUSD": 0.0000153,
    });
    let always = json!({
        "asset_ids": [], "asset_urls": {}, "assets": [], "scores": {}, "cache_enabled": false,
        "properties": {"Environment": "production"}, "size_bytes": 460,
        "cache_reference_id": "00000000-0000-0000-0000-000000000000",
    });
    let absent: Map<_, _> = ABSENT.iter().map(|name| ((*name).to_owned(), Value::Null)).collect();
    let ours = json!({
        "outcome": "complete",
        "error_type": null,
        "method": "POST",
        "is_stream": true,
        "attempt_count": 1,
        "cost_nano_usd": 15300,
        "cost_status": "priced",
        "usage_source": "provider", "usage_details": {}, "service_tier": null, "revised_at": null,
        "mapper_id": null, "mapper_version": null, "usage_hint": null,
        "connect_ms": 20.5,
        "ttfb_ms": 300.25,
        "request_bytes": 120,
        "response_bytes": 340,
        "request_body_state": "stored",
        "response_body_state": "stored",
        "request_preview": "Hello",
        "response_preview": "Hi",
        "feedback": {},
    });
    let link = json!({"signed_body_url": answer["data"]["signed_body_url"]});
    assert!(link["signed_body_url"].is_string(), "{answer}");
    let parts = [request, response, always, link, Value::Object(absent), ours, handled_plainly()];
    let whole = parts.iter().filter_map(Value::as_object).flatten();
    let whole = whole.map(|(name, value)| (name.clone(), value.clone())).collect();
    assert_eq!(answer["data"], Value::Object(whole));
    Ok(())
}

#[tokio::test]
async fn what_is_not_known_is_null() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let row = api.get(&format!("{EMPTY}?includeBody=true")).await?.json()?["data"].clone();
    for field in [
        "request_body",
        "response_body",
        "request_user_id",
        "request_model",
        "response_model",
        "time_to_first_token",
        "total_tokens",
        "prompt_tokens",
        "completion_tokens",
        "reasoning_tokens",
        "cost",
        "costUSD",
        "cost_nano_usd",
        "connect_ms",
        "ttfb_ms",
        "request_preview",
    ] {
        assert_eq!(row.get(field), Some(&Value::Null), "{field}");
    }
    for (field, expected) in [
        ("outcome", json!("timed_out")),
        ("error_type", json!("first_byte_timeout")),
        ("response_status", json!(-2)),
        ("cost_status", json!("no_usage")),
        ("usage_source", json!("none")),
        ("usage_hint", json!("the answer did not come to its end, where providers tell what was used")),
        ("request_body_state", json!("omitted")),
        ("response_body_state", json!("empty")),
    ] {
        assert_eq!(row[field], expected, "{field}");
    }
    Ok(())
}

#[tokio::test]
async fn bodies_come_only_when_they_are_asked_for() -> Result<()> {
    let mut truncated = full_row(ours(), 1);
    truncated.request_body_state = BodyState::Truncated;
    truncated.bodies.request = Some(bytes::Bytes::from_static(br#"{"messages": [{"con"#));
    let api = TestApi::start(vec![truncated]).await?;
    let check = async |query: &str, request: Value, is_there: bool| -> Result<()> {
        let row = api.get(&format!("{FULL}{query}")).await?.json()?["data"].clone();
        assert_eq!(row["request_body"], request, "{query}");
        assert_eq!(!row["response_body"].is_null(), is_there, "{query}");
        assert_eq!(row["request_body_state"], "truncated", "{query}");
        Ok(())
    };
    check("", Value::Null, false).await?;
    check("?includeBody=false", Value::Null, false).await?;
    check("?other=1", Value::Null, false).await?;
    check("?includeBody=true", json!("{\"messages\": [{\"con"), true).await?;
    Ok(())
}

#[tokio::test]
async fn lists_a_page_in_the_envelope() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    for path in [QUERY, "/v1/request/query"] {
        let answer = api.post(path, "{}").await?;
        assert_eq!(answer.status, 200);
        let answer = answer.json()?;
        assert_eq!(answer["error"], Value::Null);
        let rows = answer["data"].as_array().context("an array")?;
        let ids: Vec<_> = rows.iter().filter_map(|row| row["request_id"].as_str()).collect();
        let last = ids.iter().filter_map(|id| id.chars().last()).collect::<String>();
        assert_eq!(last, "421");
        assert!(rows.iter().all(|row| row["request_body"].is_null()));
    }
    let page = api.post(QUERY, r#"{"offset": 1, "limit": 1}"#).await?.json()?;
    assert_eq!(page["data"].as_array().map(Vec::len), Some(1));
    let none = api.post(QUERY, r#"{"limit": 0}"#).await?;
    assert_eq!(none.text(), r#"{"data":[],"error":null}"#);
    let count = api.post("/v1/request/count/query", r#"{"filter": "all", "limit": 1}"#).await?;
    assert_eq!(count.text(), r#"{"data":3,"error":null}"#);
    Ok(())
}

#[tokio::test]
async fn passes_the_whole_query_to_the_store() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let body = json!({
        "filter": {"request_response_rmt": {"model": {"contains": "gpt"}}},
        "sort": {"cost": "asc"}, "offset": 20, "limit": 1000,
    });
    assert_eq!(api.post(QUERY, body.to_string()).await?.status, 200);
    let query = api.log.last_query().context("the store was asked")?;
    let test = Test::Contains("gpt".to_owned());
    let leaf = Filter::Leaf(Condition { column: Column::Text(TextColumn::Model), test });
    assert_eq!(query.organization_id, ours());
    assert_eq!(query.filter, leaf);
    assert_eq!((query.sort, query.direction), (SortKey::Cost, Direction::Ascending));
    assert_eq!((query.offset, query.limit), (20, 1001), "one more tells whether there is a next page");
    Ok(())
}

#[tokio::test]
async fn cursors_lead_through_all_pages() -> Result<()> {
    let api = TestApi::start((1..=5).map(|number| full_row(ours(), number)).collect()).await?;
    let mut ids = Vec::new();
    let mut cursor = Value::Null;
    for expected in [2, 2, 1] {
        let answer = api.post(QUERY, json!({"limit": 2, "cursor": cursor}).to_string()).await?;
        let next = answer.headers.get("gatehouse-next-cursor");
        cursor = next.map_or(Ok(Value::Null), |next| next.to_str().map(Into::into))?;
        let page = answer.json()?;
        let page = page["data"].as_array().context("a list")?;
        assert_eq!(page.len(), expected);
        ids.extend(page.iter().map(|row| row["request_id"].to_string()));
    }
    assert!(cursor.is_null(), "the last page has no cursor");
    ids.dedup();
    assert_eq!(ids.len(), 5);
    let whole = api.post(QUERY, json!({"limit": 5}).to_string()).await?;
    assert_eq!(whole.headers.get("gatehouse-next-cursor"), None, "a full last page has none either");
    Ok(())
}

#[tokio::test]
async fn cursors_of_another_order_are_refused() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let answer = api.post(QUERY, json!({"limit": 1}).to_string()).await?;
    let cursor = answer.headers.get("gatehouse-next-cursor").context("a cursor")?.to_str()?;
    for (body, expected) in [
        (json!({"cursor": cursor, "sort": {"created_at": "asc"}}), "same `sort`"),
        (json!({"cursor": cursor, "offset": 1}), "exclude each other"),
        (json!({"cursor": format!("{cursor}A")}), "as it is"),
        (json!({"cursor": 7}), "`cursor` must be a text"),
    ] {
        let answer = api.post(QUERY, body.to_string()).await?;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(expected), "{body}: {}", answer.text());
    }
    Ok(())
}

#[tokio::test]
async fn every_bad_call_gets_its_own_json_error() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let check = async |call: Call, status: u16, code: &str, message: &str| -> Result<()> {
        let answer = api.send(call.key(READ_KEY)).await?;
        assert_eq!(answer.outcome()?, (status, code.to_owned()));
        let text = answer.json()?["error"]["message"].to_string();
        assert!(text.contains(message), "{text}");
        Ok(())
    };
    let absent = "/v1/request/00000000-0000-0000-0000-000000000009";
    check(Call::get(absent), 404, "not_found", "000000000009").await?;
    check(Call::get("/v1/request/not-an-id"), 400, "invalid_field", "`not-an-id` is not a request id")
        .await?;
    check(Call::get("/v1/request/%ff"), 400, "invalid_field", "`id` must be a UUID").await?;
    check(Call::get(&format!("{FULL}?includeBody=yes")), 400, "invalid_field", "`includeBody`").await?;
    let twice = format!("{FULL}?includeBody=true&includeBody=true");
    check(Call::get(&twice), 400, "invalid_field", "`includeBody`").await?;
    for path in [QUERY, "/v1/request/query", "/v1/request/count/query"] {
        check(Call::post(path, "{\"limit\": 5"), 400, "invalid_json", "line 1 column 11").await?;
        check(Call::post(path, ""), 400, "invalid_json", "line 1 column 0").await?;
        check(Call::post(path, "\u{0}\u{1}"), 400, "invalid_json", "line 1 column 1").await?;
        check(Call::post(path, r#"{"limit": 1001}"#), 400, "invalid_field", "`limit`").await?;
        check(Call::post(path, r#"{"sort": {"price": "asc"}}"#), 400, "invalid_field", "`price`").await?;
        check(Call::post(path, r#"{"filter": {"no_table": {}}}"#), 400, "invalid_filter", "`filter`").await?;
        check(Call::post(path, " ".repeat(1024 * 1024 + 1)), 413, "body_too_large", "1048576").await?;
        check(Call::new("PATCH", path), 405, "method_not_allowed", "Allow").await?;
    }
    let largest = format!("{{}}{}", " ".repeat(1024 * 1024 - 2));
    assert_eq!(api.post(QUERY, largest).await?.status, 200);
    check(Call::new("DELETE", FULL), 405, "method_not_allowed", "Allow").await?;
    check(Call::get("/v1/nothing"), 404, "unknown_route", "GET /v1/nothing").await?;
    check(Call::get("/v1/request/1/2"), 404, "unknown_route", "/v1/request/1/2").await?;
    check(Call::new("POST", "/"), 404, "unknown_route", "POST /").await?;
    check(Call::get("/assets/nothing.js"), 404, "unknown_route", "/assets/nothing.js").await?;
    let allowed = api.send(Call::new("PUT", QUERY).key(READ_KEY)).await?;
    assert_eq!(allowed.header(ALLOW), "POST");
    Ok(())
}

#[tokio::test]
async fn a_store_that_fails_is_an_error_without_internals() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let calls = || [Call::get(FULL), Call::post(QUERY, "{}"), Call::post("/v1/request/count/query", "{}")];
    for (mood, status, code) in [
        (Mood::Unavailable, 503, "store_unavailable"),
        (Mood::Fails, 500, "internal"),
        (Mood::Panics, 500, "internal"),
    ] {
        api.log.set_mood(mood);
        for call in calls() {
            let answer = api.send(call.key(READ_KEY)).await?;
            assert_eq!(answer.outcome()?, (status, code.to_owned()), "{mood:?}");
            assert!(!answer.text().contains("secret"), "{}", answer.text());
            assert_eq!(answer.header(RETRY_AFTER), if status == 503 { "1" } else { "" });
        }
    }
    api.log.set_mood(Mood::Works);
    assert_eq!(api.get(FULL).await?.status, 200);
    Ok(())
}
