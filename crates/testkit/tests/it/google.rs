//! Gemini and Vertex AI: plain, as server-sent events, as a streamed array, and in error.

use anyhow::{Context, Result};
use bytes::Bytes;
use gatehouse_testkit::ProviderDouble;
use gatehouse_testkit::http1::Broken;
use serde_json::{Value, json};

use crate::support::{Site, double, field};

const MODEL: &str = "/v1beta/models/gemini-2.5-flash";
const VERTEX: &str = "/v1/projects/p/locations/us-central1/publishers/google/models/gemini-2.0-flash";

fn gemini(double: &ProviderDouble) -> Site<'_> {
    Site { double, host: "generativelanguage.googleapis.com", key: ("x-goog-api-key", "k") }
}

fn vertex(double: &ProviderDouble) -> Site<'_> {
    Site { double, host: "us-central1-aiplatform.googleapis.com", key: ("Authorization", "Bearer ya29.k") }
}

fn body() -> Value {
    json!({"contents": [{"role": "user", "parts": [{"text": "Say hello."}]}]})
}

/// Returns the data of server-sent events whose lines end as Google's do.
fn events(body: &[u8]) -> Result<Vec<Value>> {
    let text = std::str::from_utf8(body)?;
    let events = text.strip_suffix("\r\n\r\n").with_context(|| format!("{text:?}"))?.split("\r\n\r\n");
    events.map(|event| Ok(serde_json::from_str(event.strip_prefix("data: ").unwrap_or_default())?)).collect()
}

fn text_of(chunks: &[Value]) -> String {
    let text =
        |chunk: &Value| Some(chunk.pointer("/candidates/0/content/parts/0/text")?.as_str()?.to_owned());
    chunks.iter().filter_map(text).collect()
}

#[tokio::test]
async fn content_is_generated_with_usage() -> Result<()> {
    let double = double().await?;
    let target = format!("{MODEL}:generateContent");
    let directives = "prompt-tokens=100,completion-tokens=20,reasoning-tokens=7,cached-tokens=64";
    let answer = gemini(&double).post(&target, directives, &body()).await?;
    assert_eq!((answer.head.status, field(&answer, "server").as_str()), (200, "scaffolding on HTTPServer2"));
    let answer = answer.json()?;
    assert_eq!(answer["modelVersion"], "gemini-2.5-flash");
    assert_eq!(answer["candidates"][0]["finishReason"], "STOP");
    assert_eq!(text_of(std::slice::from_ref(&answer)), "Hello! How can I help you today?");
    let expected = json!({
        "promptTokenCount": 100,
        "candidatesTokenCount": 20,
        "thoughtsTokenCount": 7,
        "cachedContentTokenCount": 64,
        "totalTokenCount": 127,
        "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 100}],
        "candidatesTokensDetails": [{"modality": "TEXT", "tokenCount": 20}],
        "cacheTokensDetails": [{"modality": "TEXT", "tokenCount": 64}],
    });
    assert_eq!(answer["usageMetadata"], expected);
    Ok(())
}

#[tokio::test]
async fn events_end_with_crlf_and_count_up() -> Result<()> {
    let double = double().await?;
    let target = format!("{MODEL}:streamGenerateContent?alt=sse");
    let answer = gemini(&double).post(&target, "events=3,completion-tokens=30", &body()).await?;
    assert_eq!(field(&answer, "content-type"), "text/event-stream");
    let events = events(&answer.body)?;
    assert_eq!((events.len(), answer.chunks.len()), (3, 3));
    assert_eq!(text_of(&events), "Hello! How");
    let counts: Vec<&Value> =
        events.iter().map(|event| &event["usageMetadata"]["candidatesTokenCount"]).collect();
    assert_eq!(counts, [10, 20, 30]);
    let reasons: Vec<&Value> = events.iter().map(|event| &event["candidates"][0]["finishReason"]).collect();
    assert_eq!(reasons, [&Value::Null, &Value::Null, &json!("STOP")]);
    Ok(())
}

#[tokio::test]
async fn an_array_is_streamed_in_elements() -> Result<()> {
    let double = double().await?;
    let target = format!("{VERTEX}:streamGenerateContent?%24alt=json%3Benum-encoding%3Dint");
    let answer = vertex(&double).post(&target, "events=2", &body()).await?;
    assert!(field(&answer, "content-type").starts_with("application/json"));
    let [first, second, end] = answer.chunks.as_slice() else { panic!("{:?}", answer.chunks) };
    assert!(first.starts_with(b"[{") && first.ends_with(b"}\n"), "{first:?}");
    assert!(second.starts_with(b",\r\n{") && second.ends_with(b"}\n"), "{second:?}");
    assert_eq!(end, "]");
    let chunks: Vec<Value> = serde_json::from_slice(&answer.body)?;
    assert_eq!(text_of(&chunks), "Hello!");
    assert_eq!(chunks[0]["usageMetadata"], json!({"trafficType": 1}));
    assert_eq!(chunks[1]["usageMetadata"]["candidatesTokenCount"], 2);
    assert_eq!(chunks[1]["candidates"][0]["finishReason"], 1);
    assert!(chunks[1]["usageMetadata"].get("thoughtsTokenCount").is_none());
    assert_eq!(double.requests()[0].target, target);
    Ok(())
}

#[tokio::test]
async fn functions_are_called() -> Result<()> {
    let double = double().await?;
    let parameters = json!({"type": "OBJECT", "properties": {"days": {"type": "INTEGER"}}});
    let mut body = body();
    body["tools"] = json!([{"functionDeclarations": [{"name": "weather", "parameters": parameters}]}]);
    let target = format!("{MODEL}:generateContent");
    let answer = gemini(&double).post(&target, "", &body).await?.json()?;
    let part = &answer["candidates"][0]["content"]["parts"][0];
    assert_eq!(part["functionCall"], json!({"name": "weather", "args": {"days": 1}}));
    let result = json!({"functionResponse": {"name": "weather", "response": {}}});
    body["contents"].as_array_mut().unwrap().push(json!({"role": "user", "parts": [result]}));
    let answer = gemini(&double).post(&target, "", &body).await?.json()?;
    assert!(text_of(&[answer]).starts_with("Hello"));
    Ok(())
}

#[tokio::test]
async fn tokens_are_counted_and_texts_embedded() -> Result<()> {
    let double = double().await?;
    let site = gemini(&double);
    let counted = site.post(&format!("{MODEL}:countTokens"), "", &body()).await?.json()?;
    assert!(counted["totalTokens"].as_u64().unwrap() > 3);
    let embedding = "/v1beta/models/gemini-embedding-001";
    let one = site.post(&format!("{embedding}:embedContent"), "", &json!({"content": {}})).await?.json()?;
    assert_eq!(one["embedding"]["values"][1], -0.5);
    let two = json!({"requests": [{}, {}]});
    let two = site.post(&format!("{embedding}:batchEmbedContents"), "", &two).await?.json()?;
    assert_eq!(two["embeddings"].as_array().unwrap().len(), 2);
    let models = site.send("GET", "/v1beta/models", "", b"").await?.json()?;
    assert_eq!(models["models"][0]["name"], "models/gemini-2.5-pro");
    Ok(())
}

#[tokio::test]
async fn errors_have_googles_shape() -> Result<()> {
    let double = double().await?;
    let site = gemini(&double);
    let target = format!("{MODEL}:generateContent");
    let status_of =
        async |site: Site<'_>, target: &str, directives: &str, body: &[u8]| -> Result<(u16, Value)> {
            let answer = site.send("POST", target, directives, body).await?;
            let error = answer.json()?["error"].clone();
            assert_eq!(error["code"], answer.head.status);
            Ok((answer.head.status, error["status"].clone()))
        };
    let valid = body().to_string().into_bytes();
    let trailing_comma = b"{\"contents\": [{\"parts\": [{\"text\": \"x\"}]}],}";
    assert_eq!(status_of(site, &target, "", trailing_comma).await?, (400, json!("INVALID_ARGUMENT")));
    assert_eq!(double.requests()[0].body, trailing_comma.as_slice());
    assert_eq!(status_of(site, "/v1beta/models/gpt-4:generateContent", "", &valid).await?.0, 404);
    assert_eq!(status_of(site, &format!("{MODEL}:generate"), "", &valid).await?.0, 404);
    assert_eq!(status_of(site, "/v1beta/nothing", "", &valid).await?, (404, json!("NOT_FOUND")));
    let limited = (429, json!("RESOURCE_EXHAUSTED"));
    assert_eq!(status_of(site, &target, "status=429", &valid).await?, limited);
    let no_key = Site { key: ("x-other", ""), ..site };
    assert_eq!(status_of(no_key, &target, "", &valid).await?, (403, json!("PERMISSION_DENIED")));
    let wrong_key = Site { key: ("x-goog-api-key", "sk-invalid"), ..site };
    assert_eq!(status_of(wrong_key, &target, "", &valid).await?.0, 400);
    let key_in_query = no_key.send("POST", &format!("{target}?key=k"), "", &valid).await?;
    assert_eq!(key_in_query.head.status, 200);
    let no_token = Site { key: ("x-other", ""), ..vertex(&double) };
    assert_eq!(status_of(no_token, VERTEX, "", &valid).await?, (401, json!("UNAUTHENTICATED")));
    Ok(())
}

#[tokio::test]
async fn an_error_in_the_array_form_is_an_element() -> Result<()> {
    let double = double().await?;
    let target = format!("{VERTEX}:streamGenerateContent");
    let whole = vertex(&double).post(&target, "status=503", &body()).await?;
    assert_eq!((whole.head.status, &whole.json()?[0]["error"]["status"]), (503, &json!("UNAVAILABLE")));
    for (count, first) in [(0, "[{"), (1, ",\r\n{")] {
        let late = vertex(&double).post(&target, &format!("error-after={count}"), &body()).await?;
        assert!(late.chunks[count].starts_with(first.as_bytes()), "{:?}", late.chunks);
        let elements: Vec<Value> = serde_json::from_slice(&late.body)?;
        assert_eq!(elements[count]["error"]["code"], 503);
    }
    let sse = format!("{target}?alt=sse");
    let late = vertex(&double).post(&sse, "error-after=1", &body()).await?;
    assert_eq!(events(&late.body)?[1]["error"]["code"], 503);
    Ok(())
}

#[tokio::test]
async fn a_cut_stream_is_whole_up_to_the_cut() -> Result<()> {
    let double = double().await?;
    let target = format!("{MODEL}:streamGenerateContent");
    let array = gemini(&double).post(&target, "cut-after=2", &body()).await?;
    assert_eq!((array.chunks.len(), array.end), (2, Err(Broken::Closed)));
    let closed = [array.body, Bytes::from_static(b"]")].concat();
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&closed)?.len(), 2);
    let sse = gemini(&double).post(&format!("{target}?alt=sse"), "cut-after=2", &body()).await?;
    assert_eq!((events(&sse.body)?.len(), sse.end), (2, Err(Broken::Closed)));
    Ok(())
}

#[tokio::test]
async fn claude_on_vertex_answers_as_anthropic() -> Result<()> {
    let double = double().await?;
    let model = "/v1/projects/p/locations/us-east5/publishers/anthropic/models/claude-sonnet-4@20250514";
    let body = json!({"anthropic_version": "vertex-2023-10-16", "max_tokens": 9, "messages": []});
    let whole = vertex(&double).post(&format!("{model}:rawPredict"), "", &body).await?.json()?;
    assert_eq!((&whole["type"], &whole["model"]), (&json!("message"), &json!("claude-sonnet-4@20250514")));
    let stream = vertex(&double).post(&format!("{model}:streamRawPredict"), "", &body).await?;
    assert!(stream.body.starts_with(b"event: message_start\ndata: {"), "{:?}", stream.body);
    assert!(stream.body.ends_with(b"data: {\"type\":\"message_stop\"}\n\n"), "{:?}", stream.body);
    Ok(())
}
