//! Scores that are given to logged calls.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::client::TestApi;
use crate::installation::{OTHER_KEY, READ_KEY, WRITE_KEY, ours};
use crate::memory_log::full_row;

const ROW: &str = "/v1/request/00000000-0000-0000-0000-000000000001";
const SCORE: &str = "POST /v1/request/00000000-0000-0000-0000-000000000001/score";

async fn start() -> Result<TestApi> {
    TestApi::start(vec![full_row(ours(), 1)]).await
}

async fn row(api: &TestApi) -> Result<Value> {
    Ok(api.get(ROW).await?.json()?.get("data").context("a row")?.clone())
}

#[tokio::test]
async fn scores_are_numbers_and_those_of_a_name_replace_each_other() -> Result<()> {
    let api = start().await?;
    let done = json!({"data": null, "error": null});
    let scores =
        json!({"scores": {"accuracy": 0.925, "tokens": 7, "polite": true, "helicone-score-feedback": false}});
    assert_eq!(api.expect(201, WRITE_KEY, SCORE, scores).await?, done);
    let shown = row(&api).await?;
    let expected =
        json!({"accuracy": 0.925, "tokens": 7, "polite-hcone-bool": 1, "helicone-score-feedback": 0});
    assert_eq!(shown.get("scores"), Some(&expected));
    assert_eq!(shown.get("feedback_rating"), Some(&json!(false)));
    assert_eq!(shown.pointer("/feedback/polite/value"), Some(&json!(true)));
    api.expect(201, WRITE_KEY, SCORE, json!({"scores": {"accuracy": -1, "polite": 4}})).await?;
    let expected = json!({"accuracy": -1, "tokens": 7, "polite": 4, "helicone-score-feedback": 0});
    assert_eq!(row(&api).await?.get("scores"), Some(&expected));
    Ok(())
}

#[tokio::test]
async fn scores_that_are_none_are_refused_all_or_none() -> Result<()> {
    let api = start().await?;
    let long = "n".repeat(201);
    for (body, named) in [
        (json!({}), "`scores`"),
        (json!({"scores": {}}), "`scores`"),
        (json!({"scores": [1]}), "`scores`"),
        (json!({"scores": {"a": 1, "b": "x"}}), "`scores.b`"),
        (json!({"scores": {"a": null}}), "`scores.a`"),
        (json!({"scores": {"": 1}}), "`scores`"),
        (json!({"scores": {long: 1}}), "`scores`"),
        (json!({"scores": {"helicone-score-feedback": 0.5}}), "`scores.helicone-score-feedback`"),
    ] {
        api.expect_refusal((400, "invalid_field"), WRITE_KEY, SCORE, body, named).await?;
    }
    api.expect_refusal(
        (400, "invalid_field"),
        WRITE_KEY,
        "POST /v1/request/x/score",
        json!({"scores": {"a": 1}}),
        "`id`",
    )
    .await?;
    api.expect_refusal((403, "forbidden"), READ_KEY, SCORE, json!({"scores": {"a": 1}}), "lack `w`").await?;
    api.expect(201, OTHER_KEY, SCORE, json!({"scores": {"a": 1}})).await?;
    assert_eq!(row(&api).await?.get("scores"), Some(&json!({})), "another's score joins nothing of ours");
    Ok(())
}
