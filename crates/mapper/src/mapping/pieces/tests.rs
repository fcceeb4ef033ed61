use proptest::prelude::*;

use super::*;

fn read(text: &str, content_type: &str, array_is: ArrayIs) -> Option<Answer> {
    answer_of(
        &BodyView { bytes: text.as_bytes(), content_type: Some(content_type), truncated: false },
        array_is,
    )
}

#[track_caller]
fn check(text: &str, content_type: &str, framing: Framing, pieces: usize) {
    let Some(Answer::Streamed(found, stream)) = read(text, content_type, ArrayIs::Stream) else {
        panic!("{text} is no stream")
    };
    assert_eq!((found, stream.pieces.len(), stream.is_damaged), (framing, pieces, false));
}

#[test]
fn streams_are_told_by_type_and_beginning() {
    check("event: a\ndata: {\"x\":1}\n\ndata: [DONE]\n\n", "text/event-stream", Framing::Sse, 1);
    check(": hello\ndata: {\"x\":1}\n\n", "", Framing::Sse, 1);
    check("{\"x\":1}\n{\"x\":2}\n", "application/json", Framing::Ndjson, 2);
    check("{\"x\":1}\n", "application/x-ndjson", Framing::Ndjson, 1);
    check("[{\"x\":\"]}\\\"\"},{\"x\":2}]", "application/json", Framing::Array, 2);
    assert!(matches!(read("[{\"x\":1},{\"x\":2}]", "", ArrayIs::Value), Some(Answer::Whole(Node::List(_)))));
    assert!(matches!(read("{\"x\":1}", "", ArrayIs::Stream), Some(Answer::Whole(Node::Object(_)))));
    assert_eq!(read("\"text\"", "", ArrayIs::Value), None);
    assert_eq!(read("<html>", "text/html", ArrayIs::Value), None);
}

#[test]
fn events_have_names_and_an_end() {
    let Some(Answer::Streamed(_, stream)) =
        read("event: say\ndata: {\"x\":1}\n\ndata: [DONE]\n\n", "text/event-stream", ArrayIs::Value)
    else {
        panic!("no stream")
    };
    assert_eq!(stream.pieces[0].event.as_deref(), Some("say"));
    assert_eq!(stream.done.as_deref(), Some("[DONE]"));
}

#[test]
fn damaged_pieces_are_noticed() {
    let text = "data: {\"x\":1}\n\ndata: {\"x\":\"cut off in the mid\n\n";
    let Some(Answer::Streamed(_, stream)) = read(text, "text/event-stream", ArrayIs::Value) else {
        panic!("no stream")
    };
    assert!(stream.is_damaged);
}

#[test]
fn the_beginning_of_a_body_is_no_answer() {
    let cut = BodyView { bytes: b"{\"x\":1}", content_type: None, truncated: true };
    assert_eq!(answer_of(&cut, ArrayIs::Value), None);
}

#[test]
fn streams_beyond_a_bound_are_not_read_as_if_they_were_whole() {
    let many = "{}\n".repeat(MAX_PIECES + 1);
    let Some(Answer::Streamed(_, stream)) = read(&many, "application/x-ndjson", ArrayIs::Value) else {
        panic!("no stream")
    };
    assert_eq!((stream.pieces.len(), stream.is_damaged), (MAX_PIECES, true));
    let long = format!("data: \"{}\"\n\n", "x".repeat(MAX_STREAM_BYTES));
    assert_eq!(read(&long, "text/event-stream", ArrayIs::Value), None);
    let deep = "[".repeat(50 * MAX_BODY_BYTES);
    for array_is in [ArrayIs::Value, ArrayIs::Stream] {
        assert_eq!(read(&deep, "application/json", array_is), None);
    }
}

proptest! {
    #[test]
    fn no_bytes_break_it(bytes in prop::collection::vec(any::<u8>(), 0..400), kind in 0..5_usize) {
        let kinds = ["", "text/event-stream", "application/x-ndjson", "application/vnd.amazon.eventstream", "application/json"];
        let body = BodyView { bytes: &bytes, content_type: kinds.get(kind).copied(), truncated: false };
        for array_is in [ArrayIs::Value, ArrayIs::Stream] {
            answer_of(&body, array_is);
        }
    }
}
