//! The signatures of a webhook's body.
//!
//! Helicone's covers the body alone, so that whoever saw a delivery can send it again; ours covers the time too.

use hmac::{Hmac, Mac as _};
use sha2::Sha256;

/// Returns the value of `Helicone-Signature`: the HMAC-SHA256 of `body` under the text of the key, in hex.
pub(super) fn of_body(key: &str, body: &[u8]) -> String {
    hex(key, &[body])
}

/// Returns the value of `Gatehouse-Signature`: `t=<unix seconds>,v1=<hex>`, where the HMAC-SHA256 is that of
/// `<unix seconds>.<body>`.
pub(super) fn of_body_and_time(key: &str, body: &[u8], unix_seconds: i64) -> String {
    let time = unix_seconds.to_string();
    let signature = hex(key, &[time.as_bytes(), b".", body]);
    format!("t={time},v1={signature}")
}

fn hex(key: &str, parts: &[&[u8]]) -> String {
    // A key of any length is one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key.as_bytes()) else { return String::new() };
    parts.iter().for_each(|part| mac.update(part));
    let code = mac.finalize().into_bytes();
    code.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_that_openssl_computes() {
        let body = br#"{"request_id":"0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20","request_body":null}"#;
        // printf '%s' "$BODY" | openssl dgst -sha256 -hmac "$KEY"
        assert_eq!(
            of_body("whsec-0123456789", body),
            "21676b706669f46508cfb764c7b4896b88237456c37b61510f374bbfe4e9c25b"
        );
        // printf '1795356360.%s' "$BODY" | openssl dgst -sha256 -hmac "$KEY"
        let timed = "t=1795356360,v1=e953e95c8edc7fad7f37f861cfec241daaa0141a3fe052a9531ad91ff53178e3";
        assert_eq!(of_body_and_time("whsec-0123456789", body, 1_795_356_360), timed);
    }

    #[test]
    fn the_second_vector_of_rfc_4231_holds() {
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(of_body("Jefe", b"what do ya want for nothing?"), expected);
    }
}
