//! The little statistics that scores need; all of it is exact in the order of its inputs.

use crate::mapping::shape::ratio;

/// Returns Spearman's rank correlation of pairs, −1 to 1; 0 where one side is constant or there are under three.
pub(super) fn spearman(pairs: &[(u64, u64)]) -> f64 {
    if pairs.len() < 3 {
        return 0.0;
    }
    let ones: Vec<u64> = pairs.iter().map(|(one, _)| *one).collect();
    let others: Vec<u64> = pairs.iter().map(|(_, other)| *other).collect();
    pearson(&ranks(&ones), &ranks(&others))
}

/// Returns the rank of each value, that of equal ones being their mean.
fn ranks(values: &[u64]) -> Vec<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_unstable();
    let rank = |value: &u64| {
        let below = sorted.partition_point(|other| other < value);
        let upto = sorted.partition_point(|other| other <= value);
        f64::midpoint(number(below), number(upto))
    };
    values.iter().map(rank).collect()
}

fn pearson(ones: &[f64], others: &[f64]) -> f64 {
    let (mean_one, mean_other) = (mean(ones), mean(others));
    let (mut product, mut square_one, mut square_other) = (0.0, 0.0, 0.0);
    for (one, other) in ones.iter().zip(others) {
        let (one, other) = (one - mean_one, other - mean_other);
        product += one * other;
        square_one += one * one;
        square_other += other * other;
    }
    let scale = (square_one * square_other).sqrt();
    if scale > 0.0 { (product / scale).clamp(-1.0, 1.0) } else { 0.0 }
}

/// Returns the mean; 0 of nothing.
pub(super) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / number(values.len()) }
}

/// Returns the standard deviation over the mean: how much values differ, whatever their scale.
pub(super) fn variation(values: &[f64]) -> f64 {
    let middle = mean(values);
    let squares: Vec<f64> = values.iter().map(|value| (value - middle) * (value - middle)).collect();
    if middle > 0.0 { mean(&squares).sqrt() / middle } else { 0.0 }
}

/// Returns the value in the middle; 0 of nothing.
pub(super) fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(0.0)
}

/// Returns the share of values for which something holds.
pub(super) fn share<T>(values: &[T], holds: impl Fn(&T) -> bool) -> f64 {
    ratio(values.iter().filter(|value| holds(value)).count(), values.len())
}

/// Returns a count as a number; beyond four thousand millions it makes no difference.
pub(super) fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// Returns a count of tokens as a number.
pub(super) fn number_of(count: u64) -> f64 {
    u32::try_from(count).map_or(f64::from(u32::MAX), f64::from)
}

/// Returns a length as a count.
pub(super) fn length(text: &str) -> u64 {
    text.chars().count().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
