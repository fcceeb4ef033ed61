//! Who changed what in an organisation, and when.

use std::collections::HashMap;

use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use gatehouse_store::accounts::{Accounts, User};
use gatehouse_store::audit::{Actor, AuditEntry, AuditQuery};
use gatehouse_types::{KeyId, OrganizationId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::auth::Manager;
use crate::error::ApiError;
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// How many entries are returned, unless said otherwise, and at most.
const DEFAULT_LIMIT: u32 = 100;
const MAX_LIMIT: u32 = 1000;

/// Which entries are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditParams {
    /// How many at most: 1 to 1000, or 100 if it is not said.
    #[param(value_type = Option<u32>, example = 100)]
    limit: Option<String>,
    /// Only entries older than the one with this id: the last one of the page before.
    #[param(value_type = Option<Uuid>)]
    before: Option<String>,
}

/// One change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry, example = json!({
    "id": "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20",
    "at": "2026-11-22T14:06:00.123Z",
    "actor": {"type": "key", "key_id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "key_name": "production", "user_id": null, "user_email": null},
    "action": "domain_requested",
    "subject": "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d21",
    "detail": "llm.example.com"
}))]
pub(crate) struct AuditEntryAnswer {
    id: Uuid,
    at: String,
    actor: ActorAnswer,
    /// What was done: `key_created`, `domain_approved` and so on.
    action: &'static str,
    /// To what: the id of a key, domain, rule or organisation.
    subject: String,
    /// What people call it, or why it was done.
    detail: String,
}

/// Who made a change.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Actor)]
pub(crate) struct ActorAnswer {
    /// `key`, `user`, `command_line` or `server`.
    r#type: &'static str,
    /// The key; null for one of another organisation, which is then an administrator's.
    key_id: Option<Uuid>,
    /// What the key is called.
    key_name: Option<String>,
    /// The person; null for an administrator who does not belong to the organisation.
    user_id: Option<Uuid>,
    /// The person's address.
    user_email: Option<String>,
}

/// Lists the changes in the organisation, newest first.
#[utoipa::path(
    get, path = "/v1/audit", operation_id = "listAuditEntries", tag = "Organization", params(AuditParams),
    responses((status = 200, description = "The changes", body = Envelope<Vec<AuditEntryAnswer>>), Refusals)
)]
pub(crate) async fn list(
    manager: Manager,
    State(state): State<ApiState>,
    params: Result<Query<AuditParams>, QueryRejection>,
) -> Result<Json<Envelope<Vec<AuditEntryAnswer>>>, ApiError> {
    let Query(params) =
        params.map_err(|_| ApiError::field("limit", "given at most once, and so must `before`"))?;
    let organization_id = manager.organization_id;
    let query = AuditQuery { organization_id, before: before(&params)?, limit: limit(&params)? };
    let store = state.control()?.store();
    let entries = store.audit(query).await?;
    let own_keys = store.keys_of(organization_id).await?.into_iter();
    let accounts = store.accounts().await?;
    let known = accounts.users.iter().filter(|user| is_known(&accounts, user, organization_id));
    let names = Names {
        keys: own_keys.map(|key| (key.id, key.name)).collect(),
        people: known.map(|user| (user.id, user.email.clone())).collect(),
    };
    Ok(Envelope::json(entries.into_iter().map(|entry| answer(entry, &names)).collect()))
}

/// Who may have changed something, by what they are called.
struct Names {
    keys: HashMap<KeyId, String>,
    people: HashMap<UserId, String>,
}

/// Returns whether an organisation may know who a person is: they belong to it or did, since nobody else acts in it but
/// administrators of the installation.
fn is_known(accounts: &Accounts, user: &User, organization_id: OrganizationId) -> bool {
    !user.is_installation_admin || accounts.membership(organization_id, user.id).is_some()
}

fn answer(entry: AuditEntry, names: &Names) -> AuditEntryAnswer {
    let key = match entry.actor {
        Actor::Key(id) => names.keys.get_key_value(&id),
        _ => None,
    };
    let person = match entry.actor {
        Actor::User(id) => names.people.get_key_value(&id),
        _ => None,
    };
    AuditEntryAnswer {
        id: entry.id,
        at: entry.at.to_string(),
        actor: ActorAnswer {
            r#type: entry.actor.kind(),
            key_id: key.map(|(id, _)| id.as_uuid()),
            key_name: key.map(|(_, name)| name.clone()),
            user_id: person.map(|(id, _)| id.as_uuid()),
            user_email: person.map(|(_, email)| email.clone()),
        },
        action: entry.action.as_str(),
        subject: entry.subject,
        detail: entry.detail,
    }
}

fn before(params: &AuditParams) -> Result<Option<Uuid>, ApiError> {
    let parse = |text: &String| Uuid::try_parse(text).map_err(|_| ApiError::field("before", "a UUID"));
    params.before.as_ref().map(parse).transpose()
}

fn limit(params: &AuditParams) -> Result<u32, ApiError> {
    let Some(text) = &params.limit else { return Ok(DEFAULT_LIMIT) };
    let limit = text.parse().ok().filter(|limit| (1..=MAX_LIMIT).contains(limit));
    limit.ok_or_else(|| ApiError::field("limit", &format!("a whole number from 1 to {MAX_LIMIT}")))
}
