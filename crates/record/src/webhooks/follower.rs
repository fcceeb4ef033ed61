//! The loop that follows the journal for webhooks: read, prepare, wait for the row, hand out, commit.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use gatehouse_catalog::Catalog;
use gatehouse_journal::{Journal, JournalError, Position, Reader};
use gatehouse_types::{Clock, Timestamp, WebhookId};
use tokio::sync::watch;
use tokio::task::JoinError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::desk::Desk;
use super::job::Job;
use super::lane::Lane;
use super::prepare::{Announcement, Preparation};
use super::progress::Progress;
use super::schedule::Schedule;
use super::stats::WebhookStats;
use super::{WebhookOptions, WebhookParts, WebhookSender};
use crate::RecordStats;
use crate::knowledge::Knowledge;

/// The name among the readers of the journal.
const READER_NAME: &str = "webhooks";
/// How many records are read at once, and about how many bytes of them.
const BATCH_RECORDS: usize = 256;
const BATCH_BYTES: usize = 8 << 20;
/// How often it is seen whether there are webhooks.
const LOOK_INTERVAL: Duration = Duration::from_millis(250);
/// How often the cursor is saved at most.
pub(super) const COMMIT_INTERVAL: Duration = Duration::from_secs(1);
/// How long after its end a call is held back at most for its row to be in the log store; Helicone waits as long.
const ROW_PATIENCE: Duration = Duration::from_secs(30);
/// What the deliveries of one webhook may take in memory, in bytes: at most, and however many webhooks there are.
const MOST_LANE_BYTES: usize = 8 << 20;
const LEAST_LANE_BYTES: usize = 256 << 10;

/// Why following the journal was interrupted.
#[derive(Debug, thiserror::Error)]
pub(super) enum Setback {
    /// The journal failed.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A blocking piece of work did not come to its end.
    #[error("a blocking task of the webhooks did not end")]
    Blocking(#[from] JoinError),
}

/// Where to begin.
#[derive(Clone, Copy)]
pub(super) enum Start {
    /// At the saved cursor, or else with the oldest record: what ended before a webhook was made is left out anyway.
    Saved,
    /// Here: there were no webhooks before.
    At(Position),
}

/// A sender at work.
pub(super) struct Follower {
    journal: Journal,
    recorded: Arc<RecordStats>,
    clock: Arc<dyn Clock>,
    catalog: Arc<Catalog>,
    options: WebhookOptions,
    desk: Arc<Desk>,
    lanes: HashMap<WebhookId, Lane>,
    tasks: TaskTracker,
    stop: CancellationToken,
}

/// What some records have brought.
struct Read {
    announcements: Vec<Announcement>,
    /// Behind the last record.
    end: Position,
}

/// The cursor in the journal.
struct Cursor {
    saved: Position,
    due: Instant,
}

impl Follower {
    pub(super) fn new(sender: WebhookSender, stop: CancellationToken) -> Self {
        let WebhookSender { parts, options, stats } = sender;
        let WebhookParts { journal, view, store, catalog, recorded, courier, clock } = parts;
        let schedule = Schedule { attempts: options.attempts.max(1), first_pause: options.first_pause };
        let desk = Desk {
            lifetime: schedule.longest(courier.timeout()),
            courier,
            view,
            store,
            clock: Arc::clone(&clock),
            stats,
            progress: Progress::at(Position::default()),
            schedule,
            parallel: options.parallel.max(1),
            relief: watch::Sender::new(Position::default()),
            is_store_failing: AtomicBool::new(false),
            stop: stop.clone(),
        };
        let desk = Arc::new(desk);
        let tasks = TaskTracker::new();
        let (sweeping, stopped) = (Arc::clone(&desk), stop.clone());
        tasks.spawn(async move {
            tokio::select! { () = sweeping.courier.sweep() => {}, () = stopped.cancelled() => {} }
        });
        Self { journal, recorded, clock, catalog, options, desk, lanes: HashMap::new(), tasks, stop }
    }

    pub(super) fn is_running(&self) -> bool {
        !self.stop.is_cancelled()
    }

    /// Waits until there are webhooks; returns `None` when the process is asked to stop before.
    pub(super) async fn wait_for_webhooks(&self) -> Option<Start> {
        let mut start = Start::Saved;
        while self.desk.view.load().webhooks.is_empty() {
            if let Err(error) = self.forget_cursor().await {
                self.note(&error);
            }
            start = Start::At(self.journal.stats().end);
            self.pause(LOOK_INTERVAL).await;
            if !self.is_running() {
                return None;
            }
        }
        Some(start)
    }

    /// Without webhooks the journal need not keep anything for them.
    async fn forget_cursor(&self) -> Result<(), Setback> {
        let journal = self.journal.clone();
        Ok(tokio::task::spawn_blocking(move || journal.forget_reader(READER_NAME)).await??)
    }

    /// Serves webhooks until there are none any more, or the process is asked to stop.
    pub(super) async fn follow(&mut self, start: Start) -> Result<(), Setback> {
        let journal = self.journal.clone();
        let from = match start {
            Start::Saved => None,
            Start::At(position) => Some(position),
        };
        let opened = tokio::task::spawn_blocking(move || journal.reader(READER_NAME, from));
        let mut reader = opened.await??;
        let mut cursor = Cursor { saved: reader.position(), due: Instant::now() + COMMIT_INTERVAL };
        self.desk.progress.read(reader.position());
        while self.is_running() && self.has_work() {
            let (back, read) = self.read(reader).await?;
            reader = back;
            match read? {
                Some(read) => self.hand_out(read).await,
                None => self.wait(&mut reader).await,
            }
            self.lanes.retain(|_, lane| !lane.is_empty());
            reader = self.commit(reader, &mut cursor).await?;
        }
        if !self.is_running() {
            // Attempts that are being made are worth a moment: what they hand over is not delivered again.
            self.lanes.clear();
            self.tasks.close();
            self.tasks.wait().await;
        }
        cursor.due = Instant::now();
        self.commit(reader, &mut cursor).await?;
        Ok(())
    }

    fn has_work(&self) -> bool {
        !self.desk.view.load().webhooks.is_empty() || !self.desk.progress.is_idle()
    }

    /// Reads the next records and prepares their deliveries, on a blocking thread.
    async fn read(
        &self,
        mut reader: Reader,
    ) -> Result<(Reader, Result<Option<Read>, JournalError>), Setback> {
        let preparation = Preparation {
            knowledge: Knowledge::new(Arc::clone(&self.catalog), self.desk.view.load_full()),
            api_url: self.options.api_url.as_deref().map(Arc::from),
            max_body_bytes: self.options.max_body_bytes,
        };
        let reading = tokio::task::spawn_blocking(move || {
            let read = reader.next_batch(BATCH_RECORDS, BATCH_BYTES).map(|records| {
                let end = records.last()?.end;
                Some(Read { announcements: preparation.prepare(&records), end })
            });
            (reader, read)
        });
        Ok(reading.await?)
    }

    /// Gives the deliveries of some records to their lanes.
    async fn hand_out(&mut self, read: Read) {
        for announcement in read.announcements {
            self.wait_for_row(&announcement).await;
            if !self.is_running() {
                // The rest stays unread, and is read again by the next sender.
                return;
            }
            for job in announcement.jobs {
                self.dispatch(job).await;
            }
        }
        self.desk.progress.read(read.end);
        self.relieve(read.end);
    }

    /// Waits until the log store has the row of a call, so that a receiver can read it at once.
    async fn wait_for_row(&self, announcement: &Announcement) {
        let since_reading = announcement.jobs.first().map(|job| job.since.elapsed()).unwrap_or_default();
        let patience = patience(self.clock.now(), announcement.ended_at, since_reading);
        tokio::select! {
            () = self.recorded.reached(announcement.end.as_u64()) => {}
            () = tokio::time::sleep(patience) => {}
            () = self.stop.cancelled() => {}
        }
    }

    /// Gives a delivery to its webhook's lane, or gives it up when the lane is full.
    async fn dispatch(&mut self, job: Job) {
        WebhookStats::count(&self.desk.stats.waiting);
        self.desk.progress.begin(job.position);
        let share = self.options.max_waiting_bytes / self.lanes.len().max(1);
        let share = share.clamp(LEAST_LANE_BYTES, MOST_LANE_BYTES);
        let (desk, tasks) = (&self.desk, &self.tasks);
        let lane = self.lanes.entry(job.webhook_id).or_insert_with(|| {
            let (lane, run) = Lane::new(Arc::clone(desk));
            tasks.spawn(run);
            lane
        });
        if let Some(job) = lane.offer(job, share) {
            self.desk.bury(job.clone(), "too many deliveries wait for the receiver").await;
            self.desk.hand_over(&job);
        }
    }

    /// Has the oldest deliveries given up when the journal keeps too much for them.
    fn relieve(&self, read: Position) {
        let (read, settled) = (read.as_u64(), self.desk.progress.settled().as_u64());
        if read.saturating_sub(settled) > self.options.max_held_bytes {
            let before = read.saturating_sub(self.options.max_held_bytes / 2);
            self.desk.relief.send_replace(Position::from_u64(before));
        }
    }

    /// Waits for more to read, or until it is time to look whether there is anything else to do.
    async fn wait(&self, reader: &mut Reader) {
        tokio::select! {
            more = reader.wait() => {
                if !more {
                    // The journal is closed: the stop follows.
                    self.pause(LOOK_INTERVAL).await;
                }
            }
            () = self.pause(LOOK_INTERVAL) => {}
        }
    }

    /// Waits for a while, or until the process is asked to stop.
    pub(super) async fn pause(&self, pause: Duration) {
        tokio::select! { () = tokio::time::sleep(pause) => {}, () = self.stop.cancelled() => {} }
    }

    /// Tells the journal what is handed over, if it is time; a failure is tried again when it is time again.
    async fn commit(&self, mut reader: Reader, cursor: &mut Cursor) -> Result<Reader, Setback> {
        let settled = self.desk.progress.settled();
        if settled <= cursor.saved || Instant::now() < cursor.due {
            return Ok(reader);
        }
        let committing = tokio::task::spawn_blocking(move || {
            let committed = reader.commit(settled);
            (reader, committed)
        });
        let (reader, committed) = committing.await?;
        cursor.due = Instant::now() + COMMIT_INTERVAL;
        match committed {
            Ok(()) => cursor.saved = settled,
            Err(error) => self.note(&error.into()),
        }
        Ok(reader)
    }

    pub(super) fn note(&self, setback: &Setback) {
        WebhookStats::count(&self.desk.stats.journal_errors);
        tracing::warn!("webhooks can't use the journal: {}", crate::stats::whole_text(setback));
    }
}

/// Returns how long a row is still waited for.
///
/// Calls that were logged by hand may end in the future: they are waited for no longer than since they were read, or
/// each of them would hold up everybody's deliveries while the log store is away.
fn patience(now: Timestamp, ended_at: Timestamp, since_reading: Duration) -> Duration {
    let since_end = now.as_unix_micros().saturating_sub(ended_at.as_unix_micros());
    let since_end = Duration::from_micros(u64::try_from(since_end).unwrap_or_default());
    ROW_PATIENCE.saturating_sub(since_end.max(since_reading))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_row_is_waited_for_longer_than_since_its_call_ended_or_was_read() {
        let check = |ended_at: i64, since_reading: u64, expected: u64| {
            let (now, ended_at) =
                (Timestamp::from_unix_micros(100_000_000), Timestamp::from_unix_micros(ended_at));
            let patience = patience(now, ended_at, Duration::from_secs(since_reading));
            assert_eq!(patience, Duration::from_secs(expected), "{ended_at} {since_reading}");
        };
        check(100_000_000, 0, 30);
        check(80_000_000, 0, 10);
        check(80_000_000, 25, 5);
        check(0, 0, 0);
        check(i64::MAX, 0, 30);
        check(i64::MAX, 31, 0);
        check(i64::MIN, 0, 0);
    }
}
