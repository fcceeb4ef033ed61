//! Which model is asked for, and which answered.

use std::collections::BTreeSet;

use super::{sorted, texts};
use crate::mapping::document::ModelMapping;
use crate::mapping::evaluate::model_in_path;
use crate::mapping::infer::corpus::Case;
use crate::mapping::infer::statistics::{number, share};
use crate::mapping::infer::table::{Column, Table};
use crate::mapping::infer::words::{Concept, leaf, likeness, place_likeness};
use crate::mapping::infer::{Candidate, Mapping};
use crate::mapping::path::{Path, Segment};

/// What a model's name needs to be taken without asking.
pub(in crate::mapping::infer) const MODEL_FLOOR: f64 = 0.75;
/// Segments of paths that the name of a model follows.
const BEFORE: [&str; 7] = ["models", "model", "engines", "engine", "deployments", "deployment", "run"];

/// Returns the candidates for the model that is asked for, the best first.
pub(in crate::mapping::infer) fn model(
    table: &Table<'_>,
    answers: &Table<'_>,
    cases: &[&Case<'_>],
) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (path, column) in table.columns.iter().filter(|(path, column)| may_be_model(path, column, table.rows))
    {
        let likest = likeness_of(path);
        let is_answered = answers.columns.values().any(|answer| says_the_same(column, answer));
        let score = 0.75 * likest + if is_answered { 0.2 } else { 0.0 };
        if score >= 0.2 {
            let mut reasons = Vec::new();
            if likest >= 0.8 {
                reasons.push("its name says so".to_owned());
            }
            if is_answered {
                reasons.push("the answer names the same".to_owned());
            }
            let mapping = Mapping::Model(ModelMapping::Path(path.clone()));
            candidates.push(Candidate { mapping, score: score.min(1.0), reasons, examples: Vec::new() });
        }
    }
    let named = |segment: &&str| {
        !cases.is_empty() && cases.iter().all(|case| model_in_path(case.sample.path, segment).is_some())
    };
    if let Some(segment) = BEFORE.iter().find(|segment| named(segment)) {
        candidates.push(Candidate {
            mapping: Mapping::Model(ModelMapping::After((*segment).to_owned())),
            score: 0.8,
            reasons: vec![format!("it follows `{segment}` in the path")],
            examples: Vec::new(),
        });
    }
    sorted(candidates)
}

/// Returns the candidates for the model that answered, the best first.
pub(in crate::mapping::infer) fn response_model(answers: &Table<'_>, rows: usize) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for (path, _) in answers.columns.iter().filter(|(path, column)| may_be_model(path, column, rows)) {
        let score = likeness_of(path);
        if score >= 0.6 {
            candidates.push(Candidate {
                mapping: Mapping::Path(path.clone()),
                score,
                reasons: vec!["its name says so".to_owned()],
                examples: Vec::new(),
            });
        }
    }
    sorted(candidates)
}

/// A name that says model, or that the thing above it is one: `model`, `model_id`, `model/name`.
fn likeness_of(path: &Path) -> f64 {
    let own = likeness(Concept::Model, leaf(path));
    let parent = path.parent();
    let above = leaf(&parent);
    let names = ["name", "id", "nom", "nombre", "nome", "名称", "имя", "名前", "bezeichnung"];
    let is_name = names.contains(&leaf(path).to_lowercase().as_str());
    if is_name {
        0.95 * likeness(Concept::Model, above)
    } else {
        own.max(0.5 * place_likeness(Concept::Model, path))
    }
}

fn may_be_model(path: &Path, column: &Column<'_>, rows: usize) -> bool {
    let values = texts(column);
    let different: BTreeSet<&&str> = values.iter().collect();
    let is_single = path.segments().iter().all(|segment| matches!(segment, Segment::Key(_)));
    let is_name = |value: &&str| value.chars().count() <= 100 && !value.contains(char::is_whitespace);
    let recurs = different.len() <= 12 && (different.len() * 2 <= values.len() || values.len() < 4);
    is_single
        && !values.is_empty()
        && values.len() * 2 >= rows.min(values.len() * 2)
        && share(&values, is_name) >= 1.0
        && recurs
}

/// Whether two columns say the same in nearly every call that has both.
fn says_the_same(one: &Column<'_>, other: &Column<'_>) -> bool {
    let mut same = 0;
    let mut both = 0;
    let mut others = other.iter().peekable();
    for (row, node) in one {
        while others.next_if(|(at, _)| at < row).is_some() {}
        if let Some((_, answer)) = others.peek().filter(|(at, _)| at == row) {
            both += 1;
            same += usize::from(node.text().is_some() && node.text() == answer.text());
        }
    }
    both > 1 && number(same) >= 0.9 * number(both)
}
