//! Times of day at which a price holds.

use std::fmt;

use gatehouse_types::Timestamp;

const MINUTES_PER_DAY: u16 = 24 * 60;
const MICROS_PER_MINUTE: i64 = 60_000_000;

/// Parts of every day, in UTC: `16:30-00:30`, several with commas between them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Windows(Vec<Window>);

/// From the first minute on, up to the second one; over midnight where the second one is the smaller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Window {
    start: u16,
    end: u16,
}

impl Windows {
    /// Reads the form above; `None` for any other, and for a window of no or unknown length.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut windows = text.split(',').map(Window::parse).collect::<Option<Vec<_>>>()?;
        windows.sort_unstable();
        Some(Self(windows))
    }

    /// Returns whether a time is within one of them.
    pub(crate) fn contain(&self, at: Timestamp) -> bool {
        let minutes = at.as_unix_micros().div_euclid(MICROS_PER_MINUTE).rem_euclid(MINUTES_PER_DAY.into());
        u16::try_from(minutes).is_ok_and(|minute| self.0.iter().any(|window| window.contains(minute)))
    }
}

impl Window {
    fn parse(text: &str) -> Option<Self> {
        let (start, end) = text.trim().split_once('-')?;
        let (start, end) = (minute_of_day(start)?, minute_of_day(end)?);
        (start != end).then_some(Self { start, end })
    }

    const fn contains(self, minute: u16) -> bool {
        if self.start < self.end {
            self.start <= minute && minute < self.end
        } else {
            minute >= self.start || minute < self.end
        }
    }
}

impl fmt::Display for Windows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, Window { start, end }) in self.0.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            let (start_hour, end_hour) = (start / 60, end / 60);
            write!(f, "{comma}{start_hour:02}:{:02}-{end_hour:02}:{:02}", start % 60, end % 60)?;
        }
        Ok(())
    }
}

/// `16:30` → 990; midnight at the end of a day may be written `24:00`.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |digits: &str| {
        let is_number = digits.len() == 2 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse::<u16>().ok()).flatten()
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    let minute = hours * 60 + minutes;
    (minutes < 60 && minute <= MINUTES_PER_DAY).then_some(minute % MINUTES_PER_DAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(windows: &str, time: &str) -> bool {
        let at = Timestamp::parse(&format!("2025-03-01T{time}Z")).unwrap();
        Windows::parse(windows).unwrap().contain(at)
    }

    #[test]
    fn a_window_begins_with_its_first_minute_and_ends_before_its_last() {
        for (time, expected) in [
            ("16:29:59.999", false),
            ("16:30:00", true),
            ("23:59:59", true),
            ("00:00:00", true),
            ("00:29:59.999", true),
            ("00:30:00", false),
            ("12:00:00", false),
        ] {
            assert_eq!(is_in("16:30-00:30", time), expected, "{time}");
        }
        assert!(is_in("01:00-02:00,05:00-06:00", "05:30:00"));
        assert!(!is_in("01:00-02:00,05:00-06:00", "03:30:00"));
        assert!(is_in("22:00-24:00", "23:30:00"));
        assert!(!is_in("22:00-24:00", "00:00:00"));
    }

    #[test]
    fn times_before_1970_have_a_time_of_day_too() {
        let windows = Windows::parse("23:00-00:00").unwrap();
        assert!(windows.contain(Timestamp::from_unix_micros(-1)));
        assert!(!windows.contain(Timestamp::from_unix_micros(0)));
    }

    #[test]
    fn writes_what_it_reads_and_reads_nothing_else() {
        assert_eq!(Windows::parse("16:30-00:30").unwrap().to_string(), "16:30-00:30");
        assert_eq!(
            Windows::parse("05:00-06:00, 01:00-02:00").unwrap().to_string(),
            "01:00-02:00,05:00-06:00"
        );
        for text in
            ["", "16:30", "16:30-", "16:30-16:30", "25:00-26:00", "1:00-2:00", "16:60-17:00", "24:01-01:00"]
        {
            assert_eq!(Windows::parse(text), None, "{text}");
        }
    }
}
