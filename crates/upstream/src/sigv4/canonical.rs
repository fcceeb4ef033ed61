//! The parts of a request in the one form that both sides sign.

use std::borrow::Cow;
use std::collections::BTreeMap;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HOST};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What is encoded in names and values of a query: all but RFC 3986's unreserved characters.
const IN_QUERY: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// What is encoded in a path.
const IN_PATH: &AsciiSet = &IN_QUERY.remove(b'/');

/// Returns a path, which is encoded already, encoded once more, without empty and dot segments.
pub(super) fn canonical_path(path: &str) -> String {
    let mut segments = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let end = if path.ends_with('/') && !segments.is_empty() { "/" } else { "" };
    let path = format!("/{}{end}", segments.join("/"));
    utf8_percent_encode(&path, IN_PATH).to_string()
}

/// Returns a query with its pairs in order, and encoded as AWS encodes them.
pub(super) fn canonical_query(query: &str) -> String {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (recoded(name), recoded(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&")
}

/// Decodes a text and encodes it anew, so that every spelling of it becomes the same.
fn recoded(text: &str) -> String {
    let spaced = text.replace('+', " ");
    let decoded: Cow<'_, [u8]> = percent_decode_str(&spaced).into();
    percent_encoding::percent_encode(&decoded, IN_QUERY).to_string()
}

/// Returns the names of the signed headers, and their lines.
pub(super) fn canonical_headers(host: &str, headers: &HeaderMap) -> (String, Vec<u8>) {
    let mut lines: BTreeMap<&str, Vec<u8>> = BTreeMap::new();
    for (name, value) in headers {
        if *name != CONTENT_TYPE && !name.as_str().starts_with("x-amz-") {
            continue;
        }
        let line = lines.entry(name.as_str()).or_default();
        if !line.is_empty() {
            line.push(b',');
        }
        line.extend(trimmed(value.as_bytes()));
    }
    lines.insert(HOST.as_str(), trimmed(host.as_bytes()));
    let names: Vec<&str> = lines.keys().copied().collect();
    let lines: Vec<u8> =
        lines.iter().flat_map(|(name, value)| [name.as_bytes(), b":", value, b"\n"].concat()).collect();
    (names.join(";"), lines)
}

/// Returns a value without white space around it, and with single spaces in it.
fn trimmed(value: &[u8]) -> Vec<u8> {
    let words: Vec<&[u8]> = value.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()).collect();
    words.join(&b' ')
}
