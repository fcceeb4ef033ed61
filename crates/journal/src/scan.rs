//! Walks over the records of one segment file and past what is damaged.
//!
//! If the payload of a record is damaged, its frame still says where the next one begins. If the frame is, the walk
//! looks for the next place with a frame whose checksum is right for that place.

use std::io;
use std::sync::Arc;

use bytes::Bytes;

use crate::Position;
use crate::disk::{DiskFile, read_fully};
use crate::segment::{FRAME_BYTES, Frame, HEADER_BYTES, find_record};

/// How much is read at once, unless a record is longer.
const CHUNK_BYTES: usize = 256 << 10;

/// What the walk found.
#[derive(Debug)]
pub(crate) struct Step {
    /// How many bytes before the record, or before the end, are damaged.
    pub(crate) skipped: u64,
    /// The record, `None` at the limit.
    pub(crate) found: Option<Found>,
}

/// An intact record.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) start: Position,
    pub(crate) end: Position,
    pub(crate) payload: Bytes,
}

/// A walk over one file; keeps what it has read for the next step.
pub(crate) struct Scan {
    file: Arc<dyn DiskFile>,
    key: u64,
    base: Position,
    chunk_start: Position,
    chunk: Bytes,
}

impl Scan {
    pub(crate) fn new(file: Arc<dyn DiskFile>, key: u64, base: Position) -> Self {
        Self { file, key, base, chunk_start: base, chunk: Bytes::new() }
    }

    /// Returns the first intact record at or after `from`. No record may extend beyond `limit`.
    pub(crate) fn next(&mut self, from: Position, limit: Position) -> io::Result<Step> {
        let mut position = from;
        while position < limit {
            let head = self.peek(position, limit, FRAME_BYTES)?;
            let Some(frame) = Frame::parse(self.key, position, &head) else {
                position = self.resynchronise(position.plus(1), limit)?;
                continue;
            };
            let end = position.plus(frame.record_bytes() as u64);
            if end > limit {
                break;
            }
            let record = self.peek(position, limit, frame.record_bytes())?;
            if record.len() >= frame.record_bytes() {
                let payload = record.slice(FRAME_BYTES..frame.record_bytes());
                if frame.fits(&payload) {
                    let found = Some(Found { start: position, end, payload });
                    return Ok(Step { skipped: position.since(from), found });
                }
            }
            position = end;
        }
        Ok(Step { skipped: limit.since(from), found: None })
    }

    /// Returns the next position where a record may begin, or `limit`.
    fn resynchronise(&mut self, from: Position, limit: Position) -> io::Result<Position> {
        let mut position = from;
        loop {
            let bytes = self.peek(position, limit, FRAME_BYTES)?;
            if let Some(offset) = find_record(&bytes) {
                return Ok(position.plus(offset as u64));
            }
            if bytes.len() < FRAME_BYTES {
                return Ok(limit);
            }
            // The magic may lie across the end of these bytes.
            position = position.plus((bytes.len() - 3) as u64);
        }
    }

    /// Returns the bytes from `position` on: at least `want`, unless `limit` or the file ends before.
    fn peek(&mut self, position: Position, limit: Position, want: usize) -> io::Result<Bytes> {
        let left = usize::try_from(limit.since(position)).unwrap_or(usize::MAX);
        let held = self.held(position);
        if held.len() >= want.min(left) {
            return Ok(held.slice(..held.len().min(left)));
        }
        let mut buffer = vec![0; want.max(CHUNK_BYTES).min(left)];
        let offset = HEADER_BYTES.saturating_add(position.since(self.base));
        let bytes = read_fully(self.file.as_ref(), offset, &mut buffer)?;
        buffer.truncate(bytes);
        self.chunk_start = position;
        self.chunk = buffer.into();
        Ok(self.chunk.clone())
    }

    fn held(&self, position: Position) -> Bytes {
        let offset = usize::try_from(position.since(self.chunk_start)).unwrap_or(usize::MAX);
        if position < self.chunk_start || offset > self.chunk.len() {
            return Bytes::new();
        }
        self.chunk.slice(offset..)
    }
}
