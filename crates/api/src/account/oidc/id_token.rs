//! The token in which the provider says who somebody is: signed by it, for us, now, and for this sign-in.

use std::time::Duration;

use gatehouse_types::Timestamp;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::Value;

use super::signature;

/// By how much the provider's clock may differ from ours.
const LEEWAY: Duration = Duration::from_secs(60);
/// Most keys of a provider that are looked at.
const MAX_KEYS: usize = 100;
/// Most bytes of a subject, as the standard has it.
const MAX_SUBJECT_BYTES: usize = 255;

/// What a token has to say.
#[derive(Clone, Copy)]
pub(crate) struct Expected<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) nonce: &'a str,
    pub(crate) now: Timestamp,
}

/// What a token says of somebody.
#[derive(Debug, Deserialize)]
pub(crate) struct Claims {
    pub(crate) sub: String,
    pub(crate) email: Option<String>,
    #[serde(default)]
    pub(crate) email_verified: Verified,
    pub(crate) name: Option<String>,
    /// The Google Workspace that somebody belongs to.
    pub(crate) hd: Option<String>,
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
}

/// Whether the provider says that an address is somebody's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "Value")]
pub(crate) enum Verified {
    Yes,
    No,
    /// It does not say.
    #[default]
    Unsaid,
}

impl From<Value> for Verified {
    fn from(value: Value) -> Self {
        match value {
            Value::Bool(true) => Self::Yes,
            Value::Null => Self::Unsaid,
            // Some providers write it as a text.
            Value::String(text) if text == "true" => Self::Yes,
            _ => Self::No,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

/// What is wrong with a token, for the log.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TokenProblem {
    /// The key may be one that is newer than those that are known.
    #[error("it is signed with a key that the provider does not publish")]
    UnknownKey,
    #[error("it is no token, or its signature is not one of the provider's: {0}")]
    Malformed(String),
    #[error("it is signed in a way that is not accepted, or by a key that is for something else")]
    Algorithm,
    #[error("`{0}` is not what it has to be")]
    Claim(&'static str),
}

/// The keys that a provider signs with.
pub(crate) struct SigningKeys(Vec<Jwk>);

impl SigningKeys {
    /// Reads the provider's list; keys of a kind that is not known here are left out.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct KeySet {
            keys: Vec<Value>,
        }
        let keys = serde_json::from_slice::<KeySet>(body).ok()?.keys.into_iter().take(MAX_KEYS);
        Some(Self(keys.filter_map(|key| serde_json::from_value(key).ok()).collect()))
    }

    /// Returns the key that a token names, or the only one there is for its algorithm if it names none.
    fn find(&self, id: Option<&str>, algorithm: Algorithm) -> Result<&Jwk, TokenProblem> {
        let fits = |key: &&Jwk| algorithms(key).contains(&algorithm);
        match id {
            Some(id) => {
                let mut named =
                    self.0.iter().filter(|key| key.common.key_id.as_deref() == Some(id)).peekable();
                named.peek().ok_or(TokenProblem::UnknownKey)?;
                named.find(fits).ok_or(TokenProblem::Algorithm)
            }
            None => {
                let mut all = self.0.iter().filter(fits);
                let first = all.next().ok_or(TokenProblem::UnknownKey)?;
                if all.next().is_some() { Err(TokenProblem::UnknownKey) } else { Ok(first) }
            }
        }
    }
}

/// Returns the algorithms that a key may have signed with: never one of shared secrets.
fn algorithms(key: &Jwk) -> Vec<Algorithm> {
    if !matches!(key.common.public_key_use, None | Some(PublicKeyUse::Signature)) {
        return Vec::new();
    }
    let possible = match &key.algorithm {
        AlgorithmParameters::RSA(_) => signature::RSA.to_vec(),
        AlgorithmParameters::EllipticCurve(curve) => match curve.curve {
            EllipticCurve::P256 => vec![Algorithm::ES256],
            EllipticCurve::P384 => vec![Algorithm::ES384],
            _ => Vec::new(),
        },
        _ => Vec::new(),
    };
    let Some(only) = key.common.key_algorithm else { return possible };
    possible.into_iter().filter(|algorithm| format!("{algorithm:?}") == only.to_string()).collect()
}

/// Returns what a token says, if it is signed by one of `keys` and says what is expected.
pub(crate) fn verify(
    token: &str,
    keys: &SigningKeys,
    expected: Expected<'_>,
) -> Result<Claims, TokenProblem> {
    signature::install();
    let malformed = |error: jsonwebtoken::errors::Error| TokenProblem::Malformed(error.to_string());
    let header = decode_header(token).map_err(malformed)?;
    // Known before any key is looked at: a secret that is public is no secret.
    if header.alg.family() == jsonwebtoken::AlgorithmFamily::Hmac {
        return Err(TokenProblem::Algorithm);
    }
    let key = keys.find(header.kid.as_deref(), header.alg)?;
    let mut validation = Validation::new(header.alg);
    validation.set_issuer(&[expected.issuer]);
    validation.set_audience(&[expected.client_id]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "exp"]);
    // By our own clock, below.
    validation.validate_exp = false;
    let decoding_key = DecodingKey::from_jwk(key).map_err(malformed)?;
    let claims = decode::<Claims>(token, &decoding_key, &validation).map_err(malformed)?.claims;
    check(&claims, expected)?;
    Ok(claims)
}

/// Checks what a token with a good signature says.
fn check(claims: &Claims, expected: Expected<'_>) -> Result<(), TokenProblem> {
    let is_for_us = match &claims.aud {
        Audience::One(only) => only == expected.client_id,
        // Among several one is meant, and has to be named.
        Audience::Several(all) => {
            all.iter().any(|one| one == expected.client_id) && (all.len() == 1 || claims.azp.is_some())
        }
    };
    let is_ours = claims.azp.as_deref().is_none_or(|party| party == expected.client_id);
    let is_subject =
        (1..=MAX_SUBJECT_BYTES).contains(&claims.sub.len()) && !claims.sub.chars().any(char::is_control);
    let (now, leeway) = (seconds(expected.now), LEEWAY.as_secs_f64());
    let checks = [
        ("iss", claims.iss == expected.issuer),
        ("aud", is_for_us),
        ("azp", is_ours),
        ("sub", is_subject),
        ("exp", claims.exp + leeway > now),
        ("iat", claims.iat - leeway < now),
        ("nbf", claims.nbf.is_none_or(|begin| begin - leeway < now)),
        ("nonce", claims.nonce.as_deref() == Some(expected.nonce)),
    ];
    match checks.into_iter().find(|(_, holds)| !holds) {
        Some((claim, _)) => Err(TokenProblem::Claim(claim)),
        None => Ok(()),
    }
}

#[expect(clippy::cast_precision_loss, reason = "microseconds of now fit 53 bits for two centuries more")]
fn seconds(time: Timestamp) -> f64 {
    time.as_unix_micros() as f64 / 1e6
}
