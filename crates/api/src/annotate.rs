//! What the routes about feedback and added properties share.
//!
//! They take any id of a call that is well formed: a call is stored after it has ended, so that feedback may
//! come before its row. What is kept under an id of another organisation's joins nothing.

use std::collections::BTreeMap;

use axum::Json;
use gatehouse_store::log::{Annotated, Annotation, Content, InvalidAnnotation, MAX_ANNOTATIONS};
use gatehouse_types::{OrganizationId, RequestId, Timestamp};
use serde::Serialize;
use utoipa::openapi::{RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::error::{ApiError, ErrorKind};
use crate::fields::Fields;
use crate::replies::refusal;
use crate::state::ApiState;

/// The field that names the call in the bodies that Helicone's proxy takes.
const HELICONE_ID: &str = "helicone-id";

/// The answer of a route that takes something for a call which may not be stored yet.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"message": "the feedback was accepted", "helicone_id": "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20"}))]
pub(crate) struct Accepted {
    /// For people.
    message: &'static str,
    /// The call's id.
    #[schema(format = Uuid)]
    helicone_id: String,
}

impl Accepted {
    pub(crate) fn json(message: &'static str, request_id: RequestId) -> Json<Self> {
        Json(Self { message, helicone_id: request_id.to_string() })
    }
}

/// Returns the call that a body names.
pub(crate) fn helicone_id(fields: &Fields) -> Result<RequestId, ApiError> {
    let expected = "the id of a call (a UUID)";
    let request_id = fields.parsed(HELICONE_ID, expected, RequestId::parse)?;
    request_id.ok_or_else(|| ApiError::field(HELICONE_ID, expected))
}

/// What these routes may answer when they keep nothing.
pub(crate) struct AnnotateRefusals;

const REFUSALS: [(&str, &str); 6] = [
    ("400", "Not an id, not JSON, or a wrong field"),
    ("401", "No key, or one that is malformed, unknown, revoked or expired"),
    ("403", "The key may not write"),
    ("409", "The call has as many annotations as it may"),
    ("413", "The body is longer than 1 MiB"),
    ("503", "The log store is away"),
];

impl IntoResponses for AnnotateRefusals {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        REFUSALS.map(refusal).into_iter().collect()
    }
}

/// Where in a call the two parts of an annotation come from, for its errors.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a str,
}

impl Source<'_> {
    /// Returns the annotation, or says which part of it is not what it must be.
    pub(crate) fn annotation(
        self,
        name: &str,
        content: Content,
        at: Timestamp,
    ) -> Result<Annotation, ApiError> {
        Annotation::new(name, content, at).map_err(|error| {
            let part = match error {
                InvalidAnnotation::Name => self.name,
                InvalidAnnotation::Value | InvalidAnnotation::Rating => self.value,
            };
            ApiError::field(part, &error.to_string())
        })
    }
}

/// Keeps annotations of a call; they are on disk when this returns.
///
/// One organisation does this one at a time, so that it does not fill the queue in which all of them wait.
pub(crate) async fn keep(
    state: &ApiState,
    organization_id: OrganizationId,
    request_id: RequestId,
    annotations: Vec<Annotation>,
) -> Result<(), ApiError> {
    let _turn = state.annotating.take(organization_id).await;
    match state.log.annotate(organization_id, request_id, annotations).await? {
        Annotated::Kept => Ok(()),
        Annotated::Full => {
            let message = format!("request {request_id} can't have more than {MAX_ANNOTATIONS} annotations");
            Err(ApiError::new(ErrorKind::LimitReached, message))
        }
    }
}
