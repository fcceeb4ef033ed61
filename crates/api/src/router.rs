//! Every route of the API listener, in one list.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::error::{ApiError, ErrorKind};
use crate::state::ApiState;
use crate::{dashboard, guard, health, metrics, openapi, request};

/// How long the body of a call may be.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;

/// Returns the whole surface of the API listener.
pub fn router(state: ApiState) -> Router {
    Router::new()
        .route("/v1/request/{id}", get(request::read))
        .route("/v1/request/query", post(request::query_alias))
        .route("/v1/request/query-clickhouse", post(request::query))
        .route("/v1/request/count/query", post(request::count))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(metrics::metrics))
        .route("/openapi.json", get(openapi::document))
        .fallback(dashboard::file)
        .method_not_allowed_fallback(method_not_allowed)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .with_state(state)
}

/// Answers a known route asked with a wrong method.
async fn method_not_allowed() -> ApiError {
    ApiError::new(ErrorKind::MethodNotAllowed, "this route does not have that method, see `Allow`")
}
