//! A log store in memory that can be told to misbehave.

use std::collections::BTreeMap;

use bytes::Bytes;
use gatehouse_store::conformance::aggregate::aggregated;
use gatehouse_store::conformance::evaluate::{matches, order};
use gatehouse_store::filter::Filter;
use gatehouse_store::log::{
    AggregateQuery, Aggregated, Annotated, Annotation, Annotations, Batch, Billing, Bodies, BodySide,
    CacheStats, CostQuery, CostSum, Extent, FoundRow, Handling, KeyedRow, LogRow, LogStore, PricedRow,
    Revision, RowKey, RowQuery, SearchStep, Searched, Walk, Walked, snippet,
};
use gatehouse_store::{StoreError, StoreFuture};
use gatehouse_types::{
    BodyState, NanoUsd, OrganizationId, Outcome, RequestId, Timestamp, Usage, UsageSource,
};
use parking_lot::Mutex;
use tokio::sync::{Semaphore, watch};
use uuid::Uuid;

/// How the store answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Works,
    Unavailable,
    Fails,
    Panics,
    /// Reads wait until [`MemoryLog::release`].
    Waits,
}

/// The rows, the last page asked for, and how the store answers.
pub(crate) struct MemoryLog {
    rows: Mutex<Vec<LogRow>>,
    annotations: Mutex<BTreeMap<(OrganizationId, RequestId), Annotations>>,
    last_query: Mutex<Option<RowQuery>>,
    mood: Mutex<Mood>,
    waiting: Semaphore,
    released: Semaphore,
    arrivals: watch::Sender<RowKey>,
}

impl MemoryLog {
    pub(crate) fn new(rows: Vec<LogRow>) -> Self {
        Self {
            rows: Mutex::new(rows),
            annotations: Mutex::default(),
            last_query: Mutex::new(None),
            mood: Mutex::new(Mood::Works),
            waiting: Semaphore::new(0),
            released: Semaphore::new(0),
            arrivals: watch::Sender::new(RowKey::new(0)),
        }
    }

    pub(crate) fn set_mood(&self, mood: Mood) {
        *self.mood.lock() = mood;
    }

    /// Returns the last page that was asked for.
    pub(crate) fn last_query(&self) -> Option<RowQuery> {
        self.last_query.lock().clone()
    }

    /// Returns when a read waits.
    pub(crate) async fn someone_waits(&self) {
        if let Ok(permit) = self.waiting.acquire().await {
            permit.forget();
        }
    }

    /// Lets one waiting read go on.
    pub(crate) fn release(&self) {
        self.released.add_permits(1);
    }

    #[expect(clippy::panic, reason = "a store that panics is one of the moods")]
    async fn act(&self) -> Result<(), StoreError> {
        let mood = *self.mood.lock();
        match mood {
            Mood::Works => Ok(()),
            Mood::Unavailable => {
                Err(StoreError::Unavailable { store: "log store", reason: "secret detail".to_owned() })
            }
            Mood::Fails => Err(StoreError::Failed {
                store: "log store",
                operation: "read rows",
                source: "secret detail".into(),
            }),
            Mood::Panics => panic!("secret detail"),
            Mood::Waits => {
                self.waiting.add_permits(1);
                if let Ok(permit) = self.released.acquire().await {
                    permit.forget();
                }
                Ok(())
            }
        }
    }

    /// Returns all annotations, of whichever tenant and call.
    pub(crate) fn annotations(&self) -> BTreeMap<(OrganizationId, RequestId), Annotations> {
        self.annotations.lock().clone()
    }

    /// Returns a part of a walk: the key of a row is its place in the list, counted from 1.
    fn walk<T>(&self, walk: &Walk, seen: impl Fn(RowKey, &LogRow) -> T) -> Walked<T> {
        let rows = self.rows.lock();
        let before = walk.before.map_or(u64::MAX, RowKey::get);
        let mut found: Vec<_> = (1..).map(RowKey::new).zip(rows.iter()).collect();
        found.reverse();
        found.retain(|(key, row)| {
            key.get() < before && row.organization_id == walk.organization_id && matches(&walk.filter, row)
        });
        let limit = usize::try_from(walk.limit).unwrap_or(usize::MAX);
        let next = found.get(limit).and_then(|_| found.get(limit - 1)).map(|(key, _)| *key);
        found.truncate(limit);
        Walked { rows: found.into_iter().map(|(key, row)| seen(key, row)).collect(), next }
    }

    /// Returns the rows of a tenant, newest first.
    fn of(&self, organization_id: OrganizationId) -> Vec<LogRow> {
        let mut rows = self.rows.lock().clone();
        rows.retain(|row| row.organization_id == organization_id);
        rows.sort_by_key(|row| std::cmp::Reverse(row.request_created_at));
        let annotations = self.annotations.lock();
        for row in &mut rows {
            row.annotations =
                annotations.get(&(organization_id, row.request_id)).cloned().unwrap_or_default();
        }
        rows
    }
}

impl LogStore for MemoryLog {
    fn insert(&self, batch: Batch) -> StoreFuture<'_, ()> {
        let mut rows = self.rows.lock();
        rows.extend(batch.rows);
        self.arrivals.send_replace(RowKey::new(rows.len() as u64));
        Box::pin(async { Ok(()) })
    }

    fn journal_position(&self) -> StoreFuture<'_, u64> {
        Box::pin(async {
            self.act().await?;
            Ok(0)
        })
    }

    fn rows(&self, query: RowQuery) -> StoreFuture<'_, Vec<LogRow>> {
        Box::pin(async move {
            self.act().await?;
            *self.last_query.lock() = Some(query.clone());
            let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
            let mut rows = self.of(query.organization_id);
            rows.retain(|row| matches(&query.filter, row));
            rows.sort_by(|left, right| order(&query.sort, query.direction, left, right));
            if let Some(after) = &query.after {
                let behind = rows.iter().position(|row| row.request_id == after.request_id);
                rows.drain(..behind.map_or(rows.len(), |index| index + 1));
            }
            let page = rows.into_iter().skip(offset).take(query.limit as usize);
            Ok(page.map(|row| LogRow { bodies: Bodies::default(), ..row }).collect())
        })
    }

    fn count(&self, organization_id: OrganizationId, filter: Filter) -> StoreFuture<'_, u64> {
        Box::pin(async move {
            self.act().await?;
            Ok(self.of(organization_id).iter().filter(|row| matches(&filter, row)).count() as u64)
        })
    }

    fn cache_stats(&self, organization_id: OrganizationId, filter: Filter) -> StoreFuture<'_, CacheStats> {
        Box::pin(async move {
            self.act().await?;
            Ok(CacheStats::of(self.of(organization_id).iter().filter(|row| matches(&filter, row))))
        })
    }

    fn row(&self, organization_id: OrganizationId, request_id: RequestId) -> StoreFuture<'_, Option<LogRow>> {
        Box::pin(async move {
            self.act().await?;
            Ok(self.of(organization_id).into_iter().find(|row| row.request_id == request_id))
        })
    }

    fn cost_sums(&self, query: CostQuery) -> StoreFuture<'_, Vec<CostSum>> {
        Box::pin(async move {
            self.act().await?;
            let rows = self.of(query.organization_id);
            Ok(CostSum::of(rows.iter().filter(|row| matches(&query.filter, row)), query.groups))
        })
    }

    fn aggregate(&self, query: AggregateQuery) -> StoreFuture<'_, Aggregated> {
        Box::pin(async move {
            self.act().await?;
            Ok(aggregated(&query, &self.of(query.organization_id)))
        })
    }

    fn search(&self, step: SearchStep) -> StoreFuture<'_, Searched> {
        Box::pin(async move {
            self.act().await?;
            let SearchStep { organization_id, filter, text, before, limit } = step;
            let walk = Walk { organization_id, filter, before, limit };
            let walked = self.walk(&walk, |row_key, row| (row_key, row.clone()));
            let searched = walked.rows.len() as u64;
            let place = |body: &Option<Bytes>| {
                let body = body.as_deref()?;
                let start =
                    body.windows(text.len()).position(|part| part.eq_ignore_ascii_case(text.as_bytes()))?;
                Some((body.to_vec(), start..start + text.len()))
            };
            let found = walked.rows.into_iter().filter_map(|(row_key, row)| {
                let request = place(&row.bodies.request).map(|found| (BodySide::Request, found));
                let found = request.or_else(|| Some((BodySide::Response, place(&row.bodies.response)?)));
                let (side, (body, place)) = found?;
                let snippet = snippet(side, &body, place);
                Some(FoundRow { row_key, row: LogRow { bodies: Bodies::default(), ..row }, snippet })
            });
            Ok(Searched { found: found.collect(), searched, next: walked.next })
        })
    }

    fn walk_priced(&self, walk: Walk) -> StoreFuture<'_, Walked<PricedRow>> {
        Box::pin(async move {
            self.act().await?;
            Ok(self.walk(&walk, |row_key, row| row.priced(row_key)))
        })
    }

    fn walk_rows(&self, walk: Walk) -> StoreFuture<'_, Walked<KeyedRow>> {
        Box::pin(async move {
            self.act().await?;
            Ok(self.walk(&walk, |row_key, row| KeyedRow { row_key, row: row.clone() }))
        })
    }

    fn walk_shown(&self, walk: Walk, extent: Extent) -> StoreFuture<'_, Walked<KeyedRow>> {
        Box::pin(async move {
            self.act().await?;
            let mut walked = self.walk(&walk, |row_key, row| KeyedRow { row_key, row: row.clone() });
            walked.rows.retain(|keyed| extent.after.is_none_or(|after| keyed.row_key > after));
            for KeyedRow { row, .. } in &mut walked.rows {
                let id = (row.organization_id, row.request_id);
                row.annotations = self.annotations.lock().get(&id).cloned().unwrap_or_default();
                if !extent.has_bodies {
                    row.bodies = Bodies::default();
                }
            }
            Ok(walked)
        })
    }

    fn newest(&self) -> StoreFuture<'_, RowKey> {
        Box::pin(async {
            self.act().await?;
            Ok(RowKey::new(self.rows.lock().len() as u64))
        })
    }

    fn arrivals(&self) -> watch::Receiver<RowKey> {
        self.arrivals.subscribe()
    }

    fn revise(&self, organization_id: OrganizationId, revisions: Vec<Revision>) -> StoreFuture<'_, u64> {
        Box::pin(async move {
            self.act().await?;
            let mut rows = self.rows.lock();
            let mut changed = 0;
            for revision in revisions {
                let index = usize::try_from(revision.row_key.get()).unwrap_or(usize::MAX);
                let row = rows.get_mut(index.wrapping_sub(1));
                let Some(row) = row.filter(|row| row.organization_id == organization_id) else { continue };
                changed += u64::from(row.revise(&revision));
            }
            Ok(changed)
        })
    }

    fn annotate(
        &self,
        organization_id: OrganizationId,
        request_id: RequestId,
        annotations: Vec<Annotation>,
    ) -> StoreFuture<'_, Annotated> {
        Box::pin(async move {
            self.act().await?;
            let mut all = self.annotations.lock();
            let before = all.get(&(organization_id, request_id)).cloned().unwrap_or_default();
            let Some(after) = before.with(&annotations) else { return Ok(Annotated::Full) };
            all.insert((organization_id, request_id), after);
            Ok(Annotated::Kept)
        })
    }
}

/// Returns the id of the call numbered `number`.
pub(crate) fn request_id(number: u128) -> RequestId {
    RequestId::from_uuid(Uuid::from_u128(number))
}

/// Returns a call that went well and whose every field is known.
pub(crate) fn full_row(organization_id: OrganizationId, number: u8) -> LogRow {
    let started = 1_795_356_360_000_000 + i64::from(number) * 1_000_000;
    LogRow {
        request_id: request_id(u128::from(number)),
        client_chose_id: false,
        response_id: request_id(0xa0_0000 + u128::from(number)),
        organization_id,
        key_id: None,
        request_created_at: Timestamp::from_unix_micros(started),
        response_created_at: Timestamp::from_unix_micros(started + 812_431),
        outcome: Outcome::Complete,
        status: 200,
        error_kind: None,
        attempt_count: 1,
        method: "POST".to_owned(),
        path: "/v1/chat/completions".to_owned(),
        target_url: "https://api.openai.com/v1/chat/completions".to_owned(),
        provider: "OPENAI".to_owned(),
        model: "gpt-4o-mini-2024-07-18".to_owned(),
        request_model: Some("gpt-4o-mini".to_owned()),
        response_model: Some("gpt-4o-mini-2024-07-18".to_owned()),
        model_override: None,
        is_stream: true,
        user_id: "alice".to_owned(),
        properties: BTreeMap::from([("Environment".to_owned(), "production".to_owned())]),
        usage_source: UsageSource::Provider,
        usage: Usage {
            input: Some(10),
            output: Some(20),
            cache_read: Some(0),
            reasoning: Some(3),
            total: Some(33),
            ..Usage::default()
        },
        billing: Billing::default(),
        mapper: None,
        cost: Some(NanoUsd::new(15_300)),
        cost_status: "priced".to_owned(),
        connect_us: Some(20_500),
        first_byte_us: Some(300_250),
        first_token_us: Some(310_000),
        total_us: 812_431,
        request_bytes: 120,
        response_bytes: 340,
        request_body_state: BodyState::Stored,
        response_body_state: BodyState::Stored,
        request_preview: Some("Hello".to_owned()),
        response_preview: Some("Hi".to_owned()),
        country_code: None,
        cache_reference_id: None,
        cache_enabled: false,
        prompt_id: String::new(),
        prompt_version: String::new(),
        request_referrer: String::new(),
        handling: Handling::default(),
        bodies: Bodies {
            request: Some(Bytes::from_static(br#"{"z": 1.0, "a": "b"}"#)),
            response: Some(Bytes::from_static(b"data: {\"x\":1}\n\ndata: [DONE]\n\n")),
        },
        annotations: Annotations::default(),
        revised: None,
    }
}

/// Returns a call that failed before anything was known of it.
pub(crate) fn empty_row(organization_id: OrganizationId, number: u8) -> LogRow {
    LogRow {
        outcome: Outcome::TimedOut,
        status: -2,
        error_kind: Some("first_byte_timeout".to_owned()),
        model: String::new(),
        request_model: None,
        response_model: None,
        is_stream: false,
        user_id: String::new(),
        properties: BTreeMap::new(),
        usage_source: UsageSource::None,
        usage: Usage::default(),
        cost: None,
        cost_status: "no_usage".to_owned(),
        connect_us: None,
        first_byte_us: None,
        first_token_us: None,
        response_bytes: 0,
        request_body_state: BodyState::Omitted,
        response_body_state: BodyState::Empty,
        request_preview: None,
        response_preview: None,
        bodies: Bodies::default(),
        ..full_row(organization_id, number)
    }
}
