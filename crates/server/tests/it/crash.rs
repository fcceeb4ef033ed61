//! Nothing is lost: `kill -9` in the middle of the load, again and again.

use std::collections::HashSet;
use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use gatehouse_testkit::{Gatehouse, GatehouseOptions, ProviderDouble};
use tokio::time::Instant;

use crate::load::{Load, caught_up, logged_ids};

const KILLS: usize = 20;
const CLIENTS: usize = 8;
/// What a crash may take in `normal` durability: calls that ended this shortly before it.
const GRACE: Duration = Duration::from_millis(50);

/// How late the machine may wake a thread, or keep a line on disk, in a round that counts: beyond it no program could keep the promise.
const TOLERABLE_STALL: Duration = Duration::from_millis(20);
/// How many rounds may not count.
const STALLED_ROUNDS: usize = 60;

/// Watches how late this machine wakes a thread that asks for every other millisecond, and how long its disk takes
/// to keep a line.
struct StallWatch {
    longest_micros: Arc<AtomicU64>,
    stop: Arc<AtomicBool>,
}

impl StallWatch {
    fn start() -> Result<Self> {
        let watch = Self { longest_micros: Arc::default(), stop: Arc::default() };
        let nap = Duration::from_millis(2);
        watch.repeat(move || {
            std::thread::park_timeout(nap);
            nap
        });
        let mut file = tempfile::tempfile()?;
        watch.repeat(move || {
            std::thread::park_timeout(nap);
            file.write_all(b"a line\n").and_then(|()| file.sync_data()).ok();
            nap
        });
        Ok(watch)
    }

    /// Does something again and again that should take as long as it says.
    fn repeat(&self, mut task: impl FnMut() -> Duration + Send + 'static) {
        let (longest, stop) = (Arc::clone(&self.longest_micros), Arc::clone(&self.stop));
        std::thread::spawn(move || {
            while !stop.load(Ordering::Acquire) {
                let before = Instant::now();
                let expected = task();
                let late = before.elapsed().saturating_sub(expected).as_micros();
                longest.fetch_max(u64::try_from(late).unwrap_or(u64::MAX), Ordering::AcqRel);
            }
        });
    }

    fn longest(&self) -> Duration {
        Duration::from_micros(self.longest_micros.load(Ordering::Acquire))
    }
}

impl Drop for StallWatch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
    }
}

/// Kills the process until `KILLS` rounds count and checks that every call of them which completed `grace`
/// before its kill is logged once.
///
/// A round in which the machine itself stood still counts only in `strict` durability, which doesn't depend
/// on time.
async fn survives_kills(durability: &str, grace: Duration) -> Result<()> {
    let double = ProviderDouble::start(Default::default()).await?;
    let options = GatehouseOptions::new(env!("CARGO_BIN_EXE_gatehouse"))
        .with_double(&double)
        .with_toml(&format!("[journal]\ndurability = \"{durability}\"\n"));
    let mut gatehouse = Gatehouse::start(options).await?;
    let mut expected = Vec::new();
    let mut counted = 0;
    for round in 0.. {
        if counted == KILLS {
            break;
        }
        ensure!(round < KILLS + STALLED_ROUNDS, "the machine stood still in {} rounds", round - counted);
        let stalls = StallWatch::start()?;
        let load = Load::start(gatehouse.gateway(), CLIENTS);
        // A different point of the load every time.
        load.reach(CLIENTS * 2 + round * 7).await?;
        let killed = Instant::now();
        gatehouse.kill9().await?;
        let completed = load.stop().await;
        if grace.is_zero() || stalls.longest() <= TOLERABLE_STALL {
            expected
                .extend(completed.into_iter().filter(|call| call.at + grace <= killed).map(|call| call.id));
            counted += 1;
        }
        gatehouse.restart().await?;
    }
    caught_up(&gatehouse).await?;
    let logged = logged_ids(&gatehouse).await?;
    let distinct: HashSet<&String> = logged.iter().collect();
    ensure!(distinct.len() == logged.len(), "{} rows are duplicates", logged.len() - distinct.len());
    let lost: Vec<&String> = expected.iter().filter(|id| !distinct.contains(id)).collect();
    ensure!(lost.is_empty(), "lost {} of {}: {lost:?}", lost.len(), expected.len());
    ensure!(expected.len() > KILLS * CLIENTS, "too few calls to tell: {}", expected.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn normal_durability_loses_no_call_that_ended_50_ms_before_a_kill() -> Result<()> {
    survives_kills("normal", GRACE).await
}

#[tokio::test(flavor = "multi_thread")]
async fn strict_durability_loses_no_call_whose_response_completed() -> Result<()> {
    survives_kills("strict", Duration::ZERO).await
}
