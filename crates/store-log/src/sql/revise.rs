//! The statements that put revisions in their place: all of a batch at once.

use gatehouse_types::OrganizationId;

use super::{Dialect, Param, Statement};

/// The columns that a reading takes the place of, as facts and revisions have them; previews aside.
pub(crate) const READ_COLUMNS: [&str; 13] = [
    "model",
    "usage_source",
    "prompt_tokens",
    "completion_tokens",
    "prompt_cache_read_tokens",
    "prompt_cache_write_tokens",
    "prompt_audio_tokens",
    "completion_audio_tokens",
    "reasoning_tokens",
    "total_tokens",
    "usage_details",
    "mapper_id",
    "mapper_version",
];

/// The table of this connection into which the revisions of a batch are put first.
pub(crate) const STAGED: &str = "staged_revisions";

/// Makes the table.
pub(crate) const STAGE: &str = "CREATE OR REPLACE TEMP TABLE staged_revisions AS \
     SELECT *, CAST(NULL AS TIMESTAMP) AS seen FROM revisions LIMIT 0";

/// Removes what a batch replaces.
pub(crate) const CLEAR_CHANGED: &str =
    "DELETE FROM revisions WHERE row_key IN (SELECT row_key FROM changed_revisions)";

/// Inserts what a batch changes.
pub(crate) const INSERT_CHANGED: &str = "INSERT INTO revisions SELECT * FROM changed_revisions";

/// Removes the tables of the batch.
pub(crate) const DROP_STAGED: &str = "DROP TABLE staged_revisions; DROP TABLE changed_revisions";

/// The columns of previews, of which a reading may leave each as it is.
const PREVIEWS: [&str; 2] = ["request_preview", "response_preview"];

/// Makes a table of those staged revisions that change something, in the form in which they are stored: a row that
/// is only priced anew keeps what was read. Only an organisation's rows whose keys are within a range are changed.
pub(crate) fn change_staged(
    dialect: &dyn Dialect,
    organization_id: OrganizationId,
    keys: std::ops::Range<u64>,
) -> Statement {
    let mut sql = Statement::default();
    sql.push("CREATE OR REPLACE TEMP TABLE changed_revisions AS SELECT staged.row_key, ");
    sql.push("staged.organization_id, staged.revised_at, staged.reason, staged.cost, staged.cost_status, ");
    sql.push("staged.has_reading OR coalesce(later.has_reading, false) AS has_reading");
    for column in READ_COLUMNS {
        sql.push(", CASE WHEN staged.has_reading THEN staged.").push(column);
        sql.push(" ELSE later.").push(column).push(" END AS ").push(column);
    }
    for column in PREVIEWS {
        sql.push(", coalesce(staged.").push(column).push(", later.").push(column).push(") AS ").push(column);
    }
    sql.push(" FROM staged_revisions AS staged JOIN ");
    side(dialect, "request_response_rmt", organization_id, &keys, &mut sql);
    sql.push(" AS facts ON facts.row_key = staged.row_key LEFT JOIN ");
    side(dialect, "revisions", organization_id, &keys, &mut sql);
    sql.push(" AS later ON later.row_key = staged.row_key ");
    sql.push("WHERE later.revised_at IS NOT DISTINCT FROM staged.seen AND (");
    sql.push(
        "staged.cost IS DISTINCT FROM CASE WHEN later.row_key IS NULL THEN facts.cost ELSE later.cost END ",
    );
    sql.push("OR staged.cost_status IS DISTINCT FROM coalesce(later.cost_status, facts.cost_status)");
    for column in READ_COLUMNS {
        sql.push(" OR (staged.has_reading AND staged.").push(column).push(" IS DISTINCT FROM CASE WHEN ");
        sql.push("later.has_reading THEN later.")
            .push(column)
            .push(" ELSE facts.")
            .push(column)
            .push(" END)");
    }
    for column in PREVIEWS {
        sql.push(" OR (staged.").push(column).push(" IS NOT NULL AND staged.").push(column);
        sql.push(" IS DISTINCT FROM coalesce(later.").push(column).push(", facts.").push(column).push("))");
    }
    sql.word(")");
    sql
}

/// Writes an organisation's lines of a table whose keys are within a range.
fn side(
    dialect: &dyn Dialect,
    table: &str,
    organization_id: OrganizationId,
    keys: &std::ops::Range<u64>,
    sql: &mut Statement,
) {
    sql.push("(SELECT * FROM ").push(table).push(" WHERE organization_id = ");
    sql.bind(dialect, Param::Uuid(organization_id.as_uuid()));
    sql.push(" AND row_key >= ").bind(dialect, Param::Unsigned(keys.start));
    sql.push(" AND row_key < ").bind(dialect, Param::Unsigned(keys.end));
    sql.word(")");
}
