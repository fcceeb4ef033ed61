//! Who is calling: an extractor that only lets a known key with the right permission through.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use gatehouse_types::OrganizationId;

use crate::error::{ApiError, ErrorKind};
use crate::state::ApiState;

/// Helicone's own header, asked before `Authorization`.
const HELICONE_AUTH: HeaderName = HeaderName::from_static("helicone-auth");

/// A caller that may read what its organisation logged.
pub(crate) struct Reader {
    /// The tenant: nothing else is visible to the caller.
    pub(crate) organization_id: OrganizationId,
}

impl FromRequestParts<ApiState> for Reader {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &ApiState) -> Result<Self, ApiError> {
        let header = credential(&parts.headers).ok_or_else(|| {
            let hint = "this needs a Helicone API key: send `Authorization: Bearer sk-helicone-…`";
            ApiError::new(ErrorKind::MissingKey, hint)
        })?;
        let entry = state.keys.load().identify(header.as_bytes()).copied().ok_or_else(|| {
            let hint = "the API key is not known here: send `Authorization: Bearer sk-helicone-…` with a key made by `gatehouse keys create`";
            ApiError::new(ErrorKind::InvalidKey, hint)
        })?;
        if !entry.permissions.read {
            let message = "the API key may not read: its permissions lack `r`";
            return Err(ApiError::new(ErrorKind::Forbidden, message));
        }
        Ok(Self { organization_id: entry.organization_id })
    }
}

/// Returns the header that carries the key: `Helicone-Auth`, else `Authorization`.
fn credential(headers: &HeaderMap) -> Option<&HeaderValue> {
    headers.get(HELICONE_AUTH).or_else(|| headers.get(header::AUTHORIZATION))
}
