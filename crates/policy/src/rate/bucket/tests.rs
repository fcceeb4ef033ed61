use super::super::tests::{rate, second};
use super::*;

#[test]
fn lets_a_quota_through_at_once_and_then_evenly() {
    let mut bucket = Bucket::full(rate(3, 60), second(0));
    assert_eq!(bucket.remaining(second(0)), Amount(3));
    for left in [2, 1, 0] {
        assert!(bucket.take(Amount(1), second(0)).is_some());
        assert_eq!(bucket.remaining(second(0)), Amount(left));
    }
    let before = bucket;
    assert_eq!(bucket.take(Amount(1), second(0)), None);
    assert_eq!(bucket, before, "a refused call takes nothing");
    assert_eq!(bucket.retry_after(Amount(1), second(5)), Some(Duration::from_secs(15)));
    assert_eq!(bucket.reset_after(second(5)), Duration::from_secs(55));
    assert_eq!(bucket.take(Amount(1), second(19)), None);
    assert!(bucket.take(Amount(1), second(20)).is_some());
    assert_eq!(bucket.take(Amount(2), second(59)), None);
    assert!(bucket.take(Amount(2), second(60)).is_some());
    // However long nobody comes, there is no more than the quota.
    assert_eq!(bucket.remaining(second(86_400)), Amount(3));
}

#[test]
fn what_is_held_comes_back_when_the_call_ends_and_not_before() {
    let mut bucket = Bucket::full(rate(100, 60), second(0));
    assert!(bucket.hold(Amount(60), second(0)));
    assert!(!bucket.hold(Amount(41), second(3_600)), "the call is still in flight");
    assert_eq!(bucket.retry_after(Amount(41), second(3_600)), Some(NEXT_TRY), "its end is not known");
    assert!(bucket.hold(Amount(40), second(3_600)));
    bucket.settle(Amount(60), Some(Amount(10)), second(3_600));
    assert_eq!(bucket.remaining(second(3_600)), Amount(50));
    bucket.release(Amount(40));
    assert_eq!(bucket.remaining(second(3_600)), Amount(90));
    assert_eq!(bucket.remaining(second(3_606)), Amount(100));
}

#[test]
fn waits_for_what_was_used_beyond_the_estimate() {
    let mut bucket = Bucket::full(rate(100, 60), second(0));
    assert!(bucket.hold(Amount(50), second(0)));
    bucket.settle(Amount(50), Some(Amount(250)), second(0));
    assert_eq!(bucket.remaining(second(0)), Amount::ZERO);
    assert_eq!(bucket.retry_after(Amount::ZERO, second(0)), Some(Duration::from_millis(90_600)));
    assert!(!bucket.hold(Amount::ZERO, second(90)), "nothing is left, not even for nothing");
    assert!(bucket.hold(Amount::ZERO, second(91)));
}

#[test]
fn an_estimate_stays_spent_where_nobody_knows_better() {
    let mut bucket = Bucket::full(rate(100, 60), second(0));
    assert!(bucket.hold(Amount(70), second(0)));
    bucket.settle(Amount(70), None, second(0));
    assert_eq!(bucket.remaining(second(0)), Amount(30));
}

#[test]
fn gives_back_only_what_time_did_not() {
    let mut bucket = Bucket::full(rate(60, 60), second(0));
    let mark = bucket.take(Amount(60), second(0)).unwrap();
    bucket.give_back(Amount(60), mark, second(0));
    assert_eq!(bucket, Bucket::full(rate(60, 60), second(0)), "as if nothing had been");
    let mark = bucket.take(Amount(30), second(0)).unwrap();
    assert!(bucket.take(Amount(60), second(30)).is_some());
    bucket.give_back(Amount(30), mark, second(30));
    assert_eq!(bucket.remaining(second(30)), Amount::ZERO);
}

#[test]
fn more_than_the_quota_is_never_there() {
    let mut bucket = Bucket::full(rate(10, 60), second(0));
    assert_eq!(bucket.take(Amount(11), second(0)), None);
    assert_eq!(bucket.retry_after(Amount(11), second(0)), None);
    let nothing = Bucket::full(rate(0, 60), second(0));
    assert_eq!(nothing.retry_after(Amount::ZERO, second(0)), None);
}

#[test]
fn a_clock_that_was_set_back_gives_nothing_and_locks_nobody_out() {
    for set_back in [2, 3_600, 365 * 86_400] {
        let mut bucket = Bucket::full(rate(60, 60), second(0));
        assert!(bucket.take(Amount(60), second(0)).is_some());
        assert_eq!(bucket.take(Amount(1), second(-set_back)), None, "{set_back}");
        assert!(bucket.take(Amount(1), second(1 - set_back)).is_some(), "{set_back}");
    }
    // Two readings in the wrong order are no clock set back: nothing is refilled twice.
    let mut bucket = Bucket::full(rate(60, 60), second(0));
    assert!(bucket.take(Amount(60), second(1)).is_some());
    assert_eq!(bucket.take(Amount(1), second(0)), None);
    assert_eq!(bucket.take(Amount(1), second(1)), None);
}
