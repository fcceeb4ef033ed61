//! Candidates for texts: every string of the answers, in every way in which it could make up a text.

use std::collections::{BTreeMap, BTreeSet};

use super::Mapping;
use super::corpus::Case;
use super::table::{Column, Table};
use super::texts::TextColumn;
use super::words::{Concept, leaf, likeness, place_likeness};
use crate::mapping::document::{Pick, Select, StreamText, TextMapping, TextMode};
use crate::mapping::path::{Path, Segment};
use crate::mapping::pieces::Piece;
use crate::mapping::tree::Node;

/// How many columns are looked at: those with the most to read.
const MOST_COLUMNS: usize = 128;
/// How many values a member may have that tells the kinds of pieces apart.
const MOST_KINDS: usize = 16;

/// Returns the ways to read texts from answers in one piece.
pub(super) fn of_whole(table: &Table<'_>) -> Vec<TextColumn> {
    let mut columns = Vec::new();
    for (path, column) in table.columns.iter().filter(|(path, column)| may_be_text(path, column)) {
        let has_several =
            column.windows(2).any(|pair| pair.first().map(|cell| cell.0) == pair.last().map(|cell| cell.0));
        let picks: &[Pick] = if is_of_choices(path, table) {
            &[Pick::First]
        } else if has_several {
            &[Pick::All, Pick::Last]
        } else {
            &[Pick::All]
        };
        for pick in picks {
            let mapping = TextMapping { path: path.clone(), join: String::new(), pick: *pick };
            columns.push(TextColumn {
                values: values(column, table.rows, *pick),
                path: path.clone(),
                mapping: Mapping::Text(mapping),
                is_streamed: false,
            });
        }
    }
    longest(columns)
}

/// Returns the columns that have the most to read, where there are very many.
fn longest(mut columns: Vec<TextColumn>) -> Vec<TextColumn> {
    let letters = |column: &TextColumn| column.values.iter().flatten().map(String::len).sum::<usize>();
    if columns.len() > MOST_COLUMNS {
        columns.sort_by_cached_key(|column| (std::cmp::Reverse(letters(column)), column.path.clone()));
        columns.truncate(MOST_COLUMNS);
    }
    columns
}

fn values(column: &Column<'_>, rows: usize, pick: Pick) -> Vec<Option<String>> {
    let mut values: Vec<Option<String>> = vec![None; rows];
    for (row, node) in column {
        let (Some(text), Some(value)) = (node.text(), values.get_mut(*row)) else { continue };
        match pick {
            Pick::All => value.get_or_insert_default().push_str(text),
            Pick::First if value.is_some() => {}
            Pick::First | Pick::Last => *value = Some(text.to_owned()),
        }
    }
    values
}

fn may_be_text(path: &Path, column: &Column<'_>) -> bool {
    let is_bookkeeping = likeness(Concept::Bookkeeping, leaf(path)) >= 1.0;
    !is_bookkeeping && column.iter().any(|(_, node)| node.text().is_some_and(|text| !text.trim().is_empty()))
}

/// Returns whether a place is one of several answers to the same question: they are numbered, or named so.
fn is_of_choices(path: &Path, table: &Table<'_>) -> bool {
    let Some(at) = path.segments().iter().position(|segment| *segment == Segment::Each) else { return false };
    let Some((above, _)) = path.segments().split_at_checked(at) else { return false };
    let array = Path::new(above.to_vec());
    let element = array.joined(&Path::new(vec![Segment::Each]));
    let is_named = likeness(Concept::Choices, leaf(&array)) >= 0.9;
    let below =
        |path: &Path| path.segments().len() == at + 2 && path.segments().starts_with(element.segments());
    let mut siblings = table.columns.iter().filter(|(path, _)| below(path));
    let ends = siblings.clone().any(|(path, _)| place_likeness(Concept::Finish, path) >= 0.9);
    let is_numbered = siblings.any(|(_, column)| is_numbering(column));
    is_named || (ends && is_numbered)
}

/// Whether a column counts the elements of each body from 0 or 1.
fn is_numbering(column: &Column<'_>) -> bool {
    let mut places: BTreeMap<usize, u64> = BTreeMap::new();
    let first = column.first().and_then(|(_, node)| node.count());
    let Some(first @ (0 | 1)) = first else { return false };
    column.iter().all(|(row, node)| {
        let expected = places.entry(*row).or_insert(first);
        let is_next = node.count() == Some(*expected);
        *expected += 1;
        is_next
    })
}

/// The pieces of all streams, and of which stream each is.
pub(super) struct Pieces<'a> {
    pub(super) pieces: Vec<&'a Piece>,
    pub(super) stream_of: Vec<usize>,
    pub(super) streams: usize,
}

impl<'a> Pieces<'a> {
    pub(super) fn of(cases: &[&'a Case<'_>]) -> Self {
        let mut all = Self { pieces: Vec::new(), stream_of: Vec::new(), streams: cases.len() };
        for (at, stream) in cases.iter().enumerate().filter_map(|(at, case)| Some((at, case.stream()?))) {
            all.pieces.extend(&stream.pieces);
            all.stream_of.extend(stream.pieces.iter().map(|_| at));
        }
        all
    }

    pub(super) fn table(&self) -> Table<'a> {
        let nodes: Vec<&'a Node> = self.pieces.iter().map(|piece| &piece.node).collect();
        Table::of(&nodes)
    }

    fn stream(&self, row: usize) -> usize {
        self.stream_of.get(row).copied().unwrap_or_default()
    }

    /// Returns every selection of pieces by what they say they are, that of all pieces first.
    fn selections(&self, table: &Table<'_>) -> Vec<(Select, BTreeSet<usize>)> {
        let mut selections = vec![(Select::default(), (0..self.pieces.len()).collect())];
        let mut by_event: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
        for (row, piece) in self.pieces.iter().enumerate() {
            if let Some(event) = &piece.event {
                by_event.entry(event).or_default().insert(row);
            }
        }
        if by_event.len() <= MOST_KINDS {
            selections.extend(
                by_event.into_iter().map(|(event, rows)| {
                    (Select { event: Some(event.to_owned()), ..Select::default() }, rows)
                }),
            );
        }
        for (path, column) in &table.columns {
            for (value, rows) in self.kinds(path, column) {
                let members = BTreeMap::from([(path.clone(), value)]);
                selections.push((Select { members, ..Select::default() }, rows));
            }
        }
        selections
    }

    /// Returns the pieces by the strings that a column has, if it tells kinds of them apart.
    fn kinds(&self, path: &Path, column: &Column<'_>) -> BTreeMap<String, BTreeSet<usize>> {
        let mut kinds: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
        let mut by_stream: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        let is_single = path.segments().iter().all(|segment| matches!(segment, Segment::Key(_)));
        if !is_single || column.len() * 10 < self.pieces.len() * 6 {
            return kinds;
        }
        for (row, node) in column {
            let Some(text) = node.text().filter(|text| is_kind(text)) else { return BTreeMap::new() };
            by_stream.entry(self.stream(*row)).or_default().insert(text);
            kinds.entry(text.to_owned()).or_default().insert(*row);
            if kinds.len() > MOST_KINDS {
                return BTreeMap::new();
            }
        }
        let varied = by_stream.values().filter(|values| values.len() > 1).count();
        if varied * 2 < by_stream.len() || column.len() < kinds.len() * 3 { BTreeMap::new() } else { kinds }
    }
}

fn is_kind(text: &str) -> bool {
    !text.is_empty() && text.len() <= 48 && !text.contains(char::is_whitespace)
}

/// Returns the ways to read texts from streams.
pub(super) fn of_streams(pieces: &Pieces<'_>, table: &Table<'_>) -> Vec<TextColumn> {
    let selections = pieces.selections(table);
    let mut columns = Vec::new();
    for (path, column) in table.columns.iter().filter(|(path, column)| may_be_text(path, column)) {
        let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
        for (select, rows) in &selections {
            let cells: Vec<(usize, &Node)> =
                column.iter().copied().filter(|(row, _)| rows.contains(row)).collect();
            let of_rows: Vec<usize> = cells.iter().map(|(row, _)| *row).collect();
            // A selection that leaves nothing out says nothing new.
            if cells.is_empty() || !seen.insert(of_rows) {
                continue;
            }
            columns.extend(assembled(pieces, path, select, &cells));
        }
    }
    longest(columns)
}

/// Returns a place with what its pieces say that they are before it.
fn described(select: &Select, path: &Path) -> Path {
    let event = select.event.iter().map(|event| ("event", event));
    let members = select.members.iter().map(|(path, value)| (leaf(path), value));
    let kinds =
        event.chain(members).map(|(key, value)| Segment::Where { key: key.to_owned(), value: value.clone() });
    Path::new(kinds.chain(path.segments().iter().cloned()).collect())
}

/// Returns the texts that cells make up, in the one way in which they do.
fn assembled(
    pieces: &Pieces<'_>,
    path: &Path,
    select: &Select,
    cells: &[(usize, &Node)],
) -> Option<TextColumn> {
    let mut parts: Vec<Vec<(usize, String)>> = vec![Vec::new(); pieces.streams];
    for (row, node) in cells {
        let (Some(text), Some(of_stream)) = (node.text(), parts.get_mut(pieces.stream(*row))) else {
            continue;
        };
        match of_stream.last_mut() {
            Some((last, part)) if last == row => part.push_str(text),
            _ => of_stream.push((*row, text.to_owned())),
        }
    }
    let parts: Vec<Vec<String>> =
        parts.into_iter().map(|parts| parts.into_iter().map(|(_, part)| part).collect()).collect();
    if are_words(&parts) {
        return None;
    }
    let mode = if is_growing(&parts) { TextMode::Last } else { TextMode::Concat };
    if mode == TextMode::Concat && repeats_itself(&parts) {
        return None;
    }
    let value = |parts: &Vec<String>| match mode {
        TextMode::Concat => Some(parts.concat()).filter(|_| !parts.is_empty()),
        TextMode::Last => parts.last().cloned(),
    };
    Some(TextColumn {
        values: parts.iter().map(value).collect(),
        path: described(select, path),
        mapping: Mapping::StreamText(StreamText { select: select.clone(), path: path.clone(), mode }),
        is_streamed: is_in_parts(&parts),
    })
}

/// Returns whether the parts are a few words again and again, as reasons of an end and kinds are.
fn are_words(parts: &[Vec<String>]) -> bool {
    let all: BTreeSet<&String> = parts.iter().flatten().collect();
    let count = parts.iter().map(Vec::len).sum::<usize>();
    all.len() <= MOST_KINDS
        && all.len() * 4 <= count
        && all.iter().all(|word| word.is_empty() || is_kind(word))
}

/// Returns whether each part has the one before it at its beginning: what came so far is sent again and again.
fn is_growing(parts: &[Vec<String>]) -> bool {
    let mut steps = parts.iter().flat_map(|parts| parts.windows(2)).peekable();
    let grows = |pair: &[String]| match pair {
        [before, after] => !before.is_empty() && after.starts_with(before.as_str()),
        _ => true,
    };
    steps.peek().is_some() && steps.all(grows)
}

/// Returns whether the last part is all others together, in most of the streams.
fn repeats_itself(parts: &[Vec<String>]) -> bool {
    let long: Vec<&Vec<String>> = parts.iter().filter(|parts| parts.len() >= 3).collect();
    let repeats = long.iter().filter(|parts| {
        parts
            .split_last()
            .is_some_and(|(last, before)| !last.is_empty() && before.concat().trim() == last.trim())
    });
    !long.is_empty() && repeats.count() * 2 >= long.len()
}

/// Returns whether the texts come in several parts that differ.
fn is_in_parts(parts: &[Vec<String>]) -> bool {
    let long: Vec<&Vec<String>> = parts.iter().filter(|parts| parts.len() >= 3).collect();
    let differ = |parts: &&&Vec<String>| parts.iter().collect::<BTreeSet<_>>().len() * 3 >= parts.len();
    long.len() * 2 >= parts.len()
        && !long.is_empty()
        && long.iter().filter(differ).count() * 10 >= long.len() * 8
}
