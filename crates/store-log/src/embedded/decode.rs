//! Result rows to [`LogRow`]: the columns in the order of [`COLUMNS`].

use std::collections::BTreeMap;

use duckdb::Row;
use duckdb::types::{FromSql, TimeUnit, Value};
use gatehouse_store::log::{
    Annotations, Billing, Bodies, CostSum, Handling, LimitStatus, LogRow, MapperUse, PricedRow, Revised,
    RevisionReason, RowKey, Saved,
};
use gatehouse_types::{
    BodyState, CacheStatus, KeyId, LimitUse, NanoUsd, OrganizationId, Outcome, ProxyKeyId, RequestId, Source,
    Timestamp, Usage, UsageSource,
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::engine::Error;
use super::usage_details;

/// The cost status of calls that are charged for more than what their usage has a class for.
const EXTRA_CHARGES: &str = "extra_charges";

/// What a query must select, in the order in which [`log_row`] reads it.
pub(super) const COLUMNS: [&str; 75] = [
    "request_id",
    "client_chose_id",
    "response_id",
    "organization_id",
    "key_id",
    "request_created_at",
    "response_created_at",
    "outcome",
    "status",
    "error_kind",
    "attempt_count",
    "method",
    "path",
    "target_url",
    "provider",
    "model",
    "request_model",
    "response_model",
    "model_override",
    "is_stream",
    "user_id",
    "properties",
    "usage_source",
    "prompt_tokens",
    "completion_tokens",
    "prompt_cache_read_tokens",
    "prompt_cache_write_tokens",
    "prompt_audio_tokens",
    "completion_audio_tokens",
    "reasoning_tokens",
    "total_tokens",
    "usage_details",
    "cost",
    "cost_status",
    "service_tier",
    "variant",
    "declared_cost",
    "extra_charges",
    "mapper_id",
    "mapper_version",
    "revised_at",
    "revised_reason",
    "connect_us",
    "first_byte_us",
    "first_token_us",
    "total_us",
    "request_bytes",
    "response_bytes",
    "request_body_state",
    "response_body_state",
    "request_preview",
    "response_preview",
    "country_code",
    "cache_reference_id",
    "cache_enabled",
    "prompt_id",
    "prompt_version",
    "request_referrer",
    "source",
    "attempts",
    "fallback_index",
    "cache_status",
    "cache_bucket_index",
    "saved_us",
    "saved_cost",
    "saved_prompt_tokens",
    "saved_completion_tokens",
    "rate_limit_policy",
    "rate_limit_status",
    "rate_limit_error",
    "guards",
    "threat",
    "proxy_key_id",
    "prompt_inputs",
    "row_key",
];

/// What a query must select, in the order in which [`priced_row`] reads it.
pub(super) const PRICED_COLUMNS: [&str; 24] = [
    "row_key",
    "request_created_at",
    "status",
    "provider",
    "target_url",
    "model",
    "usage_source",
    "prompt_tokens",
    "completion_tokens",
    "prompt_cache_read_tokens",
    "prompt_cache_write_tokens",
    "prompt_audio_tokens",
    "completion_audio_tokens",
    "reasoning_tokens",
    "total_tokens",
    "usage_details",
    "cost",
    "cost_status",
    "service_tier",
    "variant",
    "declared_cost",
    "extra_charges",
    "revised_at",
    "revised_reason",
];

/// A row of the facts table.
pub(super) struct StoredRow {
    /// Its place among all rows, which its bodies share.
    pub(super) row_key: u64,
    /// The row, without bodies and annotations.
    pub(super) row: LogRow,
}

/// Reads one result row whose columns are [`COLUMNS`].
pub(super) fn stored_row(row: &Row<'_>) -> Result<StoredRow, Error> {
    let mut cells = Cells { row, names: &COLUMNS, next: 0 };
    let mut row = LogRow {
        request_id: RequestId::from_uuid(cells.uuid()?),
        client_chose_id: cells.get()?,
        response_id: RequestId::from_uuid(cells.uuid()?),
        organization_id: OrganizationId::from_uuid(cells.uuid()?),
        key_id: cells.optional_uuid()?.map(KeyId::from_uuid),
        request_created_at: cells.time()?,
        response_created_at: cells.time()?,
        outcome: cells.named(&Outcome::ALL, Outcome::as_str)?,
        status: cells.get()?,
        error_kind: cells.get()?,
        attempt_count: cells.get()?,
        method: cells.get()?,
        path: cells.get()?,
        target_url: cells.get()?,
        provider: cells.get()?,
        model: cells.get()?,
        request_model: cells.get()?,
        response_model: cells.get()?,
        model_override: cells.get()?,
        is_stream: cells.get()?,
        user_id: cells.get()?,
        properties: cells.map()?,
        usage_source: cells.named(&UsageSource::ALL, UsageSource::as_str)?,
        usage: usage(&mut cells)?,
        cost: cells.get::<Option<i64>>()?.map(NanoUsd::new),
        cost_status: cells.get()?,
        billing: billing(&mut cells)?,
        mapper: mapper(&mut cells)?,
        revised: revised(&mut cells)?,
        connect_us: cells.get()?,
        first_byte_us: cells.get()?,
        first_token_us: cells.get()?,
        total_us: cells.get()?,
        request_bytes: cells.get()?,
        response_bytes: cells.get()?,
        request_body_state: cells.named(&BODY_STATES, BodyState::as_str)?,
        response_body_state: cells.named(&BODY_STATES, BodyState::as_str)?,
        request_preview: cells.get()?,
        response_preview: cells.get()?,
        country_code: cells.get()?,
        cache_reference_id: cells.optional_uuid()?.map(RequestId::from_uuid),
        cache_enabled: cells.get()?,
        prompt_id: cells.get()?,
        prompt_version: cells.get()?,
        request_referrer: cells.get()?,
        handling: handling(&mut cells)?,
        bodies: Bodies::default(),
        annotations: Annotations::default(),
    };
    note_extra_charges(&mut row.billing, &row.cost_status);
    Ok(StoredRow { row_key: cells.get()?, row })
}

/// Reads one result row whose columns are [`PRICED_COLUMNS`].
pub(super) fn priced_row(row: &Row<'_>) -> Result<PricedRow, Error> {
    let mut cells = Cells { row, names: &PRICED_COLUMNS, next: 0 };
    let mut row = PricedRow {
        row_key: RowKey::new(cells.get()?),
        request_created_at: cells.time()?,
        status: cells.get()?,
        provider: cells.get()?,
        target_url: cells.get()?,
        model: cells.get()?,
        usage_source: cells.named(&UsageSource::ALL, UsageSource::as_str)?,
        usage: usage(&mut cells)?,
        cost: cells.get::<Option<i64>>()?.map(NanoUsd::new),
        cost_status: cells.get()?,
        billing: billing(&mut cells)?,
        revised: revised(&mut cells)?,
    };
    note_extra_charges(&mut row.billing, &row.cost_status);
    Ok(row)
}

/// Reads one result row of [`crate::sql::cost_sums`].
pub(super) fn cost_sum(row: &Row<'_>) -> Result<CostSum, Error> {
    const NAMES: [&str; 10] = [
        "day",
        "model",
        "provider",
        "cost_status",
        "calls",
        "without_cost",
        "cost",
        "prompt_tokens",
        "completion_tokens",
        "total_tokens",
    ];
    let mut cells = Cells { row, names: &NAMES, next: 0 };
    Ok(CostSum {
        day: cells.optional_time()?,
        model: cells.get()?,
        provider: cells.get()?,
        cost_status: cells.get()?,
        calls: u64::try_from(cells.get::<i64>()?).unwrap_or_default(),
        without_cost: u64::try_from(cells.get::<i64>()?).unwrap_or_default(),
        cost: cells.get()?,
        prompt_tokens: cells.get()?,
        completion_tokens: cells.get()?,
        total_tokens: cells.get()?,
    })
}

/// Takes from the cost status whether a row of before is charged for more than its usage.
fn note_extra_charges(billing: &mut Billing, cost_status: &str) {
    billing.extra_charges |= billing.is_unknown && cost_status == EXTRA_CHARGES;
}

/// Reads what a call used, in all classes.
fn usage(cells: &mut Cells<'_>) -> Result<Usage, Error> {
    let mut usage = Usage {
        input: cells.get()?,
        output: cells.get()?,
        cache_read: cells.get()?,
        cache_write: cells.get()?,
        input_audio: cells.get()?,
        output_audio: cells.get()?,
        reasoning: cells.get()?,
        total: cells.get()?,
        ..Usage::default()
    };
    usage_details::read_into(&mut usage, cells.get::<Option<String>>()?.as_deref())?;
    Ok(usage)
}

fn billing(cells: &mut Cells<'_>) -> Result<Billing, Error> {
    let (service_tier, variant) = (cells.get()?, cells.get()?);
    let declared_cost = cells.get::<Option<i64>>()?.map(NanoUsd::new);
    let extra_charges: Option<bool> = cells.get()?;
    let is_unknown = extra_charges.is_none();
    let extra_charges = extra_charges.unwrap_or_default();
    Ok(Billing { service_tier, variant, declared_cost, extra_charges, is_unknown })
}

fn mapper(cells: &mut Cells<'_>) -> Result<Option<MapperUse>, Error> {
    let (id, version): (Option<String>, Option<u32>) = (cells.get()?, cells.get()?);
    Ok(id.zip(version).map(|(id, version)| MapperUse { id, version }))
}

fn revised(cells: &mut Cells<'_>) -> Result<Option<Revised>, Error> {
    let at = cells.optional_time()?;
    let reason = cells.optional_named(&RevisionReason::ALL, RevisionReason::as_str)?;
    Ok(at.zip(reason).map(|(at, reason)| Revised { at, reason }))
}

/// Reads what the gateway did with a call beside passing it on.
fn handling(cells: &mut Cells<'_>) -> Result<Handling, Error> {
    Ok(Handling {
        source: cells.optional_named(&Source::ALL, Source::as_str)?.unwrap_or_default(),
        attempts: cells.list()?,
        fallback_index: cells.get()?,
        cache_status: cells.optional_named(&CacheStatus::ALL, CacheStatus::as_str)?,
        cache_bucket_index: cells.get()?,
        saved: Saved {
            us: cells.get()?,
            cost: cells.get::<Option<i64>>()?.map(NanoUsd::new),
            prompt_tokens: cells.get()?,
            completion_tokens: cells.get()?,
        },
        rate_limit: rate_limit(cells)?,
        guards: cells.list()?,
        threat: cells.get()?,
        proxy_key_id: cells.optional_uuid()?.map(ProxyKeyId::from_uuid),
        prompt_inputs: cells.list()?,
    })
}

/// Reads the policy, what came of it, and why a policy was not applied.
fn rate_limit(cells: &mut Cells<'_>) -> Result<Option<LimitUse>, Error> {
    let policy: Option<String> = cells.get()?;
    let status = cells.optional_named(&LimitStatus::ALL, LimitStatus::as_str)?;
    let error = cells.get()?;
    Ok(status.map(|status| LimitUse {
        policy: policy.unwrap_or_default(),
        is_refused: status == LimitStatus::Refused,
        error,
    }))
}

const BODY_STATES: [BodyState; 4] =
    [BodyState::Empty, BodyState::Stored, BodyState::Truncated, BodyState::Omitted];

/// Reads a UUID, which the engine gives out as text.
pub(super) fn parse_uuid(text: &str, column: &'static str) -> Result<Uuid, Error> {
    Uuid::try_parse(text).map_err(|_| Error::Value { column })
}

/// Reads the timestamp in the cell `index`.
pub(super) fn timestamp(row: &Row<'_>, index: usize, column: &'static str) -> Result<Timestamp, Error> {
    match row.get::<_, Value>(index)? {
        Value::Timestamp(TimeUnit::Microsecond, micros) => Ok(Timestamp::from_unix_micros(micros)),
        _ => Err(Error::Value { column }),
    }
}

/// The cells of a result row, read one after the other.
struct Cells<'a> {
    row: &'a Row<'a>,
    names: &'static [&'static str],
    next: usize,
}

impl Cells<'_> {
    fn next(&mut self) -> (usize, &'static str) {
        let index = self.next;
        self.next += 1;
        (index, self.name(index))
    }

    fn name(&self, index: usize) -> &'static str {
        self.names.get(index).copied().unwrap_or("none")
    }

    fn get<T: FromSql>(&mut self) -> Result<T, Error> {
        Ok(self.row.get(self.next().0)?)
    }

    fn optional_uuid(&mut self) -> Result<Option<Uuid>, Error> {
        let (index, column) = self.next();
        let text: Option<String> = self.row.get(index)?;
        text.map(|text| parse_uuid(&text, column)).transpose()
    }

    fn uuid(&mut self) -> Result<Uuid, Error> {
        Ok(self.optional_uuid()?.unwrap_or_default())
    }

    fn time(&mut self) -> Result<Timestamp, Error> {
        let (index, column) = self.next();
        timestamp(self.row, index, column)
    }

    fn optional_time(&mut self) -> Result<Option<Timestamp>, Error> {
        let (index, column) = self.next();
        match self.row.get::<_, Value>(index)? {
            Value::Null => Ok(None),
            Value::Timestamp(TimeUnit::Microsecond, micros) => Ok(Some(Timestamp::from_unix_micros(micros))),
            _ => Err(Error::Value { column }),
        }
    }

    fn named<T: Copy>(&mut self, values: &[T], name: impl Fn(T) -> &'static str) -> Result<T, Error> {
        let (index, column) = self.next();
        self.find(index, values, name)?.ok_or(Error::Value { column })
    }

    fn optional_named<T: Copy>(
        &mut self,
        values: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<Option<T>, Error> {
        let (index, _) = self.next();
        self.find(index, values, name)
    }

    /// Returns the value with the name in a cell, or `None` when the cell is null.
    fn find<T: Copy>(
        &self,
        index: usize,
        values: &[T],
        name: impl Fn(T) -> &'static str,
    ) -> Result<Option<T>, Error> {
        let Some(text) = self.row.get::<_, Option<String>>(index)? else { return Ok(None) };
        let found = values.iter().copied().find(|value| name(*value) == text);
        found.map(Some).ok_or(Error::Value { column: self.name(index) })
    }

    /// Reads a column of JSON; null is the empty list.
    fn list<T: DeserializeOwned>(&mut self) -> Result<Vec<T>, Error> {
        let (index, column) = self.next();
        let text: Option<String> = self.row.get(index)?;
        let list = text.map(|text| serde_json::from_str(&text).map_err(|_| Error::Value { column }));
        Ok(list.transpose()?.unwrap_or_default())
    }

    fn map(&mut self) -> Result<BTreeMap<String, String>, Error> {
        let (index, column) = self.next();
        let Value::Map(entries) = self.row.get_ref(index)?.to_owned() else {
            return Err(Error::Value { column });
        };
        entries
            .iter()
            .map(|entry| match entry {
                (Value::Text(key), Value::Text(value)) => Ok((key.clone(), value.clone())),
                _ => Err(Error::Value { column }),
            })
            .collect()
    }
}
