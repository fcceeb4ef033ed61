//! What is said of a session later: a rating, and a tag.

use axum::Json;
use axum::extract::State;
use gatehouse_store::desk::{MAX_SESSION_TAGS, SessionTag, Tagged};
use gatehouse_store::filter::{Filter, Test};
use gatehouse_store::log::{Annotation, Content, Direction, RowQuery, SESSION_ID, SortKey};
use serde_json::Value;
use utoipa::ToSchema;

use super::property;
use crate::annotate::{AnnotateRefusals, keep};
use crate::auth::{Reader, Writer};
use crate::error::{ApiError, ErrorKind};
use crate::fields::{Fields, MAX_NAME_CHARS, PathText};
use crate::replies::{Done, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// The property of a session's first call that is its rating: `1` or `0`.
const RATING: &str = "Helicone-Session-Feedback";

/// The rating of a session.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"rating": true}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct SessionRating {
    /// Whether it went well.
    rating: bool,
}

/// The tag of a session.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"tag": "to review"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct TagSession {
    /// The tag, up to 200 characters; the empty text takes the tag away.
    tag: String,
}

/// Rates a session; the last rating counts.
///
/// It is kept as the property `Helicone-Session-Feedback`, `1` or `0`, of the session's first call.
#[utoipa::path(
    post, path = "/v1/session/{id}/feedback", operation_id = "rateSession", tag = "Sessions",
    params(("id" = String, Path, description = "The session's id", example = "trip-42")),
    request_body = SessionRating,
    responses(
        (status = 200, description = "The rating is kept", body = Done),
        (status = 404, description = "No such session in this organisation", body = crate::error::ErrorEnvelope),
        AnnotateRefusals,
    )
)]
pub(crate) async fn rate(
    writer: Writer,
    State(state): State<ApiState>,
    PathText(id): PathText,
    fields: Fields,
) -> Result<Json<Done>, ApiError> {
    let rating = fields.flag("rating")?.ok_or_else(|| ApiError::field("rating", "true or false"))?;
    let query = RowQuery {
        organization_id: writer.organization_id,
        filter: Filter::Leaf(property(SESSION_ID, Test::TextEquals(id.clone()))),
        sort: SortKey::CreatedAt,
        direction: Direction::Ascending,
        after: None,
        offset: 0,
        limit: 1,
    };
    let first = state.log.rows(query).await?.into_iter().next();
    let first = first.ok_or_else(|| ApiError::new(ErrorKind::NotFound, "there is no such session"))?;
    let value = if rating { "1" } else { "0" };
    let annotation = Annotation::new(RATING, Content::Property(value.to_owned()), state.clock.now())
        .map_err(|error| ApiError::field("rating", &error.to_string()))?;
    keep(&state, writer.organization_id, first.request_id, vec![annotation]).await?;
    Ok(Done::json())
}

/// Returns the tag of a session; null without one.
#[utoipa::path(
    get, path = "/v1/session/{id}/tag", operation_id = "getSessionTag", tag = "Sessions",
    params(("id" = String, Path, description = "The session's id", example = "trip-42")),
    responses((status = 200, description = "The tag", body = Envelope<Option<String>>), Refusals)
)]
pub(crate) async fn tag(
    reader: Reader,
    State(state): State<ApiState>,
    PathText(id): PathText,
) -> Result<Json<Envelope<Option<String>>>, ApiError> {
    let tag = state.control()?.store().session_tag(reader.organization_id, id).await?;
    Ok(Envelope::json(tag))
}

/// Gives a session a tag, in the place of the one that it has.
#[utoipa::path(
    post, path = "/v1/session/{id}/tag", operation_id = "tagSession", tag = "Sessions",
    params(("id" = String, Path, description = "The session's id", example = "trip-42")),
    request_body = TagSession,
    responses((status = 200, description = "The tag is kept", body = Done), AnnotateRefusals)
)]
pub(crate) async fn set_tag(
    writer: Writer,
    State(state): State<ApiState>,
    PathText(session_id): PathText,
    fields: Fields,
) -> Result<Json<Done>, ApiError> {
    let expected = "a text of up to 200 characters";
    let tag = fields.value("tag").and_then(Value::as_str).map(str::trim);
    let is_tag = |tag: &&str| tag.chars().count() <= MAX_NAME_CHARS && !tag.chars().any(char::is_control);
    let tag = tag.filter(is_tag).ok_or_else(|| ApiError::field("tag", expected))?.to_owned();
    let (store, organization_id) = (state.control()?.store(), writer.organization_id);
    if tag.is_empty() {
        store.untag_session(organization_id, session_id).await?;
        return Ok(Done::json());
    }
    match store.tag_session(SessionTag { organization_id, session_id, tag }).await? {
        Tagged::Done => Ok(Done::json()),
        Tagged::Full => Err(ApiError::too_many(MAX_SESSION_TAGS, "sessions with a tag")),
    }
}
