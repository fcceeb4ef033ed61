//! The grammar, form by form, and what is refused.

use serde_json::{Value, json};

use super::*;

fn leaf(column: Column, test: Test) -> Filter {
    Filter::Leaf(Condition { column, test })
}

fn and(left: Filter, right: Filter) -> Filter {
    Filter::And(Box::new(left), Box::new(right))
}

fn check(document: &Value, expected: &Filter) {
    assert_eq!(Filter::parse(document).as_ref(), Ok(expected), "{document}");
}

fn refused(document: &Value, expected: &str) {
    let message = Filter::parse(document).map_err(|error| error.to_string()).expect_err("refused");
    assert!(message.contains(expected), "{document}: {message}");
}

fn rmt(columns: &Value) -> Value {
    json!({ "request_response_rmt": columns })
}

#[test]
fn everything_matches_all_and_the_empty_object() {
    for document in [json!("all"), json!({}), rmt(&json!({}))] {
        check(&document, &Filter::All);
    }
}

#[test]
fn branches_join_in_order() {
    let model = leaf(Column::Text(TextColumn::Model), Test::TextEquals("gpt-4o".to_owned()));
    let status = leaf(Column::Number(NumberColumn::Status), Test::NumberAtLeast(500.0));
    let left = rmt(&json!({ "model": { "equals": "gpt-4o" } }));
    let right = rmt(&json!({ "status": { "gte": 500 } }));
    check(&json!({ "left": left, "operator": "and", "right": right }), &and(model.clone(), status.clone()));
    check(
        &json!({ "left": left, "operator": "or", "right": right }),
        &Filter::Or(Box::new(model.clone()), Box::new(status)),
    );
    check(
        &json!({ "left": left, "operator": "or", "right": "all" }),
        &Filter::Or(Box::new(model), Box::new(Filter::All)),
    );
}

#[test]
fn several_columns_tables_and_operators_of_a_leaf_must_all_match() {
    let id = leaf(Column::Number(NumberColumn::Latency), Test::NumberAbove(10.0));
    let below = leaf(Column::Number(NumberColumn::Latency), Test::NumberBelow(20.0));
    let status = leaf(Column::Number(NumberColumn::Status), Test::NumberEquals(200.0));
    check(
        &json!({ "request_response_rmt": { "latency": { "gt": 10, "lt": 20 } }, "response": { "status": { "equals": 200 } } }),
        &and(and(id, below), status),
    );
}

#[test]
fn every_operator_of_every_type_is_read() {
    let text = |test| leaf(Column::Text(TextColumn::UserId), test);
    let value = || "a".to_owned();
    for (operator, test) in [
        ("equals", Test::TextEquals(value())),
        ("not-equals", Test::TextNotEquals(value())),
        ("like", Test::Like(value())),
        ("ilike", Test::ILike(value())),
        ("contains", Test::Contains(value())),
        ("not-contains", Test::NotContains(value())),
    ] {
        check(&rmt(&json!({ "user_id": { operator: "a" } })), &text(test));
    }
    let number = |test| leaf(Column::Number(NumberColumn::Cost), test);
    for (operator, test) in [
        ("equals", Test::NumberEquals(2.5)),
        ("not-equals", Test::NumberNotEquals(2.5)),
        ("gte", Test::NumberAtLeast(2.5)),
        ("lte", Test::NumberAtMost(2.5)),
        ("gt", Test::NumberAbove(2.5)),
        ("lt", Test::NumberBelow(2.5)),
    ] {
        check(&rmt(&json!({ "cost": { operator: 2.5 } })), &number(test));
    }
    let time = |test| leaf(Column::Time(TimeColumn::RequestCreatedAt), test);
    let at = Timestamp::from_unix_micros(1_767_225_600_000_000);
    for (operator, test) in [
        ("equals", Test::TimeEquals(at)),
        ("gte", Test::TimeAtLeast(at)),
        ("lte", Test::TimeAtMost(at)),
        ("gt", Test::TimeAfter(at)),
        ("lt", Test::TimeBefore(at)),
    ] {
        check(&rmt(&json!({ "request_created_at": { operator: "2026-01-01T00:00:00Z" } })), &time(test));
    }
    check(
        &rmt(&json!({ "cached": { "equals": true } })),
        &leaf(Column::Bool(BoolColumn::Cached), Test::BoolEquals(true)),
    );
}

#[test]
fn properties_are_reached_as_a_column_and_as_a_table() {
    let expected = leaf(Column::Property("Env".to_owned()), Test::TextEquals("prod".to_owned()));
    check(&rmt(&json!({ "properties": { "Env": { "equals": "prod" } } })), &expected);
    check(&json!({ "properties": { "Env": { "equals": "prod" } } }), &expected);
    check(
        &rmt(&json!({ "property_key": { "equals": "Env" } })),
        &leaf(Column::PropertyKey, Test::TextEquals("Env".to_owned())),
    );
}

#[test]
fn old_tables_map_to_our_columns() {
    check(
        &json!({ "request": { "id": { "equals": "x" } } }),
        &leaf(Column::Text(TextColumn::RequestId), Test::TextEquals("x".to_owned())),
    );
    check(
        &json!({ "response": { "body_tokens": { "lt": 7 } } }),
        &leaf(Column::Number(NumberColumn::TotalTokens), Test::NumberBelow(7.0)),
    );
}

#[test]
fn a_rating_has_two_names() {
    let rating = |test| leaf(Column::Bool(BoolColumn::Rating), test);
    let is_good = rating(Test::BoolEquals(true));
    check(&rmt(&json!({ "helicone-score-feedback": { "equals": true } })), &is_good);
    check(&json!({ "feedback": { "rating": { "equals": true } } }), &is_good);
    check(&json!({ "feedback": { "rating": { "equals": "null" } } }), &rating(Test::IsNull));
    refused(&json!({ "feedback": { "id": { "equals": 1 } } }), "its id is the call's");
    refused(&json!({ "feedback": { "rating": { "equals": 1 } } }), "must be true or false");
}

#[test]
fn null_and_empty_stand_for_absence() {
    let country = |test| leaf(Column::Text(TextColumn::CountryCode), test);
    let cost = |test| leaf(Column::Number(NumberColumn::Cost), test);
    check(&rmt(&json!({ "country_code": { "equals": "null" } })), &country(Test::IsNull));
    check(&rmt(&json!({ "country_code": { "not-equals": "null" } })), &country(Test::IsNotNull));
    check(&rmt(&json!({ "cost": { "equals": "null" } })), &cost(Test::IsNull));
    check(&rmt(&json!({ "cost": { "not-equals": null } })), &cost(Test::IsNotNull));
    check(
        &rmt(&json!({ "country_code": { "contains": "null" } })),
        &country(Test::Contains("null".to_owned())),
    );
    check(
        &rmt(&json!({ "country_code": { "equals": "__empty__" } })),
        &Filter::Or(Box::new(country(Test::IsNull)), Box::new(country(Test::TextEquals(String::new())))),
    );
    check(
        &rmt(&json!({ "country_code": { "not-equals": "__empty__" } })),
        &and(country(Test::IsNotNull), country(Test::TextNotEquals(String::new()))),
    );
    check(
        &rmt(&json!({ "property_key": { "equals": "null" } })),
        &leaf(Column::PropertyKey, Test::TextEquals("null".to_owned())),
    );
}

#[test]
fn huge_numbers_do_not_overflow() {
    let tokens = |value| leaf(Column::Number(NumberColumn::TotalTokens), Test::NumberEquals(value));
    check(&rmt(&json!({ "total_tokens": { "equals": 4_294_967_296_u64 } })), &tokens(4_294_967_296.0));
    check(
        &rmt(&json!({ "total_tokens": { "equals": -9_007_199_254_740_992_i64 } })),
        &tokens(-9_007_199_254_740_992.0),
    );
    check(&rmt(&json!({ "total_tokens": { "equals": 1e300 } })), &tokens(1e300));
}

#[test]
fn unknown_names_are_told_with_the_nearest_known() {
    refused(
        &json!({ "request_respons_rmt": {} }),
        "unknown table `request_respons_rmt`, did you mean `request_response_rmt`?",
    );
    refused(
        &rmt(&json!({ "modle": {} })),
        "unknown column of `request_response_rmt` `modle`, did you mean `model`?",
    );
    refused(&rmt(&json!({ "zzz": {} })), "`zzz` (known are request_id, response_id,");
    refused(
        &rmt(&json!({ "model": { "equal": "x" } })),
        "unknown operator of `model` `equal`, did you mean `equals`?",
    );
    refused(&rmt(&json!({ "status": { "contains": 2 } })), "known are equals, not-equals, gte, lte, gt, lt");
    refused(&rmt(&json!({ "request_created_at": { "not-equals": "2026-01-01" } })), "unknown operator");
}

#[test]
fn known_but_absent_things_say_why() {
    refused(&rmt(&json!({ "node_id": { "equals": "x" } })), "no jobs are kept here");
    refused(&json!({ "request": { "auth_hash": { "equals": "x" } } }), "the API key decides");
    refused(&json!({ "experiment": { "id": { "equals": "x" } } }), "no experiments are kept here");
    refused(&json!({ "cache_metrics": { "cache_hit_count": { "gt": 1 } } }), "a figure of many calls");
    refused(&json!({ "properties_v3": { "value": { "equals": "x" } } }), "name the property beside it");
}

#[test]
fn values_of_the_wrong_type_are_named() {
    refused(
        &rmt(&json!({ "status": { "equals": "200" } })),
        "`equals` for `status` must be a number, not \"200\"",
    );
    refused(&rmt(&json!({ "model": { "equals": 4 } })), "must be a string, not 4");
    refused(&rmt(&json!({ "cached": { "equals": "yes" } })), "must be true or false");
    refused(&rmt(&json!({ "request_created_at": { "gt": "yesterday" } })), "must be an ISO 8601 time");
    refused(&rmt(&json!({ "model": "gpt-4o" })), "must be an object, not \"gpt-4o\"");
    refused(&rmt(&json!({ "model": {} })), "must be an object with an operator");
    refused(&rmt(&json!({ "model": { "like": ["x"] } })), "must be a string, not an array");
    refused(&json!("none"), "a filter must be an object or \"all\"");
    refused(&json!([]), "a filter must be an object or \"all\", not an array");
}

#[test]
fn broken_branches_are_told_apart() {
    refused(&json!({ "left": "all", "operator": "and" }), "`right` is missing");
    refused(&json!({ "left": "all", "operator": "xor", "right": "all" }), "`operator` is \"xor\"");
    refused(
        &json!({ "left": "all", "operator": "or", "right": "all", "model": {} }),
        "`model` does not belong there",
    );
}

#[test]
fn depth_and_size_are_capped() {
    let mut document = json!("all");
    for _ in 0..64 {
        document = json!({ "left": document, "operator": "and", "right": "all" });
    }
    assert!(Filter::parse(&document).is_ok());
    for _ in 0..10_000 {
        let mut outer = serde_json::Map::new();
        outer.insert("left".to_owned(), std::mem::take(&mut document));
        outer.insert("operator".to_owned(), json!("and"));
        outer.insert("right".to_owned(), json!("all"));
        document = Value::Object(outer);
    }
    assert_eq!(Filter::parse(&document), Err(FilterError::TooDeep));
    // Dropping a value of this depth would overflow the stack by itself.
    while let Some(inner) = document.get_mut("left").map(Value::take) {
        document = inner;
    }
    let many: serde_json::Map<String, Value> =
        (0..1001).map(|number| (format!("p{number}"), json!({ "equals": "x" }))).collect();
    assert_eq!(Filter::parse(&json!({ "properties": many })), Err(FilterError::TooLarge));
}
