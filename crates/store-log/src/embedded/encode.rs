//! Rows to columns: the Arrow batches that DuckDB's appender takes.
//!
//! The columns come in the order of the table, as the last migration leaves it.

use std::collections::HashMap;
use std::sync::Arc;

use duckdb::arrow::array::{
    ArrayRef, BooleanArray, FixedSizeBinaryArray, Int32Array, Int64Array, LargeBinaryArray, MapBuilder,
    StringArray, StringBuilder, TimestampMicrosecondArray, UInt16Array, UInt32Array, UInt64Array,
};
use duckdb::arrow::datatypes::{DataType, Field, Schema};
use duckdb::arrow::error::ArrowError;
use duckdb::arrow::record_batch::RecordBatch;
use gatehouse_store::log::{LimitStatus, LogRow};
use gatehouse_types::{CacheStatus, LimitUse, NanoUsd, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use super::annotate::encode;
use super::bodies::{Block, Packer};
use super::engine::Error;
use super::properties::{self, Known};
use super::usage_details::usage_details;
use super::write::NewRow;

/// The size of a UUID.
const UUID_BYTES: i32 = 16;

/// Lays the facts of `rows` out as columns; bodies are left out, but for what becomes of them.
pub(super) fn facts(rows: &[NewRow<'_>], packer: &Packer, known: &Known) -> Result<RecordBatch, Error> {
    let mut columns = Columns { rows, laid: Laid::default() };
    identity(&mut columns)?;
    call(&mut columns)?;
    usage(&mut columns);
    timing(&mut columns);
    sizes(&mut columns, packer);
    handling(&mut columns)?;
    billing(&mut columns)?;
    for column in 0..properties::COLUMNS {
        columns.optional_text(&format!("property_{column}"), |row| known.value(row, column));
    }
    columns.laid.finish()
}

fn identity(columns: &mut Columns<'_, '_>) -> Result<(), Error> {
    let rows = columns.rows;
    columns.push("row_key", Arc::new(UInt64Array::from_iter_values(rows.iter().map(|new| new.row_key))));
    columns
        .push("superseded", Arc::new(BooleanArray::from_iter(rows.iter().map(|new| Some(new.superseded)))));
    columns.flag("client_chose_id", |row| row.client_chose_id);
    columns.uuid("organization_id", |row| Some(row.organization_id.as_uuid()))?;
    columns.uuid("request_id", |row| Some(row.request_id.as_uuid()))?;
    columns.time("request_created_at", |row| row.request_created_at);
    columns.uuid("response_id", |row| Some(row.response_id.as_uuid()))?;
    columns.time("response_created_at", |row| row.response_created_at);
    columns.uuid("key_id", |row| row.key_id.map(|id| id.as_uuid()))?;
    Ok(())
}

fn call(columns: &mut Columns<'_, '_>) -> Result<(), Error> {
    let rows = columns.rows;
    columns.text("outcome", |row| row.outcome.as_str());
    columns.push("status", Arc::new(Int32Array::from_iter_values(rows.iter().map(|new| new.row.status))));
    columns.optional_text("error_kind", |row| row.error_kind.as_deref());
    columns.push(
        "attempt_count",
        Arc::new(UInt16Array::from_iter_values(rows.iter().map(|new| new.row.attempt_count))),
    );
    columns.text("method", |row| &row.method);
    columns.text("path", |row| &row.path);
    columns.text("target_url", |row| &row.target_url);
    columns.text("provider", |row| &row.provider);
    columns.text("model", |row| &row.model);
    columns.optional_text("request_model", |row| row.request_model.as_deref());
    columns.optional_text("response_model", |row| row.response_model.as_deref());
    columns.optional_text("model_override", |row| row.model_override.as_deref());
    columns.flag("is_stream", |row| row.is_stream);
    columns.text("user_id", |row| &row.user_id);
    columns.properties()?;
    columns.optional_text("country_code", |row| row.country_code.as_deref());
    columns.text("prompt_id", |row| &row.prompt_id);
    columns.text("prompt_version", |row| &row.prompt_version);
    columns.text("request_referrer", |row| &row.request_referrer);
    columns.flag("cache_enabled", |row| row.cache_enabled);
    columns.uuid("cache_reference_id", |row| row.cache_reference_id.map(|id| id.as_uuid()))?;
    Ok(())
}

fn usage(columns: &mut Columns<'_, '_>) {
    columns.text("usage_source", |row| row.usage_source.as_str());
    columns.count("prompt_tokens", |row| row.usage.input);
    columns.count("completion_tokens", |row| row.usage.output);
    columns.count("prompt_cache_read_tokens", |row| row.usage.cache_read);
    columns.count("prompt_cache_write_tokens", |row| row.usage.cache_write);
    columns.count("prompt_audio_tokens", |row| row.usage.input_audio);
    columns.count("completion_audio_tokens", |row| row.usage.output_audio);
    columns.count("reasoning_tokens", |row| row.usage.reasoning);
    columns.count("total_tokens", |row| row.usage.total);
    columns.money("cost", |row| row.cost);
    columns.text("cost_status", |row| &row.cost_status);
}

fn timing(columns: &mut Columns<'_, '_>) {
    columns.count("latency", |row| Some(row.total_us / 1000));
    columns.count("time_to_first_token", |row| row.first_token_us.map(|micros| micros / 1000));
    columns.count("total_us", |row| Some(row.total_us));
    columns.count("connect_us", |row| row.connect_us);
    columns.count("first_byte_us", |row| row.first_byte_us);
    columns.count("first_token_us", |row| row.first_token_us);
}

fn sizes(columns: &mut Columns<'_, '_>, packer: &Packer) {
    columns.count("request_bytes", |row| Some(row.request_bytes));
    columns.count("response_bytes", |row| Some(row.response_bytes));
    columns.text("request_body_state", |row| {
        packer.state(row.bodies.request.as_ref(), row.request_body_state).as_str()
    });
    columns.text("response_body_state", |row| {
        packer.state(row.bodies.response.as_ref(), row.response_body_state).as_str()
    });
    columns.optional_text("request_preview", |row| row.request_preview.as_deref());
    columns.optional_text("response_preview", |row| row.response_preview.as_deref());
}

fn handling(columns: &mut Columns<'_, '_>) -> Result<(), Error> {
    columns.text("source", |row| row.handling.source.as_str());
    columns.json("attempts", |row| &row.handling.attempts)?;
    columns.index("fallback_index", |row| row.handling.fallback_index);
    columns.optional_text("cache_status", |row| row.handling.cache_status.map(CacheStatus::as_str));
    columns.index("cache_bucket_index", |row| row.handling.cache_bucket_index);
    columns.count("saved_us", |row| row.handling.saved.us);
    columns.money("saved_cost", |row| row.handling.saved.cost);
    columns.count("saved_prompt_tokens", |row| row.handling.saved.prompt_tokens);
    columns.count("saved_completion_tokens", |row| row.handling.saved.completion_tokens);
    columns.of_limit("rate_limit_policy", |limit| Some(&limit.policy));
    columns.of_limit("rate_limit_status", |limit| Some(LimitStatus::of(limit).as_str()));
    columns.of_limit("rate_limit_error", |limit| limit.error.as_deref());
    columns.json("guards", |row| &row.handling.guards)?;
    columns.optional_flag("threat", |row| row.handling.threat);
    columns.uuid("proxy_key_id", |row| row.handling.proxy_key_id.map(|id| id.as_uuid()))?;
    columns.json("prompt_inputs", |row| &row.handling.prompt_inputs)?;
    Ok(())
}

fn billing(columns: &mut Columns<'_, '_>) -> Result<(), Error> {
    let rows = columns.rows;
    columns.optional_text("service_tier", |row| row.billing.service_tier.as_deref());
    columns.optional_text("variant", |row| row.billing.variant.as_deref());
    columns.money("declared_cost", |row| row.billing.declared_cost);
    columns
        .optional_flag("extra_charges", |row| (!row.billing.is_unknown).then_some(row.billing.extra_charges));
    let details = rows.iter().map(|new| usage_details(&new.row.usage));
    columns.push("usage_details", Arc::new(details.collect::<Result<StringArray, _>>()?));
    columns.optional_text("mapper_id", |row| row.mapper.as_ref().map(|mapper| mapper.id.as_str()));
    let versions = rows.iter().map(|new| new.row.mapper.as_ref().map(|mapper| mapper.version));
    columns.push("mapper_version", Arc::new(UInt32Array::from_iter(versions)));
    Ok(())
}

/// Lays finished blocks out as columns.
pub(super) fn body_blocks(blocks: &[Block]) -> Result<RecordBatch, Error> {
    let mut columns = Laid::default();
    columns
        .push_uuids("organization_id", blocks.iter().map(|block| Some(block.organization_id.as_uuid())))?;
    let keys = |key: fn(&Block) -> u64| Arc::new(UInt64Array::from_iter_values(blocks.iter().map(key)));
    columns.push("first_row_key", keys(|block| block.first_row_key));
    columns.push("last_row_key", keys(|block| block.last_row_key));
    let latest = blocks.iter().map(|block| block.latest.as_unix_micros());
    columns.push("latest", Arc::new(TimestampMicrosecondArray::from_iter_values(latest)));
    let content = blocks.iter().map(|block| block.content.as_slice());
    columns.push("content", Arc::new(LargeBinaryArray::from_iter_values(content)));
    columns.finish()
}

/// Lays the annotations of rows out as columns.
pub(super) fn annotations(rows: &[LogRow]) -> Result<RecordBatch, Error> {
    let added = rows.iter().flat_map(|row| row.annotations.iter().map(move |annotation| (row, annotation)));
    let added: Vec<_> =
        added.map(|(row, annotation)| (row, encode(annotation.content()), annotation)).collect();
    let mut columns = Laid::default();
    columns
        .push_uuids("organization_id", added.iter().map(|(row, ..)| Some(row.organization_id.as_uuid())))?;
    columns.push_uuids("request_id", added.iter().map(|(row, ..)| Some(row.request_id.as_uuid())))?;
    let mut text = |name: &str, values: Vec<&str>| {
        columns.push(name, Arc::new(StringArray::from_iter_values(values)));
    };
    text("kind", added.iter().map(|(_, (kind, ..), _)| *kind).collect());
    text("name", added.iter().map(|(.., annotation)| annotation.name()).collect());
    text("value", added.iter().map(|(_, (_, value, _), _)| value.as_str()).collect());
    text("data_type", added.iter().map(|(_, (.., data_type), _)| *data_type).collect());
    let times = added.iter().map(|(.., annotation)| annotation.at().as_unix_micros());
    columns.push("annotated_at", Arc::new(TimestampMicrosecondArray::from_iter_values(times)));
    columns.finish()
}

/// Lays the rows that pass a test of bodies out as columns.
pub(super) fn body_matches(test: u64, row_keys: Vec<u64>) -> Result<RecordBatch, Error> {
    let mut columns = Laid::default();
    columns.push("test", Arc::new(UInt64Array::from(vec![test; row_keys.len()])));
    columns.push("row_key", Arc::new(UInt64Array::from(row_keys)));
    columns.finish()
}

/// The columns made so far.
#[derive(Default)]
pub(super) struct Laid {
    columns: Vec<(Field, ArrayRef)>,
}

impl Laid {
    pub(super) fn push(&mut self, name: &str, array: ArrayRef) {
        self.columns.push((Field::new(name, array.data_type().clone(), true), array));
    }

    pub(super) fn push_uuids(
        &mut self,
        name: &str,
        values: impl ExactSizeIterator<Item = Option<Uuid>>,
    ) -> Result<(), ArrowError> {
        let values = values.map(|id| id.map(Uuid::into_bytes));
        let array = FixedSizeBinaryArray::try_from_sparse_iter_with_size(values, UUID_BYTES)?;
        let metadata = HashMap::from([("ARROW:extension:name".to_owned(), "arrow.uuid".to_owned())]);
        let field = Field::new(name, DataType::FixedSizeBinary(UUID_BYTES), true).with_metadata(metadata);
        self.columns.push((field, Arc::new(array)));
        Ok(())
    }

    pub(super) fn finish(self) -> Result<RecordBatch, Error> {
        let (fields, arrays): (Vec<Field>, Vec<ArrayRef>) = self.columns.into_iter().unzip();
        Ok(RecordBatch::try_new(Arc::new(Schema::new(fields)), arrays)?)
    }
}

/// The columns made so far, and the rows they are made from.
struct Columns<'a, 'r> {
    rows: &'a [NewRow<'r>],
    laid: Laid,
}

impl<'r> Columns<'_, 'r> {
    fn push(&mut self, name: &str, array: ArrayRef) {
        self.laid.push(name, array);
    }

    fn text<'t>(&mut self, name: &str, value: impl Fn(&'r LogRow) -> &'t str) {
        let values = self.rows.iter().map(|new| value(new.row));
        self.push(name, Arc::new(StringArray::from_iter_values(values)));
    }

    fn optional_text(&mut self, name: &str, value: impl Fn(&'r LogRow) -> Option<&'r str>) {
        let values = self.rows.iter().map(|new| value(new.row));
        self.push(name, Arc::new(StringArray::from_iter(values)));
    }

    fn flag(&mut self, name: &str, value: impl Fn(&'r LogRow) -> bool) {
        let values = self.rows.iter().map(|new| Some(value(new.row)));
        self.push(name, Arc::new(BooleanArray::from_iter(values)));
    }

    fn optional_flag(&mut self, name: &str, value: impl Fn(&'r LogRow) -> Option<bool>) {
        let values = self.rows.iter().map(|new| value(new.row));
        self.push(name, Arc::new(BooleanArray::from_iter(values)));
    }

    fn of_limit(&mut self, name: &str, value: impl Fn(&'r LimitUse) -> Option<&'r str>) {
        self.optional_text(name, |row| row.handling.rate_limit.as_ref().and_then(&value));
    }

    /// Adds a column of JSON, null for empty lists.
    fn json<T: Serialize + 'r>(
        &mut self,
        name: &str,
        value: impl Fn(&'r LogRow) -> &'r Vec<T>,
    ) -> Result<(), Error> {
        let written = self.rows.iter().map(|new| match value(new.row).as_slice() {
            [] => Ok(None),
            list => serde_json::to_string(list).map(Some),
        });
        let array = written.collect::<Result<StringArray, _>>()?;
        self.push(name, Arc::new(array));
        Ok(())
    }

    fn money(&mut self, name: &str, value: impl Fn(&'r LogRow) -> Option<NanoUsd>) {
        let values = self.rows.iter().map(|new| value(new.row).map(NanoUsd::get));
        self.push(name, Arc::new(Int64Array::from_iter(values)));
    }

    fn index(&mut self, name: &str, value: impl Fn(&'r LogRow) -> Option<u16>) {
        let values = self.rows.iter().map(|new| value(new.row));
        self.push(name, Arc::new(UInt16Array::from_iter(values)));
    }

    fn count(&mut self, name: &str, value: impl Fn(&'r LogRow) -> Option<u64>) {
        let values = self.rows.iter().map(|new| value(new.row));
        self.push(name, Arc::new(UInt64Array::from_iter(values)));
    }

    fn time(&mut self, name: &str, value: impl Fn(&'r LogRow) -> Timestamp) {
        let values = self.rows.iter().map(|new| value(new.row).as_unix_micros());
        self.push(name, Arc::new(TimestampMicrosecondArray::from_iter_values(values)));
    }

    fn uuid(&mut self, name: &str, value: impl Fn(&'r LogRow) -> Option<Uuid>) -> Result<(), ArrowError> {
        let rows = self.rows;
        self.laid.push_uuids(name, rows.iter().map(|new| value(new.row)))
    }

    fn properties(&mut self) -> Result<(), ArrowError> {
        let mut map = MapBuilder::new(None, StringBuilder::new(), StringBuilder::new());
        for new in self.rows {
            for (key, value) in &new.row.properties {
                map.keys().append_value(key);
                map.values().append_value(value);
            }
            map.append(true)?;
        }
        self.push("properties", Arc::new(map.finish()));
        Ok(())
    }
}
