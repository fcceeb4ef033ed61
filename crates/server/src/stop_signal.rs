//! The signals that ask the process to end.

use anyhow::{Context, Result};
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGTERM (service managers, containers) and SIGINT (Ctrl-C).
pub(crate) struct StopSignal {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignal {
    /// Takes the signals over from the operating system's default, which is to end at once.
    pub(crate) fn new() -> Result<Self> {
        let terminate = signal(SignalKind::terminate()).context("can't wait for SIGTERM")?;
        let interrupt = signal(SignalKind::interrupt()).context("can't wait for SIGINT")?;
        Ok(Self { terminate, interrupt })
    }

    /// Waits for one of them.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
