//! The search for a text in bodies, told as it goes on: server-sent events.
//!
//! It goes step by step from the newest call to the oldest and holds nothing while its client takes what was found; when
//! the client leaves, it ends with the step that is under way.

use std::collections::VecDeque;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{FoundRow, MAX_SEARCHED_BYTES, RowKey, SearchStep, Snippet};
use gatehouse_types::OrganizationId;
use serde::Serialize;
use serde_json::{Value, json};
use tokio::time::Instant;
use utoipa::ToSchema;

use super::cursor::{read_key, write_key};
use super::row::Bodies;
use super::tail::StillAllowed;
use super::{HeliconeRequest, query, whole};
use crate::auth::Reader;
use crate::error::{ApiError, ErrorEnvelope};
use crate::replies::ServerEvent;
use crate::seats::Seat;
use crate::state::ApiState;

/// How many searches there are at once, and of one organisation.
pub(crate) const MAX_SEARCHES: usize = 16;
pub(crate) const MAX_OWN_SEARCHES: usize = 4;
/// How long a search goes on; its end then says where to go on.
const LONGEST: Duration = Duration::from_secs(60);
/// How many calls are found at most, unless said otherwise.
const DEFAULT_LIMIT: u32 = 25;
/// Asks proxies to pass events on at once.
const NO_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What is searched for.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "filter": {"request_response_rmt": {"request_created_at": {"gte": "2026-11-01T00:00:00Z"}}},
    "query": "refund", "limit": 25
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read by `wanted`")]
pub(crate) struct BodySearch {
    /// In which calls, as in `/v1/request/query-clickhouse`; in all without it.
    #[schema(value_type = Option<Value>, required = false)]
    filter: Option<Value>,
    /// The text, of 1 to 1,000 bytes. Upper and lower case are the same, nothing in it has a special meaning, and it is
    /// found also where it is escaped in JSON.
    query: String,
    /// How many calls are found at most.
    #[schema(default = 25, minimum = 1, maximum = 1000, required = false)]
    limit: Option<u32>,
    /// Where to go on: the `cursor` of the event that ended a search for the same.
    #[schema(required = false)]
    cursor: Option<String>,
}

/// A call that was found: a row as in `/v1/request/query-clickhouse`, and where the text is.
#[derive(Serialize)]
struct Found {
    #[serde(flatten)]
    call: HeliconeRequest,
    snippet: Around,
}

/// What stands around the first place of the text.
#[derive(Serialize)]
struct Around {
    side: &'static str,
    before: String,
    found: String,
    behind: String,
}

/// Searches the bodies of calls for a text, the newest calls first, and tells of each that is found at once.
///
/// Events: `progress` with `searched` and `total`, how many calls were looked into and how many there are to look into;
/// `request` with a row as in `/v1/request/query-clickhouse` and its `snippet` (`side`, which is `request` or `response`,
/// `before`, `found`, `behind`); at the end `done` with `found`, `complete` (whether all calls were looked into) and
/// `cursor`, which goes on behind what was looked into, or null. A search takes at most a minute. Where it fails on the
/// way, the last event is `error` with a `message`.
#[utoipa::path(
    post, path = "/v1/request/search", operation_id = "searchRequests", tag = "Requests",
    request_body = BodySearch,
    responses(
        (status = 200, description = "The events", body = ServerEvent, content_type = "text/event-stream"),
        (status = 400, description = "Not JSON, or a wrong field", body = ErrorEnvelope),
        (status = 401, description = "No or an unknown key", body = ErrorEnvelope),
        (status = 403, description = "The key may not read", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        (status = 429, description = "As many searches as there may be at once", body = ErrorEnvelope),
        (status = 503, description = "The log store is away", body = ErrorEnvelope),
    )
)]
pub(crate) async fn search(
    reader: Reader,
    State(state): State<ApiState>,
    parts: Parts,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, ApiError> {
    let body = whole(body)?;
    let Wanted { text, limit, before } = wanted(&body)?;
    let filter = query::calls(&state, &body, reader.organization_id).await?;
    let seat = state.searches.take(reader.organization_id)?;
    let total = state.log.count(reader.organization_id, filter.clone()).await?;
    let search = Search {
        organization_id: reader.organization_id,
        filter,
        text,
        before,
        left: limit,
        found: 0,
        searched: 0,
        total,
        until: Instant::now() + LONGEST,
        events: VecDeque::from([event("progress", &json!({"searched": 0, "total": total}))]),
        is_over: false,
        caller: StillAllowed::new(parts, state),
        seat,
    };
    let events = stream::unfold(search, |mut search| async move {
        let said = search.next().await?;
        Some((Ok::<_, std::convert::Infallible>(said), search))
    });
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/event-stream")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (NO_BUFFERING, HeaderValue::from_static("no")),
    ];
    Ok((headers, Body::from_stream(events)).into_response())
}

/// What a body asks for beside its filter.
struct Wanted {
    text: String,
    limit: u32,
    before: Option<RowKey>,
}

fn wanted(body: &[u8]) -> Result<Wanted, ApiError> {
    let fields = query::fields(body)?;
    let text = fields.get("query").and_then(Value::as_str);
    let text = text.filter(|text| (1..=MAX_SEARCHED_BYTES).contains(&text.len()));
    let expected = format!("a text of 1 to {MAX_SEARCHED_BYTES} bytes");
    let text = text.ok_or_else(|| ApiError::field("query", &expected))?.to_owned();
    let limit = match query::limit(&fields, DEFAULT_LIMIT)? {
        0 => return Err(ApiError::field("limit", "a whole number from 1 to 1000")),
        limit => limit,
    };
    let before = match query::given(&fields, "cursor") {
        Some(Value::String(cursor)) => Some(read_key(cursor)?),
        Some(_) => return Err(ApiError::field("cursor", "a text")),
        None => None,
    };
    Ok(Wanted { text, limit, before })
}

/// One client's search.
struct Search {
    organization_id: OrganizationId,
    filter: Filter,
    text: String,
    before: Option<RowKey>,
    /// How many more calls may be found.
    left: u32,
    found: u64,
    searched: u64,
    total: u64,
    until: Instant,
    /// What is to be said before the search goes on.
    events: VecDeque<Bytes>,
    /// Whether nothing comes behind that.
    is_over: bool,
    caller: StillAllowed,
    seat: Seat,
}

impl Search {
    /// Waits for something to say; `None` at the end.
    async fn next(&mut self) -> Option<Bytes> {
        if let Some(event) = self.events.pop_front() {
            return Some(event);
        }
        if self.is_over || !self.seat.hold() || !self.caller.holds(self.organization_id).await {
            return None;
        }
        if Instant::now() >= self.until {
            return Some(self.done(false, self.before));
        }
        let step = SearchStep {
            organization_id: self.organization_id,
            filter: self.filter.clone(),
            text: self.text.clone(),
            before: self.before,
            limit: self.left,
        };
        let stop = self.caller.state().stop.clone();
        let log = std::sync::Arc::clone(&self.caller.state().log);
        let searched = tokio::select! {
            () = stop.cancelled() => return None,
            searched = tokio::time::timeout_at(self.until, log.search(step)) => searched,
        };
        let searched = match searched {
            Ok(Ok(searched)) => searched,
            Ok(Err(error)) => {
                self.is_over = true;
                return Some(event("error", &json!({"message": ApiError::from(error).message})));
            }
            Err(_elapsed) => return Some(self.done(false, self.before)),
        };
        self.searched = self.searched.saturating_add(searched.searched).min(self.total);
        self.before = searched.next;
        self.left = self.left.saturating_sub(u32::try_from(searched.found.len()).unwrap_or(u32::MAX));
        self.found = self.found.saturating_add(searched.found.len() as u64);
        self.tell(searched.found);
        let progress = event("progress", &json!({"searched": self.searched, "total": self.total}));
        self.events.push_back(progress);
        if self.before.is_none() || self.left == 0 {
            let done = self.done(self.before.is_none(), self.before);
            self.events.push_back(done);
        }
        self.events.pop_front()
    }

    fn tell(&mut self, found: Vec<FoundRow>) {
        let view = self.caller.state().view.load();
        for FoundRow { row, snippet, .. } in found {
            let call = HeliconeRequest::from_row(row, Bodies::Left, &view.mappings);
            let Snippet { side, before, found, behind } = snippet;
            let snippet = Around { side: side.as_str(), before, found, behind };
            self.events.push_back(event("request", &Found { call, snippet }));
        }
    }

    /// Returns the last event.
    fn done(&mut self, is_complete: bool, next: Option<RowKey>) -> Bytes {
        self.is_over = true;
        let cursor = next.map(write_key);
        event("done", &json!({"found": self.found, "complete": is_complete, "cursor": cursor}))
    }
}

/// Returns the text of an event.
fn event(name: &str, data: &impl Serialize) -> Bytes {
    // Its types rule out that it can't be written.
    let data = serde_json::to_string(data).unwrap_or_default();
    Bytes::from(format!("event: {name}\ndata: {data}\n\n"))
}
