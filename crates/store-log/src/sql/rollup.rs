//! Sums that are kept of all calls, by the half hour: the statements that add rows to them, or take them
//! away again.

use gatehouse_store::filter::{BoolColumn, Column, Condition, Filter, Test};
use gatehouse_store::log::Quantity;

use super::aggregate::column;
use super::filter::{self, FilterUnsupported};
use super::{Dialect, Param, Statement};

/// The first row that is not in the sums yet.
pub(crate) const ROLLED_UP: &str = "SELECT next_row_key FROM rolled_up";
/// Says which is the first row that is not in the sums.
pub(crate) const MOVE_ROLLED_UP: &str = "UPDATE rolled_up SET next_row_key = ?";

/// How long sums go on, in µs.
pub(super) const HALF_HOUR_MICROS: i64 = 30 * 60_000_000;

/// What sums are by, as `call_sums.dimension` has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum SumsBy {
    Nothing = 0,
    Model = 1,
    Provider = 2,
    Country = 3,
    Status = 4,
    PropertyName = 5,
}

/// Every amount that is summed.
pub(super) const QUANTITIES: [Quantity; 11] = [
    Quantity::Cost,
    Quantity::Latency,
    Quantity::TimeToFirstToken,
    Quantity::PromptTokens,
    Quantity::CompletionTokens,
    Quantity::PromptCacheReadTokens,
    Quantity::PromptCacheWriteTokens,
    Quantity::ReasoningTokens,
    Quantity::TotalTokens,
    Quantity::SavedCost,
    Quantity::SavedLatency,
];

/// The amounts whose pieces are counted, as `call_pieces.quantity` has them.
pub(super) const PIECES: [(u8, Quantity); 2] = [(1, Quantity::Latency), (2, Quantity::TimeToFirstToken)];

/// The condition of calls with an error.
pub(super) const IS_ERROR: &str = "status >= 400 OR status < 200";

/// The kinds of calls that are counted, and the columns of their numbers.
pub(super) const KINDS: [(&str, BoolColumn); 3] = [
    ("rate_limited", BoolColumn::RateLimited),
    ("cached", BoolColumn::Cached),
    ("threats", BoolColumn::Threat),
];

/// Returns the filter that calls of a kind match.
pub(super) const fn of_kind(column: BoolColumn) -> Filter {
    Filter::Leaf(Condition { column: Column::Bool(column), test: Test::BoolEquals(true) })
}

/// Which rows are added to the sums, or taken away.
#[derive(Clone, Debug)]
pub(crate) enum Rolled<'a> {
    /// The visible ones whose keys are within a range are added.
    Added(std::ops::Range<u64>),
    /// Those with the keys, which were visible until now, are taken away.
    Replaced(&'a [u64]),
    /// Those whose revisions are about to change, with keys within a range, are taken away as they are now.
    BeforeRevision(std::ops::Range<u64>),
    /// Those whose revisions were changed are added.
    AfterRevision(std::ops::Range<u64>),
}

impl Rolled<'_> {
    const fn sign(&self) -> &'static str {
        match self {
            Self::Added(_) | Self::AfterRevision(_) => "",
            Self::Replaced(_) | Self::BeforeRevision(_) => "-",
        }
    }
}

/// Returns the statements that add rows to the sums, or take them away.
///
/// # Errors
/// Does not fail: the filters of kinds can be compared.
pub(crate) fn roll(dialect: &dyn Dialect, rolled: &Rolled<'_>) -> Result<Vec<Statement>, FilterUnsupported> {
    let mut statements = vec![sums(dialect, rolled)?, by_property_name(dialect, rolled)?];
    // Nothing revises how long a call took.
    if matches!(rolled, Rolled::Added(_) | Rolled::Replaced(_)) {
        statements.extend(PIECES.map(|(code, quantity)| pieces(dialect, rolled, code, quantity)));
    }
    Ok(statements)
}

fn sums(dialect: &dyn Dialect, rolled: &Rolled<'_>) -> Result<Statement, FilterUnsupported> {
    let dimensions = [
        ("model", "model", SumsBy::Model),
        ("provider", "provider", SumsBy::Provider),
        ("country_code", "country_code", SumsBy::Country),
        ("status", "CAST(status AS VARCHAR)", SumsBy::Status),
    ];
    let mut sql = Statement::default();
    sql.push("INSERT INTO call_sums SELECT organization_id, began, CASE");
    for (column, _, by) in dimensions {
        sql.push(&format!(" WHEN GROUPING({column}) = 0 THEN {}", by as u8));
    }
    sql.push(" ELSE 0 END, CASE");
    for (column, text, _) in dimensions {
        sql.push(&format!(" WHEN GROUPING({column}) = 0 THEN {text}"));
    }
    sql.push(" END");
    parts(dialect, rolled.sign(), &mut sql)?;
    sql.push(" FROM ");
    rows(dialect, rolled, "", &mut sql);
    sql.push(" GROUP BY GROUPING SETS ((organization_id, began)");
    for (column, ..) in dimensions {
        sql.push(&format!(", (organization_id, began, {column})"));
    }
    sql.word(")");
    Ok(sql)
}

fn by_property_name(dialect: &dyn Dialect, rolled: &Rolled<'_>) -> Result<Statement, FilterUnsupported> {
    let mut sql = Statement::default();
    sql.push(&format!(
        "INSERT INTO call_sums SELECT organization_id, began, {}, property_name",
        SumsBy::PropertyName as u8
    ));
    parts(dialect, rolled.sign(), &mut sql)?;
    sql.push(" FROM ");
    let mut names = Statement::default();
    dialect.property_names(super::Added::None, &mut names);
    rows(dialect, rolled, &format!(", unnest({}) AS property_name", names.text), &mut sql);
    sql.word(" GROUP BY organization_id, began, property_name");
    Ok(sql)
}

/// Writes what is summed, in the order of the table.
fn parts(dialect: &dyn Dialect, sign: &str, sql: &mut Statement) -> Result<(), FilterUnsupported> {
    sql.push(&format!(", {sign}count(*), {sign}count(*) FILTER (WHERE {IS_ERROR})"));
    for (_, kind) in KINDS {
        sql.push(&format!(", {sign}count(*) FILTER (WHERE "));
        filter::write(dialect, &of_kind(kind), sql)?;
        sql.word(")");
    }
    for quantity in QUANTITIES {
        let column = column(quantity);
        sql.push(&format!(", {sign}count({column})"));
        for part in [format!("{column} >> 32"), format!("{column} & 4294967295")] {
            sql.push(&format!(", CAST({sign}coalesce(sum(CAST({part} AS BIGINT)), 0) AS BIGINT)"));
        }
    }
    Ok(())
}

fn pieces(dialect: &dyn Dialect, rolled: &Rolled<'_>, code: u8, quantity: Quantity) -> Statement {
    let (mut sql, mut piece) = (Statement::default(), Statement::default());
    dialect.piece(column(quantity), &mut piece);
    sql.push(&format!(
        "INSERT INTO call_pieces SELECT organization_id, began, {code}, piece, {}count(*) FROM ",
        rolled.sign()
    ));
    rows(dialect, rolled, &format!(", {} AS piece", piece.text), &mut sql);
    sql.word(" WHERE piece IS NOT NULL GROUP BY organization_id, began, piece");
    sql
}

/// Writes the rows with what revisions say, whosever they are, with the beginning of their half hour and `more`.
fn rows(dialect: &dyn Dialect, rolled: &Rolled<'_>, more: &str, sql: &mut Statement) {
    sql.push("(SELECT *, ");
    dialect.half_hour("request_created_at", sql);
    sql.push(" AS began").push(more).push(" FROM (SELECT ");
    dialect.revised(sql);
    sql.push(" FROM (SELECT * FROM request_response_rmt WHERE ");
    which(dialect, rolled, sql);
    if !matches!(rolled, Rolled::Replaced(_)) {
        sql.push(" AND NOT superseded");
    }
    sql.push(") AS facts LEFT JOIN (SELECT * FROM revisions WHERE ");
    which(dialect, rolled, sql);
    sql.word(") AS later ON later.row_key = facts.row_key)) AS calls");
}

/// Writes the condition of the rows' keys.
fn which(dialect: &dyn Dialect, rolled: &Rolled<'_>, sql: &mut Statement) {
    match rolled {
        Rolled::Replaced(keys) => {
            sql.push("row_key IN (");
            for (index, key) in keys.iter().enumerate() {
                sql.push(if index == 0 { "" } else { ", " }).bind(dialect, Param::Unsigned(*key));
            }
            sql.word(")");
        }
        Rolled::Added(keys) | Rolled::BeforeRevision(keys) | Rolled::AfterRevision(keys) => {
            sql.push("row_key >= ").bind(dialect, Param::Unsigned(keys.start));
            sql.push(" AND row_key < ").bind(dialect, Param::Unsigned(keys.end));
            if !matches!(rolled, Rolled::Added(_)) {
                sql.word(" AND row_key IN (SELECT row_key FROM changed_revisions)");
            }
        }
    }
}
