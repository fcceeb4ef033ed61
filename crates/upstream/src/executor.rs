//! Where HTTP/2 spawns what it needs beside a connection: on a tracker, so that the drain waits for it.

use std::future::Future;

use hyper::rt::Executor;
use tokio_util::task::TaskTracker;

/// An executor of HTTP connections whose tasks are counted by a [`TaskTracker`].
///
/// Tasks run on the runtime that is current when the connection asks for them.
#[derive(Clone, Debug)]
pub struct Tracked(TaskTracker);

impl Tracked {
    /// Returns an executor that spawns on `tasks`; also after it was closed.
    pub const fn new(tasks: TaskTracker) -> Self {
        Self(tasks)
    }
}

impl<F> Executor<F> for Tracked
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    fn execute(&self, future: F) {
        self.0.spawn(future);
    }
}
