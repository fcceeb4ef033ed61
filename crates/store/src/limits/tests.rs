use gatehouse_types::{Clock, SystemClock};
use parking_lot::Mutex;
use uuid::Uuid;

use super::*;

const ID: &str = "0193a1d2-7c3e-7bbb-8000-000000000001";

fn bucket(text: &str) -> LimitRule {
    LimitRule::Bucket(Policy::parse(text).unwrap())
}

fn window(quota: ProxyKeyQuota) -> LimitRule {
    LimitRule::Window(ProxyKeyLimit { window: Duration::from_hours(1), quota })
}

#[test]
fn what_counts_together_has_one_name() {
    let id = Uuid::parse_str(ID).unwrap();
    let check = |source: LimitSource, rule: LimitRule, value: &str, expected: &str| {
        let claim = Claim::new(source, rule, value.to_owned(), Spending::default());
        assert_eq!(claim.key(), expected);
    };
    check(LimitSource::Header, bucket("10;w=60;u=request"), "", "header 10;w=60");
    check(LimitSource::Header, bucket("10;w=60;s=user"), "a b", "header 10;w=60;s=user a b");
    let rule = LimitSource::Rule(RateLimitId::from_uuid(id));
    check(rule, bucket("5;w=60;u=cents;s=app"), "x", &format!("rule {ID} 5;w=60;u=cents;s=app x"));
    let key = LimitSource::ProxyKey(ProxyKeyId::from_uuid(id));
    let cost = window(ProxyKeyQuota::Cost(NanoUsd::new(15_000_000)));
    check(key, cost, "", &format!("proxy_key {ID} cents=15000000;w=3600"));
    check(key, window(ProxyKeyQuota::Tokens(7)), "", &format!("proxy_key {ID} tokens=7;w=3600"));
}

#[test]
fn a_call_claims_what_its_limit_counts() {
    let check = |rule: LimitRule, estimate: Spending, expected: u64| {
        let claim = Claim::new(LimitSource::Header, rule, String::new(), estimate);
        assert_eq!(claim.amount, Amount::new(expected));
    };
    let estimate = Spending { cost: Some(NanoUsd::new(1_500)), tokens: Some(20) };
    check(bucket("10;w=60"), estimate, 1);
    check(bucket("10;w=60;u=cents"), estimate, 1_500);
    check(bucket("10;w=60;u=tokens"), estimate, 20);
    check(window(ProxyKeyQuota::Cost(NanoUsd::new(9))), estimate, 1_500);
    check(bucket("10;w=60"), Spending::default(), 1);
    check(bucket("10;w=60;u=cents"), Spending::default(), 0);
}

#[test]
fn limits_of_proxy_keys_read_as_policies() {
    let policy = |quota| window(quota).policy();
    assert_eq!(policy(ProxyKeyQuota::Requests(5)), "5;w=3600");
    assert_eq!(policy(ProxyKeyQuota::Cost(NanoUsd::new(19_999_999))), "1;w=3600;u=cents");
}

#[test]
fn the_tightest_limit_is_the_one_that_refuses_first() {
    let standing = |policy: &str, calls_left, reset| {
        let reset = Duration::from_secs(reset);
        Standing { policy: policy.to_owned(), limit: 100, remaining: 50, reset, calls_left }
    };
    let check = |standings: &[Standing], expected: Option<&str>| {
        let tightest = Standing::tightest(standings);
        assert_eq!(tightest.map(|standing| standing.policy.as_str()), expected);
    };
    check(&[], None);
    check(&[standing("a", 7, 100), standing("b", 6, 1), standing("c", 9, 50)], Some("b"));
    check(&[standing("a", 6, 1), standing("b", 6, 2)], Some("b"));
}

/// Remembers what became of calls.
#[derive(Default)]
struct Told(Mutex<Vec<Outcome>>);

impl LimitStore for Told {
    fn reserve(&self, id: OrganizationId, _: Vec<Claim>, _: Timestamp) -> StoreFuture<'_, Decision> {
        let granted = Decision::Granted { reservation: Reservation::none(id), standings: Vec::new() };
        Box::pin(async move { Ok(granted) })
    }

    fn settle(&self, _: Reservation, outcome: Outcome, _: Timestamp) {
        self.0.lock().push(outcome);
    }
}

#[test]
fn a_reservation_is_settled_once_whatever_becomes_of_the_call() {
    let told = Arc::new(Told::default());
    let part = ReservedPart { key: "a".into(), unit: Unit::Cents, amount: Amount::new(1), mark: None };
    let open = |parts: Vec<ReservedPart>| {
        let reservation = Reservation { parts, ..Reservation::none(OrganizationId::NOBODY) };
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        OpenReservation::new(Arc::clone(&told) as Arc<dyn LimitStore>, clock, reservation)
    };
    drop(open(vec![part.clone()]));
    let mut sent = open(vec![part.clone()]);
    sent.sent();
    drop(sent);
    let spent = Spending { cost: Some(NanoUsd::new(5)), tokens: None };
    open(vec![part]).settle(spent);
    drop(open(Vec::new()));
    let expected = [Outcome::Unsent, Outcome::Sent(Spending::default()), Outcome::Sent(spent)];
    assert_eq!(*told.0.lock(), expected);
}
