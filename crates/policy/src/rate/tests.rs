use proptest::prelude::*;

use super::*;

const SECOND_US: i64 = 1_000_000;
/// 2026-11-22, noon, in microseconds since the Unix epoch.
pub(super) const NOON_US: i64 = 1_795_348_800 * SECOND_US;

pub(super) const fn at(time_us: i64) -> Timestamp {
    Timestamp::from_unix_micros(time_us)
}

/// Returns the point so many seconds after noon.
pub(super) const fn second(seconds: i64) -> Timestamp {
    at(NOON_US + seconds * SECOND_US)
}

pub(super) fn rate(capacity: u64, window_secs: u64) -> Rate {
    Rate::new(Amount(capacity), Duration::from_secs(window_secs))
}

#[test]
fn counts_in_the_smallest_step_of_a_unit() {
    let policy = Policy::parse("150;w=3600;u=cents").unwrap();
    assert_eq!(policy.rate(), Rate::new(Amount::of_cost(NanoUsd::new(1_500_000_000)), policy.window));
    assert_eq!(Unit::Cents.in_whole(Amount(19_999_999)), 1);
    assert_eq!(Unit::Tokens.whole(7), Amount(7));
    assert_eq!(Amount::of_cost(NanoUsd::new(-1)), Amount::ZERO);
    let most = Unit::Cents.whole(MAX_QUOTA);
    assert_eq!(Unit::Cents.in_whole(most), MAX_QUOTA);
    assert!(i64::try_from(most.get()).is_ok(), "it is an amount of money");
}

/// One thing that happens to a meter.
#[derive(Clone, Debug)]
enum Event {
    Pass(i64),
    Take(u64),
    Hold(u64),
    /// The call of this number, of those in flight, ends with this many thousandths of what was held.
    End(usize, u64),
    /// It ends, and nobody knows what it used.
    EndUnknown(usize),
    /// It comes to nothing.
    Release(usize),
    /// The process ends and another one goes on; nobody tells what becomes of calls in flight.
    Restart,
}

/// A call that was let through.
#[derive(Clone, Copy, Debug)]
struct Call {
    at_us: i64,
    /// What it used, as far as anybody knows.
    used: u64,
    /// Where it was taken; `None` for an estimate that is held.
    mark: Option<Mark>,
}

/// A meter and the list of all calls that it let through.
struct Model {
    meter: Box<dyn Meter>,
    now_us: i64,
    calls: Vec<Call>,
    /// Which of them are in flight.
    in_flight: Vec<usize>,
}

impl Model {
    fn new(meter: Box<dyn Meter>) -> Self {
        Self { meter, now_us: NOON_US, calls: Vec::new(), in_flight: Vec::new() }
    }

    fn let_through(&mut self, used: u64, mark: Option<Mark>) {
        self.in_flight.push(self.calls.len());
        self.calls.push(Call { at_us: self.now_us, used, mark });
    }

    /// Takes a call out of those in flight.
    fn landed(&mut self, index: usize) -> Option<&mut Call> {
        if self.in_flight.is_empty() {
            return None;
        }
        let number = self.in_flight.swap_remove(index % self.in_flight.len());
        self.calls.get_mut(number)
    }

    fn end(&mut self, index: usize, used: impl Fn(u64) -> Option<u64>) {
        let now = at(self.now_us);
        let Some(call) = self.landed(index) else { return };
        let held = call.used;
        if call.mark.is_none() {
            call.used = used(held).unwrap_or(held);
            self.meter.settle(Amount(held), used(held).map(Amount), now);
        }
    }

    fn release(&mut self, index: usize) {
        let now = at(self.now_us);
        let Some(call) = self.landed(index) else { return };
        let Call { used, mark, .. } = *call;
        call.used = 0;
        match mark {
            Some(mark) => self.meter.give_back(Amount(used), mark, now),
            None => self.meter.release(Amount(used)),
        }
    }

    fn apply(&mut self, event: Event) {
        let now = at(self.now_us);
        match event {
            Event::Pass(time_us) => self.now_us += time_us,
            Event::Take(amount) => {
                if let Some(mark) = self.meter.take(Amount(amount), now) {
                    self.let_through(amount, Some(mark));
                }
            }
            Event::Hold(amount) => {
                if self.meter.hold(Amount(amount), now) {
                    self.let_through(amount, None);
                }
            }
            Event::End(index, thousandths) => self.end(index, |held| Some(held * thousandths / 1000)),
            Event::EndUnknown(index) => self.end(index, |_| None),
            Event::Release(index) => self.release(index),
            Event::Restart => {
                self.meter = restore(&self.meter.to_bytes(now)).unwrap();
                self.in_flight.clear();
            }
        }
    }

    /// Returns what the calls let through from one point in time to another used.
    fn used_between(&self, from_us: i64, to_us: i64) -> u64 {
        let between = self.calls.iter().filter(|call| (from_us..=to_us).contains(&call.at_us));
        between.map(|call| call.used).sum()
    }

    /// Returns the spans from a call to a later one, both included.
    fn spans(&self) -> impl Iterator<Item = (i64, i64)> {
        let times = self.calls.iter().enumerate();
        times.flat_map(|(first, call)| self.calls.iter().skip(first).map(|last| (call.at_us, last.at_us)))
    }
}

fn events(most_thousandths: u64) -> impl Strategy<Value = Vec<Event>> {
    let index = any::<usize>;
    let pass = prop_oneof![Just(0_i64), 0..SECOND_US, 0..60 * SECOND_US, 0..600 * SECOND_US];
    let event = prop_oneof![
        6 => pass.prop_map(Event::Pass),
        4 => (0..40_u64).prop_map(Event::Take),
        6 => (0..60_u64).prop_map(Event::Hold),
        4 => (index(), 0..=most_thousandths).prop_map(|(index, part)| Event::End(index, part)),
        1 => index().prop_map(Event::EndUnknown),
        3 => index().prop_map(Event::Release),
        1 => Just(Event::Restart),
    ];
    prop::collection::vec(event, 0..150)
}

fn rates() -> impl Strategy<Value = Rate> {
    (1..100_u64, 60..600_u64).prop_map(|(capacity, window)| rate(capacity, window))
}

proptest! {
    /// Whatever comes, from whenever to whenever: no more than the quota and what came back meanwhile.
    #[test]
    fn a_bucket_never_lets_more_than_quota_and_refill_through(rate in rates(), events in events(1000)) {
        let mut model = Model::new(Box::new(Bucket::full(rate, at(NOON_US))));
        events.into_iter().for_each(|event| model.apply(event));
        for (from, to) in model.spans() {
            let refill = (to - from).unsigned_abs() * rate.capacity.0 / rate.window_us;
            let used = model.used_between(from, to);
            prop_assert!(used <= rate.capacity.0 + refill, "{} from {} to {}", used, from, to);
        }
    }

    /// In no span of a window's length is more used than the quota.
    #[test]
    fn a_window_never_lets_more_than_the_quota_through(rate in rates(), events in events(1000)) {
        let mut model = Model::new(Box::new(Window::unused(rate, at(NOON_US))));
        events.into_iter().for_each(|event| model.apply(event));
        let window_us = i64::try_from(rate.window_us).unwrap();
        for (from, to) in model.spans().filter(|(from, to)| to - from < window_us) {
            let used = model.used_between(from, to);
            prop_assert!(used <= rate.capacity.0, "{} from {} to {}", used, from, to);
        }
    }

    /// Calls that use more than was held for them overshoot by what they used too much, and by nothing else.
    #[test]
    fn an_estimate_that_was_too_low_is_caught_up_with(rate in rates(), events in events(3000)) {
        let mut model = Model::new(Box::new(Bucket::full(rate, at(NOON_US))));
        let mut too_much = 0;
        for event in events {
            let held = model.calls.clone();
            model.apply(event);
            let more = model.calls.iter().zip(&held).map(|(now, then)| now.used.saturating_sub(then.used));
            too_much += more.sum::<u64>();
        }
        let (from, to) = (NOON_US, model.now_us);
        let refill = (to - from).unsigned_abs() * rate.capacity.0 / rate.window_us;
        prop_assert!(model.used_between(from, to) <= rate.capacity.0 + refill + too_much);
    }

    /// When all calls have ended, a window later all is there again, whatever happened before.
    #[test]
    fn nothing_is_lost(rate in rates(), events in events(1000)) {
        let meters: [Box<dyn Meter>; 2] =
            [Box::new(Bucket::full(rate, at(NOON_US))), Box::new(Window::unused(rate, at(NOON_US)))];
        for meter in meters {
            let mut model = Model::new(meter);
            events.iter().cloned().for_each(|event| model.apply(event));
            while !model.in_flight.is_empty() {
                model.apply(Event::EndUnknown(0));
            }
            let reset = model.meter.reset_after(at(model.now_us));
            prop_assert!(reset <= rate.window() + rate.window() / 63, "{:?}", reset);
            let then = at(model.now_us).plus(reset);
            prop_assert_eq!(model.meter.remaining(then), rate.capacity());
            prop_assert!(model.meter.is_idle(then));
        }
    }

    /// What a refused call is told is true to the microsecond, where all calls have ended.
    #[test]
    fn tells_when_the_amount_is_there(rate in rates(), takes in prop::collection::vec((0..40_u64, 0..60_i64), 1..60)) {
        let meters: [Box<dyn Meter>; 2] =
            [Box::new(Bucket::full(rate, at(NOON_US))), Box::new(Window::unused(rate, at(NOON_US)))];
        for mut meter in meters {
            let mut now = NOON_US;
            for (amount, pause) in &takes {
                now += pause * SECOND_US;
                let amount = Amount(*amount);
                let (left, wait) = (meter.remaining(at(now)), meter.retry_after(amount, at(now)));
                prop_assert_eq!(wait.is_none(), amount > rate.capacity());
                if meter.take(amount, at(now)).is_some() {
                    prop_assert_eq!(wait, Some(Duration::ZERO));
                    prop_assert_eq!(meter.remaining(at(now)).0, left.0 - amount.0);
                    continue;
                }
                prop_assert!(left < amount.max(Amount(1)));
                let Some(wait) = wait else { continue };
                let mut copy = restore(&meter.to_bytes(at(now))).unwrap();
                let too_soon = at(now).plus(wait - Duration::from_micros(1));
                prop_assert!(copy.take(amount, too_soon).is_none());
                prop_assert!(copy.take(amount, at(now).plus(wait)).is_some());
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(form in 0..4_u8, mut bytes in prop::collection::vec(any::<u8>(), 0..600), now in any::<i64>()) {
        bytes.insert(0, form);
        let cut = match form { 1 => 41, _ => 1 + 24 + 65 * 8 };
        bytes.truncate(cut);
        if let Some(mut meter) = restore(&bytes) {
            let now = at(now);
            meter.hold(Amount(u64::MAX), now);
            meter.settle(Amount(1), Some(Amount(u64::MAX)), now);
            if let Some(mark) = meter.take(Amount(1), now) {
                meter.give_back(Amount(1), mark, now);
            }
            prop_assert!(meter.reset_after(now) >= Duration::ZERO);
            meter.retry_after(Amount(1), now);
            meter.remaining(now);
        }
    }
}
