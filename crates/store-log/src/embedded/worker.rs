//! The threads: DuckDB blocks, so nothing of it runs where requests are served.
//!
//! One thread writes, so that there are no conflicts; the others read. Both queues are bounded: a full
//! one makes the caller wait, not the process grow.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};

use duckdb::Connection;
use gatehouse_store::StoreError;
use parking_lot::Mutex;
use tokio::sync::{mpsc, oneshot};

use super::STORE;
use super::engine::{Engine, Error, unavailable};
use super::write::Writer;

/// How many operations may wait in a queue.
const QUEUE_LENGTH: usize = 16;

/// How many questions in SQL are answered at the same time, beside what else is read.
const ASKED_AT_ONCE: usize = 2;
/// The stack of what answers questions, which may be nested deeply; it takes memory only as far as it is used.
const DEEP_STACK_BYTES: usize = 16 << 20;

type WriteJob = Box<dyn FnOnce(&Engine, &mut Writer) + Send>;
type ReadJob = Box<dyn FnOnce(&Engine) + Send>;

/// The running threads and the ways to them.
pub(super) struct Workers {
    writes: Option<mpsc::Sender<WriteJob>>,
    reads: Option<mpsc::Sender<ReadJob>>,
    questions: Option<mpsc::Sender<ReadJob>>,
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
        let (questions, question_jobs) = mpsc::channel::<ReadJob>(QUEUE_LENGTH);
        let mut workers = Self {
            writes: Some(writes),
            reads: Some(reads),
            questions: Some(questions),
            threads: Vec::new(),
        };
        let thread = |name: &str| std::thread::Builder::new().name(name.to_owned());
        let read_jobs = Arc::new(Mutex::new(read_jobs));
        for _ in 0..readers.max(1) {
            let (engine, jobs) = (Arc::clone(&engine), Arc::clone(&read_jobs));
            workers.spawn(thread("log-store-read"), move || take_all(&jobs, &engine))?;
        }
        let question_jobs = Arc::new(Mutex::new(question_jobs));
        for _ in 0..ASKED_AT_ONCE {
            let (engine, jobs) = (Arc::clone(&engine), Arc::clone(&question_jobs));
            let deep = thread("log-store-sql").stack_size(DEEP_STACK_BYTES);
            workers.spawn(deep, move || take_all(&jobs, &engine))?;
        }
        workers.spawn(thread("log-store-write"), move || {
            let mut writer = Writer::new(engine.options().max_body_bytes);
            while let Some(job) = write_jobs.blocking_recv() {
                guard(|| job(&engine, &mut writer));
            }
        })?;
        Ok(workers)
    }

    fn spawn(&mut self, thread: Builder, body: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
        self.threads.push(thread.spawn(body)?);
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

    /// Runs `work` on a thread for questions, whose answers take long; it is told how to find out whether the caller
    /// has stopped waiting.
    pub(super) async fn ask<T: Send + 'static>(
        &self,
        operation: &'static str,
        work: impl FnOnce(&Connection, &(dyn Fn() -> bool + Sync)) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job: ReadJob = Box::new(move |engine| {
            if !reply.is_closed() {
                let answered = engine.run(operation, |connection| work(connection, &|| reply.is_closed()));
                send(reply, answered);
            }
        });
        submit(self.questions.as_ref(), job).await?;
        receive(operation, answer).await
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.writes = None;
        self.reads = None;
        self.questions = None;
        for thread in self.threads.drain(..) {
            // A panic inside a job is caught and told to its caller.
            drop(thread.join());
        }
    }
}

/// Runs what comes in a queue; the lock is held while waiting: the threads take turns at the queue.
fn take_all(jobs: &Mutex<mpsc::Receiver<ReadJob>>, engine: &Engine) {
    while let Some(job) = next(jobs) {
        guard(|| job(engine));
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
