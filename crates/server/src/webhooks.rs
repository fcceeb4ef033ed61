//! Webhooks in this process: how their receivers are reached, and what the API needs of that.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use gatehouse_api::webhooks::courier::{Addressee, Sending, WebhookCourier};
use gatehouse_config::{Config, Snapshot};
use gatehouse_record::{Attempt, Courier, Parcel, WebhookOptions, sample_payload};
use gatehouse_types::{Clock as _, SystemClock};
use gatehouse_upstream::{AddressGuard, Connector, Origin};
use hyper::body::Bytes;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

/// How long connecting to a receiver may take.
pub(crate) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Names that lead nowhere outside, whatever a name server says.
const PRIVATE_SUFFIXES: [&str; 8] =
    ["localhost", "local", "internal", "corp", "lan", "intranet", "home.arpa", "localdomain"];

/// Returns what sends to webhooks, over `connector`.
pub(crate) fn courier(config: &Config, connector: Connector) -> Arc<Courier> {
    let (allow_http, timeout) = (config.upstream.allow_http, config.webhooks.timeout);
    let tasks = TaskTracker::new();
    Arc::new(Courier::new(Arc::new(connector), Arc::new(SystemClock), allow_http, timeout, tasks))
}

/// Returns how webhooks are served, as configured.
pub(crate) fn options(config: &Config) -> WebhookOptions {
    let webhooks = &config.webhooks;
    WebhookOptions {
        attempts: webhooks.attempts,
        first_pause: webhooks.retry_pause,
        parallel: webhooks.parallel,
        max_waiting_bytes: usize::try_from(webhooks.max_waiting_bytes).unwrap_or(usize::MAX),
        // The rest of the journal is for a log store that is away.
        max_held_bytes: config.journal.max_disk_bytes / 4,
        api_url: webhooks.api_url.as_ref().map(|url| url.as_str().to_owned()),
        max_body_bytes: usize::try_from(config.log.max_body_bytes).unwrap_or(usize::MAX),
    }
}

/// What the API sends with.
pub(crate) struct ApiCourier {
    courier: Arc<Courier>,
    config: Snapshot,
    guard: AddressGuard,
}

impl ApiCourier {
    /// Returns a courier for the API that permits the destinations that calls may have as targets.
    pub(crate) fn new(courier: Arc<Courier>, config: Snapshot) -> Self {
        let guard = AddressGuard::new(config.upstream.allow_private.clone());
        Self { courier, config, guard }
    }

    /// Returns whether a host may be public, as far as its name tells.
    ///
    /// What the operator fixed is permitted. Where private networks are allowed, names are left to the look-up.
    fn permits(&self, origin: &Origin) -> bool {
        let upstream = &self.config.upstream;
        let is_this =
            |place: &gatehouse_config::HostPort| place.host == origin.host() && place.port == origin.port();
        if upstream.resolve.keys().any(is_this) {
            return true;
        }
        match origin.address() {
            Some(address) => self.guard.permits(address),
            None => !upstream.allow_private.is_empty() || !is_private_name(origin.host()),
        }
    }

    async fn attempt(&self, addressee: Addressee<'_>, id: Uuid, body: Bytes) -> Result<(), String> {
        let Addressee { destination, key } = addressee;
        match self.courier.send(Parcel { destination, key, id, body }).await {
            Attempt::Delivered => Ok(()),
            Attempt::Failed { reason, .. } | Attempt::Refused { reason } => Err(reason),
        }
    }
}

impl WebhookCourier for ApiCourier {
    fn check(&self, destination: &str) -> Result<(), String> {
        let origin = Origin::parse(destination, self.config.upstream.allow_http);
        let origin = origin.map_err(|error| error.to_string())?;
        if !self.permits(&origin) {
            return Err(format!("`{}` is not public", origin.host()));
        }
        Ok(())
    }

    fn try_out<'a>(&'a self, addressee: Addressee<'a>, include_data: bool) -> Sending<'a> {
        let body = sample_payload(include_data, SystemClock.now());
        Box::pin(self.attempt(addressee, Uuid::now_v7(), body))
    }

    fn send<'a>(&'a self, addressee: Addressee<'a>, id: Uuid, body: String) -> Sending<'a> {
        Box::pin(self.attempt(addressee, id, Bytes::from(body)))
    }
}

/// Returns whether a name (lower case) can't be a public one: it has a single label, or a suffix of private networks.
fn is_private_name(host: &str) -> bool {
    let is_below = |suffix: &&str| host.strip_suffix(*suffix).is_some_and(|rest| rest.ends_with('.'));
    !host.contains('.') || PRIVATE_SUFFIXES.iter().any(is_below)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_private_networks_are_known() {
        for name in
            ["localhost", "a.localhost", "router.local", "metadata.google.internal", "db", "x.home.arpa"]
        {
            assert!(is_private_name(name), "{name}");
        }
        for name in
            ["example.com", "local.example.com", "corp.example", "mylocal.net", "localhost.example.org"]
        {
            assert!(!is_private_name(name), "{name}");
        }
    }
}
