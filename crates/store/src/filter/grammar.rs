//! The tables, columns and operators of the grammar, as data; `docs/filters.md` is checked against it.

use super::grouped::{Figure, GroupKind};
use super::{BoolColumn, Column, Condition, NumberColumn, Test, TextColumn, TimeColumn};
use crate::log::{SESSION_ID, SESSION_NAME};

/// A table of the grammar and what is known of its columns.
pub(super) struct Table {
    /// Its name in the grammar.
    pub(super) name: &'static str,
    /// The columns that can be compared.
    pub(super) columns: &'static [(&'static str, Meaning)],
    /// The columns one level deeper.
    pub(super) maps: &'static [(&'static str, Map)],
    /// Columns of Helicone's that nothing can be compared with here, and why.
    pub(super) refused: &'static [(&'static str, &'static str)],
    /// What each of its rows has in common, if that are not all calls.
    pub(super) implied: Option<Condition>,
}

/// What a column of the grammar means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A column of a call.
    Column(Column),
    /// The value of the property with that name.
    Property(&'static str),
    /// A figure of a whole group of calls.
    Figure(GroupKind, Figure),
    /// The day on which a call began: times count as their whole day.
    Day,
    /// All scores as a JSON text, of which only the empty one, `{}`, can be compared.
    Scores,
    /// A text that is empty for each call.
    Empty,
    /// False for each call.
    False,
    /// The name of a property, which the table's other columns are about.
    PropertyName,
    /// The value of the property that [`Meaning::PropertyName`] names.
    PropertyValue,
}

/// What the keys of a map are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Map {
    /// Names of properties.
    Properties,
    /// Names of scores.
    Scores,
    /// Names of a prompt's inputs.
    Inputs,
}

const OTHER_KEY: &str = "the API key decides whose calls are seen";
const NO_JOBS: &str = "no jobs are kept here";
const NOT_SPLIT: &str = "it is part of `saved_prompt_tokens` or `saved_completion_tokens`";
const OF_ENTRY: &str = "it is a figure of many calls; compare `date` instead";

const fn text(column: TextColumn) -> Meaning {
    Meaning::Column(Column::Text(column))
}

const fn number(column: NumberColumn) -> Meaning {
    Meaning::Column(Column::Number(column))
}

const fn time(column: TimeColumn) -> Meaning {
    Meaning::Column(Column::Time(column))
}

const fn boolean(column: BoolColumn) -> Meaning {
    Meaning::Column(Column::Bool(column))
}

const fn of_session(figure: Figure) -> Meaning {
    Meaning::Figure(GroupKind::Sessions, figure)
}

const fn of_user(figure: Figure) -> Meaning {
    Meaning::Figure(GroupKind::Users, figure)
}

/// The main table, in whose columns all of a call's can be found.
const CALLS: Table = Table {
    name: "request_response_rmt",
    columns: &[
        ("request_id", text(TextColumn::RequestId)),
        ("response_id", text(TextColumn::ResponseId)),
        ("organization_id", text(TextColumn::OrganizationId)),
        ("key_id", text(TextColumn::KeyId)),
        ("model", text(TextColumn::Model)),
        ("request_model", text(TextColumn::RequestModel)),
        ("response_model", text(TextColumn::ResponseModel)),
        ("model_override", text(TextColumn::ModelOverride)),
        ("provider", text(TextColumn::Provider)),
        ("user_id", text(TextColumn::UserId)),
        ("target_url", text(TextColumn::TargetUrl)),
        ("country_code", text(TextColumn::CountryCode)),
        ("request_referrer", text(TextColumn::RequestReferrer)),
        ("prompt_id", text(TextColumn::PromptId)),
        ("prompt_version", text(TextColumn::PromptVersion)),
        ("cache_reference_id", text(TextColumn::CacheReferenceId)),
        ("cache_status", text(TextColumn::CacheStatus)),
        ("rate_limit_status", text(TextColumn::RateLimitStatus)),
        ("rate_limit_policy", text(TextColumn::RateLimitPolicy)),
        ("proxy_key_id", text(TextColumn::ProxyKeyId)),
        ("outcome", text(TextColumn::Outcome)),
        ("error_kind", text(TextColumn::ErrorKind)),
        ("error_type", text(TextColumn::ErrorKind)),
        ("source", text(TextColumn::Source)),
        ("service_tier", text(TextColumn::ServiceTier)),
        ("cost_status", text(TextColumn::CostStatus)),
        ("usage_source", text(TextColumn::UsageSource)),
        ("mapper_id", text(TextColumn::MapperId)),
        ("method", text(TextColumn::Method)),
        ("path", text(TextColumn::Path)),
        ("request_body", text(TextColumn::RequestBody)),
        ("response_body", text(TextColumn::ResponseBody)),
        ("status", number(NumberColumn::Status)),
        ("latency", number(NumberColumn::Latency)),
        ("time_to_first_token", number(NumberColumn::TimeToFirstToken)),
        ("prompt_tokens", number(NumberColumn::PromptTokens)),
        ("completion_tokens", number(NumberColumn::CompletionTokens)),
        ("total_tokens", number(NumberColumn::TotalTokens)),
        ("prompt_cache_read_tokens", number(NumberColumn::PromptCacheReadTokens)),
        ("prompt_cache_write_tokens", number(NumberColumn::PromptCacheWriteTokens)),
        ("prompt_audio_tokens", number(NumberColumn::PromptAudioTokens)),
        ("completion_audio_tokens", number(NumberColumn::CompletionAudioTokens)),
        ("reasoning_tokens", number(NumberColumn::ReasoningTokens)),
        ("attempt_count", number(NumberColumn::AttemptCount)),
        ("request_bytes", number(NumberColumn::RequestBytes)),
        ("response_bytes", number(NumberColumn::ResponseBytes)),
        ("mapper_version", number(NumberColumn::MapperVersion)),
        ("cost", number(NumberColumn::Cost)),
        ("request_created_at", time(TimeColumn::RequestCreatedAt)),
        ("response_created_at", time(TimeColumn::ResponseCreatedAt)),
        ("cache_enabled", boolean(BoolColumn::CacheEnabled)),
        ("cached", boolean(BoolColumn::Cached)),
        ("is_stream", boolean(BoolColumn::IsStream)),
        ("threat", boolean(BoolColumn::Threat)),
        ("helicone-score-feedback", boolean(BoolColumn::Rating)),
        ("rate_limited", boolean(BoolColumn::RateLimited)),
        ("scored", boolean(BoolColumn::Scored)),
        ("revised", boolean(BoolColumn::Revised)),
        ("is_passthrough_billing", Meaning::False),
        ("scores_column", Meaning::Scores),
        ("assets", Meaning::Empty),
        ("property_key", Meaning::Column(Column::PropertyKey)),
    ],
    maps: &[
        ("properties", Map::Properties),
        ("search_properties", Map::Properties),
        ("scores", Map::Scores),
        ("values", Map::Inputs),
    ],
    refused: &[("node_id", NO_JOBS), ("job_id", NO_JOBS)],
    implied: None,
};

const SESSIONS: Table = Table {
    name: "sessions_request_response_rmt",
    columns: &[
        ("session_session_id", Meaning::Property(SESSION_ID)),
        ("session_session_name", Meaning::Property(SESSION_NAME)),
        ("session_tag", Meaning::Column(Column::SessionTag)),
        ("session_total_cost", of_session(Figure::Cost)),
        ("session_total_tokens", of_session(Figure::TotalTokens)),
        ("session_prompt_tokens", of_session(Figure::PromptTokens)),
        ("session_completion_tokens", of_session(Figure::CompletionTokens)),
        ("session_total_requests", of_session(Figure::Requests)),
        ("session_created_at", of_session(Figure::First)),
        ("session_latest_request_created_at", of_session(Figure::Last)),
    ],
    maps: &[],
    refused: &[],
    implied: None,
};

const USERS: Table = Table {
    name: "users_view",
    columns: &[
        ("user_user_id", text(TextColumn::UserId)),
        ("user_active_for", of_user(Figure::ActiveDays)),
        ("user_first_active", of_user(Figure::First)),
        ("user_last_active", of_user(Figure::Last)),
        ("user_total_requests", of_user(Figure::Requests)),
        ("user_average_requests_per_day_active", of_user(Figure::RequestsPerActiveDay)),
        ("user_average_tokens_per_request", of_user(Figure::TokensPerRequest)),
        ("user_total_completion_tokens", of_user(Figure::CompletionTokens)),
        ("user_total_prompt_tokens", of_user(Figure::PromptTokens)),
        ("user_cost", of_user(Figure::Cost)),
    ],
    maps: &[],
    refused: &[],
    implied: None,
};

const USER_METRICS: Table = Table {
    name: "user_metrics",
    columns: &[
        ("user_id", text(TextColumn::UserId)),
        ("active_for", of_user(Figure::ActiveDays)),
        ("first_active", of_user(Figure::First)),
        ("last_active", of_user(Figure::Last)),
        ("total_requests", of_user(Figure::Requests)),
        ("average_requests_per_day_active", of_user(Figure::RequestsPerActiveDay)),
        ("average_tokens_per_request", of_user(Figure::TokensPerRequest)),
        ("total_completion_tokens", of_user(Figure::CompletionTokens)),
        ("total_prompt_tokens", of_user(Figure::PromptTokens)),
        ("cost", of_user(Figure::Cost)),
    ],
    maps: &[],
    refused: &[],
    implied: None,
};

const REQUEST: Table = Table {
    name: "request",
    columns: &[
        ("id", text(TextColumn::RequestId)),
        ("org_id", text(TextColumn::OrganizationId)),
        ("prompt", text(TextColumn::RequestBody)),
        ("model", text(TextColumn::Model)),
        ("modelOverride", text(TextColumn::ModelOverride)),
        ("path", text(TextColumn::Path)),
        ("user_id", text(TextColumn::UserId)),
        ("country_code", text(TextColumn::CountryCode)),
        ("prompt_id", text(TextColumn::PromptId)),
        ("created_at", time(TimeColumn::RequestCreatedAt)),
    ],
    maps: &[],
    refused: &[("auth_hash", OTHER_KEY), ("node_id", NO_JOBS)],
    implied: None,
};

const RESPONSE: Table = Table {
    name: "response",
    columns: &[
        ("model", text(TextColumn::Model)),
        ("body_model", text(TextColumn::Model)),
        ("body_completion", text(TextColumn::ResponseBody)),
        ("status", number(NumberColumn::Status)),
        ("body_tokens", number(NumberColumn::TotalTokens)),
    ],
    maps: &[],
    refused: &[],
    implied: None,
};

const FEEDBACK: Table = Table {
    name: "feedback",
    columns: &[
        ("rating", boolean(BoolColumn::Rating)),
        ("created_at", time(TimeColumn::RatedAt)),
        ("response_id", text(TextColumn::ResponseId)),
    ],
    maps: &[],
    refused: &[("id", "a rating has no number of its own; its id is the call's")],
    implied: None,
};

const SCORE_VALUE: Table = Table {
    name: "score_value",
    columns: &[("request_id", text(TextColumn::RequestId))],
    maps: &[],
    refused: &[],
    implied: Some(Condition { column: Column::Bool(BoolColumn::Scored), test: Test::BoolEquals(true) }),
};

const CACHE_METRICS: Table = Table {
    name: "cache_metrics",
    columns: &[
        ("organization_id", text(TextColumn::OrganizationId)),
        ("request_id", text(TextColumn::CacheReferenceId)),
        ("model", text(TextColumn::Model)),
        ("request_body", text(TextColumn::RequestBody)),
        ("response_body", text(TextColumn::ResponseBody)),
        ("date", Meaning::Day),
        ("hour", number(NumberColumn::Hour)),
        ("saved_latency_ms", number(NumberColumn::SavedLatency)),
        ("saved_completion_tokens", number(NumberColumn::SavedCompletionTokens)),
        ("saved_prompt_tokens", number(NumberColumn::SavedPromptTokens)),
    ],
    maps: &[],
    refused: &[
        ("cache_hit_count", OF_ENTRY),
        ("first_hit", OF_ENTRY),
        ("last_hit", OF_ENTRY),
        ("saved_completion_audio_tokens", NOT_SPLIT),
        ("saved_prompt_audio_tokens", NOT_SPLIT),
        ("saved_prompt_cache_write_tokens", NOT_SPLIT),
        ("saved_prompt_cache_read_tokens", NOT_SPLIT),
    ],
    implied: Some(Condition { column: Column::Bool(BoolColumn::Cached), test: Test::BoolEquals(true) }),
};

const RATE_LIMIT_LOG: Table = Table {
    name: "rate_limit_log",
    columns: &[
        ("organization_id", text(TextColumn::OrganizationId)),
        ("created_at", time(TimeColumn::RequestCreatedAt)),
    ],
    maps: &[],
    refused: &[],
    implied: Some(Condition { column: Column::Bool(BoolColumn::RateLimited), test: Test::BoolEquals(true) }),
};

/// The columns of tables with a line for each property of a call.
const OF_PROPERTIES: &[(&str, Meaning)] = &[
    ("organization_id", text(TextColumn::OrganizationId)),
    ("key", Meaning::PropertyName),
    ("property_key", Meaning::PropertyName),
    ("value", Meaning::PropertyValue),
    ("property_value", Meaning::PropertyValue),
    ("threat", boolean(BoolColumn::Threat)),
    ("request_created_at", time(TimeColumn::RequestCreatedAt)),
];

/// A table with a line for each property of a call.
const fn properties(name: &'static str) -> Table {
    Table { name, columns: OF_PROPERTIES, maps: &[], refused: &[("auth_hash", OTHER_KEY)], implied: None }
}

/// Every table with columns that a filter may name.
pub(super) static TABLES: [Table; 14] = [
    CALLS,
    SESSIONS,
    USERS,
    USER_METRICS,
    REQUEST,
    RESPONSE,
    FEEDBACK,
    SCORE_VALUE,
    CACHE_METRICS,
    RATE_LIMIT_LOG,
    properties("properties_table"),
    properties("properties_v3"),
    properties("property_with_response_v1"),
    properties("organization_properties"),
];

/// The tables that are maps themselves.
pub(super) const MAP_TABLES: [(&str, Map); 2] = [("properties", Map::Properties), ("values", Map::Inputs)];

/// Tables of Helicone's that nothing can be compared with here, and why.
pub(super) const REFUSED_TABLES: [(&str, &str); 8] = [
    ("prompt_v2", "use `prompt_id` of `request_response_rmt`"),
    ("prompts_versions", "use `prompt_version` of `request_response_rmt`"),
    ("experiment", "no experiments are kept here"),
    ("experiment_hypothesis_run", "no experiments are kept here"),
    ("user_api_keys", "use `key_id` of `request_response_rmt`"),
    ("request_response_log", "use `request_response_rmt`"),
    ("job", NO_JOBS),
    ("job_node", NO_JOBS),
];

/// Returns the names of all tables, for messages.
pub(super) fn table_names() -> Vec<&'static str> {
    TABLES.iter().map(|table| table.name).chain(MAP_TABLES.map(|(name, _)| name)).collect()
}

impl Table {
    /// Returns the names of all columns that can be compared, for messages.
    pub(super) fn column_names(&self) -> Vec<&'static str> {
        let maps = self.maps.iter().map(|(name, _)| *name);
        self.columns.iter().map(|(name, _)| *name).chain(maps).collect()
    }
}

/// The operators of texts.
const OF_TEXTS: &[&str] = &["equals", "not-equals", "like", "ilike", "contains", "not-contains"];
/// The operators of numbers.
const OF_NUMBERS: &[&str] = &["equals", "not-equals", "gte", "lte", "gt", "lt"];
/// The operators of times.
const OF_TIMES: &[&str] = &["equals", "gte", "lte", "gt", "lt"];

impl Meaning {
    /// Returns the operators that a column takes, for messages.
    pub(super) const fn operators(&self) -> &'static [&'static str] {
        match self {
            Self::Column(column) => operators(column),
            Self::Figure(_, figure) if figure.is_time() => OF_TIMES,
            Self::Figure(..) => OF_NUMBERS,
            Self::Day => OF_TIMES,
            Self::Scores => &["equals", "not-equals"],
            Self::Property(_) | Self::Empty | Self::PropertyValue => OF_TEXTS,
            Self::False | Self::PropertyName => &["equals"],
        }
    }
}

/// Returns the operators that a column of calls takes.
pub(super) const fn operators(column: &Column) -> &'static [&'static str] {
    match column {
        Column::Text(_) | Column::Property(_) | Column::Input(_) | Column::SessionTag => OF_TEXTS,
        Column::Number(_) => OF_NUMBERS,
        Column::Time(_) => OF_TIMES,
        Column::Bool(_) | Column::PropertyKey => &["equals"],
        Column::Score(_) => {
            &["equals", "not-equals", "gte", "lte", "gt", "lt", "like", "ilike", "contains", "not-contains"]
        }
    }
}
