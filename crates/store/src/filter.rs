//! The filter of a query: a typed tree, parsed from Helicone's JSON grammar.
//!
//! `"all"` or `{}` match everything; `{left, operator: "and"|"or", right}` joins; a leaf is
//! `{table: {column: {operator: value}}}`, map columns with one more level for the key. Several columns
//! or tables in one leaf are joined by `and`.
//!
//! What every store must agree on: an unknown value (null, or a property that a row does not have) fails
//! every comparison; the negated ones, `not-equals` and `not-contains`, match exactly what `equals` and
//! `contains` do not. The `cache_reference_id` of a call that no cache answered is the nil UUID. Ids compare by value, whatever the spelling of the text. A cost is compared after
//! rounding the filter's dollars to nano-dollars, a time in milliseconds after cutting off the rest.

mod grammar;
mod parse;
#[cfg(test)]
mod tests;

use gatehouse_types::Timestamp;

pub use parse::FilterError;

/// Which rows are wanted.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Filter {
    /// All of them.
    #[default]
    All,
    /// Those that match both.
    And(Box<Filter>, Box<Filter>),
    /// Those that match one of the two.
    Or(Box<Filter>, Box<Filter>),
    /// Those whose column compares as said.
    Leaf(Condition),
}

/// One comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    /// Of what.
    pub column: Column,
    /// How and with what.
    pub test: Test,
}

/// What can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// A text column, by its name in the grammar.
    Text(TextColumn),
    /// A number column.
    Number(NumberColumn),
    /// A time column.
    Time(TimeColumn),
    /// A yes-or-no column.
    Bool(BoolColumn),
    /// The value of one custom property (`properties: {key: …}`).
    Property(String),
    /// The existence of a custom property (`property_key: {equals: key}`).
    PropertyKey,
}

/// Text columns of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the row's field of the same name")]
pub enum TextColumn {
    RequestId,
    Model,
    Provider,
    UserId,
    TargetUrl,
    CountryCode,
    RequestReferrer,
    PromptId,
    PromptVersion,
    CacheReferenceId,
    ProxyKeyId,
    CostStatus,
    UsageSource,
    MapperId,
    Method,
    Path,
    RequestBody,
    ResponseBody,
}

/// Number columns of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the row's field of the same name; latency in ms, cost in USD")]
pub enum NumberColumn {
    Status,
    Latency,
    TimeToFirstToken,
    PromptTokens,
    CompletionTokens,
    TotalTokens,
    PromptCacheReadTokens,
    PromptCacheWriteTokens,
    MapperVersion,
    Cost,
}

/// Time columns of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the row's field of the same name")]
pub enum TimeColumn {
    RequestCreatedAt,
    ResponseCreatedAt,
}

/// Yes-or-no columns of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is the row's field of the same name")]
pub enum BoolColumn {
    CacheEnabled,
    Cached,
    /// Whether a guard against attacks found one; null when none could tell.
    Threat,
    /// The rating that was given as feedback; null without one.
    Rating,
}

/// How a column is compared, and with what.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is the operator of the same name in the grammar")]
pub enum Test {
    TextEquals(String),
    TextNotEquals(String),
    /// `%` stands for any text, `_` for one character; nothing escapes them.
    Like(String),
    /// Like `Like`, upper and lower case being the same.
    ILike(String),
    /// Upper and lower case are the same, and no character has a special meaning.
    Contains(String),
    NotContains(String),
    NumberEquals(f64),
    NumberNotEquals(f64),
    NumberAtLeast(f64),
    NumberAtMost(f64),
    NumberAbove(f64),
    NumberBelow(f64),
    TimeEquals(Timestamp),
    TimeAtLeast(Timestamp),
    TimeAtMost(Timestamp),
    TimeAfter(Timestamp),
    TimeBefore(Timestamp),
    BoolEquals(bool),
    IsNull,
    IsNotNull,
}
