//! From records of the journal to deliveries; runs on a blocking thread.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gatehouse_journal::{Position, Record};
use gatehouse_store::webhooks::{OpenWebhook, Webhook};
use gatehouse_types::{Exchange, ExchangeMeta, Timestamp};
use tokio::time::Instant;

use super::job::{Job, delivery_id};
use super::payload::payload;
use super::selection::{has_properties, is_sampled};
use crate::enrich::enrich;
use crate::knowledge::Knowledge;

/// The deliveries of one record; at least one.
pub(crate) struct Announcement {
    pub(crate) jobs: Vec<Job>,
    /// Behind the record.
    pub(crate) end: Position,
    /// When the call had ended.
    pub(crate) ended_at: Timestamp,
}

/// What preparing needs beside the records.
#[derive(Clone)]
pub(crate) struct Preparation {
    pub(crate) knowledge: Knowledge,
    pub(crate) api_url: Option<Arc<str>>,
    /// The largest body that is stored.
    pub(crate) max_body_bytes: usize,
}

impl Preparation {
    /// Returns the deliveries of records, in order; records that nobody wants are left out.
    pub(crate) fn prepare(&self, records: &[Record]) -> Vec<Announcement> {
        records.iter().filter_map(|record| self.announcement(record)).collect()
    }

    /// A record that can't be read is set aside by the recorder; a panic concerns that record alone.
    fn announcement(&self, record: &Record) -> Option<Announcement> {
        let exchange = Exchange::decode(&record.payload).ok()?;
        let ended_at = ended_at(&exchange.meta);
        let wanted: Vec<&OpenWebhook> = self
            .knowledge
            .view
            .webhooks
            .of(exchange.meta.organization_id)
            .iter()
            .map(Arc::as_ref)
            .filter(|open| wants(&open.webhook, &exchange.meta, ended_at))
            .collect();
        if wanted.is_empty() {
            return None;
        }
        let jobs = catch_unwind(AssertUnwindSafe(|| self.jobs(exchange, &wanted, record.position)));
        if jobs.is_err() {
            tracing::error!(
                "a call at {} could not be told to webhooks: preparing it panicked",
                record.position
            );
        }
        Some(Announcement { jobs: jobs.ok()?, end: record.end, ended_at })
    }

    fn jobs(&self, exchange: Exchange, wanted: &[&OpenWebhook], position: Position) -> Vec<Job> {
        let row = enrich(exchange, &self.knowledge, self.max_body_bytes);
        let api_url = self.api_url.as_deref();
        let since = Instant::now();
        let mut bodies: [Option<Bytes>; 2] = [None, None];
        let [plain, with_data] = &mut bodies;
        let job = |webhook: &Webhook| {
            let body = if webhook.include_data { &mut *with_data } else { &mut *plain };
            Job {
                organization_id: row.organization_id,
                webhook_id: webhook.id,
                request_id: row.request_id,
                id: delivery_id(webhook.id, position, row.request_created_at),
                body: body.get_or_insert_with(|| payload(&row, webhook.include_data, api_url)).clone(),
                position,
                since,
                attempts: 0,
            }
        };
        wanted.iter().map(|open| &open.webhook).map(job).collect()
    }
}

/// Returns whether a webhook is to be told of a call: one of its sample, with its properties, that ended after the
/// webhook was made.
fn wants(webhook: &Webhook, meta: &ExchangeMeta, ended_at: Timestamp) -> bool {
    let properties = || meta.properties.iter().cloned().collect();
    webhook.is_active
        && ended_at >= webhook.created_at
        && is_sampled(meta.request_id, webhook.sample_rate)
        && (webhook.property_filters.is_empty() || has_properties(&properties(), &webhook.property_filters))
}

fn ended_at(meta: &ExchangeMeta) -> Timestamp {
    meta.started_at.plus(Duration::from_micros(meta.timing.total_us))
}

#[cfg(test)]
mod tests {
    use gatehouse_seal::Sealed;
    use gatehouse_types::{OrganizationId, RequestId, WebhookId};
    use uuid::Uuid;

    use super::*;

    fn webhook() -> Webhook {
        Webhook {
            id: WebhookId::from_uuid(Uuid::from_u128(3)),
            organization_id: OrganizationId::from_uuid(Uuid::from_u128(1)),
            destination: "https://example.com".to_owned(),
            secret: Sealed::erased(),
            sample_rate: 100_000,
            property_filters: Vec::new(),
            include_data: true,
            is_active: true,
            created_at: Timestamp::from_unix_micros(5_000_000),
        }
    }

    fn call(started_at: i64, total_us: u64) -> ExchangeMeta {
        let id = RequestId::from_uuid(Uuid::from_u128(7));
        let at = Timestamp::from_unix_micros(started_at);
        let mut meta = ExchangeMeta::new(id, OrganizationId::from_uuid(Uuid::from_u128(1)), at);
        meta.timing.total_us = total_us;
        meta.properties = vec![("environment".to_owned(), "prod".to_owned())];
        meta
    }

    #[test]
    fn a_webhook_is_told_of_calls_that_end_after_it_was_made() {
        let check = |webhook: Webhook, meta: ExchangeMeta, expected: bool| {
            assert_eq!(wants(&webhook, &meta, ended_at(&meta)), expected, "{webhook:?} {meta:?}");
        };
        check(webhook(), call(4_000_000, 999_999), false);
        check(webhook(), call(4_000_000, 1_000_000), true);
        check(webhook(), call(6_000_000, 1), true);
        check(Webhook { is_active: false, ..webhook() }, call(6_000_000, 1), false);
        check(Webhook { sample_rate: 0, ..webhook() }, call(6_000_000, 1), false);
        let filtered = |value: &str| Webhook {
            property_filters: vec![("Environment".to_owned(), value.to_owned())],
            ..webhook()
        };
        check(filtered("prod"), call(6_000_000, 1), true);
        check(filtered("test"), call(6_000_000, 1), false);
    }
}
