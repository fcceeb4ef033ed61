//! Exact decimals.

/// Why a text is not a price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecimalError {
    /// It is not digits with at most one point.
    Form,
    /// It has more decimals than are counted.
    TooFine,
    /// It is larger than any price.
    TooLarge,
}

/// Parses a decimal such as `0.15` into a count of its smallest parts, `places` decimals down.
pub(crate) fn parse(text: &str, places: usize) -> Result<u64, DecimalError> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let all_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(decimals) {
        return Err(DecimalError::Form);
    }
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > places {
        return Err(DecimalError::TooFine);
    }
    let padding = std::iter::repeat_n(b'0', places - decimals.len());
    whole
        .bytes()
        .chain(decimals.bytes())
        .chain(padding)
        .try_fold(0_u64, |sum, digit| sum.checked_mul(10)?.checked_add(u64::from(digit - b'0')))
        .ok_or(DecimalError::TooLarge)
}

/// Writes a count of parts, `places` decimals down, as the shortest decimal: `1500`, 3 → `1.5`.
pub(crate) fn write(parts: u128, places: usize) -> String {
    let digits = format!("{parts:0>width$}", width = places + 1);
    let (whole, decimals) = digits.split_at(digits.len() - places);
    match decimals.trim_end_matches('0') {
        "" => whole.to_owned(),
        decimals => format!("{whole}.{decimals}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_decimals_exactly_or_not_at_all() {
        for (text, expected) in [
            ("0.15", Ok(150_000)),
            ("15", Ok(15_000_000)),
            ("0.000001", Ok(1)),
            ("112.5", Ok(112_500_000)),
            ("2.50000000", Ok(2_500_000)),
            ("0", Ok(0)),
            ("18446744073709.551615", Ok(u64::MAX)),
            ("0.0000001", Err(DecimalError::TooFine)),
            ("-1", Err(DecimalError::Form)),
            ("+1", Err(DecimalError::Form)),
            (".5", Err(DecimalError::Form)),
            ("5.", Err(DecimalError::Form)),
            ("1e3", Err(DecimalError::Form)),
            ("1,5", Err(DecimalError::Form)),
            ("", Err(DecimalError::Form)),
            ("18446744073709.551616", Err(DecimalError::TooLarge)),
            ("99999999999999999999", Err(DecimalError::TooLarge)),
        ] {
            assert_eq!(parse(text, 6), expected, "{text}");
        }
        assert_eq!(parse("0.000000000001", 12), Ok(1));
        assert_eq!(parse("0.0000000000001", 12), Err(DecimalError::TooFine));
    }

    #[test]
    fn writes_what_it_reads() {
        for text in ["0", "0.000001", "2.5", "112.5", "15", "1000.00001"] {
            assert_eq!(write(u128::from(parse(text, 6).unwrap()), 6), text);
        }
        assert_eq!(write(7, 0), "7");
    }
}
