//! How answers end: the reason, the tools that are to be called, and what went wrong.

use std::collections::{BTreeMap, BTreeSet};

use super::corpus::Case;
use super::requests::sorted;
use super::statistics::{length, mean, number_of, share};
use super::table::{Column, Table};
use super::texts::is_prose;
use super::words::lists::ENDS;
use super::words::{Concept, keys, leaf, likeness, place_likeness, tokens};
use super::{Candidate, Mapping};
use crate::mapping::document::{FinishMapping, ToolCallsMapping};
use crate::mapping::path::{Path, Segment};
use crate::mapping::tree::Node;

/// What a reason of an end needs to be taken without asking.
pub(super) const FINISH_FLOOR: f64 = 0.75;
/// What an error needs.
pub(super) const ERROR_FLOOR: f64 = 0.6;

/// Returns the candidates for the reason of an end, the best first. `rows` are the answers, which may have many
/// pieces.
pub(super) fn finish(table: &Table<'_>, rows: usize) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (path, column) in &table.columns {
        let values = texts(column);
        let different: BTreeSet<&&str> = values.iter().collect();
        let is_word = |value: &&str| value.chars().count() <= 40 && value.split_whitespace().count() <= 3;
        let recurs = different.len() <= 8 && different.len() * 2 <= values.len().max(2);
        if values.is_empty() || values.len() * 2 < rows || !recurs || !values.iter().all(is_word) {
            continue;
        }
        let known = share(&values, |value| our_end(value).is_some());
        let name = place_likeness(Concept::Finish, path);
        let score = 0.5 * known + 0.5 * name;
        let is_status = likeness(Concept::Bookkeeping, leaf(path)) >= 1.0 && name < 0.9;
        if score >= 0.45 {
            let mut reasons = Vec::new();
            if known >= 0.5 {
                reasons.push("its values are words for ends".to_owned());
            }
            if name >= 0.75 {
                reasons.push("its name says so".to_owned());
            }
            let mapping = Mapping::Finish(FinishMapping { path: path.clone(), map: ends(column) });
            let score = if is_status { score - 0.2 } else { score };
            candidates.push(Candidate { mapping, score, reasons, examples: Vec::new() });
        }
    }
    sorted(candidates)
}

fn our_end(value: &str) -> Option<&'static str> {
    let word = tokens(value).concat();
    ENDS.iter().find(|(theirs, _)| *theirs == word).map(|(_, ours)| *ours)
}

/// Returns our words for all ends that were seen; a word that is not known stands for itself.
pub(super) fn ends(column: &Column<'_>) -> BTreeMap<String, String> {
    let words = texts(column).into_iter();
    words.map(|word| (word.to_owned(), our_end(word).unwrap_or(word).to_owned())).collect()
}

fn texts<'a>(column: &Column<'a>) -> Vec<&'a str> {
    column.iter().filter_map(|(_, node)| node.text()).filter(|text| !text.is_empty()).collect()
}

/// Returns the candidates for what went wrong, from calls that failed.
pub(super) fn error(table: &Table<'_>) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (path, column) in &table.columns {
        let values = texts(column);
        let rows: BTreeSet<usize> = column.iter().map(|(row, _)| *row).collect();
        if values.is_empty() || rows.len() * 2 < table.rows {
            continue;
        }
        let lengths: Vec<f64> = values.iter().map(|value| number_of(length(value))).collect();
        let is_sentence = share(&values, |value| is_prose(value));
        let name = keys(path).take(3).map(|key| likeness(Concept::Error, key)).fold(0.0, f64::max);
        let score = 0.4 * name + 0.3 * is_sentence + 0.3 * (mean(&lengths) / 30.0).min(1.0);
        if score >= 0.3 {
            let reasons = vec!["calls that failed say it".to_owned()];
            candidates.push(Candidate {
                mapping: Mapping::Path(path.clone()),
                score,
                reasons,
                examples: Vec::new(),
            });
        }
    }
    sorted(candidates)
}

/// Returns the candidates for calls of tools: objects that name a tool which the request declares.
pub(super) fn tool_calls(cases: &[&Case<'_>], answers: &Table<'_>) -> Vec<Candidate> {
    let declared: Vec<BTreeSet<String>> = cases.iter().map(|case| declared(&case.request)).collect();
    if declared.iter().all(BTreeSet::is_empty) {
        return Vec::new();
    }
    let mut candidates = Vec::new();
    for (path, column) in &answers.columns {
        let has_selector = path.segments().iter().any(|segment| matches!(segment, Segment::Where { .. }));
        let names: Vec<(usize, &str)> =
            column.iter().filter_map(|(row, node)| Some((*row, node.text()?))).collect();
        let is_declared =
            |(row, name): &(usize, &str)| declared.get(*row).is_some_and(|names| names.contains(*name));
        if names.is_empty() || names.len() < column.len() || has_selector || !names.iter().all(is_declared) {
            continue;
        }
        candidates.extend(call(path, cases));
    }
    sorted(candidates)
}

/// Returns the mapping of the calls whose names stand at `path`, if they have arguments.
fn call(path: &Path, cases: &[&Case<'_>]) -> Option<Candidate> {
    let at = path.segments().iter().rposition(|segment| *segment == Segment::Each);
    let depth = at.map_or(path.segments().len().saturating_sub(1), |at| at + 1);
    let (each, name) = path.segments().split_at_checked(depth)?;
    let each = Path::new(each.to_vec());
    let name = Path::new(name.to_vec());
    let found = cases
        .iter()
        .filter_map(|case| case.whole())
        .find_map(|answer| each.all(answer).into_iter().find(|call| name.first(call).is_some()))?;
    let holder = name.parent();
    let Some(Node::Object(members)) = holder.first(found) else { return None };
    let arguments = members.iter().find(|(_, node)| is_arguments(node)).map(|(key, _)| key)?;
    let below = |key: &str| holder.joined(&Path::new(vec![Segment::Key(key.to_owned())]));
    let id = ["id", "call_id", "callId", "tool_call_id"].iter().find(|key| found.member(key).is_some());
    let mapping = ToolCallsMapping {
        arguments: below(arguments),
        id: id.map(|key| Path::new(vec![Segment::Key((*key).to_owned())])),
        name,
        each,
    };
    Some(Candidate {
        mapping: Mapping::ToolCalls(mapping),
        score: 1.0,
        reasons: vec!["it names tools that the requests declare, with arguments".to_owned()],
        examples: Vec::new(),
    })
}

fn is_arguments(node: &Node) -> bool {
    match node {
        Node::Object(_) => true,
        Node::Text(text) => {
            text.trim_start().starts_with('{') && serde_json::from_str::<serde_json::Value>(text).is_ok()
        }
        _ => false,
    }
}

/// Returns the names of the tools that a request declares: those beside a JSON schema.
fn declared(request: &Node) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    declare(request, &mut names);
    names
}

fn declare(node: &Node, names: &mut BTreeSet<String>) {
    match node {
        Node::List(elements) => elements.iter().for_each(|element| declare(element, names)),
        Node::Object(members) => {
            if members.iter().any(|(_, member)| is_schema(member)) {
                let texts = members.iter().filter_map(|(_, member)| member.text());
                names.extend(texts.filter(|text| !text.contains(char::is_whitespace)).map(str::to_owned));
            }
            members.iter().for_each(|(_, member)| declare(member, names));
        }
        _ => {}
    }
}

fn is_schema(node: &Node) -> bool {
    let is_object =
        node.member("type").and_then(Node::text).is_some_and(|kind| kind.eq_ignore_ascii_case("object"));
    is_object && matches!(node.member("properties"), Some(Node::Object(_)))
}
