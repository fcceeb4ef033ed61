//! Conditions that look for something in a text.

use gatehouse_store::filter::text::lower;

use super::filter::Expression;
use super::{Dialect, Param, Statement};
use crate::pattern;

/// A text that is looked into, in lower case or as it is.
#[derive(Clone, Copy)]
pub(super) struct Text<'a> {
    pub(super) expression: Expression<'a>,
    pub(super) folds: bool,
}

impl Text<'_> {
    fn write(self, sql: &mut Statement) {
        sql.push(if self.folds { "lower(" } else { "(" });
        (self.expression)(sql);
        sql.push(")");
    }

    fn bind(self, dialect: &dyn Dialect, value: &str, sql: &mut Statement) {
        let value = if self.folds { lower(value) } else { value.to_owned() };
        sql.bind(dialect, Param::Text(value));
    }

    /// Writes that a text holds another one.
    pub(super) fn contains(self, dialect: &dyn Dialect, part: &str, sql: &mut Statement) {
        sql.push("contains(");
        self.write(sql);
        sql.push(", ");
        self.bind(dialect, part, sql);
        sql.push(")");
    }

    /// Writes that a text matches a pattern, perhaps by a regular expression; then what lacks the pattern's longest part
    /// is told by that, which is faster.
    pub(super) fn matches(self, dialect: &dyn Dialect, pattern: &str, sql: &mut Statement) {
        let Some(regex) = pattern::regex(pattern) else {
            (self.expression)(sql);
            let operator = if self.folds { " ILIKE " } else { " LIKE " };
            sql.push(operator).bind(dialect, Param::Text(pattern.to_owned()));
            return;
        };
        let part = pattern::longest_part(pattern);
        if !part.is_empty() {
            self.contains(dialect, part, sql);
            sql.push(" AND ");
        }
        sql.push("regexp_matches(");
        self.write(sql);
        sql.push(", ");
        self.bind(dialect, &regex, sql);
        sql.push(", 's')");
    }
}
