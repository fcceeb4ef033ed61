//! Undoing the content encoding of a captured body.
//!
//! Captured bodies may be cut (the cap, a vanished client), so that what could be decoded is worth as
//! much as the whole: every function here yields the decodable beginning and says how it ended.

use std::borrow::Cow;
use std::io::Read;

/// How many decoded bytes [`crate::ends_with_terminal`] looks at before it gives up.
pub(crate) const MAX_DECODED_BYTES: usize = 32 << 20;
/// How many encodings may lie over each other; real bodies have one.
const MAX_LAYERS: usize = 4;
/// How much is decoded at a time.
const STEP_BYTES: usize = 16 << 10;
/// The largest zstd window that a content encoding may ask for, as a power of two (8 MiB, RFC 9659).
const ZSTD_WINDOW_LOG_MAX: u32 = 23;

/// How decoding ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The whole body was decoded.
    Whole,
    /// The input ended or was damaged before the body did.
    Cut,
    /// The output reached its cap.
    Capped,
    /// An encoding is not known; nothing was decoded.
    Unsupported,
}

/// A body without its content encoding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded<'a> {
    /// What could be decoded; the body itself when it was not encoded or its encoding is not known.
    pub bytes: Cow<'a, [u8]>,
    /// How decoding ended.
    pub ending: Ending,
}

/// Decodes `body` from `content_encoding`, the header's value, into at most `max_bytes` bytes.
///
/// Understood are gzip, deflate (with and without zlib's frame), br, zstd, identity, and lists of them.
/// A body in no encoding is borrowed and only shortened to the cap.
pub fn decode<'a>(content_encoding: Option<&str>, body: &'a [u8], max_bytes: usize) -> Decoded<'a> {
    if layers(content_encoding).next().is_none() {
        let ending = if body.len() > max_bytes { Ending::Capped } else { Ending::Whole };
        return Decoded { bytes: Cow::Borrowed(body.get(..max_bytes).unwrap_or(body)), ending };
    }
    let mut decoded = Vec::new();
    let ending = decode_each(content_encoding, body, max_bytes, &mut |part| {
        decoded.extend_from_slice(part);
        true
    });
    let bytes = if ending == Ending::Unsupported { Cow::Borrowed(body) } else { Cow::Owned(decoded) };
    Decoded { bytes, ending }
}

/// Decodes as [`decode`] does and hands every decoded part to `each`, until it returns `false`.
pub(crate) fn decode_each(
    content_encoding: Option<&str>,
    body: &[u8],
    max_bytes: usize,
    each: &mut dyn FnMut(&[u8]) -> bool,
) -> Ending {
    let Some(mut reader) = reader(content_encoding, body) else { return Ending::Unsupported };
    let mut buffer = vec![0; STEP_BYTES];
    let mut left = max_bytes;
    loop {
        let part = match reader.read(&mut buffer) {
            Ok(0) => return Ending::Whole,
            Ok(read) => buffer.get(..read).unwrap_or_default(),
            Err(_) => return Ending::Cut,
        };
        let fitting = part.get(..left).unwrap_or(part);
        let goes_on = each(fitting);
        if fitting.len() < part.len() || !goes_on {
            return Ending::Capped;
        }
        left -= fitting.len();
    }
}

/// The encodings of a body in the order they were applied; `identity` is none.
fn layers(content_encoding: Option<&str>) -> impl DoubleEndedIterator<Item = &str> {
    content_encoding
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.eq_ignore_ascii_case("identity"))
}

/// A reader that undoes the encodings from the last to the first; `None` when one is not known.
fn reader<'a>(content_encoding: Option<&str>, body: &'a [u8]) -> Option<Box<dyn Read + 'a>> {
    if layers(content_encoding).count() > MAX_LAYERS {
        return None;
    }
    let innermost: Box<dyn Read + 'a> = Box::new(body);
    layers(content_encoding).rev().try_fold(innermost, |inner, name| {
        let outer: Box<dyn Read + 'a> = match name.to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => Box::new(flate2::read::MultiGzDecoder::new(inner)),
            "deflate" => deflate(inner)?,
            "br" => Box::new(brotli_decompressor::Decompressor::new(inner, STEP_BYTES)),
            "zstd" => {
                let mut decoder = zstd::stream::read::Decoder::new(inner).ok()?;
                decoder.window_log_max(ZSTD_WINDOW_LOG_MAX).ok()?;
                Box::new(decoder)
            }
            _ => return None,
        };
        Some(outer)
    })
}

/// `deflate` means zlib's frame, but bare deflate is sent too: the first two bytes tell.
fn deflate<'a>(mut inner: Box<dyn Read + 'a>) -> Option<Box<dyn Read + 'a>> {
    let mut head = Vec::with_capacity(2);
    inner.by_ref().take(2).read_to_end(&mut head).ok()?;
    let is_zlib = match head.as_slice() {
        [method, flags] => method & 0x0f == 8 && (u16::from(*method) << 8 | u16::from(*flags)) % 31 == 0,
        _ => false,
    };
    let whole = std::io::Cursor::new(head).chain(inner);
    Some(if is_zlib {
        Box::new(flate2::read::ZlibDecoder::new(whole))
    } else {
        Box::new(flate2::read::DeflateDecoder::new(whole))
    })
}

#[cfg(test)]
pub(crate) mod encode;
#[cfg(test)]
mod tests;
