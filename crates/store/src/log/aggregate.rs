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
    /// A text column, [`Figure::Text`]; a null or empty text is no group but for [`TextColumn::Model`] and
    /// [`TextColumn::Provider`].
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
    /// The value below which this share (0 to 1) of the known ones lies, to within 2 %; [`Figure::Real`].
    Quantile(Quantity, f64),
    /// How many calls lack a quantity; [`Figure::Count`].
    Unknown(Quantity),
    /// How many different values of a dimension there are; [`Figure::Count`].
    Distinct(Dimension),
    /// The different values of a text column, at most this many, in order; [`Figure::Texts`].
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
    /// The sum of scores, only by [`Dimension::ScoreName`]; a boolean counts 1 or 0; [`Figure::Real`].
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
