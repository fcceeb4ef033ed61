//! What administrators decide for the whole installation: organisations, and domains of all of them.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed, Organization};
use gatehouse_store::domains::{Domain, DomainStatus};
use gatehouse_types::OrganizationId;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::api_keys::{CreateApiKey, CreatedApiKey, WantedKey};
use crate::auth::Admin;
use crate::control::Control;
use crate::domains::{Decision, DomainAnswer, no_domain};
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, OptionalFields, PathId};
use crate::organization::OrganizationAnswer;
use crate::replies::{IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// Which domains are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct DomainParams {
    /// Only those that stand there: `pending`, `approved`, `rejected` or `withdrawn`.
    #[param(example = "pending")]
    status: Option<String>,
}

/// A domain and whose it is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OrganizationDomain, example = json!({
    "id": "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20",
    "domain": "llm.example.com",
    "kind": "personal", "company": null,
    "status": "approved", "approved_by": "administrator", "reason": "an administrator approved it",
    "created_at": "2026-11-22T14:06:00.123Z", "updated_at": "2026-11-22T14:08:00.000Z", "checked_at": null,
    "record": {"name": "llm.example.com", "type": "TXT", "value": "hconeai-verification=true"},
    "limits": {"requests_per_day": 10000, "requests_per_second": 1, "mode": "limited"},
    "organization_id": "0199f0a1-0000-7000-8000-000000000001", "organization_name": "Research"
}))]
pub(crate) struct OrganizationDomain {
    #[serde(flatten)]
    domain: DomainAnswer,
    /// Who asked for it.
    organization_id: Uuid,
    organization_name: String,
}

/// Why a domain is rejected.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"reason": "nobody here knows this company"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct RejectDomain {
    /// What the organisation is told: 1 to 200 characters.
    #[schema(required = false)]
    reason: Option<String>,
}

/// The organisation that is wanted.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"name": "Research"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct CreateOrganization {
    /// 1 to 200 characters, unlike any other organisation's.
    name: String,
}

/// Lists the domains of all organisations, oldest first.
#[utoipa::path(
    get, path = "/v1/admin/domains", operation_id = "listAllDomains", tag = "Administration",
    params(DomainParams),
    responses((status = 200, description = "The domains", body = Envelope<Vec<OrganizationDomain>>), Refusals)
)]
pub(crate) async fn domains(
    _admin: Admin,
    State(state): State<ApiState>,
    params: Result<Query<DomainParams>, QueryRejection>,
) -> Result<Json<Envelope<Vec<OrganizationDomain>>>, ApiError> {
    let Query(params) = params.map_err(|_| ApiError::field("status", "given at most once"))?;
    let status = params.status.as_deref().map(status).transpose()?;
    let limits = &state.administration()?.limits;
    let store = state.control()?.store();
    let organizations = store.organizations().await?.into_iter();
    let names: HashMap<OrganizationId, String> = organizations.map(|found| (found.id, found.name)).collect();
    let domains = store.domains().await?.into_iter();
    let wanted = domains.filter(|domain| status.is_none_or(|status| domain.status == status));
    let answer = |domain: Domain| OrganizationDomain {
        organization_id: domain.organization_id.as_uuid(),
        organization_name: names.get(&domain.organization_id).cloned().unwrap_or_default(),
        domain: DomainAnswer::new(domain, limits),
    };
    Ok(Envelope::json(wanted.map(answer).collect()))
}

/// Approves a domain of any organisation for good.
#[utoipa::path(
    post, path = "/v1/admin/domains/{id}/approve", operation_id = "approveDomain", tag = "Administration",
    params(("id" = Uuid, Path, description = "The domain's id")),
    responses((status = 200, description = "The domain, approved", body = Envelope<DomainAnswer>), IdRefusals)
)]
pub(crate) async fn approve_domain(
    admin: Admin,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<DomainAnswer>>, ApiError> {
    decide(&admin, &state, id, Decision::Approve).await
}

/// Rejects a domain of any organisation; its record does not approve it any more.
#[utoipa::path(
    post, path = "/v1/admin/domains/{id}/reject", operation_id = "rejectDomain", tag = "Administration",
    params(("id" = Uuid, Path, description = "The domain's id")),
    request_body = Option<RejectDomain>,
    responses(
        (status = 200, description = "The domain, rejected", body = Envelope<DomainAnswer>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn reject_domain(
    admin: Admin,
    PathId(id): PathId,
    State(state): State<ApiState>,
    OptionalFields(fields): OptionalFields,
) -> Result<Json<Envelope<DomainAnswer>>, ApiError> {
    let reason = fields.optional_name("reason")?;
    decide(&admin, &state, id, Decision::Reject { reason }).await
}

/// Lists all organisations, oldest first.
#[utoipa::path(
    get, path = "/v1/admin/organizations", operation_id = "listOrganizations", tag = "Administration",
    responses(
        (status = 200, description = "The organisations", body = Envelope<Vec<OrganizationAnswer>>),
        Refusals,
    )
)]
pub(crate) async fn organizations(
    _admin: Admin,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<OrganizationAnswer>>>, ApiError> {
    let organizations = state.control()?.store().organizations().await?;
    Ok(Envelope::json(organizations.into_iter().map(OrganizationAnswer::from).collect()))
}

/// Makes an organisation, which has no key yet.
#[utoipa::path(
    post, path = "/v1/admin/organizations", operation_id = "createOrganization", tag = "Administration",
    request_body = CreateOrganization,
    responses(
        (status = 201, description = "The organisation", body = Envelope<OrganizationAnswer>),
        (status = 409, description = "There is one of that name", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create_organization(
    admin: Admin,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<(StatusCode, Json<Envelope<OrganizationAnswer>>), ApiError> {
    let name = fields.name("name")?;
    let control = state.control()?;
    let id = OrganizationId::from_uuid(Uuid::now_v7());
    let organization = Organization { id, name: name.clone(), created_at: control.now() };
    let actor = admin.actor;
    let audit = control.entry(id, actor, Action::OrganizationCreated, id, name);
    match control.change(Change::AddOrganization(organization.clone()), audit).await? {
        Changed::Done => Ok((StatusCode::CREATED, Envelope::json(organization.into()))),
        Changed::Exists | Changed::NotFound => {
            let message = format!("there is an organisation `{}` already", organization.name);
            Err(ApiError::new(ErrorKind::AlreadyExists, message))
        }
    }
}

/// Makes a key for any organisation.
#[utoipa::path(
    post, path = "/v1/admin/organizations/{id}/api-keys", operation_id = "createOrganizationApiKey",
    tag = "Administration", request_body = CreateApiKey,
    params(("id" = Uuid, Path, description = "The organisation's id")),
    responses(
        (status = 200, description = "The key, shown this once", body = CreatedApiKey),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn create_key(
    admin: Admin,
    PathId(id): PathId,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<CreatedApiKey>, ApiError> {
    let wanted = WantedKey::read(&fields, state.clock.as_ref())?;
    let control = state.control()?;
    let organization_id = OrganizationId::from_uuid(id);
    let organizations = control.store().organizations().await?;
    if organizations.iter().all(|organization| organization.id != organization_id) {
        return Err(ApiError::new(ErrorKind::NotFound, format!("there is no organisation {id}")));
    }
    wanted.make(control, organization_id, admin.actor).await
}

async fn decide(
    admin: &Admin,
    state: &ApiState,
    id: Uuid,
    decision: Decision,
) -> Result<Json<Envelope<DomainAnswer>>, ApiError> {
    let control: &Control = state.control()?;
    let decided = control.decide(id, decision, admin.actor).await?;
    let domain = decided.ok_or_else(|| no_domain(id))?;
    Ok(Envelope::json(DomainAnswer::new(domain, &state.administration()?.limits)))
}

fn status(text: &str) -> Result<DomainStatus, ApiError> {
    let status = DomainStatus::ALL.into_iter().find(|status| status.as_str() == text);
    status.ok_or_else(|| ApiError::field("status", "`pending`, `approved`, `rejected` or `withdrawn`"))
}
