//! What a browser brings: the cookie of its session, and the proof that a page of ours makes the call.
//!
//! Browsers add cookies to what any page makes them send. So a call with a session's cookie counts only if it does not
//! come from another site, and one that may change something only with a header that other pages can't know.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use gatehouse_store::accounts::{SessionEntry, Token, proves};
use gatehouse_types::SessionId;
use ipnet::IpNet;

use crate::account::{Peer, SignIn};
use crate::error::{ApiError, ErrorKind};
use crate::state::{ApiState, not_open};

/// The header with the proof that `GET /v1/account` tells.
pub(crate) const PROOF_HEADER: HeaderName = HeaderName::from_static("gatehouse-csrf");
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// What a cookie is called. Over TLS the name itself makes browsers insist that it was set over TLS,
/// for the whole host, by the host itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CookieName(&'static str);

impl CookieName {
    /// Returns the name of the cookie of a session.
    pub(crate) const fn of_session(is_secure: bool) -> Self {
        Self(if is_secure { "__Host-gatehouse_session" } else { "gatehouse_session" })
    }

    /// Returns the name of the cookie of a browser that is at a provider of identities.
    pub(crate) const fn of_oidc(is_secure: bool) -> Self {
        Self(if is_secure { "__Host-gatehouse_oidc" } else { "gatehouse_oidc" })
    }

    /// Returns the one value that a browser sends by this name; with more than one nobody can tell whose it is.
    pub(crate) fn find(self, headers: &HeaderMap) -> Option<&str> {
        let cookies = headers.get_all(header::COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        let mut values = pairs.filter(|(name, _)| *name == self.0).map(|(_, value)| value);
        values.next().filter(|_| values.next().is_none())
    }
}

impl SignIn {
    /// Returns the header that gives a browser a session.
    pub(crate) fn give(&self, token: &Token) -> Result<HeaderValue, ApiError> {
        self.cookie_header(self.cookie, token.expose(), self.config.lifetime)
    }

    /// Returns the header that takes a browser's session away.
    pub(crate) fn take(&self) -> Result<HeaderValue, ApiError> {
        self.cookie_header(self.cookie, "", Duration::ZERO)
    }

    /// Returns the header that sets a cookie, or takes it away with no lifetime at all.
    pub(crate) fn cookie_header(
        &self,
        name: CookieName,
        value: &str,
        lifetime: Duration,
    ) -> Result<HeaderValue, ApiError> {
        let (name, seconds) = (name.0, lifetime.as_secs());
        let secure = if self.is_secure { "; Secure" } else { "" };
        let text = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax{secure}");
        HeaderValue::try_from(text).map_err(|_| ApiError::new(ErrorKind::Internal, "no cookie could be made"))
    }
}

/// Somebody who is signed in.
pub(crate) struct SignedIn {
    pub(crate) entry: SessionEntry,
    pub(crate) token: Token,
}

/// Returns who is signed in with the cookie of a call, if it has one and cookies count here.
///
/// # Errors
/// Fails when the session is over, or nothing proves that a page of ours makes the call.
pub(crate) fn signed_in(parts: &Parts, state: &ApiState) -> Result<Option<SignedIn>, ApiError> {
    let Some(sign_in) = state.sign_in() else { return Ok(None) };
    let Some(value) = sign_in.cookie.find(&parts.headers) else { return Ok(None) };
    let ended = || ApiError::new(ErrorKind::SessionEnded, "the session has ended: sign in again");
    let token = Token::parse(value).ok_or_else(ended)?;
    let view = state.view.load();
    let entry = match view.sessions.identify(&token, state.clock.now(), sign_in.config.idle) {
        Ok(entry) => *entry,
        Err(_) if state.is_opening() => return Err(not_open()),
        Err(_) => return Err(ended()),
    };
    comes_from_us(parts, sign_in)?;
    if !matches!(parts.method, Method::GET | Method::HEAD) {
        let sent = parts.headers.get(PROOF_HEADER).map(HeaderValue::as_bytes);
        if !sent.is_some_and(|sent| proves(sent, &token)) {
            return Err(foreign("the header `Gatehouse-CSRF` must be the `csrf_token` of `GET /v1/account`"));
        }
    }
    Ok(Some(SignedIn { entry, token }))
}

/// A call without a session that a page of ours makes, with JSON as its body.
pub(crate) struct OurPage {
    /// Where the browser is.
    pub(crate) address: IpAddr,
    /// What it calls itself.
    pub(crate) user_agent: String,
    /// The session that it has already.
    pub(crate) former: Option<SessionId>,
}

impl FromRequestParts<ApiState> for OurPage {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let sign_in =
            state.sign_in().ok_or_else(|| ApiError::new(ErrorKind::UnknownRoute, "nobody signs in here"))?;
        comes_from_us(parts, sign_in)?;
        let content_type = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let essence = content_type.and_then(|text| text.split(';').next()).unwrap_or_default();
        // What a form can send without asking is never this.
        if !essence.trim().eq_ignore_ascii_case("application/json") {
            let message = "the body must be JSON, with `Content-Type: application/json`";
            return Err(ApiError::new(ErrorKind::UnsupportedType, message));
        }
        Ok(Self {
            address: address(parts, &sign_in.config.trusted_proxies),
            user_agent: user_agent(&parts.headers),
            former: former(parts, state),
        })
    }
}

/// Checks that a call does not come from a page of another site.
fn comes_from_us(parts: &Parts, sign_in: &SignIn) -> Result<(), ApiError> {
    let site = parts.headers.get(FETCH_SITE).map(HeaderValue::as_bytes);
    if !matches!(site, None | Some(b"same-origin" | b"none")) {
        return Err(foreign("a page of another site made this call"));
    }
    let Some(origin) = parts.headers.get(header::ORIGIN) else { return Ok(()) };
    let origin = origin.to_str().unwrap_or_default();
    let is_public = sign_in.config.public_url.as_ref().is_some_and(|url| url.as_str() == origin);
    let place = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    if is_public || (place.is_some() && place == host(parts)) {
        return Ok(());
    }
    Err(foreign(
        "a page of another origin made this call; if it is ours, set `sign_in.public_url` to where browsers find it",
    ))
}

/// Returns the host that a call is for.
fn host(parts: &Parts) -> Option<&str> {
    let named = parts.headers.get(header::HOST).and_then(|host| host.to_str().ok());
    named.or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
}

fn foreign(message: &str) -> ApiError {
    ApiError::new(ErrorKind::ForeignPage, message)
}

/// Most characters of what is kept of a browser's own name.
const MAX_AGENT_CHARACTERS: usize = 200;

/// Returns what a browser calls itself.
pub(crate) fn user_agent(headers: &HeaderMap) -> String {
    let text = headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    text.chars().filter(|character| !character.is_control()).take(MAX_AGENT_CHARACTERS).collect()
}

/// Returns the session that a browser has, as far as it is good.
pub(crate) fn former(parts: &Parts, state: &ApiState) -> Option<SessionId> {
    let sign_in = state.sign_in()?;
    let token = Token::parse(sign_in.cookie.find(&parts.headers)?)?;
    let view = state.view.load();
    let entry = view.sessions.identify(&token, state.clock.now(), sign_in.config.idle).ok()?;
    Some(entry.session_id)
}

/// Returns where a call comes from: the connection's other end, or what a proxy that is believed says of it.
pub(crate) fn address(parts: &Parts, trusted: &[IpNet]) -> IpAddr {
    let unknown = || SocketAddr::from(([0, 0, 0, 0], 0));
    let peer = parts.extensions.get::<Peer>().map_or_else(unknown, |peer| peer.0).ip().to_canonical();
    if !trusted.iter().any(|network| network.contains(&peer)) {
        return peer;
    }
    let told = parts.headers.get_all(FORWARDED_FOR).into_iter().next_back();
    let last = told.and_then(|value| value.to_str().ok()).and_then(|list| list.rsplit(',').next());
    let forwarded = last.and_then(|text| text.trim().parse().ok());
    forwarded.unwrap_or(peer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_its_cookie_among_others_and_only_one_of_it() {
        let check = |is_secure: bool, lines: &[&str], expected: Option<&str>| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
            }
            assert_eq!(CookieName::of_session(is_secure).find(&headers), expected, "{lines:?}");
        };
        check(false, &["a=1; gatehouse_session=x; b=2"], Some("x"));
        check(false, &["a=1", "gatehouse_session=x"], Some("x"));
        check(false, &["gatehouse_session=x; gatehouse_session=y"], None);
        check(false, &["xgatehouse_session=x", "gatehouse_session"], None);
        check(true, &["gatehouse_session=x"], None);
        check(true, &["__Host-gatehouse_session=x"], Some("x"));
    }

    #[test]
    fn believes_only_trusted_proxies_about_addresses() {
        let check = |peer: &str, forwarded: Option<&str>, expected: &str| {
            let mut request = axum::http::Request::builder();
            if let Some(forwarded) = forwarded {
                request = request.header("x-forwarded-for", forwarded);
            }
            let (mut parts, ()) = request.body(()).unwrap().into_parts();
            parts.extensions.insert(Peer(SocketAddr::new(peer.parse().unwrap(), 1)));
            let trusted = ["127.0.0.0/8", "::1/128", "10.0.0.1/32"].map(|network| network.parse().unwrap());
            assert_eq!(
                address(&parts, &trusted),
                expected.parse::<IpAddr>().unwrap(),
                "{peer} {forwarded:?}"
            );
        };
        check("203.0.113.9", None, "203.0.113.9");
        check("203.0.113.9", Some("198.51.100.1"), "203.0.113.9");
        check("10.0.0.2", Some("198.51.100.1"), "10.0.0.2");
        check("::1", Some("198.51.100.1"), "198.51.100.1");
        check("127.0.0.1", Some("192.0.2.1, 198.51.100.1"), "198.51.100.1");
        check("::ffff:10.0.0.1", Some("198.51.100.1"), "198.51.100.1");
        check("10.0.0.1", Some("nonsense"), "10.0.0.1");
    }
}
