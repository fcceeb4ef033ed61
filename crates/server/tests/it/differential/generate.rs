//! Exchanges made up from a seed: a request with odd but legal bytes, and the exact bytes of its answer.

use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use gatehouse_testkit::double::{Script, Step};
use rand::rngs::StdRng;
use rand::seq::IndexedRandom;
use rand::{Rng, RngCore, SeedableRng};

/// Header lines, names in the case in which they are sent.
pub(super) type Lines = Vec<(String, Vec<u8>)>;

const METHODS: &[&str] = &[
    "GET",
    "HEAD",
    "POST",
    "PUT",
    "PATCH",
    "DELETE",
    "OPTIONS",
    "PROPFIND",
    "M-SEARCH",
    "QUERY",
    "x",
    "get",
    "!#$%&'*+-.^_`|~09",
];
const PATHS: &[&str] = &[
    "/",
    "/v1/chat/completions",
    "//v1/chat/completions",
    "/v1/models/gpt-4o:tune",
    "/v1beta/models/gemini-2.5-pro:streamGenerateContent",
    "/a/../b/./c/",
    "/%24alt/%2F%2f%00%ff/z%C3%BCrich",
    "/;p=1/,x/@me/~u/!$&'()*+=:",
    "/v1/{id}|x",
];
const QUERIES: &[&str] = &[
    "",
    "",
    "?",
    "??",
    "?alt=sse",
    "?%24alt=json%3Benum-encoding%3Dint",
    "?$alt=json;enum-encoding=int",
    "?a=1&a=2&&b&=c&a=",
    "?key=sk-secret&q=%20+%E4%F6:/?@",
    "?api-version=2024-06-01",
];
const REASONS: &[&str] =
    &["OK", "", "Ok", "I'm a teapot", "Overloaded; come\tback (later)", "200 OK", "  spaced", "Slow Down"];
const TYPES: &[&str] = &[
    "application/json",
    "text/event-stream",
    "text/event-stream; charset=utf-8",
    "application/octet-stream",
    "multipart/form-data; boundary=\"x y\"",
    "application/stream+json",
    "TEXT/plain",
];

/// How a message's body is sent.
#[derive(Debug, Clone)]
pub(super) enum Body {
    /// No body and no field that speaks of one.
    Absent,
    /// With its length.
    Length(Vec<u8>),
    /// In these chunks, then these trailers.
    Chunked(Vec<Vec<u8>>, Lines),
}

/// A request and the answer that the double is told to give.
#[derive(Debug, Clone)]
pub(super) struct Exchange {
    pub(super) method: String,
    pub(super) target: String,
    pub(super) headers: Lines,
    pub(super) body: Body,
    pub(super) expects_continue: bool,
    pub(super) answer: Script,
}

/// Makes the exchange of a seed.
pub(super) fn exchange(seed: u64) -> Exchange {
    let mut rng = StdRng::seed_from_u64(seed);
    let method = pick(&mut rng, METHODS).to_owned();
    let target = format!("{}{}", pick(&mut rng, PATHS), pick(&mut rng, QUERIES));
    let mut headers = lines(&mut rng, 150);
    let body = request_body(&mut rng, &mut headers);
    let has_content = matches!(&body, Body::Length(bytes) if !bytes.is_empty());
    let expects_continue = has_content && rng.random_bool(0.1);
    let wants_trailers = rng.random_bool(0.3);
    if wants_trailers {
        headers.push(("TE".to_owned(), b"trailers".to_vec()));
    }
    let answer = answer(&mut rng, method == "HEAD", wants_trailers);
    Exchange { method, target, headers, body, expects_continue, answer }
}

fn request_body(rng: &mut StdRng, headers: &mut Lines) -> Body {
    if rng.random_bool(0.2) {
        return Body::Absent;
    }
    headers.push(("Content-Type".to_owned(), pick(rng, TYPES).as_bytes().to_vec()));
    let content = content(rng, headers);
    if rng.random_bool(0.6) {
        return Body::Length(content);
    }
    let trailers = if rng.random_bool(0.2) { trailers(headers) } else { Lines::new() };
    Body::Chunked(chunks(rng, &content), trailers)
}

/// Makes content: mostly small, now and then megabytes; plain, JSON, or compressed, and says so.
fn content(rng: &mut StdRng, headers: &mut Lines) -> Vec<u8> {
    let size = match rng.random_range(0..1000) {
        0..150 => 0,
        150..900 => rng.random_range(1..2_000),
        900..990 => rng.random_range(2_000..200_000),
        990..998 => rng.random_range(200_000..1_500_000),
        _ => rng.random_range(4_000_000..5_000_000),
    };
    let mut bytes = vec![0; size];
    rng.fill_bytes(&mut bytes);
    let mut encoded = |name: &str| headers.push(("Content-Encoding".to_owned(), name.as_bytes().to_vec()));
    match rng.random_range(0..10) {
        0 => {
            encoded("gzip");
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(&bytes).and_then(|()| encoder.finish()).unwrap_or_default()
        }
        1 => {
            encoded("zstd");
            zstd::encode_all(bytes.as_slice(), 1).unwrap_or_default()
        }
        2 => {
            encoded("br");
            b"\x0b\x02\x80hello\x03".to_vec()
        }
        // What a message claims of its content is not the gateway's business.
        3 => {
            encoded("gzip, br");
            bytes
        }
        4 => format!("{{\"model\": \"x\",\r\n\"seed\":{size}, \"a\":1e400}}").into_bytes(),
        _ => bytes,
    }
}

fn chunks(rng: &mut StdRng, content: &[u8]) -> Vec<Vec<u8>> {
    let longest = pick(rng, &[1, 3, 17, 1000, 70_000, usize::MAX]);
    // Chunks of a byte each are for what is small.
    let longest = longest.max(content.len() / 500).max(1);
    let mut rest = content;
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let (chunk, left) = rest.split_at(rng.random_range(1..=longest.min(rest.len())));
        chunks.push(chunk.to_vec());
        rest = left;
    }
    chunks
}

fn trailers(headers: &mut Lines) -> Lines {
    headers.push(("Trailer".to_owned(), b"x-checksum, x-other".to_vec()));
    vec![("x-checksum".to_owned(), b"c\xe4b".to_vec()), ("X-Other".to_owned(), b"1".to_vec())]
}

/// Makes up to `most` header lines: repeated names, empty values, Latin-1, tabs inside, any case.
fn lines(rng: &mut StdRng, most: usize) -> Lines {
    let count = if rng.random_bool(0.1) { rng.random_range(0..most) } else { rng.random_range(0..12) };
    (0..count).map(|_| line(rng)).collect()
}

fn line(rng: &mut StdRng) -> (String, Vec<u8>) {
    let name = match rng.random_range(0..5) {
        0 => pick(rng, &["Set-Cookie", "x-Repeated", "ACCEPT-Encoding", "x-request-id", "Via"]).to_owned(),
        1 => format!("x-!#$%&'*+-.^_`|~{}", rng.random_range(0..9)),
        _ => {
            format!("{}{}", pick(rng, &["X-Mixed-Case-", "x-stainless-", "openai-"]), rng.random_range(0..99))
        }
    };
    let value = match rng.random_range(0..6) {
        0 => Vec::new(),
        1 => b"z\xfcr\xffich \xa0 \x80".to_vec(),
        2 => b"a\tb \t c".to_vec(),
        3 => b"gzip;q=1.0, identity; q=0.5, *;q=0".to_vec(),
        4 => "日本".as_bytes().to_vec(),
        _ => (0..rng.random_range(1..40)).map(|_| rng.random_range(b'!'..=b'~')).collect(),
    };
    (name, value)
}

/// Makes an answer that may be kept: whole, without trailers, and a plain 200.
pub(crate) fn plain_answer(seed: u64) -> Script {
    let mut rng = StdRng::seed_from_u64(seed);
    let mut headers = lines(&mut rng, 120);
    let content = content(&mut rng, &mut headers);
    headers.push(("Content-Type".to_owned(), pick(&mut rng, TYPES).as_bytes().to_vec()));
    let body = if rng.random_bool(0.5) {
        headers.push(("Content-Length".to_owned(), content.len().to_string().into_bytes()));
        content
    } else {
        headers.push(("Transfer-Encoding".to_owned(), b"chunked".to_vec()));
        chunked(&chunks(&mut rng, &content), &Lines::new())
    };
    let mut raw = b"HTTP/1.1 200 OK\r\n".to_vec();
    put_lines(&mut raw, &headers);
    raw.extend_from_slice(&body);
    in_writes(&mut rng, raw)
}

/// Makes the bytes of an answer, in writes of any size.
fn answer(rng: &mut StdRng, to_head: bool, may_have_trailers: bool) -> Script {
    let status = match rng.random_range(0..4) {
        0 => pick(rng, &[204, 205, 206, 301, 304, 400, 401, 418, 429, 500, 503, 529, 599]),
        1 => rng.random_range(200..600),
        _ => 200,
    };
    let reason = pick(rng, REASONS);
    let mut headers = lines(rng, 120);
    let is_bare = to_head || matches!(status, 204 | 304);
    let content = if is_bare { Vec::new() } else { content(rng, &mut headers) };
    headers.push(("Content-Type".to_owned(), pick(rng, TYPES).as_bytes().to_vec()));
    let mut raw = Vec::new();
    if rng.random_bool(0.05) {
        raw.extend_from_slice(b"HTTP/1.1 103 Early Hints\r\nLink: </x>; rel=preload\r\n\r\n");
    }
    raw.extend_from_slice(format!("HTTP/1.1 {status} {reason}\r\n").as_bytes());
    let mut closes = false;
    let mut body = Vec::new();
    match rng.random_range(0..10) {
        _ if status == 204 => {}
        0 if is_bare => {}
        _ if is_bare => headers.push(("Content-Length".to_owned(), b"1234567".to_vec())),
        0..5 => {
            headers.push(("content-length".to_owned(), content.len().to_string().into_bytes()));
            body = content;
        }
        5..9 => {
            headers.push(("Transfer-encoding".to_owned(), b"chunked".to_vec()));
            let with_trailers = may_have_trailers && rng.random_bool(0.5);
            let trailers = if with_trailers { trailers(&mut headers) } else { Lines::new() };
            body = chunked(&chunks(rng, &content), &trailers);
        }
        _ => {
            closes = true;
            body = content;
        }
    }
    put_lines(&mut raw, &headers);
    raw.extend_from_slice(&body);
    let script = in_writes(rng, raw);
    if closes { script.then(Step::Close) } else { script }
}

/// Returns a body in chunked framing.
pub(super) fn chunked(chunks: &[Vec<u8>], trailers: &Lines) -> Vec<u8> {
    let mut body = Vec::new();
    for chunk in chunks {
        body.extend_from_slice(format!("{:X}\r\n", chunk.len()).as_bytes());
        body.extend_from_slice(chunk);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"0\r\n");
    put_lines(&mut body, trailers);
    body
}

/// Writes header or trailer lines and the empty line behind them.
pub(super) fn put_lines(raw: &mut Vec<u8>, lines: &Lines) {
    for (name, value) in lines {
        raw.extend_from_slice(&[name.as_bytes(), b": ", value, b"\r\n"].concat());
    }
    raw.extend_from_slice(b"\r\n");
}

/// Cuts the bytes of an answer into a few writes.
fn in_writes(rng: &mut StdRng, raw: Vec<u8>) -> Script {
    let cuts = if rng.random_bool(0.5) { 0 } else { rng.random_range(1..6) };
    let mut rest = Bytes::from(raw);
    let mut script = Script::default();
    for _ in 0..cuts {
        let write = rest.split_to(rng.random_range(0..=rest.len()));
        script = script.then(Step::Bytes(write));
    }
    script.then(Step::Bytes(rest))
}

fn pick<T: Copy + Default>(rng: &mut StdRng, choices: &[T]) -> T {
    choices.choose(rng).copied().unwrap_or_default()
}
