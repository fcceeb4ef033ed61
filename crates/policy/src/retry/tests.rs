use gatehouse_types::Timestamp;
use proptest::prelude::*;

use super::*;

const ALL_THE_TIME: Duration = Duration::from_secs(1_000_000);
const NO_HINTS: Hints = Hints { retry_after: None, should_retry: None };

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn policy(attempts: u32, factor_thousandths: u32, min_ms: u64, max_ms: u64) -> RetryPolicy {
    RetryPolicy { attempts, factor_thousandths, min_timeout: ms(min_ms), max_timeout: ms(max_ms) }
}

fn is_retried(outcome: Failure, should_retry: Option<bool>) -> bool {
    let hints = Hints { should_retry, ..NO_HINTS };
    RetryPolicy::default().verdict(1, outcome, hints, 0, ALL_THE_TIME) != Next::Stop
}

fn wait(policy: RetryPolicy, attempt: u32, hints: Hints, random: u64) -> Next {
    policy.verdict(attempt, Failure::Status(503), hints, random, ALL_THE_TIME)
}

#[test]
fn tries_again_what_may_go_better() {
    for status in [429, 500, 502, 503, 504, 522, 529, 599] {
        assert!(is_retried(Failure::Status(status), None), "{status}");
        assert!(!is_retried(Failure::Status(status), Some(false)), "{status}: the provider said no");
    }
    for status in [400, 401, 403, 404, 408, 409, 413, 422, 600] {
        assert!(!is_retried(Failure::Status(status), None), "{status}");
        assert!(is_retried(Failure::Status(status), Some(true)), "{status}: the provider said yes");
    }
    for status in [100, 200, 204, 304, 399] {
        assert!(!is_retried(Failure::Status(status), None), "{status}");
        assert!(!is_retried(Failure::Status(status), Some(true)), "{status} is no failure");
    }
    for outcome in [Failure::Connect, Failure::Lost, Failure::FirstByteTimeout] {
        assert!(is_retried(outcome, None), "{outcome:?}");
    }
}

#[test]
fn waits_longer_each_time_up_to_the_longest_wait() {
    let default = RetryPolicy::default();
    for (attempt, millis) in [(1, 1_000), (2, 2_000), (3, 4_000), (4, 8_000)] {
        assert_eq!(wait(default, attempt, NO_HINTS, 0), Next::WaitFor(ms(millis)));
    }
    assert_eq!(wait(default, 1, NO_HINTS, u64::MAX / 2 + 1), Next::WaitFor(ms(1_500)));
    assert_eq!(wait(default, 4, NO_HINTS, u64::MAX), Next::WaitFor(ms(10_000)), "jitter ends at the longest");
    assert_eq!(wait(default, 5, NO_HINTS, 0), Next::Stop, "five attempts in all");
    let fractional = policy(20, 1_500, 100, 60_000);
    assert_eq!(wait(fractional, 3, NO_HINTS, 0), Next::WaitFor(ms(225)));
}

#[test]
fn waits_at_least_as_long_as_the_provider_asks_and_gives_up_on_patience() {
    let after = |seconds| Hints { retry_after: Some(Duration::from_secs(seconds)), should_retry: None };
    let default = RetryPolicy::default();
    assert_eq!(wait(default, 1, after(0), 0), Next::WaitFor(ms(1_000)));
    assert_eq!(wait(default, 1, after(30), 0), Next::WaitFor(ms(30_000)), "longer than our longest wait");
    assert_eq!(wait(default, 1, after(60), 0), Next::WaitFor(ms(60_000)));
    assert_eq!(wait(default, 1, after(61), 0), Next::Stop);
    let insists = Hints { should_retry: Some(true), ..after(86_400) };
    assert_eq!(wait(default, 1, insists, 0), Next::Stop);
}

#[test]
fn leaves_an_attempt_its_time() {
    let left =
        |millis| RetryPolicy::default().verdict(1, Failure::Connect, NO_HINTS, 0, ms(millis)) != Next::Stop;
    assert!(left(1_001));
    assert!(!left(1_000));
    assert!(!left(0));
    let after = Hints { retry_after: Some(ms(5_000)), should_retry: None };
    let verdict = RetryPolicy::default().verdict(1, Failure::Status(429), after, 0, ms(4_000));
    assert_eq!(verdict, Next::Stop, "the provider asks for more than there is");
}

#[test]
fn reads_the_switch() {
    let read = |enabled| RetryPolicy::read(Some(enabled), None, None, None, None);
    for on in ["true", "TRUE", " true ", "1", "yes", ""] {
        assert_eq!(read(on), Ok(Some(RetryPolicy::default())), "{on:?}");
    }
    for off in ["false", "False", "0", "no"] {
        assert_eq!(read(off), Ok(None), "{off:?}");
    }
    assert_eq!(RetryPolicy::read(None, Some("x"), Some("x"), Some("x"), Some("x")), Ok(None));
    assert_eq!(RetryPolicy::read(Some("no"), Some("x"), None, None, None), Ok(None));
    let problem = read("maybe").expect_err("it is neither");
    assert_eq!(problem.to_string(), "header `helicone-retry-enabled` is `maybe`, expected `true` or `false`");
    assert_eq!(problem.lenient, Some(RetryPolicy::default()), "Helicone retries");
}

#[test]
fn reads_numbers_and_keeps_them_within_bounds() {
    let read = |num, factor, min, max| {
        RetryPolicy::read(Some("true"), Some(num), Some(factor), Some(min), Some(max)).ok().flatten()
    };
    assert_eq!(read("3", "1.5", "200", "3000"), Some(policy(3, 1_500, 200, 3_000)));
    assert_eq!(read("0", "0.1", "0", "0"), Some(policy(1, 1_000, 0, 0)));
    assert_eq!(read("99", "99", "99999", "99999"), Some(policy(20, 10_000, 60_000, 60_000)));
    let huge = "99999999999999999999999999";
    assert_eq!(read(huge, huge, huge, huge), Some(policy(20, 10_000, 60_000, 60_000)));
    assert_eq!(read("3.9", "2.00049", "1.5", "2.5"), Some(policy(3, 2_000, 1, 2)));
}

#[test]
fn makes_room_for_the_wait_that_is_given() {
    let read = |min, max| RetryPolicy::read(Some("true"), None, None, min, max);
    assert_eq!(read(Some("20000"), None), Ok(Some(policy(5, 2_000, 20_000, 20_000))));
    assert_eq!(read(None, Some("500")), Ok(Some(policy(5, 2_000, 500, 500))));
    let problem = read(Some("500"), Some("400")).expect_err("they contradict each other");
    assert_eq!((problem.header, problem.text.as_str()), ("helicone-retry-min-timeout", "500"));
    assert_eq!(problem.lenient, Some(policy(5, 2_000, 400, 400)));
}

#[test]
fn names_the_first_header_that_cannot_be_read_and_forgives_each() {
    for bad in ["", "x", "-1", "+1", "1e3", "1.", ".5", "0x10", "1,5", "NaN", "\u{661}"] {
        let problem = RetryPolicy::read(Some("true"), Some("7"), Some(bad), Some(bad), Some("9000"))
            .expect_err("it is no number");
        assert_eq!((problem.header, problem.text.as_str()), ("helicone-retry-factor", bad));
        assert_eq!(problem.lenient, Some(policy(7, 2_000, 1_000, 9_000)), "{bad:?}");
    }
    let long = "x".repeat(10_000);
    let problem = RetryPolicy::read(Some("true"), Some(&long), None, None, None).expect_err("no number");
    assert_eq!(problem.text.len(), 40);
}

#[test]
fn reads_what_providers_say() {
    // 1994-11-06T08:49:37Z
    let then = 784_111_777_000_000;
    let hint = |ms, after, now| Hints::read(ms, after, None, Timestamp::from_unix_micros(now)).retry_after;
    assert_eq!(hint(Some("1500"), Some("9"), 0), Some(ms(1_500)), "milliseconds are the more exact");
    assert_eq!(hint(Some("0.25"), None, 0), Some(Duration::from_micros(250)));
    assert_eq!(hint(Some("soon"), Some("9"), 0), Some(ms(9_000)));
    assert_eq!(hint(None, Some("0.5"), 0), Some(ms(500)));
    for date in
        ["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"]
    {
        assert_eq!(hint(None, Some(date), then - 7_000_000), Some(ms(7_000)), "{date}");
        assert_eq!(hint(None, Some(date), then + 1), Some(Duration::ZERO), "{date} has passed");
    }
    for nothing in ["", "-1", "soon", "Sun, 99 Nov 1994 08:49:37 GMT", "1994-11-06"] {
        assert_eq!(hint(None, Some(nothing), 0), None, "{nothing:?}");
    }
    let should_retry =
        |text| Hints::read(None, None, Some(text), Timestamp::from_unix_micros(0)).should_retry;
    assert_eq!(["true", "False", "1", ""].map(should_retry), [Some(true), Some(false), None, None]);
}

prop_compose! {
    fn any_policy()(
        attempts in 1_u32..=20,
        factor in 1_000_u32..=10_000,
        (min, max) in (0_u64..=60_000).prop_flat_map(|max| (0..=max, Just(max))),
    ) -> RetryPolicy {
        policy(attempts, factor, min, max)
    }
}

proptest! {
    #[test]
    fn keeps_every_bound(
        policy in any_policy(),
        status in prop::sample::select(vec![200_u16, 404, 429, 500, 503]),
        retry_after in prop::option::of(0_u64..100_000),
        should_retry in any::<Option<bool>>(),
        randoms in prop::collection::vec(any::<u64>(), 30),
        time_ms in 0_u64..600_000,
    ) {
        let hints = Hints { retry_after: retry_after.map(ms), should_retry };
        let (mut left, mut attempts) = (ms(time_ms), 0_u32);
        for random in randoms {
            attempts += 1;
            let Next::WaitFor(wait) = policy.verdict(attempts, Failure::Status(status), hints, random, left)
            else { break };
            prop_assert!(wait < left);
            prop_assert!(wait >= hints.retry_after.unwrap_or_default());
            prop_assert!(wait <= policy.max_timeout.max(hints.retry_after.unwrap_or_default()));
            left -= wait;
        }
        prop_assert!(attempts <= policy.attempts);
    }

    #[test]
    fn later_waits_and_larger_randoms_are_never_shorter(
        policy in any_policy(), attempt in 1_u32..20, random in any::<u64>(), other in any::<u64>(),
    ) {
        prop_assert!(policy.backoff(attempt, random) <= policy.backoff(attempt + 1, random));
        let (low, high) = (random.min(other), random.max(other));
        prop_assert!(policy.backoff(attempt, low) <= policy.backoff(attempt, high));
        prop_assert!(policy.backoff(attempt, 0) >= policy.min_timeout);
        prop_assert!(policy.backoff(attempt, high) <= policy.backoff(attempt, 0) * 2);
        prop_assert!(policy.backoff(attempt, high) <= policy.max_timeout);
    }

    #[test]
    fn any_text_gives_a_policy_within_bounds(texts in prop::array::uniform5(".{0,12}|[0-9.]{1,30}")) {
        let [enabled, num, factor, min, max] = texts.each_ref().map(|text| Some(text.as_str()));
        let (Ok(policy) | Err(HeaderProblem { lenient: policy, .. })) =
            RetryPolicy::read(enabled, num, factor, min, max);
        if let Some(policy) = policy {
            prop_assert!((1..=20).contains(&policy.attempts));
            prop_assert!((1_000..=10_000).contains(&policy.factor_thousandths));
            prop_assert!(policy.min_timeout <= policy.max_timeout && policy.max_timeout <= ms(60_000));
        }
    }
}
