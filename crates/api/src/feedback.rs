//! Feedback on a logged call: a rating, or anything with a name.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gatehouse_store::log::{Content, FeedbackValue, RATING};
use gatehouse_types::RequestId;
use serde_json::Value;
use utoipa::ToSchema;

use crate::annotate::{Accepted, AnnotateRefusals, Source, helicone_id, keep};
use crate::auth::Writer;
use crate::error::ApiError;
use crate::fields::{Fields, PathId};
use crate::replies::Done;
use crate::state::ApiState;

/// What a page of any origin may send, as Helicone's proxy says.
const PREFLIGHT: [(HeaderName, &str); 2] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type, helicone-auth, helicone-jwt"),
];

/// The rating of a call.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"rating": true}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct Rating {
    /// Whether the answer was good.
    rating: bool,
}

/// The rating of a call, or feedback of any name: either `rating`, or `name` and `value`.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"helicone-id": "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20", "name": "tone", "value": "friendly", "data-type": "categorical"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct GiveFeedback {
    /// The call's id, as in `Helicone-Id`.
    #[schema(rename = "helicone-id", format = Uuid)]
    helicone_id: String,
    /// Whether the answer was good.
    #[schema(required = false)]
    rating: Option<bool>,
    /// What the feedback is called, up to 200 characters.
    #[schema(required = false)]
    name: Option<String>,
    /// True or false, a number, or a text of up to 10,000 bytes.
    #[schema(value_type = Option<Value>, required = false)]
    value: Option<Value>,
    /// `boolean`, `numerical`, `string` or `categorical`; without it the value says which.
    #[schema(rename = "data-type", required = false)]
    data_type: Option<String>,
}

/// Rates a logged call; the last rating counts.
///
/// The call may still be running: a rating is kept for it.
#[utoipa::path(
    post, path = "/v1/request/{id}/feedback", operation_id = "rateRequest", tag = "Requests",
    params(("id" = String, Path, format = Uuid, description = "The call's id, as in `Helicone-Id`", example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20")),
    request_body = Rating,
    responses(
        (status = 201, description = "The rating is kept", body = Done),
        AnnotateRefusals,
    )
)]
pub(crate) async fn rate(
    writer: Writer,
    State(state): State<ApiState>,
    PathId(id): PathId,
    fields: Fields,
) -> Result<(StatusCode, Json<Done>), ApiError> {
    let (name, value) = (RATING, rating(fields.value("rating"))?);
    let annotation = NAMED.annotation(name, Content::Feedback(value), state.clock.now())?;
    keep(&state, writer.organization_id, RequestId::from_uuid(id), vec![annotation]).await?;
    Ok((StatusCode::CREATED, Done::json()))
}

/// Rates a logged call, or keeps feedback of any name; the last of a name counts.
///
/// The body and the answer are those of Helicone's proxy. The call may still be running: the feedback is
/// kept for it.
#[utoipa::path(
    post, path = "/v1/feedback", operation_id = "giveFeedback", tag = "Requests",
    request_body = GiveFeedback,
    responses(
        (status = 200, description = "The feedback is kept", body = Accepted),
        AnnotateRefusals,
    )
)]
pub(crate) async fn give(
    writer: Writer,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Accepted>, ApiError> {
    let request_id = helicone_id(&fields)?;
    let (name, value) = feedback(&fields)?;
    let annotation = NAMED.annotation(&name, Content::Feedback(value), state.clock.now())?;
    keep(&state, writer.organization_id, request_id, vec![annotation]).await?;
    Ok(Accepted::json("the feedback was accepted", request_id))
}

/// Answers a browser that asks whether a page may give feedback.
pub(crate) async fn preflight() -> impl IntoResponse {
    (StatusCode::NO_CONTENT, PREFLIGHT)
}

/// Lets a page of any origin read the answer: the key comes in a header that the page itself sets.
pub(crate) async fn open_to_pages(mut response: Response) -> Response {
    response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

const NAMED: Source<'static> = Source { name: "name", value: "value" };

/// Reads the name and the value of the feedback.
fn feedback(fields: &Fields) -> Result<(String, FeedbackValue), ApiError> {
    match (fields.value("rating"), fields.value("name")) {
        (Some(_), Some(_)) => Err(ApiError::field("rating", "left out when there is a `name`")),
        (Some(given), None) => Ok((RATING.to_owned(), rating(Some(given))?)),
        (None, Some(Value::String(name))) => {
            let value = fields.value("value").ok_or_else(|| ApiError::field("value", VALUES))?;
            Ok((name.clone(), named(value, fields)?))
        }
        (None, Some(_)) => Err(ApiError::field("name", "a text of 1 to 200 characters")),
        (None, None) => {
            Err(ApiError::field("rating", "true or false, or else there must be `name` and `value`"))
        }
    }
}

const VALUES: &str = "true or false, a number, or a text";

fn rating(given: Option<&Value>) -> Result<FeedbackValue, ApiError> {
    let rating = given.and_then(Value::as_bool).ok_or_else(|| ApiError::field("rating", "true or false"))?;
    Ok(FeedbackValue::Boolean(rating))
}

/// Reads a value as its `data-type` says, or as what it is.
fn named(value: &Value, fields: &Fields) -> Result<FeedbackValue, ApiError> {
    let wrong = |expected: &str| ApiError::field("value", expected);
    let boolean = || value.as_bool().map(FeedbackValue::Boolean).ok_or_else(|| wrong("true or false"));
    let numerical = || value.as_f64().map(FeedbackValue::Numerical).ok_or_else(|| wrong("a number"));
    let text = || value.as_str().map(str::to_owned).ok_or_else(|| wrong("a text"));
    match fields.value("data-type") {
        None => match value {
            Value::Bool(_) => boolean(),
            Value::Number(_) => numerical(),
            Value::String(_) => text().map(FeedbackValue::Text),
            _ => Err(wrong(VALUES)),
        },
        Some(data_type) => match data_type.as_str() {
            Some("boolean") => boolean(),
            Some("numerical") => numerical(),
            Some("string") => text().map(FeedbackValue::Text),
            Some("categorical") => text().map(FeedbackValue::Categorical),
            _ => Err(ApiError::field("data-type", "one of boolean, numerical, string, categorical")),
        },
    }
}
