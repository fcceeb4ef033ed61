//! Random numbers that are the same for the same seed, on every machine and in every version.

/// A generator (SplitMix64): small, fast, and each stream of a seed independent of the others.
pub(super) struct Random(u64);

/// How far apart the states of neighbouring streams begin.
const STRIDE: u64 = 0x9e37_79b9_7f4a_7c15;

impl Random {
    /// Returns the generator of one of the streams of a seed.
    pub(super) fn new(seed: u64, stream: u64) -> Self {
        Self(mixed(seed) ^ mixed(stream.wrapping_mul(STRIDE).wrapping_add(1)))
    }

    /// Returns any number.
    pub(super) fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STRIDE);
        mixed(self.0)
    }

    /// Returns 128 random bits.
    pub(super) fn wide(&mut self) -> u128 {
        (u128::from(self.number()) << 64) | u128::from(self.number())
    }

    /// Returns a number from 0 to just below 1.
    pub(super) fn unit(&mut self) -> f64 {
        (self.number() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Returns true with a probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Returns a number from `low` to just below `high`.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Returns a whole number from 0 to just below `end`; 0 where `end` is 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        let wide = u128::from(self.number()) * end as u128;
        usize::try_from(wide >> 64).unwrap_or(0)
    }

    /// Returns one of `items`, each as likely.
    pub(super) fn pick<T: Copy + Default>(&mut self, items: &[T]) -> T {
        items.get(self.below(items.len())).copied().unwrap_or_default()
    }

    /// Returns a number around `median` whose logarithm is normal with the deviation `sigma`.
    pub(super) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        // Box and Muller; 1 - unit() is never 0.
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        let normal = radius * (std::f64::consts::TAU * self.unit()).cos();
        median * (sigma * normal).exp()
    }
}

fn mixed(state: u64) -> u64 {
    let once = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let twice = (once ^ (once >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    twice ^ (twice >> 31)
}

/// Things of which some are likelier than others.
pub(super) struct Shares(Vec<f64>);

impl Shares {
    /// Returns what picks an index with a probability in proportion to its weight.
    pub(super) fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let mut sum = 0.0;
        let add = |weight: f64| {
            sum += weight;
            sum
        };
        Self(weights.into_iter().map(add).collect())
    }

    /// Returns what picks one of `count` by Zipf's law: the first is the likeliest by far.
    pub(super) fn zipf(count: u32, exponent: f64) -> Self {
        Self::new((1..=count).map(|rank| f64::from(rank).powf(-exponent)))
    }

    /// Returns the sum of all weights.
    pub(super) fn sum(&self) -> f64 {
        self.0.last().copied().unwrap_or(0.0)
    }

    /// Returns the index of the share that `part` (0 to 1) of all of them leads to, and how far into it.
    pub(super) fn at(&self, part: f64) -> (usize, f64) {
        let goal = part * self.sum();
        let index = self.0.partition_point(|end| *end <= goal).min(self.0.len().saturating_sub(1));
        let begin = index.checked_sub(1).and_then(|before| self.0.get(before)).copied().unwrap_or(0.0);
        let end = self.0.get(index).copied().unwrap_or(begin);
        (index, if end > begin { ((goal - begin) / (end - begin)).clamp(0.0, 1.0) } else { 0.0 })
    }

    /// Returns an index.
    pub(super) fn pick(&self, random: &mut Random) -> usize {
        self.at(random.unit()).0
    }
}

/// Returns a number without its fraction; 0 for what is below.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "`as` saturates")]
pub(super) const fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_and_another_stream_gives_others() {
        let numbers = |seed, stream| {
            let mut random = Random::new(seed, stream);
            [random.number(), random.number()]
        };
        assert_eq!(numbers(1, 2), numbers(1, 2));
        assert_ne!(numbers(1, 2), numbers(1, 3));
        assert_ne!(numbers(1, 2), numbers(2, 2));
    }

    #[test]
    fn shares_are_picked_as_often_as_they_weigh() {
        let (shares, mut random) = (Shares::new([1.0, 0.0, 3.0]), Random::new(1, 1));
        let mut counts = [0_u32; 3];
        (0..10_000).for_each(|_| counts[shares.pick(&mut random)] += 1);
        assert!(counts[1] == 0 && (2_300..2_700).contains(&counts[0]), "{counts:?}");
        assert_eq!(shares.at(0.5), (2, 1.0 / 3.0));
        assert_eq!(shares.at(1.0).0, 2);
    }

    #[test]
    fn half_of_the_log_normal_numbers_are_below_the_median() {
        let mut random = Random::new(7, 0);
        let below = (0..10_000).filter(|_| random.log_normal(250.0, 0.7) < 250.0).count();
        assert!((4_800..5_200).contains(&below), "{below}");
    }
}
