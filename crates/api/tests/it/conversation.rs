//! What was said in a call.

use anyhow::Result;
use bytes::Bytes;
use gatehouse_mapper::mapping::MappingStatus;
use gatehouse_store::audit::Action;
use gatehouse_store::control::Change;
use gatehouse_store::log::{Bodies, LogRow};
use gatehouse_store::mappers::{Mapper, MapperScope, MapperVersion, SavedMapper};
use gatehouse_types::{BodyState, MapperId, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::{Call, TestApi};
use crate::installation::{Installation, OTHER_READ_KEY, READ_KEY, WRITE_KEY, ours};
use crate::memory_log::{empty_row, full_row};

const FIRST: &str = "/v1/request/00000000-0000-0000-0000-000000000001/conversation";

fn row(request: &str, response: &str) -> LogRow {
    let bytes = |text: &str| (!text.is_empty()).then(|| Bytes::copy_from_slice(text.as_bytes()));
    let bodies = Bodies { request: bytes(request), response: bytes(response) };
    LogRow { bodies, ..full_row(ours(), 1) }
}

async fn read(row: LogRow) -> Result<Value> {
    let api = TestApi::start(vec![row]).await?;
    let answer = api.get(FIRST).await?;
    assert_eq!(answer.status, 200);
    let answer = answer.json()?;
    assert_eq!(answer.get("error"), Some(&Value::Null));
    Ok(answer.get("data").cloned().unwrap_or_default())
}

#[tokio::test]
async fn tells_what_was_said_in_a_stream() -> Result<()> {
    let request =
        r#"{"model":"gpt-4o-mini","temperature":0.5,"messages":[{"role":"user","content":"Grüß mich 🙂"}]}"#;
    let response = "data: {\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Grüezi\"}}]}\n\ndata: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\" mitenand\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    let told = read(row(request, response)).await?;
    let expected = json!({
        "_type": "openai-chat",
        "id": "00000000-0000-0000-0000-000000000001",
        "model": "gpt-4o-mini-2024-07-18",
        "schema": {
            "request": {
                "llm_type": "chat", "model": "gpt-4o-mini", "temperature": 0.5,
                "messages": [{"_type": "message", "role": "user", "content": "Grüß mich 🙂"}],
            },
            "response": {
                "model": "gpt-4o-mini-2024-07-18",
                "messages": [{
                    "_type": "message", "role": "assistant", "content": "Grüezi mitenand", "finish_reason": "stop",
                }],
            },
        },
        "preview": {"request": "Grüß mich 🙂", "response": "Grüezi mitenand"},
        "reading": {"request": "whole", "response": "whole"},
        "heliconeMetadata": {
            "requestId": "00000000-0000-0000-0000-000000000001",
            "path": "/v1/chat/completions",
            "countryCode": null,
            "createdAt": "2026-11-22T14:06:01.000Z",
            "cacheEnabled": false,
            "cacheReferenceId": null,
            "totalTokens": 33,
            "promptTokens": 10,
            "completionTokens": 20,
            "reasoningTokens": 3,
            "promptCacheWriteTokens": null,
            "promptCacheReadTokens": 0,
            "latency": 812.431,
            "timeToFirstToken": 310.0,
            "user": "alice",
            "status": {"code": 200, "statusType": "success"},
            "customProperties": {"Environment": "production"},
            "cost": 0.0000153,
            "provider": "OPENAI",
            "targetUrl": "https://api.openai.com/v1/chat/completions",
            "usage_source": "provider",
            "usage_hint": null,
        },
    });
    assert_eq!(told, expected);
    Ok(())
}

#[tokio::test]
async fn tells_why_nothing_can_be_told() -> Result<()> {
    let api = TestApi::start(vec![empty_row(ours(), 1)]).await?;
    let told = api.get(FIRST).await?.json()?["data"].clone();
    assert_eq!(told["schema"], json!({"request": null, "response": null}));
    assert_eq!(told["reading"]["response"], "absent");

    let omitted = LogRow {
        request_body_state: BodyState::Omitted,
        response_body_state: BodyState::Omitted,
        ..row("", "")
    };
    let told = read(omitted).await?;
    assert_eq!(told["reading"], json!({"request": "omitted", "response": "omitted"}));

    let told = read(row(r#"{"dialogue":[{"who":"me"}]}"#, r#"{"turn":{"said":"x"}}"#)).await?;
    assert_eq!(told["_type"], "unknown");
    assert_eq!(told["reading"], json!({"request": "pending", "response": "pending"}));

    let cut = LogRow {
        request_body_state: BodyState::Truncated,
        ..row(r#"{"messages":[{"role":"user","content":"A long sto"#, "")
    };
    let told = read(cut).await?;
    assert_eq!(told["reading"], json!({"request": "cut", "response": "absent"}));
    assert_eq!(told["schema"]["request"]["messages"][0]["content"], "A long sto");
    Ok(())
}

#[tokio::test]
async fn tells_of_errors() -> Result<()> {
    let refused = LogRow {
        status: 429,
        ..row(
            r#"{"messages":[{"role":"user","content":"Hi"}]}"#,
            r#"{"error":{"message":"too many","type":"rate_limit","code":"x"}}"#,
        )
    };
    let told = read(refused).await?;
    assert_eq!(told["schema"]["response"]["error"], json!({"heliconeMessage": "too many"}));
    assert_eq!(told["heliconeMetadata"]["status"], json!({"code": 429, "statusType": "error"}));
    assert_eq!(told["preview"]["response"], "too many");
    Ok(())
}

/// A mapping for the calls of an API that no reader knows.
fn mapper() -> SavedMapper {
    let (id, at) = (MapperId::from_uuid(Uuid::from_u128(1)), Timestamp::from_unix_micros(0));
    let document = json!({
        "scope": {"org": null, "host": "api.acme.example", "method": "POST", "path": "/v1/generate"},
        "request": {"prompt": {"path": "/ask"}, "params": {"temperature": "/heat"}},
        "response": {"text": {"path": "/turn/said"}},
    });
    let scope = MapperScope::of("POST", "https://api.acme.example/v1/generate", "/v1/generate");
    let mapper = Mapper {
        id,
        organization_id: ours(),
        scope,
        status: MappingStatus::Active,
        active_version: Some(1),
        samples: Vec::new(),
        inferred_at: None,
        created_at: at,
        updated_at: at,
    };
    let version = MapperVersion {
        mapper_id: id,
        organization_id: ours(),
        version: 1,
        parent: None,
        status: MappingStatus::Active,
        document: document.to_string(),
        report: String::new(),
        created_by: "job".to_owned(),
        created_at: at,
    };
    SavedMapper { mapper, seen: None, versions: vec![version] }
}

#[tokio::test]
async fn tells_by_a_mapping_what_no_reader_knows() -> Result<()> {
    let acme = |number: u8, target: &str| LogRow {
        path: "/v1/generate".to_owned(),
        target_url: target.to_owned(),
        model: String::new(),
        request_id: full_row(ours(), number).request_id,
        ..row(r#"{"ask":"Hi","heat":0.5}"#, r#"{"turn":{"said":"Hello"}}"#)
    };
    let installation = Installation::two_organizations().await?;
    let change = Change::SaveMapper(Box::new(mapper()));
    installation.change(ours(), Action::MapperActivated, change).await?;
    installation.refresh().await?;
    let rows =
        vec![acme(1, "https://api.acme.example/v1/generate"), acme(2, "https://b.example/v1/generate")];
    let api = TestApi::with_installation(rows, installation).await?;
    let told = api.get(FIRST).await?.json()?["data"].clone();
    assert_eq!(told["_type"], "mapped");
    assert_eq!(told["reading"], json!({"request": "whole", "response": "whole"}));
    assert_eq!(told["preview"], json!({"request": "Hi", "response": "Hello"}));
    assert_eq!(told["schema"]["request"]["temperature"], 0.5);
    assert_eq!(told["schema"]["response"]["messages"][0]["content"], "Hello");
    let other = "/v1/request/00000000-0000-0000-0000-000000000002/conversation";
    let told = api.get(other).await?.json()?["data"].clone();
    assert_eq!((&told["_type"], &told["schema"]["response"]), (&json!("unknown"), &Value::Null));
    Ok(())
}

#[tokio::test]
async fn keeps_from_strangers_what_was_said() -> Result<()> {
    let api = TestApi::start(vec![full_row(ours(), 1)]).await?;
    for (key, path, status, code) in [
        (READ_KEY, "/v1/request/x/conversation", 400, "invalid_field"),
        (READ_KEY, "/v1/request/00000000-0000-0000-0000-000000000009/conversation", 404, "not_found"),
        (OTHER_READ_KEY, FIRST, 404, "not_found"),
        (WRITE_KEY, FIRST, 403, "forbidden"),
    ] {
        let answer = api.send(Call::get(path).key(key)).await?;
        assert_eq!(answer.outcome()?, (status, code.to_owned()), "{path}");
    }
    Ok(())
}
