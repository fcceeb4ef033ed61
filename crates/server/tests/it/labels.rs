//! What every answer is marked with, and the label of a provider that nobody knows.

use anyhow::{Result, ensure};
use serde_json::json;

use crate::support::{Call, House, chat_body, helicone_id, text};

/// A host that is nobody's.
const UNKNOWN: &str = "https://llm.unknown.example";

// proves: Helicone-Id, Helicone-Status
#[tokio::test]
async fn every_answer_has_its_id_and_says_whether_the_call_succeeded() -> Result<()> {
    let house = House::start().await?;
    for (directives, status, mark) in [
        ("", 200, "success"),
        ("status=400", 400, "failed"),
        ("status=404", 404, "failed"),
        ("status=429", 429, "failed"),
        ("status=500", 500, "failed"),
    ] {
        for stream in [false, true] {
            let answer = house.exchange(&Call::chat(&chat_body(stream)).double(directives)).await?;
            let headers = &answer.head.headers;
            ensure!(answer.head.status == status, "{directives}: {answer:?}");
            ensure!(headers.text("helicone-status").as_deref() == Some(mark), "{directives}: {answer:?}");
            let row = house.row(&helicone_id(headers)?).await?;
            ensure!(row.get("response_status") == Some(&json!(status)), "{row}");
        }
    }
    // What the gateway itself answers is marked too.
    let refused = house.exchange(&Call::new("GET", "/v1/models").without("Helicone-Target-Url")).await?;
    ensure!(refused.head.headers.text("helicone-status").as_deref() == Some("failed"), "{refused:?}");
    helicone_id(&refused.head.headers).map(drop)
}

// proves: Helicone-Target-Provider
#[tokio::test]
async fn a_label_names_a_provider_that_the_table_does_not_know() -> Result<()> {
    let house = House::with_toml("[domains]\nmode = \"open\"").await?;
    let provider = async |call: Call<'static>| {
        let answer = house.exchange(&call).await?;
        ensure!(answer.head.status == 200, "{answer:?}");
        let row = house.row(&helicone_id(&answer.head.headers)?).await?;
        anyhow::Ok(text(&row, "provider").to_owned())
    };
    let unknown = || Call::chat(&chat_body(false)).replace("Helicone-Target-Url", UNKNOWN);
    ensure!(provider(unknown()).await? == "llm.unknown.example");
    ensure!(provider(unknown().header("Helicone-Target-Provider", "ACME")).await? == "ACME");
    ensure!(provider(unknown().header("Helicone-Target-Provider", "")).await? == "llm.unknown.example");
    let known = Call::chat(&chat_body(false)).header("Helicone-Target-Provider", "ACME");
    ensure!(provider(known).await? == "OPENAI", "a known provider has its own name");
    let received = house.double.wait_for(4).await?;
    ensure!(received.iter().all(|request| request.headers.get("helicone-target-provider").is_none()));
    Ok(())
}

// proves: Helicone-Cache-Control, Helicone-Experiment-Id
#[tokio::test]
async fn headers_that_helicone_keeps_as_properties_are_properties() -> Result<()> {
    let house = House::start().await?;
    let headers = [
        ("Helicone-Cache-Control", "max-age=60"),
        ("Helicone-Experiment-Id", "e-1"),
        ("Helicone-Prompt-Id", "greeting"),
        ("Helicone-Cache-Seed", "s-1"),
    ];
    let mut call = Call::chat(&chat_body(false));
    for (name, value) in headers {
        call = call.header(name, value);
    }
    let answer = house.exchange(&call).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    for (name, value) in headers {
        ensure!(row.pointer(&format!("/request_properties/{name}")) == Some(&json!(value)), "{name}: {row}");
    }
    Ok(())
}

// proves: Helicone-Rate-Limit-Policy
#[tokio::test]
async fn a_policy_counts_in_its_other_spelling_too() -> Result<()> {
    let house = House::start().await?;
    let call = Call::chat(&chat_body(false)).header("Helicone-Rate-Limit-Policy", "1;w=3600");
    for expected in [200, 429] {
        let answer = house.exchange(&call).await?;
        ensure!(answer.head.status == expected, "{answer:?}");
        let policy = answer.head.headers.text("helicone-ratelimit-policy");
        ensure!(policy.as_deref() == Some("1;w=3600"), "{answer:?}");
    }
    Ok(())
}
