//! Counts of tokens: which of an answer's counts they are, told by what holds between them, by what they grow
//! with, and by their names. What is not sure is not used: a wrong count is worse than none.

mod parts;
mod search;

use super::counts::{CountColumn, Yardsticks};
use super::statistics::{median, number_of, share, spearman, variation};
use crate::mapping::document::{Identity, UsageMapping};
use crate::mapping::path::Path;

/// The lengths that counts are compared with, by answer, in letters.
#[derive(Clone, Debug, Default)]
pub(super) struct Lengths {
    /// Of all that the request says.
    pub(super) said: Vec<u64>,
    /// Of messages and prompts, where those are known.
    pub(super) conversation: Vec<u64>,
    /// Of the text of the answer.
    pub(super) text: Vec<Option<u64>>,
    /// Of the text and the reasoning.
    pub(super) with_reasoning: Vec<Option<u64>>,
    /// Where the text of the answer stands, if that is known.
    pub(super) beside: Option<Path>,
    /// The share of letters that are not Latin: those take more tokens.
    pub(super) wide: f64,
}

/// What a set of counts rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Basis {
    /// Something that holds between them in every answer.
    Identity,
    /// Names and what they grow with.
    Pair,
    /// The same, where one is the difference of two.
    Difference,
    /// One count alone.
    Single,
}

/// A way to read usage.
#[derive(Clone, Debug)]
pub(super) struct UsageCandidate {
    pub(super) mapping: UsageMapping,
    pub(super) score: f64,
    pub(super) basis: Basis,
    pub(super) reasons: Vec<String>,
    /// Why it is not used without being asked about, if so.
    pub(super) doubt: Option<String>,
}

/// The counts of one candidate.
#[derive(Clone, Copy, Debug)]
struct Counts<'a> {
    input: &'a CountColumn,
    output: &'a CountColumn,
    total: Option<&'a CountColumn>,
    third: Option<&'a CountColumn>,
    identity: Option<Identity>,
}

/// Returns the ways to read usage, the best first.
pub(super) fn candidates(
    columns: &[CountColumn],
    sticks: &Yardsticks,
    lengths: &Lengths,
) -> Vec<UsageCandidate> {
    let admitted: Vec<CountColumn> = columns
        .iter()
        .filter(|column| sticks.objection(column).is_none())
        .cloned()
        .map(|column| placed(column, lengths))
        .collect();
    let admitted: Vec<&CountColumn> = admitted.iter().collect();
    let field = Field { columns: &admitted, lengths };
    let found = search::sets(&field);
    let mut candidates: Vec<UsageCandidate> = found.iter().map(|counts| field.judge(counts)).collect();
    sort(&mut candidates);
    field.doubt_rivals(&found, &mut candidates);
    if candidates.is_empty() {
        candidates = search::incomplete(&field);
        sort(&mut candidates);
    }
    candidates
}

/// What a count of tokens that says no more counts is told by where it stands: beside the text it counts that.
fn placed(mut column: CountColumn, lengths: &Lengths) -> CountColumn {
    let name = &mut column.name;
    let says_no_more =
        name.is_token && name.input + name.output + name.total + name.cached + name.reasoning <= 0.0;
    if says_no_more && lengths.beside.as_ref().is_some_and(|place| *place == column.path.parent()) {
        name.output = BESIDE;
    }
    column
}

/// How much standing beside the text says.
const BESIDE: f64 = 0.8;

fn sort(candidates: &mut [UsageCandidate]) {
    let places =
        |candidate: &UsageCandidate| candidate.mapping.paths().map(ToString::to_string).collect::<Vec<_>>();
    candidates.sort_by(|one, other| {
        let by_score = other.score.total_cmp(&one.score);
        by_score.then(one.basis.cmp(&other.basis)).then_with(|| places(one).cmp(&places(other)))
    });
}

/// All that candidates are judged by.
#[derive(Clone, Copy, Debug)]
struct Field<'a> {
    columns: &'a [&'a CountColumn],
    lengths: &'a Lengths,
}

/// How far the scores of two candidates must be apart, for the better one to be taken.
const MARGIN: f64 = 0.15;
/// What a pair without a total must reach.
const PAIR_FLOOR: f64 = 1.3;
/// How closely counts must follow lengths where names don't say enough.
const CLOSELY: f64 = 0.6;

impl Field<'_> {
    /// Returns how closely a count follows what the requests say.
    fn follows_request(&self, column: &CountColumn) -> f64 {
        let with = |lengths: &[u64]| {
            let pairs: Vec<(u64, u64)> = column
                .values
                .iter()
                .zip(lengths)
                .filter_map(|(count, length)| Some(((*count)?, *length)))
                .collect();
            spearman(&pairs)
        };
        with(&self.lengths.said).max(with(&self.lengths.conversation))
    }

    /// Returns how closely a count follows the text, alone or with the reasoning.
    fn follows_text(&self, column: &CountColumn) -> f64 {
        let with = |lengths: &[Option<u64>]| {
            let pairs: Vec<(u64, u64)> = column
                .values
                .iter()
                .zip(lengths)
                .filter_map(|(count, length)| Some(((*count)?, (*length)?)))
                .collect();
            spearman(&pairs)
        };
        with(&self.lengths.text).max(with(&self.lengths.with_reasoning))
    }

    fn judge(&self, counts: &Counts<'_>) -> UsageCandidate {
        let (input, output) = (counts.input, counts.output);
        let (rho_input, rho_output) = (self.follows_request(input), self.follows_text(output));
        let name_input = (input.name.input - 0.5 * input.name.output).max(0.0);
        let name_output = (output.name.output - 0.5 * output.name.input).max(0.0);
        let is_close = input.path.parent() == output.path.parent();
        let mut score = 0.5 * (name_input + name_output)
            + 0.25 * (rho_input.max(0.0) + rho_output.max(0.0))
            + if is_close { 0.15 } else { 0.0 };
        let mut reasons = Vec::new();
        if let (Some(total), Some(_)) = (counts.total, counts.identity) {
            score += 0.6 + 0.3 * total.name.total;
            reasons.push(format!("they add up to `{}` in every answer", total.path));
        }
        if name_input >= CLOSELY && name_output >= CLOSELY {
            reasons.push("their names say so".to_owned());
        }
        reasons.push(format!("correlation with lengths: input {rho_input:.2}, output {rho_output:.2}"));
        let mut mapping = UsageMapping {
            input: Some(input.path.clone()),
            output: Some(output.path.clone()),
            total: counts.total.map(|total| total.path.clone()),
            identity: counts.identity,
            ..UsageMapping::default()
        };
        match (counts.identity, counts.third) {
            (Some(Identity::InputCachedOutput), Some(third)) => mapping.cached = Some(third.path.clone()),
            (Some(Identity::InputOutputReasoning), Some(third)) => {
                mapping.reasoning = Some(third.path.clone())
            }
            _ => {}
        }
        let unexplained = self.explain_parts(counts, &mut mapping);
        let evidence = Trust { counts: *counts, name_input, name_output, rho_input, rho_output, score };
        let doubt = self.doubt(&evidence).or(unexplained);
        let basis = if counts.identity.is_some() { Basis::Identity } else { Basis::Pair };
        UsageCandidate { mapping, score, basis, reasons, doubt }
    }

    /// Returns why a set of counts is not sure.
    fn doubt(&self, trust: &Trust<'_>) -> Option<String> {
        let Counts { input, output, identity, .. } = trust.counts;
        let is_named = trust.is_named();
        let says_tokens = input.name.is_token && output.name.is_token;
        let is_sane = self.is_sane(input, output);
        if identity.is_none() {
            let is_sure = is_named
                && is_sane
                && trust.score >= PAIR_FLOOR
                && trust.rho_input >= CLOSELY
                && trust.rho_output >= CLOSELY;
            return (!is_sure)
                .then(|| "nothing adds up, and names and lengths alone are not enough".to_owned());
        }
        if is_named {
            let is_sure = says_tokens || (is_sane && trust.rho_output >= 0.3);
            return (!is_sure)
                .then(|| "they are named like tokens, but are too many or too few for that".to_owned());
        }
        self.doubt_of_nameless(trust)
    }

    /// Returns why counts that only add up are not sure to be tokens: times and prices add up as well.
    fn doubt_of_nameless(&self, trust: &Trust<'_>) -> Option<String> {
        let Counts { input, output, .. } = trust.counts;
        let swapped = self.follows_request(output).max(0.0) + self.follows_text(input).max(0.0);
        let margin = trust.rho_input + trust.rho_output - swapped;
        let hint = (trust.name_input - output.name.input).max(trust.name_output - input.name.output);
        let needed = if hint >= CLOSELY { 0.1 } else { 0.5 };
        if trust.rho_input < CLOSELY || trust.rho_output < CLOSELY || margin < needed {
            return Some("they add up, but which is which is not clear".to_owned());
        }
        let of_input = self.ratios_of_input(input);
        let of_output = self.ratios_of_output(output);
        let most = if self.lengths.wide > 0.3 { 1.6 } else { 0.7 };
        let is_usual = |ratios: &[f64]| (0.12..=most).contains(&median(ratios));
        let between = median(&of_input) / median(&of_output).max(f64::MIN_POSITIVE);
        let is_tight = variation(&of_output) <= 0.4;
        if is_usual(&of_input) && is_usual(&of_output) && is_tight && (0.33..=3.0).contains(&between) {
            return None;
        }
        Some("they add up, but may count something else than tokens".to_owned())
    }

    fn ratios_of_input(&self, column: &CountColumn) -> Vec<f64> {
        let lengths = if self.lengths.conversation.is_empty() {
            &self.lengths.said
        } else {
            &self.lengths.conversation
        };
        let rows = column.values.iter().zip(lengths).filter_map(|(count, length)| Some(((*count)?, *length)));
        rows.filter(|(_, length)| *length > 0)
            .map(|(count, length)| number_of(count) / number_of(length))
            .collect()
    }

    fn ratios_of_output(&self, column: &CountColumn) -> Vec<f64> {
        let ratios = |lengths: &[Option<u64>]| {
            let rows =
                column.values.iter().zip(lengths).filter_map(|(count, length)| Some(((*count)?, (*length)?)));
            rows.filter(|(_, length)| *length > 0)
                .map(|(count, length)| number_of(count) / number_of(length))
                .collect::<Vec<f64>>()
        };
        let (alone, together) = (ratios(&self.lengths.text), ratios(&self.lengths.with_reasoning));
        if variation(&together) < variation(&alone) { together } else { alone }
    }

    /// Returns whether nearly all counts are as many as texts of such lengths may have.
    fn is_sane(&self, input: &CountColumn, output: &CountColumn) -> bool {
        let is_enough = |(count, length): &(u64, u64)| number_of(*count) >= 0.05 * number_of(*length);
        let is_not_too_much =
            |(count, length): &(u64, u64), spare: f64| number_of(*count) <= 1.5 * number_of(*length) + spare;
        let with = |column: &CountColumn, lengths: &[Option<u64>]| -> Vec<(u64, u64)> {
            let rows = column.values.iter().zip(lengths);
            rows.filter_map(|(count, length)| Some(((*count)?, (*length)?))).collect()
        };
        let said: Vec<Option<u64>> = self.lengths.said.iter().copied().map(Some).collect();
        let inputs = with(input, &said);
        let outputs = with(output, &self.lengths.text);
        let all_outputs = with(output, &self.lengths.with_reasoning);
        share(&inputs, |row| is_enough(row) && is_not_too_much(row, 64.0)) >= 0.9
            && share(&outputs, is_enough) >= 0.9
            && share(&all_outputs, |row| is_not_too_much(row, 16.0)) >= 0.9
    }

    /// Notes that a better candidate has a rival that counts something else nearly as well.
    fn doubt_rivals(&self, found: &[Counts<'_>], candidates: &mut [UsageCandidate]) {
        let Some((best, others)) = candidates.split_first_mut() else { return };
        let values = |candidate: &UsageCandidate| {
            let of = |path: &crate::mapping::path::Path| {
                found
                    .iter()
                    .flat_map(|counts| [counts.input, counts.output])
                    .find(|column| column.path == *path)
            };
            let mut values: Vec<_> = [&candidate.mapping.input, &candidate.mapping.output]
                .into_iter()
                .flatten()
                .filter_map(of)
                .map(|column| column.values.clone())
                .collect();
            values.sort();
            values
        };
        let own = values(best);
        let is_rival = |other: &UsageCandidate| {
            other.score > best.score - MARGIN
                && other.basis <= best.basis
                && other.doubt.is_none()
                && values(other) != own
        };
        if others.iter().any(is_rival) && best.doubt.is_none() {
            best.doubt = Some("other counts fit nearly as well".to_owned());
        }
    }
}

/// What speaks for a set of counts.
#[derive(Clone, Copy, Debug)]
struct Trust<'a> {
    counts: Counts<'a>,
    name_input: f64,
    name_output: f64,
    rho_input: f64,
    rho_output: f64,
    score: f64,
}

impl Trust<'_> {
    fn is_named(&self) -> bool {
        let Counts { input, output, .. } = self.counts;
        let is_input = input.name.input >= CLOSELY && input.name.input > input.name.output;
        let is_output = output.name.output >= CLOSELY && output.name.output > output.name.input;
        is_input && is_output
    }
}

#[cfg(test)]
mod tests;
