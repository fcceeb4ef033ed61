//! `[sign_in]`: how people sign in to the dashboard.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

use crate::definitions::Definition;
use crate::oidc::OidcConfig;
use crate::slot::Slot;
use crate::text::{Refusal, TextValue, host_name};

const MINUTE: Duration = Duration::from_mins(1);
const DAY: Duration = Duration::from_hours(24);

/// `[sign_in]`: how people sign in to the dashboard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInConfig {
    /// Where browsers reach the dashboard.
    pub public_url: Option<PublicUrl>,
    /// How long a session may stay unused.
    pub idle: Duration,
    /// How long a session lasts at most.
    pub lifetime: Duration,
    /// The networks whose proxies are believed about where a call comes from.
    pub trusted_proxies: Vec<IpNet>,
    /// At which provider of identities people may sign in.
    pub oidc: OidcConfig,
}

impl Default for SignInConfig {
    fn default() -> Self {
        Self {
            public_url: None,
            idle: 7 * DAY,
            lifetime: 30 * DAY,
            trusted_proxies: vec![
                IpNet::V4(Ipv4Net::new_assert(Ipv4Addr::new(127, 0, 0, 0), 8)),
                IpNet::V6(Ipv6Net::new_assert(Ipv6Addr::LOCALHOST, 128)),
            ],
            oidc: OidcConfig::default(),
        }
    }
}

/// The URL under which browsers reach the dashboard.
///
/// # Invariants
/// `http` or `https`, a host in lower case and maybe a port; no path, and no slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Returns the text, to which a path is added; it is also the origin that browsers tell.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether browsers reach it over TLS.
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }

    fn read(text: &str) -> Option<Self> {
        let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
        let (own_port, place) = match text.strip_prefix("https://") {
            Some(place) => ("443", place),
            None => ("80", text.strip_prefix("http://")?),
        };
        let (host, port) = place.rsplit_once(':').unwrap_or((place, own_port));
        host_name(host)?;
        port.parse::<u16>().ok().filter(|port| *port != 0)?;
        // Browsers leave a scheme's own port out of the origin.
        let text = text.strip_suffix(&format!(":{own_port}")).unwrap_or(&text);
        Some(Self(text.to_owned()))
    }
}

impl TextValue for Option<PublicUrl> {
    fn expected(&self) -> &'static str {
        "a URL without a path such as \"https://gatehouse.example.com\", or \"\" for none"
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        *self = match text {
            "" => None,
            text => Some(PublicUrl::read(text).ok_or(Refusal::Shape)?),
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

pub(crate) static SIGN_IN: [Definition; 4] = [
    Definition {
        path: "sign_in.public_url",
        doc: "URL under which browsers reach the dashboard. Links to it begin with this, and with `https` cookies are \
              sent over TLS only. Where something in front of Gatehouse speaks TLS, or changes the `Host`, it has to \
              be set.",
        example: "\"https://gatehouse.example.com\"",
        slot: |config| Slot::Text(&mut config.sign_in.public_url),
    },
    Definition {
        path: "sign_in.idle",
        doc: "How long a browser stays signed in without being used.",
        example: "\"12h\"",
        slot: |config| Slot::Time(&mut config.sign_in.idle, 5 * MINUTE..=90 * DAY),
    },
    Definition {
        path: "sign_in.lifetime",
        doc: "How long a browser stays signed in at most.",
        example: "\"168h\"",
        slot: |config| Slot::Time(&mut config.sign_in.lifetime, 5 * MINUTE..=365 * DAY),
    },
    Definition {
        path: "sign_in.trusted_proxies",
        doc: "Networks whose proxies are believed about where a browser is: of a call from one of them, what \
              `X-Forwarded-For` says last counts as its address. Whoever can call from there can claim to be anybody, and \
              then has no wait after wrong passwords.",
        example: "[\"127.0.0.0/8\", \"10.1.2.3/32\"]",
        slot: |config| Slot::Networks(&mut config.sign_in.trusted_proxies),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_origins_as_browsers_tell_them() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(PublicUrl::read(text).as_ref().map(PublicUrl::as_str), expected, "{text}");
        };
        check("https://Gatehouse.Example.com/", Some("https://gatehouse.example.com"));
        check("https://gatehouse.example.com:443", Some("https://gatehouse.example.com"));
        check("http://localhost:8585", Some("http://localhost:8585"));
        check("http://localhost:80", Some("http://localhost"));
        for none in [
            "gatehouse.example.com",
            "ftp://x.example",
            "https://",
            "https://x.example/path",
            "https://x.example:0",
        ] {
            check(none, None);
        }
        assert!(PublicUrl::read("https://x.example").is_some_and(|url| url.is_secure()));
        assert!(PublicUrl::read("http://x.example").is_some_and(|url| !url.is_secure()));
    }
}
