//! Undamaged answers look like the providers' own.

use anyhow::Result;
use gatehouse_testkit::client::request;
use serde_json::{Value, json};

use crate::support::{chat, chat_body, chat_request, connect, double, events, post};

#[tokio::test]
async fn chat_names_the_snapshot_and_counts_tokens() -> Result<()> {
    let answer = chat("", false).await?;
    assert_eq!(answer.head.status, 200);
    let body = answer.json()?;
    assert_eq!(body["model"], "gpt-4o-mini-2024-07-18");
    assert_eq!(body["choices"][0]["message"]["content"], "Hello! How can I help you today?");
    let usage = &body["usage"];
    let total = usage["prompt_tokens"].as_u64().unwrap() + usage["completion_tokens"].as_u64().unwrap();
    assert_eq!(usage["total_tokens"], total);
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 0);
    assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 0);
    for name in ["x-request-id", "openai-processing-ms", "openai-organization", "date"] {
        assert!(answer.head.headers.get(name).is_some(), "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn directives_set_the_usage() -> Result<()> {
    let directives = "prompt-tokens=100, completion-tokens=20,cached-tokens=64,reasoning-tokens=7";
    let usage = chat(directives, false).await?.json()?["usage"].clone();
    assert_eq!(usage["total_tokens"], 120);
    assert_eq!(usage["prompt_tokens_details"]["cached_tokens"], 64);
    assert_eq!(usage["completion_tokens_details"]["reasoning_tokens"], 7);
    Ok(())
}

#[tokio::test]
async fn stream_sends_one_chunk_per_event_and_usage_when_asked() -> Result<()> {
    let answer = chat("events=3", true).await?;
    assert!(answer.head.headers.text("content-type").unwrap().starts_with("text/event-stream"));
    let events = events(&answer.body)?;
    assert_eq!(answer.chunks.len(), events.len() + 1);
    assert_eq!(events[0]["choices"][0]["delta"]["role"], "assistant");
    let text: String =
        events.iter().filter_map(|event| event["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, "Hello! How");
    let [.., finish, usage] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(finish["choices"][0]["finish_reason"], "stop");
    assert_eq!(finish["usage"], Value::Null);
    assert_eq!(usage["choices"], json!([]));
    assert_eq!(usage["usage"]["completion_tokens"], 3);
    Ok(())
}

#[tokio::test]
async fn stream_has_no_usage_unless_asked() -> Result<()> {
    let double = double().await?;
    let body = json!({"model": "gpt-4o", "messages": [], "stream": true});
    let answer = connect(&double).await?.exchange(chat_request("", &body)).await?;
    for event in events(&answer.body)? {
        assert_eq!(event["choices"].as_array().unwrap().len(), 1);
        assert!(event.get("usage").is_none());
    }
    Ok(())
}

#[tokio::test]
async fn tool_calls_come_whole_and_in_fragments() -> Result<()> {
    let double = double().await?;
    let mut client = connect(&double).await?;
    let parameters =
        json!({"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}});
    let mut body = chat_body(false);
    body["tools"] = json!([{"type": "function", "function": {"name": "weather", "parameters": parameters}}]);
    let expected = json!({"city": "Paris", "days": 1});

    let whole = client.exchange(chat_request("", &body)).await?.json()?;
    let choice = &whole["choices"][0];
    assert_eq!(choice["finish_reason"], "tool_calls");
    let call = &choice["message"]["tool_calls"][0]["function"];
    assert_eq!(call["name"], "weather");
    assert_eq!(serde_json::from_str::<Value>(call["arguments"].as_str().unwrap())?, expected);

    body["stream"] = json!(true);
    let events = events(&client.exchange(chat_request("", &body)).await?.body)?;
    let fragments: Vec<&str> = events
        .iter()
        .filter_map(|event| event["choices"][0]["delta"]["tool_calls"][0]["function"]["arguments"].as_str())
        .collect();
    assert!(fragments.len() > 3, "{fragments:?}");
    assert_eq!(serde_json::from_str::<Value>(&fragments.concat())?, expected);

    body["messages"].as_array_mut().unwrap().push(json!({"role": "tool", "content": "sunny"}));
    body["stream"] = json!(false);
    let last = client.exchange(chat_request("", &body)).await?.json()?;
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    Ok(())
}

#[tokio::test]
async fn embeddings_come_as_floats_and_in_base64() -> Result<()> {
    let double = double().await?;
    let mut client = connect(&double).await?;
    let mut body = json!({"model": "text-embedding-3-small", "input": ["a", "b"]});
    let floats = client.exchange(post("/v1/embeddings", "", body.to_string().as_bytes())).await?.json()?;
    assert_eq!(floats["data"][1]["embedding"], json!([0.25, -0.5, 0.125, 1.0]));
    body["encoding_format"] = json!("base64");
    let base64 = client.exchange(post("/v1/embeddings", "", body.to_string().as_bytes())).await?.json()?;
    assert_eq!(base64["data"][0]["embedding"], "AACAPgAAAL8AAAA+AACAPw==");
    Ok(())
}

#[tokio::test]
async fn refuses_as_the_provider_does() -> Result<()> {
    let double = double().await?;
    let mut client = connect(&double).await?;
    let mut status_of =
        async |method: &str, path: &str, key: &str, directives: &str| -> Result<(u16, Value)> {
            let headers = [("Host", "api.openai.com"), ("Authorization", key), ("x-double", directives)];
            let answer = client.exchange(request(method, path, &headers, b"{}")).await?;
            Ok((answer.head.status, answer.json()?["error"]["code"].clone()))
        };
    let chat = "/v1/chat/completions";
    assert_eq!(status_of("POST", chat, "", "").await?.0, 401);
    assert_eq!(status_of("POST", chat, "Basic eDp5", "").await?.0, 401);
    assert_eq!(status_of("POST", chat, "Bearer sk-invalid-1", "").await?, (401, json!("invalid_api_key")));
    assert_eq!(status_of("POST", chat, "Bearer k", "").await?.0, 400);
    assert_eq!(status_of("GET", "/v1/nothing", "Bearer k", "").await?.0, 404);
    assert_eq!(status_of("GET", "/v1/models", "Bearer k", "status=503").await?.0, 503);
    assert_eq!(
        status_of("POST", chat, "Bearer k", "status=429,retry-after=2").await?,
        (429, json!("rate_limit_exceeded"))
    );
    assert_eq!(status_of("POST", chat, "Bearer k", "no-such=1").await?, (400, json!("double_error")));
    Ok(())
}

#[tokio::test]
async fn retry_after_is_sent() -> Result<()> {
    let answer = chat("status=429, retry-after=2", false).await?;
    assert_eq!(answer.head.headers.text("Retry-After").as_deref(), Some("2"));
    assert_eq!(answer.head.reason, "Too Many Requests");
    Ok(())
}

#[tokio::test]
async fn anthropic_streams_named_events() -> Result<()> {
    let double = double().await?;
    let body = json!({"model": "claude-sonnet-4-5", "max_tokens": 9, "stream": true, "messages": []});
    let headers = [("Host", "api.anthropic.com"), ("x-api-key", "k"), ("x-double", "events=2")];
    let request = request("POST", "/v1/messages", &headers, body.to_string().as_bytes());
    let answer = connect(&double).await?.exchange(request).await?;
    let text = String::from_utf8(answer.body.to_vec())?;
    let names: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    let expected = "message_start content_block_start ping content_block_delta content_block_delta \
                    content_block_stop message_delta message_stop";
    assert_eq!(names.join(" "), expected);
    Ok(())
}

#[tokio::test]
async fn models_are_listed_and_head_has_no_body() -> Result<()> {
    let double = double().await?;
    let mut client = connect(&double).await?;
    let headers = [("Host", "api.openai.com"), ("Authorization", "Bearer k")];
    let head = client.exchange(request("HEAD", "/v1/models", &headers, b"")).await?;
    let list = client.exchange(request("GET", "/v1/models", &headers, b"")).await?;
    assert!(head.body.is_empty());
    assert_eq!(head.head.headers.text("content-length"), Some(list.body.len().to_string()));
    assert!(list.json()?["data"].as_array().unwrap().len() > 5);
    Ok(())
}
