//! Units survive writing and reading, and nothing else is taken.

use std::time::Duration;

use proptest::prelude::*;

use super::{read_bytes, read_duration, write_bytes, write_duration};

#[test]
fn durations_are_a_whole_number_and_a_unit() {
    let good = [("0s", 0), ("1us", 1), ("250ms", 250_000), ("30 s", 30_000_000), ("10m", 600_000_000)];
    for (text, micros) in good {
        assert_eq!(read_duration(text), Some(Duration::from_micros(micros)), "{text}");
    }
    for text in [
        "",
        "s",
        "10",
        "1.5s",
        "-1s",
        "1d",
        "1M",
        "1 h 2",
        "99999999999999999999s",
        "9999999999999999h",
        "١s",
    ] {
        assert_eq!(read_duration(text), None, "{text}");
    }
}

#[test]
fn sizes_are_bytes_or_a_whole_number_and_a_unit() {
    let good = [
        ("0", 0),
        ("17", 17),
        ("17B", 17),
        ("64MiB", 67_108_864),
        ("20 MB", 20_000_000),
        ("1kB", 1000),
        ("2KiB", 2048),
    ];
    for (text, bytes) in good {
        assert_eq!(read_bytes(text), Some(bytes), "{text}");
    }
    for text in ["", "MiB", "-1", "1.5MiB", "1mb", "1M", "99999999999TiB", "0x10"] {
        assert_eq!(read_bytes(text), None, "{text}");
    }
}

#[test]
fn amounts_are_written_in_the_largest_unit_that_loses_nothing() {
    let durations = [(0, "0s"), (1500, "1500us"), (90_000_000, "90s"), (3_600_000_000, "1h")];
    for (micros, text) in durations {
        assert_eq!(write_duration(Duration::from_micros(micros)), text);
    }
    for (bytes, text) in [(0, "0"), (1000, "1000"), (1024, "1KiB"), (1536, "1536"), (10 << 30, "10GiB")] {
        assert_eq!(write_bytes(bytes), text);
    }
}

proptest! {
    #[test]
    fn what_is_written_reads_as_the_same_amount(amount in any::<u64>(), zeros in 0_u32..64) {
        let amount = (amount >> zeros) << zeros;
        prop_assert_eq!(read_bytes(&write_bytes(amount)), Some(amount));
        let duration = Duration::from_micros(amount);
        prop_assert_eq!(read_duration(&write_duration(duration)), Some(duration));
    }
}
