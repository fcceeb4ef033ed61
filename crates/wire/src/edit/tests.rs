use proptest::prelude::*;
use serde_json::json;

use super::*;

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("UTF-8")
}

fn overridden(body: &str, overrides: &Value) -> String {
    let bytes =
        with_overrides(body.as_bytes(), overrides.as_object().expect("an object")).expect("an object");
    text(&bytes).to_owned()
}

#[test]
fn asks_for_the_usage_of_a_stream() {
    let check = |body: &str, expected: Option<&str>| {
        assert_eq!(with_stream_usage(body.as_bytes()).as_deref().map(text), expected, "{body}");
    };
    check(
        "{ \"n\": 1.0e0,\n \"stream\" : true }\n",
        Some("{ \"n\": 1.0e0,\n \"stream\" : true,\"stream_options\":{\"include_usage\":true} }\n"),
    );
    check(
        r#"{"stream":true,"stream_options": {"x": 1 }}"#,
        Some(r#"{"stream":true,"stream_options": {"x": 1,"include_usage":true }}"#),
    );
    check(
        r#"{"stream":true,"stream_options":{ }}"#,
        Some(r#"{"stream":true,"stream_options":{"include_usage":true }}"#),
    );
    check(
        r#"{"stream_options":null,"stream":true}"#,
        Some(r#"{"stream_options":{"include_usage":true},"stream":true}"#),
    );
    check(
        r#"{"stream":true,"stream_options":{"include_usage":false}}"#,
        Some(r#"{"stream":true,"stream_options":{"include_usage":true}}"#),
    );
    check(r#"{"str\u0065am":true}"#, Some(r#"{"str\u0065am":true,"stream_options":{"include_usage":true}}"#));
    check(
        r#"{"stream":false,"stream":true}"#,
        Some(r#"{"stream":false,"stream":true,"stream_options":{"include_usage":true}}"#),
    );
    for unchanged in [
        r#"{"stream":true,"stream_options":{"include_usage":true}}"#,
        r#"{"stream":true,"stream_options":"all"}"#,
        r#"{"stream":false}"#,
        r#"{"stream":"true"}"#,
        r#"{"stream":true,"stream":false}"#,
        r#"{"a":{"stream":true}}"#,
        "{}",
        r#"[{"stream":true}]"#,
        r#"{"stream":true"#,
        r#"{"stream":true} x"#,
        "\u{feff}{\"stream\":true}",
        "",
    ] {
        check(unchanged, None);
    }
    assert_eq!(with_stream_usage(b"{\"stream\":true,\"a\":\"\xff\"}"), None);
}

#[test]
fn replaces_merges_and_adds() {
    assert_eq!(overridden("{}", &json!({"a": 1})), r#"{"a":1}"#);
    assert_eq!(overridden(" { } ", &json!({"a": 1, "b": "\""})), r#" {"a":1,"b":"\"" } "#);
    assert_eq!(overridden(r#"{"a": 1e1 , "b":2}"#, &json!({"b": [1]})), r#"{"a": 1e1 , "b":[1]}"#);
    assert_eq!(
        overridden(r#"{"a":{"b":1,"c":2}}"#, &json!({"a": {"c": 3, "d": 4}})),
        r#"{"a":{"b":1,"c":3,"d":4}}"#
    );
    assert_eq!(overridden(r#"{"a":[1,2]}"#, &json!({"a": {"b": 1}})), r#"{"a":{"b":1}}"#);
    assert_eq!(overridden(r#"{"a":{"b":1}}"#, &json!({"a": null})), r#"{"a":null}"#);
    assert_eq!(
        overridden(r#"{"a":1, "a" :{"b":2}}"#, &json!({"a": {"c": 3}})),
        r#"{"a":{"c":3}, "a" :{"b":2,"c":3}}"#
    );
    let unchanged = "{\"n\":12345678901234567890.10, \"u\":\"\\u00e9\\/\"}";
    assert_eq!(overridden(unchanged, &json!({})), unchanged);
}

#[test]
fn sets_the_model() {
    let changed = with_model(br#"{"model": "a,b" ,"n":1e400}"#, "gpt-\"4\"").expect("an object");
    assert_eq!(text(&changed), r#"{"model": "gpt-\"4\"" ,"n":1e400}"#);
    assert_eq!(with_model(b"[]", "a"), Err(EditError::NotObject));
    assert_eq!(with_model(b"{\"a\":\"\xff\"}", "a"), Err(EditError::NotObject));
}

#[test]
fn takes_any_nesting() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(200_000), "]".repeat(200_000));
    assert!(with_model(deep.as_bytes(), "a").is_ok());
    assert_eq!(with_model("[".repeat(200_000).as_bytes(), "a"), Err(EditError::NotObject));
}

/// JSON as people and programs write it: blanks, escapes, odd numbers, repeated members.
fn json_text() -> impl Strategy<Value = String> {
    let blank = prop::sample::select(vec!["", "", " ", "\n\t", "\r\n"]);
    let scalar = prop::sample::select(vec![
        "null",
        "true",
        "0",
        "-0.0",
        "1E+2",
        "0.10",
        "9007199254740993",
        "\"\"",
        "\"}]\\\"{,\"",
        "\"\\u00e9\\/\"",
        "\"世界\"",
    ]);
    let key = prop::sample::select(vec!["\"a\"", "\"b\"", "\"\\u0063\"", "\"d\"", "\"\\\"\""]);
    let value = scalar.prop_map(str::to_owned).prop_recursive(4, 40, 5, move |inner| {
        let spaced = (blank.clone(), inner, blank.clone()).prop_map(|(a, value, b)| format!("{a}{value}{b}"));
        let member = (blank.clone(), key.clone(), blank.clone(), spaced.clone());
        let member = member.prop_map(|(a, key, b, value)| format!("{a}{key}{b}:{value}"));
        prop_oneof![
            1 => prop::collection::vec(spaced, 0..4).prop_map(|values| format!("[{}]", values.join(","))),
            3 => prop::collection::vec(member, 0..5).prop_map(|members| format!("{{{}}}", members.join(","))),
        ]
    });
    value.prop_filter("an object", |text| text.starts_with('{'))
}

fn overrides() -> impl Strategy<Value = Map<String, Value>> {
    let scalar = prop_oneof![Just(json!(null)), Just(json!("x\n")), any::<i64>().prop_map(Value::from)];
    let key = || prop::sample::select(vec!["a", "b", "c", "e", "\""]).prop_map(str::to_owned);
    let value = scalar.prop_recursive(3, 12, 3, move |inner| {
        prop::collection::btree_map(key(), inner, 0..3)
            .prop_map(|members| Value::Object(members.into_iter().collect()))
    });
    prop::collection::btree_map(key(), value, 0..3).prop_map(|members| members.into_iter().collect())
}

/// What the merge means, on values.
fn expected(into: &mut Value, overrides: &Map<String, Value>) {
    let Value::Object(members) = into else { panic!("only objects are merged into") };
    for (name, new) in overrides {
        match (members.get_mut(name), new) {
            (Some(old @ Value::Object(_)), Value::Object(new)) => expected(old, new),
            _ => drop(members.insert(name.clone(), new.clone())),
        }
    }
}

/// Asserts that every member that is not overridden is there as it was written, in the same order.
fn assert_untouched(before: &str, after: &str, overrides: &Map<String, Value>) {
    let (old, new) = (spans::members(before, Span::whole(before)), spans::members(after, Span::whole(after)));
    let (old, new) = (old.expect("an object"), new.expect("an object"));
    assert!(old.len() <= new.len());
    for (old, new) in old.iter().zip(&new) {
        assert_eq!(old.key, new.key);
        let (old_text, new_text) = (old.value.of(before), new.value.of(after));
        match overrides.get(&old.key) {
            None => assert_eq!(old_text, new_text),
            Some(Value::Object(inner)) if old_text.starts_with('{') => {
                assert_untouched(old_text, new_text, inner)
            }
            Some(replaced) => assert_eq!(new_text, replaced.to_string()),
        }
    }
    let mut rest = after;
    let kept = old
        .iter()
        .filter(|member| !overrides.contains_key(&member.key))
        .map(|member| member.value.of(before));
    for part in kept {
        rest = rest.split_once(part).expect("what was kept stays in order").1;
    }
}

proptest! {
    #[test]
    fn merges_as_values_do_and_leaves_the_other_bytes_alone(body in json_text(), overrides in overrides()) {
        let changed = with_overrides(body.as_bytes(), &overrides).expect("an object");
        let changed = text(&changed);
        let mut value: Value = serde_json::from_str(&body).expect("valid");
        expected(&mut value, &overrides);
        prop_assert_eq!(serde_json::from_str::<Value>(changed).expect("valid"), value);
        assert_untouched(&body, changed, &overrides);
        if overrides.is_empty() {
            prop_assert_eq!(changed, &body);
        }
    }

    #[test]
    fn what_was_put_in_can_be_taken_out_again(body in json_text()) {
        let overrides = Map::from_iter([("new".to_owned(), json!({"k": 1}))]);
        let changed = with_overrides(body.as_bytes(), &overrides).expect("an object");
        let changed = text(&changed);
        let put_in = if changed.contains(",\"new\":{\"k\":1}") { ",\"new\":{\"k\":1}" } else { "\"new\":{\"k\":1}" };
        prop_assert_eq!(changed.replacen(put_in, "", 1), body);
    }

    #[test]
    fn takes_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        prop_assert_eq!(with_stream_usage(&bytes), None);
        let is_object = serde_json::from_slice::<Map<String, Value>>(&bytes).is_ok();
        prop_assert_eq!(with_model(&bytes, "a").is_ok(), is_object);
    }
}

#[test]
fn a_member_that_is_repeated_does_not_make_a_body_grow_without_bound() {
    let long = "x".repeat(60_000);
    let body = |count: usize| format!("{{{}\"z\":1}}", "\"a\":0,".repeat(count));
    let overrides = Map::from_iter([("a".to_owned(), Value::from(long))]);
    let few = with_overrides(body(3).as_bytes(), &overrides).map(|edited| edited.len());
    assert_eq!(few, Ok(3 * 60_007 + 7));
    // Some 12 GB otherwise.
    assert_eq!(with_overrides(body(200_000).as_bytes(), &overrides), Err(EditError::TooLarge));
    let nested = format!("{{\"n\":{}}}", body(200_000));
    let overrides = Map::from_iter([("n".to_owned(), Value::Object(overrides))]);
    assert_eq!(with_overrides(nested.as_bytes(), &overrides), Err(EditError::TooLarge));
    // A model of half the body, in the place of all that are named.
    let body = format!("{{\"model\":\"{}\"{}}}", "m".repeat(1 << 20), ",\"model\":0".repeat(100_000));
    assert_eq!(with_model(body.as_bytes(), &"m".repeat(1 << 20)), Err(EditError::TooLarge));
}
