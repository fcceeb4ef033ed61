//! Cohere's chat in both versions: plain, streamed, in error, and damaged.

use anyhow::Result;
use gatehouse_testkit::ProviderDouble;
use gatehouse_testkit::http1::Broken;
use serde_json::{Value, json};

use crate::support::{Site, double, field};

fn cohere(double: &ProviderDouble) -> Site<'_> {
    Site { double, host: "api.cohere.com", key: ("Authorization", "Bearer k") }
}

fn second(stream: bool) -> Value {
    let messages = json!([{"role": "user", "content": "Say hello."}]);
    json!({"model": "command-a-03-2025", "messages": messages, "stream": stream})
}

/// Returns names and data of server-sent events whose stream ends with `[DONE]`.
fn events(body: &[u8]) -> Result<Vec<(String, Value)>> {
    let text = std::str::from_utf8(body)?;
    let mut events: Vec<&str> = text.split_terminator("\n\n").collect();
    anyhow::ensure!(events.pop() == Some("data: [DONE]"), "no [DONE] in {text}");
    let parse = |event: &str| {
        let (name, data) = event.split_once('\n').unwrap_or_default();
        let data: Value = serde_json::from_str(data.strip_prefix("data: ").unwrap_or_default())?;
        Ok((name.strip_prefix("event: ").unwrap_or_default().to_owned(), data))
    };
    events.into_iter().map(parse).collect()
}

#[tokio::test]
async fn second_version_answers_whole() -> Result<()> {
    let double = double().await?;
    let directives = "prompt-tokens=100,completion-tokens=20,cached-tokens=60";
    let answer = cohere(&double).post("/v2/chat", directives, &second(false)).await?.json()?;
    assert_eq!(answer["message"]["content"][0]["text"], "Hello! How can I help you today?");
    assert_eq!(answer["finish_reason"], "COMPLETE");
    let expected = json!({
        "billed_units": {"input_tokens": 40, "output_tokens": 20},
        "tokens": {"input_tokens": 100, "output_tokens": 20},
        "cached_tokens": 60,
    });
    assert_eq!(answer["usage"], expected);
    Ok(())
}

#[tokio::test]
async fn second_version_streams_named_events() -> Result<()> {
    let double = double().await?;
    let answer = cohere(&double).post("/v2/chat", "events=2", &second(true)).await?;
    assert_eq!(field(&answer, "content-type"), "text/event-stream");
    let events = events(&answer.body)?;
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    let expected = "message-start content-start content-delta content-delta content-end message-end";
    assert_eq!(names.join(" "), expected);
    assert!(events.iter().all(|(name, data)| data["type"] == name.as_str()));
    let (_, end) = events.last().unwrap();
    assert_eq!(end["delta"]["usage"]["tokens"]["output_tokens"], 2);
    Ok(())
}

#[tokio::test]
async fn second_version_calls_tools() -> Result<()> {
    let double = double().await?;
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    let function = json!({"name": "weather", "parameters": parameters});
    let mut body = second(false);
    body["tools"] = json!([{"type": "function", "function": function}]);
    let whole = cohere(&double).post("/v2/chat", "", &body).await?.json()?;
    assert_eq!(whole["finish_reason"], "TOOL_CALL");
    assert_eq!(whole["message"]["tool_calls"][0]["function"]["arguments"], "{\"city\":\"Paris\"}");
    body["stream"] = json!(true);
    let events = events(&cohere(&double).post("/v2/chat", "", &body).await?.body)?;
    let pointer = "/delta/message/tool_calls/function/arguments";
    let arguments: String = events.iter().filter_map(|(_, data)| data.pointer(pointer)?.as_str()).collect();
    assert_eq!(arguments, "{\"city\":\"Paris\"}");
    Ok(())
}

#[tokio::test]
async fn first_version_answers_whole_and_in_lines() -> Result<()> {
    let double = double().await?;
    let mut body = json!({"message": "Say hello."});
    let whole = cohere(&double).post("/v1/chat", "", &body).await?.json()?;
    assert_eq!(whole["text"], "Hello! How can I help you today?");
    assert_eq!(whole["meta"]["tokens"]["output_tokens"], 9);
    body["stream"] = json!(true);
    let answer = cohere(&double).post("/v1/chat", "events=2", &body).await?;
    assert_eq!(field(&answer, "content-type"), "application/stream+json");
    let text = std::str::from_utf8(&answer.body)?;
    let lines: Vec<Value> = text.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let kinds: Vec<&str> = lines.iter().filter_map(|line| line["event_type"].as_str()).collect();
    assert_eq!(kinds, ["stream-start", "text-generation", "text-generation", "stream-end"]);
    assert_eq!(lines[3]["response"]["text"], "Hello!");
    assert_eq!(answer.chunks.len(), 4);
    Ok(())
}

#[tokio::test]
async fn errors_have_a_message() -> Result<()> {
    let double = double().await?;
    let site = cohere(&double);
    let status_of = async |site: Site<'_>, path: &str, directives: &str, body: Value| -> Result<u16> {
        let answer = site.post(path, directives, &body).await?;
        assert!(answer.json()?["message"].is_string());
        Ok(answer.head.status)
    };
    assert_eq!(status_of(site, "/v2/chat", "status=429", second(false)).await?, 429);
    assert_eq!(status_of(site, "/v2/chat", "", json!({"model": "gpt-4", "messages": []})).await?, 404);
    assert_eq!(status_of(site, "/v2/chat", "", json!({"model": "command-r"})).await?, 400);
    assert_eq!(status_of(site, "/v2/chatt", "", second(false)).await?, 404);
    let no_key = Site { key: ("x-other", ""), ..site };
    assert_eq!(status_of(no_key, "/v2/chat", "", second(false)).await?, 401);
    Ok(())
}

#[tokio::test]
async fn streams_fail_as_asked() -> Result<()> {
    let double = double().await?;
    let cut = cohere(&double).post("/v2/chat", "cut-after=3", &second(true)).await?;
    assert_eq!((cut.chunks.len(), cut.end), (3, Err(Broken::Closed)));
    let failed = cohere(&double).post("/v2/chat", "error-after=3", &second(true)).await?;
    let last = std::str::from_utf8(&failed.chunks[3])?;
    assert!(last.starts_with("event: message-end\ndata: ") && last.contains("\"ERROR\""), "{last}");
    Ok(())
}
