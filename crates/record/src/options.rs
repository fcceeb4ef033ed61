//! How the recorder is set up.

use std::path::PathBuf;
use std::time::Duration;

/// The set-up of a [`crate::Recorder`].
#[derive(Clone, Debug)]
pub struct RecordOptions {
    /// Most rows of one batch.
    pub batch_rows: usize,
    /// About how many bytes of records are read, and of decoded bodies are held, for one batch; a single
    /// call may take more.
    pub batch_bytes: usize,
    /// How long rows are collected after a batch was stored; the first row after a pause is stored at once.
    pub batch_interval: Duration,
    /// The largest body that is stored, in bytes after decoding.
    pub max_body_bytes: usize,
    /// Where records are put that can't be stored, one file each.
    pub rejected_dir: PathBuf,
    /// The pause after the first of several failures; it doubles up to `retry_longest`.
    pub retry_first: Duration,
    /// The longest pause between two attempts.
    pub retry_longest: Duration,
    /// How often the journal is told, at most, what it need not keep any longer.
    pub commit_interval: Duration,
    /// How long the recorder goes on with what is in the journal once it was asked to stop.
    pub drain_deadline: Duration,
}

impl RecordOptions {
    /// Returns the defaults, with rejected records in `rejected_dir`.
    pub fn new(rejected_dir: impl Into<PathBuf>) -> Self {
        Self {
            batch_rows: 1000,
            batch_bytes: 16 << 20,
            batch_interval: Duration::from_millis(100),
            max_body_bytes: 10 << 20,
            rejected_dir: rejected_dir.into(),
            retry_first: Duration::from_millis(100),
            retry_longest: Duration::from_secs(5),
            commit_interval: Duration::from_secs(1),
            drain_deadline: Duration::from_secs(10),
        }
    }
}
