use gatehouse_types::{
    Body, BodyState, Dialect, Exchange, ExchangeMeta, NanoUsd, OrganizationId, Outcome, RequestId, Timestamp,
    Timing,
};
use serde_json::Value;
use uuid::Uuid;

use super::super::javascript::rewritten;
use super::*;
use crate::enrich::enrich;
use crate::knowledge::Knowledge;

const REQUEST: &[u8] =
    br#"{ "temperature": 1.0, "model": "gpt-4o-mini", "messages": [{"role":"user","content":"Name a prime."}] }"#;
const RESPONSE: &[u8] = br#"{"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":
    {"role":"assistant","content":"101"}}],"usage":{"prompt_tokens":22,"completion_tokens":12,"total_tokens":34}}"#;

fn body(bytes: &[u8]) -> Body {
    Body {
        segments: vec![Bytes::copy_from_slice(bytes)],
        wire_bytes: bytes.len() as u64,
        state: BodyState::Stored,
        content_type: Some("application/json".to_owned()),
        content_encoding: None,
    }
}

fn row(request: Body, response: Body) -> LogRow {
    let meta = ExchangeMeta {
        timing: Timing { total_us: 411_600, ..Timing::default() },
        outcome: Outcome::Complete,
        status: 200,
        attempts: 1,
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        target_url: "https://api.openai.com/v1/chat/completions".to_owned(),
        provider: "OPENAI".into(),
        dialect: Dialect::OpenAi,
        user_id: Some("alice".to_owned()),
        ..ExchangeMeta::new(
            RequestId::from_uuid(Uuid::from_u128(7)),
            OrganizationId::from_uuid(Uuid::from_u128(1)),
            Timestamp::from_unix_micros(1_795_356_360_000_000),
        )
    };
    enrich(Exchange { meta, request, response }, &Knowledge::builtin(), 1 << 20)
}

fn text(payload: &Bytes) -> &str {
    std::str::from_utf8(payload).unwrap()
}

fn json(payload: &Bytes) -> Value {
    serde_json::from_slice(payload).unwrap()
}

#[test]
fn a_payload_has_helicones_fields_in_helicones_order() {
    let row = row(body(REQUEST), body(RESPONSE));
    let told = payload(&row, true, Some("https://gatehouse.example"));
    let expected = concat!(
        r#"{"request_id":"00000000-0000-0000-0000-000000000007","user_id":"alice","#,
        r#""request_body":{"temperature":1,"model":"gpt-4o-mini","messages":[{"role":"user","content":"Name a prime."}]},"#,
        r#""response_body":{"model":"gpt-4o-mini-2024-07-18","choices":[{"index":0,"message":"#,
        r#"{"role":"assistant","content":"101"}}],"usage":{"prompt_tokens":22,"completion_tokens":12,"total_tokens":34}},"#,
        r#""request_response_url":"https://gatehouse.example/v1/request/00000000-0000-0000-0000-000000000007?includeBody=true","#,
        r#""model":"gpt-4o-mini-2024-07-18","provider":"OPENAI","#,
        r#""metadata":{"cost":0.0000105,"promptTokens":22,"completionTokens":12,"totalTokens":34,"latencyMs":412}}"#,
    );
    assert_eq!(text(&told), expected);
    assert_eq!(rewritten(expected).as_deref(), Some(expected), "JavaScript writes it the same way");
}

#[test]
fn without_data_it_is_what_the_oldest_receivers_know() {
    let mut row = row(body(b"[1]"), body(b"[2]"));
    row.user_id.clear();
    let told = payload(&row, false, None);
    let expected =
        r#"{"request_id":"00000000-0000-0000-0000-000000000007","request_body":[1],"response_body":[2]}"#;
    assert_eq!(text(&told), expected);
}

#[test]
fn what_is_not_known_is_null_and_never_zero() {
    let mut row = row(Body::default(), Body::default());
    row.model.clear();
    let told = json(&payload(&row, true, None));
    for place in ["/request_body", "/response_body", "/request_response_url", "/model"] {
        assert_eq!(told.pointer(place), Some(&Value::Null), "{place}");
    }
    for field in ["cost", "promptTokens", "completionTokens", "totalTokens"] {
        assert_eq!(told.pointer(&format!("/metadata/{field}")), Some(&Value::Null), "{field}");
    }
    row.cost = Some(NanoUsd::new(0));
    row.usage.input = Some(0);
    let told = json(&payload(&row, true, None));
    assert_eq!(told.pointer("/metadata/cost"), Some(&0.into()), "a known zero is one");
    assert_eq!(told.pointer("/metadata/promptTokens"), Some(&0.into()));
}

#[test]
fn omitted_bodies_stay_omitted() {
    let omitted = || Body { state: BodyState::Omitted, segments: Vec::new(), ..body(b"secret prompt") };
    let told = payload(&row(omitted(), omitted()), true, None);
    assert!(!text(&told).contains("secret prompt"));
    assert_eq!(json(&told).get("request_body"), Some(&Value::Null));
}

#[test]
fn long_bodies_and_bytes_are_replaced_by_a_sentence() {
    let told = |bytes: &[u8]| {
        let payload = payload(&row(body(bytes), body(b"{}")), false, None);
        json(&payload).get("request_body").cloned().unwrap()
    };
    let longest = "é".repeat(MAX_BODY_UNITS);
    assert_eq!(told(longest.as_bytes()), Value::String(longest.clone()));
    assert_eq!(told(format!("{longest}x").as_bytes()), Value::String(TOO_LONG.to_owned()));
    assert_eq!(told("😀".repeat(MAX_BODY_UNITS / 2).as_bytes()).as_str().unwrap().chars().count(), 5120);
    assert_eq!(told("😀".repeat(MAX_BODY_UNITS / 2 + 1).as_bytes()), Value::String(TOO_LONG.to_owned()));
    let long_json = serde_json::to_vec(&vec![1; 6000]).unwrap();
    assert_eq!(told(&long_json), Value::String(TOO_LONG.to_owned()));
    assert_eq!(told(&[0xff, 0xfe, 0x00]), Value::String(NOT_TEXT.to_owned()));
    assert_eq!(told(b"data: {}\n\n"), Value::String("data: {}\n\n".to_owned()));
}
