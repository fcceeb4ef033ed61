//! A logged call as the API shows it: Helicone's fields, and ours after them.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use gatehouse_store::log::{FeedbackValue, Given, LogRow, RATING};
use gatehouse_store::mappers::{MapperScope, Mappings};
use gatehouse_types::{BodyState, NanoUsd, UnitKind, Usage, UsageSource};
use gatehouse_wire::{Uncounted, usage_hint};
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Number, Value};
use utoipa::ToSchema;
use uuid::Uuid;

use super::handling::Handled;
use super::links::Links;

/// Whether the bodies of a call are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bodies {
    /// As far as they were kept.
    Included,
    /// Both are null.
    Left,
}

/// One logged call; what is not known is null, never 0.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeliconeRequest {
    /// The call's id, as in `Helicone-Id`.
    #[schema(format = Uuid, example = "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20")]
    request_id: String,
    /// When the head of the request was read.
    #[schema(format = DateTime, example = "2026-11-22T14:06:00.123Z")]
    request_created_at: String,
    /// What the client sent: its JSON, or a string when it is not JSON, or `{helicone_message, base64}` when
    /// it is not text. Null when it was empty, not kept or not asked for.
    #[schema(value_type = Option<serde_json::Value>)]
    request_body: Option<Box<RawValue>>,
    /// Path and query as the client sent them, credentials blanked.
    #[schema(example = "/v1/chat/completions")]
    request_path: String,
    /// The caller's user.
    request_user_id: Option<String>,
    /// Custom properties, the ones that were added later too.
    request_properties: BTreeMap<String, String>,
    /// The model the caller asked for.
    request_model: Option<String>,
    /// `Helicone-Model-Override`.
    model_override: Option<String>,
    /// The model the call is filed under.
    #[schema(example = "gpt-4o-mini-2024-07-18")]
    model: String,
    /// Always null.
    helicone_user: Option<String>,
    /// The provider, in Helicone's spelling.
    #[schema(example = "OPENAI")]
    provider: String,
    /// The URL the provider was asked at, credentials blanked.
    #[schema(example = "https://api.openai.com/v1/chat/completions")]
    target_url: String,
    /// The id of the answer.
    #[schema(format = Uuid)]
    response_id: String,
    /// When the call had ended.
    #[schema(format = DateTime)]
    response_created_at: String,
    /// What came back, in the forms of `request_body`.
    #[schema(value_type = Option<serde_json::Value>)]
    response_body: Option<Box<RawValue>>,
    /// HTTP status; -2 timed out, -3 the client went away.
    #[schema(example = 200)]
    response_status: i32,
    /// The model the provider named.
    response_model: Option<String>,
    /// The whole duration in milliseconds.
    #[schema(example = 812.431)]
    delay_ms: f64,
    /// From the start to the first part of a stream, in milliseconds.
    time_to_first_token: Option<f64>,
    /// All tokens.
    total_tokens: Option<u64>,
    /// Input tokens that were neither cached nor audio.
    prompt_tokens: Option<u64>,
    /// Output tokens without reasoning and audio.
    completion_tokens: Option<u64>,
    /// Reasoning tokens.
    reasoning_tokens: Option<u64>,
    /// Input tokens written to the provider's cache.
    prompt_cache_write_tokens: Option<u64>,
    /// Input tokens read from the provider's cache.
    prompt_cache_read_tokens: Option<u64>,
    /// Audio tokens of the input.
    prompt_audio_tokens: Option<u64>,
    /// Audio tokens of the output.
    completion_audio_tokens: Option<u64>,
    /// US dollars; null when unknown, see `cost_status`.
    #[schema(example = 0.0000125)]
    cost: Option<f64>,
    /// The same as `cost`.
    #[serde(rename = "costUSD")]
    cost_usd: Option<f64>,
    /// The prompt that the call used.
    prompt_id: Option<String>,
    /// Its version.
    prompt_version: Option<String>,
    /// When the call was rated.
    #[schema(format = DateTime)]
    feedback_created_at: Option<String>,
    /// The id of the rating, which is the call's own: a call has at most one.
    #[schema(format = Uuid)]
    feedback_id: Option<String>,
    /// The rating: whether the answer was good.
    feedback_rating: Option<bool>,
    /// Where the bodies are, as `{"request", "response"}`, for half an hour and without a key; null when there are none.
    signed_body_url: Option<String>,
    /// Always null.
    #[serde(rename = "llmSchema")]
    #[schema(schema_with = crate::openapi::always_null)]
    llm_schema: Option<()>,
    /// Country code of the caller.
    country_code: Option<String>,
    /// Always empty.
    asset_ids: [String; 0],
    /// Always empty.
    asset_urls: BTreeMap<String, String>,
    /// Always empty.
    assets: [String; 0],
    /// Scores and feedback that are numbers, by name. What is true or false is 1 or 0, with `-hcone-bool` behind
    /// its name as in Helicone; the rating is `helicone-score-feedback`.
    #[schema(value_type = BTreeMap<String, f64>)]
    scores: BTreeMap<String, Number>,
    /// The same as `request_properties`.
    properties: BTreeMap<String, String>,
    /// The id of the call whose cached answer this was; the nil UUID when no cache answered.
    #[schema(format = Uuid, example = "00000000-0000-0000-0000-000000000000")]
    cache_reference_id: String,
    /// Whether the caller enabled caching.
    cache_enabled: bool,
    /// When feedback or a property was last added; null when none was.
    #[schema(format = DateTime)]
    updated_at: Option<String>,
    /// Which product sent the call.
    request_referrer: Option<String>,
    /// Always null.
    ai_gateway_body_mapping: Option<String>,
    /// Always null: bodies lie beside the row.
    storage_location: Option<String>,
    /// Size of both bodies on the wire.
    size_bytes: u64,
    /// What only we have.
    #[serde(flatten)]
    ours: Measured,
    /// What the gateway did with the call beside passing it on.
    #[serde(flatten)]
    handled: Handled,
}

/// What Helicone's rows do not have.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Measured {
    /// How the call ended: `complete`, `upstream_cut`, `client_gone`, `timed_out`, `refused`, `failed`.
    #[schema(example = "complete")]
    outcome: &'static str,
    /// For refusals and failures, the stable kind.
    error_type: Option<String>,
    /// The HTTP method.
    #[schema(example = "POST")]
    method: String,
    /// Whether the answer was a stream.
    is_stream: bool,
    /// How many times a provider was asked.
    attempt_count: u16,
    /// The cost in 10⁻⁹ US dollars, exact.
    #[schema(example = 12500)]
    cost_nano_usd: Option<i64>,
    /// `priced`, `cached` for a cost of 0, or why there is no cost.
    #[schema(example = "priced")]
    cost_status: String,
    /// Where the token counts come from: `provider`, `cache` (all are 0), `mapped` (read by a mapping) or `none`.
    usage_source: &'static str,
    /// Where nothing was counted: what to do about it, if anything can be done.
    #[schema(example = "set stream_options.include_usage, or send Helicone-Stream-Usage: true")]
    usage_hint: Option<&'static str>,
    /// The mapper that read the bodies, where no reader knows them.
    #[schema(format = Uuid)]
    mapper_id: Option<String>,
    /// Which version of it did.
    mapper_version: Option<u32>,
    /// What was counted in further classes, by the names of price lists, such as `images` and `cache_write_1h`.
    usage_details: BTreeMap<&'static str, u64>,
    /// The service tier that the provider billed, when it said so.
    service_tier: Option<String>,
    /// When model, usage or cost were last computed anew; null where they are those of the call itself.
    #[schema(format = DateTime)]
    revised_at: Option<String>,
    /// Resolving, connecting and TLS in milliseconds; null when a pooled connection served.
    connect_ms: Option<f64>,
    /// From the start to the head of the answer, in milliseconds.
    ttfb_ms: Option<f64>,
    /// Size of the request body on the wire.
    request_bytes: u64,
    /// Size of the response body on the wire.
    response_bytes: u64,
    /// What became of the request body: `empty`, `stored`, `truncated`, `omitted`.
    request_body_state: &'static str,
    /// What became of the response body, in the same words.
    response_body_state: &'static str,
    /// The first lines of what was asked.
    request_preview: Option<String>,
    /// The first lines of what came back.
    response_preview: Option<String>,
    /// All feedback, by name; the rating is `helicone-score-feedback`.
    feedback: BTreeMap<String, NamedFeedback>,
}

/// Feedback as it was given.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct NamedFeedback {
    /// True or false, a number or a text.
    value: Value,
    /// `boolean`, `numerical`, `string` or `categorical`.
    #[schema(example = "categorical")]
    data_type: &'static str,
    /// When it was given.
    #[schema(format = DateTime)]
    created_at: String,
}

impl HeliconeRequest {
    /// Returns the API's form of a row, with the link to its bodies.
    pub(super) fn linked(row: LogRow, bodies: Bodies, mappings: &Mappings, links: &Links<'_>) -> Self {
        let states = [row.request_body_state, row.response_body_state];
        let has_bodies = states.iter().any(|state| matches!(state, BodyState::Stored | BodyState::Truncated));
        let link = has_bodies.then(|| links.link(row.organization_id, row.request_id));
        Self { signed_body_url: link, ..Self::from_row(row, bodies, mappings) }
    }

    /// Returns the API's form of a row.
    pub(super) fn from_row(row: LogRow, bodies: Bodies, mappings: &Mappings) -> Self {
        let (ours, handled) = (Measured::from_row(&row, mappings), Handled::from_row(&row));
        let cost = row.cost.map(dollars);
        let (properties, rating) = (row.all_properties(), row.annotations.rating());
        let (request_body, response_body) = match bodies {
            Bodies::Included => (row.bodies.request.and_then(shown), row.bodies.response.and_then(shown)),
            Bodies::Left => (None, None),
        };
        Self {
            request_id: row.request_id.to_string(),
            request_created_at: row.request_created_at.to_string(),
            request_body,
            request_path: row.path,
            request_user_id: filled(row.user_id),
            request_properties: properties.clone(),
            request_model: row.request_model,
            model_override: row.model_override,
            model: row.model,
            helicone_user: None,
            provider: row.provider,
            target_url: row.target_url,
            response_id: row.response_id.to_string(),
            response_created_at: row.response_created_at.to_string(),
            response_body,
            response_status: row.status,
            response_model: row.response_model,
            delay_ms: millis(row.total_us),
            time_to_first_token: row.first_token_us.map(millis),
            total_tokens: row.usage.total,
            prompt_tokens: row.usage.input,
            completion_tokens: row.usage.output,
            reasoning_tokens: row.usage.reasoning,
            prompt_cache_write_tokens: row.usage.cache_write,
            prompt_cache_read_tokens: row.usage.cache_read,
            prompt_audio_tokens: row.usage.input_audio,
            completion_audio_tokens: row.usage.output_audio,
            cost,
            cost_usd: cost,
            prompt_id: filled(row.prompt_id),
            prompt_version: filled(row.prompt_version),
            feedback_created_at: rating.as_ref().map(|rating| rating.at.to_string()),
            feedback_id: rating.as_ref().map(|_| row.request_id.to_string()),
            feedback_rating: rating.as_ref().map(|rating| rating.value),
            signed_body_url: None,
            llm_schema: None,
            country_code: row.country_code,
            asset_ids: [],
            asset_urls: BTreeMap::new(),
            assets: [],
            scores: row.annotations.feedback.iter().filter_map(score).collect(),
            properties,
            cache_reference_id: row.cache_reference_id.map_or(Uuid::nil(), |id| id.as_uuid()).to_string(),
            cache_enabled: row.cache_enabled,
            updated_at: row.annotations.latest().map(|at| at.to_string()),
            request_referrer: filled(row.request_referrer),
            ai_gateway_body_mapping: None,
            storage_location: None,
            size_bytes: row.request_bytes.saturating_add(row.response_bytes),
            ours,
            handled,
        }
    }
}

impl Measured {
    fn from_row(row: &LogRow, mappings: &Mappings) -> Self {
        Self {
            outcome: row.outcome.as_str(),
            error_type: row.error_kind.clone(),
            method: row.method.clone(),
            is_stream: row.is_stream,
            attempt_count: row.attempt_count,
            cost_nano_usd: row.cost.map(NanoUsd::get),
            cost_status: row.cost_status.clone(),
            usage_source: row.usage_source.as_str(),
            usage_hint: hint(row, mappings),
            mapper_id: row.mapper.as_ref().map(|mapper| mapper.id.clone()),
            mapper_version: row.mapper.as_ref().map(|mapper| mapper.version),
            usage_details: usage_details(&row.usage),
            service_tier: row.billing.service_tier.clone(),
            revised_at: row.revised.map(|revised| revised.at.to_string()),
            connect_ms: row.connect_us.map(millis),
            ttfb_ms: row.first_byte_us.map(millis),
            request_bytes: row.request_bytes,
            response_bytes: row.response_bytes,
            request_body_state: row.request_body_state.as_str(),
            response_body_state: row.response_body_state.as_str(),
            request_preview: row.request_preview.clone(),
            response_preview: row.response_preview.clone(),
            feedback: row
                .annotations
                .feedback
                .iter()
                .map(|(name, given)| (name.clone(), named(given)))
                .collect(),
        }
    }
}

/// What to tell about a call that has no counts.
pub(crate) fn hint(row: &LogRow, mappings: &Mappings) -> Option<&'static str> {
    let scope = || MapperScope::of(&row.method, &row.target_url, &row.path);
    if row.usage_source == UsageSource::None && mappings.is_pending(row.organization_id, scope) {
        return Some("Model is pending mapping");
    }
    let call = Uncounted {
        provider: &row.provider,
        path: &row.path,
        is_stream: row.is_stream,
        outcome: row.outcome,
        status: row.status,
    };
    (row.usage_source == UsageSource::None).then(|| usage_hint(call)).flatten()
}

/// The classes that have a field of their own.
const OWN_FIELDS: [UnitKind; 7] = [
    UnitKind::Input,
    UnitKind::Output,
    UnitKind::CacheRead,
    UnitKind::CacheWrite,
    UnitKind::InputAudio,
    UnitKind::OutputAudio,
    UnitKind::Reasoning,
];

/// Returns the counts of all other classes.
fn usage_details(usage: &Usage) -> BTreeMap<&'static str, u64> {
    let others = UnitKind::ALL.into_iter().filter(|kind| !OWN_FIELDS.contains(kind));
    others.filter_map(|kind| Some((kind.as_str(), usage.count(kind)?))).collect()
}

/// What Helicone puts behind the name of a score that is true or false.
const BOOLEAN: &str = "-hcone-bool";
/// Up to here every whole number has a floating-point number of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// Returns feedback as a number, if it is one.
fn score((name, given): (&String, &Given<FeedbackValue>)) -> Option<(String, Number)> {
    match given.value {
        FeedbackValue::Boolean(value) => {
            let name = if name == RATING { name.clone() } else { format!("{name}{BOOLEAN}") };
            Some((name, Number::from(u8::from(value))))
        }
        FeedbackValue::Numerical(value) => Some((name.clone(), number(value)?)),
        FeedbackValue::Text(_) | FeedbackValue::Categorical(_) => None,
    }
}

/// Returns a number as JSON writes it best: a whole one without a point.
#[expect(clippy::cast_possible_truncation, reason = "a whole number of this size fits")]
fn number(value: f64) -> Option<Number> {
    let is_whole = value.fract() == 0.0 && value.abs() <= EXACT;
    if is_whole { Some(Number::from(value as i64)) } else { Number::from_f64(value) }
}

fn named(given: &Given<FeedbackValue>) -> NamedFeedback {
    let value = match &given.value {
        FeedbackValue::Boolean(value) => Value::from(*value),
        FeedbackValue::Numerical(value) => Value::from(*value),
        FeedbackValue::Text(text) | FeedbackValue::Categorical(text) => Value::from(text.as_str()),
    };
    NamedFeedback { value, data_type: given.value.data_type(), created_at: given.at.to_string() }
}

/// What stands in for a body that is not text.
#[derive(Serialize)]
struct Binary {
    helicone_message: &'static str,
    base64: String,
}

/// Returns a kept body as JSON: its own, untouched, when it is JSON; otherwise a string or base64.
pub(super) fn shown(body: Bytes) -> Option<Box<RawValue>> {
    if body.is_empty() {
        return None;
    }
    if let Ok(json) = serde_json::from_slice::<Box<RawValue>>(&body) {
        return Some(json);
    }
    let shown = if is_text(&body) {
        serde_json::value::to_raw_value(&String::from_utf8_lossy(&body))
    } else {
        let base64 = STANDARD.encode(&body);
        serde_json::value::to_raw_value(&Binary { helicone_message: "the body is not text", base64 })
    };
    shown.ok()
}

/// Returns whether a body is UTF-8, but for a last character that may have been cut through.
fn is_text(body: &[u8]) -> bool {
    match std::str::from_utf8(body) {
        Ok(_) => true,
        Err(error) => error.error_len().is_none(),
    }
}

/// Returns `None` for the empty text, the row's way to say that there is nothing.
fn filled(text: String) -> Option<String> {
    if text.is_empty() { None } else { Some(text) }
}

/// Returns dollars: the nearest number to the exact quotient, so that it prints without a rounding tail.
pub(super) fn dollars(cost: NanoUsd) -> f64 {
    cost.get() as f64 / 1e9
}

/// Returns milliseconds.
pub(super) fn millis(micros: u64) -> f64 {
    micros as f64 / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_json_untouched_and_everything_else_as_a_string_or_base64() {
        let check = |body: &[u8], expected: Option<&str>| {
            let shown = shown(Bytes::copy_from_slice(body));
            assert_eq!(shown.as_deref().map(RawValue::get), expected, "{}", body.escape_ascii());
        };
        check(b"", None);
        check(br#"{"b":1.0,"a":1e400,"b":2}"#, Some(r#"{"b":1.0,"a":1e400,"b":2}"#));
        check(b"\n{ \"a\" : null }\r\n", Some(r#"{ "a" : null }"#));
        check(b"null", Some("null"));
        check(b"data: {}\n\n", Some(r#""data: {}\n\n""#));
        check(br#"{"cut": "he"#, Some(r#""{\"cut\": \"he""#));
        check(b"{} {}", Some(r#""{} {}""#));
        check("caf\u{e9}".as_bytes().split_last().unwrap().1, Some("\"caf\u{fffd}\""));
        check(b"\xff\xfe!", Some(r#"{"helicone_message":"the body is not text","base64":"//4h"}"#));
        check(b"\"\xff\"", Some(r#"{"helicone_message":"the body is not text","base64":"Iv8i"}"#));
    }

    #[test]
    fn prints_dollars_and_milliseconds_without_a_rounding_tail() {
        let check = |nanos: i64, expected: &str| {
            assert_eq!(serde_json::to_string(&dollars(NanoUsd::new(nanos))).unwrap(), expected);
        };
        check(0, "0.0");
        check(1, "1e-9");
        check(12_500, "0.0000125");
        check(100_000_003, "0.100000003");
        check(123_456_789_012_345, "123456.789012345");
        assert_eq!(serde_json::to_string(&millis(812_431)).unwrap(), "812.431");
    }
}
