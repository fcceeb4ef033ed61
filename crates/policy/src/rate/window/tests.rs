use super::super::tests::{rate, second};
use super::*;

/// A window of 64 seconds, whose parts are seconds.
fn window(capacity: u64) -> Window {
    Window::unused(rate(capacity, 64), second(0))
}

#[test]
fn takes_back_what_has_left_it_and_nothing_earlier() {
    let mut window = window(10);
    assert!(window.take(Amount(6), second(0)).is_some());
    assert!(window.take(Amount(4), second(30)).is_some());
    let before = window.clone();
    assert_eq!(window.take(Amount(1), second(30)), None);
    assert_eq!(window, before, "a refused call takes nothing");
    assert_eq!(window.retry_after(Amount(6), second(30)), Some(Duration::from_secs(35)));
    assert_eq!(window.retry_after(Amount(7), second(30)), Some(Duration::from_secs(65)));
    assert_eq!(window.reset_after(second(30)), Duration::from_secs(65));
    assert_eq!(window.remaining(second(64)), Amount::ZERO);
    assert_eq!(window.remaining(second(65)), Amount(6));
    assert_eq!(window.remaining(second(95)), Amount(10));
}

#[test]
fn does_not_let_a_double_quota_through_where_a_bucket_would() {
    let mut window = window(10);
    assert!(window.take(Amount(10), second(0)).is_some());
    let passed = (1..64).filter(|seconds| window.take(Amount(1), second(*seconds)).is_some()).count();
    assert_eq!(passed, 0);
}

#[test]
fn what_is_held_counts_until_the_call_ends() {
    let mut window = window(100);
    assert!(window.hold(Amount(60), second(0)));
    assert!(!window.hold(Amount(41), second(3_600)));
    assert_eq!(window.retry_after(Amount(41), second(3_600)), Some(NEXT_TRY));
    window.settle(Amount(60), Some(Amount(10)), second(3_600));
    assert_eq!(window.remaining(second(3_600)), Amount(90));
    assert!(window.hold(Amount(90), second(3_600)));
    window.settle(Amount(90), Some(Amount(200)), second(3_600));
    assert_eq!(window.remaining(second(3_600)), Amount::ZERO);
    assert!(!window.hold(Amount(1), second(3_664)));
    assert!(window.hold(Amount(100), second(3_665)));
    window.release(Amount(100));
    assert!(window.is_idle(second(3_665)));
}

#[test]
fn gives_back_where_it_was_taken() {
    let mut window = window(10);
    let mark = window.take(Amount(7), second(0)).unwrap();
    assert!(window.take(Amount(3), second(10)).is_some());
    window.give_back(Amount(7), mark, second(20));
    assert_eq!(window.remaining(second(20)), Amount(7));
    // What has left the window by itself is not given back a second time.
    window.give_back(Amount(3), mark, second(66));
    assert_eq!(window.remaining(second(66)), Amount(7));
}

#[test]
fn a_clock_that_was_set_back_gives_nothing_and_locks_nobody_out() {
    for set_back in [2, 3_600, 365 * 86_400] {
        let mut window = window(10);
        assert!(window.take(Amount(10), second(0)).is_some());
        assert_eq!(window.take(Amount(1), second(-set_back)), None, "{set_back}");
        assert_eq!(window.take(Amount(1), second(64 - set_back)), None, "{set_back}");
        assert!(window.take(Amount(1), second(65 - set_back)).is_some(), "{set_back}");
    }
    // Two readings in the wrong order are no clock set back.
    let mut window = window(10);
    let mark = window.take(Amount(10), second(1)).unwrap();
    assert_eq!(window.take(Amount(1), second(0)), None);
    window.give_back(Amount(10), mark, second(0));
    assert_eq!(window, {
        let mut unused = self::window(10);
        unused.newest += 1;
        unused
    });
}
