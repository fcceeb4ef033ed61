//! Signatures of AWS, version 4, for requests whose body is at hand.
//!
//! For every service but S3, which reads paths in its own way.

mod canonical;

use std::fmt;

use gatehouse_types::{Redacted, Timestamp};
use hmac::{Hmac, Mac};
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{HeaderMap, Method};
use sha2::{Digest, Sha256};

use canonical::{canonical_headers, canonical_path, canonical_query};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const DATE: HeaderName = HeaderName::from_static("x-amz-date");
const TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
const CONTENT_HASH: HeaderName = HeaderName::from_static("x-amz-content-sha256");

/// Who signs.
#[derive(Clone, Debug)]
pub struct AwsCredentials {
    /// The access key's id, which is sent as it is.
    pub access_key: String,
    /// The secret access key, which is never sent.
    pub secret_key: Redacted<String>,
    /// The token of temporary credentials.
    pub session_token: Option<Redacted<String>>,
}

/// What is signed besides the headers: the request exactly as it will be sent, and who it is for.
#[derive(Clone, Copy, Debug)]
pub struct AwsRequest<'a> {
    /// The method.
    pub method: &'a Method,
    /// The value of the header `Host` (of `:authority` in HTTP/2) that will be sent.
    pub host: &'a str,
    /// The path and the query, encoded as they will be sent.
    pub path_and_query: &'a str,
    /// The whole body; its hash is taken here, on the caller's thread.
    pub body: &'a [u8],
    /// The region, `us-east-1` say.
    pub region: &'a str,
    /// The service's name for signing, `bedrock` say.
    pub service: &'a str,
}

/// Why a request can't be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The region is no name of one.
    #[error("the AWS region is not made of lower-case letters, digits and hyphens")]
    Region,
    /// The service is no name of one.
    #[error("the AWS service is not made of lower-case letters, digits and hyphens")]
    Service,
    /// The access key's id is empty or has characters that such ids do not have.
    #[error("the AWS access key is not made of letters, digits and underscores")]
    AccessKey,
    /// There is no secret key.
    #[error("the AWS secret key is empty")]
    SecretKey,
    /// The session token can't be sent in a header.
    #[error("the AWS session token has characters that a header can't carry")]
    SessionToken,
    /// The time has no four-digit year.
    #[error("the time of signing can't be written")]
    Time,
}

/// Signs `request`: sets `authorization`, `x-amz-date`, `x-amz-content-sha256` and, with a session token,
/// `x-amz-security-token` in `headers`, in place of earlier ones.
///
/// The signature is over the request's host, path, query and body, and over `content-type` and all `x-amz-*` in
/// `headers`: none of these may change afterwards. Other headers may; a `host` in `headers` is not looked at.
///
/// # Errors
/// Fails, with `headers` as they were, when the credentials, the region or the service can't be what they claim.
pub fn sign(
    request: &AwsRequest<'_>,
    headers: &mut HeaderMap,
    credentials: &AwsCredentials,
    at: Timestamp,
) -> Result<(), SignError> {
    let scope = Scope::new(request, credentials, at)?;
    let body_hash = Hex(&Sha256::digest(request.body)).to_string();
    let token = credentials.session_token.as_ref().map(|token| secret_value(token.expose())).transpose()?;
    let value = |text: &str, error| HeaderValue::from_str(text).map_err(|_| error);
    let (date, content_hash) = (value(&scope.instant, SignError::Time)?, value(&body_hash, SignError::Time)?);
    for name in [AUTHORIZATION, DATE, TOKEN, CONTENT_HASH] {
        headers.remove(name);
    }
    headers.insert(DATE, date);
    headers.insert(CONTENT_HASH, content_hash);
    if let Some(token) = token {
        headers.insert(TOKEN, token);
    }
    let (signed_names, canonical) = canonical_request(request, headers, &body_hash);
    let signature = scope.signature(&Sha256::digest(canonical), credentials);
    let authorization = format!(
        "{ALGORITHM} Credential={}/{}, SignedHeaders={signed_names}, Signature={signature}",
        credentials.access_key, scope.name
    );
    headers.insert(AUTHORIZATION, value(&authorization, SignError::AccessKey)?);
    Ok(())
}

/// Returns the names of the signed headers and the text that stands for the request.
fn canonical_request(request: &AwsRequest<'_>, headers: &HeaderMap, body_hash: &str) -> (String, Vec<u8>) {
    let (path, query) = request.path_and_query.split_once('?').unwrap_or((request.path_and_query, ""));
    let (names, lines) = canonical_headers(request.host, headers);
    let head = format!("{}\n{}\n{}\n", request.method, canonical_path(path), canonical_query(query));
    let canonical = [head.as_bytes(), &lines, b"\n", names.as_bytes(), b"\n", body_hash.as_bytes()].concat();
    (names, canonical)
}

/// What a signature is good for: a day, a region, a service.
struct Scope {
    /// `20261122T171603Z`.
    instant: String,
    /// `20261122/us-east-1/bedrock/aws4_request`.
    name: String,
}

impl Scope {
    fn new(request: &AwsRequest<'_>, credentials: &AwsCredentials, at: Timestamp) -> Result<Self, SignError> {
        if !is_name(request.region) {
            return Err(SignError::Region);
        }
        if !is_name(request.service) {
            return Err(SignError::Service);
        }
        let key = &credentials.access_key;
        if key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(SignError::AccessKey);
        }
        if credentials.secret_key.expose().is_empty() {
            return Err(SignError::SecretKey);
        }
        let instant = jiff::Timestamp::from_microsecond(at.as_unix_micros()).map_err(|_| SignError::Time)?;
        let instant = instant.strftime("%Y%m%dT%H%M%SZ").to_string();
        let (date, _) = instant.split_once('T').filter(|(date, _)| date.len() == 8).ok_or(SignError::Time)?;
        let name = format!("{date}/{}/{}/aws4_request", request.region, request.service);
        Ok(Self { instant, name })
    }

    /// Returns the signature, in hexadecimal, of a request with this hash.
    fn signature(&self, canonical_hash: &[u8], credentials: &AwsCredentials) -> String {
        let text = format!("{ALGORITHM}\n{}\n{}\n{}", self.instant, self.name, Hex(canonical_hash));
        let secret = format!("AWS4{}", credentials.secret_key.expose()).into_bytes();
        // The key of each step is the code of the step before: date, region, service, a constant, the text.
        let steps = self.name.split('/').chain([text.as_str()]);
        Hex(&steps.fold(secret, |key, step| keyed_hash(&key, step))).to_string()
    }
}

/// Returns the HMAC-SHA256 of `text`.
fn keyed_hash(key: &[u8], text: &str) -> Vec<u8> {
    // A key may have any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return Vec::new() };
    mac.update(text.as_bytes());
    mac.finalize().into_bytes().to_vec()
}

fn is_name(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(allowed)
}

fn secret_value(token: &str) -> Result<HeaderValue, SignError> {
    let mut value = HeaderValue::from_str(token).map_err(|_| SignError::SessionToken)?;
    value.set_sensitive(true);
    Ok(value)
}

/// Bytes, shown in lower-case hexadecimal.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests;
