//! Every framing, and bodies that are none.

use proptest::prelude::*;

use super::*;

fn framing(content_type: Option<&str>, bytes: &[u8]) -> Option<Framing> {
    Framing::of(&BodyView { bytes, content_type, truncated: false })
}

fn pieces(framing: Framing, body: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    framing
        .each_piece(body.as_bytes(), &mut |piece| pieces.push(String::from_utf8_lossy(piece).into_owned()));
    pieces
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
fn cuts_arrays_and_lines_into_their_objects() {
    assert_eq!(
        pieces(Framing::Array, "[{\"a\":\"}]\\\"{\"},\r\n{\"b\":[{}]}\n]"),
        ["{\"a\":\"}]\\\"{\"}", "{\"b\":[{}]}"]
    );
    assert_eq!(pieces(Framing::Array, "[1,{\"a\":1},{\"b\":"), ["{\"a\":1}"]);
    assert_eq!(pieces(Framing::Array, "]{}[{}]"), [""; 0]);
    assert_eq!(pieces(Framing::Lines, "{\"a\":1}\r\n\n{\"b\":2}"), ["{\"a\":1}", "{\"b\":2}"]);
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(body in "[\\[\\]{}\",:\\\\a1\n ]{0,60}") {
        for framing in [Framing::Object, Framing::Array, Framing::Lines, Framing::Events, Framing::Frames] {
            pieces(framing, &body);
        }
    }

    #[test]
    fn the_elements_of_any_array_are_those_that_were_written(texts in prop::collection::vec("\\PC{0,8}", 0..6)) {
        let objects: Vec<String> = texts.iter().map(|text| serde_json::json!({ "t": [text] }).to_string()).collect();
        prop_assert_eq!(pieces(Framing::Array, &format!("[{}]", objects.join(",\n"))), objects);
    }
}
