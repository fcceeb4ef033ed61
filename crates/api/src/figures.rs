//! Figures over many calls: what is asked for by name, over which span of time, and how it is shown.

pub(crate) mod answer;
pub(crate) mod document;
pub(crate) mod groups;
pub(crate) mod histogram;
pub(crate) mod query;
pub(crate) mod span;
pub(crate) mod table;
pub(crate) mod value;

mod names;

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::Value;

pub(crate) use names::{ACTIVE_DAYS, RATE_LIMITED, USER};

use crate::auth::Reader;
use crate::error::ApiError;
use crate::fields::OptionalFields;
use crate::request::Envelope;
use crate::state::ApiState;
use table::ROUTES;

/// Returns the routes about figures.
pub(crate) fn routes() -> Router<ApiState> {
    let queries = Router::new().route("/v1/metrics/query", post(query::query));
    ROUTES.iter().fold(queries, |router, route| {
        let handler = move |reader: Reader, State(state): State<ApiState>, fields: OptionalFields| async move {
            let found = answer::answer(route, reader.organization_id, &state, &fields.0).await?;
            Ok::<Json<Envelope<Value>>, ApiError>(Envelope::json(found))
        };
        router.route(route.path, post(handler))
    })
}
