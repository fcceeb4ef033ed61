//! The two addresses that a browser is led through: away to the provider, and back.
//!
//! What goes wrong on the way is told by the sign-in page, to which its code is passed.

use std::time::Duration;

use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gatehouse_store::accounts::Token;
use url::form_urlencoded;

use super::Oidc;
use super::admission::admit;
use super::pending::{LIFETIME, Pending};
use super::refusal::Refusal;
use crate::account::SignIn;
use crate::account::sign_in::{Browser, Found, attempt, closed, make};
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::state::ApiState;

/// The page of the dashboard that tells what went wrong.
const SIGN_IN_PAGE: &str = "/sign-in";
/// Where somebody goes on who did not say.
const HOME: &str = "/";
/// How long all that is asked of the provider may take: less than a call may, so that a page tells of it.
const PATIENCE: Duration = Duration::from_secs(20);
/// Most characters of a path to go on at.
const MAX_PATH_CHARACTERS: usize = 1000;
/// Most characters of what a provider passes back.
const MAX_PARAMETER_CHARACTERS: usize = 4096;

/// Sends a browser to the provider of identities.
#[utoipa::path(
    get, path = "/v1/account/oidc/start", operation_id = "startSingleSignOn", tag = "Account", security(()),
    params((
        "next" = Option<String>, Query,
        description = "The path of the dashboard to go on at; anything else is taken for `/`", example = "/requests"
    )),
    responses(
        (status = 303, description = "On to the provider, or to the sign-in page, which says what is wrong"),
        (status = 404, description = "No provider of identities is configured", body = ErrorEnvelope),
    )
)]
pub(crate) async fn start(
    State(state): State<ApiState>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (sign_in, oidc) = parts(&state)?;
    let next = parameter(query.as_deref(), "next").filter(|path| is_our_path(path));
    let outcome = begin(&state, oidc, next.unwrap_or_else(|| HOME.to_owned())).await;
    match outcome {
        Ok((page, cookie)) => {
            let cookie = sign_in.cookie_header(sign_in.oidc_cookie, &cookie, LIFETIME)?;
            Ok(lead(&page, [cookie]))
        }
        Err(refusal) => Ok(lead(&sign_in_page(refusal), [])),
    }
}

/// Lets somebody in who comes back from the provider of identities.
#[utoipa::path(
    get, path = "/v1/account/oidc/callback", operation_id = "finishSingleSignOn", tag = "Account", security(()),
    params(
        ("code" = Option<String>, Query, description = "What the provider gives a token for"),
        ("state" = Option<String>, Query, description = "What the provider was given at the start"),
        ("error" = Option<String>, Query, description = "Why the provider gives no code"),
        ("iss" = Option<String>, Query, description = "Who the provider is"),
    ),
    responses(
        (status = 303, description = "On into the dashboard, signed in, or to the sign-in page, which says what is wrong"),
        (status = 404, description = "No provider of identities is configured", body = ErrorEnvelope),
    )
)]
pub(crate) async fn callback(
    browser: Browser,
    headers: HeaderMap,
    State(state): State<ApiState>,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let (sign_in, oidc) = parts(&state)?;
    let over = sign_in.cookie_header(sign_in.oidc_cookie, "", Duration::ZERO)?;
    let cookie = sign_in.oidc_cookie.find(&headers);
    match finish(&state, oidc, &browser, (cookie, query.as_deref())).await {
        Ok((token, next)) => Ok(lead(&next, [sign_in.give(&token)?, over])),
        Err(refusal) => {
            tracing::info!(reason = refusal.code(), "somebody was not signed in by single sign-on");
            Ok(lead(&sign_in_page(refusal), [over]))
        }
    }
}

fn parts(state: &ApiState) -> Result<(&SignIn, &Oidc), ApiError> {
    let sign_in = state.sign_in().ok_or_else(closed)?;
    let off = || {
        let message = "nobody signs in here by a provider of identities: `sign_in.oidc.issuer` is not set";
        ApiError::new(ErrorKind::NoSingleSignOn, message)
    };
    Ok((sign_in, sign_in.oidc.as_ref().ok_or_else(off)?))
}

/// Returns the page of the provider, and what the browser keeps meanwhile.
async fn begin(state: &ApiState, oidc: &Oidc, next: String) -> Result<(String, String), Refusal> {
    let control = state.control()?;
    let pending = Pending::begin(next, control.now())?;
    let page = oidc.provider.page(&pending).await?;
    Ok((page, pending.seal(&control.master_keys())?))
}

/// Returns a new session's token, and the path to go on at.
async fn finish(
    state: &ApiState,
    oidc: &Oidc,
    browser: &Browser,
    (cookie, query): (Option<&str>, Option<&str>),
) -> Result<(Token, String), Refusal> {
    let (control, sign_in) = (state.control()?, state.sign_in().ok_or(Refusal::Unavailable)?);
    let (keys, now) = (control.master_keys(), control.now());
    let pending = cookie.and_then(|value| Pending::open(value, &keys, now)).ok_or(Refusal::Stale)?;
    let is_ours = parameter(query, "state").is_some_and(|state| pending.began_as(&state));
    if !is_ours || !oidc.spent.spend(&pending, now) {
        return Err(Refusal::Stale);
    }
    oidc.provider.check_sender(parameter(query, "iss").as_deref()).await?;
    if let Some(error) = parameter(query, "error") {
        return Err(refused_by_provider(&error));
    }
    let code = parameter(query, "code").ok_or(Refusal::Untrustworthy)?;
    // Each code is a call to the provider.
    let tried = attempt(state, None, browser.address)?;
    let found = oidc.provider.claims(&code, &pending, now);
    let found = tokio::time::timeout(PATIENCE, found).await.unwrap_or(Err(Refusal::Unreachable));
    if !matches!(found, Err(Refusal::Untrustworthy)) {
        sign_in.throttle.succeeded(&tried);
    }
    let (user, organization_id) = admit(control, &oidc.config, oidc.provider.issuer(), found?).await?;
    let found = Found { user: &user, organization_id };
    let (_, token) = make(sign_in, control, browser, &found, "single sign-on").await?;
    Ok((token, pending.next().to_owned()))
}

fn refused_by_provider(error: &str) -> Refusal {
    match error {
        "access_denied" | "login_required" | "interaction_required" | "consent_required" => Refusal::Denied,
        "temporarily_unavailable" | "server_error" => Refusal::Unreachable,
        other => {
            let error: String = other.chars().filter(|character| !character.is_control()).take(100).collect();
            tracing::error!(error, "the provider of identities refused how this installation asks");
            Refusal::Misconfigured
        }
    }
}

/// Returns a parameter of a query; one that is there twice means nothing.
fn parameter(query: Option<&str>, name: &str) -> Option<String> {
    let mut found = form_urlencoded::parse(query?.as_bytes()).filter(|(key, _)| key == name);
    let value = found.next()?.1.into_owned();
    (found.next().is_none() && value.len() <= MAX_PARAMETER_CHARACTERS).then_some(value)
}

/// Returns whether a text is a path of the dashboard, and leads nowhere else however a browser reads it.
fn is_our_path(text: &str) -> bool {
    let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let is_path = text.starts_with('/') && !text.starts_with("//") && !text.starts_with("/v1/");
    is_plain && is_path && text.len() <= MAX_PATH_CHARACTERS
}

fn sign_in_page(refusal: Refusal) -> String {
    format!("{SIGN_IN_PAGE}?problem={}", refusal.code())
}

/// Leads a browser on.
fn lead<const COUNT: usize>(location: &str, cookies: [HeaderValue; COUNT]) -> Response {
    let Ok(location) = HeaderValue::try_from(location) else {
        return ApiError::new(ErrorKind::Internal, "the next page has no address").into_response();
    };
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    for cookie in cookies {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_on_at_pages_of_the_dashboard_only() {
        let check = |path: &str, is_ours: bool| assert_eq!(is_our_path(path), is_ours, "{path:?}");
        check("/", true);
        check("/requests?filter=%7B%7D&next=//evil.example", true);
        for hostile in [
            "",
            "requests",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/ /evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            " //evil.example",
            "/\r\nSet-Cookie: a=b",
            "/v1/account/oidc/start",
            "/\u{2028}",
        ] {
            check(hostile, false);
        }
        check(&format!("/{}", "a".repeat(MAX_PATH_CHARACTERS)), false);
    }

    #[test]
    fn a_parameter_that_is_there_twice_means_nothing() {
        let query = Some("state=a%20b&code=1&code=2&code2=3");
        assert_eq!(parameter(query, "state").as_deref(), Some("a b"));
        assert_eq!(parameter(query, "code"), None);
        assert_eq!(parameter(query, "iss"), None);
        assert_eq!(parameter(None, "state"), None);
    }
}
