//! The promises of [`ControlStore`] about webhooks, dead letters and the rules that limit calls.

use gatehouse_seal::Sealed;
use gatehouse_types::{KeyId, OrganizationId, RateLimitId, RequestId, WebhookId};
use uuid::Uuid;

use super::control::{AWKWARD, add_organization, at, audit, change, key};
use super::log::Outcome;
use super::vault::sealed;
use crate::StoreError;
use crate::control::{Change, Changed, ControlStore};
use crate::rate_limits::RateLimitRule;
use crate::webhooks::{DeadLetter, FULL_SAMPLE_RATE, MAX_DEAD_LETTERS, Webhook};

fn webhook(organization_id: OrganizationId, number: i64) -> Result<Webhook, StoreError> {
    let mut webhook = Webhook {
        id: WebhookId::generate(),
        organization_id,
        destination: format!("https://hooks.example.com/{number}"),
        secret: Sealed::erased(),
        sample_rate: FULL_SAMPLE_RATE,
        property_filters: Vec::new(),
        include_data: true,
        is_active: true,
        created_at: at(number),
    };
    webhook.secret = sealed(webhook.secret_place(), "signs")?;
    Ok(webhook)
}

fn dead_letter(of: &Webhook, number: u32) -> DeadLetter {
    DeadLetter {
        // In the order of their numbers, as those of version 7 are in the order of time.
        id: Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + u128::from(number)),
        webhook_id: of.id,
        organization_id: of.organization_id,
        request_id: RequestId::generate(),
        body: AWKWARD.to_owned(),
        error: format!("status 500, {AWKWARD}"),
        attempts: 7,
        failed_at: at(number.into()),
    }
}

fn rule(organization_id: OrganizationId, number: i64) -> RateLimitRule {
    RateLimitRule {
        id: RateLimitId::generate(),
        organization_id,
        key_id: None,
        name: format!("rule {number}"),
        policy: "1000;w=3600".to_owned(),
        is_enabled: true,
        created_at: at(number),
        updated_at: at(number),
    }
}

/// Webhooks come back as they were added; a change replaces what may change and nothing else.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_webhooks(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (plain, other) = (webhook(ours, 1)?, webhook(theirs, 2)?);
    let full = Webhook {
        destination: AWKWARD.to_owned(),
        sample_rate: 1,
        property_filters: vec![("env".to_owned(), AWKWARD.to_owned()), ("env".to_owned(), String::new())],
        include_data: false,
        is_active: false,
        ..webhook(ours, 3)?
    };
    for added in [&full, &other, &plain] {
        let done = change(store, added.organization_id, Change::AddWebhook(added.clone())).await?;
        assert_eq!(done, Changed::Done);
    }
    assert_eq!(change(store, ours, Change::AddWebhook(plain.clone())).await?, Changed::Exists);
    assert_eq!(store.webhooks().await?, [plain.clone(), other.clone(), full.clone()]);

    let changed = Webhook { id: plain.id, ..full.clone() };
    assert_eq!(change(store, ours, Change::UpdateWebhook(changed.clone())).await?, Changed::Done);
    let changed = Webhook { created_at: plain.created_at, ..changed };
    assert_eq!(store.webhooks().await?, [changed.clone(), other.clone(), full.clone()]);

    let version = store.version().await?;
    let claimed = Webhook { organization_id: ours, ..other.clone() };
    for intrusion in [Change::UpdateWebhook(claimed), Change::RemoveWebhook(ours, other.id)] {
        assert_eq!(change(store, ours, intrusion).await?, Changed::NotFound);
    }
    assert_eq!(store.version().await?, version, "another organisation's is not touched");
    assert_eq!(change(store, ours, Change::RemoveWebhook(ours, full.id)).await?, Changed::Done);
    assert_eq!(change(store, ours, Change::RemoveWebhook(ours, full.id)).await?, Changed::NotFound);
    assert_eq!(store.webhooks().await?, [changed, other]);
    Ok(())
}

/// Dead letters are listed newest first, by their organisation only, and go with their webhook.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_dead_letters(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (first, second, other) = (webhook(ours, 1)?, webhook(ours, 2)?, webhook(theirs, 3)?);
    for added in [&first, &second, &other] {
        change(store, added.organization_id, Change::AddWebhook(added.clone())).await?;
    }
    let letters = [dead_letter(&first, 1), dead_letter(&second, 2), dead_letter(&first, 3)];
    let their_letter = dead_letter(&other, 4);
    for kept in letters.iter().rev().chain([&their_letter]) {
        store.add_dead_letter(kept.clone()).await?;
    }
    store.add_dead_letter(DeadLetter { error: "again".to_owned(), ..their_letter.clone() }).await?;
    let of_nobody = DeadLetter { webhook_id: WebhookId::generate(), ..dead_letter(&first, 5) };
    let of_others = DeadLetter { webhook_id: other.id, ..dead_letter(&first, 6) };
    for ignored in [of_nobody, of_others] {
        store.add_dead_letter(ignored).await?;
    }
    let [one, two, three] = letters;
    assert_eq!(store.dead_letters(ours).await?, [three.clone(), two.clone(), one.clone()]);
    assert_eq!(store.dead_letters(theirs).await?, std::slice::from_ref(&their_letter));
    assert_eq!(audit(store, ours).await?.len(), 3, "nobody made that change");

    for (id, expected) in
        [(three.id, Changed::Done), (three.id, Changed::NotFound), (their_letter.id, Changed::NotFound)]
    {
        assert_eq!(change(store, ours, Change::RemoveDeadLetter(ours, id)).await?, expected);
    }
    change(store, ours, Change::RemoveWebhook(ours, first.id)).await?;
    assert_eq!(store.dead_letters(ours).await?, [two]);
    assert_eq!(store.dead_letters(theirs).await?, [their_letter]);
    Ok(())
}

/// Of an organisation's dead letters the newest are kept.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn bounds_dead_letters(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (hook, other) = (webhook(ours, 1)?, webhook(theirs, 2)?);
    for added in [&hook, &other] {
        change(store, added.organization_id, Change::AddWebhook(added.clone())).await?;
    }
    store.add_dead_letter(dead_letter(&other, 0)).await?;
    for number in 1..=MAX_DEAD_LETTERS + 2 {
        store.add_dead_letter(dead_letter(&hook, number)).await?;
    }
    let kept: Vec<_> = store.dead_letters(ours).await?.into_iter().map(|letter| letter.id).collect();
    let expected = (3..=MAX_DEAD_LETTERS + 2).rev().map(|number| dead_letter(&hook, number).id);
    assert_eq!(kept, expected.collect::<Vec<_>>());
    assert_eq!(store.dead_letters(theirs).await?.len(), 1);
    Ok(())
}

/// Rules that limit calls come back as they were added; a change replaces what may change and nothing else.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_rate_limits(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (our_key, their_key) = (key(ours, 1), key(theirs, 2));
    for added in [&our_key, &their_key] {
        change(store, added.organization_id, Change::AddKey(added.clone())).await?;
    }
    let (plain, other) = (rule(ours, 1), rule(theirs, 2));
    let of_key = RateLimitRule {
        key_id: Some(our_key.id),
        name: AWKWARD.to_owned(),
        is_enabled: false,
        updated_at: at(9),
        ..rule(ours, 3)
    };
    for added in [&of_key, &other, &plain] {
        let done = change(store, added.organization_id, Change::AddRateLimit(added.clone())).await?;
        assert_eq!(done, Changed::Done);
    }
    for key_id in [their_key.id, KeyId::generate()] {
        let refused = RateLimitRule { key_id: Some(key_id), ..rule(ours, 4) };
        assert_eq!(change(store, ours, Change::AddRateLimit(refused)).await?, Changed::NotFound);
    }
    assert_eq!(store.rate_limits().await?, [plain.clone(), other.clone(), of_key.clone()]);

    let changed =
        RateLimitRule { id: plain.id, policy: "5;w=60;u=tokens;s=user".to_owned(), ..of_key.clone() };
    assert_eq!(change(store, ours, Change::UpdateRateLimit(changed.clone())).await?, Changed::Done);
    let changed = RateLimitRule { key_id: None, created_at: plain.created_at, ..changed };
    assert_eq!(store.rate_limits().await?, [changed.clone(), other.clone(), of_key.clone()]);

    let version = store.version().await?;
    let claimed = RateLimitRule { organization_id: ours, ..other.clone() };
    for intrusion in [Change::UpdateRateLimit(claimed), Change::RemoveRateLimit(ours, other.id)] {
        assert_eq!(change(store, ours, intrusion).await?, Changed::NotFound);
    }
    assert_eq!(store.version().await?, version, "another organisation's is not touched");
    assert_eq!(change(store, ours, Change::RemoveRateLimit(ours, of_key.id)).await?, Changed::Done);
    assert_eq!(change(store, ours, Change::RemoveRateLimit(ours, of_key.id)).await?, Changed::NotFound);
    assert_eq!(store.rate_limits().await?, [changed, other]);
    Ok(())
}
