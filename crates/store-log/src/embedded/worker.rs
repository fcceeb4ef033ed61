//! The threads: DuckDB blocks, so nothing of it runs where requests are served.
//!
//! One thread writes, so that there are no conflicts; the others read. Both queues are bounded: a full
//! one makes the caller wait, not the process grow.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use duckdb::Connection;
use gatehouse_store::StoreError;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use super::STORE;
use super::engine::{Engine, Error, unavailable};
use super::write::Writer;

/// How many operations may wait in a queue.
const QUEUE_LENGTH: usize = 16;

type WriteJob = Box<dyn FnOnce(&Engine, &mut Writer) + Send>;
type ReadJob = Box<dyn FnOnce(&Engine) + Send>;

/// The running threads and the ways to them.
pub(super) struct Workers {
    writes: Option<mpsc::Sender<WriteJob>>,
    reads: Option<mpsc::Sender<ReadJob>>,
    threads: Vec<JoinHandle<()>>,
}

/// The job panicked; what it was doing may be undone or not.
#[derive(Debug, thiserror::Error)]
#[error("the operation panicked")]
struct Panicked;

impl Workers {
    /// Starts one writer and `readers` readers.
    pub(super) fn start(engine: Arc<Engine>, readers: u16) -> std::io::Result<Self> {
        let (writes, mut write_jobs) = mpsc::channel::<WriteJob>(QUEUE_LENGTH);
        let (reads, read_jobs) = mpsc::channel::<ReadJob>(QUEUE_LENGTH);
        let mut workers = Self { writes: Some(writes), reads: Some(reads), threads: Vec::new() };
        let read_jobs = Arc::new(Mutex::new(read_jobs));
        for _ in 0..readers.max(1) {
            let (engine, jobs) = (Arc::clone(&engine), Arc::clone(&read_jobs));
            workers.spawn("log-store-read", move || {
                // The lock is held while waiting: the readers take turns at the queue.
                while let Some(job) = next(&jobs) {
                    guard(|| job(&engine));
                }
            })?;
        }
        workers.spawn("log-store-write", move || {
            let mut writer = Writer::new(engine.options().max_body_bytes);
            while let Some(job) = write_jobs.blocking_recv() {
                guard(|| job(&engine, &mut writer));
            }
        })?;
        Ok(workers)
    }

    fn spawn(&mut self, name: &str, body: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        self.threads.push(std::thread::Builder::new().name(name.to_owned()).spawn(body)?);
        Ok(())
    }

    /// Runs `work` on the writing thread, after everything that was asked of it before.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Engine, &mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: WriteJob = Box::new(move |engine, writer| send(reply, work(engine, writer)));
        submit(self.writes.as_ref(), job).await?;
        receive(operation, answer).await
    }

    /// Runs `work` on a reading thread, unless the caller has stopped waiting by then.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: ReadJob = Box::new(move |engine| {
            if !reply.is_closed() {
                send(reply, engine.run(operation, work));
            }
        });
        submit(self.reads.as_ref(), job).await?;
        receive(operation, answer).await
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.writes = None;
        self.reads = None;
        for thread in self.threads.drain(..) {
            // A panic inside a job is caught and told to its caller.
            drop(thread.join());
        }
    }
}

fn next(jobs: &Mutex<mpsc::Receiver<ReadJob>>) -> Option<ReadJob> {
    jobs.lock().blocking_recv()
}

/// Keeps the thread alive when a job panics: its caller sees that the answer never came.
fn guard(job: impl FnOnce()) {
    if catch_unwind(AssertUnwindSafe(job)).is_err() {
        tracing::error!("log store: an operation panicked");
    }
}

async fn submit<J>(queue: Option<&mpsc::Sender<J>>, job: J) -> Result<(), StoreError> {
    let stopped = || unavailable("the store is stopped");
    queue.ok_or_else(stopped)?.send(job).await.map_err(|_| stopped())
}

fn send<T>(reply: oneshot::Sender<T>, value: T) {
    // A caller that stopped waiting needs no answer.
    drop(reply.send(value));
}

async fn receive<T>(
    operation: &'static str,
    answer: oneshot::Receiver<Result<T, StoreError>>,
) -> Result<T, StoreError> {
    let panicked = |_| StoreError::Failed { store: STORE, operation, source: Box::new(Panicked) };
    answer.await.map_err(panicked)?
}

#[cfg(test)]
mod tests;
