//! Conversations of every dialect, from calls in the shape of the providers' public APIs.
//!
//! A case is `cases/NAME.json`: `path`, `status`, `request` and `response` (JSON, or `{"text"}` or
//! `{"base64"}` for what is none), or `events` for a stream, whose pieces are put into every framing. The snapshot
//! beside it is what is read. `twin` names the case with the same answer in one piece.

mod golden;

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use gatehouse_mapper::conversation::{Conversation, Input, Reading};
use gatehouse_wire::BodyView;
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    path: String,
    #[serde(default = "ok")]
    status: i32,
    request: Option<Box<RawValue>>,
    response: Option<Box<RawValue>>,
    events: Option<Vec<Box<RawValue>>>,
    twin: Option<String>,
    /// Whether only the beginning of the request was kept.
    #[serde(default)]
    is_request_cut: bool,
}

fn ok() -> i32 {
    200
}

/// The framings that a stream can come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Framing {
    Events,
    NamedEvents,
    Lines,
    Frames,
    Array,
}
const FRAMINGS: [Framing; 4] = [Framing::Events, Framing::NamedEvents, Framing::Lines, Framing::Frames];

impl Framing {
    fn cut(self, events: &[Box<RawValue>]) -> Vec<u8> {
        let texts = events.iter().map(|event| compact(event));
        match self {
            Self::Events => {
                let events: String = texts.map(|text| format!("data: {text}\n\n")).collect();
                format!("{events}data: [DONE]\n\n").into_bytes()
            }
            Self::NamedEvents => {
                let events: String = texts.map(|text| format!("event: x\r\ndata: {text}\r\n\r\n")).collect();
                format!(": a comment\r\n\r\n{events}").into_bytes()
            }
            Self::Lines => texts.map(|text| format!("{text}\n")).collect::<String>().into_bytes(),
            Self::Frames => texts.flat_map(|text| frame(text.as_bytes())).collect(),
            Self::Array => format!("[{}]", texts.collect::<Vec<_>>().join("\n,\r\n")).into_bytes(),
        }
    }
}

/// Returns a frame of AWS's whose payload holds the event of a model.
fn frame(event: &[u8]) -> Vec<u8> {
    let payload = format!(r#"{{"bytes":"{}","p":"abc"}}"#, STANDARD.encode(event));
    let headers = b"\x0b:event-type\x07\x00\x05chunk";
    let length = u32::try_from(16 + headers.len() + payload.len()).unwrap_or_default();
    let mut frame = length.to_be_bytes().to_vec();
    frame.extend(u32::try_from(headers.len()).unwrap_or_default().to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(headers);
    frame.extend(payload.as_bytes());
    frame.extend([0; 4]);
    frame
}

/// Returns JSON without the white space between its parts.
fn compact(json: &RawValue) -> String {
    let (mut in_text, mut escaped) = (false, false);
    let is_kept = |character: &char| {
        let is_quote = *character == '"' && !escaped;
        escaped = *character == '\\' && !escaped;
        in_text ^= is_quote;
        in_text || !character.is_ascii_whitespace()
    };
    json.get().chars().filter(is_kept).collect()
}

/// A body that is not JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum Other {
    Text(String),
    Base64(String),
}

/// Returns the bytes of a body as a case has it.
fn bytes_of(body: Option<&RawValue>) -> Vec<u8> {
    let Some(body) = body else { return Vec::new() };
    match serde_json::from_str(body.get()) {
        Ok(Other::Text(text)) => text.into_bytes(),
        Ok(Other::Base64(base64)) => STANDARD.decode(base64).unwrap_or_default(),
        Err(_) => compact(body).into_bytes(),
    }
}

impl Case {
    fn read(&self, response: &[u8]) -> Conversation {
        let request = bytes_of(self.request.as_deref());
        Conversation::read(Input {
            request: BodyView { bytes: &request, truncated: self.is_request_cut, ..BodyView::default() },
            response: BodyView { bytes: response, ..BodyView::default() },
            path: &self.path,
            status: self.status,
        })
    }

    /// Returns the body of the answer; of a stream, as server-sent events.
    fn response(&self) -> Vec<u8> {
        match &self.events {
            Some(events) => Framing::Events.cut(events),
            None => bytes_of(self.response.as_deref()),
        }
    }
}

fn cases() -> Result<BTreeMap<String, Case>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conversations/cases");
    let mut cases = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            let case = serde_json::from_slice(&std::fs::read(&path)?).with_context(|| name.clone())?;
            cases.insert(name, case);
        }
    }
    Ok(cases)
}

#[test]
fn reads_every_conversation() -> Result<()> {
    let cases = cases()?;
    assert!(cases.len() >= 90);
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("cases");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (name, case) in cases {
        let conversation = case.read(&case.response());
        settings.bind(|| insta::assert_json_snapshot!(name.as_str(), conversation));
    }
    Ok(())
}

#[test]
fn reads_a_stream_the_same_in_every_framing() -> Result<()> {
    for (name, case) in cases()? {
        let Some(events) = &case.events else { continue };
        let expected = case.read(&case.response());
        let is_googles = case.path.contains("GenerateContent");
        for framing in FRAMINGS.into_iter().chain(is_googles.then_some(Framing::Array)) {
            // One event alone is one body.
            if framing == Framing::Lines && events.len() == 1 {
                continue;
            }
            assert_eq!(case.read(&framing.cut(events)), expected, "{name} as {framing:?}");
        }
    }
    Ok(())
}

#[test]
fn reads_a_stream_as_the_answer_that_it_would_have_been() -> Result<()> {
    let cases = cases()?;
    let mut twins = 0;
    for (name, case) in &cases {
        let Some(twin) = &case.twin else { continue };
        let twin = cases.get(twin).with_context(|| format!("{name} has no twin"))?;
        let (streamed, whole) = (case.read(&case.response()), twin.read(&twin.response()));
        assert_eq!(streamed.schema.response, whole.schema.response, "{name}");
        assert_eq!(
            (streamed.kind, &streamed.preview.response),
            (whole.kind, &whole.preview.response),
            "{name}"
        );
        twins += 1;
    }
    assert!(twins >= 18, "{twins}");
    Ok(())
}

#[test]
fn loses_nothing_of_a_conversation_but_what_is_cut_off() -> Result<()> {
    for (name, case) in cases()? {
        let response = case.response();
        let whole = case.read(&response);
        let mut cut = case.clone();
        for at in (0..response.len()).step_by(7) {
            let (first, _) = response.split_at(at);
            let read = cut.read(first);
            assert_eq!(read.schema.request.is_some(), whole.schema.request.is_some(), "{name} at {at}");
        }
        let request = bytes_of(case.request.as_deref());
        for at in (0..request.len()).step_by(7) {
            let Ok(text) = String::from_utf8(request[..at].to_vec()) else { continue };
            cut.request = raw(&serde_json::json!({ "text": text }));
            let read = cut.read(&response);
            assert_ne!(read.reading.request, Reading::Whole, "{name} at {at}: {text}");
        }
    }
    Ok(())
}

fn raw(json: &serde_json::Value) -> Option<Box<RawValue>> {
    serde_json::value::to_raw_value(json).ok()
}

#[test]
fn changes_no_text() -> Result<()> {
    let text = "Zwölf Boxkämpfer 你好 \u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467} \u{5d0}\n\ttabs \"quotes\" <script> \u{0}";
    let case = Case {
        path: "/v1/chat/completions".to_owned(),
        status: 200,
        request: raw(&serde_json::json!({"model": "m", "messages": [{"role": "user", "content": text}]})),
        response: raw(&serde_json::json!({"choices": [{"message": {"role": "assistant", "content": text}}]})),
        events: None,
        twin: None,
        is_request_cut: false,
    };
    let read = case.read(&case.response());
    let request = read.schema.request.context("no request")?;
    let response = read.schema.response.context("no response")?;
    assert_eq!(request.messages[0].content.as_deref(), Some(text));
    assert_eq!(response.messages[0].content.as_deref(), Some(text));
    Ok(())
}

/// Returns how deep a text of JSON nests in brackets of its own.
fn nested(depth: usize) -> String {
    let (open, close) = (r#"{"content":["#.repeat(depth), "]}".repeat(depth));
    format!(r#"{{"messages":[{open}"x"{close}]}}"#)
}

#[test]
fn gives_up_on_what_is_too_much() -> Result<()> {
    let check = |request: &[u8], expected: Reading| {
        let read = Conversation::read(Input {
            request: BodyView { bytes: request, ..BodyView::default() },
            ..Input::default()
        });
        assert_eq!(read.reading.request, expected);
    };
    check(nested(60).as_bytes(), Reading::Whole);
    check(nested(5_000).as_bytes(), Reading::Pending);
    check("[".repeat(1 << 20).as_bytes(), Reading::Pending);
    let many = format!(r#"{{"messages":[{}{{}}]}}"#, "{},".repeat(3_000_000));
    check(many.as_bytes(), Reading::Pending);
    let long = format!(r#"{{"messages":["{}"]}}"#, "x".repeat(33 << 20));
    check(long.as_bytes(), Reading::Pending);
    Ok(())
}

/// The members and values that readers look for.
const WORDS: [&str; 64] = [
    "messages",
    "role",
    "content",
    "type",
    "text",
    "choices",
    "delta",
    "message",
    "tool_calls",
    "function",
    "name",
    "arguments",
    "index",
    "id",
    "output",
    "item",
    "output_index",
    "content_index",
    "summary",
    "response",
    "response.output_text.delta",
    "response.completed",
    "candidates",
    "parts",
    "functionCall",
    "inlineData",
    "data",
    "mimeType",
    "system",
    "input",
    "prompt",
    "image_url",
    "url",
    "source",
    "base64",
    "document",
    "tool_use",
    "tool_result",
    "tool_use_id",
    "thinking",
    "content_block_start",
    "content_block_delta",
    "content_block",
    "message_start",
    "partial_json",
    "contentBlockIndex",
    "toolUse",
    "toolResult",
    "bytes",
    "event_type",
    "text-generation",
    "content-delta",
    "citations",
    "document_ids",
    "embedding",
    "embeddings",
    "results",
    "error",
    "audio",
    "file",
    "documents",
    "event",
    "done",
    "user",
];

/// Returns JSON of members that readers look for, in places where they don't belong.
fn displaced() -> impl Strategy<Value = serde_json::Value> {
    use serde_json::Value;
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(&WORDS[..]).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        let key = prop::sample::select(&WORDS[..]).prop_map(str::to_owned);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6).prop_map(Value::from_iter),
        ]
    })
}

proptest! {
    #[test]
    fn never_panics_on_displaced_members(events in prop::collection::vec(displaced(), 1..6), status in 0..600_i32) {
        let raw: Vec<Box<RawValue>> = events.iter().map(|event| raw(event).unwrap()).collect();
        for framing in FRAMINGS.into_iter().chain([Framing::Array]) {
            let body = framing.cut(&raw);
            let view = BodyView { bytes: &body, ..BodyView::default() };
            let whole = raw[0].get().as_bytes();
            let first = BodyView { bytes: whole, ..BodyView::default() };
            let read = Conversation::read(Input { request: first, response: view, path: "/v1/x", status });
            let swapped = Conversation::read(Input { request: view, response: first, path: "/v1/x", status });
            for conversation in [read, swapped] {
                // What is said to be read has something to show.
                let answer = conversation.schema.response;
                prop_assert!(answer.is_none_or(|answer| !answer.messages.is_empty() || answer.error.is_some()));
                prop_assert!(conversation.preview.request.chars().count() <= 1_000);
            }
        }
    }

    #[test]
    fn never_panics(request in any::<Vec<u8>>(), response in any::<Vec<u8>>(), status in -3..600_i32) {
        Conversation::read(Input {
            request: BodyView { bytes: &request, ..BodyView::default() },
            response: BodyView { bytes: &response, ..BodyView::default() },
            path: "/v1/audio/speech",
            status,
        });
    }

    #[test]
    fn never_panics_on_damaged_calls(pick in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let cases: Vec<Case> = cases().unwrap().into_values().collect();
        let case = pick.get(&cases);
        let mut response = case.response();
        if !response.is_empty() {
            let at = at.index(response.len());
            response[at] = byte;
        }
        case.read(&response);
    }
}

#[test]
fn looks_at_no_model_and_at_the_path_only_where_bodies_say_nothing() -> Result<()> {
    for (name, case) in cases()? {
        let known = case.read(&case.response());
        let mut renamed = case.clone();
        renamed.path = "/v1/elsewhere".to_owned();
        if let Some(request) = &case.request {
            let text = compact(request).replace("\"model\":\"", "\"model\":\"claude-gemini-llama-gpt-");
            renamed.request = serde_json::value::RawValue::from_string(text).ok();
        }
        let read = renamed.read(&case.response());
        let is_told = known.reading.response == Reading::Whole
            && known.schema.response.as_ref().is_some_and(|response| response.error.is_none());
        if is_told && !case.path.starts_with("/v1/audio/") {
            assert_eq!(read.kind, known.kind, "{name}");
            assert_eq!(read.schema.response, known.schema.response, "{name}");
        }
    }
    Ok(())
}
