//! What every provider says it counted stands in the row, plain and streamed, compressed or not.

use anyhow::{Context, Result, bail, ensure};
use gatehouse_testkit::http1::Piece;
use serde_json::{Value, json};

use crate::support::{Call, House, expect_end, helicone_id, text};

/// What the double is told to have counted.
const COUNTS: &str = "prompt-tokens=100,completion-tokens=40,cached-tokens=30,reasoning-tokens=10";

/// One way of asking a provider.
struct Case {
    target: &'static str,
    path: &'static str,
    body: Value,
    /// Input, output, from the cache, reasoning and total, as the row has them; `None` is null.
    expected: [Option<u64>; 5],
}

fn case(
    target: &'static str,
    path: &'static str,
    body: Value,
    expected: [impl Into<Option<u64>> + Copy; 5],
) -> Case {
    Case { target, path, body, expected: expected.map(Into::into) }
}

const ANTHROPIC: &str = "https://api.anthropic.com";
const BEDROCK: &str = "https://bedrock-runtime.us-east-1.amazonaws.com";
const COHERE: &str = "https://api.cohere.com";
const GEMINI: &str = "https://generativelanguage.googleapis.com";
const VERTEX: &str = "https://us-central1-aiplatform.googleapis.com";

/// OpenAI counts cached and reasoning tokens inside of the two sides: 100 - 30 and 40 - 10.
fn openai() -> Vec<Case> {
    let body = |stream: bool| {
        json!({
            "model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hi"}],
            "stream": stream, "stream_options": {"include_usage": stream},
        })
    };
    let counts = [Some(70), Some(30), Some(30), Some(10), Some(140)];
    [
        ("https://api.openai.com", "/v1/chat/completions"),
        ("https://api.groq.com", "/openai/v1/chat/completions"),
    ]
    .into_iter()
    .flat_map(|(target, path)| [false, true].map(|stream| case(target, path, body(stream), counts)))
    .collect()
}

/// Claude counts cached tokens beside the input, wherever it is served; the total is the sum of all.
fn anthropic() -> Vec<Case> {
    let messages = json!([{"role": "user", "content": "Hi"}]);
    let body = |stream: bool| json!({"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": messages, "stream": stream});
    let on_cloud = |stream: bool| json!({"anthropic_version": "vertex-2023-10-16", "max_tokens": 9, "messages": messages, "stream": stream});
    let invoke = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": messages});
    let counts = [Some(100), Some(40), Some(30), None, Some(170)];
    let publisher = "/v1/projects/p/locations/us-central1/publishers/anthropic/models";
    let vertex =
        |method: &str| -> &'static str { format!("{publisher}/claude-sonnet-4-5@20250929:{method}").leak() };
    let model = "/model/anthropic.claude-3-haiku-20240307-v1%3A0";
    let bedrock = |method: &str| -> &'static str { format!("{model}/{method}").leak() };
    vec![
        case(ANTHROPIC, "/v1/messages", body(false), counts),
        case(ANTHROPIC, "/v1/messages", body(true), counts),
        case(VERTEX, vertex("rawPredict"), on_cloud(false), counts),
        case(VERTEX, vertex("streamRawPredict"), on_cloud(true), counts),
        case(BEDROCK, bedrock("invoke"), invoke.clone(), counts),
        case(BEDROCK, bedrock("invoke-with-response-stream"), invoke, counts),
    ]
}

/// Google counts thoughts beside the output, and cached tokens in the prompt.
fn google() -> Vec<Case> {
    let body = json!({"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]});
    let counts = [Some(70), Some(40), Some(30), Some(10), Some(150)];
    let gemini =
        |method: &str| -> &'static str { format!("/v1beta/models/gemini-2.5-flash:{method}").leak() };
    let vertex = |method: &str| -> &'static str {
        format!("/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.5-flash:{method}")
            .leak()
    };
    let methods = ["generateContent", "streamGenerateContent", "streamGenerateContent?alt=sse"];
    methods
        .into_iter()
        .flat_map(|method| [(GEMINI, gemini(method)), (VERTEX, vertex(method))])
        .map(|(target, path)| case(target, path, body.clone(), counts))
        .collect()
}

/// Bedrock counts the cache beside the input, and its models know no reasoning; its total has no cache in it here.
fn bedrock() -> Vec<Case> {
    let converse = json!({"messages": [{"role": "user", "content": [{"text": "Hi"}]}]});
    let counts = [Some(100), Some(40), Some(30), None, Some(140)];
    let flat = [Some(100), Some(40), None, None, Some(140)];
    let path = |model: &str, method: &str| -> &'static str { format!("/model/{model}/{method}").leak() };
    let (nova, llama) = ("amazon.nova-lite-v1%3A0", "meta.llama3-8b-instruct-v1%3A0");
    let prompt = json!({"prompt": "Hi"});
    vec![
        case(BEDROCK, path(nova, "converse"), converse.clone(), counts),
        case(BEDROCK, path(nova, "converse-stream"), converse.clone(), counts),
        case(BEDROCK, path(nova, "invoke"), converse.clone(), counts),
        case(BEDROCK, path(nova, "invoke-with-response-stream"), converse, counts),
        case(BEDROCK, path(llama, "invoke"), prompt.clone(), flat),
        case(BEDROCK, path(llama, "invoke-with-response-stream"), prompt, flat),
    ]
}

/// Cohere bills the prompt without the cached tokens; version 1 doesn't say how many those are.
fn cohere() -> Vec<Case> {
    let first = |stream: bool| json!({"message": "Hi", "stream": stream});
    let second = |stream: bool| json!({"model": "command-a-03-2025", "messages": [{"role": "user", "content": "Hi"}], "stream": stream});
    let (old, new) =
        ([Some(70), Some(40), None, None, Some(110)], [Some(70), Some(40), Some(30), None, Some(140)]);
    [false, true]
        .into_iter()
        .flat_map(|stream| {
            [case(COHERE, "/v1/chat", first(stream), old), case(COHERE, "/v2/chat", second(stream), new)]
        })
        .collect()
}

/// Returns the call, with further directives to the double.
fn call_of(case: &Case, directives: &str) -> Call<'static> {
    let call = Call::new("POST", case.path)
        .replace("Helicone-Target-Url", case.target)
        .header("Content-Type", "application/json")
        .double(&format!("{COUNTS}{directives}"))
        .with_body(case.body.to_string());
    match case.target {
        ANTHROPIC => call.header("x-api-key", "sk-ant-secret"),
        GEMINI => call.header("x-goog-api-key", "AIza-secret"),
        BEDROCK => call
            .without("Authorization")
            .header("aws-access-key", "AKIDEXAMPLE")
            .header("aws-secret-key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
        _ => call,
    }
}

/// Sends the call, with further directives to the double, and checks the row.
async fn check(house: &House, case: &Case, directives: &str) -> Result<Value> {
    let call = call_of(case, directives);
    let answer = house.exchange(&call).await?;
    ensure!(answer.head.status == 200, "{call:?}\n{answer:?}");
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    check_counts(case, &row)?;
    ensure!(!text(&row, "request_preview").is_empty() || row.get("request_preview").is_none(), "{row}");
    Ok(row)
}

/// Checks the counts of a row.
fn check_counts(case: &Case, row: &Value) -> Result<()> {
    let names = [
        "prompt_tokens",
        "completion_tokens",
        "prompt_cache_read_tokens",
        "reasoning_tokens",
        "total_tokens",
    ];
    for (name, expected) in names.into_iter().zip(case.expected) {
        let found = row.get(name).with_context(|| format!("{name}: {row}"))?;
        ensure!(*found == json!(expected), "{name} is {found}, not {expected:?}: {}\n{row}", case.path);
    }
    ensure!(text(row, "usage_source") == "provider", "{row}");
    Ok(())
}

async fn check_all(cases: Vec<Case>) -> Result<()> {
    let house = House::start().await?;
    for case in cases {
        for directives in ["", ",gzip"] {
            check(&house, &case, directives).await?;
        }
    }
    Ok(())
}

#[tokio::test]
async fn openais_counts_are_in_the_row() -> Result<()> {
    check_all(openai()).await
}

#[tokio::test]
async fn claudes_counts_are_in_the_row_wherever_it_is_served() -> Result<()> {
    check_all(anthropic()).await
}

#[tokio::test]
async fn googles_counts_are_in_the_row_in_each_form_of_stream() -> Result<()> {
    check_all(google()).await
}

#[tokio::test]
async fn bedrocks_counts_are_in_the_row_out_of_binary_frames_too() -> Result<()> {
    check_all(bedrock()).await
}

#[tokio::test]
async fn coheres_counts_are_in_the_row_in_both_versions() -> Result<()> {
    check_all(cohere()).await
}

/// Checks that answers are read to their ends of which only the beginning is kept, up to `kept` bytes.
async fn check_long(toml: &str, kept: u64) -> Result<()> {
    let house = House::with_toml(toml).await?;
    let cases = openai().into_iter().chain(anthropic()).chain(google()).chain(bedrock()).chain(cohere());
    for case in cases {
        for directives in [",events=1000", ",events=1000,gzip"] {
            let row = check(&house, &case, directives).await?;
            // What is not streamed doesn't become longer.
            let length = row.get("response_bytes").and_then(Value::as_u64).context("no response_bytes")?;
            let is_kept = text(&row, "response_body_state") == "stored";
            ensure!(is_kept == (length <= kept), "{length} bytes: {row}");
            // The first version of Cohere's API names no model.
            ensure!(!text(&row, "model").is_empty() || case.path == "/v1/chat", "{row}");
            if text(&row, "provider") == "OPENAI" {
                ensure!(row.get("cost").is_some_and(|cost| !cost.is_null()), "{row}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn answers_longer_than_what_is_kept_of_them_have_their_counts() -> Result<()> {
    check_long("[gateway]\nmax_buffered_body_bytes = \"32KiB\"\n", 32 << 10).await
}

#[tokio::test]
async fn who_leaves_after_the_last_frame_or_line_has_had_all_and_its_counts() -> Result<()> {
    let house = House::start().await?;
    let is_stream = |case: &Case| {
        case.path.contains("tream") || case.body.get("stream").is_some_and(|stream| *stream == json!(true))
    };
    let cases = anthropic().into_iter().chain(google()).chain(bedrock()).chain(cohere());
    for case in cases.filter(is_stream) {
        let whole = house.exchange(&call_of(&case, "")).await?.body.len();
        let mut client = house.client().await?;
        client.send(call_of(&case, ",delay-end-ms=600000").bytes()).await?;
        let head = client.read_head().await?;
        let mut body = client.body(&head, false)?;
        let mut seen = 0;
        while seen < whole {
            let Piece::Data { bytes, .. } = client.read_piece(&mut body).await? else {
                bail!("{} ended after {seen} of {whole} bytes", case.path);
            };
            seen += bytes.len();
        }
        drop(client);
        let row = house.row(&helicone_id(&head.headers)?).await?;
        expect_end(&row, "complete", 200).with_context(|| case.path.to_owned())?;
        check_counts(&case, &row)?;
    }
    Ok(())
}

#[tokio::test]
async fn a_request_longer_than_what_is_kept_of_it_has_its_model() -> Result<()> {
    let house = House::with_toml("[gateway]\nmax_buffered_body_bytes = \"32KiB\"\n").await?;
    let picture = json!({"type": "image_url", "image_url": {"url": "A".repeat(500_000)}});
    let words = json!({"type": "text", "text": "What is this?"});
    let body = json!({
        "messages": [{"role": "user", "content": [words, picture]}],
        "model": "gpt-4o-mini", "user": "u-1", "stream": false,
    });
    let counts = [Some(70), Some(30), Some(30), Some(10), Some(140)];
    let row =
        check(&house, &case("https://api.openai.com", "/v1/chat/completions", body, counts), "").await?;
    ensure!(text(&row, "request_body_state") == "truncated", "{row}");
    ensure!(text(&row, "request_model") == "gpt-4o-mini" && text(&row, "request_user_id") == "u-1", "{row}");
    ensure!(text(&row, "request_preview") == "What is this? [Image]", "{row}");
    Ok(())
}

#[tokio::test]
async fn a_stream_that_is_cut_has_no_counts() -> Result<()> {
    let house = House::start().await?;
    let body = json!({"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": [{"role": "user", "content": "Hi"}], "stream": true});
    let call = Call::new("POST", "/v1/messages")
        .replace("Helicone-Target-Url", ANTHROPIC)
        .header("x-api-key", "sk-ant-secret")
        .header("Content-Type", "application/json")
        .double(&format!("{COUNTS},cut-after=3"))
        .with_body(body.to_string());
    let answer = house.exchange(&call).await?;
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    ensure!(row.get("prompt_tokens") == Some(&Value::Null), "{row}");
    ensure!(text(&row, "usage_source") == "none", "{row}");
    Ok(())
}
