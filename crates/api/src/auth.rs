//! Who is calling: extractors that only let through a known key with the right permissions, or somebody who is signed
//! in and whose role has them.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use gatehouse_store::accounts::{Role, SessionEntry};
use gatehouse_store::audit::Actor;
use gatehouse_store::control::Permissions;
use gatehouse_store::keys::KeyRefusal;
use gatehouse_types::{KeyId, OrganizationId};

use crate::account::page::{self, SignedIn};
use crate::error::{ApiError, ErrorKind};
use crate::state::{ApiState, not_open};

/// Helicone's own header, asked before `Authorization`.
const HELICONE_AUTH: HeaderName = HeaderName::from_static("helicone-auth");

/// Who is calling and what they may do, however they showed it.
pub(crate) struct Caller {
    /// The tenant: nothing else is visible to the caller.
    pub(crate) organization_id: OrganizationId,
    /// Who it is, for the audit log.
    pub(crate) actor: Actor,
    /// Whether the caller may read and write.
    pub(crate) permissions: Permissions,
    /// Whether the caller may manage the organisation.
    pub(crate) may_manage: bool,
    /// Whether the caller may decide who belongs to the organisation.
    pub(crate) owns: bool,
    /// Whether the caller may decide for the whole installation.
    pub(crate) is_admin: bool,
}

impl From<SessionEntry> for Caller {
    fn from(entry: SessionEntry) -> Self {
        Self {
            organization_id: entry.organization_id,
            actor: Actor::User(entry.user_id),
            permissions: entry.role.permissions(),
            may_manage: entry.role.may_manage(),
            owns: entry.role == Role::Owner,
            is_admin: entry.is_installation_admin,
        }
    }
}

/// A caller that may read what its organisation logged.
pub(crate) struct Reader {
    /// The tenant: nothing else is visible to the caller.
    pub(crate) organization_id: OrganizationId,
    /// Who it is.
    pub(crate) caller: Caller,
}

/// A caller that may see what concerns every organisation, like metrics.
pub(crate) struct Overseer;

/// A caller that may change what its organisation logged.
pub(crate) struct Writer {
    /// The tenant: nothing else can be touched by the caller.
    pub(crate) organization_id: OrganizationId,
    /// The key, where the caller has one.
    pub(crate) key_id: Option<KeyId>,
    /// Who it is, for the audit log.
    pub(crate) actor: Actor,
}

/// A caller that may manage its organisation: its keys, domains and rules. A key that applications carry can
/// be limited to `w` and then makes no other keys.
pub(crate) struct Manager {
    /// The tenant: nothing else can be touched by the caller.
    pub(crate) organization_id: OrganizationId,
    /// Who it is, for the audit log.
    pub(crate) actor: Actor,
    /// Whether the caller may decide for the whole installation.
    pub(crate) is_admin: bool,
}

/// A caller that may decide for the whole installation.
pub(crate) struct Admin {
    /// Who it is, for the audit log.
    pub(crate) actor: Actor,
}

/// A caller that may decide who belongs to its organisation: an owner, or an administrator's key.
pub(crate) struct Owner {
    /// The tenant: nothing else can be touched by the caller.
    pub(crate) organization_id: OrganizationId,
    /// Who it is, for the audit log.
    pub(crate) actor: Actor,
}

/// A person who is signed in; a key is nobody.
pub(crate) struct Person(pub(crate) SignedIn);

impl FromRequestParts<ApiState> for Owner {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let Caller { organization_id, actor, may_manage, owns, .. } = caller(parts, state)?;
        match (owns, may_manage) {
            (true, _) => Ok(Self { organization_id, actor }),
            (false, true) => Err(not_an_owner()),
            (false, false) => Err(may_not(actor, MANAGE)),
        }
    }
}

impl FromRequestParts<ApiState> for Person {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        if let Some(header) = credential(&parts.headers) {
            by_key(header, state)?;
            return Err(forbidden("this is for people who signed in, an API key is nobody's account"));
        }
        page::signed_in(parts, state)?.map(Self).ok_or_else(nobody)
    }
}

impl FromRequestParts<ApiState> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = caller(parts, state)?;
        if !caller.permissions.read {
            return Err(may_not(caller.actor, "the API key may not read: its permissions lack `r`"));
        }
        Ok(Self { organization_id: caller.organization_id, caller })
    }
}

impl FromRequestParts<ApiState> for Overseer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let Reader { caller, .. } = Reader::from_request_parts(parts, state).await?;
        if !caller.is_admin {
            return Err(not_an_admin());
        }
        Ok(Self)
    }
}

impl FromRequestParts<ApiState> for Writer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let caller = caller(parts, state)?;
        if !caller.permissions.write {
            return Err(may_not(caller.actor, "the API key may not write: its permissions lack `w`"));
        }
        let key_id = match caller.actor {
            Actor::Key(id) => Some(id),
            _ => None,
        };
        Ok(Self { organization_id: caller.organization_id, key_id, actor: caller.actor })
    }
}

impl FromRequestParts<ApiState> for Manager {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let Caller { organization_id, actor, may_manage, is_admin, .. } = caller(parts, state)?;
        if !may_manage {
            return Err(may_not(actor, MANAGE));
        }
        Ok(Self { organization_id, actor, is_admin })
    }
}

impl FromRequestParts<ApiState> for Admin {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let Manager { actor, is_admin, .. } = Manager::from_request_parts(parts, state).await?;
        if !is_admin {
            return Err(not_an_admin());
        }
        Ok(Self { actor })
    }
}

/// Returns who is calling. A key is asked before a cookie: who sends one means it.
fn caller(parts: &Parts, state: &ApiState) -> Result<Caller, ApiError> {
    match credential(&parts.headers) {
        Some(header) => by_key(header, state),
        None => page::signed_in(parts, state)?.map(|person| person.entry.into()).ok_or_else(nobody),
    }
}

fn nobody() -> ApiError {
    let hint = "this needs a Helicone API key: send `Authorization: Bearer sk-helicone-…`, or sign in";
    ApiError::new(ErrorKind::MissingKey, hint)
}

fn by_key(header: &HeaderValue, state: &ApiState) -> Result<Caller, ApiError> {
    let view = state.view.load();
    match view.keys.identify(header.as_bytes(), state.clock.now()) {
        Ok(entry) => Ok(Caller {
            organization_id: entry.organization_id,
            actor: Actor::Key(entry.key_id),
            permissions: entry.permissions,
            may_manage: entry.permissions == Permissions::READ_WRITE,
            owns: entry.is_admin && entry.permissions == Permissions::READ_WRITE,
            is_admin: entry.is_admin,
        }),
        // Before the control store is open no key is known.
        Err(KeyRefusal::Unknown) if state.is_opening() => Err(not_open()),
        Err(refusal) => Err(refused(refusal)),
    }
}

fn refused(refusal: KeyRefusal) -> ApiError {
    let kind = match refusal {
        KeyRefusal::Malformed => ErrorKind::MalformedKey,
        KeyRefusal::Unknown => ErrorKind::InvalidKey,
        KeyRefusal::Revoked => ErrorKind::RevokedKey,
        KeyRefusal::Expired => ErrorKind::ExpiredKey,
    };
    ApiError::new(kind, format!("the API key {refusal}"))
}

/// What a key that may not manage is told.
const MANAGE: &str = "the API key may not manage its organisation: that needs the permissions `rw`";

/// Returns the error for what a caller may not; a person is told of roles, a key of its permissions.
fn may_not(actor: Actor, key_is_told: &str) -> ApiError {
    match actor {
        Actor::User(_) => {
            forbidden("your role in this organisation does not allow this; an owner can change it")
        }
        _ => forbidden(key_is_told),
    }
}

fn not_an_owner() -> ApiError {
    forbidden("this needs an owner of the organisation, or an administrator's key")
}

fn not_an_admin() -> ApiError {
    forbidden(
        "this needs an administrator of the installation, or an administrator's key: `gatehouse keys create --admin`",
    )
}

fn forbidden(message: &str) -> ApiError {
    ApiError::new(ErrorKind::Forbidden, message)
}

/// Returns the header that carries the key: `Helicone-Auth`, else `Authorization`.
pub(crate) fn credential(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers.get(HELICONE_AUTH).or_else(|| headers.get(header::AUTHORIZATION))
}
