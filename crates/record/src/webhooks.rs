//! From the journal to webhooks: every call is told to whoever wants to know of it, at least once.
//!
//! [`WebhookSender`] reads the journal beside the recorder, with a cursor of its own that moves only past calls whose
//! deliveries are handed over: taken by the receiver, kept as dead letters, or no longer wanted. What was not handed
//! over is delivered again after a restart, under the same delivery id. While there are no webhooks the journal
//! knows no such reader.
//!
//! Bounds: every webhook has a lane of its own with a bounded number of deliveries, of bytes and of attempts at
//! once; a delivery is given up after some minutes, or sooner where the journal needs the room.

mod courier;
mod desk;
mod follower;
mod javascript;
mod job;
mod lane;
mod payload;
mod prepare;
mod progress;
mod sample;
mod schedule;
mod selection;
mod signature;
mod stats;

use std::sync::Arc;
use std::time::Duration;

use gatehouse_catalog::Catalog;
use gatehouse_journal::Journal;
use gatehouse_store::control::ControlStore;
use gatehouse_store::view::SharedView;
use gatehouse_types::Clock;
use tokio_util::sync::CancellationToken;

use crate::RecordStats;
use follower::{COMMIT_INTERVAL, Follower};

pub use courier::{Attempt, Courier, Parcel};
pub use sample::sample_payload;
pub use stats::{WebhookFigures, WebhookStats};

/// How webhooks are served.
#[derive(Clone, Debug)]
pub struct WebhookOptions {
    /// How often a delivery is tried at most.
    pub attempts: u32,
    /// The pause after the first failure; each later one is five times as long, ten minutes at most.
    pub first_pause: Duration,
    /// Most attempts of one webhook at once.
    pub parallel: usize,
    /// About how many bytes all deliveries under way may take.
    pub max_waiting_bytes: usize,
    /// How many bytes of the journal are kept for deliveries that are under way; beyond that the oldest are given up.
    pub max_held_bytes: u64,
    /// Where the API is reached from outside, without a slash at its end.
    pub api_url: Option<String>,
    /// The largest body that is stored.
    pub max_body_bytes: usize,
}

/// What a [`WebhookSender`] works with.
pub struct WebhookParts {
    /// Where calls are read.
    pub journal: Journal,
    /// Which webhooks there are.
    pub view: SharedView,
    /// Where dead letters are kept.
    pub store: Arc<dyn ControlStore>,
    /// The prices.
    pub catalog: Arc<Catalog>,
    /// How far the log store is.
    pub recorded: Arc<RecordStats>,
    /// What sends.
    pub courier: Arc<Courier>,
    /// The time.
    pub clock: Arc<dyn Clock>,
}

/// Tells webhooks of calls.
pub struct WebhookSender {
    parts: WebhookParts,
    options: WebhookOptions,
    stats: Arc<WebhookStats>,
}

impl WebhookSender {
    /// Returns a sender; nothing happens before [`WebhookSender::run`].
    pub fn new(parts: WebhookParts, options: WebhookOptions) -> Self {
        Self { parts, options, stats: Arc::default() }
    }

    /// Returns the counters, which stay readable when the sender has ended.
    pub fn stats(&self) -> Arc<WebhookStats> {
        Arc::clone(&self.stats)
    }

    /// Follows the journal until `stop` is cancelled; attempts that are being made then may take some seconds more.
    ///
    /// The view must have been read already: without webhooks in it the cursor is forgotten.
    ///
    /// # Cancellation
    /// Safe: what is not handed over is delivered by the next sender.
    pub async fn run(self, stop: CancellationToken) {
        let mut follower = Follower::new(self, stop);
        while follower.is_running() {
            let Some(start) = follower.wait_for_webhooks().await else { break };
            if let Err(setback) = follower.follow(start).await {
                follower.note(&setback);
                follower.pause(COMMIT_INTERVAL).await;
            }
        }
    }
}
