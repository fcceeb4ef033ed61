//! What callers ask for beside the call itself, and what providers see of it.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::double::{Script, Step};
use serde_json::{Value, json};

use crate::support::{Call, House, chat_body, helicone_id, refusal, text};

/// A streamed call that does not ask for usage, with spaces and a member that nobody knows.
const STREAM: &str = r#"{ "model":"gpt-4o-mini", "stream" : true,"unknown":1.0, "messages":[{"role":"user","content":"Say hello."}]}"#;

fn chat(body: &str) -> Call<'static> {
    Call::new("POST", "/v1/chat/completions").header("Content-Type", "application/json").with_body(body)
}

/// Returns the body of the last call that the provider got.
fn sent(house: &House) -> Result<String> {
    let requests = house.double.requests();
    Ok(String::from_utf8_lossy(&requests.last().context("nothing arrived")?.body).into_owned())
}

// proves: Helicone-Stream-Usage
#[tokio::test]
async fn stream_usage_is_asked_for_and_all_else_stays_as_it_is() -> Result<()> {
    let house = House::start().await?;
    for (header, expected) in [
        ("true", STREAM.replacen("}]}", "}],\"stream_options\":{\"include_usage\":true}}", 1)),
        ("false", STREAM.to_owned()),
    ] {
        let answer = house.exchange(&chat(STREAM).header("Helicone-Stream-Usage", header)).await?;
        ensure!(answer.head.status == 200, "{answer:?}");
        ensure!(sent(&house)? == expected, "{}", sent(&house)?);
        let row = house.row(&helicone_id(&answer.head.headers)?).await?;
        let known = row.get("prompt_tokens").is_some_and(Value::is_number);
        ensure!(known == (header == "true"), "{row}");
        ensure!(row.get("request_body").is_some_and(|body| !body.to_string().contains("stream_options")));
    }
    // What does not stream, or is no JSON, is nobody's to change.
    for body in [r#"{"model":"gpt-4o-mini","messages":[]}"#, "not json"] {
        house.exchange(&chat(body).header("Helicone-Stream-Usage", "true")).await?;
        ensure!(sent(&house)? == body, "{}", sent(&house)?);
    }
    Ok(())
}

// proves: Helicone-Stream-Force-Format
#[tokio::test]
async fn events_are_passed_on_whole_however_they_came() -> Result<()> {
    let house = House::start().await?;
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let stream = "data: {\"a\":1}\n\ndata: zürich\n\ndata: [DONE]\n\n";
    let mut script = Script::bytes(head);
    for piece in stream.as_bytes().chunks(5) {
        let chunk = [format!("{:x}\r\n", piece.len()).as_bytes(), piece, b"\r\n"].concat();
        script = script.then(Step::Bytes(chunk.into()));
    }
    house.double.script("torn", script.then(Step::Bytes("0\r\n\r\n".into())));
    let call = || chat(STREAM).header("x-double-script", "torn");
    let forced = house.exchange(&call().header("Helicone-Stream-Force-Format", "true")).await?;
    ensure!(forced.body == stream.as_bytes() && forced.end.is_ok(), "{forced:?}");
    for chunk in &forced.chunks {
        ensure!(chunk.ends_with(b"\n\n"), "{:?}", chunk.escape_ascii().to_string());
    }
    let plain = house.exchange(&call()).await?;
    ensure!(plain.body == stream.as_bytes() && plain.end.is_ok(), "{plain:?}");
    Ok(())
}

// proves: Helicone-Stream-Force-Format
#[tokio::test]
async fn a_stream_of_known_length_comes_to_its_end_when_its_events_are_passed_on_whole() -> Result<()> {
    let house = House::start().await?;
    for stream in ["data: a\n\ndata: b\n\n", "data: a\n\ndata: unfinished"] {
        let length = stream.len();
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-length: {length}\r\n\r\n");
        let mut script = Script::bytes(head);
        for piece in stream.as_bytes().chunks(5) {
            script = script.then(Step::Bytes(piece.to_vec().into()));
        }
        house.double.script("known", script);
        let call = chat(STREAM).header("x-double-script", "known");
        let answer = house.exchange(&call.header("Helicone-Stream-Force-Format", "true")).await?;
        ensure!(answer.body == stream.as_bytes() && answer.end.is_ok(), "{answer:?}");
        let row = house.row(&helicone_id(&answer.head.headers)?).await?;
        crate::support::expect_end(&row, "complete", 200)?;
    }
    Ok(())
}

// proves: Helicone-Prompt-Id, Helicone-Prompt-Version, Helicone-Prompt-Mode
#[tokio::test]
async fn the_tags_of_a_prompt_are_taken_out_and_its_inputs_kept() -> Result<()> {
    let house = House::start().await?;
    let tagged = "Hi <helicone-prompt-input key=\\\"name\\\" >Ada</helicone-prompt-input>!";
    let body = format!(r#"{{"model":"gpt-4o-mini","messages":[{{"role":"user","content":"{tagged}"}}]}}"#);
    let call = chat(&body)
        .header("Helicone-Prompt-Id", "greeting")
        .header("Helicone-Prompt-Version", "3")
        .header("Helicone-Prompt-Mode", "testing");
    let answer = house.exchange(&call).await?;
    ensure!(sent(&house)? == body.replace(tagged, "Hi Ada!"), "{}", sent(&house)?);
    let id = helicone_id(&answer.head.headers)?;
    let row = house.row(&id).await?;
    ensure!(text(&row, "prompt_id") == "greeting" && text(&row, "prompt_version") == "3", "{row}");
    ensure!(row.pointer("/request_properties/Helicone-Prompt-Id") == Some(&json!("greeting")), "{row}");
    let inputs = house.gatehouse.get(&format!("/v1/request/{id}/inputs")).await?;
    ensure!(inputs.pointer("/data/inputs/name") == Some(&json!("Ada")), "{inputs}");
    let untagged = house.exchange(&chat(&body)).await?;
    ensure!(untagged.head.status == 200 && sent(&house)? == body, "only a prompt has tags");
    Ok(())
}

// proves: Helicone-Token-Limit-Exception-Handler
#[tokio::test]
async fn a_request_that_is_too_long_is_shortened_or_sent_to_another_model() -> Result<()> {
    const HANDLER: &str = "Helicone-Token-Limit-Exception-Handler";
    let house = House::start().await?;
    // Half a million tokens for a model that takes an eighth of a million.
    let long = "All work and no play makes Jack a dull boy. ".repeat(50_000);
    let body = |model: &str, text: &str| {
        json!({"model": model, "messages": [{"role": "user", "content": text}]}).to_string()
    };
    let two = "gpt-4o-mini,gpt-4.1";
    for (handler, model, text, is_changed) in [
        ("middle-out", "gpt-4o-mini", long.as_str(), true),
        ("middle-out", "gpt-4o-mini", "short", false),
        ("middle-out", "nobody-knows", long.as_str(), false),
        ("fallback", two, long.as_str(), true),
        ("fallback", two, "short", true),
        ("nonsense", "gpt-4o-mini", long.as_str(), false),
    ] {
        let body = body(model, text);
        house.exchange(&chat(&body).header(HANDLER, handler)).await?;
        let sent = sent(&house)?;
        ensure!((sent != body) == is_changed, "{handler} {model}");
        if handler == "fallback" {
            let expected = if text == "short" { "gpt-4o-mini" } else { "gpt-4.1" };
            let sent: Value = serde_json::from_str(&sent)?;
            ensure!(sent.get("model") == Some(&json!(expected)), "{handler}: {:?}", sent.get("model"));
        } else if is_changed {
            ensure!(sent.len() < 600_000 && sent.len() > 100_000, "{} bytes", sent.len());
        }
    }
    Ok(())
}

// proves: Helicone-Increase-Timeout
#[tokio::test]
async fn who_asks_for_time_gets_it() -> Result<()> {
    let house = House::with_toml("[gateway]\nfirst_byte_timeout = \"300ms\"\n").await?;
    let slow = || chat(STREAM).double("first-byte-delay-ms=1200");
    let (status, code, _) = refusal(&house.exchange(&slow()).await?)?;
    ensure!((status, code.as_str()) == (504, "first_byte_timeout"), "{status} {code}");
    let patient = house.exchange(&slow().header("Helicone-Increase-Timeout", "true")).await?;
    ensure!(patient.head.status == 200 && patient.end.is_ok(), "{patient:?}");
    Ok(())
}

#[tokio::test]
async fn an_origin_that_fails_again_and_again_is_left_alone() -> Result<()> {
    let toml = "[upstream]\ncircuit_breaker_failures = 3\ncircuit_breaker_pause = \"1s\"\n";
    let house = House::with_toml(toml).await?;
    let failing = || Call::chat(&chat_body(false)).double("status=500");
    for _ in 0..3 {
        ensure!(house.exchange(&failing()).await?.head.status == 500);
    }
    let refused = house.exchange(&failing()).await?;
    let (status, code, _) = refusal(&refused)?;
    ensure!((status, code.as_str()) == (503, "circuit_open"), "{refused:?}");
    ensure!(refused.head.headers.text("retry-after").as_deref() == Some("1"), "{refused:?}");
    ensure!(house.double.requests().len() == 3);
    // Others are not concerned, and after the pause one call finds it well again.
    let other = Call::chat(&chat_body(false)).replace("Helicone-Target-Url", "https://api.groq.com");
    ensure!(house.exchange(&other).await?.head.status == 200);
    let well = gatehouse_testkit::eventually(Duration::from_secs(20), async || {
        let answer = house.exchange(&Call::chat(&chat_body(false))).await?;
        Ok((answer.head.status == 200).then_some(()))
    });
    well.await?;
    ensure!(house.exchange(&Call::chat(&chat_body(false))).await?.head.status == 200);
    Ok(())
}

// proves: Helicone-Peyeeye-Enabled
#[tokio::test]
async fn nothing_is_sent_unredacted_that_was_to_be_redacted() -> Result<()> {
    let house = House::start().await?;
    let refused = house.exchange(&chat(STREAM).header("Helicone-Peyeeye-Enabled", "true")).await?;
    let (status, code, _) = refusal(&refused)?;
    ensure!((status, code.as_str()) == (400, "invalid_header_value"), "{refused:?}");
    ensure!(house.double.requests().is_empty());
    Ok(())
}
