//! Where rows come from: the facts, and what lies beside them.
//!
//! What is joined costs time, so each query says what it reads of it, and nothing is joined that is not there.

use gatehouse_store::log::RATING;
use gatehouse_types::OrganizationId;

use super::{Dialect, FEEDBACK, PROPERTY, Param, Statement};

/// Kinds of annotations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kinds {
    /// Properties that were added to calls.
    pub(crate) properties: bool,
    /// Feedback, scores among it.
    pub(crate) feedback: bool,
}

impl Kinds {
    /// Returns whether it is any kind.
    pub(crate) const fn any(self) -> bool {
        self.properties || self.feedback
    }
}

/// What a query knows of annotations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Added {
    /// It reads nothing that they change.
    Unread,
    /// The tenant has none of what it reads: joining none would still take half as long again as the rest.
    None,
    /// These are joined.
    Joined(Kinds),
}

impl Added {
    /// Returns whether properties are joined.
    pub(crate) const fn has_properties(self) -> bool {
        matches!(self, Self::Joined(Kinds { properties: true, .. }))
    }
}

/// What a query knows of revisions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Revisions {
    /// It reads nothing that they change.
    Unread,
    /// The tenant has none.
    None,
    /// They are joined.
    Joined,
}

/// What lies beside the facts, as far as a query reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Beside {
    /// Annotations.
    pub(crate) added: Added,
    /// Revisions.
    pub(crate) revisions: Revisions,
}

/// Which rows are looked at, by their keys; it holds for both sides of a join.
#[derive(Clone, Debug)]
pub(crate) enum Range<'a> {
    /// All of them.
    All,
    /// These.
    Keys(&'a [u64]),
    /// The rows where these are as long as no place in the table was left out, which is found twenty times as fast:
    /// they may be others.
    Places(&'a [u64]),
    /// Those from the start up to the end, which is left out.
    Between(std::ops::Range<u64>),
}

/// Writes the rows with what lies beside them, as far as that is read: `added_properties`, `score_numbers`,
/// `score_texts`, `scored`, `rating` and `rated_at`, null where there is none, and what revisions say in the place of what the facts do, with `revised_at` and `revised_reason`.
pub(super) fn source(
    dialect: &dyn Dialect,
    organization_id: OrganizationId,
    beside: Beside,
    range: Range<'_>,
    sql: &mut Statement,
) {
    match beside.added {
        Added::Unread => rows(dialect, organization_id, beside.revisions, range, sql),
        Added::None => {
            sql.push("(SELECT *, ");
            dialect.nothing_added(sql);
            sql.push(" FROM ");
            rows(dialect, organization_id, beside.revisions, range, sql);
            sql.word(")");
        }
        Added::Joined(kinds) => {
            rows(dialect, organization_id, beside.revisions, range, sql);
            sql.word(" LEFT JOIN ");
            notes(dialect, organization_id, kinds, sql);
        }
    }
}

/// Writes the rows with the last revision of each.
fn rows(
    dialect: &dyn Dialect,
    organization_id: OrganizationId,
    revisions: Revisions,
    range: Range<'_>,
    sql: &mut Statement,
) {
    match revisions {
        Revisions::Unread if matches!(range, Range::All) => sql.word("request_response_rmt"),
        Revisions::Unread => {
            sql.push("(SELECT * FROM request_response_rmt");
            facts_within(dialect, &range, sql);
            sql.word(") AS facts");
        }
        Revisions::None => {
            sql.push(
                "(SELECT *, CAST(NULL AS TIMESTAMP) AS revised_at, CAST(NULL AS VARCHAR) AS revised_reason",
            );
            sql.push(" FROM request_response_rmt");
            facts_within(dialect, &range, sql);
            sql.word(") AS facts");
        }
        Revisions::Joined => {
            sql.push("(SELECT ");
            dialect.revised(sql);
            sql.push(" FROM (SELECT * FROM request_response_rmt");
            facts_within(dialect, &range, sql);
            sql.push(") AS facts LEFT JOIN (SELECT * FROM revisions WHERE organization_id = ");
            sql.bind(dialect, Param::Uuid(organization_id.as_uuid()));
            within(dialect, " AND ", &range, sql);
            sql.word(") AS later ON later.row_key = facts.row_key) AS facts");
        }
    }
}

/// Writes the condition that facts are within `range`.
fn facts_within(dialect: &dyn Dialect, range: &Range<'_>, sql: &mut Statement) {
    match range {
        Range::Places(keys) => {
            sql.word(" WHERE ");
            dialect.in_places(keys, sql);
        }
        _ => within(dialect, " WHERE ", range, sql),
    }
}

/// Writes the condition that a row's key is within `range`, behind `word`.
fn within(dialect: &dyn Dialect, word: &str, range: &Range<'_>, sql: &mut Statement) {
    match range {
        Range::All => {}
        Range::Keys(keys) | Range::Places(keys) => {
            sql.push(word).push("row_key IN (");
            for (index, key) in keys.iter().enumerate() {
                sql.push(if index == 0 { "" } else { ", " }).bind(dialect, Param::Unsigned(*key));
            }
            sql.word(")");
        }
        Range::Between(keys) => {
            sql.push(word).push("row_key >= ").bind(dialect, Param::Unsigned(keys.start));
            sql.push(" AND row_key < ").bind(dialect, Param::Unsigned(keys.end));
        }
    }
}

/// Writes what of these kinds was added to each call.
fn notes(dialect: &dyn Dialect, organization_id: OrganizationId, kinds: Kinds, sql: &mut Statement) {
    sql.push("(SELECT request_id AS annotated_id, ");
    dialect.added_properties(sql);
    sql.push(" AS added_properties, ");
    dialect.scores(sql);
    sql.push(", bool_or(kind = ").bind(dialect, Param::Text(FEEDBACK.to_owned())).push(") AS scored");
    for (aggregate, name) in [("bool_or(value = 'true')", "rating"), ("max(annotated_at)", "rated_at")] {
        sql.push(", ").push(aggregate).push(" FILTER (WHERE kind = ");
        sql.bind(dialect, Param::Text(FEEDBACK.to_owned())).push(" AND name = ");
        sql.bind(dialect, Param::Text(RATING.to_owned())).push(") AS ").push(name);
    }
    sql.push(" FROM annotations WHERE organization_id = ");
    sql.bind(dialect, Param::Uuid(organization_id.as_uuid()));
    for (is_wanted, kind) in [(kinds.properties, PROPERTY), (kinds.feedback, FEEDBACK)] {
        if !is_wanted {
            sql.push(" AND kind <> ").bind(dialect, Param::Text(kind.to_owned()));
        }
    }
    sql.word(" GROUP BY request_id) AS notes ON annotated_id = request_id");
}
