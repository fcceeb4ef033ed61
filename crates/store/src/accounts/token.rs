//! Tokens that let somebody in: 256 random bits, of which only the SHA-256 is kept.

use rand::TryRngCore;
use rand::rngs::OsRng;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use gatehouse_types::Redacted;

use crate::keys::KeyGenerationError;

/// The SHA-256 of a token: the only form in which one is kept.
pub type TokenHash = [u8; 32];

/// How many random bytes a token has; it is written in twice as many hexadecimal digits.
const TOKEN_BYTES: usize = 32;
/// What stands before a session's token in what proves that a page of ours made a call.
const PROOF: &[u8] = b"gatehouse page proof ";

/// A token that was just made, or that somebody sent.
pub struct Token(Redacted<String>);

impl Token {
    /// Returns a new token.
    ///
    /// # Errors
    /// Fails when the operating system has no random bytes to give.
    pub fn generate() -> Result<Self, KeyGenerationError> {
        let mut bytes = [0_u8; TOKEN_BYTES];
        OsRng.try_fill_bytes(&mut bytes)?;
        Ok(Self(Redacted::new(hex(&bytes))))
    }

    /// Returns what somebody sent, if it has the form of a token.
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_token = text.len() == TOKEN_BYTES * 2 && text.bytes().all(is_digit);
        is_token.then(|| Self(Redacted::new(text.to_owned())))
    }

    /// Returns the token itself.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// Returns the form in which it is kept.
    pub fn hash(&self) -> TokenHash {
        hash_token(self.expose())
    }

    /// Returns what a page must send beside the cookie with this token: nobody can tell it from the kept hash, and no
    /// page of another origin can read it.
    pub fn page_proof(&self) -> String {
        let mut digest = Sha256::new();
        digest.update(PROOF);
        digest.update(self.expose());
        hex(&digest.finalize())
    }
}

/// Returns the form in which a token is kept.
pub fn hash_token(token: &str) -> TokenHash {
    Sha256::digest(token).into()
}

/// Returns whether `sent` is what proves that a page of the session with `token` made a call; takes the same time
/// wherever they differ.
pub fn proves(sent: &[u8], token: &Token) -> bool {
    sent.ct_eq(token.page_proof().as_bytes()).into()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn makes_tokens_that_differ_and_reads_them_back() {
        let (token, other) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert_eq!(token.expose().len(), 64);
        assert_ne!(token.expose(), other.expose());
        assert_eq!(Token::parse(token.expose()).unwrap().hash(), token.hash());
        for none in ["", "x", &token.expose().to_uppercase(), &format!("{} ", token.expose())] {
            assert!(none == token.expose() || Token::parse(none).is_none(), "{none:?}");
        }
    }

    #[test]
    fn only_the_proof_of_a_token_proves_it() {
        let (token, other) = (Token::generate().unwrap(), Token::generate().unwrap());
        assert!(proves(token.page_proof().as_bytes(), &token));
        for wrong in [other.page_proof(), token.expose().to_owned(), hex(&token.hash()), String::new()] {
            assert!(!proves(wrong.as_bytes(), &token), "{wrong}");
        }
    }
}
