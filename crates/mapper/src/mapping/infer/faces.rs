//! The two faces of an API: answers in one piece, and streams.

use super::columns::{self, Pieces};
use super::corpus::Case;
use super::counts::{self, CountColumn, Of, Yardsticks};
use super::statistics::length;
use super::table::Table;
use super::texts::{ScoredText, Surroundings, TextColumn, score};
use super::usage::{Basis, Lengths, UsageCandidate, candidates};
use super::{Candidate, Mapping};
use crate::mapping::document::{StreamUsage, UsageMode};
use crate::mapping::evaluate::counts::Counted;
use crate::mapping::tree::Node;

/// Texts and counts of one face.
pub(super) struct Read {
    pub(super) texts: Vec<ScoredText>,
    pub(super) usage: Vec<UsageCandidate>,
}

/// What requests say, by answer.
pub(super) struct Said {
    /// Every string.
    pub(super) lines: Vec<Vec<String>>,
    /// What is known to be said to the model; nothing while that is not known.
    pub(super) conversation: Vec<String>,
}

/// Returns the table of all answers, pieces of streams in the rows of their answers, only for names of models.
pub(super) fn answer_table<'a>(plain: &[&'a Case<'_>], streamed: &[&'a Case<'_>]) -> Table<'a> {
    let empty = &Node::Null;
    let first =
        |case: &'a Case<'_>| case.stream().and_then(|stream| stream.pieces.first()).map(|piece| &piece.node);
    let nodes: Vec<&'a Node> = plain
        .iter()
        .map(|case| case.whole().unwrap_or(empty))
        .chain(streamed.iter().map(|case| first(case).unwrap_or(empty)))
        .collect();
    Table::of(&nodes)
}

/// Reads texts and counts of answers in one piece.
pub(super) fn whole(cases: &[&Case<'_>], table: &Table<'_>, said: &Said) -> Read {
    let counts = counts::of_whole(table);
    let columns = columns::of_whole(table);
    let mut sticks = Yardsticks::default();
    sticks.add_table(table, cases.len(), &|row| row);
    read(columns, &counts, said, sticks)
}

/// Reads texts and counts of streams; counts are the latest ones of each or, where nothing holds between those, the
/// greatest.
pub(super) fn streams(pieces: &Pieces<'_>, table: &Table<'_>, said: &Said) -> (Read, bool) {
    let of = |of: Of| {
        let counts = counts::of_streams(pieces, table, of);
        let mut sticks = Yardsticks::default();
        sticks
            .add_table(table, pieces.streams, &|row| pieces.stream_of.get(row).copied().unwrap_or_default());
        read(columns::of_streams(pieces, table), &counts, said, sticks)
    };
    let latest = of(Of::Latest);
    let holds = |read: &Read| read.usage.first().is_some_and(|usage| usage.basis == Basis::Identity);
    if holds(&latest) {
        return (latest, false);
    }
    let greatest = of(Of::Greatest);
    if holds(&greatest) { (greatest, true) } else { (latest, false) }
}

fn read(columns: Vec<TextColumn>, counts: &[CountColumn], said: &Said, mut sticks: Yardsticks) -> Read {
    let answers = said.lines.len();
    for column in &columns {
        sticks.add_texts(&column.values.iter().map(Option::as_deref).collect::<Vec<_>>());
    }
    let joined: Vec<String> = said.lines.iter().map(|lines| lines.concat()).collect();
    sticks.add_texts(&joined.iter().map(|text| Some(text.as_str())).collect::<Vec<_>>());
    sticks.add_texts(&said.conversation.iter().map(|text| Some(text.as_str())).collect::<Vec<_>>());
    let lines: Vec<&[String]> = said.lines.iter().map(Vec::as_slice).collect();
    let values: Vec<Vec<Option<u64>>> =
        counts.iter().filter(|column| !sticks.is_tally(column)).map(|column| column.values.clone()).collect();
    let texts = score(columns, Surroundings { said: &lines, counts: &values });
    let text = texts.iter().find(|text| !text.is_reasoning() && !text.is_echo());
    let reasoning = texts.iter().find(|text| text.could_be_reasoning());
    let lengths = lengths(said, text, reasoning, answers);
    let usage = candidates(counts, &sticks, &lengths);
    Read { texts, usage }
}

fn lengths(
    said: &Said,
    text: Option<&ScoredText>,
    reasoning: Option<&ScoredText>,
    answers: usize,
) -> Lengths {
    let value = |text: Option<&ScoredText>, at: usize| {
        text.and_then(|text| text.column.values.get(at)?.as_deref()).map(length)
    };
    let total = |at: usize| {
        let (text, reasoning) = (value(text, at), value(reasoning, at));
        text.map(|text| text.saturating_add(reasoning.unwrap_or(0)))
    };
    let all: String = text
        .map(|text| text.column.values.iter().flatten().map(String::as_str).collect())
        .unwrap_or_default();
    let wide = all.chars().filter(|letter| letter.is_alphabetic() && !letter.is_ascii()).count();
    Lengths {
        said: said.lines.iter().map(|lines| lines.iter().map(|line| length(line)).sum()).collect(),
        conversation: said.conversation.iter().map(|text| length(text)).collect(),
        text: (0..answers).map(|at| value(text, at)).collect(),
        with_reasoning: (0..answers).map(total).collect(),
        beside: text.map(|text| text.column.path.parent()).filter(|place| !place.segments().is_empty()),
        wide: crate::mapping::shape::ratio(wide, all.chars().count()),
    }
}

/// Returns the candidates of a stream's usage: which of its counts are meant is told by where they stand.
pub(super) fn streamed_usage(
    found: Vec<UsageCandidate>,
    cases: &[&Case<'_>],
    is_greatest: bool,
) -> Vec<(Candidate, UsageCandidate)> {
    let with_mode = |usage: UsageCandidate| {
        let merged = StreamUsage {
            counts: usage.mapping.clone(),
            mode: if is_greatest { UsageMode::Max } else { UsageMode::Merge },
        };
        let last = StreamUsage { mode: UsageMode::Last, ..merged.clone() };
        let streams = || cases.iter().filter_map(|case| case.stream());
        let is_last = streams().all(|stream| {
            let counted = last.read(stream);
            counted == merged.read(stream) && counted != Counted::Violated
        });
        let mapping = Mapping::StreamUsage(if is_last { last } else { merged });
        (candidate(&usage, mapping), usage)
    };
    found.into_iter().map(with_mode).collect()
}

/// Returns a way to read usage as it is shown.
pub(super) fn candidate(usage: &UsageCandidate, mapping: Mapping) -> Candidate {
    let mut reasons = usage.reasons.clone();
    reasons.extend(usage.doubt.clone());
    Candidate { mapping, score: usage.score, reasons, examples: Vec::new() }
}
