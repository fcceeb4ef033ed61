//! What a row says about calls of every kind of end and body.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use gatehouse_catalog::Catalog;
use gatehouse_store::log::{CACHED, RowKey, Saved};
use gatehouse_store::pricing::PricedCall;
use gatehouse_types::{
    Attempt, Body, CacheStatus, CacheUse, Dialect, GuardUse, LimitUse, NanoUsd, OrganizationId, Outcome,
    ProxyKeyId, RequestId, Source, Timestamp, Timing, Usage,
};
use uuid::Uuid;

use super::*;

const MAX_BODY_BYTES: usize = 1 << 20;
const REQUEST: &[u8] =
    br#"{"model":"gpt-4o-mini","user":"body-user","messages":[{"role":"user","content":"Name a prime."}]}"#;
const RESPONSE: &[u8] = br#"{"model":"gpt-4o-mini-2024-07-18","service_tier":"default","choices":[{"index":0,"message":
    {"role":"assistant","content":"101"}}],"usage":{"prompt_tokens":22,"completion_tokens":12,"total_tokens":34}}"#;
const STREAM: &[u8] = b"data: {\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"101\"}}]}\n\n\
    data: {\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[],\"usage\":{\"prompt_tokens\":22,\"completion_tokens\":12}}\n\n\
    data: [DONE]\n\n";

fn body(bytes: &[u8], content_type: &str) -> Body {
    Body {
        segments: vec![Bytes::copy_from_slice(bytes)],
        wire_bytes: bytes.len() as u64,
        state: BodyState::Stored,
        content_type: Some(content_type.to_owned()),
        content_encoding: None,
    }
}

fn exchange(response: Body) -> Exchange {
    let meta = ExchangeMeta {
        client_chose_id: false,
        key_id: None,
        timing: Timing { total_us: 1_500_000, first_byte_us: Some(400_000), ..Timing::default() },
        outcome: Outcome::Complete,
        status: 200,
        error_kind: None,
        attempts: 1,
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        target_url: "https://api.openai.com/v1/chat/completions".to_owned(),
        provider: Arc::from("OPENAI"),
        dialect: Dialect::OpenAi,
        user_id: None,
        properties: vec![("app".to_owned(), "a".to_owned()), ("app".to_owned(), "b".to_owned())],
        model_override: None,
        ..ExchangeMeta::new(
            RequestId::from_uuid(Uuid::from_u128(7)),
            OrganizationId::from_uuid(Uuid::from_u128(1)),
            Timestamp::from_unix_micros(1_795_356_360_000_000),
        )
    };
    Exchange { meta, request: body(REQUEST, "application/json"), response }
}

fn plain() -> Exchange {
    exchange(body(RESPONSE, "application/json"))
}

fn enriched(exchange: Exchange) -> LogRow {
    enrich(exchange, &Knowledge::builtin(), MAX_BODY_BYTES)
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn pays_the_provider_behind_a_gateway() {
    let through = |path: &str| {
        let mut exchange = plain();
        exchange.meta.provider = Arc::from("CLOUDFLARE");
        exchange.meta.target_url = format!("https://gateway.ai.cloudflare.com{path}");
        enriched(exchange)
    };
    let row = through("/v1/account/gateway/openai/chat/completions?x=/y");
    assert_eq!((row.cost, row.cost_status.as_str()), (Some(NanoUsd::new(10_500)), "priced"));
    assert_eq!(row.provider, "CLOUDFLARE");
    for path in
        ["/v1/account/gateway/groq/chat/completions", "/v1/account/gateway/compat/chat/completions", ""]
    {
        let row = through(path);
        assert_eq!((row.cost, row.cost_status.as_str()), (None, "no_price"), "{path}");
    }
}

#[test]
fn says_of_a_plain_call_what_was_used_and_paid() {
    let row = enriched(plain());
    assert_eq!(row.model, "gpt-4o-mini-2024-07-18");
    assert_eq!(row.request_model.as_deref(), Some("gpt-4o-mini"));
    assert_eq!((row.usage.input, row.usage.output, row.usage.total), (Some(22), Some(12), Some(34)));
    // 22 x 150 + 12 x 600 nano-dollars.
    assert_eq!((row.cost, row.cost_status.as_str()), (Some(NanoUsd::new(10_500)), "priced"));
    assert_eq!(row.usage_source, UsageSource::Provider);
    assert_eq!((row.user_id.as_str(), row.is_stream), ("body-user", false));
    assert_eq!(row.request_preview.as_deref(), Some("Name a prime."));
    assert_eq!(row.response_preview.as_deref(), Some("101"));
    assert_eq!(row.bodies.request.as_deref(), Some(REQUEST));
    assert_eq!(row.bodies.response.as_deref(), Some(RESPONSE));
    assert_eq!((row.request_bytes, row.response_bytes), (REQUEST.len() as u64, RESPONSE.len() as u64));
    assert_eq!(row.response_created_at.to_string(), "2026-11-22T14:06:01.500Z");
    assert_eq!(row.properties.get("app").map(String::as_str), Some("b"));
}

#[test]
fn says_of_a_stream_the_same() {
    let mut streamed = exchange(body(STREAM, "text/event-stream"));
    streamed.meta.timing.first_token_us = Some(500_000);
    let row = enriched(streamed);
    assert!(row.is_stream);
    assert_eq!((row.cost, row.usage.total), (Some(NanoUsd::new(10_500)), Some(34)));
    assert_eq!(row.bodies.response.as_deref(), Some(STREAM));
}

#[test]
fn takes_model_and_user_in_their_order() {
    let mut overridden = plain();
    overridden.meta.model_override = Some("gpt-4.1".to_owned());
    overridden.meta.user_id = Some("header-user".to_owned());
    let row = enriched(overridden);
    assert_eq!((row.model.as_str(), row.user_id.as_str()), ("gpt-4.1", "header-user"));
    // 22 x 2,000 + 12 x 8,000 nano-dollars.
    assert_eq!(row.cost, Some(NanoUsd::new(140_000)));

    let mut unanswered = exchange(Body::default());
    unanswered.meta.outcome = Outcome::Failed;
    unanswered.meta.status = 502;
    let row = enriched(unanswered);
    assert_eq!((row.model.as_str(), row.cost_status.as_str()), ("gpt-4o-mini", "error_status"));
    assert_eq!((row.cost, row.usage.total, row.bodies.response), (None, None, None));

    let mut opaque = exchange(body(b"\0\x01", "image/png"));
    opaque.request = body(b"{not json", "application/json");
    let row = enriched(opaque);
    assert_eq!((row.model.as_str(), row.cost_status.as_str()), ("", "no_usage"));
    assert_eq!(row.bodies.response.as_deref(), Some(b"\0\x01".as_slice()));
}

#[test]
fn undoes_the_content_encoding() {
    let mut encoded = exchange(body(&gzip(RESPONSE), "application/json"));
    encoded.response.content_encoding = Some("gzip".to_owned());
    encoded.request = body(&gzip(REQUEST), "application/json");
    encoded.request.content_encoding = Some("gzip".to_owned());
    let (request_bytes, response_bytes) = (encoded.request.wire_bytes, encoded.response.wire_bytes);
    let row = enriched(encoded);
    assert_eq!(row.bodies.request.as_deref(), Some(REQUEST));
    assert_eq!(row.bodies.response.as_deref(), Some(RESPONSE));
    assert_eq!((row.request_bytes, row.response_bytes), (request_bytes, response_bytes));
    assert_eq!(row.cost, Some(NanoUsd::new(10_500)));
}

#[test]
fn keeps_what_can_not_be_decoded_as_it_was_sent() {
    for encoding in ["snappy", "gzip"] {
        let mut damaged = exchange(body(b"no such thing", "application/json"));
        damaged.response.content_encoding = Some(encoding.to_owned());
        let row = enriched(damaged);
        assert_eq!(row.bodies.response.as_deref(), Some(b"no such thing".as_slice()), "{encoding}");
        assert_eq!((row.response_body_state, row.cost), (BodyState::Stored, None), "{encoding}");
    }
}

#[test]
fn cuts_bodies_at_the_cap_and_says_so() {
    let mut bomb = exchange(body(&gzip(&vec![b' '; 4 * MAX_BODY_BYTES]), "application/json"));
    bomb.response.content_encoding = Some("gzip".to_owned());
    bomb.request = body(&vec![b'x'; MAX_BODY_BYTES + 1], "text/plain");
    let row = enriched(bomb);
    assert_eq!(row.bodies.response.map(|bytes| bytes.len()), Some(MAX_BODY_BYTES));
    assert_eq!(row.bodies.request.map(|bytes| bytes.len()), Some(MAX_BODY_BYTES));
    assert_eq!(row.response_body_state, BodyState::Truncated);
    assert_eq!(row.request_body_state, BodyState::Truncated);
}

#[test]
fn does_not_trust_counts_of_an_answer_that_was_cut() {
    for outcome in [Outcome::UpstreamCut, Outcome::ClientGone, Outcome::TimedOut] {
        let mut cut = exchange(body(STREAM, "text/event-stream"));
        cut.meta.outcome = outcome;
        let row = enriched(cut);
        assert_eq!((row.cost, row.cost_status.as_str()), (None, "no_usage"));
        assert_eq!(row.model, "gpt-4o-mini-2024-07-18");
    }
    let mut truncated = plain();
    truncated.request.state = BodyState::Truncated;
    truncated.response.state = BodyState::Truncated;
    let row = enriched(truncated);
    assert_eq!((row.model.as_str(), row.cost, row.request_preview), ("", None, None));
}

#[test]
fn leaves_no_trace_of_omitted_bodies() {
    let mut omitted = plain();
    let observed = Observed {
        response_model: Some("gpt-4o-mini".to_owned()),
        usage: Some(Usage { input: Some(22), output: Some(12), ..Usage::default() }),
        request_preview: Some("secret".to_owned()),
        response_preview: Some("secret".to_owned()),
        ..Observed::default()
    };
    omitted.meta.observed = Some(observed);
    for body in [&mut omitted.request, &mut omitted.response] {
        body.state = BodyState::Omitted;
        body.segments.clear();
    }
    let row = enriched(omitted);
    assert_eq!((row.request_preview, row.response_preview), (None, None));
    assert_eq!(row.bodies, Bodies::default());
    assert_eq!((row.request_body_state, row.response_body_state), (BodyState::Omitted, BodyState::Omitted));
    assert_eq!((row.cost, row.usage.total), (Some(NanoUsd::new(10_500)), Some(34)));
}

#[test]
fn knows_no_cost_of_a_call_that_is_charged_for_more_than_tokens() {
    let searched =
        br#"{"model":"gpt-4o-mini-2024-07-18","output":[{"type":"web_search_call","status":"completed"}],
        "usage":{"input_tokens":22,"output_tokens":12,"total_tokens":34}}"#;
    let row = enriched(exchange(body(searched, "application/json")));
    assert_eq!((row.cost, row.cost_status.as_str()), (None, "extra_charges"));
    assert_eq!((row.usage.input, row.usage.output, row.usage.total), (Some(22), Some(12), Some(34)));
    assert_eq!(row.usage_source, UsageSource::Provider);
    let mut omitted = plain();
    omitted.meta.observed = Some(Observed {
        response_model: Some("gpt-4o-mini".to_owned()),
        usage: Some(Usage { input: Some(22), output: Some(12), ..Usage::default() }),
        extra_charges: true,
        ..Observed::default()
    });
    assert_eq!(enriched(omitted).cost_status, "extra_charges");
}

#[test]
fn knows_no_price_of_a_regional_host() {
    let mut regional = plain();
    regional.meta.target_url = "https://jp.api.openai.com:443/v1/chat/completions".to_owned();
    assert_eq!(enriched(regional).cost_status, "no_price");
}

#[test]
fn little_is_stored_but_all_is_read() {
    for cap in [0, 10] {
        let row = enrich(exchange(body(RESPONSE, "application/json")), &Knowledge::builtin(), cap);
        assert_eq!((row.usage.input, row.usage.output), (Some(22), Some(12)), "cap {cap}");
        assert!(row.cost.is_some(), "cap {cap}");
        assert_eq!(row.response_body_state, BodyState::Truncated);
        assert_eq!(row.bodies.response.map_or(0, |bytes| bytes.len()), cap);
    }
}

/// A call that the cache answered with the answer of another one.
fn hit(response: &[u8]) -> Exchange {
    let mut hit = exchange(body(response, "application/json"));
    hit.meta.attempts = 0;
    hit.meta.timing.total_us = 4_000;
    hit.meta.cache = Some(CacheUse {
        status: CacheStatus::Hit,
        reference_id: Some(RequestId::from_uuid(Uuid::from_u128(9))),
        bucket_index: Some(3),
        original_us: Some(1_500_000),
    });
    hit
}

#[test]
fn a_hit_costs_nothing_and_says_what_it_saved() {
    let row = enriched(hit(RESPONSE));
    assert_eq!((row.cost, row.cost_status.as_str()), (Some(NanoUsd::new(0)), CACHED));
    assert_eq!(row.usage_source, UsageSource::Cache);
    let counts = [
        row.usage.input,
        row.usage.output,
        row.usage.cache_read,
        row.usage.cache_write,
        row.usage.input_audio,
        row.usage.output_audio,
        row.usage.reasoning,
        row.usage.total,
    ];
    assert_eq!(counts, [Some(0); 8]);
    assert!(row.cache_enabled);
    assert_eq!(row.cache_reference_id, Some(RequestId::from_uuid(Uuid::from_u128(9))));
    assert_eq!(
        (row.handling.cache_status, row.handling.cache_bucket_index),
        (Some(CacheStatus::Hit), Some(3))
    );
    let saved = Saved {
        us: Some(1_496_000),
        cost: Some(NanoUsd::new(10_500)),
        prompt_tokens: Some(22),
        completion_tokens: Some(12),
    };
    assert_eq!(row.handling.saved, saved);
}

#[test]
fn what_a_hit_saved_is_unknown_where_the_answer_does_not_tell() {
    let mut untold = hit(b"{}");
    if let Some(cache) = &mut untold.meta.cache {
        cache.original_us = None;
    }
    let row = enriched(untold);
    assert_eq!((row.cost, row.usage.total), (Some(NanoUsd::new(0)), Some(0)));
    assert_eq!(row.handling.saved, Saved::default());
    let unpriced = br#"{"model":"nobody-knows","usage":{"prompt_tokens":22,"completion_tokens":12}}"#;
    let saved = enriched(hit(unpriced)).handling.saved;
    assert_eq!((saved.cost, saved.prompt_tokens), (None, Some(22)));
    let mut slow = hit(RESPONSE);
    slow.meta.timing.total_us = 2_000_000;
    assert_eq!(enriched(slow).handling.saved.us, Some(0));
}

#[test]
fn a_miss_is_paid_as_any_call() {
    let mut miss = plain();
    miss.meta.cache = Some(CacheUse::default());
    let row = enriched(miss);
    assert_eq!((row.cost, row.usage.total), (Some(NanoUsd::new(10_500)), Some(34)));
    assert_eq!((row.cache_enabled, row.cache_reference_id), (true, None));
    assert_eq!((row.handling.cache_status, row.handling.saved), (Some(CacheStatus::Miss), Saved::default()));
    let row = enriched(plain());
    assert_eq!((row.cache_enabled, row.handling.cache_status), (false, None));
}

#[test]
fn keeps_attempts_limits_guards_and_prompt() {
    let mut handled = plain();
    let attempt = Attempt {
        provider: Arc::from("AZURE"),
        origin: "https://azure.example".to_owned(),
        fallback_index: Some(0),
        status: Some(500),
        error_kind: None,
        started_us: 10,
        ended_us: 20,
        connect_us: Some(5),
    };
    let limit = LimitUse { policy: "10;w=60".to_owned(), ..LimitUse::default() };
    let guard = GuardUse { name: "shield".to_owned(), kind: "security".to_owned(), ..GuardUse::default() };
    let inputs = vec![("name".to_owned(), "Ada".to_owned()), ("name".to_owned(), "Bob".to_owned())];
    let meta = &mut handled.meta;
    meta.source = Source::Manual;
    meta.attempt_log = vec![attempt.clone()];
    meta.fallback_index = Some(1);
    meta.rate_limit = Some(limit.clone());
    meta.guards = vec![guard.clone()];
    meta.proxy_key_id = Some(ProxyKeyId::from_uuid(Uuid::from_u128(5)));
    meta.prompt_id = Some("greeting".to_owned());
    meta.prompt_version = Some("2".to_owned());
    meta.prompt_inputs = inputs.clone();
    let row = enriched(handled);
    assert_eq!((row.prompt_id.as_str(), row.prompt_version.as_str()), ("greeting", "2"));
    let handling = row.handling;
    assert_eq!((handling.source, handling.attempts), (Source::Manual, vec![attempt]));
    assert_eq!((handling.fallback_index, handling.rate_limit), (Some(1), Some(limit)));
    assert_eq!((handling.guards, handling.threat), (vec![guard], Some(false)));
    assert_eq!(handling.proxy_key_id, Some(ProxyKeyId::from_uuid(Uuid::from_u128(5))));
    assert_eq!(handling.prompt_inputs, inputs);
}

#[test]
fn a_stored_row_comes_to_the_price_of_its_call() {
    let tiered = |tier: &str| {
        let usage = r#""usage":{"prompt_tokens":22,"completion_tokens":12}"#;
        let answer = format!(r#"{{"model":"gpt-5-mini","service_tier":"{tier}",{usage}}}"#);
        exchange(body(answer.as_bytes(), "application/json"))
    };
    let unpriced = br#"{"model":"nobody-knows","usage":{"prompt_tokens":22,"completion_tokens":12}}"#;
    let untold = exchange(body(b"{}", "application/json"));
    let calls =
        [plain(), tiered("flex"), tiered("priority"), exchange(body(unpriced, "application/json")), untold];
    let mut costs = std::collections::BTreeSet::new();
    for call in calls {
        let row = enriched(call);
        let stored = row.priced(RowKey::new(1));
        let Priced { cost, status } = PricedCall::stored(&stored).price(&Catalog::builtin(), None);
        assert_eq!((cost, status.as_str()), (row.cost, row.cost_status.as_str()), "{row:?}");
        costs.insert(cost.map(NanoUsd::get));
    }
    assert!(costs.len() >= 4, "tiers have prices of their own: {costs:?}");
}
