//! The search for a text in bodies, over the store in memory and over the real one.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, Result};
use bytes::Bytes;
use gatehouse_store::log::{Batch, Bodies, LogRow, LogStore};
use gatehouse_store_log::{DuckDbLog, Options};
use serde_json::{Value, json};

use crate::client::TestApi;
use crate::installation::{ours, theirs};
use crate::memory_log::full_row;

const SEARCH: &str = "/v1/request/search";

/// Returns the names and the data of events.
fn events(text: &str) -> Result<Vec<(String, Value)>> {
    let of = |event: &str| {
        let (name, data) = event.split_once('\n').context("two lines")?;
        let name = name.strip_prefix("event: ").context("a name")?;
        let data = serde_json::from_str(data.strip_prefix("data: ").context("data")?)?;
        Ok((name.to_owned(), data))
    };
    text.split_terminator("\n\n").map(of).collect()
}

async fn search(api: &TestApi, body: Value) -> Result<Vec<(String, Value)>> {
    let answer = api.post(SEARCH, body.to_string()).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.headers.get("content-type").context("a type")?, "text/event-stream");
    events(&answer.text())
}

fn asked(number: u8, text: &str) -> LogRow {
    let bodies = Bodies { request: Some(Bytes::from(text.to_owned())), response: None };
    LogRow { bodies, ..full_row(ours(), number) }
}

#[tokio::test]
async fn tells_what_was_found_and_how_far_it_is() -> Result<()> {
    let theirs = LogRow { organization_id: theirs(), ..asked(9, "needle of others") };
    let api = TestApi::start(vec![asked(1, "a Needle here"), asked(2, "nothing"), theirs]).await?;
    let events = search(&api, json!({"query": "NEEDLE"})).await?;
    let names: Vec<&str> = events.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["progress", "request", "progress", "done"]);
    let by_name: BTreeMap<&str, &Value> = events.iter().map(|(name, data)| (name.as_str(), data)).collect();
    assert_eq!(events[0].1, json!({"searched": 0, "total": 2}));
    assert_eq!(*by_name["progress"], json!({"searched": 2, "total": 2}));
    assert_eq!(*by_name["done"], json!({"found": 1, "complete": true, "cursor": null}));
    let found = by_name["request"];
    assert_eq!(found["request_id"], "00000000-0000-0000-0000-000000000001");
    assert_eq!(found["snippet"]["side"], "request");
    assert_eq!(found["snippet"]["behind"], " here");
    Ok(())
}

#[tokio::test]
async fn goes_on_where_it_ended() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let store = DuckDbLog::start(Options::at(folder.path().join("log.duckdb")))?;
    let texts = ["needle 1", "hay", "NEEDLE 2", "a \\\"nee\\\"dle", "needle 3"];
    let rows = (1..).zip(texts).map(|(number, text)| asked(number, text)).collect();
    store.insert(Batch { rows, journal_position: 1 }).await?;
    let api = TestApi::over(Arc::new(store)).await?;
    let mut found = Vec::new();
    let mut cursor = Value::Null;
    for _ in 0..3 {
        let events = search(&api, json!({"query": "needle", "limit": 1, "cursor": cursor})).await?;
        let of = |wanted: &str| -> Vec<Value> {
            let of_name = events.iter().filter(|(name, _)| name == wanted);
            of_name.map(|(_, data)| data.clone()).collect()
        };
        found.extend(of("request").iter().map(|row| row["snippet"]["behind"].clone()));
        cursor = of("done").first().context("an end")?["cursor"].clone();
    }
    assert_eq!(found, [" 3", " 2", " 1"]);
    assert!(cursor.is_null(), "the oldest call is the last: {cursor}");
    let escaped = search(&api, json!({"query": "a \"NEE\""})).await?;
    assert!(
        escaped.iter().any(|(name, row)| name == "request" && row["snippet"]["found"] == "a \\\"nee\\\"")
    );
    let within = json!({"request_response_rmt": {"request_body": {"contains": "hay"}}});
    let none = search(&api, json!({"query": "needle", "filter": within})).await?;
    assert_eq!(none[0].1, json!({"searched": 0, "total": 1}));
    assert!(none.iter().all(|(name, _)| name != "request"));
    Ok(())
}

#[tokio::test]
async fn wrong_fields_are_named() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for (body, expected) in [
        (json!({}), "`query` must be a text of 1 to 1000 bytes"),
        (json!({"query": ""}), "`query`"),
        (json!({"query": "x".repeat(1001)}), "`query`"),
        (json!({"query": "x", "limit": 0}), "`limit`"),
        (json!({"query": "x", "limit": 1001}), "`limit`"),
        (json!({"query": "x", "cursor": "AAAA"}), "`cursor`"),
        (json!({"query": "x", "filter": {"request_response_rmt": {"modle": {}}}}), "did you mean `model`?"),
    ] {
        let answer = api.post(SEARCH, body.to_string()).await?;
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.text().contains(expected), "{body}: {}", answer.text());
    }
    Ok(())
}
