//! Figures out of the sums that are kept of all calls: the whole half hours of a range of time come from
//! them, the rest of the range, and what is not in them yet, from the rows. What sums don't tell, as how many
//! users there were, is read of the rows beside them.

mod plan;

use gatehouse_store::log::{AggregateQuery, Dimension, Having, Measure, Quantity};

use super::super::filter::{self, FilterUnsupported};
use super::super::rollup::{IS_ERROR, KINDS, PIECES, SumsBy, of_kind};
use super::super::source::{Added, Range, source};
use super::super::{Beside, Dialect, Param, Statement, visible};
use super::measure::{self, Total};
use super::{calls_of_groups, column, having, names_of_groups, order, select_of_groups};
use plan::{Names, Rest, within};
pub(crate) use plan::{Plan, plan};

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

/// A question, and what is needed to write the statement that answers it.
struct Writer<'a> {
    dialect: &'a dyn Dialect,
    query: &'a AggregateQuery,
    plan: Plan,
    beside: Beside,
    groups: Vec<String>,
    rest: Vec<Rest>,
    /// The amounts whose sums are needed.
    summed: Vec<Quantity>,
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
    let mut rest = plan.rest(rolled_up);
    if plan.by == SumsBy::PropertyName && beside.added.has_properties() {
        rest.push(Rest { from: plan.from, to: plan.to, keys: 0..u64::MAX, names: Names::Added });
    }
    let summed = summed(query);
    let writer = Writer { dialect, query, plan, beside, groups: names_of_groups(query), rest, summed };
    let mut sql = Statement::default();
    // Each part of the rows is planned, and read, once.
    sql.push("WITH rest AS MATERIALIZED (");
    writer.rest(&mut sql)?;
    sql.push(") SELECT count(*) OVER ()");
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
        self.sums_of_sums(sql);
        sql.push(" FROM (SELECT *");
        self.values_of_sums(sql);
        sql.push(" FROM call_sums WHERE ");
        self.of_sums(sql);
        sql.push(&format!(" AND dimension = {}) AS sums WHERE TRUE", self.plan.by as u8));
        calls_of_groups(&self.query.groups, &self.groups, sql);
        sql.push(" UNION ALL SELECT ").push(&select_of_groups(&self.groups));
        self.sums_of_rest(sql);
        sql.push(" FROM rest WHERE TRUE");
        calls_of_groups(&self.query.groups, &self.groups, sql);
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
                "min(piece) FILTER (WHERE quantity = {code} AND passed >= greatest(ceil({share}::DOUBLE * known), 1))"
            );
            self.dialect.of_piece(&piece, sql);
            sql.push(&format!(" / 1e3 AS m{index}, "));
        }
        let partition: String = self.groups.iter().map(|group| format!("{group}, ")).collect();
        sql.push("count(*) AS pieces FROM (SELECT *, CAST(sum(n) OVER (PARTITION BY ").push(&partition);
        sql.push("quantity ORDER BY piece) AS BIGINT) AS passed, CAST(sum(n) OVER (PARTITION BY ");
        sql.push(&partition).push("quantity) AS DOUBLE) AS known FROM (SELECT ").push(&partition);
        sql.push("quantity, piece, CAST(sum(n) AS BIGINT) AS n FROM (SELECT ").push(&partition);
        sql.push("quantity, piece, sum(calls) AS n FROM (SELECT *");
        self.values_of_sums(sql);
        sql.push(" FROM call_pieces WHERE ");
        self.of_sums(sql);
        let wanted: Vec<(u8, Quantity)> =
            PIECES.into_iter().filter(|(_, quantity)| self.asks(*quantity)).collect();
        let codes: Vec<String> = wanted.iter().map(|(code, _)| code.to_string()).collect();
        sql.push(&format!(" AND quantity IN ({})", codes.join(", ")));
        sql.push(") AS counted GROUP BY ").push(&partition).push("quantity, piece");
        for (code, quantity) in &wanted {
            sql.push(" UNION ALL SELECT ").push(&partition).push(&format!("{code}, "));
            self.dialect.piece(column(*quantity), sql);
            sql.push(" AS piece, count(*) FROM rest WHERE TRUE");
            calls_of_groups(&self.query.groups, &self.groups, sql);
            sql.push(if self.groups.is_empty() { " GROUP BY " } else { ", " }).push("piece");
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
        within(self.dialect, "began", first, end, sql);
    }

    /// Writes the rows that are read, once for each of their groups, with the values of these and all that is counted
    /// and summed.
    fn rest(&self, sql: &mut Statement) -> Result<(), FilterUnsupported> {
        for (index, rest) in self.rest.iter().enumerate() {
            sql.push(if index == 0 { "SELECT " } else { " UNION ALL SELECT " });
            for (name, dimension) in self.groups.iter().zip(&self.query.groups) {
                self.value(dimension, rest.names, sql)?;
                sql.push(" AS ").push(name).push(", ");
            }
            sql.push(IS_ERROR).push(" AS errors");
            for (name, kind) in KINDS {
                sql.push(", ");
                filter::write(self.dialect, &of_kind(kind), sql)?;
                sql.push(" AS ").push(name);
            }
            for column in columns() {
                sql.push(", ").push(column);
            }
            sql.push(" FROM ");
            let keys = Range::Between(rest.keys.clone());
            source(self.dialect, self.query.organization_id, self.beside, keys, sql);
            sql.push(" WHERE ");
            visible(self.dialect, self.query.organization_id, sql);
            within(self.dialect, "request_created_at", rest.from, rest.to, sql);
            if rest.names == Names::Added {
                sql.word(" AND added_properties IS NOT NULL");
            }
        }
        Ok(())
    }

    /// Writes what a row is grouped by.
    fn value(
        &self,
        dimension: &Dimension,
        names: Names,
        sql: &mut Statement,
    ) -> Result<(), FilterUnsupported> {
        match (dimension, names) {
            (Dimension::PropertyName, Names::Sent) => super::value(self.dialect, dimension, Added::None, sql),
            (Dimension::PropertyName, Names::Added) => {
                sql.push("unnest(");
                self.dialect.only_added_names(sql);
                sql.word(")");
                Ok(())
            }
            _ => super::value(self.dialect, dimension, self.beside.added, sql),
        }
    }

    /// Writes what is added up of sums.
    fn sums_of_sums(&self, sql: &mut Statement) {
        sql.push("sum(calls) AS calls, sum(errors) AS errors");
        for (name, _) in KINDS {
            sql.push(&format!(", sum({name}) AS {name}"));
        }
        for column in self.summed.iter().copied().map(column) {
            sql.push(&format!(
                ", sum({column}_known) AS {column}_known, \
                 CAST(sum({column}_high) AS HUGEINT) * 4294967296 + sum({column}_low) AS {column}_sum"
            ));
        }
    }

    /// Writes the same of rows.
    fn sums_of_rest(&self, sql: &mut Statement) {
        sql.push("count(*), count(*) FILTER (WHERE errors)");
        for (name, _) in KINDS {
            sql.push(&format!(", count(*) FILTER (WHERE {name})"));
        }
        for column in self.summed.iter().copied().map(column) {
            sql.push(&format!(", count({column}), CAST(sum({column}) AS HUGEINT)"));
        }
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

/// Returns the amounts whose sums a question needs, each once.
fn summed(query: &AggregateQuery) -> Vec<Quantity> {
    let mut found = Vec::new();
    let mut note = |measure: &Measure| {
        let quantity = match measure {
            Measure::Sum(quantity) | Measure::Average(quantity) | Measure::Unknown(quantity) => *quantity,
            Measure::TokensPerRequest => Quantity::TotalTokens,
            _ => return,
        };
        if !found.contains(&quantity) {
            found.push(quantity);
        }
    };
    query.measures.iter().for_each(&mut note);
    having::each_measure(&query.having, &mut note);
    found
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
