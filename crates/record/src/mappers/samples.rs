//! Stored calls of a mapper's API: as samples, and as what is to be read again.

use bytes::Bytes;
use gatehouse_mapper::mapping::{BodyView, Sample};
use gatehouse_store::filter::{Column, Condition, Filter, Test, TextColumn};
use gatehouse_store::log::{Bodies, KeyedRow, LogRow, LogStore, Walk};
use gatehouse_store::mappers::{MAX_SAMPLES, Mapper, MapperScope};
use gatehouse_store::{StoreError, log::RowKey};
use gatehouse_types::UsageSource;

use crate::mapping::is_mappable;

/// How many rows one part of a walk reads.
pub(super) const WALKED_ROWS: u32 = 500;
/// How many parts of a walk are looked through for samples.
const MAX_PARTS: usize = 40;
/// How many of the samples may be failures.
const MAX_FAILURES: usize = 10;

/// How much of samples is held in memory at once; a call that doesn't fit is none.
const MAX_BYTES: usize = 64 << 20;

/// Returns the newest calls of a mapper's API that are good as samples, with their bodies.
pub(super) async fn newest(log: &dyn LogStore, mapper: &Mapper) -> Result<Vec<LogRow>, StoreError> {
    let (mut samples, mut failures): (Vec<LogRow>, Vec<LogRow>) = (Vec::new(), Vec::new());
    let (mut before, mut left) = (None, MAX_BYTES);
    for _ in 0..MAX_PARTS {
        let walked = log.walk_rows(walk(mapper, unread(&mapper.scope), before)).await?;
        for KeyedRow { row, .. } in walked.rows {
            if !is_of(&mapper.scope, &row) || bytes_of(&row) > left {
                continue;
            }
            if is_failure(&row) && failures.len() < MAX_FAILURES {
                left -= bytes_of(&row);
                failures.push(alone(row));
            } else if is_mappable(&sample(&mapper.scope, &row)) {
                left -= bytes_of(&row);
                samples.push(alone(row));
            }
            if samples.len() + MAX_FAILURES >= MAX_SAMPLES {
                samples.extend(failures);
                return Ok(samples);
            }
        }
        before = walked.next;
        if before.is_none() {
            break;
        }
    }
    samples.extend(failures);
    Ok(samples)
}

/// Returns how many bytes the bodies of a row have.
fn bytes_of(row: &LogRow) -> usize {
    let Bodies { request, response } = &row.bodies;
    [request, response].into_iter().flatten().map(Bytes::len).sum()
}

/// Returns a row whose bodies keep nothing else in memory that was read together with them.
fn alone(mut row: LogRow) -> LogRow {
    for body in [&mut row.bodies.request, &mut row.bodies.response].into_iter().flatten() {
        *body = Bytes::copy_from_slice(body);
    }
    row
}

/// Returns the walk over the rows of a filter.
pub(super) fn walk(mapper: &Mapper, filter: Filter, before: Option<RowKey>) -> Walk {
    Walk { organization_id: mapper.organization_id, filter, before, limit: WALKED_ROWS }
}

/// Returns the filter of what may be in a scope; the path has to be looked at besides.
fn of_scope(scope: &MapperScope) -> Filter {
    let host = leaf(TextColumn::TargetUrl, Test::Contains(format!("://{}", scope.host)));
    let method = leaf(TextColumn::Method, Test::TextEquals(scope.method.clone()));
    Filter::And(Box::new(host), Box::new(method))
}

/// Returns the filter of what may be in a scope and no provider's own counts are known of.
pub(super) fn unread(scope: &MapperScope) -> Filter {
    let source =
        |source: UsageSource| leaf(TextColumn::UsageSource, Test::TextEquals(source.as_str().to_owned()));
    let unread = Filter::Or(Box::new(source(UsageSource::None)), Box::new(source(UsageSource::Mapped)));
    Filter::And(Box::new(of_scope(scope)), Box::new(unread))
}

fn leaf(column: TextColumn, test: Test) -> Filter {
    Filter::Leaf(Condition { column: Column::Text(column), test })
}

/// Returns whether a call is in a scope.
pub(super) fn is_of(scope: &MapperScope, row: &LogRow) -> bool {
    MapperScope::of(&row.method, &row.target_url, &row.path) == *scope
}

fn is_failure(row: &LogRow) -> bool {
    (400..600).contains(&row.status) && row.bodies.response.is_some()
}

/// Returns a stored call as mappings see it. Its content types are not kept: the bodies tell.
pub(super) fn sample<'a>(scope: &'a MapperScope, row: &'a LogRow) -> Sample<'a> {
    let response = row.bodies.response.as_deref().unwrap_or_default();
    let streamed_as = match response.first() {
        Some(0) => Some("application/vnd.amazon.eventstream"),
        Some(b'{') if row.is_stream => Some("application/x-ndjson"),
        _ => None,
    };
    Sample {
        method: &row.method,
        host: &scope.host,
        path: &row.path,
        status: u16::try_from(row.status).unwrap_or_default(),
        request: BodyView {
            bytes: row.bodies.request.as_deref().unwrap_or_default(),
            content_type: None,
            truncated: row.request_body_state == gatehouse_types::BodyState::Truncated,
        },
        response: BodyView {
            bytes: response,
            content_type: streamed_as,
            truncated: row.response_body_state == gatehouse_types::BodyState::Truncated
                || !row.outcome.is_whole(),
        },
    }
}
