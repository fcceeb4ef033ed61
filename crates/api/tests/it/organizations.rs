//! Organisations, their host rules and their audit logs; providers; and what is not there yet.

use std::sync::{Arc, OnceLock};

use anyhow::{Context, Result};
use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
use serde_json::{Value, json};

use crate::client::{Call, TestApi};
use crate::installation::{ADMIN_KEY, BOTH_KEY, Installation, OTHER_KEY, READ_KEY, UNKNOWN_KEY, ours};

#[tokio::test]
async fn a_key_learns_whose_it_is() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let who = |key: &'static str| api.expect(200, key, "GET /v1/organization", Value::Null);
    assert_eq!(
        who(READ_KEY).await?["data"],
        json!({
            "id": ours(), "name": "Ours", "created_at": "1970-01-01T00:00:00.000Z", "is_admin": false,
            "permissions": "r", "key": {"id": "00000000-0000-0000-0000-000000000001", "name": "test"},
            "user": null, "role": null, "may_manage": false, "owns": false,
        })
    );
    let admin = who(ADMIN_KEY).await?["data"].clone();
    assert_eq!((&admin["is_admin"], &admin["permissions"]), (&json!(true), &json!("rw")));
    assert_eq!(who(OTHER_KEY).await?["data"]["name"], "Theirs");
    Ok(())
}

#[tokio::test]
async fn administrators_make_organizations() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let make = "POST /v1/admin/organizations";
    let made = api.expect(201, ADMIN_KEY, make, json!({"name": "Research"})).await?["data"].clone();
    assert_eq!(made, json!({"id": made["id"], "name": "Research", "created_at": made["created_at"]}));
    let list = api.expect(200, ADMIN_KEY, "GET /v1/admin/organizations", Value::Null).await?;
    let names: Vec<_> = list["data"].as_array().context("a list")?.iter().map(|one| &one["name"]).collect();
    assert_eq!(names, ["Ours", "Theirs", "Research"]);
    let exists = (409, "already_exists");
    api.expect_refusal(exists, ADMIN_KEY, make, json!({"name": "Ours"}), "`Ours`").await?;
    api.expect_refusal((400, "invalid_field"), ADMIN_KEY, make, json!({}), "`name`").await?;
    let id = made["id"].as_str().context("an id")?;
    let make_key = format!("POST /v1/admin/organizations/{id}/api-keys");
    let key = api.expect(200, ADMIN_KEY, &make_key, json!({"api_key_name": "first"})).await?;
    let key = key["apiKey"].as_str().context("a key")?;
    let audit = api.expect(200, key, "GET /v1/audit", Value::Null).await?;
    let actions: Vec<_> = audit["data"].as_array().context("a list")?.iter().map(|e| &e["action"]).collect();
    assert_eq!(actions, ["key_created", "organization_created"]);
    Ok(())
}

#[tokio::test]
async fn host_rules_are_in_force_at_once() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let permits = |host: &str| api.view.load().hosts.permit(ours(), host, 443);
    let make = "POST /v1/host-rules";
    let body = json!({"pattern": "*.Example.com:443", "effect": "deny"});
    let made = api.expect(201, BOTH_KEY, make, body.clone()).await?["data"].clone();
    let created_at = &made["created_at"];
    let expected =
        json!({"id": made["id"], "pattern": "*.example.com:443", "effect": "deny", "created_at": created_at});
    assert_eq!(made, expected);
    assert!(!permits("a.example.com") && permits("api.openai.com"));
    api.expect_refusal((409, "already_exists"), BOTH_KEY, make, body, "`*.example.com:443`").await?;
    let allow = json!({"pattern": "api.openai.com", "effect": "allow"});
    api.expect(201, BOTH_KEY, make, allow).await?;
    assert!(permits("api.openai.com") && !permits("other.example"));
    let list = api.expect(200, READ_KEY, "GET /v1/host-rules", Value::Null).await?;
    assert_eq!(list["data"].as_array().map(Vec::len), Some(2));
    assert_eq!(list["data"][0], made);

    let remove = format!("DELETE /v1/host-rules/{}", made["id"].as_str().context("an id")?);
    let answer = api.expect(200, BOTH_KEY, &remove, Value::Null).await?;
    assert_eq!(answer, json!({"data": null, "error": null}));
    api.expect_refusal((404, "not_found"), BOTH_KEY, &remove, Value::Null, "no host rule").await?;
    let audit = api.expect(200, BOTH_KEY, "GET /v1/audit?limit=3", Value::Null).await?;
    let details: Vec<_> = audit["data"].as_array().context("a list")?.iter().map(|e| &e["detail"]).collect();
    assert_eq!(details, ["deny *.example.com:443", "allow api.openai.com", "deny *.example.com:443"]);

    let invalid = (400, "invalid_field");
    for (body, about) in [
        (json!({"effect": "deny"}), "`pattern`"),
        (json!({"pattern": "https://a.example", "effect": "deny"}), "`pattern`"),
        (json!({"pattern": "*", "effect": "deny"}), "`pattern`"),
        (json!({"pattern": ["a.example"], "effect": "deny"}), "`pattern`"),
        (json!({"pattern": "a.example"}), "`effect` must be `allow` or `deny`"),
        (json!({"pattern": "a.example", "effect": "maybe"}), "`effect`"),
    ] {
        api.expect_refusal(invalid, BOTH_KEY, make, body, about).await?;
    }
    Ok(())
}

#[tokio::test]
async fn an_organization_has_a_thousand_host_rules_at_most() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let make = "POST /v1/host-rules";
    let rule = |number: u32| json!({"pattern": format!("h{number}.example"), "effect": "deny"});
    for number in 0..1000 {
        api.expect(201, BOTH_KEY, make, rule(number)).await?;
    }
    api.expect_refusal((409, "limit_reached"), BOTH_KEY, make, rule(1000), "1000 host rules").await?;
    api.expect(201, OTHER_KEY, make, rule(1)).await?;
    Ok(())
}

#[tokio::test]
async fn the_audit_log_is_read_page_by_page() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for number in 0..5 {
        let body = json!({"api_key_name": format!("key {number}")});
        api.expect(200, BOTH_KEY, "POST /v1/api-keys", body).await?;
    }
    let mut details = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = api.expect(200, BOTH_KEY, &format!("GET /v1/audit?{query}"), Value::Null).await?;
        let entries = page["data"].as_array().context("a list")?;
        let Some(last) = entries.last() else { break };
        details.extend(entries.iter().filter_map(|entry| entry["detail"].as_str().map(ToOwned::to_owned)));
        query = format!("limit=2&before={}", last["id"].as_str().context("an id")?);
    }
    assert_eq!(details[..5], ["key 4", "key 3", "key 2", "key 1", "key 0"]);
    assert_eq!(details.len(), 5 + 8);
    let all = api.expect(200, BOTH_KEY, "GET /v1/audit", Value::Null).await?;
    assert_eq!(all["data"].as_array().map(Vec::len), Some(13));
    assert_eq!(
        all["data"][12]["actor"],
        json!({"type": "command_line", "key_id": null, "key_name": null, "user_id": null, "user_email": null})
    );
    let invalid = (400, "invalid_field");
    for query in ["limit=0", "limit=1001", "limit=x", "limit=-1", "before=x", "limit=1&limit=2"] {
        let call = format!("GET /v1/audit?{query}");
        api.expect_refusal(invalid, BOTH_KEY, &call, Value::Null, "must be").await?;
    }
    Ok(())
}

#[tokio::test]
async fn providers_are_listed_the_operators_own_first() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let list = api.expect(200, READ_KEY, "GET /v1/providers", Value::Null).await?;
    let providers = list["data"].as_array().context("a list")?;
    let own = &providers[0];
    assert_eq!(own["hosts"], json!(["llm.house.example"]));
    assert_eq!((&own["name"], &own["is_configured"]), (&json!("HOUSE"), &json!(true)));
    assert!(providers[1..].iter().all(|provider| provider["is_configured"] == false));
    let openai = providers.iter().find(|provider| provider["name"] == "OPENAI").context("OpenAI")?;
    assert_eq!((&openai["title"], &openai["label"]), (&json!("OpenAI"), &json!("oai")));
    assert_eq!((&openai["dialect"], &openai["auth"]), (&json!("openai"), &json!("bearer")));
    assert!(openai["cost"] == true && openai["hosts"].as_array().is_some_and(|hosts| !hosts.is_empty()));
    Ok(())
}

#[tokio::test]
async fn anybody_may_ask_whether_the_server_lives() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let answer = api.send(Call::get("/healthcheck")).await?;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (200, ""));
    assert_eq!(answer.header(CONTENT_TYPE), "application/json");
    Ok(())
}

#[tokio::test]
async fn routes_that_need_the_control_store_wait_for_it() -> Result<()> {
    let mut installation = Installation::two_organizations().await?;
    installation.control = Arc::new(OnceLock::new());
    let api = TestApi::with_installation(Vec::new(), installation).await?;
    for path in ["/v1/organization", "/v1/api-keys", "/v1/domains", "/v1/host-rules", "/v1/audit"] {
        let answer = api.send(Call::get(path).key(BOTH_KEY)).await?;
        assert_eq!(answer.outcome()?, (503, "store_unavailable".to_owned()), "{path}");
        assert_eq!(answer.header(RETRY_AFTER), "1");
        // Who has no key does not learn even that.
        assert_eq!(api.send(Call::get(path)).await?.status, 401);
    }
    assert_eq!(api.get("/v1/providers").await?.status, 200);
    // A key that is not known now may be known in a moment.
    let unknown = api.send(Call::get("/v1/providers").key(UNKNOWN_KEY)).await?;
    assert_eq!(unknown.outcome()?, (503, "store_unavailable".to_owned()));
    let malformed = api.send(Call::get("/v1/providers").key("sk-proj-notours")).await?;
    assert_eq!(malformed.outcome()?, (401, "malformed_api_key".to_owned()));
    Ok(())
}
