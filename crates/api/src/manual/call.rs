//! From a checked manual log to the record of the call.

use std::sync::Arc;

use bytes::Bytes;
use gatehouse_types::exchange::Source;
use gatehouse_types::{Body, Clock, Dialect, Exchange, ExchangeMeta, RequestId, Timing};
use gatehouse_wire::{ProviderTable, compose, redact_json, redact_target};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use url::Url;

use super::Shape;
use super::envelope::Envelope;
use super::timing::Times;
use crate::intake::{self, Upload};
use crate::labels::{Labels, cut};

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const TEXT: &str = "text/plain; charset=utf-8";
/// How many chunks of a stream are made events; a stream of more stays JSON.
const MAX_CHUNKS: usize = 100_000;

/// Returns the record of a logged call, under a new id unless the caller chose one.
pub(super) fn exchange(
    upload: &Upload,
    shape: Shape,
    envelope: Envelope<'_>,
    surroundings: (&dyn Clock, Option<&ProviderTable>),
) -> Exchange {
    let (clock, providers) = surroundings;
    let mut labels = Labels::default();
    for (name, value) in &envelope.meta {
        labels.set(name, value);
    }
    labels.set_headers(&upload.headers);
    let now = || Times { started_at: clock.now(), took: Default::default(), first_token: None };
    let times = envelope.times.unwrap_or_else(now);
    let request_id = labels.request_id.unwrap_or_else(RequestId::generate);
    let url = Url::parse(&envelope.url).ok().filter(|url| url.has_host());
    let meta = ExchangeMeta {
        timing: Timing {
            first_token_us: times.first_token.map(micros),
            total_us: micros(times.took),
            ..Timing::default()
        },
        outcome: intake::outcome(envelope.status),
        status: envelope.status,
        path: url.as_ref().map_or_else(|| shape.path().to_owned(), path),
        target_url: redact_target(cut(&envelope.url)).into_owned(),
        provider: provider(shape, &envelope, url.as_ref(), providers),
        dialect: shape.dialect(),
        source: Source::Manual,
        ..intake::meta(upload, request_id, times.started_at, &labels)
    };
    let request = intake::body(request_body(envelope.request), JSON);
    let response = answer(&envelope);
    intake::omit(Exchange { meta, request, response }, &labels)
}

fn micros(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

fn path(url: &Url) -> String {
    let end = url.query().map_or_else(String::new, |query| format!("?{query}"));
    redact_target(cut(&format!("{}{end}", url.path()))).into_owned()
}

/// Whose call it was: as the record says, else as the host of its URL does where the route says nothing.
fn provider(
    shape: Shape,
    envelope: &Envelope<'_>,
    url: Option<&Url>,
    providers: Option<&ProviderTable>,
) -> Arc<str> {
    let label = envelope.provider.as_deref().map(str::trim).filter(|label| !label.is_empty());
    if let Some(label) = label {
        let known = |table: &ProviderTable| {
            let row = table.rows().iter().find(|row| row.name.eq_ignore_ascii_case(label))?;
            Some(Arc::clone(&row.name))
        };
        return providers.and_then(known).unwrap_or_else(|| cut(label).into());
    }
    let by_host = || {
        let (url, table) = (url?, providers?);
        Some(Arc::clone(&table.by_host(url.host_str()?, url.port())?.name))
    };
    let found = (shape == Shape::Custom).then(by_host).flatten();
    found.unwrap_or_else(|| shape.provider().into())
}

fn request_body(request: &RawValue) -> Bytes {
    match request.get() {
        "null" => Bytes::new(),
        json => Bytes::from(redact_json(json).into_owned()),
    }
}

/// Returns what came back: the text where there is one, else the JSON.
fn answer(envelope: &Envelope<'_>) -> Body {
    if let Some(text) = envelope.text.as_deref().filter(|text| !text.is_empty()) {
        return written(text);
    }
    let json = envelope.response.map(RawValue::get).unwrap_or_default();
    if let Some(chunks) = streamed(json) {
        return intake::body(compose::event_stream(chunks.iter().map(AsRef::as_ref)), EVENTS);
    }
    let json = if json == "null" { "" } else { json };
    intake::body(Bytes::copy_from_slice(json.as_bytes()), JSON)
}

/// Returns an answer that was logged as text: events, a chunk a line, JSON, or any text.
fn written(text: &str) -> Body {
    let begins = |field: &str| text.trim_start().starts_with(field);
    if begins("data:") || begins("event:") {
        return intake::body(Bytes::copy_from_slice(text.as_bytes()), EVENTS);
    }
    let is_json = |text: &str| serde_json::from_str::<IgnoredAny>(text).is_ok();
    let lines = || text.lines().filter(|line| !line.trim().is_empty());
    if !is_json(text) && lines().all(|line| line.trim_start().starts_with('{') && is_json(line)) {
        return intake::body(compose::event_stream(lines()), EVENTS);
    }
    let content_type = if is_json(text) { JSON } else { TEXT };
    intake::body(Bytes::copy_from_slice(text.as_bytes()), content_type)
}

/// Returns the chunks of `{"streamed_data": […]}`, each as JSON or as the line of the stream that it was.
fn streamed(json: &str) -> Option<Vec<std::borrow::Cow<'_, str>>> {
    #[derive(Deserialize)]
    struct Streamed<'a> {
        #[serde(borrow)]
        streamed_data: Vec<&'a RawValue>,
    }
    let found = json.contains("\"streamed_data\"").then(|| serde_json::from_str::<Streamed<'_>>(json).ok());
    let chunk = |raw: &'_ RawValue| serde_json::from_str::<String>(raw.get()).ok();
    let chunks = found.flatten()?.streamed_data.into_iter();
    if chunks.len() > MAX_CHUNKS {
        return None;
    }
    Some(chunks.map(|raw| chunk(raw).map_or(raw.get().into(), Into::into)).collect())
}

impl Shape {
    /// The shape in which bodies are read; what no route names is mostly OpenAI's.
    const fn dialect(self) -> Dialect {
        match self {
            Self::OpenAi | Self::Custom => Dialect::OpenAi,
            Self::Anthropic => Dialect::Anthropic,
            Self::Google => Dialect::Google,
        }
    }

    const fn provider(self) -> &'static str {
        match self {
            Self::OpenAi => "OPENAI",
            Self::Anthropic => "ANTHROPIC",
            Self::Google => "GOOGLE",
            Self::Custom => "CUSTOM",
        }
    }

    const fn path(self) -> &'static str {
        match self {
            Self::OpenAi => "/oai/v1/log",
            Self::Anthropic => "/anthropic/v1/log",
            Self::Google => "/googleapis/v1/log",
            Self::Custom => "/custom/v1/log",
        }
    }
}
