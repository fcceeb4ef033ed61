//! Links to the bodies of a call: whoever has one reads them without a key, for a while.
//!
//! Helicone's clients fetch what `signed_body_url` names without their key. The signature covers the organisation, the
//! call and the end of its time, under a key that is drawn when the process starts and is kept nowhere.

use std::time::Duration;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use gatehouse_types::{OrganizationId, RequestId, Timestamp};
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::Sha256;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::row::shown;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::PathId;
use crate::state::ApiState;

/// How long a link holds at least.
const LIFETIME: Duration = Duration::from_mins(30);
/// How long all links to the same bodies are the same, so that a row that has not changed reads as it did.
const PERIOD: Duration = Duration::from_mins(10);
/// How a proxy before us says by what scheme it was called.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// How long the key of links is: a block of the digest, for which there is no way to be refused.
const KEY_BYTES: usize = 64;

/// What links are signed with.
pub(crate) struct LinkKey([u8; KEY_BYTES]);

impl Default for LinkKey {
    fn default() -> Self {
        Self(rand::random())
    }
}

impl LinkKey {
    fn mac(&self, organization_id: OrganizationId, request_id: RequestId, expires: &str) -> Hmac<Sha256> {
        let signed = format!("body:{organization_id}:{request_id}:{expires}");
        Hmac::<Sha256>::new(&self.0.into()).chain_update(signed.as_bytes())
    }
}

/// What makes the links of an answer.
pub(super) struct Links<'a> {
    pub(super) key: &'a LinkKey,
    pub(super) base: &'a Base,
    pub(super) now: Timestamp,
}

impl Links<'_> {
    /// Returns the link to the bodies of a call.
    pub(super) fn link(&self, organization_id: OrganizationId, request_id: RequestId) -> String {
        let expires = period_end(self.now).plus(LIFETIME).to_string();
        let code = self.key.mac(organization_id, request_id, &expires).finalize().into_bytes();
        let signature: String = code.iter().map(|byte| format!("{byte:02x}")).collect();
        let base = &self.base.0;
        format!(
            "{base}/v1/request/{request_id}/signed-body?organization={organization_id}&expires={expires}&signature={signature}"
        )
    }
}

/// Returns the end of the period that an instant is in.
fn period_end(now: Timestamp) -> Timestamp {
    let period = i64::try_from(PERIOD.as_micros()).unwrap_or(i64::MAX);
    let into = now.as_unix_micros().rem_euclid(period);
    Timestamp::from_unix_micros(now.as_unix_micros().saturating_add(period - into))
}

/// Where the caller finds this API: the scheme and the host it called, or what the operator says.
pub(crate) struct Base(String);

impl FromRequestParts<ApiState> for Base {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, Self::Rejection> {
        let sign_in = state.sign_in();
        if let Some(url) = sign_in.and_then(|sign_in| sign_in.config.public_url.as_ref()) {
            return Ok(Self(url.as_str().trim_end_matches('/').to_owned()));
        }
        let header = |name: HeaderName| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let host = parts.uri.authority().map(|authority| authority.as_str());
        let host = host.or_else(|| header(header::HOST)).unwrap_or_default();
        let is_secure = sign_in.is_some_and(|sign_in| sign_in.is_secure)
            || header(FORWARDED_PROTO) == Some("https")
            || parts.uri.scheme_str() == Some("https");
        // Without a host the link is one of the page's own origin.
        let base = match (host.is_empty(), is_secure) {
            (true, _) => String::new(),
            (false, true) => format!("https://{host}"),
            (false, false) => format!("http://{host}"),
        };
        Ok(Self(base))
    }
}

/// What makes a link one of ours.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LinkParams {
    /// The organisation of the call.
    #[param(format = Uuid, example = "00000000-0000-0000-0000-000000000001")]
    organization: String,
    /// Until when it holds.
    #[param(format = DateTime, example = "2026-11-22T14:36:00.000Z")]
    expires: String,
    /// Its signature.
    #[param(example = "21676b706669f46508cfb764c7b4896b88237456c37b61510f374bbfe4e9c25b")]
    signature: String,
}

/// The bodies of a call, in the forms of `request_body`.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SignedBodies {
    /// What the client sent; null when it was empty or not kept.
    #[schema(value_type = Option<serde_json::Value>)]
    request: Option<Box<RawValue>>,
    /// What came back.
    #[schema(value_type = Option<serde_json::Value>)]
    response: Option<Box<RawValue>>,
}

/// Returns the bodies of a call by a link out of `signed_body_url`, which takes the place of a key.
#[utoipa::path(
    get, path = "/v1/request/{id}/signed-body", operation_id = "getSignedBody", tag = "Requests", security(()),
    params(
        ("id" = String, Path, format = Uuid, description = "The call's id, as in `Helicone-Id`", example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20"),
        LinkParams,
    ),
    responses(
        (status = 200, description = "The bodies", body = SignedBodies),
        (status = 400, description = "Not an id", body = ErrorEnvelope),
        (status = 404, description = "Not a link of this process, or one whose time is over", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn signed_body(
    State(state): State<ApiState>,
    PathId(id): PathId,
    params: Result<Query<LinkParams>, QueryRejection>,
) -> Result<Response, ApiError> {
    let refused = || {
        let message =
            "this link does not hold (any more): ask for the call again, its `signed_body_url` is new";
        ApiError::new(ErrorKind::NotFound, message)
    };
    let Ok(Query(params)) = params else { return Err(refused()) };
    let request_id = RequestId::from_uuid(id);
    let organization_id =
        opened(&state.link_key, request_id, &params, state.clock.now()).ok_or_else(refused)?;
    let row = state.log.row(organization_id, request_id).await?;
    let row = row.ok_or_else(|| ApiError::new(ErrorKind::NotFound, "there is no such request"))?;
    let bodies = SignedBodies {
        request: row.bodies.request.and_then(shown),
        response: row.bodies.response.and_then(shown),
    };
    Ok(axum::Json(bodies).into_response())
}

/// Returns the organisation whose call a link shows, if the link is one of ours for that call and holds.
fn opened(
    key: &LinkKey,
    request_id: RequestId,
    params: &LinkParams,
    now: Timestamp,
) -> Option<OrganizationId> {
    let organization_id = OrganizationId::from_uuid(Uuid::try_parse(&params.organization).ok()?);
    let signature = bytes_of_hex(&params.signature)?;
    // This compares in constant time.
    key.mac(organization_id, request_id, &params.expires).verify_slice(&signature).ok()?;
    let expires = Timestamp::parse(&params.expires)?;
    (now <= expires).then_some(organization_id)
}

/// Reads the bytes of a signature.
fn bytes_of_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> = text.chars().map(|digit| u8::try_from(digit.to_digit(16)?).ok()).collect();
    let digits = digits?;
    let pairs = digits.chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    pairs.map(|pair| if let [high, low] = pair { Some(high << 4 | low) } else { None }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_micros(1_795_356_000_000_000);

    fn of(link: &str, name: &str) -> String {
        let (_, rest) = link.split_once(&format!("{name}=")).unwrap();
        rest.split('&').next().unwrap().to_owned()
    }

    #[test]
    fn a_link_shows_one_call_of_one_organisation_for_a_while() {
        let id = |number: u128| Uuid::from_u128(number);
        let (ours, call) = (OrganizationId::from_uuid(id(1)), RequestId::from_uuid(id(2)));
        let (key, base) = (LinkKey::default(), Base("https://gate.example.com".to_owned()));
        let link = Links { key: &key, base: &base, now: NOW }.link(ours, call);
        assert!(
            link.starts_with(&format!("https://gate.example.com/v1/request/{call}/signed-body?")),
            "{link}"
        );
        let params = |organization: &str, expires: &str, signature: &str| LinkParams {
            organization: organization.to_owned(),
            expires: expires.to_owned(),
            signature: signature.to_owned(),
        };
        let (expires, signature) = (of(&link, "expires"), of(&link, "signature"));
        let own = ours.to_string();
        let good = params(&own, &expires, &signature);
        let end = Timestamp::parse(&expires).unwrap();
        assert!(end >= NOW.plus(LIFETIME) && end <= NOW.plus(LIFETIME + PERIOD), "{expires}");
        assert_eq!(opened(&key, call, &good, NOW), Some(ours));
        assert_eq!(opened(&key, call, &good, end), Some(ours));
        assert_eq!(opened(&key, call, &good, end.plus(Duration::from_millis(1))), None, "its time is over");
        assert_eq!(opened(&key, RequestId::from_uuid(id(3)), &good, NOW), None, "another call");
        assert_eq!(opened(&LinkKey::default(), call, &good, NOW), None, "another process");
        let later = end.plus(Duration::from_hours(1)).to_string();
        let other = id(9).to_string();
        let short = signature.get(..62).unwrap();
        for wrong in [
            params(&other, &expires, &signature),
            params(&own, &later, &signature),
            params(&own, &expires, short),
            params(&own, &expires, ""),
            params(&own, &expires, &format!("{signature}00")),
            params("", &expires, &signature),
        ] {
            assert_eq!(opened(&key, call, &wrong, NOW), None);
        }
    }
}
