//! Exchanges in the shape of the providers' public APIs, and what has to be read from them.
//!
//! `golden/README.md` tells how a case is written down. What they cost is proved where prices are.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use gatehouse_types::{Dialect, Observed};
use gatehouse_wire::{
    AnswerScanner, BodyView, Ending, ObserveInput, SseDecoder, TerminalWatch, decode, ends_with_terminal,
    observe, observe_scanned,
};
use serde::Deserialize;

/// What `expected.json` says.
#[derive(Deserialize)]
struct Expected {
    path: String,
    /// How the counts come about.
    arithmetic: String,
    /// The `Content-Type` of a request that is no JSON.
    #[serde(default = "json")]
    request_type: String,
    observed: Observed,
    cost: Cost,
    /// Whether the stream has its terminal event; absent for what is not a stream.
    terminal: Option<bool>,
}

/// What the call cost, of which only the form matters here.
#[derive(Deserialize)]
struct Cost {
    provider: String,
    nano_usd: Option<i64>,
    status: String,
    arithmetic: String,
}

fn json() -> String {
    JSON.to_owned()
}

struct Case {
    name: String,
    dialect: Dialect,
    request: Vec<u8>,
    /// As sent, perhaps encoded.
    response: Vec<u8>,
    encoding: Option<&'static str>,
    content_type: &'static str,
    expected: Expected,
}

/// The folders, each with the dialect that its calls have.
const FOLDERS: [(&str, Dialect); 7] = [
    ("openai", Dialect::OpenAi),
    ("openai-variants", Dialect::OpenAi),
    ("anthropic", Dialect::Anthropic),
    ("google", Dialect::Google),
    ("cohere", Dialect::Cohere),
    ("bedrock", Dialect::Bedrock),
    ("unknown", Dialect::Unknown),
];

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream; charset=utf-8";
const FRAMES: &str = "application/vnd.amazon.eventstream";
const LINES: &str = "application/x-ndjson";

impl Case {
    /// Whether the answer is a stream of server-sent events.
    fn is_events(&self) -> bool {
        self.content_type == EVENTS
    }

    /// Whether the answer comes in pieces that are read one by one.
    fn is_pieces(&self) -> bool {
        self.content_type != JSON || self.response.starts_with(b"[")
    }
}

fn cases() -> Result<Vec<Case>> {
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
    let mut cases = Vec::new();
    for (folder, dialect) in FOLDERS {
        for entry in std::fs::read_dir(golden.join(folder))? {
            let path = entry?.path();
            let case = load(&path, dialect).with_context(|| path.display().to_string())?;
            let cost = &case.expected.cost;
            for told in [&case.expected.arithmetic, &cost.arithmetic, &cost.provider] {
                ensure!(!told.is_empty(), "{} lacks its arithmetic, or its provider", case.name);
            }
            let has_cost = matches!(&*cost.status, "priced" | "declared");
            ensure!(cost.nano_usd.is_some() == has_cost, "{}: {} with that cost", case.name, cost.status);
            cases.push(case);
        }
    }
    Ok(cases)
}

fn load(folder: &Path, dialect: Dialect) -> Result<Case> {
    let mut response: Option<PathBuf> = None;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("response.")) {
            response = Some(path);
        }
    }
    let response = response.context("no response")?;
    let (content_type, encoding) = match response.file_name().and_then(|name| name.to_str()) {
        Some("response.json" | "response.array.json") => (JSON, None),
        Some("response.sse") => (EVENTS, None),
        Some("response.sse.gz") => (EVENTS, Some("gzip")),
        Some("response.eventstream") => (FRAMES, None),
        Some("response.jsonl") => (LINES, None),
        Some("response.mp3") => ("audio/mpeg", None),
        Some("response.wav") => ("audio/wav", None),
        other => bail!("unknown kind of response: {other:?}"),
    };
    Ok(Case {
        name: folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        dialect,
        request: std::fs::read(folder.join("request.json"))
            .or_else(|_| std::fs::read(folder.join("request.form")))?,
        response: std::fs::read(response)?,
        encoding,
        content_type,
        expected: serde_json::from_slice(&std::fs::read(folder.join("expected.json"))?)?,
    })
}

fn input<'a>(case: &'a Case, response: &'a [u8]) -> ObserveInput<'a> {
    ObserveInput {
        dialect: case.dialect,
        path: &case.expected.path,
        request: BodyView {
            bytes: &case.request,
            content_type: Some(&case.expected.request_type),
            ..BodyView::default()
        },
        response: BodyView { bytes: response, content_type: Some(case.content_type), ..BodyView::default() },
    }
}

#[test]
fn reads_from_every_exchange_what_it_says() -> Result<()> {
    let cases = cases()?;
    assert!(cases.len() >= 310);
    let mut differences = Vec::new();
    for case in &cases {
        let decoded = decode(case.encoding, &case.response, usize::MAX);
        assert_eq!(decoded.ending, Ending::Whole, "{}", case.name);
        let observed = observe(input(case, &decoded.bytes));
        if observed != case.expected.observed {
            differences.push(format!("{}:\n  {observed:?}\n  {:?}", case.name, case.expected.observed));
        }
    }
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
    Ok(())
}

#[test]
fn reads_the_same_from_every_answer_while_it_passes_in_every_split() -> Result<()> {
    for case in &cases()? {
        let observed = |parts: &[&[u8]]| {
            let mut scanner = AnswerScanner::new(case.dialect, Some(case.content_type), case.encoding);
            parts.iter().for_each(|part| scanner.push(part));
            observe_scanned(input(case, b""), None, scanner.finish(true))
        };
        let bytes: Vec<&[u8]> = case.response.chunks(1).collect();
        assert_eq!(observed(&bytes), case.expected.observed, "{} byte by byte", case.name);
        for at in (0..=case.response.len()).filter(|_| case.is_pieces()) {
            let (first, second) = case.response.split_at(at);
            assert_eq!(observed(&[first, second]), case.expected.observed, "{} split at {at}", case.name);
        }
    }
    Ok(())
}

#[test]
fn sees_the_terminal_event_of_every_stream_in_every_split() -> Result<()> {
    for case in cases()?.iter().filter(|case| case.is_events()) {
        let terminal = case.expected.terminal.context("expected.json lacks `terminal`")?;
        assert_eq!(
            ends_with_terminal(case.dialect, Some(case.content_type), case.encoding, &case.response),
            terminal,
            "{}",
            case.name
        );
        let decoded = decode(case.encoding, &case.response, usize::MAX);
        for at in 0..=decoded.bytes.len() {
            let (first, second) = decoded.bytes.split_at(at);
            let mut watch = TerminalWatch::new(case.dialect);
            watch.push(first);
            watch.push(second);
            assert_eq!(watch.is_terminal(), terminal, "{} split at {at}", case.name);
        }
    }
    Ok(())
}

#[test]
fn decodes_the_same_events_of_every_stream_in_every_split() -> Result<()> {
    for case in cases()?.iter().filter(|case| case.is_events()) {
        let decoded = decode(case.encoding, &case.response, usize::MAX);
        let events = |parts: [&[u8]; 2]| {
            let mut events: Vec<(Vec<u8>, Vec<u8>)> = Vec::new();
            let mut decoder = SseDecoder::new(1 << 20);
            let mut each = |event: gatehouse_wire::sse::SseEvent<'_>| {
                events.push((event.name.to_vec(), event.data.to_vec()))
            };
            parts.into_iter().for_each(|part| decoder.push(part, &mut each));
            decoder.finish(&mut each);
            events
        };
        let whole = events([&decoded.bytes, b""]);
        for at in 0..=decoded.bytes.len() {
            assert!(events(decoded.bytes.split_at(at).into()) == whole, "{} split at {at}", case.name);
        }
    }
    Ok(())
}

#[test]
fn says_nothing_of_bodies_whose_end_is_missing() -> Result<()> {
    for case in cases()?.iter().filter(|case| case.encoding.is_none()) {
        let mut cut = input(case, &case.response);
        cut.request.truncated = true;
        cut.response.truncated = true;
        let observed = observe(cut);
        let expected = &case.expected.observed;
        assert_eq!((observed.user, observed.usage), (None, None), "{}", case.name);
        let model = expected.response_model.clone().filter(|_| case.is_pieces());
        assert_eq!(observed.response_model, model, "{}", case.name);
        // What the path says is there whatever becomes of the bodies, and the fields of a form that are whole.
        let is_told = case.expected.path.contains("/deployments/") || case.expected.request_type != JSON;
        if case.dialect == Dialect::OpenAi && !is_told {
            assert_eq!((observed.request_model, observed.stream), (None, None), "{}", case.name);
        }
    }
    Ok(())
}

#[test]
fn never_panics_on_a_body_cut_or_damaged_anywhere() -> Result<()> {
    for case in cases()?.iter().filter(|case| case.encoding.is_none()) {
        for at in 0..case.response.len() {
            let (first, _) = case.response.split_at(at);
            let observed = observe(input(case, first));
            assert!(
                observed.usage.is_none() || observed.usage == case.expected.observed.usage,
                "{}",
                case.name
            );
            let mut damaged = case.response.clone();
            damaged.iter_mut().skip(at).take(1).for_each(|byte| *byte = 0xff);
            observe(input(case, &damaged));
        }
    }
    Ok(())
}
