//! What the gateway did with a call, as the API tells it.

use anyhow::{Context, Result};
use gatehouse_store::log::{Handling, LogRow, Saved};
use gatehouse_types::{Attempt, CacheStatus, GuardUse, LimitUse, NanoUsd, Outcome, ProxyKeyId, Source};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Call, TestApi};
use crate::installation::{OTHER_READ_KEY, READ_KEY, ours};
use crate::memory_log::{full_row, request_id};

const FIRST: &str = "/v1/request/00000000-0000-0000-0000-000000000001";

/// Returns what the API shows of one call.
async fn shown(row: LogRow) -> Result<Value> {
    let answer = TestApi::start(vec![row]).await?.get(FIRST).await?.json()?;
    answer.get("data").cloned().context("data")
}

fn attempt(status: Option<u16>, error_kind: Option<&str>) -> Attempt {
    Attempt {
        provider: "AZURE".into(),
        origin: "https://azure.example:8443".to_owned(),
        fallback_index: Some(0),
        status,
        error_kind: error_kind.map(str::to_owned),
        started_us: 1_500,
        ended_us: 21_000,
        connect_us: Some(250),
    }
}

#[tokio::test]
async fn tells_every_attempt_limit_guard_and_key() -> Result<()> {
    let key = Uuid::from_u128(5);
    let handling = Handling {
        source: Source::Manual,
        attempts: vec![attempt(None, Some("connect_failed")), attempt(Some(503), None)],
        fallback_index: Some(1),
        rate_limit: Some(LimitUse { policy: "1;w=60".to_owned(), is_refused: true, error: None }),
        guards: vec![GuardUse {
            name: "shield".to_owned(),
            kind: "security".to_owned(),
            is_denied: true,
            reason: Some("injection".to_owned()),
            took_us: 12_500,
        }],
        threat: Some(true),
        proxy_key_id: Some(ProxyKeyId::from_uuid(key)),
        ..Handling::default()
    };
    let row = shown(LogRow { handling, ..full_row(ours(), 1) }).await?;
    assert_eq!((&row["source"], &row["fallback_index"]), (&json!("manual"), &json!(1)));
    let attempt = |status: Value, error_kind: Value| {
        json!({
            "provider": "AZURE", "target_url": "https://azure.example:8443", "fallback_index": 0,
            "status": status, "error_kind": error_kind, "started_ms": 1.5, "ended_ms": 21.0, "connect_ms": 0.25,
        })
    };
    let attempts = [attempt(Value::Null, json!("connect_failed")), attempt(json!(503), Value::Null)];
    assert_eq!(row["attempts"], json!(attempts));
    assert_eq!(row["rate_limit"], json!({"policy": "1;w=60", "status": "refused", "error": null}));
    let guard = json!({
        "name": "shield", "kind": "security", "is_denied": true, "reason": "injection", "took_ms": 12.5,
    });
    assert_eq!(row["guards"], json!([guard]));
    assert_eq!((&row["threat"], &row["proxy_key_id"]), (&json!(true), &json!(key.to_string())));
    Ok(())
}

#[tokio::test]
async fn tells_what_a_hit_saved_and_what_is_not_known_of_it() -> Result<()> {
    let hit = |saved| {
        let handling = Handling {
            cache_status: Some(CacheStatus::Hit),
            cache_bucket_index: Some(2),
            saved,
            ..Handling::default()
        };
        let full = full_row(ours(), 1);
        let cost = Some(NanoUsd::new(0));
        LogRow { handling, attempt_count: 0, cache_reference_id: Some(request_id(9)), cost, ..full }
    };
    let saved = Saved {
        us: Some(810_500),
        cost: Some(NanoUsd::new(15_300)),
        prompt_tokens: Some(10),
        completion_tokens: None,
    };
    let row = shown(hit(saved)).await?;
    let original = request_id(9).to_string();
    let expected = json!({
        "status": "hit", "reference_id": original, "bucket_index": 2, "saved_ms": 810.5,
        "saved_cost_usd": 0.0000153, "saved_prompt_tokens": 10, "saved_completion_tokens": null,
    });
    assert_eq!(row["cache"], expected);
    assert_eq!((&row["cache_reference_id"], &row["cost"]), (&json!(original), &json!(0.0)));
    assert_eq!(row["attempts"], json!([]), "no provider was asked");
    let row = shown(hit(Saved::default())).await?;
    for field in ["saved_ms", "saved_cost_usd", "saved_prompt_tokens", "saved_completion_tokens"] {
        assert_eq!(row["cache"][field], Value::Null, "{field}");
    }
    Ok(())
}

#[tokio::test]
async fn a_miss_says_so() -> Result<()> {
    let handling = Handling { cache_status: Some(CacheStatus::Miss), ..Handling::default() };
    let row = shown(LogRow { handling, cache_enabled: true, ..full_row(ours(), 1) }).await?;
    assert_eq!((&row["cache"]["status"], &row["cache"]["reference_id"]), (&json!("miss"), &Value::Null));
    Ok(())
}

#[tokio::test]
async fn the_only_attempt_has_the_providers_status_and_never_ours() -> Result<()> {
    let failed = LogRow {
        outcome: Outcome::Failed,
        status: 502,
        error_kind: Some("connect_failed".to_owned()),
        first_byte_us: None,
        connect_us: None,
        ..full_row(ours(), 1)
    };
    let row = shown(failed).await?;
    let only = json!({
        "provider": "OPENAI", "target_url": "https://api.openai.com", "fallback_index": null, "status": null,
        "error_kind": "connect_failed", "started_ms": 0.0, "ended_ms": 812.431, "connect_ms": null,
    });
    assert_eq!(row["attempts"], json!([only]));
    let left = LogRow { outcome: Outcome::ClientGone, status: -3, ..full_row(ours(), 1) };
    assert_eq!(shown(left).await?["attempts"][0]["status"], Value::Null);
    Ok(())
}

#[tokio::test]
async fn reads_the_inputs_of_a_prompt() -> Result<()> {
    let inputs = [("name", "Ada"), ("name", "Bob"), ("it's", "")];
    let prompt_inputs = inputs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    let prompted = LogRow {
        prompt_id: "greeting".to_owned(),
        prompt_version: "2".to_owned(),
        handling: Handling { prompt_inputs, ..Handling::default() },
        ..full_row(ours(), 1)
    };
    let api = TestApi::start(vec![prompted, full_row(ours(), 2)]).await?;
    let answer = api.get(&format!("{FIRST}/inputs")).await?.json()?;
    let expected = json!({
        "prompt_id": "greeting", "version_id": "2", "environment": null, "inputs": {"name": "Bob", "it's": ""},
    });
    assert_eq!(answer, json!({"data": expected, "error": null}));
    let none = api.get("/v1/request/00000000-0000-0000-0000-000000000002/inputs").await?;
    assert_eq!((none.status.as_u16(), none.text().as_ref()), (200, r#"{"data":null,"error":null}"#));
    let absent = "/v1/request/00000000-0000-0000-0000-000000000009/inputs";
    for (key, path, status, code) in [
        (READ_KEY, absent, 404, "not_found"),
        (READ_KEY, "/v1/request/x/inputs", 400, "invalid_field"),
        (OTHER_READ_KEY, &format!("{FIRST}/inputs"), 404, "not_found"),
    ] {
        let answer = api.send(Call::get(path).key(key)).await?;
        assert_eq!(answer.outcome()?, (status, code.to_owned()), "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn adds_up_what_the_cache_did_in_a_span_of_time() -> Result<()> {
    let row = |number: u8, status: CacheStatus, cost: Option<i64>| {
        let saved = Saved {
            us: cost.map(|_| 1_500),
            cost: cost.map(NanoUsd::new),
            prompt_tokens: Some(10),
            completion_tokens: None,
        };
        let saved = if status == CacheStatus::Hit { saved } else { Saved::default() };
        let handling = Handling { cache_status: Some(status), saved, ..Handling::default() };
        LogRow { handling, ..full_row(ours(), number) }
    };
    let (hit, miss) = (CacheStatus::Hit, CacheStatus::Miss);
    let rows = vec![row(1, hit, Some(15_300)), row(2, hit, None), row(3, miss, None), full_row(ours(), 4)];
    let api = TestApi::start(rows).await?;
    let total = |sum: f64, unknown: u64| json!({"sum": sum, "unknown": unknown});
    let all = json!({
        "hits": 2, "misses": 1, "saved_ms": total(1.5, 1), "saved_cost_usd": total(0.0000153, 1),
        "saved_prompt_tokens": total(20.0, 0), "saved_completion_tokens": total(0.0, 2),
    });
    assert_eq!(api.get("/v1/cache/stats").await?.json()?, json!({"data": all, "error": null}));
    let counts = async |span: &str| -> Result<Value> {
        let stats = api.get(&format!("/v1/cache/stats?{span}")).await?.json()?["data"].clone();
        Ok(json!([stats["hits"], stats["misses"]]))
    };
    let second = "2026-11-22T14:06:02.000Z";
    assert_eq!(counts(&format!("from={second}")).await?, json!([1, 1]));
    assert_eq!(counts(&format!("to={second}")).await?, json!([2, 0]));
    assert_eq!(counts(&format!("from={second}&to={second}")).await?, json!([1, 0]));
    let theirs = api.send(Call::get("/v1/cache/stats").key(OTHER_READ_KEY)).await?.json()?;
    assert_eq!(theirs["data"]["hits"], json!(0));
    for wrong in ["from=yesterday", "to=", "from=1&from=2"] {
        let answer = api.get(&format!("/v1/cache/stats?{wrong}")).await?;
        assert_eq!(answer.outcome()?, (400, "invalid_field".to_owned()), "{wrong}");
    }
    Ok(())
}
