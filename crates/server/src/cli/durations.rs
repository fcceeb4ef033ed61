//! Durations on the command line: `90d`, `12h`.

use std::time::Duration;

/// The longest duration, a century: what ends later has no date that others can read.
const LONGEST_SECONDS: u64 = 36_525 * 86_400;
const UNITS: [(char, u64); 5] = [('s', 1), ('m', 60), ('h', 3_600), ('d', 86_400), ('w', 604_800)];

/// Reads a whole number above 0 with a unit of `s`, `m`, `h`, `d` or `w`, at most a century.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let seconds = UNITS.iter().find_map(|(unit, seconds)| {
        let number = text.strip_suffix(*unit)?;
        number
            .parse::<u64>()
            .ok()?
            .checked_mul(*seconds)
            .filter(|seconds| (1..=LONGEST_SECONDS).contains(seconds))
    });
    let expected = "expected a whole number with a unit of s, m, h, d or w, as in `90d`, of at most 36525d";
    seconds.map(Duration::from_secs).ok_or_else(|| expected.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_whole_numbers_with_a_unit() {
        let check = |text: &str, seconds: Option<u64>| {
            assert_eq!(parse(text).ok(), seconds.map(Duration::from_secs), "{text}");
        };
        check("90d", Some(7_776_000));
        check("2w", Some(1_209_600));
        check("1s", Some(1));
        check("30m", Some(1_800));
        check("12h", Some(43_200));
        check("0d", None);
        check("90", None);
        check("d", None);
        check("-1d", None);
        check("1.5d", None);
        check("99999999999999999999d", None);
        check("36525d", Some(3_155_760_000));
        check("36526d", None);
    }
}
