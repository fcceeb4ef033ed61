//! Revising rows: a batch is laid beside the stored rows, and what changes something is put in its place at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use duckdb::arrow::array::{
    BooleanArray, Int64Array, StringArray, TimestampMicrosecondArray, UInt32Array, UInt64Array,
};
use duckdb::arrow::record_batch::RecordBatch;
use duckdb::{Connection, params_from_iter};
use gatehouse_store::log::{Reading, Revision};
use gatehouse_types::{NanoUsd, OrganizationId};

use super::encode::Laid;
use super::engine::Error;
use super::rollup;
use super::usage_details::usage_details;
use crate::sql::{self, DuckDb, Rolled};

/// Revises rows of an organisation in one transaction, and returns how many changed.
pub(super) fn revise(
    connection: &Connection,
    organization_id: OrganizationId,
    revisions: Vec<Revision>,
) -> Result<u64, Error> {
    // Of two for one row the last counts.
    let revisions: BTreeMap<u64, Revision> =
        revisions.into_iter().map(|revision| (revision.row_key.get(), revision)).collect();
    let (Some(first), Some(last)) = (revisions.keys().next(), revisions.keys().next_back()) else {
        return Ok(0);
    };
    let keys = *first..last.saturating_add(1);
    let revisions: Vec<&Revision> = revisions.values().collect();
    let transaction = connection.unchecked_transaction()?;
    transaction.execute_batch(sql::STAGE)?;
    let mut appender = transaction.appender(sql::STAGED)?;
    appender.append_record_batch(columns(organization_id, &revisions)?)?;
    appender.flush()?;
    drop(appender);
    let change = sql::change_staged(&DuckDb, organization_id, keys.clone());
    transaction.execute(&change.text, params_from_iter(&change.params))?;
    let rolled_up = keys.start..keys.end.min(rollup::rolled_up(&transaction)?);
    if !rolled_up.is_empty() {
        rollup::roll(&transaction, &Rolled::BeforeRevision(rolled_up.clone()))?;
    }
    transaction.execute(sql::CLEAR_CHANGED, [])?;
    let changed = transaction.execute(sql::INSERT_CHANGED, [])?;
    if !rolled_up.is_empty() {
        rollup::roll(&transaction, &Rolled::AfterRevision(rolled_up))?;
    }
    transaction.execute_batch(sql::DROP_STAGED)?;
    transaction.commit()?;
    Ok(changed as u64)
}

/// Lays revisions out as the columns of the staging table.
fn columns(organization_id: OrganizationId, revisions: &[&Revision]) -> Result<RecordBatch, Error> {
    let mut laid = Laid::default();
    let each = || revisions.iter().copied();
    laid.push("row_key", Arc::new(UInt64Array::from_iter_values(each().map(|one| one.row_key.get()))));
    laid.push_uuids("organization_id", each().map(|_| Some(organization_id.as_uuid())))?;
    let times = each().map(|one| one.revised.at.as_unix_micros());
    laid.push("revised_at", Arc::new(TimestampMicrosecondArray::from_iter_values(times)));
    let reasons = each().map(|one| one.revised.reason.as_str());
    laid.push("reason", Arc::new(StringArray::from_iter_values(reasons)));
    laid.push("cost", Arc::new(Int64Array::from_iter(each().map(|one| one.cost.map(NanoUsd::get)))));
    laid.push("cost_status", Arc::new(StringArray::from_iter_values(each().map(|one| &one.cost_status))));
    let has_reading = each().map(|one| Some(one.reading.is_some()));
    laid.push("has_reading", Arc::new(BooleanArray::from_iter(has_reading)));
    let readings: Vec<Option<&Reading>> = each().map(|one| one.reading.as_ref()).collect();
    read(&mut laid, &readings)?;
    let seen = each().map(|one| one.seen.map(|at| at.as_unix_micros()));
    laid.push("seen", Arc::new(TimestampMicrosecondArray::from_iter(seen)));
    laid.finish()
}

/// Lays out what was read.
fn read(laid: &mut Laid, readings: &[Option<&Reading>]) -> Result<(), Error> {
    let text = |value: fn(&Reading) -> Option<&str>| {
        let values = readings.iter().map(|reading| reading.and_then(value));
        Arc::new(StringArray::from_iter(values))
    };
    let count = |value: fn(&Reading) -> Option<u64>| {
        let values = readings.iter().map(|reading| reading.and_then(value));
        Arc::new(UInt64Array::from_iter(values))
    };
    laid.push("model", text(|reading| Some(&reading.model)));
    laid.push("usage_source", text(|reading| Some(reading.usage_source.as_str())));
    laid.push("prompt_tokens", count(|reading| reading.usage.input));
    laid.push("completion_tokens", count(|reading| reading.usage.output));
    laid.push("prompt_cache_read_tokens", count(|reading| reading.usage.cache_read));
    laid.push("prompt_cache_write_tokens", count(|reading| reading.usage.cache_write));
    laid.push("prompt_audio_tokens", count(|reading| reading.usage.input_audio));
    laid.push("completion_audio_tokens", count(|reading| reading.usage.output_audio));
    laid.push("reasoning_tokens", count(|reading| reading.usage.reasoning));
    laid.push("total_tokens", count(|reading| reading.usage.total));
    let details = readings.iter().map(|reading| match reading {
        Some(reading) => usage_details(&reading.usage),
        None => Ok(None),
    });
    laid.push("usage_details", Arc::new(details.collect::<Result<StringArray, _>>()?));
    laid.push("mapper_id", text(|reading| reading.mapper.as_ref().map(|mapper| mapper.id.as_str())));
    let versions = readings.iter().map(|reading| Some(reading.as_ref()?.mapper.as_ref()?.version));
    laid.push("mapper_version", Arc::new(UInt32Array::from_iter(versions)));
    laid.push("request_preview", text(|reading| reading.request_preview.as_deref()));
    laid.push("response_preview", text(|reading| reading.response_preview.as_deref()));
    Ok(())
}
