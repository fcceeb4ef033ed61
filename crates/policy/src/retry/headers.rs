//! The headers by which a caller asks for retries.

use std::time::Duration;

use super::RetryPolicy;

const ENABLED: &str = "helicone-retry-enabled";
const NUM: &str = "helicone-retry-num";
const FACTOR: &str = "helicone-retry-factor";
const MIN_TIMEOUT: &str = "helicone-retry-min-timeout";
const MAX_TIMEOUT: &str = "helicone-retry-max-timeout";

/// The most attempts that a caller can have.
const MOST_ATTEMPTS: u64 = 20;
/// The bounds of the factor, in thousandths.
const FACTORS: (u64, u64) = (1_000, 10_000);
/// The longest wait that a caller can have, in milliseconds.
const LONGEST_TIMEOUT_MS: u64 = 60_000;
/// How much of a value an error repeats, in characters.
const SHOWN_CHARS: usize = 40;

/// A header whose value is not of the form that it should have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("header `{header}` is `{text}`, expected {expected}")]
pub struct HeaderProblem {
    /// The header's name.
    pub header: &'static str,
    /// The beginning of its value.
    pub text: String,
    /// What it should have been.
    pub expected: &'static str,
    /// What the headers mean if this is forgiven: the default stands for each value that can't be read,
    /// and a switch that is neither on nor off is on, as it is for Helicone.
    pub lenient: Option<RetryPolicy>,
}

/// The first header that can't be read.
type First = Option<(&'static str, String, &'static str)>;

impl RetryPolicy {
    /// Reads the values of `helicone-retry-enabled`, `-num`, `-factor`, `-min-timeout` and `-max-timeout`
    /// (both in milliseconds); `None` when the caller asked for no retries.
    ///
    /// `true`, `1`, `yes` and an empty value are on; `false`, `0` and `no` are off (Helicone retries whatever
    /// the value is), and then nothing else is looked at. Numbers beyond a bound are taken for the bound:
    /// 1 to 20 attempts, a factor of 1 to 10, waits of up to a minute. A bound of the waits that is not
    /// given makes room for one that is.
    ///
    /// # Errors
    /// Fails with the first header whose value is of another form, or when the shortest wait is longer than
    /// the longest.
    pub fn read(
        enabled: Option<&str>,
        num: Option<&str>,
        factor: Option<&str>,
        min: Option<&str>,
        max: Option<&str>,
    ) -> Result<Option<Self>, HeaderProblem> {
        let Some(enabled) = enabled else { return Ok(None) };
        let mut first = None;
        match switch(enabled) {
            Some(false) => return Ok(None),
            Some(true) => {}
            None => note(&mut first, ENABLED, enabled, "`true` or `false`"),
        }
        let attempts = read(&mut first, NUM, num, "a number of attempts from 1 to 20", decimal::<0>);
        let factor = read(&mut first, FACTOR, factor, "a number from 1 to 10", decimal::<3>);
        let min_ms = read(&mut first, MIN_TIMEOUT, min, "a number of milliseconds", decimal::<0>);
        let max_ms = read(&mut first, MAX_TIMEOUT, max, "a number of milliseconds", decimal::<0>);
        if min_ms.zip(max_ms).is_some_and(|(min_ms, max_ms)| min_ms > max_ms) {
            let expected = "no more than `helicone-retry-max-timeout`";
            note(&mut first, MIN_TIMEOUT, min.unwrap_or_default(), expected);
        }
        let policy = Some(Self::bounded(attempts, factor, min_ms, max_ms));
        match first {
            None => Ok(policy),
            Some((header, text, expected)) => Err(HeaderProblem { header, text, expected, lenient: policy }),
        }
    }

    /// Returns the policy of what is given, within the bounds; the longest wait wins over the shortest.
    fn bounded(attempts: Option<u64>, factor: Option<u64>, min_ms: Option<u64>, max_ms: Option<u64>) -> Self {
        let default = Self::default();
        let small = |number: u64, otherwise: u32| u32::try_from(number).unwrap_or(otherwise);
        let wait = |ms: u64| Duration::from_millis(ms.min(LONGEST_TIMEOUT_MS));
        let (min, max) = (min_ms.map(wait), max_ms.map(wait));
        let max_timeout =
            max.unwrap_or_else(|| min.map_or(default.max_timeout, |min| min.max(default.max_timeout)));
        Self {
            attempts: attempts
                .map_or(default.attempts, |number| small(number.clamp(1, MOST_ATTEMPTS), default.attempts)),
            factor_thousandths: factor.map_or(default.factor_thousandths, |factor| {
                small(factor.clamp(FACTORS.0, FACTORS.1), default.factor_thousandths)
            }),
            min_timeout: min.unwrap_or(default.min_timeout).min(max_timeout),
            max_timeout,
        }
    }
}

/// Returns whether a switch is on; `None` when it is neither on nor off.
fn switch(text: &str) -> Option<bool> {
    let is_one_of = |words: &[&str]| words.iter().any(|word| text.trim().eq_ignore_ascii_case(word));
    match () {
        () if is_one_of(&["true", "1", "yes", ""]) => Some(true),
        () if is_one_of(&["false", "0", "no"]) => Some(false),
        () => None,
    }
}

fn read(
    first: &mut First,
    header: &'static str,
    text: Option<&str>,
    expected: &'static str,
    parse: fn(&str) -> Option<u64>,
) -> Option<u64> {
    let text = text?;
    let number = parse(text.trim());
    if number.is_none() {
        note(first, header, text, expected);
    }
    number
}

fn note(first: &mut First, header: &'static str, text: &str, expected: &'static str) {
    if first.is_none() {
        *first = Some((header, text.chars().take(SHOWN_CHARS).collect(), expected));
    }
}

/// Reads a decimal that is not negative in units of its `PLACES`th place, further places cut off; a number
/// too long for 64 bits is the largest one.
pub(super) fn decimal<const PLACES: usize>(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let is_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let places = fraction.bytes().chain(std::iter::repeat(b'0')).take(PLACES);
    let digits = whole.bytes().chain(places).map(|digit| u64::from(digit - b'0'));
    Some(digits.fold(0, |number: u64, digit| number.saturating_mul(10).saturating_add(digit)))
}
