//! What a call's counts come to.

use gatehouse_types::{NanoUsd, UnitKind, Usage};

use crate::choice::Choice;
use crate::query::CostStatus;
use crate::unit::Unit;

/// How many 10⁻¹⁵ dollars a nano-dollar has.
pub(crate) const FEMTOS_PER_NANO: u128 = 1_000_000;

/// What is counted of a product twice, in what it is as well as in tokens; only one of the two is billed.
const TWICE: [(UnitKind, UnitKind); 4] = [
    (UnitKind::Images, UnitKind::OutputImage),
    (UnitKind::InputAudioMs, UnitKind::InputAudio),
    (UnitKind::OutputAudioMs, UnitKind::OutputAudio),
    (UnitKind::Characters, UnitKind::Input),
];

/// What an input may be counted as instead of [`UnitKind::Input`].
const OTHER_INPUTS: [UnitKind; 5] = [
    UnitKind::InputAudio,
    UnitKind::InputImage,
    UnitKind::InputVideo,
    UnitKind::InputAudioMs,
    UnitKind::Characters,
];

/// What an output may be counted as instead of [`UnitKind::Output`].
const OTHER_OUTPUTS: [UnitKind; 5] = [
    UnitKind::OutputAudio,
    UnitKind::OutputImage,
    UnitKind::Images,
    UnitKind::OutputAudioMs,
    UnitKind::OutputVideoMs,
];

/// One unit's part of a cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Amount {
    pub(crate) unit: Unit,
    /// Whose price it has: the unit's own, or the one it is billed as.
    pub(crate) priced_as: Unit,
    pub(crate) count: u64,
    /// In 10⁻¹² dollars.
    pub(crate) rate: u64,
    /// In 10⁻¹⁵ dollars.
    pub(crate) femtos: u128,
}

/// The parts of a cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sum {
    pub(crate) amounts: Vec<Amount>,
    /// What was used and has no known price.
    pub(crate) missing: Vec<Unit>,
}

impl Sum {
    /// Multiplies what was used by what it costs.
    ///
    /// # Errors
    /// The two main classes have to be counted where they have a price: what is not known is not 0. The others
    /// are reported only where a provider has them.
    pub(crate) fn of(usage: &Usage, choice: &Choice<'_>, provider: &str) -> Result<Self, CostStatus> {
        let is_counted = |kinds: &[UnitKind]| kinds.iter().any(|kind| usage.count(*kind).is_some());
        let is_missing = |kind, others: &[UnitKind]| {
            let has_price = choice.rate(Unit::Used(kind)).is_some_and(|rate| rate > 0);
            has_price && usage.count(kind).is_none() && !is_counted(others)
        };
        if is_missing(UnitKind::Input, &OTHER_INPUTS) || is_missing(UnitKind::Output, &OTHER_OUTPUTS) {
            return Err(CostStatus::NoUsage);
        }
        let mut sum = Self::default();
        for kind in UnitKind::ALL {
            let count = usage.count(kind).unwrap_or(0);
            if count == 0 || is_billed_otherwise(kind, usage, choice) {
                continue;
            }
            match rate(kind, choice, provider) {
                Some((priced_as, rate)) => sum.add(Unit::Used(kind), priced_as, count, rate)?,
                None => sum.missing.push(Unit::Used(kind)),
            }
        }
        match choice.rate(Unit::Request) {
            Some(rate) => sum.add(Unit::Request, Unit::Request, 1, rate)?,
            None if choice.has_unknown_fee() => sum.missing.push(Unit::Request),
            None => {}
        }
        Ok(sum)
    }

    /// The exact sum, in 10⁻¹⁵ dollars; `None` for one that no counts can mean.
    pub(crate) fn femtos(&self) -> Option<u128> {
        self.amounts.iter().try_fold(0_u128, |sum, amount| sum.checked_add(amount.femtos))
    }

    /// The cost: the exact sum, rounded once, half up.
    ///
    /// # Errors
    /// Something has no price, or the counts lead beyond nine billion dollars, which are not counts.
    pub(crate) fn cost(&self) -> Result<NanoUsd, CostStatus> {
        if !self.missing.is_empty() {
            return Err(CostStatus::PartialPrice);
        }
        let femtos = self.femtos().and_then(|femtos| femtos.checked_add(FEMTOS_PER_NANO / 2));
        let nanos = femtos.ok_or(CostStatus::NoUsage)? / FEMTOS_PER_NANO;
        i64::try_from(nanos).map(NanoUsd::new).map_err(|_| CostStatus::NoUsage)
    }

    fn add(&mut self, unit: Unit, priced_as: Unit, count: u64, rate: u64) -> Result<(), CostStatus> {
        // The product of two 64-bit numbers fits into 128 bits; a thousand times that may not.
        let picos = u128::from(rate) * u128::from(count);
        let femtos = picos.checked_mul(priced_as.femtos_per_pico()).ok_or(CostStatus::NoUsage)?;
        self.amounts.push(Amount { unit, priced_as, count, rate, femtos });
        Ok(())
    }
}

/// The price of a class, and whose it is.
///
/// Reasoning is output unless it has a price of its own. Images and films of the input are text where the provider
/// says so ([`sees_for_the_price_of_text`]). Everything else has its own price or none: a cache that nobody
/// priced is neither free nor known to cost what text costs.
fn rate(kind: UnitKind, choice: &Choice<'_>, provider: &str) -> Option<(Unit, u64)> {
    let own = |kind| choice.rate(Unit::Used(kind)).map(|rate| (Unit::Used(kind), rate));
    own(kind).or_else(|| match kind {
        UnitKind::Reasoning => own(UnitKind::Output),
        UnitKind::InputImage | UnitKind::InputVideo if sees_for_the_price_of_text(choice, provider) => {
            own(UnitKind::Input)
        }
        UnitKind::CacheReadImage if sees_for_the_price_of_text(choice, provider) => own(UnitKind::CacheRead),
        _ => None,
    })
}

/// Whether images of the input cost what its text costs.
///
/// OpenAI's models that answer in text charge images as tokens "just like text", and Google's price list has one
/// price of the input for "text / image / video" of everything but models that speak. Models that make images or
/// sound have prices of their own for what they see at OpenAI, and so do models without an output, which embed.
fn sees_for_the_price_of_text(choice: &Choice<'_>, provider: &str) -> bool {
    let has = |kind| choice.rate(Unit::Used(kind)).is_some();
    let speaks = has(UnitKind::OutputAudio);
    let draws = has(UnitKind::OutputImage) || has(UnitKind::Images);
    match provider {
        "OPENAI" | "AZURE" => has(UnitKind::Output) && !speaks && !draws,
        "GOOGLE" => (has(UnitKind::Output) || draws) && !speaks,
        _ => false,
    }
}

/// Whether a class is the other count of something that is billed already.
///
/// Tokens go before what they stand for, where both have a price.
fn is_billed_otherwise(kind: UnitKind, usage: &Usage, choice: &Choice<'_>) -> bool {
    let is_billed = |kind: UnitKind| {
        usage.count(kind).is_some_and(|count| count > 0) && choice.rate(Unit::Used(kind)).is_some()
    };
    TWICE.iter().any(|(thing, tokens)| {
        let is_thing = *thing == kind && is_billed(*tokens);
        is_thing || (*tokens == kind && is_billed(*thing) && !is_billed(*tokens))
    })
}
