//! A sealed value and its form in bytes.

use std::fmt;

use crate::keys::MasterKeyId;

/// The first byte of the form that is written: which cipher it is and how its parts lie.
pub(crate) const VERSION: u8 = 1;
/// How many bytes the nonce has.
pub(crate) const NONCE_BYTES: usize = 24;
/// How many bytes the authentication tag has.
const TAG_BYTES: usize = 16;

/// A sealed value: `version (1 byte) · key id (4) · nonce (24) · ciphertext with its tag (16 more than the secret)`.
///
/// # Invariants
/// Its form is that of a version known here, or it is [erased](Self::erased); only opening tells whether it is
/// genuine.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(Vec<u8>);

/// What was read is not a sealed value of a form known here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not a sealed value of a form that this program knows")]
pub struct MalformedSealed;

/// Why a sealed value was not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The key it was sealed with is not among those that are there.
    #[error("was sealed with key {0}, which is not among the keys that are there")]
    WrongKey(MasterKeyId),
    /// It was changed, or it belongs somewhere else.
    #[error("is damaged, or belongs somewhere else")]
    Damaged,
    /// The value was erased.
    #[error("was erased")]
    Erased,
}

/// The parts of a sealed value.
pub(crate) struct Parts<'a> {
    pub(crate) key_id: MasterKeyId,
    pub(crate) nonce: [u8; NONCE_BYTES],
    pub(crate) ciphertext: &'a [u8],
}

impl Sealed {
    /// Returns what stands where a value was erased: it takes no room and never opens.
    pub const fn erased() -> Self {
        Self(Vec::new())
    }

    /// Returns whether the value was erased.
    pub const fn is_erased(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads what [`as_bytes`](Self::as_bytes) returned.
    ///
    /// # Errors
    /// Fails when that is no sealed value of a form known here; whether it is genuine shows when it is opened.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, MalformedSealed> {
        let sealed = Self(bytes);
        if sealed.is_erased() || sealed.parts().is_some() { Ok(sealed) } else { Err(MalformedSealed) }
    }

    /// Returns the form that is stored.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns the id of the key it was sealed with; `None` when the value was erased.
    pub fn key_id(&self) -> Option<MasterKeyId> {
        self.parts().map(|parts| parts.key_id)
    }

    pub(crate) fn from_parts(key_id: MasterKeyId, nonce: &[u8; NONCE_BYTES], ciphertext: &[u8]) -> Self {
        Self([&[VERSION], key_id.as_bytes().as_slice(), nonce, ciphertext].concat())
    }

    pub(crate) fn parts(&self) -> Option<Parts<'_>> {
        let (version, rest) = self.0.split_first()?;
        let (key_id, rest) = rest.split_first_chunk()?;
        let (nonce, ciphertext) = rest.split_first_chunk()?;
        let is_known = *version == VERSION && ciphertext.len() >= TAG_BYTES;
        is_known.then(|| Parts { key_id: MasterKeyId::from_bytes(*key_id), nonce: *nonce, ciphertext })
    }
}

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key_id() {
            Some(id) => write!(f, "Sealed({} bytes, key {id})", self.0.len()),
            None => f.write_str("Sealed(erased)"),
        }
    }
}
