//! What a browser keeps while somebody is at the provider: sealed, for ten minutes, and good once.

use std::collections::HashMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatehouse_seal::{MasterKeys, Sealed};
use gatehouse_store::accounts::{Token, TokenHash, hash_token};
use gatehouse_types::Timestamp;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::error::{ApiError, ErrorKind};

/// How long somebody may be at the provider.
pub(crate) const LIFETIME: Duration = Duration::from_mins(10);
/// Where it belongs: nothing else that is sealed opens as this.
const CONTEXT: &[u8] = b"gatehouse/sign-in/oidc/1";
/// How many finished ones are remembered; no code is good twice at the provider either.
const MAX_SPENT: usize = 10_000;

/// What has to be known again when somebody comes back from the provider.
#[derive(Serialize, Deserialize)]
pub(crate) struct Pending {
    state: String,
    nonce: String,
    verifier: String,
    /// The path to go on at.
    next: String,
    /// Microseconds since 1970.
    begun_at: i64,
}

impl Pending {
    /// Returns a new one, with random values that nobody can guess.
    pub(crate) fn begin(next: String, now: Timestamp) -> Result<Self, ApiError> {
        let random = || Token::generate().map(|token| token.expose().to_owned()).map_err(no_randomness);
        let begun_at = now.as_unix_micros();
        Ok(Self { state: random()?, nonce: random()?, verifier: random()?, next, begun_at })
    }

    /// Returns what the provider passes back to us.
    pub(crate) fn state(&self) -> &str {
        &self.state
    }

    /// Returns what the provider's token must say.
    pub(crate) fn nonce(&self) -> &str {
        &self.nonce
    }

    /// Returns what shows that whoever has the code began here.
    pub(crate) fn verifier(&self) -> &str {
        &self.verifier
    }

    /// Returns the path to go on at.
    pub(crate) fn next(&self) -> &str {
        &self.next
    }

    /// Returns the hash of the verifier that the provider is told at first.
    pub(crate) fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(&self.verifier))
    }

    /// Returns whether `state` is what the provider was given.
    pub(crate) fn began_as(&self, state: &str) -> bool {
        // Of hashes, nobody learns anything by how long it takes to compare them.
        hash_token(&self.state) == hash_token(state)
    }

    /// Returns the value of a cookie, which nobody else can make or read.
    pub(crate) fn seal(&self, keys: &MasterKeys) -> Result<String, ApiError> {
        let text = serde_json::to_vec(self).map_err(no_randomness)?;
        let sealed = keys.seal(&text, CONTEXT).map_err(no_randomness)?;
        Ok(URL_SAFE_NO_PAD.encode(sealed.as_bytes()))
    }

    /// Returns what is in a cookie, if it was sealed here no longer ago than [`LIFETIME`].
    pub(crate) fn open(value: &str, keys: &MasterKeys, now: Timestamp) -> Option<Self> {
        let sealed = Sealed::from_bytes(URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
        let opened = keys.open(&sealed, CONTEXT).ok()?;
        let pending: Self = serde_json::from_slice(opened.expose()).ok()?;
        (Timestamp::from_unix_micros(pending.begun_at).plus(LIFETIME) > now).then_some(pending)
    }
}

fn no_randomness(error: impl std::error::Error) -> ApiError {
    tracing::error!(%error, "nobody can begin to sign in");
    ApiError::new(ErrorKind::Internal, "signing in could not begin")
}

/// What was finished, so that it is not finished twice.
#[derive(Default)]
pub(crate) struct Spent(Mutex<HashMap<TokenHash, Timestamp>>);

impl Spent {
    /// Notes that somebody came back; returns whether it was the first time.
    pub(crate) fn spend(&self, pending: &Pending, now: Timestamp) -> bool {
        let mut spent = self.0.lock();
        if spent.len() >= MAX_SPENT {
            spent.retain(|_, begun_at| begun_at.plus(LIFETIME) > now);
        }
        if spent.len() >= MAX_SPENT {
            let oldest = spent.iter().min_by_key(|(_, begun_at)| **begun_at).map(|(hash, _)| *hash);
            oldest.and_then(|hash| spent.remove(&hash));
        }
        let begun_at = Timestamp::from_unix_micros(pending.begun_at);
        spent.insert(hash_token(&pending.state), begun_at).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_micros(1_000_000_000);

    #[test]
    fn opens_what_it_sealed_for_ten_minutes_and_nothing_else() {
        let (keys, others) = (MasterKeys::generate().unwrap(), MasterKeys::generate().unwrap());
        let pending = Pending::begin("/requests".to_owned(), NOW).unwrap();
        let value = pending.seal(&keys).unwrap();
        let open = |value: &str, seconds: u64| {
            Pending::open(value, &keys, NOW.plus(Duration::from_secs(seconds))).map(|pending| pending.state)
        };
        assert_eq!(open(&value, 599), Some(pending.state.clone()));
        assert_eq!(open(&value, 600), None);
        assert_eq!(Pending::open(&value, &others, NOW).map(|pending| pending.state), None);
        let elsewhere = keys.seal(&serde_json::to_vec(&pending).unwrap(), b"elsewhere").unwrap();
        assert_eq!(open(&URL_SAFE_NO_PAD.encode(elsewhere.as_bytes()), 0), None);
        for none in ["", "x", "!!", value.trim_start_matches('A'), &value.to_uppercase()] {
            assert_eq!(open(none, 0), None, "{none}");
        }
        assert!(value.len() < 1000 && !value.contains(&pending.state));
    }

    #[test]
    fn values_differ_and_the_challenge_is_that_of_the_verifier() {
        let (one, other) =
            (Pending::begin(String::new(), NOW).unwrap(), Pending::begin(String::new(), NOW).unwrap());
        let mut values = [&one.state, &one.nonce, &one.verifier, &other.state, &other.nonce, &other.verifier];
        values.sort();
        assert!(values.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(one.began_as(&one.state) && !one.began_as(&other.state) && !one.began_as(""));
        // The example of RFC 7636.
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned();
        let example = Pending { verifier, ..one };
        assert_eq!(example.challenge(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn each_is_spent_once_and_no_more_are_remembered_than_may_be() {
        let spent = Spent::default();
        let pending = |number: usize| Pending {
            state: number.to_string(),
            nonce: String::new(),
            verifier: String::new(),
            next: String::new(),
            begun_at: NOW.as_unix_micros() + i64::try_from(number).unwrap(),
        };
        for number in 0..MAX_SPENT + 50 {
            assert!(spent.spend(&pending(number), NOW), "{number}");
        }
        assert!(!spent.spend(&pending(MAX_SPENT), NOW));
        assert!(spent.0.lock().len() <= MAX_SPENT);
    }
}
