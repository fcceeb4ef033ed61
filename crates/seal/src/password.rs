//! Passwords: Argon2id, in the PHC string format.
//!
//! The parameters are those that OWASP recommends: 19 MiB, two passes, one lane. A hash takes some tens of
//! milliseconds and that memory, so that whoever calls this bounds how many are made at once.

use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use gatehouse_types::Redacted;
use rand::TryRngCore;
use rand::rngs::OsRng;

/// Least and most characters of a password; what it is made of is nobody's business.
pub const PASSWORD_CHARACTERS: std::ops::RangeInclusive<usize> = 12..=200;

/// KiB of memory, passes and lanes.
const PARAMETERS: (u32, u32, u32) = (19 * 1024, 2, 1);
const SALT_BYTES: usize = 16;

/// Why a password was not hashed.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The operating system gave no random bytes.
    #[error("the operating system gave no random bytes")]
    Random(#[from] rand::rand_core::OsError),
    /// The function refused its input.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

impl From<argon2::password_hash::Error> for PasswordError {
    fn from(error: argon2::password_hash::Error) -> Self {
        Self::Hash(error.to_string())
    }
}

/// Returns the hash of a password, with a new salt.
///
/// # Errors
/// Fails when the operating system has no random bytes to give.
pub fn hash_password(password: &str) -> Result<Redacted<String>, PasswordError> {
    let mut salt = [0_u8; SALT_BYTES];
    OsRng.try_fill_bytes(&mut salt)?;
    let salt = SaltString::encode_b64(&salt)?;
    Ok(Redacted::new(hasher()?.hash_password(password.as_bytes(), &salt)?.to_string()))
}

/// Returns whether a password is the one that was hashed, in the same time wherever the two differ. What is no hash
/// is no password's.
pub fn is_password(password: &str, hash: &str) -> bool {
    let Ok(hash) = PasswordHash::new(hash) else { return false };
    hasher().is_ok_and(|hasher| hasher.verify_password(password.as_bytes(), &hash).is_ok())
}

fn hasher() -> Result<Argon2<'static>, PasswordError> {
    let (memory, passes, lanes) = PARAMETERS;
    let parameters =
        Params::new(memory, passes, lanes, None).map_err(|error| PasswordError::Hash(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, parameters))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_password_that_was_hashed_and_no_other() {
        let hash = hash_password("correct horse battery").unwrap();
        let is = |password: &str| is_password(password, hash.expose());
        assert!(is("correct horse battery"));
        assert!(!is("correct horse batterz") && !is("") && !is("Correct horse battery"));
        assert!(!is_password("", "") && !is_password("x", "no hash"));
    }

    #[test]
    fn hashes_with_argon2id_and_a_salt_of_its_own() {
        let (one, other) = (hash_password("the same").unwrap(), hash_password("the same").unwrap());
        assert!(one.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{}", one.expose());
        assert_ne!(one, other);
        assert_eq!(format!("{one:?}"), "***");
    }
}
