//! Counts that validate and counts that don't, and bodies that are not what they should be.

use gatehouse_types::Usage;
use proptest::prelude::*;

use super::*;

fn json(bytes: &[u8]) -> BodyView<'_> {
    BodyView { bytes, content_type: Some("application/json"), truncated: false }
}

fn observe_pair(request: &[u8], response: &[u8]) -> Observed {
    let input = ObserveInput {
        dialect: Dialect::OpenAi,
        path: "/v1/chat/completions",
        request: json(request),
        response: json(response),
    };
    observe(input)
}

fn check_usage(usage: &str, expected: Option<Usage>) {
    let response = format!("{{\"model\":\"m\",\"usage\":{usage}}}");
    assert_eq!(observe_pair(b"", response.as_bytes()).usage, expected, "{usage}");
}

#[test]
fn splits_counts_into_classes_that_do_not_overlap() {
    check_usage(
        r#"{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,
            "prompt_tokens_details":{"cached_tokens":30,"audio_tokens":20,"cache_write_tokens":10},
            "completion_tokens_details":{"reasoning_tokens":15,"audio_tokens":5}}"#,
        Some(Usage {
            input: Some(40),
            output: Some(30),
            cache_read: Some(30),
            cache_write: Some(10),
            reasoning: Some(15),
            input_audio: Some(20),
            output_audio: Some(5),
            total: Some(150),
            ..Usage::default()
        }),
    );
    check_usage(
        r#"{"prompt_tokens":7,"completion_tokens":null,"prompt_tokens_details":null}"#,
        Some(Usage { input: Some(7), ..Usage::default() }),
    );
    check_usage(r#"{"prompt_tokens":0}"#, Some(Usage { input: Some(0), ..Usage::default() }));
}

#[test]
fn keeps_only_the_total_of_counts_that_contradict_each_other() {
    let only_total = Some(Usage { total: Some(30), ..Usage::default() });
    for usage in [
        r#"{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30,"prompt_tokens_details":{"cached_tokens":11}}"#,
        r#"{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30,"completion_tokens_details":{"reasoning_tokens":21}}"#,
        r#"{"completion_tokens":20,"total_tokens":30,"prompt_tokens_details":{"cached_tokens":1}}"#,
        r#"{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30,"cached_tokens":1,"prompt_tokens_details":{"cached_tokens":2}}"#,
        r#"{"prompt_tokens":10,"completion_tokens":20,"total_tokens":30,"prompt_cache_hit_tokens":1,"prompt_cache_miss_tokens":8}"#,
        r#"{"input_tokens":10,"output_tokens":20,"total_tokens":30,"cache_read_input_tokens":7}"#,
    ] {
        check_usage(usage, only_total);
    }
}

#[test]
fn takes_no_count_that_is_not_a_count() {
    for usage in [
        r#"{"prompt_tokens":-1,"completion_tokens":2}"#,
        r#"{"prompt_tokens":1.5,"completion_tokens":2}"#,
        r#"{"prompt_tokens":"1","completion_tokens":2}"#,
        r#"{"prompt_tokens":18446744073709551616,"completion_tokens":2}"#,
        r#"{"prompt_tokens":9007199254740993,"completion_tokens":2}"#,
        r#"{"prompt_tokens":1,"prompt_tokens_details":{"cached_tokens":-1}}"#,
        r#"{"prompt_tokens":1,"completion_tokens_details":{"reasoning_tokens":true}}"#,
        "{}",
        "null",
        "[]",
        "7",
        "\"7\"",
        r#"{"prompt_tokens_details":{"cached_tokens":1}}"#,
    ] {
        check_usage(usage, None);
    }
}

#[test]
fn takes_the_last_of_repeated_keys_and_skips_unexpected_types() {
    let observed = observe_pair(
        br#"{"model":"a","model":"b","user":{"id":1},"stream":"yes","messages":5}"#,
        br#"{"model":["x"],"choices":{"a":1},"usage":{"prompt_tokens":1},"usage":{"prompt_tokens":2},"service_tier":null}"#,
    );
    let usage = Some(Usage { input: Some(2), ..Usage::default() });
    assert_eq!(observed, Observed { request_model: Some("b".to_owned()), usage, ..Observed::default() });
}

#[test]
fn knows_tools_that_the_provider_runs_from_those_of_the_caller() {
    let is_charged = |kind: &str| {
        let items = format!("[{},{{\"type\":\"{kind}\"}}]", ["{\"type\":\"reasoning\"}"; 40].join(","));
        let body = format!("{{\"model\":\"gpt-5\",\"output\":{items}}}");
        let event = format!("data: {{\"type\":\"response.incomplete\",\"response\":{body}}}\n\n");
        let item =
            format!("data: {{\"type\":\"response.output_item.done\",\"item\":{{\"type\":\"{kind}\"}}}}\n\n");
        let plain = observe_pair(b"{}", body.as_bytes()).extra_charges;
        for stream in [event, item] {
            let input = ObserveInput {
                dialect: Dialect::OpenAi,
                path: "/v1/responses",
                request: json(b"{}"),
                response: BodyView { bytes: stream.as_bytes(), content_type: None, truncated: false },
            };
            assert_eq!(observe(input).extra_charges, plain, "{stream}");
        }
        plain
    };
    for kind in [
        "web_search_call",
        "file_search_call",
        "code_interpreter_call",
        "image_generation_call",
        "shell_call",
        "some_new_call",
    ] {
        assert!(is_charged(kind), "{kind}");
    }
    for kind in [
        "message",
        "reasoning",
        "function_call",
        "custom_tool_call",
        "local_shell_call",
        "apply_patch_call",
        "computer_call",
        "mcp_call",
    ] {
        assert!(!is_charged(kind), "{kind}");
    }
}

#[test]
fn knows_a_chat_that_searches_the_web() {
    let answer = br#"{"model":"gpt-4o","choices":[{"message":{"tool_calls":[{"type":"function"}]}}]}"#;
    let is_charged = |request: &str| observe_pair(request.as_bytes(), answer).extra_charges;
    assert!(is_charged(r#"{"web_search_options":{}}"#));
    assert!(is_charged(r#"{"web_search_options":{"search_context_size":"low"}}"#));
    assert!(is_charged(r#"{"model":"gpt-4o-mini-search-preview-2025-03-11"}"#));
    assert!(is_charged(r#"{"model":"openai/gpt-5-search-api"}"#));
    assert!(!is_charged(r#"{"web_search_options":null}"#));
    assert!(!is_charged(r#"{"model":"text-search-ada-doc-001"}"#));
    assert!(observe_pair(b"", br#"{"model":"gpt-4o-search-preview"}"#).extra_charges);
    let other = ObserveInput {
        dialect: Dialect::Anthropic,
        path: "/v1/messages",
        request: json(br#"{"web_search_options":{}}"#),
        response: json(answer),
    };
    assert!(!observe(other).extra_charges);
}

#[test]
fn says_nothing_of_what_is_not_json() {
    let deep = [b"{\"messages\":".as_slice(), &[b'['; 100_000]].concat();
    let deep_but_closed = [b"{\"x\":".as_slice(), &[b'['; 100_000], &[b']'; 100_000], b"}"].concat();
    for body in [
        b"".as_slice(),
        b"{\"model\":\"m\",}",
        b"{\"model\":\"m\"} x",
        b"{\"model\":\"m\"",
        b"[{\"model\":\"m\"}]",
        b"\"model\"",
        b"--boundary\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1",
        b"{\"model\":\"\xff\"}",
        b"{\"model\":\"\\ud800\"}",
        &deep,
        &deep_but_closed,
    ] {
        assert_eq!(observe_pair(body, body), Observed::default());
    }
}

#[test]
fn knows_a_stream_whose_type_does_not_say_so() {
    let stream = b"data: {\"model\":\"m\",\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\ndata: {oops\n\n";
    let view = |content_type| BodyView { bytes: stream, content_type, truncated: false };
    assert!(view(None).is_event_stream());
    assert!(view(Some("text/plain")).is_event_stream());
    assert!(view(Some("Text/Event-Stream")).is_event_stream());
    assert!(!view(Some("application/json")).is_event_stream());
    let input = ObserveInput {
        dialect: Dialect::OpenAi,
        path: "/x",
        request: BodyView::default(),
        response: view(None),
    };
    assert_eq!(observe(input).response_model.as_deref(), Some("m"));
    assert_eq!(observe(input).response_preview.as_deref(), Some("a"));
}

#[test]
fn an_answer_is_read_by_its_own_members_and_else_by_the_calls_dialect() {
    let check = |dialect: Dialect, response: &str, expected: Option<(u64, u64)>| {
        let response = json(response.as_bytes());
        let observed = observe(ObserveInput { dialect, path: "/log", request: json(b"{}"), response });
        let usage = observed.usage.map(|usage| (usage.input.unwrap(), usage.output.unwrap()));
        assert_eq!(usage, expected, "{dialect:?} {:?}", observed.response_preview);
    };
    let everywhere = [
        r#"{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}"#,
        r#"{"type":"message","usage":{"input_tokens":5,"output_tokens":2,"cache_read_input_tokens":9}}"#,
        r#"{"input_tokens":5,"output_tokens":2}"#,
        r#"{"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2}}"#,
        r#"{"usage_metadata":{"prompt_token_count":5,"candidates_token_count":2}}"#,
        r#"{"output":{"message":{}},"usage":{"inputTokens":5,"outputTokens":2}}"#,
        r#"{"prompt_token_count":5,"generation_token_count":2,"generation":"a"}"#,
        r#"{"finish_reason":"COMPLETE","usage":{"billed_units":{"input_tokens":5,"output_tokens":2}}}"#,
        r#"{"done":true,"prompt_eval_count":5,"eval_count":2}"#,
    ];
    let dialects = [
        Dialect::OpenAi,
        Dialect::Anthropic,
        Dialect::Google,
        Dialect::Cohere,
        Dialect::Bedrock,
        Dialect::Unknown,
    ];
    for dialect in dialects {
        everywhere.iter().for_each(|response| check(dialect, response, Some((5, 2))));
        check(dialect, r#"{"error":{"message":"no"}}"#, None);
    }
    let plain = r#"{"usage":{"input_tokens":5,"output_tokens":2}}"#;
    check(Dialect::OpenAi, plain, Some((5, 2)));
    check(Dialect::Anthropic, plain, Some((5, 2)));
    check(Dialect::Google, plain, None);
}

#[test]
fn the_path_tells_model_and_stream_where_the_body_does_not() {
    let nothing = BodyView::default();
    let check = |dialect: Dialect, path: &str, model: Option<&str>, stream: Option<bool>| {
        let observed = observe(ObserveInput { dialect, path, request: nothing, response: nothing });
        assert_eq!((observed.request_model.as_deref(), observed.stream), (model, stream), "{path}");
    };
    let gemini = "/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse";
    check(Dialect::Google, gemini, Some("gemini-2.5-pro"), Some(true));
    check(Dialect::Bedrock, "/model/amazon.nova-v1%3A0/converse", Some("amazon.nova-v1:0"), Some(false));
    check(Dialect::Anthropic, "/publishers/anthropic/models/c@1:rawPredict", Some("c@1"), Some(false));
    check(Dialect::OpenAi, "/openai/deployments/tts/audio/speech", Some("tts"), None);
}

#[test]
fn claude_is_told_the_user_in_its_metadata() {
    let request = br#"{"metadata":{"user_id":"u-1"},"messages":[]}"#;
    let user = |dialect: Dialect| {
        let request = json(request);
        observe(ObserveInput { dialect, path: "/", request, response: BodyView::default() }).user
    };
    assert_eq!(user(Dialect::Anthropic).as_deref(), Some("u-1"));
    assert_eq!(user(Dialect::Bedrock).as_deref(), Some("u-1"));
    assert_eq!(user(Dialect::OpenAi), None);
}

#[test]
fn previews_the_beginning_whatever_the_length() {
    let long = "\u{1f408}\\n".repeat(100_000);
    let request =
        format!("{{\"messages\":[{{\"role\":\"user\",\"content\":\"{long}\"}},{{\"role\":\"tool\"}}]}}");
    let preview = observe_pair(request.as_bytes(), b"").request_preview.unwrap();
    assert_eq!(preview, "\u{1f408} ".repeat(100));
}

proptest! {
    #[test]
    fn classes_add_up_to_what_the_provider_counted(
        input in 0_u64..1000, output in 0_u64..1000,
        cached in 0_u64..500, audio in 0_u64..500, reasoning in 0_u64..1000,
    ) {
        let usage = format!(
            "{{\"usage\":{{\"prompt_tokens\":{input},\"completion_tokens\":{output},\
             \"prompt_tokens_details\":{{\"cached_tokens\":{cached},\"audio_tokens\":{audio}}},\
             \"completion_tokens_details\":{{\"reasoning_tokens\":{reasoning}}}}}}}"
        );
        let usage = observe_pair(b"", usage.as_bytes()).usage;
        if cached + audio <= input && reasoning <= output {
            let usage = usage.unwrap();
            let sum = |classes: &[Option<u64>]| classes.iter().flatten().sum::<u64>();
            prop_assert_eq!(sum(&[usage.input, usage.cache_read, usage.input_audio]), input);
            prop_assert_eq!(sum(&[usage.output, usage.reasoning]), output);
        } else {
            prop_assert_eq!(usage, None);
        }
    }

    #[test]
    fn no_bytes_make_it_panic(body in prop::collection::vec(any::<u8>(), 0..300), json_like in "[\\[\\]{}\",:a-e0-9 ]{0,80}") {
        let types = [None, Some("text/event-stream"), Some("application/vnd.amazon.eventstream"), Some("application/x-ndjson")];
        for (bytes, content_type) in [body.as_slice(), json_like.as_bytes()].into_iter().zip([types, types]).flat_map(|(bytes, types)| types.map(|it| (bytes, it))) {
            for dialect in [Dialect::OpenAi, Dialect::Anthropic, Dialect::Google, Dialect::Cohere, Dialect::Bedrock] {
                let view = BodyView { bytes, content_type, truncated: false };
                observe(ObserveInput { dialect, path: &json_like, request: view, response: view });
            }
        }
    }
}

#[test]
fn an_event_is_filed_under_its_own_name_and_is_no_call_of_a_model() {
    let check = |request: &str, model: Option<&str>| {
        let answer = br#"{"model":"gpt-4o","usage":{"prompt_tokens":3},"service_tier":"flex"}"#;
        let observed = observe_pair(request.as_bytes(), answer);
        assert_eq!(observed.request_model.as_deref(), model, "{request}");
        assert_eq!(observed.response_model.is_none(), model.is_some_and(|model| model != "m"), "{request}");
        assert_eq!(observed.usage.is_none(), observed.response_model.is_none(), "{request}");
        observed.request_preview
    };
    assert_eq!(
        check(r#"{"_type":"tool","toolName":"weather","input":"Zurich"}"#, Some("tool:weather")).as_deref(),
        Some("Zurich")
    );
    check(r#"{"_type":"tool","model":"m"}"#, Some("tool:unknown"));
    check(r#"{"_type":"vector_db","operation":"search"}"#, Some("vector_db"));
    check(r#"{"_type":"data","name":"sync"}"#, Some("data:sync"));
    check(r#"{"_type":"other","model":"m"}"#, Some("m"));
    check(r#"{"_type":7,"model":"m"}"#, Some("m"));
}

#[test]
fn the_model_of_googles_dialect_is_the_paths_or_else_the_bodys() {
    let check = |path: &str, expected: &str| {
        let request = json(br#"{"model":"of-body"}"#);
        let input = ObserveInput { dialect: Dialect::Google, path, request, response: json(b"") };
        assert_eq!(observe(input).request_model.as_deref(), Some(expected), "{path}");
    };
    check("/v1beta/models/of-path:generateContent", "of-path");
    check("/googleapis/v1/log", "of-body");
}
