//! `usage` of messages: every class of the input beside the others, told in the first event and again later.

use gatehouse_types::Usage;
use serde::de::{MapAccess, SeqAccess};

use crate::counts::{Count, sum};
use crate::json::{Scalar, Shape, Shaped, skip};
use crate::openai::Fees;

/// `usage` as it is sent, or as its events add up.
#[derive(Debug, Default)]
pub(crate) struct RawUsage<'a> {
    input: Count,
    output: Count,
    cache_read: Count,
    cache_write: Count,
    /// The same as `cache_write`, by how long it is kept.
    kept: Kept,
    fees: Fees,
    /// Where the model ran, and how fast, both of which may cost more.
    place: Scalar<'a>,
    speed: Scalar<'a>,
    pub(crate) service_tier: Scalar<'a>,
    iterations: Iterations,
}

/// `cache_creation`.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    minutes: Count,
    hour: Count,
}

/// How often the model ran, where the counts are those of its last run.
#[derive(Clone, Copy, Debug, Default)]
struct Iterations(usize);

impl<'de: 'a, 'a> Shape<'de> for RawUsage<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "input_tokens" => self.input = map.next_value::<Scalar<'de>>()?.into(),
            "output_tokens" => self.output = map.next_value::<Scalar<'de>>()?.into(),
            "cache_read_input_tokens" => self.cache_read = map.next_value::<Scalar<'de>>()?.into(),
            "cache_creation_input_tokens" => self.cache_write = map.next_value::<Scalar<'de>>()?.into(),
            "cache_creation" => self.kept = map.next_value::<Shaped<Kept>>()?.0,
            "server_tool_use" => self.fees = map.next_value::<Shaped<Fees>>()?.0,
            "inference_geo" => self.place = map.next_value()?,
            "speed" => self.speed = map.next_value()?,
            "service_tier" => self.service_tier = map.next_value()?,
            "iterations" => self.iterations = map.next_value::<Shaped<Iterations>>()?.0,
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Shape<'de> for Kept {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "ephemeral_5m_input_tokens" => self.minutes = map.next_value::<Scalar<'de>>()?.into(),
            "ephemeral_1h_input_tokens" => self.hour = map.next_value::<Scalar<'de>>()?.into(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Shape<'de> for Iterations {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let more = seq.next_element::<serde::de::IgnoredAny>()?.is_some();
        self.0 += usize::from(more);
        Ok(more)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

impl RawUsage<'_> {
    /// Returns what an answer says that is nothing but counts.
    pub(crate) fn of(input: Count, output: Count) -> Self {
        Self { input, output, ..Self::default() }
    }
}

/// The counters of an answer, each as it was told last: its events repeat them, and do not add to them.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    input: Count,
    output: Count,
    cache_read: Count,
    cache_write: Count,
    kept: Kept,
    web_searches: Count,
    /// Whether there is more to pay for than what is counted, at its usual prices.
    pub(crate) has_fees: bool,
}

impl Counters {
    /// Takes what an event tells.
    pub(crate) fn merge(&mut self, later: &RawUsage<'_>) {
        self.input.replace(later.input);
        self.output.replace(later.output);
        self.cache_read.replace(later.cache_read);
        self.cache_write.replace(later.cache_write);
        self.kept.minutes.replace(later.kept.minutes);
        self.kept.hour.replace(later.kept.hour);
        let is_told = |told: &Scalar<'_>, usual: &[&str]| told.text().is_some_and(|it| !usual.contains(&it));
        self.web_searches.replace(later.fees.web_searches);
        self.has_fees |= later.fees.is_due()
            || is_told(&later.place, &["", "global", "not_available"])
            || is_told(&later.speed, &["", "standard"])
            || later.iterations.0 > 1;
    }

    /// Returns the counts in classes that don't overlap; `None` when one is not a count, there is none, or the
    /// parts of what was written to the cache are not its sum.
    pub(crate) fn classes(&self) -> Option<Usage> {
        let (input, output) = (self.input.valid()?, self.output.valid()?);
        let (minutes, hour) = (self.kept.minutes.valid()?, self.kept.hour.valid()?);
        let parts = minutes.or(hour).map(|_| sum(&[minutes, hour]));
        let whole = self.cache_write.valid()?;
        if whole.is_some() && parts.is_some() && whole != parts {
            return None;
        }
        input.or(output)?;
        Some(Usage {
            input,
            output,
            cache_read: self.cache_read.valid()?,
            cache_write: if parts.is_some() { minutes } else { whole },
            cache_write_1h: hour,
            web_searches: self.web_searches.valid()?,
            ..Usage::default()
        })
    }
}
