//! Exact decimal prices.

/// How many decimals of a dollar per million tokens fit into 10⁻¹² dollars per token.
const PLACES: usize = 6;

/// Parses dollars per million tokens, such as `0.15`, into 10⁻¹² dollars per token.
///
/// Returns `None` for anything but digits with at most one point and six decimals.
pub(crate) fn picos_per_token(dollars_per_million: &str) -> Option<u64> {
    let (whole, decimals) = dollars_per_million.split_once('.').unwrap_or((dollars_per_million, "0"));
    let all_digits = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole) || !all_digits(decimals) || decimals.len() > PLACES {
        return None;
    }
    let micros: u64 = format!("{decimals:0<PLACES$}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(micros)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_decimals_exactly_or_not_at_all() {
        for (text, expected) in [
            ("0.15", Some(150_000)),
            ("15", Some(15_000_000)),
            ("0.000001", Some(1)),
            ("112.5", Some(112_500_000)),
            ("0", Some(0)),
            ("0.0000001", None),
            ("-1", None),
            ("+1", None),
            (".5", None),
            ("5.", None),
            ("1e3", None),
            ("", None),
            ("18446744073709551616", None),
        ] {
            assert_eq!(picos_per_token(text), expected, "{text}");
        }
    }
}
