use gatehouse_types::OrganizationId;
use uuid::Uuid;

use super::*;

fn organization(number: u128) -> OrganizationId {
    OrganizationId::from_uuid(Uuid::from_u128(number))
}

const BODY: &[u8] = br#"{"model":"gpt-5","messages":[{"role":"user","content":"hi"}],"user":"a"}"#;

fn parts() -> KeyParts<'static> {
    KeyParts {
        organization_id: organization(1),
        caller_secret: b"sk-helicone-a",
        origin: "https://api.openai.com",
        method: "POST",
        path: "/v1/chat/completions",
        query: None,
        body: RequestBody::Json(BODY),
        seed: b"",
        ignored_keys: &[],
        credentials: &[("authorization", b"Bearer sk-a")],
        headers: &[("anthropic-beta", b"a")],
    }
}

#[test]
fn every_part_makes_a_key_of_its_own() {
    let user = ["user".to_owned()];
    let all = [
        parts(),
        KeyParts { organization_id: organization(2), ..parts() },
        KeyParts { caller_secret: b"sk-helicone-b", ..parts() },
        KeyParts { origin: "https://api.openai.com:8443", ..parts() },
        KeyParts { origin: "https://api.anthropic.com", ..parts() },
        KeyParts { method: "GET", ..parts() },
        KeyParts { path: "/v1/chat/completion", ..parts() },
        KeyParts { query: Some(""), ..parts() },
        KeyParts { query: Some("key=a"), ..parts() },
        KeyParts { query: Some("key=b"), ..parts() },
        KeyParts { path: "/v1/chat/completions?key=a", ..parts() },
        KeyParts { body: RequestBody::Bytes(BODY), ..parts() },
        KeyParts { body: RequestBody::Json(b"{}"), ..parts() },
        KeyParts { body: RequestBody::Json(b"{"), ..parts() },
        KeyParts { seed: b"1", ..parts() },
        KeyParts { ignored_keys: &user, ..parts() },
        KeyParts { credentials: &[("authorization", b"Bearer sk-b")], ..parts() },
        KeyParts { credentials: &[("x-api-key", b"Bearer sk-a")], ..parts() },
        KeyParts { credentials: &[], ..parts() },
        KeyParts { headers: &[("anthropic-beta", b"b")], ..parts() },
        KeyParts { headers: &[("anthropic-beta", b"a"), ("anthropic-beta", b"")], ..parts() },
        KeyParts { headers: &[("anthropic-bet", b"aa")], ..parts() },
        KeyParts {
            credentials: &[],
            headers: &[("authorization", b"Bearer sk-a"), ("anthropic-beta", b"a")],
            ..parts()
        },
    ];
    let keys: Vec<CacheKey> = all.iter().map(CacheKey::of).collect();
    for (index, one) in keys.iter().enumerate() {
        for other in &keys[..index] {
            assert_ne!(one.bucket(), other.bucket());
            assert_ne!(one.encryption_key(), other.encryption_key());
        }
    }
}

#[test]
fn one_call_has_one_key_whoever_wrote_it() {
    let pretty = b"{\n \"user\": \"b\",\n \"messages\": [{\"content\": \"h\\u0069\", \"role\": \"user\"}],\n \"model\": \"gpt-5\"}";
    let user = ["user".to_owned()];
    let one = CacheKey::of(&KeyParts { ignored_keys: &user, ..parts() });
    let other = CacheKey::of(&KeyParts { ignored_keys: &user, body: RequestBody::Json(pretty), ..parts() });
    assert_eq!(one, other);
    assert_eq!(CacheKey::of(&parts()), CacheKey::of(&parts()));
}

#[test]
fn every_slot_has_an_entry_of_its_own() {
    let key = CacheKey::of(&parts());
    let slots: std::collections::HashSet<EntryKey> = (0..MOST_SLOTS).map(|index| key.slot(index)).collect();
    assert_eq!(slots.len(), usize::from(MOST_SLOTS));
    assert!(!slots.contains(&EntryKey(*key.encryption_key())));
}

#[test]
fn debug_output_shows_no_secret() {
    let key = CacheKey::of(&parts());
    let secret: String = key.encryption_key().iter().map(|byte| format!("{byte:02x}")).collect();
    let shown = format!("{key:?} {:?}", key.slot(0));
    assert!(!shown.contains(secret.get(..16).unwrap()), "{shown}");
}
