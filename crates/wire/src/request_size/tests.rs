use proptest::prelude::*;
use serde_json::json;

use super::*;

fn size(body: &serde_json::Value, dialect: Dialect) -> RequestSize {
    request_size(body.to_string().as_bytes(), dialect)
}

fn max_output(body: &serde_json::Value) -> Option<u64> {
    size(body, Dialect::OpenAi).max_output_tokens
}

#[test]
fn reads_the_sizes_of_a_chat() {
    let text = "x".repeat(4_000);
    let body = json!({
        "model": "gpt-4o", "max_completion_tokens": 300, "max_tokens": 100, "n": 2,
        "messages": [{"role": "user", "content": text}],
    });
    let size = size(&body, Dialect::OpenAi);
    assert_eq!(size.model.as_deref(), Some("gpt-4o"));
    assert_eq!(size.max_output_tokens, Some(600), "two answers of 300 tokens");
    // 4,000 of text, 21 of `role`, `user`, `content` and `gpt-4o`, and three numbers of 4.
    assert_eq!(size.input_tokens_estimate, 4_033_u64.div_ceil(4));
}

#[test]
fn finds_the_limit_of_the_output_wherever_it_is() {
    assert_eq!(max_output(&json!({"max_tokens": 7})), Some(7));
    assert_eq!(max_output(&json!({"max_output_tokens": 7})), Some(7));
    assert_eq!(max_output(&json!({"generationConfig": {"maxOutputTokens": 7}})), Some(7));
    assert_eq!(max_output(&json!({"inferenceConfig": {"maxTokens": 7}})), Some(7));
    assert_eq!(max_output(&json!({"max_tokens": 0, "max_output_tokens": 7})), Some(7));
    for none in
        [json!({}), json!({"max_tokens": null}), json!({"max_tokens": -1}), json!({"max_tokens": "7"})]
    {
        assert_eq!(max_output(&none), None, "{none}");
    }
    assert_eq!(max_output(&json!({"max_tokens": u64::MAX, "n": 9})), Some(u64::MAX));
}

#[test]
fn takes_the_model_where_the_body_names_it() {
    let body = json!({"model": "a"});
    assert_eq!(size(&body, Dialect::Anthropic).model.as_deref(), Some("a"));
    assert_eq!(size(&body, Dialect::Google).model, None, "it is in the path");
    assert_eq!(size(&json!({"model": ""}), Dialect::OpenAi).model, None);
    assert_eq!(size(&json!({"model": 1}), Dialect::OpenAi).model, None);
}

#[test]
fn counts_no_pictures() {
    let blob = "A".repeat(1_000_000);
    let parts = json!([
        {"type": "image_url", "image_url": {"url": format!("data:image/png;base64,{blob}")}},
        {"type": "image", "source": {"type": "base64", "data": blob}},
        {"inlineData": {"data": blob}},
        {"type": "input_image", "image_url": format!("data:image/png;base64,{blob}")},
    ]);
    let size = size(&json!({"messages": [{"role": "user", "content": parts}]}), Dialect::OpenAi);
    assert!(size.input_tokens_estimate < 100, "{size:?}");
}

#[test]
fn counts_prompts_of_tokens() {
    let tokens: Vec<u64> = (0..1_000).collect();
    assert_eq!(size(&json!({"prompt": tokens}), Dialect::OpenAi).input_tokens_estimate, 1_000);
}

#[test]
fn counts_what_it_cannot_read_as_text() {
    let count = |body: &[u8]| request_size(body, Dialect::OpenAi);
    assert_eq!(count(b""), RequestSize::default());
    assert_eq!(count(b"hello").input_tokens_estimate, 2);
    assert_eq!(count(b"{\"model\":\"a\"").model, None, "cut short");
    let deep = format!("{{\"model\":\"a\",\"x\":{}{}}}", "[".repeat(1_000), "]".repeat(1_000));
    let size = count(deep.as_bytes());
    assert_eq!((size.model.as_deref(), size.input_tokens_estimate), (Some("a"), 501));
}

proptest! {
    #[test]
    fn takes_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..60)) {
        let size = request_size(&bytes, Dialect::Unknown);
        prop_assert!(size.input_tokens_estimate <= 60);
    }
}
