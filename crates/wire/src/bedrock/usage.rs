//! `usage` of conversations, in which the cache stands beside the input, and the flat counts of single models.

use gatehouse_types::Usage;
use serde::de::{MapAccess, SeqAccess};

use crate::counts::{Count, only_total, sum};
use crate::json::{Scalar, Shape, Shaped, skip};
use crate::openai::Fees;

/// `usage` of a conversation.
#[derive(Debug, Default)]
pub(crate) struct RawUsage {
    input: Count,
    output: Count,
    total: Count,
    cache_read: Count,
    cache_write: Count,
    kept: Kept,
    fees: Fees,
}

/// `cacheDetails`: what was written to the cache, by how long it is kept.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    minutes: Count,
    hour: Count,
    /// For any other time.
    others: Count,
}

#[derive(Debug, Default)]
struct KeptFor<'a> {
    duration: Scalar<'a>,
    tokens: Count,
}

impl<'de> Shape<'de> for RawUsage {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let count = match key {
            "inputTokens" => &mut self.input,
            "outputTokens" => &mut self.output,
            "totalTokens" => &mut self.total,
            "cacheReadInputTokens" | "cacheReadInputTokenCount" => &mut self.cache_read,
            "cacheWriteInputTokens" | "cacheWriteInputTokenCount" => &mut self.cache_write,
            "cacheDetails" => {
                self.kept = map.next_value::<Shaped<Kept>>()?.0;
                return Ok(());
            }
            "serverToolUsage" => {
                self.fees = map.next_value::<Shaped<Fees>>()?.0;
                return Ok(());
            }
            _ => return skip(map),
        };
        *count = map.next_value::<Scalar<'de>>()?.into();
        Ok(())
    }
}

impl<'de> Shape<'de> for Kept {
    fn element<A: SeqAccess<'de>>(&mut self, seq: &mut A) -> Result<bool, A::Error> {
        let Some(Shaped(kept)) = seq.next_element::<Shaped<KeptFor<'de>>>()? else { return Ok(false) };
        match kept.duration.text() {
            Some("5m") => self.minutes.add(kept.tokens),
            Some("1h") => self.hour.add(kept.tokens),
            _ => self.others.add(kept.tokens),
        }
        Ok(true)
    }

    fn member<A: MapAccess<'de>>(&mut self, _: &str, map: &mut A) -> Result<(), A::Error> {
        skip(map)
    }
}

impl<'de: 'a, 'a> Shape<'de> for KeptFor<'a> {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "ttl" => self.duration = map.next_value()?,
            "inputTokens" => self.tokens = map.next_value::<Scalar<'de>>()?.into(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl RawUsage {
    /// Returns whether there is more to pay for than what is counted, at its usual prices.
    pub(crate) fn has_fees(&self) -> bool {
        self.fees.is_due() || self.kept.others.is_some_use()
    }

    /// Returns the counts in classes that don't overlap; only the total where it is not their sum.
    pub(crate) fn classes(&self) -> Option<Usage> {
        let (input, output) = (self.input.valid()?, self.output.valid()?);
        let (cache_read, cache_write) = (self.cache_read.valid()?, self.cache_write.valid()?);
        let total = self.total.valid()?;
        if let (Some(_), Some(_), Some(total)) = (input, output, total) {
            // The total has the cache in it, or not.
            let fresh = sum(&[input, output]);
            if total != fresh && total != sum(&[Some(fresh), cache_read, cache_write]) {
                return only_total(Some(total));
            }
        }
        input.or(output).or(total)?;
        let (minutes, hour) = (self.kept.minutes.valid()?, self.kept.hour.valid()?);
        let kept = minutes.or(hour).map(|_| sum(&[minutes, hour, self.kept.others.valid().flatten()]));
        if cache_write.is_some() && kept.is_some() && cache_write != kept {
            return only_total(total);
        }
        Some(Usage {
            input,
            output,
            cache_read,
            cache_write: if kept.is_some() { minutes } else { cache_write },
            cache_write_1h: hour,
            web_searches: self.fees.web_searches.valid()?,
            total,
            ..Usage::default()
        })
    }
}

/// The flat counts of models that know few classes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flat {
    pub(crate) input: Count,
    pub(crate) output: Count,
    cache_read: Count,
    cache_write: Count,
}

impl<'de> Shape<'de> for Flat {
    /// Reads `amazon-bedrock-invocationMetrics`.
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "inputTokenCount" => self.input = map.next_value::<Scalar<'de>>()?.into(),
            "outputTokenCount" => self.output = map.next_value::<Scalar<'de>>()?.into(),
            "cacheReadInputTokenCount" => self.cache_read = map.next_value::<Scalar<'de>>()?.into(),
            "cacheWriteInputTokenCount" => self.cache_write = map.next_value::<Scalar<'de>>()?.into(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl Flat {
    /// Takes later values of the same counters.
    pub(crate) fn replace(&mut self, later: Self) {
        self.input.replace(later.input);
        self.output.replace(later.output);
        self.cache_read.replace(later.cache_read);
        self.cache_write.replace(later.cache_write);
    }

    /// Returns the counts, if there is any.
    pub(crate) fn classes(self) -> Option<Usage> {
        let (input, output) = (self.input.valid()?, self.output.valid()?);
        input.or(output)?;
        let (cache_read, cache_write) = (self.cache_read.valid()?, self.cache_write.valid()?);
        Some(Usage { input, output, cache_read, cache_write, ..Usage::default() })
    }
}
