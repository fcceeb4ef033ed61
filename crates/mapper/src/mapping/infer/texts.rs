//! The text of the answer, and the reasoning before it, among all strings of an answer.

mod relations;

use std::collections::BTreeSet;

use super::Mapping;
use super::corpus::is_binary;
use super::statistics::{length, mean, number, share, spearman, variation};
use super::words::{Concept, keys, likeness};
use crate::mapping::document::Pick;
use crate::mapping::path::Path;

/// One way to read texts from the answers.
#[derive(Clone, Debug)]
pub(super) struct TextColumn {
    /// What the document would say.
    pub(super) mapping: Mapping,
    /// Where the texts stand, with the kind of pieces that they are in.
    pub(super) path: Path,
    /// The texts, by answer.
    pub(super) values: Vec<Option<String>>,
    /// Whether they come in many different parts, as what is streamed does.
    pub(super) is_streamed: bool,
}

/// What is known of the answers besides their texts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Surroundings<'a> {
    /// What the requests say, by answer.
    pub(super) said: &'a [&'a [String]],
    /// The counts in the answers, by place, by answer.
    pub(super) counts: &'a [Vec<Option<u64>>],
}

/// A column with what speaks for it.
#[derive(Clone, Debug)]
pub(super) struct ScoredText {
    pub(super) column: TextColumn,
    /// From 0 on; more than 1 is as good as 1, but further ahead.
    pub(super) score: f64,
    pub(super) reasons: Vec<String>,
    traits: Traits,
}

/// What a column's texts are like; all from 0 to 1.
#[derive(Clone, Copy, Debug, Default)]
struct Traits {
    name: f64,
    length: f64,
    distinct: f64,
    presence: f64,
    /// How much the lengths differ.
    spread: f64,
    follows_count: f64,
    echo: f64,
    prose: f64,
    data: f64,
    reasoning: f64,
    aside: f64,
}

/// What a column has to be to be the text by itself, where nothing else could be.
const ALONE: f64 = 0.3;
/// What being the only text that a count grows with speaks for it.
const FOLLOWED_ALONE: f64 = 0.15;
/// From which likeness on a name tells a text from another.
const NAMED: f64 = 0.6;
/// How much lengths differ at least where they are those of answers.
const SPREAD: f64 = 0.15;
/// What is told by its position alone may be another thing tomorrow.
const BY_POSITION: f64 = 0.05;
/// What parts that differ speak for a streamed text.
const STREAMED: f64 = 0.1;

impl ScoredText {
    /// Returns whether the place says that this is reasoning.
    pub(super) fn is_reasoning(&self) -> bool {
        self.traits.reasoning >= 0.75
    }

    /// Returns whether the requests say the same.
    pub(super) fn is_echo(&self) -> bool {
        self.traits.echo >= 0.5
    }

    /// Returns whether what stands there could be thoughts: it differs, and is to be read.
    pub(super) fn could_be_reasoning(&self) -> bool {
        self.is_reasoning() && self.traits.distinct >= 0.7 && self.traits.prose >= 0.5 && !self.is_echo()
    }

    /// Returns whether another text is as much like an answer, and this one has no name to tell it from that.
    pub(super) fn is_mistakable_for(&self, other: &Self) -> bool {
        let is_comparable = other.traits.presence >= 0.8 && other.traits.spread >= SPREAD;
        self.traits.name < NAMED && other.could_be_text() && other.traits.aside < 0.75 && is_comparable
    }

    /// Returns in how many answers it is, 0 to 1.
    pub(super) fn presence(&self) -> f64 {
        self.traits.presence
    }

    /// Returns whether it could be an answer: it differs, and is neither data nor said by the request.
    fn could_be_text(&self) -> bool {
        let traits = &self.traits;
        let is_varied = traits.distinct >= 0.5 && traits.presence >= 0.3;
        is_varied && traits.prose >= 0.5 && traits.data < 0.5 && !self.is_echo() && !self.is_reasoning()
    }
}

/// Returns the columns that could be the text, the best first; of those that say the same only the best.
pub(super) fn score(columns: Vec<TextColumn>, around: Surroundings<'_>) -> Vec<ScoredText> {
    let mut scored: Vec<ScoredText> =
        columns.into_iter().filter_map(|column| judge(column, around)).collect();
    order(&mut scored);
    let mut scored = relations::without_doubles(relations::without_mixtures(scored));
    let rivals: Vec<bool> = scored.iter().map(ScoredText::could_be_text).collect();
    let asides: Vec<bool> = scored.iter().map(|text| text.traits.aside >= 0.75).collect();
    let count = |at: usize| {
        let others = rivals.iter().zip(&asides).enumerate().filter(|(other, _)| *other != at);
        others.filter(|(_, (rival, aside))| **rival && !**aside).count()
    };
    let alone: Vec<bool> = (0..scored.len()).map(|at| count(at) == 0).collect();
    for (text, is_alone) in scored.iter_mut().zip(alone) {
        let weight = if text.could_be_text() { 1.0 } else { text.traits.name * 0.5 };
        if is_alone && !text.is_echo() && !text.is_reasoning() && text.traits.data < 0.5 {
            text.score += ALONE * weight;
            text.reasons.push("nothing else in the answer could be its text".to_owned());
        }
    }
    followed_alone(&mut scored);
    order(&mut scored);
    scored
}

/// Notes the one text whose length a count grows with, where there is but one.
fn followed_alone(scored: &mut [ScoredText]) {
    let closest = scored.iter().enumerate().filter(|(_, text)| text.could_be_text());
    let mut closest: Vec<(usize, f64)> = closest.map(|(at, text)| (at, text.traits.follows_count)).collect();
    closest.sort_by(|(_, one), (_, other)| other.total_cmp(one));
    let others = closest.get(1).map_or(0.0, |(_, follows)| *follows);
    let Some((at, follows)) = closest.first() else { return };
    if let Some(text) = scored.get_mut(*at).filter(|_| *follows >= 0.8 && others <= 0.5) {
        text.score += FOLLOWED_ALONE;
        text.reasons.push("of all texts only its length is what a count grows with".to_owned());
    }
}

/// Puts the best first; of equals the one whose place comes first.
fn order(scored: &mut [ScoredText]) {
    scored.sort_by(|one, other| {
        let by_place = || one.column.path.cmp(&other.column.path);
        other
            .score
            .total_cmp(&one.score)
            .then_with(by_place)
            .then_with(|| format!("{:?}", one.column.mapping).cmp(&format!("{:?}", other.column.mapping)))
    });
}

fn judge(column: TextColumn, around: Surroundings<'_>) -> Option<ScoredText> {
    let traits = Traits::of(&column, around)?;
    let mut score = 0.30 * traits.name
        + 0.20 * traits.length
        + 0.15 * traits.distinct
        + 0.10 * traits.presence
        + 0.25 * traits.follows_count
        - 0.70 * traits.echo
        - 0.60 * traits.data
        - 0.25 * traits.aside
        - 0.30 * traits.reasoning;
    if column.is_streamed {
        score += STREAMED;
    }
    if matches!(&column.mapping, Mapping::Text(text) if text.pick == Pick::Last) {
        score -= BY_POSITION;
    }
    if traits.distinct < 0.3 {
        score -= 0.4;
    }
    Some(ScoredText { reasons: traits.reasons(&column), score: score.max(0.0), column, traits })
}

impl Traits {
    fn of(column: &TextColumn, around: Surroundings<'_>) -> Option<Self> {
        let texts: Vec<&str> = column.values.iter().flatten().map(String::as_str).collect();
        let written: Vec<&str> = texts.iter().copied().filter(|text| !text.trim().is_empty()).collect();
        if written.is_empty() {
            return None;
        }
        let different: BTreeSet<&str> = written.iter().copied().collect();
        let lengths: Vec<f64> = written.iter().map(|text| number(text.chars().count())).collect();
        Some(Self {
            name: text_name(&column.path),
            length: (mean(&lengths) / 80.0).min(1.0),
            distinct: number(different.len()) / number(written.len()),
            presence: number(written.len()) / number(column.values.len()),
            spread: variation(&lengths),
            follows_count: follows_count(column, around.counts),
            echo: echo(column, around.said),
            prose: share(&written, |text| is_prose(text)),
            data: share(&written, |text| is_data(text)),
            reasoning: strongest(Concept::Reasoning, &column.path),
            aside: strongest(Concept::Aside, &column.path),
        })
    }

    fn reasons(&self, column: &TextColumn) -> Vec<String> {
        let mut reasons = Vec::new();
        let mut note = |holds: bool, reason: &str| {
            if holds {
                reasons.push(reason.to_owned());
            }
        };
        note(self.name >= 0.75, "its name says so");
        note(self.follows_count >= 0.5, "a count in the answer grows with its length");
        note(self.distinct >= 0.9 && self.prose >= 0.5, "it is to be read, and differs from call to call");
        note(column.is_streamed, "it comes in parts");
        note(self.presence < 0.9, "some answers lack it");
        note(self.echo >= 0.5, "the request says the same");
        note(self.data >= 0.5, "it looks like data");
        note(self.reasoning >= 0.75, "its name says that it is reasoning");
        note(self.aside >= 0.75, "its name says that it is no part of the answer");
        reasons
    }
}

/// Words that say of many things that they are texts.
const PLAIN_WORDS: [&str; 7] = ["text", "content", "value", "message", "body", "string", "data"];

/// Returns how much the names of a place speak for the text of an answer.
fn text_name(path: &Path) -> f64 {
    let mut names = keys(path);
    let leaf = names.next().unwrap_or_default();
    let above = names.next().map_or(0.0, |key| likeness(Concept::Text, key));
    let further = names.next().map_or(0.0, |key| likeness(Concept::Text, key));
    let own = likeness(Concept::Text, leaf);
    if PLAIN_WORDS.contains(&leaf.to_ascii_lowercase().as_str()) {
        return 0.75 * own.max(0.8) + 0.25 * above.max(0.8 * further);
    }
    own.max(0.8 * above).max(0.6 * further)
}

fn strongest(concept: Concept, path: &Path) -> f64 {
    let likest = keys(path).map(|key| likeness(concept, key)).fold(0.0, f64::max);
    if likest >= 0.75 { likest } else { 0.0 }
}

/// Returns how well a count of the answer follows the lengths: 0 up to what chance does, 1 for always.
fn follows_count(column: &TextColumn, counts: &[Vec<Option<u64>>]) -> f64 {
    let best = counts.iter().map(|count| {
        let rows = column.values.iter().zip(count);
        let pairs: Vec<(u64, u64)> =
            rows.filter_map(|(text, count)| Some((length(text.as_ref()?), (*count)?))).collect();
        if pairs.len() * 2 < column.values.len() { 0.0 } else { spearman(&pairs) }
    });
    ((best.fold(0.0, f64::max) - 0.4) / 0.6).max(0.0)
}

/// From how many letters on the same text in request and answer is no chance.
const ECHO_LETTERS: usize = 12;
/// From how many letters on what was asked, found in an answer, makes it an echo.
const QUOTE_LETTERS: usize = 24;

/// Returns in how many answers the text is what the request says, or has it in it.
fn echo(column: &TextColumn, said: &[&[String]]) -> f64 {
    let rows: Vec<(&String, &&[String])> =
        column.values.iter().zip(said).filter_map(|(text, said)| Some((text.as_ref()?, said))).collect();
    share(&rows, |(text, said)| {
        let text = text.trim();
        let is_said = |line: &String| {
            let line = line.trim();
            line == text || (text.chars().count() >= ECHO_LETTERS && line.contains(text))
        };
        let longest = said.iter().max_by_key(|line| line.len());
        let is_quoted =
            longest.is_some_and(|line| line.chars().count() >= QUOTE_LETTERS && text.contains(line.trim()));
        !text.is_empty() && (said.iter().any(is_said) || is_quoted)
    })
}

/// Returns whether a text is one to read: several words, most of it letters.
pub(super) fn is_prose(text: &str) -> bool {
    let letters = text.chars().filter(|letter| letter.is_alphabetic()).count();
    let wide = text.chars().filter(|letter| letter.is_alphabetic() && !letter.is_ascii()).count();
    let words = text.split_whitespace().count();
    let visible = text.chars().filter(|letter| !letter.is_whitespace()).count();
    let is_written = letters * 2 >= visible && letters > 0;
    is_written && !is_data(text) && (words >= 3 || wide >= 6)
}

/// Returns whether a text is an id, a date, an address or a file.
pub(super) fn is_data(text: &str) -> bool {
    let text = text.trim();
    if text.contains(char::is_whitespace) || !text.is_ascii() {
        return is_date(text);
    }
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_address = text.contains("://") || text.starts_with("www.");
    let is_id = text.len() >= 8 && digits >= 2 && text.bytes().all(is_id_byte);
    is_address || is_id || is_binary(text) || is_date(text)
}

fn is_id_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b':' | b'.' | b'+' | b'/' | b'=')
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    text.len() <= 40 && (0..4).all(digit) && bytes.get(4) == Some(&b'-') && digit(5) && digit(6)
}

#[cfg(test)]
mod tests;
