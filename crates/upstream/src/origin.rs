//! Where a request goes: scheme, host and port of a provider, read from the text a client gave.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::net::IpAddr;

use http::HeaderValue;
use http::uri::Authority;
use url::{Host, Url};

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
/// `host` is lower-case ASCII (IDNA applied, numeric forms turned into plain addresses), without a trailing
/// dot, IPv6 addresses without brackets.
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
    /// # Errors
    /// Fails when `text` is not an absolute `https` URL (or `http`, if allowed) with a host and without
    /// user information.
    pub fn parse(text: &str, allow_http: bool) -> Result<Self, TargetError> {
        let not_a_url = || TargetError::NotAUrl(text.chars().take(200).collect());
        let url = Url::parse(text.trim()).map_err(|_| not_a_url())?;
        let scheme = match url.scheme() {
            "https" => Scheme::Https,
            "http" if allow_http => Scheme::Http,
            "http" => return Err(TargetError::PlainHttp),
            // `api.openai.com:443` reads as a scheme; a known mistake deserves the better hint.
            other if other.contains('.') || other == "localhost" => return Err(not_a_url()),
            other => return Err(TargetError::Scheme(other.to_owned())),
        };
        if !url.username().is_empty() || url.password().is_some() || has_user_info(text) {
            return Err(TargetError::UserInfo);
        }
        let (host, address) = match url.host().ok_or_else(not_a_url)? {
            Host::Domain(name) => (name.trim_end_matches('.').to_owned(), None),
            Host::Ipv4(address) => (address.to_string(), Some(IpAddr::V4(address))),
            Host::Ipv6(address) => (address.to_string(), Some(IpAddr::V6(address))),
        };
        Self::new(scheme, host, address, url.port()).ok_or_else(not_a_url)
    }

    fn new(scheme: Scheme, host: String, address: Option<IpAddr>, port: Option<u16>) -> Option<Self> {
        if host.is_empty() {
            return None;
        }
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

/// Tells an `@` in the authority, also where both user name and password are empty.
fn has_user_info(text: &str) -> bool {
    let after_scheme = text.split_once("//").map_or(text, |(_, rest)| rest);
    after_scheme.split(['/', '?', '#', '\\']).next().is_some_and(|authority| authority.contains('@'))
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.scheme.as_str(), self.authority)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<&str, TargetError>) {
        let origin = Origin::parse(text, false).map(|origin| origin.to_string());
        assert_eq!(origin, expected.map(str::to_owned), "{text}");
    }

    #[test]
    fn keeps_only_the_origin() {
        check("https://api.openai.com", Ok("https://api.openai.com"));
        check(" https://API.OpenAI.com./v1/?x#y ", Ok("https://api.openai.com"));
        check("https://api.openai.com:443/", Ok("https://api.openai.com"));
        check("https://api.openai.com:8443/v1", Ok("https://api.openai.com:8443"));
        check("https://[2606:4700::1]:8443", Ok("https://[2606:4700::1]:8443"));
        check("https://bücher.example", Ok("https://xn--bcher-kva.example"));
    }

    #[test]
    fn sees_through_disguised_addresses() {
        for text in ["https://2130706433", "https://0x7f.1", "https://0177.0.0.1", "https://127.0.0.1"] {
            let origin = Origin::parse(text, false).unwrap();
            assert_eq!(origin.address(), Some("127.0.0.1".parse().unwrap()), "{text}");
        }
        check("https://api.openai.com\\@10.0.0.1", Ok("https://api.openai.com"));
        check("https://10.0.0.1#@api.openai.com", Ok("https://10.0.0.1"));
    }

    #[test]
    fn refuses_what_is_no_target() {
        check("api.openai.com", Err(TargetError::NotAUrl("api.openai.com".to_owned())));
        check("api.openai.com:443", Err(TargetError::NotAUrl("api.openai.com:443".to_owned())));
        check("https://", Err(TargetError::NotAUrl("https://".to_owned())));
        check("ftp://api.openai.com", Err(TargetError::Scheme("ftp".to_owned())));
        check("http://api.openai.com", Err(TargetError::PlainHttp));
        check("https://me:secret@api.openai.com", Err(TargetError::UserInfo));
        check("https://@api.openai.com", Err(TargetError::UserInfo));
    }
}
