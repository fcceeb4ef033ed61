//! Feedback and properties that are added to logged calls.

use anyhow::{Context, Result};
use gatehouse_store::log::{Batch, FeedbackValue, LogStore, MAX_ANNOTATIONS, RATING};
use gatehouse_types::Timestamp;
use hyper::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN, RETRY_AFTER,
};
use serde_json::{Value, json};

use crate::client::{Answer, Call, TestApi};
use crate::installation::{BOTH_KEY, OTHER_KEY, READ_KEY, UNKNOWN_KEY, WRITE_KEY, ours};
use crate::memory_log::{Mood, full_row, request_id};

const ID: &str = "00000000-0000-0000-0000-000000000001";
const ROW: &str = "/v1/request/00000000-0000-0000-0000-000000000001";
const RATE: &str = "/v1/request/00000000-0000-0000-0000-000000000001/feedback";
const PROPERTY: &str = "/v1/request/00000000-0000-0000-0000-000000000001/property";
const FEEDBACK: &str = "/v1/feedback";
const LOG: &str = "/v1/log";

async fn start() -> Result<TestApi> {
    TestApi::start(vec![full_row(ours(), 1)]).await
}

fn put(path: &str, body: &Value) -> Call {
    Call::new("PUT", path).body(body.to_string())
}

fn post(path: &str, body: &Value) -> Call {
    Call::post(path, body.to_string())
}

async fn write(api: &TestApi, call: Call) -> Result<Answer> {
    api.send(call.key(WRITE_KEY)).await
}

async fn row(api: &TestApi) -> Result<Value> {
    let answer = api.get(ROW).await?.json()?;
    let mut row = answer.get("data").context("a row")?.clone();
    // Each answer has a link of its own.
    row.as_object_mut().context("an object")?.remove("signed_body_url");
    Ok(row)
}

#[tokio::test]
async fn a_rating_shows_in_the_row_and_the_last_one_counts() -> Result<()> {
    let api = start().await?;
    let before = row(&api).await?;
    assert_eq!((&before["scores"], &before["feedback"]), (&json!({}), &json!({})));
    for (path, id_in_body, status) in [(RATE, false, 201), (FEEDBACK, true, 200)] {
        for rating in [true, true, false] {
            let mut body = json!({ "rating": rating });
            if id_in_body {
                body["helicone-id"] = json!(ID);
            }
            let answer = write(&api, post(path, &body)).await?;
            assert_eq!(answer.status, status, "{}", answer.text());
            let expected = match status {
                201 => json!({"data": null, "error": null}),
                _ => json!({"message": "the feedback was accepted", "helicone_id": ID}),
            };
            assert_eq!(answer.json()?, expected);
            let row = row(&api).await?;
            assert_eq!(row["feedback_rating"], json!(rating));
            assert_eq!(row["feedback_id"], json!(ID));
            assert_eq!(row["scores"], json!({ RATING: u8::from(rating) }));
            let at = row["feedback_created_at"].as_str().context("a time")?;
            assert!(Timestamp::parse(at).is_some(), "{at}");
            assert_eq!(row["updated_at"], json!(at));
            let shown = json!({ RATING: {"value": rating, "data_type": "boolean", "created_at": at} });
            assert_eq!(row["feedback"], shown);
        }
    }
    let listed = api.post("/v1/request/query-clickhouse", "{}").await?.json()?;
    assert_eq!(listed["data"][0]["feedback_rating"], json!(false));
    Ok(())
}

#[tokio::test]
async fn feedback_of_any_name_keeps_its_type() -> Result<()> {
    let api = start().await?;
    let check = async |value: Value, data_type: Option<&str>, expected: &str| -> Result<()> {
        let mut body = json!({"helicone-id": ID.to_uppercase(), "name": "tone", "value": value});
        if let Some(data_type) = data_type {
            body["data-type"] = json!(data_type);
        }
        let answer = write(&api, post(FEEDBACK, &body)).await?;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()?["helicone_id"], json!(ID));
        let shown = row(&api).await?["feedback"]["tone"].clone();
        assert_eq!((&shown["value"], &shown["data_type"]), (&value, &json!(expected)));
        Ok(())
    };
    check(json!(true), None, "boolean").await?;
    check(json!(4.5), None, "numerical").await?;
    check(json!("ok"), None, "string").await?;
    check(json!(false), Some("boolean"), "boolean").await?;
    check(json!(-1.0), Some("numerical"), "numerical").await?;
    check(json!("日本"), Some("string"), "string").await?;
    check(json!("warm"), Some("categorical"), "categorical").await?;
    let row = row(&api).await?;
    assert_eq!((&row["feedback_rating"], &row["scores"]), (&Value::Null, &json!({})), "no rating");
    Ok(())
}

#[tokio::test]
async fn added_properties_win_over_those_of_the_call() -> Result<()> {
    let api = start().await?;
    let body = json!({"key": "Environment", "value": "staging"});
    let answer = write(&api, put(PROPERTY, &body)).await?;
    assert_eq!((answer.status.as_u16(), answer.text().as_str()), (201, r#"{"data":null,"error":null}"#));
    let call = post(LOG, &json!({"helicone-id": ID}))
        .header("Helicone-Property-Team", "blue")
        .header("helicone-property-city", "Zürich")
        .header("helicone-user-id", "bob");
    let answer = write(&api, call).await?;
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(answer.json()?, json!({"message": "the properties were accepted", "helicone_id": ID}));
    assert_eq!(write(&api, post(LOG, &json!({"helicone-id": ID}))).await?.status, 200, "none to add");
    let row = row(&api).await?;
    let expected = json!({"Environment": "staging", "team": "blue", "city": "Zürich"});
    assert_eq!((&row["properties"], &row["request_properties"]), (&expected, &expected));
    assert_eq!(row["request_user_id"], "alice");
    Ok(())
}

#[tokio::test]
async fn what_comes_before_the_row_waits_for_it() -> Result<()> {
    let api = TestApi::start(Vec::new()).await?;
    assert_eq!(write(&api, post(RATE, &json!({"rating": true}))).await?.status, 201);
    assert_eq!(api.get(ROW).await?.status, 404);
    api.log.insert(Batch { rows: vec![full_row(ours(), 1)], journal_position: 1 }).await?;
    assert_eq!(row(&api).await?["feedback_rating"], json!(true));
    Ok(())
}

#[tokio::test]
async fn a_stranger_touches_and_learns_nothing() -> Result<()> {
    let api = start().await?;
    let unknown = "00000000-0000-0000-0000-0000000000ff";
    let calls = |id: &str| {
        [
            post(&format!("/v1/request/{id}/feedback"), &json!({"rating": false})),
            put(&format!("/v1/request/{id}/property"), &json!({"key": "Environment", "value": "stolen"})),
            post(FEEDBACK, &json!({"helicone-id": id, "rating": false})),
            post(LOG, &json!({"helicone-id": id})).header("helicone-property-a", "stolen"),
        ]
    };
    let before = row(&api).await?;
    for (known, unknown_call) in calls(ID).into_iter().zip(calls(unknown)) {
        let known = api.send(known.key(OTHER_KEY)).await?;
        let unknown_answer = api.send(unknown_call.key(OTHER_KEY)).await?;
        assert_eq!(known.status, unknown_answer.status);
        assert_eq!(known.text().replace(ID, unknown), unknown_answer.text());
    }
    assert_eq!(row(&api).await?, before);
    assert_eq!(api.send(Call::get(ROW).key(OTHER_KEY)).await?.status, 404);
    Ok(())
}

#[tokio::test]
async fn only_a_key_that_may_write_gets_in() -> Result<()> {
    let api = start().await?;
    let calls = || {
        [
            post(RATE, &json!({"rating": true})),
            put(PROPERTY, &json!({"key": "a", "value": "b"})),
            post(FEEDBACK, &json!({"helicone-id": ID, "rating": true})),
            post(LOG, &json!({"helicone-id": ID})).header("helicone-property-a", "b"),
        ]
    };
    let check = async |header: Option<(&'static str, &str)>, status: u16, code: &str| -> Result<()> {
        for call in calls() {
            let call = match header {
                Some((name, key)) => call.header(name, format!("Bearer {key}")),
                None => call,
            };
            assert_eq!(api.send(call).await?.outcome()?, (status, code.to_owned()), "{header:?}");
        }
        Ok(())
    };
    check(None, 401, "missing_api_key").await?;
    check(Some(("helicone-auth", UNKNOWN_KEY)), 401, "invalid_api_key").await?;
    check(Some(("authorization", READ_KEY)), 403, "forbidden").await?;
    assert!(api.log.annotations().is_empty(), "nothing was written");
    for (header, key) in [("helicone-auth", WRITE_KEY), ("authorization", BOTH_KEY)] {
        for call in calls() {
            assert!(api.send(call.header(header, format!("Bearer {key}"))).await?.status.is_success());
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_bad_body_is_told_its_fault_and_changes_nothing() -> Result<()> {
    let api = start().await?;
    let check = async |call: Call, status: u16, code: &str, message: &str| -> Result<()> {
        let answer = write(&api, call).await?;
        assert_eq!(answer.outcome()?, (status, code.to_owned()), "{message}: {}", answer.text());
        let text = answer.json()?["error"]["message"].to_string();
        assert!(text.contains(message), "{text}");
        Ok(())
    };
    let invalid = async |call: Call, message: &str| check(call, 400, "invalid_field", message).await;
    for (method, path) in [("POST", RATE), ("PUT", PROPERTY), ("POST", FEEDBACK), ("POST", LOG)] {
        let call = |body: &str| Call::new(method, path).body(body.to_owned());
        check(call(""), 400, "invalid_json", "line 1 column 0").await?;
        check(call("{\"rating\": tru"), 400, "invalid_json", "line 1").await?;
        check(call("[]"), 400, "invalid_json", "object").await?;
        check(call("\u{0}"), 400, "invalid_json", "line 1").await?;
        check(call(&" ".repeat(1024 * 1024 + 1)), 413, "body_too_large", "1048576").await?;
        check(Call::new("PATCH", path), 405, "method_not_allowed", "Allow").await?;
    }
    for rating in [json!(null), json!(1), json!("true"), json!({}), json!([true])] {
        invalid(post(RATE, &json!({ "rating": rating })), "`rating` must be true or false").await?;
        invalid(post(FEEDBACK, &json!({"helicone-id": ID, "rating": rating})), "`rating`").await?;
    }
    invalid(post(RATE, &json!({})), "`rating`").await?;
    invalid(post("/v1/request/x/feedback", &json!({"rating": true})), "`id` must be a UUID").await?;
    invalid(put("/v1/request/%ff/property", &json!({"key": "a", "value": "b"})), "`id`").await?;
    for id in [json!(null), json!("x"), json!(7), json!(format!("{ID}0"))] {
        invalid(post(FEEDBACK, &json!({"helicone-id": id, "rating": true})), "`helicone-id`").await?;
        let call = post(LOG, &json!({ "helicone-id": id })).header("helicone-property-a", "b");
        invalid(call, "`helicone-id`").await?;
    }
    let long = "n".repeat(201);
    let large = "v".repeat(10_001);
    for (key, value, message) in [
        (json!(""), json!("v"), "`key` must be a text of 1 to 200 characters"),
        (json!(long), json!("v"), "`key`"),
        (json!(null), json!("v"), "`key`"),
        (json!(1), json!("v"), "`key`"),
        (json!("k"), json!(1), "`value` must be a text"),
        (json!("k"), json!(null), "`value`"),
        (json!("k"), json!(large), "`value` must be at most 10000 bytes long"),
    ] {
        invalid(put(PROPERTY, &json!({"key": key, "value": value})), message).await?;
    }
    for (fields, message) in [
        (json!({}), "`rating` must be true or false, or else"),
        (json!({"name": "n"}), "`value`"),
        (json!({"value": 1}), "`rating`"),
        (json!({"name": 1, "value": 1}), "`name`"),
        (json!({"name": "", "value": 1}), "`name`"),
        (json!({"name": long, "value": 1}), "`name`"),
        (json!({"name": "n", "value": large}), "`value` must be at most"),
        (json!({"name": "n", "value": []}), "`value` must be true or false, a number, or a text"),
        (json!({"name": "n", "value": 1, "data-type": "float"}), "`data-type` must be one of boolean, num"),
        (json!({"name": "n", "value": 1, "data-type": 1}), "`data-type`"),
        (json!({"name": "n", "value": 1, "data-type": "boolean"}), "`value` must be true or false"),
        (json!({"name": "n", "value": "1", "data-type": "numerical"}), "`value` must be a number"),
        (json!({"name": "n", "value": true, "data-type": "string"}), "`value` must be a text"),
        (json!({"name": "n", "value": 1, "data-type": "categorical"}), "`value` must be a text"),
        (json!({"name": "n", "value": 1, "rating": true}), "`rating` must be left out"),
        (json!({"name": RATING, "value": "good"}), "`value` must be true or false"),
    ] {
        let mut body = fields;
        body["helicone-id"] = json!(ID);
        invalid(post(FEEDBACK, &body), message).await?;
    }
    let headers = |name: &'static str, value: &str| {
        let call = post(LOG, &json!({"helicone-id": ID})).header("helicone-property-good", "v");
        call.header(name, value)
    };
    invalid(headers("helicone-property-", "v"), "`helicone-property-` must be").await?;
    invalid(headers("helicone-property-big", &large), "`helicone-property-big` must be").await?;
    assert!(api.log.annotations().is_empty(), "nothing was written");
    Ok(())
}

#[tokio::test]
async fn a_call_takes_so_many_annotations() -> Result<()> {
    let api = start().await?;
    let set = async |number: usize| {
        write(&api, put(PROPERTY, &json!({"key": number.to_string(), "value": "v"}))).await
    };
    for number in 0..MAX_ANNOTATIONS {
        assert_eq!(set(number).await?.status, 201);
    }
    assert_eq!(set(MAX_ANNOTATIONS).await?.outcome()?, (409, "limit_reached".to_owned()));
    assert_eq!(set(0).await?.status, 201, "what is there can change");
    assert_eq!(
        row(&api).await?["properties"].as_object().map(serde_json::Map::len),
        Some(MAX_ANNOTATIONS + 1)
    );
    Ok(())
}

#[tokio::test]
async fn a_store_that_is_away_is_told_and_keeps_nothing() -> Result<()> {
    let api = start().await?;
    for (mood, status, code) in
        [(Mood::Unavailable, 503, "store_unavailable"), (Mood::Fails, 500, "internal")]
    {
        api.log.set_mood(mood);
        let answer = write(&api, post(RATE, &json!({"rating": true}))).await?;
        assert_eq!(answer.outcome()?, (status, code.to_owned()));
        assert!(!answer.text().contains("secret"), "{}", answer.text());
        assert_eq!(answer.header(RETRY_AFTER), if status == 503 { "1" } else { "" });
    }
    api.log.set_mood(Mood::Works);
    assert!(api.log.annotations().is_empty());
    assert_eq!(write(&api, post(RATE, &json!({"rating": true}))).await?.status, 201);
    let kept = api.log.annotations();
    let rating = kept.get(&(ours(), request_id(1))).and_then(|kept| kept.feedback.get(RATING));
    assert_eq!(rating.map(|given| given.value.clone()), Some(FeedbackValue::Boolean(true)));
    Ok(())
}

#[tokio::test]
async fn a_page_of_any_origin_may_give_feedback() -> Result<()> {
    let api = start().await?;
    let preflight = api.send(Call::new("OPTIONS", FEEDBACK)).await?;
    assert_eq!(preflight.status, 204);
    assert_eq!(preflight.header(ACCESS_CONTROL_ALLOW_ORIGIN), "*");
    assert_eq!(preflight.header(ACCESS_CONTROL_ALLOW_METHODS), "POST");
    let allowed = "Content-Type, helicone-auth, helicone-jwt";
    assert_eq!(preflight.header(ACCESS_CONTROL_ALLOW_HEADERS), allowed);
    let given = write(&api, post(FEEDBACK, &json!({"helicone-id": ID, "rating": true}))).await?;
    assert_eq!((given.status.as_u16(), given.header(ACCESS_CONTROL_ALLOW_ORIGIN)), (200, "*"));
    let refused = api.send(Call::post(FEEDBACK, "{}")).await?;
    assert_eq!((refused.status.as_u16(), refused.header(ACCESS_CONTROL_ALLOW_ORIGIN)), (401, "*"));
    assert_eq!(api.get(ROW).await?.header(ACCESS_CONTROL_ALLOW_ORIGIN), "");
    Ok(())
}
