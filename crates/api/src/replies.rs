//! The answers that many routes share: nothing, and the failures as the OpenAPI document lists them.

use std::collections::BTreeMap;

use axum::Json;
use serde::Serialize;
use utoipa::openapi::{Content, Ref, RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

/// The body of a successful call that returns nothing.
#[derive(Debug, Default, Serialize, ToSchema)]
#[schema(example = json!({"data": null, "error": null}))]
pub(crate) struct Done {
    /// Always null.
    #[schema(schema_with = crate::openapi::always_null)]
    data: Option<()>,
    /// Always null.
    #[schema(schema_with = crate::openapi::always_null)]
    error: Option<()>,
}

impl Done {
    pub(crate) fn json() -> Json<Self> {
        Json(Self::default())
    }
}

/// An event of a stream.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes the events in the OpenAPI document; they are written as text")]
pub(crate) struct ServerEvent {
    /// What it tells of.
    #[schema(example = "progress")]
    event: String,
    /// What it tells, as JSON.
    #[schema(example = "{\"searched\": 0, \"total\": 5}")]
    data: String,
}

/// What any route about an organisation's affairs may answer.
pub(crate) struct Refusals;

/// And what one with an id in its path may answer.
pub(crate) struct IdRefusals;

/// And what one that takes records of calls may answer.
pub(crate) struct IntakeRefusals;

/// And what one that pages of ours call without a session may answer.
pub(crate) struct PageRefusals;

type Responses = BTreeMap<String, RefOr<Response>>;

const SHARED: [(&str, &str); 4] = [
    ("400", "Not JSON, or a wrong field"),
    ("401", "No key, or one that is malformed, unknown, revoked or expired"),
    ("403", "The key lacks the permission"),
    ("503", "The control store is away, or not open yet"),
];
const INTAKE: [(&str, &str); 5] = [
    ("400", "Not what the route takes, or a field that is missing or wrong"),
    ("401", "No key, or one that is malformed, unknown, revoked or expired"),
    ("403", "The key may not write"),
    ("413", "The body is longer than 10 MiB"),
    ("503", "The journal has no room"),
];
const PAGE: [(&str, &str); 5] = [
    ("400", "Not JSON, or a wrong field"),
    ("403", "A page of another site makes the call, or the person belongs to no organisation"),
    ("413", "The body is longer than 1 MiB"),
    ("415", "The body is not said to be JSON"),
    ("503", "The control store is away, or not open yet"),
];
const UNKNOWN_ID: (&str, &str) = ("404", "No such thing in this organisation");

impl IntoResponses for Refusals {
    fn responses() -> Responses {
        SHARED.map(refusal).into_iter().collect()
    }
}

impl IntoResponses for IdRefusals {
    fn responses() -> Responses {
        SHARED.into_iter().chain([UNKNOWN_ID]).map(refusal).collect()
    }
}

impl IntoResponses for PageRefusals {
    fn responses() -> Responses {
        PAGE.map(refusal).into_iter().collect()
    }
}

impl IntoResponses for IntakeRefusals {
    fn responses() -> Responses {
        INTAKE.map(refusal).into_iter().collect()
    }
}

/// Returns an error of a status as the document describes it.
pub(crate) fn refusal((status, description): (&str, &str)) -> (String, RefOr<Response>) {
    let mut response = Response::new(description);
    let content = Content::new(Some(Ref::from_schema_name("ErrorEnvelope")));
    response.content.insert("application/json".to_owned(), content);
    (status.to_owned(), response.into())
}
