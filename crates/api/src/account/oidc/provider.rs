//! The provider: where its pages are, the keys it signs with, and what it gives for a code.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatehouse_config::OidcConfig;
use gatehouse_types::{Redacted, Timestamp};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::{Url, form_urlencoded};

use super::id_token::{Claims, Expected, SigningKeys, TokenProblem, Verified, verify};
use super::kept::Kept;
use super::pending::Pending;
use super::refusal::Refusal;
use super::transport::{IdentityTransport, ProviderAnswer, ProviderCall};

/// How long what the provider says of itself, and its keys, are kept.
const LIFETIME: Duration = Duration::from_hours(1);
/// How long it is at least from one look for a new key to the next.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is called for the rest: `<issuer>/.well-known/openid-configuration`.
const DISCOVERY_PATH: &str = ".well-known/openid-configuration";

/// A provider of identities.
pub(crate) struct Provider {
    issuer: String,
    client_id: String,
    client_secret: Option<Redacted<String>>,
    scopes: String,
    redirect_url: String,
    transport: Arc<dyn IdentityTransport>,
    discovery: Kept<Discovery>,
    keys: Kept<SigningKeys>,
}

/// What a provider says of itself.
#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    jwks_uri: String,
    userinfo_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
}

/// What a provider gives for a code.
#[derive(Deserialize)]
struct Tokens {
    id_token: String,
    access_token: Option<String>,
}

/// What a provider says of somebody whose token does not say it.
#[derive(Deserialize)]
struct Details {
    sub: String,
    email: Option<String>,
    #[serde(default)]
    email_verified: Verified,
    name: Option<String>,
}

/// Why a provider gives nothing for a code.
#[derive(Deserialize)]
struct TokenError {
    error: String,
}

impl Provider {
    /// Returns the provider that `config` names, if it names one; browsers come back to `redirect_url`.
    pub(crate) fn new(
        config: &OidcConfig,
        redirect_url: String,
        transport: Arc<dyn IdentityTransport>,
    ) -> Option<Self> {
        let secret = config.client_secret.as_ref();
        Some(Self {
            issuer: config.issuer.as_ref()?.as_str().to_owned(),
            client_id: config.client_id.as_str().to_owned(),
            client_secret: secret.map(|secret| Redacted::new(secret.expose().to_owned())),
            scopes: config.scopes.as_str().to_owned(),
            redirect_url,
            transport,
            discovery: Kept::new(LIFETIME, PATIENCE),
            keys: Kept::new(LIFETIME, PATIENCE),
        })
    }

    /// Returns who the provider is.
    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the page of the provider that a browser is sent to.
    pub(crate) async fn page(&self, pending: &Pending) -> Result<String, Refusal> {
        let discovery = self.discovery().await?;
        let mut url = address(&discovery.authorization_endpoint).ok_or(Refusal::Misconfigured)?;
        url.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &self.client_id)
            .append_pair("redirect_uri", &self.redirect_url)
            .append_pair("scope", &self.scopes)
            .append_pair("state", pending.state())
            .append_pair("nonce", pending.nonce())
            .append_pair("code_challenge", &pending.challenge())
            .append_pair("code_challenge_method", "S256");
        Ok(url.into())
    }

    /// Checks who says that somebody comes back from the provider, where it is said (RFC 9207).
    pub(crate) async fn check_sender(&self, issuer: Option<&str>) -> Result<(), Refusal> {
        let is_right = match issuer {
            Some(issuer) => issuer == self.issuer,
            None => !self.discovery().await?.authorization_response_iss_parameter_supported,
        };
        if is_right { Ok(()) } else { Err(Refusal::Stale) }
    }

    /// Returns what the provider says of somebody for a code.
    pub(crate) async fn claims(
        &self,
        code: &str,
        pending: &Pending,
        now: Timestamp,
    ) -> Result<Claims, Refusal> {
        let discovery = self.discovery().await?;
        let call = self.token_call(&discovery, code, pending);
        let tokens: Tokens = self.tokens(&call).await?;
        let expected =
            Expected { issuer: &self.issuer, client_id: &self.client_id, nonce: pending.nonce(), now };
        let claims = self.verified(&tokens.id_token, &discovery, expected).await?;
        match (&claims.email, &discovery.userinfo_endpoint, &tokens.access_token) {
            (None, Some(endpoint), Some(token)) => self.detailed(claims, endpoint, token).await,
            _ => Ok(claims),
        }
    }

    async fn verified(
        &self,
        token: &str,
        discovery: &Discovery,
        expected: Expected<'_>,
    ) -> Result<Claims, Refusal> {
        let read = || self.read_keys(&discovery.jwks_uri);
        let keys = self.keys.get(read()).await?;
        let verified = match verify(token, &keys, expected) {
            // The provider may have begun to sign with another key.
            Err(TokenProblem::UnknownKey) => {
                let keys = self.keys.renew(read()).await?;
                verify(token, &keys, expected)
            }
            verified => verified,
        };
        verified.map_err(|problem| {
            tracing::warn!(%problem, "a token of the provider of identities was refused");
            Refusal::Untrustworthy
        })
    }

    /// Asks for what a token does not say of somebody, their address.
    async fn detailed(&self, mut claims: Claims, endpoint: &str, token: &str) -> Result<Claims, Refusal> {
        let authorization = Some(Redacted::new(format!("Bearer {token}")));
        let answer = self.call(&ProviderCall { authorization, ..ProviderCall::get(endpoint) }).await?;
        if answer.status != 200 {
            tracing::error!(status = answer.status, "the provider of identities tells nothing of somebody");
            return Err(Refusal::Unreachable);
        }
        let details = serde_json::from_slice::<Details>(&answer.body).ok();
        // It says nothing of whom it is about but this.
        let Some(details) = details.filter(|details| details.sub == claims.sub) else {
            tracing::warn!("the provider of identities tells of somebody else");
            return Err(Refusal::Untrustworthy);
        };
        claims.email = details.email;
        claims.email_verified = details.email_verified;
        claims.name = details.name.or(claims.name);
        Ok(claims)
    }

    async fn discovery(&self) -> Result<Arc<Discovery>, Refusal> {
        self.discovery.get(self.read_discovery()).await
    }

    async fn read_discovery(&self) -> Result<Discovery, Refusal> {
        let url = format!("{}/{DISCOVERY_PATH}", self.issuer.trim_end_matches('/'));
        let discovery: Discovery = self.read(&url).await?;
        if discovery.issuer != self.issuer {
            let says = discovery.issuer.chars().take(200).collect::<String>();
            tracing::error!(says, "`sign_in.oidc.issuer` is not what the provider calls itself");
            return Err(Refusal::Misconfigured);
        }
        let pages = [&discovery.authorization_endpoint, &discovery.token_endpoint, &discovery.jwks_uri];
        if !pages.into_iter().chain(&discovery.userinfo_endpoint).all(|page| address(page).is_some()) {
            tracing::error!("the provider of identities names a URL that is not `https`");
            return Err(Refusal::Misconfigured);
        }
        Ok(discovery)
    }

    async fn read_keys(&self, url: &str) -> Result<SigningKeys, Refusal> {
        let answer = self.call(&ProviderCall::get(url)).await?;
        let keys = Some(answer).filter(|answer| answer.status == 200);
        keys.and_then(|answer| SigningKeys::read(&answer.body)).ok_or_else(|| {
            tracing::error!("the provider of identities does not publish its keys");
            Refusal::Unreachable
        })
    }

    async fn read<T: DeserializeOwned>(&self, url: &str) -> Result<T, Refusal> {
        let answer = self.call(&ProviderCall::get(url)).await?;
        if answer.status != 200 {
            tracing::error!(status = answer.status, "the provider of identities does not describe itself");
            return Err(Refusal::Unreachable);
        }
        serde_json::from_slice(&answer.body).map_err(|error| {
            tracing::error!(%error, "what the provider of identities says of itself can't be read");
            Refusal::Unreachable
        })
    }

    /// Returns the call that asks for tokens.
    fn token_call(&self, discovery: &Discovery, code: &str, pending: &Pending) -> ProviderCall {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "authorization_code")
            .append_pair("code", code)
            .append_pair("redirect_uri", &self.redirect_url)
            .append_pair("code_verifier", pending.verifier());
        let takes = |method: &str| {
            let methods = discovery.token_endpoint_auth_methods_supported.as_ref();
            methods.is_none_or(|methods| methods.iter().any(|found| found == method))
        };
        let authorization = match &self.client_secret {
            Some(secret) if takes("client_secret_basic") || !takes("client_secret_post") => {
                Some(Redacted::new(basic(&self.client_id, secret.expose())))
            }
            Some(secret) => {
                form.append_pair("client_id", &self.client_id).append_pair("client_secret", secret.expose());
                None
            }
            None => {
                form.append_pair("client_id", &self.client_id);
                None
            }
        };
        let form = Some(Redacted::new(form.finish()));
        ProviderCall { url: discovery.token_endpoint.clone(), authorization, form }
    }

    async fn tokens(&self, call: &ProviderCall) -> Result<Tokens, Refusal> {
        let answer = self.call(call).await?;
        if answer.status == 200 {
            return serde_json::from_slice(&answer.body).map_err(|_| {
                tracing::error!("the provider of identities gave no ID token: is `openid` among the scopes?");
                Refusal::Untrustworthy
            });
        }
        let told =
            serde_json::from_slice::<TokenError>(&answer.body).map(|told| told.error).unwrap_or_default();
        let error: String = told.chars().filter(|character| !character.is_control()).take(100).collect();
        tracing::error!(status = answer.status, error, "the provider of identities gave nothing for a code");
        Err(match error.as_str() {
            "invalid_client" | "unauthorized_client" => Refusal::Misconfigured,
            _ if answer.status >= 500 => Refusal::Unreachable,
            _ => Refusal::Untrustworthy,
        })
    }

    async fn call(&self, call: &ProviderCall) -> Result<ProviderAnswer, Refusal> {
        self.transport.call(call).await.map_err(|error| {
            tracing::error!(%error, "the provider of identities can't be reached");
            Refusal::Unreachable
        })
    }
}

/// Returns a URL that a provider names, if it is reached over TLS or on this machine.
fn address(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let host = url.host_str()?;
    let is_here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    let is_plain = url.username().is_empty() && url.password().is_none();
    let is_secure = url.scheme() == "https" || (url.scheme() == "http" && is_here);
    (is_plain && is_secure).then_some(url)
}

/// Returns what a client says of itself in a header, each part encoded as in a form (RFC 6749, 2.3.1).
fn basic(client_id: &str, secret: &str) -> String {
    let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    format!("Basic {}", STANDARD.encode(format!("{}:{}", encoded(client_id), encoded(secret))))
}
