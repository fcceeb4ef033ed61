//! What becomes of filters of sessions and users, and of conditions on tags.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::*;
use crate::filter::{Column, NumberColumn, Test, TextColumn};
use crate::log::SESSION_ID;

fn leaf(column: Column, test: Test) -> Filter {
    Filter::Leaf(Condition { column, test })
}

fn model() -> Value {
    json!({ "request_response_rmt": { "model": { "equals": "m" } } })
}

fn cost(operator: &str) -> Value {
    json!({ "sessions_request_response_rmt": { "session_total_cost": { operator: 1.5 } } })
}

fn join(left: &Value, operator: &str, right: &Value) -> Value {
    json!({ "left": left, "operator": operator, "right": right })
}

fn is_model() -> Condition {
    Condition { column: Column::Text(TextColumn::Model), test: Test::TextEquals("m".to_owned()) }
}

fn costs(test: Test) -> Having {
    Having::Measure(Measure::Sum(Quantity::Cost), test)
}

fn sessions(document: &Value) -> GroupedFilter {
    parse_grouped(document, GroupKind::Sessions).expect("a filter of sessions")
}

#[test]
fn what_is_joined_on_top_is_told_apart() {
    let both = sessions(&join(&model(), "and", &cost("gt")));
    assert_eq!(both.rows, Filter::Leaf(is_model()));
    assert_eq!(both.having, costs(Test::NumberAbove(1.5)));
    let nested = sessions(&join(&join(&cost("gt"), "and", &cost("lt")), "and", &"all".into()));
    assert_eq!(nested.rows, Filter::All);
    let expected =
        Having::And(Box::new(costs(Test::NumberAbove(1.5))), Box::new(costs(Test::NumberBelow(1.5))));
    assert_eq!(nested.having, expected);
    assert_eq!(sessions(&json!("all")), GroupedFilter::default());
    let only_rows = join(&model(), "or", &model());
    assert_eq!(sessions(&only_rows).rows, Filter::parse(&only_rows).expect("a filter"));
    assert_eq!(sessions(&only_rows).having, Having::All);
}

#[test]
fn an_or_of_both_chooses_groups() {
    let either = sessions(&join(&model(), "or", &join(&cost("gte"), "and", &model())));
    assert_eq!(either.rows, Filter::All);
    let any = Having::Any(is_model());
    let second = Having::And(Box::new(costs(Test::NumberAtLeast(1.5))), Box::new(any.clone()));
    assert_eq!(either.having, Having::Or(Box::new(any), Box::new(second)));
}

#[test]
fn each_kind_has_its_figures_and_no_others() {
    let users = |document: &Value| parse_grouped(document, GroupKind::Users);
    for (table, column, measure) in [
        ("users_view", "user_total_requests", Measure::Requests),
        ("users_view", "user_cost", Measure::Sum(Quantity::Cost)),
        ("user_metrics", "average_tokens_per_request", Measure::TokensPerRequest),
    ] {
        let found = users(&json!({ table: { column: { "gte": 2 } } })).expect("a filter of users");
        assert_eq!(found.having, Having::Measure(measure, Test::NumberAtLeast(2.0)), "{column}");
    }
    let last = json!({ "users_view": { "user_last_active": { "lt": "1970-01-01T00:00:01Z" } } });
    let second = gatehouse_types::Timestamp::from_unix_micros(1_000_000);
    assert_eq!(
        users(&last).expect("a filter of users").having,
        Having::Measure(Measure::Last, Test::TimeBefore(second))
    );
    let refused = |result: Result<GroupedFilter, FilterError>| result.expect_err("refused").to_string();
    assert!(refused(users(&cost("gt"))).contains("lists of users have no figures of sessions"));
    assert!(refused(parse_grouped(&last, GroupKind::Sessions)).contains("no figures of users"));
    let of_calls = |document: &Value| Filter::parse(document).expect_err("refused").to_string();
    assert!(of_calls(&join(&model(), "and", &cost("gt"))).contains("only lists of sessions"));
    assert!(of_calls(&last).contains("only lists of users"));
    let wrong = json!({ "users_view": { "user_cost": { "contains": "x" } } });
    assert!(refused(users(&wrong)).contains("known are equals, not-equals, gte, lte, gt, lt"));
}

#[test]
fn ids_and_names_of_sessions_are_properties() {
    let id = json!({ "sessions_request_response_rmt": { "session_session_id": { "equals": "s-1" } } });
    let expected = leaf(Column::Property(SESSION_ID.to_owned()), Test::TextEquals("s-1".to_owned()));
    assert_eq!(Filter::parse(&id), Ok(expected.clone()));
    assert_eq!(sessions(&id).rows, expected);
}

#[test]
fn tags_become_ids() {
    let tags = BTreeMap::from([("s-1", "good"), ("s-2", "bad"), ("s-3", "Good one")]);
    let tags = tags.into_iter().map(|(id, tag)| (id.to_owned(), tag.to_owned())).collect();
    let check = |test: Value, expected: Test| {
        let document = json!({ "sessions_request_response_rmt": { "session_tag": test } });
        let filter = Filter::parse(&document).expect("a filter");
        assert!(filter.reads_session_tags());
        let expected = Condition { column: Column::Property(SESSION_ID.to_owned()), test: expected };
        assert_eq!(filter.with_session_tags(&tags), Filter::Leaf(expected.clone()), "{document}");
        let mixed = sessions(&join(&document, "or", &cost("gt"))).having;
        assert!(mixed.reads_session_tags());
        let any = Having::Any(expected);
        let resolved = Having::Or(Box::new(any), Box::new(costs(Test::NumberAbove(1.5))));
        assert_eq!(mixed.with_session_tags(&tags), resolved, "{document}");
    };
    let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    check(json!({ "equals": "good" }), Test::TextIn(ids(&["s-1"])));
    check(json!({ "not-equals": "good" }), Test::TextNotIn(ids(&["s-1"])));
    check(json!({ "contains": "GOOD" }), Test::TextIn(ids(&["s-1", "s-3"])));
    check(json!({ "equals": "null" }), Test::TextNotIn(ids(&["s-1", "s-2", "s-3"])));
    check(json!({ "not-equals": "null" }), Test::TextIn(ids(&["s-1", "s-2", "s-3"])));
    let other = leaf(Column::Number(NumberColumn::Cost), Test::IsNull);
    assert!(!other.reads_session_tags());
    assert_eq!(other.clone().with_session_tags(&tags), other);
}
