//! Webhooks: who is told of an organisation's calls, and what could not be told.

use std::collections::HashMap;
use std::sync::Arc;

use gatehouse_seal::Sealed;
use gatehouse_types::{OrganizationId, Redacted, RequestId, Timestamp, WebhookId};
use uuid::Uuid;

use crate::secrets::{SecretField, SecretPlace};

/// The sample rate of a webhook that is told of every call.
pub const FULL_SAMPLE_RATE: u32 = 100_000;
/// How many dead letters of an organisation are kept: the newest.
pub const MAX_DEAD_LETTERS: u32 = 1000;

/// Who is told of calls.
///
/// What a change replaces is `destination`, `secret`, `sample_rate`, `property_filters`, `include_data` and
/// `is_active`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Webhook {
    /// Its id.
    pub id: WebhookId,
    /// Whose calls it is told of.
    pub organization_id: OrganizationId,
    /// The URL that is called.
    pub destination: String,
    /// The key of its signatures.
    pub secret: Sealed,
    /// Of how many calls it is told, in thousandths of a per cent: 0 to [`FULL_SAMPLE_RATE`].
    pub sample_rate: u32,
    /// The properties that a call must have, each with its value.
    pub property_filters: Vec<(String, String)>,
    /// Whether it is told model, cost and the like too.
    pub include_data: bool,
    /// Whether it is told anything.
    pub is_active: bool,
    /// When it was made.
    pub created_at: Timestamp,
}

impl Webhook {
    /// Returns where the key of its signatures is kept.
    pub const fn secret_place(&self) -> SecretPlace {
        let (organization_id, record_id) = (self.organization_id, self.id.as_uuid());
        SecretPlace { organization_id, record_id, field: SecretField::WebhookKey }
    }
}

/// What a webhook could not be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id, ordered by time (UUID version 7).
    pub id: Uuid,
    /// Which webhook.
    pub webhook_id: WebhookId,
    /// Whose it is.
    pub organization_id: OrganizationId,
    /// The call it is about.
    pub request_id: RequestId,
    /// The body that was sent.
    pub body: String,
    /// What went wrong at last.
    pub error: String,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was given up.
    pub failed_at: Timestamp,
}

/// A webhook in force, with the key of its signatures.
#[derive(Clone, Debug)]
pub struct OpenWebhook {
    /// The webhook as it is stored.
    pub webhook: Webhook,
    /// The key of its signatures.
    pub key: Redacted<String>,
}

/// The active webhooks of every organisation, in memory.
#[derive(Clone, Debug, Default)]
pub struct Webhooks(HashMap<OrganizationId, Vec<Arc<OpenWebhook>>>);

impl Webhooks {
    /// Returns an organisation's, oldest first.
    pub fn of(&self, organization_id: OrganizationId) -> &[Arc<OpenWebhook>] {
        self.0.get(&organization_id).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns whether there is none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<OpenWebhook> for Webhooks {
    fn from_iter<I: IntoIterator<Item = OpenWebhook>>(webhooks: I) -> Self {
        let mut by_organization: HashMap<_, Vec<_>> = HashMap::new();
        for open in webhooks.into_iter().filter(|open| open.webhook.is_active) {
            by_organization.entry(open.webhook.organization_id).or_default().push(Arc::new(open));
        }
        Self(by_organization)
    }
}
