//! What differs between the engines that run our statements.

use super::revise::READ_COLUMNS;
use super::{PROPERTY, Param, Statement};

/// The words of one engine.
pub(crate) trait Dialect {
    /// Returns the placeholder that takes `param`.
    fn placeholder(&self, param: &Param) -> &'static str;

    /// Writes the value of the property `key`, an added one first: null when the row has no such property.
    fn property(&self, key: &str, sql: &mut Statement);

    /// Writes the condition that the row has the property `key`.
    fn has_property(&self, key: &str, sql: &mut Statement);

    /// Writes the aggregate that makes one map of the properties among a call's annotations.
    fn added_properties(&self, sql: &mut Statement);

    /// Writes the columns of what was added to a call, for when nothing was added to any.
    fn nothing_added(&self, sql: &mut Statement);

    /// Writes the columns of `facts` with what `later` says in the place of what they say, if anything.
    fn revised(&self, sql: &mut Statement);

    /// Writes `column`, a UUID, in its usual lower-case spelling as text.
    fn uuid_text(&self, column: &str, sql: &mut Statement);
}

/// DuckDB's words.
pub(crate) struct DuckDb;

impl Dialect for DuckDb {
    fn placeholder(&self, param: &Param) -> &'static str {
        match param {
            Param::Uuid(_) => "CAST(? AS UUID)",
            _ => "?",
        }
    }

    fn property(&self, key: &str, sql: &mut Statement) {
        let key = || Param::Text(key.to_owned());
        sql.push("coalesce(added_properties[").bind(self, key());
        sql.push("], properties[").bind(self, key()).push("])");
    }

    fn has_property(&self, key: &str, sql: &mut Statement) {
        let key = || Param::Text(key.to_owned());
        sql.push("map_contains(properties, ").bind(self, key());
        sql.push(") OR map_contains(added_properties, ").bind(self, key()).push(")");
    }

    fn added_properties(&self, sql: &mut Statement) {
        sql.push("map_from_entries(list({'key': name, 'value': value}) FILTER (WHERE kind = ");
        sql.bind(self, Param::Text(PROPERTY.to_owned())).push("))");
    }

    fn nothing_added(&self, sql: &mut Statement) {
        sql.push("CAST(NULL AS MAP(VARCHAR, VARCHAR)) AS added_properties, CAST(NULL AS BOOLEAN) AS rating");
    }

    fn revised(&self, sql: &mut Statement) {
        sql.push(
            "facts.* REPLACE (CASE WHEN later.row_key IS NULL THEN facts.cost ELSE later.cost END AS cost",
        );
        for column in ["cost_status", "request_preview", "response_preview"] {
            sql.push(", coalesce(later.")
                .push(column)
                .push(", facts.")
                .push(column)
                .push(") AS ")
                .push(column);
        }
        for column in READ_COLUMNS {
            sql.push(", CASE WHEN later.has_reading THEN later.").push(column);
            sql.push(" ELSE facts.").push(column).push(" END AS ").push(column);
        }
        sql.push("), later.revised_at, later.reason AS revised_reason");
    }

    fn uuid_text(&self, column: &str, sql: &mut Statement) {
        sql.push("CAST(").push(column).push(" AS VARCHAR)");
    }
}
