//! Exports: all rows that match, newest first, as a stream that is made while it is sent.
//!
//! The rows are walked through in parts; the next part is read when the client has taken the one before, so that an
//! export of any size takes little memory and a client that leaves ends it. An export that fails is cut: the
//! connection ends without the end of the answer, in every format.

mod columns;
mod csv;
mod parquet;

use std::error::Error;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use gatehouse_store::log::{Extent, KeyedRow, RowKey, Walk};
use gatehouse_store::view::ControlView;
use gatehouse_types::Timestamp;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use self::columns::Record;
use self::parquet::ParquetExport;
use super::HeliconeRequest;
use super::query;
use super::row::Bodies;
use super::tail::StillAllowed;
use super::whole;
use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope};
use crate::seats::Seat;
use crate::state::ApiState;

/// How many exports there are at once, and of one organisation.
pub(crate) const MAX_EXPORTS: usize = 8;
pub(crate) const MAX_OWN_EXPORTS: usize = 2;
/// How many rows are read at once.
const PART_ROWS: u32 = 1_000;
/// What an export can be, for error messages.
const FORMATS: &str = "`jsonl`, `csv` or `parquet`";

/// What is exported, and how; unknown fields are ignored.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "filter": {"request_response_rmt": {"request_created_at": {"gte": "2026-11-01T00:00:00Z"}}},
    "format": "jsonl",
    "includeBodies": true
}))]
#[expect(
    dead_code,
    reason = "describes the body in the OpenAPI document; the body itself is read by `parse`"
)]
pub(crate) struct ExportRequests {
    /// Which calls, as in `/v1/request/query-clickhouse`; all without it.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// `jsonl` (the default), `csv` or `parquet`.
    #[schema(default = "jsonl", required = false)]
    format: Option<String>,
    /// Whether what was said is part of it.
    #[schema(default = false, required = false, rename = "includeBodies")]
    include_bodies: Option<bool>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Jsonl,
    Csv,
    Parquet,
}

impl Format {
    const fn content_type(self) -> &'static str {
        match self {
            Self::Jsonl => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::Parquet => "application/vnd.apache.parquet",
        }
    }

    const fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

/// Returns every call that matches as a file, newest stored first.
///
/// A line of `jsonl` is a row as in `/v1/request/query-clickhouse`; `csv` and `parquet` have a column for each of its
/// fields, lists and objects as JSON. Calls that are logged after the answer began are not part of it. An answer
/// that is cut, which HTTP tells, is not complete.
#[utoipa::path(
    post, path = "/v1/request/export", operation_id = "exportRequests", tag = "Requests",
    request_body = ExportRequests,
    responses(
        (status = 200, description = "The file; its type is that of the format", body = String, content_type = "application/x-ndjson"),
        (status = 400, description = "Not JSON, or a wrong field", body = ErrorEnvelope),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        (status = 429, description = "As many exports as there may be at once", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn export(
    reader: Reader,
    State(state): State<ApiState>,
    parts: Parts,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = whole(body)?;
    let filter = query::calls(&state, &body, reader.organization_id).await?;
    let (format, has_bodies) = parse(&body)?;
    let seat = state.exports.take(reader.organization_id)?;
    let newest = state.log.newest().await?;
    let name = file_name(state.clock.now(), format);
    let walk = Walk {
        organization_id: reader.organization_id,
        filter,
        before: Some(RowKey::new(newest.get().saturating_add(1))),
        limit: PART_ROWS,
    };
    let export = Export {
        walk: Some(walk),
        extent: Extent { after: None, has_bodies },
        encoder: Encoder::new(format).map_err(|error| failed(error.as_ref()))?,
        caller: StillAllowed::new(parts, state.clone()),
        state,
        seat,
    };
    let parts = stream::try_unfold(export, |export| async move { export.next().await });
    let headers = [
        (CONTENT_TYPE, format.content_type().to_owned()),
        (CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::from_stream(parts)).into_response())
}

/// Returns the format, and whether bodies are wanted.
fn parse(body: &[u8]) -> Result<(Format, bool), ApiError> {
    let fields: Map<String, Value> = serde_json::from_slice(body).unwrap_or_default();
    let given = |name: &str| fields.get(name).filter(|value| !value.is_null());
    let format = match given("format").map(Value::as_str) {
        None | Some(Some("jsonl")) => Format::Jsonl,
        Some(Some("csv")) => Format::Csv,
        Some(Some("parquet")) => Format::Parquet,
        Some(_) => return Err(ApiError::field("format", FORMATS)),
    };
    match given("includeBodies") {
        None => Ok((format, false)),
        Some(Value::Bool(wanted)) => Ok((format, *wanted)),
        Some(_) => Err(ApiError::field("includeBodies", "true or false")),
    }
}

/// Returns what the file is called: `gatehouse-requests-2026-11-22T140600Z.csv`.
fn file_name(now: Timestamp, format: Format) -> String {
    let seconds: String =
        now.to_string().chars().take("2026-11-22T14:06:00".len()).filter(|c| *c != ':').collect();
    format!("gatehouse-requests-{seconds}Z.{}", format.extension())
}

fn failed(error: &(dyn Error + 'static)) -> ApiError {
    tracing::error!(error, "an export could not begin");
    ApiError::new(crate::error::ErrorKind::Internal, "the export could not begin")
}

/// Why an export is cut.
#[derive(Debug, thiserror::Error)]
enum Cut {
    #[error("the server is stopping")]
    Stopping,
    #[error("the key or session of the export is no longer good")]
    NotAllowed,
    #[error("its client did not read for so long that another export has its place")]
    Stalled,
    #[error(transparent)]
    Store(#[from] gatehouse_store::StoreError),
    #[error("the rows could not be written")]
    Encoding(#[source] EncodingError),
}

type EncodingError = Box<dyn Error + Send + Sync>;

/// An export that goes on.
struct Export {
    /// The next part; `None` when all were read.
    walk: Option<Walk>,
    extent: Extent,
    encoder: Encoder,
    caller: StillAllowed,
    state: ApiState,
    seat: Seat,
}

impl Export {
    /// Returns the next bytes and what follows them; `None` at the end.
    async fn next(mut self) -> Result<Option<(Bytes, Self)>, Cut> {
        let stop = self.state.stop.clone();
        while let Some(walk) = self.walk.take() {
            if !self.seat.hold() {
                return Err(cut(Cut::Stalled));
            }
            if !self.caller.holds(walk.organization_id).await {
                return Err(cut(Cut::NotAllowed));
            }
            let walked = tokio::select! {
                () = stop.cancelled() => return Err(cut(Cut::Stopping)),
                walked = self.state.log.walk_shown(walk.clone(), self.extent) => walked,
            };
            let walked = walked.map_err(|error| cut(error.into()))?;
            self.walk = walked.next.map(|next| Walk { before: Some(next), ..walk });
            let (view, is_last) = (self.state.view.load_full(), self.walk.is_none());
            let encoder = self.encoder;
            let encoded =
                tokio::task::spawn_blocking(move || encoder.part(walked.rows, &view, is_last)).await;
            let (encoder, bytes) =
                encoded.map_err(|error| error.into()).flatten().map_err(|error| cut(Cut::Encoding(error)))?;
            self.encoder = encoder;
            if !bytes.is_empty() {
                return Ok(Some((bytes.into(), self)));
            }
        }
        Ok(None)
    }
}

/// Notes why an export is cut, where its client can't be told.
fn cut(why: Cut) -> Cut {
    match &why {
        Cut::Stopping | Cut::NotAllowed | Cut::Stalled => tracing::info!("an export was cut: {why}"),
        _ => tracing::error!(error = &why as &dyn Error, "an export was cut"),
    }
    why
}

/// What writes rows.
enum Encoder {
    Jsonl,
    Csv { is_begun: bool },
    Parquet(Box<ParquetExport>),
}

impl Encoder {
    fn new(format: Format) -> Result<Self, EncodingError> {
        Ok(match format {
            Format::Jsonl => Self::Jsonl,
            Format::Csv => Self::Csv { is_begun: false },
            Format::Parquet => Self::Parquet(Box::new(ParquetExport::new()?)),
        })
    }

    /// Writes a part, and the end after the last one.
    fn part(
        mut self,
        rows: Vec<KeyedRow>,
        view: &Arc<ControlView>,
        is_last: bool,
    ) -> Result<(Self, Vec<u8>), EncodingError> {
        let mut out = Vec::new();
        let rows = rows.into_iter().map(|keyed| keyed.row);
        match &mut self {
            Self::Jsonl => {
                for row in rows {
                    let row = HeliconeRequest::from_row(row, Bodies::Included, &view.mappings);
                    let begun = out.len();
                    serde_json::to_writer(&mut out, &row)?;
                    // Between the tokens of a body that is kept as it was, lines may end: here it has to be one.
                    let ends = out.iter_mut().skip(begun).filter(|byte| matches!(**byte, b'\n' | b'\r'));
                    ends.for_each(|byte| *byte = b' ');
                    out.push(b'\n');
                }
            }
            Self::Csv { is_begun } => {
                if !std::mem::replace(is_begun, true) {
                    csv::heading(&mut out);
                }
                for row in rows {
                    csv::row(&Record::new(row, &view.mappings)?, &mut out);
                }
            }
            Self::Parquet(file) => {
                for row in rows {
                    file.add(&Record::new(row, &view.mappings)?)?;
                }
                if is_last {
                    file.finish()?;
                }
                out = file.take();
            }
        }
        Ok((self, out))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_field_is_named() {
        let told = |body: &str| parse(body.as_bytes()).map_err(|error| error.message);
        assert_eq!(told("{}"), Ok((Format::Jsonl, false)));
        assert_eq!(told(r#"{"format":"csv","includeBodies":true}"#), Ok((Format::Csv, true)));
        assert!(
            told(r#"{"format":"xml"}"#).unwrap_err().contains("`format` must be `jsonl`, `csv` or `parquet`")
        );
        assert!(told(r#"{"includeBodies":1}"#).unwrap_err().contains("`includeBodies`"));
    }

    #[test]
    fn a_file_is_named_after_its_time_and_format() {
        let now = Timestamp::parse("2026-11-22T14:06:00.123Z").unwrap();
        assert_eq!(file_name(now, Format::Csv), "gatehouse-requests-2026-11-22T140600Z.csv");
    }
}
