//! The handler that reads the inputs of a call's prompt.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Envelope, found};
use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope};
use crate::state::ApiState;

/// The prompt of a call and what was filled into it.
#[derive(Debug, Serialize, ToSchema)]
pub struct PromptInputs {
    /// The prompt's id; empty when the call named none.
    #[schema(example = "greeting")]
    prompt_id: String,
    /// Its version; empty when the call named none.
    version_id: String,
    /// Always null.
    environment: Option<String>,
    /// The inputs by name; of two with the same name, the later one.
    inputs: BTreeMap<String, String>,
}

/// Returns the prompt of a call and its inputs, or null when the call used none.
#[utoipa::path(
    get, path = "/v1/request/{id}/inputs", operation_id = "getRequestInputs", tag = "Requests",
    params(
        ("id" = String, Path, format = Uuid, description = "The call's id, as in `Helicone-Id`", example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20"),
    ),
    responses(
        (status = 200, description = "The prompt and its inputs, or null", body = Envelope<Option<PromptInputs>>),
        (status = 400, description = "Not an id", body = ErrorEnvelope),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
        (status = 404, description = "No such call in this organisation", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn inputs(
    reader: Reader,
    State(state): State<ApiState>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Json<Envelope<Option<PromptInputs>>>, ApiError> {
    let row = found(&state, reader.organization_id, id).await?;
    let inputs = row.handling.prompt_inputs;
    if inputs.is_empty() && row.prompt_id.is_empty() {
        return Ok(Envelope::json(None));
    }
    Ok(Envelope::json(Some(PromptInputs {
        prompt_id: row.prompt_id,
        version_id: row.prompt_version,
        environment: None,
        inputs: inputs.into_iter().collect(),
    })))
}
