//! A file of the tier on disk: records, one behind the other.
//!
//! A record is a head of [`HEAD_BYTES`] and the entry's bytes. The head (little endian): magic u32, kind u32,
//! length u32, CRC-32C of the bytes u32, expiry i64 in microseconds since the Unix epoch, name 32 bytes, CRC-32C
//! of all that u32, 4 bytes of 0. A record of the kind `REMOVAL` has no bytes and says that the entries of its
//! name in front of it are gone.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use gatehouse_store::cache::EntryKey;
use gatehouse_types::Timestamp;

/// The length of a record's head.
pub(super) const HEAD_BYTES: u64 = HEAD as u64;
const HEAD: usize = 64;
const MAGIC: u32 = 0x3143_4847;
const ENTRY: u32 = 1;
const REMOVAL: u32 = 2;
/// The size of a file, unless the largest entry needs a longer one or there would be too many of them.
const LARGEST_SEGMENT: u64 = 64 << 20;
/// How many files the tier has when it is full, at least and at most: each of them is open.
const SEGMENTS: u64 = 16;
const MOST_SEGMENTS: u64 = 256;
/// What follows the number in a file's name.
const EXTENSION: &str = ".cache";

/// The head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) key: EntryKey,
    pub(super) expires_at: Timestamp,
    pub(super) length: u32,
    pub(super) crc: u32,
    pub(super) is_removal: bool,
}

impl Head {
    pub(super) fn of_entry(key: EntryKey, value: &[u8], expires_at: Timestamp) -> Self {
        let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
        Self { key, expires_at, length, crc: crc32c::crc32c(value), is_removal: false }
    }

    pub(super) const fn of_removal(key: EntryKey) -> Self {
        Self { key, expires_at: Timestamp::from_unix_micros(0), length: 0, crc: 0, is_removal: true }
    }

    /// Returns the length of the whole record.
    pub(super) const fn record_bytes(&self) -> u64 {
        HEAD_BYTES + self.length as u64
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut head = Vec::with_capacity(HEAD);
        let kind = if self.is_removal { REMOVAL } else { ENTRY };
        for number in [MAGIC, kind, self.length, self.crc] {
            head.extend_from_slice(&number.to_le_bytes());
        }
        head.extend_from_slice(&self.expires_at.as_unix_micros().to_le_bytes());
        head.extend_from_slice(&self.key);
        head.extend_from_slice(&crc32c::crc32c(&head).to_le_bytes());
        head.resize(HEAD, 0);
        head
    }

    /// Returns `None` for bytes that are no head.
    pub(super) fn decode(bytes: &[u8; HEAD]) -> Option<Self> {
        let (checked, rest) = bytes.split_at_checked(56)?;
        let (numbers, rest_of_checked) = checked.split_at_checked(16)?;
        let (words, _) = numbers.as_chunks::<4>();
        let [magic, kind, length, crc] = <[[u8; 4]; 4]>::try_from(words).ok()?.map(u32::from_le_bytes);
        let (expires_at, key) = rest_of_checked.split_first_chunk::<8>()?;
        let is_whole =
            rest.first_chunk::<4>().is_some_and(|crc| u32::from_le_bytes(*crc) == crc32c::crc32c(checked));
        let is_known = magic == MAGIC && (kind == ENTRY || kind == REMOVAL);
        (is_whole && is_known).then_some(Self {
            key: key.try_into().ok()?,
            expires_at: Timestamp::from_unix_micros(i64::from_le_bytes(*expires_at)),
            length,
            crc,
            is_removal: kind == REMOVAL,
        })
    }
}

/// Returns the largest entry that a tier of this size takes: with less than two files there would be nothing
/// left when the older one goes.
pub(super) const fn largest_entry(disk_bytes: u64) -> u64 {
    (disk_bytes / 2).saturating_sub(HEAD_BYTES)
}

/// Returns the size at which a file is full.
pub(super) fn segment_bytes(disk_bytes: u64, max_entry_bytes: u64) -> u64 {
    let most = LARGEST_SEGMENT.max(disk_bytes.div_ceil(MOST_SEGMENTS));
    (disk_bytes / SEGMENTS).min(most).max(max_entry_bytes + HEAD_BYTES)
}

/// Returns the name of the file with this number.
pub(super) fn file_name(number: u64) -> String {
    format!("{number:016x}{EXTENSION}")
}

/// Returns the number of a file, or `None` for one that is not the cache's.
pub(super) fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(EXTENSION).filter(|digits| digits.len() == 16)?;
    u64::from_str_radix(digits, 16).ok()
}

/// Opens a file of the cache, readable for nobody else.
pub(super) fn open(path: &Path, is_new: bool) -> io::Result<Arc<File>> {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = File::options();
    options.read(true).write(true).create_new(is_new).mode(0o600);
    Ok(Arc::new(options.open(path)?))
}

/// Reads the heads of a file one after the other, up to its end or to what is no head.
pub(super) fn scan(file: &File, mut found: impl FnMut(Head, u64)) -> io::Result<u64> {
    let end = file.metadata()?.len();
    let mut at = 0;
    let mut bytes = [0; HEAD];
    while at + HEAD_BYTES <= end {
        file.read_exact_at(&mut bytes, at)?;
        let Some(head) = Head::decode(&bytes).filter(|head| at + head.record_bytes() <= end) else { break };
        found(head, at);
        at += head.record_bytes();
    }
    Ok(at)
}

/// Reads the bytes of an entry whose record begins at `at`.
///
/// # Errors
/// Fails when the file can't be read, or another record is there, or its bytes are not what was written.
pub(super) fn read(file: &File, at: u64, key: &EntryKey) -> io::Result<Bytes> {
    let mut bytes = [0; HEAD];
    file.read_exact_at(&mut bytes, at)?;
    let damaged = || io::Error::new(io::ErrorKind::InvalidData, "the record is damaged");
    let head =
        Head::decode(&bytes).filter(|head| head.key == *key && !head.is_removal).ok_or_else(damaged)?;
    let mut value = vec![0; usize::try_from(head.length).unwrap_or(usize::MAX)];
    file.read_exact_at(&mut value, at + HEAD_BYTES)?;
    if crc32c::crc32c(&value) == head.crc { Ok(value.into()) } else { Err(damaged()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_are_read_as_they_were_written_and_every_flipped_bit_is_seen() {
        let entry = Head::of_entry([7; 32], b"value", Timestamp::from_unix_micros(-5));
        for head in [entry, Head::of_removal([9; 32])] {
            let bytes: [u8; HEAD] = head.encode().try_into().unwrap();
            assert_eq!(Head::decode(&bytes), Some(head));
            for bit in 0..60 * 8 {
                let mut damaged = bytes;
                damaged[bit / 8] ^= 1 << (bit % 8);
                assert_eq!(Head::decode(&damaged), None, "bit {bit}");
            }
        }
        assert_eq!(Head::decode(&[0; HEAD]), None);
    }

    #[test]
    fn a_tier_of_any_size_has_few_files() {
        for disk_bytes in [1 << 20, 1 << 30, 20 << 30, 1 << 40, 64 << 40] {
            let bytes = segment_bytes(disk_bytes, 1 << 16);
            assert!(disk_bytes / bytes <= MOST_SEGMENTS, "{disk_bytes} in files of {bytes}");
        }
        assert_eq!(segment_bytes(1 << 30, 1 << 24), LARGEST_SEGMENT);
    }

    #[test]
    fn files_are_named_by_number() {
        assert_eq!(number(&file_name(0xabc)), Some(0xabc));
        for name in ["abc.cache", "0000000000000abc", "x000000000000abc.cache", "lost+found"] {
            assert_eq!(number(name), None, "{name}");
        }
    }
}
