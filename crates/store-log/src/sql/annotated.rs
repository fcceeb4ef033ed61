//! Which annotations a query reads: what is joined costs, so only what is there is.

use std::collections::BTreeSet;

use gatehouse_store::filter::{BoolColumn, Column, Filter, TimeColumn};

use super::Kinds;

/// The annotations that may change what a query reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Annotated {
    /// Properties of these names.
    names: BTreeSet<String>,
    /// Properties of any name.
    is_any: bool,
    /// Feedback.
    feedback: bool,
}

impl Annotated {
    /// Adds what the conditions of a filter name.
    pub(crate) fn filter(&mut self, filter: &Filter) {
        filter.any_condition(|condition| {
            match &condition.column {
                Column::Property(name) => self.property(name),
                Column::PropertyKey => self.any_property(),
                Column::Score(_)
                | Column::Bool(BoolColumn::Rating | BoolColumn::Scored)
                | Column::Time(TimeColumn::RatedAt) => self.feedback = true,
                _ => {}
            }
            false
        });
    }

    /// Adds a property.
    pub(crate) fn property(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// Adds all properties.
    pub(crate) const fn any_property(&mut self) {
        self.is_any = true;
    }

    /// Returns whether it is nothing at all.
    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Returns the kinds to be joined of a tenant to whose calls properties of some names, and feedback, were added.
    pub(crate) fn of(&self, mut names: impl Iterator<Item = String>, has_feedback: bool) -> Kinds {
        Kinds {
            properties: names.any(|name| self.is_any || self.names.contains(&name)),
            feedback: self.feedback && has_feedback,
        }
    }
}
