//! One webhook's deliveries: a bounded number at once, failed ones again later, given up in the end.
//!
//! Every webhook has a lane of its own, so that a slow receiver delays nobody but itself.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt as _};
use gatehouse_journal::Position;
use gatehouse_store::webhooks::OpenWebhook;
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::courier::{Attempt, Parcel};
use super::desk::Desk;
use super::job::Job;
use super::stats::WebhookStats;

/// Most deliveries of one webhook under way.
const MAX_JOBS: usize = 1000;
/// How long attempts that are being made may go on once the process is asked to stop.
const LANDING: Duration = Duration::from_secs(3);

/// The entrance of a lane; the lane ends once it is dropped and everything in it is handed over.
pub(crate) struct Lane {
    jobs: mpsc::Sender<Job>,
    held: Arc<Held>,
}

/// What is in a lane.
#[derive(Debug, Default)]
struct Held {
    jobs: AtomicUsize,
    bytes: AtomicUsize,
}

/// What became of a job's turn.
enum Turn {
    /// An attempt was made.
    Attempted(Attempt),
    /// The webhook is gone, or switched off.
    Withdrawn,
    /// It waited too long for its turn.
    Expired,
}

/// The lane itself.
struct Runner {
    desk: Arc<Desk>,
    held: Arc<Held>,
    /// Jobs by when they are due; the number keeps those of one moment in order.
    waiting: BTreeMap<(Instant, u64), Job>,
    next_number: u64,
    /// Whether it was said that deliveries are given up: once is enough for a receiver that is away.
    has_warned: bool,
}

impl Lane {
    /// Returns the entrance of a new lane, and the lane to be run.
    pub(crate) fn new(desk: Arc<Desk>) -> (Self, impl Future<Output = ()> + Send) {
        let (jobs, receiver) = mpsc::channel(MAX_JOBS);
        let held = Arc::new(Held::default());
        let runner = Runner {
            desk,
            held: Arc::clone(&held),
            waiting: BTreeMap::new(),
            next_number: 0,
            has_warned: false,
        };
        (Self { jobs, held }, runner.run(receiver))
    }

    /// Takes a job in, or returns it when the lane has as many as it may or they take more than `max_bytes`; one
    /// alone may take any room.
    pub(crate) fn offer(&self, job: Job, max_bytes: usize) -> Option<Job> {
        if !self.held.admit(job.charge(), max_bytes) {
            return Some(job);
        }
        let refused = self.jobs.try_send(job).err()?.into_inner();
        self.held.release(refused.charge());
        Some(refused)
    }

    /// Returns whether nothing is in it.
    pub(crate) fn is_empty(&self) -> bool {
        self.held.jobs.load(Ordering::Acquire) == 0
    }
}

impl Held {
    /// Counts one more job, if there is room. Only the reader of the journal does that, so that nothing comes in
    /// between.
    fn admit(&self, charge: usize, max_bytes: usize) -> bool {
        let bytes = self.bytes.load(Ordering::Acquire).saturating_add(charge);
        let jobs = self.jobs.load(Ordering::Acquire);
        if jobs >= MAX_JOBS || (bytes > max_bytes && jobs > 0) {
            return false;
        }
        self.jobs.fetch_add(1, Ordering::AcqRel);
        self.bytes.fetch_add(charge, Ordering::AcqRel);
        true
    }

    fn release(&self, charge: usize) {
        self.jobs.fetch_sub(1, Ordering::AcqRel);
        self.bytes.fetch_sub(charge, Ordering::AcqRel);
    }
}

impl Runner {
    async fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        let desk = Arc::clone(&self.desk);
        let mut relief = desk.relief.subscribe();
        let mut under_way = FuturesUnordered::new();
        let mut is_open = true;
        while is_open || !self.waiting.is_empty() || !under_way.is_empty() {
            while under_way.len() < desk.parallel {
                let Some(job) = self.take_due() else { break };
                under_way.push(turn(&desk, job));
            }
            let due = self.next_due().filter(|_| under_way.len() < desk.parallel);
            tokio::select! {
                Some((job, turn)) = under_way.next(), if !under_way.is_empty() => self.settle(job, turn).await,
                job = jobs.recv(), if is_open => match job {
                    Some(job) => self.wait_until(Instant::now(), job),
                    None => is_open = false,
                },
                () = at(due), if due.is_some() => {}
                Ok(()) = relief.changed() => {
                    let before = *relief.borrow_and_update();
                    self.give_up_before(before).await;
                }
                () = desk.stop.cancelled() => break,
            }
        }
        // What is not handed over is still in the journal: only attempts that were begun are worth a wait.
        let landing = async {
            while let Some((job, turn)) = under_way.next().await {
                if !matches!(turn, Turn::Attempted(Attempt::Failed { .. })) {
                    self.settle(job, turn).await;
                }
            }
        };
        if tokio::time::timeout(LANDING, landing).await.is_err() {
            tracing::debug!("attempts of a webhook were ended by the stop; they are made again");
        }
    }

    fn wait_until(&mut self, due: Instant, job: Job) {
        self.waiting.insert((due, self.next_number), job);
        self.next_number += 1;
    }

    fn next_due(&self) -> Option<Instant> {
        self.waiting.keys().next().map(|(due, _)| *due)
    }

    fn take_due(&mut self) -> Option<Job> {
        let first = self.waiting.first_entry()?;
        (first.key().0 <= Instant::now()).then(|| first.remove())
    }

    /// Deals with what a turn has brought.
    async fn settle(&mut self, mut job: Job, turn: Turn) {
        let stats = &self.desk.stats;
        let attempt = match turn {
            Turn::Attempted(attempt) => attempt,
            Turn::Withdrawn => {
                WebhookStats::count(&stats.withdrawn);
                return self.hand_over(&job);
            }
            Turn::Expired => return self.give_up(job, "the receiver is too slow for this many calls").await,
        };
        job.attempts = job.attempts.saturating_add(1);
        match attempt {
            Attempt::Delivered => {
                WebhookStats::count(&stats.delivered);
                self.hand_over(&job);
            }
            Attempt::Refused { reason } => self.give_up(job, &reason).await,
            Attempt::Failed { reason, retry_after } => {
                let jitter = rand::random::<f64>();
                match self.desk.schedule.pause(job.attempts, jitter, retry_after) {
                    Some(pause) if job.since.elapsed() + pause <= self.desk.lifetime => {
                        WebhookStats::count(&stats.retried);
                        self.wait_until(Instant::now() + pause, job);
                    }
                    _ => self.give_up(job, &reason).await,
                }
            }
        }
    }

    /// Gives up what waits and whose records lie before `position`, so that the journal need not keep them.
    async fn give_up_before(&mut self, position: Position) {
        let old = self.waiting.extract_if(.., |_, job| job.position < position);
        for (_, job) in old.collect::<Vec<_>>() {
            self.give_up(job, "the journal could not keep the call until the receiver takes it").await;
        }
    }

    async fn give_up(&mut self, job: Job, reason: &str) {
        if !std::mem::replace(&mut self.has_warned, true) {
            tracing::warn!("webhook {} is not told of call {}: {reason}", job.webhook_id, job.request_id);
        }
        self.desk.bury(job.clone(), reason).await;
        self.hand_over(&job);
    }

    fn hand_over(&self, job: &Job) {
        self.held.release(job.charge());
        self.desk.hand_over(job);
    }
}

/// Gives a job its turn.
async fn turn(desk: &Desk, job: Job) -> (Job, Turn) {
    let view = desk.view.load_full();
    let found = view.webhooks.of(job.organization_id).iter().find(|open| open.webhook.id == job.webhook_id);
    let Some(OpenWebhook { webhook, key }) = found.map(Arc::as_ref) else { return (job, Turn::Withdrawn) };
    if job.since.elapsed() > desk.lifetime {
        return (job, Turn::Expired);
    }
    let parcel = Parcel { destination: &webhook.destination, key, id: job.id, body: job.body.clone() };
    let attempt = desk.courier.send(parcel).await;
    (job, Turn::Attempted(attempt))
}

async fn at(due: Option<Instant>) {
    if let Some(due) = due {
        tokio::time::sleep_until(due).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_holds_a_bounded_number_of_jobs_and_bytes() {
        let held = Held::default();
        assert!(held.admit(5000, 1000), "one alone may take any room");
        assert!(!held.admit(1, 1000));
        held.release(5000);
        assert!(held.admit(600, 1000) && held.admit(400, 1000) && !held.admit(1, 1000));
        held.release(600);
        assert!(held.admit(600, 1000));
        let held = Held::default();
        assert!((0..MAX_JOBS).all(|_| held.admit(0, 1000)));
        assert!(!held.admit(0, 1000), "jobs without a body count too");
    }
}
