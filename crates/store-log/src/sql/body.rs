//! Conditions on bodies, which no engine compares: the rows that pass are found before a statement runs, and lie in a
//! table of its connection.

use std::hash::{DefaultHasher, Hash, Hasher};

use gatehouse_store::filter::{Column, Condition, Filter, Test, TextColumn};
use gatehouse_types::OrganizationId;

use super::source::{Range, source};
use super::{Beside, Dialect, FilterUnsupported, Param, Statement, filter, visible};

/// The table of a connection with the rows that pass tests of bodies.
pub(crate) const BODY_MATCHES_TABLE: &str = "body_matches";

/// What the table has in the place of a test where the key stands from which on rows were not looked at.
pub(crate) const END: u64 = 0;

/// Makes the table, empty.
pub(crate) const BODY_MATCHES: &str =
    "CREATE OR REPLACE TEMP TABLE body_matches (test UBIGINT NOT NULL, row_key UBIGINT NOT NULL)";

/// Inserts (test, row key) into the table.
pub(crate) const INSERT_BODY_MATCH: &str = "INSERT INTO body_matches VALUES (?, ?)";

/// The first keys of the blocks that may have bodies of rows (organisation, first key, end of keys), the last first.
pub(crate) const BODY_BLOCKS: &str = "SELECT first_row_key FROM body_blocks \
     WHERE organization_id = CAST(? AS UUID) AND last_row_key >= ? AND first_row_key < ? \
     ORDER BY first_row_key DESC";

/// The blocks whose first key lies between two (organisation, first, last).
pub(crate) const BODY_BLOCKS_BETWEEN: &str = "SELECT content FROM body_blocks \
     WHERE organization_id = CAST(? AS UUID) AND first_row_key >= ? AND first_row_key <= ?";

/// A test of a body that null fails.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct BodyTest {
    /// Which body.
    pub(crate) column: TextColumn,
    /// What it must pass.
    pub(crate) test: Test,
}

impl BodyTest {
    /// Returns the test of a condition on bodies, of a negated one that which must fail.
    pub(crate) fn of(condition: &Condition) -> Option<Self> {
        let Column::Text(column @ (TextColumn::RequestBody | TextColumn::ResponseBody)) = condition.column
        else {
            return None;
        };
        let test = match &condition.test {
            Test::TextNotEquals(text) => Test::TextEquals(text.clone()),
            Test::TextNotIn(texts) => Test::TextIn(texts.clone()),
            Test::NotContains(part) => Test::Contains(part.clone()),
            Test::IsNull => Test::IsNotNull,
            Test::TextEquals(_)
            | Test::TextIn(_)
            | Test::Like(_)
            | Test::ILike(_)
            | Test::Contains(_)
            | Test::IsNotNull => condition.test.clone(),
            _ => return None,
        };
        Some(Self { column, test })
    }

    /// Returns a number that tells it apart from the others of a statement.
    pub(crate) fn number(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        format!("{self:?}").hash(&mut hasher);
        hasher.finish()
    }
}

/// Writes a condition on bodies.
pub(super) fn write(dialect: &dyn Dialect, condition: &Condition, sql: &mut Statement) -> Option<()> {
    let test = BodyTest::of(condition)?;
    let is_negated = test.test != condition.test;
    sql.push("(row_key").push(if is_negated { " NOT IN " } else { " IN " });
    sql.push("(SELECT row_key FROM body_matches WHERE test = ");
    sql.bind(dialect, Param::Unsigned(test.number())).push(")");
    if is_negated {
        // Rows that came since then passed no test because none was made.
        sql.push(" AND row_key < (SELECT row_key FROM body_matches WHERE test = ");
        sql.bind(dialect, Param::Unsigned(END)).push(")");
    }
    sql.push(")");
    Some(())
}

/// Selects the first and the last key of visible rows that match, null where there are none.
///
/// # Errors
/// Fails when the filter names what can't be compared in SQL.
pub(crate) fn key_range(
    dialect: &dyn Dialect,
    organization_id: OrganizationId,
    wanted: &Filter,
    beside: Beside,
) -> Result<Statement, FilterUnsupported> {
    let mut sql = Statement::default();
    sql.push("SELECT min(row_key), max(row_key) FROM ");
    source(dialect, organization_id, beside, Range::All, &mut sql);
    sql.push(" WHERE ");
    visible(dialect, organization_id, &mut sql);
    sql.push(" AND ");
    filter::write(dialect, wanted, &mut sql)?;
    Ok(sql)
}
