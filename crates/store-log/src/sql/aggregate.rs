//! Figures over many calls: one statement for a whole query.
//!
//! It selects, for each group, how many groups there are, its values (`g0`, `g1`, …) and its measures (`m0`, `m1`, …).

mod having;
mod measure;
mod rolled;

use gatehouse_store::filter::{Column, Condition, Filter, Test, TextColumn};
use gatehouse_store::log::{AggregateQuery, Dimension, Direction, Having, Measure, Order, Quantity};

use super::filter::{self, FilterUnsupported};
use super::source::{Added, Beside, Range, source};
use super::{Annotated, Dialect, FEEDBACK, Param, Statement, annotated, visible};

pub(crate) use measure::column;
pub(crate) use rolled::{Plan, aggregate_rolled, plan};

/// The form in which a figure is selected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// An unsigned number.
    Count,
    /// A signed number.
    Integer,
    /// A floating-point number.
    Real,
    /// Nano-dollars.
    Money,
    /// A timestamp.
    Time,
    /// A text.
    Text,
    /// A list of texts.
    Texts,
}

/// What a query reads that lies beside the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reads {
    /// Annotations that stand in the place of facts, or beside them in a filter.
    pub(crate) annotated: Annotated,
    /// Revisions.
    pub(crate) revisions: bool,
}

/// Selects the figures of a query, in its order; if so wanted, `only` those of groups whose first value is one of some
/// texts.
///
/// # Errors
/// Fails when a filter or a condition on groups names what can't be compared in SQL.
pub(crate) fn aggregate(
    dialect: &dyn Dialect,
    query: &AggregateQuery,
    only: Option<&[String]>,
    beside: Beside,
) -> Result<Statement, FilterUnsupported> {
    let groups = names_of_groups(query);
    let mut sql = Statement::default();
    sql.push("SELECT count(*) OVER (), * FROM (SELECT ").push(&select_of_groups(&groups));
    for (index, wanted) in query.measures.iter().enumerate() {
        measure::write(dialect, query, wanted, &mut sql)?;
        sql.push(&format!(" AS m{index}, "));
    }
    of_calls(dialect, query, only, beside, &groups, &mut sql)?;
    if query.having != Having::All {
        let measure = |wanted: &Measure, sql: &mut Statement| measure::write(dialect, query, wanted, sql);
        sql.push(" HAVING ");
        having::write(dialect, query, &measure, &query.having, &mut sql)?;
    }
    sql.push(") AS grouped");
    order(query, &groups, &mut sql);
    page(dialect, query, &mut sql);
    Ok(sql)
}

/// Returns how the values of groups are called.
fn names_of_groups(query: &AggregateQuery) -> Vec<String> {
    (0..query.groups.len()).map(|index| format!("g{index}")).collect()
}

/// Writes, behind the measures, how many calls a group has, and the calls by their groups.
fn of_calls(
    dialect: &dyn Dialect,
    query: &AggregateQuery,
    only: Option<&[String]>,
    beside: Beside,
    groups: &[String],
    sql: &mut Statement,
) -> Result<(), FilterUnsupported> {
    // An aggregate makes one group of all calls where there is nothing else.
    sql.push("count(*) AS calls FROM (SELECT *");
    for (name, dimension) in groups.iter().zip(&query.groups) {
        sql.push(", ");
        value(dialect, dimension, beside.added, sql)?;
        sql.push(" AS ").push(name);
    }
    sql.push(" FROM ");
    calls(dialect, query, beside, sql)?;
    sql.push(") AS calls WHERE TRUE");
    if let Some(only) = only {
        sql.push(" AND ");
        let mut first = Statement::default();
        first.push("g0");
        dialect.is_one_of(&first, only, sql);
    }
    calls_of_groups(&query.groups, groups, sql);
    Ok(())
}

/// Returns the beginning of a list of columns.
fn select_of_groups(groups: &[String]) -> String {
    groups.iter().map(|name| format!("{name}, ")).collect()
}

/// Writes the conditions that calls are in groups, and groups them.
fn calls_of_groups(dimensions: &[Dimension], groups: &[String], sql: &mut Statement) {
    for (name, dimension) in groups.iter().zip(dimensions) {
        in_group(name, dimension, sql);
    }
    if !groups.is_empty() {
        sql.push(" GROUP BY ").push(&groups.join(", "));
    }
}

fn page(dialect: &dyn Dialect, query: &AggregateQuery, sql: &mut Statement) {
    sql.push(" LIMIT ").bind(dialect, Param::Unsigned(query.limit.into()));
    let offset = query.offset.min(i64::MAX.unsigned_abs());
    sql.push(" OFFSET ").bind(dialect, Param::Unsigned(offset));
}

/// Returns the forms of the columns that [`aggregate`] selects behind the first one, the number of groups.
pub(crate) fn shapes(query: &AggregateQuery) -> Vec<Shape> {
    let groups = query.groups.iter().map(|dimension| match dimension {
        Dimension::Time(_) => Shape::Time,
        Dimension::Status => Shape::Integer,
        _ => Shape::Text,
    });
    groups.chain(query.measures.iter().map(measure::shape)).collect()
}

/// Returns what a query reads that lies beside the facts.
pub(crate) fn reads(query: &AggregateQuery) -> Reads {
    let mut reads = Reads {
        annotated: annotated(&query.filter, None),
        revisions: filter::reads_revisions(&query.filter),
    };
    query.groups.iter().for_each(|dimension| reads.dimension(dimension));
    query.measures.iter().for_each(|measure| reads.measure(measure));
    reads.having(&query.having);
    reads
}

impl Reads {
    fn filter(&mut self, filter: &Filter) {
        self.annotated.filter(filter);
        self.revisions |= filter::reads_revisions(filter);
    }

    fn dimension(&mut self, dimension: &Dimension) {
        match dimension {
            Dimension::Text(column) => {
                self.filter(&Filter::Leaf(Condition { column: Column::Text(*column), test: Test::IsNull }))
            }
            Dimension::Property(name) => self.annotated.property(name),
            Dimension::PropertyName => self.annotated.any_property(),
            _ => {}
        }
    }

    fn measure(&mut self, measure: &Measure) {
        match measure {
            Measure::RequestsWith(filter) => self.filter(filter),
            Measure::Sum(quantity)
            | Measure::Average(quantity)
            | Measure::Min(quantity)
            | Measure::Max(quantity)
            | Measure::Quantile(quantity, _)
            | Measure::Unknown(quantity) => self.revisions |= is_revised(*quantity),
            Measure::TokensPerRequest => self.revisions = true,
            Measure::Distinct(dimension) => self.dimension(dimension),
            Measure::Values(column, _) => self.dimension(&Dimension::Text(*column)),
            _ => {}
        }
    }

    fn having(&mut self, having: &Having) {
        match having {
            Having::All => {}
            Having::And(left, right) | Having::Or(left, right) => {
                self.having(left);
                self.having(right);
            }
            Having::Measure(measure, _) => self.measure(measure),
            Having::Dimension(dimension, _) => self.dimension(dimension),
            Having::Any(condition) => self.filter(&Filter::Leaf(condition.clone())),
        }
    }
}

const fn is_revised(quantity: Quantity) -> bool {
    !matches!(
        quantity,
        Quantity::Latency | Quantity::TimeToFirstToken | Quantity::SavedCost | Quantity::SavedLatency
    )
}

/// Writes the calls that match, each once, or once for each of its scores where groups are by these.
fn calls(
    dialect: &dyn Dialect,
    query: &AggregateQuery,
    beside: Beside,
    sql: &mut Statement,
) -> Result<(), FilterUnsupported> {
    source(dialect, query.organization_id, beside, Range::All, sql);
    if query.groups.contains(&Dimension::ScoreName) {
        sql.push(" JOIN (SELECT request_id AS scored_id, name AS score_name, ");
        dialect.score(sql);
        sql.push(" AS score FROM annotations WHERE ");
        is_score(dialect, query, sql);
        sql.push(") AS scores ON scored_id = request_id");
    }
    if counts_score_names(query) {
        sql.push(
            " LEFT JOIN (SELECT request_id AS named_id, list(name) AS score_names FROM annotations WHERE ",
        );
        is_score(dialect, query, sql);
        sql.push(" GROUP BY request_id) AS named ON named_id = request_id");
    }
    sql.push(" WHERE ");
    visible(dialect, query.organization_id, sql);
    sql.push(" AND ");
    filter::write(dialect, &query.filter, sql)
}

/// Writes the condition that an annotation is a score of the organisation.
fn is_score(dialect: &dyn Dialect, query: &AggregateQuery, sql: &mut Statement) {
    sql.push("organization_id = ").bind(dialect, Param::Uuid(query.organization_id.as_uuid()));
    sql.push(" AND kind = ").bind(dialect, Param::Text(FEEDBACK.to_owned()));
    sql.push(" AND data_type IN ('boolean', 'numerical')");
}

fn counts_score_names(query: &AggregateQuery) -> bool {
    fn in_having(having: &Having, wanted: &Measure) -> bool {
        match having {
            Having::And(left, right) | Having::Or(left, right) => {
                in_having(left, wanted) || in_having(right, wanted)
            }
            Having::Measure(measure, _) => measure == wanted,
            Having::All | Having::Dimension(..) | Having::Any(_) => false,
        }
    }
    let wanted = Measure::Distinct(Dimension::ScoreName);
    query.measures.contains(&wanted) || in_having(&query.having, &wanted)
}

/// Writes what a call is grouped by, once for each of its groups.
fn value(
    dialect: &dyn Dialect,
    dimension: &Dimension,
    added: Added,
    sql: &mut Statement,
) -> Result<(), FilterUnsupported> {
    match dimension {
        Dimension::Time(bucket) => dialect.beginning("request_created_at", *bucket, sql),
        Dimension::Text(column) => text_column(dialect, *column, sql)?,
        Dimension::Status => sql.word("status"),
        Dimension::Property(name) => dialect.property(name, sql),
        Dimension::PropertyName => {
            sql.push("unnest(");
            dialect.property_names(added, sql);
            sql.word(")");
        }
        Dimension::ScoreName => sql.word("score_name"),
        Dimension::CacheStatus => sql.word("cache_status"),
        Dimension::RateLimitStatus => sql.word("rate_limit_status"),
    }
    Ok(())
}

/// Writes a text column, an id as the text that the API shows.
fn text_column(
    dialect: &dyn Dialect,
    column: TextColumn,
    sql: &mut Statement,
) -> Result<(), FilterUnsupported> {
    match column {
        TextColumn::CacheReferenceId => dialect.uuid_text("cache_reference_id", sql),
        _ if filter::is_id(column) => dialect.uuid_text(filter::text_column(column), sql),
        TextColumn::RequestBody | TextColumn::ResponseBody => {
            return Err(FilterUnsupported::new(&column, &"groups"));
        }
        _ => sql.word(filter::text_column(column)),
    }
    Ok(())
}

/// Writes the condition that a call is in a group.
fn in_group(name: &str, dimension: &Dimension, sql: &mut Statement) {
    match dimension {
        Dimension::Text(TextColumn::Model | TextColumn::Provider)
        | Dimension::Time(_)
        | Dimension::Status => {}
        Dimension::Text(_) | Dimension::Property(_) => {
            sql.push(" AND ").push(name).push(" <> ''");
        }
        Dimension::PropertyName
        | Dimension::ScoreName
        | Dimension::CacheStatus
        | Dimension::RateLimitStatus => {
            sql.push(" AND ").push(name).push(" IS NOT NULL");
        }
    }
}

fn order(query: &AggregateQuery, groups: &[String], sql: &mut Statement) {
    let wanted = query.order.iter().filter_map(|(by, direction)| {
        let name = match by {
            Order::Group(index) if *index < groups.len() => format!("g{index}"),
            Order::Measure(index) if *index < query.measures.len() => format!("m{index}"),
            Order::Group(_) | Order::Measure(_) => return None,
        };
        let word = match direction {
            Direction::Ascending => "ASC",
            Direction::Descending => "DESC",
        };
        Some(format!("{name} {word} NULLS LAST"))
    });
    let terms: Vec<String> = wanted.chain(groups.iter().map(|name| format!("{name} ASC"))).collect();
    if !terms.is_empty() {
        sql.push(" ORDER BY ").push(&terms.join(", "));
    }
}
