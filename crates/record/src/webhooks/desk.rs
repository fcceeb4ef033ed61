//! What all lanes share: the courier, the webhooks in force, the dead letters, the progress.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gatehouse_journal::Position;
use gatehouse_store::control::ControlStore;
use gatehouse_store::view::SharedView;
use gatehouse_types::Clock;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::courier::Courier;
use super::job::Job;
use super::progress::Progress;
use super::schedule::Schedule;
use super::stats::WebhookStats;

/// How often a dead letter is offered to the store, and the pause between.
const OFFERS: u32 = 5;
const OFFER_PAUSE: Duration = Duration::from_secs(1);

/// What all lanes share.
pub(crate) struct Desk {
    pub(crate) courier: Arc<Courier>,
    pub(crate) view: SharedView,
    pub(crate) store: Arc<dyn ControlStore>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) stats: Arc<WebhookStats>,
    pub(crate) progress: Progress,
    pub(crate) schedule: Schedule,
    /// How long a delivery may be under way.
    pub(crate) lifetime: Duration,
    /// Most attempts of one webhook at once.
    pub(crate) parallel: usize,
    /// Tells lanes to give up what lies before a position.
    pub(crate) relief: watch::Sender<Position>,
    /// Whether the store did not take the last dead letter.
    pub(crate) is_store_failing: AtomicBool,
    pub(crate) stop: CancellationToken,
}

impl Desk {
    /// Writes a delivery that is given up among the dead letters.
    ///
    /// A store that does not take it within a few seconds must not stop everything else: it is lost then, logged
    /// and counted, and the next ones are offered once only until the store takes one again.
    pub(crate) async fn bury(&self, job: Job, reason: &str) {
        let (webhook_id, request_id) = (job.webhook_id, job.request_id);
        let letter = job.into_dead_letter(reason.to_owned(), self.clock.now());
        let offers = if self.is_store_failing.load(Ordering::Relaxed) { 1 } else { OFFERS };
        for offer in 1..=offers {
            match self.store.add_dead_letter(letter.clone()).await {
                Ok(()) => {
                    self.is_store_failing.store(false, Ordering::Relaxed);
                    WebhookStats::count(&self.stats.dead);
                    return;
                }
                Err(error) if offer == offers => {
                    self.is_store_failing.store(true, Ordering::Relaxed);
                    WebhookStats::count(&self.stats.lost);
                    let what = format!("webhook {webhook_id} was not told of call {request_id}");
                    tracing::error!(%error, "{what}, and no dead letter was kept");
                }
                Err(_) => tokio::time::sleep(OFFER_PAUSE).await,
            }
        }
    }

    /// Notes that a delivery is handed over, for good.
    pub(crate) fn hand_over(&self, job: &Job) {
        WebhookStats::uncount(&self.stats.waiting);
        self.progress.end(job.position);
    }
}
