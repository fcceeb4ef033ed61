//! The promises of [`CounterStore`], one suite each.

use gatehouse_types::{OrganizationId, Timestamp};
use uuid::Uuid;

use super::log::Outcome;
use crate::StoreError;
use crate::counters::{Counter, CounterKey, CounterStore, LimitState};

const TODAY: u32 = 20_779;

/// How many counters are saved at once by the suites about many.
const MANY: u128 = 50;

fn counter(organization: u128, origin: &str, day: u32, used: u64) -> Counter {
    let organization_id = OrganizationId::from_uuid(Uuid::from_u128(organization));
    let key = CounterKey { organization_id, origin: origin.to_owned() };
    Counter { key, day, used, not_before_us: 1_795_356_360_123_456 + i64::from(day) }
}

/// Returns the counters of a day in one order.
async fn load(store: &dyn CounterStore, day: u32) -> Result<Vec<Counter>, StoreError> {
    let mut loaded = store.load(day).await?;
    loaded.sort_by_key(|counter| (counter.key.organization_id, counter.key.origin.clone()));
    Ok(loaded)
}

/// What was saved is loaded, each organisation's and each origin's by itself.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn loads_what_was_saved(store: &dyn CounterStore) -> Outcome {
    assert_eq!(load(store, TODAY).await?, []);
    let saved = [
        Counter { not_before_us: -1, ..counter(1, "https://llm.example.com", TODAY, 1) },
        Counter { not_before_us: i64::MAX, ..counter(1, "https://llm.example.com:8443", TODAY, 0) },
        counter(2, "http://[2001:db8::1]:8080", TODAY, 10_000),
        counter(2, "https://llm.example.com", TODAY, i64::MAX.unsigned_abs()),
    ];
    store.save(saved.to_vec()).await?;
    store.save(Vec::new()).await?;
    assert_eq!(load(store, TODAY).await?, saved);
    assert_eq!(load(store, TODAY).await?, saved, "loading is no change");
    Ok(())
}

/// A counter replaces the one with its key, also one of another day; the others stay.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn replaces_counters_by_their_key(store: &dyn CounterStore) -> Outcome {
    let (other, first) =
        (counter(1, "https://a.example", TODAY, 7), counter(1, "https://b.example", TODAY, 8));
    store.save(vec![other.clone(), first.clone()]).await?;
    let later = Counter { used: 9, not_before_us: 5, ..first.clone() };
    store.save(vec![first, later.clone()]).await?;
    assert_eq!(load(store, TODAY).await?, [other.clone(), later], "the last one of a batch counts");
    let next_day = counter(1, "https://b.example", TODAY + 1, 1);
    store.save(vec![next_day.clone()]).await?;
    assert_eq!(load(store, TODAY).await?, [other]);
    assert_eq!(load(store, TODAY + 1).await?, [next_day]);
    Ok(())
}

/// Earlier days are forgotten when a day is loaded; later ones are not, for a clock may have been set back.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn forgets_earlier_days(store: &dyn CounterStore) -> Outcome {
    let days = [TODAY - 1, TODAY, TODAY + 1, u32::MAX];
    let saved = days.map(|day| counter(1, &format!("https://{day}.example"), day, 1));
    store.save(saved.to_vec()).await?;
    for (day, saved) in days.iter().zip(&saved).skip(1) {
        assert_eq!(load(store, *day).await?, std::slice::from_ref(saved));
    }
    for day in days.iter().take(3) {
        assert_eq!(load(store, *day).await?, [], "day {day}");
    }
    Ok(())
}

/// Many saves at once are all there afterwards.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn takes_many_saves_at_once(store: &dyn CounterStore) -> Outcome {
    let saved: Vec<_> = (1..=MANY).map(|number| counter(number, "https://a.example", TODAY, 3)).collect();
    let saves = saved.iter().map(|counter| store.save(vec![counter.clone()]));
    for outcome in futures_util::future::join_all(saves).await {
        outcome?;
    }
    assert_eq!(load(store, TODAY).await?, saved);
    Ok(())
}

/// Noon of [`TODAY`], in seconds since the Unix epoch.
const NOON: i64 = 20_779 * 86_400 + 43_200;

fn second(seconds: i64) -> Timestamp {
    Timestamp::from_unix_micros((NOON + seconds) * 1_000_000)
}

fn limit(organization: u128, key: &str, state: &[u8], expires_at: Timestamp) -> LimitState {
    let organization_id = OrganizationId::from_uuid(Uuid::from_u128(organization));
    LimitState { organization_id, key: key.to_owned(), state: state.to_vec(), expires_at }
}

/// Returns where the limits stand in one order.
async fn load_limits(store: &dyn CounterStore, now: Timestamp) -> Result<Vec<LimitState>, StoreError> {
    let mut loaded = store.load_limits(now).await?;
    loaded.sort_by_key(|limit| (limit.organization_id, limit.key.clone()));
    Ok(loaded)
}

/// Where limits stand is loaded as it was saved, each organisation's by itself; the last save counts.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_where_limits_stand(store: &dyn CounterStore) -> Outcome {
    assert_eq!(load_limits(store, second(0)).await?, []);
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let first = limit(1, "header 10;w=60", &every_byte, second(60));
    let other = limit(1, "header 10;w=60;s=user it's \u{e9} ; %", &[], second(1));
    let third = limit(2, "header 10;w=60", &[0], Timestamp::from_unix_micros(i64::MAX));
    store.save_limits(vec![first.clone(), other.clone(), third.clone()]).await?;
    store.save_limits(Vec::new()).await?;
    assert_eq!(load_limits(store, second(0)).await?, [first.clone(), other.clone(), third.clone()]);
    let again = limit(2, "header 10;w=60", &[1, 2], second(7));
    store.save_limits(vec![third, again.clone()]).await?;
    assert_eq!(load_limits(store, second(0)).await?, [first, other, again], "the last one of a batch counts");
    assert_eq!(load(store, TODAY).await?, [], "limits are no counters");
    Ok(())
}

/// A limit that limits nothing any more is not loaded, and forgotten for good when it is asked for.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn forgets_limits_that_limit_nothing(store: &dyn CounterStore) -> Outcome {
    let (over, still) = (limit(1, "a", &[1], second(10)), limit(1, "b", &[2], second(11)));
    store.save_limits(vec![over.clone(), still.clone()]).await?;
    assert_eq!(load_limits(store, second(10)).await?, std::slice::from_ref(&still));
    assert_eq!(load_limits(store, second(9)).await?, [over, still.clone()], "loading is no change");
    store.forget_limits(second(10)).await?;
    assert_eq!(load_limits(store, second(0)).await?, [still]);
    Ok(())
}
