//! The handler that sends a logged call again, through the gateway as any other call.
//!
//! The key that pays for it goes on with the call and is forgotten.

pub(crate) mod call;

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, Request};
use bytes::Bytes;
use gatehouse_store::audit::Action;
use gatehouse_store::control::Change;
use gatehouse_types::RequestId;
use serde::Serialize;
use serde_json::value::RawValue;
use tokio::sync::oneshot;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use utoipa::ToSchema;

use super::{Envelope, found, whole};
use crate::account::oidc::transport::Unreachable;
use crate::auth::{Writer, credential};
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::replies::Refusals;
use crate::seats::{Seat, Seats};
use crate::state::ApiState;
use call::Order;

/// How many calls are sent again at once, and of one organisation.
const MAX_REPLAYS: usize = 32;
const MAX_OWN_REPLAYS: usize = 8;
/// How long a call that is sent again may take, all of its answer included.
const LONGEST: Duration = Duration::from_secs(600);
/// How long the caller waits for the head of the answer: less than any call to the API may take.
const HEAD_WAIT: Duration = Duration::from_secs(20);
/// How often a call says that it goes on.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);

/// What sending a call ends with.
pub type Replaying<'a> = Pin<Box<dyn Future<Output = Result<(), Unreachable>> + Send + 'a>>;

/// Sends calls to the gateway of this process.
pub trait ReplayTransport: Send + Sync {
    /// Sends a call, whose URI is a path and a query, says the status when the head of the answer is there, and reads
    /// the rest of it, which is kept nowhere. Dropping the future ends the call.
    fn send(&self, call: Request<Bytes>, answered: oneshot::Sender<u16>) -> Replaying<'_>;
}

/// The calls that are sent again.
pub(crate) struct Replays {
    transport: Arc<dyn ReplayTransport>,
    seats: Arc<Seats>,
    tasks: TaskTracker,
}

impl Replays {
    pub(crate) fn new(transport: Arc<dyn ReplayTransport>) -> Self {
        let seats = Seats::new("replays", MAX_REPLAYS, MAX_OWN_REPLAYS);
        Self { transport, seats, tasks: TaskTracker::new() }
    }

    /// Sends a call on a task of its own; returns what tells the status of the answer.
    fn begin(&self, call: Request<Bytes>, seat: Seat, stop: CancellationToken) -> oneshot::Receiver<u16> {
        let (answered, status) = oneshot::channel();
        let transport = Arc::clone(&self.transport);
        self.tasks.spawn(async move {
            let sent = tokio::time::timeout(LONGEST, transport.send(call, answered));
            tokio::select! {
                ended = sent => match ended {
                    Ok(Ok(())) => {}
                    Ok(Err(reason)) => tracing::warn!(%reason, "a call that was sent again broke off"),
                    Err(_) => tracing::warn!("a call that was sent again took too long"),
                },
                () = lose(&seat) => tracing::warn!("a call that was sent again lost its place"),
                () = stop.cancelled() => {}
            }
        });
        status
    }
}

/// Says that a call goes on, and returns when its seat is another one's.
async fn lose(seat: &Seat) {
    let mut signs = tokio::time::interval(SIGN_OF_LIFE);
    signs.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while seat.hold() {
        signs.tick().await;
    }
}

/// How a call is sent again.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"key": "sk-helicone-proxy-…", "body": "{\"model\":\"gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"}))]
#[expect(
    dead_code,
    reason = "describes the body in the OpenAPI document; the body is read as it was written"
)]
pub(crate) struct ReplayRequest {
    /// What pays for the call: a proxy key of this organisation. Who calls with an API key may send the provider's own
    /// key instead. It is neither kept nor logged.
    key: String,
    /// What takes the place of the call's body, byte for byte: a text, or JSON. Without it the stored body is sent.
    #[schema(value_type = Option<Object>)]
    body: Option<serde_json::Value>,
}

/// A call that was sent again.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Replayed {
    /// The id of the new call.
    #[schema(format = Uuid, example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d21")]
    request_id: String,
    /// The status of its answer; null when the head of it was not there within 20 seconds: the call goes on.
    #[schema(example = 200)]
    status: Option<u16>,
}

/// Sends a logged call again, through the gateway, to where it went before.
///
/// It is routed, limited, guarded, priced and logged as any other call. It has the user and the properties of the first
/// one, and the property `Replay-Of` with its id. Headers are not logged and so not sent again.
#[utoipa::path(
    post, path = "/v1/request/{id}/replay", operation_id = "replayRequest", tag = "Requests",
    params(
        ("id" = String, Path, format = Uuid, description = "The call's id, as in `Helicone-Id`", example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20"),
    ),
    request_body = ReplayRequest,
    responses(
        (status = 200, description = "It was sent: the id of the new call", body = Envelope<Replayed>),
        (status = 404, description = "No such call in this organisation", body = ErrorEnvelope),
        (status = 409, description = "The call can't be sent again: its body is not kept whole or is no text, or it had no target", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        (status = 429, description = "As many calls as may be sent again at once", body = ErrorEnvelope),
        (status = 501, description = "The gateway can't be called from here: its listener speaks TLS", body = ErrorEnvelope),
        (status = 502, description = "The gateway gave no answer", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn replay(
    writer: Writer,
    State(state): State<ApiState>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Envelope<Replayed>>, ApiError> {
    let row = found(&state, writer.organization_id, id).await?;
    let body = whole(body)?;
    let given = Given::read(&body)?;
    let replays = state.replays()?;
    let request_id = RequestId::generate();
    let order = Order {
        row: &row,
        body: given.body,
        key: &given.key,
        caller_key: credential(&headers),
        request_id,
        organization_id: writer.organization_id,
    };
    let call = order.call(&state)?;
    let seat = replays.seats.take(writer.organization_id)?;
    let control = state.control()?;
    let detail = format!("as {request_id}");
    let entry =
        control.entry(writer.organization_id, writer.actor, Action::RequestReplayed, row.request_id, detail);
    control.change(Change::Note(writer.organization_id), entry).await?;
    let answered = replays.begin(call, seat, state.stop.clone());
    let status = match tokio::time::timeout(HEAD_WAIT, answered).await {
        Ok(Ok(status)) => Some(status),
        Ok(Err(_)) => {
            return Err(ApiError::new(ErrorKind::GatewayUnreachable, "the gateway gave no answer"));
        }
        Err(_) => None,
    };
    Ok(Envelope::json(Replayed { request_id: request_id.to_string(), status }))
}

/// What a call to this route says.
struct Given {
    key: String,
    body: Option<Bytes>,
}

impl Given {
    fn read(body: &[u8]) -> Result<Self, ApiError> {
        #[derive(serde::Deserialize)]
        struct Raw<'a> {
            #[serde(borrow)]
            key: Option<&'a RawValue>,
            #[serde(borrow)]
            body: Option<&'a RawValue>,
        }
        let raw: Raw<'_> = serde_json::from_slice(body).map_err(|error| {
            // Where the text is quoted there might be the key.
            let message = format!("the body is not a JSON object (line {})", error.line());
            ApiError::new(ErrorKind::InvalidJson, message)
        })?;
        let text = |value: &RawValue| serde_json::from_str::<String>(value.get()).ok();
        let key = raw.key.and_then(text).filter(|key| !key.trim().is_empty());
        let key = key.ok_or_else(|| ApiError::field("key", "a proxy key, or the provider's own key"))?;
        let as_written = |value: &RawValue| Bytes::copy_from_slice(value.get().as_bytes());
        let body = raw.body.map(|value| text(value).map_or_else(|| as_written(value), Bytes::from));
        Ok(Self { key: key.trim().to_owned(), body })
    }
}
