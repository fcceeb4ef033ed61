//! Numbers that look random and are the same in every run, on every machine.

/// A generator of numbers: the same seed always gives the same ones.
pub(crate) struct Random(u64);

impl Random {
    /// Returns the generator of a seed.
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number from `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: u64, high: u64) -> u64 {
        low + self.next() % (high - low + 1)
    }

    /// Returns whether something happens that does so in `percent` of all cases.
    pub(crate) fn happens(&mut self, percent: u64) -> bool {
        self.between(1, 100) <= percent
    }

    /// Returns one of `choices`.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        let at = self.between(0, choices.len() as u64 - 1);
        choices[usize::try_from(at).unwrap()]
    }

    /// Returns `digits` digits to the base of sixteen.
    pub(crate) fn hex(&mut self, digits: usize) -> String {
        (0..digits).map(|_| char::from(b"0123456789abcdef"[(self.next() % 16) as usize])).collect()
    }

    /// Returns an id in five groups.
    pub(crate) fn uuid(&mut self) -> String {
        [8, 4, 4, 4, 12].map(|digits| self.hex(digits)).join("-")
    }

    /// Returns what could be a picture, in base64.
    pub(crate) fn base64(&mut self, length: usize) -> String {
        const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        (0..length).map(|_| char::from(DIGITS[(self.next() % 64) as usize])).collect()
    }

    /// Puts `items` into another order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = usize::try_from(self.between(0, last as u64)).unwrap();
            items.swap(last, other);
        }
    }
}
