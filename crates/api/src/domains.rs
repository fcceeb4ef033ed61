//! The domains an organisation calls beside the providers' own: calls to them are limited until their owner, or
//! an administrator, approves them.

mod answer;
mod name;
mod standing;
mod verification;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::domains::{Domain, DomainKind, DomainStatus};
use gatehouse_types::OrganizationId;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::{Manager, Reader};
use crate::control::{CheckError, Control};
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, PathId};
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

pub(crate) use answer::DomainAnswer;
pub use name::{DomainName, DomainNameError};
pub(crate) use standing::Finding;
pub use standing::{Decision, Restated};
pub use verification::{DomainVerifier, Verification};

/// How many domains an organisation may have.
pub const MAX_DOMAINS: usize = 1000;

/// The domain that is asked for.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"domain": "llm.example.com", "kind": "company", "company": "Example Ltd"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct CreateDomain {
    /// A host name, without scheme, port and path.
    domain: String,
    /// `personal`, a deployment of the caller's own, or `company`.
    kind: String,
    /// The company's name: required if the kind is `company`.
    #[schema(required = false)]
    company: Option<String>,
}

/// Lists the organisation's domains, oldest first.
#[utoipa::path(
    get, path = "/v1/domains", operation_id = "listDomains", tag = "Domains",
    responses((status = 200, description = "The domains", body = Envelope<Vec<DomainAnswer>>), Refusals)
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<DomainAnswer>>>, ApiError> {
    let limits = &state.administration()?.limits;
    let domains = own_domains(state.control()?, reader.organization_id).await?;
    Ok(Envelope::json(domains.into_iter().map(|domain| DomainAnswer::new(domain, limits)).collect()))
}

/// Returns one domain.
#[utoipa::path(
    get, path = "/v1/domains/{id}", operation_id = "getDomain", tag = "Domains",
    params(("id" = Uuid, Path, description = "The domain's id")),
    responses((status = 200, description = "The domain", body = Envelope<DomainAnswer>), IdRefusals)
)]
pub(crate) async fn read(
    reader: Reader,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<DomainAnswer>>, ApiError> {
    let domain = own_domain(state.control()?, reader.organization_id, id).await?;
    Ok(Envelope::json(DomainAnswer::new(domain, &state.administration()?.limits)))
}

/// Asks for a domain, which is pending until it is approved.
#[utoipa::path(
    post, path = "/v1/domains", operation_id = "createDomain", tag = "Domains", request_body = CreateDomain,
    responses(
        (status = 201, description = "The domain, pending", body = Envelope<DomainAnswer>),
        (status = 409, description = "A known provider's, there already, or one too many", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create(
    manager: Manager,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<(StatusCode, Json<Envelope<DomainAnswer>>), ApiError> {
    let name = domain_name(&fields)?;
    let kind = kind(&fields)?;
    let administration = state.administration()?;
    if let Some(provider) = administration.providers.by_host(&name, None) {
        let message = format!("`{name}` is {}'s and needs no approval", provider.title);
        return Err(ApiError::new(ErrorKind::AlreadyApproved, message));
    }
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let _turn = control.take_turn().await;
    if own_domains(control, organization_id).await?.len() >= MAX_DOMAINS {
        return Err(ApiError::too_many(MAX_DOMAINS, "domains"));
    }
    let domain = Domain::new(organization_id, name.clone(), kind, control.now());
    let actor = manager.actor;
    let audit = control.entry(organization_id, actor, Action::DomainRequested, domain.id.0, name);
    match control.change(Change::AddDomain(domain.clone()), audit).await? {
        Changed::Done => {}
        Changed::Exists | Changed::NotFound => {
            let message = format!("the organisation has asked for `{}` already", domain.name);
            return Err(ApiError::new(ErrorKind::AlreadyExists, message));
        }
    }
    Ok((StatusCode::CREATED, Envelope::json(DomainAnswer::new(domain, &administration.limits))))
}

/// Looks the domain's TXT record up, now, and approves the domain if it is there.
#[utoipa::path(
    post, path = "/v1/domains/{id}/verify", operation_id = "verifyDomain", tag = "Domains",
    params(("id" = Uuid, Path, description = "The domain's id")),
    responses(
        (status = 200, description = "The domain, approved or with the reason why not", body = Envelope<DomainAnswer>),
        IdRefusals,
        (status = 503, description = "The name servers or the control store are away; nothing was changed", body = ErrorEnvelope),
    )
)]
pub(crate) async fn verify(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<DomainAnswer>>, ApiError> {
    let control = state.control()?;
    let domain = own_domain(control, manager.organization_id, id).await?;
    let checked = control.check(&domain, manager.actor).await.map_err(|error| match error {
        CheckError::Unavailable(explanation) => ApiError::new(ErrorKind::DnsUnavailable, explanation),
        CheckError::Gone => no_domain(id),
        CheckError::Store(error) => error.into(),
    })?;
    Ok(Envelope::json(DomainAnswer::new(checked, &state.administration()?.limits)))
}

/// Removes a domain; calls to it are limited again. One that an administrator rejected stays.
#[utoipa::path(
    delete, path = "/v1/domains/{id}", operation_id = "removeDomain", tag = "Domains",
    params(("id" = Uuid, Path, description = "The domain's id")),
    responses((status = 200, description = "It is removed", body = Done), IdRefusals)
)]
pub(crate) async fn remove(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let control = state.control()?;
    let _turn = control.take_turn().await;
    let domain = own_domain(control, manager.organization_id, id).await?;
    // Asked for anew, it could be approved by its record, against what the administrator decided.
    if domain.status == DomainStatus::Rejected && !manager.is_admin {
        let message =
            format!("an administrator rejected `{}`; only an administrator can remove it", domain.name);
        return Err(ApiError::new(ErrorKind::Forbidden, message));
    }
    let change = Change::RemoveDomain(domain.organization_id, domain.id);
    let actor = manager.actor;
    let audit = control.entry(domain.organization_id, actor, Action::DomainRemoved, id, domain.name);
    match control.change(change, audit).await? {
        Changed::Done => Ok(Done::json()),
        Changed::NotFound | Changed::Exists => Err(no_domain(id)),
    }
}

/// Returns the error for a domain that is not there.
pub(crate) fn no_domain(id: Uuid) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no domain {id}"))
}

async fn own_domains(control: &Control, organization_id: OrganizationId) -> Result<Vec<Domain>, ApiError> {
    let mut domains = control.store().domains().await?;
    domains.retain(|domain| domain.organization_id == organization_id);
    Ok(domains)
}

async fn own_domain(
    control: &Control,
    organization_id: OrganizationId,
    id: Uuid,
) -> Result<Domain, ApiError> {
    let domains = own_domains(control, organization_id).await?;
    domains.into_iter().find(|domain| domain.id.0 == id).ok_or_else(|| no_domain(id))
}

fn domain_name(fields: &Fields) -> Result<String, ApiError> {
    let text = fields.parsed("domain", "a host name", |text| Some(text.to_owned()))?;
    match DomainName::parse(text.as_deref().unwrap_or_default()) {
        Ok(name) => Ok(name.into_string()),
        Err(error) => Err(ApiError::field("domain", &error.to_string())),
    }
}

fn kind(fields: &Fields) -> Result<DomainKind, ApiError> {
    let expected = "`personal` or `company`";
    let is_company = fields.parsed("kind", expected, |kind| match kind {
        "personal" => Some(false),
        "company" => Some(true),
        _ => None,
    })?;
    match is_company {
        Some(true) => Ok(DomainKind::Company(fields.name("company")?)),
        Some(false) => Ok(DomainKind::Personal),
        None => Err(ApiError::field("kind", expected)),
    }
}
