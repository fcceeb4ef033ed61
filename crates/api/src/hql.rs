//! Questions in SQL: which tables there are, and answers as JSON and as CSV.

pub(crate) mod pace;
pub(crate) mod saved;

use std::time::{Duration, Instant};

use axum::Json;
use axum::extract::State;
use axum::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use gatehouse_store::log::{SqlAnswer, SqlQuery, SqlRefusal, SqlTable};
use gatehouse_types::OrganizationId;
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::auth::Reader;
use crate::csv::line;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::Fields;
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// How many rows there are unless the query says how many.
const DEFAULT_ROWS: u32 = 100;
/// How many rows there are at most.
const MAX_ROWS: u32 = 300_000;
/// How large an answer may be, in bytes of its cells.
const MAX_BYTES: u64 = 32 << 20;
/// How long a query may take; less than any call of the API.
const MAX_TIME: Duration = Duration::from_secs(15);
/// How long a query may be, in bytes.
pub(super) const MAX_SQL_BYTES: usize = 64 * 1024;

/// A table that can be asked about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SqlTable, example = json!({
    "table_name": "request_response_rmt",
    "columns": [{"name": "status", "type": "BIGINT", "comment": "HTTP status"}]
}))]
pub(crate) struct TableAnswer {
    /// Its name.
    table_name: &'static str,
    /// Its columns.
    columns: Vec<ColumnAnswer>,
}

/// A column of a table.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SqlColumn)]
pub(crate) struct ColumnAnswer {
    /// Its name.
    name: &'static str,
    /// The type of its values, in SQL.
    r#type: &'static str,
    /// What it holds.
    comment: &'static str,
}

/// A query.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"sql": "select model, count(*) AS calls FROM request_response_rmt GROUP BY model"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct RunSql {
    /// One `SELECT`.
    sql: String,
}

/// The answer to a query.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "rows": [{"model": "gpt-4o-mini", "calls": 12}], "rowCount": 1, "size": 38, "elapsedMilliseconds": 9
}))]
pub(crate) struct SqlRows {
    /// The rows: values by the names of their columns.
    #[schema(value_type = Vec<Object>)]
    rows: Box<RawValue>,
    /// How many there are.
    row_count: usize,
    /// How many bytes they take as JSON.
    size: usize,
    /// How long the query took.
    elapsed_milliseconds: u64,
}

/// Returns the tables that can be asked about, and their columns.
#[utoipa::path(
    get, path = "/v1/helicone-sql/schema", operation_id = "getSqlSchema", tag = "SQL",
    responses((status = 200, description = "The tables", body = Envelope<Vec<TableAnswer>>), Refusals)
)]
pub(crate) async fn schema(
    _reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<TableAnswer>>>, ApiError> {
    Ok(Envelope::json(state.sql()?.tables().iter().map(table).collect()))
}

fn table(table: &SqlTable) -> TableAnswer {
    let columns = table.columns.iter();
    let columns = columns.map(|column| ColumnAnswer {
        name: column.name,
        r#type: column.kind,
        comment: column.comment,
    });
    TableAnswer { table_name: table.name, columns: columns.collect() }
}

/// Answers a query about the organisation's calls: one `SELECT`, with at most 100 rows unless it says how many.
#[utoipa::path(
    post, path = "/v1/helicone-sql/execute", operation_id = "executeSql", tag = "SQL",
    request_body = RunSql,
    responses(
        (status = 200, description = "The rows", body = Envelope<SqlRows>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        (status = 429, description = "There were 100 queries within a minute", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn execute(
    reader: Reader,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<SqlRows>>, ApiError> {
    let text = sql(&fields)?.ok_or_else(|| ApiError::field("sql", EXPECTED_SQL))?;
    state.paces.take_query(reader.organization_id, state.clock.now())?;
    let begun = Instant::now();
    let answer = answer(&state, reader.organization_id, text, DEFAULT_ROWS).await?;
    let row_count = answer.rows.len();
    let rows = serde_json::value::to_raw_value(&Rows(&answer)).map_err(|_| unwritable())?;
    let elapsed_milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    Ok(Envelope::json(SqlRows { row_count, size: rows.get().len(), rows, elapsed_milliseconds }))
}

/// Answers a query with CSV: as a text in JSON, or as a file for who accepts `text/csv`. There are at most 300,000 rows.
#[utoipa::path(
    post, path = "/v1/helicone-sql/download", operation_id = "downloadSql", tag = "SQL",
    request_body = RunSql,
    responses(
        (
            status = 200, description = "The rows as CSV, the names of the columns first",
            content((Envelope<String> = "application/json"), (String = "text/csv"))
        ),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        (status = 429, description = "There were 10 downloads within a minute", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn download(
    reader: Reader,
    State(state): State<ApiState>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Response, ApiError> {
    let text = sql(&fields)?.ok_or_else(|| ApiError::field("sql", EXPECTED_SQL))?;
    state.paces.take_download(reader.organization_id, state.clock.now())?;
    let csv = csv(&answer(&state, reader.organization_id, text, MAX_ROWS).await?);
    let wants_file = headers.get_all(ACCEPT).iter().any(|accepted| {
        accepted
            .to_str()
            .is_ok_and(|accepted| accepted.split([',', ';']).any(|part| part.trim() == "text/csv"))
    });
    if !wants_file {
        return Ok(Envelope::json(csv).into_response());
    }
    let head = [
        (CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"query.csv\"")),
    ];
    Ok((head, csv).into_response())
}

pub(super) const EXPECTED_SQL: &str = "a text of 1 to 65536 bytes";

/// Returns the query of a body, if there is one.
pub(super) fn sql(fields: &Fields) -> Result<Option<String>, ApiError> {
    let is_sql = |text: &str| (1..=MAX_SQL_BYTES).contains(&text.len()).then(|| text.to_owned());
    fields.parsed("sql", EXPECTED_SQL, is_sql)
}

async fn answer(
    state: &ApiState,
    organization_id: OrganizationId,
    text: String,
    default_rows: u32,
) -> Result<SqlAnswer, ApiError> {
    let (max_rows, max_bytes, max_time) = (MAX_ROWS, MAX_BYTES, MAX_TIME);
    let query = SqlQuery { organization_id, text, default_rows, max_rows, max_bytes, max_time };
    // One at a time, so that there is room for other organisations' queries.
    let _turn = state.asking.take(organization_id).await;
    state.sql()?.select(query).await?.map_err(|refusal| {
        let kind = match refusal {
            SqlRefusal::NotAllowed(_) | SqlRefusal::Failed(_) => ErrorKind::InvalidSql,
            SqlRefusal::TooLong(_) | SqlRefusal::TooLarge(_) | SqlRefusal::TooMuchMemory => {
                ErrorKind::QueryTooExpensive
            }
        };
        ApiError::new(kind, refusal.to_string())
    })
}

fn unwritable() -> ApiError {
    ApiError::new(ErrorKind::Internal, "the rows could not be written")
}

/// Rows as JSON, each an object.
struct Rows<'a>(&'a SqlAnswer);

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut rows = serializer.serialize_seq(Some(self.0.rows.len()))?;
        for cells in &self.0.rows {
            rows.serialize_element(&Row { columns: &self.0.columns, cells })?;
        }
        rows.end()
    }
}

struct Row<'a> {
    columns: &'a [String],
    cells: &'a [Value],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut row = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.cells) {
            row.serialize_entry(column, cell)?;
        }
        row.end()
    }
}

/// Returns rows as CSV; what is null is empty.
fn csv(answer: &SqlAnswer) -> String {
    let mut csv = Vec::new();
    line(answer.columns.iter().map(|name| Some(name.clone())), &mut csv);
    for row in &answer.rows {
        let cells = row.iter().map(|cell| match cell {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        });
        line(cells, &mut csv);
    }
    // Of texts only texts are made.
    String::from_utf8(csv).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn csv_quotes_what_must_be_quoted_and_leaves_null_empty() {
        let columns = ["a", "b \"c\"", "d"].map(str::to_owned).to_vec();
        let rows = vec![
            vec![json!(1), json!("x, \"y\"\nz"), json!(null)],
            vec![json!({"k": 1}), json!(true), json!("")],
        ];
        let written = csv(&SqlAnswer { columns, rows });
        assert_eq!(
            written,
            "a,\"b \"\"c\"\"\",d\r\n1,\"x, \"\"y\"\"\nz\",\r\n\"{\"\"k\"\":1}\",true,\"\"\r\n"
        );
    }
}
