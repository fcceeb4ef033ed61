//! Webhooks: who is told of an organisation's calls.
//!
//! The key of the signatures is made here and shown when a webhook is made; after that only where the operator
//! allows it.

mod answer;
pub(crate) mod dead_letters;
mod settings;

pub mod courier;

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use gatehouse_seal::MasterKeys;
use gatehouse_store::audit::Action;
use gatehouse_store::control::{Change, Changed};
use gatehouse_store::webhooks::{FULL_SAMPLE_RATE, Webhook};
use gatehouse_types::{OrganizationId, Redacted, WebhookId};
use uuid::Uuid;

use crate::auth::{Manager, Reader};
use crate::control::Control;
use crate::error::{ApiError, ErrorEnvelope, ErrorKind};
use crate::fields::{Fields, PathId};
use crate::replies::{Done, IdRefusals, Refusals};
use crate::request::Envelope;
use crate::sealing::Sealing;
use crate::state::ApiState;
use courier::{Addressee, Sending};
use settings::Settings;

pub(crate) use answer::{ChangeWebhook, CreateWebhook, Tried, WebhookAnswer};

/// How many webhooks an organisation may have.
const MAX_WEBHOOKS: usize = 50;
/// How long somebody waits for the answer of a receiver.
const PATIENCE: Duration = Duration::from_secs(20);

/// Lists the organisation's webhooks, oldest first; their keys are shown only with `vault.reveal`, and only to a key
/// that may manage the organisation.
#[utoipa::path(
    get, path = "/v1/webhooks", operation_id = "listWebhooks", tag = "Webhooks",
    responses((status = 200, description = "The webhooks", body = Envelope<Vec<WebhookAnswer>>), Refusals)
)]
pub(crate) async fn list(
    reader: Reader,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Vec<WebhookAnswer>>>, ApiError> {
    let control = state.control()?;
    let webhooks = own(control, reader.organization_id).await?;
    let reveals = state.administration()?.reveals_provider_keys && reader.caller.may_manage;
    let shown = |webhook: Webhook| {
        if !reveals {
            return Ok(WebhookAnswer::masked(webhook));
        }
        let key = open(control, &webhook)?;
        Ok(WebhookAnswer::with_key(webhook, &key))
    };
    Ok(Envelope::json(webhooks.into_iter().map(shown).collect::<Result<_, ApiError>>()?))
}

/// Adds a webhook, which is told of every call that ends from now on.
#[utoipa::path(
    post, path = "/v1/webhooks", operation_id = "createWebhook", tag = "Webhooks",
    request_body = CreateWebhook,
    responses(
        (status = 200, description = "The webhook, its key shown this once", body = Envelope<WebhookAnswer>),
        (status = 409, description = "There are as many as there may be", body = ErrorEnvelope),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        Refusals,
    )
)]
pub(crate) async fn create(
    manager: Manager,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<WebhookAnswer>>, ApiError> {
    let settings = Settings::read(&fields, state.courier()?)?;
    let Some(destination) = settings.destination.clone() else {
        return Err(ApiError::field("destination", "a URL such as `https://example.com/hook`"));
    };
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let _turn = control.take_turn().await;
    if own(control, organization_id).await?.len() >= MAX_WEBHOOKS {
        return Err(ApiError::too_many(MAX_WEBHOOKS, "webhooks"));
    }
    let key = new_key();
    let mut webhook = Webhook {
        id: WebhookId::generate(),
        organization_id,
        destination,
        secret: gatehouse_seal::Sealed::erased(),
        sample_rate: FULL_SAMPLE_RATE,
        property_filters: Vec::new(),
        include_data: true,
        is_active: true,
        created_at: control.now(),
    };
    settings.apply(&mut webhook);
    let sealing = Sealing::new(control);
    webhook.secret = sealing.seal(webhook.secret_place(), key.expose().as_bytes())?;
    let (id, actor) = (webhook.id.as_uuid(), manager.actor);
    let audit = control.entry(organization_id, actor, Action::WebhookAdded, id, host(&webhook));
    match sealing.change(control, Change::AddWebhook(webhook.clone()), audit).await? {
        Changed::Done => Ok(Envelope::json(WebhookAnswer::with_key(webhook, &key))),
        Changed::Exists | Changed::NotFound => {
            Err(ApiError::new(ErrorKind::AlreadyExists, format!("there is a webhook {id} already")))
        }
    }
}

/// Changes a webhook: what is not said stays as it is. Deliveries that wait go where it points then.
#[utoipa::path(
    patch, path = "/v1/webhooks/{id}", operation_id = "changeWebhook", tag = "Webhooks",
    params(("id" = Uuid, Path, description = "The webhook's id")), request_body = ChangeWebhook,
    responses(
        (status = 200, description = "The webhook as it is now", body = Envelope<WebhookAnswer>),
        (status = 413, description = "The body is longer than 1 MiB", body = ErrorEnvelope),
        IdRefusals,
    )
)]
pub(crate) async fn change(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
    fields: Fields,
) -> Result<Json<Envelope<WebhookAnswer>>, ApiError> {
    let settings = Settings::read(&fields, state.courier()?)?;
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let _turn = control.take_turn().await;
    let sealing = Sealing::new(control);
    let mut webhook = find(control, organization_id, id).await?;
    settings.apply(&mut webhook);
    let actor = manager.actor;
    let audit = control.entry(organization_id, actor, Action::WebhookChanged, id, host(&webhook));
    match sealing.change(control, Change::UpdateWebhook(webhook.clone()), audit).await? {
        Changed::Done => Ok(Envelope::json(WebhookAnswer::masked(webhook))),
        Changed::NotFound | Changed::Exists => Err(absent(id)),
    }
}

/// Removes a webhook with its dead letters; it is told of nothing from then on.
#[utoipa::path(
    delete, path = "/v1/webhooks/{id}", operation_id = "removeWebhook", tag = "Webhooks",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses((status = 200, description = "It is removed", body = Done), IdRefusals)
)]
pub(crate) async fn remove(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Done>, ApiError> {
    let control = state.control()?;
    let organization_id = manager.organization_id;
    let webhook = find(control, organization_id, id).await?;
    let actor = manager.actor;
    let audit = control.entry(organization_id, actor, Action::WebhookRemoved, id, host(&webhook));
    match control.change(Change::RemoveWebhook(organization_id, webhook.id), audit).await? {
        Changed::Done => Ok(Done::json()),
        Changed::NotFound | Changed::Exists => Err(absent(id)),
    }
}

/// Sends a made-up call to a webhook, also to one that is switched off, and says what came of it.
#[utoipa::path(
    post, path = "/v1/webhooks/{id}/test", operation_id = "testWebhook", tag = "Webhooks",
    params(("id" = Uuid, Path, description = "The webhook's id")),
    responses((status = 200, description = "What came of it", body = Envelope<Tried>), IdRefusals)
)]
pub(crate) async fn test(
    manager: Manager,
    PathId(id): PathId,
    State(state): State<ApiState>,
) -> Result<Json<Envelope<Tried>>, ApiError> {
    let control = state.control()?;
    let webhook = find(control, manager.organization_id, id).await?;
    let key = open(control, &webhook)?;
    let addressee = Addressee { destination: &webhook.destination, key: &key };
    let sent = patiently(state.courier()?.try_out(addressee, webhook.include_data)).await;
    Ok(Envelope::json(Tried::new(sent)))
}

/// Waits for an attempt, but not for as long as a call to this API may take.
async fn patiently(sending: Sending<'_>) -> Result<(), String> {
    let late = || Err(format!("the receiver took longer than {} s", PATIENCE.as_secs()));
    tokio::time::timeout(PATIENCE, sending).await.unwrap_or_else(|_| late())
}

async fn own(control: &Control, organization_id: OrganizationId) -> Result<Vec<Webhook>, ApiError> {
    let mut webhooks = control.store().webhooks().await?;
    webhooks.retain(|webhook| webhook.organization_id == organization_id);
    Ok(webhooks)
}

async fn find(control: &Control, organization_id: OrganizationId, id: Uuid) -> Result<Webhook, ApiError> {
    let webhooks = own(control, organization_id).await?;
    webhooks.into_iter().find(|webhook| webhook.id.as_uuid() == id).ok_or_else(|| absent(id))
}

fn absent(id: Uuid) -> ApiError {
    ApiError::new(ErrorKind::NotFound, format!("there is no webhook {id}"))
}

/// Opens the key of a webhook's signatures.
fn open(control: &Control, webhook: &Webhook) -> Result<Redacted<String>, ApiError> {
    let keys: Arc<MasterKeys> = control.master_keys();
    let opened = webhook.secret_place().open(&keys, &webhook.secret).map_err(|error| {
        tracing::error!(%error, "the key of webhook {} can't be opened", webhook.id);
        ApiError::new(ErrorKind::Internal, "the key of the webhook can't be opened")
    })?;
    Ok(Redacted::new(String::from_utf8_lossy(opened.expose()).into_owned()))
}

/// Returns a new key: 64 hexadecimal digits, of which 244 bits are random.
fn new_key() -> Redacted<String> {
    Redacted::new(format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple()))
}

/// Returns what the audit log calls a webhook: no more than its host, because paths may hold a secret.
fn host(webhook: &Webhook) -> String {
    let url = url::Url::parse(&webhook.destination).ok();
    url.as_ref().and_then(|url| url.host_str()).unwrap_or_default().to_owned()
}
