//! `[sign_in.oidc]`: signing in at a provider of identities.

use gatehouse_types::Redacted;

use crate::definitions::Definition;
use crate::slot::Slot;
use crate::text::{Choice, Refusal, TextValue, host_name};

/// Most characters of a plain value.
const MAX_CHARACTERS: usize = 500;
/// Most characters of the name on the button.
const MAX_NAME_CHARACTERS: usize = 40;

/// `[sign_in.oidc]`: signing in at a provider of identities that speaks OpenID Connect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OidcConfig {
    /// Who the provider is; `None` where nobody signs in by one.
    pub issuer: Option<Issuer>,
    /// What the provider calls Gatehouse.
    pub client_id: PlainText,
    /// What proves that it is Gatehouse; `None` for a public client, for which PKCE alone does.
    pub client_secret: Option<ClientSecret>,
    /// What the button calls the provider.
    pub name: ButtonName,
    /// What is asked for.
    pub scopes: Scopes,
    /// Lower-case domains of addresses that may sign in; none lets in whoever has an account or an invitation.
    pub allowed_domains: Vec<String>,
    /// What people may do who get an account because of their domain.
    pub default_role: NewcomerRole,
    /// The name of the organisation that they join; empty for the first one.
    pub organization: PlainText,
    /// Whether an address counts as verified where the provider says neither that it is nor that it is not.
    pub assume_email_verified: bool,
}

impl Default for OidcConfig {
    fn default() -> Self {
        Self {
            issuer: None,
            client_id: PlainText::default(),
            client_secret: None,
            name: ButtonName("single sign-on".to_owned()),
            scopes: Scopes("openid email profile".to_owned()),
            allowed_domains: Vec::new(),
            default_role: NewcomerRole::Viewer,
            organization: PlainText::default(),
            assume_email_verified: false,
        }
    }
}

/// The identifier of a provider of identities.
///
/// # Invariants
/// An `https` URL, or an `http` one of this machine; a host, maybe a port and a path. It is kept to the letter, a
/// slash at its end included, because tokens have to say the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(String);

impl Issuer {
    /// Returns the identifier as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn read(text: &str) -> Option<Self> {
        let (is_secure, rest) = match text.strip_prefix("https://") {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix("http://")?),
        };
        let (place, path) = rest.split_once('/').unwrap_or((rest, ""));
        let (host, port) = place.rsplit_once(':').unwrap_or((place, "443"));
        let host = host_name(host)?;
        port.parse::<u16>().ok().filter(|port| *port != 0)?;
        let is_here = host == "localhost" || host == "127.0.0.1";
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
        let is_issuer = (is_secure || is_here) && path.bytes().all(is_plain);
        is_issuer.then(|| Self(text.to_owned()))
    }
}

/// What proves to the provider that Gatehouse is who it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientSecret(Redacted<String>);

impl ClientSecret {
    /// Returns the secret itself.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// A text of one line; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PlainText(String);

/// What a button calls something.
///
/// # Invariants
/// 1 to 40 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ButtonName(String);

/// What is asked of a provider.
///
/// # Invariants
/// Words of printable ASCII separated by single spaces, `openid` among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scopes(String);

/// What people may do who get an account because of their domain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NewcomerRole {
    /// Read what was logged.
    Viewer,
    /// Also change what was logged.
    Member,
    /// Also manage the organisation's keys, rules and vault.
    Admin,
}

impl Choice for NewcomerRole {
    const EXPECTED: &'static str = "\"viewer\", \"member\" or \"admin\"";
    const NAMES: &'static [(&'static str, Self)] =
        &[("viewer", Self::Viewer), ("member", Self::Member), ("admin", Self::Admin)];
}

impl PlainText {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ButtonName {
    /// Returns the name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Scopes {
    /// Returns the words, separated by spaces.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TextValue for Option<Issuer> {
    fn expected(&self) -> &'static str {
        "an `https` URL such as \"https://accounts.google.com\", `http` on this machine, or \"\" for none"
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        *self = match text {
            "" => None,
            text => Some(Issuer::read(text).ok_or(Refusal::Shape)?),
        };
        Ok(())
    }

    fn written(&self) -> String {
        self.as_ref().map(|issuer| issuer.0.clone()).unwrap_or_default()
    }

    fn repeatable(&self) -> bool {
        false
    }
}

impl TextValue for Option<ClientSecret> {
    fn expected(&self) -> &'static str {
        "the secret that the provider gave, of one line, or \"\" for none"
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        *self = match text {
            "" => None,
            text if is_line(text) => Some(ClientSecret(Redacted::new(text.to_owned()))),
            _ => return Err(Refusal::Shape),
        };
        Ok(())
    }

    fn written(&self) -> String {
        self.as_ref().map(|secret| secret.expose().to_owned()).unwrap_or_default()
    }

    fn secret(&self) -> bool {
        true
    }
}

impl TextValue for PlainText {
    fn expected(&self) -> &'static str {
        "a text of one line"
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        if !is_line(text) {
            return Err(Refusal::Shape);
        }
        text.clone_into(&mut self.0);
        Ok(())
    }

    fn written(&self) -> String {
        self.0.clone()
    }
}

impl TextValue for ButtonName {
    fn expected(&self) -> &'static str {
        "a name of 1 to 40 characters"
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        let is_name = !text.trim().is_empty() && text.chars().count() <= MAX_NAME_CHARACTERS && is_line(text);
        if !is_name {
            return Err(Refusal::Shape);
        }
        text.trim().clone_into(&mut self.0);
        Ok(())
    }

    fn written(&self) -> String {
        self.0.clone()
    }
}

impl TextValue for Scopes {
    fn expected(&self) -> &'static str {
        "words separated by spaces, \"openid\" among them"
    }

    fn read(&mut self, text: &str) -> Result<(), Refusal> {
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let is_plain = |word: &&str| word.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
        if !words.iter().all(is_plain) || !words.contains(&"openid") || text.len() > MAX_CHARACTERS {
            return Err(Refusal::Shape);
        }
        self.0 = words.join(" ");
        Ok(())
    }

    fn written(&self) -> String {
        self.0.clone()
    }
}

fn is_line(text: &str) -> bool {
    text.chars().count() <= MAX_CHARACTERS && !text.chars().any(char::is_control)
}

pub(crate) static OIDC: [Definition; 9] = [
    Definition {
        path: "sign_in.oidc.issuer",
        doc: "Identifier of the provider at which people may sign in, to the letter as the provider writes it; with \
              it the sign-in page has a button. It needs `sign_in.oidc.client_id` and `sign_in.public_url`; \
              docs/accounts.md has examples.",
        example: "\"https://accounts.google.com\"",
        slot: |config| Slot::Text(&mut config.sign_in.oidc.issuer),
    },
    Definition {
        path: "sign_in.oidc.client_id",
        doc: "What the provider calls Gatehouse.",
        example: "\"gatehouse\"",
        slot: |config| Slot::Text(&mut config.sign_in.oidc.client_id),
    },
    Definition {
        path: "sign_in.oidc.client_secret",
        doc: "Secret that the provider gave Gatehouse; none for a public client, which PKCE alone protects.",
        example: "\"GOCSPX-000000000000\"",
        slot: |config| Slot::Text(&mut config.sign_in.oidc.client_secret),
    },
    Definition {
        path: "sign_in.oidc.name",
        doc: "What the button calls the provider: `Sign in with …`.",
        example: "\"Google\"",
        slot: |config| Slot::Text(&mut config.sign_in.oidc.name),
    },
    Definition {
        path: "sign_in.oidc.scopes",
        doc: "What is asked of the provider: it has to tell the e-mail address.",
        example: "\"openid email\"",
        slot: |config| Slot::Text(&mut config.sign_in.oidc.scopes),
    },
    Definition {
        path: "sign_in.oidc.allowed_domains",
        doc: "Domains of the addresses that may sign in this way: whoever has no account gets one. With none, only \
              people get in who have an account or an invitation.",
        example: "[\"example.com\"]",
        slot: |config| Slot::Domains(&mut config.sign_in.oidc.allowed_domains),
    },
    Definition {
        path: "sign_in.oidc.default_role",
        doc: "What people may do who get an account because of their domain.",
        example: "\"member\"",
        slot: |config| Slot::Text(&mut config.sign_in.oidc.default_role),
    },
    Definition {
        path: "sign_in.oidc.organization",
        doc: "Name of the organisation that they join; none is the first one, `Default`.",
        example: "\"Research\"",
        slot: |config| Slot::Text(&mut config.sign_in.oidc.organization),
    },
    Definition {
        path: "sign_in.oidc.assume_email_verified",
        doc: "Whether an address counts as verified where the provider does not say (`email_verified` is missing), as \
              Microsoft Entra ID does not. Only where nobody can choose their address at the provider.",
        example: "true",
        slot: |config| Slot::Flag(&mut config.sign_in.oidc.assume_email_verified),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_reached_over_tls_or_on_this_machine() {
        let check = |text: &str, is_one: bool| {
            let expected = is_one.then(|| Issuer(text.to_owned()));
            assert_eq!(Issuer::read(text), expected, "{text}");
        };
        check("https://accounts.google.com", true);
        check("https://login.example.com/realms/main/", true);
        check("https://login.example.com:8443/realms/main", true);
        check("http://localhost:8080/realms/main", true);
        check("http://127.0.0.1:8080", true);
        for none in [
            "login.example.com",
            "http://login.example.com",
            "https://",
            "https://login.example.com?a=b",
            "https://login.example.com/#x",
            "https://user@login.example.com",
            "https://login.example.com:0",
            "ftp://login.example.com",
        ] {
            check(none, false);
        }
    }

    #[test]
    fn scopes_are_words_with_openid_among_them() {
        let check = |text: &str, expected: Option<&str>| {
            let mut scopes = OidcConfig::default().scopes;
            let read = scopes.read(text).is_ok();
            assert_eq!(read.then_some(scopes.as_str()), expected, "{text:?}");
        };
        check(" email  openid ", Some("email openid"));
        check("openid api://gatehouse/.default", Some("openid api://gatehouse/.default"));
        check("email profile", None);
        check("", None);
        check("openid \u{e9}", None);
    }

    #[test]
    fn a_secret_is_never_shown() {
        let mut secret: Option<ClientSecret> = None;
        assert!(TextValue::read(&mut secret, "very secret").is_ok());
        assert!(secret.secret() && !secret.repeatable());
        assert!(!format!("{secret:?}").contains("very"), "{secret:?}");
    }
}
