//! Where an organisation lets its calls go: its lists of allowed and denied hosts.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::domains::{Effect, HostRule, HostRuleId};
use gatehouse_types::OrganizationId;
use gatehouse_wire::HostPattern;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Manager, Reader};
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, PathId};
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// How many rules an organisation may have.
const MAX_RULES: usize = 1000;
const PATTERN: &str = "a host such as `api.example.com`, `*.example.com` or `api.example.com:8443`";
const EFFECT: &str = "`allow` or `deny`";

/// A rule about hosts.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HostRule, example = json!({
    "id": "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20", "pattern": "*.example.com", "effect": "deny",
    "created_at": "2026-11-22T14:06:00.123Z"
}))]
pub(crate) struct HostRuleAnswer {
    id: Uuid,
    /// The hosts it is about: a `*` stands for a run of characters without a dot.
    pattern: String,
    /// `allow`: calls may go there, and where an organisation has such rules, nowhere else. `deny`: calls may not
    /// go there, whatever else is said.
    #[schema(value_type = String, example = "deny")]
    effect: Effect,
    created_at: String,
}

impl From<HostRule> for HostRuleAnswer {
    fn from(rule: HostRule) -> Self {
        Self {
            id: rule.id.0,
            pattern: rule.pattern.to_string(),
            effect: rule.effect,
            created_at: rule.created_at.to_string(),
        }
    }
}

/// The rule that is wanted.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"pattern": "*.example.com", "effect": "deny"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct CreateHostRule {
    /// A host, maybe with a port, in which one `*` stands for a run of characters without a dot.
    pattern: String,
    /// `allow` or `deny`.
    effect: String,
}

/// Lists the organisation's rules, oldest first.
#[utoipa::path(
    get, path = "/v1/host-rules", operation_id = "listHostRules", tag = "Host rules",
    responses((status = 200, description = "The rules", body = Envelope<Vec<HostRuleAnswer>>), Refusals)
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<HostRuleAnswer>>>, ApiError> {
    let rules = own_rules(state.control()?, reader.organization_id).await?;
    Ok(Envelope::json(rules.into_iter().map(HostRuleAnswer::from).collect()))
}

/// Adds a rule; it is in force at once.
#[utoipa::path(
    post, path = "/v1/host-rules", operation_id = "createHostRule", tag = "Host rules",
    request_body = CreateHostRule,
    responses(
        (status = 201, description = "The rule", body = Envelope<HostRuleAnswer>),
        (status = 409, description = "There is one for this pattern already, or one too many", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create(
    manager: Manager,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<(StatusCode, Json<Envelope<HostRuleAnswer>>), ApiError> {
    let pattern = fields.parsed("pattern", PATTERN, |text| text.parse::<HostPattern>().ok())?;
    let pattern = pattern.ok_or_else(|| ApiError::field("pattern", PATTERN))?;
    let effect = fields.parsed("effect", EFFECT, |text| match text {
        "allow" => Some(Effect::Allow),
        "deny" => Some(Effect::Deny),
        _ => None,
    })?;
    let effect = effect.ok_or_else(|| ApiError::field("effect", EFFECT))?;
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let _turn = control.take_turn().await;
    if own_rules(control, organization_id).await?.len() >= MAX_RULES {
        return Err(ApiError::too_many(MAX_RULES, "host rules"));
    }
    let id = HostRuleId(Uuid::new_v4());
    let rule = HostRule { id, organization_id, pattern, effect, created_at: control.now() };
    let (actor, detail) = (manager.actor, describe(&rule));
    let audit = control.entry(organization_id, actor, Action::HostRuleAdded, id.0, detail);
    match control.change(Change::AddHostRule(rule.clone()), audit).await? {
        Changed::Done => Ok((StatusCode::CREATED, Envelope::json(rule.into()))),
        Changed::Exists | Changed::NotFound => {
            let message = format!("there is a rule for `{}` already; remove it first", rule.pattern);
            Err(ApiError::new(ErrorKind::AlreadyExists, message))
        }
    }
}

/// Removes a rule; this is in force at once.
#[utoipa::path(
    delete, path = "/v1/host-rules/{id}", operation_id = "removeHostRule", tag = "Host rules",
    params(("id" = Uuid, Path, description = "The rule's id")),
    responses((status = 200, description = "It is removed", body = Done), IdRefusals)
)]
pub(crate) async fn remove(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let absent = || ApiError::new(ErrorKind::NotFound, format!("there is no host rule {id}"));
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let rules = own_rules(control, organization_id).await?;
    let rule = rules.into_iter().find(|rule| rule.id.0 == id).ok_or_else(absent)?;
    let (actor, detail) = (manager.actor, describe(&rule));
    let audit = control.entry(organization_id, actor, Action::HostRuleRemoved, id, detail);
    match control.change(Change::RemoveHostRule(organization_id, rule.id), audit).await? {
        Changed::Done => Ok(Done::json()),
        Changed::NotFound | Changed::Exists => Err(absent()),
    }
}

async fn own_rules(control: &Control, organization_id: OrganizationId) -> Result<Vec<HostRule>, ApiError> {
    let mut rules = control.store().host_rules().await?;
    rules.retain(|rule| rule.organization_id == organization_id);
    Ok(rules)
}

fn describe(rule: &HostRule) -> String {
    format!("{} {}", rule.effect.as_str(), rule.pattern)
}
