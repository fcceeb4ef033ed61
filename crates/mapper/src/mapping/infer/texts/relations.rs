//! Texts that are the same, or parts of each other: one of them is the one that is meant.

use super::ScoredText;
use crate::mapping::document::Select;
use crate::mapping::infer::Mapping;
use crate::mapping::infer::statistics::share;
use crate::mapping::path::{Path, Segment};

/// In how many answers two texts must be related, for them to be so.
const NEARLY_ALL: f64 = 0.9;
/// In how many answers a text must go on after its beginning, for that to be a preview of it.
const SOME: f64 = 0.2;

/// How one column's texts are related to another's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Relation {
    /// They are the same.
    Same,
    /// The first are the beginnings of the second.
    Beginning,
    /// The second are the first between other things that are the same in each.
    Wrapped,
    /// Nothing.
    None,
}

/// How much better a part, or the whole, must follow the counts than the other.
const CLEARLY: f64 = 0.08;

/// Decides between elements of one kind and those of all kinds together, where that can be told: thoughts and
/// answers often stand under one name.
pub(super) fn without_mixtures(scored: Vec<ScoredText>) -> Vec<ScoredText> {
    let mut dropped = vec![false; scored.len()];
    for (at, whole) in scored.iter().enumerate() {
        let parts: Vec<usize> = (0..scored.len())
            .filter(|other| scored.get(*other).is_some_and(|part| is_mixture(whole, part)))
            .filter(|other| scored.get(*other).is_some_and(|part| part.column.values != whole.column.values))
            .collect();
        let texts = || parts.iter().filter_map(|part| scored.get(*part));
        let follows = |text: &ScoredText| text.traits.follows_count;
        let best = texts().map(follows).fold(0.0, f64::max);
        let is_odd = |part: &ScoredText| part.is_reasoning() || part.is_echo() || part.traits.aside >= 0.75;
        let is_called_so = |part: &ScoredText| part.traits.name > whole.traits.name + 0.05;
        let has_odd = texts().any(is_odd) && !texts().all(is_odd);
        if has_odd || best > follows(whole) + CLEARLY || (best >= follows(whole) && texts().any(is_called_so))
        {
            if let Some(dropped) = dropped.get_mut(at) {
                *dropped = true;
            }
        } else if follows(whole) > best + CLEARLY || texts().all(|part| part.traits.presence < 0.5) {
            for part in parts {
                if let Some(dropped) = dropped.get_mut(part) {
                    *dropped = true;
                }
            }
        }
    }
    scored.into_iter().zip(dropped).filter(|(_, dropped)| !dropped).map(|(text, _)| text).collect()
}

/// Returns whether `whole` has what `part` has, of all kinds.
fn is_mixture(whole: &ScoredText, part: &ScoredText) -> bool {
    match (&whole.column.mapping, &part.column.mapping) {
        (Mapping::StreamText(one), Mapping::StreamText(other)) if one.path == other.path => {
            one.select == Select::default() && other.select != Select::default()
        }
        (Mapping::StreamText(one), Mapping::StreamText(other)) => {
            one.select == other.select && is_wider(&one.path, &other.path)
        }
        (Mapping::Text(one), Mapping::Text(other)) => is_wider(&one.path, &other.path),
        _ => false,
    }
}

/// Returns whether a path leads to the elements of all kinds where another leads to those of one.
fn is_wider(wide: &Path, narrow: &Path) -> bool {
    let pairs = || wide.segments().iter().zip(narrow.segments());
    let is_like = |(wide, narrow): (&Segment, &Segment)| {
        wide == narrow || matches!((wide, narrow), (Segment::Each, Segment::Where { .. }))
    };
    wide.segments().len() == narrow.segments().len() && wide != narrow && pairs().all(is_like)
}

/// Takes out what says the same as another column, or less, or the same wrapped in something; `scored` has the
/// best first.
pub(super) fn without_doubles(scored: Vec<ScoredText>) -> Vec<ScoredText> {
    let mut kept: Vec<ScoredText> = Vec::new();
    for text in scored {
        let relation = |other: &ScoredText| (relation(&text, other), self::relation(other, &text));
        let is_double = kept.iter().any(|other| {
            let (to_other, from_other) = relation(other);
            matches!(to_other, Relation::Same | Relation::Beginning) || from_other == Relation::Wrapped
        });
        if is_double {
            continue;
        }
        // What is better so far, and turns out to be less than this one.
        let gives_way = |other: &ScoredText| {
            let (to_other, from_other) = relation(other);
            from_other == Relation::Beginning || to_other == Relation::Wrapped
        };
        let heir =
            kept.iter().filter(|other| gives_way(other)).map(|other| other.score).fold(text.score, f64::max);
        kept.retain(|other| !gives_way(other));
        kept.push(ScoredText { score: heir, ..text });
    }
    kept
}

fn relation(one: &ScoredText, other: &ScoredText) -> Relation {
    let rows: Vec<(&str, &str)> = one
        .column
        .values
        .iter()
        .zip(&other.column.values)
        .filter_map(|(one, other)| Some((one.as_ref()?.trim(), other.as_ref()?.trim())))
        .filter(|(one, other)| !one.is_empty() && !other.is_empty())
        .collect();
    let rows_of_one = one.column.values.iter().flatten().filter(|text| !text.trim().is_empty()).count();
    if rows.len() < 2 || rows.len() * 10 < rows_of_one * 9 {
        return Relation::None;
    }
    let same = |(one, other): &(&str, &str)| one == other;
    if share(&rows, same) >= NEARLY_ALL {
        return Relation::Same;
    }
    // A preview may end with dots.
    let begins = |(one, other): &(&str, &str)| other.starts_with(one.trim_end_matches(['.', '…']).trim_end());
    if share(&rows, begins) >= NEARLY_ALL && share(&rows, |row| begins(row) && !same(row)) >= SOME {
        let ends: Vec<&str> = rows.iter().filter_map(|(one, other)| other.strip_prefix(*one)).collect();
        return if is_constant(&ends) && ends.len() == rows.len() {
            Relation::Wrapped
        } else {
            Relation::Beginning
        };
    }
    let around: Vec<(&str, &str)> = rows.iter().filter_map(|(one, other)| other.split_once(*one)).collect();
    let befores: Vec<&str> = around.iter().map(|(before, _)| *before).collect();
    let afters: Vec<&str> = around.iter().map(|(_, after)| *after).collect();
    if around.len() == rows.len() && is_constant(&befores) && is_constant(&afters) {
        return Relation::Wrapped;
    }
    Relation::None
}

fn is_constant(texts: &[&str]) -> bool {
    texts.windows(2).all(|pair| pair.first() == pair.last())
}
