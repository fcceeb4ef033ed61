//! The counts in answers, and what is known of them besides their values.

use std::collections::BTreeMap;

use super::columns::Pieces;
use super::statistics::{length, share, spearman};
use super::table::Table;
use super::words::{Concept, keys, leaf, likeness, place_likeness, speaks_of};
use crate::mapping::path::Path;
use crate::mapping::tree::Node;

/// From which number on a count may be a time.
const EPOCH: u64 = 1_000_000_000;
/// How many columns are looked at.
const MOST_COLUMNS: usize = 200;
/// How like another column a count may be, before it is taken for that.
const NEARLY_ALL: f64 = 0.8;

/// A column of counts.
#[derive(Clone, Debug)]
pub(super) struct CountColumn {
    pub(super) path: Path,
    /// The counts, by answer.
    pub(super) values: Vec<Option<u64>>,
    /// What the place says of them.
    pub(super) name: Name,
}

/// What the place of a count says of it, each from 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Name {
    pub(super) input: f64,
    pub(super) output: f64,
    pub(super) total: f64,
    pub(super) cached: f64,
    pub(super) reasoning: f64,
    pub(super) is_token: bool,
    pub(super) is_written: bool,
    /// Whether it says that something else is counted.
    pub(super) is_foreign: bool,
}

impl Name {
    fn of(path: &Path) -> Self {
        let like = |concept| place_likeness(concept, path);
        let is_token = keys(path).take(2).any(|key| likeness(Concept::Token, key) > 0.0);
        let leaf_is_token = speaks_of(Concept::Token, leaf(path));
        let is_measured = |key: &str| likeness(Concept::NotTokens, key) > 0.0;
        let is_limited = |key: &str| likeness(Concept::Quota, key) > 0.0;
        let mut above = keys(path).skip(1);
        let is_foreign = is_measured(leaf(path))
            || keys(path).any(is_limited)
            || (!leaf_is_token && above.any(is_measured));
        Self {
            input: like(Concept::Input),
            output: like(Concept::Output),
            total: like(Concept::Total),
            cached: like(Concept::Cached),
            reasoning: like(Concept::Reasoning),
            is_token,
            is_written: speaks_of(Concept::Writing, leaf(path)),
            is_foreign,
        }
    }

    /// Returns whether the place says that this is a part of another count.
    pub(super) fn is_part(&self) -> bool {
        self.cached >= 0.7 || self.reasoning >= 0.7
    }
}

impl CountColumn {
    /// Returns the rows in which all of these have a count.
    pub(super) fn rows<const N: usize>(columns: [&Self; N]) -> Vec<[u64; N]> {
        let rows = columns.iter().map(|column| column.values.len()).min().unwrap_or(0);
        let row = |at: usize| {
            let mut counts = [0; N];
            for (count, column) in counts.iter_mut().zip(columns) {
                *count = column.values.get(at).copied().flatten()?;
            }
            Some(counts)
        };
        (0..rows).filter_map(row).collect()
    }

    pub(super) fn is_constant(&self) -> bool {
        let mut values = self.values.iter().flatten();
        let first = values.next();
        values.all(|value| Some(value) == first)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.values.iter().flatten().all(|value| *value == 0)
    }

    pub(super) fn present(&self) -> usize {
        self.values.iter().flatten().count()
    }
}

/// Returns the counts of answers in one piece.
pub(super) fn of_whole(table: &Table<'_>) -> Vec<CountColumn> {
    let single = table.columns.iter().filter_map(|(path, column)| {
        let mut values: Vec<Option<u64>> = vec![None; table.rows];
        for (row, node) in column {
            let Some(count) = counted(path, node)? else { continue };
            let value = values.get_mut(*row)?;
            if value.replace(count).is_some() {
                return None;
            }
        }
        Some((path, values))
    });
    named(single)
}

/// Which of the counts of a stream make up a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    Latest,
    Greatest,
}

/// Returns the counts of streams: the latest or the greatest of each.
pub(super) fn of_streams(pieces: &Pieces<'_>, table: &Table<'_>, of: Of) -> Vec<CountColumn> {
    let merged = table.columns.iter().filter_map(|(path, column)| {
        let mut values: Vec<Option<u64>> = vec![None; pieces.streams];
        let mut last_row = None;
        for (row, node) in column {
            let Some(count) = counted(path, node)? else { continue };
            if last_row.replace(*row) == Some(*row) {
                return None;
            }
            let value = values.get_mut(*pieces.stream_of.get(*row)?)?;
            *value = match (of, *value) {
                (Of::Greatest, Some(before)) => Some(count.max(before)),
                _ => Some(count),
            };
        }
        Some((path, values))
    });
    named(merged)
}

fn named<'a>(columns: impl Iterator<Item = (&'a Path, Vec<Option<u64>>)>) -> Vec<CountColumn> {
    let mut counts: Vec<CountColumn> = columns
        .filter(|(_, values)| values.iter().any(Option::is_some))
        .map(|(path, values)| CountColumn { path: path.clone(), values, name: Name::of(path) })
        .collect();
    // Where there are very many, names choose.
    counts.sort_by_key(|column| !column.name.is_token);
    counts.truncate(MOST_COLUMNS);
    counts
}

/// Returns the count at a leaf, nothing for `null`; `None` for what is no count.
#[expect(clippy::option_option, reason = "what is no count is another thing than no count")]
fn counted(path: &Path, node: &Node) -> Option<Option<u64>> {
    match node {
        Node::Null => Some(None),
        Node::Text(_) if !speaks_of(Concept::Token, leaf(path)) => None,
        node => node.count().map(Some),
    }
}

/// What the answers and requests have besides counts that a count may be about.
#[derive(Debug, Default)]
pub(super) struct Yardsticks {
    /// How many letters, bytes and words texts have, each by answer, and whether those are words.
    tallies: Vec<(Vec<Option<u64>>, bool)>,
    /// Times, each by answer.
    clocks: Vec<Vec<Option<u64>>>,
    /// The places whose unit is said to be another than tokens.
    foreign: Vec<Path>,
}

impl Yardsticks {
    /// Takes the lengths of these texts, by answer.
    pub(super) fn add_texts(&mut self, texts: &[Option<&str>]) {
        let tally = |of: fn(&str) -> u64| texts.iter().map(|text| text.map(of)).collect::<Vec<_>>();
        self.tallies.push((tally(length), false));
        self.tallies.push((tally(|text| text.len() as u64), false));
        self.tallies.push((tally(|text| text.split_whitespace().count() as u64), true));
    }

    /// Takes times and units from a table; `answer_of` tells of which answer a row is.
    pub(super) fn add_table(
        &mut self,
        table: &Table<'_>,
        answers: usize,
        answer_of: &dyn Fn(usize) -> usize,
    ) {
        for (path, column) in &table.columns {
            let texts: Vec<(usize, &str)> =
                column.iter().filter_map(|(row, node)| Some((answer_of(*row), node.text()?))).collect();
            if texts.is_empty() {
                self.add_clock(column.iter().map(|(row, node)| (answer_of(*row), node.count())), answers);
                continue;
            }
            let is_unit = |(_, text): &(usize, &str)| likeness(Concept::NotTokens, text) >= 0.9;
            let is_named = likeness(Concept::Unit, leaf(path)) >= 0.9 || texts.len() > 2;
            if is_named && texts.iter().all(is_unit) {
                self.foreign.push(path.parent());
            }
            self.add_dates(&texts, answers);
        }
    }

    fn add_clock(&mut self, counts: impl Iterator<Item = (usize, Option<u64>)>, answers: usize) {
        let mut clock: Vec<Option<u64>> = vec![None; answers];
        for (answer, count) in counts {
            if let (Some(slot), Some(count)) = (clock.get_mut(answer), count) {
                *slot = Some(count);
            }
        }
        if clock.iter().flatten().count() >= 5 && clock.iter().flatten().all(|time| *time >= EPOCH) {
            self.clocks.push(clock);
        }
    }

    fn add_dates(&mut self, texts: &[(usize, &str)], answers: usize) {
        let is_date = |text: &str| {
            text.len() >= 10 && text.as_bytes().get(4) == Some(&b'-') && super::texts::is_data(text)
        };
        if !texts.iter().all(|(_, text)| is_date(text)) {
            return;
        }
        let mut sorted: Vec<&str> = texts.iter().map(|(_, text)| *text).collect();
        sorted.sort_unstable();
        let ranks: BTreeMap<&str, u64> =
            sorted.iter().zip(EPOCH..).map(|(text, rank)| (*text, rank)).collect();
        self.add_clock(texts.iter().map(|(answer, text)| (*answer, ranks.get(text).copied())), answers);
    }

    /// Returns whether a count is how many letters, bytes or words a text has.
    pub(super) fn is_tally(&self, column: &CountColumn) -> bool {
        let is_one = |(tally, words): &(Vec<Option<u64>>, bool)| {
            let pairs = column.values.iter().zip(tally);
            let rows: Vec<(u64, u64)> = pairs.filter_map(|(one, other)| Some(((*one)?, (*other)?))).collect();
            let is_comparable =
                rows.len() >= 3 && rows.len() * 2 >= column.present() && !column.is_constant();
            is_comparable
                && !(*words && column.name.is_token)
                && share(&rows, |(one, other)| one == other) >= NEARLY_ALL
        };
        self.tallies.iter().any(is_one)
    }

    /// Returns why a count is none of tokens, if it is not.
    pub(super) fn objection(&self, column: &CountColumn) -> Option<&'static str> {
        if column.name.is_foreign {
            return Some("its name says that it counts something else");
        }
        let parent = column.path.parent();
        if self.foreign.iter().any(|place| !place.segments().is_empty() && *place == parent) {
            return Some("its unit is another");
        }
        if self.is_tally(column) {
            return Some("it is how many letters or words a text has");
        }
        let follows = |clock: &Vec<Option<u64>>| {
            let rows: Vec<(u64, u64)> = column
                .values
                .iter()
                .zip(clock)
                .filter_map(|(one, other)| Some(((*one)?, (*other)?)))
                .collect();
            rows.len() >= 6 && spearman(&rows).abs() >= 0.98
        };
        if self.clocks.iter().any(follows) {
            return Some("it grows, or shrinks, with time");
        }
        column.values.iter().flatten().any(|count| *count >= EPOCH).then_some("it is too large")
    }
}
