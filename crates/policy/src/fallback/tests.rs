use serde_json::json;

use super::*;

fn parse(value: &Value) -> Result<Fallbacks, FallbackError> {
    Fallbacks::parse(&value.to_string())
}

fn error(value: &Value) -> String {
    parse(value).expect_err("it is not a list of fallbacks").to_string()
}

/// An entry with one field replaced, or removed when `with` is null.
fn with(field: &str, with: Value) -> Value {
    let mut entry = json!({"target-url": "https://a.test", "headers": {"x-a": "1"}, "onCodes": [500]});
    let members = entry.as_object_mut().expect("an object");
    match with {
        Value::Null => drop(members.remove(field)),
        with => drop(members.insert(field.to_owned(), with)),
    }
    json!([entry])
}

#[test]
fn reads_every_field_and_skips_those_nobody_knows() {
    let fallbacks = parse(&json!([
        {
            "target-url": "https://api.openai.com/v1",
            "headers": {"Authorization": "Bearer sk-a", "x-empty": ""},
            "onCodes": [401, {"from": 500, "to": 599}],
            "bodyKeyOverride": {"model": "gpt-4o"},
            "comment": 1,
        },
        {"target-url": "https://b.test", "headers": {}, "onCodes": [], "bodyKeyOverride": null},
    ]))
    .expect("valid");
    let [first, second] = fallbacks.entries() else { panic!("two entries") };
    assert_eq!(first.target_url, "https://api.openai.com/v1");
    let headers = [("Authorization", "Bearer sk-a"), ("x-empty", "")];
    assert_eq!(first.headers, headers.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert_eq!(first.on_codes, [401..=401, 500..=599]);
    assert_eq!(first.body_key_override.as_ref().and_then(|keys| keys.get("model")), Some(&json!("gpt-4o")));
    assert_eq!(second.body_key_override, None);
}

#[test]
fn moves_on_at_both_ends_of_a_range() {
    let fallbacks = parse(&with("onCodes", json!([429, {"from": 500, "to": 503}]))).expect("valid");
    let moves_on = |status| fallbacks.entries()[0].moves_on(status);
    assert_eq!([429, 500, 503].map(moves_on), [true; 3]);
    assert_eq!([200, 428, 430, 499, 504].map(moves_on), [false; 5]);
}

#[test]
fn names_the_entry_and_the_field() {
    let on = |codes: Value| error(&with("onCodes", json!([500, codes])));
    let prefix = "`Helicone-Fallbacks`: entry 0: ";
    let check = |error: String, expected: &str| assert_eq!(error, format!("{prefix}{expected}"));
    check(error(&json!([1])), "`entry` is not an object");
    check(error(&with("target-url", Value::Null)), "`target-url` is not a string");
    check(error(&with("target-url", json!(" "))), "`target-url` is not a URL");
    check(error(&with("headers", Value::Null)), "`headers` is not an object of strings");
    check(error(&with("headers", json!(["a"]))), "`headers` is not an object of strings");
    check(error(&with("headers", json!({"x-a": 1}))), "`headers.x-a` is not a string");
    check(error(&with("headers", json!({"x a": "1"}))), "`headers.x a` is not the name of a header");
    check(error(&with("headers", json!({"": "1"}))), "`headers.` is not the name of a header");
    check(error(&with("onCodes", Value::Null)), "`onCodes` is not an array of statuses and ranges");
    check(error(&with("bodyKeyOverride", json!("x"))), "`bodyKeyOverride` is not an object");
    for bad in [json!(99), json!(600), json!(500.5), json!("500"), json!({"from": 500}), json!([500])] {
        let expected = "`onCodes[1]` is not a status from 100 to 599, nor `{\"from\": …, \"to\": …}` of two";
        check(on(bad), expected);
    }
    check(on(json!({"from": 503, "to": 500})), "`onCodes[1]` is not a range: `from` is beyond `to`");

    let mut two = with("x", json!(1));
    two.as_array_mut().expect("an array").push(json!({}));
    assert_eq!(error(&two), "`Helicone-Fallbacks`: entry 1: `target-url` is not a string");
}

#[test]
fn keeps_line_breaks_and_other_text_out_of_headers() {
    for bad in ["a\r\nx: y", "a\n", "\u{0}", "\u{7f}", "é"] {
        let error = error(&with("headers", json!({"x-a": bad})));
        assert_eq!(error, "`Helicone-Fallbacks`: entry 0: `headers.x-a` is not the text of a header");
    }
}

#[test]
fn bounds_the_number_of_entries() {
    let entry = with("x", json!(1))[0].clone();
    assert!(parse(&Value::Array(vec![entry.clone(); MOST_FALLBACKS])).is_ok());
    assert_eq!(parse(&Value::Array(vec![entry.clone(); MOST_FALLBACKS + 1])), Err(FallbackError::NotEntries));
    assert_eq!(parse(&json!([])), Err(FallbackError::NotEntries));
    assert_eq!(parse(&entry), Err(FallbackError::NotEntries));
    assert_eq!(Fallbacks::parse("[{]"), Err(FallbackError::NotJson { line: 1, column: 3 }));
    assert!(Fallbacks::parse("").is_err());
    assert!(Fallbacks::parse(&"[".repeat(100_000)).is_err(), "nesting is bounded");
}

#[test]
fn shows_no_value_in_debug_output_or_errors() {
    let secret = "sk-very-secret";
    let mut entries = with("headers", json!({"authorization": secret}));
    entries[0]["target-url"] = json!(format!("https://a.test?key={secret}"));
    entries[0]["bodyKeyOverride"] = json!({"k": secret});
    let shown = format!("{:?}", parse(&entries).expect("valid"));
    assert!(!shown.contains(secret) && shown.contains("authorization"), "{shown}");
    for field in ["headers", "onCodes", "bodyKeyOverride"] {
        assert!(!error(&with(field, json!(secret))).contains(secret));
    }
    assert!(!error(&with("headers", json!({"a": [secret]}))).contains(secret));
    assert!(!error(&with("onCodes", json!([secret]))).contains(secret));
    assert!(!Fallbacks::parse(&format!("[\"{secret}")).expect_err("cut").to_string().contains(secret));
}
