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
    /// Whether some of it is kept for longer than usual.
    is_long: bool,
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
        self.is_long |= kept.duration.text() != Some("5m") && kept.tokens.is_some_use();
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
    /// Returns whether there is more to pay for than the tokens at their usual prices.
    pub(crate) fn has_fees(&self) -> bool {
        self.fees.is_due() || self.kept.is_long
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
        Some(Usage { input, output, cache_read, cache_write, total, ..Usage::default() })
    }
}

/// The flat counts of models that know no classes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flat {
    pub(crate) input: Count,
    pub(crate) output: Count,
}

impl<'de> Shape<'de> for Flat {
    /// Reads `amazon-bedrock-invocationMetrics`.
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "inputTokenCount" => self.input = map.next_value::<Scalar<'de>>()?.into(),
            "outputTokenCount" => self.output = map.next_value::<Scalar<'de>>()?.into(),
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
    }

    /// Returns the counts, if there is any.
    pub(crate) fn classes(self) -> Option<Usage> {
        let (input, output) = (self.input.valid()?, self.output.valid()?);
        input.or(output)?;
        Some(Usage { input, output, ..Usage::default() })
    }
}
