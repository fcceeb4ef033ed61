//! How the targets read what the fuzzer makes: a few bytes that choose, then texts with a line between them.

use gatehouse_types::Dialect;
use gatehouse_wire::BodyView;

/// What stands between two texts of an input.
const BETWEEN: &[u8] = b"\n----\n";

/// Dialects that a choice can be.
const DIALECTS: [Dialect; 6] = [
    Dialect::OpenAi,
    Dialect::Anthropic,
    Dialect::Google,
    Dialect::Cohere,
    Dialect::Bedrock,
    Dialect::Unknown,
];

/// Types that a choice can be.
const CONTENT_TYPES: [Option<&str>; 7] = [
    Some("application/json"),
    Some("text/event-stream; charset=utf-8"),
    Some("application/vnd.amazon.eventstream"),
    Some("application/x-ndjson"),
    Some("audio/mpeg"),
    Some("text/plain"),
    None,
];

/// Encodings that a choice can be.
const ENCODINGS: [Option<&str>; 6] =
    [None, Some("gzip"), Some("deflate"), Some("br"), Some("zstd"), Some("gzip, br")];

/// Paths that a choice can be.
const PATHS: [&str; 13] = [
    "/v1/chat/completions",
    "/v1/completions",
    "/v1/responses",
    "/v1/embeddings",
    "/v1/audio/transcriptions",
    "/v1/images/generations",
    "/v1/messages",
    "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
    "/model/anthropic.claude-sonnet-4-20250514-v1%3A0/invoke-with-response-stream",
    "/model/amazon.nova-lite-v1%3A0/converse-stream",
    "/v2/chat",
    "/api/chat",
    "/",
];

/// An input whose first byte has not been read yet.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// Takes what the fuzzer made.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Reads a byte; 0 when there are no more.
    pub fn byte(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *first
    }

    fn choice<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.byte()) % choices.len()]
    }

    /// Reads a dialect.
    pub fn dialect(&mut self) -> Dialect {
        self.choice(&DIALECTS)
    }

    /// Reads a content type.
    pub fn content_type(&mut self) -> Option<&'static str> {
        self.choice(&CONTENT_TYPES)
    }

    /// Reads a content encoding.
    pub fn encoding(&mut self) -> Option<&'static str> {
        self.choice(&ENCODINGS)
    }

    /// Reads the path of a call.
    pub fn path(&mut self) -> &'static str {
        self.choice(&PATHS)
    }

    /// Reads what is left up to a line of dashes, or all of it.
    pub fn text(&mut self) -> &'a [u8] {
        let end = self.0.windows(BETWEEN.len()).position(|bytes| bytes == BETWEEN);
        let (text, rest) = match end {
            Some(end) => (&self.0[..end], &self.0[end + BETWEEN.len()..]),
            None => (self.0, &self.0[self.0.len()..]),
        };
        self.0 = rest;
        text
    }

    /// Returns whether nothing is left.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// Returns all that is left.
    pub fn rest(self) -> &'a [u8] {
        self.0
    }
}

/// Returns `bytes` in pieces whose lengths follow from `seed`: 0 makes pieces of one byte.
pub fn pieces(bytes: &[u8], seed: u8) -> impl Iterator<Item = &[u8]> {
    let (mut rest, mut state) = (bytes, u32::from(seed));
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        state = state.wrapping_mul(1_664_525).wrapping_add(u32::from(seed).wrapping_mul(1_013_904_223));
        let length = 1 + (state >> 24) as usize % usize::from(seed).max(1);
        let (piece, others) = rest.split_at(length.min(rest.len()));
        rest = others;
        Some(piece)
    })
}

/// Returns bytes as a body.
pub fn view<'a>(bytes: &'a [u8], content_type: Option<&'a str>) -> BodyView<'a> {
    BodyView { bytes, content_type, truncated: false }
}

/// Returns a frame of an AWS event stream around a payload; its checksums are right.
pub fn frame(event: &str, payload: &[u8]) -> Vec<u8> {
    let mut headers = Vec::new();
    for (name, value) in [(":event-type", event), (":message-type", "event")] {
        headers.push(name.len() as u8);
        headers.extend_from_slice(name.as_bytes());
        headers.push(7);
        headers.extend_from_slice(&(value.len() as u16).to_be_bytes());
        headers.extend_from_slice(value.as_bytes());
    }
    let mut frame = ((headers.len() + payload.len() + 16) as u32).to_be_bytes().to_vec();
    frame.extend_from_slice(&(headers.len() as u32).to_be_bytes());
    frame.extend_from_slice(&checksum(&frame).to_be_bytes());
    frame.extend_from_slice(&headers);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&checksum(&frame).to_be_bytes());
    frame
}

fn checksum(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0_u32, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| (sum >> 1) ^ (0xedb8_8320 * (sum & 1)))
    })
}
