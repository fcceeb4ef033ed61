//! The one place where a failure becomes an answer.
//!
//! Every error of the API is `{"data": null, "error": {"message", "type", "code"}}`. The message is for
//! the caller; what a store said stays in the log.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use gatehouse_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

/// What went wrong; each kind has one status, one type and one code, which stay as they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The body is not JSON.
    InvalidJson,
    /// A field or parameter has a wrong type or value.
    InvalidField,
    /// The filter is not one.
    InvalidFilter,
    /// The query is no SQL, asks for what is not offered, or can't be answered.
    InvalidSql,
    /// Answering the query takes more time, memory or room than it may.
    QueryTooExpensive,
    /// What was sent is no export of costs.
    InvalidExport,
    /// The body is longer than the cap.
    BodyTooLarge,
    /// No key was sent.
    MissingKey,
    /// What was sent is no key.
    MalformedKey,
    /// The key is not known.
    InvalidKey,
    /// The key was revoked.
    RevokedKey,
    /// The key's time is over.
    ExpiredKey,
    /// The address or the password is wrong.
    WrongCredentials,
    /// The session is over.
    SessionEnded,
    /// The link is not known: it was used, replaced or taken back, or its time is over.
    LinkUsed,
    /// No provider of identities is configured.
    NoSingleSignOn,
    /// It was tried too often; may be tried again after so many seconds.
    TooManyAttempts(u32),
    /// There were as many queries in SQL as there may be; there may be one again after so many seconds.
    TooManyQueries(u32),
    /// As many answers of the kind go on for long as may at once.
    TooManyStreams,
    /// Nothing proves that a page of ours made the call.
    ForeignPage,
    /// The body is not of the type that the route takes.
    UnsupportedType,
    /// The key is not allowed to do this.
    Forbidden,
    /// No such row.
    NotFound,
    /// What was to be added is there already.
    AlreadyExists,
    /// The domain is a known provider's, which needs no approval.
    AlreadyApproved,
    /// The organisation has as many of these as it may.
    LimitReached,
    /// An organisation would have no owner any more.
    LastOwner,
    /// What the call was is not known well enough to send it again.
    NotReplayable,
    /// The gateway can't be called from here.
    NoGateway,
    /// The gateway did not answer.
    GatewayUnreachable,
    /// One of the same kind runs, and there is one at a time.
    AlreadyRunning,
    /// No such route.
    UnknownRoute,
    /// The route does not have that method.
    MethodNotAllowed,
    /// The store can't answer now.
    StoreUnavailable,
    /// The name servers can't answer now.
    DnsUnavailable,
    /// A secret of the vault does not open with the keys that are there.
    SecretUnreadable,
    /// The call took longer than it may.
    Timeout,
    /// Something that should not happen.
    Internal,
}

impl ErrorKind {
    /// Returns the status of the answer.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidJson
            | Self::InvalidField
            | Self::InvalidFilter
            | Self::InvalidSql
            | Self::QueryTooExpensive
            | Self::InvalidExport => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MissingKey
            | Self::MalformedKey
            | Self::InvalidKey
            | Self::RevokedKey
            | Self::ExpiredKey
            | Self::WrongCredentials
            | Self::SessionEnded => StatusCode::UNAUTHORIZED,
            Self::TooManyAttempts(_) | Self::TooManyQueries(_) | Self::TooManyStreams => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::UnsupportedType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Forbidden | Self::ForeignPage => StatusCode::FORBIDDEN,
            Self::NotFound | Self::UnknownRoute | Self::LinkUsed | Self::NoSingleSignOn => {
                StatusCode::NOT_FOUND
            }
            Self::AlreadyExists
            | Self::AlreadyApproved
            | Self::LimitReached
            | Self::LastOwner
            | Self::AlreadyRunning
            | Self::NotReplayable => StatusCode::CONFLICT,
            Self::NoGateway => StatusCode::NOT_IMPLEMENTED,
            Self::GatewayUnreachable => StatusCode::BAD_GATEWAY,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::StoreUnavailable | Self::DnsUnavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Timeout => StatusCode::GATEWAY_TIMEOUT,
            Self::SecretUnreadable | Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Returns the stable name of the kind.
    pub const fn code(self) -> &'static str {
        match self {
            Self::InvalidJson => "invalid_json",
            Self::InvalidField => "invalid_field",
            Self::InvalidFilter => "invalid_filter",
            Self::InvalidSql => "invalid_sql",
            Self::QueryTooExpensive => "query_too_expensive",
            Self::InvalidExport => "invalid_export",
            Self::BodyTooLarge => "body_too_large",
            Self::MissingKey => "missing_api_key",
            Self::MalformedKey => "malformed_api_key",
            Self::InvalidKey => "invalid_api_key",
            Self::RevokedKey => "revoked_api_key",
            Self::ExpiredKey => "expired_api_key",
            Self::WrongCredentials => "wrong_credentials",
            Self::SessionEnded => "session_ended",
            Self::LinkUsed => "link_used",
            Self::NoSingleSignOn => "no_single_sign_on",
            Self::TooManyAttempts(_) => "too_many_attempts",
            Self::TooManyQueries(_) => "too_many_queries",
            Self::TooManyStreams => "too_many_streams",
            Self::ForeignPage => "foreign_page",
            Self::UnsupportedType => "unsupported_media_type",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::AlreadyExists => "already_exists",
            Self::AlreadyApproved => "already_approved",
            Self::LimitReached => "limit_reached",
            Self::LastOwner => "last_owner",
            Self::AlreadyRunning => "already_running",
            Self::NotReplayable => "not_replayable",
            Self::NoGateway => "no_gateway",
            Self::GatewayUnreachable => "gateway_unreachable",
            Self::UnknownRoute => "unknown_route",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::StoreUnavailable => "store_unavailable",
            Self::DnsUnavailable => "dns_unavailable",
            Self::SecretUnreadable => "secret_unreadable",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
        }
    }

    /// Returns the family of the kind.
    pub const fn family(self) -> &'static str {
        match self {
            Self::MissingKey
            | Self::MalformedKey
            | Self::InvalidKey
            | Self::RevokedKey
            | Self::ExpiredKey
            | Self::WrongCredentials
            | Self::SessionEnded => "authentication_error",
            Self::TooManyAttempts(_) | Self::TooManyQueries(_) | Self::TooManyStreams => "rate_limit_error",
            Self::Forbidden | Self::ForeignPage => "permission_error",
            Self::NotFound | Self::UnknownRoute | Self::LinkUsed | Self::NoSingleSignOn => "not_found_error",
            Self::StoreUnavailable
            | Self::DnsUnavailable
            | Self::SecretUnreadable
            | Self::NoGateway
            | Self::GatewayUnreachable
            | Self::Timeout
            | Self::Internal => "server_error",
            _ => "invalid_request_error",
        }
    }
}

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// What went wrong.
    pub kind: ErrorKind,
    /// What the caller is told.
    pub message: String,
}

impl ApiError {
    /// Returns an error that tells the caller `message`.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    /// Returns the error for a field or parameter that is not what it should be.
    pub fn field(name: &str, expected: &str) -> Self {
        Self::new(ErrorKind::InvalidField, format!("`{name}` must be {expected}"))
    }

    /// Returns the error for one more of `things`, of which an organisation may have `most`.
    pub(crate) fn too_many(most: usize, things: &str) -> Self {
        let message = format!("an organisation may have {most} {things}; remove one first");
        Self::new(ErrorKind::LimitReached, message)
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        tracing::error!(error = &error as &dyn std::error::Error, "a store did not answer the API");
        match error {
            StoreError::Unavailable { store, .. } => {
                let message = format!("the {store} is not available now, try again later");
                Self::new(ErrorKind::StoreUnavailable, message)
            }
            StoreError::Failed { store, .. } => {
                Self::new(ErrorKind::Internal, format!("the {store} could not answer"))
            }
        }
    }
}

/// The body of every failed call.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "data": null,
    "error": {"message": "`limit` must be a whole number from 0 to 1000", "type": "invalid_request_error", "code": "invalid_field"}
}))]
pub struct ErrorEnvelope {
    /// Always null.
    #[schema(schema_with = crate::openapi::always_null)]
    pub data: Option<()>,
    /// What went wrong.
    pub error: ErrorDetail,
}

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErrorDetail {
    /// For people.
    pub message: String,
    /// The family of the error.
    #[schema(example = "invalid_request_error")]
    pub r#type: &'static str,
    /// The stable name of the error, for programs.
    #[schema(example = "invalid_field")]
    pub code: &'static str,
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let error = ErrorDetail { message: self.message, r#type: self.kind.family(), code: self.kind.code() };
        let mut response = (self.kind.status(), Json(ErrorEnvelope { data: None, error })).into_response();
        let headers = response.headers_mut();
        if self.kind.status() == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        match self.kind {
            ErrorKind::StoreUnavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            }
            ErrorKind::TooManyAttempts(seconds) | ErrorKind::TooManyQueries(seconds) => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
            }
            ErrorKind::DnsUnavailable => {
                headers.insert(header::RETRY_AFTER, HeaderValue::from_static("10"));
            }
            _ => {}
        }
        response
    }
}
