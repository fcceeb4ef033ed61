//! What requests say: messages, prompt, system prompt, model and parameters.

mod messages;
mod models;

use super::corpus::Case;
use super::statistics::{length, mean, number, share};
use super::table::{Column, Table};
use super::texts::{is_data, is_prose};
use super::words::lists::{PARAMETERS, Range};
use super::words::{Concept, keys, leaf, likeness, path_speaks_of, tokens};
use super::{Candidate, Mapping};
use crate::mapping::document::{MessagesMapping, Pick, TextMapping};
use crate::mapping::path::{Path, Segment};
use crate::mapping::tree::Node;

pub(super) use self::messages::{messages, roles};
pub(super) use self::models::{MODEL_FLOOR, model, response_model};

/// What is needed to be taken without asking, for each way in which a request may be said.
pub(super) const MESSAGES_FLOOR: f64 = 0.60;
/// The same for prompts.
pub(super) const PROMPT_FLOOR: f64 = 0.60;
/// How far a prompt must be ahead of another text of the request.
pub(super) const PROMPT_MARGIN: f64 = 0.15;

/// Returns the candidates for the prompt, the best first. What is inside `messages` is none.
pub(super) fn prompt(table: &Table<'_>, messages: Option<&MessagesMapping>) -> Vec<Candidate> {
    let mut candidates: Vec<Candidate> = Vec::new();
    for (path, column) in outside(table, messages) {
        let texts = texts(column);
        let Some(traits) = Traits::of(&texts, table.rows) else { continue };
        let name = prompt_name(path);
        let is_told = likeness(Concept::System, leaf(path)) >= 0.8 && name < 1.0;
        if traits.data >= 0.5 || is_told || (traits.prose < 0.3 && name < 0.75) {
            continue;
        }
        let mut score = name.max(0.0) * 0.6 + 0.35 * traits.distinct + 0.25 * (traits.length / 60.0).min(1.0);
        if is_of_tools(path) || strongest_aside(path) {
            score -= 0.40;
        }
        if traits.distinct < 0.3 {
            score -= 0.35;
        }
        let mapping = TextMapping { path: path.clone(), join: "\n".to_owned(), pick: Pick::All };
        let mut reasons = Vec::new();
        if name >= 0.75 {
            reasons.push("its name says so".to_owned());
        }
        if traits.distinct >= 0.8 {
            reasons.push("it differs from call to call".to_owned());
        }
        candidates.push(Candidate {
            mapping: Mapping::Text(mapping),
            score: score.clamp(0.0, 1.0),
            reasons,
            examples: Vec::new(),
        });
    }
    sorted(candidates)
}

/// Returns the candidates for the system prompt: only a name tells it.
pub(super) fn system(table: &Table<'_>, messages: Option<&MessagesMapping>) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (path, column) in outside(table, messages) {
        let texts = texts(column);
        let Some(traits) = Traits::of(&texts, table.rows) else { continue };
        let likest = keys(path).take(3).map(|key| likeness(Concept::System, key)).fold(0.0, f64::max);
        if likest < 0.6 || traits.prose < 0.5 || is_of_tools(path) {
            continue;
        }
        let score = 0.8 * likest + 0.2 * (traits.length / 20.0).min(1.0)
            - if prompt_name(path) >= 1.0 { 0.4 } else { 0.0 };
        let mapping = TextMapping { path: path.clone(), join: "\n".to_owned(), pick: Pick::All };
        let reasons = vec!["its name says so".to_owned()];
        candidates.push(Candidate { mapping: Mapping::Text(mapping), score, reasons, examples: Vec::new() });
    }
    sorted(candidates)
}

/// Returns the parameters that are there: our name and where they stand. A name and a fitting value tell them.
pub(super) fn parameters(table: &Table<'_>) -> Vec<(String, Path)> {
    let mut found = Vec::new();
    for (name, range, words) in PARAMETERS {
        let is_one = |(path, column): &(&Path, &Column<'_>)| {
            let key = tokens(leaf(path)).concat();
            let is_alone = !path.segments().contains(&Segment::Each) || matches!(range, Range::Texts);
            is_alone && words.contains(&key.as_str()) && column.iter().all(|(_, node)| fits(*range, node))
        };
        // A name may stand in several places: the one that most requests have, then the highest.
        let best = table.columns.iter().filter(is_one).max_by(|(one, ones), (other, others)| {
            ones.len()
                .cmp(&others.len())
                .then(other.segments().len().cmp(&one.segments().len()))
                .then(other.cmp(one))
        });
        if let Some((path, _)) = best {
            let is_list = path.segments().last() == Some(&Segment::Each);
            found.push(((*name).to_owned(), if is_list { path.parent() } else { path.clone() }));
        }
    }
    found
}

fn fits(range: Range, node: &Node) -> bool {
    match (range, node) {
        (_, Node::Null) => true,
        (Range::Number(least, most), Node::Number(number)) => (least..=most).contains(number),
        (Range::Number(least, most), Node::Integer(count)) => {
            (least..=most).contains(&super::statistics::number_of(*count))
        }
        (Range::Integer(least), Node::Integer(count)) => *count >= least,
        (Range::Texts, Node::Text(_)) | (Range::Flag, Node::Bool(_)) => true,
        (Range::Texts, Node::List(elements)) => elements.is_empty(),
        _ => false,
    }
}

/// What the texts of a column are like.
struct Traits {
    distinct: f64,
    prose: f64,
    data: f64,
    length: f64,
}

impl Traits {
    fn of(texts: &[&str], rows: usize) -> Option<Self> {
        if texts.len() * 2 < rows || texts.is_empty() {
            return None;
        }
        let different: std::collections::BTreeSet<&&str> = texts.iter().collect();
        let lengths: Vec<f64> = texts.iter().map(|text| super::statistics::number_of(length(text))).collect();
        Some(Self {
            distinct: (number(different.len()) / number(texts.len())).min(1.0),
            prose: share(texts, |text| is_prose(text)),
            data: share(texts, |text| is_data(text)),
            length: mean(&lengths),
        })
    }
}

fn texts<'a>(column: &Column<'a>) -> Vec<&'a str> {
    column.iter().filter_map(|(_, node)| node.text()).filter(|text| !text.trim().is_empty()).collect()
}

/// Returns the columns of strings that stand outside the messages; those of kinds only where they say more.
fn outside<'t, 'a>(
    table: &'t Table<'a>,
    messages: Option<&MessagesMapping>,
) -> impl Iterator<Item = (&'t Path, &'t Column<'a>)> {
    let inside = messages.map(|messages| messages.each.clone());
    table.columns.iter().filter(move |(path, column)| {
        let is_inside = inside.as_ref().is_some_and(|each| {
            let above = each.parent();
            !above.segments().is_empty() && path.segments().starts_with(above.segments())
        });
        let has_selector = path.segments().iter().any(|segment| matches!(segment, Segment::Where { .. }));
        !is_inside && !has_selector && column.iter().any(|(_, node)| node.text().is_some())
    })
}

fn prompt_name(path: &Path) -> f64 {
    let mut names = keys(path);
    let own = likeness(Concept::Prompt, names.next().unwrap_or_default());
    let above = names.next().map_or(0.0, |key| likeness(Concept::Prompt, key));
    own.max(0.8 * above)
}

fn strongest_aside(path: &Path) -> bool {
    const NOT_ASKED: [&str; 8] =
        ["document", "documents", "passages", "sources", "snippet", "title", "metadata", "references"];
    keys(path).any(|key| NOT_ASKED.contains(&tokens(key).concat().as_str()))
}

/// Returns whether a place is in the declaration of a tool.
fn is_of_tools(path: &Path) -> bool {
    path_speaks_of(Concept::Tools, path)
}

/// Puts the best first; of equals the one whose place comes first.
pub(super) fn sorted(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by(|one, other| {
        let place = |candidate: &Candidate| format!("{:?}", candidate.mapping);
        other.score.total_cmp(&one.score).then_with(|| place(one).cmp(&place(other)))
    });
    candidates
}

/// Returns the table of all requests.
pub(super) fn table<'a>(cases: &[&'a Case<'_>]) -> Table<'a> {
    let nodes: Vec<&'a Node> = cases.iter().map(|case| &case.request).collect();
    Table::of(&nodes)
}
