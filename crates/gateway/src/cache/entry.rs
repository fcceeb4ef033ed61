//! An entry of the cache, and its sealed form.
//!
//! Sealed: version (1 byte), nonce (24), ciphertext with its tag (16 more than the entry). The entry itself, all
//! numbers little endian: id of the call (16), kept at i64, expires at i64 (microseconds since the Unix epoch),
//! duration of the call u64 (microseconds), number of headers u32 and for each name and value behind their
//! lengths (u32), number of frames u32 and for each its length and its time since the head in milliseconds
//! (u32 both), then the body. Sealed with XChaCha20-Poly1305 under a key that is made of the caller's own key:
//! neither the cache nor anything else at rest is enough to open it.

use std::time::Duration;

use bytes::{Buf, BufMut, Bytes, BytesMut};
use chacha20poly1305::aead::AeadInPlace;
use chacha20poly1305::{Key, KeyInit, Tag, XChaCha20Poly1305, XNonce};
use gatehouse_policy::cache::CacheKey;
use gatehouse_types::{Dialect, RequestId, Timestamp};
use gatehouse_wire::ends_in_failure;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use uuid::Uuid;

const VERSION: u8 = 1;
const NONCE_BYTES: usize = 24;
const TAG_BYTES: usize = 16;
/// What is in front of the ciphertext, and what is behind it.
const ENVELOPE_BYTES: usize = 1 + NONCE_BYTES + TAG_BYTES;
/// The fields of fixed length, up to and with the number of headers.
const FIXED_BYTES: usize = 16 + 3 * 8 + 4;

/// A frame of the answer, as the provider sent it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameMark {
    pub(super) length: u32,
    /// Milliseconds since the head of the answer.
    pub(super) after_ms: u32,
}

/// An answer that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The call that it was the answer to.
    pub(super) request_id: RequestId,
    pub(super) kept_at: Timestamp,
    pub(super) expires_at: Timestamp,
    /// How long that call took.
    pub(super) took: Duration,
    pub(super) headers: HeaderMap,
    pub(super) frames: Vec<FrameMark>,
    /// The bytes of all frames, in as many pieces as they came in.
    pub(super) body: Vec<Bytes>,
}

/// Why bytes are no entry of this call: they are damaged, or another's.
#[derive(Debug, thiserror::Error)]
#[error("an entry of the cache is damaged")]
pub(super) struct Damaged;

impl Entry {
    /// Returns about how many bytes the sealed form has.
    pub(super) fn sealed_bytes(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 8).sum();
        let body: usize = self.body.iter().map(Bytes::len).sum();
        ENVELOPE_BYTES + FIXED_BYTES + headers + 4 + self.frames.len() * 8 + body
    }

    /// Returns whether the answer, a stream of `dialect`, tells that it has failed.
    pub(super) fn tells_of_failure(&self, dialect: Dialect) -> bool {
        let text = |name| self.headers.get(name).and_then(|value| value.to_str().ok());
        ends_in_failure(dialect, text(CONTENT_TYPE), text(CONTENT_ENCODING), &self.whole_body())
    }

    /// Returns the entry with its body in one piece, which those who are given it can share.
    pub(super) fn joined(mut self) -> Self {
        self.body = vec![self.whole_body()];
        self
    }

    /// Returns the bytes of all frames; copied only where they are in pieces.
    pub(super) fn whole_body(&self) -> Bytes {
        match self.body.as_slice() {
            [only] => only.clone(),
            pieces => pieces.concat().into(),
        }
    }

    /// Seals the entry for a slot of its call.
    ///
    /// # Errors
    /// Fails when it is larger than the cipher or the form takes, far beyond what is kept.
    pub(super) fn seal(&self, key: &CacheKey, slot: u8) -> Result<Bytes, Damaged> {
        let nonce: [u8; NONCE_BYTES] = rand::random();
        let mut sealed = BytesMut::with_capacity(self.sealed_bytes());
        sealed.put_u8(VERSION);
        sealed.put_slice(&nonce);
        self.write(&mut sealed)?;
        let plain = sealed.get_mut(1 + NONCE_BYTES..).ok_or(Damaged)?;
        let tag = cipher(key)
            .encrypt_in_place_detached(XNonce::from_slice(&nonce), &key.slot(slot).0, plain)
            .map_err(|_| Damaged)?;
        sealed.put_slice(&tag);
        Ok(sealed.freeze())
    }

    /// Opens what [`Self::seal`] returned for the same slot of the same call.
    ///
    /// # Errors
    /// Fails when it is anything else.
    pub(super) fn open(sealed: &[u8], key: &CacheKey, slot: u8) -> Result<Self, Damaged> {
        let (&version, rest) = sealed.split_first().ok_or(Damaged)?;
        let (nonce, rest) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(Damaged)?;
        let (ciphertext, tag) = rest.split_last_chunk::<TAG_BYTES>().ok_or(Damaged)?;
        if version != VERSION {
            return Err(Damaged);
        }
        let mut plain = ciphertext.to_vec();
        cipher(key)
            .decrypt_in_place_detached(
                XNonce::from_slice(nonce),
                &key.slot(slot).0,
                &mut plain,
                Tag::from_slice(tag),
            )
            .map_err(|_| Damaged)?;
        Self::read(plain.into())
    }

    fn write(&self, out: &mut BytesMut) -> Result<(), Damaged> {
        out.put_slice(self.request_id.as_uuid().as_bytes());
        out.put_i64_le(self.kept_at.as_unix_micros());
        out.put_i64_le(self.expires_at.as_unix_micros());
        out.put_u64_le(u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX));
        out.put_u32_le(count(self.headers.len())?);
        for (name, value) in &self.headers {
            for part in [name.as_str().as_bytes(), value.as_bytes()] {
                out.put_u32_le(count(part.len())?);
                out.put_slice(part);
            }
        }
        out.put_u32_le(count(self.frames.len())?);
        for frame in &self.frames {
            out.put_u32_le(frame.length);
            out.put_u32_le(frame.after_ms);
        }
        self.body.iter().for_each(|piece| out.put_slice(piece));
        Ok(())
    }

    fn read(mut plain: Bytes) -> Result<Self, Damaged> {
        if plain.remaining() < FIXED_BYTES {
            return Err(Damaged);
        }
        let mut id = [0; 16];
        plain.copy_to_slice(&mut id);
        let request_id = RequestId::from_uuid(Uuid::from_bytes(id));
        let kept_at = Timestamp::from_unix_micros(plain.get_i64_le());
        let expires_at = Timestamp::from_unix_micros(plain.get_i64_le());
        let took = Duration::from_micros(plain.get_u64_le());
        let mut headers = HeaderMap::new();
        for _ in 0..plain.get_u32_le() {
            let name = HeaderName::from_bytes(&part(&mut plain)?).map_err(|_| Damaged)?;
            let value = HeaderValue::from_maybe_shared(part(&mut plain)?).map_err(|_| Damaged)?;
            headers.append(name, value);
        }
        let mut frames = Vec::new();
        for _ in 0..number(&mut plain)? {
            frames.push(FrameMark { length: number(&mut plain)?, after_ms: number(&mut plain)? });
        }
        Ok(Self { request_id, kept_at, expires_at, took, headers, frames, body: vec![plain] })
    }
}

fn cipher(key: &CacheKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(Key::from_slice(key.encryption_key()))
}

fn count(length: usize) -> Result<u32, Damaged> {
    u32::try_from(length).map_err(|_| Damaged)
}

fn number(plain: &mut Bytes) -> Result<u32, Damaged> {
    plain.try_get_u32_le().map_err(|_| Damaged)
}

fn part(plain: &mut Bytes) -> Result<Bytes, Damaged> {
    let length = number(plain)? as usize;
    if length > plain.len() {
        return Err(Damaged);
    }
    Ok(plain.split_to(length))
}

#[cfg(test)]
mod tests {
    use gatehouse_policy::cache::{KeyParts, RequestBody};
    use gatehouse_types::OrganizationId;

    use super::*;

    fn key(caller_secret: &[u8]) -> CacheKey {
        CacheKey::of(&KeyParts {
            organization_id: OrganizationId::NOBODY,
            caller_secret,
            origin: "https://api.openai.com",
            method: "POST",
            path: "/v1",
            query: None,
            body: RequestBody::Bytes(b""),
            seed: b"",
            ignored_keys: &[],
            credentials: &[],
            headers: &[],
        })
    }

    fn entry(body: &[&'static [u8]]) -> Entry {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", HeaderValue::from_static("text/event-stream"));
        headers.append("x-twice", HeaderValue::from_static("1"));
        headers.append("x-twice", HeaderValue::from_bytes(b"z\xfcrich").unwrap());
        let frames = (0..).zip(body);
        Entry {
            request_id: RequestId::from_uuid(Uuid::from_u128(5)),
            kept_at: Timestamp::from_unix_micros(-7),
            expires_at: Timestamp::from_unix_micros(i64::MAX),
            took: Duration::from_micros(1_234),
            headers,
            frames: frames
                .map(|(index, piece)| FrameMark { length: piece.len().try_into().unwrap(), after_ms: index })
                .collect(),
            body: body.iter().map(|piece| Bytes::from_static(piece)).collect(),
        }
    }

    #[test]
    fn opens_what_was_sealed_with_its_frames() {
        let bodies: [&[&[u8]]; 3] = [&[], &[b"one"], &[b"data: 1\n\n", b"", b"data: [DO", b"NE]\n\n"]];
        for body in bodies {
            let entry = entry(body);
            let sealed = entry.seal(&key(b"a"), 3).unwrap();
            assert_eq!(sealed.len(), entry.sealed_bytes());
            let opened = Entry::open(&sealed, &key(b"a"), 3).unwrap();
            assert_eq!(opened.body.concat(), body.concat());
            let whole = vec![Bytes::from(body.concat())];
            assert_eq!(Entry { body: whole, ..entry }, opened);
        }
    }

    #[test]
    fn opens_for_its_caller_in_its_slot_only() {
        let sealed = entry(&[b"secret text"]).seal(&key(b"a"), 3).unwrap();
        assert!(!sealed.windows(6).any(|window| window == b"secret" || window == b"stream"));
        assert!(Entry::open(&sealed, &key(b"b"), 3).is_err());
        assert!(Entry::open(&sealed, &key(b"a"), 2).is_err());
        assert_ne!(sealed, entry(&[b"secret text"]).seal(&key(b"a"), 3).unwrap());
    }

    #[test]
    fn sees_every_change() {
        let sealed = entry(&[b"text"]).seal(&key(b"a"), 0).unwrap();
        for at in 0..sealed.len() {
            let mut damaged = sealed.to_vec();
            damaged[at] ^= 1;
            assert!(Entry::open(&damaged, &key(b"a"), 0).is_err(), "at {at}");
            assert!(Entry::open(&sealed[..at], &key(b"a"), 0).is_err(), "up to {at}");
        }
    }

    #[test]
    fn does_not_read_past_what_is_there() {
        let mut plain = BytesMut::new();
        entry(&[b"text"]).write(&mut plain).unwrap();
        let body = b"text".len();
        for end in 0..plain.len() - body {
            assert!(Entry::read(plain.clone().freeze().slice(..end)).is_err(), "up to {end}");
        }
    }
}
