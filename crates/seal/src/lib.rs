//! Secrets at rest: what is sealed opens with the key it was sealed with, in the place it was sealed for, and
//! nowhere else.
//!
//! The cipher is XChaCha20-Poly1305, whose nonces are long enough to be drawn at random. The keys of one
//! installation are [`MasterKeys`]: a current one, which seals, and former ones, which still open. This crate reads
//! no file and no environment; whoever calls it brings the keys' text.

mod keys;
mod password;
mod sealed;

pub use keys::{KeyTextError, MasterKeyId, MasterKeys, SealError};
pub use password::{PASSWORD_CHARACTERS, PasswordError, hash_password, is_password};
pub use sealed::{MalformedSealed, OpenError, Sealed};

use gatehouse_types::Redacted;
pub use zeroize::Zeroizing;

/// What was sealed, wiped from memory when it is dropped.
pub type Opened = Redacted<Zeroizing<Vec<u8>>>;
