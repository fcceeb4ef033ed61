//! The tables, columns and operators of the grammar, as data.

use super::{BoolColumn, Column, NumberColumn, TextColumn, TimeColumn};

/// A table of the grammar and what is known of its columns.
pub(super) struct Table {
    /// Its name in the grammar.
    pub(super) name: &'static str,
    /// The columns that can be compared.
    pub(super) columns: &'static [(&'static str, Column)],
    /// The columns one level deeper: each key is the name of a custom property.
    pub(super) maps: &'static [&'static str],
    /// Columns of Helicone's that this store can't compare.
    pub(super) refused: &'static [&'static str],
}

/// Every table that a filter may name; `properties` is a table and a map at once.
pub(super) static TABLES: [Table; 4] = [
    Table {
        name: "request_response_rmt",
        columns: &[
            ("request_id", Column::Text(TextColumn::RequestId)),
            ("model", Column::Text(TextColumn::Model)),
            ("provider", Column::Text(TextColumn::Provider)),
            ("user_id", Column::Text(TextColumn::UserId)),
            ("target_url", Column::Text(TextColumn::TargetUrl)),
            ("country_code", Column::Text(TextColumn::CountryCode)),
            ("request_referrer", Column::Text(TextColumn::RequestReferrer)),
            ("prompt_id", Column::Text(TextColumn::PromptId)),
            ("prompt_version", Column::Text(TextColumn::PromptVersion)),
            ("cache_reference_id", Column::Text(TextColumn::CacheReferenceId)),
            ("proxy_key_id", Column::Text(TextColumn::ProxyKeyId)),
            ("cost_status", Column::Text(TextColumn::CostStatus)),
            ("usage_source", Column::Text(TextColumn::UsageSource)),
            ("mapper_id", Column::Text(TextColumn::MapperId)),
            ("method", Column::Text(TextColumn::Method)),
            ("path", Column::Text(TextColumn::Path)),
            ("status", Column::Number(NumberColumn::Status)),
            ("latency", Column::Number(NumberColumn::Latency)),
            ("time_to_first_token", Column::Number(NumberColumn::TimeToFirstToken)),
            ("prompt_tokens", Column::Number(NumberColumn::PromptTokens)),
            ("completion_tokens", Column::Number(NumberColumn::CompletionTokens)),
            ("total_tokens", Column::Number(NumberColumn::TotalTokens)),
            ("prompt_cache_read_tokens", Column::Number(NumberColumn::PromptCacheReadTokens)),
            ("prompt_cache_write_tokens", Column::Number(NumberColumn::PromptCacheWriteTokens)),
            ("mapper_version", Column::Number(NumberColumn::MapperVersion)),
            ("cost", Column::Number(NumberColumn::Cost)),
            ("request_created_at", Column::Time(TimeColumn::RequestCreatedAt)),
            ("response_created_at", Column::Time(TimeColumn::ResponseCreatedAt)),
            ("cache_enabled", Column::Bool(BoolColumn::CacheEnabled)),
            ("cached", Column::Bool(BoolColumn::Cached)),
            ("threat", Column::Bool(BoolColumn::Threat)),
            ("helicone-score-feedback", Column::Bool(BoolColumn::Rating)),
            ("property_key", Column::PropertyKey),
        ],
        maps: &["properties"],
        refused: &[
            "request_body",
            "response_body",
            "organization_id",
            "node_id",
            "job_id",
            "scores",
            "scores_column",
            "search_properties",
            "assets",
            "is_passthrough_billing",
        ],
    },
    Table {
        name: "request",
        columns: &[
            ("id", Column::Text(TextColumn::RequestId)),
            ("model", Column::Text(TextColumn::Model)),
            ("user_id", Column::Text(TextColumn::UserId)),
            ("country_code", Column::Text(TextColumn::CountryCode)),
            ("prompt_id", Column::Text(TextColumn::PromptId)),
            ("created_at", Column::Time(TimeColumn::RequestCreatedAt)),
        ],
        maps: &[],
        refused: &["prompt", "auth_hash", "org_id", "node_id", "modelOverride", "path"],
    },
    Table {
        name: "response",
        columns: &[
            ("model", Column::Text(TextColumn::Model)),
            ("body_model", Column::Text(TextColumn::Model)),
            ("status", Column::Number(NumberColumn::Status)),
            ("body_tokens", Column::Number(NumberColumn::TotalTokens)),
        ],
        maps: &[],
        refused: &["body_completion"],
    },
    Table {
        name: "feedback",
        columns: &[("rating", Column::Bool(BoolColumn::Rating))],
        maps: &[],
        refused: &["id", "created_at", "response_id"],
    },
];

/// The table whose columns are the custom properties themselves.
pub(super) const PROPERTIES: &str = "properties";

/// Returns the names of all tables, for messages.
pub(super) fn table_names() -> Vec<&'static str> {
    TABLES.iter().map(|table| table.name).chain([PROPERTIES]).collect()
}

impl Table {
    /// Returns the names of all columns that can be compared, for messages.
    pub(super) fn column_names(&self) -> Vec<&'static str> {
        self.columns.iter().map(|(name, _)| *name).chain(self.maps.iter().copied()).collect()
    }
}

/// Returns the operators that a column takes, for messages.
pub(super) const fn operators(column: &Column) -> &'static [&'static str] {
    match column {
        Column::Text(_) | Column::Property(_) => {
            &["equals", "not-equals", "like", "ilike", "contains", "not-contains"]
        }
        Column::Number(_) => &["equals", "not-equals", "gte", "lte", "gt", "lt"],
        Column::Time(_) => &["equals", "gte", "lte", "gt", "lt"],
        Column::Bool(_) | Column::PropertyKey => &["equals"],
    }
}
