//! Figures over many calls: what dashboards, sessions, users and properties are made of.
//!
//! One query says by what calls are grouped and what is wanted of each group. What an aggregate cannot know
//! is [`Figure::Unknown`], never 0: the average of nothing, or a sum in which no value is known.

use gatehouse_types::{NanoUsd, OrganizationId, Timestamp};

use super::Direction;
use crate::filter::{Condition, Filter, Test, TextColumn};

/// How many groups an answer has at most.
pub const MAX_GROUPS: u32 = 100_000;
/// The property that names a call's session.
pub const SESSION_ID: &str = "Helicone-Session-Id";
/// The property that says what a session is called.
pub const SESSION_NAME: &str = "Helicone-Session-Name";
/// The property that says where in its session a call stands.
pub const SESSION_PATH: &str = "Helicone-Session-Path";

/// Which figures are wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregateQuery {
    /// The tenant: nothing else is ever visible.
    pub organization_id: OrganizationId,
    /// Which calls.
    pub filter: Filter,
    /// By what they are grouped; calls that lack one of these are in no group. Without any there is one group,
    /// also of no calls.
    pub groups: Vec<Dimension>,
    /// What is wanted of each group.
    pub measures: Vec<Measure>,
    /// Which groups are left.
    pub having: Having,
    /// In which order groups come, the first mattering most; then by what they are grouped by, ascending.
    pub order: Vec<(Order, Direction)>,
    /// How many groups to skip.
    pub offset: u64,
    /// How many groups at most; no more than [`MAX_GROUPS`].
    pub limit: u32,
}

/// What a group has in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dimension {
    /// When its calls began, cut to the beginning of a piece of time; [`Figure::Time`].
    Time(Bucket),
    /// A text column but a body's, [`Figure::Text`]; a null or empty text is no group but for [`TextColumn::Model`]
    /// and [`TextColumn::Provider`].
    Text(TextColumn),
    /// The HTTP status; [`Figure::Count`] may be negative, so it is [`Figure::Integer`].
    Status,
    /// The value of a property, the added one first; [`Figure::Text`].
    Property(String),
    /// The name of a property: a call is in the group of each of its properties; [`Figure::Text`].
    PropertyName,
    /// The name of feedback that is a boolean or a number: a call is in the group of each; [`Figure::Text`].
    ScoreName,
    /// What the cache did, `hit` or `miss`; [`Figure::Text`].
    CacheStatus,
    /// What limits said, `allowed`, `refused` or `error`; [`Figure::Text`].
    RateLimitStatus,
}

/// A piece of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// How long it is.
    pub increment: Increment,
    /// What is added to UTC to get the caller's clock, in minutes: pieces begin where they do by that clock. The
    /// beginning that is answered is in UTC.
    pub offset_minutes: i32,
}

/// How long pieces of time are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Increment {
    /// A minute.
    Minute,
    /// An hour.
    Hour,
    /// A day.
    Day,
    /// A week, from Monday on.
    Week,
    /// A month of the calendar.
    Month,
    /// A year of the calendar.
    Year,
}

/// How long a minute is, in microseconds.
const MINUTE: i64 = 60_000_000;
/// How long a day is, in microseconds.
const DAY: i64 = 24 * 60 * MINUTE;

impl Bucket {
    /// Returns when the piece of time began that an instant is in.
    pub fn beginning(self, at: Timestamp) -> Timestamp {
        let offset = i64::from(self.offset_minutes) * MINUTE;
        let local = at.as_unix_micros().saturating_add(offset);
        let day = local.div_euclid(DAY);
        let start = match self.increment {
            Increment::Minute => local.div_euclid(MINUTE) * MINUTE,
            Increment::Hour => local.div_euclid(60 * MINUTE) * 60 * MINUTE,
            Increment::Day => day * DAY,
            // The first day of 1970 was a Thursday.
            Increment::Week => (day - (day + 3).rem_euclid(7)) * DAY,
            Increment::Month => (day - days_since_first(day).of_month) * DAY,
            Increment::Year => (day - days_since_first(day).of_year) * DAY,
        };
        Timestamp::from_unix_micros(start.saturating_sub(offset))
    }
}

/// How many days a day is after the first of its month and of its year.
struct DaysSinceFirst {
    of_month: i64,
    of_year: i64,
}

/// Places a day, counted from the first of 1970, in the calendar.
const fn days_since_first(day: i64) -> DaysSinceFirst {
    // Years that begin on the first of March have the odd day at their end; 400 of them are 146,097 days.
    let day = day + 719_468;
    let in_era = day.rem_euclid(146_097);
    let year = (in_era - in_era / 1_460 + in_era / 36_524 - in_era / 146_096) / 365;
    let in_year = in_era - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let of_month = in_year - (153 * month + 2) / 5;
    // From March to December 306 days pass; in the calendar 59 or 60 are before March.
    let calendar_year = day.div_euclid(146_097) * 400 + year + if month >= 10 { 1 } else { 0 };
    let is_leap = calendar_year % 4 == 0 && (calendar_year % 100 != 0 || calendar_year % 400 == 0);
    let before_march = if is_leap { 60 } else { 59 };
    let of_year = if in_year >= 306 { in_year - 306 } else { in_year + before_march };
    DaysSinceFirst { of_month, of_year }
}

/// What is wanted of a group.
#[derive(Clone, Debug, PartialEq)]
pub enum Measure {
    /// How many calls; [`Figure::Count`].
    Requests,
    /// How many calls there were of a kind; [`Figure::Count`].
    RequestsWith(Filter),
    /// Calls with a status of 400 or more, or below 200; [`Figure::Count`].
    Errors,
    /// The sum of a quantity over the calls where it is known; unknown when it is for none.
    Sum(Quantity),
    /// The mean of a quantity over the calls where it is known; [`Figure::Real`].
    Average(Quantity),
    /// The smallest known value.
    Min(Quantity),
    /// The largest known value.
    Max(Quantity),
    /// The smallest known value that so large a share (0 to 1) of the known ones does not exceed, to within 2 %;
    /// [`Figure::Real`].
    Quantile(Quantity, f64),
    /// How many calls lack a quantity; [`Figure::Count`].
    Unknown(Quantity),
    /// How many different values of a dimension there are, so many groups it makes; [`Figure::Count`].
    Distinct(Dimension),
    /// The different values of a text column that would be groups, at most this many, in order; [`Figure::Texts`].
    Values(TextColumn, u32),
    /// When the first call began; [`Figure::Time`].
    First,
    /// When the last call began; [`Figure::Time`].
    Last,
    /// When the last call ended; [`Figure::Time`].
    LastEnd,
    /// From the beginning of the first call to the end of the last one, in ms; [`Figure::Real`].
    Duration,
    /// Calls for each day (UTC) with any; [`Figure::Real`].
    RequestsPerActiveDay,
    /// All tokens for each call whose tokens are known; [`Figure::Real`].
    TokensPerRequest,
    /// The sum of scores, only by [`Dimension::ScoreName`], else unknown; a boolean counts 1 or 0; [`Figure::Real`].
    ScoreSum,
    /// The mean of scores, only by [`Dimension::ScoreName`]; [`Figure::Real`].
    ScoreAverage,
    /// The smallest score, only by [`Dimension::ScoreName`]; [`Figure::Real`].
    ScoreMin,
    /// The largest score, only by [`Dimension::ScoreName`]; [`Figure::Real`].
    ScoreMax,
}

/// Something that each call has an amount of, or whose amount is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// What it cost; [`Figure::Money`], averages and quantiles in US dollars.
    Cost,
    /// The whole duration, in ms; [`Figure::Real`].
    Latency,
    /// Time to the first token, in ms; [`Figure::Real`].
    TimeToFirstToken,
    /// Input tokens that were neither cached nor audio; [`Figure::Count`], as all tokens.
    PromptTokens,
    /// Output tokens without reasoning and audio.
    CompletionTokens,
    /// Input tokens out of the provider's cache.
    PromptCacheReadTokens,
    /// Input tokens written into the provider's cache.
    PromptCacheWriteTokens,
    /// Tokens of reasoning.
    ReasoningTokens,
    /// All tokens.
    TotalTokens,
    /// What an answer out of the cache would have cost; [`Figure::Money`].
    SavedCost,
    /// By how much answers out of the cache were faster, in ms; [`Figure::Real`].
    SavedLatency,
}

/// Which groups are left, by what is known of them.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Having {
    /// All.
    #[default]
    All,
    /// Those that match both.
    And(Box<Having>, Box<Having>),
    /// Those that match one of the two.
    Or(Box<Having>, Box<Having>),
    /// Those whose measure compares as said, wanted or not; times with times, texts with texts, others with numbers
    /// (money in US dollars).
    Measure(Measure, Test),
    /// Those whose dimension, one of the query's, compares as said.
    Dimension(Dimension, Test),
    /// Those with at least one call that compares as said.
    Any(Condition),
}

/// What groups are ordered by.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// The value of the group with this index among the query's.
    Group(usize),
    /// The measure with this index among the query's; unknown ones come last either way.
    Measure(usize),
}

/// The figures of a query.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Aggregated {
    /// A row a group.
    pub rows: Vec<AggregateRow>,
    /// How many groups there are, beyond `offset` and `limit`.
    pub total: u64,
}

/// What is known of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct AggregateRow {
    /// What it has in common, in the query's order.
    pub groups: Vec<Figure>,
    /// What was wanted of it, in the query's order.
    pub measures: Vec<Figure>,
}

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Figure {
    /// Not known.
    Unknown,
    /// A number of things; sums stay within its bounds.
    Count(u64),
    /// A number that may be negative.
    Integer(i64),
    /// Any number.
    Real(f64),
    /// An amount of money; sums stay within its bounds.
    Money(NanoUsd),
    /// An instant.
    Time(Timestamp),
    /// A text.
    Text(String),
    /// Several texts.
    Texts(Vec<String>),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_time_begin_where_they_do_by_the_callers_clock() {
        let check = |increment, offset_minutes, at: &str, expected: &str| {
            let at = Timestamp::parse(at).unwrap();
            let beginning = Bucket { increment, offset_minutes }.beginning(at);
            assert_eq!(beginning, Timestamp::parse(expected).unwrap(), "{increment:?} of {at:?}");
        };
        check(Increment::Minute, 0, "2026-11-23T02:44:52.9Z", "2026-11-23T02:44:00Z");
        check(Increment::Hour, 330, "2026-11-23T02:44:52Z", "2026-11-23T02:30:00Z");
        check(Increment::Day, -60, "2026-11-23T00:59:59Z", "2026-11-22T01:00:00Z");
        check(Increment::Week, 0, "2026-11-22T23:59:59Z", "2026-11-16T00:00:00Z");
        check(Increment::Week, 60, "2026-11-22T23:00:00Z", "2026-11-22T23:00:00Z");
        check(Increment::Week, 0, "1969-12-31T00:00:00Z", "1969-12-29T00:00:00Z");
        check(Increment::Month, 0, "2024-02-29T12:00:00Z", "2024-02-01T00:00:00Z");
        check(Increment::Month, 120, "2024-02-29T22:00:00Z", "2024-02-29T22:00:00Z");
        check(Increment::Year, 0, "2024-12-31T23:59:59Z", "2024-01-01T00:00:00Z");
        check(Increment::Year, 0, "2023-03-01T00:00:00Z", "2023-01-01T00:00:00Z");
        check(Increment::Year, 0, "1900-12-31T00:00:00Z", "1900-01-01T00:00:00Z");
        check(Increment::Year, 0, "2024-02-29T00:00:00Z", "2024-01-01T00:00:00Z");
    }
}
