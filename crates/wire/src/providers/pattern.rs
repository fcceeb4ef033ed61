//! Which hosts are meant: a name, in which one `*` stands for a run of characters without a dot.

use std::fmt;
use std::str::FromStr;

/// A host name such as `api.openai.com`, `*.openai.azure.com` or `localhost:11434`.
///
/// A `*` stands for one non-empty run of characters without a dot. A pattern without a port is about every port.
///
/// # Invariants
/// The last label has no `*`: whatever follows a host's name makes it another host.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct HostPattern {
    before: String,
    /// What follows the `*`, if there is one.
    after: Option<String>,
    port: Option<u16>,
}

/// Why a text is not a host pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{shown} is not a host such as `api.example.com`, `*.example.com` or `localhost:11434`{reason}")]
pub struct PatternError {
    shown: String,
    reason: &'static str,
}

impl HostPattern {
    /// Returns whether `host` (no port, any letter case, maybe a trailing dot) at `port` is meant.
    pub fn matches(&self, host: &str, port: u16) -> bool {
        self.port.is_none_or(|own| own == port) && self.matches_host(host)
    }

    /// Returns the pattern with `fill` in place of the `*`, without its port.
    pub fn filled(&self, fill: &str) -> String {
        match &self.after {
            Some(after) => format!("{}{fill}{after}", self.before),
            None => self.before.clone(),
        }
    }

    /// Returns whether it names a port; one that does not stands for all of them.
    pub const fn names_port(&self) -> bool {
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
        read(&text.trim().to_ascii_lowercase()).map_err(|reason| PatternError { shown: shown(text), reason })
    }
}

/// Reads a pattern in lower case.
///
/// # Errors
/// Fails with what to do about it, to follow the sentence that it is no host.
fn read(text: &str) -> Result<HostPattern, &'static str> {
    if text.contains("://") {
        return Err("; leave out what comes before and with `://`");
    }
    if text.contains('/') {
        return Err("; leave out the path");
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => {
            let port = port.parse().ok().filter(|port| *port != 0);
            (host, Some(port.ok_or("; a port is a number from 1 to 65535")?))
        }
        None => (text, None),
    };
    if host.matches('*').count() > 1 {
        return Err("; it may have one `*`");
    }
    if host.rsplit('.').next().is_some_and(|last| last.contains('*')) {
        return Err("; its last part may have no `*`");
    }
    if !is_host(host) {
        return Err("");
    }
    let (before, after) = match host.split_once('*') {
        Some((before, after)) => (before, Some(after.to_owned())),
        None => (host, None),
    };
    Ok(HostPattern { before: before.to_owned(), after, port })
}

/// Returns whether `text` is made of labels of letters, digits, hyphens, underscores and asterisks.
fn is_host(text: &str) -> bool {
    let is_character =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '*');
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.chars().all(is_character);
    text.len() <= 253 && text.split('.').all(is_label)
}

/// The text as a message repeats it; what may have a password in it is left out.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.contains('@') {
        return "a text with a user name".to_owned();
    }
    let escaped: String = text.chars().take(LONGEST).flat_map(char::escape_debug).collect();
    format!("`{escaped}`")
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.filled("*"))?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests;
