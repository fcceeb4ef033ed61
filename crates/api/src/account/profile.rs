//! What people see and change of their own account.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use gatehouse_store::accounts::{AccountChange, Accounts, SessionEntry, User};
use gatehouse_store::audit::{Action, Actor};
use gatehouse_store::control::Change;
use gatehouse_types::OrganizationId;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answers::AccountAnswer;
use super::passwords::{claimed_password, new_password};
use super::sign_in::{Browser, Found, attempt, closed, open};
use crate::auth::Person;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::Fields;
use crate::replies::Refusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// Another name.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"name": "Ada King"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct ChangeAccount {
    /// 1 to 200 characters.
    name: String,
}

/// Another password.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"current_password": "correct horse battery", "password": "staple battery horse"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct ChangePassword {
    current_password: String,
    /// 12 to 200 characters.
    password: String,
}

/// Where to work.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"organization_id": "0199f0a1-0000-7000-8000-000000000001"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct SwitchOrganization {
    /// An organisation that they belong to.
    organization_id: Uuid,
}

/// Returns who is signed in, what they may do, and what their calls have to carry.
#[utoipa::path(
    get, path = "/v1/account", operation_id = "getAccount", tag = "Account",
    responses((status = 200, description = "The account", body = Envelope<AccountAnswer>), Refusals)
)]
pub(crate) async fn read(
    Person(person): Person,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<AccountAnswer>>, ApiError> {
    Ok(Envelope::json(AccountAnswer::read(state.control()?, person.entry.into(), &person.token).await?))
}

/// Gives the account another name.
#[utoipa::path(
    patch, path = "/v1/account", operation_id = "changeAccount", tag = "Account", request_body = ChangeAccount,
    responses(
        (status = 200, description = "The account", body = Envelope<AccountAnswer>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn rename(
    Person(person): Person,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<AccountAnswer>>, ApiError> {
    let (name, entry, control) = (fields.name("name")?, person.entry, state.control()?);
    let (id, actor) = (entry.user_id, Actor::User(entry.user_id));
    let audit = control.entry(entry.organization_id, actor, Action::UserRenamed, id, name.clone());
    let change = AccountChange::RenameUser(id, name);
    control.change(Change::Account(Box::new(change)), audit).await?;
    Ok(Envelope::json(AccountAnswer::read(control, entry.into(), &person.token).await?))
}

/// Sets another password. Every other session ends, and this one goes on with a new cookie.
#[utoipa::path(
    post, path = "/v1/account/password", operation_id = "changePassword", tag = "Account",
    request_body = ChangePassword,
    responses(
        (status = 200, description = "The account, with the token of the new session", body = Envelope<AccountAnswer>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        (status = 429, description = "It was tried too often", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn change_password(
    Person(person): Person,
    browser: Browser,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let password = new_password(&fields, "password")?;
    let (control, sign_in, entry) = (state.control()?, state.sign_in().ok_or_else(closed)?, person.entry);
    let accounts = control.store().accounts().await?;
    let user = user(&accounts, &entry)?;
    let Some(hash) = user.password_hash.clone() else {
        // A session alone does not make another way in: the provider of identities would know nothing of it.
        let message = "you have no password here: whoever runs the server can make a link that sets one";
        return Err(ApiError::new(ErrorKind::Forbidden, message));
    };
    let tried = attempt(&state, Some(&user.email), browser.address)?;
    let current = claimed_password(&fields, "current_password")?;
    if !sign_in.passwords.verify(current, Some(hash)).await? {
        // Not 401: the session is as good as before.
        return Err(ApiError::new(ErrorKind::Forbidden, "`current_password`: this is not your password"));
    }
    sign_in.throttle.succeeded(&tried);
    let hash = sign_in.passwords.hash(password).await?;
    let change = AccountChange::SetPassword(user.id, hash, None);
    let (actor, action) = (Actor::User(user.id), Action::PasswordSet);
    let audit = control.entry(entry.organization_id, actor, action, user.id, &user.email);
    control.change(Change::Account(Box::new(change)), audit).await?;
    let found = Found { user, organization_id: entry.organization_id };
    open(&state, &browser, found, "another password").await
}

/// Goes on in another organisation, with a new cookie.
#[utoipa::path(
    post, path = "/v1/account/organization", operation_id = "switchOrganization", tag = "Account",
    request_body = SwitchOrganization,
    responses(
        (status = 200, description = "The account, with the token of the new session", body = Envelope<AccountAnswer>),
        (status = 404, description = "They do not belong to it", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn switch(
    Person(person): Person,
    browser: Browser,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let id = fields.parsed("organization_id", "a UUID", OrganizationId::parse)?;
    let id = id.ok_or_else(|| ApiError::field("organization_id", "a UUID"))?;
    let entry = person.entry;
    let accounts = state.control()?.store().accounts().await?;
    let user = user(&accounts, &entry)?;
    if accounts.membership(id, user.id).is_none() {
        let message = format!("you belong to no organisation {id}");
        return Err(ApiError::new(ErrorKind::NotFound, message));
    }
    let found = Found { user, organization_id: id };
    open(&state, &browser, found, "switching organisations").await
}

fn user<'a>(accounts: &'a Accounts, entry: &SessionEntry) -> Result<&'a User, ApiError> {
    let gone = || ApiError::new(ErrorKind::SessionEnded, "the session has ended: sign in again");
    accounts.user(entry.user_id).ok_or_else(gone)
}
