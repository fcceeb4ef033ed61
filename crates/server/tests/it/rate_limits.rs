//! Limits: no call too many passes, whoever is told so, and a restart forgets nothing.

use anyhow::{Context, Result, ensure};
use futures_util::future::try_join_all;
use gatehouse_testkit::client::{RawResponse, call_json};
use gatehouse_testkit::double::{Script, Step};
use gatehouse_testkit::process::TEST_KEY;
use serde_json::{Value, json};

use crate::support::{Call, House, OPENAI, chat_body, helicone_id, refusal, text};

const POLICY: &str = "Helicone-RateLimit-Policy";

fn call(policy: &str) -> Call<'static> {
    Call::chat(&chat_body(false)).header(POLICY, policy)
}

fn header(answer: &RawResponse, name: &str) -> String {
    answer.head.headers.text(name).unwrap_or_default()
}

// proves: Helicone-RateLimit-Policy, Helicone-RateLimit-Limit, Helicone-RateLimit-Remaining, Helicone-RateLimit-Reset, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, RateLimit-Policy, Retry-After, x-should-retry
#[tokio::test]
async fn a_limit_lets_its_number_through_and_tells_how_it_stands() -> Result<()> {
    let house = House::start().await?;
    let policy = "3;w=86400;s=user";
    for remaining in [2, 1, 0] {
        let answer = house.exchange(&call(policy).header("Helicone-User-Id", "ada")).await?;
        ensure!(answer.head.status == 200, "{answer:?}");
        ensure!(header(&answer, "helicone-ratelimit-remaining") == remaining.to_string(), "{answer:?}");
        ensure!(header(&answer, "ratelimit-remaining") == remaining.to_string(), "{answer:?}");
        ensure!(
            header(&answer, "helicone-ratelimit-limit") == "3" && header(&answer, "ratelimit-limit") == "3"
        );
        ensure!(header(&answer, "helicone-ratelimit-policy") == policy, "{answer:?}");
        // A third of the window for each call that is taken, less what has passed meanwhile.
        let (reset, taken): (u64, u64) =
            (header(&answer, "helicone-ratelimit-reset").parse()?, 3 - remaining);
        ensure!((taken * 28_800 - 60..=taken * 28_800).contains(&reset), "{answer:?}");
        ensure!(header(&answer, "ratelimit-reset") == reset.to_string(), "{answer:?}");
    }
    let refused = house.exchange(&call(policy).header("Helicone-User-Id", "ada")).await?;
    let (status, code, body) = refusal(&refused)?;
    ensure!((status, code.as_str()) == (429, "rate_limited"), "{body}");
    ensure!(
        refused.json()?.get("message").is_some_and(Value::is_string),
        "Helicone's clients read it: {body}"
    );
    ensure!(header(&refused, "helicone-ratelimit-remaining") == "0", "{refused:?}");
    let wait: u64 = header(&refused, "retry-after").parse()?;
    ensure!((1..=28_800).contains(&wait), "{refused:?}");
    // Some SDKs would sleep for as long as they are told.
    ensure!(header(&refused, "x-should-retry") == "false", "{refused:?}");
    let row = house.row(&helicone_id(&refused.head.headers)?).await?;
    ensure!(row.pointer("/rate_limit/status") == Some(&json!("refused")), "{row}");
    let property = row.pointer("/request_properties/Helicone-Rate-Limit-Status");
    ensure!(property == Some(&json!("bucket_rate_limited")), "{row}");
    ensure!(house.double.requests().len() == 3);
    // Others are in segments of their own; the body's user counts where there is no header.
    let other = house.exchange(&call(policy).header("Helicone-User-Id", "bob")).await?;
    ensure!(other.head.status == 200, "{other:?}");
    let mut body = chat_body(false);
    body["user"] = json!("ada");
    let of_body = house.exchange(&Call::chat(&body).header(POLICY, policy)).await?;
    ensure!(of_body.head.status == 429, "{of_body:?}");
    let nobody = house.exchange(&call(policy)).await?;
    ensure!(
        nobody.head.status == 200 && header(&nobody, "helicone-ratelimit-policy") == policy,
        "{nobody:?}"
    );
    ensure!(header(&nobody, "helicone-ratelimit-limit").is_empty(), "{nobody:?}");
    Ok(())
}

// proves: Helicone-RateLimit-Policy
#[tokio::test]
async fn of_several_policies_all_have_to_pass_and_the_tightest_is_told() -> Result<()> {
    let house = House::start().await?;
    let policies = "5;w=3600,2;w=3600;s=tenant";
    for (tenant, status, told) in [
        ("a", 200, "2;w=3600;s=tenant"),
        ("a", 200, "2;w=3600;s=tenant"),
        ("a", 429, "2;w=3600;s=tenant"),
        ("b", 200, "2;w=3600;s=tenant"),
        ("b", 200, "2;w=3600;s=tenant"),
        ("c", 200, "5;w=3600"),
        // A refused call takes nothing from any of them, a call that passed from all.
        ("d", 429, "5;w=3600"),
    ] {
        let answer = house.exchange(&call(policies).header("Helicone-Property-Tenant", tenant)).await?;
        ensure!(answer.head.status == status, "{tenant}: {answer:?}");
        ensure!(header(&answer, "helicone-ratelimit-policy") == told, "{tenant}: {answer:?}");
    }
    Ok(())
}

// proves: Helicone-RateLimit-Error
#[tokio::test]
async fn a_policy_that_cant_be_read_is_told_and_in_strict_mode_refused() -> Result<()> {
    let house = House::start().await?;
    let answer = house.exchange(&call("10;w=5")).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let told = header(&answer, "helicone-ratelimit-error");
    ensure!(told.contains("column 6"), "{told}");
    let row = house.row(&helicone_id(&answer.head.headers)?).await?;
    ensure!(row.pointer("/rate_limit/error") == Some(&json!(told)), "{row}");
    let strict = House::with_toml("[gateway]\nstrict_headers = true\n").await?;
    let answer = strict.exchange(&call("10;w=5")).await?;
    let (status, code, body) = refusal(&answer)?;
    ensure!((status, code.as_str()) == (400, "invalid_header_value") && body.contains("column 6"), "{body}");
    ensure!(strict.double.requests().is_empty());
    Ok(())
}

/// A call that is taken to cost up to 6 cents, and costs so much if its answer is as long as it may be.
fn costly(policy: &str, double: &str) -> Call<'static> {
    let mut body = chat_body(false);
    if let Some(body) = body.as_object_mut() {
        body.insert("max_tokens".to_owned(), json!(100_000));
    }
    Call::chat(&body).header(POLICY, policy).double(double)
}

#[tokio::test]
async fn of_many_calls_at_once_none_is_beyond_a_limit_of_cost() -> Result<()> {
    let house = House::start().await?;
    let policy = "100;w=86400;u=cents";
    let calls = (0..200).map(|_| async {
        let call = costly(policy, "completion-tokens=100000,first-byte-delay-ms=300");
        house.exchange(&call).await
    });
    let answers = try_join_all(calls).await?;
    let passed: Vec<_> = answers.iter().filter(|answer| answer.head.status == 200).collect();
    ensure!(answers.iter().all(|answer| matches!(answer.head.status, 200 | 429)));
    let mut spent = 0.0;
    for answer in &passed {
        let row = house.row(&helicone_id(&answer.head.headers)?).await?;
        spent += row.get("costUSD").and_then(Value::as_f64).with_context(|| format!("no cost: {row}"))?;
    }
    // 16 calls of 6 cents and a little more are within a dollar.
    ensure!(passed.len() == 16 && spent <= 1.0, "{} calls for {spent} dollars", passed.len());
    Ok(())
}

#[tokio::test]
async fn what_was_set_aside_is_settled_with_what_was_used() -> Result<()> {
    let house = House::start().await?;
    let policy = "110000;w=86400;u=tokens";
    let remaining = async |call: Call<'static>| -> Result<(u16, u64)> {
        let answer = house.exchange(&call).await?;
        Ok((answer.head.status, header(&answer, "helicone-ratelimit-remaining").parse()?))
    };
    // While it runs 100,000 are set aside; then it has used 16.
    let (status, during) = remaining(costly(policy, "")).await?;
    ensure!(status == 200 && during < 10_000, "{during}");
    let settled = gatehouse_testkit::eventually(crate::support::DEADLINE, async || {
        let (status, during) = remaining(costly(policy, "")).await?;
        Ok((status == 200).then_some(during))
    });
    let during = settled.await?;
    ensure!(during < 10_000, "{during}");
    // A provider that fails uses nothing; one that says nothing of its usage has used what was set aside.
    let (status, _) =
        remaining(costly("110000;w=86400;u=tokens;s=x", "status=500").header("Helicone-Property-x", "1"))
            .await?;
    ensure!(status == 500);
    let again = gatehouse_testkit::eventually(crate::support::DEADLINE, async || {
        let call = costly("110000;w=86400;u=tokens;s=x", "cut-after=5").header("Helicone-Property-x", "1");
        let answer = house.exchange(&call).await?;
        Ok((answer.head.status == 200).then_some(()))
    });
    again.await?;
    let call = costly("110000;w=86400;u=tokens;s=x", "").header("Helicone-Property-x", "1");
    ensure!(house.exchange(&call).await?.head.status == 429);
    Ok(())
}

#[tokio::test]
async fn a_kill_forgets_no_call_that_was_let_through() -> Result<()> {
    let mut house = House::start().await?;
    let policy = "10;w=86400";
    for round in 0..3 {
        for number in 0..3 {
            let answer = house.exchange(&call(policy)).await?;
            let expected = 10 - (round * 3 + number + 1);
            ensure!(answer.head.status == 200, "{answer:?}");
            ensure!(header(&answer, "helicone-ratelimit-remaining") == expected.to_string(), "{answer:?}");
        }
        house.gatehouse.kill9().await?;
        house.gatehouse.restart().await?;
    }
    ensure!(house.exchange(&call(policy)).await?.head.status == 200);
    ensure!(house.exchange(&call(policy)).await?.head.status == 429);
    Ok(())
}

#[tokio::test]
async fn a_rule_of_the_organisation_holds_for_every_call() -> Result<()> {
    let house = House::start().await?;
    let api = house.gatehouse.api();
    let rule = json!({"name": "all of us", "policy": "2;w=3600"});
    let (status, made) = call_json(api, "POST", "/v1/rate-limits", TEST_KEY, Some(&rule)).await?;
    ensure!(status == 201 || status == 200, "{made}");
    let plain = || Call::chat(&chat_body(true));
    for _ in 0..2 {
        let answer = house.exchange(&plain()).await?;
        ensure!(answer.head.status == 200 && header(&answer, "ratelimit-policy") == "2;w=3600", "{answer:?}");
    }
    // A policy of the call's own can't lift it.
    let refused = house.exchange(&plain().header(POLICY, "1000;w=60")).await?;
    ensure!(refusal(&refused)?.0 == 429, "{refused:?}");
    let id = made.pointer("/data/id").or_else(|| made.get("id")).context("no id")?;
    let path = format!("/v1/rate-limits/{}", id.as_str().unwrap_or_default());
    let (status, gone) = call_json(api, "DELETE", &path, TEST_KEY, None).await?;
    ensure!((200..300).contains(&status), "{gone}");
    let freed = house.exchange(&plain()).await?;
    ensure!(freed.head.status == 200 && text(&freed.json().unwrap_or_default(), "x").is_empty(), "{freed:?}");
    Ok(())
}

#[tokio::test]
async fn a_call_counts_once_however_often_it_is_tried() -> Result<()> {
    let house = House::start().await?;
    let tried = call("10;w=3600")
        .header("Helicone-Retry-Enabled", "true")
        .header("helicone-retry-min-timeout", "1")
        .double("status=500,first=3,tag=once");
    let answer = house.exchange(&tried).await?;
    ensure!(house.double.requests().len() == 4 && answer.head.status == 200);
    ensure!(header(&answer, "helicone-ratelimit-remaining") == "9", "{answer:?}");
    Ok(())
}

/// What is left of a policy of cost, in cents, after a call that costs next to nothing.
async fn cents_left(house: &House, policy: &str) -> Result<u64> {
    Ok(header(&house.exchange(&call(policy)).await?, "helicone-ratelimit-remaining").parse()?)
}

#[tokio::test]
async fn what_a_provider_that_was_asked_may_have_used_is_not_given_back() -> Result<()> {
    let house = House::start().await?;
    house.double.script("gone", Script::default().then(Step::Close));
    let policy = "100;w=86400;u=cents";
    let answer = house.exchange(&costly(policy, "").header("x-double-script", "gone")).await?;
    ensure!(refusal(&answer)?.1 == "upstream_closed", "{answer:?}");
    house.row(&helicone_id(&answer.head.headers)?).await?;
    let left = cents_left(&house, policy).await?;
    ensure!((90..=94).contains(&left), "{left}: nobody knows what the call has used");
    // An answer that is passed over was given all the same; an error was for nothing.
    for (first, expected) in [("", 80..=88), ("status=500", 80..=88)] {
        let entry = |double: &str| {
            let headers = json!({"Authorization": "Bearer sk", "x-double": double});
            json!({"target-url": OPENAI, "headers": headers, "onCodes": [200, 500]})
        };
        let list = json!([entry(first), entry("status=500")]).to_string();
        let call = costly(policy, "").without("Helicone-Target-Url").header("Helicone-Fallbacks", list);
        let answer = house.exchange(&call).await?;
        ensure!(answer.head.status == 500, "{answer:?}");
        house.row(&helicone_id(&answer.head.headers)?).await?;
        let left = cents_left(&house, policy).await?;
        ensure!(expected.contains(&left), "{left} after {first:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_model_of_the_callers_choice_lifts_no_limit_of_cost() -> Result<()> {
    let house = House::start().await?;
    let policy = "100;w=86400;u=cents";
    for model in ["nobody-knows", "gpt-4.1-nano"] {
        let call = costly(policy, "completion-tokens=100000").header("Helicone-Model-Override", model);
        let answer = house.exchange(&call).await?;
        house.row(&helicone_id(&answer.head.headers)?).await?;
        let during: u64 = header(&answer, "helicone-ratelimit-remaining").parse()?;
        ensure!(during <= 94, "{model}: {during} while it runs");
    }
    let left = cents_left(&house, policy).await?;
    ensure!((80..=88).contains(&left), "{left}");
    Ok(())
}

// proves: RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, RateLimit-Policy
#[tokio::test]
async fn what_a_provider_says_of_its_own_limits_is_not_mixed_with_ours() -> Result<()> {
    let house = House::start().await?;
    let head = "HTTP/1.1 200 OK\r\nratelimit-limit: 7\r\ncontent-length: 2\r\n\r\n{}";
    house.double.script("limited", Script::bytes(head));
    let answer = house.exchange(&call("10;w=3600").header("x-double-script", "limited")).await?;
    ensure!(header(&answer, "ratelimit-limit") == "7", "{answer:?}");
    for name in ["ratelimit-remaining", "ratelimit-reset", "ratelimit-policy"] {
        ensure!(header(&answer, name).is_empty(), "{answer:?}");
        ensure!(!header(&answer, &format!("helicone-{name}")).is_empty(), "{answer:?}");
    }
    Ok(())
}
