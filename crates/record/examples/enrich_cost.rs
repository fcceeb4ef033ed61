//! Prints what the enrichment of one record costs: a chat call of about 1 KB, plain and streamed.
//!
//! `cargo run --release -p gatehouse-record --example enrich_cost`

#![expect(clippy::print_stdout, reason = "printing is what it is for")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use bytes::{Bytes, BytesMut};
use gatehouse_record::{Knowledge, enrich};
use gatehouse_types::{
    Body, BodyState, Dialect, Exchange, ExchangeMeta, OrganizationId, Outcome, RequestId, Timestamp, Timing,
};
use gatehouse_wire::{BodyView, ObserveInput, TerminalWatch, observe};

const ROUNDS: u32 = 100_000;

fn body(text: &str, content_type: &str) -> Body {
    Body {
        segments: vec![Bytes::copy_from_slice(text.as_bytes())],
        wire_bytes: text.len() as u64,
        state: BodyState::Stored,
        content_type: Some(content_type.to_owned()),
        content_encoding: None,
    }
}

fn exchange(response: Body) -> Exchange {
    let words = "All the words that a caller may say to a model in one turn. ".repeat(12);
    let request = format!(
        r#"{{"model":"gpt-4o-mini","messages":[{{"role":"system","content":"Answer briefly."}},{{"role":"user","content":"{words}"}}],"temperature":0.2,"user":"u-1"}}"#
    );
    let meta = ExchangeMeta {
        client_chose_id: false,
        key_id: None,
        timing: Timing { total_us: 900_000, ..Timing::default() },
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
        properties: vec![("helicone-property-app".to_owned(), "bench".to_owned())],
        model_override: None,
        ..ExchangeMeta::new(
            RequestId::generate(),
            OrganizationId::from_uuid(RequestId::generate().as_uuid()),
            Timestamp::from_unix_micros(1_795_356_360_000_000),
        )
    };
    Exchange { meta, request: body(&request, "application/json"), response }
}

fn plain() -> Body {
    let words = "What the model says to it, line by line.\\n".repeat(16);
    let answer = format!(
        r#"{{"id":"chatcmpl-1","object":"chat.completion","created":1795356360,"model":"gpt-4o-mini-2024-07-18","choices":[{{"index":0,"message":{{"role":"assistant","content":"{words}","refusal":null,"annotations":[]}},"logprobs":null,"finish_reason":"stop"}}],"usage":{{"prompt_tokens":180,"completion_tokens":160,"total_tokens":340,"prompt_tokens_details":{{"cached_tokens":0,"audio_tokens":0}},"completion_tokens_details":{{"reasoning_tokens":0,"audio_tokens":0}}}},"service_tier":"default"}}"#
    );
    body(&answer, "application/json")
}

/// One chunk of a stream.
fn chunk(choices: &str, usage: &str) -> String {
    format!(
        "data: {{\"id\":\"chatcmpl-1\",\"object\":\"chat.completion.chunk\",\"created\":1795356360,\"model\":\"gpt-4o-mini-2024-07-18\",\"service_tier\":\"default\",\"choices\":[{choices}],\"usage\":{usage}}}\n\n"
    )
}

fn streamed() -> Body {
    let delta =
        chunk(r#"{"index":0,"delta":{"content":" word"},"logprobs":null,"finish_reason":null}"#, "null");
    let last = chunk("", r#"{"prompt_tokens":180,"completion_tokens":160,"total_tokens":340}"#);
    body(&format!("{}{last}data: [DONE]\n\n", delta.repeat(100)), "text/event-stream")
}

fn measure(name: &str, mut work: impl FnMut()) {
    (0..ROUNDS / 10).for_each(|_| work());
    let start = Instant::now();
    (0..ROUNDS).for_each(|_| work());
    println!("{name:<44} {:>9.3} us", start.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS));
}

fn main() -> Result<(), serde_json::Error> {
    let knowledge = Knowledge::builtin();
    for (name, response) in [("plain", plain()), ("100 chunks", streamed())] {
        let exchange = exchange(response);
        let (request, response) = (exchange.request.contiguous(), exchange.response.contiguous());
        println!("{name}: request {} bytes, response {} bytes", request.len(), response.len());
        let view = |bytes| BodyView { bytes, content_type: None, truncated: false };
        measure("  observe", || {
            let (request, response) = (view(&request), view(&response));
            black_box(observe(ObserveInput {
                dialect: Dialect::OpenAi,
                path: "/v1/chat/completions",
                request,
                response,
            }));
        });
        let mut record = BytesMut::new();
        exchange.encode()?.iter().for_each(|part| record.extend_from_slice(part));
        let record = record.freeze();
        measure("  decode the record", || {
            black_box(Exchange::decode(&record)).ok();
        });
        measure("  decode and enrich the record", || {
            black_box(Exchange::decode(&record).map(|exchange| enrich(exchange, &knowledge, 1 << 20))).ok();
        });
        measure("  watch the whole response for its end", || {
            let mut watch = TerminalWatch::new(Dialect::OpenAi);
            response.chunks(240).for_each(|chunk| watch.push(chunk));
            black_box(watch.is_terminal());
        });
    }
    Ok(())
}
