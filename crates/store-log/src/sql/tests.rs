//! The texts hold no value of a caller.

use gatehouse_store::filter::{BoolColumn, Column, Condition, NumberColumn, Test, TextColumn};

use super::*;

const UNREAD: Beside = notes(Added::Unread);

/// Everything is joined.
const ALL: Added = Added::Joined(Kinds { properties: true, feedback: true });

const fn notes(added: Added) -> Beside {
    Beside { added, revisions: Revisions::Unread }
}

fn leaf(column: Column, test: Test) -> Filter {
    Filter::Leaf(Condition { column, test })
}

fn check(filter: &Filter, text: &str, params: &[Param]) {
    let sql = count(&DuckDb, OrganizationId::from_uuid(Uuid::nil()), filter, UNREAD).unwrap();
    let start = "SELECT count(*) FROM request_response_rmt \
                 WHERE organization_id = CAST(? AS UUID) AND NOT superseded AND ";
    assert_eq!(sql.text, format!("{start}{text}"));
    assert_eq!(sql.params.get(1..), Some(params));
}

#[test]
fn values_are_bound_and_never_written() {
    let evil = "'; DROP TABLE bodies; --";
    let property = leaf(Column::Property(evil.to_owned()), Test::TextEquals(evil.to_owned()));
    let sql = count(&DuckDb, OrganizationId::from_uuid(Uuid::nil()), &property, notes(ALL)).unwrap();
    assert!(sql.text.ends_with("(coalesce(added_properties[?], properties[?]) = ?) IS TRUE"), "{}", sql.text);
    assert_eq!(sql.params.iter().filter(|param| **param == Param::Text(evil.to_owned())).count(), 3);
    check(
        &leaf(Column::Text(TextColumn::Model), Test::Contains("50%_\\".to_owned())),
        "(contains(lower(model), ?)) IS TRUE",
        &[Param::Text("50%_\\".to_owned())],
    );
    check(
        &leaf(Column::Text(TextColumn::RequestId), Test::TextEquals(evil.to_owned())),
        "(FALSE) IS TRUE",
        &[],
    );
}

#[test]
fn annotations_are_read_only_where_they_matter() {
    let model = leaf(Column::Text(TextColumn::Model), Test::IsNull);
    let rating = leaf(Column::Bool(BoolColumn::Rating), Test::BoolEquals(true));
    let either = Filter::Or(Box::new(model.clone()), Box::new(rating));
    let key = leaf(Column::PropertyKey, Test::TextEquals("env".to_owned()));
    let property = leaf(Column::Property("env".to_owned()), Test::IsNull);
    let of = |filter: &Filter, sort: Option<&SortKey>, names: &[&str]| {
        annotated(filter, sort).of(names.iter().map(|name| (*name).to_owned()), true)
    };
    let (none, properties) = (Kinds::default(), Kinds { properties: true, feedback: false });
    assert!(annotated(&model, Some(&SortKey::CreatedAt)).is_nothing());
    assert_eq!(of(&either, None, &["env"]), Kinds { feedback: true, ..none });
    assert_eq!(annotated(&either, None).of(std::iter::empty(), false), none);
    assert_eq!(of(&key, None, &["other"]), properties);
    assert_eq!(of(&key, None, &[]), none);
    assert_eq!(of(&property, None, &["other", "env"]), properties);
    assert_eq!(of(&property, None, &["other"]), none, "others don't change it");
    assert_eq!(of(&model, Some(&SortKey::Property("env".to_owned())), &["env"]), properties);
    assert_eq!(of(&property.and(either), None, &["env"]), Kinds { properties: true, feedback: true });
    let count =
        |added| count(&DuckDb, OrganizationId::from_uuid(Uuid::nil()), &model, notes(added)).unwrap().text;
    assert!(count(ALL).contains(" annotations "));
    assert!(![Added::Unread, Added::None].map(count).concat().contains(" annotations "));
}

#[test]
fn revisions_are_read_only_where_they_matter() {
    let model = leaf(Column::Text(TextColumn::Model), Test::IsNull);
    let user = leaf(Column::Text(TextColumn::UserId), Test::IsNull);
    let either = Filter::Or(Box::new(user.clone()), Box::new(model.clone()));
    assert!(reads_revisions(&either, None));
    assert!(!reads_revisions(&user, Some(&SortKey::CreatedAt)));
    assert!(reads_revisions(&user, Some(&SortKey::Cost)));
    let cost = leaf(Column::Number(NumberColumn::Cost), Test::IsNull);
    assert!(reads_revisions(&cost, None));
    let beside = |revisions| Beside { added: Added::Unread, revisions };
    let text = |revisions| {
        count(&DuckDb, OrganizationId::from_uuid(Uuid::nil()), &model, beside(revisions)).unwrap().text
    };
    assert!(text(Revisions::Joined).contains(" revisions "));
    assert!(![Revisions::Unread, Revisions::None].map(text).concat().contains(" revisions "));
}

#[test]
fn bounds_become_whole_numbers_of_the_columns_range() {
    let tokens = |test| leaf(Column::Number(NumberColumn::TotalTokens), test);
    check(&tokens(Test::NumberAtLeast(1.5)), "(total_tokens >= ?) IS TRUE", &[Param::Integer(2)]);
    check(&tokens(Test::NumberAbove(1.5)), "(total_tokens > ?) IS TRUE", &[Param::Integer(1)]);
    check(&tokens(Test::NumberAbove(-1.0)), "(total_tokens IS NOT NULL) IS TRUE", &[]);
    check(&tokens(Test::NumberEquals(1.5)), "(FALSE) IS TRUE", &[]);
    check(
        &leaf(Column::Number(NumberColumn::Cost), Test::NumberAtMost(3.0)),
        "(cost <= ?) IS TRUE",
        &[Param::Integer(3_000_000_000)],
    );
}

#[test]
fn bodies_are_looked_up_among_what_was_found() {
    let body = |test| leaf(Column::Text(TextColumn::RequestBody), test);
    let contains = Test::Contains("x".to_owned());
    let test = BodyTest { column: TextColumn::RequestBody, test: contains.clone() };
    let number = Param::Unsigned(test.number());
    check(
        &body(contains),
        "(row_key IN (SELECT row_key FROM body_matches WHERE test = ?))",
        std::slice::from_ref(&number),
    );
    check(
        &body(Test::NotContains("x".to_owned())),
        "(row_key NOT IN (SELECT row_key FROM body_matches WHERE test = ?) \
         AND row_key < (SELECT row_key FROM body_matches WHERE test = ?))",
        &[number, Param::Unsigned(END)],
    );
}

#[test]
fn what_no_row_has_is_refused() {
    let filter = leaf(Column::SessionTag, Test::Contains("x".to_owned()));
    let refused = count(&DuckDb, OrganizationId::from_uuid(Uuid::nil()), &filter, UNREAD).unwrap_err();
    assert!(refused.to_string().contains("SessionTag"), "{refused}");
}
