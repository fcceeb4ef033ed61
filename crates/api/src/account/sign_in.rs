//! Signing in and out.

use std::net::IpAddr;

use axum::Json;
use axum::extract::{FromRequestParts, State};
use axum::http::header;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use gatehouse_store::accounts::{AccountChange, Accounts, StoredSession, Token, User, parse_email};
use gatehouse_store::audit::{Action, Actor};
use gatehouse_store::control::{Change, Changed};
use gatehouse_types::{OrganizationId, Redacted, SessionId};
use serde::Serialize;
use utoipa::ToSchema;

use super::SignIn;
use super::answers::{AccountAnswer, SessionKey};
use super::page::{OurPage, address, former, signed_in, user_agent};
use super::passwords::claimed_password;
use super::throttle::Try;
use crate::auth::Person;
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::Fields;
use crate::replies::{Done, PageRefusals, Refusals};
use crate::request::Envelope;
use crate::state::ApiState;

/// How people sign in here.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SignInOptions, example = json!({
    "has_users": true, "is_signed_in": false,
    "single_sign_on": {"name": "Google", "url": "https://gatehouse.example.com/v1/account/oidc/start"}
}))]
pub(crate) struct SignInOptions {
    /// Whether anybody has an account yet; if not, the server's start printed a link that makes the first one.
    has_users: bool,
    /// Whether this browser is signed in.
    is_signed_in: bool,
    /// The provider at which people can sign in; null where there is none, or nobody has an account yet.
    single_sign_on: Option<SingleSignOn>,
}

/// A provider of identities.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SingleSignOn)]
struct SingleSignOn {
    /// What a button calls it.
    name: String,
    /// Where a browser begins; takes the path to go on at as `next`.
    url: String,
}

/// Who signs in.
#[derive(Debug, ToSchema)]
#[schema(as = SignIn, example = json!({"email": "ada@example.com", "password": "correct horse battery"}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct SignInBody {
    email: String,
    password: String,
}

/// Says how people sign in here.
#[utoipa::path(
    get, path = "/v1/account/options", operation_id = "getSignInOptions", tag = "Account", security(()),
    responses((status = 200, description = "How people sign in", body = Envelope<SignInOptions>))
)]
pub(crate) async fn options(
    visitor: Visitor,
    State(state): State<ApiState>,
) -> Json<Envelope<SignInOptions>> {
    let has_users = state.view.load().sessions.has_people();
    let oidc = state.sign_in().and_then(|sign_in| sign_in.oidc.as_ref()).filter(|_| has_users);
    let single_sign_on = oidc
        .map(|oidc| SingleSignOn { name: oidc.config.name.as_str().to_owned(), url: oidc.start_url.clone() });
    Envelope::json(SignInOptions { has_users, is_signed_in: visitor.is_signed_in, single_sign_on })
}

/// Signs a person in: the answer's cookie is their session.
#[utoipa::path(
    post, path = "/v1/account/sign-in", operation_id = "signIn", tag = "Account", security(()),
    request_body = SignInBody,
    responses(
        (status = 200, description = "They are signed in", body = Envelope<AccountAnswer>),
        (status = 401, description = "The address or the password is wrong", body = ErrorEnvelope),
        (status = 429, description = "It was tried too often", body = ErrorEnvelope),
        PageRefusals,
    )
)]
pub(crate) async fn sign_in(
    page: OurPage,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Response, ApiError> {
    let email = fields.parsed("email", "an address such as ada@example.com", parse_email)?;
    let email = email.ok_or_else(|| ApiError::field("email", "an address such as ada@example.com"))?;
    let password = claimed_password(&fields, "password")?;
    let control = state.control()?;
    let accounts = control.store().accounts().await?;
    let user = check(&state, &accounts, &page, (&email, password)).await?;
    let organization_id = place_to_work(&accounts, &user)?;
    let found = Found { user: &user, organization_id };
    open(&state, &page.into(), found, "password").await
}

/// Ends the session that makes the call.
#[utoipa::path(
    post, path = "/v1/account/sign-out", operation_id = "signOut", tag = "Account",
    responses((status = 200, description = "They are signed out", body = Done), Refusals)
)]
pub(crate) async fn sign_out(
    Person(person): Person,
    State(state): State<ApiState>,
) -> Result<Response, ApiError> {
    let entry = person.entry;
    let control = state.control()?;
    let change = AccountChange::EndSession(entry.user_id, entry.session_id);
    let (id, actor) = (entry.session_id, Actor::User(entry.user_id));
    let audit = control.entry(entry.organization_id, actor, Action::SignedOut, id, "");
    // Another call may have ended it meanwhile: it is over all the same.
    control.change(Change::Account(Box::new(change)), audit).await?;
    let sign_in = state.sign_in().ok_or_else(closed)?;
    Ok(([(header::SET_COOKIE, sign_in.take()?)], Done::json()).into_response())
}

/// Whoever asks how to sign in.
pub(crate) struct Visitor {
    is_signed_in: bool,
}

impl FromRequestParts<ApiState> for Visitor {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        Ok(Self { is_signed_in: matches!(signed_in(parts, state), Ok(Some(_))) })
    }
}

/// Where a call comes from.
pub(crate) struct Browser {
    pub(crate) address: IpAddr,
    pub(crate) user_agent: String,
    /// The session that it has, which ends when it gets another one.
    pub(crate) former: Option<SessionId>,
}

impl FromRequestParts<ApiState> for Browser {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let sign_in = state.sign_in().ok_or_else(closed)?;
        Ok(Self {
            address: address(parts, &sign_in.config.trusted_proxies),
            user_agent: user_agent(&parts.headers),
            former: former(parts, state),
        })
    }
}

impl From<OurPage> for Browser {
    fn from(page: OurPage) -> Self {
        Self { address: page.address, user_agent: page.user_agent, former: page.former }
    }
}

/// Who signs in where.
pub(crate) struct Found<'a> {
    pub(crate) user: &'a User,
    pub(crate) organization_id: OrganizationId,
}

/// Finds the person with an address and a password; the work is the same if there is nobody.
pub(crate) async fn check(
    state: &ApiState,
    accounts: &Accounts,
    page: &OurPage,
    (email, password): (&str, Redacted<String>),
) -> Result<User, ApiError> {
    let sign_in = state.sign_in().ok_or_else(closed)?;
    let tried = attempt(state, Some(email), page.address)?;
    let user = accounts.user_by_email(email);
    let hash = user.and_then(|user| user.password_hash.clone());
    let is_right = sign_in.passwords.verify(password, hash).await?;
    match user.filter(|_| is_right) {
        Some(user) => {
            sign_in.throttle.succeeded(&tried);
            Ok(user.clone())
        }
        None => {
            if let Some(user) = user {
                note_refusal(state, accounts, user, &tried).await;
            }
            Err(ApiError::new(ErrorKind::WrongCredentials, "the address or the password is wrong"))
        }
    }
}

/// Lets somebody try an account, or a link, unless that failed too often.
pub(crate) fn attempt(state: &ApiState, account: Option<&str>, address: IpAddr) -> Result<Try, ApiError> {
    let sign_in = state.sign_in().ok_or_else(closed)?;
    sign_in.throttle.begin(account, address, state.clock.now()).map_err(|wait| {
        let seconds = u32::try_from(wait.as_micros().div_ceil(1_000_000)).unwrap_or(u32::MAX);
        let message = format!("this failed too often, try again in {seconds} s");
        ApiError::new(ErrorKind::TooManyAttempts(seconds), message)
    })
}

/// Writes to the audit log that an account has to wait from now on, once for each row of failures.
async fn note_refusal(state: &ApiState, accounts: &Accounts, user: &User, tried: &Try) {
    if !tried.is_last_free {
        return;
    }
    let (Ok(control), Some(membership)) = (state.control(), accounts.memberships_of(user.id).next()) else {
        return;
    };
    let organization_id = membership.organization_id;
    let audit = control.entry(organization_id, Actor::Server, Action::SignInRefused, user.id, &user.email);
    if let Err(error) = control.change(Change::Note(organization_id), audit).await {
        tracing::warn!(%error, "failed tries to sign in are not in the audit log");
    }
}

/// Returns the organisation that somebody works in at first: that of their newest session, else the oldest.
pub(crate) fn place_to_work(accounts: &Accounts, user: &User) -> Result<OrganizationId, ApiError> {
    let sessions = accounts.sessions.iter().filter(|session| session.user_id == user.id);
    let newest = sessions.max_by_key(|session| session.last_used_at).map(|session| session.organization_id);
    let newest = newest.filter(|id| accounts.membership(*id, user.id).is_some());
    let oldest = || accounts.memberships_of(user.id).next().map(|membership| membership.organization_id);
    let nowhere = "you belong to no organisation any more: ask an owner of one to invite you";
    newest.or_else(oldest).ok_or_else(|| ApiError::new(ErrorKind::Forbidden, nowhere))
}

/// Makes a session with a new token and answers with its cookie and the account.
pub(crate) async fn open(
    state: &ApiState,
    browser: &Browser,
    found: Found<'_>,
    how: &str,
) -> Result<Response, ApiError> {
    let (sign_in, control) = (state.sign_in().ok_or_else(closed)?, state.control()?);
    let (key, token) = make(sign_in, control, browser, &found, how).await?;
    let answer = AccountAnswer::read(control, key, &token).await?;
    Ok(([(header::SET_COOKIE, sign_in.give(&token)?)], Envelope::json(answer)).into_response())
}

/// Makes a session with a new token, in the place of the one that the browser has.
pub(crate) async fn make(
    sign_in: &SignIn,
    control: &Control,
    browser: &Browser,
    found: &Found<'_>,
    how: &str,
) -> Result<(SessionKey, Token), ApiError> {
    let token = new_token()?;
    let now = control.now();
    let session = StoredSession {
        id: SessionId::generate(),
        user_id: found.user.id,
        organization_id: found.organization_id,
        hash: token.hash(),
        user_agent: browser.user_agent.clone(),
        address: browser.address.to_string(),
        created_at: now,
        expires_at: now.plus(sign_in.config.lifetime),
        last_used_at: now,
    };
    let (id, detail) = (session.id, format!("{}, by {how}, from {}", found.user.email, session.address));
    let actor = Actor::User(found.user.id);
    let audit = control.entry(found.organization_id, actor, Action::SignedIn, id, detail);
    let change = AccountChange::AddSession(session, browser.former);
    match control.change(Change::Account(Box::new(change)), audit).await? {
        Changed::Done => {}
        Changed::NotFound | Changed::Exists => {
            return Err(ApiError::new(ErrorKind::Forbidden, "you do not belong to this organisation"));
        }
    }
    let key = SessionKey { id, user_id: found.user.id, organization_id: found.organization_id };
    Ok((key, token))
}

/// Returns a new token.
pub(crate) fn new_token() -> Result<Token, ApiError> {
    Token::generate().map_err(|error| {
        tracing::error!(%error, "no token could be made");
        ApiError::new(ErrorKind::Internal, "no token could be made")
    })
}

/// Returns the error of a listener where nobody signs in.
pub(crate) fn closed() -> ApiError {
    ApiError::new(ErrorKind::UnknownRoute, "nobody signs in here")
}
