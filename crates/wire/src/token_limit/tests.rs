use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A tenth is left to the answer: 900 tokens, which are 3,600 characters.
const CONTEXT: u64 = 1_000;

fn lengths(model: &str) -> Option<u64> {
    (model != "unknown").then_some(CONTEXT)
}

fn fitted(body: &str, handler: Handler) -> Option<String> {
    match fit(body.as_bytes(), handler, None, lengths) {
        Fitted::Unchanged => None,
        Fitted::Changed(bytes) => Some(String::from_utf8(bytes).expect("UTF-8")),
    }
}

fn fitted_value(body: &Value, handler: Handler) -> Option<Value> {
    Some(serde_json::from_str(&fitted(&body.to_string(), handler)?).expect("JSON"))
}

fn user(content: &Value) -> Value {
    json!({"role": "user", "content": content})
}

#[test]
fn parses_its_names() {
    for handler in Handler::ALL {
        assert_eq!(Handler::parse(handler.as_str()), Some(handler));
    }
    assert_eq!(Handler::parse(" Middle-Out "), Some(Handler::MiddleOut));
    assert_eq!(["", "middle", "true"].map(Handler::parse), [None; 3]);
}

#[test]
fn leaves_alone_what_is_short_enough() {
    let fits = json!({"model": "m", "messages": [user(&json!("x  ".repeat(1_200)))]});
    let too_long = json!({"model": "m", "messages": [user(&json!("x  ".repeat(1_201)))]});
    assert_eq!(fitted_value(&fits, Handler::Truncate), None);
    assert!(fitted_value(&too_long, Handler::Truncate).is_some());
    let unknown = json!({"model": "unknown", "messages": too_long["messages"]});
    for handler in Handler::ALL {
        assert_eq!(fitted_value(&unknown, handler), None);
        for body in ["", "[]", "{}", "{\"model\":1}", "{\"model\":\"m\"", "{\"model\":\",\"}"] {
            assert_eq!(fitted(body, handler), None, "{body}");
        }
        assert_eq!(fit(b"{\"model\":\"a,b\",\"x\":\"\xff\"}", handler, None, lengths), Fitted::Unchanged);
    }
}

#[test]
fn leaves_room_for_the_answer_and_counts_the_tools_once() {
    let is_too_long = |body: Value| fitted_value(&body, Handler::Truncate).is_some();
    let messages = |chars: usize| json!([user(&json!(format!("a  {}", "x".repeat(chars - 3))))]);
    assert!(!is_too_long(json!({"model": "m", "max_tokens": 500, "messages": messages(2_000)})));
    assert!(is_too_long(json!({"model": "m", "max_tokens": 500, "messages": messages(2_001)})));
    assert!(is_too_long(json!({"model": "m", "max_tokens": 5_000, "messages": messages(10)})));
    let tools = json!(["x".repeat(1_796)]);
    assert!(!is_too_long(json!({"model": "m", "tools": tools, "messages": messages(1_800)})));
    assert!(is_too_long(json!({"model": "m", "tools": tools, "messages": messages(1_801)})));
    assert!(!is_too_long(json!({"model": "gpt-3.5-turbo-16k", "messages": messages(4_500)})));
    assert!(is_too_long(json!({"model": "gpt-3.5-turbo-16k", "messages": messages(4_501)})));
    assert!(!is_too_long(json!({"model": "gpt-4o-nano", "messages": messages(6_000)})));
    let override_is_asked = fit(b"{\"model\":\"a,b\"}", Handler::Fallback, Some("long"), |model| {
        assert_eq!(model, "long");
        None
    });
    assert_eq!(override_is_asked, Fitted::Changed(b"{\"model\":\"a\"}".to_vec()));
}

#[test]
fn asks_the_second_model_for_what_is_too_long() {
    let body = |chars: usize| format!("{{ \"model\":\"a , b,c\", \"prompt\":\"{}\"}}", "x".repeat(chars));
    let expected = |model: &str, chars: usize| body(chars).replace("a , b,c", model);
    assert_eq!(fitted(&body(3_600), Handler::Fallback), Some(expected("a", 3_600)));
    assert_eq!(fitted(&body(3_601), Handler::Fallback), Some(expected("b", 3_601)));
    let only = body(3_601).replace("a , b,c", "a");
    assert_eq!(fitted(&only, Handler::Fallback), None, "there is no other");
    assert_eq!(
        fitted("{\"model\":\"unknown,b\"}", Handler::Fallback).as_deref(),
        Some("{\"model\":\"unknown\"}")
    );
}

#[test]
fn normalises_text() {
    let check = |text: &str, expected: &str| assert_eq!(truncate::normalise(text), expected);
    check("  a \t b\n \n\n c  ", "a b\nc");
    check("a , b . c !  ?", "a, b. c!?");
    check("a .env :x", "a .env :x");
    check("a\n. b", "a\n. b");
    check("a<!-- x\ny --> b <!-- open", "a b <!-- open");
    check("see id:7f3a and UUID:1-2 or id: 5 ids:6", "see and or id: 5 ids:6");
    check("one\nid:1\ntwo", "one\ntwo");
    check("", "");
    check("\u{2003}é\u{a0}ü", "é ü");
}

#[test]
fn truncates_every_text_and_nothing_else() {
    let long = "x ".repeat(2_000);
    let body = format!(
        "{{ \"model\":\"m\",\"n\": 1.0, \"messages\" : [ {{\"role\":\"user\",\"content\":\"a  b\"}},\
         {{\"role\":\"user\",\"content\":[{{\"type\":\"text\", \"text\":\"c  d\"}}, {{\"type\":\"image\",\"x\":\"e  f\"}}]}},\
         {{\"role\":\"tool\",\"content\":\"{long}\"}} ]}}"
    );
    let expected = body.replace("a  b", "a b").replace("c  d", "c d").replace(&long, long.trim_end());
    assert_eq!(fitted(&body, Handler::Truncate), Some(expected));
}

#[test]
fn leaves_out_the_middle_and_messages_of_which_nothing_is_left() {
    let block = |c: &str| c.repeat(1_000);
    let messages: Vec<Value> = ["a", "b", "c", "d", "e"].iter().map(|c| user(&json!(block(c)))).collect();
    let kept = [&messages[0], &messages[1], &messages[4]].map(Clone::clone);
    let after =
        fitted_value(&json!({"model": "m", "messages": messages}), Handler::MiddleOut).expect("too long");
    assert_eq!(after, json!({"model": "m", "messages": kept}));

    let one = block("a") + &block("b") + &block("c") + &block("d") + &block("e");
    let after = fitted_value(&json!({"model": "m", "prompt": one}), Handler::MiddleOut).expect("too long");
    assert_eq!(after["prompt"], json!(block("a") + &block("b") + &block("e")));
    let google = json!({"model": "m", "contents": [{"role": "user", "parts": [{"text": one}]}]});
    let after = fitted_value(&google, Handler::MiddleOut).expect("too long");
    assert_eq!(after["contents"][0]["parts"], json!([{"text": block("a") + &block("b") + &block("e")}]));
}

#[test]
fn keeps_messages_that_others_refer_to() {
    let text = "x".repeat(2_000);
    let messages = json!([
        user(&json!("first")),
        {"role": "assistant", "content": text, "tool_calls": [{"id": "1"}]},
        {"role": "tool", "content": text, "tool_call_id": "1"},
        {"role": "user", "content": [{"type": "text", "text": text}, {"type": "image"}]},
        user(&json!("last")),
    ]);
    let body = json!({"model": "m", "max_tokens": 990, "messages": messages});
    let after = fitted_value(&body, Handler::MiddleOut).expect("too long");
    assert_eq!(
        after["messages"],
        json!([
            user(&json!("first")),
            {"role": "assistant", "content": "", "tool_calls": [{"id": "1"}]},
            {"role": "tool", "content": "", "tool_call_id": "1"},
            {"role": "user", "content": [{"type": "image"}]},
            user(&json!("last")),
        ])
    );
}

#[test]
fn never_leaves_out_everything() {
    let long = json!([user(&json!("x".repeat(900)))]);
    assert_eq!(
        fitted_value(&json!({"model": "m", "max_tokens": 990, "messages": long}), Handler::MiddleOut),
        None
    );
    let tools = json!(["x".repeat(9_000)]);
    let body = json!({"model": "m", "tools": tools, "messages": [user(&json!("hi"))]});
    assert_eq!(fitted_value(&body, Handler::MiddleOut), None);
}

/// All text of a request, in order.
fn text_of(body: &Value) -> String {
    let content = |message: &Value| match &message["content"] {
        Value::String(text) => text.clone(),
        parts => parts.as_array().into_iter().flatten().filter_map(|part| part["text"].as_str()).collect(),
    };
    body["messages"].as_array().into_iter().flatten().map(content).collect()
}

fn message() -> impl Strategy<Value = Value> {
    let text = prop::collection::vec(
        prop::sample::select(vec!["word ", "é", ".", "\n\n", "long", "\\u0041"]),
        0..800,
    );
    let text = text.prop_map(|words| json!(words.concat()));
    let part = prop_oneof![
        2 => text.clone().prop_map(|text| json!({"type": "text", "text": text})),
        1 => Just(json!({"type": "image"})),
    ];
    let content =
        prop_oneof![text, prop::collection::vec(part, 0..4).prop_map(Value::Array), Just(json!(null))];
    let role = prop::sample::select(vec!["user", "assistant", "tool", "system"]);
    (role, content).prop_map(|(role, content)| json!({"role": role, "content": content}))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_left_fits_and_is_the_beginning_and_the_end(messages in prop::collection::vec(message(), 0..8)) {
        let body = json!({"model": "m", "messages": messages, "temperature": 0.5});
        let before = text_of(&body);
        let chars = before.chars().count();
        let Some(after) = fitted_value(&body, Handler::MiddleOut) else {
            prop_assert!(chars <= 3_600);
            return Ok(());
        };
        let left = text_of(&after);
        prop_assert!(chars > 3_600 && left.chars().count() <= 3_600);
        prop_assert!(left.chars().count() >= 1_600, "at most one piece on either side more than needed");
        let is_split = left.char_indices().map(|(at, _)| left.split_at(at)).any(|(head, tail)| {
            before.starts_with(head) && before.ends_with(tail)
        });
        prop_assert!(is_split);
        prop_assert_eq!(fitted_value(&after, Handler::MiddleOut), None);
        prop_assert_eq!(&after["temperature"], &body["temperature"]);
        let images = |body: &Value| body.to_string().matches("image").count();
        prop_assert_eq!(images(&after), images(&body));
        let roles = |body: &Value| body.to_string().matches("\"tool\"").count();
        prop_assert_eq!(roles(&after), roles(&body));
    }

    #[test]
    fn normalised_text_is_never_longer(text in ".{0,200}") {
        prop_assert!(truncate::normalise(&text).len() <= text.len());
    }
}
