//! What of the limits outlives the process.

use super::*;

async fn open(store: &Arc<MemoryCounters>, now: Timestamp) -> (Limits, LimitWriter) {
    let store: Arc<dyn CounterStore> = Arc::<MemoryCounters>::clone(store);
    Limits::load(store, TestClock::at(now)).await.unwrap()
}

/// Runs a call while its writer runs.
async fn reserve(limits: &Limits, writer: &mut LimitWriter, claims: Vec<Claim>, now: Timestamp) -> Decision {
    let reserve = limits.reserve(organization(1), claims, now);
    tokio::pin!(reserve);
    tokio::select! {
        biased;
        decision = &mut reserve => decision.unwrap(),
        () = writer.write_what_comes() => panic!("the writer ended"),
    }
}

#[tokio::test(start_paused = true)]
async fn a_killed_process_continues_exactly_where_it_was() {
    let store = Arc::new(MemoryCounters::default());
    let claims = || vec![call("3;w=60"), claim("100;w=3600;u=cents;s=user", "a", cost(40 * CENT))];
    let (limits, mut writer) = open(&store, second(0)).await;
    let (reservation, _) = granted(reserve(&limits, &mut writer, claims(), second(0)).await);
    limits.settle(reservation, Outcome::Sent(cost(10 * CENT)), second(0));
    let (in_flight, _) = granted(reserve(&limits, &mut writer, claims(), second(0)).await);
    // Killed: nothing more is written, and nobody tells what became of the call in flight.
    drop((limits, writer));
    drop(in_flight);
    let (limits, mut writer) = open(&store, second(5)).await;
    // A request came back after 20 seconds each; of the cents 10 are spent, and 40 as estimated.
    let (_, standings) = granted(reserve(&limits, &mut writer, claims(), second(5)).await);
    let left: Vec<_> = standings.iter().map(|standing| standing.remaining).collect();
    assert_eq!(left, [0, 10]);
    let (_, _, retry_after) = refused(limits.of_first(&[call("3;w=60")], second(5)));
    assert_eq!(retry_after, Some(Duration::from_secs(15)));
}

#[tokio::test(start_paused = true)]
async fn what_is_settled_last_is_written_when_all_ends() {
    let store = Arc::new(MemoryCounters::default());
    let claims = || [claim("100;w=3600;u=cents", "", cost(90 * CENT))];
    let (limits, writer) = open(&store, second(0)).await;
    let tasks = TaskTracker::new();
    let writing = tasks.spawn(writer.run());
    let reserved = limits.reserve(organization(1), claims().to_vec(), second(0)).await.unwrap();
    let (reservation, _) = granted(reserved);
    limits.settle(reservation, Outcome::Sent(cost(CENT)), second(0));
    drop(limits);
    writing.await.unwrap();
    let (limits, _writer) = open(&store, second(0)).await;
    let (_, standings) = granted(limits.of_first(&claims(), second(0)));
    assert_eq!(standings[0].remaining, 9);
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_keeps_nobody_waiting_and_has_it_all_later() {
    let store = Arc::new(MemoryCounters::default());
    let (limits, mut writer) = open(&store, second(0)).await;
    store.set_away(true);
    let before = tokio::time::Instant::now();
    granted(reserve(&limits, &mut writer, vec![call("2;w=60")], second(0)).await);
    assert_eq!(before.elapsed(), Duration::ZERO);
    store.set_away(false);
    // Another limit's call brings the first one's state along.
    granted(reserve(&limits, &mut writer, vec![call("5;w=60")], second(0)).await);
    drop((limits, writer));
    let (limits, _writer) = open(&store, second(0)).await;
    let (_, standings) = granted(limits.of_first(&[call("2;w=60"), call("5;w=60")], second(0)));
    assert_eq!((standings[0].remaining, standings[1].remaining), (0, 3));
}

#[tokio::test(start_paused = true)]
async fn the_store_forgets_what_is_over() {
    let store = Arc::new(MemoryCounters::default());
    let clock = TestClock::at(second(0));
    let counters: Arc<dyn CounterStore> = Arc::<MemoryCounters>::clone(&store);
    let (limits, mut writer) = Limits::load(counters, Arc::<TestClock>::clone(&clock)).await.unwrap();
    granted(reserve(&limits, &mut writer, vec![call("1;w=60")], second(0)).await);
    let kept = store.load_limits(second(-1)).await.unwrap();
    assert_eq!(kept.iter().map(|limit| limit.expires_at).collect::<Vec<_>>(), [second(60)]);
    clock.set(second(3_600));
    granted(reserve(&limits, &mut writer, vec![call("9;w=60")], second(3_600)).await);
    writer.forget().await;
    let kept = store.load_limits(second(-1)).await.unwrap();
    assert_eq!(kept.iter().map(|limit| limit.key.as_str()).collect::<Vec<_>>(), ["header 9;w=60"]);
}

#[tokio::test]
async fn a_state_that_cant_be_read_begins_anew() {
    let store = Arc::new(MemoryCounters::default());
    let state = gatehouse_store::counters::LimitState {
        organization_id: organization(1),
        key: "header 1;w=60".to_owned(),
        state: vec![77, 1, 2],
        expires_at: second(60),
    };
    store.save_limits(vec![state]).await.unwrap();
    let (limits, _writer) = open(&store, second(0)).await;
    granted(limits.of_first(&[call("1;w=60")], second(0)));
}
