//! The names of groups and measures in the API, and what they are to a log store.

use gatehouse_store::filter::{BoolColumn, Column, Condition, Filter, Test, TextColumn};
use gatehouse_store::log::{Bucket, Dimension, Increment, Measure, Quantity, SESSION_ID};

/// What calls can be grouped by beside a property and a piece of time.
pub(super) static GROUPS: [(&str, Dimension); 15] = [
    ("model", Dimension::Text(TextColumn::Model)),
    ("provider", Dimension::Text(TextColumn::Provider)),
    ("country", Dimension::Text(TextColumn::CountryCode)),
    ("user", USER),
    ("status", Dimension::Status),
    ("target", Dimension::Text(TextColumn::TargetUrl)),
    ("path", Dimension::Text(TextColumn::Path)),
    ("key", Dimension::Text(TextColumn::KeyId)),
    ("prompt", Dimension::Text(TextColumn::PromptId)),
    ("cacheStatus", Dimension::CacheStatus),
    ("cacheReference", Dimension::Text(TextColumn::CacheReferenceId)),
    ("rateLimitStatus", Dimension::RateLimitStatus),
    ("rateLimitPolicy", Dimension::Text(TextColumn::RateLimitPolicy)),
    ("propertyName", Dimension::PropertyName),
    ("scoreName", Dimension::ScoreName),
];

/// The group whose value is that of a property, and the field that names it.
pub(super) const PROPERTY: &str = "property";
/// The group that is a piece of time, and the field that says how long it is.
pub(super) const TIME: &str = "time";

/// Whose calls they are.
pub(crate) const USER: Dimension = Dimension::Text(TextColumn::UserId);

/// How long pieces of time can be.
pub(super) const INCREMENTS: [(&str, Increment); 6] = [
    ("min", Increment::Minute),
    ("hour", Increment::Hour),
    ("day", Increment::Day),
    ("week", Increment::Week),
    ("month", Increment::Month),
    ("year", Increment::Year),
];

/// What can be known of a group.
pub(super) static MEASURES: [(&str, Measure); 43] = [
    ("requests", Measure::Requests),
    ("errors", Measure::Errors),
    ("rate_limited", RATE_LIMITED),
    ("cached", requests_that_are(BoolColumn::Cached)),
    ("threats", THREATS),
    ("cost", Measure::Sum(Quantity::Cost)),
    ("cost_unknown", Measure::Unknown(Quantity::Cost)),
    ("average_cost", Measure::Average(Quantity::Cost)),
    ("latency_average", Measure::Average(Quantity::Latency)),
    ("latency_p50", Measure::Quantile(Quantity::Latency, 0.5)),
    ("latency_p75", Measure::Quantile(Quantity::Latency, 0.75)),
    ("latency_p90", Measure::Quantile(Quantity::Latency, 0.9)),
    ("latency_p95", Measure::Quantile(Quantity::Latency, 0.95)),
    ("latency_p99", Measure::Quantile(Quantity::Latency, 0.99)),
    ("ttft_average", Measure::Average(Quantity::TimeToFirstToken)),
    ("ttft_p50", Measure::Quantile(Quantity::TimeToFirstToken, 0.5)),
    ("ttft_p75", Measure::Quantile(Quantity::TimeToFirstToken, 0.75)),
    ("ttft_p90", Measure::Quantile(Quantity::TimeToFirstToken, 0.9)),
    ("ttft_p95", Measure::Quantile(Quantity::TimeToFirstToken, 0.95)),
    ("ttft_p99", Measure::Quantile(Quantity::TimeToFirstToken, 0.99)),
    ("prompt_tokens", Measure::Sum(Quantity::PromptTokens)),
    ("completion_tokens", Measure::Sum(Quantity::CompletionTokens)),
    ("total_tokens", Measure::Sum(Quantity::TotalTokens)),
    ("cache_read_tokens", Measure::Sum(Quantity::PromptCacheReadTokens)),
    ("cache_write_tokens", Measure::Sum(Quantity::PromptCacheWriteTokens)),
    ("reasoning_tokens", Measure::Sum(Quantity::ReasoningTokens)),
    ("tokens_unknown", Measure::Unknown(Quantity::TotalTokens)),
    ("users", Measure::Distinct(USER)),
    ("sessions", Measure::Distinct(Dimension::Property(String::new()))),
    ("models", Measure::Distinct(Dimension::Text(TextColumn::Model))),
    ("first", Measure::First),
    ("last", Measure::Last),
    ("active_days", ACTIVE_DAYS),
    ("requests_per_active_day", Measure::RequestsPerActiveDay),
    ("tokens_per_request", Measure::TokensPerRequest),
    ("saved_cost", Measure::Sum(Quantity::SavedCost)),
    ("saved_latency", Measure::Sum(Quantity::SavedLatency)),
    ("score_sum", Measure::ScoreSum),
    ("score_average", Measure::ScoreAverage),
    ("score_min", Measure::ScoreMin),
    ("score_max", Measure::ScoreMax),
    ("score_count", Measure::Requests),
    ("last_end", Measure::LastEnd),
];

/// How many calls a limit refused.
pub(crate) const RATE_LIMITED: Measure = requests_that_are(BoolColumn::RateLimited);
/// How many calls were attacks, as far as guards were asked.
pub(crate) const THREATS: Measure = requests_that_are(BoolColumn::Threat);
/// On how many days (UTC) there were calls.
pub(crate) const ACTIVE_DAYS: Measure =
    Measure::Distinct(Dimension::Time(Bucket { increment: Increment::Day, offset_minutes: 0 }));

const fn requests_that_are(column: BoolColumn) -> Measure {
    Measure::RequestsWith(Filter::Leaf(Condition {
        column: Column::Bool(column),
        test: Test::BoolEquals(true),
    }))
}

/// Returns the measure of a name.
pub(super) fn measure(name: &str) -> Option<(&'static str, Measure)> {
    let (name, measure) = MEASURES.iter().find(|(known, _)| *known == name)?;
    let measure = match *name {
        // A text that is made at run time.
        "sessions" => Measure::Distinct(Dimension::Property(SESSION_ID.to_owned())),
        _ => measure.clone(),
    };
    Some((name, measure))
}

/// Returns whether a measure is only known of a score.
pub(super) fn is_of_score(name: &str) -> bool {
    name.starts_with("score_")
}

/// How much of an unknown name a message repeats.
pub(super) const SHOWN_CHARACTERS: usize = 60;

/// Returns names in the form of messages.
pub(super) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
