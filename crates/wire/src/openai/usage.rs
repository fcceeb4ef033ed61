//! Token counts, split into classes that don't overlap.

use gatehouse_types::Usage;
use serde::de::MapAccess;

use super::json::{Scalar, Shape, Shaped, skip};

/// The largest number that every JSON reader takes exactly; no call uses as many tokens.
const MOST_TOKENS: u64 = 1 << 53;

/// `usage` as it is sent: totals of either side, and what of them was special.
#[derive(Debug, Default)]
pub(crate) struct RawUsage {
    input: Count,
    output: Count,
    total: Count,
    input_details: Details,
    output_details: Details,
}

/// The break-down of one side's tokens.
#[derive(Debug, Default)]
struct Details {
    cached: Count,
    cache_write: Count,
    audio: Count,
    reasoning: Count,
}

/// One count as it is sent.
#[derive(Clone, Copy, Debug, Default)]
enum Count {
    #[default]
    Absent,
    Tokens(u64),
    /// A negative or absurd number, a fraction, a string: not a count of tokens.
    Invalid,
}

impl From<Scalar<'_>> for Count {
    fn from(value: Scalar<'_>) -> Self {
        match value {
            Scalar::Null => Self::Absent,
            Scalar::Unsigned(tokens @ 0..=MOST_TOKENS) => Self::Tokens(tokens),
            _ => Self::Invalid,
        }
    }
}

impl Count {
    /// Returns the tokens, `Some(None)` if there is no such count, `None` if it is not valid.
    fn valid(self) -> Option<Option<u64>> {
        match self {
            Self::Absent => Some(None),
            Self::Tokens(tokens) => Some(Some(tokens)),
            Self::Invalid => None,
        }
    }
}

impl<'de> Shape<'de> for RawUsage {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        match key {
            "prompt_tokens" | "input_tokens" => self.input = map.next_value::<Scalar<'de>>()?.into(),
            "completion_tokens" | "output_tokens" => self.output = map.next_value::<Scalar<'de>>()?.into(),
            "total_tokens" => self.total = map.next_value::<Scalar<'de>>()?.into(),
            "prompt_tokens_details" | "input_tokens_details" => {
                self.input_details = map.next_value::<Shaped<Details>>()?.0;
            }
            "completion_tokens_details" | "output_tokens_details" => {
                self.output_details = map.next_value::<Shaped<Details>>()?.0;
            }
            _ => skip(map)?,
        }
        Ok(())
    }
}

impl<'de> Shape<'de> for Details {
    fn member<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        let count = match key {
            "cached_tokens" => &mut self.cached,
            "cache_write_tokens" => &mut self.cache_write,
            "audio_tokens" => &mut self.audio,
            "reasoning_tokens" => &mut self.reasoning,
            _ => return skip(map),
        };
        *count = map.next_value::<Scalar<'de>>()?.into();
        Ok(())
    }
}

impl RawUsage {
    /// Returns the counts in classes that don't overlap.
    ///
    /// `None` when a count is not a count or there is none. When the parts of a side are more than the
    /// side itself, nobody can tell what was meant: then only the provider's total is kept.
    pub(crate) fn classes(&self) -> Option<Usage> {
        let input = self.input.valid()?;
        let output = self.output.valid()?;
        let total = self.total.valid()?;
        let cache_read = self.input_details.cached.valid()?;
        let cache_write = self.input_details.cache_write.valid()?;
        let input_audio = self.input_details.audio.valid()?;
        let reasoning = self.output_details.reasoning.valid()?;
        let output_audio = self.output_details.audio.valid()?;
        if input.is_none() && output.is_none() && total.is_none() {
            return None;
        }
        let plain_input = without(input, &[cache_read, cache_write, input_audio]);
        let plain_output = without(output, &[reasoning, output_audio]);
        let (Some(plain_input), Some(plain_output)) = (plain_input, plain_output) else {
            return total.map(|_| Usage { total, ..Usage::default() });
        };
        Some(Usage {
            input: plain_input,
            output: plain_output,
            cache_read,
            cache_write,
            reasoning,
            input_audio,
            output_audio,
            total,
        })
    }
}

/// Takes the parts from a whole; `None` when they are more than the whole, or parts of nothing.
fn without(whole: Option<u64>, parts: &[Option<u64>]) -> Option<Option<u64>> {
    let Some(whole) = whole else {
        return parts.iter().all(|part| part.unwrap_or(0) == 0).then_some(None);
    };
    parts.iter().flatten().try_fold(whole, |left, part| left.checked_sub(*part)).map(Some)
}
