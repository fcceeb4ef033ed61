use proptest::prelude::*;
use uuid::Uuid;

use super::*;

fn meta() -> ExchangeMeta {
    ExchangeMeta {
        client_chose_id: true,
        key_id: None,
        timing: Timing::default(),
        outcome: Outcome::Complete,
        status: 200,
        error_kind: None,
        attempts: 1,
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        target_url: "https://api.openai.com/v1/chat/completions".to_owned(),
        provider: "OPENAI".into(),
        dialect: Dialect::OpenAi,
        user_id: Some("zürich".to_owned()),
        properties: vec![("env".to_owned(), "prod".to_owned())],
        model_override: None,
        country_code: Some("CH".to_owned()),
        ..ExchangeMeta::new(
            RequestId::from_uuid(Uuid::from_u128(1)),
            OrganizationId::from_uuid(Uuid::from_u128(2)),
            Timestamp::from_unix_micros(3),
        )
    }
}

fn joined(parts: Vec<Bytes>) -> Bytes {
    Body { segments: parts, ..Body::default() }.contiguous()
}

proptest! {
    #[test]
    fn decodes_what_it_encoded(
        request in proptest::collection::vec(any::<u8>(), 0..200),
        response in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 1..50), 0..4),
    ) {
        let exchange = Exchange {
            meta: meta(),
            request: Body {
                wire_bytes: request.len() as u64,
                segments: vec![Bytes::from(request.clone())],
                state: BodyState::Stored,
                ..Body::default()
            },
            response: Body {
                segments: response.iter().cloned().map(Bytes::from).collect(),
                content_encoding: Some("gzip".to_owned()),
                ..Body::default()
            },
        };
        let record = joined(exchange.clone().encode().unwrap());
        let decoded = Exchange::decode(&record).unwrap();
        prop_assert_eq!(decoded.meta, exchange.meta);
        prop_assert_eq!(decoded.request.contiguous(), Bytes::from(request));
        prop_assert_eq!(decoded.response.contiguous(), Bytes::from(response.concat()));
        prop_assert_eq!(decoded.response.content_encoding.as_deref(), Some("gzip"));
    }

    #[test]
    fn refuses_every_cut(length in 0_usize..400) {
        let body = Body { segments: vec![Bytes::from_static(b"body")], ..Body::default() };
        let record = joined(Exchange { meta: meta(), request: body, response: Body::default() }.encode().unwrap());
        prop_assert!(Exchange::decode(&record.slice(..length.min(record.len() - 1))).is_err());
    }
}

#[test]
fn reads_a_record_from_before_cache_limits_and_guards_were_recorded() {
    let exchange = Exchange { meta: meta(), request: Body::default(), response: Body::default() };
    let record = joined(exchange.clone().encode().unwrap());
    let text = String::from_utf8_lossy(&record).into_owned();
    let later = ["source", "attempt_log", "fallback_index", "cache", "rate_limit", "guards", "proxy_key_id"];
    for field in later.into_iter().chain(["prompt_id", "prompt_version", "prompt_inputs"]) {
        assert!(
            !text.contains(&format!("\"{field}\"")),
            "what is not known of a call takes no room: {field}"
        );
    }
    assert_eq!(Exchange::decode(&record).unwrap(), exchange);
}

#[test]
fn keeps_what_was_done_with_a_call() {
    let meta = ExchangeMeta {
        source: Source::Trace,
        attempt_log: vec![Attempt {
            provider: "OPENAI".into(),
            origin: "https://api.openai.com".to_owned(),
            fallback_index: Some(0),
            status: None,
            error_kind: Some("connect_failed".to_owned()),
            started_us: 1,
            ended_us: 2,
            connect_us: None,
        }],
        fallback_index: Some(1),
        cache: Some(CacheUse { bucket_index: Some(2), ..CacheUse::default() }),
        rate_limit: Some(LimitUse { is_refused: true, ..LimitUse::default() }),
        guards: vec![GuardUse { kind: "security".to_owned(), ..GuardUse::default() }],
        proxy_key_id: Some(ProxyKeyId::from_uuid(Uuid::from_u128(4))),
        prompt_id: Some("p".to_owned()),
        prompt_version: Some("v".to_owned()),
        prompt_inputs: vec![("name".to_owned(), "Ada".to_owned())],
        ..meta()
    };
    let exchange = Exchange { meta, request: Body::default(), response: Body::default() };
    let record = joined(exchange.clone().encode().unwrap());
    assert_eq!(Exchange::decode(&record).unwrap(), exchange);
}

#[test]
fn refuses_a_newer_version() {
    assert!(matches!(
        Exchange::decode(&Bytes::from_static(b"\x63\0\0\0\0")),
        Err(DecodeError::UnknownVersion(0x63))
    ));
}
