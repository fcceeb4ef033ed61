//! Spans of OpenTelemetry, in both encodings, and the calls that they become.

use std::io::Write;

use anyhow::{Context, Result};
use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::header::{CONTENT_TYPE, HeaderName};
use serde_json::{Value, json};

use crate::client::{Answer, Call, TestApi};
use crate::installation::{ADMIN_KEY, READ_KEY, UNKNOWN_KEY, WRITE_KEY};

const JSON: &str = "/v1/trace/log";
const PROTOBUF: &str = "/v1/trace/log-python";
const START: u64 = 1_795_348_411_260_000_000;
/// The trace's id with the span's in it, as a UUID of a custom version.
const ID: &str = "01020304-0506-8708-8090-a0b0c0d0e0f0";

/// The attributes of a chat as OpenLLMetry writes them.
fn chat() -> Vec<(&'static str, Value)> {
    vec![
        ("gen_ai.system", json!("OpenAI")),
        ("gen_ai.request.model", json!("gpt-4o-mini")),
        ("gen_ai.response.model", json!("gpt-4o-mini-2024-07-18")),
        ("gen_ai.request.temperature", json!(0.5)),
        ("gen_ai.openai.api_base", json!("https://api.openai.com/v1/?key=s3cret")),
        ("gen_ai.prompt.0.role", json!("user")),
        ("gen_ai.prompt.0.content", json!("Hello")),
        ("gen_ai.completion.0.role", json!("assistant")),
        ("gen_ai.completion.0.content", json!("Hi there")),
        ("gen_ai.completion.0.finish_reason", json!("stop")),
        ("gen_ai.usage.prompt_tokens", json!(10)),
        ("gen_ai.usage.completion_tokens", json!(5)),
        ("llm.usage.total_tokens", json!(15)),
        ("traceloop.association.properties.Helicone-Session-Id", json!("s1")),
        ("traceloop.association.properties.user_id", json!("ann")),
        ("traceloop.association.properties.Environment", json!("test")),
    ]
}

/// A span with these attributes, as JSON has it.
fn span(attributes: &[(&str, Value)]) -> Value {
    let value = |value: &Value| match value {
        Value::String(text) => json!({"stringValue": text}),
        Value::Bool(value) => json!({"boolValue": value}),
        Value::Number(number) if number.is_u64() => json!({"intValue": number.to_string()}),
        other => json!({"doubleValue": other}),
    };
    let attributes: Vec<Value> =
        attributes.iter().map(|(key, attribute)| json!({"key": key, "value": value(attribute)})).collect();
    json!({
        "traceId": "01020304050607080000000000000000",
        "spanId": "0090a0b0c0d0e0f0",
        "name": "openai.chat",
        "kind": 3,
        "startTimeUnixNano": START.to_string(),
        "endTimeUnixNano": (START + 840_000_000).to_string(),
        "attributes": attributes,
        "status": {"code": 0},
    })
}

fn data(spans: &[Value]) -> Value {
    json!({"resourceSpans": [{"resource": {"attributes": []}, "scopeSpans": [{"scope": {"name": "x"}, "spans": spans}]}]})
}

/// Returns a number that fits into a byte.
fn low(number: impl TryInto<u8>) -> u8 {
    number.try_into().unwrap_or_default()
}

/// One field of a message whose length comes first.
fn field(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut bytes = vec![tag << 3 | 2];
    let mut length = content.len();
    while length >= 0x80 {
        bytes.push(low(length & 0x7f) | 0x80);
        length >>= 7;
    }
    bytes.push(low(length));
    bytes.extend_from_slice(content);
    bytes
}

/// The same span in protobuf, with its length before everything in it.
fn protobuf(attributes: &[(&str, Value)]) -> Vec<u8> {
    let value = |value: &Value| match value {
        Value::String(text) => field(1, text.as_bytes()),
        Value::Number(number) => match number.as_u64() {
            Some(whole) => vec![3 << 3, low(whole)],
            None => [&[4 << 3 | 1][..], &number.as_f64().unwrap_or_default().to_le_bytes()].concat(),
        },
        _ => Vec::new(),
    };
    let mut span = [field(1, &[1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 0, 0, 0, 0, 0, 0])].concat();
    span.extend(field(2, &[0, 0x90, 0xa0, 0xb0, 0xc0, 0xd0, 0xe0, 0xf0]));
    span.extend(field(5, b"openai.chat"));
    span.extend([&[7 << 3 | 1][..], &START.to_le_bytes()].concat());
    span.extend([&[8 << 3 | 1][..], &(START + 840_000_000).to_le_bytes()].concat());
    for (key, attribute) in attributes {
        let pair = [field(1, key.as_bytes()), field(2, &value(attribute))].concat();
        span.extend(field(9, &pair));
    }
    field(1, &field(2, &field(2, &span)))
}

fn gzip(body: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(body)?;
    Ok(encoder.finish()?)
}

async fn send(api: &TestApi, spans: &[Value]) -> Result<Answer> {
    api.send(Call::post(JSON, data(spans).to_string()).key(WRITE_KEY)).await
}

async fn rows(api: &TestApi) -> Result<Vec<Value>> {
    let listed = api.post("/v1/request/query-clickhouse", "{}").await?.json()?;
    Ok(listed.pointer("/data").and_then(Value::as_array).context("rows")?.clone())
}

async fn row(api: &TestApi, id: &str) -> Result<Value> {
    let read = api.get(&format!("/v1/request/{id}?includeBody=true")).await?.json()?;
    Ok(read.get("data").context("a row")?.clone())
}

fn check(row: &Value, expected: &[(&str, Value)]) {
    for (pointer, value) in expected {
        assert_eq!(row.pointer(pointer).unwrap_or(&Value::Null), value, "{pointer} of {row}");
    }
}

#[tokio::test]
async fn a_span_of_a_call_becomes_the_same_row_from_both_encodings() -> Result<()> {
    let json = || Call::post(JSON, data(&[span(&chat())]).to_string());
    let binary = |path: &str| Call::post(path, protobuf(&chat()));
    let protobuf_type = "application/x-protobuf";
    let calls = [
        (json(), "application/json", "{}"),
        (
            Call::post(PROTOBUF, data(&[span(&chat())]).to_string())
                .header("content-type", "application/json"),
            "application/json",
            "{}",
        ),
        (binary(PROTOBUF), protobuf_type, ""),
        (binary(JSON).header("content-type", protobuf_type), protobuf_type, ""),
        (
            Call::post(PROTOBUF, gzip(&protobuf(&chat()))?).header("content-encoding", "gzip"),
            protobuf_type,
            "",
        ),
    ];
    for (call, content_type, body) in calls {
        let api = TestApi::start(Vec::new()).await?;
        let answer = api.send(call.key(WRITE_KEY)).await?;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, body));
        assert_eq!(answer.header(CONTENT_TYPE), content_type);
        check(
            &row(&api, ID).await?,
            &[
                ("/source", json!("trace")),
                ("/provider", json!("OPENAI")),
                ("/model", json!("gpt-4o-mini-2024-07-18")),
                ("/request_model", json!("gpt-4o-mini")),
                ("/request_created_at", json!("2026-11-22T11:53:31.260Z")),
                ("/delay_ms", json!(840.0)),
                ("/response_status", json!(200)),
                ("/prompt_tokens", json!(10)),
                ("/completion_tokens", json!(5)),
                ("/total_tokens", json!(15)),
                ("/cost_status", json!("priced")),
                ("/request_user_id", json!("ann")),
                ("/request_properties", json!({"Helicone-Session-Id": "s1", "Environment": "test"})),
                ("/target_url", json!("https://api.openai.com/v1/?key=***")),
                ("/request_body/temperature", json!(0.5)),
                ("/request_body/messages", json!([{"role": "user", "content": "Hello"}])),
                ("/response_body/choices/0/message/content", json!("Hi there")),
                ("/response_body/choices/0/finish_reason", json!("stop")),
                ("/response_preview", json!("Hi there")),
            ],
        );
    }
    Ok(())
}

#[tokio::test]
async fn spans_that_are_no_calls_are_counted_and_passed_over() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let other = [
        span(&[("http.request.method", json!("GET"))]),
        span(&[
            ("traceloop.span.kind", json!("workflow")),
            ("traceloop.association.properties.a", json!("b")),
        ]),
        span(&[("gen_ai.operation.name", json!("execute_tool")), ("gen_ai.request.model", json!("m"))]),
        span(&[]),
    ];
    for answer in [send(&api, &other).await?, send(&api, &[]).await?] {
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, "{}"));
    }
    assert!(rows(&api).await?.is_empty());
    send(&api, &[span(&chat())]).await?;
    let metrics = api.send(Call::get("/metrics").key(ADMIN_KEY)).await?.text();
    for line in
        ["gatehouse_trace_spans_total{kind=\"call\"} 1\n", "gatehouse_trace_spans_total{kind=\"other\"} 4\n"]
    {
        assert!(metrics.contains(line), "{metrics}");
    }
    Ok(())
}

#[tokio::test]
async fn a_failed_call_has_its_status_and_reason() -> Result<()> {
    for (code, told, expected) in [
        (json!(2), json!("RateLimitError"), 500),
        (json!("STATUS_CODE_ERROR"), json!("429"), 429),
        (json!(2), json!("200"), 500),
    ] {
        let api = TestApi::start(Vec::new()).await?;
        let mut failed = span(&[("gen_ai.request.model", json!("gpt-4o")), ("error.type", told)]);
        failed["status"] = json!({"code": code, "message": "no luck"});
        send(&api, &[failed]).await?;
        check(
            &row(&api, ID).await?,
            &[
                ("/response_status", json!(expected)),
                ("/response_body", json!({"error": {"message": "no luck"}})),
                ("/prompt_tokens", Value::Null),
            ],
        );
    }
    Ok(())
}

#[tokio::test]
async fn what_a_span_says_wins_over_the_headers_of_its_request() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let mut attributes = chat();
    let chosen = "0193a1d2-7c3e-7bbb-8000-1234567890ab";
    attributes.push(("traceloop.association.properties.Helicone-Request-Id", json!(chosen)));
    attributes.push(("traceloop.association.properties.Helicone-Omit-Request", json!("true")));
    let call = Call::post(JSON, data(&[span(&attributes)]).to_string())
        .key(WRITE_KEY)
        .header("Helicone-Session-Id", "of the header")
        .header("Helicone-Property-Job", "nightly")
        .header("Helicone-Request-Id", "0193a1d2-7c3e-7bbb-8000-ffffffffffff");
    assert_eq!(api.send(call).await?.status, 200);
    check(
        &row(&api, chosen).await?,
        &[
            (
                "/request_properties",
                json!({"Helicone-Session-Id": "s1", "Environment": "test", "job": "nightly"}),
            ),
            ("/request_body", Value::Null),
            ("/request_body_state", json!("omitted")),
            ("/prompt_tokens", json!(10)),
        ],
    );
    Ok(())
}

#[tokio::test]
async fn the_newer_conventions_are_read_too() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let messages = |role: &str, text: &str| {
        json!([{"role": role, "parts": [{"type": "text", "content": text}]}]).to_string()
    };
    send(
        &api,
        &[span(&[
            ("gen_ai.operation.name", json!("chat")),
            ("gen_ai.provider.name", json!("gcp.gemini")),
            ("gen_ai.request.model", json!("gemini-2.5-pro")),
            ("gen_ai.input.messages", json!(messages("user", "Hello"))),
            ("gen_ai.output.messages", json!(messages("assistant", "Hi"))),
            ("gen_ai.usage.input_tokens", json!(10)),
            ("gen_ai.usage.output_tokens", json!(5)),
            ("gen_ai.usage.cache_read.input_tokens", json!(4)),
            ("gen_ai.conversation.id", json!("c1")),
        ])],
    )
    .await?;
    check(
        &row(&api, ID).await?,
        &[
            ("/provider", json!("GOOGLE")),
            ("/model", json!("gemini-2.5-pro")),
            ("/prompt_tokens", json!(6)),
            ("/prompt_cache_read_tokens", json!(4)),
            ("/completion_tokens", json!(5)),
            ("/request_preview", json!("Hello")),
            ("/response_preview", json!("Hi")),
            ("/request_properties/Helicone-Session-Id", json!("c1")),
        ],
    );
    Ok(())
}

#[tokio::test]
async fn what_is_not_otlp_is_refused() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let bad_time = json!({"startTimeUnixNano": "soon"});
    for body in [
        "".to_owned(),
        "[]".to_owned(),
        "{\"resourceSpans\": 5}".to_owned(),
        data(&[json!({"traceId": "xyz"})]).to_string(),
        data(&[bad_time]).to_string(),
        data(&[json!({"attributes": [{"value": {}}]})]).to_string(),
        data(&[json!({"attributes": [{"key": "a", "value": {"stringValue": "x".repeat(5_000)}}], "status": "bad"})]).to_string(),
    ] {
        let answer = api.send(Call::post(JSON, body.clone()).key(WRITE_KEY)).await?;
        assert_eq!(answer.outcome()?, (400, "invalid_json".to_owned()), "{body}");
        assert!(answer.text().len() < 1_000, "{}", answer.text());
    }
    let whole = protobuf(&chat());
    for body in [&whole[..whole.len() - 1], b"\xff\xff\xff", b"{}"] {
        let answer = api.send(Call::post(PROTOBUF, body.to_vec()).key(WRITE_KEY)).await?;
        assert_eq!(answer.outcome()?, (400, "invalid_field".to_owned()), "{}", body.escape_ascii());
    }
    let packed = gzip(&whole)?;
    for (body, encoding) in
        [(&whole[..], "gzip"), (&packed[..packed.len() / 2], "gzip"), (&packed[..], "x-own")]
    {
        let call = Call::post(PROTOBUF, body.to_vec()).key(WRITE_KEY).header("content-encoding", encoding);
        assert_eq!(api.send(call).await?.outcome()?, (400, "invalid_field".to_owned()), "{encoding}");
    }
    let bomb =
        Call::post(PROTOBUF, gzip(&vec![0; 11 << 20])?).key(WRITE_KEY).header("content-encoding", "gzip");
    assert_eq!(api.send(bomb).await?.outcome()?, (413, "body_too_large".to_owned()));
    let many = data(&vec![
        json!({"attributes": [{"key": "gen_ai.request.model", "value": {"stringValue": "m"}}]});
        10_001
    ]);
    let many = Call::post(JSON, many.to_string()).key(WRITE_KEY);
    assert_eq!(api.send(many).await?.outcome()?, (413, "body_too_large".to_owned()));
    // What is small on the wire and large in memory.
    let spans =
        format!("{{\"resourceSpans\":[{{\"scopeSpans\":[{{\"spans\":[{}{{}}]}}]}}]}}", "{},".repeat(600_000));
    let many = Call::post(JSON, spans).key(WRITE_KEY);
    assert_eq!(api.send(many).await?.outcome()?, (413, "body_too_large".to_owned()));
    let many = Call::post(PROTOBUF, [0x0a, 0].repeat(600_001)).key(WRITE_KEY);
    assert_eq!(api.send(many).await?.outcome()?, (413, "body_too_large".to_owned()));
    for (key, outcome) in [(READ_KEY, (403, "forbidden")), (UNKNOWN_KEY, (401, "invalid_api_key"))] {
        let answer = api.send(Call::post(PROTOBUF, whole.clone()).key(key)).await?;
        assert_eq!(answer.outcome()?, (outcome.0, outcome.1.to_owned()));
    }
    assert!(rows(&api).await?.is_empty());
    api.intake.fill();
    let answer = send(&api, &[span(&chat())]).await?;
    assert_eq!(answer.outcome()?, (503, "store_unavailable".to_owned()));
    assert_eq!(answer.header(HeaderName::from_static("retry-after")), "1");
    Ok(())
}

#[tokio::test]
async fn a_span_without_an_id_or_a_time_is_a_new_call_of_now() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let bare = json!({"attributes": [{"key": "gen_ai.request.model", "value": {"stringValue": "m"}}]});
    send(&api, &[bare.clone(), bare]).await?;
    let rows = rows(&api).await?;
    assert_eq!(rows.len(), 2);
    assert_ne!(rows[0]["request_id"], rows[1]["request_id"]);
    assert!(rows[0]["request_created_at"].as_str().is_some_and(|at| at > "2026-01-01"), "{rows:?}");
    Ok(())
}

#[tokio::test]
async fn headers_are_not_multiplied_by_spans_without_end() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let model = [("gen_ai.request.model", json!("m"))];
    let log = async |spans: usize| {
        let mut call = Call::post(JSON, data(&vec![span(&model); spans]).to_string()).key(WRITE_KEY);
        for name in ["helicone-property-a", "helicone-property-b", "helicone-property-c", "helicone-user-id"]
        {
            call = call.header(name, "v".repeat(9_000));
        }
        api.send(call).await
    };
    assert_eq!(log(2_000).await?.outcome()?, (413, "body_too_large".to_owned()));
    assert_eq!(rows(&api).await?.len(), 0);
    assert_eq!(log(100).await?.status, 200);
    Ok(())
}
