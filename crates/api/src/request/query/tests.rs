//! What a query body may hold, and what each wrong one is told.

use gatehouse_store::filter::{BoolColumn, Column, Condition, Filter, Test, TextColumn};
use gatehouse_store::log::{Direction, SortKey};
use gatehouse_types::OrganizationId;
use serde_json::json;
use uuid::Uuid;

use super::*;

fn read(body: &str) -> Result<RowQuery, ApiError> {
    parse(body.as_bytes(), OrganizationId::from_uuid(Uuid::nil()))
}

#[test]
fn reads_an_empty_query_as_the_ten_newest() {
    for body in ["{}", r#"{"filter":"all"}"#, r#"{"filter":{},"sort":{},"offset":null,"limit":null}"#] {
        let query = read(body).unwrap();
        assert_eq!(query.filter, Filter::All, "{body}");
        assert_eq!((query.sort, query.direction), (SortKey::CreatedAt, Direction::Descending), "{body}");
        assert_eq!((query.offset, query.limit), (0, 10), "{body}");
    }
}

#[test]
fn ignores_fields_it_does_not_know() {
    let query = read(r#"{"includeInputs":true,"isPartOfExperiment":false,"isScored":false,"new":[1]}"#);
    assert_eq!(query.unwrap().filter, Filter::All);
}

#[test]
fn reads_every_sort_key() {
    let check = |sort: Value, expected: (SortKey, Direction)| {
        let query = read(&json!({ "sort": sort }).to_string()).unwrap();
        assert_eq!((query.sort, query.direction), expected);
    };
    check(json!({"created_at": "asc"}), (SortKey::CreatedAt, Direction::Ascending));
    check(json!({"latency": "desc"}), (SortKey::Latency, Direction::Descending));
    check(json!({"time_to_first_token": "asc"}), (SortKey::TimeToFirstToken, Direction::Ascending));
    check(json!({"total_tokens": "asc"}), (SortKey::TotalTokens, Direction::Ascending));
    check(json!({"prompt_tokens": "asc"}), (SortKey::PromptTokens, Direction::Ascending));
    check(json!({"completion_tokens": "asc"}), (SortKey::CompletionTokens, Direction::Ascending));
    check(json!({"user_id": "asc"}), (SortKey::UserId, Direction::Ascending));
    check(json!({"cost": "asc"}), (SortKey::Cost, Direction::Ascending));
    check(json!({"body_model": "asc"}), (SortKey::Model, Direction::Ascending));
    let property = SortKey::Property("Environment".to_owned());
    check(json!({"properties": {"Environment": "desc"}}), (property, Direction::Descending));
}

#[test]
fn joins_is_cached_to_the_filter() {
    let query = read(r#"{"filter":{"request_response_rmt":{"model":{"equals":"m"}}},"isCached":true}"#);
    let model = Condition { column: Column::Text(TextColumn::Model), test: Test::TextEquals("m".to_owned()) };
    let cached = Condition { column: Column::Bool(BoolColumn::Cached), test: Test::BoolEquals(true) };
    let expected = Filter::And(Box::new(Filter::Leaf(model)), Box::new(Filter::Leaf(cached)));
    assert_eq!(query.unwrap().filter, expected);
}

#[test]
fn names_the_field_that_is_wrong() {
    let check = |body: &str, kind: ErrorKind, message: &str| {
        let error = read(body).unwrap_err();
        assert_eq!(error.kind, kind, "{body}");
        assert!(error.message.contains(message), "{body}: {}", error.message);
    };
    check("", ErrorKind::InvalidJson, "at line 1 column 0");
    check("{\n \"limit\": }", ErrorKind::InvalidJson, "at line 2 column 11");
    check("[]", ErrorKind::InvalidJson, "must be a JSON object");
    check(&"[".repeat(100_000), ErrorKind::InvalidJson, "recursion limit");
    for limit in ["-1", "1001", "1.5", "\"10\"", "true", "1e300", "18446744073709551616"] {
        let body = format!("{{\"limit\": {limit}}}");
        check(&body, ErrorKind::InvalidField, "`limit` must be a whole number from 0 to 1000");
    }
    for offset in ["-1", "1.5", "\"0\"", "9223372036854775808"] {
        check(
            &format!("{{\"offset\": {offset}}}"),
            ErrorKind::InvalidField,
            "`offset` must be a whole number",
        );
    }
    check(r#"{"sort": "created_at"}"#, ErrorKind::InvalidField, "`sort` must be an object with one key");
    check(r#"{"sort": {"cost": "asc", "latency": "asc"}}"#, ErrorKind::InvalidField, "one key");
    check(r#"{"sort": {"cost": "up"}}"#, ErrorKind::InvalidField, "`sort.cost` must be `asc` or `desc`");
    check(
        r#"{"sort": {"costs": "asc"}}"#,
        ErrorKind::InvalidField,
        "unknown key `costs`, use one of created_at",
    );
    check(r#"{"sort": {"random": true}}"#, ErrorKind::InvalidField, "unknown key `random`");
    check(r#"{"sort": {"properties": "asc"}}"#, ErrorKind::InvalidField, "`sort.properties`");
    check(r#"{"sort": {"properties": {"a": 1}}}"#, ErrorKind::InvalidField, "`sort.a`");
    check(r#"{"isCached": "yes"}"#, ErrorKind::InvalidField, "`isCached` must be true or false");
    check(r#"{"isScored": true}"#, ErrorKind::InvalidField, "`isScored`");
    check(r#"{"filter": 7}"#, ErrorKind::InvalidFilter, "`filter`: ");
    let column = r#"{"filter": {"request_response_rmt": {"modle": {"equals": "x"}}}}"#;
    check(column, ErrorKind::InvalidFilter, "`modle`");
    let operator = r#"{"filter": {"request_response_rmt": {"status": {"equals": "x"}}}}"#;
    check(operator, ErrorKind::InvalidFilter, "`filter`: ");
}
