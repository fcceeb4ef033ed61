use super::*;

fn check(text: &str, expected: &str) {
    assert_eq!(rewritten(text).as_deref(), Some(expected), "{text}");
    assert_eq!(rewritten(expected).as_deref(), Some(expected), "what is rewritten stays");
}

#[test]
fn numbers_are_written_as_javascript_does() {
    // Each pair was printed by Node 20: `JSON.stringify(JSON.parse(text))`.
    check("[0,-0,0.0,1,1.0,-1.50,100,1e2]", "[0,0,0,1,1,-1.5,100,100]");
    check("[1e20,1e21,123456789012345678901234]", "[100000000000000000000,1e+21,1.2345678901234569e+23]");
    check("[0.000001,0.0000001,1.5e-7,-1e-10]", "[0.000001,1e-7,1.5e-7,-1e-10]");
    check("[9007199254740993,18446744073709551615]", "[9007199254740992,18446744073709552000]");
    check(
        "[0.1,0.30000000000000004,5e-324,1.7976931348623157e308]",
        "[0.1,0.30000000000000004,5e-324,1.7976931348623157e+308]",
    );
    check("[0.00000123,123.456,1e999,-1e999]", "[0.00000123,123.456,null,null]");
}

#[test]
fn members_stand_in_javascripts_order() {
    check(r#"{"b":1,"a":2}"#, r#"{"b":1,"a":2}"#);
    check(r#"{"b":1,"10":2,"9":3,"01":4,"-1":5}"#, r#"{"9":3,"10":2,"b":1,"01":4,"-1":5}"#);
    check(r#"{"4294967295":1,"4294967294":2}"#, r#"{"4294967294":2,"4294967295":1}"#);
    check(r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#);
}

#[test]
fn space_goes_and_texts_are_escaped_once() {
    check(" { \"a\" : [ true , false , null ] } ", r#"{"a":[true,false,null]}"#);
    check(r#""A\/é😀\u0001\n""#, "\"A/é😀\\u0001\\n\"");
    check("\"\u{2028}\u{7f}\"", "\"\u{2028}\u{7f}\"");
}

#[test]
fn what_is_not_json_is_not_rewritten() {
    for text in ["", "{", "data: {}\n\n", "{} {}", "NaN", r#""\ud800""#] {
        assert_eq!(rewritten(text), None, "{text}");
    }
    let deep = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    assert!(rewritten(&deep(DEEPEST)).is_some());
    assert_eq!(rewritten(&deep(DEEPEST + 1)), None);
    assert_eq!(rewritten(&deep(5000)), None, "no stack is deep enough for everything");
}
