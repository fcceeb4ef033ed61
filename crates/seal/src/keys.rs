//! The keys of an installation, and what is done with them.

mod text;

use std::fmt;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use gatehouse_types::Redacted;
use hmac::{Hmac, Mac};
use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::Opened;
use crate::sealed::{NONCE_BYTES, OpenError, Parts, Sealed, VERSION};

pub use text::KeyTextError;

/// How many bytes a key has.
const KEY_BYTES: usize = 32;
/// How many bytes SHA-256 takes at once.
const BLOCK_BYTES: usize = 64;
/// What a key's id, the key that seals, and keys for other uses are derived under: no two are alike.
const ID_LABEL: &[u8] = b"gatehouse/key-id/1";
const SEAL_LABEL: &[u8] = b"gatehouse/seal/1";
const DERIVE_LABEL: &[u8] = b"gatehouse/derive/1";

type KeyBytes = Zeroizing<[u8; KEY_BYTES]>;

/// Tells one key from another, and a wrong key from a damaged value, without telling anything of the key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MasterKeyId([u8; 4]);

/// The keys that seal and open: the current one and those that were current before it.
///
/// # Invariants
/// There is a current key, and no key is there twice.
#[derive(Clone)]
pub struct MasterKeys {
    current: MasterKey,
    former: Vec<MasterKey>,
}

#[derive(Clone)]
struct MasterKey {
    id: MasterKeyId,
    bytes: KeyBytes,
    /// What seals: never the key itself.
    sealing: KeyBytes,
}

/// Why nothing was sealed, or no key made.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// There were no random bytes.
    #[error("the operating system gave no random bytes")]
    NoRandomBytes(#[from] rand::rand_core::OsError),
    /// The value is longer than the cipher takes.
    #[error("the value is too long to be sealed")]
    TooLong,
}

impl MasterKeys {
    /// Returns a new key, the only one.
    ///
    /// # Errors
    /// Fails when the operating system has no random bytes to give.
    pub fn generate() -> Result<Self, SealError> {
        Ok(Self { current: MasterKey::generate()?, former: Vec::new() })
    }

    /// Reads the text of keys: one a line, the current one first, each 64 hexadecimal digits or the base64 of 32
    /// bytes; empty lines and those that begin with `#` are passed over.
    ///
    /// # Errors
    /// Fails when there is no key, one is there twice, or a line is none; the error names the line, never what
    /// stands in it.
    pub fn parse(text: &str) -> Result<Self, KeyTextError> {
        text::parse(text)
    }

    /// Returns the text that [`parse`](Self::parse) reads.
    pub fn to_text(&self) -> Redacted<Zeroizing<String>> {
        text::write(self)
    }

    /// Returns a new current key, with all present keys as former ones.
    ///
    /// # Errors
    /// Fails when the operating system has no random bytes to give.
    pub fn rotated(&self) -> Result<Self, SealError> {
        let former = self.all().cloned().collect();
        Ok(Self { current: MasterKey::generate()?, former })
    }

    /// Returns the current key alone.
    #[must_use]
    pub fn without_former(&self) -> Self {
        Self { current: self.current.clone(), former: Vec::new() }
    }

    /// Returns the ids of all keys, the current one first.
    pub fn ids(&self) -> Vec<MasterKeyId> {
        self.all().map(|key| key.id).collect()
    }

    /// Returns the id of the key that seals.
    pub const fn current_id(&self) -> MasterKeyId {
        self.current.id
    }

    /// Seals a value with the current key; it opens only with the same context.
    ///
    /// The context is not secret and not kept: it says where the value belongs, so that values can't change places.
    ///
    /// # Errors
    /// Fails when there are no random bytes, or the value is longer than 256 GiB.
    pub fn seal(&self, plaintext: &[u8], context: &[u8]) -> Result<Sealed, SealError> {
        let mut nonce = [0_u8; NONCE_BYTES];
        OsRng.try_fill_bytes(&mut nonce)?;
        let aad = associated(context);
        let payload = Payload { msg: plaintext, aad: &aad };
        let ciphertext = self.current.cipher().encrypt(XNonce::from_slice(&nonce), payload);
        Ok(Sealed::from_parts(self.current.id, &nonce, &ciphertext.map_err(|_| SealError::TooLong)?))
    }

    /// Opens a value with the key it was sealed with, current or former.
    ///
    /// # Errors
    /// Fails when that key is not here, and when the value was changed, erased, or sealed for another context.
    pub fn open(&self, sealed: &Sealed, context: &[u8]) -> Result<Opened, OpenError> {
        let Parts { key_id, nonce, ciphertext } = sealed.parts().ok_or(OpenError::Erased)?;
        let aad = associated(context);
        let key = self.all().find(|key| key.id == key_id).ok_or(OpenError::WrongKey(key_id))?;
        let payload = Payload { msg: ciphertext, aad: &aad };
        let opened = key.cipher().decrypt(XNonce::from_slice(&nonce), payload);
        opened.map(|secret| Redacted::new(Zeroizing::new(secret))).map_err(|_| OpenError::Damaged)
    }

    /// Returns whether a value was sealed with another key than the current one; an erased one was with none.
    pub fn needs_rotation(&self, sealed: &Sealed) -> bool {
        sealed.key_id().is_some_and(|id| id != self.current.id)
    }

    /// Returns a key for another use than sealing: the same for the same purpose, material and current key.
    ///
    /// Whoever knows it learns nothing of the master key, nor of a key for another purpose or material.
    pub fn derive(&self, purpose: &str, material: &[u8]) -> Zeroizing<[u8; 32]> {
        let length = (purpose.len() as u64).to_be_bytes();
        mac(&self.current.bytes, &[DERIVE_LABEL, &length, purpose.as_bytes(), material])
    }

    fn all(&self) -> impl Iterator<Item = &MasterKey> {
        std::iter::once(&self.current).chain(&self.former)
    }
}

impl MasterKey {
    fn new(bytes: KeyBytes) -> Self {
        let [a, b, c, d, ..] = *mac(&bytes, &[ID_LABEL]);
        let sealing = mac(&bytes, &[SEAL_LABEL]);
        Self { id: MasterKeyId([a, b, c, d]), bytes, sealing }
    }

    fn generate() -> Result<Self, SealError> {
        let mut bytes = KeyBytes::default();
        OsRng.try_fill_bytes(bytes.as_mut_slice())?;
        Ok(Self::new(bytes))
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(self.sealing.as_slice().into())
    }
}

impl MasterKeyId {
    pub(crate) const fn from_bytes(bytes: [u8; 4]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; 4] {
        &self.0
    }
}

/// Keys are the same when their ids are: an id is made of the whole key.
impl PartialEq for MasterKeys {
    fn eq(&self, other: &Self) -> bool {
        self.all().map(|key| key.id).eq(other.all().map(|key| key.id))
    }
}

/// Writes eight hexadecimal digits.
impl fmt::Display for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
    }
}

impl fmt::Debug for MasterKeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Shows ids only.
impl fmt::Debug for MasterKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("MasterKeys").field(&self.ids()).finish()
    }
}

/// What is authenticated beside the value: the form it has, and where it belongs.
fn associated(context: &[u8]) -> Vec<u8> {
    [&[VERSION], context].concat()
}

/// Returns the HMAC-SHA256 of parts, of which the last alone may have any length.
fn mac(key: &KeyBytes, parts: &[&[u8]]) -> KeyBytes {
    // A key that is shorter than a block of the hash is filled up with zeros, by the definition of HMAC.
    let mut block = Zeroizing::new([0_u8; BLOCK_BYTES]);
    block.iter_mut().zip(key.iter()).for_each(|(filled, byte)| *filled = *byte);
    let mut mac = <Hmac<Sha256> as KeyInit>::new(block.as_slice().into());
    parts.iter().for_each(|part| mac.update(part));
    Zeroizing::new(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests;
