//! The routes that have calls priced anew.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatehouse_store::audit::{Action, Actor};
use gatehouse_store::control::Change;
use gatehouse_store::filter::Filter;
use gatehouse_types::{OrganizationId, Timestamp};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::dollars;
use super::repricing::{Progress, Repricing, Standing, Work};
use crate::auth::{Manager, Reader};
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, PathId};
use crate::replies::{IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// What may be said of a re-pricing.
const FIELDS: [&str; 2] = ["filter", "dry_run"];
/// How much of a filter the audit log keeps, in characters.
const MAX_AUDITED_CHARACTERS: usize = 500;

/// Which calls are priced anew.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "filter": {"request_response_rmt": {"cost_status": {"equals": "no_price"}}}, "dry_run": false
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct RepriceCalls {
    /// Which calls, as in a query of calls; `"all"` for every one.
    #[schema(value_type = Value)]
    filter: Value,
    /// Only says what would change.
    #[schema(default = false, required = false)]
    dry_run: Option<bool>,
}

/// A re-pricing, and how far it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Repricing)]
pub(crate) struct RepricingAnswer {
    id: Uuid,
    state: Standing,
    /// Whether it only says what would change.
    dry_run: bool,
    /// Which calls, as it was said.
    #[schema(value_type = Value)]
    filter: Value,
    /// How many calls match.
    total: u64,
    /// How many of them it came by.
    scanned: u64,
    /// How many of these come to another cost, or to another reason for having none.
    changed: u64,
    /// How many keep the cost they have, because they are of a time when less was stored of a call than its price
    /// depends on.
    kept: u64,
    /// What the calls that it came by cost before, in US dollars, as far as that was known.
    #[schema(example = 12.5)]
    cost_before_usd: f64,
    /// What they cost now.
    #[schema(example = 14.25)]
    cost_after_usd: f64,
    /// How many of them have no cost now, by the reason.
    without_cost: BTreeMap<String, u64>,
    started_at: String,
    finished_at: Option<String>,
    /// How long it will take yet, in seconds, if it goes on as it went so far.
    eta_seconds: Option<f64>,
    /// Why it failed.
    problem: Option<String>,
}

impl RepricingAnswer {
    fn of(repricing: &Repricing, now: Timestamp) -> Self {
        let progress = repricing.progress();
        Self {
            id: repricing.id,
            state: progress.standing,
            dry_run: repricing.is_dry_run,
            filter: repricing.filter.clone(),
            total: progress.total,
            scanned: progress.scanned,
            changed: progress.changed,
            kept: progress.kept,
            cost_before_usd: dollars(progress.cost_before),
            cost_after_usd: dollars(progress.cost_after),
            started_at: repricing.started_at.to_string(),
            finished_at: progress.finished_at.map(|at| at.to_string()),
            eta_seconds: eta_seconds(&progress, repricing.started_at, now),
            without_cost: progress.without_cost,
            problem: progress.problem,
        }
    }
}

/// Returns how long a running re-pricing will take yet, once it has come by something.
fn eta_seconds(progress: &Progress, started_at: Timestamp, now: Timestamp) -> Option<f64> {
    if progress.standing != Standing::Running || progress.scanned == 0 {
        return None;
    }
    let took_seconds = (now.as_unix_micros() - started_at.as_unix_micros()) as f64 / 1e6;
    let left = progress.total.saturating_sub(progress.scanned) as f64;
    Some(left * took_seconds.max(0.0) / progress.scanned as f64)
}

/// Has calls priced anew, with the prices that were valid when each was made. It goes on when this is answered, and
/// can be begun again however it ended: what is priced already is not written again.
#[utoipa::path(
    post, path = "/v1/cost/reprice", operation_id = "repriceCalls", tag = "Cost", request_body = RepriceCalls,
    responses(
        (status = 202, description = "It has begun", body = Envelope<RepricingAnswer>),
        (status = 409, description = "Another one runs", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn begin(
    manager: Manager,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<(StatusCode, Json<Envelope<RepricingAnswer>>), ApiError> {
    fields.refuse_others(&FIELDS)?;
    let filter =
        fields.value("filter").ok_or_else(|| ApiError::field("filter", "there; `\"all\"` for every call"))?;
    let invalid = |error| ApiError::new(ErrorKind::InvalidFilter, format!("`filter`: {error}"));
    let parsed = Filter::parse(filter).map_err(invalid)?;
    let is_dry_run = match fields.value("dry_run") {
        Some(value) => value.as_bool().ok_or_else(|| ApiError::field("dry_run", "true or false"))?,
        None => false,
    };
    let organization_id = manager.organization_id;
    let control = Arc::clone(state.shared_control()?);
    let work = Work {
        log: Arc::clone(&state.log),
        catalog: Arc::clone(state.catalog()?),
        view: state.view.load_full(),
        clock: Arc::clone(&state.clock),
        filter: parsed,
    };
    let now = state.clock.now();
    let made = Repricing::new(organization_id, filter.clone(), is_dry_run, now, &state.stop);
    let entered = state.repricings.enter(made).map_err(|running| runs_already(&running))?;
    let notes = Notes { control, actor: manager.actor, organization_id };
    let repricing = Arc::clone(&entered.repricing);
    notes.started(&repricing).await?;
    let answer = RepricingAnswer::of(&repricing, now);
    let ended = async move { notes.ended(&repricing).await };
    state.repricings.run(entered, work, ended);
    Ok((StatusCode::ACCEPTED, Envelope::json(answer)))
}

fn runs_already(running: &Repricing) -> ApiError {
    let id = running.id;
    let message = format!("re-pricing {id} runs: wait for it, or `DELETE /v1/cost/reprice/{id}` cancels it");
    ApiError::new(ErrorKind::AlreadyRunning, message)
}

/// Lists the re-pricings since the server started, the last one first; of those that ended only the last ones.
#[utoipa::path(
    get, path = "/v1/cost/reprice", operation_id = "listRepricings", tag = "Cost",
    responses((status = 200, description = "The re-pricings", body = Envelope<Vec<RepricingAnswer>>), Refusals)
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<RepricingAnswer>>>, ApiError> {
    let now = state.clock.now();
    let all = state.repricings.list(reader.organization_id);
    Ok(Envelope::json(all.iter().map(|one| RepricingAnswer::of(one, now)).collect()))
}

/// Returns a re-pricing, and how far it is.
#[utoipa::path(
    get, path = "/v1/cost/reprice/{id}", operation_id = "getRepricing", tag = "Cost",
    params(("id" = Uuid, Path, description = "The re-pricing's id")),
    responses((status = 200, description = "The re-pricing", body = Envelope<RepricingAnswer>), IdRefusals)
)]
pub(crate) async fn read(
    reader: Reader,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<RepricingAnswer>>, ApiError> {
    let found = find(&state, reader.organization_id, id)?;
    Ok(Envelope::json(RepricingAnswer::of(&found, state.clock.now())))
}

/// Cancels a re-pricing, which ends soon after; what it has written stays.
#[utoipa::path(
    delete, path = "/v1/cost/reprice/{id}", operation_id = "cancelRepricing", tag = "Cost",
    params(("id" = Uuid, Path, description = "The re-pricing's id")),
    responses((status = 200, description = "The re-pricing as it is", body = Envelope<RepricingAnswer>), IdRefusals)
)]
pub(crate) async fn cancel(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<RepricingAnswer>>, ApiError> {
    let found = find(&state, manager.organization_id, id)?;
    found.cancel();
    Ok(Envelope::json(RepricingAnswer::of(&found, state.clock.now())))
}

fn find(state: &ApiState, organization_id: OrganizationId, id: Uuid) -> Result<Arc<Repricing>, ApiError> {
    let absent = || ApiError::new(ErrorKind::NotFound, format!("there is no re-pricing {id}"));
    state.repricings.find(organization_id, id).ok_or_else(absent)
}

/// Writes the audit entries of a re-pricing, unless it changes nothing.
struct Notes {
    control: Arc<Control>,
    actor: Actor,
    organization_id: OrganizationId,
}

impl Notes {
    async fn started(&self, repricing: &Repricing) -> Result<(), ApiError> {
        if repricing.is_dry_run {
            return Ok(());
        }
        let filter: String = repricing.filter.to_string().chars().take(MAX_AUDITED_CHARACTERS).collect();
        Ok(self.write(repricing, Action::RepricingStarted, format!("filter {filter}")).await?)
    }

    async fn ended(&self, repricing: &Repricing) {
        if repricing.is_dry_run {
            return;
        }
        let Progress { standing, scanned, changed, cost_before, cost_after, .. } = repricing.progress();
        let filter: String = repricing.filter.to_string().chars().take(MAX_AUDITED_CHARACTERS).collect();
        let (before, after) = (dollars(cost_before), dollars(cost_after));
        let standing = format!("{standing:?}").to_lowercase();
        let detail = format!(
            "{standing}: {changed} of {scanned} calls changed, from {before} to {after} USD; filter {filter}"
        );
        if let Err(error) = self.write(repricing, Action::RepricingEnded, detail).await {
            tracing::warn!(%error, id = %repricing.id, "the end of a re-pricing is not in the audit log");
        }
    }

    async fn write(
        &self,
        repricing: &Repricing,
        action: Action,
        detail: String,
    ) -> Result<(), gatehouse_store::StoreError> {
        let audit = self.control.entry(self.organization_id, self.actor, action, repricing.id, detail);
        self.control.change(Change::Note(self.organization_id), audit).await?;
        Ok(())
    }
}
