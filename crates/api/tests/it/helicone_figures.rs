//! Helicone's own routes about figures: one table of what each answers for calls that can be added up by hand.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::TestApi;
use crate::desk_rows::{MINI, rows};
use crate::installation::{BOTH_KEY, OTHER_KEY, READ_KEY};

/// The span of all calls: three hours on one day and one on the next.
fn body() -> Value {
    json!({
        "filter": "all", "userFilter": "all",
        "timeFilter": {"start": "2026-11-22T14:00:00Z", "end": "2026-11-23T01:59:59Z"},
        "dbIncrement": "day", "timeZoneDifference": 0,
    })
}

fn with(changes: Value) -> Value {
    let (body, changes) = (body(), changes);
    let parts = [&body, &changes].into_iter().filter_map(Value::as_object).flatten();
    Value::Object(parts.map(|(name, value)| (name.clone(), value.clone())).collect())
}

async fn ask(api: &TestApi, path: &str, body: Value) -> Result<Value> {
    api.data(200, READ_KEY, &format!("POST {path}"), body).await
}

/// Days of the span, and what they have in one field.
fn days(name: &str, amounts: [Value; 2]) -> Value {
    let [first, second] = amounts;
    json!([
        {"time": "2026-11-22T00:00:00.000Z", name: first}, {"time": "2026-11-23T00:00:00.000Z", name: second},
    ])
}

#[tokio::test]
async fn every_route_answers_what_adds_up_by_hand() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let expected = [
        ("totalRequests", json!(5)),
        ("totalCost", json!(0.0000453)),
        ("averageLatency", json!(763.0)),
        ("averageTimeToFirstToken", json!(310.0)),
        (
            "averageTokensPerRequest",
            json!({
                "average_prompt_tokens_per_response": 110.0 / 3.0,
                "average_completion_tokens_per_response": 70.0 / 3.0,
                "average_total_tokens_per_response": 61.0,
            }),
        ),
        ("totalThreats", json!(1)),
        ("activeUsers", json!(2)),
        ("requestCount", json!(5)),
        ("requestOverTime", days("count", [json!(4), json!(1)])),
        ("errorOverTime", days("count", [json!(1), json!(1)])),
        ("usersOverTime", days("count", [json!(2), json!(1)])),
        ("threatsOverTime", days("count", [json!(0), json!(1)])),
        ("costOverTime", days("cost", [json!(0.0000453), json!(0)])),
        (
            "tokensOverTime",
            json!([
                {"time": "2026-11-22T00:00:00.000Z", "prompt_tokens": 110, "completion_tokens": 70},
                {"time": "2026-11-23T00:00:00.000Z", "prompt_tokens": 0, "completion_tokens": 0},
            ]),
        ),
        ("latencyOverTime", days("duration", [json!(952.5), json!(5.0)])),
        ("timeToFirstToken", days("ttft", [json!(310.0), json!(0)])),
        (
            "models",
            json!([
                {"model": MINI, "total_requests": 3, "total_completion_tokens": 70, "total_prompt_token": 110,
                    "total_tokens": 183, "cost": 0.0000453},
                {"model": "claude", "total_requests": 2, "total_completion_tokens": 0, "total_prompt_token": 0,
                    "total_tokens": 0, "cost": 0},
            ]),
        ),
        ("country", json!([{"country": "DE", "total_requests": 1}])),
        (
            "requestStatusOverTime",
            json!([
                {"time": "2026-11-22T00:00:00.000Z", "status": 200, "count": 3},
                {"time": "2026-11-22T00:00:00.000Z", "status": 429, "count": 0},
                {"time": "2026-11-22T00:00:00.000Z", "status": 500, "count": 1},
                {"time": "2026-11-23T00:00:00.000Z", "status": 200, "count": 0},
                {"time": "2026-11-23T00:00:00.000Z", "status": 429, "count": 1},
                {"time": "2026-11-23T00:00:00.000Z", "status": 500, "count": 0},
            ]),
        ),
    ];
    for (name, expected) in expected {
        assert_eq!(ask(&api, &format!("/v1/metrics/{name}"), body()).await?, expected, "{name}");
    }
    let providers =
        json!([{"provider": "OPENAI", "total_requests": 3}, {"provider": "ANTHROPIC", "total_requests": 2}]);
    assert_eq!(ask(&api, "/v1/providers", body()).await?, providers);
    let second = with(json!({"offset": "1", "limit": 1}));
    assert_eq!(
        ask(&api, "/v1/providers", second).await?,
        json!([{"provider": "ANTHROPIC", "total_requests": 2}])
    );
    assert_eq!(ask(&api, "/v1/metrics/country", with(json!({"limit": 0}))).await?, json!([]));
    Ok(())
}

#[tokio::test]
async fn quantiles_are_of_what_is_named() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    for (metric, expected) in [
        (Value::Null, [2000.0, 5.0]),
        (json!("latency"), [2000.0, 5.0]),
        (json!("total_tokens"), [150.0, 0.0]),
        (json!("cost"), [0.00003, 0.0]),
    ] {
        let found = ask(&api, "/v1/metrics/quantiles", with(json!({"metric": metric}))).await?;
        for (day, expected) in expected.into_iter().enumerate() {
            let p99 = found[day]["p99"].as_f64().unwrap();
            assert!((p99 - expected).abs() <= expected * 0.02, "{metric}: {found}");
            assert!(found[day]["p75"].as_f64().unwrap() <= p99, "{found}");
        }
    }
    let refused = with(json!({"metric": "colour"}));
    let (call, about) = ("POST /v1/metrics/quantiles", "`metric` must be one of `latency`");
    api.expect_refusal((400, "invalid_field"), READ_KEY, call, refused, about).await
}

#[tokio::test]
async fn scores_and_properties_are_told_apart_over_time() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    assert_eq!(ask(&api, "/v1/dashboard/scores/query", body()).await?, json!([]));
    let scores = json!({"scores": {"accuracy": 0.5, "polite": true}});
    api.data(201, BOTH_KEY, "POST /v1/request/00000000-0000-0000-0000-000000000001/score", scores).await?;
    let expected = json!([
        {"created_at_trunc": "2026-11-22T00:00:00.000Z", "score_key": "accuracy", "score_sum": 0.5},
        {"created_at_trunc": "2026-11-22T00:00:00.000Z", "score_key": "polite", "score_sum": 1.0},
        {"created_at_trunc": "2026-11-23T00:00:00.000Z", "score_key": "accuracy", "score_sum": 0},
        {"created_at_trunc": "2026-11-23T00:00:00.000Z", "score_key": "polite", "score_sum": 0},
    ]);
    assert_eq!(ask(&api, "/v1/dashboard/scores/query", body()).await?, expected);
    let path = "/v1/property/properties/over-time";
    let at = |day: &str, property: &str, count: u64, cost: Value| {
        let at = format!("2026-11-{day}T00:00:00.000Z");
        json!({"created_at_trunc": at, "property": property, "request_count": count, "total_cost": cost})
    };
    let expected = json!([
        at("22", "production", 3, json!(0.0000453)),
        at("22", "staging", 1, json!(0)),
        at("23", "production", 0, json!(0)),
        at("23", "staging", 0, json!(0)),
    ]);
    assert_eq!(ask(&api, path, with(json!({"propertyKey": "Environment"}))).await?, expected);
    let call = format!("POST {path}");
    api.expect_refusal((400, "invalid_field"), READ_KEY, &call, body(), "`propertyKey`").await
}

#[tokio::test]
async fn a_series_has_every_piece_of_its_span() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let path = "/v1/metrics/requestOverTime";
    let span = |start: &str, end: &str, increment: &str, difference: i32| {
        with(json!({
            "timeFilter": {"start": start, "end": end}, "dbIncrement": increment, "timeZoneDifference": difference,
        }))
    };
    let check = async |body: Value, expected: &[(&str, u64)]| -> Result<()> {
        let found = ask(&api, path, body.clone()).await?;
        let expected: Value =
            expected.iter().map(|(at, count)| json!({"time": at, "count": count})).collect();
        assert_eq!(found, expected, "{body}");
        Ok(())
    };
    check(
        span("2026-11-22T13:59:00Z", "2026-11-22T16:00:00Z", "hour", 0),
        &[
            ("2026-11-22T13:00:00.000Z", 0),
            ("2026-11-22T14:00:00.000Z", 2),
            ("2026-11-22T15:00:00.000Z", 2),
            ("2026-11-22T16:00:00.000Z", 0),
        ],
    )
    .await?;
    // In UTC-8 the day begins at 08:00 UTC, and all calls are of the 22nd.
    check(
        span("2026-11-22T09:00:00Z", "2026-11-23T09:00:00Z", "day", 480),
        &[("2026-11-22T08:00:00.000Z", 5), ("2026-11-23T08:00:00.000Z", 0)],
    )
    .await?;
    check(
        span("2026-11-01T00:00:00Z", "2027-02-01T00:00:00Z", "month", 0),
        &[
            ("2026-11-01T00:00:00.000Z", 5),
            ("2026-12-01T00:00:00.000Z", 0),
            ("2027-01-01T00:00:00.000Z", 0),
            ("2027-02-01T00:00:00.000Z", 0),
        ],
    )
    .await?;
    check(
        span("2024-02-29T00:00:00Z", "2026-12-01T00:00:00Z", "year", 0),
        &[("2024-01-01T00:00:00.000Z", 0), ("2025-01-01T00:00:00.000Z", 0), ("2026-01-01T00:00:00.000Z", 5)],
    )
    .await?;
    // The 22nd is a Sunday.
    check(
        span("2026-11-22T00:00:00Z", "2026-11-23T02:00:00Z", "week", 0),
        &[("2026-11-16T00:00:00.000Z", 4), ("2026-11-23T00:00:00.000Z", 1)],
    )
    .await?;
    let most = ask(&api, path, span("2026-11-16T00:00:00Z", "2026-11-22T22:39:00Z", "min", 0)).await?;
    assert_eq!(most.as_array().map(Vec::len), Some(10_000));
    let call = format!("POST {path}");
    let refuse = async |body: Value, about: &str| {
        api.expect_refusal((400, "invalid_field"), READ_KEY, &call, body, about).await
    };
    refuse(span("2026-11-16T00:00:00Z", "2026-11-22T22:40:00Z", "min", 0), "take a larger `dbIncrement`")
        .await?;
    refuse(span("0001-01-01T00:00:00Z", "9999-01-01T00:00:00Z", "min", 0), "more than 10000 points").await?;
    refuse(json!({"filter": "all"}), "`timeFilter` must be an object with `start` and `end`").await?;
    refuse(with(json!({"dbIncrement": "fortnight"})), "`dbIncrement` must be one of `min`").await
}

#[tokio::test]
async fn bodies_are_read_in_all_the_ways_they_are_written() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let path = "/v1/metrics/totalRequests";
    let status = json!({"request_response_rmt": {"status": {"equals": 200}}});
    for (body, count) in [
        (Value::Null, 5),
        (json!({}), 5),
        (json!({"filter": {}}), 5),
        (json!({"filter": null, "timeFilter": null}), 5),
        (json!({"filter": status, "unknown": true}), 3),
        (json!({"userFilter": status}), 3),
        (json!({"isCached": true}), 1),
        (json!({"isCached": "false"}), 4),
        (
            json!({"timeFilter": {"startTimeUnixMs": "1795363000000", "endTimeUnixMs": 1_795_399_200_000_u64}}),
            1,
        ),
        (json!({"timeFilter": {"start": "2026-11-22 15:00:00", "end": "2026-11-22T17:00:00+01:00"}}), 2),
        (json!({"timeFilter": {"end": "2026-11-22T15:00:00Z"}}), 2),
    ] {
        let found = api.data(200, READ_KEY, &format!("POST {path}"), body.clone()).await?;
        assert_eq!(found, json!(count), "{body}");
    }
    let call = format!("POST {path}");
    let refuse = async |body: Value, code: &str, about: &str| {
        api.expect_refusal((400, code), READ_KEY, &call, body, about).await
    };
    refuse(json!([]), "invalid_json", "JSON object").await?;
    refuse(json!({"filter": {"calls": {}}}), "invalid_filter", "`filter`: unknown table `calls`").await?;
    refuse(json!({"userFilter": 5}), "invalid_filter", "`userFilter`").await?;
    refuse(json!({"timeFilter": "today"}), "invalid_field", "`timeFilter` must be an object").await?;
    refuse(json!({"timeFilter": {"start": 1e300}}), "invalid_field", "`timeFilter.start`").await?;
    refuse(json!({"isCached": "perhaps"}), "invalid_field", "`isCached` must be true or false").await
}

#[tokio::test]
async fn nobody_counts_calls_of_another_organization() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    for (path, expected) in [
        ("/v1/metrics/totalRequests", json!(1)),
        ("/v1/metrics/totalCost", json!(0.0000153)),
        ("/v1/metrics/activeUsers", json!(1)),
        ("/v1/providers", json!([{"provider": "OPENAI", "total_requests": 1}])),
    ] {
        assert_eq!(api.data(200, OTHER_KEY, &format!("POST {path}"), body()).await?, expected, "{path}");
    }
    Ok(())
}
