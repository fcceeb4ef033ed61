//! Who shares an answer, and who never does.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::RawResponse;
use gatehouse_testkit::double::{Progress, Received};
use gatehouse_testkit::eventually;
use serde_json::json;
use tokio::task::JoinSet;

use super::{cache_of, cached, expect, same};
use crate::cli::printed;
use crate::load::metric;
use crate::support::{Call, DEADLINE, House, chat_body, helicone_id};

/// How many ask the same at the same time.
const MANY: usize = 1000;

#[tokio::test]
async fn whatever_an_answer_depends_on_keeps_it_apart() -> Result<()> {
    let house = House::start().await?;
    printed(&house, &["organizations", "create", "--name", "Second"]).await?;
    let theirs = printed(&house, &["keys", "create", "--name", "theirs", "--organization", "Second"]).await?;
    let mine = printed(&house, &["keys", "create", "--name", "mine too"]).await?;
    for key in [&theirs, &mine] {
        let call = Call::chat(&chat_body(false)).replace("Helicone-Auth", format!("Bearer {key}"));
        eventually(DEADLINE, async || Ok((house.exchange(&call).await?.head.status == 200).then_some(())))
            .await?;
    }
    let before = house.double.requests().len();
    let base = || cached(false).header("anthropic-version", "2023-06-01");
    let with_path = |path: &'static str| Call { path, ..base() };
    let body = |body: &str| base().with_body(body);
    let calls = [
        base(),
        base().replace("Helicone-Target-Url", "https://api.groq.com"),
        base().replace("Authorization", "Bearer sk-another"),
        base().header("x-api-key", "a"),
        base().header("x-api-key", "b"),
        base().header("api-key", "a"),
        base().header("x-goog-api-key", "a"),
        base().header("Ocp-Apim-Subscription-Key", "a"),
        base().header("Ocp-Apim-Subscription-Key", "b"),
        base().header("xi-api-key", "a"),
        base().header("X-Auth", "a"),
        base().header("X_AccessToken", "a"),
        base().header("Cookie", "session=a"),
        base().header("aws-session-token", "a"),
        with_path("/v1/chat/completions?key=a"),
        with_path("/v1/chat/completions?key=b"),
        with_path("/v1/embeddings"),
        base().replace("Helicone-Auth", format!("Bearer {theirs}")),
        base().replace("Helicone-Auth", format!("Bearer {mine}")),
        base().header("anthropic-beta", "a"),
        base().header("anthropic-beta", "b"),
        base().replace("anthropic-version", "2026-10-21"),
        base().header("OpenAI-Organization", "a"),
        base().header("OpenAI-Project", "a"),
        base().header("OpenAI-Beta", "a"),
        base().header("x-goog-user-project", "a"),
        base().header("x-goog-request-params", "a"),
        base().header("x-amzn-bedrock-trace", "ENABLED"),
        base().header("x-ms-model-mesh-model-name", "a"),
        base().header("azureml-model-deployment", "a"),
        base().header("upstash-forward-a", "a"),
        base().header("Accept", "text/event-stream"),
        base().header("Accept-Language", "de"),
        base().replace("Content-Type", "application/json; charset=utf-8"),
        base().header("Prefer", "wait=5"),
        base().header("Helicone-Cache-Seed", "a"),
        base().header("Helicone-Moderations-Enabled", "false"),
        base().header("Helicone-LLM-Security-Enabled", "false"),
        base().header("Helicone-Stream-Force-Format", "true"),
        base().header("Helicone-Token-Limit-Exception-Handler", "truncate"),
        body(r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello!"}]}"#),
        body(r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello!"}],"n":1}"#),
        body(r#"{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Say hello!"}],"n":1.0}"#),
    ];
    let mut first = Vec::new();
    for call in &calls {
        first.push(expect(&house, call, "MISS").await?);
    }
    for (call, first) in calls.iter().zip(&first) {
        same(first, &expect(&house, call, "HIT").await?)?;
    }
    ensure!(house.double.requests().len() == before + calls.len(), "an answer was shared");
    Ok(())
}

// proves: Helicone-Cache-Ignore-Keys
#[tokio::test]
async fn what_makes_no_difference_is_shared() -> Result<()> {
    let house = House::start().await?;
    let call = |body: &str| {
        let call = cached(false).with_body(body).header("Helicone-Cache-Ignore-Keys", "user , metadata,seed");
        call.header("Helicone-Cache-Bucket-Max-Size", "1")
    };
    let messages = r#""messages":[{"role":"user","content":"z\u00fcrich"}]"#;
    expect(&house, &call(&format!(r#"{{"model":"gpt-4o-mini",{messages},"user":"a"}}"#)), "MISS").await?;
    for body in [
        format!("{{\n \"user\": \"b\",\n {messages},\n \"model\" : \"gpt-4o-mini\"\n}}"),
        r#"{"messages":[{"content":"zürich","role":"user"}],"metadata":{"x":[1]},"model":"gpt-4o-mini"}"#
            .to_owned(),
    ] {
        let noise = call(&body)
            .header("x-stainless-retry-count", "1")
            .header("User-Agent", "a")
            .header("traceparent", "b")
            .header("Idempotency-Key", body.len().to_string());
        let noise = noise.header("Helicone-User-Id", "u").header("Helicone-Property-A", "b");
        expect(&house, &noise, "HIT").await?;
    }
    // Only keys at the top are left out.
    let nested =
        json!({"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "zürich", "user": "c"}]});
    expect(&house, &call(&nested.to_string()), "MISS").await?;
    Ok(())
}

/// Waits until so many calls wait for another one.
async fn waiting(house: &House, count: f64) -> Result<()> {
    eventually(DEADLINE, async || {
        let waiting = metric(&house.gatehouse, "gatehouse_cache_shared_total").await?.unwrap_or_default();
        Ok((waiting >= count).then_some(()))
    })
    .await
    .with_context(|| format!("{count} calls wait"))
}

/// Sends the call so many times at once; the answers come when they come.
fn send(house: &Arc<House>, call: &Call<'static>, count: usize) -> JoinSet<Result<RawResponse>> {
    let mut calls = JoinSet::new();
    for _ in 0..count {
        let (house, call) = (Arc::clone(house), call.clone());
        calls.spawn(async move { house.exchange(&call).await });
    }
    calls
}

async fn answers(mut calls: JoinSet<Result<RawResponse>>) -> Result<Vec<RawResponse>> {
    let mut answers = Vec::new();
    while let Some(answer) = calls.join_next().await {
        answers.push(answer??);
    }
    Ok(answers)
}

fn count(answers: &[RawResponse], status: u16, cache: &str) -> usize {
    let counts = |answer: &&RawResponse| {
        answer.head.status == status && cache_of(answer) == cache && answer.end.is_ok()
    };
    answers.iter().filter(counts).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_calls_at_once_make_one() -> Result<()> {
    let house = Arc::new(House::with_toml("[gateway]\nworkers = 4\n").await?);
    for stream in [false, true] {
        let before = house.double.requests().len();
        let told = metric(&house.gatehouse, "gatehouse_cache_shared_total").await?.unwrap_or_default();
        let calls = send(&house, &cached(stream).double("hold"), MANY);
        waiting(&house, told + (MANY - 1) as f64).await?;
        eventually(DEADLINE, async || {
            let requests = house.double.requests();
            let is_there = |request: &Received| request.progress() == Progress::Answering;
            Ok(requests.get(before).is_some_and(is_there).then_some(()))
        })
        .await?;
        house.double.release();
        let answers = answers(calls).await?;
        let asked = house.double.requests().len() - before;
        ensure!(asked == 1, "the provider was asked {asked} times");
        ensure!((count(&answers, 200, "MISS"), count(&answers, 200, "HIT")) == (1, MANY - 1));
        let first = answers.first().context("no answer")?;
        answers.iter().try_for_each(|answer| same(first, answer))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn those_who_wait_are_given_what_can_not_be_kept() -> Result<()> {
    // One copy is for all of them: there is room for two.
    let toml = "[gateway]\nmax_captured_bytes = \"1MiB\"\n[cache]\nmemory_bytes = 0\n";
    let mut house = House::with_toml(toml).await?;
    house.gatehouse.terminate(DEADLINE).await?;
    let cache = house.gatehouse.data_dir().join("cache");
    std::fs::remove_dir_all(&cache)?;
    std::fs::write(&cache, "no directory")?;
    house.gatehouse.restart().await?;
    let house = Arc::new(house);
    let calls = send(&house, &cached(false).double("hold,first=1,bytes=400000"), 50);
    waiting(&house, 49.0).await?;
    eventually(DEADLINE, async || {
        let is_there = |request: &Received| request.progress() == Progress::Answering;
        Ok(house.double.requests().first().is_some_and(is_there).then_some(()))
    })
    .await?;
    house.double.release();
    let answers = answers(calls).await?;
    ensure!((count(&answers, 200, "MISS"), count(&answers, 200, "HIT")) == (1, 49));
    ensure!(
        house.double.requests().len() == 1,
        "the provider was asked {} times",
        house.double.requests().len()
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_that_fails_takes_nobody_with_it() -> Result<()> {
    let house = Arc::new(House::start().await?);
    for (directives, failing) in [("status=500,first=1,tag=a", 500), ("status=429,first=1,tag=b", 429)] {
        let call = cached(true).header("Helicone-Cache-Seed", directives).double(directives);
        let before = house.double.requests().len();
        let answers = answers(send(&house, &call, 50)).await?;
        ensure!(count(&answers, failing, "MISS") == 1, "{directives}");
        ensure!((count(&answers, 200, "MISS"), count(&answers, 200, "HIT")) == (1, 48), "{directives}");
        ensure!(house.double.requests().len() - before == 2, "{directives}");
    }
    // Where every call fails each has its own try.
    let call = cached(true).header("Helicone-Cache-Seed", "failing").double("status=503");
    let answers = answers(send(&house, &call, 20)).await?;
    ensure!(count(&answers, 503, "MISS") == 20);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_leaves_hands_its_duty_on() -> Result<()> {
    let house = Arc::new(House::start().await?);
    let call = cached(true).double("hold");
    let mut leaving = house.client().await?;
    leaving.send(call.bytes()).await?;
    leaving.read_head().await?;
    let others = send(&house, &call, 5);
    waiting(&house, 5.0).await?;
    drop(leaving);
    eventually(DEADLINE, async || Ok((house.double.requests().len() == 2).then_some(()))).await?;
    eventually(DEADLINE, async || {
        house.double.release();
        let has_ended =
            |request: &Received| matches!(request.progress(), Progress::Answered | Progress::Aborted(_));
        Ok(house.double.requests().iter().all(has_ended).then_some(()))
    })
    .await?;
    let answers = answers(others).await?;
    ensure!((count(&answers, 200, "MISS"), count(&answers, 200, "HIT")) == (1, 4), "{answers:?}");
    ensure!(house.double.requests().len() == 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_is_filled_by_as_many_calls_as_it_has_slots() -> Result<()> {
    let house = Arc::new(House::start().await?);
    let call = cached(false).header("Helicone-Cache-Bucket-Max-Size", "4");
    let answers = answers(send(&house, &call, 100)).await?;
    ensure!((count(&answers, 200, "MISS"), count(&answers, 200, "HIT")) == (4, 96));
    ensure!(house.double.requests().len() == 4);
    Ok(())
}

#[tokio::test]
async fn strangers_have_no_cache() -> Result<()> {
    let house = House::with_toml("[gateway]\nrequire_auth = false\n").await?;
    for _ in 0..2 {
        let answer = expect(&house, &cached(false).without("Helicone-Auth"), "MISS").await?;
        helicone_id(&answer.head.headers)?;
    }
    ensure!(house.double.requests().len() == 2);
    Ok(())
}
