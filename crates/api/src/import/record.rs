//! From one row of Helicone's to the record of the call.
//!
//! Fields and their meaning: Helicone's `HeliconeRequest`, and the columns of its exports.

use std::collections::BTreeMap;
use std::time::Duration;

use bytes::Bytes;
use gatehouse_store::log::{Annotation, Content, FeedbackValue, RATING};
use gatehouse_types::exchange::{CacheStatus, CacheUse, Source};
use gatehouse_types::{Body, Exchange, ExchangeMeta, Observed, RequestId, Timestamp, Timing, Usage};
use gatehouse_wire::{ProviderTable, redact_json, redact_target};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Record;
use crate::intake::{self, Upload};
use crate::labels::{Labels, cut};

const JSON: &str = "application/json";
const EVENTS: &str = "text/event-stream";
const TEXT: &str = "text/plain; charset=utf-8";
/// What Helicone puts behind the name of a score that is true or false.
const BOOLEAN: &str = "-hcone-bool";

/// What is known around a row.
pub(super) struct Surroundings<'a> {
    pub(super) providers: Option<&'a ProviderTable>,
    pub(super) now: Timestamp,
}

/// A row; what has several names in Helicone's own answers and exports has them here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Row<'a> {
    #[serde(deserialize_with = "text")]
    request_id: String,
    #[serde(alias = "created_at", deserialize_with = "text")]
    request_created_at: String,
    #[serde(deserialize_with = "text")]
    response_created_at: String,
    #[serde(borrow)]
    request_body: Option<&'a RawValue>,
    #[serde(borrow)]
    response_body: Option<&'a RawValue>,
    #[serde(alias = "path", deserialize_with = "text")]
    request_path: String,
    #[serde(deserialize_with = "text")]
    target_url: String,
    #[serde(deserialize_with = "text")]
    provider: String,
    #[serde(alias = "user_id", deserialize_with = "text")]
    request_user_id: String,
    #[serde(deserialize_with = "text")]
    model: String,
    #[serde(deserialize_with = "text")]
    request_model: String,
    #[serde(deserialize_with = "text")]
    response_model: String,
    #[serde(deserialize_with = "text")]
    model_override: String,
    #[serde(alias = "status", deserialize_with = "number")]
    response_status: Option<f64>,
    #[serde(alias = "latency", deserialize_with = "number")]
    delay_ms: Option<f64>,
    #[serde(deserialize_with = "number")]
    time_to_first_token: Option<f64>,
    #[serde(deserialize_with = "number")]
    prompt_tokens: Option<f64>,
    #[serde(deserialize_with = "number")]
    completion_tokens: Option<f64>,
    #[serde(deserialize_with = "number")]
    total_tokens: Option<f64>,
    #[serde(deserialize_with = "number")]
    reasoning_tokens: Option<f64>,
    #[serde(deserialize_with = "number")]
    prompt_cache_read_tokens: Option<f64>,
    #[serde(deserialize_with = "number")]
    prompt_cache_write_tokens: Option<f64>,
    #[serde(deserialize_with = "number")]
    prompt_audio_tokens: Option<f64>,
    #[serde(deserialize_with = "number")]
    completion_audio_tokens: Option<f64>,
    request_properties: Option<Map<String, Value>>,
    properties: Option<Map<String, Value>>,
    scores: Option<Map<String, Value>>,
    feedback_rating: Option<bool>,
    #[serde(deserialize_with = "text")]
    feedback_created_at: String,
    #[serde(deserialize_with = "text")]
    country_code: String,
    #[serde(deserialize_with = "text")]
    cache_reference_id: String,
    cache_enabled: Option<bool>,
    #[serde(deserialize_with = "text")]
    prompt_id: String,
    #[serde(deserialize_with = "text")]
    prompt_version: String,
}

/// Takes null as an empty text, and a number as its digits.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text),
        Value::Number(number) => Ok(number.to_string()),
        _ => Err(serde::de::Error::custom("expected a text")),
    }
}

/// Takes a number, also one that is written as a text; null and an empty text are none.
fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    let wrong = || serde::de::Error::custom("expected a number");
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::String(text) if text.trim().is_empty() => Ok(None),
        Value::String(text) => text.trim().parse().map(Some).map_err(|_| wrong()),
        Value::Number(number) => number.as_f64().map(Some).ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

/// Reads a time: ISO 8601, or as ClickHouse writes it, which is UTC.
fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let written = || Timestamp::parse(&format!("{}Z", text.replacen(' ', "T", 1)));
    Timestamp::parse(text).or_else(written)
}

/// Reads one line.
///
/// # Errors
/// Says what keeps the line from being a row.
pub(super) fn read(upload: &Upload, line: &str, around: &Surroundings<'_>) -> Result<Record, String> {
    let row: Row<'_> = serde_json::from_str(line).map_err(|error| format!("not a row: {error}"))?;
    let request_id =
        RequestId::parse(row.request_id.trim()).ok_or("`request_id` must be a UUID, which the call keeps")?;
    let started_at = time(&row.request_created_at)
        .ok_or("`request_created_at` must be an ISO 8601 time, as in `2026-03-01T10:00:00Z`")?;
    let status = row.response_status.map_or(0, saturating);
    let ended_at = time(&row.response_created_at);
    let annotations = annotations(&row, ended_at.unwrap_or(around.now));
    let exchange = Exchange {
        meta: ExchangeMeta {
            timing: timing(&row, started_at, ended_at),
            outcome: intake::outcome(status),
            status,
            path: redact_target(cut(&row.request_path)).into_owned(),
            target_url: redact_target(cut(&row.target_url)).into_owned(),
            country_code: Some(row.country_code.trim().to_owned()).filter(|code| !code.is_empty()),
            cache: cache(&row),
            source: Source::Import,
            ..provided(upload, &row, request_id, started_at, around)
        },
        request: body(row.request_body),
        response: body(row.response_body),
    };
    Ok(Record { exchange: counted(exchange, &row), annotations })
}

/// The facts that labels hold, and whose call it was.
fn provided(
    upload: &Upload,
    row: &Row<'_>,
    request_id: RequestId,
    started_at: Timestamp,
    around: &Surroundings<'_>,
) -> ExchangeMeta {
    let filled = |text: &str| Some(cut(text).to_owned()).filter(|text| !text.is_empty());
    let mut labels = Labels {
        request_id: Some(request_id),
        user_id: filled(&row.request_user_id),
        model_override: filled(&row.model_override),
        prompt_id: filled(&row.prompt_id),
        prompt_version: filled(&row.prompt_version),
        ..Labels::default()
    };
    let properties = [&row.properties, &row.request_properties];
    for (name, value) in properties.into_iter().flatten().flatten() {
        match value {
            Value::Null => {}
            Value::String(text) => labels.set_property(name, text),
            other => labels.set_property(name, &other.to_string()),
        }
    }
    let name = row.provider.trim();
    let known = around.providers.and_then(|table| {
        let rows = table.rows();
        rows.iter().find(|provider| provider.name.eq_ignore_ascii_case(name))
    });
    let mut meta = intake::meta(upload, request_id, started_at, &labels);
    meta.provider = known.map_or_else(|| cut(name).into(), |provider| provider.name.clone());
    meta.dialect = known.map(|provider| provider.dialect).unwrap_or_default();
    meta
}

fn timing(row: &Row<'_>, started_at: Timestamp, ended_at: Option<Timestamp>) -> Timing {
    let between = || {
        let micros = ended_at?.as_unix_micros().saturating_sub(started_at.as_unix_micros());
        u64::try_from(micros).ok()
    };
    Timing {
        first_token_us: row.time_to_first_token.and_then(micros),
        total_us: row.delay_ms.and_then(micros).or_else(between).unwrap_or(0),
        ..Timing::default()
    }
}

/// Milliseconds as microseconds; what is no duration is none.
fn micros(milliseconds: f64) -> Option<u64> {
    let duration = Duration::try_from_secs_f64(milliseconds / 1e3).ok()?;
    u64::try_from(duration.as_micros()).ok()
}

/// A number within the bounds of a status.
#[expect(clippy::cast_possible_truncation, reason = "a conversion from a float saturates")]
fn saturating(number: f64) -> i32 {
    number as i32
}

/// What the cache did: Helicone writes the nil UUID where it did not answer.
fn cache(row: &Row<'_>) -> Option<CacheUse> {
    let reference_id = RequestId::parse(row.cache_reference_id.trim()).filter(|id| !id.as_uuid().is_nil());
    match reference_id {
        Some(_) => Some(CacheUse { status: CacheStatus::Hit, reference_id, ..CacheUse::default() }),
        None if row.cache_enabled == Some(true) => {
            Some(CacheUse { status: CacheStatus::Miss, ..CacheUse::default() })
        }
        None => None,
    }
}

/// A body as it was: JSON, or a text, which is mostly the events of a stream.
fn body(raw: Option<&RawValue>) -> Body {
    let json = raw.map(RawValue::get).unwrap_or_default();
    if matches!(json, "" | "null" | "{}" | "\"\"") {
        return Body::default();
    }
    let Ok(text) = serde_json::from_str::<String>(json) else {
        return intake::body(Bytes::from(redact_json(json).into_owned()), JSON);
    };
    let is_stream = text.trim_start().starts_with("data:") || text.trim_start().starts_with("event:");
    intake::body(Bytes::from(text), if is_stream { EVENTS } else { TEXT })
}

/// Adds the counts and models of the row where the bodies don't tell them.
fn counted(mut exchange: Exchange, row: &Row<'_>) -> Exchange {
    let read = intake::observe(&exchange);
    let usage = usage(row);
    if read.usage.is_some() || usage == Usage::default() {
        let has_models = read.request_model.is_some() || read.response_model.is_some();
        if has_models || row.model.is_empty() {
            return exchange;
        }
    }
    let named = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    exchange.meta.observed = Some(Observed {
        request_model: read.request_model.or_else(|| named(&row.request_model)),
        response_model: read
            .response_model
            .or_else(|| named(&row.response_model).or_else(|| named(&row.model))),
        usage: read.usage.or_else(|| Some(usage).filter(|usage| *usage != Usage::default())),
        ..read
    });
    exchange
}

/// The counts of a row; a class that Helicone says 0 of may be one that it does not know.
fn usage(row: &Row<'_>) -> Usage {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be a count")]
    let count = |number: Option<f64>| number.filter(|count| *count >= 0.0).map(|count| count as u64);
    let class = |number: Option<f64>| count(number).filter(|count| *count > 0);
    let is_empty = class(row.prompt_tokens).is_none() && class(row.completion_tokens).is_none();
    if is_empty {
        return Usage { total: class(row.total_tokens), ..Usage::default() };
    }
    Usage {
        input: count(row.prompt_tokens),
        output: count(row.completion_tokens),
        cache_read: class(row.prompt_cache_read_tokens),
        cache_write: class(row.prompt_cache_write_tokens),
        input_audio: class(row.prompt_audio_tokens),
        output_audio: class(row.completion_audio_tokens),
        reasoning: class(row.reasoning_tokens),
        total: class(row.total_tokens),
        ..Usage::default()
    }
}

/// Scores and the rating; what can't be one is left out.
fn annotations(row: &Row<'_>, at: Timestamp) -> Vec<Annotation> {
    let rated_at = time(&row.feedback_created_at).unwrap_or(at);
    let mut values: BTreeMap<&str, (FeedbackValue, Timestamp)> = BTreeMap::new();
    for (name, score) in row.scores.iter().flatten() {
        let Some(score) = score.as_f64().or_else(|| score.as_bool().map(|yes| f64::from(u8::from(yes))))
        else {
            continue;
        };
        let is_true = score > 0.0;
        let (name, value) = match name.strip_suffix(BOOLEAN) {
            Some(name) => (name, FeedbackValue::Boolean(is_true)),
            None if name == RATING => (RATING, FeedbackValue::Boolean(is_true)),
            None => (name.as_str(), FeedbackValue::Numerical(score)),
        };
        values.insert(name, (value, at));
    }
    if let Some(rating) = row.feedback_rating {
        values.insert(RATING, (FeedbackValue::Boolean(rating), rated_at));
    }
    let annotation = |(name, (value, at))| Annotation::new(name, Content::Feedback(value), at).ok();
    values.into_iter().filter_map(annotation).collect()
}
