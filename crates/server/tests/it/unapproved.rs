//! Targets that nobody approved: so many calls a second and a day for each organisation and origin, no more
//! and no less.

use std::time::Instant;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::RawResponse;
use gatehouse_types::{Clock, SystemClock};
use tokio::task::JoinSet;

use crate::support::{Call, House, chat_body, expect_end, helicone_id, refusal};

const UNKNOWN: &str = "https://llm.unknown.example";
const OTHER: &str = "https://other.unknown.example";

fn to(target: &str) -> Call<'static> {
    Call::chat(&chat_body(false)).replace("Helicone-Target-Url", target)
}

fn limits(day: u64, second: u64) -> String {
    format!("[domains]\nrequests_per_day = {day}\nrequests_per_second = {second}\n")
}

/// Sends `calls` at once, each on a connection of its own, and returns the answers.
async fn at_once(house: &House, calls: usize, target: &str) -> Result<Vec<RawResponse>> {
    let mut tasks = JoinSet::new();
    for _ in 0..calls {
        let mut client = house.client().await?;
        let call = to(target);
        tasks.spawn(async move { client.exchange(call.bytes()).await });
    }
    let mut answers = Vec::new();
    while let Some(answer) = tasks.join_next().await {
        answers.push(answer??);
    }
    Ok(answers)
}

fn passed(answers: &[RawResponse]) -> usize {
    answers.iter().filter(|answer| answer.head.status == 200).count()
}

/// Runs a scenario that counts by the day; once more where midnight (UTC) fell into it.
async fn within_a_day(scenario: impl AsyncFn() -> Result<()>) -> Result<()> {
    let day = SystemClock.now().unix_day();
    match scenario().await {
        Err(_) if SystemClock.now().unix_day() != day => scenario().await,
        done => done,
    }
}

// proves: RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, RateLimit-Policy, Retry-After
// proves: x-should-retry
#[tokio::test]
async fn one_of_many_passes_in_a_second() -> Result<()> {
    let house = House::start().await?;
    let began = Instant::now();
    let answers = at_once(&house, 50, UNKNOWN).await?;
    let passed = passed(&answers);
    // Where the machine took longer than a second for them, the next second's call has passed too.
    let most = 1 + usize::try_from(began.elapsed().as_secs())?;
    ensure!((1..=most).contains(&passed), "{passed} of 50 passed in {:?}", began.elapsed());
    ensure!(house.double.requests().len() == passed, "{} arrived", house.double.requests().len());
    for refused in answers.iter().filter(|answer| answer.head.status != 200) {
        let (status, code, body) = refusal(refused)?;
        ensure!((status, code.as_str()) == (429, "unapproved_domain_limit"), "{status} {code}");
        ensure!(body.contains("1 a second") && body.contains("/v1/domains"), "{body}");
        let headers = &refused.head.headers;
        let text = |name: &str| headers.text(name).with_context(|| format!("{name} in {headers:?}"));
        ensure!(text("retry-after")? == "1" && text("ratelimit-limit")? == "1", "{headers:?}");
        ensure!(text("ratelimit-remaining")? == "0" && text("ratelimit-reset")? == "1", "{headers:?}");
        ensure!(
            text("ratelimit-policy")? == "1;w=1" && headers.get("x-should-retry").is_none(),
            "{headers:?}"
        );
    }
    let refused = answers.iter().find(|answer| answer.head.status == 429).context("none was refused")?;
    let id = helicone_id(&refused.head.headers)?;
    expect_end(&house.row(&id).await?, "refused", 429)?;
    // What is approved is not limited, nor is another origin by this one.
    for target in [OTHER, "https://api.openai.com", "https://api.openai.com"] {
        ensure!(house.exchange(&to(target)).await?.head.status == 200, "{target}");
    }
    Ok(())
}

// proves: RateLimit-Policy, Retry-After, x-should-retry
#[tokio::test]
async fn a_day_has_exactly_its_calls_and_a_killed_process_still_knows() -> Result<()> {
    within_a_day(async || {
        let mut house = House::with_toml(&limits(25, 1_000_000)).await?;
        let first = at_once(&house, 20, UNKNOWN).await?;
        ensure!(passed(&first) == 20, "{} of 20 passed", passed(&first));
        house.gatehouse.restart().await?;
        let second = at_once(&house, 50, UNKNOWN).await?;
        ensure!(passed(&second) == 5, "{} of the 5 that were left passed", passed(&second));
        ensure!(house.double.requests().len() == 25, "{} arrived", house.double.requests().len());
        let refused = second.iter().find(|answer| answer.head.status == 429).context("none was refused")?;
        let headers = &refused.head.headers;
        let seconds: u64 = headers.text("retry-after").context("no Retry-After")?.parse()?;
        ensure!(seconds <= 24 * 60 * 60, "{headers:?}");
        ensure!(headers.text("ratelimit-policy").as_deref() == Some("25;w=86400"), "{headers:?}");
        // Some SDKs would sleep until midnight.
        let gives_up = headers.text("x-should-retry").as_deref() == Some("false");
        ensure!(gives_up || seconds <= 60, "{headers:?}");
        house.gatehouse.restart().await?;
        ensure!(passed(&at_once(&house, 3, UNKNOWN).await?) == 0);
        ensure!(passed(&at_once(&house, 1, OTHER).await?) == 1);
        Ok(())
    })
    .await
}

#[tokio::test]
async fn damaged_counters_stop_nobody() -> Result<()> {
    within_a_day(damage_counters).await
}

async fn damage_counters() -> Result<()> {
    let mut house = House::with_toml(&limits(2, 1000)).await?;
    ensure!(passed(&at_once(&house, 2, UNKNOWN).await?) == 2);
    house.gatehouse.kill9().await?;
    let file = house.gatehouse.data_dir().join("gatehouse-counters.sqlite");
    for companion in ["-wal", "-shm"] {
        std::fs::remove_file(format!("{}{companion}", file.display()))?;
    }
    std::fs::write(&file, "this is no database, and nobody knows what happened to it")?;
    house.gatehouse.restart().await?;
    ensure!(passed(&at_once(&house, 3, UNKNOWN).await?) == 2);
    ensure!(file.with_extension("damaged").exists());
    let stderr = house.gatehouse.stderr();
    ensure!(stderr.contains("counts of limits are lost"), "{stderr}");
    Ok(())
}

#[tokio::test]
async fn an_operator_opens_or_closes_them() -> Result<()> {
    let open = House::with_toml("[domains]\nmode = \"open\"\n").await?;
    ensure!(passed(&at_once(&open, 10, UNKNOWN).await?) == 10);
    let closed = House::with_toml("[domains]\nmode = \"closed\"\n").await?;
    let (status, code, _) = refusal(&closed.exchange(&to(UNKNOWN)).await?)?;
    ensure!((status, code.as_str()) == (403, "unapproved_domain"), "{status} {code}");
    ensure!(closed.exchange(&to("https://api.groq.com")).await?.head.status == 200);
    ensure!(closed.double.requests().len() == 1);
    Ok(())
}

#[tokio::test]
async fn names_are_told_apart_as_parsed_hosts() -> Result<()> {
    let house = House::with_toml("[domains]\nmode = \"closed\"\n").await?;
    for target in ["https://API.OPENAI.COM.", "https://api.openai.com:443", "https://api.openai.com/v1?x#y"] {
        let answer = house.exchange(&to(target)).await?;
        ensure!(answer.head.status == 200, "{target}: {answer:?}");
        let row = house.row(&helicone_id(&answer.head.headers)?).await?;
        ensure!(crate::support::text(&row, "provider") == "OPENAI", "{target}: {row}");
    }
    for target in [
        "https://api.openai.com.evil.tld",
        "https://api.openai.com:8443",
        "https://evil-api.openai.com.evil.tld",
        "https://xapi-openai.com",
        "https://openai.com",
    ] {
        let (status, code, _) = refusal(&house.exchange(&to(target)).await?)?;
        ensure!((status, code.as_str()) == (403, "unapproved_domain"), "{target}: {status} {code}");
    }
    for target in
        ["https://api.openai.com@evil.tld", "https://x:y@api.openai.com", "https://api.openai.com\\@evil.tld"]
    {
        let (status, code, _) = refusal(&house.exchange(&to(target)).await?)?;
        ensure!((status, code.as_str()) == (400, "invalid_target"), "{target}: {status} {code}");
    }
    ensure!(house.double.requests().len() == 3);
    Ok(())
}

#[tokio::test]
async fn addresses_that_the_operator_allowed_are_approved() -> Result<()> {
    let toml = "[upstream]\nallow_private = [\"127.0.0.0/8\"]\n";
    let house = House::with_toml(toml).await?;
    let port = house.double.address().port();
    for target in [format!("https://127.0.0.1:{port}"), format!("https://localhost:{port}")] {
        let answers = at_once(&house, 5, &target).await?;
        ensure!(passed(&answers) == 5, "{target}: {answers:?}");
    }
    // `localhost` is both of its addresses.
    let six = House::with_toml("[upstream]\nallow_private = [\"::1/128\"]\n").await?;
    let port = six.double.address().port();
    let (_, code, _) = refusal(&six.exchange(&to(&format!("https://localhost:{port}"))).await?)?;
    ensure!(code == "connect_failed", "{code}");
    // A pinned name keeps the standing of the name.
    ensure!(passed(&at_once(&house, 5, UNKNOWN).await?) < 5);
    Ok(())
}
