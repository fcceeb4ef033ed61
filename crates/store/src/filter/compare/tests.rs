//! Columns whose meaning is not simply that of a column of a call.

use serde_json::{Value, json};

use crate::filter::{BoolColumn, Column, Condition, Filter, Test, TextColumn, TimeColumn};

fn leaf(column: Column, test: Test) -> Filter {
    Filter::Leaf(Condition { column, test })
}

fn check(document: &Value, expected: &Filter) {
    assert_eq!(Filter::parse(document).as_ref(), Ok(expected), "{document}");
}

fn rmt(columns: &Value) -> Value {
    json!({ "request_response_rmt": columns })
}

fn refused(document: &Value, expected: &str) {
    let message = Filter::parse(document).expect_err("refused").to_string();
    assert!(message.contains(expected), "{document}: {message}");
}

#[test]
fn scores_compare_as_numbers_where_they_can() {
    let score = |test| leaf(Column::Score("accuracy".to_owned()), test);
    for (value, test) in [
        (json!({ "equals": 1 }), Test::NumberEquals(1.0)),
        (json!({ "equals": "1" }), Test::NumberEquals(1.0)),
        (json!({ "equals": true }), Test::NumberEquals(1.0)),
        (json!({ "not-equals": false }), Test::NumberNotEquals(0.0)),
        (json!({ "gte": 0.5 }), Test::NumberAtLeast(0.5)),
        (json!({ "lt": "0.5" }), Test::NumberBelow(0.5)),
        (json!({ "equals": "good" }), Test::TextEquals("good".to_owned())),
        (json!({ "contains": "1" }), Test::Contains("1".to_owned())),
        (json!({ "equals": "null" }), Test::IsNull),
    ] {
        check(&rmt(&json!({ "scores": { "accuracy": value } })), &score(test.clone()));
        check(&rmt(&json!({ "scores": { "accuracy-hcone-bool": value } })), &score(test));
    }
    refused(&rmt(&json!({ "scores": { "a": { "gt": "much" } } })), "must be a number, true, false or");
    refused(&rmt(&json!({ "scores": { "a": { "is": 1 } } })), "unknown operator of `a` `is`");
}

#[test]
fn whether_there_are_scores_is_a_column_too() {
    let scored = |yes| leaf(Column::Bool(BoolColumn::Scored), Test::BoolEquals(yes));
    check(&rmt(&json!({ "scores_column": { "not-equals": "{}" } })), &scored(true));
    check(&rmt(&json!({ "scores_column": { "equals": "{}" } })), &scored(false));
    refused(&rmt(&json!({ "scores_column": { "equals": "x" } })), "or use `scores`");
}

#[test]
fn what_no_call_has_compares_as_nothing() {
    let assets = |test: Value| rmt(&json!({ "assets": test }));
    check(&assets(json!({ "equals": "x" })), &Filter::never());
    check(&assets(json!({ "contains": "x" })), &Filter::never());
    check(&assets(json!({ "not-contains": "x" })), &Filter::All);
    check(&assets(json!({ "equals": "null" })), &Filter::All);
    check(&assets(json!({ "equals": "__empty__" })), &Filter::All);
    let billing = |value: bool| rmt(&json!({ "is_passthrough_billing": { "equals": value } }));
    check(&billing(true), &Filter::never());
    check(&billing(false), &Filter::All);
}

#[test]
fn tables_of_some_calls_imply_which() {
    let cached = leaf(Column::Bool(BoolColumn::Cached), Test::BoolEquals(true));
    let refused_by_limit = leaf(Column::Bool(BoolColumn::RateLimited), Test::BoolEquals(true));
    let model = leaf(Column::Text(TextColumn::Model), Test::TextEquals("m".to_owned()));
    let both = |left: Filter, right: Filter| left.and(right);
    check(&json!({ "cache_metrics": { "model": { "equals": "m" } } }), &both(model, cached.clone()));
    let time = |test| leaf(Column::Time(TimeColumn::RequestCreatedAt), test);
    let at = |text: &str| gatehouse_types::Timestamp::parse(text).expect("a time");
    check(
        &json!({ "rate_limit_log": { "created_at": { "gte": "2026-01-01T00:00:00Z" } } }),
        &both(time(Test::TimeAtLeast(at("2026-01-01T00:00:00Z"))), refused_by_limit),
    );
    let (begin, end) = (at("2026-01-02T00:00:00Z"), at("2026-01-03T00:00:00Z"));
    for (operator, expected) in [
        ("equals", both(time(Test::TimeAtLeast(begin)), time(Test::TimeBefore(end)))),
        ("gt", time(Test::TimeAtLeast(end))),
        ("gte", time(Test::TimeAtLeast(begin))),
        ("lt", time(Test::TimeBefore(begin))),
        ("lte", time(Test::TimeBefore(end))),
    ] {
        let document = json!({ "cache_metrics": { "date": { operator: "2026-01-02T10:00:00Z" } } });
        check(&document, &both(expected, cached.clone()));
    }
}

#[test]
fn tables_of_properties_name_key_and_value() {
    let env = |test| leaf(Column::Property("Env".to_owned()), test);
    let has = leaf(Column::PropertyKey, Test::TextEquals("Env".to_owned()));
    let prod = Test::TextEquals("prod".to_owned());
    for table in ["properties_table", "properties_v3", "property_with_response_v1", "organization_properties"]
    {
        check(
            &json!({ table: { "key": { "equals": "Env" }, "value": { "equals": "prod" } } }),
            &has.clone().and(env(prod.clone())),
        );
    }
    check(&rmt(&json!({ "search_properties": { "Env": { "equals": "prod" } } })), &env(prod));
    let input = leaf(Column::Input("name".to_owned()), Test::Contains("x".to_owned()));
    check(&json!({ "values": { "name": { "contains": "x" } } }), &input);
}

#[test]
fn bodies_have_several_names() {
    let body = |column| leaf(Column::Text(column), Test::Contains("x".to_owned()));
    for (document, column) in [
        (rmt(&json!({ "request_body": { "contains": "x" } })), TextColumn::RequestBody),
        (rmt(&json!({ "response_body": { "contains": "x" } })), TextColumn::ResponseBody),
        (json!({ "request": { "prompt": { "contains": "x" } } }), TextColumn::RequestBody),
        (json!({ "response": { "body_completion": { "contains": "x" } } }), TextColumn::ResponseBody),
    ] {
        check(&document, &body(column));
    }
}
