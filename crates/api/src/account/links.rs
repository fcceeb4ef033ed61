//! What links let people do, once each: make the first account, accept an invitation, set a password.
//!
//! A link carries its token behind `#`, which browsers send to nobody: the page takes it from there.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use gatehouse_store::accounts::{
    AccountChange, Accounts, Admission, Invitation, Membership, PasswordLink, Role, Token, TokenHash, User,
    parse_email,
};
use gatehouse_store::audit::{Action, Actor};
use gatehouse_store::control::{Change, Changed};
use gatehouse_types::{OrganizationId, UserId};
use serde::Serialize;
use utoipa::ToSchema;

use super::answers::AccountAnswer;
use super::page::OurPage;
use super::passwords::{claimed_password, new_password};
use super::sign_in::{Found, attempt, check, closed, open, place_to_work};
use super::throttle::Try;
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::Fields;
use crate::replies::PageRefusals;
use crate::request::Envelope;
use crate::state::ApiState;

/// The first person.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "token": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "name": "Ada Lovelace",
    "email": "ada@example.com", "password": "correct horse battery"
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct FirstVisit {
    /// What stands behind the `#` of the link that the server's start printed.
    token: String,
    /// 1 to 200 characters.
    name: String,
    email: String,
    /// 12 to 200 characters.
    password: String,
}

/// Who accepts an invitation.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "token": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "name": "Ada Lovelace",
    "password": "correct horse battery"
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct AcceptInvitation {
    /// What stands behind the `#` of the link.
    token: String,
    /// 1 to 200 characters; not needed by somebody who has an account.
    name: Option<String>,
    /// A new password of 12 to 200 characters; that of the account for somebody who has one.
    password: String,
}

/// A new password.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "token": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "password": "correct horse battery"
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct NewPassword {
    /// What stands behind the `#` of the link.
    token: String,
    /// 12 to 200 characters.
    password: String,
}

/// A link's token.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"token": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct ReadInvitation {
    /// What stands behind the `#` of the link.
    token: String,
}

/// What an invitation says.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = OpenInvitation, example = json!({
    "organization": "Default", "email": "ada@example.com", "role": "member", "has_account": false
}))]
pub(crate) struct OpenInvitation {
    organization: String,
    email: String,
    /// `viewer`, `member`, `admin` or `owner`.
    role: &'static str,
    /// Whether that address has an account, whose password is then asked for.
    has_account: bool,
}

/// Makes the first account, which owns the organisation and decides for the installation, and signs it in.
#[utoipa::path(
    post, path = "/v1/account/first", operation_id = "makeFirstAccount", tag = "Account", security(()),
    request_body = FirstVisit,
    responses(
        (status = 200, description = "They are signed in", body = Envelope<AccountAnswer>),
        (status = 404, description = "The link was used or replaced, or there is an account", body = ErrorEnvelope),
        (status = 429, description = "It was tried too often", body = ErrorEnvelope),
        PageRefusals,
    )
)]
pub(crate) async fn first_visit(
    page: OurPage,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let (name, email) = (fields.name("name")?, email(&fields)?);
    let password = new_password(&fields, "password")?;
    let (control, sign_in) = (state.control()?, state.sign_in().ok_or_else(closed)?);
    let tried = attempt(&state, None, page.address)?;
    let accounts = control.store().accounts().await?;
    let hash = token(&fields)?;
    if accounts.first_visit != Some(hash) || !accounts.users.is_empty() {
        return Err(used("start the server anew for another one"));
    }
    let password_hash = Some(sign_in.passwords.hash(password).await?);
    let organization = control.store().default_organization().await?;
    let user = User { password_hash, is_installation_admin: true, ..person(control, email, name) };
    let joined = (organization.id, Role::Owner, Admission::FirstVisit(hash));
    add(control, &user, joined).await?;
    sign_in.throttle.succeeded(&tried);
    let found = Found { user: &user, organization_id: organization.id };
    open(&state, &page.into(), found, "the link of the first visit").await
}

/// Says what an invitation is for.
#[utoipa::path(
    post, path = "/v1/account/invitation/read", operation_id = "readInvitation", tag = "Account", security(()),
    request_body = ReadInvitation,
    responses(
        (status = 200, description = "The invitation", body = Envelope<OpenInvitation>),
        (status = 404, description = "It was accepted or taken back, or has expired", body = ErrorEnvelope),
        (status = 429, description = "It was tried too often", body = ErrorEnvelope),
        PageRefusals,
    )
)]
pub(crate) async fn read_invitation(
    page: OurPage,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<OpenInvitation>>, ApiError> {
    let (control, tried) = (state.control()?, attempt(&state, None, page.address)?);
    let accounts = control.store().accounts().await?;
    let invitation = invitation(&accounts, token(&fields)?, control)?;
    forgive(&state, &tried)?;
    let organizations = control.store().organizations().await?;
    let organization = organizations.into_iter().find(|found| found.id == invitation.organization_id);
    Ok(Envelope::json(OpenInvitation {
        organization: organization.map(|organization| organization.name).unwrap_or_default(),
        email: invitation.email.clone(),
        role: invitation.role.as_str(),
        has_account: accounts.user_by_email(&invitation.email).is_some(),
    }))
}

/// Accepts an invitation and signs in; an address without an account gets one.
#[utoipa::path(
    post, path = "/v1/account/invitation", operation_id = "acceptInvitation", tag = "Account", security(()),
    request_body = AcceptInvitation,
    responses(
        (status = 200, description = "They are signed in", body = Envelope<AccountAnswer>),
        (status = 401, description = "The password of the account is wrong", body = ErrorEnvelope),
        (status = 404, description = "It was accepted or taken back, or has expired", body = ErrorEnvelope),
        (status = 429, description = "It was tried too often", body = ErrorEnvelope),
        PageRefusals,
    )
)]
pub(crate) async fn accept_invitation(
    page: OurPage,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let (control, tried) = (state.control()?, attempt(&state, None, page.address)?);
    let accounts = control.store().accounts().await?;
    let invitation = invitation(&accounts, token(&fields)?, control)?.clone();
    forgive(&state, &tried)?;
    let joined = (invitation.organization_id, invitation.role, Admission::Invitation(invitation.id));
    let user = match accounts.user_by_email(&invitation.email) {
        Some(_) => {
            let claimed = (invitation.email.as_str(), claimed_password(&fields, "password")?);
            let user = check(&state, &accounts, &page, claimed).await?;
            join(control, &user, joined).await?;
            user
        }
        None => {
            let (name, password) = (fields.name("name")?, new_password(&fields, "password")?);
            let sign_in = state.sign_in().ok_or_else(closed)?;
            let password_hash = Some(sign_in.passwords.hash(password).await?);
            let user = User { password_hash, ..person(control, invitation.email.clone(), name) };
            add(control, &user, joined).await?;
            user
        }
    };
    let found = Found { user: &user, organization_id: invitation.organization_id };
    open(&state, &page.into(), found, "an invitation").await
}

/// Sets a password by a link and signs in; every session of the account ends.
#[utoipa::path(
    post, path = "/v1/account/new-password", operation_id = "setPasswordByLink", tag = "Account", security(()),
    request_body = NewPassword,
    responses(
        (status = 200, description = "They are signed in", body = Envelope<AccountAnswer>),
        (status = 404, description = "The link was used or replaced, or has expired", body = ErrorEnvelope),
        (status = 429, description = "It was tried too often", body = ErrorEnvelope),
        PageRefusals,
    )
)]
pub(crate) async fn set_password(
    page: OurPage,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let password = new_password(&fields, "password")?;
    let (control, sign_in) = (state.control()?, state.sign_in().ok_or_else(closed)?);
    let tried = attempt(&state, None, page.address)?;
    let accounts = control.store().accounts().await?;
    let hash = token(&fields)?;
    let user = link(&accounts, hash, control).and_then(|link| accounts.user(link.user_id));
    let user = user.ok_or_else(|| used("ask whoever runs the server for another one"))?;
    forgive(&state, &tried)?;
    let organization_id = place_to_work(&accounts, user)?;
    let password_hash = sign_in.passwords.hash(password).await?;
    let change = AccountChange::SetPassword(user.id, password_hash, Some(hash));
    let detail = format!("{}, by a link", user.email);
    let audit = control.entry(organization_id, Actor::User(user.id), Action::PasswordSet, user.id, detail);
    match control.change(Change::Account(Box::new(change)), audit).await? {
        Changed::Done => {}
        Changed::NotFound | Changed::Exists => {
            return Err(used("ask whoever runs the server for another one"));
        }
    }
    let found = Found { user, organization_id };
    open(&state, &page.into(), found, "a link that sets a password").await
}

/// A link that was good is no failed try.
fn forgive(state: &ApiState, tried: &Try) -> Result<(), ApiError> {
    state.sign_in().ok_or_else(closed)?.throttle.succeeded(tried);
    Ok(())
}

fn email(fields: &Fields) -> Result<String, ApiError> {
    let email = fields.parsed("email", "an address such as ada@example.com", parse_email)?;
    email.ok_or_else(|| ApiError::field("email", "an address such as ada@example.com"))
}

/// Returns the hash of the token in a body; one that can't be any link's is none's.
fn token(fields: &Fields) -> Result<TokenHash, ApiError> {
    let token = fields.value("token").and_then(|value| value.as_str()).and_then(Token::parse);
    token.map(|token| token.hash()).ok_or_else(|| used("it may not have been copied whole"))
}

fn used(hint: &str) -> ApiError {
    ApiError::new(
        ErrorKind::LinkUsed,
        format!("this link is not known: each is good once, and not for long; {hint}"),
    )
}

fn invitation<'a>(
    accounts: &'a Accounts,
    hash: TokenHash,
    control: &Control,
) -> Result<&'a Invitation, ApiError> {
    let now = control.now();
    let is_it = |found: &&Invitation| found.hash == hash && found.expires_at > now;
    accounts.invitations.iter().find(is_it).ok_or_else(|| used("ask for another invitation"))
}

fn link<'a>(accounts: &'a Accounts, hash: TokenHash, control: &Control) -> Option<&'a PasswordLink> {
    let now = control.now();
    accounts.password_links.iter().find(|found| found.hash == hash && found.expires_at > now)
}

/// Returns a person who can't sign in yet.
pub(crate) fn person(control: &Control, email: String, name: String) -> User {
    User {
        id: UserId::generate(),
        email,
        name,
        password_hash: None,
        outside_id: None,
        is_installation_admin: false,
        created_at: control.now(),
    }
}

/// Adds a person to an organisation.
pub(crate) async fn add(
    control: &Control,
    user: &User,
    (organization_id, role, admission): (OrganizationId, Role, Admission),
) -> Result<(), ApiError> {
    let membership = Membership { organization_id, user_id: user.id, role, created_at: control.now() };
    let change = AccountChange::AddUser(user.clone(), membership, admission);
    admit(control, user, (organization_id, role), change).await
}

/// Lets a person belong to another organisation.
async fn join(
    control: &Control,
    user: &User,
    (organization_id, role, admission): (OrganizationId, Role, Admission),
) -> Result<(), ApiError> {
    let membership = Membership { organization_id, user_id: user.id, role, created_at: control.now() };
    admit(control, user, (organization_id, role), AccountChange::AddMembership(membership, admission)).await
}

async fn admit(
    control: &Control,
    user: &User,
    (organization_id, role): (OrganizationId, Role),
    change: AccountChange,
) -> Result<(), ApiError> {
    let detail = format!("{} as {}", user.email, role.as_str());
    let audit = control.entry(organization_id, Actor::User(user.id), Action::UserAdded, user.id, detail);
    match control.change(Change::Account(Box::new(change)), audit).await? {
        Changed::Done => Ok(()),
        Changed::Exists | Changed::NotFound => {
            Err(used("or you belong to the organisation already: sign in"))
        }
    }
}
