//! Durations such as `250ms` and sizes such as `64MiB`: reading and writing them.

use std::time::Duration;

const DURATION_UNITS: [(&str, u64); 5] =
    [("h", 3_600_000_000), ("m", 60_000_000), ("s", 1_000_000), ("ms", 1000), ("us", 1)];

const SIZE_UNITS: [(&str, u64); 10] = [
    ("TiB", 1 << 40),
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("TB", 1_000_000_000_000),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("kB", 1000),
    ("KB", 1000),
    ("B", 1),
];

/// Reads a whole number with a unit of `us`, `ms`, `s`, `m` or `h`.
pub(crate) fn read_duration(text: &str) -> Option<Duration> {
    read(text, &DURATION_UNITS).map(Duration::from_micros)
}

/// Reads a size in bytes: a whole number with a decimal or binary unit, or none for bytes.
pub(crate) fn read_bytes(text: &str) -> Option<u64> {
    text.trim().parse().ok().or_else(|| read(text, &SIZE_UNITS))
}

/// Writes a duration in its largest unit that loses nothing; parts below a microsecond are cut.
pub(crate) fn write_duration(duration: Duration) -> String {
    let micros = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    if micros == 0 { "0s".to_owned() } else { write(micros, &DURATION_UNITS) }
}

/// Writes a size in its largest binary unit that loses nothing.
pub(crate) fn write_bytes(bytes: u64) -> String {
    if bytes == 0 {
        "0".to_owned()
    } else {
        write(bytes, SIZE_UNITS.first_chunk::<4>().unwrap_or(&[("B", 1); 4]))
    }
}

fn read(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|character: char| !character.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(digits)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}

fn write(amount: u64, units: &[(&str, u64)]) -> String {
    let unit = units.iter().find(|(_, factor)| amount.is_multiple_of(*factor));
    unit.map_or_else(|| amount.to_string(), |(name, factor)| format!("{}{name}", amount / factor))
}

#[cfg(test)]
mod tests;
