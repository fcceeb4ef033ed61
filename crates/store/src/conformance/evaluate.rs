//! The meaning of filters and orders, spelled out over rows in memory: slow, simple, and what a store's
//! answers are compared with.

use std::borrow::Cow;
use std::cmp::Ordering;

use gatehouse_types::{CacheStatus, NanoUsd, Timestamp};
use uuid::Uuid;

use crate::filter::{BoolColumn, Column, Condition, Filter, NumberColumn, Test, TextColumn, TimeColumn};
use crate::log::{Direction, FeedbackValue, LimitStatus, LogRow, SortKey};

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
        Column::Text(column) => match id_value(*column, row) {
            Some(value) => id(value, test),
            None => {
                text(body(*column, row).or_else(|| text_value(*column, row).map(Into::into)).as_deref(), test)
            }
        },
        Column::Property(key) => text(row.property(key), test),
        Column::PropertyKey => match test {
            Test::TextEquals(key) => row.property(key).is_some(),
            Test::TextNotEquals(key) => row.property(key).is_none(),
            _ => false,
        },
        Column::Score(name) => score(row.annotations.feedback.get(name).map(|given| &given.value), test),
        Column::Input(name) => {
            let input = row.handling.prompt_inputs.iter().find(|(known, _)| known == name);
            text(input.map(|(_, value)| value.as_str()), test)
        }
        Column::SessionTag => false,
        Column::Number(column) => number(*column, row, test),
        Column::Time(TimeColumn::RequestCreatedAt) => time(row.request_created_at, test),
        Column::Time(TimeColumn::ResponseCreatedAt) => time(row.response_created_at, test),
        Column::Time(TimeColumn::RatedAt) => match row.annotations.rating() {
            Some(given) => time(given.at, test),
            None => matches!(test, Test::IsNull),
        },
        Column::Bool(column) => flag(bool_value(*column, row), test),
    }
}

fn bool_value(column: BoolColumn, row: &LogRow) -> Option<bool> {
    match column {
        BoolColumn::CacheEnabled => Some(row.cache_enabled),
        BoolColumn::Cached => Some(row.cache_reference_id.is_some()),
        BoolColumn::IsStream => Some(row.is_stream),
        BoolColumn::RateLimited => {
            Some(row.handling.rate_limit.as_ref().is_some_and(|limit| limit.is_refused))
        }
        BoolColumn::Threat => row.handling.threat,
        BoolColumn::Rating => row.annotations.rating().map(|given| given.value),
        BoolColumn::Scored => Some(!row.annotations.feedback.is_empty()),
        BoolColumn::Revised => Some(row.revised.is_some()),
    }
}

/// Returns the value of a column of ids, or nothing for other columns.
#[expect(clippy::option_option, reason = "an id may be null")]
pub(super) fn id_value(column: TextColumn, row: &LogRow) -> Option<Option<Uuid>> {
    Some(match column {
        TextColumn::RequestId => Some(row.request_id.as_uuid()),
        TextColumn::ResponseId => Some(row.response_id.as_uuid()),
        TextColumn::OrganizationId => Some(row.organization_id.as_uuid()),
        TextColumn::KeyId => row.key_id.map(|id| id.as_uuid()),
        TextColumn::CacheReferenceId => Some(row.cache_reference_id.map_or(Uuid::nil(), |id| id.as_uuid())),
        TextColumn::ProxyKeyId => row.handling.proxy_key_id.map(|id| id.as_uuid()),
        _ => return None,
    })
}

/// Returns the text of a body.
fn body(column: TextColumn, row: &LogRow) -> Option<Cow<'_, str>> {
    let body = match column {
        TextColumn::RequestBody => row.bodies.request.as_ref(),
        TextColumn::ResponseBody => row.bodies.response.as_ref(),
        _ => None,
    };
    body.map(|body| String::from_utf8_lossy(body))
}

pub(super) fn text_value(column: TextColumn, row: &LogRow) -> Option<&str> {
    match column {
        TextColumn::Model => Some(&row.model),
        TextColumn::RequestModel => row.request_model.as_deref(),
        TextColumn::ResponseModel => row.response_model.as_deref(),
        TextColumn::ModelOverride => row.model_override.as_deref(),
        TextColumn::Provider => Some(&row.provider),
        TextColumn::UserId => Some(&row.user_id),
        TextColumn::TargetUrl => Some(&row.target_url),
        TextColumn::CountryCode => row.country_code.as_deref(),
        TextColumn::RequestReferrer => Some(&row.request_referrer),
        TextColumn::PromptId => Some(&row.prompt_id),
        TextColumn::PromptVersion => Some(&row.prompt_version),
        TextColumn::CacheStatus => row.handling.cache_status.map(CacheStatus::as_str),
        TextColumn::RateLimitStatus => {
            row.handling.rate_limit.as_ref().map(|limit| LimitStatus::of(limit).as_str())
        }
        TextColumn::RateLimitPolicy => row.handling.rate_limit.as_ref().map(|limit| limit.policy.as_str()),
        TextColumn::Outcome => Some(row.outcome.as_str()),
        TextColumn::ErrorKind => row.error_kind.as_deref(),
        TextColumn::Source => Some(row.handling.source.as_str()),
        TextColumn::ServiceTier => row.billing.service_tier.as_deref(),
        TextColumn::CostStatus => Some(&row.cost_status),
        TextColumn::UsageSource => Some(row.usage_source.as_str()),
        TextColumn::MapperId => row.mapper.as_ref().map(|mapper| mapper.id.as_str()),
        TextColumn::Method => Some(&row.method),
        TextColumn::Path => Some(&row.path),
        TextColumn::RequestId
        | TextColumn::ResponseId
        | TextColumn::OrganizationId
        | TextColumn::KeyId
        | TextColumn::CacheReferenceId
        | TextColumn::ProxyKeyId
        | TextColumn::RequestBody
        | TextColumn::ResponseBody => None,
    }
}

/// Compares a score: as a number where the test is one of numbers, else as a text.
fn score(value: Option<&FeedbackValue>, test: &Test) -> bool {
    let (real, word) = match value {
        Some(FeedbackValue::Boolean(value)) => (Some(f64::from(u8::from(*value))), None),
        Some(FeedbackValue::Numerical(value)) => (Some(*value), None),
        Some(FeedbackValue::Text(value) | FeedbackValue::Categorical(value)) => (None, Some(value.as_str())),
        None => (None, None),
    };
    let order = |bound: &f64| real.and_then(|real| real.partial_cmp(bound));
    match test {
        Test::IsNull => value.is_none(),
        Test::IsNotNull => value.is_some(),
        Test::NumberEquals(bound) => order(bound) == Some(Ordering::Equal),
        Test::NumberNotEquals(bound) => order(bound) != Some(Ordering::Equal),
        Test::NumberAtLeast(bound) => order(bound).is_some_and(Ordering::is_ge),
        Test::NumberAtMost(bound) => order(bound).is_some_and(Ordering::is_le),
        Test::NumberAbove(bound) => order(bound).is_some_and(Ordering::is_gt),
        Test::NumberBelow(bound) => order(bound).is_some_and(Ordering::is_lt),
        _ => text(word, test),
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

pub(super) fn text(value: Option<&str>, test: &Test) -> bool {
    let lower = |text: &str| -> String {
        text.chars().map(|character| character.to_lowercase().next().unwrap_or(character)).collect()
    };
    let contains = |part: &str| value.is_some_and(|value| lower(value).contains(&lower(part)));
    match test {
        Test::TextEquals(wanted) => value == Some(wanted),
        Test::TextNotEquals(wanted) => value != Some(wanted),
        Test::TextIn(wanted) => value.is_some_and(|value| wanted.iter().any(|wanted| wanted == value)),
        Test::TextNotIn(wanted) => value.is_none_or(|value| wanted.iter().all(|wanted| wanted != value)),
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
        NumberColumn::PromptAudioTokens => count(row.usage.input_audio),
        NumberColumn::CompletionAudioTokens => count(row.usage.output_audio),
        NumberColumn::ReasoningTokens => count(row.usage.reasoning),
        NumberColumn::AttemptCount => Some(row.attempt_count.into()),
        NumberColumn::RequestBytes => Some(row.request_bytes.into()),
        NumberColumn::ResponseBytes => Some(row.response_bytes.into()),
        NumberColumn::SavedLatency => count(row.handling.saved.us.map(|micros| micros / 1000)),
        NumberColumn::SavedPromptTokens => count(row.handling.saved.prompt_tokens),
        NumberColumn::SavedCompletionTokens => count(row.handling.saved.completion_tokens),
        NumberColumn::Hour => {
            Some((row.request_created_at.as_unix_micros().div_euclid(3_600_000_000)).rem_euclid(24).into())
        }
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

pub(super) fn time(value: Timestamp, test: &Test) -> bool {
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
        SortKey::CacheCreatedAt => {
            let began = row.cache_reference_id.map(|_| row.request_created_at.as_unix_micros());
            began.map(|began| Key::Number(began.into()))
        }
        SortKey::IsCached => Some(Key::Number(row.cache_reference_id.is_some().into())),
        SortKey::RequestPreview => row.request_preview.as_deref().map(Key::Text),
        SortKey::ResponsePreview => row.response_preview.as_deref().map(Key::Text),
        SortKey::Property(name) => row.property(name).map(Key::Text),
        SortKey::Input(name) => {
            let input = row.handling.prompt_inputs.iter().find(|(known, _)| known == name);
            input.map(|(_, value)| Key::Text(value))
        }
        // Any order is as good as another.
        SortKey::Random(_) => None,
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
