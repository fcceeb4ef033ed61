//! Where a provider's key may be sent: to the hosts of its provider, or to those that its owner names.

use gatehouse_store::vault::ProviderKey;
use gatehouse_wire::{HostPattern, Provider, ProviderTable};

use crate::domains::DomainName;
use crate::error::ApiError;
use crate::fields::{Fields, parse_name};

/// How many hosts a key may name.
const MAX_HOSTS: usize = 20;
/// Suffixes of names that are not looked up in the Internet.
const PRIVATE_SUFFIXES: [&str; 8] =
    [".local", ".internal", ".intranet", ".lan", ".corp", ".home", ".private", ".home.arpa"];
/// Names of providers in other spellings, each with a host of the provider that is meant.
const OTHER_NAMES: [(&str, &str); 8] = [
    ("googleaistudio", "generativelanguage.googleapis.com"),
    ("gemini", "generativelanguage.googleapis.com"),
    ("vertex", "aiplatform.googleapis.com"),
    ("vertexai", "aiplatform.googleapis.com"),
    ("togetherai", "api.together.xyz"),
    ("azureopenai", "any.openai.azure.com"),
    ("awsbedrock", "bedrock-runtime.us-east-1.amazonaws.com"),
    ("fireworksai", "api.fireworks.ai"),
];

/// Whose key it is and where it may be sent.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Binding {
    /// The provider's name in the table, or one of the owner's own.
    pub(super) provider: String,
    /// The only hosts; none for those of the provider.
    pub(super) hosts: Vec<String>,
}

impl Binding {
    /// Reads the provider's name from `field`, and `hosts`.
    pub(super) fn read(fields: &Fields, field: &str, table: &ProviderTable) -> Result<Self, ApiError> {
        let expected = "the name of a provider, such as `openai`; `GET /v1/providers` lists them";
        let name = fields.parsed(field, expected, parse_name)?;
        let name = name.ok_or_else(|| ApiError::field(field, expected))?;
        Self::of(name, read_hosts(fields)?.unwrap_or_default(), table)
    }

    /// Binds a key of the provider of a name to hosts, or to the provider's own where none is named.
    pub(super) fn of(name: String, named: Vec<String>, table: &ProviderTable) -> Result<Self, ApiError> {
        match Meant::find(&name, table) {
            Some(meant) if !named.is_empty() => {
                Ok(Self { provider: meant.provider.to_owned(), hosts: named })
            }
            Some(meant) => {
                meant.check_own_hosts()?;
                Ok(Self { provider: meant.provider.to_owned(), hosts: meant.hosts })
            }
            None if !named.is_empty() => Ok(Self { provider: name, hosts: named }),
            None => {
                let expected = "there: the provider is none that is known here, so its key can be sent only to hosts \
                                that are named";
                Err(ApiError::field("hosts", expected))
            }
        }
    }
}

/// Reads the hosts that a key is bound to, if they are there.
pub(super) fn read_hosts(fields: &Fields) -> Result<Option<Vec<String>>, ApiError> {
    let Some(value) = fields.value("hosts") else { return Ok(None) };
    let expected = "a list of up to 20 host names, each with a port or without";
    let list = value.as_array().filter(|list| list.len() <= MAX_HOSTS);
    let list = list.ok_or_else(|| ApiError::field("hosts", expected))?;
    let host = |value: &serde_json::Value| {
        let text = value.as_str().ok_or_else(|| ApiError::field("hosts", expected))?;
        host(text).map_err(|expected| ApiError::field("hosts", &expected))
    };
    list.iter().map(host).collect::<Result<_, _>>().map(Some)
}

/// Returns the first of `hosts` that a key may not be sent to yet; each was read by [`read_hosts`].
pub(super) fn further_host<'a>(
    hosts: &'a [String],
    key: &ProviderKey,
    table: &ProviderTable,
) -> Option<&'a String> {
    let is_own = |host: &str| {
        let (name, port) = host.rsplit_once(':').unwrap_or((host, ""));
        let provider = table.by_host(name, port.parse().ok());
        provider.is_some_and(|provider| provider.name.eq_ignore_ascii_case(&key.provider))
    };
    hosts.iter().find(|host| !(key.hosts.contains(host) || key.hosts.is_empty() && is_own(host)))
}

/// Reads one host: what anybody can look up, and one host alone, so that nobody else can have one that fits.
fn host(text: &str) -> Result<String, String> {
    if text.contains('*') {
        return Err("names of single hosts: a `*` might stand for a host of somebody else's".to_owned());
    }
    let (name, port) = match text.trim().rsplit_once(':') {
        Some((name, port)) => (name, Some(port)),
        None => (text, None),
    };
    let name = DomainName::parse(name).map_err(|error| error.to_string())?;
    if PRIVATE_SUFFIXES.iter().any(|suffix| name.as_str().ends_with(suffix)) {
        return Err(format!("names that anybody can look up, not `{}`", name.as_str()));
    }
    let Some(port) = port else { return Ok(name.into_string()) };
    let written = format!("{}:{port}", name.as_str());
    let host = written.parse::<HostPattern>().map_err(|error| error.to_string())?.to_string();
    if host.ends_with(":80") {
        return Err("names of hosts at another port than that of plain HTTP".to_owned());
    }
    Ok(host)
}

/// A provider of the table.
struct Meant<'a> {
    provider: &'a str,
    /// Its hosts, where not all of its name are meant.
    hosts: Vec<String>,
    rows: Vec<&'a Provider>,
    is_configured: bool,
}

impl<'a> Meant<'a> {
    fn find(name: &str, table: &'a ProviderTable) -> Option<Self> {
        let plain = plain(name);
        let rows = || table.rows().iter().map(AsRef::as_ref);
        let by_name: Vec<&Provider> = rows().filter(|row| self::plain(&row.name) == plain).collect();
        if let Some(first) = by_name.first().copied() {
            let position = rows().position(|row| std::ptr::eq(row, first));
            let is_configured = position.is_some_and(|position| position < table.user_rows());
            return Some(Self { provider: &first.name, hosts: Vec::new(), rows: by_name, is_configured });
        }
        let label =
            |row: &Provider| row.dedicated.as_ref().is_some_and(|own| self::plain(&own.label) == plain);
        let row = rows().find(|row| self::plain(&row.title) == plain || label(row)).or_else(|| {
            let (_, host) = OTHER_NAMES.iter().find(|(other, _)| *other == plain)?;
            table.by_host(host, None).map(AsRef::as_ref)
        })?;
        // Two services may share a name, and their keys are not to be mixed up.
        let is_shared = rows().filter(|other| other.name == row.name).count() > 1;
        let hosts = if is_shared { row.hosts.iter().map(ToString::to_string).collect() } else { Vec::new() };
        Some(Self { provider: &row.name, hosts, rows: vec![row], is_configured: false })
    }

    /// Checks that the provider's hosts are all its own: under some names its customers choose theirs.
    fn check_own_hosts(&self) -> Result<(), ApiError> {
        if self.is_configured {
            return Ok(());
        }
        let mut hosts = self.rows.iter().flat_map(|row| &row.hosts).map(ToString::to_string);
        let is_open = |host: &String| {
            let own = |row: &&Provider, suffix: &str| row.hosts.iter().any(|host| host.to_string() == suffix);
            host.strip_prefix("*.").is_some_and(|suffix| !self.rows.iter().any(|row| own(row, suffix)))
        };
        match hosts.find(is_open) {
            None => Ok(()),
            Some(open) => {
                let expected = format!(
                    "there for a key of {}: name your own host, because anybody can have one that fits `{open}`",
                    self.provider
                );
                Err(ApiError::field("hosts", &expected))
            }
        }
    }
}

/// Returns a name in lower case, without what only separates words.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|character| !matches!(character, '-' | '_' | ' ' | '.'));
    letters.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests;
