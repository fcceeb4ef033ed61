//! A span as both encodings of OTLP tell it.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::error::{ApiError, ErrorKind};

/// The code of a status that is an error.
pub(super) const STATUS_ERROR: i64 = 2;

/// How many spans, attributes and values one body may hold: in memory each is many times as long as it can be
/// written.
pub(super) const MAX_PARTS: usize = 600_000;

/// Returns the error for a body that holds more.
pub(super) fn too_many_parts() -> ApiError {
    let message = format!("the body holds more than {MAX_PARTS} spans, attributes and values");
    ApiError::new(ErrorKind::BodyTooLarge, message)
}

/// One span of a trace.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Span {
    /// 16 bytes.
    pub(super) trace_id: Vec<u8>,
    /// 8 bytes.
    pub(super) span_id: Vec<u8>,
    /// Nanoseconds since the Unix epoch; 0 for an unknown time.
    pub(super) start_nanos: u64,
    /// The same of its end.
    pub(super) end_nanos: u64,
    /// What is known about it.
    pub(super) attributes: Attributes,
    /// Why it failed, if it did; may be empty.
    pub(super) failure: Option<String>,
}

/// The attributes of a span, by name; of one that occurs twice the last counts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Attributes(BTreeMap<String, Value>);

impl FromIterator<(String, Value)> for Attributes {
    fn from_iter<I: IntoIterator<Item = (String, Value)>>(attributes: I) -> Self {
        Self(attributes.into_iter().collect())
    }
}

impl Attributes {
    /// Returns the first of these attributes that is there.
    pub(super) fn get(&self, names: &[&str]) -> Option<&Value> {
        names.iter().find_map(|name| self.0.get(*name)).filter(|value| !value.is_null())
    }

    /// Returns the first of these attributes that is a text with anything in it.
    pub(super) fn text(&self, names: &[&str]) -> Option<&str> {
        let texts = names.iter().filter_map(|name| self.0.get(*name)?.as_str());
        texts.into_iter().find(|text| !text.is_empty())
    }

    /// Returns the first of these attributes that is a count.
    pub(super) fn count(&self, names: &[&str]) -> Option<u64> {
        names.iter().find_map(|name| count(self.0.get(*name)?))
    }

    /// Returns the attributes whose names begin with `prefix`, with what follows it.
    pub(super) fn under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let from = self.0.range(prefix.to_owned()..);
        from.map_while(move |(name, value)| Some((name.strip_prefix(prefix)?, value)))
    }
}

/// Returns a number that counts something, which may be written as a text or with a point.
pub(super) fn count(value: &Value) -> Option<u64> {
    let written = || value.as_str()?.trim().parse().ok();
    let rounded = || value.as_f64().filter(|number| number.fract() == 0.0)?.to_string().parse().ok();
    value.as_u64().or_else(written).or_else(rounded)
}

/// Returns a value as a text: one that is none as compact JSON.
pub(super) fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
