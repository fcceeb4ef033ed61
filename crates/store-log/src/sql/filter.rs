//! Filter trees to conditions.
//!
//! An unknown value (null) fails every comparison but the negated ones: `not-equals` and `not-contains`
//! match exactly what `equals` and `contains` do not.

use gatehouse_store::filter::{
    BoolColumn, Column, Condition, Filter, NumberColumn, Test, TextColumn, TimeColumn,
};
use gatehouse_types::Timestamp;
use uuid::Uuid;

use super::matching::Text;
use super::{Dialect, Param, Statement, body};

/// A condition that SQL can't express over the stored columns.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("column {column} can't be compared by {test}")]
pub(crate) struct FilterUnsupported {
    column: String,
    test: String,
}

impl FilterUnsupported {
    pub(super) fn new(column: &dyn std::fmt::Debug, test: &dyn std::fmt::Debug) -> Self {
        Self { column: format!("{column:?}"), test: format!("{test:?}") }
    }
}

/// Writes `filter` as a condition that is true or false, never null.
pub(crate) fn write(
    dialect: &dyn Dialect,
    filter: &Filter,
    sql: &mut Statement,
) -> Result<(), FilterUnsupported> {
    let (left, word, right) = match filter {
        Filter::All => {
            sql.push("TRUE");
            return Ok(());
        }
        Filter::Leaf(condition) => return leaf(dialect, condition, sql),
        Filter::And(left, right) => (left, " AND ", right),
        Filter::Or(left, right) => (left, " OR ", right),
    };
    sql.push("(");
    write(dialect, left, sql)?;
    sql.push(word);
    write(dialect, right, sql)?;
    sql.push(")");
    Ok(())
}

/// Returns whether the condition names what revisions may change.
pub(crate) fn reads_revisions(filter: &Filter) -> bool {
    filter.any_condition(|condition| match &condition.column {
        Column::Text(column) => matches!(
            column,
            TextColumn::Model | TextColumn::CostStatus | TextColumn::UsageSource | TextColumn::MapperId
        ),
        Column::Number(column) => matches!(
            column,
            NumberColumn::PromptTokens
                | NumberColumn::CompletionTokens
                | NumberColumn::TotalTokens
                | NumberColumn::PromptCacheReadTokens
                | NumberColumn::PromptCacheWriteTokens
                | NumberColumn::PromptAudioTokens
                | NumberColumn::CompletionAudioTokens
                | NumberColumn::ReasoningTokens
                | NumberColumn::MapperVersion
                | NumberColumn::Cost
        ),
        Column::Bool(column) => matches!(column, BoolColumn::Revised),
        Column::Time(_)
        | Column::Property(_)
        | Column::PropertyKey
        | Column::Score(_)
        | Column::Input(_)
        | Column::SessionTag => false,
    })
}

fn leaf(dialect: &dyn Dialect, condition: &Condition, sql: &mut Statement) -> Result<(), FilterUnsupported> {
    let done = match &condition.column {
        Column::Text(TextColumn::RequestBody | TextColumn::ResponseBody) => {
            body::write(dialect, condition, sql)
        }
        Column::SessionTag => None,
        Column::Text(column) if is_id(*column) => uuid(dialect, text_column(*column), &condition.test, sql),
        Column::Text(column) => text(dialect, &|sql| sql.word(text_column(*column)), &condition.test, sql),
        Column::Property(key) => text(dialect, &|sql| dialect.property(key, sql), &condition.test, sql),
        Column::Input(name) => text(dialect, &|sql| dialect.input(name, sql), &condition.test, sql),
        Column::PropertyKey => property_key(dialect, &condition.test, sql),
        Column::Score(name) => score(dialect, name, &condition.test, sql),
        Column::Number(column) => number(dialect, *column, &condition.test, sql),
        Column::Time(column) => time(dialect, time_column(*column), &condition.test, sql),
        Column::Bool(column) => boolean(*column, &condition.test, sql),
    };
    done.ok_or_else(|| FilterUnsupported::new(&condition.column, &condition.test))
}

/// Returns whether a column holds ids, which compare by value.
pub(super) const fn is_id(column: TextColumn) -> bool {
    matches!(
        column,
        TextColumn::RequestId
            | TextColumn::ResponseId
            | TextColumn::OrganizationId
            | TextColumn::KeyId
            | TextColumn::CacheReferenceId
            | TextColumn::ProxyKeyId
    )
}

/// The original call, or the nil UUID when no cache answered.
const CACHE_REFERENCE_ID: &str =
    "coalesce(cache_reference_id, CAST('00000000-0000-0000-0000-000000000000' AS UUID))";

/// Writes a column or an expression.
pub(super) type Expression<'a> = &'a dyn Fn(&mut Statement);

/// Writes `expression IS [NOT] NULL` when that is what `test` asks.
pub(super) fn nullness(expression: Expression<'_>, test: &Test, sql: &mut Statement) -> Option<()> {
    let word = match test {
        Test::IsNull => " IS NULL",
        Test::IsNotNull => " IS NOT NULL",
        _ => return None,
    };
    sql.push("(");
    expression(sql);
    sql.push(word).push(")");
    Some(())
}

pub(super) fn text(
    dialect: &dyn Dialect,
    expression: Expression<'_>,
    test: &Test,
    sql: &mut Statement,
) -> Option<()> {
    let cased = |folds| Text { expression, folds };
    let (operator, value, end) = match test {
        Test::TextEquals(value) => (" = ", value.clone(), ") IS TRUE"),
        Test::TextNotEquals(value) => (" = ", value.clone(), ") IS NOT TRUE"),
        Test::TextIn(values) => return one_of(dialect, expression, values, ") IS TRUE", sql),
        Test::TextNotIn(values) => return one_of(dialect, expression, values, ") IS NOT TRUE", sql),
        Test::Like(pattern) => {
            return holds(|sql| cased(false).matches(dialect, pattern, sql), ") IS TRUE", sql);
        }
        Test::ILike(pattern) => {
            return holds(|sql| cased(true).matches(dialect, pattern, sql), ") IS TRUE", sql);
        }
        Test::Contains(part) => {
            return holds(|sql| cased(true).contains(dialect, part, sql), ") IS TRUE", sql);
        }
        Test::NotContains(part) => {
            return holds(|sql| cased(true).contains(dialect, part, sql), ") IS NOT TRUE", sql);
        }
        _ => return nullness(expression, test, sql),
    };
    sql.push("(");
    expression(sql);
    sql.push(operator).bind(dialect, Param::Text(value)).push(end);
    Some(())
}

/// Writes a condition, with `end` behind it.
fn holds(condition: impl FnOnce(&mut Statement), end: &str, sql: &mut Statement) -> Option<()> {
    sql.push("(");
    condition(sql);
    sql.push(end);
    Some(())
}

/// Writes that a text is one of several, with `end` behind it.
fn one_of(
    dialect: &dyn Dialect,
    expression: Expression<'_>,
    values: &[String],
    end: &str,
    sql: &mut Statement,
) -> Option<()> {
    sql.push("(");
    if values.is_empty() {
        sql.push("FALSE");
    } else {
        let mut text = Statement::default();
        expression(&mut text);
        dialect.is_one_of(&text, values, sql);
    }
    sql.push(end);
    Some(())
}

/// Compares a score as a number where the test is one of numbers, else as a text; null is that there is none of the name.
fn score(dialect: &dyn Dialect, name: &str, test: &Test, sql: &mut Statement) -> Option<()> {
    let (operator, bound, end) = match test {
        Test::NumberEquals(bound) => (" = ", bound, ") IS TRUE"),
        Test::NumberNotEquals(bound) => (" = ", bound, ") IS NOT TRUE"),
        Test::NumberAtLeast(bound) => (" >= ", bound, ") IS TRUE"),
        Test::NumberAtMost(bound) => (" <= ", bound, ") IS TRUE"),
        Test::NumberAbove(bound) => (" > ", bound, ") IS TRUE"),
        Test::NumberBelow(bound) => (" < ", bound, ") IS TRUE"),
        Test::IsNull | Test::IsNotNull => {
            sql.push("(");
            dialect.has_score(name, sql);
            sql.push(if *test == Test::IsNull { ") IS NOT TRUE" } else { ") IS TRUE" });
            return Some(());
        }
        _ => return text(dialect, &|sql| dialect.score_text(name, sql), test, sql),
    };
    sql.push("(");
    dialect.score_number(name, sql);
    sql.push(operator).bind(dialect, Param::Real(*bound)).push(end);
    Some(())
}

/// Compares a UUID column as the text that the API shows, but by value where an index can help.
fn uuid(dialect: &dyn Dialect, column: &str, test: &Test, sql: &mut Statement) -> Option<()> {
    let (value, end) = match test {
        Test::TextEquals(value) => (value, ") IS TRUE"),
        Test::TextNotEquals(value) => (value, ") IS NOT TRUE"),
        _ => return text(dialect, &|sql| dialect.uuid_text(column, sql), test, sql),
    };
    sql.push("(");
    match Uuid::try_parse(value) {
        Ok(id) => sql.push(column).push(" = ").bind(dialect, Param::Uuid(id)),
        Err(_) => sql.push("FALSE"),
    };
    sql.push(end);
    Some(())
}

fn property_key(dialect: &dyn Dialect, test: &Test, sql: &mut Statement) -> Option<()> {
    let (key, end) = match test {
        Test::TextEquals(key) => (key, ") IS TRUE"),
        Test::TextNotEquals(key) => (key, ") IS NOT TRUE"),
        _ => return None,
    };
    sql.push("(");
    dialect.has_property(key, sql);
    sql.push(end);
    Some(())
}

pub(super) fn time(dialect: &dyn Dialect, column: &str, test: &Test, sql: &mut Statement) -> Option<()> {
    let (operator, at) = match test {
        Test::TimeEquals(at) => (" = ", at),
        Test::TimeAtLeast(at) => (" >= ", at),
        Test::TimeAtMost(at) => (" <= ", at),
        Test::TimeAfter(at) => (" > ", at),
        Test::TimeBefore(at) => (" < ", at),
        _ => return nullness(&|sql| sql.word(column), test, sql),
    };
    sql.push("(").push(column).push(operator).bind(dialect, Param::Time(in_range(*at))).push(")");
    Some(())
}

/// Keeps an instant inside what engines can hold, so that a far one compares as the farthest.
pub(super) fn in_range(at: Timestamp) -> Timestamp {
    const FARTHEST: i64 = 200_000 * 365 * 86_400 * 1_000_000;
    Timestamp::from_unix_micros(at.as_unix_micros().clamp(-FARTHEST, FARTHEST))
}

fn boolean(column: BoolColumn, test: &Test, sql: &mut Statement) -> Option<()> {
    let value = match column {
        BoolColumn::CacheEnabled => "cache_enabled",
        BoolColumn::Cached => "(cache_reference_id IS NOT NULL)",
        BoolColumn::IsStream => "is_stream",
        BoolColumn::RateLimited => "(rate_limit_status IS NOT DISTINCT FROM 'refused')",
        BoolColumn::Threat => "threat",
        BoolColumn::Rating => "rating",
        BoolColumn::Scored => "coalesce(scored, FALSE)",
        BoolColumn::Revised => "(revised_at IS NOT NULL)",
    };
    let end = match test {
        Test::BoolEquals(true) => " IS TRUE)",
        Test::BoolEquals(false) => " IS FALSE)",
        Test::IsNull => " IS NULL)",
        Test::IsNotNull => " IS NOT NULL)",
        _ => return None,
    };
    sql.push("(").push(value).push(end);
    Some(())
}

/// A comparison with a whole number, as a number filter comes out for a column of whole numbers.
enum Whole {
    /// The column and the number compare so.
    Compare(&'static str, i128),
    /// True for every known value.
    Known,
    /// True for no value.
    Never,
}

/// Compares exactly: every number column holds whole numbers, so a bound is rounded to the one beside it.
fn number(dialect: &dyn Dialect, column: NumberColumn, test: &Test, sql: &mut Statement) -> Option<()> {
    let (name, range) = number_column(column);
    let scaled = |value: f64| match column {
        NumberColumn::Cost => (value * 1e9).round(),
        _ => value,
    };
    let (whole, end) = match test {
        Test::NumberEquals(value) => (equals(scaled(*value)), ") IS TRUE"),
        Test::NumberNotEquals(value) => (equals(scaled(*value)), ") IS NOT TRUE"),
        Test::NumberAtLeast(value) => (Whole::Compare(" >= ", saturate(scaled(*value).ceil())), ") IS TRUE"),
        Test::NumberAbove(value) => (Whole::Compare(" > ", saturate(scaled(*value).floor())), ") IS TRUE"),
        Test::NumberAtMost(value) => (Whole::Compare(" <= ", saturate(scaled(*value).floor())), ") IS TRUE"),
        Test::NumberBelow(value) => (Whole::Compare(" < ", saturate(scaled(*value).ceil())), ") IS TRUE"),
        _ => return nullness(&|sql| sql.word(name), test, sql),
    };
    sql.push("(");
    match whole.within(&range) {
        Whole::Compare(operator, bound) => sql.push(name).push(operator).bind(dialect, whole_param(bound)),
        Whole::Known => sql.push(name).push(" IS NOT NULL"),
        Whole::Never => sql.push("FALSE"),
    };
    sql.push(end);
    Some(())
}

fn equals(value: f64) -> Whole {
    if value.fract().abs() > 0.0 || !value.is_finite() {
        Whole::Never
    } else {
        Whole::Compare(" = ", saturate(value))
    }
}

impl Whole {
    /// Decides what no value of the column's type can change, so that the bound fits that type.
    fn within(self, range: &std::ops::RangeInclusive<i128>) -> Self {
        match self {
            Self::Compare(operator, bound) if !range.contains(&bound) => {
                let every = match operator {
                    " >= " | " > " => bound < *range.start(),
                    " <= " | " < " => bound > *range.end(),
                    _ => false,
                };
                if every { Self::Known } else { Self::Never }
            }
            other => other,
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, which is what is wanted; no fraction is left"
)]
const fn saturate(value: f64) -> i128 {
    value as i128
}

pub(super) fn whole_param(bound: i128) -> Param {
    match (i64::try_from(bound), u64::try_from(bound)) {
        (Ok(value), _) => Param::Integer(value),
        (_, Ok(value)) => Param::Unsigned(value),
        _ => Param::Integer(if bound < 0 { i64::MIN } else { i64::MAX }),
    }
}

/// Returns the expression of a text column.
pub(super) const fn text_column(column: TextColumn) -> &'static str {
    match column {
        TextColumn::RequestId => "request_id",
        TextColumn::ResponseId => "response_id",
        TextColumn::OrganizationId => "organization_id",
        TextColumn::KeyId => "key_id",
        TextColumn::Model => "model",
        TextColumn::RequestModel => "request_model",
        TextColumn::ResponseModel => "response_model",
        TextColumn::ModelOverride => "model_override",
        TextColumn::Provider => "provider",
        TextColumn::UserId => "user_id",
        TextColumn::TargetUrl => "target_url",
        TextColumn::CountryCode => "country_code",
        TextColumn::RequestReferrer => "request_referrer",
        TextColumn::PromptId => "prompt_id",
        TextColumn::PromptVersion => "prompt_version",
        TextColumn::CacheReferenceId => CACHE_REFERENCE_ID,
        TextColumn::CacheStatus => "cache_status",
        TextColumn::RateLimitStatus => "rate_limit_status",
        TextColumn::RateLimitPolicy => "rate_limit_policy",
        TextColumn::ProxyKeyId => "proxy_key_id",
        TextColumn::Outcome => "outcome",
        TextColumn::ErrorKind => "error_kind",
        TextColumn::Source => "source",
        TextColumn::ServiceTier => "service_tier",
        TextColumn::CostStatus => "cost_status",
        TextColumn::UsageSource => "usage_source",
        TextColumn::MapperId => "mapper_id",
        TextColumn::Method => "method",
        TextColumn::Path => "path",
        TextColumn::RequestBody => "request_body",
        TextColumn::ResponseBody => "response_body",
    }
}

const fn time_column(column: TimeColumn) -> &'static str {
    match column {
        TimeColumn::RequestCreatedAt => "request_created_at",
        TimeColumn::ResponseCreatedAt => "response_created_at",
        TimeColumn::RatedAt => "rated_at",
    }
}

/// Returns a number column's name and the values that its type can hold.
const fn number_column(column: NumberColumn) -> (&'static str, std::ops::RangeInclusive<i128>) {
    const COUNT: std::ops::RangeInclusive<i128> = 0..=u64::MAX as i128;
    match column {
        NumberColumn::Status => ("status", i32::MIN as i128..=i32::MAX as i128),
        NumberColumn::Latency => ("latency", COUNT),
        NumberColumn::TimeToFirstToken => ("time_to_first_token", COUNT),
        NumberColumn::PromptTokens => ("prompt_tokens", COUNT),
        NumberColumn::CompletionTokens => ("completion_tokens", COUNT),
        NumberColumn::TotalTokens => ("total_tokens", COUNT),
        NumberColumn::PromptCacheReadTokens => ("prompt_cache_read_tokens", COUNT),
        NumberColumn::PromptCacheWriteTokens => ("prompt_cache_write_tokens", COUNT),
        NumberColumn::PromptAudioTokens => ("prompt_audio_tokens", COUNT),
        NumberColumn::CompletionAudioTokens => ("completion_audio_tokens", COUNT),
        NumberColumn::ReasoningTokens => ("reasoning_tokens", COUNT),
        NumberColumn::AttemptCount => ("attempt_count", 0..=u16::MAX as i128),
        NumberColumn::RequestBytes => ("request_bytes", COUNT),
        NumberColumn::ResponseBytes => ("response_bytes", COUNT),
        NumberColumn::SavedLatency => ("(saved_us // 1000)", COUNT),
        NumberColumn::SavedPromptTokens => ("saved_prompt_tokens", COUNT),
        NumberColumn::SavedCompletionTokens => ("saved_completion_tokens", COUNT),
        NumberColumn::Hour => ("hour(request_created_at)", 0..=23),
        NumberColumn::MapperVersion => ("mapper_version", 0..=u32::MAX as i128),
        NumberColumn::Cost => ("cost", i64::MIN as i128..=i64::MAX as i128),
    }
}
