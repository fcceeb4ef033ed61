//! Every refusal and failure that the gateway itself answers, as JSON in the caller's dialect.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehouse_policy::breaker::BrokenCircuit;
use gatehouse_policy::fallback::FallbackError;
use gatehouse_store::keys::KeyRefusal;
use gatehouse_store::vault::ProxyKeyRefusal;
use gatehouse_types::{Outcome, RequestId};
use gatehouse_upstream::{SignError, TargetError, UpstreamError};
use gatehouse_wire::edit::EditError;
use gatehouse_wire::errors::{ErrorShape, error_body, gate_body, with_message};
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

use crate::accept::Accepted;
use crate::credentials::Place;
use crate::finish::{Kept, Recording};
use crate::guards::GuardRefusal;
use crate::identify::known_caller;
use crate::limit::{Limit, Reached, seconds};
use crate::options::Problem;
use crate::reply::ReplyBody;
use crate::targets::Target;
use crate::upload::UploadFailure;
use crate::worker::Worker;

/// How long a refusal waits for its record in `strict` durability.
const RECORD_WAIT: Duration = Duration::from_secs(10);

/// How a limit of unapproved domains is lifted.
const LIFT: &str = "have it approved with `POST /v1/domains`, or ask the operator";

/// Why the gateway answers in the provider's place; the text is for the client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(
        "no target: say where the call goes with the header `Helicone-Target-Url: https://api.openai.com`"
    )]
    MissingTarget,
    #[error("invalid `{name}`: {error}")]
    InvalidTarget { name: &'static str, error: TargetError },
    #[error(
        "no provider has this host: use one of {labels} before the domain, or `gateway` and `Helicone-Target-Url`"
    )]
    UnknownHost { labels: String },
    #[error(
        "the host `{label}` is not served here yet; use a provider's host, or `gateway` and `Helicone-Target-Url`"
    )]
    NotBuilt { label: &'static str },
    #[error("the path of a call to the host `{label}` begins with `{prefix}`")]
    WrongPath { label: String, prefix: String },
    #[error("the path of this host begins with `/v1/<region>/`, such as `/v1/us-east-1/model/…`")]
    InvalidRegion,
    #[error(
        "the call must be signed for AWS: send `aws-access-key` and `aws-secret-key`, and `aws-session-token` with temporary credentials"
    )]
    MissingAwsCredentials,
    #[error("the call can't be signed for AWS: {0}")]
    InvalidAwsCredentials(#[from] SignError),
    #[error("a call whose body the gateway has to read may have one of at most {limit} bytes")]
    BodyTooLarge { limit: u64 },
    #[error("too many calls whose bodies the gateway has to read are under way; try again later")]
    NoRoomForBody,
    #[error("your organisation does not let its calls go to this host")]
    ExcludedHost,
    #[error("this domain is neither a known provider's nor approved for your organisation; {LIFT}")]
    UnapprovedDomain,
    #[error("calls to a domain that is not approved are limited to {} a {}; {LIFT}", .0.quota, .0.window)]
    DomainLimit(Limit),
    #[error("the rate limit `{}` is reached{}", .0.policy, if .0.retry_after.is_none() { ": this call alone is beyond it" } else { "" })]
    RateLimited(Reached),
    #[error("too many different domains that are not approved were called today; {LIFT}")]
    TooManyTargets(Limit),
    #[error(transparent)]
    InvalidControl(#[from] Problem),
    #[error("invalid {0}")]
    InvalidFallbacks(#[from] FallbackError),
    #[error("the body can't be changed as asked: {0}")]
    Edit(#[from] EditError),
    #[error("the target failed again and again and is left alone for a while")]
    CircuitOpen(BrokenCircuit),
    #[error("{0}")]
    Guard(#[from] GuardRefusal),
    #[error("header `{name}` is not valid UTF-8")]
    InvalidHeader { name: &'static str },
    #[error("the request's headers are larger than {limit} bytes")]
    HeadersTooLarge { limit: u64 },
    #[error("method CONNECT is not supported: send the call itself to the gateway")]
    MethodNotAllowed,
    #[error("a delivery of a webhook is no call: let the webhook point elsewhere")]
    WebhookDelivery,
    #[error("a `Transfer-Encoding` other than `chunked` is not supported")]
    TransferCoding,
    #[error("the target's answer has a `Transfer-Encoding` other than `chunked`")]
    ProviderTransferCoding,
    #[error("the request body could not be read to its end")]
    Upload(UploadFailure),
    #[error("no key: send `Helicone-Auth: Bearer <your Gatehouse key>`")]
    MissingKey,
    #[error("the key in {} {refusal}", place.as_str())]
    Key { place: Place, refusal: KeyRefusal },
    #[error("the key in {} may only read; calls need a key with write permission", place.as_str())]
    ReadOnlyKey { place: Place },
    #[error("the proxy key in {} {refusal}", place.as_str())]
    ProxyKey { place: Place, refusal: ProxyKeyRefusal },
    #[error("the proxy key is of another organisation than the key that came with it")]
    ForeignProxyKey,
    #[error("the proxy key stands for a key of {provider}, which is sent to no other host")]
    KeyNotForHost { provider: String },
    #[error("the provider key behind the proxy key can't be sent: it is not one line of plain text")]
    UnusableProviderKey,
    #[error("the gateway has no room to record the call (durability is `strict`); try again later")]
    JournalFull,
    #[error("{0}")]
    Upstream(#[from] UpstreamError),
    #[error("the target did not answer in time")]
    FirstByteTimeout,
    #[error("the request's body did not come in time")]
    SlowUpload,
    #[error("the call took longer than a call may take")]
    TotalTimeout,
}

impl Refusal {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::MissingTarget
            | Self::InvalidTarget { .. }
            | Self::InvalidHeader { .. }
            | Self::InvalidControl(_)
            | Self::InvalidFallbacks(_)
            | Self::Edit(_)
            | Self::UnknownHost { .. }
            | Self::WebhookDelivery
            | Self::WrongPath { .. }
            | Self::InvalidRegion
            | Self::MissingAwsCredentials
            | Self::InvalidAwsCredentials(_) => StatusCode::BAD_REQUEST,
            Self::BodyTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::ExcludedHost | Self::UnapprovedDomain => StatusCode::FORBIDDEN,
            Self::DomainLimit(_) | Self::TooManyTargets(_) | Self::RateLimited(_) => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Guard(refusal) => refusal.status(),
            Self::HeadersTooLarge { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TransferCoding | Self::NotBuilt { .. } => StatusCode::NOT_IMPLEMENTED,
            Self::ProviderTransferCoding => StatusCode::BAD_GATEWAY,
            Self::Upload(_) => StatusCode::BAD_REQUEST,
            Self::MissingKey | Self::Key { .. } => StatusCode::UNAUTHORIZED,
            Self::ProxyKey { .. } => StatusCode::UNAUTHORIZED,
            Self::ReadOnlyKey { .. }
            | Self::ForeignProxyKey
            | Self::KeyNotForHost { .. }
            | Self::UnusableProviderKey => StatusCode::FORBIDDEN,
            Self::JournalFull | Self::NoRoomForBody | Self::CircuitOpen(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::SlowUpload => StatusCode::REQUEST_TIMEOUT,
            Self::FirstByteTimeout | Self::TotalTimeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Upstream(error) => match error {
                UpstreamError::ForbiddenAddress(_) => StatusCode::FORBIDDEN,
                UpstreamError::TooManyConnections => StatusCode::SERVICE_UNAVAILABLE,
                UpstreamError::ConnectTimeout => StatusCode::GATEWAY_TIMEOUT,
                _ => StatusCode::BAD_GATEWAY,
            },
        }
    }

    /// Returns the status that the record has: the client's, or Helicone's synthetic one.
    fn row_status(&self) -> i32 {
        let own = match self {
            Self::Guard(refusal) => refusal.row_status(),
            _ => None,
        };
        own.unwrap_or_else(|| i32::from(self.status().as_u16()))
    }

    /// Returns the stable name of the kind: the error's `code`.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::MissingTarget => "missing_target",
            Self::InvalidTarget { .. } => "invalid_target",
            Self::UnknownHost { .. } => "unknown_host",
            Self::NotBuilt { .. } => "not_built",
            Self::WrongPath { .. } => "wrong_path",
            Self::InvalidRegion => "invalid_region",
            Self::MissingAwsCredentials => "missing_aws_credentials",
            Self::InvalidAwsCredentials(_) => "invalid_aws_credentials",
            Self::BodyTooLarge { .. } => "body_too_large",
            Self::NoRoomForBody => "no_room_for_body",
            Self::ExcludedHost => "excluded_host",
            Self::UnapprovedDomain => "unapproved_domain",
            Self::DomainLimit(_) | Self::TooManyTargets(_) => "unapproved_domain_limit",
            Self::RateLimited(_) => "rate_limited",
            Self::CircuitOpen(_) => "circuit_open",
            Self::Guard(refusal) => refusal.code(),
            Self::InvalidHeader { .. } => "invalid_header",
            Self::InvalidControl(_) => "invalid_header_value",
            Self::InvalidFallbacks(_) => "invalid_fallbacks",
            Self::Edit(_) => "invalid_body",
            Self::HeadersTooLarge { .. } => "headers_too_large",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::WebhookDelivery => "webhook_delivery",
            Self::TransferCoding => "unsupported_transfer_encoding",
            Self::ProviderTransferCoding => "upstream_protocol_error",
            Self::Upload(_) => "request_body_failed",
            Self::MissingKey => "missing_api_key",
            Self::Key { refusal: KeyRefusal::Malformed, .. } => "malformed_api_key",
            Self::Key { refusal: KeyRefusal::Unknown, .. } => "invalid_api_key",
            Self::Key { refusal: KeyRefusal::Revoked, .. } => "revoked_api_key",
            Self::Key { refusal: KeyRefusal::Expired, .. } => "expired_api_key",
            Self::ReadOnlyKey { .. } => "insufficient_permissions",
            Self::ProxyKey { refusal: ProxyKeyRefusal::Malformed, .. } => "malformed_proxy_key",
            Self::ProxyKey { refusal: ProxyKeyRefusal::Unknown, .. } => "invalid_proxy_key",
            Self::ProxyKey { refusal: ProxyKeyRefusal::Revoked, .. } => "revoked_proxy_key",
            Self::ProxyKey { refusal: ProxyKeyRefusal::Expired, .. } => "expired_proxy_key",
            Self::ProxyKey { .. } => "unusable_proxy_key",
            Self::ForeignProxyKey => "foreign_proxy_key",
            Self::KeyNotForHost { .. } => "key_not_for_host",
            Self::UnusableProviderKey => "unusable_provider_key",
            Self::JournalFull => "journal_full",
            Self::Upstream(error) => error.kind(),
            Self::SlowUpload => "upload_timeout",
            Self::FirstByteTimeout => "first_byte_timeout",
            Self::TotalTimeout => "total_timeout",
        }
    }

    fn outcome(&self) -> Outcome {
        match self {
            Self::SlowUpload | Self::FirstByteTimeout | Self::TotalTimeout => Outcome::TimedOut,
            Self::Upstream(UpstreamError::ConnectTimeout) => Outcome::TimedOut,
            Self::Upstream(UpstreamError::ForbiddenAddress(_)) => Outcome::Refused,
            Self::Upload(UploadFailure::Gone) => Outcome::ClientGone,
            Self::ProviderTransferCoding => Outcome::Failed,
            Self::Upstream(_) => Outcome::Failed,
            _ => Outcome::Refused,
        }
    }

    fn is_passing(&self) -> bool {
        match self {
            Self::JournalFull | Self::NoRoomForBody => true,
            Self::Upstream(error) => matches!(error, UpstreamError::TooManyConnections),
            Self::Guard(refusal) => refusal.is_passing(),
            _ => false,
        }
    }
}

/// A refusal on its way to the client; its record is closed.
pub(crate) struct Rejection {
    refusal: Refusal,
    shape: ErrorShape,
    request_id: RequestId,
    is_head: bool,
    marks: HeaderMap,
    kept: Kept,
}

impl Rejection {
    /// Returns what is answered in place of a provider's answer that could not be recorded.
    pub(crate) fn unrecorded(recording: &Recording) -> Box<Self> {
        let (shape, request_id) = (recording.error_shape(), recording.request_id());
        let (refusal, is_head) = (Refusal::JournalFull, recording.is_head());
        let marks = marks(recording, &refusal);
        Box::new(Self { refusal, shape, request_id, is_head, marks, kept: Kept::Lost })
    }
}

impl Recording {
    /// Ends the call with a refusal.
    pub(crate) fn refuse(mut self, refusal: impl Into<Refusal>) -> Box<Rejection> {
        let refusal = refusal.into();
        let (shape, request_id, is_head) = (self.error_shape(), self.request_id(), self.is_head());
        if let Refusal::Upstream(error) = &refusal {
            let cause = error.source().map(tracing::field::display);
            tracing::debug!(%request_id, kind = error.kind(), cause, "no answer");
        }
        let marks = marks(&self, &refusal);
        let kept = match refusal.outcome() {
            // Nobody is there to read the answer, so its status is not the call's.
            Outcome::ClientGone => self.finish(Outcome::ClientGone),
            outcome => self.fail(outcome, refusal.row_status(), refusal.kind()),
        };
        Box::new(Rejection { refusal, shape, request_id, is_head, marks, kept })
    }
}

/// What the head of a refusal says of the call.
fn marks(recording: &Recording, refusal: &Refusal) -> HeaderMap {
    let mut headers = HeaderMap::new();
    recording.write_marks(&mut headers, refusal.status());
    headers
}

/// Returns the body of a refusal: in the caller's dialect, with what Helicone's clients read besides.
fn body_of(refusal: &Refusal, shape: ErrorShape) -> Vec<u8> {
    let (status, kind, message) = (refusal.status().as_u16(), refusal.kind(), refusal.to_string());
    match refusal {
        Refusal::Guard(guard) => gate_body(shape, status, kind, &message, guard.details()),
        Refusal::RateLimited(_) => with_message(error_body(shape, status, kind, &message), &message),
        _ => error_body(shape, status, kind, &message),
    }
}

/// Refuses a call before its caller was identified; it is recorded where the caller can be known anyway.
pub(crate) fn early(
    worker: &Arc<Worker>,
    accepted: Accepted,
    target: Option<&Target>,
    refusal: Refusal,
) -> Box<Rejection> {
    let caller = known_caller(worker, &accepted.call);
    Recording::open(worker, accepted.call, &accepted.head, target, caller.as_ref()).refuse(refusal)
}

/// Writes the answer to a refused or failed call; in `strict` durability once its record is on disk.
pub(crate) async fn answer(worker: &Worker, rejection: Rejection) -> Response<ReplyBody> {
    let Rejection { refusal, shape, request_id, is_head, marks, kept } = rejection;
    if worker.is_strict() && !matches!(refusal, Refusal::JournalFull) {
        // A disk that fails delays a refusal, but does not swallow it.
        match tokio::time::timeout(RECORD_WAIT, kept.durable()).await {
            Ok(true) => {}
            Ok(false) | Err(_) => {
                tracing::debug!(%request_id, "a refusal is answered before its record is on disk")
            }
        }
    }
    let status = refusal.status();
    let body = body_of(&refusal, shape);
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(ReplyBody::Whole((!is_head).then(|| Bytes::from(body))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    *headers = marks;
    headers.insert(CONTENT_LENGTH, length);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if refusal.is_passing() {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    if let Refusal::DomainLimit(limit) | Refusal::TooManyTargets(limit) = &refusal {
        limit.write(headers);
    }
    if let Refusal::CircuitOpen(BrokenCircuit { retry_after }) = &refusal {
        headers.insert(RETRY_AFTER, seconds(*retry_after).max(1).into());
    }
    if let Refusal::RateLimited(reached) = &refusal {
        reached.write(headers);
    }
    if let Some((name, value)) = shape.header(status.as_u16()) {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    response
}
