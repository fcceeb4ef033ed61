//! A provider as it is written, in the program's table or in a user's configuration.

use gatehouse_types::Dialect;
use serde::{Deserialize, Serialize};

use super::pattern::shown;
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
    /// A text does not have the form that its field asks for.
    #[error("`{field}` is {}; expected {expected}", shown(.text))]
    Form {
        /// The field.
        field: &'static str,
        /// The text.
        text: String,
        /// What is taken.
        expected: &'static str,
    },
    /// There is no host.
    #[error("`hosts` is empty; expected at least one host")]
    NoHost,
    /// A host is not one.
    #[error("`hosts`: {0}")]
    Host(#[from] PatternError),
    /// The label means something else.
    #[error("`label` is `{0}`, which is a host of the gateway's own; expected another one")]
    LabelTaken(String),
    /// A field that belongs to a dedicated host stands without one.
    #[error("`{0}` needs a `label`")]
    NeedsLabel(&'static str),
}

impl TryFrom<Row> for Provider {
    type Error = RowError;

    fn try_from(row: Row) -> Result<Self, RowError> {
        row.check_forms()?;
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

/// What a text has to look like.
struct Form {
    expected: &'static str,
    fits: fn(&str) -> bool,
}

const NAME: Form = Form {
    expected: "1 to 40 letters, digits, `-` or `_`",
    fits: |text| {
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=40).contains(&text.len()) && text.bytes().all(is_name)
    },
};
const LABEL: Form = Form {
    expected: "one label of a host, such as `acme`",
    fits: |text| {
        let is_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..=63).contains(&text.len()) && text.bytes().all(is_label)
    },
};
const URL: Form = Form {
    expected: "a URL such as `https://example.com`",
    fits: |text| {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        rest.is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_graphic()))
    },
};
const PATH: Form = Form {
    expected: "a path such as `/v1`",
    fits: |text| text.starts_with('/') && text.bytes().all(|byte| byte.is_ascii_graphic()),
};
const TITLE: Form = Form {
    expected: "up to 80 characters",
    fits: |text| (1..=80).contains(&text.chars().count()) && !text.chars().any(char::is_control),
};

impl Row {
    fn check_forms(&self) -> Result<(), RowError> {
        let texts = [
            ("name", Some(&self.name), NAME),
            ("title", self.title.as_ref(), TITLE),
            ("label", self.label.as_ref(), LABEL),
            ("home", self.home.as_ref(), URL),
            ("path_prefix", self.path_prefix.as_ref(), PATH),
            ("target_header", self.target_header.as_ref(), NAME),
            ("docs", self.docs.as_ref(), URL),
        ];
        let fits = |(field, text, form): (&'static str, Option<&String>, Form)| match text {
            Some(text) if !(form.fits)(text) => {
                Err(RowError::Form { field, text: text.clone(), expected: form.expected })
            }
            _ => Ok(()),
        };
        texts.into_iter().try_for_each(fits)
    }

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
        if TAKEN_LABELS.contains(&label.as_str()) {
            return Err(RowError::LabelTaken(label));
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
