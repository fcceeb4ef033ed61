//! AWS Bedrock: plain, in binary frames, in error, damaged, and with signatures.

use anyhow::{Context, Result};
use base64::Engine as _;
use gatehouse_testkit::ProviderDouble;
use gatehouse_testkit::client::request;
use gatehouse_testkit::http1::Broken;
use serde_json::{Value, json};

use crate::frames::frames;
use crate::support::{Site, connect, double, field};

const HOST: &str = "bedrock-runtime.us-east-1.amazonaws.com";
const CLAUDE: &str = "/model/anthropic.claude-3-5-sonnet-20241022-v2%3A0";
const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=AKIAOTHER/20250101/us-east-1/bedrock/aws4_request, \
                      SignedHeaders=host, Signature=00";

fn bedrock(double: &ProviderDouble) -> Site<'_> {
    Site { double, host: HOST, key: ("Authorization", SIGNED) }
}

fn body() -> Value {
    json!({"messages": [{"role": "user", "content": [{"text": "Say hello."}]}]})
}

#[tokio::test]
async fn converse_answers_whole() -> Result<()> {
    let double = double().await?;
    let target = format!("{CLAUDE}/converse");
    let answer = bedrock(&double).post(&target, "prompt-tokens=100,completion-tokens=20", &body()).await?;
    assert!(!field(&answer, "x-amzn-requestid").is_empty());
    let answer = answer.json()?;
    let text = "Hello! How can I help you today?";
    assert_eq!(answer["output"]["message"], json!({"role": "assistant", "content": [{"text": text}]}));
    assert_eq!(answer["stopReason"], "end_turn");
    assert_eq!(answer["usage"]["inputTokens"], 100);
    assert_eq!(answer["usage"]["outputTokens"], 20);
    assert_eq!(answer["usage"]["totalTokens"], 120);
    assert!(answer["metrics"]["latencyMs"].is_u64());
    assert_eq!(double.requests()[0].target, target);
    Ok(())
}

#[tokio::test]
async fn converse_streams_one_frame_a_chunk() -> Result<()> {
    let double = double().await?;
    let target = format!("{CLAUDE}/converse-stream");
    let answer = bedrock(&double).post(&target, "events=2", &body()).await?;
    assert_eq!(field(&answer, "content-type"), "application/vnd.amazon.eventstream");
    let frames = frames(&answer.body)?;
    assert_eq!(frames.len(), answer.chunks.len());
    let kinds: Vec<&str> = frames.iter().map(|frame| frame.header(":event-type")).collect();
    let expected = "messageStart contentBlockDelta contentBlockDelta contentBlockStop messageStop metadata";
    assert_eq!(kinds.join(" "), expected);
    assert!(frames.iter().all(|frame| frame.header(":message-type") == "event"));
    assert!(frames.iter().all(|frame| frame.header(":content-type") == "application/json"));
    assert_eq!(frames[1].payload["delta"]["text"], "Hello");
    assert_eq!(frames[5].payload["usage"]["outputTokens"], 2);
    Ok(())
}

#[tokio::test]
async fn converse_calls_tools() -> Result<()> {
    let double = double().await?;
    let schema = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let tool = json!({"toolSpec": {"name": "weather", "inputSchema": {"json": schema}}});
    let mut body = body();
    body["toolConfig"] = json!({"tools": [tool]});
    let whole = bedrock(&double).post(&format!("{CLAUDE}/converse"), "", &body).await?.json()?;
    assert_eq!(whole["stopReason"], "tool_use");
    assert_eq!(whole["output"]["message"]["content"][0]["toolUse"]["input"], json!({"city": "Paris"}));
    let stream = bedrock(&double).post(&format!("{CLAUDE}/converse-stream"), "", &body).await?;
    let frames = frames(&stream.body)?;
    assert_eq!(frames[1].payload["start"]["toolUse"]["name"], "weather");
    let pieces = frames.iter().filter_map(|frame| frame.payload["delta"]["toolUse"]["input"].as_str());
    assert_eq!(pieces.collect::<String>(), "{\"city\":\"Paris\"}");
    Ok(())
}

#[tokio::test]
async fn invoke_answers_as_the_models_maker() -> Result<()> {
    let double = double().await?;
    let claude = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": []});
    let answer = bedrock(&double).post(&format!("{CLAUDE}/invoke"), "", &claude).await?;
    assert_eq!(field(&answer, "x-amzn-bedrock-output-token-count"), "9");
    let answer = answer.json()?;
    assert_eq!((&answer["type"], &answer["usage"]["output_tokens"]), (&json!("message"), &json!(9)));
    assert_eq!(answer["model"], "claude-3-5-sonnet-20241022");
    let prompt = json!({"prompt": "x"});
    let llama = bedrock(&double).post("/model/meta.llama3-8b-instruct-v1:0/invoke", "", &prompt).await?;
    assert_eq!(llama.json()?["generation_token_count"], 9);
    let nova = bedrock(&double).post("/model/us.amazon.nova-lite-v1:0/invoke", "", &body()).await?.json()?;
    assert_eq!(nova["usage"]["outputTokens"], 9);
    Ok(())
}

#[tokio::test]
async fn invoke_streams_the_makers_events_in_base64() -> Result<()> {
    let double = double().await?;
    let body = json!({"anthropic_version": "bedrock-2023-05-31", "max_tokens": 9, "messages": []});
    let target = format!("{CLAUDE}/invoke-with-response-stream");
    let answer = bedrock(&double).post(&target, "events=1,prompt-tokens=12", &body).await?;
    let mut events = Vec::new();
    for frame in frames(&answer.body)? {
        assert_eq!(frame.header(":event-type"), "chunk");
        let bytes = frame.payload["bytes"].as_str().context("bytes")?;
        let event = base64::engine::general_purpose::STANDARD.decode(bytes)?;
        events.push(serde_json::from_slice::<Value>(&event)?);
    }
    let kinds: Vec<&str> = events.iter().filter_map(|event| event["type"].as_str()).collect();
    let expected = "message_start content_block_start content_block_delta content_block_stop message_delta \
                    message_stop";
    assert_eq!(kinds.join(" "), expected);
    let metrics = &events[5]["amazon-bedrock-invocationMetrics"];
    assert_eq!((&metrics["inputTokenCount"], &metrics["outputTokenCount"]), (&json!(12), &json!(1)));
    Ok(())
}

#[tokio::test]
async fn errors_tell_their_type_in_a_header() -> Result<()> {
    let double = double().await?;
    let error_of =
        async |site: Site<'_>, target: &str, directives: &str, body: &str| -> Result<(u16, String)> {
            let answer = site.send("POST", target, directives, body.as_bytes()).await?;
            assert!(answer.json()?["message"].is_string());
            Ok((answer.head.status, field(&answer, "x-amzn-ErrorType")))
        };
    let site = bedrock(&double);
    let target = format!("{CLAUDE}/converse");
    let valid = body().to_string();
    let throttled = error_of(site, &target, "status=429", &valid).await?;
    assert_eq!(throttled, (429, "ThrottlingException".to_owned()));
    let unsigned = Site { key: ("Authorization", "Bearer sk-test"), ..site };
    let refused = error_of(unsigned, &target, "", &valid).await?;
    assert_eq!(refused, (403, "MissingAuthenticationTokenException".to_owned()));
    let invalid = (400, "ValidationException".to_owned());
    assert_eq!(error_of(site, &target, "", "{}").await?, invalid);
    assert_eq!(error_of(site, "/model/gpt-4/converse", "", &valid).await?, invalid);
    assert_eq!(error_of(site, &target, "", "{").await?.1, "SerializationException");
    let unknown = (404, "UnknownOperationException".to_owned());
    assert_eq!(error_of(site, &format!("{CLAUDE}/converse-streams"), "", &valid).await?, unknown);
    Ok(())
}

#[tokio::test]
async fn damaged_streams_break_between_frames() -> Result<()> {
    let double = double().await?;
    let target = format!("{CLAUDE}/converse-stream");
    let cut = bedrock(&double).post(&target, "cut-after=2", &body()).await?;
    assert_eq!((frames(&cut.body)?.len(), cut.end), (2, Err(Broken::Closed)));
    let failed = bedrock(&double).post(&target, "error-after=2", &body()).await?;
    let frames = frames(&failed.body)?;
    assert_eq!(frames[2].header(":message-type"), "exception");
    assert_eq!(frames[2].header(":exception-type"), "internalServerException");
    assert!(frames[2].payload["message"].is_string());
    Ok(())
}

/// What botocore 1.43 makes of the request below with the credentials of AWS's own examples.
const SIGNATURE: &str = "b9b9828f27ac064d9225911c93b1f5ac6e7f15ab30d39be10e5a38af7de9a2ba";

/// Sends the signed request to `host` with `further` fields and with `body`, which may not be what was signed.
async fn send_signed(host: &str, further: &[(&str, &str)], body: &[u8]) -> Result<(u16, String)> {
    let double = double().await?;
    let scope = "AKIAIOSFODNN7EXAMPLE/20250101/us-east-1/bedrock/aws4_request";
    let signed = "content-type;host;x-amz-date";
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={signed}, Signature={SIGNATURE}");
    let mut headers = vec![
        ("Host", host),
        ("Content-Type", "application/json"),
        ("X-Amz-Date", "20250101T000000Z"),
        ("Authorization", authorization.as_str()),
    ];
    headers.extend_from_slice(further);
    let target = format!("{CLAUDE}/converse");
    let answer = connect(&double).await?.exchange(request("POST", &target, &headers, body)).await?;
    Ok((answer.head.status, field(&answer, "x-amzn-ErrorType")))
}

#[tokio::test]
async fn signatures_with_the_known_secret_are_checked() -> Result<()> {
    let body = br#"{"messages": []}"#;
    assert_eq!(send_signed(HOST, &[], body).await?, (200, String::new()));
    let refused = (403, "InvalidSignatureException".to_owned());
    assert_eq!(send_signed(HOST, &[], br#"{"messages": [] }"#).await?, refused);
    assert_eq!(send_signed("bedrock-runtime.eu-west-1.amazonaws.com", &[], body).await?, refused);
    assert_eq!(send_signed(HOST, &[("X-Amz-Security-Token", "t")], body).await?, refused);
    assert_eq!(send_signed(HOST, &[("X-Double", "events=1")], body).await?.0, 200);
    Ok(())
}
