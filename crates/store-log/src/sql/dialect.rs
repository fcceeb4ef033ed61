//! What differs between the engines that run our statements.

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

    /// Writes the rows as they are when nothing was added to any.
    fn nothing_added(&self, sql: &mut Statement);

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
        sql.push("(SELECT *, CAST(NULL AS MAP(VARCHAR, VARCHAR)) AS added_properties");
        sql.push(", CAST(NULL AS BOOLEAN) AS rating FROM request_response_rmt)");
    }

    fn uuid_text(&self, column: &str, sql: &mut Statement) {
        sql.push("CAST(").push(column).push(" AS VARCHAR)");
    }
}
