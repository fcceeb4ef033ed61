//! The promises of [`ControlStore`] about provider keys, proxy keys and their secrets.

use std::time::Duration;

use gatehouse_seal::{MasterKeys, Sealed};
use gatehouse_types::{NanoUsd, OrganizationId, ProviderKeyId, ProxyKeyId};

use super::control::{AWKWARD, add_organization, at, audit, change, entry};
use super::log::{Outcome, organization};
use crate::StoreError;
use crate::audit::AuditEntry;
use crate::control::{Change, Changed, ControlStore};
use crate::secrets::{ReplacedSecret, SecretPlace};
use crate::vault::{ProviderKey, ProxyKey, ProxyKeyLimit, ProxyKeyQuota};

/// What seals in these suites: the 32 bytes `gatehouse conformance suite 01`.
const KEY: &str = "Z2F0ZWhvdXNlIGNvbmZvcm1hbmNlIHN1aXRlIDAwMDE=";

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> StoreError {
    StoreError::Failed { store: "conformance suite", operation: "seal a secret", source: Box::new(error) }
}

pub(super) fn sealed(place: SecretPlace, secret: &str) -> Result<Sealed, StoreError> {
    let keys = MasterKeys::parse(KEY).map_err(failed)?;
    place.seal(&keys, secret.as_bytes()).map_err(failed)
}

/// Returns a provider's key of a number.
pub(super) fn provider_key(organization_id: OrganizationId, number: i64) -> Result<ProviderKey, StoreError> {
    let mut key = ProviderKey {
        id: ProviderKeyId::generate(),
        organization_id,
        name: format!("provider key {number}"),
        provider: "OPENAI".to_owned(),
        hosts: Vec::new(),
        secret: Sealed::erased(),
        extra_secret: None,
        config: "{}".to_owned(),
        is_active: true,
        created_at: at(number),
        updated_at: at(number),
        revoked_at: None,
    };
    key.secret = sealed(key.secret_place(), AWKWARD)?;
    Ok(key)
}

/// Returns a proxy key of a number, which stands for a provider's key.
pub(super) fn proxy_key(behind: &ProviderKey, number: u8) -> ProxyKey {
    ProxyKey {
        id: ProxyKeyId::generate(),
        organization_id: behind.organization_id,
        provider_key_id: behind.id,
        name: format!("proxy key {number}"),
        hash: [number; 32],
        limits: Vec::new(),
        created_at: at(number.into()),
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

/// Provider keys come back as they were added; a change replaces what may change and nothing else.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_provider_keys(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (plain, other) = (provider_key(ours, 1)?, provider_key(theirs, 2)?);
    let mut full = ProviderKey {
        name: AWKWARD.to_owned(),
        provider: "own".to_owned(),
        hosts: vec!["*.example.com".to_owned(), "llm.example.com:8443".to_owned()],
        config: r#"{"region":"eu"}"#.to_owned(),
        is_active: false,
        updated_at: at(9),
        ..provider_key(ours, 3)?
    };
    full.extra_secret = Some(sealed(full.extra_place(), "extra")?);
    for added in [&full, &other, &plain] {
        let done = change(store, added.organization_id, Change::AddProviderKey(added.clone())).await?;
        assert_eq!(done, Changed::Done);
    }
    assert_eq!(change(store, ours, Change::AddProviderKey(plain.clone())).await?, Changed::Exists);
    assert_eq!(store.provider_keys().await?, [plain.clone(), other.clone(), full.clone()]);

    let changed = ProviderKey { id: plain.id, created_at: plain.created_at, ..full.clone() };
    let and_more = ProviderKey { created_at: at(50), revoked_at: Some(at(51)), ..changed.clone() };
    assert_eq!(change(store, ours, Change::UpdateProviderKey(and_more)).await?, Changed::Done);
    let changed = ProviderKey { provider: plain.provider.clone(), ..changed };
    assert_eq!(store.provider_keys().await?, [changed, other.clone(), full.clone()]);
    assert_eq!(change(store, ours, Change::UpdateProviderKey(plain.clone())).await?, Changed::Done);
    assert_eq!(store.provider_keys().await?, [plain, other, full]);
    Ok(())
}

/// A provider key that was removed has no secret any more, is not changed, shown or removed again, and takes no
/// proxy key.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn erases_removed_provider_keys(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    let mut key = provider_key(tenant, 1)?;
    key.extra_secret = Some(sealed(key.extra_place(), "extra")?);
    let stands_for_it = proxy_key(&key, 1);
    let reveal = || Change::RevealProviderKey(tenant, key.id);
    let revoke = || Change::RevokeProviderKey(tenant, key.id);
    change(store, tenant, Change::AddProviderKey(key.clone())).await?;
    change(store, tenant, Change::AddProxyKey(stands_for_it.clone())).await?;
    assert_eq!(change(store, tenant, reveal()).await?, Changed::Done);
    assert_eq!(store.provider_keys().await?, std::slice::from_ref(&key), "what is shown is not changed");
    assert_eq!(audit(store, tenant).await?.len(), 4, "that it was shown is written down");

    let later = AuditEntry { at: at(200), ..entry(tenant, "subject") };
    assert_eq!(store.change(revoke(), later).await?, Changed::Done);
    let removed = ProviderKey {
        secret: Sealed::erased(),
        extra_secret: None,
        revoked_at: Some(at(200)),
        updated_at: at(200),
        ..key.clone()
    };
    let (update, add) = (Change::UpdateProviderKey(key.clone()), Change::AddProxyKey(proxy_key(&key, 2)));
    for refused in [update, reveal(), revoke(), add] {
        let named = format!("{refused:?}");
        assert_eq!(change(store, tenant, refused).await?, Changed::NotFound, "{named}");
    }
    assert_eq!(
        (store.provider_keys().await?, store.proxy_keys().await?),
        (vec![removed], vec![stands_for_it])
    );
    Ok(())
}

/// Proxy keys come back as they were added, revoked and expired ones included; each is revoked once.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_proxy_keys(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let (behind, other) = (provider_key(ours, 1)?, provider_key(theirs, 2)?);
    for added in [&behind, &other] {
        change(store, added.organization_id, Change::AddProviderKey(added.clone())).await?;
    }
    let limit = |seconds, quota| ProxyKeyLimit { window: Duration::from_secs(seconds), quota };
    let limited = ProxyKey {
        name: AWKWARD.to_owned(),
        limits: vec![
            limit(60, ProxyKeyQuota::Requests(5)),
            limit(u64::from(u32::MAX), ProxyKeyQuota::Tokens(1_000_000_007)),
            limit(86_400, ProxyKeyQuota::Cost(NanoUsd::new(1_500_000_001))),
        ],
        expires_at: Some(at(30)),
        last_used_at: Some(at(31)),
        ..proxy_key(&behind, 3)
    };
    let revoked = ProxyKey { revoked_at: Some(at(4)), ..proxy_key(&behind, 4) };
    let (plain, their) = (proxy_key(&behind, 1), proxy_key(&other, 2));
    for added in [&limited, &revoked, &plain, &their] {
        let done = change(store, added.organization_id, Change::AddProxyKey(added.clone())).await?;
        assert_eq!(done, Changed::Done);
    }
    let same_hash = proxy_key(&behind, 1);
    let of_others = ProxyKey { provider_key_id: other.id, ..proxy_key(&behind, 5) };
    let of_nobody = ProxyKey { provider_key_id: ProviderKeyId::generate(), ..proxy_key(&behind, 6) };
    for refused in [same_hash, of_others, of_nobody] {
        assert_eq!(change(store, ours, Change::AddProxyKey(refused)).await?, Changed::NotFound);
    }
    assert_eq!(store.proxy_keys().await?, [plain.clone(), their.clone(), limited.clone(), revoked.clone()]);

    let later = AuditEntry { at: at(200), ..entry(ours, "subject") };
    assert_eq!(store.change(Change::RevokeProxyKey(ours, plain.id), later).await?, Changed::Done);
    for id in [plain.id, revoked.id, their.id, ProxyKeyId::generate()] {
        assert_eq!(change(store, ours, Change::RevokeProxyKey(ours, id)).await?, Changed::NotFound);
    }
    let plain = ProxyKey { revoked_at: Some(at(200)), ..plain };
    assert_eq!(store.proxy_keys().await?, [plain, their, limited, revoked]);
    Ok(())
}

/// Last uses of proxy keys are noted, the latest wins, and unknown keys are ignored.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn notes_the_last_use_of_proxy_keys(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    let behind = provider_key(tenant, 1)?;
    let (first, other) = (proxy_key(&behind, 1), proxy_key(&behind, 2));
    change(store, tenant, Change::AddProviderKey(behind)).await?;
    for added in [&first, &other] {
        change(store, tenant, Change::AddProxyKey(added.clone())).await?;
    }
    store.note_proxy_key_uses(Vec::new()).await?;
    store.note_proxy_key_uses(vec![(first.id, at(5)), (ProxyKeyId::generate(), at(5))]).await?;
    store.note_proxy_key_uses(vec![(first.id, at(4)), (other.id, at(6)), (other.id, at(7))]).await?;
    let used = |key: ProxyKey, seconds| ProxyKey { last_used_at: Some(at(seconds)), ..key };
    assert_eq!(store.proxy_keys().await?, [used(first, 5), used(other, 7)]);
    assert_eq!(audit(store, tenant).await?.len(), 4, "a use is no change");
    Ok(())
}

/// Secrets are replaced where the old one still is; what was written meanwhile stays.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn replaces_secrets_that_did_not_change(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let mut full = provider_key(ours, 1)?;
    full.extra_secret = Some(sealed(full.extra_place(), "extra")?);
    let (changed, other) = (provider_key(ours, 2)?, provider_key(theirs, 3)?);
    for added in [&full, &changed, &other] {
        change(store, added.organization_id, Change::AddProviderKey(added.clone())).await?;
    }
    let renewed = |key: &ProviderKey| -> Result<Vec<ReplacedSecret>, StoreError> {
        let secrets = key.secrets().map(|(place, old)| {
            Ok(ReplacedSecret { place, old: old.clone(), new: sealed(place, "sealed anew")? })
        });
        secrets.collect()
    };
    let replaced = [renewed(&full)?, renewed(&changed)?, renewed(&other)?].concat();
    let meanwhile = ProviderKey { secret: sealed(changed.secret_place(), "meanwhile")?, ..changed };
    change(store, ours, Change::UpdateProviderKey(meanwhile.clone())).await?;

    assert_eq!(change(store, ours, Change::ReplaceSecrets(replaced.clone())).await?, Changed::Done);
    let new = |place| replaced.iter().find(|replaced| replaced.place == place).map(|found| found.new.clone());
    let secret = |place| new(place).unwrap_or(Sealed::erased());
    let full =
        ProviderKey { secret: secret(full.secret_place()), extra_secret: new(full.extra_place()), ..full };
    let other = ProviderKey { secret: secret(other.secret_place()), ..other };
    assert_eq!(store.provider_keys().await?, [full, meanwhile, other]);
    let version = store.version().await?;
    assert_eq!(change(store, ours, Change::ReplaceSecrets(replaced)).await?, Changed::NotFound);
    assert_eq!(change(store, ours, Change::ReplaceSecrets(Vec::new())).await?, Changed::NotFound);
    assert_eq!(store.version().await?, version, "nothing was written");
    Ok(())
}

/// Nothing of the vault is added to an organisation that is not there.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn adds_no_secret_to_an_unknown_organization(store: &dyn ControlStore) -> Outcome {
    let known = add_organization(store, 1).await?;
    let version = store.version().await?;
    let key = provider_key(organization(9), 1)?;
    let outcome = store.change(Change::AddProviderKey(key), entry(known, "subject")).await;
    assert!(outcome.as_ref().is_err_and(|error| !error.is_transient()), "{outcome:?}");
    assert_eq!((store.version().await?, store.provider_keys().await?), (version, vec![]));
    Ok(())
}

/// The version changes with every change of the vault, and with one that only notes that a key was shown.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn version_tells_of_changes_of_the_vault(store: &dyn ControlStore) -> Outcome {
    let tenant = add_organization(store, 1).await?;
    let key = provider_key(tenant, 1)?;
    let proxy = proxy_key(&key, 1);
    let place = key.secret_place();
    let anew = ReplacedSecret { place, old: key.secret.clone(), new: sealed(place, "anew")? };
    let mut version = store.version().await?;
    for made in [
        Change::AddProviderKey(key.clone()),
        Change::AddProxyKey(proxy.clone()),
        Change::RevealProviderKey(tenant, key.id),
        Change::ReplaceSecrets(vec![anew]),
        Change::UpdateProviderKey(key.clone()),
        Change::RevokeProxyKey(tenant, proxy.id),
        Change::RevokeProviderKey(tenant, key.id),
    ] {
        let named = format!("{made:?}");
        assert_eq!(change(store, tenant, made).await?, Changed::Done, "{named}");
        let after = store.version().await?;
        assert_ne!(after, version, "{named}");
        version = after;
    }
    Ok(())
}

/// A change that names what of the vault belongs to another organisation finds nothing and writes nothing.
///
/// # Errors
/// Fails when an operation of the store does.
pub async fn keeps_vaults_apart(store: &dyn ControlStore) -> Outcome {
    let (ours, theirs) = (add_organization(store, 1).await?, add_organization(store, 2).await?);
    let their_key = provider_key(theirs, 1)?;
    let their_proxy_key = proxy_key(&their_key, 1);
    change(store, theirs, Change::AddProviderKey(their_key.clone())).await?;
    change(store, theirs, Change::AddProxyKey(their_proxy_key.clone())).await?;
    let before = (audit(store, ours).await?, audit(store, theirs).await?, store.version().await?);
    let claimed =
        ProviderKey { organization_id: ours, hosts: vec!["evil.example".to_owned()], ..their_key.clone() };
    let place = SecretPlace { organization_id: ours, ..their_key.secret_place() };
    let new = sealed(place, "ours")?;
    let intrusions = [
        Change::UpdateProviderKey(claimed),
        Change::RevealProviderKey(ours, their_key.id),
        Change::RevokeProviderKey(ours, their_key.id),
        Change::AddProxyKey(ProxyKey { organization_id: ours, ..proxy_key(&their_key, 2) }),
        Change::RevokeProxyKey(ours, their_proxy_key.id),
        Change::ReplaceSecrets(vec![ReplacedSecret { place, old: their_key.secret.clone(), new }]),
    ];
    for intrusion in intrusions {
        let named = format!("{intrusion:?}");
        assert_eq!(change(store, ours, intrusion).await?, Changed::NotFound, "{named}");
    }
    assert_eq!(
        (store.provider_keys().await?, store.proxy_keys().await?),
        (vec![their_key], vec![their_proxy_key])
    );
    let after = (audit(store, ours).await?, audit(store, theirs).await?, store.version().await?);
    assert_eq!(after, before);
    Ok(())
}
