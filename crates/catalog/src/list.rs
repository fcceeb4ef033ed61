//! A price list as it is written: one TOML file per provider, one row per price.

use std::collections::HashMap;

use gatehouse_types::Timestamp;
use serde::Deserialize;

use crate::decimal::picos_per_token;

/// Why a text is not a price list.
#[derive(Debug, thiserror::Error)]
pub enum ListError {
    /// It is not TOML of the expected form.
    #[error("price list is not readable")]
    Toml(#[from] toml::de::Error),
    /// A price is not an exact decimal.
    #[error("price `{price}` of model `{model}` is not a decimal with at most 6 places")]
    Price {
        /// The first model of the row.
        model: String,
        /// What stands for the price.
        price: String,
    },
    /// A date is not one.
    #[error("date `{from}` of model `{model}` is not a date")]
    Date {
        /// The first model of the row.
        model: String,
        /// What stands for the date.
        from: String,
    },
}

/// The file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    provider: String,
    prices: Vec<WrittenRow>,
}

/// A row of the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenRow {
    models: Vec<String>,
    tier: Option<String>,
    above_input_tokens: Option<u64>,
    from: Option<String>,
    input: Option<String>,
    cache_read: Option<String>,
    cache_write: Option<String>,
    input_audio: Option<String>,
    output: Option<String>,
    reasoning: Option<String>,
    output_audio: Option<String>,
}

/// The prices of one row, in 10⁻¹² dollars per token; `None` where none is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rates {
    pub(crate) input: Option<u64>,
    pub(crate) cache_read: Option<u64>,
    pub(crate) cache_write: Option<u64>,
    pub(crate) input_audio: Option<u64>,
    pub(crate) output: Option<u64>,
    pub(crate) reasoning: Option<u64>,
    pub(crate) output_audio: Option<u64>,
}

/// When a row holds, and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The service tier; `None` for the standard one.
    pub(crate) tier: Option<String>,
    /// The row holds for inputs of more tokens than this.
    pub(crate) above_input_tokens: Option<u64>,
    /// The row holds from then on.
    pub(crate) from: Option<Timestamp>,
    pub(crate) rates: Rates,
}

/// The price list of one provider.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) provider: String,
    pub(crate) rows: HashMap<String, Vec<Row>>,
}

impl List {
    /// Reads the text of a file.
    pub(crate) fn parse(text: &str) -> Result<Self, ListError> {
        let file: File = toml::from_str(text)?;
        let mut rows: HashMap<String, Vec<Row>> = HashMap::new();
        for written in file.prices {
            let row = written.read()?;
            for model in written.models {
                rows.entry(model).or_default().push(row.clone());
            }
        }
        Ok(Self { provider: file.provider, rows })
    }
}

impl WrittenRow {
    fn read(&self) -> Result<Row, ListError> {
        let model = || self.models.first().cloned().unwrap_or_default();
        let rate = |price: &Option<String>| {
            let Some(price) = price else { return Ok(None) };
            let error = || ListError::Price { model: model(), price: price.clone() };
            picos_per_token(price).map(Some).ok_or_else(error)
        };
        let date = |from: &String| {
            let error = || ListError::Date { model: model(), from: from.clone() };
            Timestamp::parse(&format!("{from}T00:00:00Z")).ok_or_else(error)
        };
        let output = rate(&self.output)?;
        Ok(Row {
            tier: self.tier.clone(),
            above_input_tokens: self.above_input_tokens,
            from: self.from.as_ref().map(date).transpose()?,
            rates: Rates {
                input: rate(&self.input)?,
                cache_read: rate(&self.cache_read)?,
                cache_write: rate(&self.cache_write)?,
                input_audio: rate(&self.input_audio)?,
                output,
                reasoning: rate(&self.reasoning)?.or(output),
                output_audio: rate(&self.output_audio)?,
            },
        })
    }
}
