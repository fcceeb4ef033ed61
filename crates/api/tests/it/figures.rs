//! `POST /v1/metrics/query`: any figures by any groups, compared with what was added up by hand.

use anyhow::Result;
use serde_json::{Value, json};

use crate::client::TestApi;
use crate::desk_rows::{MINI, rows};
use crate::installation::{BOTH_KEY, OTHER_KEY, READ_KEY};

const QUERY: &str = "POST /v1/metrics/query";

async fn check(api: &TestApi, body: Value, total: u64, rows: Value) -> Result<()> {
    let found = api.data(200, READ_KEY, QUERY, body.clone()).await?;
    assert_eq!(found, json!({"rows": rows, "total": total}), "{body}");
    Ok(())
}

#[tokio::test]
async fn figures_are_what_adds_up_by_hand() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    check(
        &api,
        json!({
            "groupBy": ["model"],
            "measures": ["requests", "errors", "rate_limited", "cached", "threats", "cost", "cost_unknown", "average_cost",
                "latency_average", "prompt_tokens", "total_tokens", "tokens_unknown", "users", "sessions", "models",
                "first", "last", "last_end", "active_days", "requests_per_active_day", "tokens_per_request",
                "saved_cost", "saved_latency", "ttft_average", "reasoning_tokens", "cache_read_tokens",
                "cache_write_tokens", "completion_tokens"],
            "sort": [{"by": "requests", "direction": "desc"}],
        }),
        2,
        json!([
            {
                "model": MINI, "requests": 3, "errors": 0, "rate_limited": 0, "cached": 1, "threats": 0,
                "cost": 0.0000453, "cost_unknown": 0, "average_cost": 0.0000151,
                "latency_average": 603.3333333333334, "prompt_tokens": 110, "total_tokens": 183, "tokens_unknown": 0,
                "users": 1, "sessions": 1, "models": 1, "first": "2026-11-22T14:06:01.000Z",
                "last": "2026-11-22T15:10:00.000Z", "last_end": "2026-11-22T15:10:01.000Z", "active_days": 1,
                "requests_per_active_day": 3.0, "tokens_per_request": 61.0, "saved_cost": 0.000005,
                "saved_latency": 790.0, "ttft_average": 310.0, "reasoning_tokens": 3, "cache_read_tokens": 0,
                "cache_write_tokens": null, "completion_tokens": 70,
            },
            {
                "model": "claude", "requests": 2, "errors": 2, "rate_limited": 1, "cached": 0, "threats": 1,
                "cost": null, "cost_unknown": 2, "average_cost": null,
                "latency_average": 1002.5, "prompt_tokens": null, "total_tokens": null, "tokens_unknown": 2,
                "users": 1, "sessions": 1, "models": 1, "first": "2026-11-22T15:20:00.000Z",
                "last": "2026-11-23T01:00:00.000Z", "last_end": "2026-11-23T01:00:00.005Z", "active_days": 2,
                "requests_per_active_day": 1.0, "tokens_per_request": null, "saved_cost": null,
                "saved_latency": null, "ttft_average": null, "reasoning_tokens": null, "cache_read_tokens": null,
                "cache_write_tokens": null, "completion_tokens": null,
            },
        ]),
    )
    .await
}

#[tokio::test]
async fn calls_are_grouped_by_what_they_have_in_common() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let by = |group: Value| json!({"groupBy": [group], "measures": ["requests"]});
    let group = |name: &str, groups: &[(Value, u64)]| -> Value {
        groups.iter().map(|(value, count)| json!({name: value, "requests": count})).collect()
    };
    for (name, groups) in [
        ("provider", vec![(json!("ANTHROPIC"), 2), (json!("OPENAI"), 3)]),
        ("country", vec![(json!("DE"), 1)]),
        ("user", vec![(json!("alice"), 2), (json!("bob"), 2)]),
        ("status", vec![(json!(200), 3), (json!(429), 1), (json!(500), 1)]),
        ("target", vec![(json!("https://api.openai.com/v1/chat/completions"), 5)]),
        ("path", vec![(json!("/v1/chat/completions"), 5)]),
        ("key", vec![(json!("00000000-0000-0000-0000-000000000bee"), 1)]),
        ("prompt", vec![]),
        ("cacheStatus", vec![(json!("hit"), 1)]),
        ("rateLimitStatus", vec![(json!("refused"), 1)]),
        (
            "propertyName",
            vec![
                (json!("Environment"), 4),
                (json!("Helicone-Session-Id"), 3),
                (json!("Helicone-Session-Name"), 2),
                (json!("Helicone-Session-Path"), 1),
            ],
        ),
    ] {
        check(&api, by(json!(name)), groups.len() as u64, group(name, &groups)).await?;
    }
    let environments = [(json!("production"), 3), (json!("staging"), 1)];
    check(&api, by(json!({"property": "Environment"})), 2, group("property", &environments)).await?;
    let hours =
        [("2026-11-22T14:00:00.000Z", 2), ("2026-11-22T15:00:00.000Z", 2), ("2026-11-23T01:00:00.000Z", 1)];
    let hours = hours.map(|(at, count)| (json!(at), count));
    check(&api, by(json!({"time": "hour"})), 3, group("time", &hours)).await?;
    // In UTC+9:30 the day begins at 14:30 UTC.
    let days = [("2026-11-21T14:30:00.000Z", 1), ("2026-11-22T14:30:00.000Z", 4)];
    let days = days.map(|(at, count)| (json!(at), count));
    let body = json!({"groupBy": [{"time": "day"}], "measures": ["requests"], "timeZoneDifference": -570});
    check(&api, body, 2, group("time", &days)).await?;
    check(&api, json!({"measures": ["requests"]}), 1, json!([{"requests": 5}])).await?;
    let nothing =
        json!({"measures": ["requests", "cost", "latency_p95"], "timeFilter": {"end": "2020-01-01"}});
    check(&api, nothing, 1, json!([{"requests": 0, "cost": null, "latency_p95": null}])).await
}

#[tokio::test]
async fn groups_are_filtered_ordered_and_paged() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let users = |body: Value| {
        let mut whole = json!({"groupBy": ["user"], "measures": ["requests"]});
        whole.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        whole
    };
    let rows =
        |names: &[&str]| -> Value { names.iter().map(|name| json!({"user": name, "requests": 2})).collect() };
    // By what is not shown.
    let body = users(json!({"sort": [{"by": "errors", "direction": "desc"}]}));
    check(&api, body, 2, rows(&["bob", "alice"])).await?;
    check(&api, users(json!({"sort": [{"by": "user"}]})), 2, rows(&["bob", "alice"])).await?;
    check(&api, users(json!({"limit": 1, "offset": 1})), 2, rows(&["bob"])).await?;
    check(&api, users(json!({"having": {"errors": {"gte": 1, "lt": 3}}})), 1, rows(&["bob"])).await?;
    check(&api, users(json!({"having": {"last": {"gt": "2026-11-23T00:00:00Z"}}})), 1, rows(&["bob"]))
        .await?;
    check(&api, users(json!({"having": {"cost": {"equals": 0.0000453}}})), 1, rows(&["alice"])).await?;
    let filter = json!({"request_response_rmt": {"status": {"equals": 200}}});
    check(&api, users(json!({"filter": filter})), 1, rows(&["alice"])).await?;
    for span in [
        json!({"start": "2026-11-22T15:00:00Z", "end": "2026-11-23T02:00:00Z"}),
        json!({"startTimeUnixMs": 1_795_359_600_000_u64, "endTimeUnixMs": "1795399200000"}),
        json!({"startTimeUnixSeconds": 1_795_359_600, "endTimeUnixSeconds": 1_795_399_200}),
    ] {
        let body = json!({"measures": ["requests"], "timeFilter": span});
        check(&api, body, 1, json!([{"requests": 3}])).await?;
    }
    Ok(())
}

#[tokio::test]
async fn scores_are_figures_of_their_names() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    for (number, scores) in [(1, json!({"accuracy": 0.5, "polite": true})), (2, json!({"accuracy": 1}))] {
        let call = format!("POST /v1/request/00000000-0000-0000-0000-00000000000{number}/score");
        api.data(201, BOTH_KEY, &call, json!({"scores": scores})).await?;
    }
    let body = json!({
        "groupBy": ["scoreName"],
        "measures": ["score_sum", "score_average", "score_min", "score_max", "score_count"],
    });
    let expected = json!([
        {"scoreName": "accuracy", "score_sum": 1.5, "score_average": 0.75, "score_min": 0.5, "score_max": 1.0, "score_count": 2},
        {"scoreName": "polite", "score_sum": 1.0, "score_average": 1.0, "score_min": 1.0, "score_max": 1.0, "score_count": 1},
    ]);
    check(&api, body, 2, expected).await
}

#[tokio::test]
async fn what_is_not_understood_is_refused_by_name() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let refuse = async |body: Value, about: &str| {
        let code = if about.starts_with("`filter`") { "invalid_filter" } else { "invalid_field" };
        api.expect_refusal((400, code), READ_KEY, QUERY, body, about).await
    };
    let with = |name: &str, value: Value| {
        let mut body = json!({"groupBy": ["model"], "measures": ["requests"]});
        body.as_object_mut().unwrap().insert(name.to_owned(), value);
        body
    };
    refuse(json!({}), "`measures` must be a list of 1 to 50").await?;
    refuse(with("measures", json!([])), "`measures` must be").await?;
    refuse(with("measures", json!(["calls"])), "unknown name `calls`, known are `requests`, `errors`")
        .await?;
    refuse(with("measures", json!(["cost", "cost"])), "`cost` stands once").await?;
    refuse(with("measures", json!(["score_sum"])), "`score_sum` needs `scoreName` in `groupBy`").await?;
    refuse(with("groupBy", json!(["colour"])), "unknown name `colour`, known are `model`").await?;
    refuse(with("groupBy", json!(["model", "model"])), "`model` stands once").await?;
    refuse(with("groupBy", json!([{"property": ""}])), "`groupBy.property`").await?;
    refuse(with("groupBy", json!([{"time": "second"}])), "`groupBy.time` must be one of `min`, `hour`")
        .await?;
    refuse(with("groupBy", json!([{"colour": "red"}])), "unknown name `colour`").await?;
    refuse(with("groupBy", json!([{"time": "day", "property": "x"}])), "objects of one field").await?;
    refuse(with("groupBy", json!(["model", "user", "path", "key", "status"])), "up to 4").await?;
    refuse(with("having", json!({"calls": {"gte": 1}})), "`having`: unknown name `calls`").await?;
    refuse(with("having", json!({"requests": {"above": 1}})), "`having.requests`: unknown name `above`")
        .await?;
    refuse(with("having", json!({"requests": {"gte": "1"}})), "`having.requests.gte` must be a number")
        .await?;
    refuse(with("having", json!({"first": {"gte": 1}})), "ISO 8601").await?;
    refuse(with("sort", json!([{"by": "colour"}])), "`sort`: unknown name `colour`, known are `model`")
        .await?;
    refuse(with("sort", json!([{"by": "cost", "direction": "down"}])), "`asc` or `desc`").await?;
    refuse(with("sort", json!({"cost": "desc"})), "`sort` must be a list").await?;
    refuse(with("limit", json!(10_001)), "`limit` must be a whole number from 1 to 10000").await?;
    refuse(with("offset", json!(-1)), "`offset`").await?;
    refuse(with("timeFilter", json!({"from": "2026-11-22"})), "`timeFilter` must be an object").await?;
    refuse(with("timeFilter", json!({"start": "soon"})), "`timeFilter.start` must be a time").await?;
    refuse(with("timeFilter", json!({"start": "2026-11-23", "end": "2026-11-22"})), "start is not after")
        .await?;
    refuse(with("filter", json!({"calls": {}})), "`filter`: unknown table `calls`").await?;
    refuse(with("filters", json!("all")), "unknown field `filters`").await?;
    let zone = json!({"groupBy": [{"time": "day"}], "measures": ["requests"], "timeZoneDifference": 3000});
    refuse(zone, "`timeZoneDifference` must be minutes").await
}

#[tokio::test]
async fn nobody_sees_figures_of_another_organization() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let body = json!({"groupBy": ["user"], "measures": ["requests", "cost"]});
    let theirs = api.data(200, OTHER_KEY, QUERY, body).await?;
    assert_eq!(theirs["rows"], json!([{"user": "mallory", "requests": 1, "cost": 0.0000153}]));
    let names = json!({"groupBy": ["propertyName"], "measures": ["requests"]});
    let ours = api.data(200, READ_KEY, QUERY, names).await?.to_string();
    assert!(ours.contains("Environment") && !ours.contains("Secret"), "{ours}");
    Ok(())
}
