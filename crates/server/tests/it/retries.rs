//! Asking again, and asking others: never after the first byte went to the client.

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::double::{Script, Step};
use serde_json::{Value, json};

use crate::support::{Call, DEADLINE, House, chat_body, expect_end, helicone_id, refusal, text};

/// A call that is tried again at once.
fn retried(call: Call<'static>) -> Call<'static> {
    call.header("Helicone-Retry-Enabled", "true").header("helicone-retry-min-timeout", "1")
}

fn attempts(row: &Value) -> Vec<Value> {
    row.get("attempts").and_then(Value::as_array).cloned().unwrap_or_default()
}

fn statuses(row: &Value) -> Vec<i64> {
    attempts(row).iter().filter_map(|attempt| attempt.get("status").and_then(Value::as_i64)).collect()
}

// proves: Helicone-Retry-Enabled, helicone-retry-num
#[tokio::test]
async fn a_provider_that_fails_k_times_is_asked_again() -> Result<()> {
    let house = House::start().await?;
    for stream in [false, true] {
        for (failing, status, expected) in [(1, 429, 200), (4, 500, 200), (4, 503, 200), (5, 500, 500)] {
            let before = house.double.requests().len();
            let call = Call::chat(&chat_body(stream))
                .double(&format!("first={failing},status={status},tag={stream}{failing}{status}"));
            let answer = house.exchange(&retried(call)).await?;
            ensure!(i64::from(answer.head.status) == expected, "{failing} × {status}: {answer:?}");
            let asked = if failing < 5 { failing + 1 } else { 5 };
            ensure!(house.double.requests().len() - before == asked, "{failing} × {status}");
            let row = house.row(&helicone_id(&answer.head.headers)?).await?;
            let mut expected_statuses = vec![status; failing];
            expected_statuses.extend((failing < 5).then_some(200));
            ensure!(statuses(&row) == expected_statuses, "{row}");
            ensure!(row.get("response_status").and_then(Value::as_i64) == Some(expected), "{row}");
        }
    }
    Ok(())
}

// proves: Helicone-Retry-Enabled
#[tokio::test]
async fn retries_that_are_off_stay_off() -> Result<()> {
    let house = House::start().await?;
    for header in [None, Some("false"), Some("False"), Some("0")] {
        let before = house.double.requests().len();
        let mut call = Call::chat(&chat_body(false)).double("status=500");
        if let Some(value) = header {
            call = call.header("Helicone-Retry-Enabled", value).header("helicone-retry-num", "4");
        }
        let answer = house.exchange(&call).await?;
        ensure!(answer.head.status == 500, "{answer:?}");
        ensure!(house.double.requests().len() == before + 1, "{header:?}");
    }
    Ok(())
}

// proves: helicone-retry-num
#[tokio::test]
async fn what_the_provider_says_of_trying_again_is_heard() -> Result<()> {
    let house = House::start().await?;
    for (directives, asked) in [
        // A client that would be told to come back after an hour is told so at once.
        ("status=429,retry-after=3600", 1),
        ("status=500,should-retry=false", 1),
        ("status=400,should-retry=true", 3),
        ("status=503,retry-after-ms=1", 3),
        ("status=429,retry-after=0", 3),
        ("status=400", 1),
        ("status=404", 1),
    ] {
        let before = house.double.requests().len();
        let call = retried(Call::chat(&chat_body(false)).double(directives))
            .header("helicone-retry-num", "3")
            .header("helicone-retry-factor", "1")
            .header("helicone-retry-max-timeout", "2");
        let answer = house.exchange(&call).await?;
        ensure!(house.double.requests().len() - before == asked, "{directives}: {answer:?}");
        let retry_after = answer.head.headers.text("retry-after");
        ensure!(retry_after.is_some() == directives.contains("retry-after="), "{directives}: {answer:?}");
    }
    Ok(())
}

// proves: helicone-retry-min-timeout, helicone-retry-factor, helicone-retry-max-timeout
#[tokio::test]
async fn pauses_are_as_long_as_the_caller_says() -> Result<()> {
    // A pause that does not fit into what is left of the call is not begun: that tells how long it would be.
    let house = House::with_toml("[gateway]\ntotal_timeout = \"5s\"\n").await?;
    for (number, (min_timeout, factor, max_timeout, asked)) in
        [("1", "1", None, 4), ("6000", "1", None, 1), ("600", "10", None, 2), ("200", "10", Some("300"), 4)]
            .into_iter()
            .enumerate()
    {
        let before = house.double.requests().len();
        let call = Call::chat(&chat_body(false)).double(&format!("status=500,tag=pause{number}"));
        let call = call
            .header("Helicone-Retry-Enabled", "true")
            .header("helicone-retry-num", "4")
            .header("helicone-retry-min-timeout", min_timeout)
            .header("helicone-retry-factor", factor);
        let call = match max_timeout {
            Some(longest) => call.header("helicone-retry-max-timeout", longest),
            None => call,
        };
        let answer = house.exchange(&call).await?;
        ensure!(answer.head.status == 500, "{answer:?}");
        let times = house.double.requests().len() - before;
        ensure!(times == asked, "{min_timeout} {factor} {max_timeout:?}: asked {times} times");
    }
    Ok(())
}

#[tokio::test]
async fn a_cut_before_the_head_is_mended_and_one_after_it_never() -> Result<()> {
    let house = House::start().await?;
    house.double.script("before", Script::default().then(Step::Close));
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n";
    let cut = Script::bytes(format!("{head}9\r\ndata: a\n\n\r\n")).then(Step::Close);
    house.double.script("after", cut);
    let call = |script: &str| {
        let call = Call::chat(&chat_body(true)).double(&format!("first=1,tag={script}"));
        retried(call.header("x-double-script", script))
    };
    let answer = house.exchange(&call("before")).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    ensure!(house.double.requests().len() == 2);
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    let first = attempts(&row).first().cloned().context("no attempts")?;
    ensure!(text(&first, "error_kind") == "upstream_closed", "{row}");
    let answer = house.exchange(&call("after")).await?;
    ensure!(answer.end.is_err(), "a cut answer came to a clean end");
    ensure!(house.double.requests().len() == 3, "an answer that had begun was asked for again");
    Ok(())
}

/// A list of fallbacks to hosts of the double.
fn fallbacks(entries: &[(&str, &str, Value)]) -> String {
    let entry = |(url, double, more): &(&str, &str, Value)| {
        let mut entry = json!({
            "target-url": url,
            "headers": {"Authorization": "Bearer sk-of-the-entry", "x-double": double},
            "onCodes": [429, {"from": 500, "to": 599}],
        });
        if let (Some(entry), Some(more)) = (entry.as_object_mut(), more.as_object()) {
            entry.extend(more.clone());
        }
        entry
    };
    Value::Array(entries.iter().map(entry).collect()).to_string()
}

const GROQ: &str = "https://api.groq.com";
const TOGETHER: &str = "https://api.together.xyz";

// proves: Helicone-Fallbacks, helicone-fallback-index
#[tokio::test]
async fn the_next_target_is_asked_when_one_answers_with_its_codes() -> Result<()> {
    let house = House::start().await?;
    for (first, second, status, index, asked) in [
        ("", "", 200, "0", 1),
        ("status=500", "", 200, "1", 2),
        ("status=429", "status=401", 401, "1", 2),
        ("status=401", "", 401, "0", 1),
        // The last one's answer stands whatever it is.
        ("status=503", "status=500", 500, "1", 2),
    ] {
        let before = house.double.requests().len();
        let list = fallbacks(&[
            (GROQ, first, json!({})),
            (TOGETHER, second, json!({"bodyKeyOverride": {"model": "other", "extra": {"a": 1}}})),
        ]);
        let body = chat_body(false);
        let call = Call::chat(&body).without("Helicone-Target-Url").header("Helicone-Fallbacks", list);
        let answer = house.exchange(&call).await?;
        ensure!(answer.head.status == status, "{first} {second}: {answer:?}");
        let told = answer.head.headers.text("helicone-fallback-index");
        ensure!(told.as_deref() == Some(index), "{answer:?}");
        let requests = house.double.requests();
        let requests = requests.get(before..).context("requests were forgotten")?;
        ensure!(requests.len() == asked, "{first} {second}");
        let (one, rest) = requests.split_first().context("nothing arrived")?;
        ensure!(one.sni.as_deref() == Some("api.groq.com"), "{one:?}");
        ensure!(one.headers.text("authorization").as_deref() == Some("Bearer sk-of-the-entry"), "{one:?}");
        ensure!(one.headers.text("content-type").is_some() && one.json()? == body, "{one:?}");
        if let Some(two) = rest.first() {
            let sent = two.json()?;
            ensure!(sent.get("model") == Some(&json!("other")), "{sent}");
            ensure!(
                sent.pointer("/extra/a") == Some(&json!(1)) && sent.get("messages") == body.get("messages")
            );
        }
        let row = house.row(&helicone_id(&answer.head.headers)?).await?;
        let provider = if index == "0" { "GROQ" } else { "TOGETHER" };
        ensure!(text(&row, "provider") == provider && attempts(&row).len() == asked, "{row}");
        ensure!(!row.to_string().contains("sk-of-the-entry"), "{row}");
    }
    Ok(())
}

// proves: Helicone-Fallbacks
#[tokio::test]
async fn a_target_that_cant_be_had_is_passed_over() -> Result<()> {
    let house = House::start().await?;
    house.double.script("gone", Script::default().then(Step::Reset));
    let list =
        fallbacks(&[(GROQ, "", json!({"headers": {"x-double-script": "gone"}})), (TOGETHER, "", json!({}))]);
    let call = Call::chat(&chat_body(true)).without("Helicone-Target-Url").header("Helicone-Fallbacks", list);
    let answer = house.exchange(&retried(call).header("helicone-retry-num", "2")).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    let kinds: Vec<_> = attempts(&row).iter().map(|attempt| text(attempt, "error_kind").to_owned()).collect();
    ensure!(kinds == ["upstream_closed", "upstream_closed", ""], "{row}");
    Ok(())
}

#[tokio::test]
async fn a_call_that_waits_for_its_next_try_is_recorded_whoever_ends_it() -> Result<()> {
    let mut house = House::with_toml("[gateway]\ndrain_timeout = \"1s\"\n").await?;
    let id = |number: usize| format!("0199f0a1-7c1e-7c3a-9a55-0000000007{number:02}");
    let waiting = |number: usize| {
        Call::chat(&chat_body(false))
            .header("Helicone-Request-Id", id(number))
            .header("Helicone-Retry-Enabled", "true")
            .header("helicone-retry-min-timeout", "60000")
            .header("Helicone-RateLimit-Policy", "10;w=86400")
            .double("status=500")
    };
    let mut client = house.client().await?;
    client.send(waiting(1).bytes()).await?;
    house.double.wait_for(1).await?;
    client.reset();
    let row = house.row(&id(1)).await?;
    expect_end(&row, "client_gone", -3)?;
    ensure!(attempts(&row).len() == 1, "{row}");
    let mut client = house.client().await?;
    client.send(waiting(2).bytes()).await?;
    house.double.wait_for(2).await?;
    house.gatehouse.terminate(DEADLINE).await?;
    house.gatehouse.restart().await?;
    let row = house.row(&id(2)).await?;
    expect_end(&row, "failed", 503)?;
    ensure!(attempts(&row).len() == 1 && house.double.requests().len() == 2, "{row}");
    let after = Call::chat(&chat_body(false)).header("Helicone-RateLimit-Policy", "10;w=86400");
    let answer = house.exchange(&after).await?;
    ensure!(answer.head.headers.text("ratelimit-remaining").as_deref() == Some("7"), "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn a_call_for_which_there_is_no_room_says_nothing_against_its_target() -> Result<()> {
    let house = House::with_toml(
        "[gateway]\nworkers = 1\n[upstream]\nmax_connections_per_origin = 1\ncircuit_breaker_failures = 1\n",
    )
    .await?;
    let mut holding = house.client().await?;
    holding.send(Call::chat(&chat_body(true)).double("hold").bytes()).await?;
    holding.read_head().await?;
    let refused = house.exchange(&Call::chat(&chat_body(false))).await?;
    ensure!(refusal(&refused)?.1 == "too_many_connections", "{refused:?}");
    drop(holding);
    gatehouse_testkit::eventually(DEADLINE, async || {
        let answer = house.exchange(&Call::chat(&chat_body(false))).await?;
        let code = if answer.head.status == 200 { String::new() } else { refusal(&answer)?.1 };
        ensure!(code != "circuit_open", "{answer:?}");
        Ok((answer.head.status == 200).then_some(()))
    })
    .await
}

#[tokio::test]
async fn a_client_that_stops_sending_says_nothing_against_its_target() -> Result<()> {
    let house = House::with_toml(
        "[gateway]\nfirst_byte_timeout = \"1s\"\n[upstream]\ncircuit_breaker_failures = 1\n",
    )
    .await?;
    let mut bytes = Call::new("POST", "/v1/files").bytes();
    bytes.truncate(bytes.len() - 2);
    let mut client = house.client().await?;
    client.send([&bytes, b"Content-Length: 100\r\n\r\nhalf".as_slice()].concat()).await?;
    let answer = client.read_response().await?;
    ensure!(answer.head.status == 504, "{answer:?}");
    let answer = house.exchange(&Call::chat(&chat_body(false))).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    Ok(())
}
