//! Random policies and arrivals against the list of all calls.

use std::collections::HashMap;

use gatehouse_policy::rate::{Segment, Unit};
use proptest::prelude::*;

use super::*;

/// What comes next.
#[derive(Clone, Debug)]
struct Arrival {
    pause_us: i64,
    user: u8,
    /// Which of the policies the call has, bit by bit.
    policies: u8,
    /// What it is expected to use, in nano-dollars and tokens, and how many thousandths it does.
    estimate: u64,
    thousandths: u64,
    /// How many calls later it ends.
    lasts: usize,
    is_sent: bool,
    /// Whether the process ends before it and another one goes on.
    restarts: bool,
}

/// A call that was let through.
#[derive(Clone, Debug)]
struct Passed {
    at_us: i64,
    claims: Vec<Claim>,
    /// Requests, and cost or tokens; what it reserved, until it has ended.
    requests: u64,
    used: u64,
    ends_at: usize,
}

fn policies() -> impl Strategy<Value = Vec<Policy>> {
    let unit = prop_oneof![3 => Just(Unit::Request), 1 => Just(Unit::Cents), 1 => Just(Unit::Tokens)];
    let segment = prop_oneof![Just(Segment::Global), Just(Segment::User)];
    let window = (60..600_u64).prop_map(Duration::from_secs);
    let policy = (1..30_u64, window, unit, segment).prop_map(|(quota, window, unit, segment)| Policy {
        quota,
        window,
        unit,
        segment,
    });
    prop::collection::vec(policy, 1..5)
}

fn arrivals() -> impl Strategy<Value = Vec<Arrival>> {
    let pause = prop_oneof![3 => Just(0_i64), 3 => 0..1_000_000_i64, 2 => 0..100_000_000_i64];
    let estimate = prop_oneof![0..10_u64, 0..100_000_000_u64];
    let arrival =
        (pause, 0..3_u8, any::<u8>(), estimate, 0..=1000_u64, 0..6_usize, (any::<bool>(), 0..20_u8));
    let arrival = arrival.prop_map(|(pause_us, user, policies, estimate, thousandths, lasts, rest)| {
        let (is_sent, restarts) = (rest.0, rest.1 == 0);
        Arrival { pause_us, user, policies, estimate, thousandths, lasts, is_sent, restarts }
    });
    prop::collection::vec(arrival, 0..80)
}

fn claims_of(arrival: &Arrival, policies: &[Policy]) -> Vec<Claim> {
    let estimate = Spending {
        cost: i64::try_from(arrival.estimate).ok().map(NanoUsd::new),
        tokens: Some(arrival.estimate % 40),
    };
    let chosen = policies.iter().enumerate().filter(|(bit, _)| arrival.policies & (1 << bit) != 0);
    let claim = |policy: &Policy| {
        let user = if policy.segment == Segment::User { arrival.user.to_string() } else { String::new() };
        Claim::new(LimitSource::Header, LimitRule::Bucket(policy.clone()), user, estimate)
    };
    let mut claims: Vec<Claim> = chosen.map(|(_, policy)| claim(policy)).collect();
    claims.dedup();
    claims
}

/// Returns what a call used of a limit.
fn used(passed: &Passed, key: &str) -> u64 {
    let claim = passed.claims.iter().find(|claim| claim.key() == key);
    claim.map_or(0, |claim| match claim.rule.unit() {
        Unit::Request => passed.requests,
        Unit::Cents | Unit::Tokens => claim.amount.get() * passed.used / 1000,
    })
}

/// Returns the first span in which more than quota and refill passed.
fn broken(passed: &[Passed]) -> Option<String> {
    let claims = passed.iter().flat_map(|call| &call.claims);
    let limits: HashMap<_, _> = claims.map(|claim| (claim.key(), claim.rule.rate())).collect();
    limits.iter().find_map(|(key, rate)| {
        let (window_us, capacity) = (rate.window().as_micros(), u128::from(rate.capacity().get()));
        let uses = passed.iter().map(|call| (call.at_us, u128::from(used(call, key))));
        let uses: Vec<_> = uses.filter(|(_, used)| *used > 0).collect();
        uses.iter().enumerate().find_map(|(first, (from_us, _))| {
            let mut sum = 0;
            uses.iter().skip(first).find_map(|(to_us, used)| {
                sum += used;
                let elapsed_us = u128::from((to_us - from_us).unsigned_abs());
                let is_broken = sum > capacity + elapsed_us * capacity / window_us;
                is_broken.then(|| format!("{sum} of {key} from {from_us} to {to_us}"))
            })
        })
    })
}

/// Lets all calls arrive, and returns those that passed.
async fn run(policies: &[Policy], arrivals: &[Arrival]) -> Vec<Passed> {
    let store = Arc::new(MemoryCounters::default());
    let clock = TestClock::at(second(0));
    let counters: Arc<dyn CounterStore> = Arc::<MemoryCounters>::clone(&store);
    let load = || Limits::load(Arc::clone(&counters), Arc::<TestClock>::clone(&clock));
    let (mut limits, mut writer) = load().await.unwrap();
    let mut passed: Vec<Passed> = Vec::new();
    let mut in_flight: Vec<(usize, Reservation, Arrival)> = Vec::new();
    let mut now_us = NOON_US;
    for (number, arrival) in arrivals.iter().enumerate() {
        now_us += arrival.pause_us;
        let now = Timestamp::from_unix_micros(now_us);
        clock.set(now);
        if arrival.restarts {
            writer.write_round().await;
            (limits, writer) = load().await.unwrap();
            in_flight.clear();
        }
        let (ended, still): (Vec<_>, _) =
            in_flight.into_iter().partition(|(call, ..)| passed[*call].ends_at <= number);
        in_flight = still;
        for (call, reservation, arrival) in ended {
            let estimate = |unit| reservation.parts.iter().find(|part| part.unit == unit);
            let share = |unit| estimate(unit).map(|part| part.amount.get() * arrival.thousandths / 1000);
            let cost = share(Unit::Cents).and_then(|nanos| i64::try_from(nanos).ok()).map(NanoUsd::new);
            let spent = Spending { cost, tokens: share(Unit::Tokens) };
            let outcome = if arrival.is_sent { Outcome::Sent(spent) } else { Outcome::Unsent };
            passed[call].requests = u64::from(arrival.is_sent);
            passed[call].used = if arrival.is_sent { arrival.thousandths } else { 0 };
            limits.settle(reservation, outcome, now);
        }
        let claims = claims_of(arrival, policies);
        if let Decision::Granted { reservation, .. } = limits.of_first(&claims, now) {
            in_flight.push((passed.len(), reservation, arrival.clone()));
            let ends_at = number + arrival.lasts;
            passed.push(Passed { at_us: now_us, claims, requests: 1, used: 1000, ends_at });
        }
    }
    passed
}

proptest! {
    /// With whatever policies, whoever calls whenever, whatever calls use and however often the process is
    /// started anew: of no limit passes more than its quota and what came back meanwhile.
    #[test]
    fn never_more_than_quota_and_refill(policies in policies(), arrivals in arrivals()) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        let passed = runtime.block_on(run(&policies, &arrivals));
        prop_assert_eq!(broken(&passed), None);
    }
}
