//! A figure as JSON: money in US dollars, durations in milliseconds, times in ISO 8601, what is not known as null.

use gatehouse_store::log::{AggregateRow, Figure};
use serde_json::Value;

use crate::cost::dollars;

/// Returns a figure as JSON.
pub(crate) fn json(figure: Figure) -> Value {
    match figure {
        Figure::Unknown => Value::Null,
        Figure::Count(count) => count.into(),
        Figure::Integer(number) => number.into(),
        Figure::Real(number) => number.into(),
        Figure::Money(amount) => dollars(amount.get()).into(),
        Figure::Time(at) => at.to_string().into(),
        Figure::Text(text) => text.into(),
        Figure::Texts(texts) => texts.into(),
    }
}

/// Returns a figure as a number, 0 where it is not known or none.
pub(crate) fn number(figure: &Figure) -> f64 {
    match figure {
        Figure::Count(count) => *count as f64,
        Figure::Integer(number) => *number as f64,
        Figure::Real(number) => *number,
        Figure::Money(amount) => dollars(amount.get()),
        Figure::Unknown | Figure::Time(_) | Figure::Text(_) | Figure::Texts(_) => 0.0,
    }
}

/// Returns a figure as a count, 0 where it is not known or none.
pub(crate) fn count(figure: &Figure) -> u64 {
    match figure {
        Figure::Count(count) => *count,
        Figure::Integer(number) => u64::try_from(*number).unwrap_or_default(),
        _ => 0,
    }
}

/// Returns a figure as a number, if it is known.
pub(crate) fn known_number(figure: &Figure) -> Option<f64> {
    (*figure != Figure::Unknown).then(|| number(figure))
}

/// Returns a figure as a count, if it is known.
pub(crate) fn known_count(figure: &Figure) -> Option<u64> {
    (*figure != Figure::Unknown).then(|| count(figure))
}

/// Returns the text that a figure is, else nothing.
pub(crate) fn text(figure: &Figure) -> String {
    match figure {
        Figure::Text(text) => text.clone(),
        _ => String::new(),
    }
}

/// Returns the known ones of a figure of all groups.
pub(crate) fn amounts(rows: &[AggregateRow], index: usize) -> Vec<f64> {
    let figures = rows.iter().filter_map(|row| row.measures.get(index));
    figures.filter(|figure| **figure != Figure::Unknown).map(number).collect()
}
