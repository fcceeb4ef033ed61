//! The filter of a query: a typed tree, parsed from Helicone's JSON grammar.
//!
//! `"all"` or `{}` match everything; `{left, operator: "and"|"or", right}` joins; a leaf is
//! `{table: {column: {operator: value}}}`, map columns with one more level for the key. Several columns
//! or tables in one leaf are joined by `and`.
//!
//! What every store must agree on: an unknown value (null, or a property that a row does not have) fails
//! every comparison; the negated ones, `not-equals` and `not-contains`, match exactly what `equals` and
//! `contains` do not. Upper and lower case are told apart character by character, each having one lower case. The
//! `cache_reference_id` of a call that no cache answered is the nil UUID. Ids compare by value, whatever the spelling of
//! the text. A cost is compared after rounding the filter's dollars to nano-dollars, a time in milliseconds after
//! cutting off the rest.

mod columns;
mod compare;
mod grammar;
mod grouped;
mod parse;
pub mod reference;
mod tags;
#[cfg(test)]
mod tests;
pub mod text;

use gatehouse_types::Timestamp;

pub use columns::{BoolColumn, Column, NumberColumn, TextColumn, TimeColumn};
pub use grouped::{GroupKind, GroupedFilter, parse_grouped};
pub use parse::FilterError;

/// How many characters a pattern of `like` or `ilike` may have.
pub const MAX_PATTERN_CHARACTERS: usize = 1000;

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

/// How a column is compared, and with what.
#[derive(Clone, Debug, PartialEq)]
#[expect(missing_docs, reason = "each is the operator of the same name in the grammar")]
pub enum Test {
    TextEquals(String),
    TextNotEquals(String),
    /// One of these.
    TextIn(Vec<String>),
    /// None of these, or null.
    TextNotIn(Vec<String>),
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

impl Filter {
    /// Returns the filter that no row matches.
    pub const fn never() -> Self {
        Self::Leaf(Condition { column: Column::Text(TextColumn::RequestId), test: Test::IsNull })
    }

    /// Returns what matches both; what matches everything adds nothing.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All, only) | (only, Self::All) => only,
            (left, right) => Self::And(Box::new(left), Box::new(right)),
        }
    }

    /// Calls `seen` with each of its conditions, from left to right.
    pub fn each_condition<'a>(&'a self, seen: &mut dyn FnMut(&'a Condition)) {
        match self {
            Self::All => {}
            Self::And(left, right) | Self::Or(left, right) => {
                left.each_condition(seen);
                right.each_condition(seen);
            }
            Self::Leaf(condition) => seen(condition),
        }
    }

    /// Returns whether one of its conditions is as asked.
    pub fn any_condition(&self, mut asked: impl FnMut(&Condition) -> bool) -> bool {
        let mut is_any = false;
        self.each_condition(&mut |condition| is_any |= asked(condition));
        is_any
    }

    /// Returns the filter with each of its conditions replaced.
    #[must_use]
    pub fn map(self, replace: &mut dyn FnMut(Condition) -> Self) -> Self {
        match self {
            Self::All => Self::All,
            Self::And(left, right) => Self::And(Box::new(left.map(replace)), Box::new(right.map(replace))),
            Self::Or(left, right) => Self::Or(Box::new(left.map(replace)), Box::new(right.map(replace))),
            Self::Leaf(condition) => replace(condition),
        }
    }
}

impl From<Condition> for Filter {
    fn from(condition: Condition) -> Self {
        Self::Leaf(condition)
    }
}
