//! The encodings of test inputs.

use std::io::Write;

/// Every content encoding that is understood; [`encode`] also knows `raw-deflate`.
pub(crate) const ALL: [&str; 4] = ["gzip", "deflate", "br", "zstd"];

/// Encodes `body` the way a provider does.
pub(crate) fn encode(encoding: &str, body: &[u8]) -> Vec<u8> {
    let level = flate2::Compression::default();
    match encoding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        "raw-deflate" => {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
            encoder.write_all(body).unwrap();
            encoder.finish().unwrap()
        }
        "br" => brotli_uncompressed(body),
        "zstd" => zstd::encode_all(body, 3).unwrap(),
        other => panic!("no encoder for {other}"),
    }
}

/// Wraps `body` into brotli's frame as uncompressed meta-blocks of at most 64 KiB.
fn brotli_uncompressed(body: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    for (n, block) in body.chunks(1000).enumerate() {
        // Bits from the lowest: the window size (first block only), not last, four nibbles of length,
        // the length less one, uncompressed.
        let window_bits = usize::from(n == 0);
        let head = ((block.len() - 1) << 3 | 1 << 19) << window_bits;
        encoded.extend_from_slice(&head.to_le_bytes()[..3]);
        encoded.extend_from_slice(block);
    }
    encoded.push(if body.is_empty() { 0x06 } else { 0x03 });
    encoded
}
