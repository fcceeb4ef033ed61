//! Every framing, and bodies that are none.

use proptest::prelude::*;

use super::*;

fn framing(content_type: Option<&str>, bytes: &[u8]) -> Option<Framing> {
    let framing = |step: usize| {
        let mut cutter = Cutter::new(content_type);
        bytes.chunks(step).for_each(|part| cutter.push(part, &mut |_| {}));
        cutter.framing()
    };
    let whole = framing(bytes.len().max(1));
    assert_eq!(framing(1), whole, "{content_type:?} {bytes:?}");
    whole
}

/// The pieces of a body, which must be the same for every way to split it in two, and byte by byte.
fn pieces(content_type: &str, body: &str) -> Vec<String> {
    let read = |parts: &[&[u8]]| {
        let (mut pieces, mut cutter) = (Vec::new(), Cutter::new(Some(content_type)));
        let mut each = |piece: &[u8]| pieces.push(String::from_utf8_lossy(piece).into_owned());
        parts.iter().for_each(|part| cutter.push(part, &mut each));
        cutter.finish(&mut each);
        pieces
    };
    let whole = read(&[body.as_bytes()]);
    (0..=body.len()).map(|at| body.as_bytes().split_at(at)).for_each(|(first, second)| {
        assert_eq!(read(&[first, second]), whole, "{body:?} split at {}", first.len());
    });
    assert_eq!(read(&body.as_bytes().chunks(1).collect::<Vec<_>>()), whole, "{body:?} byte by byte");
    whole
}

#[test]
fn knows_framings_by_their_type_and_else_by_how_they_begin() {
    let check = |content_type, bytes: &[u8], expected| {
        assert_eq!(framing(content_type, bytes), expected, "{content_type:?} {bytes:?}");
    };
    check(Some("text/event-stream"), b"", Some(Framing::Events));
    check(Some("application/vnd.amazon.eventstream"), b"", Some(Framing::Frames));
    check(Some("application/stream+json"), b"{}", Some(Framing::Lines));
    check(Some("application/x-ndjson; charset=utf-8"), b"{}", Some(Framing::Lines));
    check(Some("application/json"), b" {\"a\":1}", Some(Framing::Object));
    check(Some("application/json"), b"{\"a\":1}\n", Some(Framing::Object));
    check(Some("application/json"), b"{\n\"a\":{}}\n", Some(Framing::Object));
    check(Some("text/plain"), b"{\"a\":1}\r\n{\"a\":2}\n", Some(Framing::Lines));
    check(Some("application/json"), b"[{\"a\":1}]", Some(Framing::Array));
    check(None, b"data: {}", Some(Framing::Events));
    check(Some("application/json"), b"data: {}", None);
    check(Some("text/html"), b"<html>", None);
    check(None, b"", None);
}

#[test]
fn knows_what_was_streamed() {
    let check = |content_type, bytes: &[u8], expected| {
        let body = BodyView { bytes, content_type: Some(content_type), truncated: false };
        assert_eq!(Framing::is_streamed(&body), expected, "{content_type}");
    };
    check("text/event-stream", b"", true);
    check("text/plain", b"data: {}", true);
    check("application/vnd.amazon.eventstream", b"", true);
    check("application/stream+json", b"{}\n{}", true);
    check("application/octet-stream", b"{}\n{}", false);
    check("application/json", b"[{}]", false);
}

#[test]
fn cuts_answers_into_their_objects() {
    const JSON: &str = "application/json";
    let check =
        |content_type, body, expected: &[&str]| assert_eq!(pieces(content_type, body), expected, "{body:?}");
    check(JSON, "[{\"a\":\"}]\\\"{\"},\r\n{\"b\":[{}]}\n]", &["{\"a\":\"}]\\\"{\"}", "{\"b\":[{}]}"]);
    check(JSON, " [1, \"[{}\", {\"a\":1},[2],{\"b\":", &["{\"a\":1}", "[2]"]);
    check(JSON, "[{}]{\"a\":1}[{}]", &["{}"]);
    check(JSON, "]{}[{}]", &[]);
    check("application/x-ndjson", "\n {\"a\":1}\n\n{\"b\":2}", &["{\"a\":1}", "{\"b\":2}"]);
    check(JSON, " {\"a\":1}\n \n{\"b\":2}", &["{\"a\":1}", "{\"b\":2}"]);
    check(JSON, "{\"a\":1}\n \nx", &["{\"a\":1}\nx"]);
    check(JSON, "{\"a\":1,\n\"b\":\n{}}\n", &["{\"a\":1,\n\"b\":\n{}}\n"]);
    check("text/plain", "data", &[]);
    check("text/plain", "data:1\n\ndatum: 2\n\ndata: 3\ndata:4\n", &["1", "3\n4"]);
    check("text/plain", "event: a\ndata\ndata: 1\n\n", &["\n1"]);
    check("text/plain", "dato", &[]);
    check("text/plain", "\ndata: 1\n\n", &[]);
}

const TYPES: [&str; 5] = [
    "application/json",
    "text/plain",
    "application/x-ndjson",
    "text/event-stream",
    "application/vnd.amazon.eventstream",
];

proptest! {
    #[test]
    fn every_split_of_any_bytes_gives_the_same_pieces(body in "[\\[\\]{}\",:\\\\a1\r\n ]{0,60}", first in prop::sample::select(vec!["", "data:", "[{", "{}\n{"])) {
        for content_type in TYPES {
            pieces(content_type, &format!("{first}{body}"));
        }
    }

    #[test]
    fn events_are_those_that_the_decoder_of_events_reads(
        parts in prop::collection::vec(
            prop::sample::select(vec![
                "data: a", "data:", "data", "event: e", ": c", "\n", "\r", "\r\n", "\u{feff}", "x", "\u{e9}", ":", " ",
            ]),
            0..30,
        ),
    ) {
        let body = parts.concat();
        let mut expected = Vec::new();
        let mut each = |event: crate::sse::SseEvent<'_>| expected.push(String::from_utf8_lossy(event.data).into_owned());
        let mut decoder = crate::SseDecoder::new(1 << 20);
        decoder.push(body.as_bytes(), &mut each);
        decoder.finish(&mut each);
        // The line feed of a last line that is not ended is no data.
        let said = |all: &[String]| -> Vec<String> {
            let trimmed = all.iter().map(|data| data.trim_end_matches('\n').to_owned());
            trimmed.filter(|data| !data.is_empty()).collect()
        };
        prop_assert_eq!(said(&pieces("text/event-stream", &body)), said(&expected));
    }

    #[test]
    fn the_elements_of_any_array_are_those_that_were_written(texts in prop::collection::vec("\\PC{0,8}", 0..6)) {
        let objects: Vec<String> = texts.iter().map(|text| serde_json::json!({ "t": [text] }).to_string()).collect();
        prop_assert_eq!(pieces("application/json", &format!("[{}]", objects.join(",\n"))), objects);
    }
}
