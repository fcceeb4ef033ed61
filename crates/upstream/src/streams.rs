//! How many calls share an HTTP/2 connection, and how many the provider allows to.

use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// Most calls on one HTTP/2 connection before another is opened: the least that RFC 9113 §6.5.2 recommends
/// a server to allow.
pub(crate) const STREAMS_PER_CONNECTION: u32 = 100;

/// The calls on one HTTP/2 connection.
pub(crate) struct Streams(Mutex<State>);

struct State {
    in_use: u32,
    /// At most [`STREAMS_PER_CONNECTION`].
    allowed: u32,
    /// When the last call ended; of no meaning while there are calls.
    idle_since: Instant,
}

/// One call on a shared connection, counted while it lives.
pub(crate) struct StreamCount(Arc<Streams>);

impl Drop for StreamCount {
    fn drop(&mut self) {
        let mut state = self.0.0.lock();
        state.in_use -= 1;
        state.idle_since = Instant::now();
    }
}

impl Streams {
    /// Returns the count of a new connection, whose provider has not named its limit yet.
    pub(crate) fn new() -> Arc<Self> {
        let state = State { in_use: 0, allowed: STREAMS_PER_CONNECTION, idle_since: Instant::now() };
        Arc::new(Self(Mutex::new(state)))
    }

    /// Notes how many calls at once the provider allows.
    pub(crate) fn allow(&self, streams: usize) {
        let allowed = u32::try_from(streams).unwrap_or(u32::MAX).min(STREAMS_PER_CONNECTION);
        self.0.lock().allowed = allowed;
    }

    /// Counts one more call, if the connection can take it at once.
    pub(crate) fn take(self: &Arc<Self>) -> Option<StreamCount> {
        let mut state = self.0.lock();
        if state.in_use >= state.allowed {
            return None;
        }
        state.in_use += 1;
        Some(StreamCount(Arc::clone(self)))
    }

    /// Counts the call that a connection was opened for, whatever the limit: it has nowhere else to go.
    pub(crate) fn take_first(self: &Arc<Self>) -> StreamCount {
        self.0.lock().in_use += 1;
        StreamCount(Arc::clone(self))
    }

    /// Returns whether there are calls, or the last one ended less than `idle_timeout` ago.
    pub(crate) fn is_fresh(&self, idle_timeout: Duration) -> bool {
        let state = self.0.lock();
        state.in_use > 0 || state.idle_since.elapsed() < idle_timeout
    }
}
