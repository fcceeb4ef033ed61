use crate::mapping::{BodyView, Sample, dialect_known};

fn sample<'a>(request: &'a str, response: &'a str) -> Sample<'a> {
    let view = |text: &'a str| BodyView { bytes: text.as_bytes(), content_type: None, truncated: false };
    Sample { status: 200, request: view(request), response: view(response), ..Sample::default() }
}

#[track_caller]
fn check(request: &str, response: &str, expected: bool) {
    assert_eq!(dialect_known(&sample(request, response)), expected, "{request} → {response}");
}

const CHAT: &str = r#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;

#[test]
fn dialects_with_a_reader_are_known() {
    check(CHAT, r#"{"choices":[{"message":{"content":"Hi"}}]}"#, true);
    check(CHAT, "data: {\"choices\":[{\"delta\":{\"content\":\"Hi\"}}]}\n\ndata: [DONE]\n\n", true);
    check(CHAT, r#"{"type":"message","content":[{"type":"text","text":"Hi"}]}"#, true);
    check(CHAT, "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{}}\n\n", true);
    check(CHAT, r#"{"output":{"message":{"content":[{"text":"Hi"}]}},"stopReason":"end_turn"}"#, true);
    check(CHAT, r#"{"id":"1","completion_message":{"content":"Hi"}}"#, true);
    check(CHAT, r#"{"message":{"content":[{"type":"text","text":"Hi"}]},"finish_reason":"COMPLETE"}"#, true);
    check(CHAT, r#"{"model":"m","message":{"content":"Hi"},"done":true}"#, true);
    check(r#"{"prompt":"Hi"}"#, r#"{"choices":[{"text":"Hi"}]}"#, true);
    check(r#"{"input":"Hi"}"#, r#"{"object":"response","output":[]}"#, true);
    check(r#"{"input":"Hi"}"#, r#"{"data":[{"embedding":[0.1]}]}"#, true);
    check(r#"{"contents":[{}]}"#, r#"{"candidates":[{"content":{"parts":[]}}]}"#, true);
    check(r#"{"contents":[{}]}"#, r#"[{"candidates":[{"content":{}}]},{"candidates":[]}]"#, true);
    check(r#"{"inputText":"Hi"}"#, r#"{"inputTextTokenCount":1,"results":[]}"#, true);
    check(r#"{"_type":"tool","toolName":"x"}"#, r#"{"status":"ok"}"#, true);
}

#[test]
fn one_body_that_looks_like_a_dialect_decides_nothing() {
    check(CHAT, r#"{"reply":"Hi","finish_reason":"stop"}"#, false);
    check(CHAT, r#"{"object":"answer","result":{"response":"Hi"}}"#, false);
    check(r#"{"inputs":"Hi"}"#, r#"{"choices":[{"message":{"content":"Hi"}}]}"#, false);
    check(r#"{"question":"Hi"}"#, r#"{"output":{"text":"Hi"},"meta":{}}"#, false);
    check(r#"{"prompt":"Hi"}"#, r#"{"text":"Hi","done":true}"#, false);
    check("no JSON", r#"{"choices":[{"message":{}}]}"#, false);
}

#[test]
fn failures_are_in_no_dialect() {
    let mut failed = sample(CHAT, r#"{"choices":[{"message":{"content":"Hi"}}]}"#);
    failed.status = 500;
    assert!(!dialect_known(&failed));
}
