//! From a span of a model's call to the record of that call.

use std::sync::Arc;
use std::time::Duration;

use gatehouse_types::exchange::Source;
use gatehouse_types::{Dialect, Exchange, ExchangeMeta, Outcome, RequestId, Timestamp, Timing};
use gatehouse_wire::compose::{ChatAnswer, ChatRequest, ChatUsage, chat_failure};
use gatehouse_wire::{ProviderTable, redact_target};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::conversation::{answered, asked};
use super::span::{Attributes, Span, text};
use crate::intake::{self, Upload};
use crate::labels::{Labels, cut};

const JSON: &str = "application/json";
/// What names a span that is no call of a model, though it may name one.
const OTHER_OPERATIONS: [&str; 5] =
    ["invoke_agent", "create_agent", "invoke_workflow", "execute_tool", "retrieval"];
const REQUEST_MODEL: [&str; 2] = ["gen_ai.request.model", "llm.request.model"];
const RESPONSE_MODEL: [&str; 2] = ["gen_ai.response.model", "llm.response.model"];
const INPUT: [&str; 3] =
    ["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens", "llm.usage.prompt_tokens"];
const OUTPUT: [&str; 3] =
    ["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens", "llm.usage.completion_tokens"];
const TOTAL: [&str; 2] = ["llm.usage.total_tokens", "gen_ai.usage.total_tokens"];
const CACHE_READ: [&str; 2] =
    ["gen_ai.usage.cache_read.input_tokens", "gen_ai.usage.cache_read_input_tokens"];
const CACHE_WRITE: [&str; 2] =
    ["gen_ai.usage.cache_creation.input_tokens", "gen_ai.usage.cache_creation_input_tokens"];
const REASONING: [&str; 2] = ["gen_ai.usage.reasoning_tokens", "gen_ai.usage.reasoning.output_tokens"];
const PROVIDER: [&str; 2] = ["gen_ai.provider.name", "gen_ai.system"];
const STATUS: [&str; 3] = ["http.response.status_code", "http.status_code", "error.type"];
/// Where association properties stand.
const PROPERTIES: &str = "traceloop.association.properties.";
const SESSION: [&str; 2] = ["session.id", "gen_ai.conversation.id"];
const USER: [&str; 3] = ["user.id", "enduser.id", "llm.user"];
/// What of a request's parameters is written down again, and where it stands.
const PARAMETERS: [(&str, [&str; 2]); 8] = [
    ("temperature", ["gen_ai.request.temperature", "llm.temperature"]),
    ("top_p", ["gen_ai.request.top_p", "llm.top_p"]),
    ("max_tokens", ["gen_ai.request.max_tokens", "llm.max_tokens"]),
    ("frequency_penalty", ["gen_ai.request.frequency_penalty", "llm.frequency_penalty"]),
    ("presence_penalty", ["gen_ai.request.presence_penalty", "llm.presence_penalty"]),
    ("seed", ["gen_ai.request.seed", "llm.seed"]),
    ("stop", ["gen_ai.request.stop_sequences", "llm.chat.stop_sequences"]),
    ("stream", ["gen_ai.is_streaming", "llm.is_streaming"]),
];
/// What instrumentations call providers that have another name here.
const ALIASES: [(&str, &str); 13] = [
    ("azure.ai.openai", "AZURE"),
    ("az.ai.openai", "AZURE"),
    ("azure.ai.inference", "AZURE"),
    ("aws.bedrock", "AWS"),
    ("bedrock", "AWS"),
    ("gcp.gemini", "GOOGLE"),
    ("gcp.gen_ai", "GOOGLE"),
    ("gcp.vertex_ai", "GOOGLE"),
    ("vertex_ai", "GOOGLE"),
    ("gemini", "GOOGLE"),
    ("mistral_ai", "MISTRAL"),
    ("mistralai", "MISTRAL"),
    ("x_ai", "X"),
];
/// What stands for a provider that nothing names.
const UNKNOWN: &str = "CUSTOM";

/// What all spans of a body share.
pub(super) struct Shared<'a> {
    upload: &'a Upload,
    path: &'a str,
    now: Timestamp,
    providers: Option<&'a ProviderTable>,
    /// What the headers of the request say.
    labels: Labels,
}

impl<'a> Shared<'a> {
    /// Returns what the spans share that came in `upload` to `path` at `now`.
    pub(super) fn new(
        upload: &'a Upload,
        path: &'a str,
        now: Timestamp,
        providers: Option<&'a ProviderTable>,
    ) -> Self {
        let mut labels = Labels::default();
        labels.set_headers(&upload.headers);
        labels.request_id = None;
        Self { upload, path, now, providers, labels }
    }
}

/// Returns the record of a span's call, or `None` for a span that is none.
///
/// The same span always has the same id, so that one which is sent again is the same call.
pub(super) fn exchange(shared: &Shared<'_>, span: &Span) -> Option<Exchange> {
    let &Shared { upload, path, now, providers, .. } = shared;
    let attributes = &span.attributes;
    if !is_call(attributes) {
        return None;
    }
    let labels = labels(shared.labels.clone(), attributes);
    let request_id = labels.request_id.or_else(|| span_id(span)).unwrap_or_else(RequestId::generate);
    let micros = i64::try_from(span.start_nanos / 1_000).unwrap_or(i64::MAX);
    // A span without a time is one of now.
    let started_at = if micros == 0 { now } else { Timestamp::from_unix_micros(micros) };
    let took = Duration::from_nanos(span.end_nanos.saturating_sub(span.start_nanos));
    let base = attributes.text(&["gen_ai.openai.api_base", "url.full"]).unwrap_or_default();
    let meta = ExchangeMeta {
        client_chose_id: true,
        timing: Timing { total_us: u64::try_from(took.as_micros()).unwrap_or(u64::MAX), ..Timing::default() },
        outcome: Outcome::Complete,
        status: status(span),
        path: path.to_owned(),
        target_url: redact_target(cut(base)).into_owned(),
        provider: provider(attributes, providers),
        dialect: Dialect::OpenAi,
        source: Source::Trace,
        ..intake::meta(upload, request_id, started_at, &labels)
    };
    let response = match &span.failure {
        Some(reason) => chat_failure(reason),
        None => answer(attributes).to_json(),
    };
    let request = intake::body(request(attributes).to_json(), JSON);
    Some(intake::omit(Exchange { meta, request, response: intake::body(response, JSON) }, &labels))
}

fn is_call(attributes: &Attributes) -> bool {
    let operation = attributes.text(&["gen_ai.operation.name"]);
    let is_other = operation.is_some_and(|operation| OTHER_OPERATIONS.contains(&operation));
    let names_model = attributes.text(&REQUEST_MODEL).or(attributes.text(&RESPONSE_MODEL)).is_some();
    let prefixes = ["gen_ai.prompt.", "gen_ai.completion.", "gen_ai.usage.", "llm.usage."];
    let says = || prefixes.iter().any(|prefix| attributes.under(prefix).next().is_some());
    !is_other && (names_model || says())
}

/// What the headers of the request say about all spans, and under it what a span says about itself.
fn labels(mut labels: Labels, attributes: &Attributes) -> Labels {
    let texts = |names| attributes.text(names);
    texts(&SESSION).inspect(|session| _ = labels.set("helicone-session-id", session));
    texts(&USER).inspect(|user| _ = labels.set("helicone-user-id", user));
    for (name, value) in attributes.under(PROPERTIES).filter(|(_, value)| !value.is_null()) {
        let value = text(value);
        match name {
            "user_id" => _ = labels.set("helicone-user-id", &value),
            "session_id" => _ = labels.set("helicone-session-id", &value),
            _ if labels.set(name, &value) => {}
            _ => labels.set_property(name, &value),
        }
    }
    labels
}

/// Returns an id made of the trace's and the span's.
fn span_id(span: &Span) -> Option<RequestId> {
    let mut bytes = <[u8; 16]>::try_from(span.trace_id.as_slice()).ok()?;
    let own = <[u8; 8]>::try_from(span.span_id.as_slice()).ok()?;
    bytes.iter_mut().skip(8).zip(own).for_each(|(byte, own)| *byte ^= own);
    let is_nothing = span.trace_id.iter().chain(&own).all(|byte| *byte == 0);
    let id = uuid::Builder::from_custom_bytes(bytes).into_uuid();
    (!is_nothing && id != Uuid::nil()).then(|| RequestId::from_uuid(id))
}

fn status(span: &Span) -> i32 {
    let told = || span.attributes.count(&STATUS).filter(|status| (400..=599).contains(status));
    match &span.failure {
        None => 200,
        Some(_) => told().and_then(|status| i32::try_from(status).ok()).unwrap_or(500),
    }
}

fn provider(attributes: &Attributes, providers: Option<&ProviderTable>) -> Arc<str> {
    let Some(label) = attributes.text(&PROVIDER) else { return UNKNOWN.into() };
    let alias = ALIASES.iter().find(|(alias, _)| alias.eq_ignore_ascii_case(label));
    let label = alias.map_or(label, |(_, name)| *name);
    let rows = providers.into_iter().flat_map(ProviderTable::rows);
    let known = rows.into_iter().find(|row| row.name.eq_ignore_ascii_case(label));
    known.map_or_else(|| cut(label).into(), |row| Arc::clone(&row.name))
}

fn request(attributes: &Attributes) -> ChatRequest {
    let parameters = PARAMETERS.iter().filter_map(|(name, places)| {
        let value = attributes.get(places)?;
        Some(((*name).to_owned(), value.clone()))
    });
    ChatRequest {
        model: attributes.text(&REQUEST_MODEL).map(str::to_owned),
        messages: asked(attributes),
        parameters: parameters.collect::<Map<String, Value>>(),
    }
}

fn answer(attributes: &Attributes) -> ChatAnswer {
    ChatAnswer {
        id: attributes.text(&["gen_ai.response.id"]).map(str::to_owned),
        model: attributes.text(&RESPONSE_MODEL).map(str::to_owned),
        messages: answered(attributes),
        usage: ChatUsage {
            input: attributes.count(&INPUT),
            output: attributes.count(&OUTPUT),
            total: attributes.count(&TOTAL),
            cache_read: attributes.count(&CACHE_READ),
            cache_write: attributes.count(&CACHE_WRITE),
            reasoning: attributes.count(&REASONING),
        },
    }
}
