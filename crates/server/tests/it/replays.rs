//! Logged calls that are sent again from the API, through the gateway, to the provider they went to.

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::call_json;
use gatehouse_testkit::process::TEST_KEY;
use serde_json::{Value, json};

use crate::support::{Call, House, chat_body, expect_end, helicone_id, text};

const PROVIDER_KEY: &str = "sk-of-the-provider-itself";
const VAULT_KEY: &str = "sk-kept-in-the-vault";

/// Sends the call with this id again, and returns the row of the new one.
async fn replay(house: &House, id: &str, body: Value) -> Result<Value> {
    let path = format!("/v1/request/{id}/replay");
    let (status, told) = call_json(house.gatehouse.api(), "POST", &path, TEST_KEY, Some(&body)).await?;
    ensure!(status == 200 && told.pointer("/data/status") == Some(&json!(200)), "{status}: {told}");
    house.row(told.pointer("/data/request_id").and_then(Value::as_str).context("an id")?).await
}

#[tokio::test]
async fn a_logged_call_is_sent_again_and_logged_as_any_other() -> Result<()> {
    let house = House::start().await?;
    let body = br#"{"stream": false,  "model":"gpt-4o-mini", "messages":[{"role":"user","content":"1.0"}]}"#;
    let call = Call::chat(&chat_body(false))
        .with_body(body.as_slice())
        .header("Helicone-User-Id", "alice")
        .header("Helicone-Session-Id", "trip 42")
        .header("Helicone-Property-Environment", "production");
    let first = helicone_id(&house.exchange(&call).await?.head.headers)?;
    let row = house.row(&first).await?;

    let again = replay(&house, &first, json!({"key": PROVIDER_KEY})).await?;
    expect_end(&again, "complete", 200)?;
    let requests = house.double.requests();
    let [before, after] = requests.as_slice() else { anyhow::bail!("{requests:?}") };
    ensure!(after.body == before.body && after.body == body.as_slice(), "{after:?}");
    ensure!(after.target == before.target && after.headers.text("host") == before.headers.text("host"));
    let bearer = format!("Bearer {PROVIDER_KEY}");
    ensure!(after.headers.text("authorization").as_deref() == Some(&bearer), "{after:?}");
    for same in ["request_user_id", "provider", "target_url", "model", "cost", "request_path"] {
        ensure!(again.get(same) == row.get(same), "{same}: {again}");
    }
    let properties = again["properties"].as_object().context("properties")?;
    let property = |wanted: &str| {
        let found = properties.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.and_then(|(_, value)| value.as_str()).unwrap_or_default()
    };
    ensure!(property("replay-of") == first && property("environment") == "production", "{again}");
    ensure!(property("helicone-session-id") == "trip 42", "{again}");

    let other = json!({"key": PROVIDER_KEY, "body": chat_body(true).to_string()});
    let third = replay(&house, text(&again, "request_id"), other).await?;
    expect_end(&third, "complete", 200)?;
    ensure!(third.to_string().contains(&first) && third["request_body"]["stream"] == true, "{third}");
    // A key of the vault stands for the provider's, which nobody sees.
    let api = house.gatehouse.api();
    let stored = json!({"providerName": "openai", "providerKey": VAULT_KEY});
    let (_, stored) = call_json(api, "POST", "/v1/api-keys/provider-key", TEST_KEY, Some(&stored)).await?;
    let wanted = json!({"providerKeyId": stored.get("id"), "proxyKeyName": "app", "limits": []});
    let (_, made) = call_json(api, "POST", "/v1/api-keys/proxy-key", TEST_KEY, Some(&wanted)).await?;
    let by_proxy_key = replay(&house, &first, json!({"key": text(&made, "proxyKey")})).await?;
    ensure!(text(&by_proxy_key, "proxy_key_id") == text(&made, "proxyKeyId"), "{by_proxy_key}");
    let requests = house.double.requests();
    let last = requests.last().context("nothing arrived")?;
    let bearer = format!("Bearer {VAULT_KEY}");
    ensure!(last.headers.text("authorization").as_deref() == Some(&bearer), "{last:?}");

    let told = format!("{again}{third}{}", house.gatehouse.stderr());
    ensure!(!told.contains(PROVIDER_KEY), "the key is nowhere");
    Ok(())
}
