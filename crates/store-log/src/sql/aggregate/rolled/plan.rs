//! What of a question sums answer, and what of it is left to the rows.

use std::ops::Range as Keys;

use gatehouse_store::filter::{Column, Condition, Filter, Test, TextColumn, TimeColumn};
use gatehouse_store::log::{AggregateQuery, Bucket, Dimension, Having, Increment, Measure, Quantity};
use gatehouse_types::{OrganizationId, Timestamp};

use crate::sql::filter;
use crate::sql::rollup::{HALF_HOUR_MICROS, KINDS, SumsBy, of_kind};
use crate::sql::{Dialect, Param, Statement};

/// What of a question can be read out of the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(super) by: SumsBy,
    /// The first moment that is asked for.
    pub(super) from: Option<i64>,
    /// The first moment behind what is asked for.
    pub(super) to: Option<i64>,
}

/// Returns how a question is answered out of the sums, or `None` when it can't be, or has no whole half hour.
pub(crate) fn plan(query: &AggregateQuery) -> Option<Plan> {
    let mut by = SumsBy::Nothing;
    for dimension in &query.groups {
        let one = match dimension {
            Dimension::Time(bucket) if is_whole(*bucket) => continue,
            Dimension::Text(TextColumn::Model) => SumsBy::Model,
            Dimension::Text(TextColumn::Provider) => SumsBy::Provider,
            Dimension::Text(TextColumn::CountryCode) => SumsBy::Country,
            Dimension::Status => SumsBy::Status,
            Dimension::PropertyName => SumsBy::PropertyName,
            _ => return None,
        };
        if by != SumsBy::Nothing && by != one {
            return None;
        }
        by = one;
    }
    let mut plan = Plan { by, from: None, to: None };
    let is_help = query.measures.is_empty() || query.measures.iter().any(|measure| plan.keeps(measure));
    if !is_help || !can_be_left(&query.having) {
        return None;
    }
    plan.narrow(&query.filter)?;
    let (first, end) = plan.whole();
    match (first, end) {
        (Some(first), Some(end)) if first >= end => None,
        _ => Some(plan),
    }
}

fn is_whole(bucket: Bucket) -> bool {
    bucket.increment != Increment::Minute && bucket.offset_minutes % 30 == 0
}

/// Returns whether sums tell a measure.
fn is_kept(measure: &Measure, has_pieces: bool) -> bool {
    match measure {
        Measure::Requests
        | Measure::Errors
        | Measure::Sum(_)
        | Measure::Average(_)
        | Measure::Unknown(_)
        | Measure::TokensPerRequest => true,
        Measure::RequestsWith(filter) => KINDS.iter().any(|(_, kind)| of_kind(*kind) == *filter),
        Measure::Quantile(Quantity::Latency | Quantity::TimeToFirstToken, _) => has_pieces,
        _ => false,
    }
}

fn can_be_left(having: &Having) -> bool {
    match having {
        Having::All | Having::Dimension(..) => true,
        Having::And(left, right) | Having::Or(left, right) => can_be_left(left) && can_be_left(right),
        Having::Measure(measure, _) => is_kept(measure, false),
        Having::Any(_) => false,
    }
}

impl Plan {
    /// Selects how many calls of an organisation began in the whole half hours of the range.
    pub(crate) fn calls(&self, dialect: &dyn Dialect, organization_id: OrganizationId) -> Statement {
        let (first, end) = self.whole();
        let mut sql = Statement::default();
        sql.push("SELECT CAST(coalesce(sum(calls), 0) AS BIGINT) FROM call_sums WHERE organization_id = ");
        sql.bind(dialect, Param::Uuid(organization_id.as_uuid()));
        sql.push(&format!(" AND dimension = {}", SumsBy::Nothing as u8));
        within(dialect, "began", first, end, &mut sql);
        sql
    }

    /// Returns whether sums tell a measure; there are pieces of all calls only.
    pub(super) fn keeps(&self, measure: &Measure) -> bool {
        is_kept(measure, self.by == SumsBy::Nothing)
    }

    /// Narrows the range to what a filter asks for; `None` when it asks for anything but a range of time.
    fn narrow(&mut self, filter: &Filter) -> Option<()> {
        let (from, to) = match filter {
            Filter::All => return Some(()),
            Filter::And(left, right) => return self.narrow(left).and_then(|()| self.narrow(right)),
            Filter::Leaf(Condition { column: Column::Time(TimeColumn::RequestCreatedAt), test }) => {
                let micros = |at: &Timestamp| at.as_unix_micros();
                let after = |at: &Timestamp| at.as_unix_micros().saturating_add(1);
                match test {
                    Test::TimeAtLeast(at) => (Some(micros(at)), None),
                    Test::TimeAfter(at) => (Some(after(at)), None),
                    Test::TimeBefore(at) => (None, Some(micros(at))),
                    Test::TimeAtMost(at) => (None, Some(after(at))),
                    _ => return None,
                }
            }
            Filter::Or(..) | Filter::Leaf(_) => return None,
        };
        self.from = self.from.max(from);
        self.to = [self.to, to].into_iter().flatten().min();
        Some(())
    }

    /// Returns the range of whole half hours in the range.
    pub(super) fn whole(&self) -> (Option<i64>, Option<i64>) {
        let up =
            |at: i64| at.saturating_add(HALF_HOUR_MICROS - 1).div_euclid(HALF_HOUR_MICROS) * HALF_HOUR_MICROS;
        let down = |at: i64| at.div_euclid(HALF_HOUR_MICROS).saturating_mul(HALF_HOUR_MICROS);
        (self.from.map(up), self.to.map(down))
    }

    /// Returns what is read from the rows: their range of time and of keys, where rows before the key `rolled_up`
    /// are in the sums.
    pub(super) fn rest(&self, rolled_up: u64) -> Vec<Rest> {
        let (first, end) = self.whole();
        let names = Names::Sent;
        let mut rest = vec![Rest { from: self.from, to: self.to, keys: rolled_up..u64::MAX, names }];
        if first != self.from {
            rest.push(Rest { from: self.from, to: first, keys: 0..rolled_up, names });
        }
        if end != self.to {
            rest.push(Rest { from: end, to: self.to, keys: 0..rolled_up, names });
        }
        rest
    }
}

/// A part of the rows.
pub(super) struct Rest {
    pub(super) from: Option<i64>,
    pub(super) to: Option<i64>,
    pub(super) keys: Keys<u64>,
    pub(super) names: Names,
}

/// Which names of properties calls are counted for. Sums know nothing of added ones.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Those with which they were sent.
    Sent,
    /// Those that were only added, of the calls to which any were.
    Added,
}

/// Writes the condition that a time is within a range.
pub(super) fn within(
    dialect: &dyn Dialect,
    column: &str,
    from: Option<i64>,
    to: Option<i64>,
    sql: &mut Statement,
) {
    for (operator, bound) in [(" >= ", from), (" < ", to)] {
        if let Some(bound) = bound {
            let bound = filter::in_range(Timestamp::from_unix_micros(bound));
            sql.push(" AND ").push(column).push(operator).bind(dialect, Param::Time(bound));
        }
    }
}
