//! What the row of a call costs, from the bytes of its record: `cargo bench -p gatehouse-record`.
//!
//! One core has to make 20,000 rows a second of plain calls of 2 KB, request and answer together, which are
//! read for what they say, priced and stored as they are. The other cases show what streams and encodings add.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop where a program may not")]

use std::hint::black_box;
use std::io::Write as _;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use flate2::Compression;
use flate2::write::GzEncoder;
use gatehouse_record::{Knowledge, enrich};
use gatehouse_types::{
    Body, BodyState, Dialect, Exchange, ExchangeMeta, OrganizationId, Outcome, RequestId, Timestamp, Timing,
};
use gatehouse_wire::AnswerScanner;

const MAX_BODY_BYTES: usize = 1 << 20;

/// How a call goes to a provider.
struct Call {
    dialect: Dialect,
    provider: &'static str,
    origin: &'static str,
    path: &'static str,
    request: String,
}

fn body(bytes: Vec<u8>, content_type: &str, content_encoding: Option<&str>) -> Body {
    Body {
        wire_bytes: bytes.len() as u64,
        segments: vec![Bytes::from(bytes)],
        state: BodyState::Stored,
        content_type: Some(content_type.to_owned()),
        content_encoding: content_encoding.map(str::to_owned),
    }
}

/// Returns the record of a call, as it lies in the journal.
fn record(call: Call, response: Body) -> Bytes {
    let meta = ExchangeMeta {
        timing: Timing { total_us: 900_000, ..Timing::default() },
        outcome: Outcome::Complete,
        status: 200,
        attempts: 1,
        method: "POST".to_owned(),
        path: call.path.to_owned(),
        target_url: format!("{}{}", call.origin, call.path),
        provider: Arc::from(call.provider),
        dialect: call.dialect,
        properties: vec![("helicone-property-app".to_owned(), "bench".to_owned())],
        ..ExchangeMeta::new(
            RequestId::generate(),
            OrganizationId::from_uuid(RequestId::generate().as_uuid()),
            Timestamp::from_unix_micros(1_795_356_360_000_000),
        )
    };
    let request = body(call.request.into_bytes(), "application/json", None);
    let mut record = BytesMut::new();
    let exchange = Exchange { meta, request, response };
    exchange.encode().unwrap().iter().for_each(|part| record.extend_from_slice(part));
    record.freeze()
}

/// Returns about 800 bytes of what a caller says.
fn question() -> String {
    "All the words that a caller may say to a model in one turn. ".repeat(13)
}

/// Returns about 600 bytes of what a model answers, as they stand in JSON.
fn answer() -> String {
    "What the model says to it, line by line.\\n".repeat(14)
}

fn openai() -> Call {
    Call {
        dialect: Dialect::OpenAi,
        provider: "OPENAI",
        origin: "https://api.openai.com",
        path: "/v1/chat/completions",
        request: format!(
            r#"{{"model":"gpt-4o-mini","messages":[{{"role":"system","content":"Answer briefly."}},{{"role":"user","content":"{}"}}],"temperature":0.2,"user":"u-1"}}"#,
            question()
        ),
    }
}

fn openai_answer() -> String {
    format!(
        r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1795356360,"model":"gpt-4o-mini-2024-07-18","choices":[{{"index":0,"message":{{"role":"assistant","content":"{}","refusal":null,"annotations":[]}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":180,"completion_tokens":160,"total_tokens":340,"prompt_tokens_details":{{"cached_tokens":0,"audio_tokens":0}},"completion_tokens_details":{{"reasoning_tokens":0,"audio_tokens":0}}}},"service_tier":"default"}}"#,
        answer()
    )
}

fn plain() -> Bytes {
    record(openai(), body(openai_answer().into_bytes(), "application/json", None))
}

fn gzip() -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(openai_answer().as_bytes()).unwrap();
    record(openai(), body(encoder.finish().unwrap(), "application/json", Some("gzip")))
}

/// Returns the record of a stream of so many pieces of text.
fn stream(pieces: usize) -> Bytes {
    let event = |choices: &str, usage: &str| {
        format!(
            "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1795356360,\"model\":\"gpt-4o-mini-2024-07-18\",\"choices\":[{choices}],\"usage\":{usage}}}\n\n"
        )
    };
    let delta = event(r#"{"index":0,"delta":{"content":" word"},"finish_reason":null}"#, "null");
    let last = event("", r#"{"prompt_tokens":180,"completion_tokens":160,"total_tokens":340}"#);
    let events = format!("{}{last}data: [DONE]\n\n", delta.repeat(pieces));
    record(openai(), body(events.into_bytes(), "text/event-stream", None))
}

fn anthropic() -> Bytes {
    let call = Call {
        dialect: Dialect::Anthropic,
        provider: "ANTHROPIC",
        origin: "https://api.anthropic.com",
        path: "/v1/messages",
        request: format!(
            r#"{{"model":"claude-sonnet-4-20250514","max_tokens":1024,"system":"Answer briefly.","messages":[{{"role":"user","content":"{}"}}]}}"#,
            question()
        ),
    };
    let answer = format!(
        r#"{{"id":"msg_01","type":"message","role":"assistant","model":"claude-sonnet-4-20250514","content":[{{"type":"text","text":"{}"}}],"stop_reason":"end_turn","stop_sequence":null,"usage":{{"input_tokens":180,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"cache_creation":{{"ephemeral_5m_input_tokens":0,"ephemeral_1h_input_tokens":0}},"output_tokens":160,"service_tier":"standard"}}}}"#,
        answer()
    );
    record(call, body(answer.into_bytes(), "application/json", None))
}

fn google() -> Bytes {
    let call = Call {
        dialect: Dialect::Google,
        provider: "GOOGLE",
        origin: "https://generativelanguage.googleapis.com",
        path: "/v1beta/models/gemini-2.5-flash:generateContent",
        request: format!(
            r#"{{"systemInstruction":{{"parts":[{{"text":"Answer briefly."}}]}},"contents":[{{"role":"user","parts":[{{"text":"{}"}}]}}],"generationConfig":{{"temperature":0.2}}}}"#,
            question()
        ),
    };
    let answer = format!(
        r#"{{"candidates":[{{"content":{{"parts":[{{"text":"{}"}}],"role":"model"}},"finishReason":"STOP","index":0}}],"usageMetadata":{{"promptTokenCount":180,"candidatesTokenCount":120,"totalTokenCount":340,"thoughtsTokenCount":40,"promptTokensDetails":[{{"modality":"TEXT","tokenCount":180}}]}},"modelVersion":"gemini-2.5-flash","responseId":"r-1"}}"#,
        answer()
    );
    record(call, body(answer.into_bytes(), "application/json", None))
}

/// From the record to the row, which is what the recorder does for each call.
fn rows(criterion: &mut Criterion) {
    let knowledge = Knowledge::builtin();
    let mut group = criterion.benchmark_group("row");
    group.throughput(Throughput::Elements(1));
    let cases = [
        ("plain", plain()),
        ("stream of 2 KB", stream(6)),
        ("stream of 20 KB", stream(95)),
        ("gzip", gzip()),
        ("anthropic", anthropic()),
        ("google", google()),
    ];
    for (name, record) in cases {
        let name = format!("{name}, {} bytes", record.len());
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let exchange = Exchange::decode(black_box(&record)).unwrap();
                enrich(exchange, &knowledge, MAX_BODY_BYTES)
            });
        });
    }
    group.finish();
    criterion.bench_function("decode the record alone", |bencher| {
        let record = plain();
        bencher.iter(|| Exchange::decode(black_box(&record)).unwrap());
    });
}

/// What takes longest for its size: bodies of 50 MB that say nothing, made to be read at length.
fn hostile(criterion: &mut Criterion) {
    const BYTES: usize = 50 << 20;
    const CHUNK_BYTES: usize = 16 << 10;
    let knowledge = Knowledge::builtin();
    let mut group = criterion.benchmark_group("50 MB");
    group.sample_size(10);
    let whole = |piece: &str| piece.repeat(BYTES / piece.len());
    let cases = [
        ("one deep list", whole("["), "application/json"),
        ("one deep object", whole(r#"{"usage":"#), "application/json"),
        (
            "the same member again and again",
            format!("{{{}}}", whole(r#""usage":{"prompt_tokens":1},"#)),
            "application/json",
        ),
        ("one long string of escapes", format!(r#"{{"model":"{}"}}"#, whole(r"\u00e4")), "application/json"),
        ("many small events", whole("data: {\"usage\":{\"prompt_tokens\":1}}\n\n"), "text/event-stream"),
        ("one event that does not end", whole("data: {\n"), "text/event-stream"),
    ];
    for (name, text, content_type) in cases {
        group.bench_function(format!("{name}, read as it passes"), |bencher| {
            bencher.iter(|| {
                let mut scanner = AnswerScanner::new(Dialect::OpenAi, Some(content_type), None);
                black_box(&text).as_bytes().chunks(CHUNK_BYTES).for_each(|chunk| scanner.push(chunk));
                scanner.finish(true)
            });
        });
        let record = record(openai(), body(text.into_bytes(), content_type, None));
        group.bench_function(format!("{name}, row"), |bencher| {
            bencher.iter(|| {
                let exchange = Exchange::decode(black_box(&record)).unwrap();
                enrich(exchange, &knowledge, MAX_BODY_BYTES)
            });
        });
    }
    group.finish();
}

criterion_group!(benches, rows, hostile);
criterion_main!(benches);
