//! What becomes of each field: used, shown to an administrator, or nothing. Each is decided on its own evidence.

mod answers;
mod checks;

use super::corpus::{Case, Corpus};
use super::ends::{self, ERROR_FLOOR};
use super::requests::{self, MESSAGES_FLOOR, PROMPT_FLOOR, PROMPT_MARGIN};
use super::table::Table;
use super::{Candidate, Decision, FieldInference, Inference, LEAST_SAMPLES, Mapping, SHOWN, examples, place};
use crate::mapping::document::{ENGINE, Field, MappingDocument, MappingStatus, Scope};
use crate::mapping::shape::path_template;

/// A document in the making.
pub(super) struct Draft {
    document: MappingDocument,
    fields: Vec<FieldInference>,
    samples: usize,
}

/// What a candidate needs to be used.
#[derive(Clone, Copy, Debug)]
struct Floor {
    score: f64,
    margin: f64,
}

impl Floor {
    const fn of(score: f64) -> Self {
        Self { score, margin: 0.0 }
    }
}

impl Draft {
    pub(super) fn new(corpus: &Corpus<'_>, learned: usize, held_out: usize) -> Self {
        let mut document = MappingDocument::default();
        if let Some(case) = corpus.successes().chain(&corpus.failed).next() {
            document.scope = Scope {
                organization: None,
                host: case.sample.host.to_owned(),
                method: case.sample.method.to_owned(),
                path: path_template(case.sample.path),
            };
        }
        document.evidence.samples = learned + held_out;
        document.evidence.held_out = held_out;
        ENGINE.clone_into(&mut document.evidence.engine);
        Self { document, fields: Vec::new(), samples: learned + held_out }
    }

    /// Decides about what requests say.
    pub(super) fn request(&mut self, cases: &[&Case<'_>], answers: &Table<'_>) {
        let table = requests::table(cases);
        let messages = requests::messages(&table);
        let has_messages = messages.first().is_some_and(|best| best.score >= MESSAGES_FLOOR);
        self.settle(Field::Messages, messages.clone(), Floor { score: MESSAGES_FLOOR, margin: 0.1 }, cases);
        let best = messages.first().filter(|_| has_messages).and_then(|best| match &best.mapping {
            Mapping::Messages(messages) => Some(messages),
            _ => None,
        });
        let mut prompts = requests::prompt(&table, best);
        // Beside messages a text is only a prompt if it is called one.
        prompts.retain(|prompt| !has_messages || prompt.reasons.iter().any(|reason| reason.contains("name")));
        prompts.retain(|prompt| prompt.score > 0.3);
        self.settle(Field::Prompt, prompts, Floor { score: PROMPT_FLOOR, margin: PROMPT_MARGIN }, cases);
        self.settle(Field::System, requests::system(&table, best), Floor::of(0.8), cases);
        let models = requests::model(&table, answers, cases);
        self.settle(Field::Model, models, Floor::of(requests::MODEL_FLOOR), cases);
        let params: std::collections::BTreeMap<_, _> = requests::parameters(&table).into_iter().collect();
        if !params.is_empty() {
            let reasons = vec!["their names and values say so".to_owned()];
            let candidate =
                Candidate { mapping: Mapping::Params(params), score: 1.0, reasons, examples: Vec::new() };
            self.settle(Field::Params, vec![candidate], Floor::of(1.0), cases);
        }
    }

    /// Decides about what calls that failed say.
    pub(super) fn failures(&mut self, failed: &[Case<'_>]) {
        let cases: Vec<&Case<'_>> = failed.iter().filter(|case| case.whole().is_some()).collect();
        let nodes: Vec<_> = cases.iter().filter_map(|case| case.whole()).collect();
        if nodes.is_empty() {
            return;
        }
        let candidates = ends::error(&Table::of(&nodes));
        self.settle(Field::Error, candidates, Floor::of(ERROR_FLOOR), &cases);
    }

    /// Uses the best candidate of a field if it is good enough and far enough ahead.
    fn settle(&mut self, field: Field, mut candidates: Vec<Candidate>, floor: Floor, cases: &[&Case<'_>]) {
        let Some(best) = candidates.first() else { return };
        let runner_up = candidates.get(1).map_or(0.0, |second| second.score);
        let margin = best.score - runner_up;
        let doubt = if best.score < floor.score {
            Some(format!("its score is {:.2}, and {:.2} is needed", best.score, floor.score))
        } else if margin < floor.margin {
            Some(format!("it is only {margin:.2} ahead of another, and {:.2} is needed", floor.margin))
        } else {
            None
        };
        candidates.truncate(SHOWN);
        self.decide(field, candidates, doubt, cases);
    }

    /// Uses the first candidate of a field, unless there is a doubt.
    fn decide(
        &mut self,
        field: Field,
        mut candidates: Vec<Candidate>,
        doubt: Option<String>,
        cases: &[&Case<'_>],
    ) {
        candidates.truncate(SHOWN);
        let too_few = (self.samples < LEAST_SAMPLES && field != Field::Error)
            .then(|| format!("there are only {} samples", self.samples));
        let doubt = too_few.or(doubt);
        examples::fill(&mut candidates, field, cases);
        let Some(best) = candidates.first() else { return };
        let streamed = matches!(
            best.mapping,
            Mapping::StreamText(_)
                | Mapping::StreamUsage(_)
                | Mapping::StreamFinish(_)
                | Mapping::StreamPath(_)
        );
        if doubt.is_none() {
            place::put(&mut self.document, field, best.mapping.clone());
            self.document.evidence.scores.insert(field, best.score);
            if let Some(second) = candidates.get(1) {
                self.document.evidence.runner_up.insert(field, second.mapping.place());
            }
        }
        let decision = if doubt.is_none() { Decision::Active } else { Decision::Pending };
        let reason = doubt.unwrap_or_else(|| best.reasons.join("; "));
        self.fields.push(FieldInference { field, streamed, decision, candidates, reason });
    }

    fn is_active(&self, field: Field) -> bool {
        self.fields.iter().any(|found| found.field == field && found.decision == Decision::Active)
    }

    /// Returns what was inferred.
    pub(super) fn finish(mut self, corpus: &Corpus<'_>) -> Inference {
        self.describe(corpus);
        self.document.evidence.scores.values_mut().for_each(round);
        for field in &mut self.fields {
            field.candidates.iter_mut().for_each(|candidate| round(&mut candidate.score));
        }
        let has = |field: Field| self.fields.iter().any(|found| found.field == field);
        let is_asked = self.is_active(Field::Messages) || self.is_active(Field::Prompt);
        let status = if self.samples < LEAST_SAMPLES {
            MappingStatus::PendingCreation
        } else if self.is_active(Field::Text) && is_asked {
            MappingStatus::Active
        } else if has(Field::Text) || has(Field::Usage) {
            MappingStatus::PendingApproval
        } else {
            MappingStatus::Failed
        };
        Inference { document: self.document, fields: self.fields, status }
    }
}

/// Cuts a score to three digits, so that it reads well and is the same wherever it is stored.
fn round(score: &mut f64) {
    *score = (*score * 1000.0).round() / 1000.0;
}

impl Mapping {
    /// Returns the place that matters most, for lists.
    pub(super) fn place(&self) -> String {
        match self {
            Self::Path(path) | Self::StreamPath(path) => path.to_string(),
            Self::Text(text) => text.path.to_string(),
            Self::StreamText(text) => text.path.to_string(),
            Self::Usage(usage) => usage.place(),
            Self::StreamUsage(usage) => usage.counts.place(),
            Self::Finish(finish) | Self::StreamFinish(finish) => finish.path.to_string(),
            Self::Params(params) => params.keys().cloned().collect::<Vec<_>>().join(", "),
            Self::Messages(messages) => messages.each.to_string(),
            Self::Model(crate::mapping::document::ModelMapping::Path(path)) => path.to_string(),
            Self::Model(crate::mapping::document::ModelMapping::After(segment)) => {
                format!("after /{segment}/")
            }
            Self::Model(crate::mapping::document::ModelMapping::Constant(model)) => model.clone(),
            Self::ToolCalls(calls) => calls.each.to_string(),
        }
    }
}

impl crate::mapping::document::UsageMapping {
    fn place(&self) -> String {
        self.paths().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}
