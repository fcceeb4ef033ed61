//! When seeded calls happen: more by day than by night and at the weekend, more every day, and with bad hours.

use gatehouse_types::Timestamp;

use super::models::MODELS;
use super::random::{Random, Shares, whole};

const HOUR_US: i64 = 3_600_000_000;
/// How busy each hour of a day (UTC) is.
const DAY: [f64; 24] = [
    0.30, 0.24, 0.20, 0.18, 0.20, 0.28, 0.42, 0.62, 0.86, 1.00, 1.06, 1.04, 0.98, 1.05, 1.10, 1.08, 1.02,
    0.94, 0.84, 0.74, 0.64, 0.54, 0.44, 0.36,
];
/// How busy a Saturday or Sunday is beside other days.
const WEEKEND: f64 = 0.55;
/// How much busier the last day is than the first.
const GROWTH: f64 = 1.2;
/// What of the random numbers is whose.
const HOURS_STREAM: u64 = u64::MAX;
const INCIDENTS_STREAM: u64 = u64::MAX - 1;

/// The time that calls are spread over.
pub(super) struct Timeline {
    begin: i64,
    end: i64,
    hours: Shares,
    incidents: Vec<Incident>,
}

/// A time in which a provider failed many calls.
struct Incident {
    provider: &'static str,
    begin: i64,
    end: i64,
    trouble: Trouble,
}

/// How a provider fails.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Trouble {
    /// How many of its calls fail: from 0 to 1.
    pub(super) rate: f64,
    /// With what.
    pub(super) status: i32,
}

impl Timeline {
    /// Returns the timeline of so many days before `end`.
    pub(super) fn new(seed: u64, end: Timestamp, days: u32) -> Self {
        let end = end.as_unix_micros();
        let hours = i64::from(days.max(1)) * 24;
        let begin = end - hours * HOUR_US;
        let mut random = Random::new(seed, HOURS_STREAM);
        let weight = |hour: i64| weight(begin, hours, hour) * random.between(0.85, 1.15);
        let hours = Shares::new((0..hours).map(weight));
        Self { begin, end, hours, incidents: incidents(seed, begin, end) }
    }

    /// Returns the time before which this part (0 to 1) of all calls happened.
    pub(super) fn at(&self, part: f64) -> Timestamp {
        let (hour, within) = self.hours.at(part);
        let offset = (hour as f64 + within) * HOUR_US as f64;
        let at = self.begin.saturating_add(i64::try_from(whole(offset)).unwrap_or(i64::MAX));
        Timestamp::from_unix_micros(at.min(self.end))
    }

    /// Returns the later of the times that is not after the end.
    pub(super) fn within(&self, at: Timestamp) -> Timestamp {
        at.min(Timestamp::from_unix_micros(self.end))
    }

    /// Returns how badly a provider does at a time, where it does.
    pub(super) fn trouble(&self, provider: &str, at: Timestamp) -> Option<Trouble> {
        let at = at.as_unix_micros();
        let mut hit = self.incidents.iter().filter(|incident| incident.provider == provider);
        hit.find(|incident| (incident.begin..incident.end).contains(&at)).map(|incident| incident.trouble)
    }
}

/// Returns how busy an hour is.
fn weight(begin: i64, hours: i64, hour: i64) -> f64 {
    let of_epoch = begin.div_euclid(HOUR_US) + hour;
    let of_day = usize::try_from(of_epoch.rem_euclid(24)).unwrap_or(0);
    // The epoch began on a Thursday.
    let weekday = (of_epoch.div_euclid(24) + 3).rem_euclid(7);
    let weekend = if weekday >= 5 { WEEKEND } else { 1.0 };
    DAY.get(of_day).copied().unwrap_or(1.0) * weekend * (1.0 + GROWTH * hour as f64 / hours as f64)
}

fn incidents(seed: u64, begin: i64, end: i64) -> Vec<Incident> {
    const MINUTE_US: f64 = 60e6;
    let mut random = Random::new(seed, INCIDENTS_STREAM);
    let days = (end - begin) as f64 / 24.0 / HOUR_US as f64;
    let count = whole((days * 0.6).ceil());
    let providers = Shares::new(MODELS.iter().map(|model| model.share.sqrt()));
    let mut incident = || {
        let provider = MODELS.get(providers.pick(&mut random)).map_or("", |model| model.provider);
        let starts = begin as f64 + (end - begin) as f64 * random.unit();
        let lasts = random.log_normal(25.0, 0.7) * MINUTE_US;
        let trouble = Trouble { rate: random.between(0.25, 0.9), status: random.pick(&[500, 503, 429, 502]) };
        let micros = |time: f64| i64::try_from(whole(time)).unwrap_or(i64::MAX);
        Incident { provider, begin: micros(starts), end: micros(starts + lasts), trouble }
    };
    (0..count).map(|_| incident()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_grow_and_follow_the_day() {
        let end = Timestamp::parse("2026-11-20T00:00:00Z").unwrap();
        let timeline = Timeline::new(3, end, 10);
        let times: Vec<i64> =
            (0..100_000).map(|call| timeline.at(f64::from(call) / 100_000.0).as_unix_micros()).collect();
        assert!(times.is_sorted() && *times.last().unwrap() <= end.as_unix_micros());
        assert!(times[0] - timeline.begin < HOUR_US, "it begins at the beginning");
        let of_hour = |hour: i64| times.iter().filter(|at| (**at / HOUR_US) % 24 == hour).count();
        assert!(of_hour(14) > 4 * of_hour(3), "{} by day, {} by night", of_hour(14), of_hour(3));
        // 2026-11-10 and 2026-11-17 are Tuesdays.
        let of_day =
            |day: i64| times.iter().filter(|at| (**at - timeline.begin) / HOUR_US / 24 == day).count();
        assert!(of_day(7) > of_day(0), "{} after {}", of_day(7), of_day(0));
        assert!(of_day(4) < of_day(3), "the weekend is calmer");
    }

    #[test]
    fn a_provider_fails_in_its_bad_hours_only() {
        let timeline = Timeline::new(3, Timestamp::parse("2026-11-20").unwrap(), 30);
        assert!(timeline.incidents.len() >= 18);
        let first = &timeline.incidents[0];
        let (at, before) = (Timestamp::from_unix_micros(first.begin), Timestamp::from_unix_micros(0));
        assert!(timeline.trouble(first.provider, at).is_some());
        assert_eq!(timeline.trouble(first.provider, before), None);
        assert_eq!(timeline.trouble("NOBODY", at), None);
    }
}
