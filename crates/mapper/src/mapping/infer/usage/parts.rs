//! Counts that are parts of others: what was cached of the input, what of the output was reasoning. What can't be
//! told makes the whole doubtful.

use super::{CLOSELY, Counts, Field};
use crate::mapping::document::{Identity, UsageMapping};
use crate::mapping::infer::counts::CountColumn;
use crate::mapping::infer::statistics::{number_of, share, spearman, variation};
use crate::mapping::path::Segment;

/// In how many answers a part must be more than nothing.
const LEAST_PARTS: usize = 2;
/// How much better the one reading must fit the lengths than the other, to contradict it.
const BETTER: f64 = 0.6;

impl Field<'_> {
    /// Puts the parts of a set into its mapping; returns why the set is doubtful, if a part can't be explained.
    pub(super) fn explain_parts(&self, counts: &Counts<'_>, mapping: &mut UsageMapping) -> Option<String> {
        let known: Vec<&CountColumn> = [Some(counts.input), Some(counts.output), counts.total, counts.third]
            .into_iter()
            .flatten()
            .collect();
        let mut doubt = None;
        for part in self.columns.iter().filter(|part| self.is_near(part, counts)) {
            if known.iter().any(|column| column.path == part.path || column.values == part.values) {
                continue;
            }
            if part.is_zero() {
                // What stands beside the whole answer is seldom about tokens.
                if part.name.is_part() || part.path.segments().len() > 1 {
                    mapping.zero.insert(part.path.clone());
                }
                continue;
            }
            let explained = self.explain(part, counts, mapping);
            doubt = doubt.or(explained.err());
        }
        doubt
    }

    /// Whether a count stands where parts of the set would: beside or below its counts, or, where those have no
    /// names to go by, anywhere.
    fn is_near(&self, part: &CountColumn, counts: &Counts<'_>) -> bool {
        let is_named = counts.input.name.input >= CLOSELY && counts.output.name.output >= CLOSELY;
        let is_beside = |whole: &CountColumn| {
            let group = whole.path.parent();
            // Metrics in a list are each in a place of their own.
            let is_in_list = matches!(group.segments().last(), Some(Segment::Where { .. }));
            let group = if is_in_list { group.parent() } else { group };
            let is_below = part.path.segments().starts_with(group.segments());
            is_below && (!group.segments().is_empty() || part.path.segments().len() == 1)
        };
        !is_named || part.name.is_part() || is_beside(counts.input) || is_beside(counts.output)
    }

    fn explain(
        &self,
        part: &CountColumn,
        counts: &Counts<'_>,
        mapping: &mut UsageMapping,
    ) -> Result<(), String> {
        let unclear = || Err(format!("what `{}` is a part of is not clear", part.path));
        let rows = CountColumn::rows([part, counts.input, counts.output]);
        let parts = rows.iter().filter(|[part, ..]| *part > 0).count();
        let is_in_input = rows.iter().all(|[part, input, _]| part <= input);
        let is_in_output = rows.iter().all(|[part, _, output]| part <= output);
        let is_proven = counts.identity == Some(Identity::InputOutput) && parts >= LEAST_PARTS;
        if part.name.is_part() && !part.name.is_written {
            let is_cached = part.name.cached >= part.name.reasoning;
            let lengths: Vec<Option<u64>> = self.lengths.said.iter().map(|length| Some(*length)).collect();
            let fits = if is_cached {
                is_in_input && !is_besides(part, counts.input, &lengths, true)
            } else {
                is_in_output && !is_besides(part, counts.output, &self.lengths.text, false)
            };
            let slot = if is_cached { &mut mapping.cached } else { &mut mapping.reasoning };
            if !is_proven || !fits || slot.is_some() {
                return unclear();
            }
            *slot = Some(part.path.clone());
            if is_cached {
                mapping.input_includes_cached = true;
            } else {
                mapping.output_includes_reasoning = true;
            }
            return Ok(());
        }
        if part.name.is_part() {
            return unclear();
        }
        // A count without a name that tells: it looks like a part if it is one only now and then, or grows along.
        let is_now_and_then = parts < part.values.len();
        let along = |whole: usize| {
            let pairs: Vec<(u64, u64)> =
                rows.iter().filter_map(|row| Some((*row.first()?, *row.get(whole)?))).collect();
            spearman(&pairs) >= 0.7
        };
        let is_total = counts.total.is_none() && part.name.total >= 0.7;
        let is_sum = self.is_sum_of_known(part, counts);
        // What stands beside a pair now and then may as well be what is missing from it.
        let looks_like_part = (is_now_and_then && (is_in_input || is_in_output || counts.identity.is_none()))
            || (is_in_input && along(1))
            || (is_in_output && along(2));
        if is_total || (looks_like_part && !is_sum && !part.is_constant()) { unclear() } else { Ok(()) }
    }

    fn is_sum_of_known(&self, part: &CountColumn, counts: &Counts<'_>) -> bool {
        let rows = CountColumn::rows([part, counts.input, counts.output]);
        share(&rows, |[part, input, output]| input.checked_add(*output) == Some(*part)) >= 1.0
    }
}

/// Returns whether a part stands beside the whole rather than in it: the lengths fit much better so. What is
/// cached would be added to the input, what was reasoned is not in the text.
fn is_besides(part: &CountColumn, whole: &CountColumn, lengths: &[Option<u64>], is_added: bool) -> bool {
    let mut as_part = Vec::new();
    let mut besides = Vec::new();
    for ((part, whole), length) in part.values.iter().zip(&whole.values).zip(lengths) {
        let (Some(whole), Some(length @ 1..)) = (*whole, *length) else { continue };
        let part = part.unwrap_or(0);
        let rest = if is_added { whole.saturating_add(part) } else { whole.saturating_sub(part) };
        let (in_whole, beside) = if is_added { (whole, rest) } else { (rest, whole) };
        as_part.push(number_of(in_whole) / number_of(length));
        besides.push(number_of(beside) / number_of(length));
    }
    as_part.len() >= 5 && variation(&besides) < BETTER * variation(&as_part)
}
