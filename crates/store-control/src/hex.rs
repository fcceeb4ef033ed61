//! Bytes as text.

use gatehouse_seal::Sealed;
use gatehouse_store::control::KeyHash;

/// Returns lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Reads a hash that [`hex`] wrote.
pub(crate) fn unhex(text: &str) -> Option<KeyHash> {
    bytes(text)?.try_into().ok()
}

/// Reads a sealed value that [`hex`] wrote.
pub(crate) fn sealed(text: &str) -> Option<Sealed> {
    Sealed::from_bytes(bytes(text)?).ok()
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    let byte = |digits: &[u8]| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok();
    let is_whole = text.len().is_multiple_of(2);
    text.as_bytes().chunks(2).map(byte).collect::<Option<_>>().filter(|_| is_whole)
}
