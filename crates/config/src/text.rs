//! The values that are written as one string: paths, addresses, choices, keys and store URLs.

use std::net::SocketAddr;
use std::path::PathBuf;

use gatehouse_types::Redacted;

use crate::values::{ControlUrl, DomainMode, Durability, HostPort, LogFormat, LogLevel, LogUrl, SharedUrl};

/// A value that is written as one string.
pub(crate) trait TextValue {
    /// Says which texts are taken, to follow "expected".
    fn expected(&self) -> &'static str;

    /// Takes the value of a text; a refused one leaves the value as it is.
    fn read(&mut self, text: &str) -> Result<(), Refusal>;

    /// Returns the text that reads as this value.
    fn written(&self) -> String;

    /// Returns whether the value is a secret, which no listing shows.
    fn secret(&self) -> bool {
        false
    }

    /// Returns whether a message may repeat a refused text; not where a secret may be a part of it.
    fn repeatable(&self) -> bool {
        !self.secret()
    }
}

/// Why a text is not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// It does not have the expected form.
    Shape,
    /// For the given reason, which follows the key's name and does not repeat secrets.
    Because(String),
}

/// An enumeration of which every value has a name.
pub(crate) trait Choice: Copy + PartialEq + 'static {
    const EXPECTED: &'static str;
    const NAMES: &'static [(&'static str, Self)];
}

impl Choice for DomainMode {
    const EXPECTED: &'static str = "\"open\", \"limited\" or \"closed\"";
    const NAMES: &'static [(&'static str, Self)] =
        &[("open", Self::Open), ("limited", Self::Limited), ("closed", Self::Closed)];
}

impl Choice for Durability {
    const EXPECTED: &'static str = "\"normal\" or \"strict\"";
    const NAMES: &'static [(&'static str, Self)] = &[("normal", Self::Normal), ("strict", Self::Strict)];
}

impl Choice for LogLevel {
    const EXPECTED: &'static str = "\"error\", \"warn\", \"info\", \"debug\" or \"trace\"";
    const NAMES: &'static [(&'static str, Self)] = &[
        ("error", Self::Error),
        ("warn", Self::Warn),
        ("info", Self::Info),
        ("debug", Self::Debug),
        ("trace", Self::Trace),
    ];
}

impl Choice for LogFormat {
    const EXPECTED: &'static str = "\"text\" or \"json\"";
    const NAMES: &'static [(&'static str, Self)] = &[("text", Self::Text), ("json", Self::Json)];
}

impl<T: Choice> TextValue for T {
    fn expected(&self) -> &'static str {
        T::EXPECTED
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        let (_, choice) = T::NAMES.iter().find(|(name, _)| *name == text).ok_or(Refusal::Shape)?;
        *self = *choice;
        Ok(())
    }

    fn written(&self) -> String {
        let name = T::NAMES.iter().find(|(_, choice)| choice == self);
        name.map(|(name, _)| (*name).to_owned()).unwrap_or_default()
    }
}

impl TextValue for PathBuf {
    fn expected(&self) -> &'static str {
        "a path such as \"./data\""
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        *self = path(text)?;
        Ok(())
    }

    fn written(&self) -> String {
        self.to_string_lossy().into_owned()
    }
}

impl TextValue for Option<PathBuf> {
    fn expected(&self) -> &'static str {
        "the path of a file, or \"\" for none"
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        *self = if text.is_empty() { None } else { Some(path(text)?) };
        Ok(())
    }

    fn written(&self) -> String {
        self.as_ref().map(TextValue::written).unwrap_or_default()
    }
}

impl TextValue for SocketAddr {
    fn expected(&self) -> &'static str {
        "an IP address and port such as \"127.0.0.1:8787\" or \"[::1]:8787\""
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        *self = text.parse().map_err(|_| Refusal::Shape)?;
        Ok(())
    }

    fn written(&self) -> String {
        self.to_string()
    }
}

impl TextValue for Option<SocketAddr> {
    fn expected(&self) -> &'static str {
        "an IP address and port such as \"127.0.0.1:5353\", or \"\" for none"
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        if text.is_empty() {
            *self = None;
            return Ok(());
        }
        let address = text.parse::<SocketAddr>().map_err(|_| Refusal::Shape)?;
        if address.port() == 0 {
            return Err(Refusal::Shape);
        }
        *self = Some(address);
        Ok(())
    }

    fn written(&self) -> String {
        self.map(|address| address.to_string()).unwrap_or_default()
    }
}

impl TextValue for Option<Redacted<String>> {
    fn expected(&self) -> &'static str {
        "a key of the form sk-helicone-xxxxxxx-xxxxxxx-xxxxxxx-xxxxxxx, where x is a lower-case letter or a digit, \
         or \"\" for none"
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        *self = match text {
            "" => None,
            key if is_api_key(key) => Some(Redacted::new(key.to_owned())),
            _ => return Err(Refusal::Shape),
        };
        Ok(())
    }

    fn written(&self) -> String {
        self.as_ref().map(|key| key.expose().clone()).unwrap_or_default()
    }

    fn secret(&self) -> bool {
        true
    }
}

impl TextValue for ControlUrl {
    fn expected(&self) -> &'static str {
        "\"sqlite:\" or \"sqlite:PATH\""
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        *self = Self::Sqlite(embedded_file(text, "sqlite:")?);
        Ok(())
    }

    fn written(&self) -> String {
        let Self::Sqlite(path) = self;
        format!("sqlite:{}", path.written())
    }

    fn repeatable(&self) -> bool {
        false
    }
}

impl TextValue for LogUrl {
    fn expected(&self) -> &'static str {
        "\"duckdb:\" or \"duckdb:PATH\""
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        *self = Self::DuckDb(embedded_file(text, "duckdb:")?);
        Ok(())
    }

    fn written(&self) -> String {
        let Self::DuckDb(path) = self;
        format!("duckdb:{}", path.written())
    }

    fn repeatable(&self) -> bool {
        false
    }
}

impl TextValue for SharedUrl {
    fn expected(&self) -> &'static str {
        "\"memory:\""
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        if text == "memory:" { Ok(()) } else { Err(not_built(text)) }
    }

    fn written(&self) -> String {
        "memory:".to_owned()
    }

    fn repeatable(&self) -> bool {
        false
    }
}

impl HostPort {
    /// Reads `host:port`; the host becomes lower-case.
    pub(crate) fn read(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let port = port.parse().ok().filter(|port| *port != 0)?;
        Some(Self { host: host_name(host)?, port })
    }
}

/// Returns a host name in lower case if it is one: dotted labels of letters, digits, `-` and `_`.
pub(crate) fn host_name(text: &str) -> Option<String> {
    const LONGEST_NAME: usize = 253;
    const LONGEST_LABEL: usize = 63;
    let is_label = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    (text.len() <= LONGEST_NAME && text.split('.').all(is_label)).then(|| text.to_ascii_lowercase())
}

/// Returns whether a text has the form of an API key, current or legacy.
fn is_api_key(text: &str) -> bool {
    let helicone = text.strip_prefix("sk-helicone-").or_else(|| text.strip_prefix("pk-helicone-"));
    let groups = match helicone {
        Some(rest) => {
            let rest = rest.strip_prefix("eu-").unwrap_or(rest);
            rest.strip_prefix("rl-").unwrap_or(rest)
        }
        None => text.strip_prefix("sk-").unwrap_or_default(),
    };
    let is_group = |group: &str| {
        group.len() == 7 && group.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    groups.split('-').count() == 4 && groups.split('-').all(is_group)
}

/// Reads the path of an embedded store, none for the default one; a path is taken as it stands.
fn embedded_file(text: &str, scheme: &str) -> Result<Option<PathBuf>, Refusal> {
    match text.strip_prefix(scheme) {
        Some("") => Ok(None),
        Some(file) if file.starts_with("//") => {
            Err(Refusal::Because(format!("has slashes after `{scheme}`, which is followed by a plain path")))
        }
        Some(file) => path(file).map(Some),
        None => Err(not_built(text)),
    }
}

/// Refuses a URL; one of a store that is known by name gets its own message. The rest may hold a password.
fn not_built(text: &str) -> Refusal {
    const KNOWN: [(&str, &str); 6] = [
        ("http://", "ClickHouse"),
        ("https://", "ClickHouse"),
        ("postgres://", "PostgreSQL"),
        ("postgresql://", "PostgreSQL"),
        ("redis://", "Redis"),
        ("rediss://", "Redis"),
    ];
    let Some((scheme, store)) = KNOWN.iter().find(|(scheme, _)| text.starts_with(scheme)) else {
        return Refusal::Shape;
    };
    Refusal::Because(format!("names {store} ({scheme}…), support for which is not built yet"))
}

fn path(text: &str) -> Result<PathBuf, Refusal> {
    let usable = !text.trim().is_empty() && !text.contains('\0');
    if usable { Ok(PathBuf::from(text)) } else { Err(Refusal::Shape) }
}
