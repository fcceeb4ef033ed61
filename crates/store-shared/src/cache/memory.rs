//! The tier in memory: what was not read for longest goes first.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use gatehouse_store::cache::EntryKey;
use gatehouse_types::Timestamp;

/// What an entry takes beside its bytes.
const OVERHEAD_BYTES: u64 = 256;

/// Entries in memory.
///
/// # Invariants
/// `used_bytes` is the cost of all entries and never more than the limit; `by_use` has each of them once.
#[derive(Debug)]
pub(super) struct Memory {
    entries: HashMap<EntryKey, Entry>,
    by_use: BTreeMap<u64, EntryKey>,
    uses: u64,
    used_bytes: u64,
    limit_bytes: u64,
}

#[derive(Debug)]
struct Entry {
    value: Bytes,
    expires_at: Timestamp,
    last_use: u64,
}

impl Entry {
    fn cost(&self) -> u64 {
        self.value.len() as u64 + OVERHEAD_BYTES
    }
}

impl Memory {
    pub(super) fn new(limit_bytes: u64) -> Self {
        Self { entries: HashMap::new(), by_use: BTreeMap::new(), uses: 0, used_bytes: 0, limit_bytes }
    }

    pub(super) const fn used_bytes(&self) -> u64 {
        self.used_bytes
    }

    pub(super) fn holds(&self, key: &EntryKey, now: Timestamp) -> bool {
        self.entries.get(key).is_some_and(|entry| entry.expires_at > now)
    }

    pub(super) fn get(&mut self, key: &EntryKey, now: Timestamp) -> Option<Bytes> {
        if !self.holds(key, now) {
            self.remove(key);
            return None;
        }
        let entry = self.entries.get_mut(key)?;
        self.by_use.remove(&entry.last_use);
        self.uses += 1;
        entry.last_use = self.uses;
        self.by_use.insert(self.uses, *key);
        Some(entry.value.clone())
    }

    /// Keeps an entry; one that would take more than half of the room is not worth what it displaces.
    pub(super) fn put(&mut self, key: EntryKey, value: Bytes, expires_at: Timestamp) {
        self.remove(&key);
        self.uses += 1;
        let entry = Entry { value, expires_at, last_use: self.uses };
        if entry.value.len() as u64 > self.limit_bytes / 2 || entry.cost() > self.limit_bytes {
            return;
        }
        self.used_bytes += entry.cost();
        self.by_use.insert(self.uses, key);
        self.entries.insert(key, entry);
        while self.used_bytes > self.limit_bytes {
            let Some((_, oldest)) = self.by_use.first_key_value() else { return };
            let oldest = *oldest;
            self.remove(&oldest);
        }
    }

    pub(super) fn remove(&mut self, key: &EntryKey) {
        let Some(entry) = self.entries.remove(key) else { return };
        self.by_use.remove(&entry.last_use);
        self.used_bytes -= entry.cost();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_micros(0);
    const LATER: Timestamp = Timestamp::from_unix_micros(1);

    fn entry(bytes: usize) -> Bytes {
        vec![7; bytes].into()
    }

    #[test]
    fn what_was_not_read_for_longest_goes_first() {
        let mut memory = Memory::new(3 * (OVERHEAD_BYTES + 10));
        for number in 0..3 {
            memory.put([number; 32], entry(10), LATER);
        }
        memory.get(&[0; 32], NOW).unwrap();
        memory.put([3; 32], entry(10), LATER);
        let kept: Vec<bool> = (0..4).map(|number| memory.holds(&[number; 32], NOW)).collect();
        assert_eq!(kept, [true, false, true, true]);
    }

    #[test]
    fn an_entry_that_needs_half_of_the_room_is_not_kept() {
        let mut memory = Memory::new(10_000);
        memory.put([0; 32], entry(10), LATER);
        memory.put([1; 32], entry(5_001), LATER);
        assert!(memory.holds(&[0; 32], NOW) && !memory.holds(&[1; 32], NOW));
        let mut none = Memory::new(0);
        none.put([0; 32], entry(0), LATER);
        assert!(!none.holds(&[0; 32], NOW));
    }

    proptest! {
        #[test]
        fn keeps_its_limit_and_its_books(steps in proptest::collection::vec((0_u8..8, 0_usize..2_000, any::<bool>()), 1..100)) {
            let mut memory = Memory::new(5_000);
            for (number, bytes, is_put) in steps {
                let key = [number; 32];
                if is_put {
                    memory.put(key, entry(bytes), LATER);
                    prop_assert_eq!(memory.get(&key, NOW), Some(entry(bytes)));
                } else {
                    memory.remove(&key);
                    prop_assert_eq!(memory.get(&key, NOW), None);
                }
                let cost: u64 = memory.entries.values().map(Entry::cost).sum();
                prop_assert_eq!(cost, memory.used_bytes());
                prop_assert!(cost <= 5_000);
                prop_assert_eq!(memory.by_use.len(), memory.entries.len());
            }
        }
    }
}
