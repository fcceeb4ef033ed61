//! An organisation's keys. A key is shown when it is made, and never again.

use axum::Json;
use axum::extract::State;
use gatehouse_store::audit::{Action, Actor};
use gatehouse_store::control::{Change, Changed, KeyHash, Permissions, StoredKey};
use gatehouse_store::keys::{generate_key, hash_key};
use gatehouse_types::{Clock, OrganizationId, Timestamp};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::auth::Manager;
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, PathId};
use crate::replies::{IdRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// How many keys an organisation may have that are not revoked: every process keeps them in memory.
const MAX_USABLE_KEYS: usize = 1000;
/// How many it may have with those that are.
const MAX_KEYS: usize = 10_000;

/// A key, without itself.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey, example = json!({
    "id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
    "api_key_name": "production",
    "api_key_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "organization_id": "0199f0a1-0000-7000-8000-000000000001",
    "user_id": null, "key_permissions": "rw", "governance": false, "temp_key": false, "soft_delete": false,
    "created_at": "2026-11-22T14:06:00.123Z", "updated_at": "2026-11-22T14:06:00.123Z",
    "expires_at": null, "revoked_at": null, "last_used_at": "2026-11-22T15:00:00.000Z"
}))]
pub(crate) struct ApiKey {
    id: Uuid,
    /// What its owner calls it.
    api_key_name: String,
    /// The SHA-256 of `Bearer <key>`, in hexadecimal digits.
    api_key_hash: String,
    organization_id: Uuid,
    /// Always null: keys belong to organisations.
    #[schema(schema_with = crate::openapi::always_null)]
    user_id: Option<()>,
    /// `rw`, `r` or `w`.
    key_permissions: &'static str,
    /// Whether it is an administrator's: it may decide for the whole installation.
    governance: bool,
    /// Always false: there are no temporary keys.
    temp_key: bool,
    /// Whether it was revoked.
    soft_delete: bool,
    created_at: String,
    updated_at: String,
    /// From when on it is no longer accepted.
    expires_at: Option<String>,
    revoked_at: Option<String>,
    /// When it was last used, to within a minute.
    last_used_at: Option<String>,
}

impl From<StoredKey> for ApiKey {
    fn from(key: StoredKey) -> Self {
        let text = |time: Timestamp| time.to_string();
        Self {
            id: key.id.as_uuid(),
            api_key_name: key.name,
            api_key_hash: hex(&key.hash),
            organization_id: key.organization_id.as_uuid(),
            user_id: None,
            key_permissions: key.permissions.as_str(),
            governance: key.is_admin,
            temp_key: false,
            soft_delete: key.revoked_at.is_some(),
            created_at: text(key.created_at),
            updated_at: text(key.updated_at),
            expires_at: key.expires_at.map(text),
            revoked_at: key.revoked_at.map(text),
            last_used_at: key.last_used_at.map(text),
        }
    }
}

/// The key that is wanted.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"api_key_name": "production", "key_permissions": "w", "expires_at": "2027-11-22T00:00:00Z"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct CreateApiKey {
    /// What to call it: 1 to 200 characters.
    api_key_name: String,
    /// `rw` (the default), `r` or `w`.
    #[schema(required = false)]
    key_permissions: Option<String>,
    /// From when on it is no longer accepted, as an ISO 8601 time in the future.
    #[schema(required = false)]
    expires_at: Option<String>,
}

/// What a key is to be called.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"api_key_name": "staging"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct RenameApiKey {
    /// 1 to 200 characters.
    api_key_name: String,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({
    "id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
    "apiKey": "sk-helicone-xxxxxxx-xxxxxxx-xxxxxxx-xxxxxxx",
    "hashedKey": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
}))]
pub(crate) struct CreatedApiKey {
    id: Uuid,
    /// The key itself: it is shown this once.
    api_key: String,
    /// The SHA-256 of `Bearer <key>`, in hexadecimal digits.
    hashed_key: String,
}

/// A key that was changed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(example = json!({"hashedKey": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}))]
pub(crate) struct ChangedApiKey {
    /// The SHA-256 of `Bearer <key>`, in hexadecimal digits.
    hashed_key: String,
}

/// Lists the organisation's keys, newest first, those that were revoked too.
#[utoipa::path(
    get, path = "/v1/api-keys", operation_id = "listApiKeys", tag = "Keys",
    responses((status = 200, description = "The keys", body = Envelope<Vec<ApiKey>>), Refusals)
)]
pub(crate) async fn list(
    manager: Manager,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<ApiKey>>>, ApiError> {
    let keys = own_keys(state.control()?, manager.organization_id).await?;
    Ok(Envelope::json(keys.into_iter().rev().map(ApiKey::from).collect()))
}

/// Makes a key for the organisation; it is known at once.
#[utoipa::path(
    post, path = "/v1/api-keys", operation_id = "createApiKey", tag = "Keys", request_body = CreateApiKey,
    responses(
        (status = 200, description = "The key, shown this once", body = CreatedApiKey),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create(
    manager: Manager,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<CreatedApiKey>, ApiError> {
    let wanted = WantedKey::read(&fields, state.clock.as_ref())?;
    let actor = manager.actor;
    wanted.make(state.control()?, manager.organization_id, actor).await
}

/// Gives a key another name.
#[utoipa::path(
    patch, path = "/v1/api-keys/{id}", operation_id = "renameApiKey", tag = "Keys", request_body = RenameApiKey,
    params(("id" = Uuid, Path, description = "The key's id")),
    responses(
        (status = 200, description = "It has that name now", body = ChangedApiKey),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn rename(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<ChangedApiKey>, ApiError> {
    let name = fields.name("api_key_name")?;
    let renamed = |key: &StoredKey| {
        let detail = format!("{} → {name}", key.name);
        (Change::RenameKey(key.organization_id, key.id, name), Action::KeyRenamed, detail)
    };
    change_key(&manager, state.control()?, id, renamed).await
}

/// Revokes a key, also the one that makes this call; it is refused from now on.
#[utoipa::path(
    delete, path = "/v1/api-keys/{id}", operation_id = "revokeApiKey", tag = "Keys",
    params(("id" = Uuid, Path, description = "The key's id")),
    responses((status = 200, description = "It is revoked", body = ChangedApiKey), IdRefusals)
)]
pub(crate) async fn revoke(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<ChangedApiKey>, ApiError> {
    let revoked = |key: &StoredKey| {
        (Change::RevokeKey(key.organization_id, key.id), Action::KeyRevoked, key.name.clone())
    };
    change_key(&manager, state.control()?, id, revoked).await
}

/// What was asked for.
pub(crate) struct WantedKey {
    name: String,
    permissions: Permissions,
    expires_at: Option<Timestamp>,
}

impl WantedKey {
    /// Reads the body of a call that makes a key.
    pub(crate) fn read(fields: &Fields, clock: &dyn Clock) -> Result<Self, ApiError> {
        let now = clock.now();
        let in_the_future = |text: &str| Timestamp::parse(text).filter(|end| *end > now);
        let permissions = fields.parsed("key_permissions", "`rw`, `r` or `w`", Permissions::parse)?;
        Ok(Self {
            name: fields.name("api_key_name")?,
            permissions: permissions.unwrap_or(Permissions::READ_WRITE),
            expires_at: fields.parsed("expires_at", "an ISO 8601 time in the future", in_the_future)?,
        })
    }

    /// Makes the key.
    pub(crate) async fn make(
        self,
        control: &Control,
        organization_id: OrganizationId,
        actor: Actor,
    ) -> Result<Json<CreatedApiKey>, ApiError> {
        let key = generate_key().map_err(|error| {
            tracing::error!(%error, "no key could be made");
            ApiError::new(ErrorKind::Internal, "no key could be made")
        })?;
        let hash = hash_key(key.expose().as_bytes());
        let _turn = control.take_turn().await;
        let keys = own_keys(control, organization_id).await?;
        let usable = keys.iter().filter(|key| key.revoked_at.is_none()).count();
        if usable >= MAX_USABLE_KEYS || keys.len() >= MAX_KEYS {
            let message = format!(
                "an organisation may have {MAX_USABLE_KEYS} keys, and {MAX_KEYS} with those that were revoked"
            );
            return Err(ApiError::new(ErrorKind::LimitReached, message));
        }
        let now = control.now();
        let stored = StoredKey {
            expires_at: self.expires_at,
            ..StoredKey::new(organization_id, self.name.clone(), hash, self.permissions, now)
        };
        let id = stored.id;
        let audit = control.entry(organization_id, actor, Action::KeyCreated, id, self.name);
        match control.change(Change::AddKey(stored), audit).await? {
            Changed::Done => {}
            Changed::NotFound => {
                return Err(ApiError::new(ErrorKind::NotFound, "there is no such organisation"));
            }
            Changed::Exists => return Err(ApiError::new(ErrorKind::Internal, "no key could be made")),
        }
        Ok(Json(CreatedApiKey { id: id.as_uuid(), api_key: key.expose().clone(), hashed_key: hex(&hash) }))
    }
}

/// Makes a change of one key of the caller's organisation; an administrator's is changed by administrators only.
async fn change_key(
    manager: &Manager,
    control: &Control,
    id: Uuid,
    changing: impl FnOnce(&StoredKey) -> (Change, Action, String),
) -> Result<Json<ChangedApiKey>, ApiError> {
    let absent = || ApiError::new(ErrorKind::NotFound, format!("there is no key {id}, or it was revoked"));
    let organization_id = manager.organization_id;
    let keys = own_keys(control, organization_id).await?;
    let key = keys.into_iter().find(|key| key.id.as_uuid() == id).ok_or_else(absent)?;
    // A key that applications carry is not to take away what decides for the whole installation.
    if key.is_admin && !manager.is_admin {
        let message = format!("key {id} is an administrator's; only an administrator can change it");
        return Err(ApiError::new(ErrorKind::Forbidden, message));
    }
    let (change, action, detail) = changing(&key);
    let audit = control.entry(organization_id, manager.actor, action, id, detail);
    match control.change(change, audit).await? {
        Changed::Done => Ok(Json(ChangedApiKey { hashed_key: hex(&key.hash) })),
        Changed::NotFound | Changed::Exists => Err(absent()),
    }
}

/// Returns an organisation's keys, oldest first.
async fn own_keys(control: &Control, organization_id: OrganizationId) -> Result<Vec<StoredKey>, ApiError> {
    Ok(control.store().keys_of(organization_id).await?)
}

fn hex(hash: &KeyHash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
