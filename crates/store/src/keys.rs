//! Helicone keys: how they look, how they are hashed, and who they belong to.
//!
//! A key is shown once, when it is made; afterwards only the hash of `Bearer <key>` is known. The
//! [`KeyRing`] answers "whose key is this?" from memory, so that no call waits for the control store.

mod ring;
mod uses;

use gatehouse_types::{ProxyKeyId, Redacted};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};

use crate::control::KeyHash;

pub use ring::{KeyEntry, KeyRefusal, KeyRing};
pub(crate) use uses::LastUse;
pub use uses::{KeyUses, ProxyKeyUses, Uses};

/// What stands before a key, in a header and in the text that is hashed.
const SCHEME: &[u8] = b"Bearer ";
/// How many groups of characters a key ends in.
const GROUPS: usize = 4;
/// How many characters a group has.
const GROUP_CHARS: usize = 7;
/// The characters of a group.
const ALPHABET: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
/// The largest multiple of the alphabet's size that a byte can be below: bytes from here on are thrown
/// away, so that every character is equally likely.
const UNBIASED_BELOW: u8 = 252;
/// What stands before the groups.
const PREFIXES: [&[u8]; 9] = [
    b"sk-",
    b"sk-helicone-",
    b"pk-helicone-",
    b"sk-helicone-eu-",
    b"pk-helicone-eu-",
    b"sk-helicone-rl-",
    b"pk-helicone-rl-",
    b"sk-helicone-eu-rl-",
    b"pk-helicone-eu-rl-",
];

/// What stands before the groups and the id of a proxy key.
const PROXY_PREFIXES: [&[u8]; 2] = [b"sk-helicone-proxy-", b"pk-helicone-proxy-"];
/// How many characters the id at the end of a proxy key has.
const ID_CHARS: usize = 36;

/// Why no key could be made.
#[derive(Debug, thiserror::Error)]
#[error("the operating system gave no random bytes")]
pub struct KeyGenerationError(#[from] rand::rand_core::OsError);

/// Returns a new key of the form `sk-helicone-xxxxxxx-xxxxxxx-xxxxxxx-xxxxxxx` (145 random bits).
///
/// # Errors
/// Fails when the operating system has no random bytes to give.
pub fn generate_key() -> Result<Redacted<String>, KeyGenerationError> {
    Ok(Redacted::new(format!("sk-helicone{}", random_groups()?)))
}

/// Returns a new proxy key of the form `sk-helicone-proxy-xxxxxxx-xxxxxxx-xxxxxxx-xxxxxxx-<id>` (145 random bits).
///
/// # Errors
/// Fails when the operating system has no random bytes to give.
pub fn generate_proxy_key(id: ProxyKeyId) -> Result<Redacted<String>, KeyGenerationError> {
    Ok(Redacted::new(format!("sk-helicone-proxy{}-{id}", random_groups()?)))
}

/// Returns the form in which a key is stored and looked up: the SHA-256 of `Bearer <key>`.
pub fn hash_key(key: &[u8]) -> KeyHash {
    let mut digest = Sha256::new();
    digest.update(SCHEME);
    digest.update(key);
    digest.finalize().into()
}

/// Returns whether `key` has one of the forms of a Helicone key.
pub fn is_well_formed(key: &[u8]) -> bool {
    PREFIXES.iter().any(|prefix| key.strip_prefix(*prefix).is_some_and(is_groups))
}

/// Returns whether `key` is meant for a proxy key, well formed or not: it stands where a provider's key would.
pub fn names_proxy_key(key: &[u8]) -> bool {
    PROXY_PREFIXES.iter().any(|prefix| key.starts_with(prefix))
}

/// Returns the id in a proxy key; `None` for what has not the form of one.
pub fn proxy_key_id(key: &[u8]) -> Option<ProxyKeyId> {
    let rest = PROXY_PREFIXES.iter().find_map(|prefix| key.strip_prefix(*prefix))?;
    let (groups, id) = rest.split_at_checked(rest.len().checked_sub(ID_CHARS)?)?;
    let id = std::str::from_utf8(id).ok()?;
    // Its one form, so that no two texts are one key.
    let is_plain = id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'));
    let is_key = is_plain && groups.strip_suffix(b"-").is_some_and(is_groups);
    ProxyKeyId::parse(id).filter(|_| is_key)
}

/// Returns whether `text` is meant for a Helicone key, well formed or not: it names Helicone.
pub fn names_helicone(text: &[u8]) -> bool {
    [b"sk-helicone", b"pk-helicone"].iter().any(|prefix| text.starts_with(*prefix))
}

/// Returns the key in a header value: with or without a `Bearer` of any case, spaces and tabs around it trimmed.
pub fn key_in_header(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    match value.split_at_checked(SCHEME.len()) {
        Some((scheme, key)) if scheme.trim_ascii_end().eq_ignore_ascii_case(SCHEME.trim_ascii_end()) => {
            key.trim_ascii()
        }
        _ => value,
    }
}

/// Returns four groups of seven random characters, each with a hyphen before it.
fn random_groups() -> Result<String, KeyGenerationError> {
    let mut groups = String::new();
    for _ in 0..GROUPS {
        groups.push('-');
        for _ in 0..GROUP_CHARS {
            groups.push(random_character()?);
        }
    }
    Ok(groups)
}

/// Returns one character of the alphabet, each equally likely.
fn random_character() -> Result<char, KeyGenerationError> {
    loop {
        let mut byte = [0_u8; 1];
        OsRng.try_fill_bytes(&mut byte)?;
        let [byte] = byte;
        let position = usize::from(byte) % ALPHABET.len();
        match ALPHABET.get(position) {
            Some(character) if byte < UNBIASED_BELOW => return Ok(char::from(*character)),
            _ => {}
        }
    }
}

/// Returns whether `text` is four groups of seven lower-case letters or digits, joined by hyphens.
fn is_groups(text: &[u8]) -> bool {
    let mut groups = text.split(|byte| *byte == b'-');
    let is_group = |group: &[u8]| {
        group.len() == GROUP_CHARS && group.iter().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'))
    };
    groups.by_ref().take(GROUPS).filter(|group| is_group(group)).count() == GROUPS && groups.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd";

    #[test]
    fn accepts_the_forms_of_a_key_and_nothing_else() {
        let check = |key: &str, expected: bool| assert_eq!(is_well_formed(key.as_bytes()), expected, "{key}");
        check(KEY, true);
        check("sk-aaaaaaa-bbbbbbb-ccccccc-0123456", true);
        check("pk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd", true);
        check("sk-helicone-eu-aaaaaaa-bbbbbbb-ccccccc-ddddddd", true);
        check("pk-helicone-rl-aaaaaaa-bbbbbbb-ccccccc-ddddddd", true);
        check("sk-helicone-eu-rl-aaaaaaa-bbbbbbb-ccccccc-ddddddd", true);
        check("pk-aaaaaaa-bbbbbbb-ccccccc-ddddddd", false);
        check("sk-helicone-rl-eu-aaaaaaa-bbbbbbb-ccccccc-ddddddd", false);
        check("sk-helicone-aaaaaaa-bbbbbbb-ccccccc", false);
        check("sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd-eeeeeee", false);
        check("sk-helicone-aaaaaaa-bbbbbbb-ccccccc-dddddd", false);
        check("sk-helicone-aaaaaaa-bbbbbbb-ccccccc-dddddDd", false);
        check("sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd ", false);
        check("sk-proj-aaaaaaa", false);
        check("", false);
    }

    #[test]
    fn makes_well_formed_keys_that_differ() {
        let first = generate_key().unwrap();
        assert!(is_well_formed(first.expose().as_bytes()));
        assert_eq!(first.expose().len(), KEY.len());
        assert_ne!(first.expose(), generate_key().unwrap().expose());
        assert_eq!(format!("{first:?}"), "***");
    }

    #[test]
    fn tells_a_proxy_key_from_a_key_and_finds_its_id() {
        let id = ProxyKeyId::parse("6f9619ff-8b86-4d01-b42d-00cf4fc964ff");
        let check = |key: &str, expected: Option<ProxyKeyId>| {
            assert_eq!(proxy_key_id(key.as_bytes()), expected, "{key}");
            assert!(!is_well_formed(key.as_bytes()), "{key}");
        };
        let groups = "aaaaaaa-bbbbbbb-ccccccc-ddddddd";
        check(&format!("sk-helicone-proxy-{groups}-6f9619ff-8b86-4d01-b42d-00cf4fc964ff"), id);
        check(&format!("pk-helicone-proxy-{groups}-6f9619ff-8b86-4d01-b42d-00cf4fc964ff"), id);
        check(&format!("sk-helicone-proxy-{groups}-6F9619FF-8B86-4D01-B42D-00CF4FC964FF"), None);
        check(&format!("sk-helicone-proxy-{groups}6f9619ff-8b86-4d01-b42d-00cf4fc964ff"), None);
        check(&format!("sk-helicone-proxy-{groups}-6f9619ff-8b86-4d01-b42d-00cf4fc964f"), None);
        check("sk-helicone-proxy-6f9619ff-8b86-4d01-b42d-00cf4fc964ff", None);
        check(&format!("sk-helicone-proxy-{groups}"), None);
        check("sk-helicone-proxy-", None);
        assert!(names_proxy_key(b"pk-helicone-proxy-x") && !names_proxy_key(KEY.as_bytes()));

        let made = generate_proxy_key(id.unwrap()).unwrap();
        assert_eq!(proxy_key_id(made.expose().as_bytes()), id);
        assert_ne!(made, generate_proxy_key(id.unwrap()).unwrap());
    }

    #[test]
    fn hashes_the_key_together_with_the_scheme() {
        assert_eq!(hash_key(KEY.as_bytes()), <KeyHash>::from(Sha256::digest(format!("Bearer {KEY}"))));
    }
}
