//! Exact answers: the bytes of a response as a test wrote them, framing included.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use parking_lot::Mutex;
use tokio::sync::watch;

/// One step of a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Writes these bytes in one go and flushes them.
    Bytes(Bytes),
    /// Waits for the next release: the n-th pause of an answer ends with the n-th release after its request came.
    Pause,
    /// Closes the connection in the orderly way.
    Close,
    /// Closes the TCP connection without a TLS close_notify.
    CloseWithoutNotify,
    /// Resets the TCP connection.
    Reset,
}

/// An answer written byte by byte; after its last step the connection waits for the next request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// What is done, in order.
    pub raw: Vec<Step>,
}

impl Script {
    /// Makes a script that writes `bytes` in one go.
    pub fn bytes(bytes: impl Into<Bytes>) -> Self {
        Self { raw: vec![Step::Bytes(bytes.into())] }
    }

    /// Returns the script with `step` added.
    #[must_use]
    pub fn then(mut self, step: Step) -> Self {
        self.raw.push(step);
        self
    }
}

/// All scripts by their ids.
#[derive(Debug, Default)]
pub(super) struct Scripts(Mutex<HashMap<String, Arc<Script>>>);

impl Scripts {
    /// Sets the script `id`.
    pub(super) fn set(&self, id: &str, script: Script) {
        self.0.lock().insert(id.to_owned(), Arc::new(script));
    }

    /// Forgets the script `id`.
    pub(super) fn remove(&self, id: &str) {
        self.0.lock().remove(id);
    }

    /// Returns the script `id`.
    pub(super) fn get(&self, id: &str) -> Option<Arc<Script>> {
        self.0.lock().get(id).cloned()
    }
}

/// Counts the releases.
#[derive(Debug, Default)]
pub(super) struct Release(watch::Sender<u64>);

impl Release {
    /// Releases every answer that waits.
    pub(super) fn open(&self) {
        self.0.send_modify(|count| *count += 1);
    }

    /// Returns the gate for an answer whose request has just come.
    pub(super) fn gate(&self) -> Gate {
        let count = self.0.subscribe();
        let passed = *count.borrow();
        Gate { count, passed }
    }
}

/// The pauses of one answer.
#[derive(Debug)]
pub(super) struct Gate {
    count: watch::Receiver<u64>,
    passed: u64,
}

impl Gate {
    /// Waits for the release that belongs to this pause.
    pub(super) async fn pass(&mut self) {
        self.passed += 1;
        let wanted = self.passed;
        // An error means that the double stopped; the connection is dropped then anyway.
        drop(self.count.wait_for(|count| *count >= wanted).await);
    }
}
