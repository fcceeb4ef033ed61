//! What a provider says that it charges, beside what we computed. Nothing of it is stored.

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequest, FromRequestParts, Query, Request, State};
use axum::http::header;
use bytes::Bytes;
use gatehouse_store::filter::{Column, Condition, Filter, Test, TextColumn, TimeColumn};
use gatehouse_store::log::{CostGroups, CostQuery};
use gatehouse_types::{OrganizationId, Timestamp};
use gatehouse_wire::bill::{Bill, read_bill};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::dollars;
use super::drift::{Comparison, Sides, charged, compare, span};
use super::summary::{MAX_SUMS, bounded, day};
use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::intake::aside;
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::room::Place;
use crate::state::ApiState;

/// How long an export may be.
const MAX_EXPORT_BYTES: u32 = 20 << 20;

/// Whose export it is.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReconcileParams {
    /// The provider, as calls name it.
    #[param(value_type = String, example = "OPENAI")]
    provider: Option<String>,
}

/// What a provider charges beside what we computed; amounts are in US dollars.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Reconciliation)]
pub(crate) struct Reconciliation {
    provider: String,
    /// The first day (UTC) that the export tells of.
    #[schema(example = "2026-11-01")]
    from: String,
    /// The day after the last one.
    to: String,
    /// Whether the export tells models apart; if it does not, days are compared.
    by_model: bool,
    /// Both sides, by day and model.
    places: Vec<ReconciledPlace>,
    /// All of them together.
    total: Reconciled,
    /// Models that the provider charges for and that no call of ours had in this time.
    only_theirs: Vec<String>,
    /// Models that calls of ours had and that the export does not name.
    only_ours: Vec<String>,
    /// What the reader should know of the export.
    notes: Vec<String>,
}

/// Both sides of one day and model.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReconciledPlace {
    /// The day (UTC).
    #[schema(example = "2026-11-22")]
    day: String,
    /// The model; null where the export does not tell models apart.
    model: Option<String>,
    #[serde(flatten)]
    sides: Reconciled,
}

/// Both sides, and how they differ.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Reconciled {
    /// What the provider charges; null where its export says nothing.
    #[schema(example = 12.5)]
    theirs_usd: Option<f64>,
    /// What we computed, over the calls of which the cost is known.
    #[schema(example = 12.25)]
    ours_usd: f64,
    /// Ours less theirs.
    #[schema(example = -0.25)]
    drift_usd: f64,
    /// The same in percent of theirs; null where they charge nothing.
    #[schema(example = -2.0)]
    drift_percent: Option<f64>,
    /// How many calls of ours there are.
    calls: u64,
    /// Of how many of them the cost is not known.
    calls_without_cost: u64,
}

/// An export that somebody sent who may read, and the room that it takes.
pub(crate) struct Export {
    organization_id: OrganizationId,
    body: Bytes,
    _place: Place,
}

impl FromRequest<ApiState> for Export {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let Reader { organization_id, .. } = Reader::from_request_parts(&mut parts, state).await?;
        let announced = parts.headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok());
        let bytes = announced.and_then(|length| length.parse::<u64>().ok());
        if bytes.is_some_and(|bytes| bytes > u64::from(MAX_EXPORT_BYTES)) {
            return Err(too_long());
        }
        let bytes = bytes.and_then(|bytes| u32::try_from(bytes).ok()).unwrap_or(MAX_EXPORT_BYTES);
        let place = state.room.take(organization_id, bytes).await;
        let body = Limited::new(body, MAX_EXPORT_BYTES as usize).collect().await.map_err(|error| {
            match error.is::<LengthLimitError>() {
                true => too_long(),
                false => ApiError::new(ErrorKind::InvalidExport, "the body could not be read to its end"),
            }
        })?;
        Ok(Self { organization_id, body: body.to_bytes(), _place: place })
    }
}

fn too_long() -> ApiError {
    ApiError::new(ErrorKind::BodyTooLarge, format!("the export is longer than {MAX_EXPORT_BYTES} bytes"))
}

/// Lays a provider's export of costs beside what we computed for the same days, by day and model.
///
/// Read are OpenAI's costs (JSON of `/v1/organization/costs`, or the CSV of its dashboard), Anthropic's cost report
/// (JSON of `/v1/organizations/cost_report`, or the CSV of its console), and CSV with columns `date`, `model` and
/// `amount_usd`. Nothing is stored.
#[utoipa::path(
    post, path = "/v1/cost/reconcile", operation_id = "reconcileCosts", tag = "Cost", params(ReconcileParams),
    request_body(content = String, content_type = "text/plain", description = "The export, as JSON or CSV"),
    responses(
        (status = 200, description = "Both sides", body = Envelope<Reconciliation>),
        (status = 413, description = "The export is longer than 20 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn reconcile(
    State(state): State<ApiState>,
    params: Result<Query<ReconcileParams>, QueryRejection>,
    export: Export,
) -> Result<Json<Envelope<Reconciliation>>, ApiError> {
    let named = params.ok().and_then(|Query(params)| params.provider).filter(|name| !name.trim().is_empty());
    let named = named.ok_or_else(|| ApiError::field("provider", "a provider's name, given once"))?;
    let provider = canonical(named.trim());
    let Export { organization_id, body, .. } = export;
    let read = move || {
        let invalid = |error: gatehouse_wire::bill::BillError| {
            ApiError::new(ErrorKind::InvalidExport, error.to_string())
        };
        read_bill(&body).map_err(invalid)
    };
    let bill = aside(read).await?;
    let Some((from, to)) = span(&bill) else {
        return Err(ApiError::new(ErrorKind::InvalidExport, "the export has no charges in it"));
    };
    let query = CostQuery {
        organization_id,
        filter: during(&provider, from, to),
        groups: CostGroups { day: true, model: true, provider: false },
        limit: MAX_SUMS + 1,
    };
    let sums = bounded(state.log.cost_sums(query).await?)?;
    let compared = compare(&bill, &sums);
    Ok(Envelope::json(Reconciliation::of(provider, (from, to), compared, bill)))
}

/// Returns a provider's name as calls have it: upper case, unless it is a host.
fn canonical(name: &str) -> String {
    if name.contains('.') { name.to_lowercase() } else { name.to_uppercase() }
}

/// Returns the filter of a provider's calls from a time to another, which is left out.
fn during(provider: &str, from: Timestamp, to: Timestamp) -> Filter {
    let leaf = |column, test| Filter::Leaf(Condition { column, test });
    let and = |left, right| Filter::And(Box::new(left), Box::new(right));
    let time = Column::Time(TimeColumn::RequestCreatedAt);
    let span = and(leaf(time.clone(), Test::TimeAtLeast(from)), leaf(time, Test::TimeBefore(to)));
    and(leaf(Column::Text(TextColumn::Provider), Test::TextEquals(provider.to_owned())), span)
}

impl Reconciliation {
    fn of(provider: String, (from, to): (Timestamp, Timestamp), compared: Comparison, bill: Bill) -> Self {
        let total = Sides { theirs: Some(charged(&bill)), ..compared.total() };
        let by_model = compared.by_model;
        let places = compared.places.into_iter().map(|((at, model), sides)| ReconciledPlace {
            day: day(at),
            model: by_model.then_some(model),
            sides: sides.into(),
        });
        Self {
            provider,
            from: day(from),
            to: day(to),
            by_model,
            places: places.collect(),
            total: total.into(),
            only_theirs: compared.only_theirs.into_iter().collect(),
            only_ours: compared.only_ours.into_iter().collect(),
            notes: bill.notes,
        }
    }
}

impl From<Sides> for Reconciled {
    fn from(sides: Sides) -> Self {
        Self {
            theirs_usd: sides.theirs.map(dollars),
            ours_usd: dollars(sides.ours),
            drift_usd: dollars(sides.drift()),
            drift_percent: sides.drift_percent(),
            calls: sides.calls,
            calls_without_cost: sides.without_cost,
        }
    }
}
