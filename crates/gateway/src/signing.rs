//! Calls that the gateway signs: a provider behind AWS takes no key, and the caller's own signature is for
//! another host.
//!
//! The caller gives its credentials in Helicone's headers, as for Helicone's `bedrock` host.

use bytes::Bytes;
use gatehouse_types::{Redacted, Timestamp};
use gatehouse_upstream::{AwsCredentials, AwsRequest, SignError, sign};
use gatehouse_wire::AuthScheme;
use http::HeaderName;
use http::header::{AUTHORIZATION, HeaderMap};
use http::request::Parts;
use http::uri::PathAndQuery;

use crate::headers::{self, AWS_ACCESS_KEY, AWS_SECRET_KEY, AWS_SESSION_TOKEN};
use crate::reject::Refusal;
use crate::targets::Target;

/// Where AWS reads a token of temporary credentials.
pub(crate) const AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
/// AWS's name for what Bedrock's hosts are a part of.
const SERVICE: &str = "bedrock";

/// Returns whether a call is signed, or would have to be.
pub(crate) fn is_due(target: &Target, must_sign: bool, headers: &HeaderMap) -> bool {
    let is_signed = target.provider.as_ref().is_some_and(|provider| provider.auth == AuthScheme::Sigv4);
    is_signed && (must_sign || [AWS_ACCESS_KEY, AWS_SECRET_KEY].iter().all(|name| headers.contains_key(name)))
}

/// A call that is to be signed.
pub(crate) struct Signing {
    credentials: AwsCredentials,
    region: String,
}

impl Signing {
    /// Takes the caller's credentials out of the head, if the call is to be signed.
    ///
    /// # Errors
    /// Refuses a call that must be signed and has none.
    pub(crate) fn prepare(
        head: &mut Parts,
        target: &Target,
        must_sign: bool,
    ) -> Result<Option<Self>, Refusal> {
        let scheme = target.provider.as_ref().map(|provider| provider.auth);
        if scheme != Some(AuthScheme::Sigv4) {
            return Ok(None);
        }
        let headers = &mut head.headers;
        let [access_key, secret_key, session_token] =
            [AWS_ACCESS_KEY, AWS_SECRET_KEY, AWS_SESSION_TOKEN].map(|name| taken(headers, &name));
        let (Some(access_key), Some(secret_key)) = (access_key, secret_key) else {
            return if must_sign { Err(Refusal::MissingAwsCredentials) } else { Ok(None) };
        };
        // Helicone's proxy keeps a token that stands where AWS reads it.
        let session_token = session_token.or_else(|| taken(headers, &AMZ_SECURITY_TOKEN));
        // The caller's own signature is for the host it called.
        headers.remove(AUTHORIZATION);
        let credentials = AwsCredentials {
            access_key,
            secret_key: Redacted::new(secret_key),
            session_token: session_token.map(Redacted::new),
        };
        let region = target.origin.host().split('.').nth(1).unwrap_or_default().to_owned();
        Ok(Some(Self { credentials, region }))
    }

    /// Signs the head, which is final, together with the body.
    ///
    /// # Errors
    /// Fails when the credentials can't be what they claim.
    pub(crate) fn sign(
        &self,
        head: &mut Parts,
        target: &Target,
        body: &Bytes,
        at: Timestamp,
    ) -> Result<(), SignError> {
        let request = AwsRequest {
            method: &head.method,
            host: target.origin.authority().as_str(),
            path_and_query: head.uri.path_and_query().map_or("/", PathAndQuery::as_str),
            body,
            region: &self.region,
            service: SERVICE,
        };
        sign(&request, &mut head.headers, &self.credentials, at)
    }
}

fn taken(headers: &mut HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.remove(name)?;
    Some(headers::text(&value).trim().to_owned()).filter(|text| !text.is_empty())
}
