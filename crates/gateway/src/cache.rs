//! The stage of the cache: is there an answer to this call already, or is one on its way?
//!
//! Which answers may be shared is decided in `policy::cache`; where they are kept is a `CacheStore`. An entry
//! is sealed ([`entry`]) with the caller's own key before it leaves this stage. Of calls that ask the same at
//! the same time one is made ([`flights`]); the others wait for its answer, each no longer than it would have
//! waited for the provider.

mod counts;
mod entry;
mod flights;
mod key;
mod replay;
mod saving;

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehouse_policy::cache::{Bucket, CacheKey, CacheSettings, Choice};
use gatehouse_store::cache::{CacheStore, EntryKey};
use gatehouse_types::{CacheStatus, CacheUse, Clock, Outcome, Timestamp};
use http::header::AGE;
use http::{HeaderName, HeaderValue, Response};
use tokio::time::{Instant, timeout, timeout_at};

use crate::blocking::off_thread;
use crate::capture::Reservation;
use crate::plan::{Plan, Prepared, Uncached};
use crate::reject::Rejection;
use crate::reply::ReplyBody;
use crate::worker::Worker;
use counts::{Counts, Event};
use entry::Entry;
use flights::{Flights, Lead, Turn, Wake};

pub(crate) use key::CallerSecret;
pub(crate) use replay::Replay;
pub(crate) use saving::{SavedAnswer, Saving};

const HELICONE_CACHE: HeaderName = HeaderName::from_static("helicone-cache");
const BUCKET_INDEX: HeaderName = HeaderName::from_static("helicone-cache-bucket-idx");
const LATENCY: HeaderName = HeaderName::from_static("helicone-cache-latency");
const PACING: &str = "helicone-cache-pacing";
/// What asks for the pauses that the provider made.
const ORIGINAL: &[u8] = b"original";
/// The longest that a call is delayed by a store that doesn't answer, as with Helicone.
const STORE_TIMEOUT: Duration = Duration::from_secs(2);

/// The cache of answers, shared by all workers.
pub struct ResponseCache {
    store: Arc<dyn CacheStore>,
    clock: Arc<dyn Clock>,
    flights: Flights,
    counts: Counts,
}

/// What the cache says to a call.
pub(crate) enum Looked {
    /// This is its answer.
    Answered(Response<ReplyBody>),
    /// It has to be made.
    Uncached(Uncached),
}

/// What was found.
enum Found {
    Answer(Box<Answer>),
    /// The slots without an answer for the call.
    Vacant(Vec<u8>),
    /// The cache can't say.
    Unknown,
}

/// An answer for the call.
struct Answer {
    entry: Arc<Entry>,
    slot: u8,
    /// The memory that it takes.
    room: Reservation,
}

/// A call that asks the cache.
struct Asking<'a> {
    worker: &'a Worker,
    cache: &'a Arc<ResponseCache>,
    key: &'a CacheKey,
    settings: &'a CacheSettings,
}

impl ResponseCache {
    /// Returns a cache that keeps its entries in `store`.
    pub fn new(store: Arc<dyn CacheStore>, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, flights: Flights::default(), counts: Counts::default() }
    }

    /// Appends what is counted as Prometheus text.
    pub fn render(&self, out: &mut String) {
        self.counts.render(out);
    }

    fn max_entry_bytes(&self) -> u64 {
        self.store.max_entry_bytes()
    }

    async fn get(&self, key: EntryKey) -> Option<Bytes> {
        self.store.get(key).await.unwrap_or_else(|error| {
            tracing::debug!(%error, "an entry of the cache can't be read");
            self.counts.add(Event::Failed);
            None
        })
    }

    /// Keeps an entry. A store that does not answer in time is left alone: what waits for it takes memory.
    async fn put_in_time(&self, key: EntryKey, sealed: Bytes, expires_at: Timestamp) {
        if sealed.len() as u64 > self.max_entry_bytes() {
            return;
        }
        let kept = timeout(STORE_TIMEOUT, self.store.put(key, sealed, expires_at)).await;
        if let Ok(Err(error)) = &kept {
            tracing::debug!(%error, "an entry of the cache can't be written");
        }
        self.counts.add(if matches!(kept, Ok(Ok(()))) { Event::Kept } else { Event::Failed });
    }

    /// Returns which slots have an entry.
    async fn bucket(&self, key: &CacheKey, slots: u8) -> Bucket {
        let keys = (0..slots).map(|slot| key.slot(slot).0).collect();
        let nothing = || vec![false; usize::from(slots)];
        Bucket::new(self.store.holds(keys).await.unwrap_or_else(|_| nothing()))
    }
}

/// Answers the call from the cache, or lets it go on, with the duty to keep its answer where that is due.
///
/// # Errors
/// Fails in `strict` durability when an answer without a body can't be recorded.
pub(crate) async fn look_up(
    worker: &Arc<Worker>,
    Prepared(mut plan): Prepared,
) -> Result<Looked, Box<Rejection>> {
    let Some(settings) = plan.options.cache.take().filter(CacheSettings::is_on) else {
        return Ok(Looked::Uncached(Uncached(plan)));
    };
    // Few calls ask the cache; the others do not carry what that takes.
    Box::pin(ask(worker, plan, settings)).await
}

/// Asks the cache for an answer as `settings` say.
async fn ask(
    worker: &Arc<Worker>,
    mut plan: Box<Plan>,
    settings: CacheSettings,
) -> Result<Looked, Box<Rejection>> {
    let cache = &worker.shared.cache;
    let mut saving = None;
    if let Some(key) = key::of(&plan, &settings, worker.roster.names(plan.options.guards)).await {
        let asking = Asking { worker, cache, key: &key, settings: &settings };
        let patience = plan.recording.patience(worker.shared.config.gateway.first_byte_timeout);
        let deadline = plan.recording.last_moment().min(plan.recording.started() + patience);
        match asking.ask(deadline).await {
            Ok(answer) => return Ok(Looked::Answered(give(worker, *plan, *answer).await?)),
            Err(None) => {}
            Err(Some((slot, lead))) => {
                let (lifetime, request_id) = (settings.lifetime, plan.recording.request_id());
                let cache = Arc::clone(cache);
                saving = Some(Saving { cache, key, slot, lifetime, request_id, lead });
            }
        }
    }
    if settings.reads {
        cache.counts.add(Event::Miss);
        plan.recording.mark(HELICONE_CACHE, HeaderValue::from_static("MISS"));
    }
    if let Some(meta) = plan.recording.meta() {
        meta.cache = Some(CacheUse { status: CacheStatus::Miss, ..CacheUse::default() });
    }
    if let Some(saving) = saving {
        plan.recording.keep_answer(saving);
    }
    Ok(Looked::Uncached(Uncached(plan)))
}

/// What a call has to do that the cache can't answer: the slot that its answer goes into, if it is to be kept,
/// and its duty to those who wait for it.
type Due = Option<(u8, Option<Lead>)>;

impl Asking<'_> {
    /// Returns an answer for the call, or what it has to do.
    async fn ask(&self, deadline: Instant) -> Result<Box<Answer>, Due> {
        if !self.settings.reads {
            let bucket = timeout(STORE_TIMEOUT, self.cache.bucket(self.key, self.settings.slots)).await;
            return Err(bucket.ok().map(|bucket| (bucket.to_fill(rand::random()), None)));
        }
        let mut is_waiting = false;
        loop {
            let vacant = match self.find().await {
                Found::Answer(answer) => return Ok(answer),
                Found::Unknown => return Err(None),
                Found::Vacant(_) if !self.settings.saves => return Err(None),
                Found::Vacant(vacant) => vacant,
            };
            let waiting = match self.cache.flights.join(self.key.bucket(), &vacant) {
                Turn::Wait(waiting) => waiting,
                Turn::Lead(lead) => match self.in_time(self.read(lead.slot())).await {
                    // Another call has ended since.
                    Found::Answer(answer) => {
                        lead.land();
                        if self.settings.slots == 1 {
                            return Ok(answer);
                        }
                        continue;
                    }
                    Found::Vacant(_) | Found::Unknown => return Err(Some((lead.slot(), Some(lead)))),
                },
            };
            if !is_waiting {
                self.cache.counts.add(Event::Shared);
                is_waiting = true;
            }
            match timeout_at(deadline, waiting).await {
                Ok(Ok(Wake::Lead(lead))) => return Err(Some((lead.slot(), Some(lead)))),
                // A bucket of several gives nothing before all are there, and then any of them.
                Ok(Ok(Wake::Answer(entry, slot)))
                    if self.settings.slots == 1 && slot == 0 && self.is_fresh(&entry) =>
                {
                    // All who have waited share its bytes.
                    let room = self.worker.room_for_whole();
                    return Ok(Box::new(Answer { entry, slot, room }));
                }
                Ok(Ok(Wake::Answer(..) | Wake::Again)) => {}
                // Nobody can say any more, or it has taken too long: this call is made for itself.
                Ok(Err(_)) | Err(_) => return Err(None),
            }
        }
    }

    async fn find(&self) -> Found {
        self.in_time(self.choose()).await
    }

    async fn in_time(&self, found: impl Future<Output = Found>) -> Found {
        match timeout(STORE_TIMEOUT, found).await {
            Ok(found) => found,
            Err(_) => {
                self.cache.counts.add(Event::Failed);
                Found::Unknown
            }
        }
    }

    /// Looks for an answer in the slots that the call may be answered from.
    async fn choose(&self) -> Found {
        if self.settings.slots == 1 {
            return self.read(0).await;
        }
        let bucket = self.cache.bucket(self.key, self.settings.slots).await;
        match bucket.choose(rand::random()) {
            Choice::Hit(slot) => self.read(slot).await,
            Choice::Fill => Found::Vacant(bucket.vacant()),
        }
    }

    /// Reads the answer of a slot.
    async fn read(&self, slot: u8) -> Found {
        let Some(sealed) = self.cache.get(self.key.slot(slot).0).await else {
            return Found::Vacant(vec![slot]);
        };
        let mut room = self.worker.room_for_whole();
        if !room.grow(sealed.len()) {
            return Found::Unknown;
        }
        let key = *self.key;
        let opened = off_thread(sealed.len(), move || Entry::open(&sealed, &key, slot)).await;
        match opened {
            Some(Ok(entry)) if self.is_fresh(&entry) => {
                Found::Answer(Box::new(Answer { entry: Arc::new(entry), slot, room }))
            }
            Some(Ok(_)) => Found::Vacant(vec![slot]),
            Some(Err(error)) => {
                tracing::debug!(%error, "an entry of the cache can't be opened");
                self.cache.counts.add(Event::Failed);
                Found::Vacant(vec![slot])
            }
            None => Found::Unknown,
        }
    }

    /// Returns whether an answer is good for the call: its time is not over, and it is not older than the
    /// caller wants it.
    fn is_fresh(&self, entry: &Entry) -> bool {
        let now = self.cache.clock.now();
        let is_young = self.settings.max_age.is_none_or(|max_age| entry.kept_at.plus(max_age) > now);
        entry.expires_at > now && is_young
    }
}

/// Gives a call an answer that was kept.
async fn give(
    worker: &Arc<Worker>,
    plan: Plan,
    Answer { entry, slot, room }: Answer,
) -> Result<Response<ReplyBody>, Box<Rejection>> {
    let is_paced = plan
        .head
        .headers
        .get(PACING)
        .is_some_and(|value| value.as_bytes().trim_ascii().eq_ignore_ascii_case(ORIGINAL));
    let mut recording = plan.recording;
    worker.shared.cache.counts.add(Event::Hit);
    if let Some(meta) = recording.meta() {
        meta.cache = Some(CacheUse {
            status: CacheStatus::Hit,
            reference_id: Some(entry.request_id),
            bucket_index: Some(u16::from(slot)),
            original_us: Some(u64::try_from(entry.took.as_micros()).unwrap_or(u64::MAX)),
        });
    }
    let age_us = worker.shared.clock.now().as_unix_micros().saturating_sub(entry.kept_at.as_unix_micros());
    let mut response = Response::new(ReplyBody::Whole(None));
    *response.headers_mut() = entry.headers.clone();
    recording.note_answer(&response, None);
    let headers = response.headers_mut();
    headers.insert(AGE, HeaderValue::from(age_us.max(0) / 1_000_000));
    recording.mark(HELICONE_CACHE, HeaderValue::from_static("HIT"));
    recording.mark(BUCKET_INDEX, HeaderValue::from(u16::from(slot)));
    let latency = u64::try_from(entry.took.as_millis()).unwrap_or(u64::MAX);
    recording.mark(LATENCY, HeaderValue::from(latency));
    recording.write_marks(headers, http::StatusCode::OK);
    if entry.frames.is_empty() {
        let (kept, last_moment) = (recording.finish(Outcome::Complete), recording.last_moment());
        if worker.is_strict() && !timeout_at(last_moment, kept.durable()).await.unwrap_or(false) {
            return Err(Rejection::unrecorded(&recording));
        }
        // Its framing is the one it had, with a length or without.
        *response.body_mut() = ReplyBody::NotModified;
        return Ok(response);
    }
    let replay = Replay::new(entry, recording, is_paced, worker.is_strict(), room);
    *response.body_mut() = ReplyBody::Replayed(Box::new(replay));
    Ok(response)
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use gatehouse_store::StoreFuture;
    use gatehouse_types::Timestamp;

    use super::*;

    /// A store on a disk that never answers.
    struct Stuck;

    impl CacheStore for Stuck {
        fn get(&self, _: EntryKey) -> StoreFuture<'_, Option<Bytes>> {
            Box::pin(pending())
        }

        fn holds(&self, _: Vec<EntryKey>) -> StoreFuture<'_, Vec<bool>> {
            Box::pin(pending())
        }

        fn put(&self, _: EntryKey, _: Bytes, _: Timestamp) -> StoreFuture<'_, ()> {
            Box::pin(pending())
        }

        fn remove(&self, _: EntryKey) -> StoreFuture<'_, ()> {
            Box::pin(pending())
        }

        fn max_entry_bytes(&self) -> u64 {
            1 << 20
        }
    }

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix_micros(0)
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_store_that_never_answers_keeps_nobody_waiting() {
        let cache = ResponseCache::new(Arc::new(Stuck), Arc::new(Still));
        cache.put_in_time([7; 32], Bytes::from_static(b"sealed"), Timestamp::from_unix_micros(1)).await;
        let mut counts = String::new();
        cache.render(&mut counts);
        assert!(counts.contains("gatehouse_cache_failures_total 1"), "{counts}");
        assert!(counts.contains("gatehouse_cache_kept_total 0"), "{counts}");
    }
}
