//! Every encoding whole, cut at every byte, nested and capped.

use super::encode::encode;
use super::*;

fn sample() -> Vec<u8> {
    (0..400).flat_map(|n| format!("data: {{\"n\":{n},\"square\":{}}}\n\n", n * n).into_bytes()).collect()
}

fn check(encoding: &str, body: &[u8], max_bytes: usize, expected: (&[u8], Ending)) {
    let decoded = decode(Some(encoding), body, max_bytes);
    assert_eq!(decoded.ending, expected.1, "{encoding}");
    assert!(*decoded.bytes == *expected.0, "{encoding}: {} bytes", decoded.bytes.len());
}

#[test]
fn decodes_every_encoding_and_lists_of_them() {
    let plain = sample();
    for encoding in encode::ALL {
        let body = encode(encoding, &plain);
        check(encoding, &body, usize::MAX, (&plain, Ending::Whole));
        check(&encoding.to_uppercase(), &body, usize::MAX, (&plain, Ending::Whole));
    }
    check("deflate", &encode("raw-deflate", &plain), usize::MAX, (&plain, Ending::Whole));
    let nested = encode("zstd", &encode("gzip", &plain));
    check("gzip, identity,, zstd", &nested, usize::MAX, (&plain, Ending::Whole));
    let two_members = [encode("gzip", &plain), encode("gzip", b"more")].concat();
    check("gzip", &two_members, usize::MAX, (&[plain, b"more".to_vec()].concat(), Ending::Whole));
}

#[test]
fn reads_compressed_brotli() {
    let body = "1bb60000046a72fe42b7177cb3a0ad79d602871c387cc758524cc8828db1730c9cb5e2c832c3b91cef34301495eb5ac9109ffa2501";
    let line = "data: {\"a\":\"the time of the day and the time of the night\"}\n\n";
    let digits = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap();
    let body: Vec<u8> = body.as_bytes().chunks(2).map(digits).collect();
    check("br", &body, usize::MAX, (line.repeat(3).as_bytes(), Ending::Whole));
}

#[test]
fn borrows_what_is_not_encoded() {
    for encoding in [None, Some(""), Some("identity")] {
        let decoded = decode(encoding, b"abc", 3);
        assert!(matches!(decoded.bytes, Cow::Borrowed(b"abc")));
        assert_eq!(decoded.ending, Ending::Whole);
        assert_eq!(decode(encoding, b"abc", 2).ending, Ending::Capped);
        assert_eq!(*decode(encoding, b"abc", 2).bytes, *b"ab");
    }
}

#[test]
fn yields_the_beginning_of_what_was_cut_anywhere() {
    let plain = sample();
    for encoding in ["gzip", "deflate", "raw-deflate", "br", "zstd"] {
        let name = encoding.trim_start_matches("raw-");
        let body = encode(encoding, &plain);
        for end in 0..body.len() {
            let decoded = decode(Some(name), &body[..end], usize::MAX);
            assert!(plain.starts_with(&decoded.bytes), "{encoding} {end}");
            // A frame's checksum may be missing when all its content is there.
            assert!(
                decoded.ending == Ending::Cut || decoded.bytes.len() < plain.len() || end + 8 > body.len()
            );
        }
        if encoding != "zstd" {
            let most = decode(Some(name), &body[..body.len() * 3 / 4], usize::MAX);
            assert!(most.bytes.len() > plain.len() / 3, "{encoding}: {}", most.bytes.len());
        }
    }
}

#[test]
fn yields_every_event_that_was_flushed_before_the_cut() {
    use std::io::Write;
    let (first, second) = (b"data: one\n\n".as_slice(), b"data: two\n\n".as_slice());

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(first).unwrap();
    gzip.flush().unwrap();
    check("gzip", gzip.get_ref(), usize::MAX, (first, Ending::Cut));

    let mut zstd = zstd::stream::write::Encoder::new(Vec::new(), 3).unwrap();
    zstd.write_all(first).unwrap();
    zstd.flush().unwrap();
    zstd.write_all(second).unwrap();
    zstd.flush().unwrap();
    check("zstd", zstd.get_ref(), usize::MAX, (&[first, second].concat(), Ending::Cut));
}

#[test]
fn stops_at_the_cap_however_much_would_come() {
    let bomb = encode("gzip", &encode("gzip", &vec![0; 4 << 20]));
    check("gzip, gzip", &bomb, 1000, (&[0; 1000], Ending::Capped));
    let plain = sample();
    check("gzip", &encode("gzip", &plain), plain.len(), (&plain, Ending::Whole));
}

#[test]
fn survives_nonsense() {
    let noise: Vec<u8> = (0_u32..5000).map(|n| (n.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
    for encoding in ["gzip", "deflate", "br", "zstd"] {
        let decoded = decode(Some(encoding), &noise, 1 << 20);
        assert!(matches!(decoded.ending, Ending::Cut | Ending::Capped | Ending::Whole));
        assert!(decoded.bytes.len() <= 1 << 20);
    }
    check("compress", b"abc", 9, (b"abc", Ending::Unsupported));
    check("gzip,gzip,gzip,gzip,gzip", b"abc", 9, (b"abc", Ending::Unsupported));
}
