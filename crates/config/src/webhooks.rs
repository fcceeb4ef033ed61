//! `[webhooks]`: how webhooks are told of calls.

use std::time::Duration;

use crate::definitions::Definition;
use crate::slot::Slot;
use crate::text::{Refusal, TextValue, host_name};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// `[webhooks]`: how webhooks are told of calls.
#[derive(Debug, Clone, PartialEq)]
pub struct WebhooksConfig {
    /// How often a delivery is tried, at least once.
    pub attempts: u32,
    /// The pause after the first failure; each later one is five times as long, ten minutes at most.
    pub retry_pause: Duration,
    /// Longest wait for a receiver's answer.
    pub timeout: Duration,
    /// Most deliveries of one webhook at once.
    pub parallel: usize,
    /// About how much memory all deliveries under way may take, in bytes.
    pub max_waiting_bytes: u64,
    /// Where the API is reached from outside.
    pub api_url: Option<ApiUrl>,
}

impl Default for WebhooksConfig {
    fn default() -> Self {
        Self {
            attempts: 5,
            retry_pause: Duration::from_secs(4),
            timeout: Duration::from_secs(30),
            parallel: 4,
            max_waiting_bytes: 64 * MIB,
            api_url: None,
        }
    }
}

/// The URL under which the API is reached from outside.
///
/// # Invariants
/// `http` or `https`, a host, maybe a port and a path; no slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiUrl(String);

impl ApiUrl {
    /// Returns the text, to which a path is added.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn read(text: &str) -> Option<Self> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
        let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = place.rsplit_once(':').unwrap_or((place, "443"));
        host_name(host)?;
        port.parse::<u16>().ok().filter(|port| *port != 0)?;
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        path.bytes().all(is_plain).then(|| Self(text.trim_end_matches('/').to_owned()))
    }
}

impl TextValue for Option<ApiUrl> {
    fn expected(&self) -> &'static str {
        "a URL such as \"https://gatehouse.example.com\", or \"\" for none"
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        *self = match text {
            "" => None,
            text => Some(ApiUrl::read(text).ok_or(Refusal::Shape)?),
        };
        Ok(())
    }

    fn written(&self) -> String {
        self.as_ref().map(|url| url.0.clone()).unwrap_or_default()
    }

    fn repeatable(&self) -> bool {
        false
    }
}

pub(crate) static WEBHOOKS: [Definition; 6] = [
    Definition {
        path: "webhooks.attempts",
        doc: "How often a delivery is tried before it becomes a dead letter.",
        example: "3",
        slot: |config| Slot::Count(&mut config.webhooks.attempts, 1..=20),
    },
    Definition {
        path: "webhooks.retry_pause",
        doc: "Pause after the first failure; each later one is five times as long, ten minutes at most, and up to \
              half of it is left out at random.",
        example: "\"1s\"",
        slot: |config| {
            Slot::Time(&mut config.webhooks.retry_pause, Duration::from_millis(1)..=Duration::from_mins(10))
        },
    },
    Definition {
        path: "webhooks.timeout",
        doc: "Longest wait for the answer of a receiver, connecting included.",
        example: "\"10s\"",
        slot: |config| {
            Slot::Time(&mut config.webhooks.timeout, Duration::from_millis(1)..=Duration::from_mins(2))
        },
    },
    Definition {
        path: "webhooks.parallel",
        doc: "Most deliveries of one webhook at once.",
        example: "16",
        slot: |config| Slot::Count(&mut config.webhooks.parallel, 1..=256),
    },
    Definition {
        path: "webhooks.max_waiting_bytes",
        doc: "About how much memory deliveries under way may take; a webhook's share is at least 256 KiB and at \
              most 8 MiB, and what does not fit becomes a dead letter.",
        example: "\"256MiB\"",
        slot: |config| Slot::Bytes(&mut config.webhooks.max_waiting_bytes, MIB..=64 * GIB),
    },
    Definition {
        path: "webhooks.api_url",
        doc: "URL under which receivers reach the API; with it a delivery says where the whole call can be read.",
        example: "\"https://gatehouse.example.com\"",
        slot: |config| Slot::Text(&mut config.webhooks.api_url),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_of_the_api_has_a_host_and_nothing_secret() {
        let read = |text: &str| ApiUrl::read(text).map(|url| url.0);
        assert_eq!(read("https://gate.example/"), Some("https://gate.example".to_owned()));
        assert_eq!(read("http://localhost:8585"), Some("http://localhost:8585".to_owned()));
        assert_eq!(read("https://gate.example/log/"), Some("https://gate.example/log".to_owned()));
        for text in ["gate.example", "ftp://a", "https://", "https://a:0", "https://u:p@a", "https://a/?k=v"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
