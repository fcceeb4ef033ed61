//! Keys as text: what stands in the environment or in a file.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use gatehouse_types::Redacted;
use zeroize::Zeroizing;

use super::{KEY_BYTES, KeyBytes, MasterKey, MasterKeys};

/// Why a text is not that of keys; it names lines, never what stands in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyTextError {
    /// There is no key.
    #[error("there is no key; expected one a line, each 64 hexadecimal digits or the base64 of 32 bytes")]
    Empty,
    /// A line is no key.
    #[error("line {0} is no key; expected 64 hexadecimal digits or the base64 of 32 bytes")]
    NotAKey(usize),
    /// A key is there twice.
    #[error("line {0} has a key that an earlier line has already")]
    Twice(usize),
}

pub(super) fn parse(text: &str) -> Result<MasterKeys, KeyTextError> {
    let mut keys: Vec<MasterKey> = Vec::new();
    for (index, line) in text.lines().map(str::trim).enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let number = index + 1;
        let key = MasterKey::new(key_of(line).ok_or(KeyTextError::NotAKey(number))?);
        if keys.iter().any(|earlier| earlier.id == key.id) {
            return Err(KeyTextError::Twice(number));
        }
        keys.push(key);
    }
    let mut keys = keys.into_iter();
    let current = keys.next().ok_or(KeyTextError::Empty)?;
    Ok(MasterKeys { current, former: keys.collect() })
}

pub(super) fn write(keys: &MasterKeys) -> Redacted<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::with_capacity((KEY_BYTES * 2 + 1) * (1 + keys.former.len())));
    let digit = |value: u8| char::from_digit(value.into(), 16).unwrap_or_default();
    for key in keys.all() {
        key.bytes.iter().for_each(|byte| text.extend([digit(byte >> 4), digit(byte & 0xf)]));
        text.push('\n');
    }
    Redacted::new(text)
}

fn key_of(line: &str) -> Option<KeyBytes> {
    if line.len() == KEY_BYTES * 2 {
        return unhex(line);
    }
    let decoded = STANDARD.decode(line).or_else(|_| STANDARD_NO_PAD.decode(line)).map(Zeroizing::new).ok()?;
    decoded.as_slice().try_into().map(Zeroizing::new).ok()
}

fn unhex(line: &str) -> Option<KeyBytes> {
    let mut bytes = KeyBytes::default();
    for (byte, digits) in bytes.iter_mut().zip(line.as_bytes().chunks(2)) {
        let mut digits = digits.iter().map(|digit| char::from(*digit).to_digit(16));
        let (high, low) = (digits.next()??, digits.next()??);
        *byte = u8::try_from(high << 4 | low).ok()?;
    }
    Some(bytes)
}
