//! What calls cost together.

use std::collections::BTreeMap;

use gatehouse_types::{NanoUsd, OrganizationId, Timestamp};

use super::LogRow;
use crate::filter::Filter;

/// How long a day is, in microseconds.
const DAY_MICROS: i64 = 86_400_000_000;

/// By what costs are added up; a sum of every combination of these is one [`CostSum`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CostGroups {
    /// By the day (UTC) on which the call began.
    pub day: bool,
    /// By the model.
    pub model: bool,
    /// By the provider.
    pub provider: bool,
}

/// Which costs are added up, and by what.
#[derive(Clone, Debug)]
pub struct CostQuery {
    /// The tenant: nothing else is ever visible.
    pub organization_id: OrganizationId,
    /// Which calls.
    pub filter: Filter,
    /// By what, beside the cost status, by which they always are.
    pub groups: CostGroups,
    /// How many sums at most.
    pub limit: u32,
}

/// What the calls of one group cost together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CostSum {
    /// The beginning of the day, when sums are by the day.
    pub day: Option<Timestamp>,
    /// The model, when sums are by the model.
    pub model: Option<String>,
    /// The provider, when sums are by the provider.
    pub provider: Option<String>,
    /// The cost status of these calls.
    pub cost_status: String,
    /// How many calls these are.
    pub calls: u64,
    /// How many of them have no known cost.
    pub without_cost: u64,
    /// The sum of the known costs in 10⁻⁹ US dollars, within the bounds of its type.
    pub cost: i64,
    /// Input tokens that were neither cached nor audio, as far as they are known.
    pub prompt_tokens: u64,
    /// Output tokens without reasoning and audio, as far as they are known.
    pub completion_tokens: u64,
    /// All tokens, as far as they are known.
    pub total_tokens: u64,
}

impl CostSum {
    /// Adds up what the rows cost, in groups, which come in the order of what they are grouped by.
    pub fn of<'a>(rows: impl Iterator<Item = &'a LogRow>, groups: CostGroups) -> Vec<Self> {
        let mut sums: BTreeMap<_, (Self, i128)> = BTreeMap::new();
        for row in rows {
            let group = Self::group(row, groups);
            let key = (group.day, group.model.clone(), group.provider.clone(), group.cost_status.clone());
            let (sum, cost) = sums.entry(key).or_insert((group, 0));
            *cost += i128::from(row.cost.map_or(0, NanoUsd::get));
            sum.add(row);
        }
        sums.into_values().map(|(sum, cost)| Self { cost: within(cost), ..sum }).collect()
    }

    /// Returns the empty group that a row belongs to.
    fn group(row: &LogRow, groups: CostGroups) -> Self {
        let at = row.request_created_at.as_unix_micros();
        let day = Timestamp::from_unix_micros(at - at.rem_euclid(DAY_MICROS));
        Self {
            day: groups.day.then_some(day),
            model: groups.model.then(|| row.model.clone()),
            provider: groups.provider.then(|| row.provider.clone()),
            cost_status: row.cost_status.clone(),
            ..Self::default()
        }
    }

    fn add(&mut self, row: &LogRow) {
        self.calls += 1;
        self.without_cost += u64::from(row.cost.is_none());
        for (sum, count) in [
            (&mut self.prompt_tokens, row.usage.input),
            (&mut self.completion_tokens, row.usage.output),
            (&mut self.total_tokens, row.usage.total),
        ] {
            *sum = sum.saturating_add(count.unwrap_or(0));
        }
    }
}

/// Returns a sum within the bounds of its type.
fn within(sum: i128) -> i64 {
    i64::try_from(sum).unwrap_or(if sum < 0 { i64::MIN } else { i64::MAX })
}
