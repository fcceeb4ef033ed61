//! Amounts of money as exports write them: decimals of any length, at times with an exponent or a dollar sign.

use gatehouse_types::NanoUsd;

/// How many decimals a nano-dollar is behind the point of a dollar.
const DOLLAR_PLACES: i32 = 9;
/// The same of a cent.
const CENT_PLACES: i32 = 7;
/// The longest amount that is read, in characters.
const MAX_CHARACTERS: usize = 64;

/// Reads dollars, rounded half away from zero to nano-dollars.
pub(super) fn dollars(text: &str) -> Option<NanoUsd> {
    decimal(text, DOLLAR_PLACES)
}

/// Reads cents, rounded likewise.
pub(super) fn cents(text: &str) -> Option<NanoUsd> {
    decimal(text, CENT_PLACES)
}

fn decimal(text: &str, places: i32) -> Option<NanoUsd> {
    let text = text.trim();
    if text.len() > MAX_CHARACTERS {
        return None;
    }
    let (is_negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let text = text.strip_prefix('$').unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = ungrouped(whole)?;
    let digits = format!("{whole}{decimals}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let shift = places.checked_add(exponent)?.checked_sub(i32::try_from(decimals.len()).ok()?)?;
    let nanos = shifted(digits.parse().ok()?, shift)?;
    i64::try_from(if is_negative { -nanos } else { nanos }).ok().map(NanoUsd::new)
}

/// Returns whole digits without the commas between groups of three.
fn ungrouped(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let is_grouped = groups.clone().next().is_some();
    let fits = !is_grouped || ((1..=3).contains(&first.len()) && groups.all(|group| group.len() == 3));
    fits.then(|| whole.replace(',', ""))
}

/// Multiplies by a power of ten, rounding half away from zero.
fn shifted(digits: i128, shift: i32) -> Option<i128> {
    let power = 10_i128.checked_pow(shift.unsigned_abs());
    match (shift >= 0, power) {
        (true, Some(power)) => digits.checked_mul(power),
        (true, None) => (digits == 0).then_some(0),
        (false, Some(power)) => Some((digits + power / 2) / power),
        (false, None) => Some(0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_amounts_as_exports_write_them() {
        for (text, expected) in [
            ("0.06", Some(60_000_000)),
            ("0.8958740000000000", Some(895_874_000)),
            ("1e-06", Some(1_000)),
            ("2.5E3", Some(2_500_000_000_000)),
            ("$1,234.50", Some(1_234_500_000_000)),
            ("-0.5", Some(-500_000_000)),
            ("-$0.5", Some(-500_000_000)),
            ("0.0000000005", Some(1)),
            ("0.00000000049", Some(0)),
            ("12", Some(12_000_000_000)),
            (".5", Some(500_000_000)),
            ("1e-400", Some(0)),
            ("1e400", None),
            ("0e400", Some(0)),
            ("", None),
            (".", None),
            ("1,5", None),
            ("1.234,50", None),
            ("abc", None),
            ("1 2", None),
            ("99999999999", None),
        ] {
            assert_eq!(dollars(text).map(NanoUsd::get), expected, "{text}");
        }
        assert_eq!(cents("123.78912").map(NanoUsd::get), Some(1_237_891_200));
    }
}
