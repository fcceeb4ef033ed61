use gatehouse_types::Usage;

use super::*;
use crate::mapping::BodyView;

fn view<'a>(text: &'a str, content_type: &'a str) -> BodyView<'a> {
    BodyView { bytes: text.as_bytes(), content_type: Some(content_type), truncated: false }
}

fn apply(document: &str, request: &str, response: &str) -> Mapped {
    apply_streamed(document, request, response, "application/json")
}

fn apply_streamed(document: &str, request: &str, response: &str, content_type: &str) -> Mapped {
    let document = MappingDocument::parse(document).unwrap();
    document.apply(&Sample {
        status: 200,
        path: "/v1/models/brook-1:run",
        request: view(request, "application/json"),
        response: view(response, content_type),
        ..Sample::default()
    })
}

#[test]
fn requests_are_read() {
    let document = r#"{"request":{"messages":{"each":"/talk/*","role":"/who","content":["/said","/parts/*/text"],
        "attachments":["/parts/*/url"],"roles":{"human":"user"}},"system":{"path":"/rules"},
        "prompt":{"path":"/asks/*","join":"\n"},"model":{"after":"models"},"params":{"temperature":"/heat"}}}"#;
    let request = r#"{"talk":[{"who":"human","said":"Hi"},{"who":"owl","parts":[{"text":"a"},{"url":"x.png"},{"text":"b"}]}],
        "rules":"Be kind.","asks":["one","two"],"heat":0.5}"#;
    let mapped = apply(document, request, "{}");
    assert_eq!(mapped.messages[0].role.as_deref(), Some("user"));
    assert_eq!(mapped.messages[1].content, "a\nb");
    assert_eq!(mapped.messages[1].attachments, ["x.png"]);
    assert_eq!(mapped.unknown, ["owl"]);
    assert_eq!(mapped.system.as_deref(), Some("Be kind."));
    assert_eq!(mapped.prompt.as_deref(), Some("one\ntwo"));
    assert_eq!(mapped.model.as_deref(), Some("brook-1"));
    assert_eq!(mapped.params["temperature"], 0.5);
    assert_eq!(mapped.missing, []);
}

#[test]
fn what_is_not_there_is_missing() {
    let document = r#"{"request":{"model":{"path":"/engine"},"prompt":{"path":"/ask"}},
        "response":{"text":{"path":"/answer"},"usage":{"input":"/in","output":"/out"},"finish":{"path":"/end"}}}"#;
    let mapped = apply(document, "{}", r#"{"answer":7,"in":3}"#);
    let expected = [Field::Prompt, Field::Model, Field::Text, Field::Usage, Field::Finish];
    assert_eq!(mapped, Mapped { missing: expected.to_vec(), ..Mapped::default() });
    let unread = apply(document, "{", "<html>");
    assert_eq!(unread.missing, expected);
}

const COUNTS: &str = r#"{"response":{"usage":{"input":"/u/in","output":"/u/out","total":"/u/sum","cached":"/u/hit",
    "reasoning":"/u/think","input_includes_cached":true,"output_includes_reasoning":true,"identity":"input_output",
    "zero":["/u/other"]}}}"#;

#[track_caller]
fn check(document: &str, response: &str, expected: Option<[Option<u64>; 5]>) {
    let mapped = apply(document, "{}", response);
    let expected = expected.map(|[input, cache_read, output, reasoning, total]| Usage {
        input,
        cache_read,
        output,
        reasoning,
        total,
        ..Usage::default()
    });
    assert_eq!(mapped.usage, expected, "{response}");
}

#[test]
fn counts_are_told_apart() {
    check(
        COUNTS,
        r#"{"u":{"in":10,"out":5,"sum":15,"hit":4,"think":2}}"#,
        Some([Some(6), Some(4), Some(3), Some(2), Some(15)]),
    );
    check(COUNTS, r#"{"u":{"in":10,"out":5,"sum":15}}"#, Some([Some(10), None, Some(5), None, Some(15)]));
    let besides = r#"{"response":{"usage":{"input":"/in","output":"/out","total":"/sum","cached":"/hit",
        "identity":"input_cached_output"}}}"#;
    check(
        besides,
        r#"{"in":10,"out":5,"sum":19,"hit":4}"#,
        Some([Some(10), Some(4), Some(5), None, Some(19)]),
    );
    check(besides, r#"{"in":10,"out":5,"sum":15}"#, Some([Some(10), None, Some(5), None, Some(15)]));
    let difference = r#"{"response":{"usage":{"input":"/in","total":"/sum"}}}"#;
    check(difference, r#"{"in":10,"sum":15}"#, Some([Some(10), None, Some(5), None, Some(15)]));
    check(difference, r#"{"in":10,"sum":9}"#, None);
    let one = r#"{"response":{"usage":{"output":"/*/out"}}}"#;
    check(one, r#"{"a":{"out":5}}"#, Some([None, None, Some(5), None, None]));
    check(one, r#"{"a":{"out":5},"b":{"out":6}}"#, None);
}

#[test]
fn counts_that_contradict_each_other_are_not_read() {
    for response in [
        r#"{"u":{"in":10,"out":5,"sum":16}}"#,
        r#"{"u":{"in":10,"out":5,"sum":15,"hit":11}}"#,
        r#"{"u":{"in":10,"out":5,"sum":15,"think":6}}"#,
        r#"{"u":{"in":10,"out":5,"sum":15,"other":1}}"#,
        r#"{"u":{"in":18446744073709551615,"out":1,"sum":0}}"#,
    ] {
        check(COUNTS, response, None);
        assert!(apply(COUNTS, "{}", response).identity_failed, "{response}");
    }
    let incomplete = apply(COUNTS, "{}", r#"{"u":{"in":10,"sum":15}}"#);
    assert_eq!((incomplete.usage, incomplete.identity_failed), (None, false));
}

#[test]
fn texts_are_picked() {
    let read = |pick: &str| {
        let document =
            format!(r#"{{"response":{{"text":{{"path":"/all/*/t","pick":"{pick}","join":"-"}}}}}}"#);
        apply(&document, "{}", r#"{"all":[{"t":"a"},{"x":1},{"t":"b"}]}"#).text.unwrap()
    };
    assert_eq!((read("all"), read("first"), read("last")), ("a-b".into(), "a".into(), "b".into()));
}

#[test]
fn tools_errors_and_reasons_are_read() {
    let document = r#"{"response":{"tool_calls":{"each":"/calls/*","name":"/fn/name","arguments":"/fn/args","id":"/id"},
        "finish":{"path":"/end","map":{"eos":"stop"}},"error":"/problem/text"}}"#;
    let response = r#"{"calls":[{"id":"1","fn":{"name":"f","args":"{\"x\":1}"}},{"fn":{"name":"g","args":{"y":2}}}],"end":"eos"}"#;
    let mapped = apply(document, "{}", response);
    assert_eq!(mapped.tool_calls[0].arguments["x"], 1);
    assert_eq!(mapped.tool_calls[1].arguments["y"], 2);
    assert_eq!(mapped.finish.as_deref(), Some("stop"));
    let failed = r#"{"problem":{"text":"no such engine"},"end":"eos"}"#;
    let exchange = Sample { status: 404, response: view(failed, ""), ..Sample::default() };
    let mapped = MappingDocument::parse(document).unwrap().apply(&exchange);
    assert_eq!(mapped, Mapped { error: Some("no such engine".to_owned()), ..Mapped::default() });
}

const STREAM: &str = r#"{"stream":{"framing":"sse","done":"[DONE]","text":{"select":{"members":{"/kind":"say"}},"path":"/frag"},
    "reasoning":{"select":{"event":"think"},"path":"/frag"},"finish":{"path":"/end"},
    "usage":{"counts":{"input":"/u/in","output":"/u/out"},"mode":"MODE"}}}"#;
const EVENTS: &str = "data: {\"u\":{\"in\":7}}\n\nevent: think\ndata: {\"frag\":\"Hm\"}\n\n\
    data: {\"kind\":\"say\",\"frag\":\"Good \"}\n\ndata: {\"u\":{\"in\":3,\"out\":4}}\n\n\
    data: {\"kind\":\"say\",\"frag\":\"day\"}\n\ndata: {\"u\":{\"out\":2},\"end\":\"eos\"}\n\n";

#[test]
fn streams_are_put_together() {
    let read = |mode: &str, events: &str| {
        apply_streamed(&STREAM.replace("MODE", mode), "{}", events, "text/event-stream")
    };
    let whole = format!("{EVENTS}data: [DONE]\n\n");
    let mapped = read("last", &whole);
    assert_eq!(mapped.text.as_deref(), Some("Good day"));
    assert_eq!(mapped.reasoning.as_deref(), Some("Hm"));
    assert_eq!(mapped.finish.as_deref(), Some("eos"));
    let counts = |mode: &str| read(mode, &whole).usage.map(|usage| (usage.input, usage.output));
    assert_eq!(counts("last"), Some((Some(3), Some(4))));
    assert_eq!(counts("max"), Some((Some(7), Some(4))));
    assert_eq!(counts("merge"), Some((Some(3), Some(2))));
    assert_eq!(read("last", EVENTS).usage, None, "the end of the stream is missing");
    assert_eq!(read("last", EVENTS).text.as_deref(), Some("Good day"));
}

#[test]
fn a_stream_that_repeats_itself_is_read_at_its_end() {
    let document = r#"{"stream":{"framing":"ndjson","text":{"path":"/t","mode":"last"}}}"#;
    let mapped = apply_streamed(document, "{}", "{\"t\":\"Go\"}\n{\"t\":\"Good\"}\n", "application/x-ndjson");
    assert_eq!(mapped.text.as_deref(), Some("Good"));
    assert_eq!(apply(document, "{}", "{\"t\":\"Go\"}").text.as_deref(), Some("Go"));
}

#[test]
fn damaged_streams_have_no_text_rather_than_half_of_it() {
    let document = r#"{"stream":{"framing":"sse","text":{"path":"/t"}}}"#;
    let events = "data: {\"t\":\"Go\"}\n\ndata: {\"t\":\"od mor{{{{\n\ndata: {\"t\":\"ning\"}\n\n";
    assert_eq!(apply_streamed(document, "{}", events, "text/event-stream").text, None);
}
