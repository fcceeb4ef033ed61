//! Passwords are hashed beside the runtime, a few at once: each takes 19 MiB and some tens of milliseconds.

use std::sync::OnceLock;

use gatehouse_seal::{PASSWORD_CHARACTERS, hash_password, is_password};
use gatehouse_types::Redacted;
use tokio::sync::Semaphore;

use crate::error::{ApiError, ErrorKind};
use crate::fields::Fields;

/// How many are hashed at once, and how many may wait for their turn.
const AT_ONCE: usize = 2;
const MAX_WAITING: usize = 32;

/// What a call that found too many waiting is told to wait, in seconds.
const PAUSE_SECONDS: u32 = 2;

/// Hashes and checks passwords.
pub(crate) struct Passwords {
    places: Semaphore,
    turns: Semaphore,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { places: Semaphore::new(AT_ONCE + MAX_WAITING), turns: Semaphore::new(AT_ONCE) }
    }
}

impl Passwords {
    /// Returns the hash of a password.
    pub(crate) async fn hash(&self, password: Redacted<String>) -> Result<Redacted<String>, ApiError> {
        let hashed = self.run(move || hash_password(password.expose())).await?;
        hashed.map_err(|error| {
            tracing::error!(%error, "a password could not be hashed");
            ApiError::new(ErrorKind::Internal, "the password could not be kept")
        })
    }

    /// Returns whether a password is the one with `hash`; without a hash the same work is done and the answer is no,
    /// so that nobody learns from the time whether there is an account.
    pub(crate) async fn verify(
        &self,
        password: Redacted<String>,
        hash: Option<Redacted<String>>,
    ) -> Result<bool, ApiError> {
        let is_known = hash.is_some();
        let hash = hash.unwrap_or_else(decoy);
        let is_right = self.run(move || is_password(password.expose(), hash.expose())).await?;
        Ok(is_right && is_known)
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
        let busy = || {
            let message = "too many people sign in at this moment, try again in a few seconds";
            ApiError::new(ErrorKind::TooManyAttempts(PAUSE_SECONDS), message)
        };
        let _place = self.places.try_acquire().map_err(|_| busy())?;
        let _turn = self.turns.acquire().await.map_err(|_| busy())?;
        tokio::task::spawn_blocking(work).await.map_err(|error| {
            tracing::error!(%error, "hashing a password ended early");
            ApiError::new(ErrorKind::Internal, "the password could not be checked")
        })
    }
}

/// Returns the hash of a password that nobody has.
fn decoy() -> Redacted<String> {
    static DECOY: OnceLock<Redacted<String>> = OnceLock::new();
    // Where no hash can be made, none can be checked either: what is no hash is no password's.
    DECOY.get_or_init(|| hash_password("").unwrap_or_else(|_| Redacted::new(String::new()))).clone()
}

/// Returns a new password out of a body.
pub(crate) fn new_password(fields: &Fields, field: &str) -> Result<Redacted<String>, ApiError> {
    let expected =
        format!("a text of {} to {} characters", PASSWORD_CHARACTERS.start(), PASSWORD_CHARACTERS.end());
    let is_long = |text: &str| PASSWORD_CHARACTERS.contains(&text.chars().count());
    let password =
        fields.parsed(field, &expected, |text| Some(text.to_owned()).filter(|text| is_long(text)))?;
    password.map(Redacted::new).ok_or_else(|| ApiError::field(field, &expected))
}

/// Returns a password that somebody claims to have.
pub(crate) fn claimed_password(fields: &Fields, field: &str) -> Result<Redacted<String>, ApiError> {
    let is_short = |text: &str| text.len() <= 4 * PASSWORD_CHARACTERS.end();
    let password =
        fields.parsed(field, "a text", |text| Some(text.to_owned()).filter(|text| is_short(text)))?;
    password.map(Redacted::new).ok_or_else(|| ApiError::field(field, "a text"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Redacted<String> {
        Redacted::new(text.to_owned())
    }

    #[tokio::test]
    async fn nobody_has_the_password_of_no_account() -> Result<(), ApiError> {
        let passwords = Passwords::default();
        let hash = passwords.hash(secret("correct horse battery")).await?;
        assert!(passwords.verify(secret("correct horse battery"), Some(hash.clone())).await?);
        assert!(!passwords.verify(secret("wrong horse battery"), Some(hash)).await?);
        assert!(!passwords.verify(secret(""), None).await?, "the decoy's own password");
        assert!(!passwords.verify(secret("x"), None).await?);
        assert!(decoy().expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "the same work");
        Ok(())
    }

    #[tokio::test]
    async fn refuses_when_too_many_wait() {
        let passwords = Passwords::default();
        let _all =
            passwords.places.acquire_many(u32::try_from(AT_ONCE + MAX_WAITING).unwrap()).await.unwrap();
        let refused = passwords.verify(secret("x"), None).await.err().map(|error| error.kind);
        assert_eq!(refused, Some(ErrorKind::TooManyAttempts(PAUSE_SECONDS)));
    }
}
