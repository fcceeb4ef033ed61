//! What a call costs is known, or it is said why not; and a price that comes later fills what had none.

use std::ffi::OsStr;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::{call_json, post_json};
use gatehouse_testkit::process::{Finished, TEST_KEY, run};
use serde_json::{Value, json};

use crate::support::{BINARY, Call, DEADLINE, House, chat_body, helicone_id, text};

/// A model that is in nobody's list.
const MODEL: &str = "nobody-knows-it-1";
const COUNTS: &str = "prompt-tokens=1000,completion-tokens=200";

/// Runs `gatehouse cost …` beside the server of `house`.
async fn cost(house: &House, arguments: &[&str]) -> Result<Finished> {
    let url = format!("http://{}", house.gatehouse.api());
    let config = house.gatehouse.config_path();
    let place = ["--url", &url, "--json", "--config"].map(OsStr::new);
    let arguments = ["cost"].iter().chain(arguments).map(OsStr::new).chain(place).chain([config.as_os_str()]);
    let key = [("HELICONE_API_KEY".to_owned(), TEST_KEY.to_owned())];
    run(Path::new(BINARY), &arguments.collect::<Vec<_>>(), &key, DEADLINE).await
}

/// Runs such a command, which must succeed, and returns the JSON that it printed.
async fn told(house: &House, arguments: &[&str]) -> Result<Value> {
    let finished = cost(house, arguments).await?;
    ensure!(finished.status.success() && finished.stderr.is_empty(), "{arguments:?}: {finished:?}");
    Ok(serde_json::from_str(&finished.stdout)?)
}

/// Calls the unknown model and returns the row of the call.
async fn call(house: &House) -> Result<Value> {
    let mut body = chat_body(false);
    body.as_object_mut().context("an object")?.insert("model".to_owned(), json!(MODEL));
    let answer = house.exchange(&Call::chat(&body).double(COUNTS)).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    house.row(&helicone_id(&answer.head.headers)?).await
}

#[tokio::test]
async fn a_price_that_comes_later_fills_what_had_none() -> Result<()> {
    let mut house = House::start().await?;
    let first = call(&house).await?;
    let counts = [&first["prompt_tokens"], &first["completion_tokens"]];
    ensure!(counts == [&json!(1000), &json!(200)], "tokens are known without a price: {first}");
    ensure!(first["cost"] == Value::Null && text(&first, "cost_status") == "no_price", "{first}");
    call(&house).await?;
    house.expect_alive().await?;
    let summary = told(&house, &["summary", "--model", MODEL, "--by", "model"]).await?;
    ensure!(summary["total"]["without_cost"] == json!({"no_price": 2}), "{summary}");
    ensure!(summary["total"]["cost_usd"] == json!(0.0), "{summary}");

    let price = json!({
        "provider": "OPENAI", "models": ["nobody-knows-*"], "prices": {"input": "2", "output": "10"},
    });
    let (status, set) =
        call_json(house.gatehouse.api(), "POST", "/v1/cost/overrides", TEST_KEY, Some(&price)).await?;
    ensure!(status == 201, "{status}: {set}");
    let selection = ["reprice", "--model", MODEL, "--since", "2020-01-01"];
    let dry = told(&house, &[selection.as_slice(), &["--dry-run"]].concat()).await?;
    ensure!((&dry["changed"], &dry["state"]) == (&json!(2), &json!("done")), "{dry}");
    ensure!(text(&house.row(text(&first, "request_id")).await?, "cost_status") == "no_price");
    let done = told(&house, &selection).await?;
    ensure!([&done["scanned"], &done["changed"]] == [&json!(2), &json!(2)], "{done}");
    ensure!(done["cost_after_usd"] == json!(0.008), "two calls of 1000 * 2 + 200 * 10 per million: {done}");
    let again = told(&house, &selection).await?;
    ensure!([&again["scanned"], &again["changed"]] == [&json!(2), &json!(0)], "{again}");

    house.gatehouse.kill9().await?;
    house.gatehouse.restart().await?;
    let row = house.row(text(&first, "request_id")).await?;
    ensure!(row["cost"] == json!(0.004) && text(&row, "cost_status") == "priced", "{row}");
    let summary = told(&house, &["summary", "--model", MODEL]).await?;
    ensure!(summary["total"]["without_cost"] == json!({}), "{summary}");
    ensure!(summary["total"]["cost_usd"] == json!(0.008), "{summary}");
    let path = format!("/v1/request/{}/cost", text(&first, "request_id"));
    let derived = house.gatehouse.get(&path).await?;
    ensure!(derived["data"]["breakdown"]["row"]["source"] == "override", "{derived}");
    ensure!(text(&derived["data"], "revised_reason") == "reprice", "{derived}");
    let audit = house.gatehouse.get("/v1/audit").await?.to_string();
    ensure!(audit.contains("repricing_ended") && audit.contains("2 of 2 calls changed"), "{audit}");
    Ok(())
}

#[tokio::test]
async fn a_providers_bill_is_laid_beside_what_was_computed() -> Result<()> {
    let house = House::start().await?;
    let row = call(&house).await?;
    let day = text(&row, "request_created_at").get(..10).context("a day")?.to_owned();
    let folder = tempfile::tempdir()?;
    let export = folder.path().join("costs.csv");
    std::fs::write(&export, format!("date,model,amount_usd\n{day},{MODEL},0.5\n"))?;
    let export = export.to_str().context("a path")?;
    let bill = told(&house, &["reconcile", "--provider", "openai", export]).await?;
    let place = &bill["places"][0];
    ensure!(text(place, "day") == day && text(place, "model") == MODEL, "{bill}");
    let sides = [&place["theirs_usd"], &place["ours_usd"], &place["calls_without_cost"]];
    ensure!(sides == [&json!(0.5), &json!(0.0), &json!(1)], "{bill}");
    std::fs::write(export, "date,model,amount_usd\nsoon,m,1\n")?;
    let refused = cost(&house, &["reconcile", "--provider", "openai", export]).await?;
    ensure!(!refused.status.success() && refused.stderr.contains("line 2, column `date`"), "{refused:?}");
    Ok(())
}

#[tokio::test]
async fn a_command_says_why_it_can_not_ask() -> Result<()> {
    let house = House::start().await?;
    let api = house.gatehouse.api();
    let refused = post_json(api, "/v1/cost/reprice", TEST_KEY, &json!({})).await;
    ensure!(refused.is_err(), "a filter has to be given");
    let wrong = cost(&house, &["summary", "--filter", "{"]).await?;
    ensure!(!wrong.status.success() && wrong.stderr.contains("`--filter` is not JSON"), "{wrong:?}");
    let unknown = "{\"request_response_rmt\":{\"colour\":{\"equals\":\"red\"}}}";
    let unknown = cost(&house, &["reprice", "--filter", unknown]).await?;
    ensure!(!unknown.status.success() && unknown.stderr.contains("`colour`"), "{unknown:?}");
    let stranger = cost(&house, &["summary", "--key", "sk-helicone-0000000-0000000-0000000-0000000"]).await?;
    ensure!(!stranger.status.success() && stranger.stderr.contains("is not known"), "{stranger:?}");
    Ok(())
}
