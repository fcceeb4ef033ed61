//! The rules by which an organisation limits its own calls, whatever their headers say.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatehouse_policy::rate::{Policy, Segment};
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::rate_limits::RateLimitRule;
use gatehouse_types::{KeyId, OrganizationId, RateLimitId};
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

/// How many rules an organisation may have: each call looks at all that hold for it.
const MAX_RULES: usize = 100;
const POLICY: &str = "a policy such as `1000;w=3600;u=cents;s=user`";

/// A rule that limits calls.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RateLimit, example = json!({
    "id": "0199f0a1-7c1e-4c3a-9a55-3f2f0c8f1d20", "name": "Ten dollars a day for each user",
    "policy": "1000;w=86400;u=cents;s=user", "quota": 1000, "window_seconds": 86400, "unit": "cents",
    "segment": "user", "key_id": null, "is_enabled": true,
    "created_at": "2026-11-22T14:06:00.123Z", "updated_at": "2026-11-22T14:06:00.123Z"
}))]
pub(crate) struct RateLimitAnswer {
    id: Uuid,
    name: String,
    /// What is allowed, as in the header `Helicone-RateLimit-Policy`.
    policy: String,
    /// How many requests, cents or tokens may be used in a window.
    quota: Option<u64>,
    /// The window.
    window_seconds: Option<u64>,
    /// `request`, `cents` or `tokens`.
    unit: Option<String>,
    /// Whose calls count together: `user`, the name of a property, or null for all.
    segment: Option<String>,
    /// The key whose calls are limited; null for all of the organisation's.
    key_id: Option<Uuid>,
    /// Whether it is in force.
    is_enabled: bool,
    created_at: String,
    updated_at: String,
}

impl From<RateLimitRule> for RateLimitAnswer {
    fn from(rule: RateLimitRule) -> Self {
        let policy = Policy::parse(&rule.policy).ok();
        let segment = policy.as_ref().and_then(|policy| match &policy.segment {
            Segment::Global => None,
            Segment::User => Some("user".to_owned()),
            Segment::Property(name) => Some(name.clone()),
        });
        Self {
            id: rule.id.as_uuid(),
            name: rule.name,
            policy: rule.policy,
            quota: policy.as_ref().map(|policy| policy.quota),
            window_seconds: policy.as_ref().map(|policy| policy.window.as_secs()),
            unit: policy.map(|policy| policy.unit.to_string()),
            segment,
            key_id: rule.key_id.map(|id| id.as_uuid()),
            is_enabled: rule.is_enabled,
            created_at: rule.created_at.to_string(),
            updated_at: rule.updated_at.to_string(),
        }
    }
}

/// The rule that is wanted.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "name": "Ten dollars a day for each user", "policy": "1000;w=86400;u=cents;s=user", "is_enabled": true
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct CreateRateLimit {
    /// What it is called: 1 to 200 characters.
    name: String,
    /// What is allowed: `quota;w=seconds[;u=request|cents|tokens][;s=user|property]`.
    policy: String,
    /// Limits only the calls with this key of the organisation.
    key_id: Option<Uuid>,
    /// Whether it is in force; true where nothing is said.
    is_enabled: Option<bool>,
}

/// What a change replaces; what is not said stays as it is.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"is_enabled": false}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct ChangeRateLimit {
    name: Option<String>,
    /// Another policy begins with a full quota.
    policy: Option<String>,
    is_enabled: Option<bool>,
}

/// Lists the organisation's rules, oldest first.
#[utoipa::path(
    get, path = "/v1/rate-limits", operation_id = "listRateLimits", tag = "Rate limits",
    responses((status = 200, description = "The rules", body = Envelope<Vec<RateLimitAnswer>>), Refusals)
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<RateLimitAnswer>>>, ApiError> {
    let rules = own(state.control()?, reader.organization_id).await?;
    Ok(Envelope::json(rules.into_iter().map(RateLimitAnswer::from).collect()))
}

/// Returns a rule.
#[utoipa::path(
    get, path = "/v1/rate-limits/{id}", operation_id = "getRateLimit", tag = "Rate limits",
    params(("id" = Uuid, Path, description = "The rule's id")),
    responses((status = 200, description = "The rule", body = Envelope<RateLimitAnswer>), IdRefusals)
)]
pub(crate) async fn read(
    reader: Reader,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<RateLimitAnswer>>, ApiError> {
    let rule = find(state.control()?, reader.organization_id, id).await?;
    Ok(Envelope::json(rule.into()))
}

/// Adds a rule; it limits calls from now on.
#[utoipa::path(
    post, path = "/v1/rate-limits", operation_id = "createRateLimit", tag = "Rate limits",
    request_body = CreateRateLimit,
    responses(
        (status = 201, description = "The rule", body = Envelope<RateLimitAnswer>),
        (status = 409, description = "There are as many as there may be", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create(
    manager: Manager,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<(StatusCode, Json<Envelope<RateLimitAnswer>>), ApiError> {
    let name = fields.name("name")?;
    let policy = policy(&fields)?.ok_or_else(|| ApiError::field("policy", POLICY))?;
    let key_id = fields.parsed("key_id", "the id of a key, or null", KeyId::parse)?;
    let is_enabled = is_enabled(&fields)?.unwrap_or(true);
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let _turn = control.take_turn().await;
    if let Some(key_id) = key_id {
        check_key(control, organization_id, key_id).await?;
    }
    if own(control, organization_id).await?.len() >= MAX_RULES {
        return Err(ApiError::too_many(MAX_RULES, "rate limits"));
    }
    let (id, now) = (RateLimitId::generate(), control.now());
    let (created_at, updated_at) = (now, now);
    let rule =
        RateLimitRule { id, organization_id, key_id, name, policy, is_enabled, created_at, updated_at };
    let actor = manager.actor;
    let audit = control.entry(organization_id, actor, Action::RateLimitAdded, id, describe(&rule));
    match control.change(Change::AddRateLimit(rule.clone()), audit).await? {
        Changed::Done => Ok((StatusCode::CREATED, Envelope::json(rule.into()))),
        Changed::Exists | Changed::NotFound => {
            Err(ApiError::new(ErrorKind::AlreadyExists, format!("there is a rate limit {id} already")))
        }
    }
}

/// Changes a rule: what is not said stays as it is. This is in force at once.
#[utoipa::path(
    patch, path = "/v1/rate-limits/{id}", operation_id = "changeRateLimit", tag = "Rate limits",
    params(("id" = Uuid, Path, description = "The rule's id")), request_body = ChangeRateLimit,
    responses(
        (status = 200, description = "The rule as it is now", body = Envelope<RateLimitAnswer>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn change(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<RateLimitAnswer>>, ApiError> {
    let (name, policy) = (fields.optional_name("name")?, policy(&fields)?);
    let is_enabled = is_enabled(&fields)?;
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let _turn = control.take_turn().await;
    let present = find(control, organization_id, id).await?;
    let rule = RateLimitRule {
        name: name.unwrap_or(present.name),
        policy: policy.unwrap_or(present.policy),
        is_enabled: is_enabled.unwrap_or(present.is_enabled),
        updated_at: control.now(),
        ..present
    };
    let actor = manager.actor;
    let audit = control.entry(organization_id, actor, Action::RateLimitChanged, id, describe(&rule));
    match control.change(Change::UpdateRateLimit(rule.clone()), audit).await? {
        Changed::Done => Ok(Envelope::json(rule.into())),
        Changed::NotFound | Changed::Exists => Err(absent(id)),
    }
}

/// Removes a rule; it limits nothing from now on.
#[utoipa::path(
    delete, path = "/v1/rate-limits/{id}", operation_id = "removeRateLimit", tag = "Rate limits",
    params(("id" = Uuid, Path, description = "The rule's id")),
    responses((status = 200, description = "It is removed", body = Done), IdRefusals)
)]
pub(crate) async fn remove(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let rule = find(control, organization_id, id).await?;
    let actor = manager.actor;
    let audit = control.entry(organization_id, actor, Action::RateLimitRemoved, id, describe(&rule));
    match control.change(Change::RemoveRateLimit(organization_id, rule.id), audit).await? {
        Changed::Done => Ok(Done::json()),
        Changed::NotFound | Changed::Exists => Err(absent(id)),
    }
}

async fn own(control: &Control, organization_id: OrganizationId) -> Result<Vec<RateLimitRule>, ApiError> {
    let mut rules = control.store().rate_limits().await?;
    rules.retain(|rule| rule.organization_id == organization_id);
    Ok(rules)
}

async fn find(
    control: &Control,
    organization_id: OrganizationId,
    id: Uuid,
) -> Result<RateLimitRule, ApiError> {
    let rules = own(control, organization_id).await?;
    rules.into_iter().find(|rule| rule.id.as_uuid() == id).ok_or_else(|| absent(id))
}

/// Checks that a key is there to be limited; nothing is said about the keys of others.
async fn check_key(control: &Control, organization_id: OrganizationId, id: KeyId) -> Result<(), ApiError> {
    let keys = control.store().keys_of(organization_id).await?;
    let is_usable = keys.iter().any(|key| key.id == id && key.revoked_at.is_none());
    is_usable
        .then_some(())
        .ok_or_else(|| ApiError::field("key_id", "the id of a key of yours that is in use"))
}

fn absent(id: Uuid) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no rate limit {id}"))
}

/// Returns the canonical text of the policy, if there is one; an error names the column that is wrong.
fn policy(fields: &Fields) -> Result<Option<String>, ApiError> {
    let Some(value) = fields.value("policy") else { return Ok(None) };
    let text = value.as_str().ok_or_else(|| ApiError::field("policy", POLICY))?;
    let policy = Policy::parse(text);
    let wrong = |error| ApiError::field("policy", &format!("{POLICY}: {error}"));
    policy.map(|policy| Some(policy.to_string())).map_err(wrong)
}

fn is_enabled(fields: &Fields) -> Result<Option<bool>, ApiError> {
    let Some(value) = fields.value("is_enabled") else { return Ok(None) };
    let flag = Value::as_bool(value);
    flag.map(Some).ok_or_else(|| ApiError::field("is_enabled", "true or false"))
}

fn describe(rule: &RateLimitRule) -> String {
    let state = if rule.is_enabled { "" } else { " (off)" };
    format!("{}: {}{state}", rule.name, rule.policy)
}
