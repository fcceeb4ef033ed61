//! How amounts are spread: ranges of the same width with how many amounts are in each, without the outermost ones.

use serde::Serialize;
use utoipa::ToSchema;

use crate::error::ApiError;
use crate::fields::Fields;

/// How many ranges there are at most.
const RANGES: usize = 10;
/// Up to which share of the amounts they reach, by the name in the body.
const SHARES: [(&str, f64); 5] =
    [("p50", 0.5), ("p75", 0.75), ("p95", 0.95), ("p99", 0.99), ("p99.9", 0.999)];
/// The share without a name.
const SHARE: f64 = 0.75;

/// How many amounts lie in a range.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = HistogramRow)]
pub(crate) struct Range {
    /// The smallest amount of the range, in digits.
    #[schema(example = "0.5")]
    range_start: String,
    /// The end of the range, in digits; only the last range has it in it.
    #[schema(example = "1.5")]
    range_end: String,
    /// How many amounts lie in it.
    value: u64,
}

/// Which amounts are left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cut {
    share: f64,
    is_interquartile: bool,
}

impl Cut {
    /// Reads the names of Helicone: `pSize` and `useInterquartile`.
    pub(crate) fn read(fields: &Fields) -> Result<Self, ApiError> {
        let share = |name: &str| Some(SHARES.iter().find(|(known, _)| *known == name)?.1);
        let share = fields.parsed("pSize", "one of `p50`, `p75`, `p95`, `p99`, `p99.9`", share)?;
        let is_interquartile = fields.flag("useInterquartile")?.unwrap_or_default();
        Ok(Self { share: share.unwrap_or(SHARE), is_interquartile })
    }

    /// Returns the ranges of the amounts that are not left out.
    ///
    /// Those above the share are; with both ends cut also the other end, as far as this one is from the largest.
    pub(crate) fn histogram(self, mut amounts: Vec<f64>) -> Vec<Range> {
        amounts.retain(|amount| amount.is_finite());
        amounts.sort_by(f64::total_cmp);
        let (Some(upper), Some(lower)) = (at(&amounts, self.share), at(&amounts, 1.0 - self.share)) else {
            return Vec::new();
        };
        let is_in = |amount: &f64| *amount <= upper && (!self.is_interquartile || *amount >= lower);
        amounts.retain(is_in);
        ranges(&amounts)
    }
}

/// Returns the amount that a share of the ascending ones does not exceed.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a share of a number of amounts is not negative and not more than that number"
)]
fn at(amounts: &[f64], share: f64) -> Option<f64> {
    let rank = (share * amounts.len() as f64).ceil() as usize;
    amounts.get(rank.saturating_sub(1)).copied()
}

/// Spreads ascending amounts over ranges.
fn ranges(amounts: &[f64]) -> Vec<Range> {
    let (Some(first), Some(last)) = (amounts.first(), amounts.last()) else { return Vec::new() };
    let width = (last - first) / RANGES as f64;
    if width <= 0.0 {
        let (range_start, range_end) = (first.to_string(), last.to_string());
        return vec![Range { range_start, range_end, value: amounts.len() as u64 }];
    }
    let edge = |number: usize| if number == RANGES { *last } else { first + width * number as f64 };
    let below = |number: usize| match number {
        RANGES => amounts.len(),
        number => amounts.partition_point(|amount| *amount < edge(number)),
    };
    let range = |number: usize| Range {
        range_start: edge(number).to_string(),
        range_end: edge(number + 1).to_string(),
        value: below(number + 1).saturating_sub(below(number)) as u64,
    };
    (0..RANGES).map(range).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(share: f64, is_interquartile: bool, amounts: &[f64], expected: &[(&str, &str, u64)]) {
        let found = Cut { share, is_interquartile }.histogram(amounts.to_vec());
        let found: Vec<_> = found
            .iter()
            .map(|range| (range.range_start.as_str(), range.range_end.as_str(), range.value))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn spreads_amounts_over_ranges_of_the_same_width() {
        check(0.99, false, &[], &[]);
        check(0.99, false, &[2.5, 2.5], &[("2.5", "2.5", 2)]);
        let amounts: Vec<f64> = (0..=10).map(f64::from).collect();
        let mut expected: Vec<_> = (0..10_u32).map(|n| (n.to_string(), (n + 1).to_string(), 1)).collect();
        expected[9].2 = 2;
        let expected: Vec<_> = expected.iter().map(|(a, b, n)| (a.as_str(), b.as_str(), *n)).collect();
        check(0.999, false, &amounts, &expected);
    }

    #[test]
    fn leaves_out_what_is_beyond_the_share() {
        check(0.75, false, &[1.0, 1.0, 1.0, 900.0], &[("1", "1", 3)]);
        check(
            0.75,
            true,
            &[0.0, 1.0, 1.0, 900.0],
            &[
                ("0", "0.1", 1),
                ("0.1", "0.2", 0),
                ("0.2", "0.30000000000000004", 0),
                ("0.30000000000000004", "0.4", 0),
                ("0.4", "0.5", 0),
                ("0.5", "0.6000000000000001", 0),
                ("0.6000000000000001", "0.7000000000000001", 0),
                ("0.7000000000000001", "0.8", 0),
                ("0.8", "0.9", 0),
                ("0.9", "1", 2),
            ],
        );
        check(0.5, true, &[0.0, 1.0, 2.0, 900.0], &[("1", "1", 1)]);
    }
}
