//! The providers this gateway knows: their names, the hosts they answer at, the dialect they speak.
//!
//! A provider is a row of `providers/table.toml`, which a user extends with rows of the same form. Hosts are
//! compared as parsed hosts, label by label, never as prefixes of a string: `api.openai.com.evil.tld` is not
//! OpenAI.

mod behind;
mod dialect;
mod fields;
mod page;
mod pattern;
mod row;

use std::sync::Arc;

use gatehouse_types::Dialect;

pub use behind::{name_behind, provider_behind};
pub use dialect::dialect_of;
pub use fields::{FieldKind, ROW_FIELDS, RowField};
pub use page::reference;
pub use pattern::{HostPattern, PatternError};
pub use row::RowError;

use row::Row;

/// The rows that come with the program.
const TABLE: &str = include_str!("providers/table.toml");
/// Where providers answer unless the row says otherwise.
const HTTPS_PORT: u16 = 443;
/// What stands before and behind the region in the names of regional hosts.
const REGIONAL: [(&str, &str); 5] = [
    ("", ".api.openai.com"),
    ("bedrock-runtime.", ".amazonaws.com"),
    ("bedrock-runtime-fips.", ".amazonaws.com"),
    ("", "-aiplatform.googleapis.com"),
    ("aiplatform.", ".rep.googleapis.com"),
];

/// How a provider takes the caller's credential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AuthScheme {
    /// `Authorization: Bearer …`.
    #[default]
    Bearer,
    /// `x-api-key: …`.
    XApiKey,
    /// `api-key: …`.
    ApiKey,
    /// `x-goog-api-key: …` or `?key=…`.
    XGoogApiKey,
    /// A signature over the request by AWS's Signature Version 4.
    Sigv4,
    /// No credential.
    None,
}

/// A company or service that answers LLM calls.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Row", into = "Row")]
pub struct Provider {
    /// Its name in Helicone's spelling; several rows may share one.
    pub name: Arc<str>,
    /// What people call it.
    pub title: String,
    /// The hosts it answers at.
    pub hosts: Vec<HostPattern>,
    /// The shape of its API, unless the path says otherwise (see [`dialect_of`]).
    pub dialect: Dialect,
    /// Whether it bills by what a call uses, so that a call has a cost.
    pub cost: bool,
    /// How it takes the caller's credential.
    pub auth: AuthScheme,
    /// The host of ours that leads to it without a target header.
    pub dedicated: Option<Dedicated>,
    /// A header whose URL names the origin that calls are really for.
    pub target_header: Option<String>,
    /// Its documentation.
    pub docs: Option<String>,
}

/// A host of ours, `<label>.<public domain>`, that leads to a provider without a target header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dedicated {
    /// The host's first label.
    pub label: String,
    /// Where calls go: an origin, in which `*` stands for the region that the path begins with (`/v1/{region}/`).
    pub origin: String,
    /// Where a browser that asks for `/` is sent.
    pub home: Option<String>,
    /// What the path of every call begins with.
    pub path_prefix: Option<String>,
    /// Whether `Helicone-OpenAI-Api-Base` and `Helicone-Target-Url` lead elsewhere.
    pub takes_base: bool,
}

/// Every known provider.
#[derive(Clone, Debug)]
pub struct ProviderTable {
    rows: Vec<Arc<Provider>>,
    /// How many of them are the user's.
    user_rows: usize,
}

/// The table that comes with the program can't be read: it is checked by a test.
#[derive(Debug, thiserror::Error)]
#[error("the table of providers is not readable")]
pub struct TableError(#[from] toml::de::Error);

/// The file.
#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    providers: Vec<Provider>,
}

impl ProviderTable {
    /// Returns the providers that come with the program, behind `first`: where both match a host, or have the
    /// same label, those of `first` win.
    ///
    /// # Errors
    /// Fails when the program's own table is damaged.
    pub fn new(first: Vec<Provider>) -> Result<Self, TableError> {
        let file: File = toml::from_str(TABLE)?;
        let user_rows = first.len();
        Ok(Self { rows: first.into_iter().chain(file.providers).map(Arc::new).collect(), user_rows })
    }

    /// Returns every row: first the user's, then the program's.
    pub fn rows(&self) -> &[Arc<Provider>] {
        &self.rows
    }

    /// Returns how many of the rows, the first ones, are the user's.
    pub const fn user_rows(&self) -> usize {
        self.user_rows
    }

    /// Returns the provider that answers at `host`, or `None` for an unknown one.
    ///
    /// `port` is the target's where it is not its scheme's own: what listens there is another service, unless
    /// the row names the port. A row that names HTTPS's own says no more than one without. Letter case and one
    /// trailing dot don't matter. Nothing is allocated.
    pub fn by_host(&self, host: &str, port: Option<u16>) -> Option<&Arc<Provider>> {
        let matches = |pattern: &HostPattern| match port {
            Some(port) => pattern.names_port() && pattern.matches(host, port),
            None => pattern.matches(host, HTTPS_PORT),
        };
        self.rows.iter().find(|provider| provider.hosts.iter().any(matches))
    }
}

/// Returns the region that a provider's host stands for: `eu` of `eu.api.openai.com`, `us-east-1` of
/// `bedrock-runtime.us-east-1.amazonaws.com`, `europe-west4` of `europe-west4-aiplatform.googleapis.com`.
///
/// `host` has no port. Prices may differ by region.
pub fn region_of(host: &str) -> Option<&str> {
    let between = |(before, after): &(&str, &str)| host.strip_prefix(before)?.strip_suffix(after);
    let region = REGIONAL.iter().find_map(between)?;
    (!region.is_empty() && !region.contains('.')).then_some(region)
}

#[cfg(test)]
mod tests;
