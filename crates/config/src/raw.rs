//! A value as it was written, from the file or from a variable, before a key gives it a type.

use toml::Spanned;
use toml::de::{DeInteger, DeValue};

/// A written value and the byte at which it starts.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// Byte offset in the file; 0 for values from elsewhere.
    pub(crate) offset: usize,
    /// The value.
    pub(crate) raw: Raw,
}

/// A written value.
#[derive(Debug, Clone)]
pub(crate) enum Raw {
    Text(String),
    Flag(bool),
    /// An integer; none when it does not fit 128 bits.
    Integer(Option<i128>),
    List(Vec<Node>),
    /// Entries in the order of their keys.
    Table(Vec<Entry>),
    /// A float or a date, of which no key is; the text names the type.
    Other(&'static str),
}

/// A key of a table with its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// Byte offset of the key in the file; 0 for values from elsewhere.
    pub(crate) offset: usize,
    pub(crate) key: String,
    pub(crate) value: Node,
}

impl Node {
    /// Returns a value that does not come from the file.
    pub(crate) fn detached(raw: Raw) -> Self {
        Self { offset: 0, raw }
    }

    /// Parses a TOML value that stands alone, as a variable carries lists and tables.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        DeValue::parse(text).map(|value| Self::from(&value)).map_err(|error| error.message().to_owned())
    }
}

impl From<&Spanned<DeValue<'_>>> for Node {
    fn from(value: &Spanned<DeValue<'_>>) -> Self {
        let raw = match value.get_ref() {
            DeValue::String(text) => Raw::Text(text.to_string()),
            DeValue::Boolean(flag) => Raw::Flag(*flag),
            DeValue::Integer(integer) => Raw::Integer(number(integer)),
            DeValue::Array(items) => Raw::List(items.iter().map(Self::from).collect()),
            DeValue::Table(table) => Raw::Table(
                table
                    .iter()
                    .map(|(key, value)| Entry {
                        offset: key.span().start,
                        key: key.get_ref().to_string(),
                        value: Self::from(value),
                    })
                    .collect(),
            ),
            DeValue::Float(_) => Raw::Other("a float"),
            DeValue::Datetime(_) => Raw::Other("a date"),
        };
        Self { offset: value.span().start, raw }
    }
}

impl Raw {
    /// Describes the value for a message, in at most about 80 characters.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Text(text) => shown_text(text),
            Self::Flag(flag) => format!("`{flag}`"),
            Self::Integer(Some(integer)) => format!("`{integer}`"),
            Self::Integer(None) => "an integer out of range".to_owned(),
            Self::List(_) | Self::Table(_) | Self::Other(_) => self.kind().to_owned(),
        }
    }

    /// Names the type of the value with its article.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "a string",
            Self::Flag(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Other(kind) => kind,
        }
    }
}

/// Quotes a text for a message; what looks like a credential in the wrong place is not repeated.
pub(crate) fn shown_text(text: &str) -> String {
    const LONGEST: usize = 60;
    let lower = text.to_ascii_lowercase();
    let credential = ["sk-", "pk-", "bearer "].iter().any(|mark| lower.contains(mark))
        || lower.split_once("://").is_some_and(|(_, rest)| rest.contains('@'));
    if credential {
        return "a text that looks like a credential".to_owned();
    }
    let escape = |character: char| match character {
        '"' | '\'' => character.to_string(),
        _ => character.escape_debug().to_string(),
    };
    let escaped = text.chars().map(escape).collect::<String>();
    if escaped.chars().count() <= LONGEST {
        return format!("`{escaped}`");
    }
    format!("`{}…`", escaped.chars().take(LONGEST).collect::<String>())
}

fn number(integer: &DeInteger<'_>) -> Option<i128> {
    i128::from_str_radix(integer.as_str(), integer.radix()).ok()
}
