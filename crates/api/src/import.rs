//! Calls that Helicone logged, taken over: rows as its API and its exports have them become rows here.
//!
//! A row keeps its id, and with it a later import of the same row takes the place of the earlier one, so that an
//! import can be repeated. Counts and costs are read from the bodies again; where those are gone, the counts of the
//! row count.

mod record;

use axum::Json;
use axum::extract::State;
use gatehouse_store::log::Annotation;
use gatehouse_types::{Exchange, RequestId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::annotate;
use crate::error::{ApiError, ErrorKind};
use crate::intake::{self, Upload};
use crate::replies::IntakeRefusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// How many rows one call may bring.
const MAX_ROWS: usize = 10_000;

/// A row on its way into the log.
struct Record {
    exchange: Exchange,
    annotations: Vec<Annotation>,
}

/// What became of the rows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"imported": 999, "refused": [{"line": 17, "message": "`request_id` must be a UUID"}]}))]
pub(crate) struct Imported {
    /// How many rows are on disk now.
    imported: usize,
    /// The others.
    refused: Vec<RefusedRow>,
}

/// A row that is not taken.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RefusedRow {
    /// Its line, counted from 1.
    line: usize,
    /// Why.
    message: String,
}

/// Takes over calls that Helicone logged: a row a line, as `/v1/request/query-clickhouse` and exports have them, with
/// `request_body` and `response_body` where they are known.
///
/// A row that was taken over before is replaced. Rows that can't be read are told and keep no other one back.
#[utoipa::path(
    post, path = "/v1/import/helicone", operation_id = "importHeliconeRows", tag = "Logging",
    request_body(content = String, content_type = "application/x-ndjson", description = "A JSON object a line, at most 10,000 lines and 10 MiB",
        example = "{\"request_id\":\"0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20\",\"request_created_at\":\"2026-03-01T10:00:00.000Z\",\"provider\":\"OPENAI\",\"response_status\":200}\n"),
    responses(
        (status = 200, description = "What became of the rows", body = Envelope<Imported>),
        IntakeRefusals,
    )
)]
pub(crate) async fn helicone(
    State(state): State<ApiState>,
    upload: Upload,
) -> Result<Json<Envelope<Imported>>, ApiError> {
    let organization_id = upload.organization_id;
    let providers = state.administration().ok().map(|known| known.providers.clone());
    let now = state.clock.now();
    let (records, refused) =
        intake::aside(move || read(&upload, &record::Surroundings { providers: providers.as_deref(), now }))
            .await?;
    let imported = records.len();
    let mut exchanges = Vec::with_capacity(imported);
    let mut annotated: Vec<(RequestId, Vec<Annotation>)> = Vec::new();
    for Record { exchange, annotations } in records {
        if !annotations.is_empty() {
            annotated.push((exchange.meta.request_id, annotations));
        }
        exchanges.push(exchange);
    }
    intake::keep(&state, exchanges).await?;
    for (request_id, annotations) in annotated {
        annotate::keep(&state, organization_id, request_id, annotations).await?;
    }
    Ok(Envelope::json(Imported { imported, refused }))
}

/// Reads the lines of a body.
fn read(
    upload: &Upload,
    surroundings: &record::Surroundings<'_>,
) -> Result<(Vec<Record>, Vec<RefusedRow>), ApiError> {
    let text = std::str::from_utf8(&upload.body)
        .map_err(|_| ApiError::new(ErrorKind::InvalidJson, "the body is not UTF-8"))?;
    let lines = || text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    if lines().count() > MAX_ROWS {
        let message = format!("the body has more than {MAX_ROWS} lines: send them in several calls");
        return Err(ApiError::new(ErrorKind::InvalidField, message));
    }
    let (mut records, mut refused) = (Vec::new(), Vec::new());
    for (text, line) in lines() {
        match record::read(upload, text, surroundings) {
            Ok(record) => records.push(record),
            Err(message) => refused.push(RefusedRow { line, message }),
        }
    }
    Ok((records, refused))
}
