use gatehouse_policy::rate::{Amount, Policy};
use gatehouse_store::conformance::MemoryCounters;
use gatehouse_store::limits::{LimitRule, LimitSource, Spending, Standing};
use gatehouse_store::vault::{ProxyKeyLimit, ProxyKeyQuota};
use gatehouse_types::{NanoUsd, ProxyKeyId};
use tokio::sync::Barrier;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::shard::MOST_METERS;
use super::*;

mod model;
mod restart;

/// 2026-11-22, noon.
const NOON_US: i64 = 1_795_348_800_000_000;
const CENT: i64 = 10_000_000;

fn organization(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(number))
}

/// Returns the point so many seconds after noon.
fn second(seconds: i64) -> Timestamp {
    Timestamp::from_unix_micros(NOON_US + seconds * 1_000_000)
}

/// A clock that tests set.
struct TestClock(Mutex<Timestamp>);

impl TestClock {
    fn at(now: Timestamp) -> Arc<Self> {
        Arc::new(Self(Mutex::new(now)))
    }

    fn set(&self, now: Timestamp) {
        *self.0.lock() = now;
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

/// Returns new limits and their writer, which does not run.
async fn limits() -> (Limits, LimitWriter) {
    Limits::load(Arc::new(MemoryCounters::default()), TestClock::at(second(0))).await.unwrap()
}

fn claim(text: &str, user: &str, estimate: Spending) -> Claim {
    let rule = LimitRule::Bucket(Policy::parse(text).unwrap());
    Claim::new(LimitSource::Header, rule, user.to_owned(), estimate)
}

fn call(text: &str) -> Claim {
    claim(text, "", Spending::default())
}

fn cost(nanos: i64) -> Spending {
    Spending { cost: Some(NanoUsd::new(nanos)), tokens: None }
}

fn granted(decision: Decision) -> (Reservation, Vec<Standing>) {
    match decision {
        Decision::Granted { reservation, standings } => (reservation, standings),
        refused @ Decision::Refused { .. } => panic!("{refused:?}"),
    }
}

fn refused(decision: Decision) -> (usize, Standing, Option<Duration>) {
    match decision {
        Decision::Refused { claim, standing, retry_after } => (claim, standing, retry_after),
        granted @ Decision::Granted { .. } => panic!("{granted:?}"),
    }
}

impl Limits {
    fn of_first(&self, claims: &[Claim], now: Timestamp) -> Decision {
        self.decide(organization(1), claims, now)
    }
}

#[tokio::test]
async fn takes_of_all_limits_or_of_none() {
    let (limits, _writer) = limits().await;
    let claims = [call("3;w=60"), call("2;w=60"), call("1;w=3600"), call("5;w=60")];
    let (_, standings) = granted(limits.of_first(&claims, second(0)));
    let left: Vec<_> = standings.iter().map(|standing| standing.remaining).collect();
    assert_eq!(left, [2, 1, 0, 4]);
    assert_eq!(Standing::tightest(&standings).unwrap().policy, "1;w=3600");
    let (claim, standing, retry_after) = refused(limits.of_first(&claims, second(1)));
    assert_eq!((claim, standing.policy.as_str()), (2, "1;w=3600"));
    assert_eq!((standing.limit, standing.remaining), (1, 0));
    assert_eq!((retry_after, standing.reset), (Some(Duration::from_secs(3_599)), Duration::from_secs(3_599)));
    // The others lost nothing to the refused call.
    let (_, standings) = granted(limits.of_first(&claims[..2], second(1)));
    assert_eq!(standings[0].remaining, 1);
}

#[tokio::test]
async fn names_the_limit_with_the_longest_wait() {
    let (limits, _writer) = limits().await;
    let claims = [call("1;w=60"), call("1;w=3600"), call("1;w=120")];
    granted(limits.of_first(&claims, second(0)));
    let (claim, _, retry_after) = refused(limits.of_first(&claims, second(0)));
    assert_eq!((claim, retry_after), (1, Some(Duration::from_hours(1))));
    let never = self::claim("1;w=60;u=cents", "", cost(2 * CENT));
    let (claim, standing, retry_after) = refused(limits.of_first(&[call("1;w=3600"), never], second(0)));
    assert_eq!((claim, retry_after), (1, None));
    assert_eq!(standing.remaining, 1);
}

#[tokio::test]
async fn counts_segments_sources_and_organisations_apart() {
    let (limits, _writer) = limits().await;
    let of = |user: &str| claim("1;w=60;s=user", user, Spending::default());
    granted(limits.of_first(&[of("a")], second(0)));
    refused(limits.of_first(&[of("a")], second(0)));
    granted(limits.of_first(&[of("b")], second(0)));
    granted(limits.decide(organization(2), &[of("a")], second(0)));
    let rule = LimitSource::Rule(gatehouse_types::RateLimitId::from_uuid(Uuid::from_u128(9)));
    granted(limits.of_first(&[Claim { source: rule, ..of("a") }], second(0)));
}

#[tokio::test]
async fn settles_estimates_with_what_was_used() {
    let (limits, _writer) = limits().await;
    let ten_cents = [claim("100;w=3600;u=cents", "", cost(10 * CENT))];
    let left = || {
        let nothing = [claim("100;w=3600;u=cents", "", cost(0))];
        let (reservation, standings) = granted(limits.of_first(&nothing, second(0)));
        limits.settle(reservation, Outcome::Unsent, second(0));
        standings[0].remaining
    };
    let (reservation, standings) = granted(limits.of_first(&ten_cents, second(0)));
    assert_eq!((standings[0].remaining, standings[0].calls_left), (90, 9));
    limits.settle(reservation, Outcome::Sent(cost(CENT)), second(0));
    assert_eq!(left(), 99);
    let (reservation, _) = granted(limits.of_first(&ten_cents, second(0)));
    limits.settle(reservation, Outcome::Sent(Spending::default()), second(0));
    assert_eq!(left(), 89, "unknown is not zero");
    let (reservation, _) = granted(limits.of_first(&ten_cents, second(0)));
    limits.settle(reservation, Outcome::Unsent, second(0));
    assert_eq!(left(), 89);
    let (reservation, _) = granted(limits.of_first(&ten_cents, second(0)));
    limits.settle(reservation, Outcome::Sent(cost(200 * CENT)), second(0));
    let (_, standing, _) = refused(limits.of_first(&ten_cents, second(0)));
    assert_eq!(standing.remaining, 0, "more than was left is less than nothing");
}

#[tokio::test]
async fn a_call_that_was_not_sent_gives_its_request_back() {
    let (limits, _writer) = limits().await;
    let (reservation, _) = granted(limits.of_first(&[call("1;w=60")], second(0)));
    limits.settle(reservation, Outcome::Unsent, second(0));
    let (reservation, _) = granted(limits.of_first(&[call("1;w=60")], second(0)));
    limits.settle(reservation, Outcome::Sent(Spending::default()), second(0));
    refused(limits.of_first(&[call("1;w=60")], second(0)));
}

#[tokio::test]
async fn limits_of_proxy_keys_hold_in_every_window() {
    let (limits, _writer) = limits().await;
    let limit = ProxyKeyLimit { window: Duration::from_secs(64), quota: ProxyKeyQuota::Requests(2) };
    let source = LimitSource::ProxyKey(ProxyKeyId::from_uuid(Uuid::from_u128(9)));
    let claim = [Claim::new(source, LimitRule::Window(limit), String::new(), Spending::default())];
    granted(limits.of_first(&claim, second(0)));
    granted(limits.of_first(&claim, second(60)));
    let (_, standing, retry_after) = refused(limits.of_first(&claim, second(63)));
    assert_eq!((standing.policy.as_str(), retry_after), ("2;w=64", Some(Duration::from_secs(2))));
    granted(limits.of_first(&claim, second(65)));
    refused(limits.of_first(&claim, second(65)));
}

/// Two hundred calls at once on a dollar: what is reserved never is more than the dollar, so that what is
/// used goes beyond it by no more than the calls in flight used beyond their estimates.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_calls_at_once_overshoot_by_no_more_than_was_in_flight() {
    const CALLS: usize = 200;
    let store = Arc::new(MemoryCounters::default());
    let (limits, writer) = Limits::load(store, TestClock::at(second(0))).await.unwrap();
    let (limits, tasks) = (Arc::new(limits), TaskTracker::new());
    let writer = tasks.spawn(writer.run());
    for actual in [1, 3, 6] {
        let claims = vec![claim(&format!("100;w=3600;u=cents;s=run-{actual}"), "x", cost(3 * CENT))];
        let start = Arc::new(Barrier::new(CALLS));
        let call = |_| {
            let (limits, start, claims) = (Arc::clone(&limits), Arc::clone(&start), claims.clone());
            tasks.spawn(async move {
                start.wait().await;
                limits.reserve(organization(1), claims, second(0)).await.unwrap()
            })
        };
        let mut in_flight = Vec::new();
        for call in (0..CALLS).map(call).collect::<Vec<_>>() {
            if let Decision::Granted { reservation, .. } = call.await.unwrap() {
                in_flight.push(reservation);
            }
        }
        let passed = i64::try_from(in_flight.len()).unwrap();
        assert_eq!(passed, 33, "as many as fit at three cents each while none has ended");
        let settle = |reservation| {
            let limits = Arc::clone(&limits);
            let outcome = Outcome::Sent(cost(actual * CENT));
            tasks.spawn(async move { limits.settle(reservation, outcome, second(0)) })
        };
        for settled in in_flight.into_iter().map(settle).collect::<Vec<_>>() {
            settled.await.unwrap();
        }
        let used = passed * actual;
        assert!(used <= 100 + passed * 3, "no more beyond the dollar than was reserved in flight");
        let is_refused = matches!(limits.of_first(&claims, second(0)), Decision::Refused { .. });
        assert_eq!(is_refused, used + 3 > 100, "{actual} cents each");
    }
    drop(Arc::into_inner(limits).unwrap());
    writer.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_call_that_goes_away_while_it_waits_has_taken_nothing() {
    let (limits, _writer) = limits().await;
    let claims = vec![call("1;w=60"), claim("1;w=60;u=cents", "", cost(CENT))];
    let reserve = limits.reserve(organization(1), claims.clone(), second(0));
    let given_up = tokio::time::timeout(WRITE_WAIT / 2, reserve).await;
    assert!(given_up.is_err(), "nobody writes");
    granted(limits.of_first(&claims, second(0)));
}

#[tokio::test(start_paused = true)]
async fn a_writer_that_hangs_delays_a_call_by_a_second_at_most() {
    let (limits, _writer) = limits().await;
    let before = tokio::time::Instant::now();
    granted(limits.reserve(organization(1), vec![call("1;w=60")], second(0)).await.unwrap());
    assert_eq!(before.elapsed(), WRITE_WAIT);
    refused(limits.reserve(organization(1), vec![call("1;w=60")], second(0)).await.unwrap());
    granted(limits.reserve(organization(1), Vec::new(), second(0)).await.unwrap());
    assert_eq!(before.elapsed(), WRITE_WAIT, "neither refusals nor calls without limits wait");
}

#[tokio::test]
async fn forgets_segments_that_limit_nothing_any_more() {
    let (limits, _writer) = limits().await;
    let of = |user: usize| claim("1;w=60;s=user", &user.to_string(), Spending::default());
    let count = |number| limits.shared.shard(organization(number)).lock().count(organization(number));
    let mut most = 0;
    for user in 0..10_000 {
        // Refused, so that nothing of them is ever written.
        let never = Claim { amount: Amount::new(2), ..of(user) };
        let now = second(i64::try_from(user).unwrap());
        limits.of_first(&[never], now);
        most = most.max(count(1));
    }
    assert!(most <= 2_048, "{most}");
}

#[tokio::test]
async fn too_many_segments_of_one_organisation_are_its_own_affair() {
    let (limits, _writer) = limits().await;
    let of = |user: usize| claim("1;w=60;s=user", &user.to_string(), Spending::default());
    for user in 0..MOST_METERS {
        granted(limits.of_first(&[of(user)], second(0)));
    }
    // One more is not limited, but by what was counted before.
    let more = [call("3;w=60;u=tokens"), of(MOST_METERS)];
    assert!(granted(limits.of_first(&more, second(0))).1.is_empty());
    let claims = [of(MOST_METERS), of(0)];
    assert_eq!(refused(limits.of_first(&claims, second(0))).0, 1);
    granted(limits.of_first(&[of(0)], second(60)));
    granted(limits.decide(organization(2), &claims, second(0)));
}
