//! One delivery on its way to one webhook.

use bytes::Bytes;
use gatehouse_journal::Position;
use gatehouse_store::webhooks::DeadLetter;
use gatehouse_types::{OrganizationId, RequestId, Timestamp, WebhookId};
use sha2::{Digest as _, Sha256};
use tokio::time::Instant;
use uuid::{Builder, Uuid};

/// What a delivery takes in memory beside its body, in bytes.
const OVERHEAD_BYTES: usize = 512;

/// A delivery that is not handed over yet.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) organization_id: OrganizationId,
    pub(crate) webhook_id: WebhookId,
    pub(crate) request_id: RequestId,
    /// The id of the delivery, and of its dead letter.
    pub(crate) id: Uuid,
    pub(crate) body: Bytes,
    /// Where the record of the call begins.
    pub(crate) position: Position,
    /// When it was taken from the journal.
    pub(crate) since: Instant,
    /// How many attempts were made.
    pub(crate) attempts: u32,
}

impl Job {
    /// Returns what it takes in memory, in bytes.
    pub(crate) fn charge(&self) -> usize {
        self.body.len() + OVERHEAD_BYTES
    }

    /// Returns what is kept of it once it is given up.
    pub(crate) fn into_dead_letter(self, error: String, failed_at: Timestamp) -> DeadLetter {
        DeadLetter {
            id: self.id,
            webhook_id: self.webhook_id,
            organization_id: self.organization_id,
            request_id: self.request_id,
            body: String::from_utf8_lossy(&self.body).into_owned(),
            error,
            attempts: self.attempts,
            failed_at,
        }
    }
}

/// Returns the id of the delivery of a record to a webhook: the same after every start, so that a receiver knows
/// what it has already. It is ordered by the time of the call (UUID version 7).
pub(crate) fn delivery_id(webhook_id: WebhookId, position: Position, at: Timestamp) -> Uuid {
    let mut digest = Sha256::new();
    digest.update(webhook_id.as_uuid().as_bytes());
    digest.update(position.as_u64().to_be_bytes());
    digest.update(at.as_unix_micros().to_be_bytes());
    let digest = digest.finalize();
    let millis = u64::try_from(at.as_unix_micros() / 1000).unwrap_or_default();
    let random = digest.first_chunk::<10>().copied().unwrap_or_default();
    Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_has_one_id_for_good_and_no_other_has_it() {
        let webhook = |number| WebhookId::from_uuid(Uuid::from_u128(number));
        let at = Timestamp::from_unix_micros(1_795_356_360_123_456);
        let id = delivery_id(webhook(1), Position::from_u64(77), at);
        assert_eq!(id, delivery_id(webhook(1), Position::from_u64(77), at));
        assert_eq!(id.get_version_num(), 7);
        assert_eq!(id.get_timestamp().map(|time| time.to_unix()), Some((1_795_356_360, 123_000_000)));
        assert_ne!(id, delivery_id(webhook(2), Position::from_u64(77), at));
        assert_ne!(id, delivery_id(webhook(1), Position::from_u64(78), at));
        let later = Timestamp::from_unix_micros(1_795_356_360_123_457);
        assert_ne!(id, delivery_id(webhook(1), Position::from_u64(77), later), "a journal may begin anew");
    }
}
