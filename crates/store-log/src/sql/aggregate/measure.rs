//! What is wanted of a group, as aggregates over its calls.

use gatehouse_store::filter::TextColumn;
use gatehouse_store::log::{AggregateQuery, Bucket, Dimension, Having, Increment, Measure, Quantity};

use super::super::filter::{self, FilterUnsupported};
use super::super::rollup::IS_ERROR;
use super::super::{Dialect, Statement};
use super::{Shape, text_column, value};
use crate::sql::{Added, Kinds};

/// Returns the form in which a measure is selected.
pub(super) const fn shape(measure: &Measure) -> Shape {
    match measure {
        Measure::Sum(quantity) | Measure::Min(quantity) | Measure::Max(quantity) => match unit(*quantity) {
            Unit::Dollars => Shape::Money,
            Unit::Milliseconds => Shape::Real,
            Unit::Tokens => Shape::Count,
        },
        Measure::Requests
        | Measure::RequestsWith(_)
        | Measure::Errors
        | Measure::Unknown(_)
        | Measure::Distinct(_) => Shape::Count,
        Measure::Values(..) => Shape::Texts,
        Measure::First | Measure::Last | Measure::LastEnd => Shape::Time,
        _ => Shape::Real,
    }
}

/// What a quantity is answered in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unit {
    /// Columns have nano-dollars.
    Dollars,
    /// Columns have microseconds.
    Milliseconds,
    Tokens,
}

impl Unit {
    /// By what a column's value is divided.
    const fn divisor(self) -> &'static str {
        match self {
            Self::Dollars => " / 1e9",
            Self::Milliseconds => " / 1e3",
            Self::Tokens => "",
        }
    }
}

const fn unit(quantity: Quantity) -> Unit {
    match quantity {
        Quantity::Cost | Quantity::SavedCost => Unit::Dollars,
        Quantity::Latency | Quantity::TimeToFirstToken | Quantity::SavedLatency => Unit::Milliseconds,
        _ => Unit::Tokens,
    }
}

/// Returns the column that has a quantity.
pub(crate) const fn column(quantity: Quantity) -> &'static str {
    match quantity {
        Quantity::Cost => "cost",
        Quantity::Latency => "total_us",
        Quantity::TimeToFirstToken => "first_token_us",
        Quantity::PromptTokens => "prompt_tokens",
        Quantity::CompletionTokens => "completion_tokens",
        Quantity::PromptCacheReadTokens => "prompt_cache_read_tokens",
        Quantity::PromptCacheWriteTokens => "prompt_cache_write_tokens",
        Quantity::ReasoningTokens => "reasoning_tokens",
        Quantity::TotalTokens => "total_tokens",
        Quantity::SavedCost => "saved_cost",
        Quantity::SavedLatency => "saved_us",
    }
}

/// Writes a measure of the calls of a group.
pub(super) fn write(
    dialect: &dyn Dialect,
    query: &AggregateQuery,
    measure: &Measure,
    sql: &mut Statement,
) -> Result<(), FilterUnsupported> {
    match measure {
        Measure::Requests => sql.word("count(*)"),
        Measure::RequestsWith(filter) => {
            sql.push("count(*) FILTER (WHERE ");
            filter::write(dialect, filter, sql)?;
            sql.word(")");
        }
        Measure::Errors => sql.word(&format!("count(*) FILTER (WHERE {IS_ERROR})")),
        Measure::Sum(quantity) => sum(&total(*quantity), sql),
        Measure::Average(quantity) => average(&total(*quantity), sql),
        Measure::Min(quantity) => extreme("min", *quantity, sql),
        Measure::Max(quantity) => extreme("max", *quantity, sql),
        Measure::Quantile(quantity, share) => quantile(dialect, query, *quantity, *share, sql),
        Measure::Unknown(quantity) => {
            sql.push("count(*) - count(").push(column(*quantity)).word(")");
        }
        Measure::Distinct(dimension) => distinct(dialect, dimension, sql)?,
        Measure::Values(column, limit) => {
            let mut one = Statement::default();
            text_column(dialect, *column, &mut one)?;
            let is_wanted = match is_group_when_empty(*column) {
                true => " IS NOT NULL",
                false => " <> ''",
            };
            dialect.values(&one, is_wanted, *limit, sql);
        }
        Measure::First => sql.word("min(request_created_at)"),
        Measure::Last => sql.word("max(request_created_at)"),
        Measure::LastEnd => sql.word("max(response_created_at)"),
        Measure::Duration => dialect.milliseconds("min(request_created_at)", "max(response_created_at)", sql),
        Measure::RequestsPerActiveDay => {
            sql.push("count(*) / CAST(nullif(count(DISTINCT ");
            dialect.beginning(
                "request_created_at",
                Bucket { increment: Increment::Day, offset_minutes: 0 },
                sql,
            );
            sql.word("), 0) AS DOUBLE)");
        }
        Measure::TokensPerRequest => average(&total(Quantity::TotalTokens), sql),
        Measure::ScoreSum => score(query, "sum(score)", sql),
        Measure::ScoreAverage => score(query, "avg(score)", sql),
        Measure::ScoreMin => score(query, "min(score)", sql),
        Measure::ScoreMax => score(query, "max(score)", sql),
    }
    Ok(())
}

const fn is_group_when_empty(column: TextColumn) -> bool {
    matches!(column, TextColumn::Model | TextColumn::Provider)
}

/// How the sum of a quantity is found, and for how many calls it is known.
pub(super) struct Total {
    /// What is summed.
    pub(super) quantity: Quantity,
    /// The aggregate that counts the calls for which it is known.
    pub(super) known: String,
    /// The aggregate that sums.
    pub(super) sum: String,
}

fn total(quantity: Quantity) -> Total {
    let column = column(quantity);
    Total { quantity, known: format!("count({column})"), sum: format!("sum({column})") }
}

/// Writes a sum within the bounds of its type; `least` and `greatest` pass over nulls.
pub(super) fn sum(total: &Total, sql: &mut Statement) {
    let (start, end) = match unit(total.quantity) {
        Unit::Dollars => {
            ("CAST(greatest(least(", ", 9223372036854775807), -9223372036854775808) AS BIGINT) END")
        }
        Unit::Milliseconds => ("CAST(", " AS DOUBLE) / 1e3 END"),
        Unit::Tokens => ("CAST(least(", ", 18446744073709551615) AS UBIGINT) END"),
    };
    sql.push("CASE WHEN ").push(&total.known).push(" > 0 THEN ").push(start).push(&total.sum).word(end);
}

/// Writes a mean.
pub(super) fn average(total: &Total, sql: &mut Statement) {
    sql.push("CASE WHEN ").push(&total.known).push(" > 0 THEN CAST(").push(&total.sum).push(" AS DOUBLE)");
    sql.push(unit(total.quantity).divisor()).push(" / ").push(&total.known).word(" END");
}

fn extreme(function: &str, quantity: Quantity, sql: &mut Statement) {
    let column = column(quantity);
    if unit(quantity) == Unit::Milliseconds {
        sql.push("CAST(").push(function).push("(").push(column).word(") AS DOUBLE) / 1e3");
    } else {
        sql.push(function).push("(").push(column).word(")");
    }
}

/// Writes a quantile. All of one quantity are asked for in the same words, so that they are found only once.
fn quantile(
    dialect: &dyn Dialect,
    query: &AggregateQuery,
    quantity: Quantity,
    share: f64,
    sql: &mut Statement,
) {
    let mut shares = Vec::new();
    query.measures.iter().for_each(|measure| note_share(measure, quantity, &mut shares));
    note_shares(&query.having, quantity, &mut shares);
    let index = shares.iter().position(|known| *known == in_bounds(share)).unwrap_or_default();
    let unit = unit(quantity);
    // Only money may be negative.
    if unit == Unit::Dollars {
        dialect.exact_quantile(column(quantity), &shares, index, sql);
    } else {
        dialect.quantile(column(quantity), &shares, index, sql);
    }
    sql.word(unit.divisor());
}

/// Returns a share as it is written: it can't be bound.
pub(super) fn in_bounds(share: f64) -> String {
    format!("{:?}", if share.is_nan() { 0.0 } else { share.clamp(0.0, 1.0) })
}

fn note_share(measure: &Measure, quantity: Quantity, shares: &mut Vec<String>) {
    if let Measure::Quantile(of, share) = measure {
        let share = in_bounds(*share);
        if *of == quantity && !shares.contains(&share) {
            shares.push(share);
        }
    }
}

fn note_shares(having: &Having, quantity: Quantity, shares: &mut Vec<String>) {
    match having {
        Having::And(left, right) | Having::Or(left, right) => {
            note_shares(left, quantity, shares);
            note_shares(right, quantity, shares);
        }
        Having::Measure(measure, _) => note_share(measure, quantity, shares),
        Having::All | Having::Dimension(..) | Having::Any(_) => {}
    }
}

fn distinct(
    dialect: &dyn Dialect,
    dimension: &Dimension,
    sql: &mut Statement,
) -> Result<(), FilterUnsupported> {
    match dimension {
        Dimension::PropertyName => {
            let mut names = Statement::default();
            dialect.property_names(Added::Joined(Kinds { properties: true, feedback: false }), &mut names);
            dialect.count_distinct_of_lists(&names.text, sql);
        }
        Dimension::ScoreName => dialect.count_distinct_of_lists("score_names", sql),
        Dimension::Text(column) if is_group_when_empty(*column) => {
            sql.push("count(DISTINCT ");
            text_column(dialect, *column, sql)?;
            sql.word(")");
        }
        Dimension::Text(_) | Dimension::Property(_) => {
            let mut one = Statement::default();
            value(dialect, dimension, Added::None, &mut one)?;
            // A value that is computed would be looked at row by row, and not once for each that there is.
            sql.push("count(DISTINCT ").append(&one).push(") FILTER (WHERE ").append(&one).word(" <> '')");
        }
        Dimension::Time(_) | Dimension::Status | Dimension::CacheStatus | Dimension::RateLimitStatus => {
            sql.push("count(DISTINCT ");
            value(dialect, dimension, Added::None, sql)?;
            sql.word(")");
        }
    }
    Ok(())
}

fn score(query: &AggregateQuery, aggregate: &str, sql: &mut Statement) {
    let is_known = query.groups.contains(&Dimension::ScoreName);
    sql.word(if is_known { aggregate } else { "CAST(NULL AS DOUBLE)" });
}
