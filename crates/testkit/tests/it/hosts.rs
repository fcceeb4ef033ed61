//! Every provider's host: certificate, resolution, the OpenAI-compatible ones' own ways, and echoes.

use anyhow::Result;
use gatehouse_testkit::ProviderDouble;
use gatehouse_testkit::client::RawClient;
use gatehouse_testkit::hosts::{self, Api, PROVIDER_HOSTS, api_of};
use serde_json::{Value, json};

use crate::support::{Site, chat_body, double, events, field};

fn site<'a>(double: &'a ProviderDouble, host: &'a str) -> Site<'a> {
    Site { double, host, key: ("Authorization", "Bearer k") }
}

#[tokio::test]
async fn every_host_is_certified_and_led_to_the_double() -> Result<()> {
    let double = double().await?;
    let toml: toml::Table = double.upstream_toml().parse()?;
    let resolve = toml["upstream"]["resolve"].as_table().unwrap();
    assert_eq!(resolve.len(), hosts::resolved().count());
    for host in hosts::resolved() {
        assert_eq!(resolve[&format!("{host}:443")].as_str(), Some(double.address().to_string().as_str()));
    }
    let families = ["asia-south1-aiplatform.googleapis.com", "a.openai.azure.com", "a.azure-api.net"];
    for host in hosts::resolved().chain(families) {
        RawClient::connect_tls(double.address(), host, double.ca()).await?;
    }
    Ok(())
}

#[test]
fn hosts_are_told_by_their_whole_names() {
    let known = PROVIDER_HOSTS.iter().filter(|(host, api)| api_of(host) == Some(*api)).count();
    assert_eq!(known, PROVIDER_HOSTS.len());
    assert_eq!(api_of("API.Groq.COM.:443"), Some(Api::Groq));
    assert_eq!(api_of("x.openai.azure.com"), Some(Api::Azure));
    assert_eq!(api_of("bedrock-runtime.ap-south-1.amazonaws.com"), Some(Api::Bedrock));
    for stranger in ["api.openai.com.evil.test", "openai.com", "evilapi.openai.com", "127.0.0.1:80", "::1"] {
        assert_eq!(api_of(stranger), None, "{stranger}");
    }
}

#[tokio::test]
async fn chats_are_answered_behind_every_prefix() -> Result<()> {
    let double = double().await?;
    for (host, target) in [
        ("api.groq.com", "/openai/v1/chat/completions"),
        ("api.fireworks.ai", "/inference/v1/chat/completions"),
        ("openrouter.ai", "/api/v1/chat/completions"),
        ("api.perplexity.ai", "/chat/completions"),
        ("gateway.ai.cloudflare.com", "/v1/account/gateway/openai/chat/completions"),
        ("generativelanguage.googleapis.com", "/v1beta/openai/chat/completions"),
        ("qstash.upstash.io", "/llm/v1/chat/completions"),
        ("llm.unknown.example", "/v1/chat/completions"),
    ] {
        let whole = site(&double, host).post(target, "", &chat_body(false)).await?.json()?;
        assert_eq!(whole["usage"]["completion_tokens"], 9, "{host}");
        let stream = site(&double, host).post(target, "", &chat_body(true)).await?;
        assert!(stream.body.ends_with(b"data: [DONE]\n\n"), "{host}");
        let received = double.requests().pop().unwrap();
        assert_eq!((received.sni.as_deref(), received.target.as_str()), (Some(host), target));
    }
    Ok(())
}

#[tokio::test]
async fn azure_wants_its_version_and_takes_the_model_from_the_path() -> Result<()> {
    let double = double().await?;
    let azure = Site { key: ("api-key", "k"), ..site(&double, "acme.openai.azure.com") };
    let path = "/openai/deployments/gpt-4o-mini/chat/completions";
    let body = json!({"messages": []});
    let whole = azure.post(&format!("{path}?api-version=2024-06-01"), "", &body).await?.json()?;
    assert_eq!(whole["model"], "gpt-4o-mini-2024-07-18");
    let missing = azure.post(path, "", &body).await?;
    assert_eq!((missing.head.status, &missing.json()?["error"]["code"]), (404, &json!("404")));
    let target = format!("{path}?api-version=2024-06-01");
    let stream = azure.post(&target, "", &chat_body(true)).await?;
    let events = events(&stream.body)?;
    assert_eq!(events[0]["choices"], json!([]));
    assert!(events[0]["prompt_filter_results"].is_array());
    Ok(())
}

#[tokio::test]
async fn groq_tells_the_usage_beside_the_last_choice() -> Result<()> {
    let double = double().await?;
    let target = "/openai/v1/chat/completions";
    let mut body = chat_body(true);
    body["stream_options"] = Value::Null;
    let stream = site(&double, "api.groq.com").post(target, "events=2", &body).await?;
    let chunks = events(&stream.body)?;
    let last = chunks.last().unwrap();
    assert_eq!(last["choices"][0]["finish_reason"], "stop");
    assert_eq!(last["x_groq"]["usage"]["completion_tokens"], 2);
    assert!(last.get("usage").is_none());
    let together = site(&double, "api.together.xyz").post("/v1/chat/completions", "events=2", &body).await?;
    assert_eq!(events(&together.body)?.last().unwrap()["usage"]["completion_tokens"], 2);
    Ok(())
}

#[tokio::test]
async fn wrong_paths_get_the_providers_own_errors() -> Result<()> {
    let double = double().await?;
    for (host, pointer, expected) in [
        ("api.openai.com", "/error/message", "Invalid URL (POST /v1/chat/completetions)"),
        ("api.groq.com", "/error/code", "unknown_url"),
        ("acme.openai.azure.com", "/error/message", "Resource not found"),
        ("api.mistral.ai", "/message", "no Route matched with those values"),
        ("api.deepinfra.com", "/detail", "Not Found"),
        ("api.x.ai", "/error/type", "invalid_request_error"),
        ("api.anthropic.com", "/error/type", "not_found_error"),
        ("aiplatform.googleapis.com", "/error/status", "NOT_FOUND"),
        ("api.cohere.ai", "/message", "no route for POST /v1/chat/completetions"),
    ] {
        let answer = site(&double, host).post("/v1/chat/completetions", "", &chat_body(false)).await?;
        assert_eq!(answer.head.status, 404, "{host}");
        assert_eq!(answer.json()?.pointer(pointer), Some(&json!(expected)), "{host}");
    }
    let cloudflare = site(&double, "gateway.ai.cloudflare.com");
    let answer = cloudflare.post("/v1/account/gateway/nobody/x", "", &json!({})).await?;
    assert_eq!((answer.head.status, &answer.json()?["error"][0]["code"]), (400, &json!(2008)));
    Ok(())
}

#[tokio::test]
async fn older_endpoints_are_answered() -> Result<()> {
    let double = double().await?;
    let openai = site(&double, "api.openai.com");
    let prompt = json!({"model": "gpt-3.5-turbo-instruct", "prompt": "Say hello."});
    let whole = openai.post("/v1/completions", "", &prompt).await?.json()?;
    assert_eq!(
        (&whole["object"], &whole["usage"]["completion_tokens"]),
        (&json!("text_completion"), &json!(9))
    );
    let prompt = json!({"prompt": "Say hello.", "stream": true});
    let stream = openai.post("/v1/engines/davinci/completions", "events=2", &prompt).await?;
    let chunks = events(&stream.body)?;
    assert_eq!((chunks.len(), &chunks[1]["choices"][0]["text"]), (3, &json!("!")));
    assert_eq!(chunks[0]["model"], "davinci");
    let edit = openai.post("/v1/edits", "", &json!({"instruction": "x", "input": "y"})).await?.json()?;
    assert_eq!(edit["object"], "edit");
    let moderation = openai.post("/v1/moderations", "", &json!({"input": "x"})).await?.json()?;
    assert_eq!(moderation["results"][0]["flagged"], false);
    Ok(())
}

#[tokio::test]
async fn responses_are_answered_whole_and_in_events() -> Result<()> {
    let double = double().await?;
    let openai = site(&double, "api.openai.com");
    let mut body = json!({"model": "gpt-4o", "input": "Say hello."});
    let whole = openai.post("/v1/responses", "", &body).await?.json()?;
    assert_eq!(whole["output"][0]["content"][0]["text"], "Hello! How can I help you today?");
    body["stream"] = json!(true);
    let stream = openai.post("/v1/responses", "events=2", &body).await?;
    let text = std::str::from_utf8(&stream.body)?;
    let last = text.lines().filter_map(|line| line.strip_prefix("data: ")).next_back().unwrap();
    let last: Value = serde_json::from_str(last)?;
    assert_eq!((&last["type"], &last["sequence_number"]), (&json!("response.completed"), &json!(9)));
    assert_eq!(last["response"]["usage"]["output_tokens"], 2);
    Ok(())
}

#[tokio::test]
async fn other_hosts_and_paths_say_where_a_call_came() -> Result<()> {
    let double = double().await?;
    for (host, target) in [
        ("qstash.upstash.io", "/v2/publish/https://example.com/hook?x=%20"),
        ("api.firecrawl.dev", "/v0/scrape"),
        ("llm.unknown.example", "/generate//it"),
        ("other.unknown.example", "/model/predict"),
    ] {
        let echo = Site { key: ("x-other", ""), ..site(&double, host) };
        let answer = echo.post(target, "", &json!({})).await?;
        let path = target.split('?').next();
        assert_eq!(answer.json()?, json!({"ok": true, "host": host, "path": path}));
        assert_eq!(double.requests().pop().unwrap().target, target);
    }
    let failed = site(&double, "api.firecrawl.dev").post("/v0/scrape", "status=500", &json!({})).await?;
    assert_eq!(failed.head.status, 500);
    let claude = json!({"model": "claude-sonnet-4-5", "max_tokens": 9, "messages": []});
    let answer = site(&double, "openrouter.ai").post("/api/v1/messages", "", &claude).await?;
    assert!(!field(&answer, "anthropic-organization-id").is_empty());
    Ok(())
}
