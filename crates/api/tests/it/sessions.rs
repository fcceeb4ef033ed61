//! Sessions: lists, figures, names, ratings and tags.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::TestApi;
use crate::desk_rows::rows;
use crate::installation::{BOTH_KEY, OTHER_KEY, READ_KEY, WRITE_KEY};

const QUERY: &str = "POST /v1/session/query";

/// Returns the ids of the sessions that a body asks for.
async fn ids(api: &TestApi, body: Value) -> Result<Vec<String>> {
    let found = api.data(200, READ_KEY, QUERY, body).await?;
    let ids = found.as_array().into_iter().flatten().filter_map(|row| row["session_id"].as_str());
    Ok(ids.map(str::to_owned).collect())
}

#[tokio::test]
async fn sessions_are_listed_with_figures_that_add_up() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let body = json!({
        "search": "", "filter": "all", "timezoneDifference": 0, "offset": 0, "limit": 50,
        "timeFilter": {"startTimeUnixMs": 1_795_305_600_000_u64, "endTimeUnixMs": 1_795_478_400_000_u64},
    });
    let expected = json!([
        {
            "session_id": "s2", "session_name": "chat", "created_at": "2026-11-22T15:20:00.000Z",
            "latest_request_created_at": "2026-11-22T15:20:00.000Z", "total_cost": null, "total_requests": 1,
            "prompt_tokens": null, "completion_tokens": null, "total_tokens": null, "avg_latency": 2000.0,
            "duration": 2000.0, "errors": 1, "cost_unknown": 1, "user_ids": ["bob"], "tag": null,
        },
        {
            "session_id": "s1", "session_name": "trip", "created_at": "2026-11-22T14:06:01.000Z",
            "latest_request_created_at": "2026-11-22T15:10:00.000Z", "total_cost": 0.0000453, "total_requests": 2,
            "prompt_tokens": 110, "completion_tokens": 70, "total_tokens": 183, "avg_latency": 900.0,
            "duration": 3_840_000.0, "errors": 0, "cost_unknown": 0, "user_ids": ["alice"],
            "tag": "to review",
        },
    ]);
    api.data(200, WRITE_KEY, "POST /v1/session/s1/tag", json!({"tag": "to review"})).await?;
    assert_eq!(api.data(200, READ_KEY, QUERY, body.clone()).await?, expected);
    let count = json!({
        "count": 2, "total_cost": 0.0000453, "avg_cost": 0.0000453, "avg_latency": 1450.0, "avg_requests": 1.5,
    });
    assert_eq!(api.data(200, READ_KEY, "POST /v1/session/count", body).await?, count);
    let nothing = json!({"timeFilter": {"end": "2020-01-01"}});
    assert_eq!(api.data(200, READ_KEY, QUERY, nothing.clone()).await?, json!([]));
    let zero =
        json!({"count": 0, "total_cost": 0.0, "avg_cost": 0.0, "avg_latency": 0.0, "avg_requests": 0.0});
    assert_eq!(api.data(200, READ_KEY, "POST /v1/session/count", nothing).await?, zero);
    Ok(())
}

#[tokio::test]
async fn sessions_are_searched_filtered_ordered_and_paged() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    for (body, expected) in [
        (Value::Null, vec!["s2", "s1"]),
        (json!({"search": "TRI"}), vec!["s1"]),
        (json!({"search": "S2"}), vec!["s2"]),
        (json!({"nameEquals": "chat"}), vec!["s2"]),
        (json!({"nameContains": "ha"}), vec!["s2"]),
        (json!({"sort": {"total_requests": "desc"}}), vec!["s1", "s2"]),
        (json!({"sort": {"created_at": "asc"}}), vec!["s1", "s2"]),
        (json!({"limit": 1}), vec!["s2"]),
        (json!({"limit": 1, "offset": 1}), vec!["s1"]),
        (json!({"limit": 0}), vec![]),
        (json!({"filter": {"request_response_rmt": {"user_id": {"equals": "alice"}}}}), vec!["s1"]),
        (
            json!({"filter": {"sessions_request_response_rmt": {"session_total_requests": {"gte": 2}}}}),
            vec!["s1"],
        ),
        (json!({"filter": {"sessions_request_response_rmt": {"session_total_cost": {"gt": 1}}}}), vec![]),
        (
            json!({"filter": {"sessions_request_response_rmt": {"session_session_name": {"equals": "chat"}}}}),
            vec!["s2"],
        ),
    ] {
        assert_eq!(ids(&api, body.clone()).await?, expected, "{body}");
    }
    // The whole session counts, also the call that lacks the name.
    let found = api.data(200, READ_KEY, QUERY, json!({"nameEquals": "trip"})).await?;
    assert_eq!(found[0]["total_requests"], 2);
    let refuse = async |body: Value, about: &str| {
        let code = if about.starts_with("`filter`") { "invalid_filter" } else { "invalid_field" };
        api.expect_refusal((400, code), READ_KEY, QUERY, body, about).await
    };
    refuse(json!({"sort": {"colour": "asc"}}), "`sort`: unknown key `colour`, use one of `created_at`")
        .await?;
    refuse(json!({"sort": {"duration": "up"}}), "`sort.duration`").await?;
    refuse(json!({"limit": 1001}), "`limit` must be a whole number from 0 to 1000").await?;
    refuse(
        json!({"filter": {"sessions_request_response_rmt": {"colour": {"equals": 1}}}}),
        "`filter`: unknown",
    )
    .await?;
    refuse(json!({"filter": {"users_view": {"user_cost": {"gt": 1}}}}), "`filter`").await
}

#[tokio::test]
async fn names_tell_how_often_they_are_used() -> Result<()> {
    let mut rows = rows();
    rows[1].properties.insert("Helicone-Session-Id".to_owned(), "s3".to_owned());
    let api = TestApi::start(rows).await?;
    let name = |name: &str, first: &str, latency: f64| {
        json!({
            "name": name, "created_at": first, "first_used": first, "last_used": first, "session_count": 1,
            "avg_latency": latency,
        })
    };
    let expected = json!([
        name("chat", "2026-11-22T15:20:00.000Z", 2000.0),
        name("trip", "2026-11-22T14:06:01.000Z", 800.0),
        name("", "2026-11-22T15:10:00.000Z", 1000.0),
    ]);
    let call = "POST /v1/session/name/query";
    let body = json!({"nameContains": "", "timezoneDifference": 0});
    assert_eq!(api.data(200, READ_KEY, call, body).await?, expected);
    let found = api.data(200, READ_KEY, call, json!({"nameContains": "RI"})).await?;
    assert_eq!(found, json!([name("trip", "2026-11-22T14:06:01.000Z", 800.0)]));
    Ok(())
}

#[tokio::test]
async fn histograms_show_how_sessions_are_spread() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let call = "POST /v1/session/metrics/query";
    let found = api.data(200, READ_KEY, call, json!({"nameContains": "", "pSize": "p99"})).await?;
    let one = |at: &str, value: u64| json!([{"range_start": at, "range_end": at, "value": value}]);
    assert_eq!(found["session_cost"], one("0.0000453", 1));
    let counts = found["session_count"].as_array().cloned().unwrap_or_default();
    assert_eq!((counts.len(), &counts[0]["value"], &counts[9]["value"]), (10, &json!(1), &json!(1)));
    assert_eq!((&counts[0]["range_start"], &counts[9]["range_end"]), (&json!("1"), &json!("2")));
    let average = |amount: f64| json!([{"average": amount}]);
    let averages = json!({
        "session_count": average(1.5), "session_duration": average(1921.0), "session_cost": average(0.0000453),
    });
    assert_eq!(found["average"], averages);
    let half = api.data(200, READ_KEY, call, json!({"pSize": "p50"})).await?;
    assert_eq!(half["session_count"], one("1", 1));
    api.expect_refusal(
        (400, "invalid_field"),
        READ_KEY,
        call,
        json!({"pSize": "p1"}),
        "`pSize` must be one of",
    )
    .await
}

#[tokio::test]
async fn a_rating_is_a_property_of_the_first_call() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let call = "POST /v1/session/s1/feedback";
    api.data(200, WRITE_KEY, call, json!({"rating": true})).await?;
    let first = api.get("/v1/request/00000000-0000-0000-0000-000000000001").await?.json()?;
    assert_eq!(first["data"]["properties"]["Helicone-Session-Feedback"], "1");
    api.data(200, BOTH_KEY, call, json!({"rating": false})).await?;
    let first = api.get("/v1/request/00000000-0000-0000-0000-000000000001").await?.json()?;
    assert_eq!(first["data"]["properties"]["Helicone-Session-Feedback"], "0");
    let refuse = async |expected: (u16, &str), call: &str, body: Value| {
        api.expect_refusal(expected, BOTH_KEY, call, body, "").await
    };
    refuse((404, "not_found"), "POST /v1/session/theirs/feedback", json!({"rating": true})).await?;
    refuse((400, "invalid_field"), call, json!({"rating": "good"})).await
}

#[tokio::test]
async fn a_tag_is_kept_by_organization_and_filtered_by() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let path = "/v1/session/s%2F1%20%C3%A9/tag";
    let (read, write) = (format!("GET {path}"), format!("POST {path}"));
    assert_eq!(api.data(200, READ_KEY, &read, Value::Null).await?, Value::Null);
    api.data(200, WRITE_KEY, &write, json!({"tag": " to review "})).await?;
    assert_eq!(api.data(200, READ_KEY, &read, Value::Null).await?, json!("to review"));
    assert_eq!(api.data(200, OTHER_KEY, &read, Value::Null).await?, Value::Null);
    api.data(200, WRITE_KEY, &write, json!({"tag": ""})).await?;
    assert_eq!(api.data(200, READ_KEY, &read, Value::Null).await?, Value::Null);
    let refused = json!({"tag": "x".repeat(201)});
    api.expect_refusal((400, "invalid_field"), WRITE_KEY, &write, refused, "`tag`").await?;
    api.data(200, WRITE_KEY, "POST /v1/session/s2/tag", json!({"tag": "bad"})).await?;
    let tagged =
        |tag: &str| json!({"filter": {"sessions_request_response_rmt": {"session_tag": {"equals": tag}}}});
    assert_eq!(ids(&api, tagged("bad")).await?, ["s2"]);
    assert_eq!(ids(&api, tagged("good")).await?, Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn nobody_sees_sessions_of_another_organization() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    for call in [QUERY, "POST /v1/session/name/query", "POST /v1/session/metrics/query"] {
        let ours = api.data(200, READ_KEY, call, json!({})).await?.to_string();
        assert!(!ours.contains("theirs"), "{call}: {ours}");
    }
    let theirs = api.data(200, OTHER_KEY, QUERY, json!({})).await?;
    assert_eq!((theirs.as_array().map(Vec::len), &theirs[0]["session_id"]), (Some(1), &json!("theirs")));
    Ok(())
}
