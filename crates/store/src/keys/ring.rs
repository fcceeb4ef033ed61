//! Whose a key is, from memory.

use std::collections::HashMap;

use gatehouse_types::{KeyId, OrganizationId, Timestamp};
use subtle::ConstantTimeEq;

use crate::control::{KeyHash, Permissions, StoredKey};

use super::uses::{KeyUses, LastUse};
use super::{hash_key, is_well_formed, key_in_header};

/// Whose a key is and what it may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// The tenant.
    pub organization_id: OrganizationId,
    /// The key's id.
    pub key_id: KeyId,
    /// What it may do.
    pub permissions: Permissions,
    /// Whether it may decide for the whole installation.
    pub is_admin: bool,
}

/// Why a key is not accepted; the text is for whoever sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyRefusal {
    /// It does not look like a key.
    #[error("is not of the form `Bearer sk-helicone-xxxxxxx-xxxxxxx-xxxxxxx-xxxxxxx`")]
    Malformed,
    /// Nobody has it.
    #[error("is not known here; make one with `gatehouse keys create`")]
    Unknown,
    /// It was revoked.
    #[error("was revoked")]
    Revoked,
    /// Its time is over.
    #[error("has expired")]
    Expired,
}

/// Every key, in memory; replaced as a whole when the control store changed.
#[derive(Clone, Debug, Default)]
pub struct KeyRing {
    slots: HashMap<KeyHash, Slot>,
}

#[derive(Clone, Debug)]
struct Slot {
    hash: KeyHash,
    entry: KeyEntry,
    is_revoked: bool,
    expires_at: Option<Timestamp>,
    last_use: LastUse,
}

impl KeyRing {
    /// Returns the ring of `keys`, whose uses are noted in `uses`.
    pub fn new(keys: Vec<StoredKey>, uses: &KeyUses) -> Self {
        let slot = |key: StoredKey| {
            let entry = KeyEntry {
                organization_id: key.organization_id,
                key_id: key.id,
                permissions: key.permissions,
                is_admin: key.is_admin,
            };
            let slot = Slot {
                hash: key.hash,
                entry,
                is_revoked: key.revoked_at.is_some(),
                expires_at: key.expires_at,
                last_use: uses.of(key.id, key.last_used_at),
            };
            (key.hash, slot)
        };
        Self { slots: keys.into_iter().map(slot).collect() }
    }

    /// Returns whose key stands in a header value (`Bearer <key>` or the bare key), and notes its use.
    ///
    /// The work is the same for a known and an unknown key, and nothing is allocated; what does not look
    /// like a key is not hashed at all.
    ///
    /// # Errors
    /// Tells why the key is not accepted at `now`.
    pub fn identify(&self, header: &[u8], now: Timestamp) -> Result<&KeyEntry, KeyRefusal> {
        let key = key_in_header(header);
        if !is_well_formed(key) {
            return Err(KeyRefusal::Malformed);
        }
        let hash = hash_key(key);
        let found = self.slots.get(&hash);
        // What is compared is a hash, of which nobody can choose a part; the comparison takes the same time always.
        let stored = found.map_or([0; 32], |slot| slot.hash);
        let is_equal = bool::from(hash.ct_eq(&stored));
        let slot = found.filter(|_| is_equal).ok_or(KeyRefusal::Unknown)?;
        if slot.is_revoked {
            return Err(KeyRefusal::Revoked);
        }
        if slot.expires_at.is_some_and(|end| end <= now) {
            return Err(KeyRefusal::Expired);
        }
        slot.last_use.note(now);
        Ok(&slot.entry)
    }

    /// Returns whether the key in a header value is, or once was, somebody's.
    pub fn knows(&self, header: &[u8], now: Timestamp) -> bool {
        !matches!(self.identify(header, now), Err(KeyRefusal::Malformed | KeyRefusal::Unknown))
    }

    /// Returns how many keys there are, revoked and expired ones included.
    pub fn len(&self) -> usize {
        self.slots.len()
    }

    /// Returns whether there are none.
    pub fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const KEY: &str = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd";
    const NOW: Timestamp = Timestamp::from_unix_micros(1_000_000_000);

    fn stored() -> StoredKey {
        let organization = OrganizationId::from_uuid(Uuid::from_u128(2));
        let hash = hash_key(KEY.as_bytes());
        StoredKey::new(organization, "test".to_owned(), hash, Permissions::READ_WRITE, NOW)
    }

    fn verdict(key: StoredKey) -> Result<(), KeyRefusal> {
        let ring = KeyRing::new(vec![key], &KeyUses::default());
        ring.identify(format!("Bearer {KEY}").as_bytes(), NOW).map(|_| ())
    }

    #[test]
    fn identifies_a_key_however_it_is_written_in_a_header() {
        let ring = KeyRing::new(vec![stored()], &KeyUses::default());
        let check = |header: String, refusal: Option<KeyRefusal>| {
            assert_eq!(ring.identify(header.as_bytes(), NOW).err(), refusal, "{header:?}");
        };
        check(format!("Bearer {KEY}"), None);
        check(format!("bearer {KEY}"), None);
        check(format!("  BEARER   {KEY} "), None);
        check(format!("Bearer\t{KEY}"), None);
        check(KEY.to_owned(), None);
        check(format!("Basic {KEY}"), Some(KeyRefusal::Malformed));
        check(format!("Bearer{KEY}"), Some(KeyRefusal::Malformed));
        check(format!("Bearer Bearer {KEY}"), Some(KeyRefusal::Malformed));
        check("Bearer ".to_owned(), Some(KeyRefusal::Malformed));
        check("Bearer".to_owned(), Some(KeyRefusal::Malformed));
        check(String::new(), Some(KeyRefusal::Malformed));
        let other = "Bearer sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddde0".to_owned();
        check(other, Some(KeyRefusal::Unknown));
    }

    #[test]
    fn tells_why_a_known_key_is_refused() {
        assert_eq!(verdict(stored()), Ok(()));
        assert_eq!(verdict(StoredKey { revoked_at: Some(NOW), ..stored() }), Err(KeyRefusal::Revoked));
        let end = |micros| StoredKey { expires_at: Some(Timestamp::from_unix_micros(micros)), ..stored() };
        assert_eq!(verdict(end(NOW.as_unix_micros())), Err(KeyRefusal::Expired));
        assert_eq!(verdict(end(NOW.as_unix_micros() + 1)), Ok(()));
    }

    #[test]
    fn knows_keys_that_are_over_too() {
        let over = StoredKey { revoked_at: Some(NOW), ..stored() };
        let expired = StoredKey { expires_at: Some(NOW), ..stored() };
        for (keys, expected) in
            [(vec![stored()], true), (vec![over], true), (vec![expired], true), (vec![], false)]
        {
            let ring = KeyRing::new(keys, &KeyUses::default());
            assert_eq!(ring.knows(KEY.as_bytes(), NOW), expected);
            assert!(!ring.knows(b"Bearer sk-proj-x", NOW));
        }
    }

    #[test]
    fn notes_uses_once_a_minute_and_across_rings() {
        let uses = KeyUses::default();
        let key = stored();
        let first = KeyRing::new(vec![key.clone()], &uses);
        assert_eq!(uses.take_new(), []);
        let at = |seconds: i64| Timestamp::from_unix_micros(NOW.as_unix_micros() + seconds * 1_000_000);
        for seconds in [0, 1, 59] {
            first.identify(KEY.as_bytes(), at(seconds)).unwrap();
        }
        assert_eq!(uses.take_new(), [(key.id, NOW)]);
        assert_eq!(uses.take_new(), []);
        let second = KeyRing::new(vec![key.clone()], &uses);
        second.identify(KEY.as_bytes(), at(30)).unwrap();
        assert_eq!(uses.take_new(), []);
        second.identify(KEY.as_bytes(), at(60)).unwrap();
        let taken = uses.take_new();
        assert_eq!(taken, [(key.id, at(60))]);
        uses.put_back(&taken);
        assert_eq!(uses.take_new(), taken);
    }
}
