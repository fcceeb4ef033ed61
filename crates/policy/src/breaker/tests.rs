use proptest::prelude::*;

use super::*;

const SETTINGS: BreakerSettings = BreakerSettings { failures: 3, pause: Duration::from_secs(10) };

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix_micros(seconds * 1_000_000)
}

fn fail(breaker: &mut Breaker, seconds: i64) {
    let pass = breaker.admit(at(seconds), SETTINGS).expect("it is let through");
    breaker.failed(pass, at(seconds), SETTINGS);
}

fn opened_at(seconds: i64) -> Breaker {
    let mut breaker = Breaker::default();
    (0..3).for_each(|_| fail(&mut breaker, seconds));
    assert_eq!(breaker.state(), BreakerState::Open);
    breaker
}

fn refused(breaker: &mut Breaker, seconds: i64) -> Option<u64> {
    breaker.admit(at(seconds), SETTINGS).err().map(|broken| broken.retry_after.as_secs())
}

#[test]
fn opens_after_failures_in_a_row() {
    let mut breaker = Breaker::default();
    fail(&mut breaker, 0);
    fail(&mut breaker, 0);
    let pass = breaker.admit(at(1), SETTINGS).expect("closed");
    breaker.succeeded(pass);
    fail(&mut breaker, 2);
    fail(&mut breaker, 2);
    assert_eq!(breaker.state(), BreakerState::Closed, "an answer was in between");
    fail(&mut breaker, 3);
    assert_eq!(breaker.state(), BreakerState::Open);
    assert_eq!(refused(&mut breaker, 3), Some(10));
    assert_eq!(refused(&mut breaker, 12), Some(1));
}

#[test]
fn lets_one_call_find_out_after_the_pause() {
    let mut breaker = opened_at(0);
    let probe = breaker.admit(at(10), SETTINGS).expect("the pause is over");
    assert_eq!(breaker.state(), BreakerState::HalfOpen);
    assert_eq!(refused(&mut breaker, 11), Some(9), "one at a time");
    breaker.failed(probe, at(12), SETTINGS);
    assert_eq!(refused(&mut breaker, 13), Some(9), "another pause from the failure on");
    let probe = breaker.admit(at(22), SETTINGS).expect("the pause is over");
    breaker.succeeded(probe);
    assert_eq!(breaker.state(), BreakerState::Closed);
    assert_eq!(refused(&mut breaker, 22), None);
    fail(&mut breaker, 22);
    assert_eq!(breaker.state(), BreakerState::Closed, "it counts from the beginning again");
}

#[test]
fn lets_another_call_find_out_when_the_first_one_is_lost() {
    let mut breaker = opened_at(0);
    let lost = breaker.admit(at(10), SETTINGS).expect("the pause is over");
    assert!(breaker.admit(at(20), SETTINGS).is_ok(), "no word for one pause");
    breaker.succeeded(lost);
    assert_eq!(breaker.state(), BreakerState::HalfOpen, "the late word is for nobody");

    let mut breaker = opened_at(0);
    let left = breaker.admit(at(10), SETTINGS).expect("the pause is over");
    breaker.gave_up(left);
    assert_eq!(refused(&mut breaker, 10), None);
}

#[test]
fn ignores_calls_of_before() {
    let mut breaker = Breaker::default();
    let slow: Vec<Pass> = (0..5).map(|_| breaker.admit(at(0), SETTINGS).expect("closed")).collect();
    for pass in &slow[..3] {
        breaker.failed(*pass, at(1), SETTINGS);
    }
    breaker.failed(slow[3], at(9), SETTINGS);
    assert_eq!(refused(&mut breaker, 9), Some(2), "the pause is not made longer");
    breaker.succeeded(slow[4]);
    assert_eq!(breaker.state(), BreakerState::Open);
    breaker.gave_up(slow[4]);
    assert_eq!(refused(&mut breaker, 9), Some(2));
}

#[test]
fn locks_nobody_out_when_the_clock_is_set_back() {
    let mut breaker = opened_at(1_000);
    assert_eq!(refused(&mut breaker, 999), None);
}

#[test]
fn opens_at_once_where_no_failure_is_allowed() {
    for failures in [0, 1] {
        let settings = BreakerSettings { failures, ..SETTINGS };
        let mut breaker = Breaker::default();
        let pass = breaker.admit(at(0), settings).expect("closed");
        breaker.failed(pass, at(0), settings);
        assert_eq!(breaker.state(), BreakerState::Open);
    }
}

#[test]
fn tells_failures_from_answers() {
    for failure in [Failure::Connect, Failure::Lost, Failure::FirstByteTimeout, Failure::Status(500)] {
        assert!(is_failure(failure), "{failure:?}");
    }
    for status in [200, 400, 408, 429, 499, 600] {
        assert!(!is_failure(Failure::Status(status)), "{status}");
    }
}

#[derive(Clone, Copy, Debug)]
enum Step {
    Wait(u8),
    Call,
    Succeed(prop::sample::Index),
    Fail(prop::sample::Index),
    GiveUp(prop::sample::Index),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => (1_u8..12).prop_map(Step::Wait),
        5 => Just(Step::Call),
        1 => any::<prop::sample::Index>().prop_map(Step::Succeed),
        4 => any::<prop::sample::Index>().prop_map(Step::Fail),
        1 => any::<prop::sample::Index>().prop_map(Step::GiveUp),
    ]
}

/// The same rules, told by a list of what happened since the breaker last changed.
#[derive(Default)]
struct Model {
    /// The failures since the last answer, while it is closed.
    failures: u32,
    /// When it opened, or let a call find out; `None` while it is closed.
    shut: Option<i64>,
    /// The calls whose end matters.
    watched: Vec<Pass>,
    probing: bool,
}

impl Model {
    fn admits(&self, now: i64) -> bool {
        self.shut.is_none_or(|since| now - since >= 10)
    }

    fn opens(&mut self, since: i64) {
        *self = Self { shut: Some(since), ..Self::default() };
    }

    fn fails(&mut self, now: i64) {
        self.failures += 1;
        if self.probing || self.failures == 3 {
            self.opens(now);
        }
    }
}

proptest! {
    #[test]
    fn does_what_the_rules_say(steps in prop::collection::vec(step(), 0..200)) {
        let (mut breaker, mut model) = (Breaker::default(), Model::default());
        let (mut now, mut running) = (0_i64, Vec::new());
        for step in steps {
            let mut take = |index: prop::sample::Index| {
                (!running.is_empty()).then(|| running.swap_remove(index.index(running.len())))
            };
            match step {
                Step::Wait(seconds) => now += i64::from(seconds),
                Step::Call => {
                    let admitted = breaker.admit(at(now), SETTINGS);
                    prop_assert_eq!(admitted.is_ok(), model.admits(now));
                    let Ok(pass) = admitted else {
                        let wait = admitted.expect_err("refused").retry_after;
                        prop_assert!(!wait.is_zero() && wait <= SETTINGS.pause);
                        continue;
                    };
                    if model.shut.is_some() {
                        model = Model { shut: Some(now), probing: true, ..Model::default() };
                    }
                    model.watched.push(pass);
                    running.push(pass);
                }
                Step::Succeed(index) => if let Some(pass) = take(index) {
                    breaker.succeeded(pass);
                    match model.watched.contains(&pass) {
                        true if model.probing => model = Model::default(),
                        true => model.failures = 0,
                        false => {}
                    }
                },
                Step::Fail(index) => if let Some(pass) = take(index) {
                    breaker.failed(pass, at(now), SETTINGS);
                    if model.watched.contains(&pass) {
                        model.fails(now);
                    }
                },
                Step::GiveUp(index) => if let Some(pass) = take(index) {
                    breaker.gave_up(pass);
                    if model.watched.contains(&pass) && model.probing {
                        model.opens(now - 10);
                    }
                },
            }
            let expected = match (model.shut, model.probing) {
                (None, _) => BreakerState::Closed,
                (Some(_), false) => BreakerState::Open,
                (Some(_), true) => BreakerState::HalfOpen,
            };
            prop_assert_eq!(breaker.state(), expected);
        }
    }
}
