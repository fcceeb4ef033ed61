//! How far an import is, for whoever waits for it.

use std::io::{self, IsTerminal as _, Write as _};
use std::time::Instant;

use super::target::Taken;

/// How many refused rows are told one by one.
const MAX_TOLD: usize = 20;

/// What was done until now.
pub(super) struct Progress {
    began: Instant,
    total: Option<u64>,
    imported: u64,
    refused: u64,
    /// Rows whose bodies could not be had.
    pub(super) without_bodies: u64,
    reasons: Vec<String>,
}

impl Progress {
    /// Returns the progress of an import of `total` rows, if that is known.
    pub(super) fn new(total: Option<u64>) -> Self {
        Self { began: Instant::now(), total, imported: 0, refused: 0, without_bodies: 0, reasons: Vec::new() }
    }

    /// Adds what the server said to some rows, and shows a terminal how far it is.
    pub(super) fn add(&mut self, taken: Taken) {
        self.imported += taken.imported;
        self.refused += taken.refused.len() as u64;
        let room = MAX_TOLD.saturating_sub(self.reasons.len());
        self.reasons.extend(taken.refused.into_iter().take(room));
        if io::stderr().is_terminal() {
            self.show();
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "for people")]
    fn show(&self) {
        let rate = self.imported as f64 / self.began.elapsed().as_secs_f64().max(0.001);
        let of = self.total.map(|total| format!(" of {total}")).unwrap_or_default();
        let left = self.total.map(|total| total.saturating_sub(self.imported + self.refused));
        let eta = left.filter(|_| rate > 0.0).map(|left| format!(", {:.0} s to go", left as f64 / rate));
        let mut terminal = io::stderr().lock();
        // A terminal that is gone needs no progress.
        drop(write!(terminal, "\r\x1b[K{}{of} calls, {rate:.0}/s{}", self.imported, eta.unwrap_or_default()));
        drop(terminal.flush());
    }

    /// Returns what came of it.
    pub(super) fn summary(&self) -> String {
        let mut text = format!("{} calls imported", self.imported);
        if self.without_bodies > 0 {
            text.push_str(&format!(", {} of them without bodies", self.without_bodies));
        }
        if self.refused > 0 {
            text.push_str(&format!(", {} refused:", self.refused));
        }
        for reason in &self.reasons {
            text.push_str(&format!("\n  {reason}"));
        }
        if self.refused > self.reasons.len() as u64 {
            text.push_str("\n  …");
        }
        text
    }
}
