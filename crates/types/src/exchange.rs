//! The record of one exchange: everything the gateway knows about a call when it has ended.
//!
//! [`Exchange::encode`] gives the journal's form: a version byte, the length of the metadata (u32,
//! little endian), the metadata as JSON, then the two bodies as they were. [`Exchange::decode`] reads it
//! back. The metadata is JSON so that a field can be added while older records stay readable.

use std::sync::Arc;

use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::{KeyId, Observed, OrganizationId, ProxyKeyId, RequestId, Timestamp};

pub use handling::{Attempt, CacheStatus, CacheUse, GuardUse, LimitUse, Source};

mod handling;

/// The version of the journal's form that [`Exchange::encode`] writes.
const FORMAT_VERSION: u8 = 1;
/// The version byte and the metadata's length.
const PREFIX_BYTES: usize = 5;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The provider's answer reached the client whole (whatever its status).
    Complete,
    /// The provider ended its answer before it was whole.
    UpstreamCut,
    /// The client went away before the answer was whole.
    ClientGone,
    /// A deadline passed before the answer was whole.
    TimedOut,
    /// The gateway refused the call; no provider was asked.
    Refused,
    /// No answer could be had from the provider.
    Failed,
}

impl Outcome {
    /// Every outcome, for metrics and documentation.
    pub const ALL: [Self; 6] =
        [Self::Complete, Self::UpstreamCut, Self::ClientGone, Self::TimedOut, Self::Refused, Self::Failed];

    /// Returns whether the answer came to its end: of any other nobody knows what would have followed.
    pub const fn is_whole(self) -> bool {
        matches!(self, Self::Complete | Self::Refused)
    }

    /// Returns the name used in rows, metrics and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Complete => "complete",
            Self::UpstreamCut => "upstream_cut",
            Self::ClientGone => "client_gone",
            Self::TimedOut => "timed_out",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// The shape of a provider's API: it decides how bodies are read and how our own errors look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Dialect {
    /// OpenAI's API and all that copy it.
    OpenAi,
    /// Anthropic's messages API.
    Anthropic,
    /// Google's `generateContent` API.
    Google,
    /// Cohere's chat API.
    Cohere,
    /// AWS Bedrock's runtime.
    Bedrock,
    /// A shape that nothing here understands; bodies are kept as they are.
    #[default]
    Unknown,
}

impl Dialect {
    /// Returns the name used in the configuration and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Anthropic => "anthropic",
            Self::Google => "google",
            Self::Cohere => "cohere",
            Self::Bedrock => "bedrock",
            Self::Unknown => "unknown",
        }
    }
}

/// What became of a body on its way into the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BodyState {
    /// There was none.
    #[default]
    Empty,
    /// It is here, whole.
    Stored,
    /// It was longer than the cap: its beginning is here.
    Truncated,
    /// The caller asked for it not to be kept.
    Omitted,
}

impl BodyState {
    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::Stored => "stored",
            Self::Truncated => "truncated",
            Self::Omitted => "omitted",
        }
    }
}

/// One body of an exchange, with the headers that are needed to read it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Body {
    /// The kept bytes, in order, still in the content encoding they were sent in.
    pub segments: Vec<Bytes>,
    /// How many bytes went over the wire, kept or not.
    pub wire_bytes: u64,
    /// What became of it.
    pub state: BodyState,
    /// The `Content-Type`, as far as it is text.
    pub content_type: Option<String>,
    /// The `Content-Encoding`, as far as it is text.
    pub content_encoding: Option<String>,
}

impl Body {
    /// Returns the number of kept bytes.
    pub fn kept_bytes(&self) -> usize {
        self.segments.iter().map(Bytes::len).sum()
    }

    /// Returns the kept bytes in one piece; no copy when they already are.
    pub fn contiguous(&self) -> Bytes {
        match self.segments.as_slice() {
            [] => Bytes::new(),
            [only] => only.clone(),
            segments => {
                let mut whole = BytesMut::with_capacity(self.kept_bytes());
                segments.iter().for_each(|segment| whole.put_slice(segment));
                whole.freeze()
            }
        }
    }
}

/// Where the time of a call went, in microseconds since its head was read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Timing {
    /// How long resolving, connecting and the TLS handshake took; `None` when a pooled connection served.
    pub connect_us: Option<u64>,
    /// When the head of the provider's answer was there.
    pub first_byte_us: Option<u64>,
    /// When the first part of a stream's body was there; `None` for what is not a stream.
    pub first_token_us: Option<u64>,
    /// When the call had ended.
    pub total_us: u64,
}

/// Everything about a call but its bodies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeMeta {
    /// The call's id.
    pub request_id: RequestId,
    /// Whether the client chose the id, so that it may occur again.
    #[serde(default)]
    pub client_chose_id: bool,
    /// The tenant.
    pub organization_id: OrganizationId,
    /// The Helicone key that was used.
    #[serde(default)]
    pub key_id: Option<KeyId>,
    /// When the head of the request was read.
    pub started_at: Timestamp,
    /// Where the time went.
    pub timing: Timing,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status that the client saw, or Helicone's synthetic one: -2 timed out, -3 client gone.
    pub status: i32,
    /// For a refusal or failure: the stable kind (`connect_timeout`, `invalid_target`, …).
    #[serde(default)]
    pub error_kind: Option<String>,
    /// How many times a provider was asked.
    pub attempts: u16,
    /// The HTTP method.
    pub method: String,
    /// The path and query the client used, credentials in it blanked.
    pub path: String,
    /// The URL the provider was asked at, credentials in it blanked; empty when there was no target.
    pub target_url: String,
    /// The provider's name, in Helicone's spelling where it has one.
    pub provider: Arc<str>,
    /// The shape of the provider's API.
    #[serde(default)]
    pub dialect: Dialect,
    /// `Helicone-User-Id`.
    #[serde(default)]
    pub user_id: Option<String>,
    /// Custom properties, names as received (HTTP lower-cases them), and the session trio.
    #[serde(default)]
    pub properties: Vec<(String, String)>,
    /// `Helicone-Model-Override`.
    #[serde(default)]
    pub model_override: Option<String>,
    /// The country that the caller is in, as an edge before the gateway says: two letters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_code: Option<String>,
    /// What was read from the bodies before they were dropped, or while they passed; only for calls whose bodies are
    /// omitted, longer than their copies, or settled with what limits set aside.
    #[serde(default)]
    pub observed: Option<Observed>,
    /// How the record came to be.
    #[serde(default, skip_serializing_if = "is_default")]
    pub source: Source,
    /// Every time a provider was asked, where that was more than once or not the caller's first choice;
    /// otherwise the call's own facts say it all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempt_log: Vec<Attempt>,
    /// Which entry of `Helicone-Fallbacks` answered, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_index: Option<u16>,
    /// What the cache did; `None` when the caller did not enable it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache: Option<CacheUse>,
    /// What the limits said; `None` when there was none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_limit: Option<LimitUse>,
    /// What the guards said, in the order in which they were asked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub guards: Vec<GuardUse>,
    /// The proxy key that stood in the place of the provider's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy_key_id: Option<ProxyKeyId>,
    /// `Helicone-Prompt-Id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_id: Option<String>,
    /// `Helicone-Prompt-Version`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_version: Option<String>,
    /// The inputs that the prompt's tags marked in the request's body.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub prompt_inputs: Vec<(String, String)>,
}

impl ExchangeMeta {
    /// Returns the facts of a call of which nothing is known yet but whose it is and when it began.
    pub fn new(request_id: RequestId, organization_id: OrganizationId, started_at: Timestamp) -> Self {
        Self {
            request_id,
            client_chose_id: false,
            organization_id,
            key_id: None,
            started_at,
            timing: Timing::default(),
            outcome: Outcome::Complete,
            status: 0,
            error_kind: None,
            attempts: 0,
            method: String::new(),
            path: String::new(),
            target_url: String::new(),
            provider: "".into(),
            dialect: Dialect::default(),
            user_id: None,
            properties: Vec::new(),
            model_override: None,
            country_code: None,
            observed: None,
            source: Source::default(),
            attempt_log: Vec::new(),
            fallback_index: None,
            cache: None,
            rate_limit: None,
            guards: Vec::new(),
            proxy_key_id: None,
            prompt_id: None,
            prompt_version: None,
            prompt_inputs: Vec::new(),
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The record of one call: its facts and its bodies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// The facts.
    pub meta: ExchangeMeta,
    /// What the client sent.
    pub request: Body,
    /// What the provider answered.
    pub response: Body,
}

/// Why bytes are not an encoded exchange.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// The bytes end before the record does.
    #[error("exchange record of {0} bytes is too short")]
    TooShort(usize),
    /// The record was written by a newer version.
    #[error("exchange record has unknown format version {0}")]
    UnknownVersion(u8),
    /// The metadata is not what it should be.
    #[error("exchange record has invalid metadata")]
    Metadata(#[from] serde_json::Error),
}

/// The JSON part of an encoded record.
#[derive(Serialize, Deserialize)]
struct Head<M> {
    meta: M,
    request: BodyHead,
    response: BodyHead,
}

/// A body without its bytes.
#[derive(Serialize, Deserialize)]
struct BodyHead {
    kept_bytes: usize,
    wire_bytes: u64,
    state: BodyState,
    content_type: Option<String>,
    content_encoding: Option<String>,
}

impl From<&Body> for BodyHead {
    fn from(body: &Body) -> Self {
        Self {
            kept_bytes: body.kept_bytes(),
            wire_bytes: body.wire_bytes,
            state: body.state,
            content_type: body.content_type.clone(),
            content_encoding: body.content_encoding.clone(),
        }
    }
}

impl BodyHead {
    fn with_bytes(self, bytes: Bytes) -> Body {
        Body {
            segments: if bytes.is_empty() { Vec::new() } else { vec![bytes] },
            wire_bytes: self.wire_bytes,
            state: self.state,
            content_type: self.content_type,
            content_encoding: self.content_encoding,
        }
    }
}

impl Exchange {
    /// Returns the journal's form as parts to be written one after the other; bodies are not copied.
    ///
    /// # Errors
    /// Fails only when the metadata can't be written as JSON, which its types rule out.
    pub fn encode(self) -> Result<Vec<Bytes>, serde_json::Error> {
        let head =
            Head { meta: &self.meta, request: (&self.request).into(), response: (&self.response).into() };
        let mut first = BytesMut::with_capacity(1024).writer();
        first.get_mut().put_bytes(0, PREFIX_BYTES);
        serde_json::to_writer(&mut first, &head)?;
        let mut first = first.into_inner();
        let meta_bytes = u32::try_from(first.len() - PREFIX_BYTES).unwrap_or(u32::MAX).to_le_bytes();
        if let Some((version, rest)) = first.split_first_mut() {
            *version = FORMAT_VERSION;
            rest.iter_mut().zip(meta_bytes).for_each(|(slot, byte)| *slot = byte);
        }
        let mut parts = Vec::with_capacity(1 + self.request.segments.len() + self.response.segments.len());
        parts.push(first.freeze());
        parts.extend(self.request.segments);
        parts.extend(self.response.segments);
        Ok(parts)
    }

    /// Reads the journal's form back; the bodies are slices of `record`.
    ///
    /// # Errors
    /// Fails when `record` is cut short, of an unknown version, or its metadata is invalid.
    pub fn decode(record: &Bytes) -> Result<Self, DecodeError> {
        let too_short = || DecodeError::TooShort(record.len());
        let (&version, rest) = record.split_first().ok_or_else(too_short)?;
        if version != FORMAT_VERSION {
            return Err(DecodeError::UnknownVersion(version));
        }
        let (length, rest) = rest.split_first_chunk::<4>().ok_or_else(too_short)?;
        let meta_bytes = u32::from_le_bytes(*length) as usize;
        let head: Head<ExchangeMeta> = serde_json::from_slice(rest.get(..meta_bytes).ok_or_else(too_short)?)?;
        let bodies = PREFIX_BYTES + meta_bytes;
        let middle = bodies.saturating_add(head.request.kept_bytes);
        let end = middle.saturating_add(head.response.kept_bytes);
        if end > record.len() {
            return Err(too_short());
        }
        Ok(Self {
            meta: head.meta,
            request: head.request.with_bytes(record.slice(bodies..middle)),
            response: head.response.with_bytes(record.slice(middle..end)),
        })
    }
}

#[cfg(test)]
mod tests;
