//! Users, properties and customers: lists and figures.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::TestApi;
use crate::desk_rows::rows;
use crate::installation::{BOTH_KEY, OTHER_KEY, READ_KEY, WRITE_KEY};

const METRICS: &str = "POST /v1/user/metrics/query";

#[tokio::test]
async fn users_have_figures_that_add_up() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let alice = json!({"user_id": "alice", "cost": 0.0000453, "cost_unknown": 0, "count": 2, "prompt_tokens": 110, "completion_tokens": 70});
    let bob = json!({"user_id": "bob", "cost": null, "cost_unknown": 2, "count": 2, "prompt_tokens": null, "completion_tokens": null});
    let call = "POST /v1/user/query";
    assert_eq!(api.data(200, READ_KEY, call, Value::Null).await?, json!([alice, bob]));
    assert_eq!(api.data(200, READ_KEY, call, json!({"userIds": []})).await?, json!([alice, bob]));
    let only = json!({
        "userIds": ["bob", "mallory"],
        "timeFilter": {"startTimeUnixSeconds": 1_795_305_600, "endTimeUnixSeconds": "1795478400"},
    });
    assert_eq!(api.data(200, READ_KEY, call, only).await?, json!([bob]));
    let body = json!({"filter": "all", "offset": 0, "limit": 10, "timeZoneDifferenceMinutes": 60});
    let expected = json!({
        "users": [
            {
                "id": "bob", "user_id": "bob", "active_for": 2, "first_active": "2026-11-22T15:20:00.000Z",
                "last_active": "2026-11-23T01:00:00.000Z", "total_requests": 2,
                "average_requests_per_day_active": 1.0, "average_tokens_per_request": null,
                "total_prompt_tokens": null, "total_completion_tokens": null, "cost": null, "cost_unknown": 2,
                "rate_limited_count": 1,
            },
            {
                "id": "alice", "user_id": "alice", "active_for": 1, "first_active": "2026-11-22T14:06:01.000Z",
                "last_active": "2026-11-22T15:10:00.000Z", "total_requests": 2,
                "average_requests_per_day_active": 2.0, "average_tokens_per_request": 91.5,
                "total_prompt_tokens": 110, "total_completion_tokens": 70, "cost": 0.0000453, "cost_unknown": 0,
                "rate_limited_count": 0,
            },
        ],
        "count": 2, "hasUsers": true,
    });
    assert_eq!(api.data(200, READ_KEY, METRICS, body).await?, expected);
    Ok(())
}

#[tokio::test]
async fn users_are_filtered_ordered_and_paged() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let check = async |body: Value, expected: &[&str], count: u64| -> Result<()> {
        let found = api.data(200, READ_KEY, METRICS, body.clone()).await?;
        let names: Vec<_> =
            found["users"].as_array().into_iter().flatten().map(|user| user["id"].clone()).collect();
        assert_eq!((json!(names), &found["count"]), (json!(expected), &json!(count)), "{body}");
        assert_eq!(found["hasUsers"], true);
        Ok(())
    };
    check(json!({"sort": {"cost": "desc"}}), &["alice", "bob"], 2).await?;
    check(json!({"sort": {"user_id": "asc"}}), &["alice", "bob"], 2).await?;
    check(json!({"sort": {"rate_limited_count": "desc"}, "limit": 1}), &["bob"], 2).await?;
    check(json!({"sort": {"id": "desc"}, "offset": 1, "limit": 1}), &["alice"], 2).await?;
    check(json!({"limit": 0}), &[], 2).await?;
    check(json!({"filter": {"users_view": {"user_active_for": {"gte": 2}}}}), &["bob"], 1).await?;
    check(json!({"filter": {"users_view": {"user_user_id": {"contains": "LIC"}}}}), &["alice"], 1).await?;
    check(json!({"filter": {"user_metrics": {"total_requests": {"gt": 5}}}}), &[], 0).await?;
    check(json!({"filter": {"request_response_rmt": {"status": {"equals": 500}}}}), &["bob"], 1).await?;
    let wrong = json!({"sort": {"colour": "asc"}});
    let about = "`sort`: unknown key `colour`, use one of `last_active`";
    api.expect_refusal((400, "invalid_field"), READ_KEY, METRICS, wrong, about).await?;
    let overview = "POST /v1/user/metrics-overview/query";
    let found = api
        .data(200, READ_KEY, overview, json!({"filter": "all", "pSize": "p99", "useInterquartile": false}))
        .await?;
    let expected = json!({
        "request_count": [{"range_start": "2", "range_end": "2", "value": 2}],
        "user_cost": [{"range_start": "0.0000453", "range_end": "0.0000453", "value": 1}],
    });
    assert_eq!(found, expected);
    Ok(())
}

#[tokio::test]
async fn properties_are_listed_searched_and_hidden() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let names = async |key: &str, call: &str| -> Result<Vec<Value>> {
        let found = api.data(200, key, call, Value::Null).await?;
        Ok(found.as_array().into_iter().flatten().map(|row| row["property"].clone()).collect())
    };
    let all = ["Environment", "Helicone-Session-Id", "Helicone-Session-Name", "Helicone-Session-Path"];
    assert_eq!(names(READ_KEY, "POST /v1/property/query").await?, all);
    assert_eq!(names(READ_KEY, "POST /v1/property/hidden/query").await?, [""; 0]);
    api.data(200, WRITE_KEY, "POST /v1/property/hide", json!({"key": "Helicone-Session-Path"})).await?;
    api.data(200, WRITE_KEY, "POST /v1/property/hide", json!({"key": "Helicone-Session-Path"})).await?;
    assert_eq!(names(READ_KEY, "POST /v1/property/query").await?, all[..3]);
    assert_eq!(names(READ_KEY, "POST /v1/property/hidden/query").await?, ["Helicone-Session-Path"]);
    assert_eq!(names(OTHER_KEY, "POST /v1/property/hidden/query").await?, [""; 0]);
    assert_eq!(
        names(OTHER_KEY, "POST /v1/property/query").await?,
        ["Environment", "Helicone-Session-Id", "Secret"]
    );
    let audit = api.data(200, BOTH_KEY, "GET /v1/audit", Value::Null).await?.to_string();
    assert_eq!(audit.matches("property_hidden").count(), 1, "{audit}");
    api.data(200, WRITE_KEY, "POST /v1/property/restore", json!({"key": "Helicone-Session-Path"})).await?;
    assert_eq!(names(READ_KEY, "POST /v1/property/query").await?, all);
    let refused = api.expect_refusal(
        (400, "invalid_field"),
        WRITE_KEY,
        "POST /v1/property/hide",
        json!({"key": ""}),
        "`key`",
    );
    refused.await?;

    let search = "POST /v1/property/Environment/search";
    assert_eq!(api.data(200, READ_KEY, search, json!({"searchTerm": "STAG"})).await?, json!(["staging"]));
    assert_eq!(
        api.data(200, READ_KEY, search, json!({"searchTerm": ""})).await?,
        json!(["production", "staging"])
    );
    assert_eq!(api.data(200, READ_KEY, search, json!({"limit": 1})).await?, json!(["production"]));
    assert_eq!(api.data(200, READ_KEY, "POST /v1/property/Secret/search", json!({})).await?, json!([]));
    let span = json!({"timeFilter": {"start": "2026-11-22T15:00:00Z", "end": "2026-11-23T00:00:00Z"}});
    let costs = "POST /v1/property/Environment/top-costs/query";
    let expected = json!([{"value": "production", "cost": 0.00003}, {"value": "staging", "cost": 0.0}]);
    assert_eq!(api.data(200, READ_KEY, costs, span.clone()).await?, expected);
    let requests = "POST /v1/property/Environment/top-requests/query";
    let expected = json!([{"value": "production", "count": 3}, {"value": "staging", "count": 1}]);
    assert_eq!(api.data(200, READ_KEY, requests, json!({})).await?, expected);
    let expected = json!([{"value": "production", "count": 1}, {"value": "staging", "count": 1}]);
    assert_eq!(api.data(200, READ_KEY, requests, span).await?, expected);
    Ok(())
}

#[tokio::test]
async fn there_are_no_customers() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    assert_eq!(api.expect(200, READ_KEY, "POST /v1/customer/query", json!({})).await?, json!([]));
    let call = "POST /v1/customer/acme/usage/query";
    api.expect_refusal((404, "not_found"), READ_KEY, call, json!({}), "there are no customers here").await
}

#[tokio::test]
async fn nobody_sees_users_of_another_organization() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    for call in ["POST /v1/user/query", METRICS] {
        let ours = api.data(200, READ_KEY, call, json!({"userIds": ["mallory"]})).await?.to_string();
        assert!(!ours.contains("mallory"), "{call}: {ours}");
        let theirs = api.data(200, OTHER_KEY, call, json!({})).await?.to_string();
        assert!(theirs.contains("mallory") && !theirs.contains("alice"), "{call}: {theirs}");
    }
    Ok(())
}
