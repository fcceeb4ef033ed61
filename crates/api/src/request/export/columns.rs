//! The columns of an export that is a table: the fields of a row in the API, each with one type.

use gatehouse_store::log::LogRow;
use gatehouse_store::mappers::Mappings;
use serde_json::{Map, Value};

use crate::request::HeliconeRequest;
use crate::request::row::{Bodies, shown};

/// The columns that hold bodies.
pub(super) const REQUEST_BODY: &str = "request_body";
pub(super) const RESPONSE_BODY: &str = "response_body";

/// What the values of a column are; each may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Text.
    Text,
    /// An instant.
    Time,
    /// A whole number.
    Whole,
    /// Any number.
    Real,
    /// True or false.
    Flag,
    /// Lists, objects and bodies, as JSON.
    Json,
}

/// Every column, in order.
pub(super) const COLUMNS: &[(&str, Kind)] = &[
    ("request_id", Kind::Text),
    ("request_created_at", Kind::Time),
    ("response_created_at", Kind::Time),
    ("response_status", Kind::Whole),
    ("outcome", Kind::Text),
    ("error_type", Kind::Text),
    ("provider", Kind::Text),
    ("model", Kind::Text),
    ("request_model", Kind::Text),
    ("response_model", Kind::Text),
    ("model_override", Kind::Text),
    ("request_user_id", Kind::Text),
    ("request_properties", Kind::Json),
    ("properties", Kind::Json),
    ("delay_ms", Kind::Real),
    ("time_to_first_token", Kind::Real),
    ("ttfb_ms", Kind::Real),
    ("connect_ms", Kind::Real),
    ("prompt_tokens", Kind::Whole),
    ("completion_tokens", Kind::Whole),
    ("total_tokens", Kind::Whole),
    ("reasoning_tokens", Kind::Whole),
    ("prompt_cache_read_tokens", Kind::Whole),
    ("prompt_cache_write_tokens", Kind::Whole),
    ("prompt_audio_tokens", Kind::Whole),
    ("completion_audio_tokens", Kind::Whole),
    ("usage_source", Kind::Text),
    ("usage_details", Kind::Json),
    ("usage_hint", Kind::Text),
    ("cost", Kind::Real),
    ("costUSD", Kind::Real),
    ("cost_nano_usd", Kind::Whole),
    ("cost_status", Kind::Text),
    ("service_tier", Kind::Text),
    ("request_path", Kind::Text),
    ("target_url", Kind::Text),
    ("method", Kind::Text),
    ("is_stream", Kind::Flag),
    ("source", Kind::Text),
    ("country_code", Kind::Text),
    ("cache", Kind::Json),
    ("cache_enabled", Kind::Flag),
    ("cache_reference_id", Kind::Text),
    ("rate_limit", Kind::Json),
    ("guards", Kind::Json),
    ("threat", Kind::Flag),
    ("attempt_count", Kind::Whole),
    ("attempts", Kind::Json),
    ("fallback_index", Kind::Whole),
    ("proxy_key_id", Kind::Text),
    ("prompt_id", Kind::Text),
    ("prompt_version", Kind::Text),
    ("scores", Kind::Json),
    ("feedback", Kind::Json),
    ("feedback_rating", Kind::Flag),
    ("feedback_id", Kind::Text),
    ("feedback_created_at", Kind::Time),
    ("request_bytes", Kind::Whole),
    ("response_bytes", Kind::Whole),
    ("size_bytes", Kind::Whole),
    ("request_body_state", Kind::Text),
    ("response_body_state", Kind::Text),
    ("request_preview", Kind::Text),
    ("response_preview", Kind::Text),
    ("mapper_id", Kind::Text),
    ("mapper_version", Kind::Whole),
    ("revised_at", Kind::Time),
    ("updated_at", Kind::Time),
    ("response_id", Kind::Text),
    ("helicone_user", Kind::Text),
    ("request_referrer", Kind::Text),
    ("signed_body_url", Kind::Text),
    ("storage_location", Kind::Text),
    ("ai_gateway_body_mapping", Kind::Text),
    ("llmSchema", Kind::Json),
    ("asset_ids", Kind::Json),
    ("asset_urls", Kind::Json),
    ("assets", Kind::Json),
    (REQUEST_BODY, Kind::Json),
    (RESPONSE_BODY, Kind::Json),
];

/// A row of a table.
pub(super) struct Record {
    fields: Map<String, Value>,
    bodies: [Option<String>; 2],
}

impl Record {
    /// Returns the record of a row; bodies stay as they are, JSON or not.
    pub(super) fn new(mut row: LogRow, mappings: &Mappings) -> serde_json::Result<Self> {
        let bodies = [row.bodies.request.take(), row.bodies.response.take()]
            .map(|body| body.and_then(shown).map(|json| String::from(<Box<str>>::from(json))));
        let shown = serde_json::to_value(HeliconeRequest::from_row(row, Bodies::Left, mappings))?;
        let fields = if let Value::Object(fields) = shown { fields } else { Map::new() };
        Ok(Self { fields, bodies })
    }

    /// Returns the value of a column that is no body; `None` where it is unknown.
    fn value(&self, column: &str) -> Option<&Value> {
        self.fields.get(column).filter(|value| !value.is_null())
    }

    /// Returns the value of a column as text, JSON where it is no text; `None` where it is unknown.
    pub(super) fn text(&self, column: &str) -> Option<String> {
        let [request, response] = &self.bodies;
        match column {
            REQUEST_BODY => request.clone(),
            RESPONSE_BODY => response.clone(),
            _ => self.value(column).map(|value| match value {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            }),
        }
    }

    /// Returns a whole number, the nearest that a signed one of 64 bits can be.
    pub(super) fn whole(&self, column: &str) -> Option<i64> {
        let value = self.value(column)?;
        value.as_i64().or_else(|| value.as_u64().map(|_| i64::MAX))
    }

    /// Returns a number.
    pub(super) fn real(&self, column: &str) -> Option<f64> {
        self.value(column)?.as_f64()
    }

    /// Returns whether it is so.
    pub(super) fn flag(&self, column: &str) -> Option<bool> {
        self.value(column)?.as_bool()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use gatehouse_store::conformance::samples::plain_row;
    use gatehouse_types::{OrganizationId, RequestId};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn every_field_of_a_row_has_a_column_and_every_column_a_field() {
        let row = plain_row(OrganizationId::from_uuid(Uuid::nil()), RequestId::from_uuid(Uuid::nil()));
        let record = Record::new(row, &Mappings::default()).unwrap();
        let fields: BTreeSet<&str> = record.fields.keys().map(String::as_str).collect();
        let columns: BTreeSet<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        assert_eq!(fields, columns);
        assert_eq!(columns.len(), COLUMNS.len(), "a column is there twice");
    }
}
