//! From a model and its token counts to a cost, or to the reason why there is none.

use std::collections::HashMap;

use gatehouse_types::{NanoUsd, Timestamp, Usage};

use crate::context;
use crate::list::{List, ListError, Rates, Row};

/// The price lists that are part of the binary.
const BUILTIN: [&str; 1] = [include_str!("../prices/openai.toml")];
/// How many 10⁻¹² dollars a nano-dollar has.
const PICOS_PER_NANO: u128 = 1000;
/// The length of a date suffix such as `-2024-07-18`.
const DATE_SUFFIX_BYTES: usize = 11;

/// Every known price, and how many tokens models take.
#[derive(Debug)]
pub struct Catalog {
    providers: HashMap<String, HashMap<String, Vec<Row>>>,
    pub(crate) context_lengths: HashMap<String, u64>,
}

/// What is to be priced.
#[derive(Clone, Copy, Debug)]
pub struct PriceQuery<'a> {
    /// The provider's name in Helicone's spelling.
    pub provider: &'a str,
    /// The provider's region when it was asked through a regional host, whose prices may differ.
    pub region: Option<&'a str>,
    /// The model that answered; empty when it is not known.
    pub model: &'a str,
    /// The service tier that the provider billed, when it said so.
    pub service_tier: Option<&'a str>,
    /// The token counts, when there are any.
    pub usage: Option<&'a Usage>,
    /// Whether the call is charged for more than its tokens.
    pub extra_charges: bool,
    /// The HTTP status, or a synthetic one below 0.
    pub status: i32,
    /// When the call was made.
    pub at: Timestamp,
}

/// A call that is still to be made.
#[derive(Clone, Copy, Debug)]
pub struct EstimateQuery<'a> {
    /// The provider's name in Helicone's spelling.
    pub provider: &'a str,
    /// The provider's region when it is asked through a regional host.
    pub region: Option<&'a str>,
    /// The model that is asked for.
    pub model: &'a str,
    /// How many tokens the input is thought to have.
    pub input_tokens: u64,
    /// How many tokens the output may have.
    pub output_tokens: u64,
    /// When the call is made.
    pub at: Timestamp,
}

/// Why a call has the cost it has, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CostStatus {
    /// Every class of tokens that was used has a price.
    Priced,
    /// The provider did not say how many tokens were used.
    NoUsage,
    /// The provider refused or failed, and did not say that anything was used.
    ErrorStatus,
    /// Nobody said which model it was.
    NoModel,
    /// The call is charged for more than its tokens, such as a search that the provider ran: the fee is not known.
    ExtraCharges,
    /// No price of this model, tier, region or length of input is known.
    NoPrice,
    /// A class of tokens that was used has no known price.
    PartialPrice,
}

impl CostStatus {
    /// Every status, for metrics and documentation.
    pub const ALL: [Self; 7] = [
        Self::Priced,
        Self::NoUsage,
        Self::ErrorStatus,
        Self::NoModel,
        Self::ExtraCharges,
        Self::NoPrice,
        Self::PartialPrice,
    ];

    /// Returns the name used in rows, metrics and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Priced => "priced",
            Self::NoUsage => "no_usage",
            Self::ErrorStatus => "error_status",
            Self::NoModel => "no_model",
            Self::ExtraCharges => "extra_charges",
            Self::NoPrice => "no_price",
            Self::PartialPrice => "partial_price",
        }
    }
}

/// The answer to a [`PriceQuery`].
///
/// # Invariants
/// `cost` is there exactly when `status` is [`CostStatus::Priced`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Priced {
    /// The cost.
    pub cost: Option<NanoUsd>,
    /// Why it is what it is.
    pub status: CostStatus,
}

impl Catalog {
    /// Returns the catalogue of the prices that are part of the binary.
    #[expect(clippy::expect_used, reason = "the lists are embedded and a test parses them")]
    pub fn builtin() -> Self {
        Self::parse(&BUILTIN).expect("embedded price lists are valid")
    }

    /// Returns the catalogue of the given price lists, a later one of which replaces an earlier one of its
    /// provider, with the context lengths that are part of the binary.
    ///
    /// # Errors
    /// Fails when a list is not of the form that `prices/openai.toml` describes.
    pub fn parse(lists: &[&str]) -> Result<Self, ListError> {
        let lists = lists.iter().map(|text| List::parse(text)).collect::<Result<Vec<_>, _>>()?;
        let providers = lists.into_iter().map(|list| (list.provider, list.rows)).collect();
        Ok(Self { providers, context_lengths: context::builtin()? })
    }

    /// Returns what a call of the standard tier will cost if it uses so many tokens and no cache helps; `None`
    /// when a price is not known. It is what a limit sets aside, never what is recorded.
    pub fn estimate(&self, query: EstimateQuery<'_>) -> Option<NanoUsd> {
        let EstimateQuery { provider, region, model, input_tokens, output_tokens, at } = query;
        let usage = Usage { input: Some(input_tokens), output: Some(output_tokens), ..Usage::default() };
        let priced = self.price(PriceQuery {
            provider,
            region,
            model,
            service_tier: None,
            usage: Some(&usage),
            extra_charges: false,
            status: 200,
            at,
        });
        priced.cost
    }

    /// Returns what a call cost, or why that is not known.
    pub fn price(&self, query: PriceQuery<'_>) -> Priced {
        match self.cost(query) {
            Ok(cost) => Priced { cost: Some(cost), status: CostStatus::Priced },
            Err(status) => Priced { cost: None, status },
        }
    }

    fn cost(&self, query: PriceQuery<'_>) -> Result<NanoUsd, CostStatus> {
        let Some(usage) = query.usage.filter(|usage| has_counts(usage)) else {
            return Err(if query.status >= 400 { CostStatus::ErrorStatus } else { CostStatus::NoUsage });
        };
        if query.model.is_empty() {
            return Err(CostStatus::NoModel);
        }
        if query.extra_charges {
            return Err(CostStatus::ExtraCharges);
        }
        let rows = self.rows(query.provider, query.model).filter(|_| query.region.is_none());
        let rates = rows.and_then(|rows| rates(rows, query, usage)).ok_or(CostStatus::NoPrice)?;
        let picos = picos(rates, usage)?;
        let nanos = (picos + PICOS_PER_NANO / 2) / PICOS_PER_NANO;
        // Counts that lead beyond nine billion dollars are not counts.
        i64::try_from(nanos).map(NanoUsd::new).map_err(|_| CostStatus::NoUsage)
    }

    /// The rows of a model: by its name, or by its name without the date of a snapshot.
    fn rows(&self, provider: &str, model: &str) -> Option<&[Row]> {
        let models = self.providers.get(provider)?;
        // Fine-tuned models have prices of their own, by their base.
        let model = match fine_tuned_base(model) {
            Some(base) => model.get(..base.len() + "ft:".len()).unwrap_or(model),
            None => model,
        };
        let rows = models.get(model).or_else(|| models.get(without_date(model)?))?;
        Some(rows)
    }
}

/// Whether any class was counted; a bare total says nothing about money.
fn has_counts(usage: &Usage) -> bool {
    Usage { total: None, ..*usage } != Usage::default()
}

/// `ft:<base>:<organisation>:<name>:<id>` → `<base>`; `None` for a model that is not fine-tuned.
pub(crate) fn fine_tuned_base(model: &str) -> Option<&str> {
    model.strip_prefix("ft:")?.split(':').next()
}

/// `gpt-4o-2024-07-18` → `gpt-4o`.
pub(crate) fn without_date(model: &str) -> Option<&str> {
    let (name, date) = model.split_at_checked(model.len().checked_sub(DATE_SUFFIX_BYTES)?)?;
    let is_date = date.bytes().enumerate().all(|(at, byte)| match at {
        0 | 5 | 8 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    is_date.then_some(name)
}

/// The rates of the row that fits best: the longest context that was exceeded, then the newest date.
fn rates(rows: &[Row], query: PriceQuery<'_>, usage: &Usage) -> Option<Rates> {
    let tier = query.service_tier.filter(|tier| !matches!(*tier, "" | "default" | "standard"));
    let input = [usage.input, usage.cache_read, usage.cache_write, usage.input_audio];
    let input_tokens = input.iter().flatten().fold(0_u64, |sum, tokens| sum.saturating_add(*tokens));
    rows.iter()
        .filter(|row| row.tier.as_deref() == tier)
        .filter(|row| row.above_input_tokens.is_none_or(|above| input_tokens > above))
        .filter(|row| row.from.is_none_or(|from| from <= query.at))
        .max_by_key(|row| (row.above_input_tokens, row.from))
        .map(|row| row.rates)
        .filter(|rates| *rates != Rates::default())
}

/// The exact sum over the classes, in 10⁻¹² dollars.
///
/// The two main classes have to be counted where they have a price: what is not known is not 0. The
/// others are only reported where a provider has them.
fn picos(rates: Rates, usage: &Usage) -> Result<u128, CostStatus> {
    let is_missing = |rate: Option<u64>, tokens: Option<u64>| rate.is_some() && tokens.is_none();
    if is_missing(rates.input, usage.input) || is_missing(rates.output, usage.output) {
        return Err(CostStatus::NoUsage);
    }
    let classes = [
        (rates.input, usage.input),
        (rates.cache_read, usage.cache_read),
        (rates.cache_write, usage.cache_write),
        (rates.input_audio, usage.input_audio),
        (rates.output, usage.output),
        (rates.reasoning, usage.reasoning),
        (rates.output_audio, usage.output_audio),
    ];
    // The product of two 64-bit numbers and the sum of seven of them fit into 128 bits, but for counts
    // that no provider can mean.
    classes.iter().try_fold(0_u128, |sum, (rate, tokens)| match (rate, tokens.unwrap_or(0)) {
        (_, 0) => Ok(sum),
        (None, _) => Err(CostStatus::PartialPrice),
        (Some(rate), tokens) => {
            sum.checked_add(u128::from(*rate) * u128::from(tokens)).ok_or(CostStatus::NoUsage)
        }
    })
}

#[cfg(test)]
mod tests;
