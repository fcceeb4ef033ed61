//! Looking for counts that belong together.

use super::{Basis, CLOSELY, Counts, Field, UsageCandidate};
use crate::mapping::document::{Identity, UsageMapping};
use crate::mapping::infer::counts::CountColumn;
use crate::mapping::infer::statistics::spearman;

/// How many columns are combined with each other at most.
const MOST_COLUMNS: usize = 100;
/// In which part of the answers counts must stand, in hundredths.
const PRESENCE: usize = 60;
/// In how many answers counts must stand.
const LEAST_ROWS: usize = 3;
/// In how many answers a part must be more than nothing, for what holds to be no chance.
const LEAST_PARTS: usize = 2;

/// Returns every set that adds up, and every pair whose names say what they are.
pub(super) fn sets<'a>(field: &Field<'a>) -> Vec<Counts<'a>> {
    let mut columns: Vec<&'a CountColumn> =
        field.columns.iter().copied().filter(|column| is_usual(column) && !column.is_zero()).collect();
    // Where there are very many, names choose.
    columns.sort_by_key(|column| !column.name.is_token);
    columns.truncate(MOST_COLUMNS);
    let wholes: Vec<&CountColumn> = columns.iter().copied().filter(|column| !column.name.is_part()).collect();
    let mut found = Vec::new();
    for input in &wholes {
        for output in wholes.iter().filter(|output| output.path != input.path) {
            let before = found.len();
            found.extend(with_total(&columns, input, output));
            if found.len() == before {
                found.extend(pair(input, output));
            }
        }
    }
    found
}

fn is_usual(column: &CountColumn) -> bool {
    column.present() >= LEAST_ROWS && column.present() * 100 >= column.values.len() * PRESENCE
}

fn with_total<'a>(
    columns: &[&'a CountColumn],
    input: &'a CountColumn,
    output: &'a CountColumn,
) -> Vec<Counts<'a>> {
    let totals = columns.iter().copied().filter(|total| {
        total.path != input.path && total.path != output.path && !total.is_constant() && !total.name.is_part()
    });
    let mut found = Vec::new();
    for total in totals {
        if adds_up(&CountColumn::rows([input, output, total]), |[input, output, total]| {
            input.checked_add(*output) == Some(*total)
        }) {
            found.push(Counts {
                input,
                output,
                total: Some(total),
                third: None,
                identity: Some(Identity::InputOutput),
            });
            continue;
        }
        found.extend(with_third(columns, input, output, total));
    }
    found
}

fn with_third<'a>(
    columns: &[&'a CountColumn],
    input: &'a CountColumn,
    output: &'a CountColumn,
    total: &'a CountColumn,
) -> Option<Counts<'a>> {
    let rows = CountColumn::rows([input, output, total]);
    // Most sets have nothing to do with each other: that shows at once.
    if rows.iter().any(|[input, output, total]| input.saturating_add(*output) > *total) {
        return None;
    }
    let third = columns.iter().copied().find(|third| {
        let parts = third.values.iter().flatten().filter(|count| **count > 0).count();
        third.name.is_part()
            && !third.name.is_written
            && parts >= LEAST_PARTS
            && adds_up(&rows_with(input, output, third, total), |[input, output, third, total]| {
                input.checked_add(*output).and_then(|sum| sum.checked_add(*third)) == Some(*total)
            })
    })?;
    let is_cached = third.name.cached >= third.name.reasoning;
    let identity = if is_cached { Identity::InputCachedOutput } else { Identity::InputOutputReasoning };
    Some(Counts { input, output, total: Some(total), third: Some(third), identity: Some(identity) })
}

/// Returns the rows of four counts; the third is nothing where it is missing.
fn rows_with(
    input: &CountColumn,
    output: &CountColumn,
    third: &CountColumn,
    total: &CountColumn,
) -> Vec<[u64; 4]> {
    let filled = CountColumn {
        values: third.values.iter().map(|count| Some(count.unwrap_or(0))).collect(),
        path: third.path.clone(),
        name: third.name,
    };
    CountColumn::rows([input, output, &filled, total])
}

fn adds_up<const N: usize>(rows: &[[u64; N]], holds: impl Fn(&[u64; N]) -> bool) -> bool {
    rows.len() >= LEAST_ROWS && rows.iter().all(holds)
}

fn pair<'a>(input: &'a CountColumn, output: &'a CountColumn) -> Option<Counts<'a>> {
    let is_named = input.name.input >= CLOSELY && output.name.output >= CLOSELY;
    let is_right_way = input.name.input > input.name.output && output.name.output > output.name.input;
    let is_total = input.name.total >= 0.9 || output.name.total >= 0.9;
    (is_named && is_right_way && !is_total).then_some(Counts {
        input,
        output,
        total: None,
        third: None,
        identity: None,
    })
}

/// Returns readings of usage that has but one count, or a total in place of one.
pub(super) fn incomplete(field: &Field<'_>) -> Vec<UsageCandidate> {
    let columns: Vec<&CountColumn> = field
        .columns
        .iter()
        .copied()
        .filter(|column| is_usual(column) && !column.is_constant() && !column.name.is_part())
        .collect();
    let mut found: Vec<UsageCandidate> = Vec::new();
    for input in
        columns.iter().filter(|column| column.name.input >= CLOSELY && column.name.input > column.name.output)
    {
        found.extend(columns.iter().filter_map(|total| difference(field, input, total)));
    }
    if found.is_empty() {
        found.extend(columns.iter().filter_map(|column| single(field, column, &columns)));
    }
    // Parts of something that is not there can't be put anywhere.
    if field.columns.iter().any(|column| column.name.is_part() && !column.is_zero()) {
        let doubt = "it counts parts of what is not counted";
        found.iter_mut().for_each(|candidate| candidate.doubt = Some(doubt.to_owned()));
    }
    found
}

/// Input and total are given, output is not.
fn difference(field: &Field<'_>, input: &CountColumn, total: &CountColumn) -> Option<UsageCandidate> {
    let is_total = total.name.total >= 0.7 && total.path != input.path;
    let rows = CountColumn::rows([input, total]);
    if !is_total || rows.len() < LEAST_ROWS || rows.iter().any(|[input, total]| input >= total) {
        return None;
    }
    let differences = |(total, input): (&Option<u64>, &Option<u64>)| (*total)?.checked_sub((*input)?);
    let output = CountColumn {
        values: total.values.iter().zip(&input.values).map(differences).collect(),
        path: total.path.clone(),
        name: total.name,
    };
    let (rho_input, rho_output) = (field.follows_request(input), field.follows_text(&output));
    let score = 0.5 * input.name.input + 0.3 * total.name.total + 0.25 * (rho_input + rho_output).max(0.0);
    let says_tokens = input.name.is_token && total.name.is_token;
    // If another count grows with the text, the difference has more in it than that.
    let follows = |column: &&&CountColumn| {
        column.path != input.path && column.path != total.path && field.follows_text(column) >= CLOSELY
    };
    let is_alone = !field.columns.iter().any(|column| follows(&column) && column.values != output.values);
    let is_sure = is_alone
        && says_tokens
        && rho_input >= CLOSELY
        && rho_output >= CLOSELY
        && field.is_sane(input, &output);
    Some(UsageCandidate {
        mapping: UsageMapping {
            input: Some(input.path.clone()),
            total: Some(total.path.clone()),
            ..UsageMapping::default()
        },
        score,
        basis: Basis::Difference,
        reasons: vec!["what the total has more than the input grows with the text".to_owned()],
        doubt: (!is_sure).then(|| "the output is only known as a difference".to_owned()),
    })
}

/// Only input or only output is given.
fn single(field: &Field<'_>, column: &CountColumn, all: &[&CountColumn]) -> Option<UsageCandidate> {
    let name = &column.name;
    let is_output = name.output > name.input;
    let (likeness, rho) = if is_output {
        (name.output, field.follows_text(column))
    } else {
        (name.input, field.follows_request(column))
    };
    if likeness < CLOSELY || name.total >= 0.9 {
        return None;
    }
    // Another count may be the other side, under a name that says nothing.
    let could_be_other = |other: &&&CountColumn| {
        let follows = if is_output { field.follows_request(other) } else { field.follows_text(other) };
        let rows: Vec<(u64, u64)> =
            CountColumn::rows([column, other]).into_iter().map(|[one, other]| (one, other)).collect();
        other.path != column.path && follows >= 0.5 && spearman(&rows) < 0.98
    };
    let has_other = all.iter().any(|other| could_be_other(&other));
    let ratios = if is_output { field.ratios_of_output(column) } else { field.ratios_of_input(column) };
    let is_sane =
        ratios.iter().filter(|ratio| (0.05..=1.5).contains(*ratio)).count() * 10 >= ratios.len() * 9;
    let is_sure =
        name.is_token && likeness >= 0.8 && rho >= CLOSELY && is_sane && !ratios.is_empty() && !has_other;
    let place = Some(column.path.clone());
    let mapping = if is_output {
        UsageMapping { output: place, ..UsageMapping::default() }
    } else {
        UsageMapping { input: place, ..UsageMapping::default() }
    };
    Some(UsageCandidate {
        mapping,
        score: 0.5 * likeness + 0.25 * rho.max(0.0),
        basis: Basis::Single,
        reasons: vec![format!("its name says so; correlation with the length: {rho:.2}")],
        doubt: (!is_sure).then(|| "one count alone is little evidence".to_owned()),
    })
}
