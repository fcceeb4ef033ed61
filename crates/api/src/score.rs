//! Scores of a logged call: numbers and booleans with names.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatehouse_store::log::{Annotation, Content, FeedbackValue};
use gatehouse_types::RequestId;
use serde_json::Value;
use utoipa::ToSchema;

use crate::annotate::{AnnotateRefusals, Source, keep};
use crate::auth::Writer;
use crate::error::ApiError;
use crate::fields::{Fields, PathId};
use crate::replies::Done;
use crate::state::ApiState;

const SCORES: &str = "scores";

/// Scores by name.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"scores": {"accuracy": 0.92, "is_polite": true}}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct GiveScores {
    /// Numbers, or true and false, under names of up to 200 characters.
    scores: Value,
}

/// Scores a logged call, all or none; the last score of a name counts.
///
/// The call may still be running: the scores are kept for it.
#[utoipa::path(
    post, path = "/v1/request/{id}/score", operation_id = "scoreRequest", tag = "Requests",
    params(("id" = String, Path, format = Uuid, description = "The call's id, as in `Helicone-Id`", example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20")),
    request_body = GiveScores,
    responses(
        (status = 201, description = "The scores are kept", body = Done),
        AnnotateRefusals,
    )
)]
pub(crate) async fn give(
    writer: Writer,
    State(state): State<ApiState>,
    PathId(id): PathId,
    fields: Fields,
) -> Result<(StatusCode, Json<Done>), ApiError> {
    let scores = fields.value(SCORES).and_then(Value::as_object).filter(|scores| !scores.is_empty());
    let scores = scores.ok_or_else(|| ApiError::field(SCORES, "an object of numbers and booleans"))?;
    let now = state.clock.now();
    let annotations = scores.iter().map(|(name, score)| {
        let place = format!("{SCORES}.{name}");
        let content = Content::Feedback(value(score, &place)?);
        Source { name: SCORES, value: &place }.annotation(name, content, now)
    });
    let annotations = annotations.collect::<Result<Vec<Annotation>, ApiError>>()?;
    keep(&state, writer.organization_id, RequestId::from_uuid(id), annotations).await?;
    Ok((StatusCode::CREATED, Done::json()))
}

fn value(score: &Value, place: &str) -> Result<FeedbackValue, ApiError> {
    let number = || score.as_f64().map(FeedbackValue::Numerical);
    let value = score.as_bool().map(FeedbackValue::Boolean).or_else(number);
    value.ok_or_else(|| ApiError::field(place, "a number, or true or false"))
}
