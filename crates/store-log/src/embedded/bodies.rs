//! Bodies: cut to the cap, laid together in blocks, compressed with zstd, and read back.
//!
//! A block holds the bodies of one tenant's neighbouring rows. Calls of one application resemble each
//! other, so a block takes a fraction of the time and the space of its bodies one by one. Uncompressed,
//! each row is: row key (u64), length of the request and of the response (u32 each, [`NONE`] where there
//! is none), then the two bodies; numbers are little endian.

use std::collections::BTreeMap;
use std::ops::Range;

use bytes::Bytes;
use gatehouse_store::log::Bodies;
use gatehouse_types::{BodyState, OrganizationId, Timestamp};

use super::engine::Error;
use super::write::NewRow;

/// The fastest level that still models text; the ones below save little more than what repeats.
const LEVEL: i32 = 1;
/// A block is closed once it has this many bytes: enough to find what repeats, little enough that
/// reading one row stays cheap.
const BLOCK_BYTES: usize = 128 * 1024;
/// The length of a body that is not there.
const NONE: u32 = u32::MAX;
/// Row key and two lengths.
const ENTRY_BYTES: usize = 16;

/// A finished block.
pub(super) struct Block {
    /// Whose bodies these are.
    pub(super) organization_id: OrganizationId,
    /// The key of the first row.
    pub(super) first_row_key: u64,
    /// The key of the last row.
    pub(super) last_row_key: u64,
    /// When the latest of its calls began.
    pub(super) latest: Timestamp,
    /// The compressed rows.
    pub(super) content: Vec<u8>,
}

/// Lays bodies into blocks, with one compression context for all of them.
pub(super) struct Packer {
    max_body_bytes: usize,
    context: Option<zstd::bulk::Compressor<'static>>,
}

impl Packer {
    pub(super) fn new(max_body_bytes: usize) -> Self {
        Self { max_body_bytes: max_body_bytes.min(NONE as usize - 1), context: None }
    }

    /// Returns what becomes of a body when it is stored: one over the cap is cut.
    pub(super) fn state(&self, body: Option<&Bytes>, state: BodyState) -> BodyState {
        match body {
            Some(body) if body.len() > self.max_body_bytes && state != BodyState::Omitted => {
                BodyState::Truncated
            }
            _ => state,
        }
    }

    /// Packs the bodies of those rows that have any; one that its caller wants omitted is never kept.
    pub(super) fn pack(&mut self, rows: &[NewRow<'_>]) -> Result<Vec<Block>, Error> {
        let mut finished = Vec::new();
        let mut open: BTreeMap<OrganizationId, Block> = BTreeMap::new();
        for new in rows {
            let row = new.row;
            let request =
                row.bodies.request.as_ref().filter(|_| row.request_body_state != BodyState::Omitted);
            let response =
                row.bodies.response.as_ref().filter(|_| row.response_body_state != BodyState::Omitted);
            if request.is_none() && response.is_none() {
                continue;
            }
            let block = open.entry(row.organization_id).or_insert_with(|| Block {
                organization_id: row.organization_id,
                first_row_key: new.row_key,
                last_row_key: new.row_key,
                latest: row.request_created_at,
                content: Vec::new(),
            });
            block.last_row_key = new.row_key;
            block.latest = block.latest.max(row.request_created_at);
            let (request, response) =
                (request.map(|body| self.cut(body)), response.map(|body| self.cut(body)));
            block.content.extend_from_slice(&new.row_key.to_le_bytes());
            block.content.extend_from_slice(&length(request).to_le_bytes());
            block.content.extend_from_slice(&length(response).to_le_bytes());
            block.content.extend_from_slice(request.unwrap_or_default());
            block.content.extend_from_slice(response.unwrap_or_default());
            if block.content.len() >= BLOCK_BYTES {
                finished.extend(open.remove(&row.organization_id));
            }
        }
        finished.extend(open.into_values());
        for block in &mut finished {
            block.content = self.compress(&block.content)?;
        }
        Ok(finished)
    }

    fn cut<'a>(&self, body: &'a Bytes) -> &'a [u8] {
        body.get(..self.max_body_bytes).unwrap_or(body)
    }

    fn compress(&mut self, content: &[u8]) -> Result<Vec<u8>, Error> {
        let context = match &mut self.context {
            Some(context) => context,
            none => none.insert(zstd::bulk::Compressor::new(LEVEL).map_err(Error::Compression)?),
        };
        context.compress(content).map_err(Error::Compression)
    }
}

fn length(body: Option<&[u8]>) -> u32 {
    body.map_or(NONE, |body| u32::try_from(body.len()).unwrap_or(NONE))
}

/// Finds the bodies of the row `row_key` in a compressed block; both are `None` when it has none there.
pub(super) fn unpack(content: &[u8], row_key: u64) -> Result<Bodies, Error> {
    let found = unpack_some(content, |key| key == row_key)?;
    Ok(found.found.into_iter().next().map(|(_, bodies)| bodies).unwrap_or_default())
}

/// What was found in a block.
pub(super) struct Unpacked {
    /// The bodies by the keys of their rows; each of them keeps the whole block in memory.
    pub(super) found: Vec<(u64, Bodies)>,
    /// How many bytes the whole block takes.
    pub(super) bytes: usize,
}

/// Finds the bodies of those rows of a compressed block whose keys are wanted.
pub(super) fn unpack_some(content: &[u8], is_wanted: impl Fn(u64) -> bool) -> Result<Unpacked, Error> {
    let content = Bytes::from(zstd::stream::decode_all(content).map_err(Error::Compression)?);
    let broken = Error::Value { column: "content" };
    let bytes = content.len();
    let mut rest = content;
    let mut found = Vec::new();
    while !rest.is_empty() {
        let Some(entry) = Entry::read(&rest) else { return Err(broken) };
        let bodies_end =
            ENTRY_BYTES.saturating_add(entry.request_bytes()).saturating_add(entry.response_bytes());
        if bodies_end > rest.len() {
            return Err(broken);
        }
        if is_wanted(entry.row_key) {
            let middle = ENTRY_BYTES + entry.request_bytes();
            let bodies = Bodies {
                request: (entry.request != NONE).then(|| rest.slice(ENTRY_BYTES..middle)),
                response: (entry.response != NONE).then(|| rest.slice(middle..bodies_end)),
            };
            found.push((entry.row_key, bodies));
        }
        rest = rest.slice(bodies_end..);
    }
    Ok(Unpacked { found, bytes })
}

/// Unpacks blocks one after the other, with one buffer for all of them.
pub(super) struct Unpacker {
    context: zstd::bulk::Decompressor<'static>,
    content: Vec<u8>,
}

/// A block as it was before it was compressed.
pub(super) struct Packed<'a> {
    /// All of it.
    pub(super) content: &'a [u8],
}

/// Where the bodies of a row are in a block.
pub(super) struct Place {
    /// The row.
    pub(super) row_key: u64,
    /// The request's body, if there is one.
    pub(super) request: Option<Range<usize>>,
    /// The response's body, if there is one.
    pub(super) response: Option<Range<usize>>,
}

impl Unpacker {
    pub(super) fn new() -> Result<Self, Error> {
        let context = zstd::bulk::Decompressor::new().map_err(Error::Compression)?;
        Ok(Self { context, content: Vec::new() })
    }

    /// Unpacks a compressed block.
    pub(super) fn unpack(&mut self, block: &[u8]) -> Result<Packed<'_>, Error> {
        self.content.clear();
        match zstd::zstd_safe::get_frame_content_size(block) {
            Ok(Some(bytes)) => {
                self.content.reserve(usize::try_from(bytes).unwrap_or_default());
                self.context.decompress_to_buffer(block, &mut self.content).map_err(Error::Compression)?;
            }
            _ => zstd::stream::copy_decode(block, &mut self.content).map_err(Error::Compression)?,
        }
        Ok(Packed { content: &self.content })
    }
}

impl Packed<'_> {
    /// Returns where the bodies of each row are; a broken block ends where it breaks.
    pub(super) fn entries(&self) -> impl Iterator<Item = Place> {
        let mut at = 0;
        std::iter::from_fn(move || {
            let entry = Entry::read(self.content.get(at..)?)?;
            let request = at + ENTRY_BYTES..(at + ENTRY_BYTES).saturating_add(entry.request_bytes());
            let response = request.end..request.end.saturating_add(entry.response_bytes());
            at = response.end;
            Some(Place {
                row_key: entry.row_key,
                request: (entry.request != NONE).then_some(request),
                response: (entry.response != NONE).then_some(response),
            })
        })
    }
}

/// What stands before the bodies of a row.
struct Entry {
    row_key: u64,
    request: u32,
    response: u32,
}

impl Entry {
    fn read(bytes: &[u8]) -> Option<Self> {
        let (row_key, bytes) = bytes.split_first_chunk::<8>()?;
        let (request, bytes) = bytes.split_first_chunk::<4>()?;
        let (response, _) = bytes.split_first_chunk::<4>()?;
        Some(Self {
            row_key: u64::from_le_bytes(*row_key),
            request: u32::from_le_bytes(*request),
            response: u32::from_le_bytes(*response),
        })
    }

    const fn request_bytes(&self) -> usize {
        if self.request == NONE { 0 } else { self.request as usize }
    }

    const fn response_bytes(&self) -> usize {
        if self.response == NONE { 0 } else { self.response as usize }
    }
}

#[cfg(test)]
mod tests;
