//! Every split of every framing in every encoding, and answers that are made to cost.

use base64::Engine as _;
use gatehouse_types::Usage;
use proptest::prelude::*;

use super::*;
use crate::decode::encode::{ALL, encode};
use crate::event_stream::tests::frame_of;

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const LINES: &str = "application/x-ndjson";
const FRAMES: &str = "application/vnd.amazon.eventstream";
const MIB: usize = 1 << 20;
/// What is held of any answer: one piece, condensed, while it doubles its room.
const MAX_HELD_BYTES: usize = 5 * MIB;

/// What `parts` of an answer say, in their order; nothing may hold more than the bound on the way.
fn scanned<'a>(
    dialect: Dialect,
    (content_type, encoding): (&str, Option<&str>),
    parts: impl IntoIterator<Item = &'a [u8]>,
) -> Observed {
    let mut scanner = AnswerScanner::new(dialect, Some(content_type), encoding);
    for part in parts {
        scanner.push(part);
        assert!(scanner.held_bytes() < MAX_HELD_BYTES, "{} bytes", scanner.held_bytes());
    }
    let mut observed = Observed::default();
    scanner.finish(true).tell(&mut observed);
    observed
}

fn tokens(input: u64, output: u64) -> Option<Usage> {
    Some(Usage { input: Some(input), output: Some(output), ..Usage::default() })
}

/// An answer of each framing, which says `a b` and counts 5 and 2 tokens.
fn answers() -> Vec<(Dialect, &'static str, Vec<u8>)> {
    let chunk = |event: &str| {
        let bytes = base64::engine::general_purpose::STANDARD.encode(event);
        frame_of(b"\x0b:event-type\x07\0\x05chunk", format!("{{\"bytes\":\"{bytes}\"}}").as_bytes())
    };
    let claude = [
        r#"{"type":"message_start","message":{"model":"c","usage":{"input_tokens":5,"output_tokens":1}}}"#,
        r#"{"type":"content_block_delta","delta":{"text":"a b"}}"#,
        r#"{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}"#,
        r#"{"type":"message_stop"}"#,
    ];
    let events: String = claude.iter().map(|event| format!("event: x\r\ndata: {event}\r\n\r\n")).collect();
    let ollama = "{\"model\":\"l\",\"message\":{\"content\":\"a b\"},\"done\":false}\n\
                  {\"model\":\"l\",\"done\":true,\"prompt_eval_count\":5,\"eval_count\":2}\n";
    let google = "[{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a \\\"\"}]}}],\"modelVersion\":\"g\"}\n,\
                  {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"]}\"}]},\"finishReason\":\"STOP\"}],\
                  \"usageMetadata\":{\"promptTokenCount\":5,\"candidatesTokenCount\":2}}]";
    let openai = "{\n  \"model\": \"o\",\n  \"choices\": [{\"message\": {\"content\": \"a b\"}}],\n  \
                  \"usage\": {\"prompt_tokens\": 5, \"completion_tokens\": 2}\n}\n";
    vec![
        (Dialect::OpenAi, JSON, openai.as_bytes().to_vec()),
        (Dialect::Google, JSON, google.as_bytes().to_vec()),
        (Dialect::Unknown, LINES, ollama.as_bytes().to_vec()),
        (Dialect::Unknown, "text/plain", ollama.as_bytes().to_vec()),
        (Dialect::Anthropic, EVENTS, events.as_bytes().to_vec()),
        (Dialect::Anthropic, "text/plain", format!("data: {}\n\n{events}", claude[0]).into_bytes()),
        (Dialect::Bedrock, FRAMES, claude.map(chunk).concat()),
    ]
}

#[test]
fn every_split_of_every_framing_and_encoding_says_the_same() {
    for (dialect, content_type, body) in answers() {
        let whole = scanned(dialect, (content_type, None), [body.as_slice()]);
        let usage = whole.usage.unwrap();
        assert_eq!((usage.input, usage.output), (Some(5), Some(2)), "{content_type}");
        assert!(
            whole.response_preview.is_some() && whole.response_model.is_some(),
            "{content_type}: {whole:?}"
        );
        for encoding in [None].into_iter().chain(ALL.map(Some)) {
            let sent = encoding.map_or_else(|| body.clone(), |name| encode(name, &body));
            let read = |parts: &[&[u8]]| scanned(dialect, (content_type, encoding), parts.iter().copied());
            for at in 0..=sent.len() {
                assert_eq!(
                    read(&[&sent[..at], &sent[at..]]),
                    whole,
                    "{content_type} {encoding:?} split at {at}"
                );
            }
            for step in [1, 2, 3, 5] {
                assert_eq!(
                    read(&sent.chunks(step).collect::<Vec<_>>()),
                    whole,
                    "{content_type} {encoding:?} by {step}"
                );
            }
        }
    }
}

#[test]
fn the_beginning_of_an_answer_says_the_same_in_every_split_and_counts_nothing() {
    for (dialect, content_type, body) in answers() {
        for encoding in [None, Some("gzip"), Some("deflate"), Some("br")] {
            let sent = encoding.map_or_else(|| body.clone(), |name| encode(name, &body));
            for end in (0..sent.len()).step_by(7) {
                let read = |step: usize| {
                    let mut scanner = AnswerScanner::new(dialect, Some(content_type), encoding);
                    sent[..end].chunks(step).for_each(|part| scanner.push(part));
                    let answer = scanner.finish(false);
                    assert!(answer.is_cut);
                    let mut observed = Observed::default();
                    answer.tell(&mut observed);
                    observed
                };
                assert_eq!(read(1), read(sent.len()), "{content_type} {encoding:?} up to {end}");
            }
        }
    }
}

#[test]
fn an_encoding_that_is_not_known_is_none() {
    let body = br#"{"model":"m","choices":[]}"#;
    let model = |encoding| scanned(Dialect::OpenAi, (JSON, encoding), [body.as_slice()]).response_model;
    assert_eq!(model(Some("utf-8")).as_deref(), Some("m"));
    assert_eq!(model(Some("gzip")), None);
}

#[test]
fn what_is_not_json_is_over_at_once() {
    for (content_type, body) in
        [(JSON, "<html>"), ("audio/mpeg", "ID3"), ("text/plain", "dada"), (FRAMES, "0123456789ab")]
    {
        let mut scanner = AnswerScanner::new(Dialect::OpenAi, Some(content_type), None);
        assert!(!scanner.is_over());
        scanner.push(body.as_bytes());
        assert!(scanner.is_over(), "{body}");
    }
}

/// How many bytes an answer is made to have: of what is passed over quickly, and of what is not without optimisation.
/// That ten times as many cost ten times as much is what counting proves.
const HUGE: usize = 50 * MIB;
const MANY: usize = 5 * MIB;

/// Sends a long answer: `unit`s between a beginning and an end, in parts of 64 KiB and a bit.
fn check_long(
    length: usize,
    content_type: &'static str,
    (begin, unit, end): (&str, &str, &str),
    expected: Option<u64>,
) {
    let units = length / unit.len() + 1;
    let filled = unit.repeat((64 << 10) / unit.len() + 1);
    let times = units * unit.len() / filled.len() + 1;
    let parts =
        [begin.as_bytes()].into_iter().chain((0..times).map(|_| filled.as_bytes())).chain([end.as_bytes()]);
    let observed = scanned(Dialect::OpenAi, (content_type, None), parts);
    assert_eq!(
        observed.usage.and_then(|usage| usage.input),
        expected,
        "{begin} {}",
        unit.get(..40).unwrap_or(unit)
    );
}

const USAGE: &str = "\"usage\":{\"prompt_tokens\":5,\"completion_tokens\":2}}";

#[test]
fn a_long_object_has_its_counts_however_it_is_filled() {
    let end = |closing: &str| format!("{closing},{USAGE}");
    for (begin, unit, closing) in [
        ("{\"data\":[{\"b64_json\":\"", "iVBORw0KGgoAAAANSUhEUgAA", "\"}]"),
        ("{\"a\":\"", "\\\"", "\""),
        ("{\"a\":\"", "\\\\\\u4e16\\ud83d\\udc08", "\""),
        ("{\"data\":[{\"embedding\":[1", ",-0.0123456789", "]}]"),
        ("{\"data\":[{\"embedding\":[[]", ",[1,2,3]", "]}]"),
        ("{\"choices\":[{\"logprobs\":{\"content\":[{}", ",{\"token\":\"a\",\"top\":[{\"b\":-1.5}]}", "]}}]"),
        ("{\"a\":[\"\"", ",\"x\"", "]"),
        ("{\"choices\":[]", " \n\t", ""),
    ] {
        let length = if closing.starts_with('"') && !unit.contains('\\') { HUGE } else { MANY };
        check_long(length, JSON, (begin, unit, &end(closing)), Some(5));
    }
}

#[test]
fn what_can_not_be_made_short_is_unknown() {
    for (begin, unit, closing) in [
        ("{\"a\":{", "\"k\":1,", "\"k\":1}"),
        ("{\"a\":", "1", ""),
        ("{\"a\":", "[", "1"),
        ("{\"a\":", "{\"a\":", "1"),
        ("{\"", "k", "\":1"),
        ("{\"a\":[", "{},", "{}]"),
    ] {
        let expected = (unit == "k").then_some(5);
        check_long(MANY, JSON, (begin, unit, &format!("{closing},{USAGE}")), expected);
    }
}

#[test]
fn a_long_stream_has_its_counts_whatever_stands_before_them() {
    let usage = format!("data: {{\"choices\":[],{USAGE}\n\n");
    for (begin, unit, end) in [
        ("data: {\"a\":\"", "abc ", "\"}\n\n"),
        ("data: {", "abc ", "\n\n"),
        ("", "abc ", "\n\n"),
        (": ", "abc ", "\n\n"),
        ("", "data: x\n", "\n\n"),
        ("", "data:\n", "\n\n"),
        ("", "\n", ""),
        ("", "data: x\n\n", ""),
        ("", "data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\r\n\r\n", ""),
    ] {
        let length = if begin.starts_with("data") { HUGE } else { MANY };
        check_long(length, EVENTS, (begin, unit, &format!("{end}{usage}")), Some(5));
    }
    for unit in ["\n", "{\"choices\":[]}\n", "x\n", "[1]\n"] {
        check_long(MANY, LINES, ("", unit, &format!("{{\"choices\":[],{USAGE}\n")), Some(5));
    }
    check_long(HUGE, LINES, ("{\"a\":\"", "x", &format!("\"}}\n{{\"choices\":[],{USAGE}")), Some(5));
}

#[test]
fn long_arrays_and_frames_are_bounded_too() {
    for (begin, unit, end) in
        [("[", "{},", "{}]"), ("[", "[", ""), ("[", "1,", "1]"), ("[{\"a\":\"", "\\\"]}", "\"}]")]
    {
        check_long(MANY, JSON, (begin, unit, end), None);
    }
    let empty = frame_of(b"", b"");
    let begun = frame_of(&[b'h'; 20_000], &[b'x'; MIB]);
    let unfinished = frame_of(b"", &vec![b' '; 5 * MIB]);
    let usage =
        frame_of(b"", br#"{"metrics":{},"usage":{"inputTokens":5,"outputTokens":2,"totalTokens":7}}"#);
    for (frame, times) in [(&empty, MIB / 4), (&begun, 5), (&unfinished, 1)] {
        let parts = (0..times).flat_map(|_| frame.chunks(100_000)).chain([usage.as_slice()]);
        let observed = scanned(Dialect::Bedrock, (FRAMES, None), parts);
        assert_eq!(observed.usage.and_then(|usage| usage.input), Some(5));
    }
    // A frame that says that it is of 4 GB.
    let mut lying = u32::MAX.to_be_bytes().to_vec();
    lying.extend([0; 4]);
    let mut sum = flate2::Crc::new();
    sum.update(&lying);
    lying.extend(sum.sum().to_be_bytes());
    let noise = vec![b'{'; MIB];
    let parts =
        [lying.as_slice()].into_iter().chain((0..50).map(|_| noise.as_slice())).chain([usage.as_slice()]);
    assert_eq!(scanned(Dialect::Bedrock, (FRAMES, None), parts).usage, None);
}

/// The most bytes that may be looked at for each one that comes: decoded, cut, condensed, and read three times, each
/// with a step of its own in the worst case.
const MOST_LOOKED_AT: u64 = 12;

#[test]
fn every_byte_is_looked_at_a_constant_number_of_times() {
    let frame = frame_of(b"", b"");
    for (content_type, begin, unit) in [
        (JSON, "{\"a\":\"", "x"),
        (JSON, "{\"a\":\"", "\\\""),
        (JSON, "{\"a\":\"", "\\ud83d\\udc08"),
        (JSON, "{\"a\":[", "1,"),
        (JSON, "{\"a\":", "["),
        (JSON, "", "{\"a\":"),
        (JSON, "{", "\"\":1,"),
        (JSON, "{", " "),
        (JSON, "", " "),
        (JSON, "{}\n", "\n"),
        (JSON, "[", "{},"),
        (JSON, "[", "\"\","),
        (JSON, "[", "["),
        (EVENTS, "", "\n"),
        (EVENTS, "", "data: {}\n\n"),
        (EVENTS, "", "data:1\n\n"),
        (EVENTS, "", "data:\n"),
        (EVENTS, "data: {", "\"\":1,"),
        (EVENTS, "d", "d"),
        (LINES, "", "1\n"),
        (LINES, "", "{\"choices\":0}\n"),
        (FRAMES, "", ""),
    ] {
        let unit = if content_type == FRAMES { &frame } else { unit.as_bytes() };
        for length in [MIB / 16, MIB / 4] {
            let body = [begin.as_bytes(), &unit.repeat(length / unit.len())].concat();
            for step in [1, 1000, body.len()] {
                let bytes = body.len() as u64;
                let work = work::counted(|| {
                    scanned(Dialect::OpenAi, (content_type, None), body.chunks(step));
                });
                assert!(work < MOST_LOOKED_AT * bytes, "{begin}{unit:?} by {step}: {work} for {bytes}");
            }
        }
    }
}

#[test]
fn a_bomb_takes_no_more_work_than_it_costs_to_send() {
    let plain = format!("{{\"a\":\"{}\",{USAGE}", "x".repeat(200 * MIB));
    for encoding in ["gzip", "zstd"] {
        let bomb = encode(encoding, plain.as_bytes());
        let mut scanner = AnswerScanner::new(Dialect::OpenAi, Some(JSON), Some(encoding));
        bomb.chunks(1000).for_each(|part| scanner.push(part));
        assert!(scanner.is_over(), "{encoding}");
        assert!(scanner.finish(true).is_cut);
    }
    let stream = "data: {\"id\":1}\n\n".repeat(MIB / 2);
    let usage = format!("{stream}data: {{\"choices\":[],{USAGE}\n\n");
    let sent = encode("gzip", usage.as_bytes());
    let read = scanned(Dialect::OpenAi, (EVENTS, Some("gzip")), sent.chunks(1 << 14));
    assert_eq!(
        read.usage,
        tokens(5, 2),
        "{} MB out of {} KB are no bomb",
        usage.len() >> 20,
        sent.len() >> 10
    );
}

proptest! {
    #[test]
    fn any_split_of_any_bytes_says_the_same(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "data: ", "\n", "\r\n", "{", "}", "[", "]", ",", ":", "\"", "\\", "\"usage\":{\"prompt_tokens\":3}", "\"choices\":[]",
                "\"model\":\"m\"", "{\"choices\":[],\"usage\":{\"prompt_tokens\":3}}", "{\"type\":\"message\"}", " ",
            ]),
            0..30,
        ),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
    ) {
        let body = words.concat().into_bytes();
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
        at.extend([0, body.len()]);
        at.sort_unstable();
        for content_type in [JSON, EVENTS, LINES, FRAMES, "text/plain"] {
            for dialect in [Dialect::OpenAi, Dialect::Google] {
                let parts = at.windows(2).map(|pair| &body[pair[0]..pair[1]]);
                let whole = scanned(dialect, (content_type, None), [body.as_slice()]);
                prop_assert_eq!(scanned(dialect, (content_type, None), parts), whole);
            }
        }
    }
}
