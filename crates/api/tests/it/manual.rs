//! Calls that applications log themselves, and what becomes of them.

use anyhow::{Context, Result, ensure};
use hyper::header::{CONTENT_TYPE, HeaderName, RETRY_AFTER};
use serde_json::{Value, json};

use crate::client::{Answer, Call, TestApi};
use crate::installation::{BOTH_KEY, OTHER_READ_KEY, READ_KEY, UNKNOWN_KEY, WRITE_KEY};

const CUSTOM: &str = "/custom/v1/log";
const OPENAI: &str = "/oai/v1/log";
const PATHS: [&str; 7] = [
    OPENAI,
    "/anthropic/v1/log",
    "/googleapis/v1/log",
    CUSTOM,
    "/v1/trace/custom/v1/log",
    "/v1/trace/custom/log",
    "/v1/trace/custom/log/typed",
];
const ID: HeaderName = HeaderName::from_static("helicone-id");
const CHOSEN: &str = "0193a1d2-7c3e-7bbb-8000-1234567890ab";

/// A chat as the packages log it.
fn chat() -> Value {
    json!({
        "providerRequest": {
            "url": "https://api.openai.com/v1/chat/completions?key=s3cret",
            "json": {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]},
            "meta": {},
        },
        "providerResponse": {
            "headers": {},
            "status": 200,
            "json": {
                "model": "gpt-4o-mini-2024-07-18",
                "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi there"}}],
                "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
            },
        },
        "timing": {
            "startTime": {"seconds": 1_795_348_411, "milliseconds": 260},
            "endTime": {"seconds": 1_795_348_412, "milliseconds": 100},
            "timeToFirstToken": null,
        },
    })
}

/// A chat in which the value at `pointer` is another one; nothing at all for null.
fn chat_with(pointer: &str, value: Value) -> Result<Value> {
    let mut body = chat();
    let (parent, name) = pointer.rsplit_once('/').context("a pointer")?;
    let parent = body.pointer_mut(parent).and_then(Value::as_object_mut).context("an object")?;
    match value {
        Value::Null => parent.remove(name),
        value => parent.insert(name.to_owned(), value),
    };
    Ok(body)
}

async fn send(api: &TestApi, path: &str, body: &Value) -> Result<Answer> {
    api.send(Call::post(path, body.to_string()).key(WRITE_KEY)).await
}

/// Returns the row of a call that was logged.
async fn row(api: &TestApi, answer: &Answer) -> Result<Value> {
    ensure!(answer.status == 200 && answer.text() == "ok", "{} {}", answer.status, answer.text());
    ensure!(answer.header(CONTENT_TYPE).starts_with("text/plain"), "{:?}", answer.headers);
    let path = format!("/v1/request/{}?includeBody=true", answer.header(ID));
    let read = api.get(&path).await?.json()?;
    Ok(read.get("data").context("a row")?.clone())
}

async fn logged(api: &TestApi, path: &str, body: &Value) -> Result<Value> {
    row(api, &send(api, path, body).await?).await
}

/// Asserts that the values at these pointers are those of the row.
fn check(row: &Value, expected: &[(&str, Value)]) {
    for (pointer, value) in expected {
        assert_eq!(row.pointer(pointer).unwrap_or(&Value::Null), value, "{pointer} of {row}");
    }
}

#[tokio::test]
async fn a_call_becomes_a_row_with_its_tokens_cost_and_times() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let row = logged(&api, OPENAI, &chat()).await?;
    check(
        &row,
        &[
            ("/provider", json!("OPENAI")),
            ("/model", json!("gpt-4o-mini-2024-07-18")),
            ("/request_model", json!("gpt-4o-mini")),
            ("/prompt_tokens", json!(10)),
            ("/completion_tokens", json!(5)),
            ("/cost_status", json!("priced")),
            ("/cost_nano_usd", json!(4_500)),
            ("/response_status", json!(200)),
            ("/outcome", json!("complete")),
            ("/request_created_at", json!("2026-11-22T11:53:31.260Z")),
            ("/delay_ms", json!(840.0)),
            ("/time_to_first_token", Value::Null),
            ("/request_path", json!("/v1/chat/completions?key=***")),
            ("/target_url", json!("https://api.openai.com/v1/chat/completions?key=***")),
            ("/request_preview", json!("Hello")),
            ("/response_preview", json!("Hi there")),
            ("/request_body/model", json!("gpt-4o-mini")),
            ("/is_stream", json!(false)),
            ("/source", json!("manual")),
        ],
    );
    let others = api.ask(OTHER_READ_KEY, "POST", "/v1/request/query-clickhouse", json!({})).await?.json()?;
    assert_eq!(others.pointer("/data"), Some(&json!([])));
    Ok(())
}

#[tokio::test]
async fn every_path_takes_calls_with_and_without_a_second_slash() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for (path, provider) in
        PATHS.into_iter().zip(["OPENAI", "ANTHROPIC", "GOOGLE"].into_iter().chain(["CUSTOM"; 4]))
    {
        for path in [path.to_owned(), format!("/{path}")] {
            let body = chat_with("/providerRequest/url", json!("custom-model-nopath"))?;
            let row = logged(&api, &path, &body).await?;
            check(&row, &[("/provider", json!(provider)), ("/target_url", json!("custom-model-nopath"))]);
            assert_eq!(row.pointer("/request_model"), Some(&json!("gpt-4o-mini")), "{path}");
            assert!(row["request_path"].as_str().is_some_and(|path| path.ends_with("/v1/log")), "{row}");
        }
    }
    let helicone_auth =
        Call::post(CUSTOM, chat().to_string()).header("helicone-auth", format!("Bearer {BOTH_KEY}"));
    row(&api, &api.send(helicone_auth).await?).await?;
    Ok(())
}

#[tokio::test]
async fn a_provider_is_who_the_record_or_its_url_names() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for (path, url, label, expected) in [
        (CUSTOM, "N/A", json!("openai"), "OPENAI"),
        (CUSTOM, "N/A", json!("My Lab"), "My Lab"),
        (CUSTOM, "https://generativelanguage.googleapis.com/v1beta", Value::Null, "GOOGLE"),
        (CUSTOM, "https://llm.example/v1", Value::Null, "CUSTOM"),
        (OPENAI, "https://api.anthropic.com/v1", Value::Null, "OPENAI"),
        (OPENAI, "N/A", json!("azure"), "AZURE"),
    ] {
        let mut body = chat_with("/providerRequest/url", json!(url))?;
        body["provider"] = label;
        check(&logged(&api, path, &body).await?, &[("/provider", json!(expected))]);
    }
    Ok(())
}

#[tokio::test]
async fn values_stand_in_headers_or_beside_the_record_and_headers_win() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let meta = json!({
        "Helicone-Auth": format!("Bearer {UNKNOWN_KEY}"),
        "Helicone-Request-Id": CHOSEN,
        "helicone-user-id": "of-meta",
        "Helicone-Property-City": "Bern",
        "Helicone-Property-Step": 3,
        "Helicone-Property-Draft": true,
        "Helicone-Property-Nothing": null,
        "Helicone-Property-Nested": {"b": [1, {"c": null}], "a": "x"},
        "Helicone-Session-Id": "s1",
        "Helicone-Session-Path": "/a/b",
        "hidden_params": {"model_id": null, "windows": [[1, 2], {"deep": {"er": []}}]},
        "Helicone-Property-Huge": vec![0; 100_000],
        "llm_api_timing_windows": [1.5, "x"],
        "trace": 7,
    });
    let call = Call::post(CUSTOM, chat_with("/providerRequest/meta", meta)?.to_string())
        .key(WRITE_KEY)
        .header("Helicone-User-Id", "of-header")
        .header("Helicone-Property-City", "Zürich");
    let answer = api.send(call).await?;
    assert_eq!(answer.header(ID), CHOSEN);
    let row = row(&api, &answer).await?;
    check(
        &row,
        &[
            ("/request_id", json!(CHOSEN)),
            ("/request_user_id", json!("of-header")),
            (
                "/request_properties",
                json!({
                    "Helicone-Session-Id": "s1", "Helicone-Session-Path": "/a/b", "city": "Zürich",
                    "draft": "true", "nested": r#"{"a":"x","b":[1,{"c":null}]}"#, "step": "3",
                }),
            ),
        ],
    );
    Ok(())
}

#[tokio::test]
async fn answers_come_as_json_text_chunks_or_events() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let chunk =
        |text: &str| json!({"model": "m", "choices": [{"index": 0, "delta": {"content": text}}]}).to_string();
    let usage = json!({"model": "m", "choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 2}})
        .to_string();
    let (first, second) = (chunk("Hel"), chunk("lo"));
    let events = format!("data: {first}\n\ndata: {second}\n\ndata: {usage}\n\n");
    let lines = format!("{first}\n{second}\n\n{usage}");
    let streamed = json!({"streamed_data": [
        serde_json::from_str::<Value>(&first)?, serde_json::from_str::<Value>(&second)?, format!("data: {usage}"),
    ]});
    for (json, text, expected) in [
        (json!({}), json!(events), &events),
        (json!({}), json!(lines), &events),
        (streamed, Value::Null, &events),
    ] {
        let mut body = chat();
        body["providerResponse"]["json"] = json;
        body["providerResponse"]["textBody"] = text;
        body["timing"]["timeToFirstToken"] = json!(12.5);
        let row = logged(&api, CUSTOM, &body).await?;
        check(
            &row,
            &[
                ("/response_body", json!(expected)),
                ("/is_stream", json!(true)),
                ("/response_preview", json!("Hello")),
                ("/prompt_tokens", json!(4)),
                ("/completion_tokens", json!(2)),
                ("/time_to_first_token", json!(12.5)),
            ],
        );
    }
    for (json, text, expected) in [
        (json!({}), json!("Traceback\n\n{}"), json!("Traceback\n\n{}")),
        (json!({"a": 1}), json!(""), json!({"a": 1})),
        (json!({"a": 1}), json!("{\"b\": 2}"), json!({"b": 2})),
        (Value::Null, json!("plain"), json!("plain")),
        (json!([1, "x"]), Value::Null, json!([1, "x"])),
        (json!({"streamed_data": 5}), Value::Null, json!({"streamed_data": 5})),
    ] {
        let mut body = chat();
        body["providerResponse"]["json"] = json;
        body["providerResponse"]["textBody"] = text;
        check(
            &logged(&api, CUSTOM, &body).await?,
            &[("/response_body", expected), ("/is_stream", json!(false))],
        );
    }
    Ok(())
}

#[tokio::test]
async fn an_event_is_filed_under_its_name() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for (request, model) in [
        (json!({"_type": "tool", "toolName": "weather", "input": "Zurich"}), "tool:weather"),
        (json!({"_type": "vector_db", "operation": "search", "text": "x"}), "vector_db"),
        (json!({"_type": "data", "name": "sync", "meta": {}}), "data:sync"),
    ] {
        let mut body = chat_with("/providerRequest/json", request.clone())?;
        body["providerRequest"]["url"] = json!("custom-model-nopath");
        body["providerResponse"]["json"] =
            json!({"_type": request["_type"], "model": "x", "usage": {"prompt_tokens": 1}});
        check(
            &logged(&api, CUSTOM, &body).await?,
            &[
                ("/model", json!(model)),
                ("/provider", json!("CUSTOM")),
                ("/prompt_tokens", Value::Null),
                ("/cost", Value::Null),
                ("/request_body", request),
            ],
        );
    }
    Ok(())
}

#[tokio::test]
async fn statuses_say_how_the_call_ended() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for (status, shown, outcome) in [
        (json!(200), 200, "complete"),
        (json!(500.0), 500, "complete"),
        (json!(-3), -3, "client_gone"),
        (json!(-2), -2, "timed_out"),
        (json!(0), 0, "failed"),
    ] {
        let row = logged(&api, CUSTOM, &chat_with("/providerResponse/status", status)?).await?;
        check(&row, &[("/response_status", json!(shown)), ("/outcome", json!(outcome))]);
    }
    Ok(())
}

#[tokio::test]
async fn times_come_in_many_forms() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    for (start, end, at, took) in [
        (
            json!({"seconds": 1.5, "milliseconds": 0}),
            json!({"seconds": "2", "milliseconds": "250.5"}),
            "1970-01-01T00:00:01.500Z",
            750.5,
        ),
        (json!({"seconds": 3}), json!(4), "1970-01-01T00:00:03.000Z", 1000.0),
        (json!("2026-11-22T14:06:00Z"), json!("2026-11-22T14:06:00.5Z"), "2026-11-22T14:06:00.000Z", 500.0),
        (json!({"seconds": 5}), json!({"seconds": 5}), "1970-01-01T00:00:05.000Z", 0.0),
        (json!({"seconds": 5}), json!({"seconds": 4, "milliseconds": 999}), "1970-01-01T00:00:05.000Z", 0.0),
        // The last time that can be written.
        (json!(253_402_207_200_u64), json!(253_402_207_200_u64), "9999-12-30T22:00:00.000Z", 0.0),
    ] {
        let body = chat_with("/timing", json!({"startTime": start, "endTime": end}))?;
        let row = logged(&api, CUSTOM, &body).await?;
        check(&row, &[("/request_created_at", json!(at)), ("/delay_ms", json!(took))]);
    }
    let row = logged(&api, CUSTOM, &chat_with("/timing", Value::Null)?).await?;
    let now = row["request_created_at"].as_str().context("a time")?;
    assert!(now > "2026-01-01", "{now}");
    check(&row, &[("/delay_ms", json!(0.0))]);
    Ok(())
}

#[tokio::test]
async fn no_credential_reaches_the_row() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let request = r#"{"model": "gpt-4", "api_key": "sk-s3cret", "api_base": null, "n": 1.0, "headers": {"Authorization": "Bearer s3cret", "x": "y"}}"#;
    let body = chat_with("/providerRequest/json", json!("HERE"))?.to_string().replace("\"HERE\"", request);
    let answer = api.send(Call::post(OPENAI, body).key(WRITE_KEY)).await?;
    row(&api, &answer).await?;
    let shown = api.get(&format!("/v1/request/{}?includeBody=true", answer.header(ID))).await?.text();
    let kept = r#"{"model": "gpt-4", "api_key": "***", "api_base": null, "n": 1.0, "headers": {"Authorization": "***", "x": "y"}}"#;
    assert!(shown.contains(kept) && !shown.contains("s3cret"), "{shown}");
    Ok(())
}

#[tokio::test]
async fn bodies_are_left_out_where_the_caller_says_so() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let meta = json!({"Helicone-Omit-Request": "true", "Helicone-Omit-Response": "true"});
    let row = logged(&api, OPENAI, &chat_with("/providerRequest/meta", meta)?).await?;
    check(
        &row,
        &[
            ("/request_body", Value::Null),
            ("/response_body", Value::Null),
            ("/request_body_state", json!("omitted")),
            ("/response_preview", Value::Null),
            ("/prompt_tokens", json!(10)),
            ("/model", json!("gpt-4o-mini-2024-07-18")),
        ],
    );
    Ok(())
}

#[tokio::test]
async fn what_is_wrong_is_named_and_nothing_is_logged() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let second = |seconds: i64| json!({"seconds": seconds, "milliseconds": 0});
    let timing = |start: Value, end: Value| json!({"startTime": start, "endTime": end});
    for (pointer, value, named) in [
        ("/providerRequest", Value::Null, "providerRequest"),
        ("/providerRequest", json!([]), "providerRequest"),
        ("/providerRequest/url", Value::Null, "providerRequest.url"),
        ("/providerRequest/url", json!(7), "providerRequest.url"),
        ("/providerRequest/json", Value::Null, "providerRequest.json"),
        ("/providerRequest/meta", json!("x"), "providerRequest.meta"),
        ("/providerResponse", json!("x"), "providerResponse"),
        ("/providerResponse/json", Value::Null, "providerResponse.json"),
        ("/providerResponse/textBody", json!({}), "providerResponse.textBody"),
        ("/providerResponse/status", Value::Null, "providerResponse.status"),
        ("/providerResponse/status", json!("200"), "providerResponse.status"),
        ("/providerResponse/status", json!(200.5), "providerResponse.status"),
        ("/providerResponse/status", json!(1e30), "providerResponse.status"),
        ("/providerResponse/headers", json!([1]), "providerResponse.headers"),
        ("/provider", json!(1), "provider"),
        ("/timing", json!(1), "timing"),
        ("/timing", timing(json!({"seconds": vec![0; 1_000]}), second(4)), "timing.startTime.seconds"),
        ("/providerResponse/status", json!("2".repeat(1_000)), "providerResponse.status"),
        ("/timing", timing(second(5), second(4)), "timing.endTime"),
        ("/timing", timing(second(-1), second(4)), "timing.startTime.seconds"),
        ("/timing", timing(json!({"seconds": "x"}), second(4)), "timing.startTime.seconds"),
        ("/timing", timing(json!({"seconds": "NaN"}), second(4)), "timing.startTime.seconds"),
        ("/timing", timing(second(1), json!({"seconds": 1e300})), "timing.endTime.seconds"),
        (
            "/timing",
            timing(second(1), json!({"seconds": 2, "milliseconds": -1})),
            "timing.endTime.milliseconds",
        ),
        ("/timing", timing(second(1), Value::Null), "timing.endTime"),
        ("/timing", timing(second(1), second(253_402_207_201)), "timing.endTime.seconds"),
        (
            "/timing",
            timing(second(1), json!({"seconds": 253_402_207_200_u64, "milliseconds": 1_000})),
            "timing.endTime",
        ),
        ("/timing", timing(json!("today"), second(1)), "timing.startTime"),
        ("/timing/timeToFirstToken", json!(-1), "timing.timeToFirstToken"),
        ("/timing/timeToFirstToken", json!([]), "timing.timeToFirstToken"),
    ] {
        let answer = send(&api, CUSTOM, &chat_with(pointer, value.clone())?).await?;
        assert_eq!(answer.outcome()?, (400, "invalid_field".to_owned()), "{pointer} {value}");
        assert!(answer.message()?.contains(&format!("`{named}`")), "{pointer} {value}: {}", answer.text());
    }
    let deep = format!("{{\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
    for body in
        ["", "[]", "null", "{", "\u{0}", "{\"providerRequest\":{},\"providerRequest\":{}}", deep.as_str()]
    {
        let answer = api.send(Call::post(CUSTOM, body.to_owned()).key(WRITE_KEY)).await?;
        assert_eq!(answer.outcome()?, (400, "invalid_json".to_owned()), "{body}");
    }
    let not_text = api.send(Call::post(CUSTOM, b"{\"a\":\"\xff\"}".to_vec()).key(WRITE_KEY)).await?;
    assert_eq!(not_text.outcome()?, (400, "invalid_json".to_owned()));
    for (key, outcome) in [(READ_KEY, (403, "forbidden")), (UNKNOWN_KEY, (401, "invalid_api_key"))] {
        let answer = api.send(Call::post(CUSTOM, chat().to_string()).key(key)).await?;
        assert_eq!(answer.outcome()?, (outcome.0, outcome.1.to_owned()));
    }
    let count = api.post("/v1/request/count/query", "{}").await?.json()?;
    assert_eq!(count.pointer("/data"), Some(&json!(0)));
    Ok(())
}

#[tokio::test]
async fn a_body_has_a_bound() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    let body = |bytes: usize| {
        let body = chat_with("/providerRequest/json", json!({"input": ""})).map(|body| body.to_string());
        body.map(|body| {
            body.replace("\"input\":\"\"", &format!("\"input\":\"{}\"", "x".repeat(bytes - body.len())))
        })
    };
    let most = 10 * 1024 * 1024;
    let answer = api.send(Call::post(CUSTOM, body(most)?).key(WRITE_KEY)).await?;
    row(&api, &answer).await?;
    let answer = api.send(Call::post(CUSTOM, body(most + 1)?).key(WRITE_KEY)).await?;
    assert_eq!(answer.outcome()?, (413, "body_too_large".to_owned()));
    Ok(())
}

#[tokio::test]
async fn without_room_the_caller_is_told_to_try_again() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    api.intake.fill();
    let answer = send(&api, CUSTOM, &chat()).await?;
    assert_eq!(answer.outcome()?, (503, "store_unavailable".to_owned()));
    assert_eq!(answer.header(RETRY_AFTER), "1");
    assert!(answer.message()?.contains("journal"), "{}", answer.text());
    Ok(())
}

#[tokio::test]
async fn a_call_that_no_record_holds_is_too_large_and_not_tried_again() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    api.intake.shrink();
    assert_eq!(send(&api, CUSTOM, &chat()).await?.outcome()?, (413, "body_too_large".to_owned()));
    Ok(())
}
