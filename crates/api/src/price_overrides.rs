//! The prices that an organisation sets for its own calls, before those of the price file and the built-in book.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatehouse_catalog::{Overrides, PriceRow};
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::price_overrides::PriceOverride;
use gatehouse_types::{OrganizationId, PriceOverrideId};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Manager, Reader};
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, PathId};
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// How many overrides an organisation may have.
const MAX_OVERRIDES: usize = 1000;
/// How many models one override may name.
const MAX_MODELS: usize = 200;
/// How long any text of an override may be, in characters.
const MAX_TEXT_CHARS: usize = 300;

/// A price that the organisation set.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PriceOverride, example = json!({
    "id": "0199f0a1-7c1e-4c3a-9a55-3f2f0c8f1d20", "provider": "api.acme.ai", "models": ["acme-large*"],
    "tier": null, "above_input_tokens": null, "region": null, "off_peak": null, "variant": null,
    "from": "2026-01-01", "until": null, "prices": {"input": "0.5", "output": "1.5"},
    "created_at": "2026-11-22T14:06:00.123Z", "updated_at": "2026-11-22T14:06:00.123Z"
}))]
pub(crate) struct PriceOverrideAnswer {
    id: Uuid,
    /// The provider's name, or the host of one without a name.
    provider: String,
    /// The models; a name that ends with `*` stands for all that begin like it.
    models: Vec<String>,
    /// The service tier; null for the standard one.
    tier: Option<String>,
    /// It holds once the whole input has more tokens than this.
    above_input_tokens: Option<u64>,
    /// The region it holds in; null for all.
    region: Option<String>,
    /// The part of a day (UTC) in which it holds, as in `16:30-00:30`.
    off_peak: Option<String>,
    /// The variant of the product, as in `hd/1024x1792`.
    variant: Option<String>,
    /// The first day (UTC) on which it holds.
    from: Option<String>,
    /// The first day (UTC) on which it holds no longer.
    until: Option<String>,
    /// Decimals by unit, in US dollars: for units of tokens per million, else per one.
    prices: BTreeMap<String, String>,
    created_at: String,
    updated_at: String,
}

impl PriceOverrideAnswer {
    fn of(set: &PriceOverride) -> Result<Self, ApiError> {
        let row = row_of(set)?;
        Ok(Self {
            id: set.id.as_uuid(),
            provider: row.provider,
            models: row.models,
            tier: row.tier,
            above_input_tokens: row.above_input_tokens,
            region: row.region,
            off_peak: row.off_peak,
            variant: row.variant,
            from: row.from,
            until: row.until,
            prices: row.prices,
            created_at: set.created_at.to_string(),
            updated_at: set.updated_at.to_string(),
        })
    }
}

/// The price that is wanted. It replaces all that is known of its models for as long as it holds.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "provider": "api.acme.ai", "models": ["acme-large*"], "from": "2026-01-01",
    "prices": {"input": "0.5", "output": "1.5"}
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `PriceRow`")]
pub(crate) struct SetPrice {
    /// The provider's name as in the calls' rows, or the host of one without a name.
    provider: String,
    /// 1 to 200 models; a name that ends with `*` stands for all that begin like it.
    models: Vec<String>,
    /// The service tier, as in `batch`, `flex` or `priority`; the standard one where nothing is said.
    tier: Option<String>,
    /// Holds once the whole input has more tokens than this.
    above_input_tokens: Option<u64>,
    /// The region it holds in.
    region: Option<String>,
    /// The part of a day (UTC) in which it holds: `16:30-00:30`.
    off_peak: Option<String>,
    /// The variant of the product: `hd/1024x1792`.
    variant: Option<String>,
    /// The first day (UTC) on which it holds: `2026-01-31`.
    from: Option<String>,
    /// The first day (UTC) on which it holds no longer.
    until: Option<String>,
    /// Decimals as text, by unit: `input`, `output`, `cache_read`, `images`, `request`, … In US dollars, for units of
    /// tokens per million, for `_ms` units per second, else per one.
    prices: BTreeMap<String, String>,
}

/// Lists the prices that the organisation set, oldest first.
#[utoipa::path(
    get, path = "/v1/cost/overrides", operation_id = "listPriceOverrides", tag = "Cost",
    responses((status = 200, description = "The prices", body = Envelope<Vec<PriceOverrideAnswer>>), Refusals)
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<PriceOverrideAnswer>>>, ApiError> {
    let set = own(state.control()?, reader.organization_id).await?;
    Ok(Envelope::json(set.iter().map(PriceOverrideAnswer::of).collect::<Result<_, _>>()?))
}

/// Sets a price. Calls are priced with it from now on; `POST /v1/cost/reprice` prices earlier ones.
#[utoipa::path(
    post, path = "/v1/cost/overrides", operation_id = "createPriceOverride", tag = "Cost",
    request_body = SetPrice,
    responses(
        (status = 201, description = "The price", body = Envelope<PriceOverrideAnswer>),
        (status = 409, description = "There are as many as there may be", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create(
    manager: Manager,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<(StatusCode, Json<Envelope<PriceOverrideAnswer>>), ApiError> {
    let row = price_row(&fields)?;
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let _turn = control.take_turn().await;
    if own(control, organization_id).await?.len() >= MAX_OVERRIDES {
        return Err(ApiError::too_many(MAX_OVERRIDES, "price overrides"));
    }
    let (id, now) = (PriceOverrideId::generate(), control.now());
    let set = PriceOverride { id, organization_id, row: json_of(&row)?, created_at: now, updated_at: now };
    let actor = manager.actor;
    let audit = control.entry(organization_id, actor, Action::PriceOverrideAdded, id, describe(&row));
    match control.change(Change::AddPriceOverride(set.clone()), audit).await? {
        Changed::Done => Ok((StatusCode::CREATED, Envelope::json(PriceOverrideAnswer::of(&set)?))),
        Changed::Exists | Changed::NotFound => {
            Err(ApiError::new(ErrorKind::AlreadyExists, format!("there is a price override {id} already")))
        }
    }
}

/// Replaces a price as a whole. Calls are priced with it from now on.
#[utoipa::path(
    put, path = "/v1/cost/overrides/{id}", operation_id = "replacePriceOverride", tag = "Cost",
    params(("id" = Uuid, Path, description = "The price's id")), request_body = SetPrice,
    responses(
        (status = 200, description = "The price as it is now", body = Envelope<PriceOverrideAnswer>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn replace(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<PriceOverrideAnswer>>, ApiError> {
    let row = price_row(&fields)?;
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let _turn = control.take_turn().await;
    let present = find(control, organization_id, id).await?;
    let set = PriceOverride { row: json_of(&row)?, updated_at: control.now(), ..present };
    let actor = manager.actor;
    let audit = control.entry(organization_id, actor, Action::PriceOverrideChanged, id, describe(&row));
    match control.change(Change::UpdatePriceOverride(set.clone()), audit).await? {
        Changed::Done => Ok(Envelope::json(PriceOverrideAnswer::of(&set)?)),
        Changed::NotFound | Changed::Exists => Err(absent(id)),
    }
}

/// Removes a price; calls are priced as if it had never been set, from now on.
#[utoipa::path(
    delete, path = "/v1/cost/overrides/{id}", operation_id = "removePriceOverride", tag = "Cost",
    params(("id" = Uuid, Path, description = "The price's id")),
    responses((status = 200, description = "It is removed", body = Done), IdRefusals)
)]
pub(crate) async fn remove(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let set = find(control, organization_id, id).await?;
    let actor = manager.actor;
    let detail = describe(&row_of(&set)?);
    let audit = control.entry(organization_id, actor, Action::PriceOverrideRemoved, id, detail);
    match control.change(Change::RemovePriceOverride(organization_id, set.id), audit).await? {
        Changed::Done => Ok(Done::json()),
        Changed::NotFound | Changed::Exists => Err(absent(id)),
    }
}

async fn own(control: &Control, organization_id: OrganizationId) -> Result<Vec<PriceOverride>, ApiError> {
    let mut overrides = control.store().price_overrides().await?;
    overrides.retain(|set| set.organization_id == organization_id);
    Ok(overrides)
}

async fn find(
    control: &Control,
    organization_id: OrganizationId,
    id: Uuid,
) -> Result<PriceOverride, ApiError> {
    let overrides = own(control, organization_id).await?;
    overrides.into_iter().find(|set| set.id.as_uuid() == id).ok_or_else(|| absent(id))
}

fn absent(id: Uuid) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no price override {id}"))
}

/// Returns the price that a body asks for; an error names the field that is wrong.
fn price_row(fields: &Fields) -> Result<PriceRow, ApiError> {
    let text = |field| fields.parsed(field, "a text of 1 to 300 characters", parse_text);
    let row = PriceRow {
        provider: text("provider")?
            .ok_or_else(|| ApiError::field("provider", "a provider's name or the host of one"))?,
        models: models(fields)?,
        tier: text("tier")?,
        above_input_tokens: fields.value("above_input_tokens").map(above).transpose()?,
        region: text("region")?,
        off_peak: text("off_peak")?,
        variant: text("variant")?,
        from: text("from")?,
        until: text("until")?,
        prices: prices(fields)?,
    };
    let wrong = |error: gatehouse_catalog::RowError| {
        ApiError::new(ErrorKind::InvalidField, format!("`{}`: {}", error.field, error.problem))
    };
    Overrides::new(std::slice::from_ref(&row)).map(|_| row).map_err(wrong)
}

fn models(fields: &Fields) -> Result<Vec<String>, ApiError> {
    let wrong = || ApiError::field("models", "a list of 1 to 200 names of models");
    let listed = fields.value("models").and_then(Value::as_array).ok_or_else(wrong)?;
    let models: Option<Vec<String>> = listed.iter().map(|name| name.as_str().and_then(parse_text)).collect();
    models.filter(|models| (1..=MAX_MODELS).contains(&models.len())).ok_or_else(wrong)
}

fn prices(fields: &Fields) -> Result<BTreeMap<String, String>, ApiError> {
    let wrong = || ApiError::field("prices", "an object of decimals as text, such as `{\"input\": \"2.5\"}`");
    let listed = fields.value("prices").and_then(Value::as_object).ok_or_else(wrong)?;
    let price = |(unit, price): (&String, &Value)| Some((unit.clone(), price.as_str()?.to_owned()));
    listed.iter().map(price).collect::<Option<_>>().ok_or_else(wrong)
}

fn above(value: &Value) -> Result<u64, ApiError> {
    value.as_u64().ok_or_else(|| ApiError::field("above_input_tokens", "a count of tokens, or null"))
}

fn parse_text(text: &str) -> Option<String> {
    let text = text.trim();
    let fits = (1..=MAX_TEXT_CHARS).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    fits.then(|| text.to_owned())
}

fn json_of(row: &PriceRow) -> Result<String, ApiError> {
    serde_json::to_string(row)
        .map_err(|_| ApiError::new(ErrorKind::Internal, "the price could not be written"))
}

fn row_of(set: &PriceOverride) -> Result<PriceRow, ApiError> {
    let unreadable =
        |_| ApiError::new(ErrorKind::Internal, format!("price override {} can't be read", set.id));
    serde_json::from_str(&set.row).map_err(unreadable)
}

fn describe(row: &PriceRow) -> String {
    let prices: Vec<String> = row.prices.iter().map(|(unit, price)| format!("{unit}={price}")).collect();
    format!("{} {}: {}", row.provider, row.models.join(", "), prices.join(" "))
}
