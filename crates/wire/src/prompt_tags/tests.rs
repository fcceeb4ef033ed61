use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// The body, the inputs by name, and those by number.
type Found = (String, BTreeMap<String, String>, BTreeMap<u32, String>);

fn untagged(body: &str) -> Option<Found> {
    let Untagged { body, inputs, auto_inputs } = without_tags(body.as_bytes())?;
    Some((String::from_utf8(body).expect("UTF-8"), inputs, auto_inputs))
}

fn check(body: &str, expected: &str, inputs: &[(&str, &str)]) {
    let (changed, found, auto) = untagged(body).expect("tags");
    assert_eq!(changed, expected);
    let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
    assert_eq!(found, inputs.iter().map(owned).collect());
    assert_eq!(auto, BTreeMap::new());
}

#[test]
fn takes_tags_out_and_leaves_their_values() {
    check(
        r#"{ "a": 1.0, "messages":[{"content":"Hi <helicone-prompt-input key=\"name\" >Ada</helicone-prompt-input>!"}] }"#,
        r#"{ "a": 1.0, "messages":[{"content":"Hi Ada!"}] }"#,
        &[("name", "Ada")],
    );
    check(
        r#"["<helicone-prompt-input key=\"a\">1</helicone-prompt-input><helicone-prompt-input  key=\"b\">2</helicone-prompt-input>", "x"]"#,
        r#"["12", "x"]"#,
        &[("a", "1"), ("b", "2")],
    );
    check(
        r#"["<helicone-prompt-input key=\"a\">1</helicone-prompt-input>","<helicone-prompt-input key=\"a\"></helicone-prompt-input>"]"#,
        r#"["1",""]"#,
        &[("a", "")],
    );
}

#[test]
fn understands_escapes_and_keeps_those_of_the_values() {
    check(
        r#"["\u003chelicone-prompt-input key=\u0022a\u0022\u003E\u00e9\n\"\ud83d\ude00\ud800<\/b>\u003c\/helicone-prompt-input\u003e\t"]"#,
        r#"["\u00e9\n\"\ud83d\ude00\ud800<\/b>\t"]"#,
        &[("a", "é\n\"😀\u{fffd}</b>")],
    );
    check(
        "[\"<helicone-prompt-input\\nkey=\\\"世\\\">界</helicone-prompt-input>\\\\\"]",
        "[\"界\\\\\"]",
        &[("世", "界")],
    );
}

#[test]
fn finds_inputs_without_a_name() {
    let body = r#"["<helicone-auto-prompt-input idx=0 >a</helicone-auto-prompt-input> <helicone-auto-prompt-input idx=12>b</helicone-auto-prompt-input>"]"#;
    let (changed, inputs, auto) = untagged(body).expect("tags");
    assert_eq!(changed, r#"["a b"]"#);
    assert_eq!(inputs, BTreeMap::new());
    assert_eq!(auto, BTreeMap::from([(0, "a".to_owned()), (12, "b".to_owned())]));
}

#[test]
fn leaves_alone_what_is_no_tag() {
    for body in [
        "",
        r#"{"a":"b"}"#,
        r#"{"a":"prompt-input"}"#,
        r#"["<helicone-prompt-input key=\"a\">never closed"]"#,
        r#"["<helicone-prompt-input key=\"a\">","</helicone-prompt-input>"]"#,
        r#"["<helicone-prompt-input>a</helicone-prompt-input>"]"#,
        r#"["<helicone-prompt-input key=a>b</helicone-prompt-input>"]"#,
        r#"["<helicone-prompt-input key=\"a\" />"]"#,
        r#"["<helicone-auto-prompt-input idx=x>b</helicone-auto-prompt-input>"]"#,
        r#"["<helicone-auto-prompt-input idx=99999999999>b</helicone-auto-prompt-input>"]"#,
        r#"["<helicone-prompt-inputs key=\"a\">b</helicone-prompt-input>"]"#,
        r#"<helicone-prompt-input key="a">b</helicone-prompt-input>"#,
    ] {
        assert_eq!(untagged(body), None, "{body}");
    }
    assert_eq!(
        without_tags(b"[\"\xff<helicone-prompt-input key=\\\"a\\\">b</helicone-prompt-input>\"]"),
        None
    );
}

#[test]
fn an_open_tag_hides_no_later_one_of_the_other_kind() {
    let (changed, _, auto) = untagged(
        r#"["<helicone-prompt-input key=\"a\"><helicone-auto-prompt-input idx=1>b</helicone-auto-prompt-input>"]"#,
    )
    .expect("a tag");
    assert_eq!(changed, r#"["<helicone-prompt-input key=\"a\">b"]"#);
    assert_eq!(auto.len(), 1);
}

#[test]
fn takes_many_tags_that_are_not_closed() {
    let tags = r#"<helicone-prompt-input key=\"a\">"#.repeat(100_000);
    assert_eq!(untagged(&format!("[\"{tags}\"]")), None);
    let openings = "<helicone-prompt-input key=\\\"".repeat(30_000);
    assert_eq!(untagged(&format!("[\"{openings}\"]")), None);
}

proptest! {
    #[test]
    fn takes_out_tags_and_nothing_else(
        pieces in prop::collection::vec(
            (".{0,6}", prop::option::of(("[a-z]{1,3}", "[^<]{0,6}")), any::<bool>()), 0..8,
        ),
    ) {
        let (mut tagged, mut plain, mut inputs) = (Vec::new(), Vec::new(), BTreeMap::new());
        for (text, input, begins_string) in &pieces {
            if *begins_string || plain.is_empty() {
                tagged.push(String::new());
                plain.push(String::new());
            }
            let (tagged, plain) = (tagged.last_mut().expect("one"), plain.last_mut().expect("one"));
            *tagged += text;
            *plain += text;
            if let Some((key, value)) = input {
                *tagged += &format!("<helicone-prompt-input key=\"{key}\">{value}</helicone-prompt-input>");
                *plain += value;
                inputs.insert(key.clone(), value.clone());
            }
        }
        let (tagged, plain) = (json!({"k": tagged}).to_string(), json!({"k": plain}).to_string());
        match untagged(&tagged) {
            None => prop_assert!(inputs.is_empty()),
            Some((changed, found, _)) => {
                prop_assert_eq!(&changed, &plain);
                prop_assert_eq!(&found, &inputs);
            }
        }
        let escaped = tagged.replace('<', "\\u003c").replace('>', "\\u003E");
        let changed = untagged(&escaped).map(|(changed, ..)| serde_json::from_str::<Value>(&changed).expect("JSON"));
        let expected = (!inputs.is_empty()).then(|| serde_json::from_str::<Value>(&plain).expect("JSON"));
        prop_assert_eq!(changed, expected);
    }
}
