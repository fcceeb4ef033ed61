//! Customers: organisations of their own under an organisation, which there are none of here.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::auth::Reader;
use crate::error::{ApiError, ErrorKind};
use crate::fields::PathText;
use crate::replies::Refusals;
use crate::state::ApiState;

/// A customer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Customer {
    /// Its id.
    id: String,
    /// What it is called.
    name: String,
}

/// What a customer's calls cost and used.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CustomerUsage {
    /// Its id.
    id: String,
    /// What it is called.
    name: String,
    /// US dollars.
    cost: f64,
    /// How many calls.
    count: u64,
    /// Input tokens.
    prompt_tokens: u64,
    /// Output tokens.
    completion_tokens: u64,
}

/// Lists the customers: none, because an organisation has no organisations under it.
#[utoipa::path(
    post, path = "/v1/customer/query", operation_id = "queryCustomers", tag = "Users",
    responses((status = 200, description = "An empty list", body = Vec<Customer>, example = json!([])), Refusals)
)]
pub(crate) async fn list(_reader: Reader, State(_): State<ApiState>) -> Json<Vec<Customer>> {
    Json(Vec::new())
}

/// Says that there is no such customer; calls of an end user are found under `/v1/user/query`.
#[utoipa::path(
    post, path = "/v1/customer/{id}/usage/query", operation_id = "queryCustomerUsage", tag = "Users",
    params(("id" = String, Path, description = "The customer's id", example = "acme")),
    responses(
        (status = 200, description = "What its calls cost and used", body = CustomerUsage),
        (status = 404, description = "No such customer", body = crate::error::ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn usage(
    _reader: Reader,
    State(_): State<ApiState>,
    PathText(_): PathText,
) -> Result<Json<CustomerUsage>, ApiError> {
    let message = "there are no customers here; what a user's calls cost is in `/v1/user/query`";
    Err(ApiError::new(ErrorKind::NotFound, message))
}
