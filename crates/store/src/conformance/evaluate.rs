//! The meaning of filters and orders, spelled out over rows in memory: slow, simple, and what a store's
//! answers are compared with.

use std::cmp::Ordering;

use gatehouse_types::{NanoUsd, Timestamp};
use uuid::Uuid;

use crate::filter::{BoolColumn, Column, Condition, Filter, NumberColumn, Test, TextColumn, TimeColumn};
use crate::log::{Direction, LogRow, SortKey};

/// Returns whether `row` matches `filter`.
pub fn matches(filter: &Filter, row: &LogRow) -> bool {
    match filter {
        Filter::All => true,
        Filter::And(left, right) => matches(left, row) && matches(right, row),
        Filter::Or(left, right) => matches(left, row) || matches(right, row),
        Filter::Leaf(condition) => holds(condition, row),
    }
}

fn holds(condition: &Condition, row: &LogRow) -> bool {
    let test = &condition.test;
    match &condition.column {
        Column::Text(TextColumn::RequestId) => id(Some(row.request_id.as_uuid()), test),
        Column::Text(TextColumn::CacheReferenceId) => {
            id(Some(row.cache_reference_id.map_or(Uuid::nil(), |id| id.as_uuid())), test)
        }
        Column::Text(TextColumn::ProxyKeyId) => id(row.handling.proxy_key_id.map(|id| id.as_uuid()), test),
        Column::Text(column) => text(text_value(*column, row), test),
        Column::Property(key) => text(row.property(key), test),
        Column::PropertyKey => match test {
            Test::TextEquals(key) => row.property(key).is_some(),
            Test::TextNotEquals(key) => row.property(key).is_none(),
            _ => false,
        },
        Column::Number(column) => number(*column, row, test),
        Column::Time(TimeColumn::RequestCreatedAt) => time(row.request_created_at, test),
        Column::Time(TimeColumn::ResponseCreatedAt) => time(row.response_created_at, test),
        Column::Bool(BoolColumn::CacheEnabled) => flag(Some(row.cache_enabled), test),
        Column::Bool(BoolColumn::Cached) => flag(Some(row.cache_reference_id.is_some()), test),
        Column::Bool(BoolColumn::Threat) => flag(row.handling.threat, test),
        Column::Bool(BoolColumn::Rating) => flag(row.annotations.rating().map(|given| given.value), test),
    }
}

fn text_value(column: TextColumn, row: &LogRow) -> Option<&str> {
    match column {
        TextColumn::Model => Some(&row.model),
        TextColumn::Provider => Some(&row.provider),
        TextColumn::UserId => Some(&row.user_id),
        TextColumn::TargetUrl => Some(&row.target_url),
        TextColumn::CountryCode => row.country_code.as_deref(),
        TextColumn::RequestReferrer => Some(&row.request_referrer),
        TextColumn::PromptId => Some(&row.prompt_id),
        TextColumn::PromptVersion => Some(&row.prompt_version),
        TextColumn::CostStatus => Some(&row.cost_status),
        TextColumn::UsageSource => Some(row.usage_source.as_str()),
        TextColumn::MapperId => row.mapper.as_ref().map(|mapper| mapper.id.as_str()),
        TextColumn::Method => Some(&row.method),
        TextColumn::Path => Some(&row.path),
        TextColumn::RequestId
        | TextColumn::CacheReferenceId
        | TextColumn::ProxyKeyId
        | TextColumn::RequestBody
        | TextColumn::ResponseBody => None,
    }
}

fn id(value: Option<Uuid>, test: &Test) -> bool {
    let equals = |wanted: &str| value.is_some() && value == Uuid::try_parse(wanted).ok();
    match test {
        Test::TextEquals(wanted) => equals(wanted),
        Test::TextNotEquals(wanted) => !equals(wanted),
        _ => text(value.map(|id| id.to_string()).as_deref(), test),
    }
}

fn text(value: Option<&str>, test: &Test) -> bool {
    let lower = |text: &str| text.to_lowercase();
    let contains = |part: &str| value.is_some_and(|value| lower(value).contains(&lower(part)));
    match test {
        Test::TextEquals(wanted) => value == Some(wanted),
        Test::TextNotEquals(wanted) => value != Some(wanted),
        Test::Like(pattern) => value.is_some_and(|value| like(pattern, value)),
        Test::ILike(pattern) => value.is_some_and(|value| like(&lower(pattern), &lower(value))),
        Test::Contains(part) => contains(part),
        Test::NotContains(part) => !contains(part),
        Test::IsNull => value.is_none(),
        Test::IsNotNull => value.is_some(),
        _ => false,
    }
}

/// Matches a pattern in which `%` stands for any text and `_` for one character.
fn like(pattern: &str, value: &str) -> bool {
    let mut wanted = pattern.chars();
    match wanted.next() {
        None => value.is_empty(),
        Some('%') => {
            let rest = wanted.as_str();
            let mut tail = value.chars();
            loop {
                if like(rest, tail.as_str()) {
                    return true;
                }
                if tail.next().is_none() {
                    return false;
                }
            }
        }
        Some(wanted_first) => {
            let mut tail = value.chars();
            tail.next().is_some_and(|first| wanted_first == '_' || wanted_first == first)
                && like(wanted.as_str(), tail.as_str())
        }
    }
}

fn number(column: NumberColumn, row: &LogRow, test: &Test) -> bool {
    let count = |value: Option<u64>| value.map(i128::from);
    let value = match column {
        NumberColumn::Status => Some(row.status.into()),
        NumberColumn::Latency => Some((row.total_us / 1000).into()),
        NumberColumn::TimeToFirstToken => count(row.first_token_us.map(|micros| micros / 1000)),
        NumberColumn::PromptTokens => count(row.usage.input),
        NumberColumn::CompletionTokens => count(row.usage.output),
        NumberColumn::TotalTokens => count(row.usage.total),
        NumberColumn::PromptCacheReadTokens => count(row.usage.cache_read),
        NumberColumn::PromptCacheWriteTokens => count(row.usage.cache_write),
        NumberColumn::MapperVersion => row.mapper.as_ref().map(|mapper| mapper.version.into()),
        NumberColumn::Cost => row.cost.map(|cost| cost.get().into()),
    };
    let order = |bound: f64| {
        let bound = if column == NumberColumn::Cost { (bound * 1e9).round() } else { bound };
        value.map(|value| compare(value, bound))
    };
    match test {
        Test::NumberEquals(bound) => order(*bound) == Some(Ordering::Equal),
        Test::NumberNotEquals(bound) => order(*bound) != Some(Ordering::Equal),
        Test::NumberAtLeast(bound) => order(*bound).is_some_and(Ordering::is_ge),
        Test::NumberAtMost(bound) => order(*bound).is_some_and(Ordering::is_le),
        Test::NumberAbove(bound) => order(*bound).is_some_and(Ordering::is_gt),
        Test::NumberBelow(bound) => order(*bound).is_some_and(Ordering::is_lt),
        Test::IsNull => value.is_none(),
        Test::IsNotNull => value.is_some(),
        _ => false,
    }
}

/// Compares a whole number with a float exactly: the whole parts first, then what is behind the point.
#[expect(
    clippy::cast_possible_truncation,
    reason = "beyond the range of i128 `as` saturates, which compares right"
)]
fn compare(value: i128, bound: f64) -> Ordering {
    let whole = bound.floor();
    value.cmp(&(whole as i128)).then(if bound > whole { Ordering::Less } else { Ordering::Equal })
}

fn time(value: Timestamp, test: &Test) -> bool {
    match test {
        Test::TimeEquals(at) => value == *at,
        Test::TimeAtLeast(at) => value >= *at,
        Test::TimeAtMost(at) => value <= *at,
        Test::TimeAfter(at) => value > *at,
        Test::TimeBefore(at) => value < *at,
        Test::IsNotNull => true,
        _ => false,
    }
}

fn flag(value: Option<bool>, test: &Test) -> bool {
    match test {
        Test::BoolEquals(wanted) => value == Some(*wanted),
        Test::IsNull => value.is_none(),
        Test::IsNotNull => value.is_some(),
        _ => false,
    }
}

/// What rows are ordered by.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Key<'a> {
    Number(i128),
    Text(&'a str),
}

fn key<'a>(sort: &SortKey, row: &'a LogRow) -> Option<Key<'a>> {
    let count = |value: Option<u64>| value.map(|value| Key::Number(value.into()));
    match sort {
        SortKey::CreatedAt => Some(Key::Number(row.request_created_at.as_unix_micros().into())),
        SortKey::Latency => count(Some(row.total_us)),
        SortKey::TimeToFirstToken => count(row.first_token_us),
        SortKey::TotalTokens => count(row.usage.total),
        SortKey::PromptTokens => count(row.usage.input),
        SortKey::CompletionTokens => count(row.usage.output),
        SortKey::UserId => Some(Key::Text(&row.user_id)),
        SortKey::Cost => row.cost.map(NanoUsd::get).map(|cost| Key::Number(cost.into())),
        SortKey::Model => Some(Key::Text(&row.model)),
        SortKey::Property(name) => row.property(name).map(Key::Text),
    }
}

/// Returns the order in which a list shows two rows.
pub fn order(sort: &SortKey, direction: Direction, left: &LogRow, right: &LogRow) -> Ordering {
    let towards = |order: Ordering| match direction {
        Direction::Ascending => order,
        Direction::Descending => order.reverse(),
    };
    let by_key = match (key(sort, left), key(sort, right)) {
        (Some(left), Some(right)) => towards(left.cmp(&right)),
        (left, right) => left.is_none().cmp(&right.is_none()),
    };
    by_key.then_with(|| towards(left.request_id.cmp(&right.request_id)))
}
