//! What a query body may hold, and what each wrong one is told.

use gatehouse_store::filter::{BoolColumn, Column, Condition, Filter, Test, TextColumn};
use gatehouse_store::log::{Direction, SortKey};
use gatehouse_types::OrganizationId;
use serde_json::json;
use uuid::Uuid;

use super::*;

fn read(body: &str) -> Result<RowQuery, ApiError> {
    first_page(&fields(body.as_bytes())?, OrganizationId::from_uuid(Uuid::nil()))
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
    let query = read(r#"{"includeInputs":true,"isPartOfExperiment":null,"new":[1]}"#);
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
    check(json!({"last_active": "asc"}), (SortKey::CreatedAt, Direction::Ascending));
    check(json!({"cache_created_at": "asc"}), (SortKey::CacheCreatedAt, Direction::Ascending));
    check(json!({"is_cached": "asc"}), (SortKey::IsCached, Direction::Ascending));
    check(json!({"request_prompt": "asc"}), (SortKey::RequestPreview, Direction::Ascending));
    check(json!({"response_text": "asc"}), (SortKey::ResponsePreview, Direction::Ascending));
    check(json!({"random": false}), (SortKey::CreatedAt, Direction::Descending));
    let input = SortKey::Input("name".to_owned());
    check(json!({"values": {"name": "asc"}}), (input, Direction::Ascending));
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
fn random_orders_differ() {
    let seed = || read(r#"{"sort":{"random":true}}"#).map(|query| query.sort).unwrap();
    let (first, second) = (seed(), seed());
    assert!(matches!(first, SortKey::Random(_)));
    assert_ne!(first, second);
}

#[test]
fn joins_what_flags_ask_to_the_filter() {
    let check = |body: &str, column: Column, test: Test| {
        assert_eq!(read(body).unwrap().filter, Filter::Leaf(Condition { column, test }), "{body}");
    };
    let scored = || Column::Bool(BoolColumn::Scored);
    check(r#"{"isScored":true}"#, scored(), Test::BoolEquals(true));
    check(r#"{"isScored":"false"}"#, scored(), Test::BoolEquals(false));
    let experiment = || Column::Property("Helicone-Experiment-Id".to_owned());
    check(r#"{"isPartOfExperiment":true}"#, experiment(), Test::IsNotNull);
    check(r#"{"isPartOfExperiment":false}"#, experiment(), Test::IsNull);
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
    check(r#"{"sort": {"random": "asc"}}"#, ErrorKind::InvalidField, "`sort.random` must be true");
    check(r#"{"sort": {"values": {}}}"#, ErrorKind::InvalidField, "`sort.values`");
    check(r#"{"sort": {"properties": "asc"}}"#, ErrorKind::InvalidField, "`sort.properties`");
    check(r#"{"sort": {"properties": {"a": 1}}}"#, ErrorKind::InvalidField, "`sort.a`");
    check(r#"{"isCached": "yes"}"#, ErrorKind::InvalidField, "`isCached` must be true or false");
    check(r#"{"isScored": 1}"#, ErrorKind::InvalidField, "`isScored`");
    check(r#"{"includeInputs": 1}"#, ErrorKind::InvalidField, "`includeInputs`");
    check(r#"{"filter": 7}"#, ErrorKind::InvalidFilter, "`filter`: ");
    let column = r#"{"filter": {"request_response_rmt": {"modle": {"equals": "x"}}}}"#;
    check(column, ErrorKind::InvalidFilter, "`modle`");
    let operator = r#"{"filter": {"request_response_rmt": {"status": {"equals": "x"}}}}"#;
    check(operator, ErrorKind::InvalidFilter, "`filter`: ");
}
