//! Decisions about answers.

use super::{Draft, Floor};
use crate::mapping::document::Field;
use crate::mapping::infer::columns::Pieces;
use crate::mapping::infer::corpus::Case;
use crate::mapping::infer::ends::{self, FINISH_FLOOR};
use crate::mapping::infer::faces::{self, Said};
use crate::mapping::infer::place;
use crate::mapping::infer::requests;
use crate::mapping::infer::table::Table;
use crate::mapping::infer::texts::ScoredText;
use crate::mapping::infer::usage::UsageCandidate;
use crate::mapping::infer::{Candidate, Mapping};

/// What a text needs to be used.
const TEXT_FLOOR: f64 = 0.75;
/// How far it must be ahead.
const TEXT_MARGIN: f64 = 0.15;
/// In which part of the answers it must be.
const TEXT_PRESENCE: f64 = 0.5;
/// From which score on a text is shown.
const TEXT_SHOWN: f64 = 0.2;

impl Draft {
    /// Decides about answers in one piece.
    pub(in crate::mapping::infer) fn whole(&mut self, cases: &[&Case<'_>]) {
        if cases.is_empty() {
            return;
        }
        let nodes: Vec<_> = cases.iter().filter_map(|case| case.whole()).collect();
        let table = Table::of(&nodes);
        let read = faces::whole(cases, &table, &self.said(cases));
        self.texts(&read.texts, cases);
        let usage: Vec<(Candidate, UsageCandidate)> = read
            .usage
            .into_iter()
            .map(|usage| (faces::candidate(&usage, Mapping::Usage(usage.mapping.clone())), usage))
            .collect();
        self.usage(usage, cases);
        self.settle(Field::Finish, ends::finish(&table, cases.len()), Floor::of(FINISH_FLOOR), cases);
        self.settle(Field::ToolCalls, ends::tool_calls(cases, &table), Floor::of(1.0), cases);
        self.settle(
            Field::ResponseModel,
            requests::response_model(&table, cases.len()),
            Floor::of(0.9),
            cases,
        );
    }

    /// Decides about streams.
    pub(in crate::mapping::infer) fn streamed(&mut self, cases: &[&Case<'_>]) {
        if cases.is_empty() {
            return;
        }
        let pieces = Pieces::of(cases);
        let table = pieces.table();
        let stream = place::stream_of(&mut self.document);
        stream.framing = cases.iter().find_map(|case| case.framing()).unwrap_or_default();
        let mut dones = cases.iter().filter_map(|case| case.stream()).map(|stream| stream.done.clone());
        let first = dones.next().flatten();
        stream.done = first.filter(|first| dones.all(|done| done.as_ref() == Some(first)));
        let (read, is_greatest) = faces::streams(&pieces, &table, &self.said(cases));
        self.texts(&read.texts, cases);
        self.usage(faces::streamed_usage(read.usage, cases, is_greatest), cases);
        let finishes = ends::finish(&table, cases.len()).into_iter().map(streamed).collect();
        self.settle(Field::Finish, finishes, Floor::of(FINISH_FLOOR), cases);
        let models = requests::response_model(&table, cases.len()).into_iter().map(streamed).collect();
        self.settle(Field::ResponseModel, models, Floor::of(0.9), cases);
    }

    /// Returns what requests say, as far as it is known by now what of it is said to the model.
    fn said(&self, cases: &[&Case<'_>]) -> Said {
        let mut document = crate::mapping::MappingDocument::default();
        for field in [Field::Messages, Field::Prompt, Field::System] {
            let found = self.fields.iter().find(|found| found.field == field);
            if let Some(best) = found.and_then(|found| found.candidates.first()) {
                place::put(&mut document, field, best.mapping.clone());
            }
        }
        let conversation: Vec<String> =
            cases.iter().map(|case| document.conversation(&case.request)).collect();
        let is_known = conversation.iter().all(|text| !text.is_empty());
        Said {
            lines: cases.iter().map(|case| case.said.clone()).collect(),
            conversation: if is_known { conversation } else { Vec::new() },
        }
    }

    fn texts(&mut self, texts: &[ScoredText], cases: &[&Case<'_>]) {
        let shown: Vec<&ScoredText> =
            texts.iter().filter(|text| !text.is_reasoning() && text.score > TEXT_SHOWN).collect();
        let Some(best) = shown.first() else { return };
        let runner_up = shown.get(1).map_or(0.0, |second| second.score);
        let doubt = if best.is_echo() {
            Some("the requests say the same".to_owned())
        } else if best.score < TEXT_FLOOR {
            Some(format!("its score is {:.2}, and {TEXT_FLOOR:.2} is needed", best.score))
        } else if best.score - runner_up < TEXT_MARGIN {
            Some("another text of the answer is nearly as likely".to_owned())
        } else if shown.iter().skip(1).any(|other| best.is_mistakable_for(other)) {
            Some("another text of the answer is as much like one, and no name tells them apart".to_owned())
        } else if best.presence() < TEXT_PRESENCE {
            Some("most answers lack it".to_owned())
        } else {
            None
        };
        let is_sure = doubt.is_none();
        self.decide(Field::Text, shown.iter().map(|text| candidate(text)).collect(), doubt, cases);
        let thoughts: Vec<Candidate> =
            texts.iter().filter(|text| text.could_be_reasoning()).map(candidate).collect();
        let doubt = (!is_sure).then(|| "the text itself is not sure".to_owned());
        self.decide(Field::Reasoning, thoughts, doubt, cases);
    }

    fn usage(&mut self, usage: Vec<(Candidate, UsageCandidate)>, cases: &[&Case<'_>]) {
        let doubt = usage.first().and_then(|(_, best)| best.doubt.clone());
        self.decide(Field::Usage, usage.into_iter().map(|(candidate, _)| candidate).collect(), doubt, cases);
    }
}

fn candidate(text: &ScoredText) -> Candidate {
    Candidate {
        mapping: text.column.mapping.clone(),
        score: text.score.min(1.0),
        reasons: text.reasons.clone(),
        examples: Vec::new(),
    }
}

fn streamed(candidate: Candidate) -> Candidate {
    let mapping = match candidate.mapping {
        Mapping::Finish(finish) => Mapping::StreamFinish(finish),
        Mapping::Path(path) => Mapping::StreamPath(path),
        other => other,
    };
    Candidate { mapping, ..candidate }
}
