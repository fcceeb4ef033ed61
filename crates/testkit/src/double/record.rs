//! What the double received, and how each answer went.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine as _;
use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::sync::watch;

use crate::http1::{Fields, latin1};

/// Of each body so many bytes are kept; its length and hash cover all of it.
pub(super) const KEPT_PER_BODY: usize = 8 << 20;
/// Of all bodies together so many bytes are kept; the oldest are emptied first.
const KEPT_OF_ALL_BODIES: usize = 512 << 20;
/// So many requests are kept; the oldest are forgotten first.
const KEPT_REQUESTS: usize = 100_000;

/// How far a request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// Its body is being read.
    Reading,
    /// Its answer is being sent.
    Answering,
    /// Its answer went out as planned, planned damage included.
    Answered,
    /// The client went away, in the middle of the body or before the end of the answer.
    Aborted(Instant),
}

impl Progress {
    fn is_end(self) -> bool {
        matches!(self, Self::Answered | Self::Aborted(_))
    }
}

/// One recorded request.
#[derive(Debug, Clone)]
pub struct Received {
    /// Number of the connection, from 1, in the order in which they were accepted.
    pub connection: u64,
    /// Host name from the TLS handshake.
    pub sni: Option<String>,
    /// Method as received.
    pub method: String,
    /// Request target as received, one character a byte (Latin-1); with HTTP/2 path and query.
    pub target: String,
    /// `HTTP/1.0`, `HTTP/1.1` or `HTTP/2`.
    pub version: String,
    /// Fields in the order and spelling in which they came; with HTTP/2 `:authority` is the first.
    pub headers: Fields,
    /// Trailers of the body.
    pub trailers: Fields,
    /// The first 8 MB of the body without its chunk framing; empty once too many newer ones were recorded.
    pub body: Bytes,
    /// Length of the whole body.
    pub body_bytes: u64,
    /// SHA-256 of the whole body in hexadecimal digits.
    pub body_sha256: String,
    /// Lengths of the chunks of a chunked body, the first 10,000 of them.
    pub chunks: Vec<usize>,
    progress: watch::Receiver<Progress>,
}

impl Received {
    /// Returns how far the request has come now.
    pub fn progress(&self) -> Progress {
        *self.progress.borrow()
    }

    /// Returns when the client went away before the answer ended, if it did.
    pub fn aborted(&self) -> Option<Instant> {
        match self.progress() {
            Progress::Aborted(at) => Some(at),
            _ => None,
        }
    }

    /// Waits for the end of the answer: [`Progress::Answered`] or [`Progress::Aborted`].
    pub async fn ended(&self) -> Progress {
        let mut progress = self.progress.clone();
        let ended = progress.wait_for(|progress| progress.is_end()).await.map(|progress| *progress);
        // The double stopped in the middle: what was last known is the answer.
        ended.unwrap_or_else(|_| self.progress())
    }

    /// Returns the body as JSON.
    ///
    /// # Errors
    /// When it is not JSON.
    pub fn json(&self) -> serde_json::Result<Value> {
        serde_json::from_slice(&self.body)
    }

    /// Returns the record as the admin listener shows it.
    pub(super) fn to_json(&self) -> Value {
        let pairs = |fields: &Fields| -> Vec<Value> {
            fields.0.iter().map(|field| json!([field.name, latin1(&field.value)])).collect()
        };
        let state = match self.progress() {
            Progress::Reading => "reading",
            Progress::Answering => "answering",
            Progress::Answered => "answered",
            Progress::Aborted(_) => "aborted",
        };
        json!({
            "connection": self.connection,
            "sni": self.sni,
            "method": self.method,
            "target": self.target,
            "version": self.version,
            "headers": pairs(&self.headers),
            "trailers": pairs(&self.trailers),
            "body_base64": base64::engine::general_purpose::STANDARD.encode(&self.body),
            "body_bytes": self.body_bytes,
            "body_sha256": self.body_sha256,
            "chunks": self.chunks,
            "progress": state,
            "aborted": state == "aborted",
        })
    }
}

/// Collects a body: keeps its start, counts and hashes all of it.
#[derive(Debug, Default)]
pub(super) struct BodyTally {
    kept: BytesMut,
    bytes: u64,
    hash: Sha256,
    chunks: Vec<usize>,
    chunk: usize,
}

impl BodyTally {
    /// Adds a piece; `ends_chunk` when a chunk's boundary follows.
    pub(super) fn add(&mut self, piece: &[u8], ends_chunk: bool) {
        let room = KEPT_PER_BODY.saturating_sub(self.kept.len()).min(piece.len());
        self.kept.extend_from_slice(piece.get(..room).unwrap_or_default());
        self.bytes += piece.len() as u64;
        self.hash.update(piece);
        self.chunk += piece.len();
        if ends_chunk {
            let chunk = std::mem::take(&mut self.chunk);
            if self.chunks.len() < 10_000 {
                self.chunks.push(chunk);
            }
        }
    }
}

/// Handle of a request while it is served; closes its record when it is dropped.
#[derive(Debug)]
pub(super) struct Entry {
    record: Arc<Mutex<Received>>,
    progress: watch::Sender<Progress>,
    recorder: Arc<Recorder>,
}

impl Entry {
    /// Says that the body came to its end.
    pub(super) fn body(&self, tally: BodyTally, trailers: Fields) {
        let mut record = self.record.lock();
        record.body = tally.kept.freeze();
        record.body_bytes = tally.bytes;
        record.body_sha256 = hex(&tally.hash.finalize());
        record.chunks = tally.chunks;
        record.trailers = trailers;
        let kept = record.body.len();
        drop(record);
        self.progress.send_replace(Progress::Answering);
        self.recorder.body_came(kept);
    }

    /// Says that the answer went out as planned.
    pub(super) fn answered(&self) {
        self.progress.send_replace(Progress::Answered);
    }

    /// Says that the client went away.
    pub(super) fn aborted(&self) {
        self.progress.send_replace(Progress::Aborted(Instant::now()));
    }

    /// Returns what is recorded so far.
    pub(super) fn received(&self) -> Received {
        self.record.lock().clone()
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.progress.borrow().is_end() {
            self.aborted();
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What is known of a request when its head has come.
#[derive(Debug, Default)]
pub(super) struct Head {
    pub(super) connection: u64,
    pub(super) sni: Option<String>,
    pub(super) method: String,
    pub(super) target: String,
    pub(super) version: String,
    pub(super) headers: Fields,
}

/// All records.
#[derive(Debug)]
pub(super) struct Recorder {
    keeps: bool,
    records: Mutex<Records>,
    /// Number of requests whose body came to its end since the last `clear`.
    complete: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct Records {
    requests: VecDeque<Arc<Mutex<Received>>>,
    body_bytes: usize,
    /// Requests before this index have no body left.
    emptied: usize,
}

impl Recorder {
    /// Makes an empty recorder that `keeps` requests, or only counts them.
    pub(super) fn new(keeps: bool) -> Arc<Self> {
        Arc::new(Self { keeps, records: Mutex::default(), complete: watch::Sender::new(0) })
    }

    /// Opens the record of a request.
    pub(super) fn begin(self: &Arc<Self>, head: Head) -> Entry {
        let progress = watch::Sender::new(Progress::Reading);
        let record = Arc::new(Mutex::new(Received {
            connection: head.connection,
            sni: head.sni,
            method: head.method,
            target: head.target,
            version: head.version,
            headers: head.headers,
            trailers: Fields::default(),
            body: Bytes::new(),
            body_bytes: 0,
            body_sha256: String::new(),
            chunks: Vec::new(),
            progress: progress.subscribe(),
        }));
        if self.keeps {
            let mut records = self.records.lock();
            records.requests.push_back(record.clone());
            if records.requests.len() > KEPT_REQUESTS {
                records.forget_oldest();
            }
        }
        Entry { record, progress, recorder: self.clone() }
    }

    fn body_came(&self, kept: usize) {
        if self.keeps {
            self.records.lock().add_body(kept);
        }
        self.complete.send_modify(|count| *count += 1);
    }

    /// Returns every record.
    pub(super) fn all(&self) -> Vec<Received> {
        self.records.lock().requests.iter().map(|record| record.lock().clone()).collect()
    }

    /// Forgets every record and starts to count at 0.
    pub(super) fn clear(&self) {
        *self.records.lock() = Records::default();
        self.complete.send_replace(0);
    }

    /// Returns how many requests were read to the end of their bodies.
    pub(super) fn received(&self) -> usize {
        *self.complete.borrow()
    }

    /// Waits until `count` requests were read to the end of their bodies.
    pub(super) async fn wait_for(&self, count: usize) -> Vec<Received> {
        // The sender lives in `self`, so that the channel can't close while this waits.
        drop(self.complete.subscribe().wait_for(|complete| *complete >= count).await);
        self.all()
    }
}

impl Records {
    fn forget_oldest(&mut self) {
        if let Some(oldest) = self.requests.pop_front() {
            self.body_bytes = self.body_bytes.saturating_sub(oldest.lock().body.len());
            self.emptied = self.emptied.saturating_sub(1);
        }
    }

    fn add_body(&mut self, kept: usize) {
        self.body_bytes += kept;
        while self.body_bytes > KEPT_OF_ALL_BODIES {
            let Some(oldest) = self.requests.get(self.emptied) else { return };
            let body = std::mem::take(&mut oldest.lock().body);
            self.body_bytes = self.body_bytes.saturating_sub(body.len());
            self.emptied += 1;
        }
    }
}
