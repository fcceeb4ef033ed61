//! The live tail: rows as server-sent events, as soon as the log store has them.
//!
//! Nothing is polled: a tail sleeps until rows arrive, looks once for those of its organisation, and goes on when its
//! client has taken them. A slow client is behind, but nothing is kept for it in memory.

use std::time::Duration;

use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts as _, Query, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use gatehouse_store::StoreError;
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{Extent, RowKey, Walk};
use gatehouse_types::OrganizationId;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};
use utoipa::IntoParams;

use super::row::Bodies;
use super::{HeliconeRequest, query};
use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::replies::ServerEvent;
use crate::seats::Seat;
use crate::state::ApiState;

/// How many tails there are at once, and of one organisation.
pub(crate) const MAX_TAILS: usize = 64;
pub(crate) const MAX_OWN_TAILS: usize = 16;
/// How often a tail says that it is still there, where it has nothing else to say.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long a tail rests after it looked: rows that arrive meanwhile are found together.
const REST: Duration = Duration::from_millis(200);
/// Among how many rows, of whomever, one look is.
const LOOK_ROWS: u32 = 1_000;
/// Asks proxies to pass events on at once.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// The parameters of a tail.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TailParams {
    /// Which calls, as in `/v1/request/query-clickhouse`, as JSON; all calls without it.
    #[param(example = r#"{"request_response_rmt":{"status":{"gte":400}}}"#)]
    filter: Option<String>,
}

/// Tells of calls as they are logged, within a second of their end.
///
/// Each event is named `request`, its data is a row as in `/v1/request/query-clickhouse`. Lines that begin with `:`
/// say that the stream is alive. It begins with the first call that is logged after the answer began, and ends with
/// the server, or when the key or session is no longer good.
#[utoipa::path(
    get, path = "/v1/request/tail", operation_id = "tailRequests", tag = "Requests",
    params(TailParams),
    responses(
        (status = 200, description = "The events", body = ServerEvent, content_type = "text/event-stream"),
        (status = 400, description = "The filter is none", body = ErrorEnvelope),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
        (status = 429, description = "As many tails as there may be at once", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn tail(
    reader: Reader,
    State(state): State<ApiState>,
    params: Result<Query<TailParams>, QueryRejection>,
    parts: Parts,
) -> Result<Response, ApiError> {
    let Query(params) = params.map_err(|_| ApiError::field("filter", "given at most once"))?;
    let body = query_of(params.filter.as_deref())?;
    let filter = query::calls(&state, &body, reader.organization_id).await?;
    let seat = state.tails.take(reader.organization_id)?;
    let arrivals = state.log.arrivals();
    let after = state.log.newest().await?;
    let tail = Tail {
        organization_id: reader.organization_id,
        filter,
        arrivals,
        after,
        rested: Instant::now(),
        next_beat: Instant::now(),
        caller: StillAllowed::new(parts, state),
        seat,
    };
    let events = stream::unfold(tail, |mut tail| async move {
        let said = tail.next().await?;
        Some((Ok::<_, std::convert::Infallible>(said), tail))
    });
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (NO_BUFFERING, HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(events)).into_response())
}

/// Returns the body of a query that has this filter.
fn query_of(filter: Option<&str>) -> Result<Vec<u8>, ApiError> {
    let Some(text) = filter else { return Ok(b"{}".to_vec()) };
    let filter: Value = serde_json::from_str(text)
        .map_err(|error| ApiError::new(ErrorKind::InvalidFilter, format!("`filter` is not JSON: {error}")))?;
    Ok(json!({"filter": filter}).to_string().into_bytes())
}

/// What a long answer asks again and again: whether its caller may still have it.
pub(super) struct StillAllowed {
    parts: Parts,
    state: ApiState,
}

impl StillAllowed {
    pub(super) const fn new(parts: Parts, state: ApiState) -> Self {
        Self { parts, state }
    }

    /// Returns what the call works on.
    pub(super) const fn state(&self) -> &ApiState {
        &self.state
    }

    /// Returns whether the key or session of the call is still good, and for the same organisation.
    pub(super) async fn holds(&mut self, organization_id: OrganizationId) -> bool {
        let reader = Reader::from_request_parts(&mut self.parts, &self.state).await;
        reader.is_ok_and(|reader| reader.organization_id == organization_id)
    }
}

/// One client's tail.
struct Tail {
    organization_id: OrganizationId,
    filter: Filter,
    arrivals: watch::Receiver<RowKey>,
    /// The last row that was looked at.
    after: RowKey,
    /// From when on it may look again.
    rested: Instant,
    /// When it is time to say that it is still there.
    next_beat: Instant,
    caller: StillAllowed,
    seat: Seat,
}

impl Tail {
    /// Waits for something to say; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        let stop = self.caller.state.stop.clone();
        if !self.seat.hold() {
            return None;
        }
        loop {
            let is_behind = *self.arrivals.borrow_and_update() > self.after;
            let (beat, rested) = (self.next_beat, self.rested);
            tokio::select! {
                biased;
                () = stop.cancelled() => return None,
                () = sleep_until(rested), if is_behind => {}
                arrived = self.arrivals.changed(), if !is_behind => {
                    arrived.ok()?;
                    continue;
                }
                () = sleep_until(beat) => {
                    self.next_beat = Instant::now() + HEARTBEAT;
                    return self.caller.holds(self.organization_id).await.then(|| Bytes::from_static(b": alive\n\n"));
                }
            }
            if !self.caller.holds(self.organization_id).await {
                return None;
            }
            let found = tokio::select! {
                () = stop.cancelled() => return None,
                found = self.look() => found,
            };
            self.rested = Instant::now() + REST;
            match found {
                Ok(events) if events.is_empty() => {}
                Ok(events) => {
                    self.next_beat = Instant::now() + HEARTBEAT;
                    return Some(events);
                }
                // It looks again: the store may be back then.
                Err(error) if error.is_transient() => {
                    self.rested = Instant::now() + HEARTBEAT;
                    tracing::warn!(%error, "a live tail waits for the log store");
                }
                Err(error) => {
                    tracing::error!(%error, "a live tail ended");
                    return None;
                }
            }
        }
    }

    /// Returns the events of the next rows, if any of them is meant.
    async fn look(&mut self) -> Result<Bytes, StoreError> {
        let newest = *self.arrivals.borrow();
        let last = RowKey::new(newest.get().min(self.after.get().saturating_add(LOOK_ROWS.into())));
        let walk = Walk {
            organization_id: self.organization_id,
            filter: self.filter.clone(),
            before: Some(RowKey::new(last.get().saturating_add(1))),
            limit: LOOK_ROWS,
        };
        let extent = Extent { after: Some(self.after), has_bodies: false };
        let walked = self.caller.state.log.walk_shown(walk, extent).await?;
        let view = self.caller.state.view.load();
        let mut events = Vec::new();
        for keyed in walked.rows.into_iter().rev() {
            let row = HeliconeRequest::from_row(keyed.row, Bodies::Left, &view.mappings);
            events.extend_from_slice(b"event: request\ndata: ");
            let begun = events.len();
            if serde_json::to_writer(&mut events, &row).is_err() {
                // Its types rule that out.
                events.truncate(begun);
            }
            events.extend_from_slice(b"\n\n");
        }
        self.after = last;
        Ok(events.into())
    }
}
