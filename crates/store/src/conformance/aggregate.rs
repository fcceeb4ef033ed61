//! The meaning of figures, spelled out over rows in memory: slow, simple, and what a store's answers are compared
//! with.

mod random;
mod suite;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use gatehouse_types::{CacheStatus, NanoUsd, Timestamp};

use super::evaluate::{self, matches};
use crate::filter::{Filter, Test, TextColumn};
use crate::log::{
    AggregateQuery, AggregateRow, Aggregated, Dimension, Direction, FeedbackValue, Figure, Having,
    LimitStatus, LogRow, Measure, Order, Quantity,
};

pub use suite::{
    answers_as_the_rows_say, nothing_has_figures_too, pages_visit_each_group_once, sums_stay_within_bounds,
};

/// How long a day is, in microseconds.
const DAY_MICROS: i64 = 86_400_000_000;

/// Returns the figures of a query over `rows`, of which each call has the one that is visible.
pub fn aggregated<'a>(query: &AggregateQuery, rows: impl IntoIterator<Item = &'a LogRow>) -> Aggregated {
    let mut groups: BTreeMap<String, (Vec<Figure>, Vec<Call<'a>>)> = BTreeMap::new();
    if query.groups.is_empty() {
        groups.insert(String::new(), Default::default());
    }
    let visible = rows.into_iter().filter(|row| row.organization_id == query.organization_id);
    for call in visible.filter(|row| matches(&query.filter, row)).flat_map(|row| calls(query, row)) {
        let values: Option<Vec<Figure>> = query.groups.iter().map(|group| call.value(group)).collect();
        let Some(values) = values else { continue };
        // The text of figures tells them apart.
        let key = if values.is_empty() { String::new() } else { format!("{values:?}") };
        groups.entry(key).or_insert_with(|| (values, Vec::new())).1.push(call);
    }
    let left = groups.into_values().filter(|(values, calls)| is_left(query, &query.having, values, calls));
    let mut rows: Vec<AggregateRow> = left
        .map(|(groups, calls)| AggregateRow {
            groups,
            measures: query.measures.iter().map(|wanted| measure(wanted, &calls)).collect(),
        })
        .collect();
    rows.sort_by(|left, right| order(query, left, right));
    let total = rows.len() as u64;
    let offset = usize::try_from(query.offset).unwrap_or(usize::MAX);
    let rows = rows.into_iter().skip(offset).take(query.limit as usize).collect();
    Aggregated { rows, total }
}

/// A call as it is in a group: with one of its properties, and one of its scores, where groups are by these.
#[derive(Clone, Copy)]
struct Call<'a> {
    row: &'a LogRow,
    property: Option<&'a str>,
    score: Option<(&'a str, f64)>,
}

/// Returns a row as often as it has properties and scores, where groups are by these.
fn calls<'a>(query: &AggregateQuery, row: &'a LogRow) -> Vec<Call<'a>> {
    let properties: Vec<Option<&str>> = match query.groups.contains(&Dimension::PropertyName) {
        true => property_names(row).into_iter().map(Some).collect(),
        false => vec![None],
    };
    let scores: Vec<Option<(&str, f64)>> = match query.groups.contains(&Dimension::ScoreName) {
        true => scores(row).into_iter().map(Some).collect(),
        false => vec![None],
    };
    let with_scores = |property: Option<&'a str>| {
        scores.iter().map(move |score| Call { row, property, score: *score }).collect::<Vec<_>>()
    };
    properties.into_iter().flat_map(with_scores).collect()
}

fn property_names(row: &LogRow) -> BTreeSet<&str> {
    row.properties.keys().chain(row.annotations.properties.keys()).map(String::as_str).collect()
}

/// Returns the feedback of a call that is a boolean or a number.
fn scores(row: &LogRow) -> Vec<(&str, f64)> {
    let score = |value: &FeedbackValue| match value {
        FeedbackValue::Boolean(value) => Some(f64::from(u8::from(*value))),
        FeedbackValue::Numerical(value) => Some(*value),
        FeedbackValue::Text(_) | FeedbackValue::Categorical(_) => None,
    };
    let feedback = row.annotations.feedback.iter();
    feedback.filter_map(|(name, given)| Some((name.as_str(), score(&given.value)?))).collect()
}

impl Call<'_> {
    /// Returns what the call is grouped by, or `None` when it is in no group.
    fn value(&self, dimension: &Dimension) -> Option<Figure> {
        match dimension {
            Dimension::PropertyName => self.property.map(text),
            Dimension::ScoreName => self.score.map(|(name, _)| text(name)),
            _ => values(dimension, self.row).pop(),
        }
    }
}

/// Returns the groups that a row is in.
fn values(dimension: &Dimension, row: &LogRow) -> Vec<Figure> {
    let one = match dimension {
        Dimension::Time(bucket) => Some(Figure::Time(bucket.beginning(row.request_created_at))),
        Dimension::Text(column) => column_value(*column, row).map(Figure::Text),
        Dimension::Status => Some(Figure::Integer(row.status.into())),
        Dimension::Property(name) => row.property(name).filter(|value| !value.is_empty()).map(text),
        Dimension::CacheStatus => row.handling.cache_status.map(CacheStatus::as_str).map(text),
        Dimension::RateLimitStatus => {
            row.handling.rate_limit.as_ref().map(|limit| LimitStatus::of(limit).as_str()).map(text)
        }
        Dimension::PropertyName => return property_names(row).into_iter().map(text).collect(),
        Dimension::ScoreName => return scores(row).into_iter().map(|(name, _)| text(name)).collect(),
    };
    one.into_iter().collect()
}

fn column_value(column: TextColumn, row: &LogRow) -> Option<String> {
    let value = match evaluate::id_value(column, row) {
        _ if column == TextColumn::CacheReferenceId => row.cache_reference_id.map(|id| id.to_string()),
        Some(id) => id.map(|id| id.to_string()),
        None => evaluate::text_value(column, row).map(str::to_owned),
    };
    value.filter(|text| !text.is_empty() || matches!(column, TextColumn::Model | TextColumn::Provider))
}

fn text(text: &str) -> Figure {
    Figure::Text(text.to_owned())
}

fn measure(measure: &Measure, calls: &[Call<'_>]) -> Figure {
    let rows = || calls.iter().map(|call| call.row);
    let count = |filter: &Filter| Figure::Count(rows().filter(|row| matches(filter, row)).count() as u64);
    let scores = || calls.iter().filter_map(|call| call.score).map(|(_, value)| value);
    match measure {
        Measure::Requests => count(&Filter::All),
        Measure::RequestsWith(filter) => count(filter),
        Measure::Errors => {
            Figure::Count(rows().filter(|row| row.status >= 400 || row.status < 200).count() as u64)
        }
        Measure::Sum(quantity) => {
            let known = known(*quantity, calls);
            if known.is_empty() { Figure::Unknown } else { amount(*quantity, known.iter().sum()) }
        }
        Measure::Average(quantity) => {
            let known = known(*quantity, calls);
            let sum: i128 = known.iter().sum();
            mean(scaled(*quantity, sum), known.len())
        }
        Measure::Min(quantity) => {
            or_unknown(known(*quantity, calls).first(), |value| amount(*quantity, *value))
        }
        Measure::Max(quantity) => {
            or_unknown(known(*quantity, calls).last(), |value| amount(*quantity, *value))
        }
        Measure::Quantile(quantity, share) => {
            let known = known(*quantity, calls);
            or_unknown(known.get(rank(*share, known.len())), |value| Figure::Real(scaled(*quantity, *value)))
        }
        Measure::Unknown(quantity) => Figure::Count((calls.len() - known(*quantity, calls).len()) as u64),
        Measure::Distinct(dimension) => {
            let different = rows().flat_map(|row| values(dimension, row)).map(|value| format!("{value:?}"));
            Figure::Count(different.collect::<BTreeSet<_>>().len() as u64)
        }
        Measure::Values(column, limit) => {
            let different: BTreeSet<String> = rows().filter_map(|row| column_value(*column, row)).collect();
            Figure::Texts(different.into_iter().take(*limit as usize).collect())
        }
        Measure::First => or_unknown(rows().map(|row| row.request_created_at).min(), Figure::Time),
        Measure::Last => or_unknown(rows().map(|row| row.request_created_at).max(), Figure::Time),
        Measure::LastEnd => or_unknown(rows().map(|row| row.response_created_at).max(), Figure::Time),
        Measure::Duration => {
            let first = rows().map(|row| row.request_created_at.as_unix_micros()).min();
            let end = rows().map(|row| row.response_created_at.as_unix_micros()).max();
            or_unknown(first.zip(end), |(first, end)| Figure::Real((end - first) as f64 / 1e3))
        }
        Measure::RequestsPerActiveDay => {
            let day = |at: Timestamp| at.as_unix_micros().div_euclid(DAY_MICROS);
            let days: BTreeSet<i64> = rows().map(|row| day(row.request_created_at)).collect();
            mean(calls.len() as f64, days.len())
        }
        Measure::TokensPerRequest => self::measure(&Measure::Average(Quantity::TotalTokens), calls),
        Measure::ScoreSum => or_unknown(scores().next(), |_| Figure::Real(scores().sum())),
        Measure::ScoreAverage => mean(scores().sum(), scores().count()),
        Measure::ScoreMin => or_unknown(scores().min_by(f64::total_cmp), Figure::Real),
        Measure::ScoreMax => or_unknown(scores().max_by(f64::total_cmp), Figure::Real),
    }
}

fn or_unknown<T>(value: Option<T>, figure: impl FnOnce(T) -> Figure) -> Figure {
    value.map_or(Figure::Unknown, figure)
}

fn mean(sum: f64, count: usize) -> Figure {
    if count == 0 { Figure::Unknown } else { Figure::Real(sum / count as f64) }
}

/// Returns which of so many ordered values is the smallest that a share of them does not exceed.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, which is what is wanted"
)]
fn rank(share: f64, count: usize) -> usize {
    let rank = (share * count as f64).ceil() as usize;
    rank.clamp(1, count.max(1)) - 1
}

/// Returns the known amounts in ascending order, in the smallest unit: nano-dollars, µs, tokens.
fn known(quantity: Quantity, calls: &[Call<'_>]) -> Vec<i128> {
    let count = |value: Option<u64>| value.map(i128::from);
    let money = |value: Option<NanoUsd>| value.map(|cost| cost.get().into());
    let amount = |row: &LogRow| match quantity {
        Quantity::Cost => money(row.cost),
        Quantity::Latency => count(Some(row.total_us)),
        Quantity::TimeToFirstToken => count(row.first_token_us),
        Quantity::PromptTokens => count(row.usage.input),
        Quantity::CompletionTokens => count(row.usage.output),
        Quantity::PromptCacheReadTokens => count(row.usage.cache_read),
        Quantity::PromptCacheWriteTokens => count(row.usage.cache_write),
        Quantity::ReasoningTokens => count(row.usage.reasoning),
        Quantity::TotalTokens => count(row.usage.total),
        Quantity::SavedCost => money(row.handling.saved.cost),
        Quantity::SavedLatency => count(row.handling.saved.us),
    };
    let mut known: Vec<i128> = calls.iter().filter_map(|call| amount(call.row)).collect();
    known.sort_unstable();
    known
}

/// Returns an amount as the figure of its quantity, within the bounds of its type.
fn amount(quantity: Quantity, amount: i128) -> Figure {
    match quantity {
        Quantity::Cost | Quantity::SavedCost => {
            let bound = if amount < 0 { i64::MIN } else { i64::MAX };
            Figure::Money(NanoUsd::new(i64::try_from(amount).unwrap_or(bound)))
        }
        Quantity::Latency | Quantity::TimeToFirstToken | Quantity::SavedLatency => {
            Figure::Real(scaled(quantity, amount))
        }
        _ => Figure::Count(u64::try_from(amount).unwrap_or(u64::MAX)),
    }
}

/// Returns an amount in US dollars, ms or tokens.
fn scaled(quantity: Quantity, amount: i128) -> f64 {
    let unit = match quantity {
        Quantity::Cost | Quantity::SavedCost => 1e9,
        Quantity::Latency | Quantity::TimeToFirstToken | Quantity::SavedLatency => 1e3,
        _ => 1.0,
    };
    amount as f64 / unit
}

/// Returns whether a group is left.
fn is_left(query: &AggregateQuery, having: &Having, values: &[Figure], calls: &[Call<'_>]) -> bool {
    match having {
        Having::All => true,
        Having::And(left, right) => {
            is_left(query, left, values, calls) && is_left(query, right, values, calls)
        }
        Having::Or(left, right) => {
            is_left(query, left, values, calls) || is_left(query, right, values, calls)
        }
        Having::Measure(wanted, test) => compares(&measure(wanted, calls), test),
        Having::Dimension(dimension, test) => {
            let value =
                query.groups.iter().position(|group| group == dimension).and_then(|at| values.get(at));
            value.is_some_and(|value| compares(value, test))
        }
        Having::Any(condition) => {
            calls.iter().any(|call| matches(&Filter::Leaf(condition.clone()), call.row))
        }
    }
}

fn compares(figure: &Figure, test: &Test) -> bool {
    match figure {
        Figure::Unknown => matches!(
            test,
            Test::TextNotEquals(_) | Test::NotContains(_) | Test::NumberNotEquals(_) | Test::IsNull
        ),
        Figure::Text(value) => evaluate::text(Some(value), test),
        Figure::Time(at) => evaluate::time(*at, test),
        Figure::Texts(_) => *test == Test::IsNotNull,
        Figure::Count(count) => number(*count as f64, test),
        Figure::Integer(value) => number(*value as f64, test),
        Figure::Real(value) => number(*value, test),
        Figure::Money(amount) => number(amount.get() as f64 / 1e9, test),
    }
}

fn number(value: f64, test: &Test) -> bool {
    let order = |bound: f64| value.partial_cmp(&bound);
    match test {
        Test::NumberEquals(bound) => order(*bound) == Some(Ordering::Equal),
        Test::NumberNotEquals(bound) => order(*bound) != Some(Ordering::Equal),
        Test::NumberAtLeast(bound) => order(*bound).is_some_and(Ordering::is_ge),
        Test::NumberAtMost(bound) => order(*bound).is_some_and(Ordering::is_le),
        Test::NumberAbove(bound) => order(*bound).is_some_and(Ordering::is_gt),
        Test::NumberBelow(bound) => order(*bound).is_some_and(Ordering::is_lt),
        Test::IsNotNull => true,
        _ => false,
    }
}

/// Returns the order of two groups.
fn order(query: &AggregateQuery, left: &AggregateRow, right: &AggregateRow) -> Ordering {
    let wanted = query.order.iter().map(|(by, direction)| match by {
        Order::Group(index) => towards(left.groups.get(*index), right.groups.get(*index), *direction),
        Order::Measure(index) => towards(left.measures.get(*index), right.measures.get(*index), *direction),
    });
    let groups = left.groups.iter().zip(&right.groups).map(|(left, right)| compare(left, right));
    wanted.chain(groups).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

/// Compares two values the wanted way, unknown ones last either way.
fn towards(left: Option<&Figure>, right: Option<&Figure>, direction: Direction) -> Ordering {
    let known = |figure: Option<&Figure>| figure.is_some_and(|figure| *figure != Figure::Unknown);
    match (known(left), known(right), direction) {
        (true, true, Direction::Ascending) => left.zip(right).map_or(Ordering::Equal, |(a, b)| compare(a, b)),
        (true, true, Direction::Descending) => {
            left.zip(right).map_or(Ordering::Equal, |(a, b)| compare(b, a))
        }
        (left, right, _) => right.cmp(&left),
    }
}

fn compare(left: &Figure, right: &Figure) -> Ordering {
    match (left, right) {
        (Figure::Count(left), Figure::Count(right)) => left.cmp(right),
        (Figure::Integer(left), Figure::Integer(right)) => left.cmp(right),
        (Figure::Real(left), Figure::Real(right)) => left.total_cmp(right),
        (Figure::Money(left), Figure::Money(right)) => left.get().cmp(&right.get()),
        (Figure::Time(left), Figure::Time(right)) => left.cmp(right),
        (Figure::Text(left), Figure::Text(right)) => left.cmp(right),
        (Figure::Texts(left), Figure::Texts(right)) => left.cmp(right),
        _ => Ordering::Equal,
    }
}
