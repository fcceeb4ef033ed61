//! The promises of [`CacheStore`], one suite each.

use std::collections::HashMap;
use std::time::Duration;

use bytes::Bytes;
use gatehouse_types::{Clock, Timestamp};
use parking_lot::Mutex;

use super::log::Outcome;
use crate::cache::{CacheStore, EntryKey};

/// How many entries are put at once by the suite about many.
const MANY: u8 = 100;
const DAY: Duration = Duration::from_hours(24);
const YEAR: Duration = Duration::from_hours(365 * 24);

/// A clock that stands still until it is set.
#[derive(Debug)]
pub struct SetClock(Mutex<Timestamp>);

impl Default for SetClock {
    fn default() -> Self {
        Self(Mutex::new(Timestamp::from_unix_micros(1_795_356_360_123_456)))
    }
}

impl SetClock {
    /// Moves the time on.
    pub fn advance(&self, by: Duration) {
        let mut now = self.0.lock();
        *now = now.plus(by);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock()
    }
}

const fn key(number: u8) -> EntryKey {
    let mut key = [number; 32];
    key[31] = 7;
    key
}

fn value(number: u8, length: usize) -> Bytes {
    (0..length).map(|index| number.wrapping_add(index.to_le_bytes()[0])).collect::<Vec<u8>>().into()
}

/// What was put is there, each under its own name, also when it is empty, and until it is replaced or removed.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn returns_what_was_put(store: &dyn CacheStore, clock: &SetClock) -> Outcome {
    let expires_at = clock.now().plus(DAY);
    assert_eq!(store.get(key(1)).await?, None);
    assert_eq!(store.holds(vec![key(1)]).await?, [false]);
    store.put(key(1), value(1, 1000), expires_at).await?;
    store.put(key(2), Bytes::new(), expires_at).await?;
    assert_eq!(store.get(key(1)).await?, Some(value(1, 1000)));
    assert_eq!(store.get(key(2)).await?, Some(Bytes::new()));
    assert_eq!(store.get(key(3)).await?, None);
    assert_eq!(store.holds(vec![key(3), key(2), key(1)]).await?, [false, true, true]);
    store.put(key(1), value(9, 2000), expires_at).await?;
    assert_eq!(store.get(key(1)).await?, Some(value(9, 2000)));
    store.remove(key(1)).await?;
    store.remove(key(3)).await?;
    assert_eq!(store.get(key(1)).await?, None);
    assert_eq!(store.holds(vec![key(1), key(2)]).await?, [false, true]);
    assert_eq!(store.get(key(2)).await?, Some(Bytes::new()));
    Ok(())
}

/// An entry is there for exactly as long as it was put for, up to a year; one whose time is over when it is put
/// never is, nor is the one that it replaced.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn forgets_what_has_expired(store: &dyn CacheStore, clock: &SetClock) -> Outcome {
    let now = clock.now();
    store.put(key(1), value(1, 10), now.plus(Duration::from_micros(1))).await?;
    store.put(key(2), value(2, 10), now.plus(YEAR)).await?;
    store.put(key(3), value(3, 10), now.plus(DAY)).await?;
    store.put(key(3), value(4, 10), now).await?;
    assert_eq!(store.get(key(1)).await?, Some(value(1, 10)));
    assert_eq!(store.get(key(3)).await?, None);
    clock.advance(Duration::from_micros(1));
    assert_eq!(store.get(key(1)).await?, None);
    assert_eq!(store.holds(vec![key(1), key(2), key(3)]).await?, [false, true, false]);
    clock.advance(YEAR - Duration::from_micros(2));
    assert_eq!(store.get(key(2)).await?, Some(value(2, 10)));
    clock.advance(Duration::from_micros(1));
    assert_eq!(store.get(key(2)).await?, None);
    Ok(())
}

/// Puts and gets at once from many sides: what is returned is always one of the values of that name, whole.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn takes_many_at_once(store: &dyn CacheStore, clock: &SetClock) -> Outcome {
    let expires_at = clock.now().plus(DAY);
    let mut expected = HashMap::new();
    for number in 0..MANY {
        expected.insert(key(number), [value(number, 50), value(number, 5000)]);
    }
    for round in 0..2 {
        let expected = &expected;
        let tasks = expected.iter().map(|(key, values)| async move {
            if let Some(value) = values.get(round) {
                store.put(*key, value.clone(), expires_at).await?;
            }
            let found = store.get(*key).await?;
            assert!(found.is_none_or(|found| values.contains(&found)));
            Ok(())
        });
        let outcomes = futures_util::future::join_all(tasks).await;
        outcomes.into_iter().collect::<Outcome>()?;
    }
    for (key, [_, last]) in &expected {
        assert_eq!(store.get(*key).await?.as_ref(), Some(last));
    }
    Ok(())
}

/// The largest entry is kept, a larger one is not, and the one that it replaced is gone.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_nothing_that_is_too_large(store: &dyn CacheStore, clock: &SetClock) -> Outcome {
    let expires_at = clock.now().plus(DAY);
    let largest = usize::try_from(store.max_entry_bytes()).unwrap_or(usize::MAX);
    store.put(key(1), value(1, largest), expires_at).await?;
    assert_eq!(store.get(key(1)).await?, Some(value(1, largest)));
    store.put(key(1), value(2, largest + 1), expires_at).await?;
    assert_eq!(store.get(key(1)).await?, None);
    Ok(())
}
