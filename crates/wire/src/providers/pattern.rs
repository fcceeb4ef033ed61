//! Which hosts are meant: a name, in which one `*` stands for a run of characters without a dot.

use std::fmt;
use std::str::FromStr;

/// A host name such as `api.openai.com`, `*.openai.azure.com` or `localhost:11434`.
///
/// A `*` stands for one non-empty run of characters without a dot. A pattern without a port is about every port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostPattern {
    before: String,
    /// What follows the `*`, if there is one.
    after: Option<String>,
    port: Option<u16>,
}

/// Why a text is not a host pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a host such as `api.example.com`, `*.example.com` or `localhost:11434`")]
pub struct PatternError(String);

impl HostPattern {
    /// Returns whether `host` (no port, any letter case, maybe a trailing dot) at `port` is meant.
    pub fn matches(&self, host: &str, port: u16) -> bool {
        self.port.is_none_or(|own| own == port) && self.matches_host(host)
    }

    /// Returns the only host that is meant, if there is no `*`.
    pub fn single_host(&self) -> Option<&str> {
        self.after.is_none().then_some(self.before.as_str())
    }

    /// Returns the pattern with `fill` in place of the `*`, without its port.
    pub fn filled(&self, fill: &str) -> String {
        match &self.after {
            Some(after) => format!("{}{fill}{after}", self.before),
            None => self.before.clone(),
        }
    }

    pub(crate) const fn names_port(&self) -> bool {
        self.port.is_some()
    }

    pub(crate) fn matches_host(&self, host: &str) -> bool {
        let host = host.strip_suffix('.').unwrap_or(host).as_bytes();
        let before = self.before.as_bytes();
        let Some(after) = self.after.as_ref().map(String::as_bytes) else {
            return host.eq_ignore_ascii_case(before);
        };
        let Some(label_bytes) = host.len().checked_sub(before.len() + after.len()) else {
            return false;
        };
        let (head, rest) = host.split_at(before.len());
        let (label, tail) = rest.split_at(label_bytes);
        tail.eq_ignore_ascii_case(after)
            && head.eq_ignore_ascii_case(before)
            && !label.is_empty()
            && memchr::memchr(b'.', label).is_none()
    }
}

impl FromStr for HostPattern {
    type Err = PatternError;

    fn from_str(text: &str) -> Result<Self, PatternError> {
        let refused = || PatternError(text.chars().take(200).collect());
        let lower = text.trim().to_ascii_lowercase();
        let (host, port) = match lower.split_once(':') {
            Some((host, port)) => {
                (host, Some(port.parse().ok().filter(|port| *port != 0).ok_or_else(refused)?))
            }
            None => (lower.as_str(), None),
        };
        if !is_host(host) {
            return Err(refused());
        }
        let (before, after) = match host.split_once('*') {
            Some((before, after)) => (before, Some(after.to_owned())),
            None => (host, None),
        };
        Ok(Self { before: before.to_owned(), after, port })
    }
}

/// Returns whether `text` is made of labels of letters, digits, hyphens and underscores, with at most one `*`,
/// which must not stand for everything.
fn is_host(text: &str) -> bool {
    let is_character =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '*');
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.chars().all(is_character);
    text.len() <= 253
        && text.split('.').all(is_label)
        && text.matches('*').count() <= 1
        && text.chars().any(|character| character.is_ascii_alphanumeric())
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.filled("*"))?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}
