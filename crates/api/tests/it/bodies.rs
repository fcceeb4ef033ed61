//! Calls by their ids, links to bodies, and assets.

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::client::{Call, TestApi};
use crate::installation::{READ_KEY, ours, theirs};
use crate::memory_log::{empty_row, full_row};

const ROW: &str = "/v1/request/00000000-0000-0000-0000-000000000001";

async fn start() -> Result<TestApi> {
    TestApi::start(vec![full_row(ours(), 1), empty_row(ours(), 2), full_row(theirs(), 3)]).await
}

/// Returns the path of the link in a row.
async fn link(api: &TestApi) -> Result<String> {
    let row = api.get(ROW).await?.json()?;
    let link = row.pointer("/data/signed_body_url").and_then(Value::as_str).context("a link")?;
    Ok(link.strip_prefix("http://gatehouse.test").context("a link to where we are")?.to_owned())
}

#[tokio::test]
async fn a_link_reads_the_bodies_without_a_key() -> Result<()> {
    let api = start().await?;
    let answer = api.send(Call::get(&link(&api).await?)).await?;
    assert_eq!(answer.status, 200);
    assert_eq!(
        answer.text(),
        r#"{"request":{"z": 1.0, "a": "b"},"response":"data: {\"x\":1}\n\ndata: [DONE]\n\n"}"#
    );
    let page = api.post("/v1/request/query-clickhouse", "{}").await?.json()?;
    let links: Vec<_> = page["data"]
        .as_array()
        .context("rows")?
        .iter()
        .map(|row| row["signed_body_url"].is_string())
        .collect();
    assert_eq!(links, [false, true], "there is no link where no body is kept");
    let secure = api.send(Call::get(ROW).key(READ_KEY).header("x-forwarded-proto", "https")).await?.json()?;
    let secure = secure["data"]["signed_body_url"].as_str().context("a link")?.to_owned();
    assert!(secure.starts_with("https://gatehouse.test/v1/request/"), "{secure}");
    Ok(())
}

#[tokio::test]
async fn a_link_that_is_changed_in_any_way_holds_nothing() -> Result<()> {
    let api = start().await?;
    let link = link(&api).await?;
    let (ours, theirs) = (ours().to_string(), theirs().to_string());
    let other = "00000000-0000-0000-0000-000000000003";
    let (front, signature) = link.split_once("signature=").context("a signature")?;
    let flipped: String = signature.chars().map(|digit| if digit == '0' { '1' } else { '0' }).collect();
    let (before, rest) = link.split_once("expires=").context("an end")?;
    let (_, behind) = rest.split_once('&').context("a signature")?;
    for changed in [
        link.replace(&ours, &theirs),
        link.replace("00000000-0000-0000-0000-000000000001/", &format!("{other}/")),
        link.replace("00000000-0000-0000-0000-000000000001/", &format!("{other}/")).replace(&ours, &theirs),
        format!("{before}expires=2099-01-01T00:00:00.000Z&{behind}"),
        format!("{front}signature={flipped}"),
        format!("{front}signature="),
        format!("{front}signature=zz"),
        format!("{front}signature={}", signature.get(..62).context("digits")?),
        front.trim_end_matches('&').to_owned(),
        format!("{ROW}/signed-body"),
    ] {
        let answer = api.send(Call::get(&changed)).await?;
        assert_eq!(answer.outcome()?, (404, "not_found".to_owned()), "{changed}");
        assert!(!answer.text().contains("DONE"));
    }
    let again = start().await?;
    let foreign = again.send(Call::get(&link)).await?;
    assert_eq!(foreign.status, 404, "another process has another key");
    assert_eq!(api.send(Call::get(&link)).await?.status, 200);
    Ok(())
}

#[tokio::test]
async fn calls_are_found_by_their_ids() -> Result<()> {
    let api = start().await?;
    let call = "POST /v1/request/query-ids";
    let ids = |ids: &[&str]| json!({"requestIds": ids});
    let [first, second, foreign] =
        ["1", "2", "3"].map(|end| format!("00000000-0000-0000-0000-00000000000{end}"));
    let absent = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20";
    let found = api.data(200, READ_KEY, call, ids(&[&foreign, &first, absent, &second])).await?;
    let found: Vec<_> =
        found.as_array().context("rows")?.iter().map(|row| row["request_id"].clone()).collect();
    assert_eq!(found, [json!(second), json!(first)], "the newest first");
    let one = api.data(200, READ_KEY, call, ids(&[&first.to_uppercase().replace('-', "")])).await?;
    assert_eq!((one.as_array().map(Vec::len), &one[0]["request_id"]), (Some(1), &json!(first)));
    assert_eq!(api.data(200, READ_KEY, call, ids(&[])).await?, json!([]));
    for body in
        [Value::Null, json!({}), json!({"requestIds": "all"}), ids(&["mine"]), ids(&vec![absent; 1001])]
    {
        let answer = api.ask(READ_KEY, "POST", "/v1/request/query-ids", body).await?;
        assert_eq!(answer.status, 400, "{}", answer.text());
    }
    Ok(())
}

#[tokio::test]
async fn there_are_no_assets_beside_bodies() -> Result<()> {
    let api = start().await?;
    let call = format!("POST {ROW}/assets/0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d21");
    api.expect_refusal((404, "not_found"), READ_KEY, &call, Value::Null, "includeBody=true").await
}
