//! Questions in SQL, saved ones, and saved filters.

use anyhow::{Context, Result, ensure};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE, RETRY_AFTER};
use gatehouse_store::StoreFuture;
use gatehouse_store::log::{SqlAnswer, SqlColumn, SqlLog, SqlQuery, SqlRefusal, SqlTable};
use serde_json::{Value, json};

use crate::client::{Call, TestApi};
use crate::installation::{BOTH_KEY, OTHER_KEY, READ_KEY, ours};

const EXECUTE: &str = "POST /v1/helicone-sql/execute";
const DOWNLOAD: &str = "/v1/helicone-sql/download";

/// What answers every question with who asked, what, and for how many rows; it knows no SQL.
pub(crate) struct Echo;

impl SqlLog for Echo {
    fn select(&self, query: SqlQuery) -> StoreFuture<'_, Result<SqlAnswer, SqlRefusal>> {
        Box::pin(async move {
            Ok(match query.text.as_str() {
                "forbidden" => Err(SqlRefusal::NotAllowed("the function `x` is not allowed".to_owned())),
                "slow" => Err(SqlRefusal::TooLong(query.max_time)),
                _ => Ok(SqlAnswer {
                    columns: ["organization", "text", "rows"].map(str::to_owned).to_vec(),
                    rows: vec![vec![
                        json!(query.organization_id.to_string()),
                        json!(query.text),
                        json!([query.default_rows, query.max_rows]),
                    ]],
                }),
            })
        })
    }

    fn tables(&self) -> &'static [SqlTable] {
        const COLUMNS: &[SqlColumn] = &[SqlColumn { name: "status", kind: "BIGINT", comment: "HTTP status" }];
        &[SqlTable { name: "request_response_rmt", columns: COLUMNS }]
    }
}

#[tokio::test]
async fn queries_are_answered_as_rows_and_as_csv() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let schema = api.data(200, READ_KEY, "GET /v1/helicone-sql/schema", Value::Null).await?;
    let column = json!({"name": "status", "type": "BIGINT", "comment": "HTTP status"});
    ensure!(schema == json!([{"table_name": "request_response_rmt", "columns": [column]}]), "{schema}");

    let sql = json!({"sql": "SELECT \"a\", 1"});
    let answer = api.data(200, READ_KEY, EXECUTE, sql.clone()).await?;
    let row = json!({"organization": ours().to_string(), "text": "SELECT \"a\", 1", "rows": [100, 300_000]});
    ensure!(answer["rows"] == json!([row]) && answer["rowCount"] == 1, "{answer}");
    ensure!(
        answer["size"] == json!([row]).to_string().len() && answer["elapsedMilliseconds"].is_u64(),
        "{answer}"
    );

    let csv = format!("organization,text,rows\r\n{},\"SELECT \"\"a\"\", 1\",\"[300000,300000]\"\r\n", ours());
    let text = api.data(200, READ_KEY, &format!("POST {DOWNLOAD}"), sql.clone()).await?;
    ensure!(text == json!(csv), "{text}");
    let file = Call::post(DOWNLOAD, sql.to_string()).key(READ_KEY).header("accept", "text/csv;q=1, */*");
    let file = api.send(file).await?;
    ensure!(file.text() == csv && file.header(CONTENT_TYPE) == "text/csv; charset=utf-8");
    ensure!(file.header(CONTENT_DISPOSITION) == "attachment; filename=\"query.csv\"");
    Ok(())
}

#[tokio::test]
async fn refused_queries_say_why() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for (body, code, message) in [
        (json!({"sql": "forbidden"}), "invalid_sql", "the function `x` is not allowed"),
        (json!({"sql": "slow"}), "query_too_expensive", "took longer than 15 s"),
        (json!({}), "invalid_field", "`sql` must be a text"),
        (json!({"sql": ""}), "invalid_field", "`sql` must be a text"),
        (json!({"sql": 1}), "invalid_field", "`sql` must be a text"),
        (json!({"sql": "x".repeat(65_537)}), "invalid_field", "`sql` must be a text"),
    ] {
        for path in [EXECUTE, "POST /v1/helicone-sql/download"] {
            let error = api.expect(400, READ_KEY, path, body.clone()).await?["error"].clone();
            ensure!(error["code"] == code, "{error}");
            ensure!(error["message"].as_str().is_some_and(|text| text.contains(message)), "{error}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn so_many_queries_a_minute_and_no_more() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let sql = json!({"sql": "SELECT 1"});
    for (call, most) in [(EXECUTE, 100), ("POST /v1/helicone-sql/download", 10)] {
        for _ in 0..most {
            api.expect(200, READ_KEY, call, sql.clone()).await?;
        }
        let (method, path) = call.split_once(' ').context("a path")?;
        let refused = api.ask(READ_KEY, method, path, sql.clone()).await?;
        ensure!(refused.outcome()? == (429, "too_many_queries".to_owned()));
        let seconds: u32 = refused.header(RETRY_AFTER).parse()?;
        ensure!((1..=60).contains(&seconds), "{seconds}");
        api.expect(200, OTHER_KEY, call, sql.clone()).await?;
    }
    Ok(())
}

/// Keeps something, changes it and removes it; what one organisation keeps another one does not see.
struct Kept {
    list: &'static str,
    create: &'static str,
    one: &'static str,
    change: &'static str,
    first: Value,
    second: Value,
}

impl Kept {
    async fn check(&self, api: &TestApi) -> Result<()> {
        let list = format!("GET {}", self.list);
        let made = api.data(201, BOTH_KEY, &format!("POST {}", self.create), self.first.clone()).await?;
        let id = made.get("id").and_then(Value::as_str).context("an id")?;
        let at = |method: &str| format!("{method} {}/{id}", self.one);
        for (field, value) in self.first.as_object().context("fields")? {
            ensure!(made.get(field) == Some(value), "{made}");
        }
        ensure!(api.data(200, READ_KEY, &at("GET"), Value::Null).await? == made);
        ensure!(api.data(200, READ_KEY, &list, Value::Null).await? == json!([made]));
        ensure!(api.data(200, OTHER_KEY, &list, Value::Null).await? == json!([]));

        let changed = api.data(200, BOTH_KEY, &at(self.change), self.second.clone()).await?;
        for (field, value) in self.second.as_object().context("fields")? {
            ensure!(changed.get(field) == Some(value), "{changed}");
        }
        ensure!(changed.get("created_at") == made.get("created_at"));
        for method in ["GET", "DELETE"] {
            api.expect(404, OTHER_KEY, &at(method), Value::Null).await?;
        }
        api.expect(404, OTHER_KEY, &at(self.change), self.second.clone()).await?;
        ensure!(api.data(200, READ_KEY, &at("GET"), Value::Null).await? == changed);
        api.expect(200, BOTH_KEY, &at("DELETE"), Value::Null).await?;
        api.expect(404, BOTH_KEY, &at("DELETE"), Value::Null).await?;
        ensure!(api.data(200, READ_KEY, &list, Value::Null).await? == json!([]));
        Ok(())
    }
}

async fn actions(api: &TestApi) -> Result<Vec<String>> {
    let entries = api.data(200, BOTH_KEY, "GET /v1/audit", Value::Null).await?;
    let entries = entries.as_array().context("entries")?;
    let actions = entries.iter().filter_map(|entry| entry["action"].as_str());
    Ok(actions.filter(|action| action.starts_with("saved_")).map(str::to_owned).collect())
}

#[tokio::test]
async fn queries_are_saved() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let kept = Kept {
        list: "/v1/helicone-sql/saved-queries",
        create: "/v1/helicone-sql/saved-query",
        one: "/v1/helicone-sql/saved-query",
        change: "PUT",
        first: json!({"name": "a", "sql": "SELECT 1 -- not finished ("}),
        second: json!({"name": "b", "sql": "SELECT 2"}),
    };
    kept.check(&api).await?;
    let told = actions(&api).await?;
    ensure!(told == ["saved_query_removed", "saved_query_changed", "saved_query_added"], "{told:?}");

    let mut ids = Vec::new();
    for _ in 0..3 {
        let made = api.data(201, BOTH_KEY, "POST /v1/helicone-sql/saved-query", kept.first.clone()).await?;
        ids.push(made["id"].clone());
    }
    let bulk = "POST /v1/helicone-sql/saved-queries/bulk-delete";
    api.expect(200, OTHER_KEY, bulk, json!({"ids": ids})).await?;
    let left = ids.split_off(2);
    api.expect(200, BOTH_KEY, bulk, json!({"ids": ids})).await?;
    api.expect(200, BOTH_KEY, bulk, json!({"ids": ids})).await?;
    let list = api.data(200, READ_KEY, "GET /v1/helicone-sql/saved-queries", Value::Null).await?;
    ensure!(list.as_array().is_some_and(|list| list.len() == 1 && list[0]["id"] == left[0]), "{list}");
    for wrong in [json!({}), json!({"ids": ["x"]}), json!({"ids": "x"})] {
        api.expect(400, BOTH_KEY, bulk, wrong).await?;
    }
    Ok(())
}

#[tokio::test]
async fn filters_are_saved() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let filter = json!({"left": {"request_response_rmt": {"status": {"gte": 400}}}, "operator": "and", "right": "all"});
    let kept = Kept {
        list: "/v1/filter",
        create: "/v1/filter",
        one: "/v1/filter",
        change: "PATCH",
        first: json!({"name": "Failed", "filter": filter}),
        second: json!({"name": "Failures"}),
    };
    kept.check(&api).await?;
    let told = actions(&api).await?;
    ensure!(told == ["saved_filter_removed", "saved_filter_changed", "saved_filter_added"], "{told:?}");
    for wrong in [
        json!({"name": "x"}),
        json!({"filter": "all"}),
        json!({"name": "x", "filter": {"request_response_rmt": {"no_such": {"equals": 1}}}}),
        json!({"name": "x", "filter": {"request_response_rmt": {"model": {"equals": "x".repeat(65_536)}}}}),
    ] {
        api.expect(400, BOTH_KEY, "POST /v1/filter", wrong).await?;
    }
    Ok(())
}
