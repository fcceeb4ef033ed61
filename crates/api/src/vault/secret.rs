//! A provider's secret as it is sent: what can be put into a header, or the document of a service account.

use gatehouse_seal::Zeroizing;
use gatehouse_types::Redacted;
use serde_json::Value;

use crate::error::ApiError;
use crate::fields::Fields;

/// The longest secret, in bytes.
const MAX_SECRET_BYTES: usize = 16 << 10;
const EXPECTED: &str = "a key of 1 to 16384 printable ASCII characters without space around it, or the JSON document \
                        of a Google service account";

/// A secret that may be kept.
pub(super) type Secret = Redacted<Zeroizing<String>>;

/// Reads a secret from a field, if it is there and not null; the text is never repeated.
pub(super) fn read(fields: &Fields, field: &str) -> Result<Option<Secret>, ApiError> {
    fields.parsed(field, EXPECTED, |text| {
        is_secret(text).then(|| Redacted::new(Zeroizing::new(text.to_owned())))
    })
}

/// Reads a secret from a field, which must be there.
pub(super) fn required(fields: &Fields, field: &str) -> Result<Secret, ApiError> {
    read(fields, field)?.ok_or_else(|| ApiError::field(field, EXPECTED))
}

fn is_secret(text: &str) -> bool {
    (1..=MAX_SECRET_BYTES).contains(&text.len()) && (is_header_text(text) || is_document(text))
}

fn is_header_text(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~')) && text.trim() == text
}

fn is_document(text: &str) -> bool {
    let document = serde_json::from_str::<Value>(text);
    document.is_ok_and(|document| document.get("private_key").is_some_and(Value::is_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_fits_a_header_or_is_a_service_account() {
        let check = |text: &str, expected: bool| assert_eq!(is_secret(text), expected, "{text:?}");
        check("sk-proj-1234_abc", true);
        check("a key of words", true);
        check(&"k".repeat(MAX_SECRET_BYTES), true);
        check("{\n  \"type\": \"service_account\",\n  \"private_key\": \"-----BEGIN\"\n}", true);
        check("", false);
        check(" sk-proj", false);
        check("sk-proj\n", false);
        check("sk-proj\r\nX-Evil: 1", false);
        check("sk-schlüssel", false);
        check("sk\u{7f}", false);
        check("{\n  \"type\": \"service_account\"\n}", false);
        check(&"k".repeat(MAX_SECRET_BYTES + 1), false);
    }
}
