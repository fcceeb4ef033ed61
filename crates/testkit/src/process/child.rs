//! A child process: its output, its end, and what it uses.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use parking_lot::Mutex;
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio_util::task::TaskTracker;

/// Where a child finds other programs.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A child process that is killed when it is dropped.
#[derive(Debug)]
pub(super) struct Child {
    process: tokio::process::Child,
    pid: u32,
    stdout: Output,
    stderr: Output,
    readers: TaskTracker,
}

/// What came out of a pipe so far.
#[derive(Debug, Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Output {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock()).into_owned()
    }

    async fn collect(self, mut pipe: impl AsyncRead + Unpin) {
        let mut buffer = vec![0; 8 << 10];
        while let Ok(length @ 1..) = pipe.read(&mut buffer).await {
            self.0.lock().extend_from_slice(buffer.get(..length).unwrap_or_default());
        }
    }
}

/// A process that has ended by itself.
#[derive(Debug, Clone)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// What it wrote to standard output.
    pub stdout: String,
    /// What it wrote to standard error.
    pub stderr: String,
}

/// Runs `binary` until it ends, at most `deadline`; then it is killed.
///
/// # Errors
/// When it can't be started or does not end in time.
pub async fn run(
    binary: &Path,
    arguments: &[&OsStr],
    environment: &[(String, String)],
    deadline: Duration,
) -> Result<Finished> {
    let mut child = Child::spawn(binary, arguments, environment)?;
    let status = child.wait(deadline).await?;
    Ok(Finished { status, stdout: child.stdout(), stderr: child.stderr() })
}

impl Child {
    /// Starts `binary`; its environment is a plain `PATH` and `environment`, nothing inherited.
    pub(super) fn spawn(
        binary: &Path,
        arguments: &[&OsStr],
        environment: &[(String, String)],
    ) -> Result<Self> {
        let mut command = Command::new(binary);
        command.args(arguments).kill_on_drop(true);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Nothing is inherited: a developer's own settings must not change what a test shows.
        command.env_clear().env("PATH", PATH);
        command.envs(environment.iter().cloned());
        let mut process = command.spawn().with_context(|| format!("start {binary:?}"))?;
        let pid = process.id().context("a new process has an id")?;
        let (stdout, stderr, readers) = (Output::default(), Output::default(), TaskTracker::new());
        if let Some(pipe) = process.stdout.take() {
            readers.spawn(stdout.clone().collect(pipe));
        }
        if let Some(pipe) = process.stderr.take() {
            readers.spawn(stderr.clone().collect(pipe));
        }
        readers.close();
        Ok(Self { process, pid, stdout, stderr, readers })
    }

    pub(super) fn pid(&self) -> u32 {
        self.pid
    }

    pub(super) fn stdout(&self) -> String {
        self.stdout.text()
    }

    pub(super) fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Returns how the process ended, if it has; all it wrote is there then.
    pub(super) async fn ended(&mut self) -> Result<Option<ExitStatus>> {
        let status = self.process.try_wait().context("look at the process")?;
        if status.is_some() {
            self.read_to_the_end().await;
        }
        Ok(status)
    }

    /// Waits until the pipes are read; not for long, as children of the process may keep them open.
    async fn read_to_the_end(&self) {
        drop(tokio::time::timeout(Duration::from_secs(1), self.readers.wait()).await);
    }

    /// Kills the process if it still runs, and waits for its end.
    pub(super) async fn kill(&mut self) -> Result<()> {
        self.process.kill().await.context("kill the process")
    }

    pub(super) fn send_term(&self) -> Result<()> {
        // The id is none once the end was seen, so that no stranger with the same number is hit.
        let id = self.process.id().context("the process has ended")?;
        let pid = i32::try_from(id).ok().and_then(Pid::from_raw).context("process id out of range")?;
        kill_process(pid, Signal::TERM).context("send SIGTERM")
    }

    pub(super) async fn wait(&mut self, deadline: Duration) -> Result<ExitStatus> {
        let status = tokio::time::timeout(deadline, self.process.wait())
            .await
            .with_context(|| format!("still running after {deadline:?}; stderr:\n{}", self.stderr.text()))?
            .context("wait for the process")?;
        self.read_to_the_end().await;
        Ok(status)
    }

    pub(super) fn rss_bytes(&self) -> Result<u64> {
        let status = self.proc_file("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        let kib: u64 = line.trim().trim_end_matches(" kB").parse().context("read VmRSS")?;
        Ok(kib * 1024)
    }

    pub(super) fn cpu_time(&self) -> Result<Duration> {
        let stat = self.proc_file("stat")?;
        // The program's name, in parentheses, may contain blanks; the state is the first word behind it.
        let (_, rest) = stat.rsplit_once(')').context("read stat")?;
        let words: Vec<&str> = rest.split_whitespace().collect();
        let ticks = |at: usize| words.get(at).and_then(|word| word.parse::<u64>().ok());
        let used = ticks(11).zip(ticks(12)).map(|(user, system)| user + system).context("read stat")?;
        Ok(Duration::from_millis(used * 1000 / rustix::param::clock_ticks_per_second()))
    }

    fn proc_file(&self, name: &str) -> Result<String> {
        let path = format!("/proc/{}/{name}", self.pid);
        std::fs::read_to_string(&path).with_context(|| format!("read {path}"))
    }
}
