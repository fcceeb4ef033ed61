//! The prices that an organisation sets: what may be said of them, who sees them, and that calls know them at once.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::client::TestApi;
use crate::installation::{BOTH_KEY, OTHER_KEY, READ_KEY, WRITE_KEY, ours, theirs};

const PATH: &str = "/v1/cost/overrides";
const MAKE: &str = "POST /v1/cost/overrides";

async fn api() -> Result<TestApi> {
    TestApi::start(Vec::new()).await
}

fn price() -> Value {
    json!({"provider": "api.acme.ai", "models": ["acme-large*"], "prices": {"input": "0.5", "output": "1.5"}})
}

fn path(set: &Value) -> Result<String> {
    let id = set.get("id").and_then(Value::as_str).context("an id")?;
    Ok(format!("{PATH}/{id}"))
}

#[tokio::test]
async fn prices_are_set_replaced_and_removed() -> Result<()> {
    let api = api().await?;
    let mut body = price();
    body["from"] = json!("2026-01-01");
    body["tier"] = json!(" batch ");
    let made = api.data(201, BOTH_KEY, MAKE, body).await?;
    let expected = json!({
        "id": made["id"], "provider": "api.acme.ai", "models": ["acme-large*"], "tier": "batch",
        "above_input_tokens": null, "region": null, "off_peak": null, "variant": null, "from": "2026-01-01",
        "until": null, "prices": {"input": "0.5", "output": "1.5"}, "created_at": made["created_at"],
        "updated_at": made["created_at"],
    });
    ensure!(made == expected, "{made}");
    ensure!(api.view.load().prices.of(ours()).is_some(), "it is in force at once");
    ensure!(api.view.load().prices.of(theirs()).is_none());
    let path = path(&made)?;
    ensure!(api.data(200, READ_KEY, &format!("GET {PATH}"), Value::Null).await? == json!([made]));
    ensure!(api.data(200, OTHER_KEY, &format!("GET {PATH}"), Value::Null).await? == json!([]));

    let changed = api.data(200, BOTH_KEY, &format!("PUT {path}"), price()).await?;
    ensure!(changed["tier"] == Value::Null && changed["created_at"] == made["created_at"], "{changed}");
    for (key, method) in [(OTHER_KEY, "PUT"), (OTHER_KEY, "DELETE")] {
        let call = format!("{method} {path}");
        api.expect_refusal((404, "not_found"), key, &call, price(), "there is no price override").await?;
    }
    api.expect(200, BOTH_KEY, &format!("DELETE {path}"), Value::Null).await?;
    ensure!(api.view.load().prices.of(ours()).is_none());

    let audit = api.data(200, BOTH_KEY, "GET /v1/audit", Value::Null).await?;
    let told: Vec<_> =
        audit.as_array().context("a list")?.iter().take(3).map(|e| e["action"].clone()).collect();
    ensure!(told == ["price_override_removed", "price_override_changed", "price_override_added"], "{audit}");
    ensure!(audit.to_string().contains("api.acme.ai acme-large*: input=0.5 output=1.5"), "{audit}");
    Ok(())
}

#[tokio::test]
async fn what_is_no_price_is_refused_with_the_name_of_the_field() -> Result<()> {
    let api = api().await?;
    for (field, value) in [
        ("provider", json!("")),
        ("provider", Value::Null),
        ("models", json!([])),
        ("models", json!(["m", 1])),
        ("models", json!("m")),
        ("tier", json!(1)),
        ("above_input_tokens", json!("200000")),
        ("above_input_tokens", json!(-1)),
        ("off_peak", json!("at night")),
        ("from", json!("yesterday")),
        ("until", json!("2026-13-01")),
        ("prices", json!({"input": 0.5})),
        ("prices", json!([])),
        ("prices", Value::Null),
    ] {
        let mut body = price();
        body[field] = value.clone();
        let about = format!("`{field}`");
        api.expect_refusal((400, "invalid_field"), BOTH_KEY, MAKE, body, &about)
            .await
            .with_context(|| format!("{field} = {value}"))?;
    }
    for (unit, decimal) in [("input", "-1"), ("input", "1e3"), ("input", "0.0000001"), ("tokens", "1")] {
        let mut body = price();
        body["prices"] = json!({unit: decimal});
        api.expect_refusal((400, "invalid_field"), BOTH_KEY, MAKE, body, unit).await?;
    }
    ensure!(
        api.data(200, READ_KEY, &format!("GET {PATH}"), Value::Null).await? == json!([]),
        "nothing changed"
    );
    api.expect(403, WRITE_KEY, &format!("GET {PATH}"), Value::Null).await?;
    Ok(())
}
