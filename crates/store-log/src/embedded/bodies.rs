//! Bodies: cut to the cap, compressed with zstd, and read back.

use bytes::Bytes;
use gatehouse_types::BodyState;

use super::engine::Error;

/// The fastest level that zstd recommends; higher ones cost more than they save on bodies of a few KB.
const LEVEL: i32 = 1;

/// Compresses bodies one after the other with one context and one buffer.
pub(super) struct Compressor {
    max_body_bytes: usize,
    context: Option<zstd::bulk::Compressor<'static>>,
    buffer: Vec<u8>,
}

impl Compressor {
    pub(super) const fn new(max_body_bytes: usize) -> Self {
        Self { max_body_bytes, context: None, buffer: Vec::new() }
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

    /// Returns the compressed beginning of `body`, valid until the next call.
    pub(super) fn compress(&mut self, body: &[u8]) -> Result<&[u8], Error> {
        let kept = body.get(..self.max_body_bytes).unwrap_or(body);
        let context = match &mut self.context {
            Some(context) => context,
            none => none.insert(zstd::bulk::Compressor::new(LEVEL).map_err(Error::Compression)?),
        };
        self.buffer.clear();
        self.buffer.reserve(zstd::zstd_safe::compress_bound(kept.len()));
        context.compress_to_buffer(kept, &mut self.buffer).map_err(Error::Compression)?;
        Ok(&self.buffer)
    }

    /// Lets go of a buffer that one large body has blown up.
    pub(super) fn shrink(&mut self) {
        const KEPT_BYTES: usize = 256 * 1024;
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_BYTES);
    }

    #[cfg(test)]
    pub(super) const fn buffered_bytes(&self) -> usize {
        self.buffer.capacity()
    }
}

/// Reads a compressed body back.
pub(super) fn decompress(stored: &[u8]) -> Result<Bytes, Error> {
    zstd::stream::decode_all(stored).map(Bytes::from).map_err(Error::Compression)
}
