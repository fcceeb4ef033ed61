//! An incremental decoder of server-sent events: bytes in any split go in, events come out.

/// Decodes a stream of server-sent events.
#[derive(Debug)]
pub struct SseDecoder;
