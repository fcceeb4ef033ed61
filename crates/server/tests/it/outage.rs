//! The log store is away under load: calls don't notice, and the log is complete afterwards.

use std::collections::HashSet;
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::{Gatehouse, GatehouseOptions, ProviderDouble};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::load::{Load, SEEN, caught_up, logged_ids, metric};

/// Calls to be made while the store is away.
const CALLS: usize = 500;

/// Another process that holds the lock DuckDB takes on its file, as a second program would.
struct LockHolder(Child);

impl LockHolder {
    async fn take(path: &std::path::Path) -> Result<Self> {
        let program = "import fcntl, sys\n\
                       file = open(sys.argv[1], 'r+b')\n\
                       fcntl.lockf(file, fcntl.LOCK_EX)\n\
                       print('locked', flush=True)\n\
                       sys.stdin.read()\n";
        let mut child = Command::new("python3")
            .args(["-c", program])
            .arg(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("start python3")?;
        let stdout = child.stdout.take().context("python3 has no output")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        ensure!(line.as_deref() == Some("locked"), "python3 said {line:?}");
        Ok(Self(child))
    }

    async fn release(mut self) -> Result<()> {
        if let Some(mut stdin) = self.0.stdin.take() {
            stdin.shutdown().await?;
        }
        self.0.wait().await?;
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_locked_store_delays_no_call_and_loses_none() -> Result<()> {
    let double = ProviderDouble::start(Default::default()).await?;
    let options = GatehouseOptions::new(env!("CARGO_BIN_EXE_gatehouse")).with_double(&double);
    let mut gatehouse = Gatehouse::start(options).await?;
    caught_up(&gatehouse).await?;
    gatehouse.terminate(SEEN).await?;
    let lock = LockHolder::take(&gatehouse.data_dir().join("gatehouse.duckdb")).await?;
    gatehouse.restart().await?;

    let load = Load::start(gatehouse.gateway(), 8);
    load.reach(CALLS).await?;
    ensure!(metric(&gatehouse, "gatehouse_journal_lag_bytes").await? > Some(0.0), "the store was not away");
    lock.release().await?;
    let completed = load.stop().await;

    caught_up(&gatehouse).await?;
    let logged = logged_ids(&gatehouse).await?;
    let distinct: HashSet<&String> = logged.iter().collect();
    ensure!(distinct.len() == logged.len(), "duplicate rows");
    let lost = completed.iter().filter(|call| !distinct.contains(&call.id)).count();
    ensure!(lost == 0, "lost {lost} of {} calls", completed.len());
    ensure!(
        metric(&gatehouse, "gatehouse_records_dropped_total").await? == Some(0.0),
        "records were dropped"
    );
    Ok(())
}
