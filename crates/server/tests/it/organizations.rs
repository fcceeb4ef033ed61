//! Two organisations on one gateway: no limit, rule, approval or row of the one is the other's.

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::call_json;
use gatehouse_testkit::eventually;
use gatehouse_testkit::process::TEST_KEY;
use serde_json::{Value, json};

use crate::cli::printed;
use crate::support::{Call, DEADLINE, House, chat_body, facts, helicone_id, refusal};

const UNKNOWN: &str = "https://llm.unknown.example";

/// A gatehouse with a second organisation, and that one's key.
async fn two(toml: &str) -> Result<(House, String)> {
    let house = House::with_toml(toml).await?;
    printed(&house, &["organizations", "create", "--name", "Second"]).await?;
    let key = printed(&house, &["keys", "create", "--name", "theirs", "--organization", "Second"]).await?;
    eventually(DEADLINE, async || {
        Ok((status(&house, &key, "https://api.openai.com").await? == 200).then_some(()))
    })
    .await?;
    Ok((house, key))
}

fn call(key: &str, target: &str) -> Call<'static> {
    let call = Call::chat(&chat_body(false)).replace("Helicone-Target-Url", target);
    call.replace("Helicone-Auth", format!("Bearer {key}"))
}

async fn status(house: &House, key: &str, target: &str) -> Result<u16> {
    Ok(house.exchange(&call(key, target)).await?.head.status)
}

async fn api(
    house: &House,
    key: &str,
    method: &str,
    path: &str,
    body: Option<Value>,
) -> Result<(u16, Value)> {
    call_json(house.gatehouse.api(), method, path, key, body.as_ref()).await
}

/// Returns how many calls a key's organisation has in the log.
async fn count(house: &House, key: &str) -> Result<u64> {
    let (status, json) =
        api(house, key, "POST", "/v1/request/count/query", Some(json!({"filter": "all"}))).await?;
    ensure!(status == 200, "{status} {json}");
    json.get("data").and_then(Value::as_u64).context("no count")
}

#[tokio::test]
async fn limits_are_each_organisations_own() -> Result<()> {
    let (house, theirs) = two("[domains]\nrequests_per_day = 2\nrequests_per_second = 1000\n").await?;
    for expected in [200, 200, 429, 429] {
        ensure!(status(&house, TEST_KEY, UNKNOWN).await? == expected, "expected {expected}");
    }
    for expected in [200, 200, 429] {
        ensure!(status(&house, &theirs, UNKNOWN).await? == expected, "expected {expected} for the other");
    }
    Ok(())
}

#[tokio::test]
async fn approvals_and_rules_are_each_organisations_own() -> Result<()> {
    let (house, theirs) = two("[domains]\nmode = \"closed\"\n").await?;
    let domain = json!({"domain": "llm.unknown.example", "kind": "personal"});
    let (status_code, json) = api(&house, TEST_KEY, "POST", "/v1/domains", Some(domain)).await?;
    ensure!(status_code == 201, "{status_code} {json}");
    let id = json.pointer("/data/id").and_then(Value::as_str).context("no id")?.to_owned();
    // Whatever the other organisation asks about it, there is none.
    for (method, path) in [
        ("GET", format!("/v1/domains/{id}")),
        ("POST", format!("/v1/domains/{id}/verify")),
        ("DELETE", format!("/v1/domains/{id}")),
    ] {
        let (found, json) = api(&house, &theirs, method, &path, None).await?;
        ensure!(found == 404, "{method} {path}: {found} {json}");
    }
    let (found, json) =
        api(&house, &theirs, "POST", &format!("/v1/admin/domains/{id}/approve"), None).await?;
    ensure!(found == 403, "{found} {json}");
    let (found, json) =
        api(&house, TEST_KEY, "POST", &format!("/v1/admin/domains/{id}/approve"), None).await?;
    ensure!(found == 200, "{found} {json}");
    ensure!(status(&house, TEST_KEY, UNKNOWN).await? == 200);
    ensure!(status(&house, &theirs, UNKNOWN).await? == 403);

    let deny = json!({"pattern": "api.openai.com", "effect": "deny"});
    let (found, json) = api(&house, &theirs, "POST", "/v1/host-rules", Some(deny)).await?;
    ensure!(found == 201, "{found} {json}");
    let (_, code, _) = refusal(&house.exchange(&call(&theirs, "https://api.openai.com:443/")).await?)?;
    ensure!(code == "excluded_host", "{code}");
    ensure!(status(&house, TEST_KEY, "https://api.openai.com").await? == 200);
    let (_, rules) = api(&house, TEST_KEY, "GET", "/v1/host-rules", None).await?;
    ensure!(rules.get("data") == Some(&json!([])), "{rules}");
    Ok(())
}

#[tokio::test]
async fn rows_are_each_organisations_own() -> Result<()> {
    let (house, theirs) = two("").await?;
    // The call that showed that their key is known.
    let before =
        eventually(DEADLINE, async || Ok(Some(count(&house, &theirs).await?).filter(|count| *count > 0)))
            .await?;
    let answer = house.exchange(&call(TEST_KEY, "https://api.openai.com")).await?;
    let id = helicone_id(&answer.head.headers)?;
    let row = house.row(&id).await?;
    let (found, json) = api(&house, &theirs, "GET", &format!("/v1/request/{id}"), None).await?;
    ensure!(found == 404, "{found} {json}");
    let by_id = json!({"filter": {"request_response_rmt": {"request_id": {"equals": id}}}});
    let (_, json) = api(&house, &theirs, "POST", "/v1/request/query-clickhouse", Some(by_id)).await?;
    ensure!(json.get("data") == Some(&json!([])), "{json}");
    ensure!(count(&house, &theirs).await? == before);
    // What they say of it is kept for a call of their own with that id, which there is not.
    let path = format!("/v1/request/{id}/feedback");
    let (found, json) = api(&house, &theirs, "POST", &path, Some(json!({"rating": false}))).await?;
    ensure!(found == 201, "{found} {json}");
    ensure!(facts(&house.row(&id).await?) == facts(&row), "the row has changed");
    // Nor do they take the call's place when they use its id themselves.
    let same_id = call(&theirs, "https://api.openai.com").header("Helicone-Request-Id", id.as_str());
    ensure!(house.exchange(&same_id).await?.head.status == 200);
    eventually(DEADLINE, async || Ok((count(&house, &theirs).await? > before).then_some(()))).await?;
    ensure!(facts(&house.row(&id).await?) == facts(&row), "the row has changed");
    Ok(())
}
