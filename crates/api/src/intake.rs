//! What the routes share that take records of calls which did not go through the gateway: who sends one, its
//! body, and the way into the journal.

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use futures_util::future::try_join_all;
use gatehouse_store::StoreError;
use gatehouse_types::{
    Body, BodyState, Exchange, ExchangeMeta, KeyId, Observed, OrganizationId, Outcome, RequestId, Timestamp,
};
use gatehouse_wire::{ReadExchange, read_body};
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::auth::Writer;
use crate::error::{ApiError, ErrorKind};
use crate::labels::Labels;
use crate::room::Place;
use crate::state::ApiState;

/// How long the body of such a call may be, as in Helicone; also when it is compressed.
pub(crate) const MAX_BODY_BYTES: u32 = 10 << 20;
/// How many bytes of an omitted body are read for what they say.
const MAX_OBSERVED_BYTES: usize = 32 << 20;
/// Helicone's statuses for calls without an answer's end.
const TIMED_OUT: i32 = -2;
const CANCELLED: i32 = -3;

/// A whole body of somebody who may write, and the room that it takes.
pub(crate) struct Upload {
    pub(crate) organization_id: OrganizationId,
    pub(crate) key_id: Option<KeyId>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    _place: Place,
}

impl FromRequest<ApiState> for Upload {
    type Rejection = ApiError;

    async fn from_request(request: Request, state: &ApiState) -> Result<Self, ApiError> {
        let (mut parts, body) = request.into_parts();
        let Writer { organization_id, key_id, .. } = Writer::from_request_parts(&mut parts, state).await?;
        let announced = announced_bytes(&parts.headers);
        if announced.is_some_and(|bytes| bytes > u64::from(MAX_BODY_BYTES)) {
            return Err(too_long());
        }
        let is_plain = !parts.headers.contains_key(header::CONTENT_ENCODING);
        let bytes = announced.filter(|_| is_plain).and_then(|bytes| u32::try_from(bytes).ok());
        let place = state.room.take(organization_id, bytes.unwrap_or(MAX_BODY_BYTES)).await;
        let body = Limited::new(body, MAX_BODY_BYTES as usize).collect().await.map_err(|error| {
            match error.is::<LengthLimitError>() {
                true => too_long(),
                false => ApiError::new(ErrorKind::InvalidJson, "the body could not be read to its end"),
            }
        })?;
        Ok(Self { organization_id, key_id, headers: parts.headers, body: body.to_bytes(), _place: place })
    }
}

/// Returns the error for a body that is longer than it may be, before or after it was decompressed.
pub(crate) fn too_long() -> ApiError {
    ApiError::new(ErrorKind::BodyTooLarge, format!("the body is longer than {MAX_BODY_BYTES} bytes"))
}

fn announced_bytes(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Runs what takes its time with a body where that keeps nobody else.
pub(crate) async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_panic_or_end| {
        Err(ApiError::new(ErrorKind::Internal, "something went wrong inside the server"))
    })
}

/// Gives records to the journal; all of them are on disk when this returns.
pub(crate) async fn keep(state: &ApiState, exchanges: Vec<Exchange>) -> Result<(), ApiError> {
    let intake = state.intake()?;
    try_join_all(exchanges.into_iter().map(|exchange| intake.take(exchange))).await.map_err(refused)?;
    Ok(())
}

/// Returns what a caller is told whose records are not kept: one that is too large stays so.
fn refused(error: StoreError) -> ApiError {
    match error {
        StoreError::Failed { .. } => {
            tracing::warn!(error = &error as &dyn std::error::Error, "a logged call was not kept");
            ApiError::new(ErrorKind::BodyTooLarge, "the record of a call is larger than the journal takes")
        }
        error => error.into(),
    }
}

/// The facts of a call that somebody else made, as far as they are the same for all of them.
pub(crate) fn meta(
    upload: &Upload,
    request_id: RequestId,
    started_at: Timestamp,
    labels: &Labels,
) -> ExchangeMeta {
    ExchangeMeta {
        client_chose_id: labels.request_id.is_some(),
        key_id: upload.key_id,
        attempts: 1,
        method: "POST".to_owned(),
        user_id: labels.user_id.clone(),
        properties: labels.properties.clone().into_iter().collect(),
        model_override: labels.model_override.clone(),
        prompt_id: labels.prompt_id.clone(),
        prompt_version: labels.prompt_version.clone(),
        ..ExchangeMeta::new(request_id, upload.organization_id, started_at)
    }
}

/// Returns a body that is kept whole.
pub(crate) fn body(bytes: Bytes, content_type: &str) -> Body {
    if bytes.is_empty() {
        return Body::default();
    }
    Body {
        wire_bytes: bytes.len() as u64,
        state: BodyState::Stored,
        content_type: Some(content_type.to_owned()),
        content_encoding: None,
        segments: vec![bytes],
    }
}

/// Drops the bodies that must not be kept, after reading from them what the row needs.
pub(crate) fn omit(mut exchange: Exchange, labels: &Labels) -> Exchange {
    if !labels.omit_request && !labels.omit_response {
        return exchange;
    }
    let observed = observe(&exchange);
    for (is_omitted, body) in
        [(labels.omit_request, &mut exchange.request), (labels.omit_response, &mut exchange.response)]
    {
        if is_omitted && body.state != BodyState::Empty {
            *body = Body { segments: Vec::new(), state: BodyState::Omitted, ..std::mem::take(body) };
        }
    }
    exchange.meta.observed = Some(Observed {
        request_preview: observed.request_preview.filter(|_| !labels.omit_request),
        response_preview: observed.response_preview.filter(|_| !labels.omit_response),
        ..observed
    });
    exchange
}

/// Reads what the bodies of a call say.
pub(crate) fn observe(exchange: &Exchange) -> Observed {
    let request = read_body(&exchange.request, MAX_OBSERVED_BYTES);
    let response = read_body(&exchange.response, MAX_OBSERVED_BYTES);
    let read =
        ReadExchange { request: (&exchange.request, &request), response: (&exchange.response, &response) };
    read.observe(&exchange.meta)
}

/// How a call ended whose status is known: HTTP's, or Helicone's own.
pub(crate) fn outcome(status: i32) -> Outcome {
    match status {
        TIMED_OUT => Outcome::TimedOut,
        CANCELLED => Outcome::ClientGone,
        100..=599 => Outcome::Complete,
        _ => Outcome::Failed,
    }
}
