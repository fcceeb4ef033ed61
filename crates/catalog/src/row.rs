//! A row of a price list: as people write it, and as it is looked up.

use std::collections::BTreeMap;
use std::fmt;

use gatehouse_types::Timestamp;
use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::decimal::{self, DecimalError};
use crate::unit::Unit;
use crate::window::Windows;

/// The prices of some models under some conditions, as it stands in a user's file (`[[prices]]`, TOML) and in
/// an organisation's overrides (JSON).
///
/// ```toml
/// [[prices]]
/// provider = "OPENAI"
/// models = ["gpt-4o", "gpt-4o-2024*"]
/// tier = "priority"
/// from = "2026-01-01"
/// input = "4.25"
/// output = "17"
/// ```
///
/// An override or a row of the file replaces everything that is known of its models for as long as it is valid:
/// tiers and units that it doesn't mention have no known price then.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceRow {
    /// The provider's name in Helicone's spelling (`OPENAI`), or the host of an unknown one.
    pub provider: String,
    /// Names of models; one that ends with `*` stands for all that begin like it.
    pub models: Vec<String>,
    /// The service tier (`batch`, `flex`, `priority`, …); absent: the standard one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The row holds for the whole call once all tokens of its input are more than this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above_input_tokens: Option<u64>,
    /// The region the row holds in; `*` for every one without a row of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The part of a day (UTC) in which the row holds: `16:30-00:30`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_peak: Option<String>,
    /// The variant of the product, such as `hd/1024x1792`; what the row has no price for costs what it costs by the
    /// row without a variant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The first day (UTC) on which the row holds: `2026-01-31`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// The first day (UTC) on which the row holds no longer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// Decimals by the name of their [`Unit`]: US dollars per million tokens, per second, per call, or per one of
    /// whatever else is counted. What is absent is not known.
    #[serde(flatten, deserialize_with = "prices")]
    pub prices: BTreeMap<String, String>,
}

/// What is wrong with a row of a price list.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}{}, `{field}`: {problem}", Subject(.subject))]
pub struct RowError {
    /// Where the row stands: `row 3` of a file or of overrides, `line 3` of the book.
    pub place: String,
    /// The row's provider and first model; empty when they can't be read.
    pub subject: String,
    /// The field.
    pub field: String,
    /// What is wrong with it and what it should be.
    pub problem: String,
}

struct Subject<'a>(&'a str);

impl fmt::Display for Subject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { Ok(()) } else { write!(f, " ({})", self.0) }
    }
}

/// When a row holds, besides its dates.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Conditions {
    /// The service tier, in lower case; `None` for the standard one.
    pub(crate) tier: Option<Box<str>>,
    pub(crate) above_input_tokens: Option<u64>,
    pub(crate) region: Option<Box<str>>,
    pub(crate) off_peak: Option<Windows>,
    pub(crate) variant: Option<Box<str>>,
}

/// The prices of one model under some conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) conditions: Conditions,
    /// The row holds from then on.
    pub(crate) from: Option<Timestamp>,
    /// The row holds no longer from then on.
    pub(crate) until: Option<Timestamp>,
    pub(crate) rates: Rates,
}

impl Row {
    /// Returns whether the row's dates allow it.
    pub(crate) fn is_valid(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// Prices in 10⁻¹² dollars; what is not among them is not known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rates(Box<[(Unit, u64)]>);

impl Rates {
    /// Takes prices of different units.
    pub(crate) fn new(mut rates: Vec<(Unit, u64)>) -> Self {
        rates.sort_unstable();
        Self(rates.into_boxed_slice())
    }

    pub(crate) fn get(&self, unit: Unit) -> Option<u64> {
        self.0.iter().find(|(priced, _)| *priced == unit).map(|(_, rate)| *rate)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Unit, u64)> + '_ {
        self.0.iter().copied()
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// What is wrong with one field.
pub(crate) struct FieldError {
    pub(crate) field: &'static str,
    pub(crate) problem: String,
}

impl FieldError {
    pub(crate) const fn new(field: &'static str, problem: String) -> Self {
        Self { field, problem }
    }
}

impl PriceRow {
    /// What errors call the row.
    pub(crate) fn subject(&self) -> String {
        format!("{} {}", self.provider, self.models.first().map_or("", String::as_str))
    }

    /// Checks everything but the models' names.
    pub(crate) fn read(&self) -> Result<Row, (String, String)> {
        let of_field = |error: FieldError| (error.field.to_owned(), error.problem);
        let mut rates = Vec::with_capacity(self.prices.len());
        for (name, price) in &self.prices {
            let unit = Unit::parse(name).ok_or_else(|| (name.clone(), unknown_field(name)))?;
            rates.push((unit, rate(unit, price).map_err(of_field)?));
        }
        let from = self.from.as_deref().map(|from| date("from", from)).transpose().map_err(of_field)?;
        let until = self.until.as_deref().map(|until| date("until", until)).transpose().map_err(of_field)?;
        if from.zip(until).is_some_and(|(from, until)| from >= until) {
            return Err(("until".to_owned(), "it is not after `from`: the row would never hold".to_owned()));
        }
        Ok(Row { conditions: self.conditions().map_err(of_field)?, from, until, rates: Rates::new(rates) })
    }

    fn conditions(&self) -> Result<Conditions, FieldError> {
        Ok(Conditions {
            tier: self.tier.as_deref().and_then(tier),
            above_input_tokens: self.above_input_tokens,
            region: self.region.as_deref().map(|region| filled("region", region)).transpose()?,
            off_peak: self.off_peak.as_deref().map(windows).transpose()?,
            variant: self.variant.as_deref().map(|variant| filled("variant", variant)).transpose()?,
        })
    }
}

/// The tier as rows have it: in lower case, and `None` for the standard one, whatever providers call that.
pub(crate) fn tier(name: &str) -> Option<Box<str>> {
    const STANDARD: [&str; 6] = ["", "auto", "default", "on-demand", "on_demand", "standard"];
    let name = name.trim().to_ascii_lowercase();
    (!STANDARD.contains(&name.as_str())).then(|| name.into_boxed_str())
}

/// Reads a price.
pub(crate) fn rate(unit: Unit, price: &str) -> Result<u64, FieldError> {
    let places = unit.places();
    decimal::parse(price, places).map_err(|error| {
        let per = unit.per();
        let problem = match error {
            DecimalError::Form => {
                format!("`{price}` is not a decimal: write US dollars per {per}, such as \"2.5\"")
            }
            DecimalError::TooFine => {
                format!("`{price}` is too fine: write US dollars per {per} with at most {places} decimals")
            }
            DecimalError::TooLarge => {
                format!("`{price}` is larger than any price: write US dollars per {per}")
            }
        };
        FieldError::new(unit.as_str(), problem)
    })
}

/// Reads a date: the beginning of its day in UTC.
pub(crate) fn date(field: &'static str, text: &str) -> Result<Timestamp, FieldError> {
    let day = (text.len() == "2026-01-31".len()).then(|| Timestamp::parse(&format!("{text}T00:00:00Z")));
    let problem = || format!("`{text}` is not a date: write it as \"2026-01-31\"");
    day.flatten().ok_or_else(|| FieldError::new(field, problem()))
}

/// Reads the parts of a day.
pub(crate) fn windows(text: &str) -> Result<Windows, FieldError> {
    let problem = || format!("`{text}` is not a part of a day: write it in UTC as \"16:30-00:30\"");
    Windows::parse(text).ok_or_else(|| FieldError::new("off_peak", problem()))
}

fn filled(field: &'static str, text: &str) -> Result<Box<str>, FieldError> {
    let problem = || "it is empty: leave it out where there is none".to_owned();
    let text = text.trim();
    if text.is_empty() { Err(FieldError::new(field, problem())) } else { Ok(text.into()) }
}

/// What to write instead of a field that doesn't exist.
fn unknown_field(name: &str) -> String {
    const CONDITIONS: &str =
        "provider, models, tier, above_input_tokens, region, off_peak, variant, from, until";
    let units = Unit::all().map(Unit::as_str).collect::<Vec<_>>().join(", ");
    let close = Unit::all().map(Unit::as_str).find(|unit| name.contains(unit) || unit.contains(name));
    let hint = close.map(|unit| format!("; did you mean `{unit}`?")).unwrap_or_default();
    format!("there is no field or unit `{name}`{hint} Fields: {CONDITIONS}. Units: {units}")
}

/// Reads what is neither a model nor a condition; names the field of a price that is no text.
fn prices<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    struct Prices;

    impl<'de> Visitor<'de> for Prices {
        type Value = BTreeMap<String, String>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("prices by unit")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut prices = BTreeMap::new();
            while let Some(name) = map.next_key::<String>()? {
                let price = map.next_value::<String>().map_err(|error| {
                    A::Error::custom(format!("`{name}`: {error}; write a decimal in quotes, such as \"2.5\""))
                })?;
                prices.insert(name, price);
            }
            Ok(prices)
        }
    }

    deserializer.deserialize_map(Prices)
}
