//! Random questions, and rows to ask them of.

use gatehouse_types::{NanoUsd, OrganizationId, Timestamp};
use proptest::prelude::*;
use proptest::sample::select;

use super::super::samples;
use crate::filter::{BoolColumn, Column, Condition, Filter, Test, TextColumn, TimeColumn};
use crate::log::{
    AggregateQuery, Annotation, Bucket, Content, Dimension, Direction, FeedbackValue, Having, Increment,
    LogRow, Measure, Order, Quantity, RATING,
};

/// When the ordinary ones of the rows begin, in µs: not on a minute.
const FIRST: i64 = 1_795_356_360_123_456;
/// How long the ordinary ones of the rows go on, in µs: 40 days.
const SPAN: i64 = 40 * 86_400_000_000;
/// How long a minute is, in µs.
const MINUTE: i64 = 60_000_000;

/// Returns rows of `organization_id`, half of them awkward in everything, the others ordinary in time and amounts.
pub(super) fn rows(organization_id: OrganizationId) -> impl Strategy<Value = LogRow> {
    let few = proptest::option::weighted(0.8, 0_u64..5_000);
    let ordinary = (0..SPAN, 0_u64..90_000_000, few.clone(), few, proptest::option::of(0_i64..9_000_000));
    (samples::rows(organization_id), any::<bool>(), ordinary).prop_map(|(row, is_awkward, ordinary)| {
        if is_awkward {
            return row;
        }
        let (after, total_us, input, output, cost) = ordinary;
        let mut usage = row.usage;
        (usage.input, usage.output, usage.total) = (input, output, input.zip(output).map(|(a, b)| a + b));
        // Some minutes have several calls.
        let after = if after % 3 == 0 { after % (3 * MINUTE) } else { after };
        LogRow {
            request_created_at: Timestamp::from_unix_micros(FIRST + after),
            response_created_at: Timestamp::from_unix_micros(FIRST + after + 700_000),
            total_us,
            first_token_us: row.first_token_us.map(|_| total_us / 3),
            usage,
            cost: cost.map(NanoUsd::new),
            country_code: row.country_code.map(|_| "DE".to_owned()),
            ..row
        }
    })
}

/// Returns scores, ratings and properties, of which none is beyond what sums are exact in.
pub(super) fn annotations() -> impl Strategy<Value = Vec<Annotation>> {
    let score = prop_oneof![
        any::<bool>().prop_map(FeedbackValue::Boolean),
        select([-3.0, 0.0, 0.5, 7.25, 1e6].as_slice()).prop_map(FeedbackValue::Numerical),
        Just(FeedbackValue::Text("1".to_owned())),
    ];
    let named = (select(["accuracy", "it's"].as_slice()), score.prop_map(Content::Feedback));
    let rating = any::<bool>().prop_map(|value| Content::Feedback(FeedbackValue::Boolean(value)));
    let property =
        select(["", "prod", "added"].as_slice()).prop_map(|value| Content::Property(value.to_owned()));
    let made =
        prop_oneof![named, (Just(RATING), rating), (select(["Env", "new", "日本"].as_slice()), property)];
    let annotation = (made, 0_i64..3).prop_filter_map("an invalid one", |((name, content), at)| {
        Annotation::new(name, content, Timestamp::from_unix_micros(FIRST + at)).ok()
    });
    proptest::collection::vec(annotation, 1..4)
}

/// Returns questions about an organisation: half of them any, half of them such as dashboards ask about all calls.
pub(super) fn queries(organization_id: OrganizationId) -> impl Strategy<Value = AggregateQuery> {
    let groups = proptest::collection::vec(dimensions(), 0..3);
    let open = (filters(), groups, proptest::collection::vec(measures(), 0..6));
    let usual = proptest::collection::vec(usual_dimensions(), 0..3);
    let usual =
        (prop_oneof![Just(Filter::All), ranges()], usual, proptest::collection::vec(usual_measures(), 0..6));
    let order = proptest::collection::vec((any::<bool>(), 0_usize..5, any::<bool>()), 0..3);
    let page = (prop_oneof![4 => Just(0_u64), 1 => 0_u64..30], select([1_u32, 3, 1_000].as_slice()));
    (prop_oneof![open, usual], order, page, any::<u8>()).prop_flat_map(
        move |((filter, groups, measures), order, (offset, limit), kind)| {
            let order = order.into_iter().filter_map(|(by_group, index, ascending)| {
                let direction = if ascending { Direction::Ascending } else { Direction::Descending };
                if by_group {
                    return (index < groups.len()).then_some((Order::Group(index), direction));
                }
                measures.get(index).filter(|one| is_exact(one)).map(|_| (Order::Measure(index), direction))
            });
            let query = AggregateQuery {
                organization_id,
                filter,
                order: order.collect(),
                groups,
                measures,
                having: Having::All,
                offset,
                limit,
            };
            let having =
                if kind % 2 == 0 { Just(Having::All).boxed() } else { havings(&query.groups).boxed() };
            having.prop_map(move |having| AggregateQuery { having, ..query.clone() })
        },
    )
}

fn usual_dimensions() -> impl Strategy<Value = Dimension> {
    prop_oneof![
        4 => buckets().prop_map(Dimension::Time),
        1 => Just(Dimension::Text(TextColumn::Model)),
        1 => Just(Dimension::Text(TextColumn::Provider)),
        1 => Just(Dimension::Text(TextColumn::CountryCode)),
        1 => Just(Dimension::Status),
        1 => Just(Dimension::PropertyName),
    ]
}

fn usual_measures() -> impl Strategy<Value = Measure> {
    let shares = select([0.5, 0.75, 0.9, 0.95, 0.99].as_slice());
    let times = select([Quantity::Latency, Quantity::TimeToFirstToken].as_slice());
    let kinds = select([BoolColumn::RateLimited, BoolColumn::Cached, BoolColumn::Threat].as_slice());
    let with = kinds.prop_map(|column| {
        Filter::Leaf(Condition { column: Column::Bool(column), test: Test::BoolEquals(true) })
    });
    prop_oneof![
        2 => Just(Measure::Requests),
        1 => Just(Measure::Errors),
        1 => Just(Measure::TokensPerRequest),
        1 => with.prop_map(Measure::RequestsWith),
        3 => quantities().prop_map(Measure::Sum),
        1 => quantities().prop_map(Measure::Average),
        1 => quantities().prop_map(Measure::Unknown),
        1 => (times, shares).prop_map(|(quantity, share)| Measure::Quantile(quantity, share)),
    ]
}

/// Returns whether a measure is the same to the last bit however it is computed.
const fn is_exact(measure: &Measure) -> bool {
    matches!(
        measure,
        Measure::Requests
            | Measure::RequestsWith(_)
            | Measure::Errors
            | Measure::Sum(Quantity::Cost | Quantity::TotalTokens)
            | Measure::Min(_)
            | Measure::Max(_)
            | Measure::Unknown(_)
            | Measure::Distinct(_)
            | Measure::Values(..)
            | Measure::First
            | Measure::Last
            | Measure::LastEnd
    )
}

/// Returns filters: none, ranges of time, and any others.
fn filters() -> impl Strategy<Value = Filter> {
    prop_oneof![3 => Just(Filter::All), 3 => ranges(), 2 => samples::filters()]
}

/// Returns ranges of time that begin and end on a minute or not.
fn ranges() -> impl Strategy<Value = Filter> {
    let bound = (0..SPAN, any::<bool>()).prop_map(|(after, is_on_minute)| {
        let at = FIRST + after;
        Timestamp::from_unix_micros(if is_on_minute { at - at % MINUTE } else { at })
    });
    let leaf = |test| Filter::Leaf(Condition { column: Column::Time(TimeColumn::RequestCreatedAt), test });
    (bound.clone(), bound, any::<bool>(), 0_u8..4).prop_map(move |(one, other, is_included, kind)| {
        let (from, to) = (one.min(other), one.max(other));
        let from = leaf(if is_included { Test::TimeAtLeast(from) } else { Test::TimeAfter(from) });
        let to = leaf(if is_included { Test::TimeAtMost(to) } else { Test::TimeBefore(to) });
        match kind {
            0 => from,
            1 => to,
            _ => Filter::And(Box::new(from), Box::new(to)),
        }
    })
}

fn buckets() -> impl Strategy<Value = Bucket> {
    let increments = [
        Increment::Minute,
        Increment::Hour,
        Increment::Day,
        Increment::Week,
        Increment::Month,
        Increment::Year,
    ];
    let offsets = prop_oneof![Just(0), select([-480, 330, 60, 14 * 60].as_slice())];
    (select(increments.to_vec()), offsets)
        .prop_map(|(increment, offset_minutes)| Bucket { increment, offset_minutes })
}

fn dimensions() -> impl Strategy<Value = Dimension> {
    prop_oneof![
        3 => buckets().prop_map(Dimension::Time),
        4 => texts().prop_map(Dimension::Text),
        2 => Just(Dimension::Status),
        2 => select(["Env", "it's", "absent"].as_slice()).prop_map(|name| Dimension::Property(name.to_owned())),
        1 => Just(Dimension::PropertyName),
        1 => Just(Dimension::ScoreName),
        1 => Just(Dimension::CacheStatus),
        1 => Just(Dimension::RateLimitStatus),
    ]
}

fn texts() -> impl Strategy<Value = TextColumn> {
    select(vec![
        TextColumn::Model,
        TextColumn::Model,
        TextColumn::Provider,
        TextColumn::Provider,
        TextColumn::CountryCode,
        TextColumn::UserId,
        TextColumn::RequestId,
        TextColumn::ProxyKeyId,
        TextColumn::CacheReferenceId,
        TextColumn::CostStatus,
        TextColumn::PromptId,
    ])
}

fn quantities() -> impl Strategy<Value = Quantity> {
    select(vec![
        Quantity::Cost,
        Quantity::Latency,
        Quantity::TimeToFirstToken,
        Quantity::PromptTokens,
        Quantity::CompletionTokens,
        Quantity::PromptCacheReadTokens,
        Quantity::PromptCacheWriteTokens,
        Quantity::ReasoningTokens,
        Quantity::TotalTokens,
        Quantity::SavedCost,
        Quantity::SavedLatency,
    ])
}

fn measures() -> impl Strategy<Value = Measure> {
    let shares = select([0.0, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0].as_slice());
    let with = prop_oneof![Just(BoolColumn::Cached), Just(BoolColumn::Threat), Just(BoolColumn::Rating)];
    let with = with.prop_map(|column| {
        Filter::Leaf(Condition { column: Column::Bool(column), test: Test::BoolEquals(true) })
    });
    let plain = select(vec![
        Measure::Errors,
        Measure::First,
        Measure::Last,
        Measure::LastEnd,
        Measure::Duration,
        Measure::RequestsPerActiveDay,
        Measure::TokensPerRequest,
        Measure::ScoreSum,
        Measure::ScoreAverage,
        Measure::ScoreMin,
        Measure::ScoreMax,
    ]);
    prop_oneof![
        4 => Just(Measure::Requests),
        1 => prop_oneof![with, samples::filters()].prop_map(Measure::RequestsWith),
        3 => plain,
        3 => quantities().prop_map(Measure::Sum),
        2 => quantities().prop_map(Measure::Average),
        1 => quantities().prop_map(Measure::Min),
        1 => quantities().prop_map(Measure::Max),
        3 => (quantities(), shares).prop_map(|(quantity, share)| Measure::Quantile(quantity, share)),
        1 => quantities().prop_map(Measure::Unknown),
        2 => dimensions().prop_map(Measure::Distinct),
        1 => (texts(), 0_u32..4).prop_map(|(column, limit)| Measure::Values(column, limit)),
    ]
}

/// Returns conditions on groups by these dimensions.
fn havings(groups: &[Dimension]) -> impl Strategy<Value = Having> + use<> {
    let number = prop_oneof![
        (0_u8..4).prop_map(|bound| Test::NumberAtLeast(bound.into())),
        (0_u8..4).prop_map(|bound| Test::NumberBelow(bound.into())),
        (0_u8..4).prop_map(|bound| Test::NumberNotEquals(bound.into())),
        Just(Test::NumberAbove(0.004)),
        Just(Test::NumberAtMost(9.5)),
    ];
    let measures = select(vec![
        Measure::Requests,
        Measure::Errors,
        Measure::Sum(Quantity::Cost),
        Measure::Sum(Quantity::TotalTokens),
        Measure::Max(Quantity::Latency),
        Measure::Distinct(Dimension::Text(TextColumn::Model)),
        Measure::Distinct(Dimension::ScoreName),
    ]);
    let time = (0..SPAN).prop_map(|after| Test::TimeAfter(Timestamp::from_unix_micros(FIRST + after)));
    let by_time = (select(vec![Measure::First, Measure::Last, Measure::LastEnd]), time);
    let named = groups.iter().filter(|group| !matches!(group, Dimension::Time(_) | Dimension::Status));
    let named: Vec<Dimension> = named.cloned().collect();
    let absent = Dimension::Text(TextColumn::Path);
    let text =
        select(["gpt-4o", "Env", "prod", ""].as_slice()).prop_map(|text| Test::Contains(text.to_owned()));
    let by_text = (select(if named.is_empty() { vec![absent] } else { named }), text);
    let leaf = prop_oneof![
        4 => (measures, number).prop_map(|(measure, test)| Having::Measure(measure, test)),
        1 => by_time.prop_map(|(measure, test)| Having::Measure(measure, test)),
        1 => by_text.prop_map(|(dimension, test)| Having::Dimension(dimension, test)),
        2 => select(samples::conditions()).prop_map(Having::Any),
    ];
    leaf.prop_recursive(2, 4, 2, |inner| {
        (inner.clone(), inner, any::<bool>()).prop_map(|(left, right, both)| {
            let join = if both { Having::And } else { Having::Or };
            join(Box::new(left), Box::new(right))
        })
    })
}
