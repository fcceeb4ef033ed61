//! What a decision about limits costs in memory: `cargo bench -p gatehouse-store-shared`.
//!
//! It has to stay below 5 µs, for it stands in the way of every call that has a limit.

#![expect(clippy::unwrap_used, reason = "a benchmark may stop where a program may not")]

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use gatehouse_policy::rate::{Policies, Segment};
use gatehouse_store::conformance::MemoryCounters;
use gatehouse_store::limits::{Claim, Decision, LimitRule, LimitSource, LimitStore as _, Outcome, Spending};
use gatehouse_store_shared::limits::{LimitWriter, Limits};
use gatehouse_types::{NanoUsd, OrganizationId, SystemClock, Timestamp};

const TYPICAL: &str = "1000000000;w=3600;s=user";
const SEVERAL: &str = "100000000;w=60,1000000000;w=3600;u=cents;s=user,1000000000;w=86400;u=tokens;s=app";
const REFUSING: &str = "1;w=31536000;u=tokens;s=user";
const SPENT: Spending = Spending { cost: Some(NanoUsd::new(120_000)), tokens: Some(700) };

fn limits() -> (Limits, LimitWriter) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let load = Limits::load(Arc::new(MemoryCounters::default()), Arc::new(SystemClock));
    runtime.block_on(load).unwrap()
}

/// Returns what a call of the user of this number claims.
fn claims(text: &str, user: u32) -> Vec<Claim> {
    let policies = Policies::parse(text).unwrap();
    let claim = |policy: gatehouse_policy::rate::Policy| {
        let value = if policy.segment == Segment::Global { String::new() } else { format!("user-{user}") };
        Claim::new(LimitSource::Header, LimitRule::Bucket(policy), value, SPENT)
    };
    policies.into_iter().map(claim).collect()
}

/// Decides for one of ten thousand users after the other; what is granted stays reserved.
fn decide(criterion: &mut Criterion, name: &str, text: &str) {
    let (limits, _writer) = limits();
    let claims: Vec<_> = (0..10_000).map(|user| claims(text, user)).collect();
    let (mut each, mut now_us) = (claims.iter().cycle(), 1_795_348_800_000_000);
    criterion.bench_function(name, |bencher| {
        bencher.iter(|| {
            now_us += 10;
            let now = Timestamp::from_unix_micros(now_us);
            limits.decide(OrganizationId::NOBODY, black_box(each.next().unwrap()), now)
        });
    });
}

/// All that limits cost a call: from the text of its header to what it used.
fn whole_call(criterion: &mut Criterion) {
    let (limits, _writer) = limits();
    let (mut user, mut now_us) = (0, 1_795_348_800_000_000);
    criterion.bench_function("read, claim, decide and settle", |bencher| {
        bencher.iter(|| {
            (user, now_us) = ((user + 1) % 10_000, now_us + 10);
            let now = Timestamp::from_unix_micros(now_us);
            let decision = limits.decide(OrganizationId::NOBODY, &claims(black_box(SEVERAL), user), now);
            if let Decision::Granted { reservation, .. } = black_box(decision) {
                limits.settle(reservation, Outcome::Sent(SPENT), now);
            }
        });
    });
}

fn decisions(criterion: &mut Criterion) {
    decide(criterion, "decide, one policy", TYPICAL);
    decide(criterion, "decide, three policies", SEVERAL);
    decide(criterion, "refuse", REFUSING);
    whole_call(criterion);
}

criterion_group!(benches, decisions);
criterion_main!(benches);
