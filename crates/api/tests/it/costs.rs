//! What calls cost: sums, derivations, prices computed anew, and a provider's export beside them.

use anyhow::{Context, Result, ensure};
use gatehouse_store::log::LogRow;
use gatehouse_types::{NanoUsd, Usage};
use serde_json::{Value, json};

use crate::client::{Call, TestApi};
use crate::installation::{BOTH_KEY, OTHER_KEY, READ_KEY, ours, theirs};
use crate::memory_log::{Mood, empty_row, full_row, request_id};

const BEGIN: &str = "POST /v1/cost/reprice";
const SUMMARY: &str = "POST /v1/cost/summary";
const RECONCILE: &str = "/v1/cost/reconcile?provider=openai";

/// A call of a model that no list has.
fn unpriced(number: u8) -> LogRow {
    LogRow {
        model: "acme-large".to_owned(),
        provider: "api.acme.ai".to_owned(),
        target_url: "https://api.acme.ai/v1/chat".to_owned(),
        usage: Usage { input: Some(1000), output: Some(100), total: Some(1100), ..Usage::default() },
        cost: None,
        cost_status: "no_price".to_owned(),
        ..full_row(ours(), number)
    }
}

fn rows() -> Vec<LogRow> {
    vec![full_row(ours(), 1), full_row(theirs(), 2), unpriced(3), unpriced(4), empty_row(ours(), 5)]
}

async fn set_price(api: &TestApi) -> Result<()> {
    let price =
        json!({"provider": "api.acme.ai", "models": ["acme-*"], "prices": {"input": "2", "output": "10"}});
    api.expect(201, BOTH_KEY, "POST /v1/cost/overrides", price).await?;
    Ok(())
}

fn id(repricing: &Value) -> Result<String> {
    Ok(repricing.get("id").and_then(Value::as_str).context("an id")?.to_owned())
}

/// Waits until a re-pricing has ended.
async fn ended(api: &TestApi, id: &str) -> Result<Value> {
    let path = format!("GET /v1/cost/reprice/{id}");
    for _ in 0..10_000 {
        let told = api.data(200, READ_KEY, &path, Value::Null).await?;
        if told.get("state").is_some_and(|state| state != "running") {
            return Ok(told);
        }
        tokio::task::yield_now().await;
    }
    anyhow::bail!("it goes on and on")
}

async fn reprice(api: &TestApi, body: Value) -> Result<Value> {
    let begun = api.data(202, BOTH_KEY, BEGIN, body).await?;
    ended(api, &id(&begun)?).await
}

#[tokio::test]
async fn a_price_that_is_set_later_fills_what_had_none() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    set_price(&api).await?;
    let all = json!({"filter": "all"});
    let dry = reprice(&api, json!({"filter": "all", "dry_run": true})).await?;
    ensure!((&dry["changed"], &dry["dry_run"]) == (&json!(2), &json!(true)), "{dry}");
    let summary = api.data(200, READ_KEY, SUMMARY, json!({})).await?;
    ensure!(summary["total"]["without_cost"] == json!({"no_price": 2, "no_usage": 1}), "{summary}");

    let told = reprice(&api, all.clone()).await?;
    let expected =
        [("state", json!("done")), ("total", json!(4)), ("scanned", json!(4)), ("changed", json!(2))];
    for (field, value) in expected {
        ensure!(told[field] == value, "{field} in {told}");
    }
    ensure!(told["cost_before_usd"] == json!(0.000_015_3), "{told}");
    ensure!(told["cost_after_usd"] == json!(0.006_015_3), "{told}");
    ensure!(told["without_cost"] == json!({"no_usage": 1}), "{told}");
    let row = api.data(200, READ_KEY, &format!("GET /v1/request/{}", request_id(3)), Value::Null).await?;
    ensure!((&row["cost"], &row["cost_status"]) == (&json!(0.003), &json!("priced")), "{row}");

    let again = reprice(&api, all).await?;
    ensure!((&again["scanned"], &again["changed"]) == (&json!(4), &json!(0)), "{again}");
    let audit = api.data(200, BOTH_KEY, "GET /v1/audit", Value::Null).await?;
    let told: Vec<String> = audit
        .as_array()
        .context("a list")?
        .iter()
        .map(|entry| format!("{}: {}", entry["action"], entry["detail"]))
        .filter(|entry| entry.contains("repricing"))
        .collect();
    ensure!(told.len() == 4, "a dry run is no change: {told:?}");
    ensure!(told[2].contains("repricing_ended") && told[2].contains("2 of 4 calls changed"), "{told:?}");
    ensure!(told[3].contains("repricing_started") && told[3].contains("filter"), "{told:?}");
    Ok(())
}

#[tokio::test]
async fn one_repricing_of_an_organisation_runs_at_a_time_and_can_be_cancelled() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    api.log.set_mood(Mood::Waits);
    let all = json!({"filter": "all"});
    let first = api.data(202, BOTH_KEY, BEGIN, all.clone()).await?;
    api.log.someone_waits().await;
    let id = id(&first)?;
    api.expect_refusal((409, "already_running"), BOTH_KEY, BEGIN, all.clone(), &id).await?;
    api.data(202, OTHER_KEY, BEGIN, all.clone()).await?;
    let path = format!("/v1/cost/reprice/{id}");
    for method in ["GET", "DELETE"] {
        let call = format!("{method} {path}");
        api.expect_refusal((404, "not_found"), OTHER_KEY, &call, Value::Null, "no re-pricing").await?;
    }
    api.expect(200, BOTH_KEY, &format!("DELETE {path}"), Value::Null).await?;
    api.log.set_mood(Mood::Works);
    for _ in 0..8 {
        api.log.release();
    }
    ensure!(ended(&api, &id).await?["state"] == "cancelled");
    ensure!(reprice(&api, all).await?["state"] == "done", "it can be begun again");
    let listed = api.data(200, READ_KEY, "GET /v1/cost/reprice", Value::Null).await?;
    let states: Vec<&Value> = listed.as_array().context("a list")?.iter().map(|one| &one["state"]).collect();
    ensure!(states == ["done", "cancelled"], "{listed}");
    Ok(())
}

#[tokio::test]
async fn a_store_that_fails_ends_a_repricing_and_says_so() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    api.log.set_mood(Mood::Fails);
    let told = reprice(&api, json!({"filter": "all"})).await?;
    ensure!(told["state"] == "failed" && told["problem"].is_string(), "{told}");
    ensure!(!told.to_string().contains("secret detail"), "{told}");
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_a_repricing_is_named() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for (body, code, about) in [
        (json!({}), "invalid_field", "filter"),
        (json!({"filter": {"request_response_rmt": {"colour": {"equals": 1}}}}), "invalid_filter", "colour"),
        (json!({"filter": "all", "dry_run": "yes"}), "invalid_field", "dry_run"),
        (json!({"filter": "all", "dryrun": true}), "invalid_field", "dryrun"),
    ] {
        api.expect_refusal((400, code), BOTH_KEY, BEGIN, body, about).await?;
    }
    let body = json!({"group_by": ["colour"]});
    api.expect_refusal((400, "invalid_field"), READ_KEY, SUMMARY, body, "group_by").await?;
    Ok(())
}

#[tokio::test]
async fn costs_are_added_up_by_what_is_asked() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let by = |groups: Value| json!({"group_by": groups});
    let summary = api.data(200, READ_KEY, SUMMARY, by(json!([]))).await?;
    ensure!(summary["groups"] == json!([]), "{summary}");
    let total = &summary["total"];
    ensure!(total["calls"] == 4 && total["calls_without_cost"] == 3, "{summary}");
    ensure!(total["cost_usd"] == json!(0.000_015_3) && total["total_tokens"] == 2233, "{summary}");
    let summary = api.data(200, READ_KEY, SUMMARY, by(json!(["day", "model", "cost_status"]))).await?;
    let expected = [
        ("2026-11-22", "", "no_usage", 1),
        ("2026-11-22", "acme-large", "no_price", 2),
        ("2026-11-22", "gpt-4o-mini-2024-07-18", "priced", 1),
    ];
    let groups = summary["groups"].as_array().context("groups")?;
    ensure!(groups.len() == expected.len(), "{summary}");
    for (group, (day, model, status, calls)) in groups.iter().zip(expected) {
        let told =
            [&group["day"], &group["model"], &group["cost_status"], &group["calls"], &group["provider"]];
        ensure!(told == [&json!(day), &json!(model), &json!(status), &json!(calls), &Value::Null], "{group}");
    }
    let some = json!({"filter": {"request_response_rmt": {"model": {"equals": "acme-large"}}}});
    let summary = api.data(200, READ_KEY, SUMMARY, some).await?;
    ensure!(summary["total"]["without_cost"] == json!({"no_price": 2}), "{summary}");
    Ok(())
}

#[tokio::test]
async fn the_cost_of_a_call_is_derived_from_its_prices() -> Result<()> {
    let wrong = LogRow { cost: Some(NanoUsd::new(1)), ..full_row(ours(), 6) };
    let cached = LogRow {
        usage_source: gatehouse_types::UsageSource::Cache,
        cost: Some(NanoUsd::new(0)),
        cost_status: "cached".to_owned(),
        ..full_row(ours(), 7)
    };
    let api = TestApi::start(vec![full_row(ours(), 1), unpriced(3), wrong, cached]).await?;
    let derive = async |number| {
        let call = format!("GET /v1/request/{}/cost", request_id(number));
        api.data(200, READ_KEY, &call, Value::Null).await
    };
    let told = derive(1).await?;
    ensure!(told["cost_usd"] == json!(0.000_015_3) && told["is_current"] == true, "{told}");
    ensure!(told["breakdown"]["exact_usd"] == "0.0000153", "{told}");
    let units: Vec<&Value> =
        told["breakdown"]["lines"].as_array().context("lines")?.iter().map(|line| &line["unit"]).collect();
    ensure!(units.contains(&&json!("input")) && units.contains(&&json!("output")), "{told}");
    let told = derive(3).await?;
    ensure!(told["cost_usd"] == Value::Null && told["breakdown"]["status"] == "no_price", "{told}");
    ensure!(derive(6).await?["is_current"] == false);
    let told = derive(7).await?;
    ensure!(told["breakdown"] == Value::Null && told["is_current"] == true, "{told}");
    let call = format!("GET /v1/request/{}/cost", request_id(1));
    api.expect_refusal((404, "not_found"), OTHER_KEY, &call, Value::Null, "no request").await
}

#[tokio::test]
async fn a_providers_export_is_laid_beside_our_costs() -> Result<()> {
    let api = TestApi::start(rows()).await?;
    let export = "date,model,amount_usd\n2026-11-22,gpt-4o-mini,0.00002\n2026-11-22,Fine-tuning,1.5\n";
    let answer = api.post(RECONCILE, export).await?;
    ensure!(answer.status == 200, "{}", answer.text());
    let told = answer.json()?["data"].clone();
    let expected = json!({
        "provider": "OPENAI", "from": "2026-11-22", "to": "2026-11-23", "by_model": true,
        "places": [
            {"day": "2026-11-22", "model": "", "theirs_usd": null, "ours_usd": 0.0, "drift_usd": 0.0,
             "drift_percent": null, "calls": 1, "calls_without_cost": 1},
            {"day": "2026-11-22", "model": "Fine-tuning", "theirs_usd": 1.5, "ours_usd": 0.0, "drift_usd": -1.5,
             "drift_percent": -100.0, "calls": 0, "calls_without_cost": 0},
            {"day": "2026-11-22", "model": "gpt-4o-mini-2024-07-18", "theirs_usd": 0.00002, "ours_usd": 0.000_015_3,
             "drift_usd": -0.000_004_7, "drift_percent": told["places"][2]["drift_percent"], "calls": 1,
             "calls_without_cost": 0},
        ],
        "total": told["total"], "only_theirs": ["Fine-tuning"], "only_ours": [""], "notes": [],
    });
    ensure!(told == expected, "{told}");
    let drift = told["places"][2]["drift_percent"].as_f64().context("a number")?;
    ensure!((drift + 23.5).abs() < 1e-9, "{drift}");
    ensure!(told["total"]["theirs_usd"] == json!(1.50002) && told["total"]["calls"] == 2, "{told}");
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_with_an_export_is_named() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let check = async |path: &str, body: &str, code: &str, about: &str| {
        let answer = api.post(path, body.to_owned()).await?;
        ensure!(answer.outcome()? == (400, code.to_owned()), "{}", answer.text());
        ensure!(answer.message()?.contains(about), "{}", answer.text());
        Ok(())
    };
    let wrong = "date,model,amount_usd\n2026-11-22,m,much";
    check(RECONCILE, wrong, "invalid_export", "line 2, column `amount_usd`").await?;
    check(RECONCILE, "{\"data\": [", "invalid_export", "line 1 column").await?;
    check(RECONCILE, "date,model,amount_usd\n", "invalid_export", "no charges").await?;
    check("/v1/cost/reconcile", wrong, "invalid_field", "provider").await?;
    let long = vec![b' '; (20 << 20) + 1];
    let answer = api.send(Call::post(RECONCILE, long).key(READ_KEY)).await?;
    ensure!(answer.outcome()? == (413, "body_too_large".to_owned()), "{}", answer.text());
    Ok(())
}
