//! A provider's key out of the vault: bound to the provider's hosts, and put where the provider takes it.

use std::sync::Arc;

use gatehouse_store::vault::ProxyGrant;
use gatehouse_types::Redacted;
use gatehouse_wire::AuthScheme;
use http::HeaderValue;
use http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};

use crate::credentials::{self, KEY_HEADERS, Place};
use crate::headers::{AWS_ACCESS_KEY, AWS_SECRET_KEY, AWS_SESSION_TOKEN};
use crate::reject::Refusal;
use crate::signing::AMZ_SECURITY_TOKEN;
use crate::targets::Target;

/// What a proxy key grants, and where it stood.
#[derive(Clone)]
pub(crate) struct Grant {
    pub(crate) key: Arc<ProxyGrant>,
    pub(crate) place: Place,
}

impl Grant {
    /// Puts the provider's key where `target` takes it, and takes every other one out.
    ///
    /// # Errors
    /// Refuses a target that the key is not for, whatever named it, and a key that can't be sent.
    pub(crate) fn place(&self, head: &mut Parts, target: &Target) -> Result<(), Refusal> {
        let provider = target.provider.as_ref();
        let name = provider.map(|provider| provider.name.as_ref());
        if !self.key.permits(target.origin.host(), target.origin.port(), name) {
            return Err(Refusal::KeyNotForHost { provider: self.key.provider.clone() });
        }
        let headers = &mut head.headers;
        headers.remove(AUTHORIZATION);
        for (name, _) in KEY_HEADERS {
            headers.remove(name);
        }
        // A token of the caller's own belongs to another key.
        for name in [AWS_SESSION_TOKEN, AMZ_SECURITY_TOKEN] {
            headers.remove(name);
        }
        let scheme = provider.map_or_else(|| self.scheme_of_place(), |provider| provider.auth);
        if scheme == AuthScheme::XGoogApiKey {
            credentials::drop_keys_from_query(&mut head.uri);
        }
        let headers = &mut head.headers;
        match scheme {
            AuthScheme::Bearer => self.put(headers, AUTHORIZATION, "Bearer "),
            AuthScheme::XApiKey => self.put(headers, HeaderName::from_static("x-api-key"), ""),
            AuthScheme::ApiKey => self.put(headers, HeaderName::from_static("api-key"), ""),
            AuthScheme::XGoogApiKey if self.place == Place::Query => self.put_in_query(&mut head.uri),
            AuthScheme::XGoogApiKey => self.put(headers, HeaderName::from_static("x-goog-api-key"), ""),
            AuthScheme::Sigv4 => {
                self.put(headers, AWS_ACCESS_KEY, "")?;
                let secret = self.key.extra_secret.as_ref().ok_or(Refusal::MissingAwsCredentials)?;
                headers.insert(AWS_SECRET_KEY, sensitive(secret.expose(), "")?);
                Ok(())
            }
            AuthScheme::None => Ok(()),
        }
    }

    /// A provider that the table does not know takes its key where the caller put it.
    fn scheme_of_place(&self) -> AuthScheme {
        match self.place {
            Place::KeyHeader("`x-api-key`") => AuthScheme::XApiKey,
            Place::KeyHeader("`api-key`") => AuthScheme::ApiKey,
            Place::KeyHeader(_) | Place::Query => AuthScheme::XGoogApiKey,
            Place::HeliconeAuth | Place::Path | Place::Authorization => AuthScheme::Bearer,
        }
    }

    fn put(&self, headers: &mut HeaderMap, name: HeaderName, scheme: &str) -> Result<(), Refusal> {
        headers.insert(name, sensitive(self.secret(), scheme)?);
        Ok(())
    }

    fn put_in_query(&self, uri: &mut Uri) -> Result<(), Refusal> {
        let before = uri.path_and_query().map_or("/", PathAndQuery::as_str);
        let joint = if uri.query().is_some() { '&' } else { '?' };
        let encoded =
            percent_encoding::utf8_percent_encode(self.secret(), percent_encoding::NON_ALPHANUMERIC);
        let with_key = PathAndQuery::try_from(format!("{before}{joint}key={encoded}"));
        let mut parts = std::mem::take(uri).into_parts();
        parts.path_and_query = Some(with_key.map_err(|_| Refusal::UnusableProviderKey)?);
        *uri = Uri::from_parts(parts).map_err(|_| Refusal::UnusableProviderKey)?;
        Ok(())
    }

    fn secret(&self) -> &str {
        self.key.secret.expose()
    }
}

/// Returns a header's value that is not shown.
fn sensitive(secret: &str, scheme: &str) -> Result<HeaderValue, Refusal> {
    let text = Redacted::new(format!("{scheme}{secret}"));
    let mut value = HeaderValue::from_str(text.expose()).map_err(|_| Refusal::UnusableProviderKey)?;
    value.set_sensitive(true);
    Ok(value)
}
