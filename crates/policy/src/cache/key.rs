//! The name of an entry: a digest over everything that an answer may depend on.

use std::fmt;

use gatehouse_types::OrganizationId;

use super::canonical::canonical;

/// What the digests are for; a change of what goes into them needs another text.
const KEY_CONTEXT: &str = "gatehouse 2026-11-22 response cache key v1";
const SLOT_CONTEXT: &str = "gatehouse 2026-11-22 response cache slot v1";
const SECRET_CONTEXT: &str = "gatehouse 2026-11-22 response cache encryption v1";

/// The body of a request, as its `Content-Type` and `Content-Encoding` say.
#[derive(Clone, Copy)]
pub enum RequestBody<'a> {
    /// A JSON document, or what claims to be one; ignored keys are left out of it.
    Json(&'a [u8]),
    /// Anything else: every byte counts.
    Bytes(&'a [u8]),
}

/// Everything that the answer to a call may depend on.
#[derive(Clone, Copy)]
pub struct KeyParts<'a> {
    /// The tenant.
    pub organization_id: OrganizationId,
    /// The caller's own key for the gateway: entries are encrypted for it, so nobody else can share them.
    pub caller_secret: &'a [u8],
    /// Scheme, host and port of the target.
    pub origin: &'a str,
    /// The HTTP method.
    pub method: &'a str,
    /// The path as it is asked for.
    pub path: &'a str,
    /// What follows the path, without the question mark.
    pub query: Option<&'a str>,
    /// The body as it is asked for.
    pub body: RequestBody<'a>,
    /// `Helicone-Cache-Seed`.
    pub seed: &'a [u8],
    /// The keys at the top of a JSON body that make no difference.
    pub ignored_keys: &'a [String],
    /// Names and values of headers that hold the caller's credentials at the provider, in a fixed order.
    pub credentials: &'a [(&'a str, &'a [u8])],
    /// Names and values of headers that an answer depends on, in a fixed order.
    pub headers: &'a [(&'a str, &'a [u8])],
}

/// The name of a slot's entry in a store; says nothing about what it was made of.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct EntryKey(pub [u8; 32]);

impl fmt::Debug for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().take(8).try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// What calls that may share answers have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BucketId(EntryKey);

/// The key of a call: names its entries and encrypts them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CacheKey {
    bucket: [u8; 32],
    secret: [u8; 32],
}

impl fmt::Debug for CacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("CacheKey").field(&EntryKey(self.bucket)).finish()
    }
}

impl CacheKey {
    /// Makes the key of a call; takes time in proportion to the body's length.
    ///
    /// Every part goes in behind its length, so that no two lists of parts are one sequence of bytes.
    pub fn of(parts: &KeyParts<'_>) -> Self {
        let mut hasher = Hasher(blake3::Hasher::new_derive_key(KEY_CONTEXT));
        hasher.part(parts.organization_id.as_uuid().as_bytes());
        hasher.part(parts.caller_secret);
        hasher.part(parts.origin.as_bytes());
        hasher.part(parts.method.as_bytes());
        hasher.part(parts.path.as_bytes());
        hasher.optional(parts.query.map(str::as_bytes));
        hasher.part(parts.seed);
        hasher.pairs(parts.credentials);
        hasher.pairs(parts.headers);
        let form = match parts.body {
            RequestBody::Json(body) => canonical(body, parts.ignored_keys).ok_or(body),
            RequestBody::Bytes(body) => Err(body),
        };
        match form {
            Ok(form) => hasher.tagged(b"json", &form),
            Err(body) => hasher.tagged(b"bytes", body),
        }
        let bucket = hasher.finish();
        let mut hasher = Hasher(blake3::Hasher::new_derive_key(SECRET_CONTEXT));
        hasher.part(parts.caller_secret);
        hasher.part(&bucket);
        Self { bucket, secret: hasher.finish() }
    }

    /// Returns what calls that may share answers have in common.
    pub const fn bucket(&self) -> BucketId {
        BucketId(EntryKey(self.bucket))
    }

    /// Returns the name of a slot's entry.
    pub fn slot(&self, index: u8) -> EntryKey {
        let mut hasher = Hasher(blake3::Hasher::new_derive_key(SLOT_CONTEXT));
        hasher.part(&self.bucket);
        hasher.part(&[index]);
        EntryKey(hasher.finish())
    }

    /// Returns the key that the entries are encrypted with: without the caller's own key nobody has it.
    pub const fn encryption_key(&self) -> &[u8; 32] {
        &self.secret
    }
}

/// BLAKE3 over parts behind their lengths.
struct Hasher(blake3::Hasher);

impl Hasher {
    fn part(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    fn optional(&mut self, part: Option<&[u8]>) {
        self.part(&[u8::from(part.is_some())]);
        self.part(part.unwrap_or_default());
    }

    fn tagged(&mut self, tag: &[u8], part: &[u8]) {
        self.part(tag);
        self.part(part);
    }

    fn pairs(&mut self, pairs: &[(&str, &[u8])]) {
        self.part(&(pairs.len() as u64).to_le_bytes());
        for (name, value) in pairs {
            self.tagged(name.as_bytes(), value);
        }
    }

    fn finish(&self) -> [u8; 32] {
        *self.0.finalize().as_bytes()
    }
}
