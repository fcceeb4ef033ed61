//! Which of a model's rows hold for a call.

use gatehouse_types::{UnitKind, Usage};

use crate::breakdown::Source;
use crate::names;
use crate::query::PriceQuery;
use crate::row::{Row, tier};
use crate::unit::Unit;

/// The classes that make up the length of an input.
///
/// Providers that charge more for long inputs count all of it, whether it was cached or not: Anthropic the sum of
/// `input_tokens`, `cache_creation_input_tokens` and `cache_read_input_tokens`, Google and xAI the whole prompt,
/// OpenAI all input tokens.
const INPUT: [UnitKind; 9] = [
    UnitKind::Input,
    UnitKind::CacheRead,
    UnitKind::CacheWrite,
    UnitKind::CacheWrite1h,
    UnitKind::InputAudio,
    UnitKind::CacheReadAudio,
    UnitKind::InputImage,
    UnitKind::CacheReadImage,
    UnitKind::InputVideo,
];

/// The region of a row that holds in every region without a row of its own.
const ANY_REGION: &str = "*";
/// The region that is none.
const GLOBAL: &str = "global";

/// The rows that hold for a call, those that fit best first.
#[derive(Debug)]
pub(crate) struct Choice<'a> {
    /// Where the prices of tokens are looked up: only rows for inputs of this length.
    for_tokens: Vec<&'a Row>,
    /// Where all other prices are looked up: fees don't depend on the length of an input.
    for_fees: Vec<&'a Row>,
    /// The rows of other variants, where the call's own has none.
    of_others: Vec<&'a Row>,
    /// Whether the call says which variant it is.
    is_variant: bool,
}

impl<'a> Choice<'a> {
    /// Chooses among the rows of a model; `None` when no price is known of the call's tier, region, variant or
    /// length of input.
    ///
    /// Tiers are strict: what a call of one tier costs says nothing about another. A variant's row needs to have
    /// the prices only that differ; of a variant without a row these prices are not known.
    pub(crate) fn among(
        rows: &'a [Row],
        source: Source,
        query: &PriceQuery<'_>,
        usage: &Usage,
    ) -> Option<Self> {
        let current = newest(rows, query);
        let input_tokens = input_tokens(usage);
        // Whoever sets prices and names no region means all of them.
        let is_everywhere =
            |region| source != Source::Book || is_general(query.provider, query.model, region);
        let group = group(&current, query, query.region.is_none_or(is_everywhere));
        let edge = edge(&current, &group, input_tokens);
        let (mut variants, mut general, mut of_others) = (Vec::new(), Vec::new(), Vec::new());
        for row in group {
            match &row.conditions.variant {
                None => general.push(row),
                Some(variant) if is_same(Some(variant), query.variant) => variants.push(row),
                Some(_) => of_others.push(row),
            }
        }
        if !variants.is_empty() {
            of_others.clear();
        }
        let reached = |row: &&Row| row.conditions.above_input_tokens <= edge;
        let longest_first = |mut rows: Vec<&'a Row>| {
            rows.retain(reached);
            rows.sort_by_key(|row| std::cmp::Reverse(row.conditions.above_input_tokens));
            rows
        };
        let for_fees = [longest_first(variants), longest_first(general)].concat();
        let is_long_enough = |row: &&&Row| row.conditions.above_input_tokens == edge;
        let for_tokens = for_fees.iter().filter(is_long_enough).copied().collect::<Vec<_>>();
        let is_known = for_tokens.iter().any(|row| !row.rates.is_empty());
        is_known.then_some(Self { for_tokens, for_fees, of_others, is_variant: query.variant.is_some() })
    }

    /// The row that fits best.
    pub(crate) fn best(&self) -> Option<&'a Row> {
        self.for_tokens.first().copied()
    }

    /// The price of a unit, in 10⁻¹² dollars.
    pub(crate) fn rate(&self, unit: Unit) -> Option<u64> {
        if self.is_variant && self.differs(unit) {
            return None;
        }
        let rows = if unit.is_tokens() { &self.for_tokens } else { &self.for_fees };
        rows.iter().find_map(|row| row.rates.get(unit))
    }

    /// Whether calls have a price in some variants, and that of this one is not known.
    pub(crate) fn has_unknown_fee(&self) -> bool {
        self.differs(Unit::Request) && self.rate(Unit::Request).is_none()
    }

    /// Whether other variants have a price of their own for a unit.
    fn differs(&self, unit: Unit) -> bool {
        self.of_others.iter().any(|row| row.rates.get(unit).is_some())
    }

    /// Whether nothing but calls has a price.
    pub(crate) fn is_by_call(&self) -> bool {
        let mut priced = self.for_fees.iter().flat_map(|row| row.rates.iter()).peekable();
        priced.peek().is_some() && priced.all(|(unit, _)| unit == Unit::Request)
    }
}

/// How many tokens the input has, of all classes.
pub(crate) fn input_tokens(usage: &Usage) -> u64 {
    INPUT.iter().filter_map(|kind| usage.count(*kind)).fold(0, u64::saturating_add)
}

/// The rows that are valid at the time and not replaced by a newer one of the same conditions.
fn newest<'a>(rows: &'a [Row], query: &PriceQuery<'_>) -> Vec<&'a Row> {
    let valid = || rows.iter().filter(|row| row.is_valid(query.at));
    let is_replaced =
        |row: &Row| valid().any(|other| other.from > row.from && other.conditions == row.conditions);
    valid().filter(|row| !is_replaced(row)).collect()
}

/// The rows of the call's tier, region and time of day.
///
/// `is_general` says whether rows without a region hold where the call has none of its own.
fn group<'a>(current: &[&'a Row], query: &PriceQuery<'_>, is_general: bool) -> Vec<&'a Row> {
    let tier = query.service_tier.and_then(tier);
    let mut rows = current.to_vec();
    rows.retain(|row| row.conditions.tier == tier);
    let is_regional = |row: &&Row| row.conditions.region.is_some();
    let is_here =
        |row: &&Row| query.region.is_some() && is_same(row.conditions.region.as_deref(), query.region);
    let is_anywhere = |row: &&Row| row.conditions.region.as_deref() == Some(ANY_REGION);
    let has_region = query.region.is_some_and(|region| region != GLOBAL);
    if rows.iter().any(is_here) {
        rows.retain(is_here);
    } else if has_region && rows.iter().any(is_anywhere) {
        rows.retain(is_anywhere);
    } else if is_general {
        rows.retain(|row| !is_regional(row));
    } else {
        rows.clear();
    }
    let is_now = |row: &&Row| row.conditions.off_peak.as_ref().is_some_and(|parts| parts.contain(query.at));
    if rows.iter().any(is_now) {
        rows.retain(is_now);
    } else {
        rows.retain(|row| row.conditions.off_peak.is_none());
    }
    rows
}

/// Whether the book's prices without a region hold in that one.
///
/// Who calls AWS or Vertex always calls a region, and what they publish without one is what they charge in all
/// regions that have no row. Not so for Government clouds, nor for newer models on Vertex, which cost a tenth more in a
/// region than globally ([`names::has_regional_prices`]). At OpenAI a regional host is the exception, with prices of its own.
fn is_general(provider: &str, model: &str, region: &str) -> bool {
    match provider {
        "AWS" | "BEDROCK" => !region.starts_with("us-gov"),
        "GOOGLE" => region == GLOBAL || !names::has_regional_prices(model),
        "AZURE" => true,
        _ => false,
    }
}

/// The longest length that is exceeded of all that the rows know of.
///
/// A tier, a region or a time of day whose rows don't say what holds beyond an edge that the general rows have is
/// not known there, so that a long call is never priced as a short one.
fn edge(current: &[&Row], group: &[&Row], input_tokens: u64) -> Option<u64> {
    let is_general = |row: &&&Row| {
        let conditions = &row.conditions;
        let has_none = conditions.tier.is_none() && conditions.region.is_none();
        has_none && conditions.off_peak.is_none() && conditions.variant.is_none()
    };
    let rows = group.iter().chain(current.iter().filter(is_general));
    rows.filter_map(|row| row.conditions.above_input_tokens).filter(|above| input_tokens > *above).max()
}

fn is_same(condition: Option<&str>, called: Option<&str>) -> bool {
    match (condition, called) {
        (Some(condition), Some(called)) => condition.eq_ignore_ascii_case(called),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
