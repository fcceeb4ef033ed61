//! The filter of a query: a typed tree, parsed from Helicone's JSON grammar.
//!
//! `"all"` or `{}` match everything; `{left, operator: "and"|"or", right}` joins; a leaf is
//! `{table: {column: {operator: value}}}`, map columns with one more level for the key.

use gatehouse_types::Timestamp;

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
}

/// How a column is compared, and with what.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is the operator of the same name in the grammar")]
pub enum Test {
    TextEquals(String),
    TextNotEquals(String),
    Like(String),
    ILike(String),
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
