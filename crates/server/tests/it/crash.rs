//! Nothing is lost: `kill -9` in the middle of the load, again and again.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Result, ensure};
use gatehouse_testkit::{Gatehouse, GatehouseOptions, ProviderDouble};
use tokio::time::Instant;

use crate::load::{Load, caught_up, logged_ids};

const KILLS: usize = 20;
const CLIENTS: usize = 8;
/// What a crash may take in `normal` durability: calls that ended this shortly before it.
const GRACE: Duration = Duration::from_millis(50);

/// Kills the process `KILLS` times and checks that every call which completed `grace` before is logged once.
async fn survives_kills(durability: &str, grace: Duration) -> Result<()> {
    let double = ProviderDouble::start(Default::default()).await?;
    let options = GatehouseOptions::new(env!("CARGO_BIN_EXE_gatehouse"))
        .with_double(&double)
        .with_toml(&format!("[journal]\ndurability = \"{durability}\"\n"));
    let mut gatehouse = Gatehouse::start(options).await?;
    let mut expected = Vec::new();
    for round in 0..KILLS {
        let load = Load::start(gatehouse.gateway(), CLIENTS);
        // A different point of the load every time.
        load.reach(CLIENTS * 2 + round * 7).await?;
        let killed = Instant::now();
        gatehouse.kill9().await?;
        let completed = load.stop().await;
        expected.extend(completed.into_iter().filter(|call| call.at + grace <= killed).map(|call| call.id));
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
