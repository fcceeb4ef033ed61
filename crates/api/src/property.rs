//! Custom properties that are added to a logged call.

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use gatehouse_store::log::{Annotation, Content};
use gatehouse_types::{RequestId, Timestamp};
use serde_json::Value;
use utoipa::ToSchema;

use crate::annotate::{Accepted, AnnotateRefusals, Source, helicone_id, keep};
use crate::auth::Writer;
use crate::error::ApiError;
use crate::fields::{Fields, PathId};
use crate::labels::text;
use crate::replies::Done;
use crate::state::ApiState;

/// What the headers that carry properties begin with; the rest is the name, in lower case as in the
/// properties that calls are sent with.
const HEADER_PREFIX: &str = "helicone-property-";

/// A property to be added.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"key": "environment", "value": "production"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct SetProperty {
    /// Its name, up to 200 characters.
    key: String,
    /// Its value, up to 10,000 bytes.
    value: String,
}

/// The call that properties in the headers are added to.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"helicone-id": "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct LogProperties {
    /// The call's id, as in `Helicone-Id`.
    #[schema(rename = "helicone-id", format = Uuid)]
    helicone_id: String,
}

/// Adds a custom property to a logged call, or changes one; the last value counts.
///
/// The call may still be running: the property is kept for it.
#[utoipa::path(
    put, path = "/v1/request/{id}/property", operation_id = "setRequestProperty", tag = "Requests",
    params(("id" = String, Path, format = Uuid, description = "The call's id, as in `Helicone-Id`", example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20")),
    request_body = SetProperty,
    responses(
        (status = 201, description = "The property is kept", body = Done),
        AnnotateRefusals,
    )
)]
pub(crate) async fn set(
    writer: Writer,
    State(state): State<ApiState>,
    PathId(id): PathId,
    fields: Fields,
) -> Result<(StatusCode, Json<Done>), ApiError> {
    let text = |field: &str| {
        let text = fields.value(field).and_then(Value::as_str);
        text.ok_or_else(|| ApiError::field(field, "a text"))
    };
    let (key, value) = (text("key")?, text("value")?);
    let content = Content::Property(value.to_owned());
    let source = Source { name: "key", value: "value" };
    let annotation = source.annotation(key, content, state.clock.now())?;
    keep(&state, writer.organization_id, RequestId::from_uuid(id), vec![annotation]).await?;
    Ok((StatusCode::CREATED, Done::json()))
}

/// Adds the custom properties of the `Helicone-Property-…` headers to a logged call, all or none.
///
/// The body and the answer are those of Helicone's proxy. The call may still be running: the properties are
/// kept for it.
#[utoipa::path(
    post, path = "/v1/log", operation_id = "logProperties", tag = "Requests",
    request_body = LogProperties,
    responses(
        (status = 200, description = "The properties are kept", body = Accepted),
        AnnotateRefusals,
    )
)]
pub(crate) async fn log(
    writer: Writer,
    State(state): State<ApiState>,
    headers: HeaderMap,
    fields: Fields,
) -> Result<Json<Accepted>, ApiError> {
    let request_id = helicone_id(&fields)?;
    let properties = properties(&headers, state.clock.now())?;
    keep(&state, writer.organization_id, request_id, properties).await?;
    Ok(Accepted::json("the properties were accepted", request_id))
}

/// Reads the properties in headers; of several with the same name the last counts.
fn properties(headers: &HeaderMap, at: Timestamp) -> Result<Vec<Annotation>, ApiError> {
    let mut properties = Vec::new();
    for (header, value) in headers {
        let Some(name) = header.as_str().strip_prefix(HEADER_PREFIX) else { continue };
        let content = Content::Property(text(value));
        let source = Source { name: header.as_str(), value: header.as_str() };
        properties.push(source.annotation(name, content, at)?);
    }
    Ok(properties)
}
