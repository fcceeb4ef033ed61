//! The table that can be asked about: its columns, and the query that stands for it.

use gatehouse_store::log::{SESSION_ID, SESSION_NAME, SESSION_PATH, SqlColumn, SqlTable};

use super::{ALL, Writer};
use crate::sql::{Dialect, DuckDb, Statement};

/// Every table that can be asked about.
pub(crate) const TABLES: &[SqlTable] = &[SqlTable { name: "request_response_rmt", columns: COLUMNS }];

/// Beyond every table; the optimiser moves nothing past a limit.
const BARRIER: &str = "4000000000000000000";

/// What annotations add, by the columns that read it.
const ANNOTATED: [&str; 5] = ["properties", "scores", "session_id", "session_name", "session_path"];

const fn column(name: &'static str, kind: &'static str, comment: &'static str) -> SqlColumn {
    SqlColumn { name, kind, comment }
}

const COLUMNS: &[SqlColumn] = &[
    column("request_id", "UUID", "The call's id"),
    column("request_created_at", "TIMESTAMP", "When the call began, in UTC"),
    column("response_id", "UUID", "The id of the answer"),
    column("response_created_at", "TIMESTAMP", "When the call had ended, in UTC"),
    column("organization_id", "UUID", "Your organisation"),
    column("status", "BIGINT", "HTTP status; -2 timed out, -3 the client went away"),
    column("outcome", "VARCHAR", "How the call ended"),
    column("error_kind", "VARCHAR", "Why it failed or was refused"),
    column("latency", "BIGINT", "The whole duration, in milliseconds"),
    column("time_to_first_token", "BIGINT", "To the first part of a stream, in milliseconds"),
    column("provider", "VARCHAR", "The provider"),
    column("model", "VARCHAR", "The model the call is filed under"),
    column("request_model", "VARCHAR", "The model the caller asked for"),
    column("response_model", "VARCHAR", "The model the provider named"),
    column("model_override", "VARCHAR", "Helicone-Model-Override"),
    column("target_url", "VARCHAR", "The URL the provider was asked at"),
    column("method", "VARCHAR", "The HTTP method"),
    column("request_path", "VARCHAR", "Path and query as the client sent them"),
    column("is_stream", "BOOLEAN", "Whether the answer was a stream"),
    column("user_id", "VARCHAR", "The caller's user, or empty"),
    column("country_code", "VARCHAR", "The caller's country"),
    column("properties", "MAP(VARCHAR, VARCHAR)", "Custom properties, as in properties['plan']"),
    column("scores", "MAP(VARCHAR, DOUBLE)", "Scores and feedback; true is 1"),
    column("session_id", "VARCHAR", "The session"),
    column("session_name", "VARCHAR", "The session's name"),
    column("session_path", "VARCHAR", "The call's place in the session"),
    column("prompt_tokens", "BIGINT", "Input tokens that were neither cached nor audio"),
    column("completion_tokens", "BIGINT", "Output tokens without reasoning and audio"),
    column("total_tokens", "BIGINT", "All tokens"),
    column("prompt_cache_read_tokens", "BIGINT", "Input tokens read from the provider's cache"),
    column("prompt_cache_write_tokens", "BIGINT", "Input tokens written to the provider's cache"),
    column("prompt_audio_tokens", "BIGINT", "Audio tokens of the input"),
    column("completion_audio_tokens", "BIGINT", "Audio tokens of the output"),
    column("reasoning_tokens", "BIGINT", "Reasoning tokens"),
    column("cost", "BIGINT", "In 0.000000001 US dollars; null when unknown"),
    column("cost_usd", "DOUBLE", "In US dollars; null when unknown"),
    column("provider_total_cost", "BIGINT", "The same as cost"),
    column("cost_status", "VARCHAR", "priced, cached, or why there is no cost"),
    column("usage_source", "VARCHAR", "Where the counts of tokens come from"),
    column("service_tier", "VARCHAR", "The provider's service tier"),
    column("cache_enabled", "BOOLEAN", "Whether the caller enabled caching"),
    column("cache_status", "VARCHAR", "hit or miss; null without the cache"),
    column("cache_reference_id", "UUID", "The call whose answer this was"),
    column("saved_cost", "BIGINT", "What a hit saved, in 0.000000001 US dollars"),
    column("rate_limit_policy", "VARCHAR", "The policy that held for the call"),
    column("rate_limit_status", "VARCHAR", "allowed, refused or error; null without a limit"),
    column("threat", "BOOLEAN", "Whether a guard found a threat; null when none was asked"),
    column("attempt_count", "BIGINT", "How many times a provider was asked"),
    column("fallback_index", "BIGINT", "Which of the fallbacks answered"),
    column("prompt_id", "VARCHAR", "The prompt, or empty"),
    column("prompt_version", "VARCHAR", "Its version"),
    column("request_referrer", "VARCHAR", "Which product sent the call, or empty"),
    column("proxy_key_id", "UUID", "The proxy key"),
    column("request_preview", "VARCHAR", "The first lines of what was asked"),
    column("response_preview", "VARCHAR", "The first lines of what came back"),
    column("request_bytes", "BIGINT", "The size of the request's body"),
    column("response_bytes", "BIGINT", "The size of the answer's body"),
    column("size_bytes", "BIGINT", "Both"),
    column("mapper_id", "VARCHAR", "The mapping that read the bodies"),
    column("updated_at", "TIMESTAMP", "When the row was last revised, or stored"),
];

impl Writer {
    /// Writes the query of the tenant's visible rows that stands for the table.
    ///
    /// It ends with a limit beyond every table: conditions of the question are not moved past one, so that nothing of
    /// the question is ever evaluated on another tenant's rows, where an error would tell of what they hold.
    pub(super) fn calls(&mut self) {
        let joins_notes = self.setting.has_annotations && self.reads(&ANNOTATED);
        let joins_revisions = self.setting.has_revisions;
        self.push("(SELECT ");
        for (index, column) in COLUMNS.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            let value = value(column.name, joins_notes, joins_revisions);
            self.push(&format!("TRY_CAST({value} AS {}) AS {}", column.kind, column.name));
        }
        self.push(" FROM ");
        self.facts(joins_revisions);
        if joins_notes {
            self.push(
                " LEFT JOIN (SELECT request_id AS noted_id, \
                 map_from_entries(list({'key': name, 'value': value}) FILTER (WHERE kind = 'property')) \
                 AS added_properties, \
                 map_from_entries(list({'key': name, 'value': CASE value WHEN 'true' THEN 1 WHEN 'false' THEN 0 \
                 ELSE TRY_CAST(value AS DOUBLE) END}) FILTER (WHERE kind = 'feedback' \
                 AND data_type IN ('boolean', 'numerical'))) AS added_scores \
                 FROM annotations WHERE organization_id = CAST($1 AS UUID) GROUP BY request_id) AS notes \
                 ON noted_id = request_id",
            );
        }
        self.push(" WHERE organization_id = CAST($1 AS UUID) AND NOT superseded LIMIT ");
        self.push(BARRIER);
        self.push(")");
    }

    fn facts(&mut self, joins_revisions: bool) {
        if !joins_revisions {
            self.push("request_response_rmt AS facts");
            return;
        }
        let mut revised = Statement::default();
        DuckDb.revised(&mut revised);
        self.push("(SELECT ");
        self.push(&revised.text);
        self.push(
            " FROM request_response_rmt AS facts LEFT JOIN (SELECT * FROM revisions \
             WHERE organization_id = CAST($1 AS UUID)) AS later ON later.row_key = facts.row_key) AS facts",
        );
    }

    /// Returns whether the question reads one of these columns, as far as is known.
    fn reads(&self, columns: &[&str]) -> bool {
        let Some(read) = &self.read else { return true };
        read.contains(ALL) || columns.iter().any(|column| read.contains(*column))
    }
}

/// Returns what a column holds, from the stored ones.
fn value(column: &str, joins_notes: bool, joins_revisions: bool) -> String {
    let property = |name: &str| match joins_notes {
        true => format!("coalesce(added_properties['{name}'], properties['{name}'])"),
        false => format!("properties['{name}']"),
    };
    match column {
        "properties" if joins_notes => {
            "CASE WHEN added_properties IS NULL THEN properties ELSE map_concat(properties, added_properties) END"
                .to_owned()
        }
        "scores" if joins_notes => "coalesce(added_scores, MAP {})".to_owned(),
        "scores" => "MAP {}".to_owned(),
        "session_id" => property(SESSION_ID),
        "session_name" => property(SESSION_NAME),
        "session_path" => property(SESSION_PATH),
        "request_path" => "path".to_owned(),
        "cost_usd" => "cost / 1000000000.0".to_owned(),
        "provider_total_cost" => "cost".to_owned(),
        "size_bytes" => "request_bytes + response_bytes".to_owned(),
        "updated_at" if joins_revisions => "coalesce(revised_at, response_created_at)".to_owned(),
        "updated_at" => "response_created_at".to_owned(),
        column => column.to_owned(),
    }
}
