//! What the gateway did with a call beside passing it on.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::RequestId;

/// How a record came to be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The call went through the gateway.
    #[default]
    Gateway,
    /// The application made the call itself and logged it.
    Manual,
    /// The call is a span of a trace.
    Trace,
    /// The call was logged by another server, and its record imported.
    Import,
}

impl Source {
    /// Every source, for reading them back.
    pub const ALL: [Self; 4] = [Self::Gateway, Self::Manual, Self::Trace, Self::Import];

    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gateway => "gateway",
            Self::Manual => "manual",
            Self::Trace => "trace",
            Self::Import => "import",
        }
    }
}

/// One time a provider was asked. Times are microseconds since the head of the request was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// The provider's name, in Helicone's spelling where it has one.
    pub provider: Arc<str>,
    /// Scheme, host and port.
    pub origin: String,
    /// The entry of `Helicone-Fallbacks` that was asked, counted from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallback_index: Option<u16>,
    /// The status of the answer, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Why there was no answer: the stable kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_kind: Option<String>,
    /// When it began.
    pub started_us: u64,
    /// When the head of the answer was there, or it had failed.
    pub ended_us: u64,
    /// How long connecting took; `None` when a pooled connection served or none was had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connect_us: Option<u64>,
}

/// What the cache did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CacheStatus {
    /// It had no answer, or was only to keep one.
    #[default]
    Miss,
    /// The answer came from it.
    Hit,
}

impl CacheStatus {
    /// Every status, for reading them back.
    pub const ALL: [Self; 2] = [Self::Miss, Self::Hit];

    /// Returns the name used in rows and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Miss => "miss",
            Self::Hit => "hit",
        }
    }
}

/// What a call had to do with the cache.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CacheUse {
    /// Whether the answer came from it.
    pub status: CacheStatus,
    /// The call whose answer was given again.
    pub reference_id: Option<RequestId>,
    /// Which slot of the bucket answered, counted from 0.
    pub bucket_index: Option<u16>,
    /// How long the call took whose answer was given again, in microseconds.
    pub original_us: Option<u64>,
}

/// What the limits said to a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LimitUse {
    /// The tightest policy in its canonical form; empty when none could be read.
    pub policy: String,
    /// Whether the call was refused.
    pub is_refused: bool,
    /// Why a policy of the caller's was not applied.
    pub error: Option<String>,
}

/// What a guard said to a call.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GuardUse {
    /// The guard's name.
    pub name: String,
    /// What it guards against: `moderation` or `security`, or `always`.
    pub kind: String,
    /// Whether it refused the call.
    pub is_denied: bool,
    /// Its reason, or why it could not be asked.
    pub reason: Option<String>,
    /// How long it took, in microseconds.
    pub took_us: u64,
}
