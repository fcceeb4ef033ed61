//! What an organisation may ask for: the name of a host that anybody can look up.

use std::net::IpAddr;

use url::{Host, Url};

/// The longest name and label (RFC 1035 §2.3.4), without the final dot.
const LONGEST_NAME: usize = 253;
const LONGEST_LABEL: usize = 63;

/// A host name: lower-case ASCII, at least two labels, no trailing dot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainName(String);

/// Why a text is not the name of a host; the text says what would be one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DomainNameError {
    /// There is something beside the host.
    #[error("a host name alone, without scheme, user, port and path{}", hint(.meant.as_deref()))]
    NotAlone {
        /// The host that was probably meant.
        meant: Option<String>,
    },
    /// It is an address.
    #[error("a host name, not an IP address")]
    Address,
    /// It names the machine that asks.
    #[error("the name of a host in the network, not `localhost`")]
    Local,
    /// It has one label.
    #[error("a whole host name such as `llm.example.com`, not a single label")]
    SingleLabel,
    /// It is something else.
    #[error("a host name such as `llm.example.com`")]
    Invalid,
}

fn hint(meant: Option<&str>) -> String {
    meant.map(|host| format!("; did you mean `{host}`?")).unwrap_or_default()
}

impl DomainName {
    /// Reads a host name: letters of any case and script, spaces around it and a trailing dot don't matter.
    ///
    /// # Errors
    /// Tells what a name would be instead.
    pub fn parse(text: &str) -> Result<Self, DomainNameError> {
        let text = text.trim();
        if text.parse::<IpAddr>().is_ok() {
            return Err(DomainNameError::Address);
        }
        // In a URL a name may be percent-encoded, here it may not.
        let host = if text.contains('%') { None } else { Host::parse(text).ok() };
        match host {
            Some(Host::Domain(name)) => Self::check(&name),
            Some(Host::Ipv4(_) | Host::Ipv6(_)) => Err(DomainNameError::Address),
            None if text.contains(['/', ':', '@', '?', '#', '\\']) => {
                Err(DomainNameError::NotAlone { meant: meant(text) })
            }
            None => Err(DomainNameError::Invalid),
        }
    }

    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the name itself.
    pub fn into_string(self) -> String {
        self.0
    }

    fn check(name: &str) -> Result<Self, DomainNameError> {
        let name = name.strip_suffix('.').unwrap_or(name);
        if name == "localhost" || name.ends_with(".localhost") {
            return Err(DomainNameError::Local);
        }
        if name.len() > LONGEST_NAME || !name.split('.').all(is_label) {
            return Err(DomainNameError::Invalid);
        }
        if !name.contains('.') {
            return Err(DomainNameError::SingleLabel);
        }
        Ok(Self(name.to_owned()))
    }
}

fn is_label(label: &str) -> bool {
    let is_permitted = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=LONGEST_LABEL).contains(&label.len())
        && label.bytes().all(is_permitted)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// Returns the host of a URL, or of what would be one behind `https://`, if it is a name.
fn meant(text: &str) -> Option<String> {
    let texts = [text.to_owned(), format!("https://{text}")];
    let mut urls = texts.iter().filter_map(|text| Url::parse(text).ok());
    let host = urls.find_map(|url| match url.host()? {
        Host::Domain(host) => DomainName::check(host).ok(),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    });
    host.map(DomainName::into_string)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_host_names_and_says_what_is_wrong_with_the_rest() {
        use DomainNameError::{Address, Invalid, Local, SingleLabel};
        let check = |text: &str, expected: Result<&str, DomainNameError>| {
            let expected = expected.map(|name| DomainName(name.to_owned()));
            assert_eq!(DomainName::parse(text), expected, "{text}");
        };
        let not_alone =
            |meant: Option<&str>| Err(DomainNameError::NotAlone { meant: meant.map(ToOwned::to_owned) });
        check("llm.example.com", Ok("llm.example.com"));
        check(" LLM.Example.COM. ", Ok("llm.example.com"));
        check("bücher.example", Ok("xn--bcher-kva.example"));
        check("my_host.example", Ok("my_host.example"));
        check("https://llm.example.com/v1", not_alone(Some("llm.example.com")));
        check("HTTPS://user:pass@LLM.example.com:8443/", not_alone(Some("llm.example.com")));
        check("llm.example.com:443", not_alone(Some("llm.example.com")));
        check("llm.example.com/v1", not_alone(Some("llm.example.com")));
        check("me@llm.example.com", not_alone(Some("llm.example.com")));
        check("https://10.0.0.1/", not_alone(None));
        check("https://", not_alone(None));
        check("10.0.0.1", Err(Address));
        check("0x7f.1", Err(Address));
        check("2130706433", Err(Address));
        check("::1", Err(Address));
        check("[::1]", Err(Address));
        check("localhost", Err(Local));
        check("api.LOCALHOST.", Err(Local));
        check("llm", Err(SingleLabel));
        check("", Err(Invalid));
        check(".", Err(Invalid));
        check("*.example.com", Err(Invalid));
        check("a..example.com", Err(Invalid));
        check("-a.example.com", Err(Invalid));
        check("a.%65xample.com", Err(Invalid));
        check("a b.example.com", Err(Invalid));
        check(&format!("{}.example.com", "a".repeat(64)), Err(Invalid));
    }
}
