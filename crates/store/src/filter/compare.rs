//! One comparison of the grammar: a column, an operator and a value.

use gatehouse_types::Timestamp;
use serde_json::{Map, Value};

use super::grammar::{self, Meaning};
use super::parse::{FilterError, Tree, shorten, unknown, wrong_type};
use super::text::passes;
use super::{
    BoolColumn, Column, Condition, Filter, MAX_PATTERN_CHARACTERS, NumberColumn, Test, TextColumn, TimeColumn,
};

/// The value that, compared for equality, means that there is none.
const NULL: &str = "null";
/// The value that, compared for equality, means empty text or none.
const EMPTY: &str = "__empty__";
/// What a score can be compared with.
const OF_SCORE: &str = "a number, true, false or, where the operator is one of texts, a string";

/// Reads one comparison of a table's column.
pub(super) fn meant(
    meaning: &Meaning,
    name: &str,
    operator: &str,
    value: &Value,
    beside: &Map<String, Value>,
) -> Result<Tree, FilterError> {
    match meaning {
        Meaning::Column(column) => compare(column, name, operator, value),
        Meaning::Property(property) => {
            compare(&Column::Property((*property).to_owned()), name, operator, value)
        }
        Meaning::Figure(kind, figure) => {
            let column = match figure.is_time() {
                true => Column::Time(TimeColumn::RequestCreatedAt),
                false => Column::Number(NumberColumn::TotalTokens),
            };
            let Tree::Row(condition) = compare(&column, name, operator, value)? else { return Ok(Tree::All) };
            Ok(Tree::Group(*kind, *figure, condition.test))
        }
        Meaning::Day => day(name, operator, value),
        Meaning::Scores => {
            let is_empty = value.as_str().is_some_and(|text| matches!(text, "{}" | EMPTY | NULL));
            if !is_empty && !value.is_null() {
                return Err(wrong_type(&format!("the value of `{name}`"), "\"{}\" (or use `scores`)", value));
            }
            let test = Test::BoolEquals(operator != "equals");
            Ok(Tree::Row(Condition { column: Column::Bool(BoolColumn::Scored), test }))
        }
        Meaning::Empty => {
            let tested = compare(&Column::Text(TextColumn::Path), name, operator, value)?.rows();
            let passes = matches_constant(&tested, None) || matches_constant(&tested, Some(""));
            Ok(if passes { Tree::All } else { Filter::never().into() })
        }
        Meaning::False => match compare(&Column::Bool(BoolColumn::Cached), name, operator, value)? {
            Tree::Row(Condition { test: Test::BoolEquals(false) | Test::IsNotNull, .. }) => Ok(Tree::All),
            _ => Ok(Filter::never().into()),
        },
        Meaning::PropertyName => compare(&Column::PropertyKey, name, operator, value),
        Meaning::PropertyValue => {
            let key =
                ["key", "property_key"].iter().find_map(|name| beside.get(*name)?.get("equals")?.as_str());
            let key = key.ok_or_else(|| FilterError::Unsupported {
                what: format!("`{name}` alone"),
                reason: "name the property beside it, as in {\"key\": {\"equals\": \"Env\"}}",
            })?;
            compare(&Column::Property(key.to_owned()), name, operator, value)
        }
    }
}

/// Returns whether a text, or null, passes all of a filter of one text.
fn matches_constant(filter: &Filter, value: Option<&str>) -> bool {
    match filter {
        Filter::All => true,
        Filter::And(left, right) => matches_constant(left, value) && matches_constant(right, value),
        Filter::Or(left, right) => matches_constant(left, value) || matches_constant(right, value),
        Filter::Leaf(condition) => passes(&condition.test, value),
    }
}

/// Reads a comparison with a whole day, in UTC.
fn day(name: &str, operator: &str, value: &Value) -> Result<Tree, FilterError> {
    const DAY_US: i64 = 86_400_000_000;
    let column = Column::Time(TimeColumn::RequestCreatedAt);
    let at = |tree: Tree| match tree {
        Tree::Row(Condition { test: Test::TimeEquals(at), .. }) => Some(at.as_unix_micros()),
        _ => None,
    };
    let wrong = || wrong_type(&format!("the value of `{operator}` for `{name}`"), "a day", value);
    let at = at(compare(&column, name, "equals", value)?).ok_or_else(wrong)?;
    let begin = Timestamp::from_unix_micros(at.saturating_sub(at.rem_euclid(DAY_US)));
    let end = Timestamp::from_unix_micros(begin.as_unix_micros().saturating_add(DAY_US));
    let leaf = |test| Tree::Row(Condition { column: column.clone(), test });
    Ok(match operator {
        "gte" => leaf(Test::TimeAtLeast(begin)),
        "gt" => leaf(Test::TimeAtLeast(end)),
        "lte" => leaf(Test::TimeBefore(end)),
        "lt" => leaf(Test::TimeBefore(begin)),
        _ => leaf(Test::TimeAtLeast(begin)).and(leaf(Test::TimeBefore(end))),
    })
}

/// Reads one comparison of a column, whose operator is one of those that it takes.
pub(super) fn compare(
    column: &Column,
    name: &str,
    operator: &str,
    value: &Value,
) -> Result<Tree, FilterError> {
    if let Some(tree) = absence(column, operator, value) {
        return Ok(tree);
    }
    let wrong =
        |expected| wrong_type(&format!("the value of `{operator}` for `{}`", shorten(name)), expected, value);
    let unknown_operator = || {
        let kind = format!("operator of `{}`", shorten(name));
        unknown(kind, operator, grammar::operators(column).to_vec())
    };
    let test = match column {
        Column::Text(_)
        | Column::Property(_)
        | Column::PropertyKey
        | Column::Input(_)
        | Column::SessionTag => text_test(operator, value.as_str().ok_or_else(|| wrong("a string"))?),
        Column::Number(_) => number_test(operator, value.as_f64().ok_or_else(|| wrong("a number"))?),
        Column::Time(_) => {
            let at = value.as_str().and_then(Timestamp::parse);
            time_test(operator, at.ok_or_else(|| wrong("an ISO 8601 time as a string"))?)
        }
        Column::Bool(_) => Some(Test::BoolEquals(value.as_bool().ok_or_else(|| wrong("true or false"))?)),
        Column::Score(_) => Some(score_test(operator, value).ok_or_else(|| wrong(OF_SCORE))?),
    };
    let test = test.ok_or_else(unknown_operator)?;
    if let Test::Like(pattern) | Test::ILike(pattern) = &test
        && pattern.chars().count() > MAX_PATTERN_CHARACTERS
    {
        return Err(wrong("a string of at most 1000 characters"));
    }
    Ok(Tree::Row(Condition { column: column.clone(), test }))
}

/// Reads a test of a score: one of numbers where the value is one, also written as text, else one of texts.
fn score_test(operator: &str, value: &Value) -> Option<Test> {
    let number = match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::String(text) => text.trim().parse().ok().filter(|number: &f64| number.is_finite()),
        other => other.as_f64(),
    };
    let of_number = number.and_then(|number| number_test(operator, number));
    of_number.or_else(|| text_test(operator, value.as_str()?))
}

/// Reads the values that stand for the absence of one: `"null"` and, for text, `"__empty__"`.
fn absence(column: &Column, operator: &str, value: &Value) -> Option<Tree> {
    let wanted = match operator {
        "equals" => true,
        "not-equals" => false,
        _ => return None,
    };
    let leaf = |test| Tree::Row(Condition { column: column.clone(), test });
    let none = leaf(if wanted { Test::IsNull } else { Test::IsNotNull });
    let word = if value.is_null() { NULL } else { value.as_str()? };
    match (column, word) {
        (Column::PropertyKey, _) => None,
        (_, NULL) => Some(none),
        (Column::Number(_) | Column::Time(_) | Column::Bool(_), _) => None,
        (_, EMPTY) => {
            let empty = String::new();
            Some(if wanted {
                none.or(leaf(Test::TextEquals(empty)))
            } else {
                none.and(leaf(Test::TextNotEquals(empty)))
            })
        }
        _ => None,
    }
}

fn text_test(operator: &str, value: &str) -> Option<Test> {
    let make = match operator {
        "equals" => Test::TextEquals,
        "not-equals" => Test::TextNotEquals,
        "like" => Test::Like,
        "ilike" => Test::ILike,
        "contains" => Test::Contains,
        "not-contains" => Test::NotContains,
        _ => return None,
    };
    Some(make(value.to_owned()))
}

fn number_test(operator: &str, value: f64) -> Option<Test> {
    let make = match operator {
        "equals" => Test::NumberEquals,
        "not-equals" => Test::NumberNotEquals,
        "gte" => Test::NumberAtLeast,
        "lte" => Test::NumberAtMost,
        "gt" => Test::NumberAbove,
        "lt" => Test::NumberBelow,
        _ => return None,
    };
    Some(make(value))
}

fn time_test(operator: &str, at: Timestamp) -> Option<Test> {
    let make = match operator {
        "equals" => Test::TimeEquals,
        "gte" => Test::TimeAtLeast,
        "lte" => Test::TimeAtMost,
        "gt" => Test::TimeAfter,
        "lt" => Test::TimeBefore,
        _ => return None,
    };
    Some(make(at))
}

#[cfg(test)]
mod tests;
