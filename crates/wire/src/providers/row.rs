//! A provider as it is written, in the program's table or in a user's configuration.

use gatehouse_types::Dialect;
use serde::{Deserialize, Serialize};

use super::{AuthScheme, Dedicated, HostPattern, PatternError, Provider};

/// Labels that are not free for providers: hosts of ours that mean something else.
const TAKEN_LABELS: [&str; 5] = ["api", "gateway", "ai-gateway", "generate", "eu"];

/// The fields of a row.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    hosts: Vec<String>,
    #[serde(default, with = "DialectName")]
    dialect: Dialect,
    #[serde(default)]
    cost: bool,
    #[serde(default)]
    auth: AuthScheme,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    label: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    home: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    path_prefix: Option<String>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    takes_base: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    target_header: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    docs: Option<String>,
}

/// The dialects as rows spell them; records have spellings of their own.
#[derive(Serialize, Deserialize)]
#[serde(remote = "Dialect", rename_all = "lowercase")]
enum DialectName {
    OpenAi,
    Anthropic,
    Google,
    Cohere,
    Bedrock,
    Unknown,
}

/// Why a row is not a provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// The name is not one.
    #[error("`name` is {0:?}; expected 1 to 40 letters, digits, hyphens or underscores")]
    Name(String),
    /// There is no host.
    #[error("`hosts` is empty; expected at least one host")]
    NoHost,
    /// A host is not one.
    #[error("`hosts`: {0}")]
    Host(#[from] PatternError),
    /// The label is not one, or not free.
    #[error("`label` is {0:?}; expected one label such as `acme`, and none of {TAKEN_LABELS:?}")]
    Label(String),
    /// A field that belongs to a dedicated host stands without one.
    #[error("`{0}` needs a `label`")]
    NeedsLabel(&'static str),
}

impl TryFrom<Row> for Provider {
    type Error = RowError;

    fn try_from(row: Row) -> Result<Self, RowError> {
        let is_name = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
        if !(1..=40).contains(&row.name.len()) || !row.name.chars().all(is_name) {
            return Err(RowError::Name(row.name));
        }
        let hosts = row.hosts.iter().map(|host| host.parse()).collect::<Result<Vec<HostPattern>, _>>()?;
        let dedicated = row.dedicated(hosts.first().ok_or(RowError::NoHost)?)?;
        Ok(Self {
            title: row.title.unwrap_or_else(|| row.name.clone()),
            name: row.name.into(),
            hosts,
            dialect: row.dialect,
            cost: row.cost,
            auth: row.auth,
            dedicated,
            target_header: row.target_header.map(|name| name.to_ascii_lowercase()),
            docs: row.docs,
        })
    }
}

impl Row {
    /// The dedicated host leads to the row's first host.
    fn dedicated(&self, first: &HostPattern) -> Result<Option<Dedicated>, RowError> {
        let Some(label) = self.label.as_ref().map(|label| label.to_ascii_lowercase()) else {
            let without = [
                ("home", self.home.is_some()),
                ("path_prefix", self.path_prefix.is_some()),
                ("takes_base", self.takes_base),
            ];
            let stray = without.into_iter().find(|(_, is_set)| *is_set);
            return stray.map_or(Ok(None), |(field, _)| Err(RowError::NeedsLabel(field)));
        };
        let is_label = |character: char| character.is_ascii_alphanumeric() || character == '-';
        if label.is_empty() || !label.chars().all(is_label) || TAKEN_LABELS.contains(&label.as_str()) {
            return Err(RowError::Label(label));
        }
        Ok(Some(Dedicated {
            label,
            origin: format!("https://{first}"),
            home: self.home.clone(),
            path_prefix: self.path_prefix.clone(),
            takes_base: self.takes_base,
        }))
    }
}

impl From<Provider> for Row {
    fn from(provider: Provider) -> Self {
        let dedicated = provider.dedicated.as_ref();
        Self {
            name: provider.name.as_ref().to_owned(),
            title: Some(provider.title.clone()),
            hosts: provider.hosts.iter().map(ToString::to_string).collect(),
            dialect: provider.dialect,
            cost: provider.cost,
            auth: provider.auth,
            label: dedicated.map(|dedicated| dedicated.label.clone()),
            home: dedicated.and_then(|dedicated| dedicated.home.clone()),
            path_prefix: dedicated.and_then(|dedicated| dedicated.path_prefix.clone()),
            takes_base: dedicated.is_some_and(|dedicated| dedicated.takes_base),
            target_header: provider.target_header,
            docs: provider.docs,
        }
    }
}
