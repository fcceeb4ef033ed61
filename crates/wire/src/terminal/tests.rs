//! What counts as a stream's last word, and that no split of the bytes changes it.

use proptest::prelude::*;

use super::*;

const OPENAI: &str =
    "data: {\"id\":\"c\",\"choices\":[{\"delta\":{\"content\":\"[DONE]\"}}]}\n\ndata: [DONE]\n\n";
const RESPONSES: &str = "event: response.created\ndata: {\"type\":\"response.created\"}\n\n\
    event: response.completed\ndata: {\"type\":\"response.completed\",\"response\":{}}\n\n";
const ANTHROPIC: &str = "event: content_block_stop\r\ndata: {\"type\": \"content_block_stop\"}\r\n\r\n\
    event: message_stop\r\ndata: {\"type\": \"message_stop\"}\r\n\r\n";
const GOOGLE: &str = "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"a \\\"finishReason\\\" b\"}]}}]}\r\n\r\n\
    data: {\"candidates\": [{\"content\": {},\"finishReason\": \"STOP\"}]}\r\n\r\n";
const GOOGLE_ARRAY: &str = "[{\n  \"candidates\": [\n    {}\n  ]\n}\n,\r\n{\n  \"candidates\": [\n    {\n      \
    \"finishReason\": \"STOP\"\n    }\n  ]\n}\n]\n";

const STREAMS: [(Dialect, &str); 5] = [
    (Dialect::OpenAi, OPENAI),
    (Dialect::OpenAi, RESPONSES),
    (Dialect::Anthropic, ANTHROPIC),
    (Dialect::Google, GOOGLE),
    (Dialect::Google, GOOGLE_ARRAY),
];

fn watch(dialect: Dialect, parts: &[&[u8]]) -> bool {
    let mut watch = TerminalWatch::new(dialect);
    parts.iter().for_each(|part| watch.push(part));
    watch.is_terminal()
}

/// How many bytes of `stream` have to pass before it is terminal.
fn terminal_after(dialect: Dialect, stream: &str) -> Option<usize> {
    (0..=stream.len()).find(|&end| watch(dialect, &[&stream.as_bytes()[..end]]))
}

#[test]
fn is_terminal_once_the_last_events_data_has_ended_and_not_before() {
    for (dialect, stream) in STREAMS {
        let ended = stream.trim_end().len();
        let needs_line_end = usize::from(stream != GOOGLE_ARRAY);
        assert_eq!(terminal_after(dialect, stream), Some(ended + needs_line_end), "{stream}");
    }
}

#[test]
fn gives_the_same_answer_for_every_two_splits() {
    for (dialect, stream) in STREAMS {
        let bytes = stream.as_bytes();
        for first in 0..=bytes.len() {
            for second in first..=bytes.len() {
                let parts = [&bytes[..first], &bytes[first..second], &bytes[second..]];
                assert!(watch(dialect, &parts), "{first} {second} of {stream}");
            }
        }
        let each: Vec<_> = bytes.chunks(1).collect();
        assert!(watch(dialect, &each), "{stream}");
    }
}

#[test]
fn recognises_the_other_last_words() {
    for line in [
        "data:[DONE]\n",
        "data: [DONE] \r",
        "\u{feff}data: [DONE]\n",
        "data: { \"type\" : \"response.failed\" }\n",
        "data: {\"type\":\"response.incomplete\",\"response\":{}}\n",
        "event: error\ndata: {\"x\":1}\n",
        "data: {\"error\": {\"message\":\"m\"}}\n",
    ] {
        assert!(watch(Dialect::Unknown, &[line.as_bytes()]), "{line:?}");
    }
}

#[test]
fn is_not_misled_by_what_only_looks_like_it() {
    for text in [
        "",
        "data: [DONE]",
        "data: [DONE]x\n",
        ": data: [DONE]\n",
        " data: [DONE]\n",
        "data: {\"choices\":[{\"delta\":{\"content\":\"data: [DONE]\\n\\n\"}}]}\n\n",
        "data: {\"type\":\"response.completed.not\"}\n\n",
        "data: {\"type\":\"response.output_text.delta\",\"delta\":\"message_stop\"}\n\n",
        "event: message_stop\n\ndata: {}\n\n",
        "data: {\"error\":null,\"choices\":[]}\n\n",
        "{\"error\":{\"message\":\"not a stream\"}}\n",
    ] {
        assert!(!watch(Dialect::OpenAi, &[text.as_bytes()]), "{text:?}");
    }
    assert!(!watch(Dialect::Google, &[b"data: {\"a\":[\n]}\n\n"]));
    assert!(!watch(Dialect::OpenAi, &[GOOGLE.as_bytes()]));
    // The key does not go over the end of a line.
    assert!(!watch(Dialect::Google, &[b"\"finish\nReason\"\n]"]));
}

#[test]
fn finds_the_last_word_in_a_captured_copy() {
    assert!(ends_with_terminal(Dialect::OpenAi, None, None, OPENAI.as_bytes()));
    assert!(ends_with_terminal(Dialect::OpenAi, None, Some("identity"), b"data: [DONE]"));
    assert!(!ends_with_terminal(Dialect::OpenAi, None, None, b"data: [DON"));
    assert!(!ends_with_terminal(Dialect::OpenAi, None, Some("rot13"), OPENAI.as_bytes()));
    for encoding in crate::decode::encode::ALL {
        let whole = crate::decode::encode::encode(encoding, OPENAI.as_bytes());
        assert!(ends_with_terminal(Dialect::OpenAi, None, Some(encoding), &whole), "{encoding}");
        let unfinished = crate::decode::encode::encode(encoding, &OPENAI.as_bytes()[..OPENAI.len() - 9]);
        assert!(!ends_with_terminal(Dialect::OpenAi, None, Some(encoding), &unfinished), "{encoding}");
    }
}

proptest! {
    #[test]
    fn any_split_of_any_bytes_gives_the_same_answer(
        lines in prop::collection::vec(
            prop::sample::select(vec![
                "data: [DONE]", "data: ", "event: message_stop", "\n", "\r", "\r\n", "x", "\"", "\"finish",
                "\"finishReason\"", "Reason\"", "]", "data: {\"type\":\"message_stop\"}", "event: error",
            ]),
            0..12,
        ),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        google in any::<bool>(),
    ) {
        let dialect = if google { Dialect::Google } else { Dialect::OpenAi };
        let text = lines.concat();
        let whole = watch(dialect, &[text.as_bytes()]);
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(text.len() + 1)).collect();
        at.extend([0, text.len()]);
        at.sort_unstable();
        let parts: Vec<&[u8]> = at.windows(2).map(|pair| &text.as_bytes()[pair[0]..pair[1]]).collect();
        prop_assert_eq!(watch(dialect, &parts), whole);
        let bytewise: Vec<&[u8]> = text.as_bytes().chunks(1).collect();
        prop_assert_eq!(watch(dialect, &bytewise), whole);
    }
}

#[test]
fn tells_a_failure_from_a_success() {
    let check = |dialect: Dialect, body: &str, failed: bool| {
        assert_eq!(ends_in_failure(dialect, None, None, body.as_bytes()), failed, "{body}");
    };
    for failed in [
        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n",
        "data: {\"id\":1}\n\ndata: {\"error\":{\"message\":\"x\"}}\n\ndata: [DONE]\n\n",
        "event: response.failed\ndata: {}\n\n",
        "data: {\"type\": \"response.failed\"}\n\n",
        "data: {\"error\":{\"code\":503}}",
    ] {
        check(Dialect::OpenAi, failed, true);
    }
    for whole in [
        "",
        "data: [DONE]\n\n",
        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n",
        "event: response.incomplete\ndata: {\"type\":\"response.incomplete\"}\n\n",
        "event: error\n\ndata: {\"id\":1}\n\ndata: [DONE]\n\n",
        "data: {\"error\":null}\n\ndata: {\"text\":\"{\\\"error\\\":{}}\"}\n\n",
    ] {
        check(Dialect::OpenAi, whole, false);
    }
}

const AWS: &str = "application/vnd.amazon.eventstream";
const LINES: &str = "application/x-ndjson";
const JSON: &str = "application/json";

/// How many bytes of a body have to pass before it is terminal, in whatever parts they come.
fn ends_after(dialect: Dialect, content_type: &str, body: &[u8]) -> Option<usize> {
    let end = |step: usize| {
        let mut watch = TerminalWatch::of_answer(dialect, Some(content_type)).unwrap();
        let mut passed = 0;
        body.chunks(step).find_map(|part| {
            watch.push(part);
            passed += part.len();
            watch.is_terminal().then_some(passed)
        })
    };
    let exact = end(1);
    for step in [2, 3, 7, body.len().max(1)] {
        let expected = exact.map(|end| end.div_ceil(step).saturating_mul(step).min(body.len()));
        assert_eq!(end(step), expected, "in steps of {step}");
    }
    exact
}

#[test]
fn lines_end_with_the_one_that_says_so() {
    let check = |lines: &[&str], expected: Option<usize>| {
        let body = lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        let end = |count| lines[..count].iter().map(|line| line.len() + 1).sum();
        assert_eq!(ends_after(Dialect::Unknown, LINES, body.as_bytes()), expected.map(end), "{body}");
    };
    let begun = r#"{"message":{"content":"\"done\":true"},"done":false}"#;
    check(&[begun, r#"{"message":{},"done":true,"eval_count":2}"#, "{}"], Some(2));
    check(&[r#"{"message":{"tool_calls":[{"arguments":{"done":true}}]},"done":false}"#], None);
    check(&[r#"{"is_finished":false}"#, r#"{"is_finished":true,"event_type":"stream-end"}"#], Some(2));
    check(&[r#"{"event_type":"stream-end"}"#], Some(1));
    check(&[begun, r#"{"error":"out of memory"}"#], Some(2));
    check(&[r#"{"error":null,"x":true}"#, "{\"done\":true", ""], None);
    let long = format!("{{\"context\":[{}1],\"done\":true}}", "17,".repeat(100_000));
    check(&[begun, &long], Some(2));
    let ends = |body: &str| ends_with_terminal(Dialect::Unknown, Some(LINES), None, body.as_bytes());
    assert!(ends("{\"done\":true}") && !ends("{\"done\":tru"));
    let fails = |body: &str| ends_in_failure(Dialect::Unknown, Some(LINES), None, body.as_bytes());
    assert!(fails("{\"error\":\"no\"}\n") && !fails("{\"done\":true}\n"));
}

#[test]
fn frames_end_with_the_counts_or_an_exception() {
    use crate::event_stream::tests::frame_of;
    use base64::Engine as _;
    let chunk = |event: &str| {
        let bytes = base64::engine::general_purpose::STANDARD.encode(event);
        frame_of(b"\x0b:event-type\x07\0\x05chunk", format!(r#"{{"bytes":"{bytes}"}}"#).as_bytes())
    };
    let check = |frames: &[Vec<u8>], expected: Option<usize>| {
        let end = |count: usize| frames[..count].iter().map(Vec::len).sum();
        let ended = ends_after(Dialect::Bedrock, AWS, &frames.concat());
        assert_eq!(ended, expected.map(end));
    };
    let begun = chunk(r#"{"type":"content_block_delta","delta":{"text":"\"metrics\""}}"#);
    let last = chunk(r#"{"type":"message_stop","amazon-bedrock-invocationMetrics":{"inputTokenCount":1}}"#);
    check(&[begun.clone(), last, begun.clone()], Some(2));
    let said = frame_of(b"", br#"{"contentBlockIndex":0,"delta":{"text":"a"}}"#);
    let stopped = frame_of(b"", br#"{"stopReason":"end_turn"}"#);
    let counted = frame_of(b"", br#"{"metrics":{"latencyMs":1},"usage":{"inputTokens":1,"outputTokens":2}}"#);
    check(&[said.clone(), stopped.clone(), counted.clone()], Some(3));
    check(&[said.clone(), stopped], None);
    let failed = frame_of(b"\x0f:exception-type\x07\0\x13throttlingException", br#"{"message":"slow"}"#);
    check(&[said, failed.clone(), counted.clone()], Some(2));
    let fails = |frame: &[u8]| ends_in_failure(Dialect::Bedrock, Some(AWS), None, frame);
    assert!(fails(&failed) && !fails(&counted) && !fails(b":exception-type"));
}

#[test]
fn an_array_ends_with_its_bracket_and_an_object_is_no_stream() {
    let end = GOOGLE_ARRAY.trim_end().len();
    assert_eq!(ends_after(Dialect::Google, JSON, GOOGLE_ARRAY.as_bytes()), Some(end));
    assert_eq!(ends_after(Dialect::Google, JSON, b" [{\"a\":\"]\\\"]\"}"), None);
    assert_eq!(ends_after(Dialect::Google, JSON, b"{\"a\":[]}"), None);
    assert!(TerminalWatch::of_answer(Dialect::OpenAi, Some(JSON)).is_none());
    assert!(TerminalWatch::of_answer(Dialect::Google, None).is_none());
}
