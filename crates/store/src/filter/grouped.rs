//! Filters of lists whose lines are groups of calls, such as sessions and users: what is asked of calls, and what is
//! asked of the figures of a group.

use serde_json::Value;

use super::parse::{FilterError, Tree, tree};
use super::{Condition, Filter};
use crate::log::{Bucket, Dimension, Having, Increment, Measure, Quantity};

/// What the lines of a list are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// Sessions, whose figures are in `sessions_request_response_rmt`.
    Sessions,
    /// Users, whose figures are in `users_view` and `user_metrics`.
    Users,
}

/// A filter of groups.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupedFilter {
    /// Which calls a group is made of.
    pub rows: Filter,
    /// Which groups are left.
    pub having: Having,
}

/// A figure of a group that a filter can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Figure {
    Requests,
    Cost,
    PromptTokens,
    CompletionTokens,
    TotalTokens,
    First,
    Last,
    ActiveDays,
    RequestsPerActiveDay,
    TokensPerRequest,
}

/// Reads a filter of groups from its JSON form, which is that of [`Filter::parse`] with the tables of its kind's figures.
///
/// Parts that are joined by `and` on top are told apart: those that compare calls choose of which calls groups are made,
/// those that compare figures choose groups. Where an `or` joins both, what compares calls chooses groups with any such
/// call.
///
/// # Errors
/// Fails as [`Filter::parse`] does, and on figures of another kind of group.
pub fn parse_grouped(value: &Value, kind: GroupKind) -> Result<GroupedFilter, FilterError> {
    Ok(split(tree(value, Some(kind))?))
}

fn split(tree: Tree) -> GroupedFilter {
    match tree {
        Tree::All => GroupedFilter::default(),
        Tree::And(left, right) => {
            let (left, right) = (split(*left), split(*right));
            GroupedFilter { rows: left.rows.and(right.rows), having: both(left.having, right.having) }
        }
        other => match other.into_rows() {
            Ok(rows) => GroupedFilter { rows, having: Having::All },
            Err(other) => GroupedFilter { rows: Filter::All, having: having(other) },
        },
    }
}

fn having(tree: Tree) -> Having {
    match tree {
        Tree::All => Having::All,
        Tree::And(left, right) => both(having(*left), having(*right)),
        Tree::Or(left, right) => Having::Or(Box::new(having(*left)), Box::new(having(*right))),
        Tree::Row(Condition { column, test }) => Having::Any(Condition { column, test }),
        Tree::Group(_, figure, test) => Having::Measure(figure.measure(), test),
    }
}

/// Joins two; what leaves all groups adds nothing.
fn both(left: Having, right: Having) -> Having {
    match (left, right) {
        (Having::All, only) | (only, Having::All) => only,
        (left, right) => Having::And(Box::new(left), Box::new(right)),
    }
}

impl Figure {
    /// Returns whether it is a point in time, not a number.
    pub(super) const fn is_time(self) -> bool {
        matches!(self, Self::First | Self::Last)
    }

    const fn measure(self) -> Measure {
        match self {
            Self::Requests => Measure::Requests,
            Self::Cost => Measure::Sum(Quantity::Cost),
            Self::PromptTokens => Measure::Sum(Quantity::PromptTokens),
            Self::CompletionTokens => Measure::Sum(Quantity::CompletionTokens),
            Self::TotalTokens => Measure::Sum(Quantity::TotalTokens),
            Self::First => Measure::First,
            Self::Last => Measure::Last,
            Self::ActiveDays => {
                Measure::Distinct(Dimension::Time(Bucket { increment: Increment::Day, offset_minutes: 0 }))
            }
            Self::RequestsPerActiveDay => Measure::RequestsPerActiveDay,
            Self::TokensPerRequest => Measure::TokensPerRequest,
        }
    }
}

#[cfg(test)]
mod tests;
