//! Figures out of the sums that are kept of all calls: the whole half hours of a range of time come from
//! them, the rest of the range, and what is not in them yet, from the rows. What sums don't tell, as how many
//! users there were, is read of the rows beside them.

use std::ops::Range as Keys;

use gatehouse_store::filter::{Column, Condition, Filter, Test, TextColumn, TimeColumn};
use gatehouse_store::log::{AggregateQuery, Bucket, Dimension, Having, Increment, Measure, Quantity};
use gatehouse_types::Timestamp;

use super::super::filter::{self, FilterUnsupported};
use super::super::rollup::{HALF_HOUR_MICROS, IS_ERROR, KINDS, PIECES, SumsBy, of_kind};
use super::super::source::{Added, Range, source};
use super::super::{Beside, Dialect, Param, Statement, visible};
use super::measure::{self, Total};
use super::{calls_of_groups, column, having, names_of_groups, order, select_of_groups};

/// What of a question can be read out of the sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    by: SumsBy,
    /// The first moment that is asked for.
    from: Option<i64>,
    /// The first moment behind what is asked for.
    to: Option<i64>,
}

/// Returns how a question is answered out of the sums, or `None` when it can't be, or has no whole half hour.
pub(crate) fn plan(query: &AggregateQuery) -> Option<Plan> {
    let mut by = SumsBy::Nothing;
    for dimension in &query.groups {
        let one = match dimension {
            Dimension::Time(bucket) if is_whole(*bucket) => continue,
            Dimension::Text(TextColumn::Model) => SumsBy::Model,
            Dimension::Text(TextColumn::Provider) => SumsBy::Provider,
            Dimension::Text(TextColumn::CountryCode) => SumsBy::Country,
            Dimension::Status => SumsBy::Status,
            Dimension::PropertyName => SumsBy::PropertyName,
            _ => return None,
        };
        if by != SumsBy::Nothing && by != one {
            return None;
        }
        by = one;
    }
    let mut plan = Plan { by, from: None, to: None };
    let is_help = query.measures.is_empty() || query.measures.iter().any(|measure| plan.keeps(measure));
    if !is_help || !can_be_left(&query.having) {
        return None;
    }
    plan.narrow(&query.filter)?;
    let (first, end) = plan.whole();
    match (first, end) {
        (Some(first), Some(end)) if first >= end => None,
        _ => Some(plan),
    }
}

fn is_whole(bucket: Bucket) -> bool {
    bucket.increment != Increment::Minute && bucket.offset_minutes % 30 == 0
}

/// Returns whether sums tell a measure.
fn is_kept(measure: &Measure, has_pieces: bool) -> bool {
    match measure {
        Measure::Requests
        | Measure::Errors
        | Measure::Sum(_)
        | Measure::Average(_)
        | Measure::Unknown(_)
        | Measure::TokensPerRequest => true,
        Measure::RequestsWith(filter) => KINDS.iter().any(|(_, kind)| of_kind(*kind) == *filter),
        Measure::Quantile(Quantity::Latency | Quantity::TimeToFirstToken, _) => has_pieces,
        _ => false,
    }
}

fn can_be_left(having: &Having) -> bool {
    match having {
        Having::All | Having::Dimension(..) => true,
        Having::And(left, right) | Having::Or(left, right) => can_be_left(left) && can_be_left(right),
        Having::Measure(measure, _) => is_kept(measure, false),
        Having::Any(_) => false,
    }
}

impl Plan {
    /// Returns whether sums tell a measure; there are pieces of all calls only.
    fn keeps(&self, measure: &Measure) -> bool {
        is_kept(measure, self.by == SumsBy::Nothing)
    }

    /// Narrows the range to what a filter asks for; `None` when it asks for anything but a range of time.
    fn narrow(&mut self, filter: &Filter) -> Option<()> {
        let (from, to) = match filter {
            Filter::All => return Some(()),
            Filter::And(left, right) => return self.narrow(left).and_then(|()| self.narrow(right)),
            Filter::Leaf(Condition { column: Column::Time(TimeColumn::RequestCreatedAt), test }) => {
                let micros = |at: &Timestamp| at.as_unix_micros();
                let after = |at: &Timestamp| at.as_unix_micros().saturating_add(1);
                match test {
                    Test::TimeAtLeast(at) => (Some(micros(at)), None),
                    Test::TimeAfter(at) => (Some(after(at)), None),
                    Test::TimeBefore(at) => (None, Some(micros(at))),
                    Test::TimeAtMost(at) => (None, Some(after(at))),
                    _ => return None,
                }
            }
            Filter::Or(..) | Filter::Leaf(_) => return None,
        };
        self.from = self.from.max(from);
        self.to = [self.to, to].into_iter().flatten().min();
        Some(())
    }

    /// Returns the range of whole half hours in the range.
    fn whole(&self) -> (Option<i64>, Option<i64>) {
        let up =
            |at: i64| at.saturating_add(HALF_HOUR_MICROS - 1).div_euclid(HALF_HOUR_MICROS) * HALF_HOUR_MICROS;
        let down = |at: i64| at.div_euclid(HALF_HOUR_MICROS).saturating_mul(HALF_HOUR_MICROS);
        (self.from.map(up), self.to.map(down))
    }

    /// Returns what is read from the rows: their range of time and of keys, where rows before the key `rolled_up`
    /// are in the sums.
    fn rest(&self, rolled_up: u64) -> Vec<Rest> {
        let (first, end) = self.whole();
        let names = Names::Sent;
        let mut rest = vec![Rest { from: self.from, to: self.to, keys: rolled_up..u64::MAX, names }];
        if first != self.from {
            rest.push(Rest { from: self.from, to: first, keys: 0..rolled_up, names });
        }
        if end != self.to {
            rest.push(Rest { from: end, to: self.to, keys: 0..rolled_up, names });
        }
        rest
    }
}

/// Where a measure comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum From {
    /// The sums.
    Sums,
    /// How many calls took how long.
    Pieces,
    /// The calls, all of those that are asked for.
    Calls,
}

/// A part of the rows.
struct Rest {
    from: Option<i64>,
    to: Option<i64>,
    keys: Keys<u64>,
    names: Names,
}

/// Which names of properties calls are counted for. Sums know nothing of added ones.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Those with which they were sent.
    Sent,
    /// Those that were only added, of the calls to which any were.
    Added,
}

/// A question, and what is needed to write the statement that answers it.
struct Writer<'a> {
    dialect: &'a dyn Dialect,
    query: &'a AggregateQuery,
    plan: Plan,
    beside: Beside,
    groups: Vec<String>,
    rest: Vec<Rest>,
}

/// Selects the figures of a query as [`super::aggregate`] does, out of the sums that rows before the key
/// `rolled_up` are in.
///
/// # Errors
/// Fails when a condition on groups names what can't be compared in SQL.
pub(crate) fn aggregate_rolled(
    dialect: &dyn Dialect,
    query: &AggregateQuery,
    plan: Plan,
    rolled_up: u64,
    beside: Beside,
) -> Result<Statement, FilterUnsupported> {
    let rest = plan.rest(rolled_up);
    let writer = Writer { dialect, query, plan, beside, groups: names_of_groups(query), rest };
    let mut sql = Statement::default();
    sql.push("SELECT count(*) OVER ()");
    let measures = (0..query.measures.len()).map(|index| format!("m{index}"));
    writer.groups.iter().cloned().chain(measures).for_each(|name| {
        sql.push(", ").push(&name);
    });
    sql.push(" FROM (");
    writer.sums(&mut sql)?;
    sql.push(") AS grouped");
    if writer.wanted().any(|(_, _, from)| from == From::Pieces) {
        sql.push(" LEFT JOIN (");
        writer.quantiles(&mut sql)?;
        sql.push(") AS quantiles ON TRUE");
        writer.of_same_groups('q', &mut sql);
    }
    if writer.wanted().any(|(_, _, from)| from == From::Calls) {
        sql.push(" LEFT JOIN (");
        writer.others(&mut sql)?;
        sql.push(") AS others ON TRUE");
        writer.of_same_groups('o', &mut sql);
    }
    order(query, &writer.groups, &mut sql);
    super::page(dialect, query, &mut sql);
    Ok(sql)
}

impl Writer<'_> {
    /// Writes the groups with all that is wanted of them but quantiles.
    fn sums(&self, sql: &mut Statement) -> Result<(), FilterUnsupported> {
        sql.push("SELECT ").push(&select_of_groups(&self.groups));
        for (index, wanted, _) in self.wanted().filter(|(.., from)| *from == From::Sums) {
            measure_of_sums(wanted, sql);
            sql.push(&format!(" AS m{index}, "));
        }
        sql.push("count(*) AS parts FROM (SELECT ").push(&select_of_groups(&self.groups));
        sums_of_sums(sql);
        sql.push(" FROM (SELECT *");
        self.values_of_sums(sql);
        sql.push(" FROM call_sums WHERE ");
        self.of_sums(sql);
        sql.push(&format!(" AND dimension = {}) AS sums WHERE TRUE", self.plan.by as u8));
        calls_of_groups(&self.query.groups, &self.groups, sql);
        for rest in &self.rest {
            sql.push(" UNION ALL SELECT ").push(&select_of_groups(&self.groups));
            sums_of_rows(self.dialect, sql)?;
            sql.push(" FROM ");
            self.rows(rest, "", sql)?;
        }
        if self.plan.by == SumsBy::PropertyName && self.beside.added.has_properties() {
            let whole =
                Rest { from: self.plan.from, to: self.plan.to, keys: 0..u64::MAX, names: Names::Added };
            sql.push(" UNION ALL SELECT ").push(&select_of_groups(&self.groups));
            sums_of_rows(self.dialect, sql)?;
            sql.push(" FROM ");
            self.rows(&whole, "", sql)?;
        }
        sql.push(") AS parts");
        self.group_by(sql);
        sql.push(" HAVING ");
        // What was taken away may leave a group of no calls.
        sql.push(if self.groups.is_empty() { "TRUE" } else { "sum(calls) > 0" });
        if self.query.having != Having::All {
            let measure = |wanted: &Measure, sql: &mut Statement| {
                measure_of_sums(wanted, sql);
                Ok(())
            };
            sql.push(" AND ");
            having::write(self.dialect, self.query, &measure, &self.query.having, sql)?;
        }
        Ok(())
    }

    /// Writes the quantiles of each group, which are found by going up its pieces until so many calls are passed.
    fn quantiles(&self, sql: &mut Statement) -> Result<(), FilterUnsupported> {
        let renamed = self.groups.iter().map(|group| format!("{group} AS q{group}, "));
        sql.push("SELECT ").push(&renamed.collect::<String>());
        for (index, wanted, _) in self.wanted().filter(|(.., from)| *from == From::Pieces) {
            let Measure::Quantile(quantity, share) = wanted else { continue };
            let code = PIECES.iter().find(|(_, known)| known == quantity).map_or(0, |(code, _)| *code);
            let share = measure::in_bounds(*share);
            let piece = format!(
                "min(piece) FILTER (WHERE quantity = {code} AND passed >= greatest(ceil({share} * known), 1))"
            );
            self.dialect.of_piece(&piece, sql);
            sql.push(&format!(" / 1e3 AS m{index}, "));
        }
        let partition: String = self.groups.iter().map(|group| format!("{group}, ")).collect();
        sql.push("count(*) AS pieces FROM (SELECT *, sum(n) OVER (PARTITION BY ").push(&partition);
        sql.push("quantity ORDER BY piece) AS passed, sum(n) OVER (PARTITION BY ").push(&partition);
        sql.push("quantity) AS known FROM (SELECT ").push(&partition);
        sql.push("quantity, piece, sum(n) AS n FROM (SELECT ").push(&partition);
        sql.push("quantity, piece, sum(calls) AS n FROM (SELECT *");
        self.values_of_sums(sql);
        sql.push(" FROM call_pieces WHERE ");
        self.of_sums(sql);
        let wanted: Vec<(u8, Quantity)> =
            PIECES.into_iter().filter(|(_, quantity)| self.asks(*quantity)).collect();
        let codes: Vec<String> = wanted.iter().map(|(code, _)| code.to_string()).collect();
        sql.push(&format!(" AND quantity IN ({})", codes.join(", ")));
        sql.push(") AS counted GROUP BY ").push(&partition).push("quantity, piece");
        for rest in &self.rest {
            for (code, quantity) in &wanted {
                let mut piece = Statement::default();
                self.dialect.piece(column(*quantity), &mut piece);
                sql.push(" UNION ALL SELECT ").push(&partition);
                sql.push(&format!("{code}, piece, count(*) FROM "));
                self.rows(rest, &format!(", {} AS piece", piece.text), sql)?;
                sql.push(if self.groups.is_empty() { " GROUP BY " } else { ", " }).push("piece");
            }
        }
        sql.push(") AS parts WHERE piece IS NOT NULL GROUP BY ").push(&partition);
        sql.push("quantity, piece HAVING sum(n) > 0) AS merged) AS ascending");
        self.group_by(sql);
        Ok(())
    }

    /// Writes the groups with what only the calls themselves tell.
    fn others(&self, sql: &mut Statement) -> Result<(), FilterUnsupported> {
        let renamed = self.groups.iter().map(|group| format!("{group} AS o{group}, "));
        sql.push("SELECT ").push(&renamed.collect::<String>());
        for (index, wanted, _) in self.wanted().filter(|(.., from)| *from == From::Calls) {
            measure::write(self.dialect, self.query, wanted, sql)?;
            sql.push(&format!(" AS m{index}, "));
        }
        super::of_calls(self.dialect, self.query, None, self.beside, &self.groups, sql)
    }

    /// Returns what is wanted, its place, and where it comes from.
    fn wanted(&self) -> impl Iterator<Item = (usize, &Measure, From)> {
        let from = |measure: &Measure| match (self.plan.keeps(measure), measure) {
            (false, _) => From::Calls,
            (true, Measure::Quantile(..)) => From::Pieces,
            (true, _) => From::Sums,
        };
        self.query.measures.iter().enumerate().map(move |(index, measure)| (index, measure, from(measure)))
    }

    /// Writes the conditions that groups whose names begin with `prefix` are the same ones.
    fn of_same_groups(&self, prefix: char, sql: &mut Statement) {
        for group in &self.groups {
            sql.push(&format!(" AND {prefix}{group} = {group}"));
        }
    }

    /// Returns whether a quantile of a quantity is wanted.
    fn asks(&self, quantity: Quantity) -> bool {
        self.query.measures.iter().any(|wanted| matches!(wanted, Measure::Quantile(of, _) if *of == quantity))
    }

    /// Writes the values of groups out of the columns of sums.
    fn values_of_sums(&self, sql: &mut Statement) {
        for (name, dimension) in self.groups.iter().zip(&self.query.groups) {
            sql.push(", ");
            match dimension {
                Dimension::Time(bucket) => self.dialect.beginning("began", *bucket, sql),
                Dimension::Status => sql.word("CAST(value AS INTEGER)"),
                _ => sql.word("value"),
            }
            sql.push(" AS ").push(name);
        }
    }

    /// Writes the condition of the sums that are asked for.
    fn of_sums(&self, sql: &mut Statement) {
        let (first, end) = self.plan.whole();
        sql.push("organization_id = ");
        sql.bind(self.dialect, Param::Uuid(self.query.organization_id.as_uuid()));
        self.within("began", first, end, sql);
    }

    /// Writes the condition that a time is within a range.
    fn within(&self, column: &str, from: Option<i64>, to: Option<i64>, sql: &mut Statement) {
        for (operator, bound) in [(" >= ", from), (" < ", to)] {
            if let Some(bound) = bound {
                let bound = filter::in_range(Timestamp::from_unix_micros(bound));
                sql.push(" AND ").push(column).push(operator).bind(self.dialect, Param::Time(bound));
            }
        }
    }

    /// Writes rows with the values of their groups and `more`, grouped.
    fn rows(&self, rest: &Rest, more: &str, sql: &mut Statement) -> Result<(), FilterUnsupported> {
        sql.push("(SELECT *").push(more);
        for (name, dimension) in self.groups.iter().zip(&self.query.groups) {
            sql.push(", ");
            match (dimension, rest.names) {
                (Dimension::PropertyName, Names::Sent) => {
                    super::value(self.dialect, dimension, Added::None, sql)?;
                }
                (Dimension::PropertyName, Names::Added) => {
                    sql.push("unnest(");
                    self.dialect.only_added_names(sql);
                    sql.word(")");
                }
                _ => super::value(self.dialect, dimension, self.beside.added, sql)?,
            }
            sql.push(" AS ").push(name);
        }
        sql.push(" FROM ");
        let keys = Range::Between(rest.keys.clone());
        source(self.dialect, self.query.organization_id, self.beside, keys, sql);
        sql.push(" WHERE ");
        visible(self.dialect, self.query.organization_id, sql);
        self.within("request_created_at", rest.from, rest.to, sql);
        if rest.names == Names::Added {
            sql.word(" AND added_properties IS NOT NULL");
        }
        sql.push(") AS calls WHERE TRUE");
        calls_of_groups(&self.query.groups, &self.groups, sql);
        Ok(())
    }

    fn group_by(&self, sql: &mut Statement) {
        if !self.groups.is_empty() {
            sql.push(" GROUP BY ").push(&self.groups.join(", "));
        }
    }
}

/// Every amount that is summed, with the name of its column.
fn columns() -> impl Iterator<Item = &'static str> {
    super::super::rollup::QUANTITIES.into_iter().map(column)
}

/// Writes what is added up of sums.
fn sums_of_sums(sql: &mut Statement) {
    sql.push("sum(calls) AS calls, sum(errors) AS errors");
    for (name, _) in KINDS {
        sql.push(&format!(", sum({name}) AS {name}"));
    }
    for column in columns() {
        sql.push(&format!(
            ", sum({column}_known) AS {column}_known, \
             CAST(sum({column}_high) AS HUGEINT) * 4294967296 + sum({column}_low) AS {column}_sum"
        ));
    }
}

/// Writes the same of rows.
fn sums_of_rows(dialect: &dyn Dialect, sql: &mut Statement) -> Result<(), FilterUnsupported> {
    sql.push(&format!("count(*), count(*) FILTER (WHERE {IS_ERROR})"));
    for (_, kind) in KINDS {
        sql.push(", count(*) FILTER (WHERE ");
        filter::write(dialect, &of_kind(kind), sql)?;
        sql.word(")");
    }
    for column in columns() {
        sql.push(&format!(", count({column}), CAST(sum({column}) AS HUGEINT)"));
    }
    Ok(())
}

/// Writes a measure, of which sums are known; others are null.
fn measure_of_sums(measure: &Measure, sql: &mut Statement) {
    let count = |name: &str| format!("CAST(coalesce(sum({name}), 0) AS UBIGINT)");
    let total = |quantity: Quantity| {
        let column = column(quantity);
        Total { quantity, known: format!("sum({column}_known)"), sum: format!("sum({column}_sum)") }
    };
    match measure {
        Measure::Requests => sql.word(&count("calls")),
        Measure::Errors => sql.word(&count("errors")),
        Measure::RequestsWith(filter) => {
            let kind = KINDS.iter().find(|(_, kind)| of_kind(*kind) == *filter);
            sql.word(&kind.map_or_else(|| "NULL".to_owned(), |(name, _)| count(name)));
        }
        Measure::Sum(quantity) => measure::sum(&total(*quantity), sql),
        Measure::Average(quantity) => measure::average(&total(*quantity), sql),
        Measure::TokensPerRequest => measure::average(&total(Quantity::TotalTokens), sql),
        Measure::Unknown(quantity) => {
            sql.word(&format!("CAST(coalesce(sum(calls) - sum({}_known), 0) AS UBIGINT)", column(*quantity)));
        }
        _ => sql.word("NULL"),
    }
}
