use std::time::Duration;

use gatehouse_seal::Sealed;
use gatehouse_types::NanoUsd;
use uuid::Uuid;

use super::*;
use crate::vault::ProxyKeyQuota;

const KEY: &str = "sk-helicone-proxy-aaaaaaa-bbbbbbb-ccccccc-ddddddd-6f9619ff-8b86-4d01-b42d-00cf4fc964ff";
const NOW: Timestamp = Timestamp::from_unix_micros(1_000_000_000);

fn provider_key() -> ProviderKey {
    ProviderKey {
        id: ProviderKeyId::from_uuid(Uuid::from_u128(1)),
        organization_id: OrganizationId::from_uuid(Uuid::from_u128(2)),
        name: "key".to_owned(),
        provider: "OPENAI".to_owned(),
        hosts: Vec::new(),
        secret: Sealed::erased(),
        extra_secret: None,
        config: "{}".to_owned(),
        is_active: true,
        created_at: NOW,
        updated_at: NOW,
        revoked_at: None,
    }
}

fn proxy_key() -> ProxyKey {
    ProxyKey {
        id: proxy_key_id(KEY.as_bytes()).unwrap(),
        organization_id: provider_key().organization_id,
        provider_key_id: provider_key().id,
        name: "app".to_owned(),
        hash: hash_key(KEY.as_bytes()),
        limits: vec![ProxyKeyLimit {
            window: Duration::from_secs(60),
            quota: ProxyKeyQuota::Cost(NanoUsd::new(5)),
        }],
        created_at: NOW,
        expires_at: None,
        revoked_at: None,
        last_used_at: None,
    }
}

fn opened(key: ProviderKey) -> OpenedKey {
    OpenedKey { key, secret: Some(Redacted::new("sk-secret".to_owned())), extra_secret: None }
}

fn vault(opened: OpenedKey, key: ProxyKey) -> Vault {
    Vault::new(vec![opened], vec![key], &ProxyKeyUses::default())
}

#[test]
fn finds_what_a_key_grants_however_it_is_written() {
    let vault = vault(opened(provider_key()), proxy_key());
    for header in [format!("Bearer {KEY}"), KEY.to_owned(), format!("  bearer   {KEY} ")] {
        let grant = vault.find(header.as_bytes(), NOW).unwrap();
        assert_eq!(grant.secret.expose(), "sk-secret");
        assert_eq!(
            (grant.proxy_key_id, grant.organization_id),
            (proxy_key().id, proxy_key().organization_id)
        );
        assert_eq!(grant.limits, proxy_key().limits);
        assert!(!format!("{grant:?}").contains("sk-secret"));
    }
}

#[test]
fn tells_why_a_key_is_refused() {
    let check = |opened: OpenedKey, key: ProxyKey, refusal: ProxyKeyRefusal| {
        let found = vault(opened, key).find(KEY.as_bytes(), NOW).map(|grant| grant.proxy_key_id);
        assert_eq!(found, Err(refusal));
    };
    use ProxyKeyRefusal::{
        Expired, NotPlaceable, ProviderKeyInactive, ProviderKeyRemoved, Revoked, Unknown, Unreadable,
    };
    let usable = || opened(provider_key());
    check(usable(), ProxyKey { hash: [7; 32], ..proxy_key() }, Unknown);
    check(usable(), ProxyKey { revoked_at: Some(NOW), ..proxy_key() }, Revoked);
    check(usable(), ProxyKey { expires_at: Some(NOW), ..proxy_key() }, Expired);
    check(opened(ProviderKey { revoked_at: Some(NOW), ..provider_key() }), proxy_key(), ProviderKeyRemoved);
    let other = ProviderKeyId::from_uuid(Uuid::from_u128(9));
    check(opened(ProviderKey { id: other, ..provider_key() }), proxy_key(), ProviderKeyRemoved);
    let others = OrganizationId::from_uuid(Uuid::from_u128(9));
    check(opened(ProviderKey { organization_id: others, ..provider_key() }), proxy_key(), ProviderKeyRemoved);
    check(opened(ProviderKey { is_active: false, ..provider_key() }), proxy_key(), ProviderKeyInactive);
    check(OpenedKey { secret: None, ..usable() }, proxy_key(), Unreadable);
    let document = Some(Redacted::new("{\"private_key\": \"x\"}".to_owned()));
    check(OpenedKey { secret: document, ..usable() }, proxy_key(), NotPlaceable);
    let with_extra = ProviderKey { extra_secret: Some(Sealed::erased()), ..provider_key() };
    check(opened(with_extra), proxy_key(), Unreadable);
    let of_a_newer_program = ProviderKey { hosts: vec!["~newer syntax".to_owned()], ..provider_key() };
    check(opened(of_a_newer_program), proxy_key(), Unreadable);

    let vault = vault(usable(), proxy_key());
    let malformed = ["", "Bearer ", "sk-helicone-proxy-x", "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd"];
    for text in malformed {
        let found = vault.find(text.as_bytes(), NOW).map(|grant| grant.proxy_key_id);
        assert_eq!(found, Err(ProxyKeyRefusal::Malformed), "{text}");
    }
    let ending =
        ProxyKey { expires_at: Some(Timestamp::from_unix_micros(NOW.as_unix_micros() + 1)), ..proxy_key() };
    assert!(super::tests::vault(usable(), ending).find(KEY.as_bytes(), NOW).is_ok());
}

#[test]
fn permits_the_hosts_a_key_is_bound_to_and_no_other() {
    let check = |hosts: &[&str], target: (&str, u16, Option<&str>), expected: bool| {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        let vault = vault(opened(ProviderKey { hosts, ..provider_key() }), proxy_key());
        let (host, port, provider) = target;
        let grant = vault.find(KEY.as_bytes(), NOW).unwrap();
        assert_eq!(grant.permits(host, port, provider), expected, "{target:?}");
    };
    check(&[], ("api.openai.com", 443, Some("OPENAI")), true);
    check(&[], ("api.openai.com", 443, Some("openai")), true);
    check(&[], ("api.openai.com", 80, Some("OPENAI")), false);
    check(&["api.example.com:80"], ("api.example.com", 80, None), false);
    check(&[], ("api.anthropic.com", 443, Some("ANTHROPIC")), false);
    check(&[], ("evil.example", 443, None), false);
    // Named hosts alone count, whoever's they are.
    let named = ["api.example.com", "*.example.org", "llm.example.net:8443"];
    check(&named, ("api.example.com", 443, None), true);
    check(&named, ("API.EXAMPLE.COM.", 443, None), true);
    check(&named, ("eu.example.org", 443, Some("OTHER")), true);
    check(&named, ("llm.example.net", 8443, None), true);
    check(&named, ("api.openai.com", 443, Some("OPENAI")), false);
    check(&named, ("api.example.com", 80, None), false);
    check(&named, ("api.example.com", 8443, None), false);
    check(&named, ("llm.example.net", 443, None), false);
    check(&named, ("a.b.example.org", 443, None), false);
    check(&named, ("api.example.com.evil.example", 443, None), false);
}
