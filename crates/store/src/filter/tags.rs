//! Conditions on the tags of sessions, which are kept apart from calls.

use std::collections::BTreeMap;

use super::text::passes;
use super::{Column, Condition, Filter, Test};
use crate::log::{Having, SESSION_ID};

impl Filter {
    /// Returns whether it compares tags of sessions.
    pub fn reads_session_tags(&self) -> bool {
        self.any_condition(is_of_tag)
    }

    /// Puts conditions on ids of sessions in the place of conditions on their tags, `tags` being the tag of each tagged
    /// session by its id.
    #[must_use]
    pub fn with_session_tags(self, tags: &BTreeMap<String, String>) -> Self {
        self.map(&mut |condition| Self::Leaf(of_ids(condition, tags)))
    }
}

impl Having {
    /// Returns whether it compares tags of sessions.
    pub fn reads_session_tags(&self) -> bool {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.reads_session_tags() || right.reads_session_tags()
            }
            Self::Any(condition) => is_of_tag(condition),
            Self::All | Self::Measure(..) | Self::Dimension(..) => false,
        }
    }

    /// As [`Filter::with_session_tags`].
    #[must_use]
    pub fn with_session_tags(self, tags: &BTreeMap<String, String>) -> Self {
        let both = |left: Box<Self>, right: Box<Self>| {
            (Box::new(left.with_session_tags(tags)), Box::new(right.with_session_tags(tags)))
        };
        match self {
            Self::And(left, right) => {
                let (left, right) = both(left, right);
                Self::And(left, right)
            }
            Self::Or(left, right) => {
                let (left, right) = both(left, right);
                Self::Or(left, right)
            }
            Self::Any(condition) => Self::Any(of_ids(condition, tags)),
            other @ (Self::All | Self::Measure(..) | Self::Dimension(..)) => other,
        }
    }
}

fn is_of_tag(condition: &Condition) -> bool {
    condition.column == Column::SessionTag
}

/// Returns the condition on ids that says the same as one on tags; others stay as they are.
fn of_ids(condition: Condition, tags: &BTreeMap<String, String>) -> Condition {
    if !is_of_tag(&condition) {
        return condition;
    }
    let ids = |is_wanted: bool| {
        let matching = tags.iter().filter(|(_, tag)| passes(&condition.test, Some(tag)) == is_wanted);
        matching.map(|(id, _)| id.clone()).collect()
    };
    // A test that null passes is one of all sessions but those whose tag fails it.
    let test =
        if passes(&condition.test, None) { Test::TextNotIn(ids(false)) } else { Test::TextIn(ids(true)) };
    Condition { column: Column::Property(SESSION_ID.to_owned()), test }
}
