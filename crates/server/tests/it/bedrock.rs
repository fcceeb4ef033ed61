//! Bedrock: the caller's credentials become a signature over exactly what is sent.

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::RawResponse;
use gatehouse_testkit::double::Received;
use gatehouse_testkit::eventually;

use crate::support::{Call, DEADLINE, House, helicone_id, refusal, text};

const CONVERSE: &str = r#"{"messages":[{"role":"user","content":[{"text":"Grüße"}]}], "x": 1 }"#;
const INVOKE: &str = r#"{"anthropic_version":"bedrock-2023-05-31","max_tokens":9, "messages":[{"role":"user","content":"Grüße"}]}"#;
const MODEL: &str = "/model/anthropic.claude-3-haiku-20240307-v1%3A0";

fn call(path: &'static str) -> Call<'static> {
    Call::new("POST", path)
        .without("Helicone-Target-Url")
        .without("Authorization")
        .replace("Host", "bedrock.helicone.ai")
        .header("Content-Type", "application/json")
        .header("Accept", "application/vnd.amazon.eventstream")
        .header("aws-access-key", "AKIDEXAMPLE")
        .header("aws-secret-key", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
        .with_body(CONVERSE)
}

fn path(operation: &str) -> &'static str {
    format!("/v1/us-east-1{MODEL}/{operation}").leak()
}

async fn exchange(house: &House, call: &Call<'_>) -> Result<(RawResponse, Received)> {
    let before = house.double.requests().len();
    let answer = house.exchange(call).await?;
    let received =
        house.double.wait_for(before + 1).await.with_context(|| format!("{call:?}\n{answer:?}"))?;
    Ok((answer, received.last().context("nothing arrived")?.clone()))
}

// proves: aws-access-key, aws-secret-key
#[tokio::test]
async fn calls_are_signed_for_the_region_in_their_path() -> Result<()> {
    let house = House::start().await?;
    for operation in ["converse", "converse-stream", "invoke", "invoke-with-response-stream"] {
        let body = if operation.starts_with("invoke") { INVOKE } else { CONVERSE };
        let (answer, received) = exchange(&house, &call(path(operation)).with_body(body)).await?;
        // The double checks the signature as AWS does.
        ensure!(answer.head.status == 200 && answer.end.is_ok(), "{operation}: {answer:?}");
        ensure!(received.sni.as_deref() == Some("bedrock-runtime.us-east-1.amazonaws.com"), "{received:?}");
        ensure!(received.target == format!("{MODEL}/{operation}"), "{received:?}");
        ensure!(received.body == body.as_bytes(), "{received:?}");
        let headers = &received.headers;
        let authorization = headers.text("authorization").context("not signed")?;
        ensure!(authorization.starts_with("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/"), "{authorization}");
        ensure!(authorization.contains("/us-east-1/bedrock/aws4_request"), "{authorization}");
        ensure!(headers.text("accept").as_deref() == Some("application/vnd.amazon.eventstream"));
        let seen = format!("{received:?}");
        ensure!(!seen.contains("wJalrXUtnFEMI") && !seen.contains("aws-secret-key"), "{seen}");
        let row = house.row(&helicone_id(&answer.head.headers)?).await?;
        ensure!(text(&row, "provider") == "AWS", "{row}");
        ensure!(!row.to_string().contains("wJalrXUtnFEMI"), "{row}");
    }
    Ok(())
}

// proves: aws-access-key, aws-secret-key, aws-session-token
#[tokio::test]
async fn a_signature_for_our_host_is_replaced_and_temporary_credentials_are_sent() -> Result<()> {
    let house = House::start().await?;
    let signed = call(path("converse"))
        .header(
            "Authorization",
            "AWS4-HMAC-SHA256 Credential=x/y, SignedHeaders=host;helicone-auth, Signature=z",
        )
        .header("X-Amz-Date", "20200101T000000Z")
        .header("X-Amz-Security-Token", "old")
        .header("aws-session-token", "FwoGZXIvYXdzEXAMPLE==");
    let (answer, received) = exchange(&house, &signed).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let headers = &received.headers;
    ensure!(headers.text("x-amz-security-token").as_deref() == Some("FwoGZXIvYXdzEXAMPLE=="), "{received:?}");
    ensure!(headers.text("x-amz-date").is_some_and(|date| date != "20200101T000000Z"), "{received:?}");
    // A token that stands where AWS reads it is signed too, where there is no other.
    let (answer, received) = exchange(&house, &signed.clone().without("aws-session-token")).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    ensure!(received.headers.text("x-amz-security-token").as_deref() == Some("old"), "{received:?}");
    // The same by the target header.
    let by_header = Call { path: "/model/amazon.nova-lite-v1%3A0/converse", ..signed }
        .replace("Host", "gateway.helicone.ai")
        .header("Helicone-Target-Url", "https://bedrock-runtime.eu-west-1.amazonaws.com");
    let (answer, received) = exchange(&house, &by_header).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    ensure!(
        received.headers.text("authorization").is_some_and(|value| value.contains("/eu-west-1/")),
        "{received:?}"
    );
    // Who signs for the provider's own host is not interfered with.
    let own = by_header.without("aws-access-key");
    let (_, received) = exchange(&house, &own).await?;
    ensure!(
        received.headers.text("authorization").is_some_and(|value| value.ends_with("Signature=z")),
        "{received:?}"
    );
    Ok(())
}

// proves: aws-access-key, aws-secret-key
#[tokio::test]
async fn calls_that_can_not_be_signed_are_refused_in_bedrocks_own_shape() -> Result<()> {
    let house = House::with_toml("[gateway]\nmax_buffered_body_bytes = \"1KiB\"\n").await?;
    let check = async |call: Call<'static>, status: u16, code: &str| -> Result<()> {
        let answer = house.exchange(&call).await?;
        let described = format!("{call:?}\n{answer:?}");
        let json = answer.json()?;
        let found = ["/error/code", "/code"].iter().find_map(|place| json.pointer(place)?.as_str());
        ensure!((answer.head.status, found) == (status, Some(code)), "{described}");
        Ok(())
    };
    check(call(path("converse")).without("aws-secret-key"), 400, "missing_aws_credentials").await?;
    check(call(path("converse")).replace("aws-access-key", "a b"), 400, "invalid_aws_credentials").await?;
    check(call(path("converse")).with_body("x".repeat(1025)), 413, "body_too_large").await?;
    for path in ["/model/x/converse", "/v1/evil.tld/model/x/converse", "/v1/us-east-1"] {
        let answer = house.exchange(&call(path)).await?;
        ensure!(
            refusal(&answer).is_ok_and(|(status, code, _)| status == 400 && code == "invalid_region")
                || answer.head.status == 400,
            "{answer:?}"
        );
    }
    let answer = house.exchange(&call(path("converse")).without("Helicone-Auth")).await?;
    ensure!(
        answer.head.headers.text("x-amzn-errortype").as_deref() == Some("AccessDeniedException"),
        "{answer:?}"
    );
    ensure!(answer.json()?.get("message").is_some(), "{answer:?}");
    ensure!(house.double.requests().is_empty());
    Ok(())
}

// proves: Retry-After
#[tokio::test]
async fn bodies_that_are_signed_take_no_more_memory_than_configured() -> Result<()> {
    let house = House::with_toml("[gateway]\nmax_captured_bytes = \"1MiB\"\n").await?;
    let large = call(path("converse")).with_body("x".repeat(1_000_000)).bytes();
    let (held, last) = large.split_at(large.len() - 1);
    let small = call(path("converse")).with_body("x".repeat(100_000));
    let refused = eventually(DEADLINE, async || {
        let mut first = house.client().await?;
        first.send(held).await?;
        let second = house.exchange(&small).await?;
        first.send(last).await?;
        // Where the second was quicker than the first it passed, or took the first one's room.
        let is_held = second.head.status == 503 && first.read_response().await?.head.status != 503;
        Ok(is_held.then_some(second))
    });
    let refused = refused.await?;
    let json = refused.json()?;
    ensure!(json.get("code").and_then(|code| code.as_str()) == Some("no_room_for_body"), "{json}");
    ensure!(refused.head.headers.text("retry-after").as_deref() == Some("1"), "{refused:?}");
    // What was sent gives its room back.
    for _ in 0..15 {
        ensure!(house.exchange(&small).await?.head.status != 503);
    }
    Ok(())
}
