//! Looking into bodies: conditions on them in any filter, and the search for a text in them.

mod blocks;
mod finder;
mod found;
mod step;

use gatehouse_store::filter::{Column, Condition, Filter, TextColumn};
use gatehouse_store::log::{AggregateQuery, Having, Measure};
use gatehouse_types::OrganizationId;

pub(super) use found::Found;
pub(super) use step::step;

/// What has to be known of bodies before a query runs.
pub(super) struct Filters {
    /// The tenant.
    pub(super) organization_id: OrganizationId,
    /// Which rows the query reads.
    pub(super) rows: Filter,
    /// Its conditions on bodies, wherever they are.
    pub(super) conditions: Vec<Condition>,
}

impl Filters {
    /// Returns what a query of the rows that match must know.
    pub(super) fn of(organization_id: OrganizationId, filter: &Filter) -> Self {
        let mut conditions = Vec::new();
        gather(filter, &mut conditions);
        let rows = if conditions.is_empty() { Filter::All } else { filter.clone() };
        Self { organization_id, rows, conditions }
    }

    /// Returns what a query of figures must know.
    pub(super) fn of_figures(query: &AggregateQuery) -> Self {
        let mut conditions = Vec::new();
        gather(&query.filter, &mut conditions);
        for measure in &query.measures {
            of_measure(measure, &mut conditions);
        }
        of_having(&query.having, &mut conditions);
        Self { organization_id: query.organization_id, rows: query.filter.clone(), conditions }
    }
}

fn gather(filter: &Filter, conditions: &mut Vec<Condition>) {
    filter.each_condition(&mut |condition| {
        if is_of_body(condition) {
            conditions.push(condition.clone());
        }
    });
}

fn of_measure(measure: &Measure, conditions: &mut Vec<Condition>) {
    if let Measure::RequestsWith(filter) = measure {
        gather(filter, conditions);
    }
}

fn of_having(having: &Having, conditions: &mut Vec<Condition>) {
    match having {
        Having::And(left, right) | Having::Or(left, right) => {
            of_having(left, conditions);
            of_having(right, conditions);
        }
        Having::Any(condition) => gather(&Filter::Leaf(condition.clone()), conditions),
        Having::Measure(measure, _) => of_measure(measure, conditions),
        Having::All | Having::Dimension(..) => {}
    }
}

const fn is_of_body(condition: &Condition) -> bool {
    matches!(condition.column, Column::Text(TextColumn::RequestBody | TextColumn::ResponseBody))
}
