//! The rules that limit calls: what may be said of them, who sees them, and that calls know them at once.

use anyhow::{Context, Result, ensure};
use gatehouse_types::KeyId;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::client::TestApi;
use crate::installation::{BOTH_KEY, OTHER_KEY, READ_KEY, ours, theirs};

const PATH: &str = "/v1/rate-limits";
const MAKE: &str = "POST /v1/rate-limits";

async fn api() -> Result<TestApi> {
    TestApi::start(Vec::new()).await
}

fn path(rule: &Value) -> Result<String> {
    let id = rule.get("id").and_then(Value::as_str).context("an id")?;
    Ok(format!("{PATH}/{id}"))
}

/// Returns the policies in force for calls of ours with the key of a number.
fn in_force(api: &TestApi, key: u128) -> Vec<String> {
    let view = api.view.load();
    let key_id = Some(KeyId::from_uuid(Uuid::from_u128(key)));
    view.rate_limits.of(ours(), key_id).map(|limit| limit.policy.to_string()).collect()
}

#[tokio::test]
async fn rules_are_made_changed_and_removed() -> Result<()> {
    let api = api().await?;
    let body = json!({"name": " Ten dollars ", "policy": " 1000 ; U=cents; w=86400 ; S=User", "extra": 1});
    let made = api.data(201, BOTH_KEY, MAKE, body).await?;
    let expected = json!({
        "id": made.get("id"), "name": "Ten dollars", "policy": "1000;w=86400;u=cents;s=user", "quota": 1000,
        "window_seconds": 86400, "unit": "cents", "segment": "user", "key_id": null, "is_enabled": true,
        "created_at": made.get("created_at"), "updated_at": made.get("created_at"),
    });
    ensure!(made == expected, "{made}");
    ensure!(in_force(&api, 3) == ["1000;w=86400;u=cents;s=user"], "it is in force at once");
    let path = path(&made)?;
    ensure!(api.data(200, READ_KEY, &format!("GET {path}"), Value::Null).await? == made);
    ensure!(api.data(200, READ_KEY, &format!("GET {PATH}"), Value::Null).await? == json!([made]));

    let change = json!({"policy": "5;w=60;u=request", "name": null});
    let changed = api.data(200, BOTH_KEY, &format!("PATCH {path}"), change).await?;
    ensure!(changed.get("policy") == Some(&json!("5;w=60")), "{changed}");
    ensure!(
        changed.get("name") == made.get("name") && changed.get("segment") == Some(&Value::Null),
        "{changed}"
    );
    ensure!(in_force(&api, 3) == ["5;w=60"]);
    let off = api.data(200, BOTH_KEY, &format!("PATCH {path}"), json!({"is_enabled": false})).await?;
    ensure!(off.get("is_enabled") == Some(&json!(false)), "{off}");
    ensure!(in_force(&api, 3).is_empty());

    api.expect(200, BOTH_KEY, &format!("DELETE {path}"), Value::Null).await?;
    for method in ["GET", "PATCH", "DELETE"] {
        let call = format!("{method} {path}");
        let about = "there is no rate limit";
        api.expect_refusal((404, "not_found"), BOTH_KEY, &call, json!({}), about).await?;
    }
    let audit = api.data(200, BOTH_KEY, "GET /v1/audit", Value::Null).await?;
    let told: Vec<_> =
        audit.as_array().context("a list")?.iter().take(4).map(|entry| entry.get("action")).collect();
    let expected = ["rate_limit_removed", "rate_limit_changed", "rate_limit_changed", "rate_limit_added"];
    ensure!(
        told == expected.map(|action| Some(Value::from(action))).each_ref().map(Option::as_ref),
        "{audit}"
    );
    ensure!(audit.to_string().contains("Ten dollars: 1000;w=86400;u=cents;s=user"), "{audit}");
    Ok(())
}

#[tokio::test]
async fn a_rule_may_be_for_one_key_of_ones_own() -> Result<()> {
    let api = api().await?;
    let of_key = |id: u128| json!({"name": "n", "policy": "1;w=60", "key_id": Uuid::from_u128(id)});
    let made = api.data(201, BOTH_KEY, MAKE, of_key(1)).await?;
    ensure!(made.get("key_id") == Some(&json!(Uuid::from_u128(1))), "{made}");
    ensure!(in_force(&api, 1) == ["1;w=60"] && in_force(&api, 3).is_empty());
    // The key of others, one that was revoked, and one that is nobody's: all the same.
    for id in [4, 8, 99] {
        api.expect_refusal((400, "invalid_field"), BOTH_KEY, MAKE, of_key(id), "a key of yours").await?;
    }
    Ok(())
}

#[tokio::test]
async fn errors_name_the_field_and_the_column() -> Result<()> {
    let api = api().await?;
    let made = api.data(201, BOTH_KEY, MAKE, json!({"name": "n", "policy": "1;w=60"})).await?;
    let change = format!("PATCH {}", path(&made)?);
    let wrong = [
        ("policy", json!("10;w=5"), "column 6: found `5`, expected 60 to 31536000 seconds"),
        ("policy", json!("10"), "column 3: the text ends"),
        ("policy", json!("10;w=60,1;w=60"), "column 8"),
        ("policy", json!(""), "column 1"),
        ("policy", json!(10), "`policy` must be"),
        ("name", json!(""), "`name` must be"),
        ("name", json!(["n"]), "`name` must be"),
        ("is_enabled", json!("yes"), "`is_enabled` must be true or false"),
    ];
    for (field, value, about) in wrong {
        for call in [MAKE, &change] {
            let mut body = json!({"name": "n", "policy": "1;w=60"});
            body.as_object_mut().context("an object")?.insert(field.to_owned(), value.clone());
            api.expect_refusal((400, "invalid_field"), BOTH_KEY, call, body, about).await?;
        }
    }
    for (body, about) in [
        (json!({"name": "n"}), "`policy` must be"),
        (json!({"policy": "1;w=60"}), "`name` must be"),
        (json!({"name": "n", "policy": "1;w=60", "key_id": "k"}), "`key_id` must be"),
    ] {
        api.expect_refusal((400, "invalid_field"), BOTH_KEY, MAKE, body, about).await?;
    }
    ensure!(in_force(&api, 3) == ["1;w=60"], "nothing was changed");
    Ok(())
}

#[tokio::test]
async fn nobody_sees_or_touches_the_rules_of_others() -> Result<()> {
    let api = api().await?;
    let made = api.data(201, BOTH_KEY, MAKE, json!({"name": "n", "policy": "1;w=60"})).await?;
    let path = path(&made)?;
    ensure!(api.data(200, OTHER_KEY, &format!("GET {PATH}"), Value::Null).await? == json!([]));
    for method in ["GET", "PATCH", "DELETE"] {
        let call = format!("{method} {path}");
        api.expect_refusal((404, "not_found"), OTHER_KEY, &call, json!({}), "no rate limit").await?;
    }
    ensure!(api.view.load().rate_limits.of(theirs(), None).count() == 0);
    ensure!(in_force(&api, 3) == ["1;w=60"]);
    Ok(())
}

#[tokio::test]
async fn there_are_only_so_many() -> Result<()> {
    let api = api().await?;
    let body = || json!({"name": "n", "policy": "1;w=60"});
    for _ in 0..100 {
        api.expect(201, BOTH_KEY, MAKE, body()).await?;
    }
    let about = "an organisation may have 100 rate limits";
    api.expect_refusal((409, "limit_reached"), BOTH_KEY, MAKE, body(), about).await?;
    api.expect(201, OTHER_KEY, MAKE, body()).await?;
    Ok(())
}

#[tokio::test]
async fn a_body_of_very_many_values_is_not_read() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let many = vec![json!({"a": 0}); 60_000];
    let body = json!({"name": "x", "policy": "10;w=60", "more": many});
    let about = "more than 50000 values";
    api.expect_refusal((400, "invalid_json"), BOTH_KEY, "POST /v1/rate-limits", body, about).await
}
