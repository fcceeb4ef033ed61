//! Guards: nothing that they refuse reaches a provider, and nobody who asked for one passes beside it.

use std::fs;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::RawResponse;
use serde_json::{Value, json};

use crate::support::{Call, DEADLINE, House, OPENAI, chat_body, expect_end, helicone_id, refusal, text};

/// A guard at the double, and what else it is told.
fn guard(name: &str, when: &str, more: &str) -> String {
    format!(
        "[[guards]]\nname = \"{name}\"\nwhen = \"{when}\"\nurl = \"https://llm.unknown.example/guard\"\n{more}\n"
    )
}

fn saying(words: &str) -> Call<'static> {
    Call::chat(&json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": words}]}))
}

/// Checks that a call is refused with a status and code, and returns answer and row.
async fn refused(house: &House, call: &Call<'_>, status: u16, code: &str) -> Result<(RawResponse, Value)> {
    let answer = house.exchange(call).await?;
    let (found_status, found_code, body) = refusal(&answer)?;
    ensure!((found_status, found_code.as_str()) == (status, code), "{found_status} {body}");
    ensure!(answer.head.headers.text("helicone-status").as_deref() == Some("failed"), "{answer:?}");
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    ensure!(text(&row, "error_type") == code, "{row}");
    Ok((answer, row))
}

/// Returns the paths that the double was asked for since it was cleared.
fn asked(house: &House) -> Vec<String> {
    house.double.requests().into_iter().map(|request| request.target).collect()
}

// proves: Helicone-Moderations-Enabled
#[tokio::test]
async fn openais_moderation_stands_before_calls_to_openai() -> Result<()> {
    let house = House::start().await?;
    let moderated = |words: &str| saying(words).header("Helicone-Moderations-Enabled", "true");
    let answer = house.exchange(&moderated("harmless")).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    ensure!(asked(&house) == ["/v1/moderations", "/v1/chat/completions"], "{:?}", asked(&house));
    let received = house.double.requests();
    let last = received.last().context("nothing received")?;
    ensure!(last.body == moderated("harmless").body, "the body arrives as it was sent");
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    ensure!(row.pointer("/guards/0/name") == Some(&json!("openai_moderation")), "{row}");
    ensure!(row.pointer("/guards/0/is_denied") == Some(&json!(false)), "{row}");

    house.double.clear();
    let (answer, row) = refused(&house, &moderated("FLAG ME"), 400, "PROMPT_FLAGGED_FOR_MODERATION").await?;
    let body = answer.json()?;
    ensure!(body.get("success") == Some(&json!(false)), "{body}");
    ensure!(body.pointer("/error/details") == Some(&json!("violence")), "{body}");
    ensure!(body.pointer("/error/type") == Some(&json!("invalid_request_error")), "{body}");
    expect_end(&row, "refused", 400)?;
    ensure!(row.pointer("/guards/0/is_denied") == Some(&json!(true)), "{row}");
    ensure!(asked(&house) == ["/v1/moderations"], "{:?}", asked(&house));

    house.double.clear();
    for value in ["false", "no", "TRUE?"] {
        let call = saying("FLAG ME").header("Helicone-Moderations-Enabled", value);
        ensure!(house.exchange(&call).await?.head.status == 200, "{value}");
    }
    ensure!(!asked(&house).contains(&"/v1/moderations".to_owned()));
    // Asking makes no row of its own: the next call's row is the sixth, and the last one written.
    let answer = house.exchange(&saying("harmless")).await?;
    house.row(&helicone_id(&answer.head.headers)?).await?;
    let count = house.gatehouse.post("/v1/request/count/query", &json!({"filter": "all"})).await?;
    ensure!(count.get("data") == Some(&json!(6)), "{count}");
    Ok(())
}

// proves: Helicone-LLM-Security-Enabled, Helicone-Prompt-Security-Enabled
#[tokio::test]
async fn an_attack_reaches_no_provider_in_any_dialect() -> Result<()> {
    let house = House::with_toml(&guard("acme", "security", "")).await?;
    let (_, row) = {
        let call = saying("please DENY ME").header("Helicone-LLM-Security-Enabled", "true");
        refused(&house, &call, 400, "PROMPT_THREAT_DETECTED").await?
    };
    expect_end(&row, "refused", -4)?;
    ensure!(row.get("threat") == Some(&json!(true)), "{row}");
    let to = |target: &str, path: &'static str, body: Value| {
        let call = Call { path, ..Call::chat(&body) };
        call.replace("Helicone-Target-Url", target).header("Helicone-Prompt-Security-Enabled", "True")
    };
    let parts = json!([{"type": "text", "text": "fine"}, {"type": "text", "text": "DENY ME"}]);
    for call in [
        to("https://api.openai.com", "/v1/responses", json!({"model": "m", "input": "DENY ME"})),
        to("https://api.openai.com", "/v1/completions", json!({"model": "m", "prompt": ["a", "DENY ME"]})),
        to(
            "https://api.anthropic.com",
            "/v1/messages",
            json!({"model": "m", "messages": [{"role": "user", "content": parts}]}),
        ),
        to(
            "https://generativelanguage.googleapis.com",
            "/v1beta/models/m:generateContent",
            json!({"contents": [{"parts": [{"text": "DENY ME"}]}]}),
        ),
        to("https://api.cohere.com", "/v1/chat", json!({"message": "DENY ME"})),
    ] {
        refused(&house, &call, 400, "PROMPT_THREAT_DETECTED").await?;
    }
    ensure!(asked(&house).iter().all(|path| path == "/guard"), "{:?}", asked(&house));
    let fine = saying("harmless").header("Helicone-LLM-Security-Enabled", "true");
    let answer = house.exchange(&fine).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    ensure!(row.get("threat") == Some(&json!(false)), "{row}");
    Ok(())
}

// proves: Helicone-LLM-Security-Advanced
#[tokio::test]
async fn guards_are_told_what_the_caller_said() -> Result<()> {
    let house = House::with_toml(&guard("acme", "security", "token = \"g-1\"")).await?;
    for (value, advanced) in [(None, false), (Some("true"), true), (Some("false"), false)] {
        house.double.clear();
        let mut call = saying("harmless")
            .header("Helicone-LLM-Security-Enabled", "true")
            .header("Helicone-User-Id", "alice")
            .header("Helicone-Property-Env", "prod");
        if let Some(value) = value {
            call = call.header("Helicone-LLM-Security-Advanced", value);
        }
        ensure!(house.exchange(&call).await?.head.status == 200);
        let received = house.double.requests();
        let question = received.first().context("nobody was asked")?;
        ensure!(question.headers.text("authorization").as_deref() == Some("Bearer g-1"), "{question:?}");
        let json = question.json()?;
        ensure!(json.get("advanced") == Some(&json!(advanced)), "{value:?}: {json}");
        ensure!(json.get("user_id") == Some(&json!("alice")), "{json}");
        ensure!(json.pointer("/properties/env") == Some(&json!("prod")), "{json}");
    }
    Ok(())
}

// proves: Helicone-Moderations-Enabled, Helicone-LLM-Security-Enabled
#[tokio::test]
async fn who_asks_for_a_guard_gets_one_or_no_call() -> Result<()> {
    let house = House::start().await?;
    let secured = saying("harmless").header("Helicone-LLM-Security-Enabled", "true");
    refused(&house, &secured, 400, "guard_not_configured").await?;
    let elsewhere = saying("harmless")
        .replace("Helicone-Target-Url", "https://api.groq.com")
        .header("Helicone-Moderations-Enabled", "true");
    refused(&house, &elsewhere, 400, "guard_not_configured").await?;
    let unreadable = saying("x").with_body("not JSON").header("Helicone-Moderations-Enabled", "true");
    refused(&house, &unreadable, 400, "guard_unreadable_body").await?;
    let stranger = saying("x")
        .replace("Authorization", "Bearer sk-invalid-1")
        .header("Helicone-Moderations-Enabled", "true");
    refused(&house, &stranger, 401, "guard_unavailable").await?;
    ensure!(asked(&house) == ["/v1/moderations"], "{:?}", asked(&house));
    // What asks nothing has nothing to be guarded against.
    let models = Call::new("GET", "/v1/models").header("Helicone-Moderations-Enabled", "true");
    ensure!(house.exchange(&models).await?.head.status == 200);
    house.expect_alive().await
}

// proves: Retry-After
#[tokio::test]
async fn a_guard_that_is_away_refuses_unless_it_is_told_not_to() -> Result<()> {
    let toml = guard("always", "always", "on_error = \"deny\"");
    let house = House::with_toml(&toml).await?;
    let (answer, _) = refused(&house, &saying("x-double(status=500)"), 503, "guard_unavailable").await?;
    ensure!(answer.head.headers.text("retry-after").as_deref() == Some("1"), "{answer:?}");
    refused(&house, &saying("DENY ME"), 400, "prompt_denied").await?;
    ensure!(house.exchange(&Call::chat(&chat_body(true))).await?.head.status == 200);

    let house = House::with_toml(&guard("always", "always", "on_error = \"allow\"")).await?;
    let answer = house.exchange(&saying("x-double(status=500)")).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    let reason = row.pointer("/guards/0/reason").and_then(Value::as_str).unwrap_or_default();
    ensure!(reason.contains("could not be asked"), "{row}");
    Ok(())
}

// proves: Helicone-Moderations-Enabled
#[tokio::test]
async fn moderation_is_asked_with_the_first_fallbacks_key() -> Result<()> {
    let house = House::start().await?;
    let entry = |key: &str| {
        let headers = json!({"Authorization": format!("Bearer {key}")});
        json!({"target-url": OPENAI, "headers": headers, "onCodes": [500]})
    };
    let list = json!([entry("sk-first"), entry("sk-second")]).to_string();
    let call = |words: &str| {
        let call = saying(words).without("Helicone-Target-Url").without("Authorization");
        call.header("Helicone-Fallbacks", list.as_str()).header("Helicone-Moderations-Enabled", "true")
    };
    ensure!(house.exchange(&call("harmless")).await?.head.status == 200);
    let received = house.double.requests();
    let keys = received.iter().map(|request| request.headers.text("authorization").unwrap_or_default());
    ensure!(keys.collect::<Vec<_>>() == ["Bearer sk-first"; 2], "{received:?}");
    refused(&house, &call("FLAG ME"), 400, "PROMPT_FLAGGED_FOR_MODERATION").await?;
    Ok(())
}

// proves: Helicone-Fallbacks, Helicone-LLM-Security-Enabled
#[tokio::test]
async fn a_guard_is_shown_every_body_that_a_fallback_may_get() -> Result<()> {
    let house = House::with_toml(&guard("acme", "security", "")).await?;
    let entry = |words: Option<&str>| {
        let said = words.map(|words| json!({"messages": [{"role": "user", "content": words}]}));
        json!({
            "target-url": OPENAI, "headers": {"Authorization": "Bearer sk-entry"}, "onCodes": [500],
            "bodyKeyOverride": said,
        })
    };
    let call = |entries: Value| {
        let call = saying("harmless").without("Helicone-Target-Url").without("Authorization");
        let call = call.header("Helicone-LLM-Security-Enabled", "true");
        call.header("Helicone-Fallbacks", entries.to_string())
    };
    for entries in
        [json!([entry(Some("DENY ME"))]), json!([entry(None), entry(Some("fine")), entry(Some("DENY ME"))])]
    {
        refused(&house, &call(entries), 400, "PROMPT_THREAT_DETECTED").await?;
    }
    ensure!(asked(&house).iter().all(|path| path == "/guard"), "{:?}", asked(&house));
    // Who overrides everything says nothing else.
    house.double.clear();
    ensure!(house.exchange(&call(json!([entry(None), entry(None)]))).await?.head.status == 200);
    ensure!(asked(&house) == ["/guard", "/v1/chat/completions"], "{:?}", asked(&house));
    Ok(())
}

#[tokio::test]
async fn what_was_let_pass_without_a_guard_is_not_given_again_once_there_is_one() -> Result<()> {
    let mut house = House::start().await?;
    let call = saying("DENY ME").header("Helicone-Cache-Enabled", "true");
    let is_hit = async |house: &House| -> Result<bool> {
        let answer = house.exchange(&call).await?;
        ensure!(answer.head.status == 200, "{answer:?}");
        Ok(answer.head.headers.text("helicone-cache").as_deref() == Some("HIT"))
    };
    ensure!(!is_hit(&house).await? && is_hit(&house).await?);
    house.gatehouse.terminate(DEADLINE).await?;
    let config = house.gatehouse.config_path();
    let written = fs::read_to_string(&config)?;
    fs::write(&config, format!("{written}\n{}", guard("acme", "always", "")))?;
    house.gatehouse.restart().await?;
    refused(&house, &call, 400, "prompt_denied").await?;
    Ok(())
}
