//! The keys that the double signs with, and tokens that are signed as they should not be.

use anyhow::{Context, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PKCS1_SHA256, RSA_PSS_SHA256,
    RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
};
use ring::{hmac, rand};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject as _;
use serde_json::{Value, json};

/// A key that is used here and nowhere else: making one takes seconds.
const RSA_KEY: &[u8] = include_bytes!("rsa.pem");

/// How a token is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing {
    /// With the RSA key.
    Rs256,
    /// With the RSA key, in the newer way.
    Ps256,
    /// With the key on a curve.
    Es256,
    /// Not at all.
    None,
    /// With the public RSA key as a shared secret.
    SharedPublicKey,
    /// By somebody else, with the name of the key on a curve.
    Forged,
}

/// The keys of a double.
#[derive(Debug)]
pub(super) struct Keys {
    rsa: RsaKeyPair,
    curve: EcdsaKeyPair,
    forged: EcdsaKeyPair,
    /// The name of the key on a curve.
    curve_id: String,
}

impl Keys {
    pub(super) fn new() -> Result<Self> {
        let der = PrivatePkcs8KeyDer::from_pem_slice(RSA_KEY).context("read the RSA key")?;
        let rsa = RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).ok().context("use the RSA key")?;
        Ok(Self { rsa, curve: curve()?, forged: curve()?, curve_id: name()? })
    }

    /// Replaces the key on a curve.
    pub(super) fn rotate(&mut self) -> Result<()> {
        (self.curve, self.curve_id) = (curve()?, name()?);
        Ok(())
    }

    /// Returns what is published; one key more is for something else, and one of a kind that few know.
    pub(super) fn published(&self) -> Value {
        let rsa: RsaPublicKeyComponents<Vec<u8>> = self.rsa.public().into();
        let point = self.curve.public_key().as_ref();
        let (x, y) = point.get(1..).unwrap_or_default().split_at(32);
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        json!({"keys": [
            {"kty": "RSA", "use": "enc", "kid": "for-encryption", "n": text(&rsa.n), "e": text(&rsa.e)},
            {"kty": "EC", "crv": "secp256k1", "kid": "unusual", "x": text(x), "y": text(y)},
            {"kty": "RSA", "use": "sig", "kid": "rsa", "n": text(&rsa.n), "e": text(&rsa.e)},
            {"kty": "EC", "use": "sig", "alg": "ES256", "crv": "P-256", "kid": self.curve_id, "x": text(x), "y": text(y)},
        ]})
    }

    /// Returns a token that says `claims`.
    pub(super) fn token(&self, signing: Signing, claims: &Value) -> Result<String> {
        let (algorithm, id) = match signing {
            Signing::Rs256 => ("RS256", "rsa"),
            Signing::Ps256 => ("PS256", "rsa"),
            Signing::Es256 | Signing::Forged => ("ES256", self.curve_id.as_str()),
            Signing::None => ("none", "rsa"),
            Signing::SharedPublicKey => ("HS256", "rsa"),
        };
        let header = json!({"alg": algorithm, "kid": id, "typ": "JWT"});
        let message = [&header, claims].map(|part| URL_SAFE_NO_PAD.encode(part.to_string())).join(".");
        let signature = match signing {
            Signing::Rs256 => self.rsa_signature(&RSA_PKCS1_SHA256, &message)?,
            Signing::Ps256 => self.rsa_signature(&RSA_PSS_SHA256, &message)?,
            Signing::Es256 => curve_signature(&self.curve, &message)?,
            Signing::Forged => curve_signature(&self.forged, &message)?,
            Signing::None => Vec::new(),
            Signing::SharedPublicKey => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, self.rsa.public().as_ref());
                hmac::sign(&key, message.as_bytes()).as_ref().to_vec()
            }
        };
        Ok(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    fn rsa_signature(&self, padding: &'static dyn RsaEncoding, message: &str) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.rsa.public().modulus_len()];
        let signed = self.rsa.sign(padding, &SystemRandom::new(), message.as_bytes(), &mut signature);
        ensure!(signed.is_ok(), "the RSA key does not sign");
        Ok(signature)
    }
}

fn curve_signature(key: &EcdsaKeyPair, message: &str) -> Result<Vec<u8>> {
    let signature = key.sign(&SystemRandom::new(), message.as_bytes()).ok().context("sign")?;
    Ok(signature.as_ref().to_vec())
}

fn curve() -> Result<EcdsaKeyPair> {
    let random = SystemRandom::new();
    let der =
        EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random).ok().context("make a key")?;
    let key = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, der.as_ref(), &random);
    key.ok().context("use the key")
}

/// Returns a text that nobody can guess.
pub(super) fn name() -> Result<String> {
    let bytes: [u8; 16] = rand::generate(&SystemRandom::new()).ok().context("random bytes")?.expose();
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
