use super::*;

fn check(body: &str, expected: Option<&str>) {
    let read = last_message(body.as_bytes()).unwrap_or_else(|_| panic!("unreadable: {body}"));
    assert_eq!(read.text.as_deref(), expected, "{body}");
}

#[test]
fn reads_the_last_user_message_of_every_dialect() {
    for (body, expected) in [
        // OpenAI: chat completions.
        (r#"{"model":"m","messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}"#, "b"),
        (
            r#"{"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"data:x"}},{"type":"text","text":"b"}]}]}"#,
            "a\nb",
        ),
        (
            r#"{"messages":[{"role":"user","content":"asked"},{"role":"assistant","content":null,"tool_calls":[]},{"role":"tool","content":"42"}]}"#,
            "asked",
        ),
        // OpenAI: completions, embeddings, images, edits.
        (r#"{"prompt":"p"}"#, "p"),
        (r#"{"prompt":["p","q"]}"#, "p\nq"),
        (r#"{"input":["p",[1,2,3],"q"]}"#, "p\nq"),
        (r#"{"input":"i","instruction":"fix it"}"#, "i\nfix it"),
        // OpenAI: responses.
        (r#"{"input":"i"}"#, "i"),
        (
            r#"{"input":[{"role":"user","content":"a"},{"type":"reasoning","content":[{"text":"r"}]},{"type":"function_call_output","output":"o"}]}"#,
            "a",
        ),
        (
            r#"{"input":[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_text","text":"b"}]}]}"#,
            "a\nb",
        ),
        // Anthropic.
        (
            r#"{"system":"s","messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"document","source":{"type":"text","data":"d"}},{"type":"image","source":{"type":"base64","data":"AAAA"}}]}]}"#,
            "a\nd",
        ),
        (
            r#"{"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","text":"t"}]}]}]}"#,
            "t",
        ),
        // Gemini.
        (
            r#"{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"m"}]},{"parts":[{"text":"b"},{"inlineData":{"data":"AA"}},{"text":"c"}]}],"systemInstruction":{"parts":[{"text":"s"}]}}"#,
            "b\nc",
        ),
        (r#"{"contents":{"role":"user","parts":{"text":"a"}}}"#, "a"),
        (r#"{"instances":[{"prompt":"p"}]}"#, "p"),
        // Cohere.
        (r#"{"message":"m","chat_history":[{"role":"USER","message":"old"}]}"#, "m"),
        (r#"{"messages":[{"role":"USER","content":{"text":"m"}}]}"#, "m"),
        // Bedrock: Converse, Titan, Llama, and marked content.
        (r#"{"messages":[{"role":"user","content":[{"text":"a"},{"cachePoint":{}},{"text":"b"}]}]}"#, "a\nb"),
        (r#"{"messages":[{"role":"user","content":[{"guardContent":{"text":{"text":"g"}}}]}]}"#, "g"),
        (r#"{"inputText":"t"}"#, "t"),
        // Nobody's but somebody's: what is said is never left out.
        (r#"{"messages":[{"role":"system","content":"s"}]}"#, "s"),
        (r#"{"messages":[{"role":"user","content":"a"},{"role":"user","content":""}]}"#, "a"),
        (r#"[{"prompt":"a"},{"prompt":"b"}]"#, "a\nb"),
    ] {
        check(body, Some(expected));
    }
}

#[test]
fn reads_what_stands_twice_twice() {
    check(r#"{"prompt":"a","prompt":"b"}"#, Some("a\nb"));
    check(r#"{"messages":[{"role":"assistant","role":"user","content":"a","content":"b"}]}"#, Some("a\nb"));
    check(r#"{"m\u0065ssages":[{"r\u006fle":"user","content":"\u0061"}]}"#, Some("a"));
}

#[test]
fn keeps_a_long_text_whole() {
    let long = "long ".repeat(10_000);
    check(&format!(r#"{{"messages":[{{"role":"user","content":"{long}"}}]}}"#), Some(&long));
}

#[test]
fn says_nothing_where_nothing_is_asked() {
    for body in ["", " \n", "{}", "null", "7", r#"{"messages":[]}"#, r#"{"messages":"","prompt":{"id":"p"}}"#]
    {
        check(body, None);
    }
}

#[test]
fn tells_a_body_that_nobody_can_read() {
    for body in [&b"{"[..], b"--boundary\r\n", b"{\"prompt\":\"\xff\"}", b"{} {}", b"\xef\xbb\xbf{}"] {
        assert_eq!(last_message(body), Err(Unreadable), "{}", body.escape_ascii());
    }
}

#[test]
fn names_the_model() {
    let read = last_message(br#"{"model":"gpt-4o","input":"x"}"#).unwrap();
    assert_eq!(read.model.as_deref(), Some("gpt-4o"));
}
