//! The check with what was held back, and what a document says of the samples it was made from.

use std::collections::BTreeSet;

use super::Draft;
use crate::mapping::document::{Field, UsageMapping};
use crate::mapping::evaluate::Mapped;
use crate::mapping::infer::corpus::{Case, Corpus};
use crate::mapping::infer::statistics::{length, number_of};
use crate::mapping::infer::{Decision, ends, place, requests};
use crate::mapping::pieces::Answer;
use crate::mapping::shape::{Shape, shape_of};

impl Draft {
    /// Takes back what does not fit the samples that were held back, as it fits those it was learned from.
    pub(in crate::mapping::infer) fn check(&mut self, cases: &[&Case<'_>], learned: &[&Case<'_>]) {
        for streamed in [false, true] {
            let read = |cases: &[&Case<'_>]| -> Vec<Mapped> {
                let of_face = cases.iter().filter(|case| case.stream().is_some() == streamed);
                of_face.map(|case| self.document.apply(&case.sample)).collect()
            };
            let (checked, before) = (read(cases), read(learned));
            if checked.is_empty() {
                continue;
            }
            let usage = if streamed {
                self.document
                    .stream
                    .as_ref()
                    .and_then(|stream| stream.usage.as_ref())
                    .map(|usage| &usage.counts)
            } else {
                self.document.response.usage.as_ref()
            };
            let is_badly_counted = usage.is_some_and(|usage| {
                let was_always = before.iter().all(|mapped| mapped.usage.is_some());
                checked.iter().any(|mapped| !is_counted(usage, mapped, was_always))
            });
            let said = |mapped: &Mapped| {
                mapped.text.as_ref().is_some_and(|text| !text.is_empty()) || !mapped.tool_calls.is_empty()
            };
            let was_always = before.iter().all(said);
            let is_badly_said = was_always && !checked.iter().all(said);
            if is_badly_counted {
                self.take_back(Field::Usage, streamed);
            }
            if is_badly_said {
                self.take_back(Field::Text, streamed);
            }
        }
    }

    fn take_back(&mut self, field: Field, streamed: bool) {
        let found = self.fields.iter_mut().find(|found| {
            found.field == field && found.streamed == streamed && found.decision == Decision::Active
        });
        let Some(found) = found else { return };
        found.decision = Decision::Pending;
        "it does not fit the samples that were held back".clone_into(&mut found.reason);
        self.document.evidence.scores.remove(&field);
        self.document.evidence.runner_up.remove(&field);
        place::clear_face(&mut self.document, field, streamed);
    }

    /// Notes shapes, words and what is always there, from all samples.
    pub(super) fn describe(&mut self, corpus: &Corpus<'_>) {
        let (mut plain, mut streamed) = (Vec::new(), Vec::new());
        for case in corpus.successes() {
            self.document.shapes.request.insert(shape_of(&case.request).fingerprint());
            match &case.answer {
                Answer::Whole(node) => plain.push(shape_of(node)),
                Answer::Streamed(_, stream) => {
                    let mut shape = Shape::default();
                    stream.pieces.iter().for_each(|piece| shape.add(&piece.node));
                    streamed.push(shape);
                }
            }
        }
        let shapes = &mut self.document.shapes;
        shapes.response = plain.iter().map(Shape::fingerprint).collect();
        shapes.stream = streamed.iter().map(Shape::fingerprint).collect();
        shapes.response_places = Shape::typical(&plain);
        shapes.stream_places = Shape::typical(&streamed);
        self.learn_words(corpus);
        let missing: BTreeSet<Field> =
            corpus.successes().flat_map(|case| self.document.apply(&case.sample).missing).collect();
        let active = self.fields.iter().filter(|found| found.decision == Decision::Active);
        self.document.evidence.always = active
            .map(|found| found.field)
            .filter(|field| !missing.contains(field) && *field != Field::Error)
            .collect();
    }

    /// Takes the words of the samples that were held back too.
    fn learn_words(&mut self, corpus: &Corpus<'_>) {
        let cases: Vec<&Case<'_>> = corpus.successes().collect();
        if let Some(messages) = &mut self.document.request.messages
            && let Some(role) = &messages.role
        {
            let path = messages.each.joined(role);
            let nodes = cases.iter().flat_map(|case| path.all(&case.request));
            messages.roles = requests::roles(&nodes.map(|node| (0, node)).collect());
        }
        if let Some(finish) = &mut self.document.response.finish {
            let nodes = cases.iter().filter_map(|case| case.whole()).flat_map(|node| finish.path.all(node));
            finish.map = ends::ends(&nodes.map(|node| (0, node)).collect());
        }
        if let Some(finish) = self.document.stream.as_mut().and_then(|stream| stream.finish.as_mut()) {
            let pieces = cases.iter().filter_map(|case| case.stream()).flat_map(|stream| &stream.pieces);
            let nodes = pieces.flat_map(|piece| finish.path.all(&piece.node));
            finish.map = ends::ends(&nodes.map(|node| (0, node)).collect());
        }
    }
}

/// Returns whether counts are there and, where nothing holds between them, as many as such texts may have.
fn is_counted(mapping: &UsageMapping, mapped: &Mapped, was_always: bool) -> bool {
    let Some(usage) = mapped.usage else { return !was_always && !mapped.identity_failed };
    if mapping.identity.is_some() {
        return true;
    }
    let letters = [&mapped.text, &mapped.reasoning].into_iter().flatten().map(|text| length(text)).sum();
    usage.output.is_none_or(|output| {
        let (output, letters) = (number_of(output), number_of(letters));
        letters < 1.0 || (output <= 1.5 * letters + 16.0 && output >= 0.05 * letters)
    })
}
