//! The binary frames of AWS's event streams (`application/vnd.amazon.eventstream`).
//!
//! A frame is: total length, length of the headers (both 32 bits, big-endian), CRC-32 of these eight bytes,
//! headers, payload, CRC-32 of everything before it.

use bytes::Bytes;
use serde_json::{Value, json};

/// Bytes of a frame that are neither headers nor payload.
const OVERHEAD: usize = 16;
/// The type of a header's value that is text.
const TEXT: u8 = 7;

/// Makes the frame of an event with a JSON payload.
pub(super) fn event(kind: &str, payload: &Value) -> Bytes {
    let headers = [(":event-type", kind), (":content-type", "application/json"), (":message-type", "event")];
    frame(&headers, payload.to_string().as_bytes())
}

/// Makes the frame that reports a failure inside a stream.
pub(super) fn exception(kind: &str, message: &str) -> Bytes {
    let headers =
        [(":exception-type", kind), (":content-type", "application/json"), (":message-type", "exception")];
    frame(&headers, json!({ "message": message }).to_string().as_bytes())
}

fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Bytes {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).unwrap_or(u8::MAX));
        head.extend_from_slice(name.as_bytes());
        head.push(TEXT);
        head.extend_from_slice(&u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes());
        head.extend_from_slice(value.as_bytes());
    }
    let mut frame = Vec::with_capacity(OVERHEAD + head.len() + payload.len());
    frame.extend_from_slice(&length(OVERHEAD + head.len() + payload.len()));
    frame.extend_from_slice(&length(head.len()));
    frame.extend_from_slice(&checksum(&frame));
    frame.extend_from_slice(&head);
    frame.extend_from_slice(payload);
    frame.extend_from_slice(&checksum(&frame));
    frame.into()
}

fn length(bytes: usize) -> [u8; 4] {
    u32::try_from(bytes).unwrap_or(u32::MAX).to_be_bytes()
}

fn checksum(bytes: &[u8]) -> [u8; 4] {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum().to_be_bytes()
}
