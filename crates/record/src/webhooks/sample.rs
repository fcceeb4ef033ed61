//! The made-up call that a webhook is tried out with.

use bytes::Bytes;
use gatehouse_types::{
    Body, BodyState, Dialect, Exchange, ExchangeMeta, OrganizationId, Outcome, RequestId, Timestamp, Timing,
};

use super::payload::payload;
use crate::enrich::enrich;
use crate::knowledge::Knowledge;

const REQUEST: &[u8] =
    br#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"This call was made up to try a webhook."}]}"#;
const RESPONSE: &[u8] = br#"{"model":"gpt-4o-mini","choices":[{"index":0,"message":{"role":"assistant",
    "content":"It works."},"finish_reason":"stop"}],"usage":{"prompt_tokens":17,"completion_tokens":3,"total_tokens":20}}"#;

/// Returns what a webhook would be told of a made-up call, whose id is new and names no row.
pub fn sample_payload(include_data: bool, now: Timestamp) -> Bytes {
    let meta = ExchangeMeta {
        timing: Timing { total_us: 412_000, ..Timing::default() },
        outcome: Outcome::Complete,
        status: 200,
        attempts: 1,
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        target_url: "https://api.openai.com/v1/chat/completions".to_owned(),
        provider: "OPENAI".into(),
        dialect: Dialect::OpenAi,
        user_id: Some("webhook-test".to_owned()),
        ..ExchangeMeta::new(RequestId::generate(), OrganizationId::NOBODY, now)
    };
    let exchange = Exchange { meta, request: body(REQUEST), response: body(RESPONSE) };
    let row = enrich(exchange, &Knowledge::builtin(), REQUEST.len() + RESPONSE.len());
    payload(&row, include_data, None)
}

fn body(bytes: &'static [u8]) -> Body {
    Body {
        segments: vec![Bytes::from_static(bytes)],
        wire_bytes: bytes.len() as u64,
        state: BodyState::Stored,
        content_type: Some("application/json".to_owned()),
        content_encoding: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_sample_has_every_field_that_a_delivery_may_have() {
        let sample = sample_payload(true, Timestamp::from_unix_micros(1_795_356_360_000_000));
        let sample: Value = serde_json::from_slice(&sample).unwrap();
        let is_known = |place: &str| sample.pointer(place).is_some_and(|value| !value.is_null());
        for place in ["/request_id", "/user_id", "/request_body/model", "/response_body/choices", "/model"] {
            assert!(is_known(place), "{place} in {sample}");
        }
        for name in ["cost", "promptTokens", "completionTokens", "totalTokens", "latencyMs"] {
            assert!(is_known(&format!("/metadata/{name}")), "{name} in {sample}");
        }
    }
}
