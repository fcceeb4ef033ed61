//! Decodes the frames of AWS's event streams, without any code of the double.

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// One decoded frame.
#[derive(Debug)]
pub(crate) struct Frame {
    headers: Vec<(String, String)>,
    pub(crate) payload: Value,
}

impl Frame {
    /// Returns the value of a header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(header, _)| header == name).map_or("", |(_, value)| value)
    }
}

/// Computes the CRC-32 of IEEE 802.3 bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let bit = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(!0, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), bit))
}

fn take<'a>(bytes: &mut &'a [u8], count: usize) -> Result<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(count).with_context(|| format!("{count} more bytes"))?;
    *bytes = rest;
    Ok(taken)
}

/// Takes a number of `count` bytes, the first the highest.
fn number(bytes: &mut &[u8], count: usize) -> Result<usize> {
    Ok(take(bytes, count)?.iter().fold(0, |number, byte| (number << 8) | usize::from(*byte)))
}

/// Decodes frames that follow each other without a gap, and checks both sums of each.
pub(crate) fn frames(mut bytes: &[u8]) -> Result<Vec<Frame>> {
    let mut frames = Vec::new();
    while !bytes.is_empty() {
        frames.push(frame(&mut bytes)?);
    }
    Ok(frames)
}

fn frame(bytes: &mut &[u8]) -> Result<Frame> {
    let whole = *bytes;
    let prelude = crc32(whole.get(..8).context("prelude")?);
    let (total, headers_length) = (number(bytes, 4)?, number(bytes, 4)?);
    ensure!(number(bytes, 4)? == prelude as usize, "checksum of the prelude");
    let summed = total.checked_sub(4).and_then(|length| whole.get(..length));
    let message = crc32(summed.context("total length")?);
    let headers = headers(take(bytes, headers_length)?)?;
    let payload = total.checked_sub(headers_length + 16).context("length of the headers")?;
    let payload = serde_json::from_slice(take(bytes, payload)?)?;
    ensure!(number(bytes, 4)? == message as usize, "checksum of the message");
    Ok(Frame { headers, payload })
}

fn headers(mut bytes: &[u8]) -> Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    while !bytes.is_empty() {
        let name = number(&mut bytes, 1)?;
        let name = String::from_utf8(take(&mut bytes, name)?.to_vec())?;
        ensure!(number(&mut bytes, 1)? == 7, "{name} is no text");
        let value = number(&mut bytes, 2)?;
        headers.push((name, String::from_utf8(take(&mut bytes, value)?.to_vec())?));
    }
    Ok(headers)
}

#[test]
fn the_sum_is_the_one_of_the_specification() {
    assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
}
