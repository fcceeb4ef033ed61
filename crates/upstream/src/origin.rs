//! Where a request goes: scheme, host and port of a provider, read from the text a client gave.

mod ports;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use http::HeaderValue;
use http::uri::Authority;
use url::{Host, Url};

const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

/// How an origin is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// Over TLS.
    Https,
    /// In the clear.
    Http,
}

impl Scheme {
    /// Returns `https` or `http`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    const fn default_port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

/// The place a connection goes to: scheme, host and port, checked.
///
/// Two origins are equal when these three are, however their texts were written; connections are pooled and
/// counted by it. Whether its addresses may be connected to is decided when it is resolved.
///
/// # Invariants
/// `host` is lower-case ASCII (IDNA applied, numeric forms turned into plain addresses, IPv4-mapped addresses
/// into IPv4 addresses), without a trailing dot, IPv6 addresses without brackets. A name is made of labels of
/// letters, digits, hyphens and underscores. `port` is none that browsers refuse.
#[derive(Clone, Debug)]
pub struct Origin {
    scheme: Scheme,
    host: String,
    address: Option<IpAddr>,
    port: u16,
    authority: Authority,
    host_header: HeaderValue,
}

impl PartialEq for Origin {
    fn eq(&self, other: &Self) -> bool {
        (self.scheme, self.port, &self.host) == (other.scheme, other.port, &other.host)
    }
}

impl Eq for Origin {}

impl Hash for Origin {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.scheme, self.port, &self.host).hash(state);
    }
}

/// Why a text is not a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// It is no URL, or one without a host.
    #[error("`{0}` is not a URL with a host; write it like `https://api.openai.com`")]
    NotAUrl(String),
    /// Its scheme is not spoken here.
    #[error("scheme `{0}` is not supported; use `https`")]
    Scheme(String),
    /// Plain HTTP, and the operator did not allow it.
    #[error("plain `http` targets are not allowed; use `https`, or set `upstream.allow_http`")]
    PlainHttp,
    /// It carries a user name or password.
    #[error("a target must not contain a user name or password")]
    UserInfo,
    /// It has a character that programs read differently, if they do at all.
    #[error("a target must not contain the character {0:?}")]
    Character(char),
    /// Its port belongs to another protocol.
    #[error("port {0} is not for HTTP; targets can't have it")]
    Port(u16),
}

impl From<Scheme> for http::uri::Scheme {
    fn from(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Https => Self::HTTPS,
            Scheme::Http => Self::HTTP,
        }
    }
}

impl Origin {
    /// Returns the origin of the URL in `text`; path, query and fragment are ignored.
    ///
    /// The text is read as browsers do (the WHATWG's URL standard), but what they only tolerate is refused:
    /// control characters, backslashes, more or less than two slashes before the host, empty labels.
    ///
    /// # Errors
    /// Fails when `text` is not an absolute `https` URL (or `http`, if allowed) with a host, without user
    /// information, and with a port that HTTP may have.
    pub fn parse(text: &str, allow_http: bool) -> Result<Self, TargetError> {
        let text = text.trim_ascii();
        if let Some(character) = text.chars().find(|character| character.is_control() || *character == '\\') {
            return Err(TargetError::Character(character));
        }
        // First of all: no other error may repeat a password.
        if has_user_info(text) {
            return Err(TargetError::UserInfo);
        }
        let not_a_url = || TargetError::NotAUrl(text.chars().take(200).collect());
        let url = Url::parse(text).map_err(|_| not_a_url())?;
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" if allow_http => Scheme::Http,
            "http" => return Err(TargetError::PlainHttp),
            // `api.openai.com:443` reads as a scheme; a known mistake deserves the better hint.
            other if other.contains('.') || other == "localhost" => return Err(not_a_url()),
            other => return Err(TargetError::Scheme(other.to_owned())),
        };
        if !has_two_slashes(text) {
            return Err(not_a_url());
        }
        let (host, address) = match url.host().ok_or_else(not_a_url)? {
            Host::Domain(name) => (name.strip_suffix('.').unwrap_or(name).to_owned(), None),
            Host::Ipv4(address) => (address.to_string(), Some(IpAddr::V4(address))),
            Host::Ipv6(address) => {
                let address = address.to_canonical();
                (address.to_string(), Some(address))
            }
        };
        if address.is_none() && !is_host_name(&host) {
            return Err(not_a_url());
        }
        if let Some(port) = url.port().filter(|port| ports::is_bad(*port)) {
            return Err(TargetError::Port(port));
        }
        Self::new(scheme, host, address, url.port()).ok_or_else(not_a_url)
    }

    fn new(scheme: Scheme, host: String, address: Option<IpAddr>, port: Option<u16>) -> Option<Self> {
        let bracketed = if host.contains(':') { format!("[{host}]") } else { host.clone() };
        let text = match port {
            Some(port) => format!("{bracketed}:{port}"),
            None => bracketed,
        };
        Some(Self {
            scheme,
            host,
            address,
            port: port.unwrap_or(scheme.default_port()),
            authority: text.parse().ok()?,
            host_header: HeaderValue::from_str(&text).ok()?,
        })
    }

    /// Returns how the origin is spoken to.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Returns the host: a lower-case name, or an address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Returns the address when the host is one and not a name.
    pub const fn address(&self) -> Option<IpAddr> {
        self.address
    }

    /// Returns the port, the scheme's own where the text named none.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Returns `host` or `host:port`, the port only where it isn't the scheme's own.
    pub const fn authority(&self) -> &Authority {
        &self.authority
    }

    /// Returns the value of the `Host` header.
    pub const fn host_header(&self) -> &HeaderValue {
        &self.host_header
    }
}

/// Tells an `@` before the path, also where both user name and password are empty.
fn has_user_info(text: &str) -> bool {
    let after_scheme = text.split_once(':').map_or(text, |(_, rest)| rest.trim_start_matches('/'));
    let authority = |text: &str| text.split(['/', '?', '#']).next().is_some_and(|part| part.contains('@'));
    authority(after_scheme) || authority(text)
}

/// Tells a scheme, two slashes and no third one at the beginning of a URL.
fn has_two_slashes(url: &str) -> bool {
    let after_scheme = url.split_once(':').and_then(|(_, rest)| rest.strip_prefix("//"));
    after_scheme.is_some_and(|rest| !rest.starts_with('/'))
}

/// Tells a name of labels of letters, digits, hyphens and underscores, as long as names may be (RFC 1035
/// §2.3.4), without a final dot.
///
/// Underscores are in names that are made for records (RFC 8552), and in those of some hosts.
pub(crate) fn is_host_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME && name.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    (1..=LONGEST_LABEL).contains(&label.len())
        && label.bytes().all(allowed)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority)
    }
}

#[cfg(test)]
mod tests;
