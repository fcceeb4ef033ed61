//! Which groups are left, as the condition behind `HAVING`.

use gatehouse_store::filter::{Filter, Test};
use gatehouse_store::log::{AggregateQuery, Dimension, Having, Measure};

use super::super::filter::{self, FilterUnsupported};
use super::super::{Dialect, Param, Statement};
use super::Shape;
use super::measure::shape;

/// Writes a measure of a group.
pub(super) type WriteMeasure<'a> = &'a dyn Fn(&Measure, &mut Statement) -> Result<(), FilterUnsupported>;

/// Calls `note` with each measure that a condition compares.
pub(super) fn each_measure(having: &Having, note: &mut impl FnMut(&Measure)) {
    match having {
        Having::And(left, right) | Having::Or(left, right) => {
            each_measure(left, note);
            each_measure(right, note);
        }
        Having::Measure(measure, _) => note(measure),
        Having::All | Having::Dimension(..) | Having::Any(_) => {}
    }
}

/// Writes a condition on groups, whose measures are written as `measure` does.
pub(super) fn write(
    dialect: &dyn Dialect,
    query: &AggregateQuery,
    measure: WriteMeasure<'_>,
    having: &Having,
    sql: &mut Statement,
) -> Result<(), FilterUnsupported> {
    let (left, word, right) = match having {
        Having::All => {
            sql.word("TRUE");
            return Ok(());
        }
        Having::Measure(wanted, test) => return by_measure(dialect, measure, wanted, test, sql),
        Having::Dimension(dimension, test) => return by_dimension(dialect, query, dimension, test, sql),
        Having::Any(condition) => {
            sql.push("coalesce(bool_or(");
            filter::write(dialect, &Filter::Leaf(condition.clone()), sql)?;
            sql.word("), FALSE)");
            return Ok(());
        }
        Having::And(left, right) => (left, " AND ", right),
        Having::Or(left, right) => (left, " OR ", right),
    };
    sql.push("(");
    write(dialect, query, measure, left, sql)?;
    sql.push(word);
    write(dialect, query, measure, right, sql)?;
    sql.word(")");
    Ok(())
}

fn by_measure(
    dialect: &dyn Dialect,
    measure: WriteMeasure<'_>,
    wanted: &Measure,
    test: &Test,
    sql: &mut Statement,
) -> Result<(), FilterUnsupported> {
    let mut one = Statement::default();
    measure(wanted, &mut one)?;
    let done = compare(dialect, &one, shape(wanted), test, sql);
    done.ok_or_else(|| FilterUnsupported::new(wanted, test))
}

fn by_dimension(
    dialect: &dyn Dialect,
    query: &AggregateQuery,
    dimension: &Dimension,
    test: &Test,
    sql: &mut Statement,
) -> Result<(), FilterUnsupported> {
    let Some(index) = query.groups.iter().position(|group| group == dimension) else {
        sql.word("FALSE");
        return Ok(());
    };
    let shape = match dimension {
        Dimension::Time(_) => Shape::Time,
        Dimension::Status => Shape::Integer,
        _ => Shape::Text,
    };
    let group = Statement { text: format!("g{index}"), params: Vec::new() };
    compare(dialect, &group, shape, test, sql).ok_or_else(|| FilterUnsupported::new(dimension, test))
}

fn compare(
    dialect: &dyn Dialect,
    expression: &Statement,
    shape: Shape,
    test: &Test,
    sql: &mut Statement,
) -> Option<()> {
    let write = |sql: &mut Statement| {
        sql.append(expression);
    };
    match shape {
        Shape::Text => filter::text(dialect, &write, test, sql),
        Shape::Time => filter::time(dialect, &expression.text, test, sql),
        Shape::Count | Shape::Integer | Shape::Real => number(dialect, expression, "", test, sql),
        Shape::Money => number(dialect, expression, " / 1e9", test, sql),
        Shape::Texts => filter::nullness(&write, test, sql),
    }
}

fn number(
    dialect: &dyn Dialect,
    expression: &Statement,
    divisor: &str,
    test: &Test,
    sql: &mut Statement,
) -> Option<()> {
    let (operator, bound, end) = match test {
        Test::NumberEquals(bound) => (" = ", bound, ") IS TRUE"),
        Test::NumberNotEquals(bound) => (" = ", bound, ") IS NOT TRUE"),
        Test::NumberAtLeast(bound) => (" >= ", bound, ") IS TRUE"),
        Test::NumberAbove(bound) => (" > ", bound, ") IS TRUE"),
        Test::NumberAtMost(bound) => (" <= ", bound, ") IS TRUE"),
        Test::NumberBelow(bound) => (" < ", bound, ") IS TRUE"),
        _ => return compare(dialect, expression, Shape::Texts, test, sql),
    };
    sql.push("(CAST(").append(expression);
    sql.push(" AS DOUBLE)").push(divisor).push(operator);
    sql.bind(dialect, Param::Real(*bound)).push(end);
    Some(())
}
