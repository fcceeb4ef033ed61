//! Webhooks as callers see them, and what callers send.

use gatehouse_store::webhooks::Webhook;
use gatehouse_types::Redacted;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::settings::config_text;

/// What is shown in the place of a key.
const MASK: &str = "***";
/// The version of the payload, of which there is one.
const VERSION: &str = "1";

/// A webhook.
#[derive(Serialize, ToSchema)]
#[schema(as = Webhook, example = json!({
    "id": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff", "created_at": "2026-11-22T14:06:00.123Z",
    "destination": "https://example.com/hook", "version": "1",
    "config": "{\"includeData\":true,\"propertyFilters\":[],\"sampleRate\":100}", "hmac_key": "***", "is_active": true
}))]
pub(crate) struct WebhookAnswer {
    id: Uuid,
    created_at: String,
    /// The URL that is called.
    destination: String,
    /// The version of the payload.
    version: &'static str,
    /// The settings, as JSON text: `sampleRate`, `propertyFilters`, `includeData`.
    config: String,
    /// The key of the signatures: shown when the webhook is made, and from then on `***` unless `vault.reveal` is set.
    hmac_key: String,
    /// Whether it is told anything.
    is_active: bool,
}

impl WebhookAnswer {
    /// Returns a webhook without its key.
    pub(super) fn masked(webhook: Webhook) -> Self {
        Self::with_key(webhook, &Redacted::new(MASK.to_owned()))
    }

    /// Returns a webhook with its key.
    pub(super) fn with_key(webhook: Webhook, key: &Redacted<String>) -> Self {
        Self {
            id: webhook.id.as_uuid(),
            created_at: webhook.created_at.to_string(),
            version: VERSION,
            config: config_text(&webhook),
            hmac_key: key.expose().clone(),
            is_active: webhook.is_active,
            destination: webhook.destination,
        }
    }
}

/// The webhook that is wanted.
#[derive(Debug, ToSchema)]
#[schema(example = json!({
    "destination": "https://example.com/hook",
    "config": {"sampleRate": 100, "propertyFilters": [{"key": "environment", "value": "production"}]},
    "includeData": true
}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct CreateWebhook {
    /// A public `https` URL of at most 2048 bytes.
    destination: String,
    /// Which calls it is told of.
    #[schema(required = false)]
    config: Option<WebhookSettings>,
    /// Whether it is told model, provider, cost, tokens and latency too; true if it is not said.
    #[schema(required = false)]
    #[schema(rename = "includeData")]
    include_data: Option<bool>,
    /// Whether it is told anything; true if it is not said.
    #[schema(required = false)]
    is_active: Option<bool>,
}

/// What is to be changed.
#[derive(Debug, ToSchema)]
#[schema(example = json!({"is_active": false, "config": {"sampleRate": 12.5}}))]
#[expect(dead_code, reason = "describes the body in the OpenAPI document; the body is read as `Fields`")]
pub(crate) struct ChangeWebhook {
    /// A public `https` URL of at most 2048 bytes.
    #[schema(required = false)]
    destination: Option<String>,
    /// Which calls it is told of; what is not said stays.
    #[schema(required = false)]
    config: Option<WebhookSettings>,
    /// Whether it is told model, provider, cost, tokens and latency too.
    #[schema(required = false)]
    #[schema(rename = "includeData")]
    include_data: Option<bool>,
    /// Whether it is told anything.
    #[schema(required = false)]
    is_active: Option<bool>,
}

/// Which calls a webhook is told of.
#[derive(Debug, ToSchema)]
#[schema(rename_all = "camelCase")]
#[expect(dead_code, reason = "describes a part of bodies in the OpenAPI document")]
pub(crate) struct WebhookSettings {
    /// Of how many calls, in per cent with at most three decimals; 100 if it is not said.
    #[schema(required = false)]
    sample_rate: Option<f64>,
    /// The properties that a call must have, at most 20; names are compared without regard to case.
    #[schema(required = false)]
    property_filters: Option<Vec<PropertyFilter>>,
}

/// A property that a call must have.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a part of bodies in the OpenAPI document")]
pub(crate) struct PropertyFilter {
    /// Its name.
    key: String,
    /// Its value.
    value: String,
}

/// What came of an attempt.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookAttempt, example = json!({
    "success": false, "message": "the receiver answered with status 404"
}))]
pub(crate) struct Tried {
    /// Whether the receiver took it.
    success: bool,
    /// Why not, or that it did.
    message: String,
}

impl Tried {
    pub(super) fn new(sent: Result<(), String>) -> Self {
        let success = sent.is_ok();
        Self { success, message: sent.err().unwrap_or_else(|| "the receiver took it".to_owned()) }
    }
}
