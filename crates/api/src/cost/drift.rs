//! What a provider charges beside what we computed, by day and model.

use std::collections::{BTreeMap, BTreeSet};

use gatehouse_store::log::CostSum;
use gatehouse_types::{NanoUsd, Timestamp};
use gatehouse_wire::bill::Bill;

/// A day and a model.
pub(super) type Place = (Timestamp, String);

/// Both sides of one place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Sides {
    /// What the provider charges, in nano-dollars; `None` where its export says nothing.
    pub(super) theirs: Option<i64>,
    /// What we computed, over the calls of which the cost is known.
    pub(super) ours: i64,
    /// How many calls we know of.
    pub(super) calls: u64,
    /// Of how many of them the cost is not known.
    pub(super) without_cost: u64,
}

/// The comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Comparison {
    /// Both sides, by day and model; the model is empty everywhere where the export does not tell models apart.
    pub(super) places: BTreeMap<Place, Sides>,
    /// Whether the export tells models apart.
    pub(super) by_model: bool,
    /// Models that only the provider knows.
    pub(super) only_theirs: BTreeSet<String>,
    /// Models that only we know.
    pub(super) only_ours: BTreeSet<String>,
}

/// Lays what a provider charges beside our sums of the same days.
pub(super) fn compare(bill: &Bill, sums: &[CostSum]) -> Comparison {
    let by_model = bill.charges.keys().any(|(_, model)| !model.is_empty());
    let our_models: BTreeSet<&str> = sums.iter().filter_map(|sum| sum.model.as_deref()).collect();
    let names = Names::new(&our_models);
    let mut comparison = Comparison { by_model, ..Comparison::default() };
    for ((day, model), amount) in &bill.charges {
        let model = names.ours(model);
        let sides = comparison.places.entry((*day, model.to_owned())).or_default();
        sides.theirs = Some(sides.theirs.unwrap_or(0).saturating_add(amount.get()));
    }
    for sum in sums {
        let Some(day) = sum.day else { continue };
        let model = sum.model.as_deref().filter(|_| by_model).unwrap_or_default();
        let sides = comparison.places.entry((day, model.to_owned())).or_default();
        sides.ours = sides.ours.saturating_add(sum.cost);
        sides.calls += sum.calls;
        sides.without_cost += sum.without_cost;
    }
    if by_model {
        comparison.name_lonely_models();
    }
    comparison
}

impl Comparison {
    /// Enters the models that only one side has, on whatever day.
    fn name_lonely_models(&mut self) {
        let with = |is_there: fn(&Sides) -> bool| -> BTreeSet<String> {
            let places = self.places.iter().filter(|(_, sides)| is_there(sides));
            places.map(|((_, model), _)| model.clone()).collect()
        };
        let (theirs, ours) = (with(|sides| sides.theirs.is_some()), with(|sides| sides.calls > 0));
        self.only_theirs = theirs.difference(&ours).cloned().collect();
        self.only_ours = ours.difference(&theirs).cloned().collect();
    }

    /// Adds up all places.
    pub(super) fn total(&self) -> Sides {
        let mut total = Sides { theirs: Some(0), ..Sides::default() };
        for sides in self.places.values() {
            let theirs = total.theirs.unwrap_or(0).saturating_add(sides.theirs.unwrap_or(0));
            total.theirs = Some(theirs);
            total.ours = total.ours.saturating_add(sides.ours);
            total.calls += sides.calls;
            total.without_cost += sides.without_cost;
        }
        total
    }
}

impl Sides {
    /// Returns by how much our side is more than theirs, in nano-dollars.
    pub(super) fn drift(&self) -> i64 {
        self.ours.saturating_sub(self.theirs.unwrap_or(0))
    }

    /// Returns the same in percent of theirs; `None` where they charge nothing.
    pub(super) fn drift_percent(&self) -> Option<f64> {
        let theirs = self.theirs.filter(|theirs| *theirs != 0)?;
        Some(self.drift() as f64 / theirs as f64 * 100.0)
    }
}

/// What our models are called in an export: by the same name, in whatever case, else without the date of a version.
struct Names<'a> {
    exact: BTreeMap<String, &'a str>,
    /// `None` for a name that more than one of our models has without its date.
    dateless: BTreeMap<String, Option<&'a str>>,
}

impl<'a> Names<'a> {
    fn new(ours: &BTreeSet<&'a str>) -> Self {
        let mut names = Self { exact: BTreeMap::new(), dateless: BTreeMap::new() };
        for model in ours {
            let plain = model.to_lowercase();
            let dateless = without_date(&plain).to_owned();
            names.dateless.entry(dateless).and_modify(|other| *other = None).or_insert(Some(model));
            names.exact.insert(plain, model);
        }
        names
    }

    /// Returns our name of a model, or its own when we know none.
    fn ours<'n>(&self, model: &'n str) -> &'n str
    where
        'a: 'n,
    {
        let plain = model.to_lowercase();
        let dateless = || self.dateless.get(without_date(&plain)).copied().flatten();
        self.exact.get(&plain).copied().or_else(dateless).unwrap_or(model)
    }
}

/// `gpt-4o-2024-08-06` and `claude-sonnet-4-20250514` → the name without the date.
fn without_date(model: &str) -> &str {
    let mut rest = model;
    let mut digits = 0;
    while let Some((before, part)) = rest.rsplit_once('-') {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            break;
        }
        digits += part.len();
        rest = before;
        match digits {
            8 => return rest,
            9.. => break,
            _ => {}
        }
    }
    model
}

/// Returns the first day and the day after the last one of a bill.
pub(super) fn span(bill: &Bill) -> Option<(Timestamp, Timestamp)> {
    const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);
    let ((first, _), _) = bill.charges.first_key_value()?;
    let ((last, _), _) = bill.charges.last_key_value()?;
    Some((*first, last.plus(DAY)))
}

/// Returns the nano-dollars of all charges.
pub(super) fn charged(bill: &Bill) -> i64 {
    bill.charges.values().map(|amount: &NanoUsd| amount.get()).fold(0, i64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(number: i64) -> Timestamp {
        Timestamp::from_unix_micros(number * 86_400_000_000)
    }

    fn bill(charges: &[(i64, &str, i64)]) -> Bill {
        let charge =
            |(at, model, nanos): &(i64, &str, i64)| ((day(*at), (*model).to_owned()), NanoUsd::new(*nanos));
        Bill { charges: charges.iter().map(charge).collect(), notes: Vec::new() }
    }

    fn sum(at: i64, model: &str, cost: i64, calls: u64, without_cost: u64) -> CostSum {
        let model = Some(model.to_owned());
        CostSum { day: Some(day(at)), model, cost, calls, without_cost, ..CostSum::default() }
    }

    #[test]
    fn both_sides_are_laid_beside_each_other() {
        let theirs = bill(&[(1, "gpt-4o-2024-08-06", 200), (1, "Fine-tuning", 50), (2, "GPT-4o", 10)]);
        let ours = [
            sum(1, "gpt-4o-2024-08-06", 150, 3, 1),
            sum(1, "gpt-4o-2024-08-06", 0, 2, 2),
            sum(2, "gpt-4o-2024-08-06", 11, 1, 0),
            sum(2, "unknown-model", 0, 4, 4),
        ];
        let compared = compare(&theirs, &ours);
        let at = |place: (i64, &str)| compared.places.get(&(day(place.0), place.1.to_owned())).unwrap();
        let expected = Sides { theirs: Some(200), ours: 150, calls: 5, without_cost: 3 };
        assert_eq!(*at((1, "gpt-4o-2024-08-06")), expected);
        assert_eq!((expected.drift(), expected.drift_percent()), (-50, Some(-25.0)));
        assert_eq!(at((2, "gpt-4o-2024-08-06")).theirs, Some(10), "found without its date");
        assert_eq!(at((1, "Fine-tuning")), &Sides { theirs: Some(50), ..Sides::default() });
        assert_eq!(at((2, "unknown-model")).drift_percent(), None);
        assert_eq!(compared.only_theirs.iter().collect::<Vec<_>>(), ["Fine-tuning"]);
        assert_eq!(compared.only_ours.iter().collect::<Vec<_>>(), ["unknown-model"]);
        let total = Sides { theirs: Some(260), ours: 161, calls: 10, without_cost: 7 };
        assert_eq!(compared.total(), total);
        assert_eq!(charged(&theirs), 260);
        assert_eq!(span(&theirs), Some((day(1), day(3))));
    }

    #[test]
    fn an_export_without_models_is_compared_by_the_day() {
        let compared = compare(&bill(&[(1, "", 100)]), &[sum(1, "a", 60, 1, 0), sum(1, "b", 50, 1, 0)]);
        assert!(!compared.by_model);
        let sides = Sides { theirs: Some(100), ours: 110, calls: 2, without_cost: 0 };
        assert_eq!(compared.places, BTreeMap::from([((day(1), String::new()), sides)]));
        assert!(compared.only_ours.is_empty() && compared.only_theirs.is_empty());
    }

    #[test]
    fn a_name_without_its_date_counts_only_where_it_is_one_models() {
        let names =
            BTreeSet::from(["gpt-4o-2024-08-06", "gpt-4o-2024-05-13", "claude-sonnet-4-20250514", "m-1"]);
        let names = Names::new(&names);
        for (theirs, ours) in [
            ("gpt-4o", "gpt-4o"),
            ("GPT-4o-2024-08-06", "gpt-4o-2024-08-06"),
            ("claude-sonnet-4", "claude-sonnet-4-20250514"),
            ("claude-sonnet-4-20991231", "claude-sonnet-4-20250514"),
            ("m", "m"),
            ("m-1", "m-1"),
        ] {
            assert_eq!(names.ours(theirs), ours);
        }
    }
}
