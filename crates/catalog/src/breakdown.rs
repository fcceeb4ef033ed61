//! How a cost comes about, for people to check.

use gatehouse_types::{NanoUsd, Timestamp};
use serde::{Serialize, Serializer};

use crate::catalog::Resolved;
use crate::choice::input_tokens;
use crate::decimal;
use crate::query::{CostStatus, PriceQuery};
use crate::row::Row;
use crate::sum::{Amount, FEMTOS_PER_NANO};
use crate::unit::Unit;

/// How many decimals a dollar has in 10⁻¹⁵ dollars, and 10⁻¹² dollars.
const DOLLAR_PLACES: usize = 15;
const PICO_PLACES: usize = 3;

/// Which list a price stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The organisation's overrides.
    Override,
    /// The price file that the configuration names.
    File,
    /// The built-in book.
    Book,
}

/// How a model's row was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchKind {
    /// It is listed under this name.
    Exact,
    /// The list has another name for it.
    Alias,
    /// It is listed under this name without its path, region, version or date.
    Normalised,
    /// The list prices all names that begin like this.
    Prefix,
}

/// How a cost comes about; serialises as JSON for the API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Breakdown {
    /// The cost in 10⁻⁹ dollars.
    pub cost: Option<NanoUsd>,
    /// Why it is what it is.
    pub status: CostStatus,
    /// The row that was found, even where it could not price everything.
    pub row: Option<MatchedRow>,
    /// What was used and has a price. Their amounts add up to `exact_usd`.
    pub lines: Vec<Line>,
    /// What was used and has no known price.
    pub missing: Vec<Unit>,
    /// The sum before it was rounded, in US dollars, as an exact decimal.
    pub exact_usd: Option<String>,
    /// What rounding to 10⁻⁹ dollars added, in 10⁻¹² dollars, as an exact decimal; negative where it took away.
    pub rounding_pico_usd: Option<String>,
}

/// The row that a cost comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct MatchedRow {
    /// The list.
    pub source: Source,
    /// How the model was found in it.
    pub matched: MatchKind,
    /// The name in the list; one that ends with `*` is a prefix.
    pub model: String,
    /// The service tier; `None` for the standard one.
    pub tier: Option<String>,
    /// The row holds for inputs of more tokens than this.
    pub above_input_tokens: Option<u64>,
    /// How many tokens the call's input had, of all classes.
    pub input_tokens: u64,
    /// The region.
    pub region: Option<String>,
    /// The part of a day, in UTC.
    pub off_peak: Option<String>,
    /// The variant.
    pub variant: Option<String>,
    /// The first day (UTC) on which the row holds.
    pub from: Option<String>,
    /// The first day (UTC) on which it holds no longer.
    pub until: Option<String>,
}

/// One unit's part of a cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What was used.
    pub unit: Unit,
    /// Whose price was taken, where the unit has none of its own.
    pub priced_as: Unit,
    /// How much of it was used; of time, milliseconds.
    pub count: u64,
    /// US dollars, as an exact decimal.
    pub price: String,
    /// What that price is for: `million tokens`, `second`, `call` or `unit`.
    pub per: &'static str,
    /// What it comes to in 10⁻¹² dollars, as an exact decimal.
    pub amount_pico_usd: String,
}

impl Serialize for Unit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl Breakdown {
    pub(crate) fn of(query: &PriceQuery<'_>, resolved: &Resolved<'_>) -> Self {
        let input_tokens = query.usage.map_or(0, input_tokens);
        let row = resolved.found.as_ref().zip(resolved.choice.as_ref());
        let row = row.and_then(|((source, found), choice)| {
            let star = if found.how == MatchKind::Prefix { "*" } else { "" };
            let model = format!("{}{star}", found.model);
            choice.best().map(|row| MatchedRow::of(row, *source, found.how, model, input_tokens))
        });
        let sum = resolved.sum.as_ref();
        let femtos = sum.and_then(crate::sum::Sum::femtos).filter(|_| resolved.status == CostStatus::Priced);
        Self {
            cost: resolved.cost,
            status: resolved.status,
            row,
            lines: sum.map(|sum| sum.amounts.iter().map(Line::of).collect()).unwrap_or_default(),
            missing: sum.map(|sum| sum.missing.clone()).unwrap_or_default(),
            exact_usd: femtos.map(|femtos| decimal::write(femtos, DOLLAR_PLACES)),
            rounding_pico_usd: femtos.map(rounding),
        }
    }
}

impl MatchedRow {
    fn of(row: &Row, source: Source, matched: MatchKind, model: String, input_tokens: u64) -> Self {
        let conditions = &row.conditions;
        let text = |text: &Option<Box<str>>| text.as_deref().map(str::to_owned);
        Self {
            source,
            matched,
            model,
            tier: text(&conditions.tier),
            above_input_tokens: conditions.above_input_tokens,
            input_tokens,
            region: text(&conditions.region),
            off_peak: conditions.off_peak.as_ref().map(ToString::to_string),
            variant: text(&conditions.variant),
            from: row.from.map(day),
            until: row.until.map(day),
        }
    }
}

impl Line {
    fn of(amount: &Amount) -> Self {
        Self {
            unit: amount.unit,
            priced_as: amount.priced_as,
            count: amount.count,
            price: decimal::write(amount.rate.into(), amount.priced_as.places()),
            per: amount.priced_as.per(),
            amount_pico_usd: decimal::write(amount.femtos, PICO_PLACES),
        }
    }
}

/// The day of a time: `2026-01-31`.
pub(crate) fn day(at: Timestamp) -> String {
    at.to_string().chars().take("2026-01-31".len()).collect()
}

/// What half-up rounding adds to a sum of 10⁻¹⁵ dollars.
fn rounding(femtos: u128) -> String {
    let rest = femtos % FEMTOS_PER_NANO;
    if rest >= FEMTOS_PER_NANO / 2 {
        decimal::write(FEMTOS_PER_NANO - rest, PICO_PLACES)
    } else if rest == 0 {
        "0".to_owned()
    } else {
        format!("-{}", decimal::write(rest, PICO_PLACES))
    }
}
