//! What is kept of short and of huge pieces, and that no split of the bytes changes it.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

fn condensed(parts: &[&[u8]]) -> Option<Vec<u8>> {
    let mut condenser = Condenser::default();
    parts.iter().for_each(|part| condenser.push(part));
    condenser.condensed().map(<[u8]>::to_vec)
}

/// What is kept of a body, which must be the same however it is split.
fn kept(body: &str) -> Option<Value> {
    let whole = condensed(&[body.as_bytes()]);
    for step in [1, 2, 3, 7, 4096] {
        assert!(condensed(&body.as_bytes().chunks(step).collect::<Vec<_>>()) == whole, "steps of {step}");
    }
    serde_json::from_slice(&whole?).ok()
}

#[test]
fn keeps_what_is_short_without_its_white_space() {
    for body in [r#"{"a":[1,-2.5e3,true,null,"x\"\\ué",{}],"":{"b":[]}}"#, r#""text""#, "[]", "17"] {
        let spaced = body.replace(',', " ,\r\n\t").replace('[', "[ ").replace('}', " }");
        let whole = condensed(&[spaced.as_bytes()]).unwrap();
        assert_eq!(String::from_utf8(whole).unwrap(), body);
    }
}

#[test]
fn keeps_nothing_of_what_is_no_json_or_has_no_end() {
    for body in [
        "",
        " ",
        "{",
        "{\"a\"",
        "{\"a\":1",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" 1}",
        "{\"a\":1]",
        "[1}",
        "[1 2]",
        "{} {}",
        "{}x",
        "\"\\x\"",
        "\"\\u12g4\"",
        "\"\n\"",
        "\"\\",
        "@",
        ",",
        "]",
        "{\"a\":,}",
        "{,}",
        "[,1]",
    ] {
        assert_eq!(kept(body), None, "{body}");
    }
    assert_eq!(condensed(&["1".repeat(MAX_SCALAR_BYTES + 1).as_bytes()]), None);
}

#[test]
fn cuts_texts_between_two_characters() {
    for (character, written) in [
        ("a", "a"),
        ("\u{4e16}", "\u{4e16}"),
        ("\u{1f408}", "\\ud83d\\udc08"),
        ("\u{1f408}", "\u{1f408}"),
        ("\"", "\\\""),
    ] {
        for before in 0..13 {
            let body = format!("{{\"a\":\"{}{}\",\"b\":1}}", "x".repeat(before), written.repeat(5_000));
            let kept = kept(&body).unwrap();
            let text = kept["a"].as_str().unwrap();
            let rest = text.get(before..).unwrap();
            assert_eq!(rest.replace(character, ""), "", "{written} behind {before}");
            assert!(
                rest.chars().count() >= MAX_TEXT_BYTES / 12 && rest.len() < MAX_TEXT_BYTES + 12,
                "{}",
                rest.len()
            );
            assert_eq!(kept["b"], 1);
        }
    }
}

#[test]
fn shortens_lists_of_numbers_and_of_texts() {
    let numbers = (0..100_000).map(|n| format!("{n}.5e-1")).collect::<Vec<_>>().join(", ");
    let texts = (0..1000).map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(",");
    let body =
        format!("{{\"data\":[{{\"embedding\":[{numbers}]}},{{\"t\":[{texts}]}}],\"usage\":{{\"n\":7}}}}");
    let kept = kept(&body).unwrap();
    assert_eq!(kept["data"][0]["embedding"], json!([0.05, 0.15, 0.25, 0.35]));
    assert_eq!(kept["data"][1]["t"].as_array().unwrap().len(), 256);
    assert_eq!(kept["usage"]["n"], 7);
}

#[test]
fn drops_lists_in_lists_once_much_was_kept_and_no_others() {
    let token = json!({"token": "a", "logprob": -0.5, "top_logprobs": [{"token": "b", "logprob": -1.5}]});
    let choice = json!({"logprobs": {"content": vec![token; 20_000]}, "finish_reason": "stop"});
    let items = vec![json!({"type": "reasoning", "summary": []}); 10_000];
    let body = json!({"a": [choice], "output": items, "usage": {"details": {"cached": 3}}}).to_string();
    let mut condenser = Condenser::default();
    condenser.push(body.as_bytes());
    let kept: Value = serde_json::from_slice(condenser.condensed().unwrap()).unwrap();
    assert_eq!(kept["a"][0]["finish_reason"], "stop");
    let tokens = kept["a"][0]["logprobs"]["content"].as_array().unwrap().len();
    assert!(tokens > 1000 && tokens < 20_000, "{tokens}");
    assert_eq!(kept["output"].as_array().unwrap().len(), 10_000);
    assert_eq!(kept["usage"]["details"]["cached"], 3);
}

#[test]
fn keeps_the_brackets_of_what_is_nested_too_deeply() {
    let depth = 5_000_000;
    let deep =
        [b"{\"a\":".as_slice(), &b"[".repeat(depth), b"\"]\"", &b"]".repeat(depth), b",\"b\":1}"].concat();
    let mut condenser = Condenser::default();
    condenser.push(&deep);
    let kept: Value = serde_json::from_slice(condenser.condensed().unwrap()).unwrap();
    assert_eq!(kept["b"], 1);
    assert!(condenser.held_bytes() < 1 << 14, "{}", condenser.held_bytes());
}

#[test]
fn gives_up_on_what_can_not_be_condensed() {
    let members: Vec<String> = (0..400_000).map(|n| format!("\"k{n}\":{n}")).collect();
    let body = format!("{{{}}}", members.join(","));
    let mut condenser = Condenser::default();
    condenser.push(body.as_bytes());
    assert_eq!(condenser.condensed(), None);
    assert!(condenser.held_bytes() < 1 << 14, "{}", condenser.held_bytes());
}

proptest! {
    #[test]
    fn what_is_kept_of_short_texts_is_what_they_say(body in "[\\[\\]{}\",:\\\\au1\\-\n ]{0,40}") {
        let expected = serde_json::from_str::<Value>(&body).ok();
        prop_assert_eq!(kept(&body), expected);
    }

    #[test]
    fn every_split_keeps_the_same(body in "\\PC{0,40}", cut in 0_usize..60_000) {
        let long = json!({"a": [body.repeat(400), [1, 2, 3, 4, 5, 6], {body.clone(): body.clone()}], "b": "x".repeat(5000)}).to_string();
        let (first, second) = long.as_bytes().split_at(cut.min(long.len()));
        let whole = condensed(&[long.as_bytes()]);
        prop_assert!(whole.is_some());
        prop_assert!(serde_json::from_slice::<Value>(&whole.clone().unwrap()).is_ok());
        prop_assert_eq!(condensed(&[first, second]), whole);
    }
}
