//! The statements: text with placeholders, and the values to be bound to them.
//!
//! No text of a caller is ever part of a text. What differs between engines is in [`Dialect`].

mod aggregate;
mod annotated;
mod body;
mod dialect;
mod filter;
mod matching;
mod page;
mod revise;
mod rollup;
mod source;

use gatehouse_store::filter::Filter;
use gatehouse_store::log::{CostQuery, SortKey, Walk};
use gatehouse_types::{OrganizationId, RequestId, Timestamp};
use uuid::Uuid;

pub(crate) use aggregate::{Plan, Shape, aggregate, aggregate_rolled, plan, reads, shapes};
pub(crate) use annotated::Annotated;
pub(crate) use body::{
    BODY_BLOCKS, BODY_BLOCKS_BETWEEN, BODY_MATCHES, BODY_MATCHES_TABLE, BodyTest, END, INSERT_BODY_MATCH,
    key_range,
};
pub(crate) use dialect::{Dialect, DuckDb, OwnColumns};
pub(crate) use filter::FilterUnsupported;
pub(crate) use page::{Place, by_hours, last_of_page, page};
pub(crate) use revise::{CLEAR_CHANGED, DROP_STAGED, INSERT_CHANGED, STAGE, STAGED, change_staged};
pub(crate) use rollup::{MOVE_ROLLED_UP, ROLLED_UP, Rolled, roll};
use source::source;
pub(crate) use source::{Added, Beside, Kinds, Range, Revisions};

/// The journal position behind the last stored batch, and the next row key.
pub(crate) const CURSOR: &str = "SELECT position, next_row_key FROM journal_cursor";
/// Moves the cursor to (position, next row key).
pub(crate) const MOVE_CURSOR: &str = "UPDATE journal_cursor SET position = ?, next_row_key = ?";
/// Marks the rows before a row key (given twice) whose id a later row that may replace them has, and selects the
/// keys of these.
pub(crate) const SUPERSEDE: &str = "UPDATE request_response_rmt SET superseded = true \
     FROM (SELECT organization_id AS organization, request_id AS id FROM request_response_rmt \
           WHERE row_key >= ? AND client_chose_id AND NOT superseded) AS later \
     WHERE row_key < ? AND NOT superseded AND organization_id = later.organization AND request_id = later.id RETURNING row_key";
/// The block that may hold the bodies of the row with a key (given twice).
pub(crate) const BODY_BLOCK: &str = "SELECT content FROM body_blocks \
     WHERE organization_id = CAST(? AS UUID) AND first_row_key <= ? AND last_row_key >= ?";

/// The properties of an organisation that have columns of their own, in the order of these, but for those that
/// every organisation has.
pub(crate) const PROPERTY_COLUMNS: &str =
    "SELECT name FROM property_columns WHERE organization_id = CAST(? AS UUID) ORDER BY number";
/// Gives a column to a property: organisation, name, number.
pub(crate) const INSERT_PROPERTY_COLUMN: &str = "INSERT INTO property_columns VALUES (CAST(? AS UUID), ?, ?)";
/// The first row whose properties are in columns.
pub(crate) const PROPERTY_COLUMNS_FROM: &str = "SELECT first_row_key FROM property_columns_from";

/// The kind of an annotation that is feedback.
pub(crate) const FEEDBACK: &str = "feedback";
/// The kind of an annotation that is a property.
pub(crate) const PROPERTY: &str = "property";
/// Removes the annotation with (organisation, request, kind, name).
pub(crate) const DELETE_ANNOTATION: &str = "DELETE FROM annotations \
     WHERE organization_id = CAST(? AS UUID) AND request_id = CAST(? AS UUID) AND kind = ? AND name = ?";
/// Inserts the annotation (organisation, request, kind, name, value, data type, time).
pub(crate) const INSERT_ANNOTATION: &str =
    "INSERT INTO annotations VALUES (CAST(? AS UUID), CAST(? AS UUID), ?, ?, ?, ?, ?)";
/// What was added to the calls of an organisation whose ids come as one text, joined by commas: placeholders
/// for each id would take longer to plan than the reading.
pub(crate) const ANNOTATIONS: &str = "SELECT request_id, kind, name, value, data_type, annotated_at \
     FROM annotations WHERE organization_id = CAST(? AS UUID) \
     AND request_id IN (SELECT CAST(unnest(string_split(?, ',')) AS UUID))";

/// Whether an organisation has feedback of any call.
pub(crate) const HAS_FEEDBACK: &str = "SELECT EXISTS (SELECT 1 FROM annotations \
     WHERE organization_id = CAST(? AS UUID) AND kind = 'feedback')";

/// The names of the properties that were added to calls of an organisation.
pub(crate) const ADDED_NAMES: &str = "SELECT DISTINCT name FROM annotations \
     WHERE organization_id = CAST(? AS UUID) AND kind = 'property'";

/// Whether an organisation has revised rows.
pub(crate) const HAS_REVISIONS: &str =
    "SELECT EXISTS (SELECT 1 FROM revisions WHERE organization_id = CAST(? AS UUID))";

/// The figures of the cache: hits, misses, and for each thing that hits save the sum, within the bounds of its
/// type, and how many hits don't know their part.
const CACHE_STATS: &str = "SELECT count(*) FILTER (WHERE cache_status = 'hit'), \
     count(*) FILTER (WHERE cache_status = 'miss')";
/// What hits save, in the order of the figures.
const SAVED: [&str; 4] = ["saved_us", "saved_cost", "saved_prompt_tokens", "saved_completion_tokens"];

/// A statement and the values for its placeholders, in order.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Statement {
    /// The text; one placeholder a value.
    pub(crate) text: String,
    /// The values.
    pub(crate) params: Vec<Param>,
}

/// A value to be bound.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Param {
    /// Text.
    Text(String),
    /// A UUID.
    Uuid(Uuid),
    /// A signed integer.
    Integer(i64),
    /// An unsigned integer.
    Unsigned(u64),
    /// A real number.
    Real(f64),
    /// An instant.
    Time(Timestamp),
}

impl Statement {
    fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Appends `text` where nothing follows in the same expression.
    fn word(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// Appends another statement, or a part of one, with its values.
    fn append(&mut self, other: &Self) -> &mut Self {
        self.text.push_str(&other.text);
        self.params.extend_from_slice(&other.params);
        self
    }

    /// Appends a placeholder for `param`.
    fn bind(&mut self, dialect: &dyn Dialect, param: Param) -> &mut Self {
        self.text.push_str(dialect.placeholder(&param));
        self.params.push(param);
        self
    }
}

/// Selects the rows of a range of keys, in any order; the keys come from [`page`], [`one`] or [`walk`].
pub(crate) fn by_keys(
    dialect: &dyn Dialect,
    organization_id: OrganizationId,
    columns: &[&str],
    range: Range<'_>,
    revisions: Revisions,
) -> Statement {
    let mut sql = Statement::default();
    sql.push("SELECT ").push(&columns.join(", ")).push(" FROM ");
    let beside = Beside { added: Added::Unread, revisions };
    source(dialect, organization_id, beside, range, &mut sql);
    sql
}

/// Selects columns of those visible rows that match and whose keys are within a range, the last ones first.
///
/// # Errors
/// Fails when the filter names what can't be compared in SQL.
pub(crate) fn walk(
    dialect: &dyn Dialect,
    walk: &Walk,
    columns: &[&str],
    keys: std::ops::Range<u64>,
    beside: Beside,
) -> Result<Statement, FilterUnsupported> {
    let mut sql = Statement::default();
    sql.push("SELECT ").push(&columns.join(", ")).push(" FROM ");
    source(dialect, walk.organization_id, beside, Range::Between(keys), &mut sql);
    sql.push(" WHERE ");
    visible(dialect, walk.organization_id, &mut sql);
    sql.push(" AND ");
    filter::write(dialect, &walk.filter, &mut sql)?;
    sql.push(" ORDER BY row_key DESC LIMIT ").bind(dialect, Param::Unsigned(walk.limit.into()));
    Ok(sql)
}

/// Adds up costs: day, model and provider, each null where it is no group, then cost status, calls, those of them
/// without a cost, cost and three counts of tokens, each within the bounds of its type.
///
/// # Errors
/// Fails when the filter names what can't be compared in SQL.
pub(crate) fn cost_sums(
    dialect: &dyn Dialect,
    query: &CostQuery,
    beside: Beside,
) -> Result<Statement, FilterUnsupported> {
    let mut sql = Statement::default();
    let groups = query.groups;
    let group = |is_group: bool, expression: &'static str, none: &'static str| {
        if is_group { expression } else { none }
    };
    sql.push("SELECT ");
    sql.push(group(groups.day, DAY, "CAST(NULL AS TIMESTAMP)")).push(" AS cost_day, ");
    sql.push(group(groups.model, "model", "CAST(NULL AS VARCHAR)")).push(" AS cost_model, ");
    sql.push(group(groups.provider, "provider", "CAST(NULL AS VARCHAR)")).push(" AS cost_provider, ");
    sql.push("cost_status, count(*), count(*) FILTER (WHERE cost IS NULL), ");
    sql.push(
        "CAST(greatest(least(coalesce(sum(cost), 0), 9223372036854775807), -9223372036854775808) AS BIGINT)",
    );
    for column in ["prompt_tokens", "completion_tokens", "total_tokens"] {
        sql.push(", CAST(least(coalesce(sum(").push(column);
        sql.push("), 0), 18446744073709551615) AS UBIGINT)");
    }
    sql.push(" FROM ");
    matching(dialect, query.organization_id, &query.filter, beside, &mut sql)?;
    sql.push(" GROUP BY cost_day, cost_model, cost_provider, cost_status LIMIT ");
    sql.bind(dialect, Param::Unsigned(query.limit.into()));
    Ok(sql)
}

/// The beginning of the day on which a call began.
const DAY: &str = "date_trunc('day', request_created_at)";

/// Counts visible rows.
///
/// # Errors
/// Fails when the filter names what can't be compared in SQL.
pub(crate) fn count(
    dialect: &dyn Dialect,
    organization_id: OrganizationId,
    filter: &Filter,
    beside: Beside,
) -> Result<Statement, FilterUnsupported> {
    let mut sql = Statement::default();
    sql.push("SELECT count(*) FROM ");
    matching(dialect, organization_id, filter, beside, &mut sql)?;
    Ok(sql)
}

/// Adds up what the cache did over visible rows: ten columns, in the order of [`CACHE_STATS`] and [`SAVED`].
///
/// # Errors
/// Fails when the filter names what can't be compared in SQL.
pub(crate) fn cache_stats(
    dialect: &dyn Dialect,
    organization_id: OrganizationId,
    filter: &Filter,
    beside: Beside,
) -> Result<Statement, FilterUnsupported> {
    let mut sql = Statement::default();
    sql.push(CACHE_STATS);
    for column in SAVED {
        sql.push(", CAST(greatest(least(coalesce(sum(").push(column);
        sql.push(") FILTER (WHERE cache_status = 'hit'), 0), 9223372036854775807), ");
        sql.push("-9223372036854775808) AS BIGINT), count(*) FILTER (WHERE cache_status = 'hit' AND ");
        sql.push(column).push(" IS NULL)");
    }
    sql.push(" FROM ");
    matching(dialect, organization_id, filter, beside, &mut sql)?;
    Ok(sql)
}

/// Writes the visible rows that match.
fn matching(
    dialect: &dyn Dialect,
    organization_id: OrganizationId,
    filter: &Filter,
    beside: Beside,
    sql: &mut Statement,
) -> Result<(), FilterUnsupported> {
    source(dialect, organization_id, beside, Range::All, sql);
    sql.push(" WHERE ");
    visible(dialect, organization_id, sql);
    sql.push(" AND ");
    filter::write(dialect, filter, sql)
}

/// Selects the key of one visible row by its id.
pub(crate) fn one(
    dialect: &dyn Dialect,
    organization_id: OrganizationId,
    request_id: RequestId,
) -> Statement {
    let mut sql = Statement::default();
    sql.push("SELECT row_key FROM request_response_rmt WHERE ");
    visible(dialect, organization_id, &mut sql);
    sql.push(" AND request_id = ").bind(dialect, Param::Uuid(request_id.as_uuid()));
    sql
}

/// Returns the annotations that may change what a query reads.
pub(crate) fn annotated(filter: &Filter, sort: Option<&SortKey>) -> Annotated {
    let mut annotated = Annotated::default();
    annotated.filter(filter);
    if let Some(SortKey::Property(name)) = sort {
        annotated.property(name);
    }
    annotated
}

/// Returns whether a query reads what revisions may change.
pub(crate) fn reads_revisions(filter: &Filter, sort: Option<&SortKey>) -> bool {
    let sorts = matches!(
        sort,
        Some(
            SortKey::TotalTokens
                | SortKey::PromptTokens
                | SortKey::CompletionTokens
                | SortKey::Cost
                | SortKey::Model
                | SortKey::RequestPreview
                | SortKey::ResponsePreview
        )
    );
    sorts || filter::reads_revisions(filter)
}

/// Writes the condition that every query of a tenant carries.
fn visible(dialect: &dyn Dialect, organization_id: OrganizationId, sql: &mut Statement) {
    sql.push("organization_id = ")
        .bind(dialect, Param::Uuid(organization_id.as_uuid()))
        .push(" AND NOT superseded");
}

#[cfg(test)]
mod tests;
