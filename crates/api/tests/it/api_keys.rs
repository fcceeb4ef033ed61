//! Keys: made, listed, renamed, revoked.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::client::{Call, TestApi};
use crate::installation::{ADMIN_KEY, BOTH_KEY, OTHER_KEY, theirs};

const KEYS: &str = "/v1/api-keys";

/// Returns the keys in the list whose name is this.
fn named<'a>(list: &'a Value, name: &str) -> Vec<&'a Value> {
    let keys = list["data"].as_array().map(Vec::as_slice).unwrap_or_default();
    keys.iter().filter(|key| key["api_key_name"] == name).collect()
}

fn text<'a>(value: &'a Value, field: &str) -> Result<&'a str> {
    value[field].as_str().with_context(|| format!("no `{field}` in {value}"))
}

#[tokio::test]
async fn a_key_works_from_when_it_is_made_until_it_is_revoked() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let body = json!({"api_key_name": " production ", "expires_at": "2999-01-01T00:00:00Z", "more": 1});
    let made = api.expect(200, BOTH_KEY, "POST /v1/api-keys", body).await?;
    let (id, key, hash) = (text(&made, "id")?, text(&made, "apiKey")?, text(&made, "hashedKey")?);
    assert!(key.starts_with("sk-helicone-"), "{key}");
    let list = api.expect(200, key, "GET /v1/api-keys", Value::Null).await?;
    let listed = list["data"][0].clone();
    assert_eq!(
        listed,
        json!({
            "id": id, "api_key_name": "production", "api_key_hash": hash,
            "organization_id": "00000000-0000-0000-0000-000000000001", "user_id": null,
            "key_permissions": "rw", "governance": false, "temp_key": false, "soft_delete": false,
            "created_at": listed["created_at"], "updated_at": listed["created_at"],
            "expires_at": "2999-01-01T00:00:00.000Z", "revoked_at": null, "last_used_at": null,
        })
    );
    assert!(!list.to_string().contains(key), "a key is shown once");

    let path = format!("{KEYS}/{id}");
    let renamed = json!({"api_key_name": "staging"});
    let answer = api.expect(200, BOTH_KEY, &format!("PATCH {path}"), renamed.clone()).await?;
    assert_eq!(answer, json!({"hashedKey": hash}));
    // The key revokes itself.
    let answer = api.expect(200, key, &format!("DELETE {path}"), Value::Null).await?;
    assert_eq!(answer, json!({"hashedKey": hash}));
    api.expect_refusal((401, "revoked_api_key"), key, "GET /v1/api-keys", Value::Null, "was revoked").await?;
    let gone = (404, "not_found");
    api.expect_refusal(gone, BOTH_KEY, &format!("DELETE {path}"), Value::Null, id).await?;
    api.expect_refusal(gone, BOTH_KEY, &format!("PATCH {path}"), renamed, id).await?;
    let list = api.expect(200, BOTH_KEY, "GET /v1/api-keys", Value::Null).await?;
    let revoked = named(&list, "staging");
    assert_eq!(revoked[0]["soft_delete"], true);
    assert!(revoked[0]["revoked_at"].is_string());

    let audit = api.expect(200, BOTH_KEY, "GET /v1/audit?limit=3", Value::Null).await?;
    let entries = audit["data"].as_array().context("entries")?;
    let told: Vec<_> = entries.iter().map(|entry| (&entry["action"], &entry["detail"])).collect();
    assert_eq!(told[0], (&json!("key_revoked"), &json!("staging")));
    assert_eq!(told[1], (&json!("key_renamed"), &json!("production → staging")));
    assert_eq!(told[2], (&json!("key_created"), &json!("production")));
    assert_eq!(
        entries[0]["actor"],
        json!({"type": "key", "key_id": id, "key_name": "staging", "user_id": null, "user_email": null})
    );
    assert_eq!(entries[0]["subject"], id);
    Ok(())
}

#[tokio::test]
async fn an_administrators_key_is_changed_by_administrators_only() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let list = api.expect(200, BOTH_KEY, "GET /v1/api-keys", Value::Null).await?;
    let mut keys = list["data"].as_array().context("keys")?.iter();
    let admins = keys.find(|key| key["governance"] == true).context("an administrator's key")?;
    let path = format!("{KEYS}/{}", text(admins, "id")?);
    let (rename, body) = (format!("PATCH {path}"), json!({"api_key_name": "mine"}));
    let refusal = (403, "forbidden");
    api.expect_refusal(refusal, BOTH_KEY, &rename, body.clone(), "an administrator's").await?;
    let revoke = format!("DELETE {path}");
    api.expect_refusal(refusal, BOTH_KEY, &revoke, Value::Null, "an administrator's").await?;
    assert_eq!(api.expect(200, BOTH_KEY, "GET /v1/api-keys", Value::Null).await?, list);
    api.expect(200, ADMIN_KEY, &rename, body).await?;
    api.expect(200, ADMIN_KEY, &revoke, Value::Null).await?;
    Ok(())
}

#[tokio::test]
async fn permissions_are_those_that_were_asked_for() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for (asked, reads) in [("rw", 200), ("r", 200), ("w", 403)] {
        let body = json!({"api_key_name": asked, "key_permissions": asked});
        let made = api.expect(200, BOTH_KEY, "POST /v1/api-keys", body).await?;
        let answer = api.send(Call::get("/v1/organization").key(text(&made, "apiKey")?)).await?;
        assert_eq!(answer.status, reads, "{asked}");
        let list = api.expect(200, BOTH_KEY, "GET /v1/api-keys", Value::Null).await?;
        assert_eq!(named(&list, asked)[0]["key_permissions"], asked);
    }
    // Nobody becomes an administrator this way.
    let body = json!({"api_key_name": "boss", "governance": true, "is_admin": true});
    let made = api.expect(200, ADMIN_KEY, "POST /v1/api-keys", body).await?;
    let refused = (403, "forbidden");
    let key = text(&made, "apiKey")?;
    api.expect_refusal(refused, key, "GET /v1/admin/domains", Value::Null, "administrator").await
}

#[tokio::test]
async fn bad_bodies_are_refused_by_field() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let check = async |body: Value, about: &str| {
        api.expect_refusal((400, "invalid_field"), BOTH_KEY, "POST /v1/api-keys", body, about).await
    };
    let name = "`api_key_name` must be a text of 1 to 200 characters";
    check(json!({}), name).await?;
    check(json!({"api_key_name": null}), name).await?;
    check(json!({"api_key_name": "  "}), name).await?;
    check(json!({"api_key_name": 7}), name).await?;
    check(json!({"api_key_name": "a\nb"}), name).await?;
    check(json!({"api_key_name": "a".repeat(201)}), name).await?;
    let permissions = "`key_permissions` must be `rw`, `r` or `w`";
    check(json!({"api_key_name": "a", "key_permissions": "x"}), permissions).await?;
    check(json!({"api_key_name": "a", "key_permissions": ""}), permissions).await?;
    check(json!({"api_key_name": "a", "key_permissions": ["r"]}), permissions).await?;
    let end = "`expires_at` must be an ISO 8601 time in the future";
    check(json!({"api_key_name": "a", "expires_at": "tomorrow"}), end).await?;
    check(json!({"api_key_name": "a", "expires_at": "2020-01-01T00:00:00Z"}), end).await?;
    check(json!({"api_key_name": "a", "expires_at": 4102444800_u64}), end).await?;
    let longest = json!({"api_key_name": "ü".repeat(200), "expires_at": null, "key_permissions": null});
    api.expect(200, BOTH_KEY, "POST /v1/api-keys", longest).await?;
    let invalid = (400, "invalid_json");
    let object = "must be a JSON object";
    api.expect_refusal(invalid, BOTH_KEY, "POST /v1/api-keys", json!([1]), object).await?;
    api.expect_refusal(invalid, BOTH_KEY, "POST /v1/api-keys", Value::Null, "not valid JSON").await?;
    let id = (400, "invalid_field");
    api.expect_refusal(id, BOTH_KEY, "DELETE /v1/api-keys/x", Value::Null, "`id` must be a UUID").await?;
    let too_long = Call::post(KEYS, " ".repeat(1024 * 1024 + 1)).key(BOTH_KEY);
    assert_eq!(api.send(too_long).await?.outcome()?, (413, "body_too_large".to_owned()));
    Ok(())
}

#[tokio::test]
async fn an_administrator_makes_keys_for_other_organizations() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let call = format!("POST /v1/admin/organizations/{}/api-keys", theirs());
    let body = json!({"api_key_name": "guest", "key_permissions": "r"});
    let made = api.expect(200, ADMIN_KEY, &call, body.clone()).await?;
    let who = api.expect(200, text(&made, "apiKey")?, "GET /v1/organization", Value::Null).await?;
    assert_eq!((&who["data"]["name"], &who["data"]["permissions"]), (&json!("Theirs"), &json!("r")));
    let audit = api.expect(200, OTHER_KEY, "GET /v1/audit?limit=1", Value::Null).await?;
    let entry = &audit["data"][0];
    assert_eq!((&entry["action"], &entry["subject"]), (&json!("key_created"), &made["id"]));
    // Whose key it was is none of this organisation's business.
    assert_eq!(
        entry["actor"],
        json!({"type": "key", "key_id": null, "key_name": null, "user_id": null, "user_email": null})
    );
    let nobodys = "POST /v1/admin/organizations/00000000-0000-0000-0000-000000000099/api-keys";
    api.expect_refusal((404, "not_found"), ADMIN_KEY, nobodys, body, "no organisation").await
}
