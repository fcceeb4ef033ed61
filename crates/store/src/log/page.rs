//! Pages of a list of rows: its order, and where a page begins.

use gatehouse_types::{NanoUsd, OrganizationId, RequestId};

use super::LogRow;
use crate::filter::Filter;

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Smallest first.
    Ascending,
    /// Largest first.
    #[default]
    Descending,
}

/// What a list of rows can be sorted by; unknown values come last either way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    /// When the call began.
    #[default]
    CreatedAt,
    /// When the call began, known only of calls that the cache answered.
    CacheCreatedAt,
    /// The whole duration.
    Latency,
    /// Time to first token.
    TimeToFirstToken,
    /// All tokens.
    TotalTokens,
    /// Input tokens.
    PromptTokens,
    /// Output tokens.
    CompletionTokens,
    /// The user.
    UserId,
    /// The cost.
    Cost,
    /// The model.
    Model,
    /// Whether the cache answered: those it did not answer are smaller.
    IsCached,
    /// The first lines of what was asked.
    RequestPreview,
    /// The first lines of what came back.
    ResponsePreview,
    /// The value of a property.
    Property(String),
    /// The first of the prompt's inputs with that name.
    Input(String),
    /// An order that follows from the request ids and this number and has no other meaning; both ways it is the same kind
    /// of order.
    Random(u64),
}

/// A page of rows to be read, without bodies.
#[derive(Clone, Debug)]
pub struct RowQuery {
    /// The tenant: nothing else is ever visible.
    pub organization_id: OrganizationId,
    /// Which rows.
    pub filter: Filter,
    /// In which order; ties are broken by request id, the same way.
    pub sort: SortKey,
    /// Which way.
    pub direction: Direction,
    /// Behind which place of that order the rows are, if not at its beginning.
    pub after: Option<After>,
    /// How many rows to skip from there on.
    pub offset: u64,
    /// How many rows at most.
    pub limit: u32,
}

/// A place in an order of rows: that of a row, whether it is still there or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// What the row is sorted by; `None` where that is not known, and for [`SortKey::Random`].
    pub value: Option<SortValue>,
    /// Its id.
    pub request_id: RequestId,
}

/// What a row is sorted by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortValue {
    /// A number: times in µs since the epoch, durations in µs, costs in nano-dollars.
    Number(i128),
    /// A text.
    Text(String),
}

impl After {
    /// Returns the place of `row` in an order.
    pub fn row(sort: &SortKey, row: &LogRow) -> Self {
        Self { value: sort.value(row), request_id: row.request_id }
    }
}

impl SortKey {
    /// Returns what a row is sorted by, with its annotations and as it was revised.
    pub fn value(&self, row: &LogRow) -> Option<SortValue> {
        let count = |value: Option<u64>| value.map(|value| SortValue::Number(value.into()));
        let text = |value: &str| Some(SortValue::Text(value.to_owned()));
        let began = || Some(SortValue::Number(row.request_created_at.as_unix_micros().into()));
        match self {
            Self::CreatedAt => began(),
            Self::CacheCreatedAt => row.cache_reference_id.and_then(|_| began()),
            Self::Latency => count(Some(row.total_us)),
            Self::TimeToFirstToken => count(row.first_token_us),
            Self::TotalTokens => count(row.usage.total),
            Self::PromptTokens => count(row.usage.input),
            Self::CompletionTokens => count(row.usage.output),
            Self::UserId => text(&row.user_id),
            Self::Cost => row.cost.map(NanoUsd::get).map(|cost| SortValue::Number(cost.into())),
            Self::Model => text(&row.model),
            Self::IsCached => Some(SortValue::Number(row.cache_reference_id.is_some().into())),
            Self::RequestPreview => row.request_preview.as_deref().and_then(text),
            Self::ResponsePreview => row.response_preview.as_deref().and_then(text),
            Self::Property(name) => row.property(name).and_then(text),
            Self::Input(name) => {
                let inputs = &row.handling.prompt_inputs;
                inputs.iter().find(|(known, _)| known == name).and_then(|(_, value)| text(value))
            }
            Self::Random(_) => None,
        }
    }
}
