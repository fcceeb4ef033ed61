//! An answer that passes and is to be kept.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehouse_policy::cache::CacheKey;
use gatehouse_types::{Dialect, RequestId};
use http::header::{AGE, CONTENT_LENGTH, SET_COOKIE, TRAILER};
use http::{HeaderMap, Response, StatusCode};
use tokio::runtime::Handle;
use tokio::time::Instant;

use super::ResponseCache;
use super::entry::{Entry, FrameMark};
use super::flights::Lead;
use crate::blocking::off_thread;
use crate::headers;
use crate::worker::Worker;

/// The most frames of an answer that is kept.
const MOST_FRAMES: usize = 1 << 18;

/// The duty to keep a call's answer; dropped, nothing is kept, and whoever waits for the answer tries himself.
pub(crate) struct Saving {
    pub(super) cache: Arc<ResponseCache>,
    pub(super) key: CacheKey,
    pub(super) slot: u8,
    pub(super) lifetime: Duration,
    pub(super) request_id: RequestId,
    /// Those who wait for the answer.
    pub(super) lead: Option<Lead>,
}

/// An answer that is to be kept, as far as it has passed.
pub(crate) struct SavedAnswer {
    saving: Saving,
    headers: HeaderMap,
    answered: Instant,
    frames: Vec<FrameMark>,
    length: u64,
    copy: Option<Copied>,
}

/// What an answer said up to the closing of its record.
struct Copied {
    body: Vec<Bytes>,
    /// How long the call took.
    took: Duration,
    stream_of: Option<Dialect>,
}

impl Saving {
    /// Takes the head of the provider's answer; `None` when such an answer is not kept.
    ///
    /// Only a plain 200 is, and none whose headers alone are no whole answer. What concerns the provider's
    /// connection or one client only is left out.
    pub(crate) fn begin<B>(self, response: &Response<B>) -> Option<SavedAnswer> {
        if response.status() != StatusCode::OK || response.headers().contains_key(TRAILER) {
            return None;
        }
        let mut headers = response.headers().clone();
        headers::strip_response(&mut headers);
        for name in [SET_COOKIE, AGE] {
            headers.remove(name);
        }
        let answered = Instant::now();
        Some(SavedAnswer { saving: self, headers, answered, frames: Vec::new(), length: 0, copy: None })
    }
}

impl SavedAnswer {
    /// Takes the length of the next frame; returns whether the answer can still be kept.
    pub(crate) fn note_frame(&mut self, length: usize) -> bool {
        self.length += length as u64;
        let after_ms = u32::try_from(self.answered.elapsed().as_millis()).unwrap_or(u32::MAX);
        let Ok(length) = u32::try_from(length) else { return false };
        self.frames.push(FrameMark { length, after_ms });
        self.length <= self.saving.cache.max_entry_bytes() && self.frames.len() <= MOST_FRAMES
    }

    /// Takes the copy of what has passed until the record is closed, after the time `took`; `None` where it is
    /// not whole. A stream that tells of a failure is not kept.
    pub(crate) fn note_copy(&mut self, body: Option<Vec<Bytes>>, took: Duration, stream_of: Option<Dialect>) {
        self.copy = body.map(|body| Copied { body, took, stream_of });
    }

    /// Takes what follows after the record is closed; returns whether the answer can still be kept.
    pub(crate) fn note_rest(&mut self, data: &[u8]) -> bool {
        let Some(copy) = &mut self.copy else { return false };
        copy.body.push(Bytes::copy_from_slice(data));
        self.note_frame(data.len())
    }

    /// Keeps the answer, which has come to its end.
    pub(crate) fn save(self, worker: &Worker) {
        let is_whole = self.copy.as_ref().is_some_and(|copy| self.is_whole(&copy.body));
        let Self { saving, headers, frames, copy, .. } = self;
        let Some(Copied { body, took, stream_of }) = copy.filter(|_| is_whole) else { return };
        // While the runtime is shut down nothing can be given to its threads any more.
        if worker.is_aborting() || Handle::try_current().is_err() {
            return;
        }
        let now = saving.cache.clock.now();
        let entry = Entry {
            request_id: saving.request_id,
            kept_at: now,
            expires_at: now.plus(saving.lifetime),
            took,
            headers,
            frames,
            body,
        };
        worker.tasks.spawn(keep(saving, entry, stream_of));
    }

    fn is_whole(&self, body: &[Bytes]) -> bool {
        let kept: u64 = body.iter().map(|piece| piece.len() as u64).sum();
        let announced =
            self.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        kept == self.length && announced.is_none_or(|announced: u64| announced == kept)
    }
}

/// Seals the answer and stores it, and gives it to those who wait for it: they wait for no slow disk, and have
/// it where it can't be kept too.
async fn keep(saving: Saving, entry: Entry, stream_of: Option<Dialect>) {
    let Saving { cache, key, slot, lead, .. } = saving;
    let (expires_at, entry_bytes) = (entry.expires_at, entry.sealed_bytes());
    let seal = move || match stream_of {
        Some(dialect) if entry.tells_of_failure(dialect) => None,
        _ => {
            let entry = entry.joined();
            let sealed = entry.seal(&key, slot).ok()?;
            Some((entry, sealed))
        }
    };
    let Some(Some((entry, sealed))) = off_thread(entry_bytes, seal).await else { return };
    cache.put_in_time(key.slot(slot).0, sealed, expires_at).await;
    if let Some(lead) = lead {
        lead.land_with(&Arc::new(entry));
    }
}
