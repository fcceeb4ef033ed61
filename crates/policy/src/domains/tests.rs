use proptest::prelude::*;

use super::*;

/// 2026-11-22, noon.
const NOON_US: i64 = 20_779 * DAY_US + DAY_US / 2;
const HELICONE: DomainLimits = DomainLimits { requests_per_day: 10_000, requests_per_second: 1 };

const fn at(time_us: i64) -> Timestamp {
    Timestamp::from_unix_micros(time_us)
}

const fn limits(requests_per_day: u64, requests_per_second: u32) -> DomainLimits {
    DomainLimits { requests_per_day, requests_per_second }
}

/// Takes a call at each time and returns which passed.
fn passed(times: &[i64], limits: DomainLimits) -> Vec<bool> {
    let mut quota = DomainQuota::default();
    let take = |time: &i64| matches!(quota.take(at(*time), limits), Verdict::Passed { .. });
    times.iter().map(take).collect()
}

#[test]
fn lets_one_call_a_second_through() {
    let mut quota = DomainQuota::default();
    assert_eq!(quota.take(at(NOON_US), HELICONE), Verdict::Passed { remaining_today: 9_999 });
    let before = quota;
    let retry_after = Duration::from_micros(999_999);
    assert_eq!(quota.take(at(NOON_US + 1), HELICONE), Verdict::PerSecond { retry_after });
    let retry_after = Duration::from_micros(1);
    assert_eq!(quota.take(at(NOON_US + SECOND_US - 1), HELICONE), Verdict::PerSecond { retry_after });
    assert_eq!(quota, before, "a refused call changes nothing");
    assert_eq!(quota.take(at(NOON_US + SECOND_US), HELICONE), Verdict::Passed { remaining_today: 9_998 });
}

#[test]
fn lets_a_burst_through_and_then_one_after_the_other() {
    let tenth = SECOND_US / 10;
    let mut times = vec![NOON_US; 12];
    times.extend([1, 1, 2].map(|tenths| NOON_US + tenths * tenth));
    times.extend([NOON_US + 10 * SECOND_US; 11]);
    let mut expected = vec![true; 10];
    expected.extend([false, false, true, false, true]);
    expected.extend([true; 10]);
    expected.push(false);
    assert_eq!(passed(&times, limits(1_000, 10)), expected);
}

#[test]
fn begins_a_new_day_at_midnight_utc() {
    let midnight = 20_780 * DAY_US;
    let mut quota = DomainQuota::default();
    let limits = limits(2, 1);
    let second = |seconds: i64| at(midnight + seconds * SECOND_US);
    assert_eq!(quota.take(second(-30), limits), Verdict::Passed { remaining_today: 1 });
    assert_eq!(quota.take(second(-20), limits), Verdict::Passed { remaining_today: 0 });
    let before = quota;
    assert_eq!(quota.take(second(-10), limits), Verdict::PerDay { retry_after: Duration::from_secs(10) });
    assert_eq!(quota, before);
    assert_eq!(quota.take(second(0), limits), Verdict::Passed { remaining_today: 1 });
    assert_eq!(quota.day, 20_780);
}

#[test]
fn names_the_day_where_both_limits_refuse() {
    let mut quota = DomainQuota::default();
    assert_eq!(quota.take(at(NOON_US), limits(1, 1)), Verdict::Passed { remaining_today: 0 });
    let retry_after = Duration::from_hours(12);
    assert_eq!(quota.take(at(NOON_US), limits(1, 1)), Verdict::PerDay { retry_after });
}

#[test]
fn lets_nothing_through_where_nothing_is_allowed() {
    let mut quota = DomainQuota::default();
    let retry_after = Duration::from_hours(12);
    assert_eq!(quota.take(at(NOON_US), limits(0, 1)), Verdict::PerDay { retry_after });
    assert_eq!(quota, DomainQuota::default());
}

#[test]
fn counts_a_late_reading_of_the_clock_for_the_day_that_has_begun() {
    let midnight = 20_780 * DAY_US;
    let mut quota = DomainQuota::default();
    quota.take(at(midnight), limits(1, 1));
    assert_eq!(quota.used, 1);
    let retry_after = Duration::from_secs(86_400) + Duration::from_micros(5);
    assert_eq!(quota.take(at(midnight - 5), limits(1, 1)), Verdict::PerDay { retry_after });
}

#[test]
fn locks_nobody_out_after_a_clock_was_set_back() {
    for set_back in [3 * SECOND_US, 3_600 * SECOND_US, DAY_US, 365 * DAY_US] {
        let mut quota = DomainQuota::default();
        assert_eq!(quota.take(at(NOON_US), limits(1_000, 1)), Verdict::Passed { remaining_today: 999 });
        let verdict = quota.take(at(NOON_US - set_back), limits(1_000, 1));
        assert!(matches!(verdict, Verdict::Passed { .. }), "{set_back}: {verdict:?}");
        let verdict = quota.take(at(NOON_US - set_back + 1), limits(1_000, 1));
        assert!(matches!(verdict, Verdict::PerSecond { .. }), "{set_back}: {verdict:?}");
    }
}

/// What the limits mean, from the list of all calls that passed.
struct Model {
    limits: DomainLimits,
    passed: Vec<i64>,
}

impl Model {
    fn count(&self, is_counted: impl Fn(i64) -> bool) -> usize {
        self.passed.iter().filter(|time| is_counted(**time)).count()
    }

    fn has_room_today(&self, now: i64) -> bool {
        let today = day_of(now);
        (self.count(|time| day_of(time) == today) as u64) < self.limits.requests_per_day
    }

    /// Whether no span that ends now would have more calls than a burst and what follows it evenly.
    fn has_room_in_every_span(&self, now: i64) -> bool {
        let (burst, interval) = (i64::from(self.limits.requests_per_second), self.limits.interval_us());
        self.passed.iter().all(|start| {
            let calls = self.count(|time| time >= *start) as i64 + 1;
            calls <= burst + (now - start) / interval
        })
    }

    fn has_room(&self, now: i64) -> bool {
        self.has_room_today(now) && self.has_room_in_every_span(now)
    }
}

fn arrivals() -> impl Strategy<Value = (DomainLimits, Vec<i64>)> {
    let pause = prop_oneof![
        4 => Just(0_i64),
        4 => 0..50_000_i64,
        4 => 0..2 * SECOND_US,
        2 => Just(SECOND_US),
        1 => 0..DAY_US,
    ];
    let per_second = prop_oneof![3 => Just(1_u32), 3 => 1..12_u32, 1 => 1..=1_000_000_u32];
    let all_limits = (0..40_u64, per_second).prop_map(|(day, second)| limits(day, second));
    (all_limits, prop::collection::vec(pause, 0..120))
}

proptest! {
    #[test]
    fn decides_as_the_list_of_all_calls_would((limits, pauses) in arrivals()) {
        let mut quota = DomainQuota::default();
        let mut model = Model { limits, passed: Vec::new() };
        let mut now = NOON_US;
        for pause in pauses {
            now += pause;
            let before = quota;
            let verdict = quota.take(at(now), limits);
            let expected = model.has_room(now);
            prop_assert_eq!(matches!(verdict, Verdict::Passed { .. }), expected, "{:?} at {}", verdict, now);
            if expected {
                model.passed.push(now);
                continue;
            }
            prop_assert_eq!(quota, before);
            prop_assert_eq!(matches!(verdict, Verdict::PerDay { .. }), !model.has_room_today(now));
            let (Verdict::PerDay { retry_after } | Verdict::PerSecond { retry_after }) = verdict else {
                continue;
            };
            let then = now + i64::try_from(retry_after.as_micros()).unwrap();
            prop_assert!(limits.requests_per_day == 0 || !model.has_room(then - 1) || then - 1 < now);
            prop_assert!(model.has_room_in_every_span(then));
        }
        for start in &model.passed {
            let per_second = limits.requests_per_second as usize;
            let second = model.count(|time| (*start..start + SECOND_US).contains(&time));
            prop_assert!(second < 2 * per_second, "{} calls in a second", second);
            let today = model.count(|time| day_of(time) == day_of(*start)) as u64;
            prop_assert!(today <= limits.requests_per_day);
        }
    }

    #[test]
    fn no_time_and_no_state_makes_it_panic_or_wait_long(
        now in any::<i64>(),
        day in any::<u32>(),
        used in any::<u64>(),
        not_before_us in any::<i64>(),
        requests_per_day in 1..u64::MAX,
        requests_per_second in any::<u32>(),
    ) {
        let mut quota = DomainQuota { day, used, not_before_us };
        match quota.take(at(now), DomainLimits { requests_per_day, requests_per_second }) {
            Verdict::Passed { remaining_today } => prop_assert!(remaining_today < requests_per_day),
            Verdict::PerSecond { retry_after } => prop_assert!(retry_after <= Duration::from_secs(2)),
            Verdict::PerDay { .. } => prop_assert!(used >= requests_per_day),
        }
    }
}
