//! Logged calls that are sent again: what the gateway gets, and what is refused.

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use gatehouse_api::{ReplayTransport, Replaying, Unreachable};
use gatehouse_store::accounts::Role;
use gatehouse_store::log::{Bodies, LogRow};
use gatehouse_types::BodyState;
use hyper::Request;
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::client::{Call, TestApi};
use crate::installation::{BOTH_KEY, OTHER_KEY, WRITE_KEY, ours};
use crate::memory_log::full_row;

const REPLAY: &str = "POST /v1/request/00000000-0000-0000-0000-000000000001/replay";
const OWN_KEY: &str = "sk-the-providers-own";

/// A gateway that keeps what it gets; it answers 202, or not at all.
#[derive(Default)]
pub(crate) struct GatewayDouble {
    calls: Mutex<Vec<Request<Bytes>>>,
    is_gone: Mutex<bool>,
}

impl ReplayTransport for GatewayDouble {
    fn send(&self, call: Request<Bytes>, answered: oneshot::Sender<u16>) -> Replaying<'_> {
        Box::pin(async move {
            if *self.is_gone.lock() {
                return Err(Unreachable("gone".to_owned()));
            }
            self.calls.lock().push(call);
            answered.send(202).map_err(|_| Unreachable("nobody asks".to_owned()))
        })
    }
}

/// Replays with `key`'s permissions and returns what the gateway got, with the answer.
async fn replay(row: LogRow, body: Value) -> Result<(Request<Bytes>, Value)> {
    let api = TestApi::start(vec![row]).await?;
    let told = api.data(200, WRITE_KEY, REPLAY, body).await?;
    ensure!(told.get("status") == Some(&json!(202)), "{told}");
    let call = api.gateway.calls.lock().pop().context("the gateway got nothing")?;
    Ok((call, told))
}

fn header(call: &Request<Bytes>, name: &str) -> String {
    call.headers()
        .get(name)
        .map_or_else(String::new, |value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

async fn proxy_key(api: &TestApi, key: &str) -> Result<String> {
    let provider =
        json!({"providerName": "openai", "providerKeyName": "p", "providerKey": "sk-in-the-vault"});
    let stored = api.expect(200, key, "POST /v1/api-keys/provider-key", provider).await?;
    let body = json!({"providerKeyId": stored.get("id"), "proxyKeyName": "app"});
    let made = api.expect(200, key, "POST /v1/api-keys/proxy-key", body).await?;
    Ok(made.get("proxyKey").and_then(Value::as_str).context("a proxy key")?.to_owned())
}

async fn refused(row: LogRow, about: &str) -> Result<()> {
    let api = TestApi::start(vec![row]).await?;
    api.expect_refusal((409, "not_replayable"), WRITE_KEY, REPLAY, json!({"key": OWN_KEY}), about).await?;
    ensure!(api.gateway.calls.lock().is_empty(), "nothing is sent");
    Ok(())
}

#[tokio::test]
async fn a_call_goes_where_it_went_with_what_it_had() -> Result<()> {
    let mut row = full_row(ours(), 1);
    row.properties.insert("Helicone-Session-Id".to_owned(), "trip 42".to_owned());
    row.user_id = "zoë".to_owned();
    let stored = row.bodies.request.clone();
    let (call, told) = replay(row, json!({"key": OWN_KEY})).await?;
    ensure!(call.method() == "POST" && call.uri() == "/v1/chat/completions", "{call:?}");
    ensure!(Some(call.body()) == stored.as_ref(), "byte for byte");
    for (name, value) in [
        ("helicone-target-url", "https://api.openai.com"),
        ("helicone-user-id", "zoë"),
        ("helicone-property-environment", "production"),
        ("helicone-session-id", "trip 42"),
        ("helicone-property-replay-of", "00000000-0000-0000-0000-000000000001"),
        ("helicone-auth", &format!("Bearer {WRITE_KEY}")),
        ("authorization", &format!("Bearer {OWN_KEY}")),
        ("content-type", "application/json"),
    ] {
        ensure!(header(&call, name) == value, "{name}: {}", header(&call, name));
    }
    ensure!(header(&call, "helicone-request-id") == told["request_id"], "{told}");
    ensure!(!format!("{call:?}").contains(OWN_KEY), "keys are not for logs");
    Ok(())
}

#[tokio::test]
async fn a_replay_of_a_replay_names_the_first_call() -> Result<()> {
    let mut row = full_row(ours(), 1);
    row.properties.insert("replay-of".to_owned(), "the first".to_owned());
    let (call, _) = replay(row, json!({"key": OWN_KEY})).await?;
    ensure!(header(&call, "helicone-property-replay-of") == "the first");
    Ok(())
}

#[tokio::test]
async fn what_was_not_to_be_kept_is_not_kept_this_time_either() -> Result<()> {
    let (omitted, row) = (BodyState::Omitted, full_row(ours(), 1));
    let row = LogRow { request_body_state: omitted, response_body_state: omitted, ..row };
    let (call, _) = replay(row, json!({"key": OWN_KEY, "body": "{}"})).await?;
    for name in ["helicone-omit-request", "helicone-omit-response"] {
        ensure!(header(&call, name) == "true", "{name}");
    }
    let (call, _) = replay(full_row(ours(), 1), json!({"key": OWN_KEY})).await?;
    ensure!(header(&call, "helicone-omit-response").is_empty(), "{call:?}");
    Ok(())
}

#[tokio::test]
async fn another_body_is_sent_byte_for_byte() -> Result<()> {
    for (given, sent, kind) in [
        (r#""{\"z\": 1.0,\n \"a\":2}""#, "{\"z\": 1.0,\n \"a\":2}", "application/json"),
        (r#"{"z": 1.0,  "a":1e400}"#, r#"{"z": 1.0,  "a":1e400}"#, "application/json"),
        (r#""Grüezi""#, "Grüezi", "text/plain; charset=utf-8"),
        (r#""""#, "", ""),
    ] {
        let row = LogRow { request_body_state: BodyState::Truncated, ..full_row(ours(), 1) };
        let api = TestApi::start(vec![row]).await?;
        let body = format!(r#"{{"key": "{OWN_KEY}", "body": {given}}}"#);
        let path = REPLAY.trim_start_matches("POST ");
        let answer = api.send(Call::post(path, body).key(WRITE_KEY)).await?;
        ensure!(answer.status == 200, "{}", answer.text());
        let call = api.gateway.calls.lock().pop().context("the gateway got nothing")?;
        ensure!(call.body() == sent.as_bytes() && header(&call, "content-type") == kind, "{call:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_key_stands_where_its_provider_takes_it() -> Result<()> {
    for (target, place, path) in [
        ("https://api.anthropic.com/v1/messages", "x-api-key", "/v1/messages"),
        ("https://x.openai.azure.com/openai/chat?api-version=1", "api-key", "/openai/chat?api-version=1"),
        (
            "https://generativelanguage.googleapis.com/v1/m:g?key=***&alt=sse",
            "x-goog-api-key",
            "/v1/m:g?alt=sse",
        ),
    ] {
        let row = LogRow { target_url: target.to_owned(), ..full_row(ours(), 1) };
        let (call, _) = replay(row, json!({"key": OWN_KEY})).await?;
        ensure!(header(&call, place) == OWN_KEY && header(&call, "authorization").is_empty(), "{target}");
        ensure!(call.uri() == path, "{}", call.uri());
        ensure!(header(&call, "anthropic-version").is_empty() == (place != "x-api-key"), "{target}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_known_any_more_is_not_sent() -> Result<()> {
    let row = || full_row(ours(), 1);
    let with_body = |body: &'static [u8]| LogRow {
        bodies: Bodies { request: Some(Bytes::from_static(body)), response: None },
        ..row()
    };
    refused(LogRow { request_body_state: BodyState::Truncated, ..row() }, "only the beginning").await?;
    refused(LogRow { request_body_state: BodyState::Omitted, ..row() }, "not to be kept").await?;
    refused(with_body(b"\xff\xfe\x00"), "not a text").await?;
    refused(with_body(b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x--"), "not a text")
        .await?;
    refused(LogRow { target_url: String::new(), ..row() }, "where it went").await?;
    refused(LogRow { method: String::new(), ..row() }, "method").await?;
    let signed = "https://api.openai.com/v1/x?sig=***".to_owned();
    refused(LogRow { target_url: signed, ..row() }, "credential").await
}

#[tokio::test]
async fn a_key_must_pay_and_be_of_the_organisation() -> Result<()> {
    let api = TestApi::start(vec![full_row(ours(), 1)]).await?;
    let wrong = |body: Value, about: &'static str| {
        api.expect_refusal((400, "invalid_field"), BOTH_KEY, REPLAY, body, about)
    };
    wrong(json!({}), "`key`").await?;
    wrong(json!({"key": 7}), "`key`").await?;
    wrong(json!({"key": " "}), "`key`").await?;
    wrong(json!({"key": BOTH_KEY}), "pays for nothing").await?;
    wrong(json!({"key": "a\nb"}), "header").await?;
    let theirs = proxy_key(&api, OTHER_KEY).await?;
    wrong(json!({"key": theirs}), "of this organisation").await?;
    ensure!(api.gateway.calls.lock().is_empty(), "nothing is sent");

    let own = proxy_key(&api, BOTH_KEY).await?;
    let told = api.data(200, BOTH_KEY, REPLAY, json!({"key": own})).await?;
    let call = api.gateway.calls.lock().pop().context("the gateway got nothing")?;
    ensure!(header(&call, "authorization") == format!("Bearer {own}"), "{call:?}");
    let audit = api.data(200, BOTH_KEY, "GET /v1/audit", Value::Null).await?;
    let newest = &audit[0];
    ensure!(newest["action"] == "request_replayed" && !audit.to_string().contains(&own), "{newest}");
    let new_id = told["request_id"].as_str().context("an id")?;
    ensure!(newest["detail"].as_str().is_some_and(|detail| detail.contains(new_id)), "{newest}");
    Ok(())
}

#[tokio::test]
async fn who_is_signed_in_sends_proxy_keys_only() -> Result<()> {
    let api = TestApi::start(vec![full_row(ours(), 1)]).await?;
    let own = proxy_key(&api, BOTH_KEY).await?;
    let member = api.person(ours(), Role::Member, false).await?;
    let viewer = api.person(ours(), Role::Viewer, false).await?;
    let path = REPLAY.trim_start_matches("POST ");
    let call = |key: &str| Call::post(path, json!({"key": key}).to_string());
    let call = |key: &str| call(key).header("content-type", "application/json");
    let answer = api.send(call(OWN_KEY).person(&member)).await?;
    ensure!(answer.outcome()? == (400, "invalid_field".to_owned()), "{}", answer.text());
    ensure!(answer.message()?.contains("proxy key") && !answer.text().contains(OWN_KEY));
    let answer = api.send(call(&own).person(&viewer)).await?;
    ensure!(answer.outcome()? == (403, "forbidden".to_owned()), "{}", answer.text());
    let answer = api.send(call(&own).person(&member)).await?;
    ensure!(answer.status == 200, "{}", answer.text());
    let sent = api.gateway.calls.lock().pop().context("the gateway got nothing")?;
    ensure!(header(&sent, "helicone-auth").is_empty(), "{sent:?}");
    Ok(())
}

#[tokio::test]
async fn the_calls_of_others_are_not_there_and_a_gateway_may_be_gone() -> Result<()> {
    let api = TestApi::start(vec![full_row(ours(), 1)]).await?;
    let body = json!({"key": OWN_KEY});
    api.expect_refusal((404, "not_found"), OTHER_KEY, REPLAY, body.clone(), "no request").await?;
    *api.gateway.is_gone.lock() = true;
    api.expect_refusal((502, "gateway_unreachable"), WRITE_KEY, REPLAY, body, "no answer").await
}
