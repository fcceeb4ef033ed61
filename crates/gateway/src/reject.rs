//! Every refusal and failure that the gateway itself answers, as JSON in the caller's dialect.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehouse_types::{Dialect, Outcome, RequestId};
use gatehouse_upstream::{TargetError, UpstreamError};
use gatehouse_wire::error_body;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use http::{Response, StatusCode};

use crate::accept::Accepted;
use crate::finish::{Kept, Recording};
use crate::identify::known_caller;
use crate::reply::{self, ReplyBody};
use crate::upload::UploadFailure;
use crate::worker::Worker;

/// How long a refusal waits for its record in `strict` durability.
const RECORD_WAIT: Duration = Duration::from_secs(10);

/// Why the gateway answers in the provider's place; the text is for the client.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    #[error(
        "no target: say where the call goes with the header `Helicone-Target-Url: https://api.openai.com`"
    )]
    MissingTarget,
    #[error("invalid `Helicone-Target-Url`: {0}")]
    InvalidTarget(#[from] TargetError),
    #[error("header `{name}` is not valid UTF-8")]
    InvalidHeader { name: &'static str },
    #[error("the request's headers are larger than {limit} bytes")]
    HeadersTooLarge { limit: u64 },
    #[error("method CONNECT is not supported: send the call itself to the gateway")]
    MethodNotAllowed,
    #[error("a `Transfer-Encoding` other than `chunked` is not supported")]
    TransferCoding,
    #[error("the target's answer has a `Transfer-Encoding` other than `chunked`")]
    ProviderTransferCoding,
    #[error("the request body could not be read to its end")]
    Upload(UploadFailure),
    #[error("no key: send `Helicone-Auth: Bearer <your Gatehouse key>`")]
    MissingKey,
    #[error("the key in `Helicone-Auth` is unknown or was revoked")]
    UnknownKey,
    #[error("the key in `Helicone-Auth` may only read; calls need a key with write permission")]
    ReadOnlyKey,
    #[error("the gateway has no room to record the call (durability is `strict`); try again later")]
    JournalFull,
    #[error("{0}")]
    Upstream(#[from] UpstreamError),
    #[error("the target did not answer in time")]
    FirstByteTimeout,
    #[error("the call took longer than a call may take")]
    TotalTimeout,
}

impl Refusal {
    fn status(&self) -> StatusCode {
        match self {
            Self::MissingTarget | Self::InvalidTarget(_) | Self::InvalidHeader { .. } => {
                StatusCode::BAD_REQUEST
            }
            Self::HeadersTooLarge { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::TransferCoding => StatusCode::NOT_IMPLEMENTED,
            Self::ProviderTransferCoding => StatusCode::BAD_GATEWAY,
            Self::Upload(_) => StatusCode::BAD_REQUEST,
            Self::MissingKey | Self::UnknownKey => StatusCode::UNAUTHORIZED,
            Self::ReadOnlyKey => StatusCode::FORBIDDEN,
            Self::JournalFull => StatusCode::SERVICE_UNAVAILABLE,
            Self::FirstByteTimeout | Self::TotalTimeout => StatusCode::GATEWAY_TIMEOUT,
            Self::Upstream(error) => match error {
                UpstreamError::ForbiddenAddress(_) => StatusCode::FORBIDDEN,
                UpstreamError::TooManyConnections => StatusCode::SERVICE_UNAVAILABLE,
                UpstreamError::ConnectTimeout => StatusCode::GATEWAY_TIMEOUT,
                _ => StatusCode::BAD_GATEWAY,
            },
        }
    }

    /// Returns the stable name of the kind: the error's `code`.
    pub(crate) const fn kind(&self) -> &'static str {
        match self {
            Self::MissingTarget => "missing_target",
            Self::InvalidTarget(_) => "invalid_target",
            Self::InvalidHeader { .. } => "invalid_header",
            Self::HeadersTooLarge { .. } => "headers_too_large",
            Self::MethodNotAllowed => "method_not_allowed",
            Self::TransferCoding => "unsupported_transfer_encoding",
            Self::ProviderTransferCoding => "upstream_protocol_error",
            Self::Upload(_) => "request_body_failed",
            Self::MissingKey => "missing_api_key",
            Self::UnknownKey => "invalid_api_key",
            Self::ReadOnlyKey => "insufficient_permissions",
            Self::JournalFull => "journal_full",
            Self::Upstream(error) => error.kind(),
            Self::FirstByteTimeout => "first_byte_timeout",
            Self::TotalTimeout => "total_timeout",
        }
    }

    fn outcome(&self) -> Outcome {
        match self {
            Self::FirstByteTimeout | Self::TotalTimeout => Outcome::TimedOut,
            Self::Upstream(UpstreamError::ConnectTimeout) => Outcome::TimedOut,
            Self::Upstream(UpstreamError::ForbiddenAddress(_)) => Outcome::Refused,
            Self::Upload(UploadFailure::Gone) => Outcome::ClientGone,
            Self::ProviderTransferCoding => Outcome::Failed,
            Self::Upstream(_) => Outcome::Failed,
            _ => Outcome::Refused,
        }
    }

    fn is_passing(&self) -> bool {
        matches!(self, Self::JournalFull | Self::Upstream(UpstreamError::TooManyConnections))
    }
}

/// A refusal on its way to the client; its record is closed.
pub(crate) struct Rejection {
    refusal: Refusal,
    dialect: Dialect,
    request_id: RequestId,
    is_head: bool,
    kept: Kept,
}

impl Rejection {
    /// Returns what is answered in place of a provider's answer that could not be recorded.
    pub(crate) fn unrecorded(recording: &Recording) -> Box<Self> {
        let (dialect, request_id) = (recording.dialect(), recording.request_id());
        let (refusal, is_head) = (Refusal::JournalFull, recording.is_head());
        Box::new(Self { refusal, dialect, request_id, is_head, kept: Kept::Lost })
    }
}

impl Recording {
    /// Ends the call with a refusal.
    pub(crate) fn refuse(mut self, refusal: impl Into<Refusal>) -> Box<Rejection> {
        let refusal = refusal.into();
        let (dialect, request_id, is_head) = (self.dialect(), self.request_id(), self.is_head());
        if let Refusal::Upstream(error) = &refusal {
            let cause = error.source().map(tracing::field::display);
            tracing::debug!(%request_id, kind = error.kind(), cause, "no answer");
        }
        let kept = match refusal.outcome() {
            // Nobody is there to read the answer, so its status is not the call's.
            Outcome::ClientGone => self.finish(Outcome::ClientGone),
            outcome => self.fail(outcome, refusal.status().as_u16(), refusal.kind()),
        };
        Box::new(Rejection { refusal, dialect, request_id, is_head, kept })
    }
}

/// Refuses a call before its caller was identified; it is recorded where the caller can be known anyway.
pub(crate) fn early(
    worker: &Arc<Worker>,
    accepted: Accepted,
    dialect: Dialect,
    refusal: Refusal,
) -> Box<Rejection> {
    let caller = accepted.call.control.auth.as_ref().and_then(|auth| known_caller(worker, auth));
    Recording::open(worker, accepted.call, &accepted.head, None, dialect, caller).refuse(refusal)
}

/// Writes the answer to a refused or failed call; in `strict` durability once its record is on disk.
pub(crate) async fn answer(worker: &Worker, rejection: Rejection) -> Response<ReplyBody> {
    let Rejection { refusal, dialect, request_id, is_head, kept } = rejection;
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
    let body = error_body(dialect, status.as_u16(), refusal.kind(), &refusal.to_string());
    let length = HeaderValue::from(body.len());
    let mut response = Response::new(ReplyBody::Whole((!is_head).then(|| Bytes::from(body))));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_LENGTH, length);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    if refusal.is_passing() {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
    }
    reply::mark(headers, request_id, status);
    response
}
