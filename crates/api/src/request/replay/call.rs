//! The call that the gateway gets when a logged one is sent again.

use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri};
use bytes::Bytes;
use gatehouse_store::keys::{key_in_header, names_helicone, names_proxy_key};
use gatehouse_store::log::LogRow;
use gatehouse_types::{BodyState, OrganizationId, RequestId};
use gatehouse_wire::AuthScheme;
use serde::de::IgnoredAny;

use crate::error::{ApiError, ErrorKind};
use crate::state::ApiState;

/// The property that names the call that was sent again, or the first one of several.
pub(crate) const REPLAY_OF: &str = "Replay-Of";
/// What the log has in the place of a credential.
const BLANK: &str = "***";
/// Where a multipart body names its parts.
const FORM_PART: &[u8] = b"content-disposition:";
/// Properties with headers of their own.
const SESSION_PREFIX: &str = "helicone-session-";
const PROPERTY_PREFIX: &str = "helicone-property-";
/// Anthropic answers no call without a version, and there is one; the log does not keep it.
const ANTHROPIC_VERSION: (&str, &str) = ("anthropic-version", "2023-06-01");

/// What is to be sent.
pub(crate) struct Order<'a> {
    pub(crate) row: &'a LogRow,
    /// What takes the place of the row's body.
    pub(crate) body: Option<Bytes>,
    /// What pays for it.
    pub(crate) key: &'a str,
    /// The API key of who asks, as it stood in a header; none for who is signed in.
    pub(crate) caller_key: Option<&'a HeaderValue>,
    pub(crate) request_id: RequestId,
    pub(crate) organization_id: OrganizationId,
}

impl Order<'_> {
    /// Returns the call.
    ///
    /// # Errors
    /// Fails when something of it is not known any more, and for a key that can't pay for it.
    pub(crate) fn call(self, state: &ApiState) -> Result<Request<Bytes>, ApiError> {
        let target = Destination::of(self.row)?;
        let method = Method::from_bytes(self.row.method.as_bytes()).ok();
        let method = method.ok_or_else(|| refused("its method is not known"))?;
        let mut headers = self.marks(&target)?;
        self.pay(state, &target, &mut headers)?;
        let body = match self.body {
            Some(given) => given,
            None => stored_body(self.row)?,
        };
        if !body.is_empty() {
            headers.insert(CONTENT_TYPE, content_type(&body));
        }
        let mut call = Request::new(body);
        *call.method_mut() = method;
        *call.uri_mut() = target.path;
        *call.headers_mut() = headers;
        Ok(call)
    }

    /// What the gateway is told besides who calls: where it goes, whose call it is, what it is marked with.
    fn marks(&self, target: &Destination) -> Result<HeaderMap, ApiError> {
        let mut headers = HeaderMap::new();
        let mut put = |name: &str, value: &str| -> Result<(), ApiError> {
            let header = HeaderName::try_from(name).ok().zip(HeaderValue::from_bytes(value.as_bytes()).ok());
            let (header, value) =
                header.ok_or_else(|| refused(&format!("`{name}` can't stand in a header with its value")))?;
            headers.insert(header, value);
            Ok(())
        };
        put("helicone-target-url", &target.origin)?;
        put("helicone-request-id", &self.request_id.to_string())?;
        if !self.row.user_id.is_empty() {
            put("helicone-user-id", &self.row.user_id)?;
        }
        if let Some(model) = &self.row.model_override {
            put("helicone-model-override", model)?;
        }
        // What was not to be kept of the first call is not to be kept of this one.
        for (name, state) in [
            ("helicone-omit-request", self.row.request_body_state),
            ("helicone-omit-response", self.row.response_body_state),
        ] {
            if state == BodyState::Omitted {
                put(name, "true")?;
            }
        }
        for (name, value) in &self.row.properties {
            let name = name.to_ascii_lowercase();
            if name.starts_with(SESSION_PREFIX) {
                put(&name, value)?;
            } else {
                put(&format!("{PROPERTY_PREFIX}{name}"), value)?;
            }
        }
        let of_first = self.row.properties.iter().find(|(name, _)| name.eq_ignore_ascii_case(REPLAY_OF));
        let first = of_first.map_or_else(|| self.row.request_id.to_string(), |(_, first)| first.clone());
        put(&format!("{PROPERTY_PREFIX}{}", REPLAY_OF.to_ascii_lowercase()), &first)?;
        Ok(headers)
    }

    /// Adds what pays for the call, and who calls.
    fn pay(&self, state: &ApiState, target: &Destination, headers: &mut HeaderMap) -> Result<(), ApiError> {
        let key = std::str::from_utf8(key_in_header(self.key.as_bytes())).unwrap_or(self.key);
        let bearer = || secret(&format!("Bearer {key}"));
        if let Some(caller_key) = self.caller_key {
            let mut value = caller_key.clone();
            value.set_sensitive(true);
            headers.insert("helicone-auth", value);
        }
        let scheme = target.scheme(state)?;
        if scheme == AuthScheme::XApiKey {
            let (name, version) = ANTHROPIC_VERSION;
            headers.insert(name, HeaderValue::from_static(version));
        }
        if names_proxy_key(key.as_bytes()) {
            self.check_proxy_key(state, key)?;
            headers.insert(AUTHORIZATION, bearer()?);
            return Ok(());
        }
        if names_helicone(key.as_bytes()) {
            let expected =
                "a proxy key or the provider's own key: an API key of Gatehouse's pays for nothing";
            return Err(ApiError::field("key", expected));
        }
        if self.caller_key.is_none() {
            let expected = "a proxy key for who is signed in; the provider's own key goes with an API key only: make a proxy key in the vault, or call this with `Authorization: Bearer sk-helicone-…`";
            return Err(ApiError::field("key", expected));
        }
        match scheme {
            AuthScheme::XApiKey => headers.insert("x-api-key", secret(key)?),
            AuthScheme::ApiKey => headers.insert("api-key", secret(key)?),
            AuthScheme::XGoogApiKey => headers.insert("x-goog-api-key", secret(key)?),
            AuthScheme::Sigv4 => {
                let expected = "a proxy key: calls to this provider are signed with what the vault holds";
                return Err(ApiError::field("key", expected));
            }
            AuthScheme::Bearer | AuthScheme::None => headers.insert(AUTHORIZATION, bearer()?),
        };
        Ok(())
    }

    /// Another organisation's key is as good as none.
    fn check_proxy_key(&self, state: &ApiState, key: &str) -> Result<(), ApiError> {
        let view = state.view.load();
        let grant = view.vault.find(key.as_bytes(), state.clock.now());
        let is_ours = grant.is_ok_and(|grant| grant.organization_id == self.organization_id);
        let expected = "a proxy key of this organisation, in force";
        if is_ours { Ok(()) } else { Err(ApiError::field("key", expected)) }
    }
}

/// Where a call went.
struct Destination {
    /// Scheme and authority.
    origin: String,
    host: String,
    port: Option<u16>,
    /// Path and query, without the credentials that the log has blanked.
    path: Uri,
}

impl Destination {
    fn of(row: &LogRow) -> Result<Self, ApiError> {
        let unknown = || refused("it is not known where it went");
        let uri: Uri = row.target_url.parse().map_err(|_| unknown())?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or_else(unknown)?;
        let query = uri.query().map(without_blanks).filter(|query| !query.is_empty());
        let path = match &query {
            Some(query) => format!("{}?{query}", uri.path()),
            None => uri.path().to_owned(),
        };
        if path.contains(BLANK) || authority.as_str().contains(BLANK) {
            return Err(refused("a credential in its URL is not kept"));
        }
        Ok(Self {
            origin: format!("{scheme}://{authority}"),
            host: authority.host().to_owned(),
            port: authority.port_u16(),
            path: path.parse().map_err(|_| unknown())?,
        })
    }

    /// How the provider is shown a key.
    fn scheme(&self, state: &ApiState) -> Result<AuthScheme, ApiError> {
        let provider = state.administration()?.providers.by_host(&self.host, self.port);
        Ok(provider.map(|provider| provider.auth).unwrap_or_default())
    }
}

/// Returns a query without the parameter in which Google takes its key, where that is blanked.
fn without_blanks(query: &str) -> String {
    let is_blank = |pair: &str| {
        let key = pair.split_once('=');
        key.is_some_and(|(name, value)| name.eq_ignore_ascii_case("key") && value == BLANK)
    };
    query.split('&').filter(|pair| !is_blank(pair)).collect::<Vec<_>>().join("&")
}

/// Returns the body that was logged, if it is the one that was sent.
fn stored_body(row: &LogRow) -> Result<Bytes, ApiError> {
    match row.request_body_state {
        BodyState::Empty => return Ok(Bytes::new()),
        BodyState::Truncated => return Err(no_body("only the beginning of its body is kept")),
        BodyState::Omitted => return Err(no_body("its body was not to be kept")),
        BodyState::Stored => {}
    }
    let body = row.bodies.request.clone().ok_or_else(|| no_body("its body is not kept"))?;
    if std::str::from_utf8(&body).is_err() || is_multipart(&body) {
        return Err(no_body("its body is not a text"));
    }
    Ok(body)
}

/// The boundary stands in a header, which is not kept.
fn is_multipart(body: &[u8]) -> bool {
    let names_part =
        |line: &[u8]| line.get(..FORM_PART.len()).is_some_and(|start| start.eq_ignore_ascii_case(FORM_PART));
    body.starts_with(b"--") && body.split(|byte| *byte == b'\n').take(5).any(names_part)
}

fn content_type(body: &[u8]) -> HeaderValue {
    let is_json = serde_json::from_slice::<IgnoredAny>(body).is_ok();
    HeaderValue::from_static(if is_json { "application/json" } else { "text/plain; charset=utf-8" })
}

fn secret(text: &str) -> Result<HeaderValue, ApiError> {
    let value = HeaderValue::try_from(text);
    let mut value = value.map_err(|_| ApiError::field("key", "a key that can stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

fn refused(reason: &str) -> ApiError {
    ApiError::new(ErrorKind::NotReplayable, format!("the call can't be sent again: {reason}"))
}

fn no_body(reason: &str) -> ApiError {
    refused(&format!("{reason}; give it another one in `body`"))
}
