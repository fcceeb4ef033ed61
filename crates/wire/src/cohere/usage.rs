//! `meta` of version 1 and `usage` of version 2: what the model read and wrote, and what of that is billed.

use gatehouse_types::Usage;
use serde::de::MapAccess;

use crate::counts::{Count, without};
use crate::json::{Scalar, Shape, Shaped, skip};

/// Both counts.
#[derive(Debug, Default)]
pub(crate) struct RawUsage {
    billed: Units,
    tokens: Units,
    cached: Count,
}

/// One of the two counts.
#[derive(Clone, Copy, Debug, Default)]
struct Units {
    input: Count,
    output: Count,
    /// Tokens of images.
    images: Count,
    searches: Count,
    /// Classifications, whole images and whatever else there is.
    others: Count,
}

impl<'de> Shape<'de> for RawUsage {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "billed_units" => self.billed = map.next_value::<Shaped<Units>>()?.0,
            "tokens" => self.tokens = map.next_value::<Shaped<Units>>()?.0,
            "cached_tokens" => self.cached = map.next_value::<Scalar<'de>>()?.into(),
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Shape<'de> for Units {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let count = Count::from(map.next_value::<Scalar<'de>>()?);
        match key {
            "input_tokens" => self.input = count,
            "output_tokens" => self.output = count,
            "image_tokens" => self.images = count,
            "search_units" => self.searches = count,
            _ => self.others.add(count),
        }
        Ok(())
    }
}

impl RawUsage {
    /// Returns whether more is billed than there are classes for.
    pub(crate) fn has_fees(&self) -> bool {
        self.billed.others.is_some_use()
    }

    /// Returns the counts in classes that don't overlap: those that are billed, else those of the model, in which
    /// Cohere's own instructions count too.
    pub(crate) fn classes(&self) -> Option<Usage> {
        let billed = (self.billed.input.valid()?, self.billed.output.valid()?);
        let tokens = (self.tokens.input.valid()?, self.tokens.output.valid()?);
        let cached = self.cached.valid()?;
        let others = Usage {
            input_image: self.billed.images.valid()?,
            search_units: self.billed.searches.valid()?,
            ..Usage::default()
        };
        if billed.0.or(billed.1).is_none() && others != Usage::default() {
            return Some(others);
        }
        if billed.0.or(billed.1).is_none() {
            let input = without(tokens.0, &[cached])?;
            tokens.0.or(tokens.1)?;
            return Some(Usage { input, output: tokens.1, cache_read: cached, ..Usage::default() });
        }
        // What was read from the cache is not billed as input, unless the two don't fit into what was read.
        let fits = without(tokens.0, &[billed.0, cached]).is_some() || cached == Some(0);
        let cache_read = cached.filter(|_| fits);
        Some(Usage { input: billed.0, output: billed.1, cache_read, ..others })
    }
}
