//! The cache of answers: the same bytes again, for the same caller alone, and one call for many.

mod sharing;

use std::cell::RefCell;
use std::collections::HashSet;
use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::RawResponse;
use gatehouse_testkit::double::{Script, Step};
use gatehouse_testkit::http1::{Fields, latin1};
use gatehouse_testkit::process::TEST_KEY;
use gatehouse_testkit::{Gatehouse, eventually};
use serde_json::Value;

use crate::differential::generate::plain_answer;
use crate::support::{Call, DEADLINE, House, OPENAI, chat_body, helicone_id, text};

/// How many answers are made up; a failure names its seed.
const ANSWERS: u64 = 500;
const FIRST_SEED: u64 = 20_261_122;

/// Returns a chat whose answer is to be cached.
pub(crate) fn cached(stream: bool) -> Call<'static> {
    Call::chat(&chat_body(stream)).header("Helicone-Cache-Enabled", "true")
}

/// Returns what an answer says of the cache.
pub(crate) fn cache_of(answer: &RawResponse) -> String {
    answer.head.headers.text("helicone-cache").unwrap_or_default()
}

/// Sends a call and checks what the cache says to it.
async fn expect(house: &House, call: &Call<'_>, expected: &str) -> Result<RawResponse> {
    let answer = house.exchange(call).await?;
    let found = cache_of(&answer);
    ensure!(found == expected, "expected {expected:?}, found {found:?} for {call:?}: {answer:?}");
    Ok(answer)
}

/// Returns the fields that an answer has from its provider, by name and value.
fn fields(headers: &Fields) -> Vec<(String, Vec<u8>)> {
    const OURS: [&str; 5] = ["age", "set-cookie", "connection", "keep-alive", "transfer-encoding"];
    let mut fields: Vec<(String, Vec<u8>)> = headers
        .0
        .iter()
        .map(|field| (field.name.to_ascii_lowercase(), field.value.clone()))
        .filter(|(name, _)| !name.starts_with("helicone-") && !OURS.contains(&name.as_str()))
        .collect();
    // The order of different names is nobody's.
    fields.sort_by(|one, other| one.0.cmp(&other.0));
    fields
}

fn same(first: &RawResponse, again: &RawResponse) -> Result<()> {
    ensure!(again.end == Ok(()) && again.head.status == 200, "{:?} {:?}", again.head, again.end);
    ensure!(first.body == again.body, "{} bytes became {}", first.body.len(), again.body.len());
    ensure!(first.chunks == again.chunks, "{} chunks became {}", first.chunks.len(), again.chunks.len());
    let (before, after) = (fields(&first.head.headers), fields(&again.head.headers));
    ensure!(before == after, "{before:?} became {after:?}");
    Ok(())
}

// proves: Helicone-Cache-Enabled, Helicone-Cache-Seed, Helicone-Cache
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generated_answers_are_given_again_byte_for_byte() -> Result<()> {
    let house = House::start().await?;
    for seed in FIRST_SEED..FIRST_SEED + ANSWERS {
        let id = format!("cached-{seed}");
        house.double.script(&id, plain_answer(seed));
        let call = cached(seed % 2 == 0).header("Helicone-Cache-Seed", id.as_str());
        let call = call.header("X-Double-Script", id.as_str());
        let first = expect(&house, &call, "MISS").await.with_context(|| id.clone())?;
        let again = expect(&house, &call, "HIT").await.with_context(|| id.clone())?;
        same(&first, &again).context(id)?;
    }
    ensure!(house.double.requests().len() as u64 == ANSWERS, "a call was made twice");
    Ok(())
}

// proves: Helicone-Cache-Bucket-Idx, Helicone-Cache-Latency, Helicone-Id, Helicone-Status
#[tokio::test]
async fn a_hit_tells_what_it_is_and_costs_nothing() -> Result<()> {
    let house = House::start().await?;
    for stream in [false, true] {
        let call = cached(stream).double("prompt-tokens=100,completion-tokens=20,first-byte-delay-ms=150");
        let started = Instant::now();
        let first = expect(&house, &call, "MISS").await?;
        let took = started.elapsed();
        let again = expect(&house, &call, "HIT").await?;
        same(&first, &again)?;
        let headers = &again.head.headers;
        let (original, id) = (helicone_id(&first.head.headers)?, helicone_id(headers)?);
        ensure!(original != id, "a hit has an id of its own");
        ensure!(headers.text("helicone-cache-bucket-idx").as_deref() == Some("0"), "{headers:?}");
        ensure!(headers.text("helicone-status").as_deref() == Some("success"), "{headers:?}");
        let latency: u128 = headers.text("helicone-cache-latency").context("no latency")?.parse()?;
        ensure!((150..=took.as_millis()).contains(&latency), "{latency} of {took:?}");
        let (miss, hit) = (house.row(&original).await?, house.row(&id).await?);
        ensure!(miss.pointer("/cache/status") == Some(&"miss".into()), "{miss}");
        ensure!(text(&hit, "cache_reference_id") == original, "{hit}");
        ensure!(hit.pointer("/cache/status") == Some(&"hit".into()), "{hit}");
        ensure!(hit.get("costUSD").and_then(Value::as_f64) == Some(0.0), "{hit}");
        let saved = |name: &str| hit.pointer(&format!("/cache/{name}")).and_then(Value::as_f64);
        ensure!(saved("saved_cost_usd") == miss.get("costUSD").and_then(Value::as_f64), "{hit} {miss}");
        ensure!(saved("saved_prompt_tokens") == Some(100.0), "{hit}");
        ensure!(saved("saved_completion_tokens") == Some(20.0), "{hit}");
        ensure!(saved("saved_ms").is_some(), "{hit}");
    }
    Ok(())
}

// proves: Age
#[tokio::test]
async fn a_hit_tells_how_old_it_is() -> Result<()> {
    let house = House::start().await?;
    let started = Instant::now();
    expect(&house, &cached(false), "MISS").await?;
    eventually(DEADLINE, async || {
        let hit = expect(&house, &cached(false), "HIT").await?;
        let age: u64 = hit.head.headers.text("age").context("no age")?.parse()?;
        ensure!(age <= started.elapsed().as_secs(), "{age} after {:?}", started.elapsed());
        Ok((age >= 2).then_some(()))
    })
    .await
}

// proves: Helicone-Cache-Save, Helicone-Cache-Read, Cache-Control
#[tokio::test]
async fn headers_say_what_is_read_and_what_is_kept() -> Result<()> {
    let house = House::start().await?;
    let call = |seed: &'static str| Call::chat(&chat_body(false)).header("Helicone-Cache-Seed", seed);
    // Nothing is cached unless it is asked for.
    for _ in 0..2 {
        expect(&house, &call("none"), "").await?;
    }
    let (save, read) = (
        call("parts").header("Helicone-Cache-Save", "true"),
        call("parts").header("Helicone-Cache-Read", "TRUE"),
    );
    for _ in 0..2 {
        expect(&house, &read, "MISS").await?;
    }
    expect(&house, &save, "").await?;
    eventually(DEADLINE, async || Ok((cache_of(&house.exchange(&read).await?) == "HIT").then_some(())))
        .await?;
    let with = |seed: &'static str, control: &'static str| {
        call(seed).header("Helicone-Cache-Enabled", "true").header("Cache-Control", control)
    };
    for control in ["no-store", "max-age=0", "max-age=never"] {
        expect(&house, &with("off", control), "").await?;
    }
    expect(&house, &with("off", "max-age = 3600 , private"), "MISS").await?;
    let first = expect(&house, &with("off", "x-s-maxage=0"), "HIT").await?;
    expect(&house, &with("off", "no-store"), "").await?;
    // `no-cache` refreshes what is kept.
    expect(&house, &with("off", "no-cache").double("completion-tokens=77"), "").await?;
    let told = house.double.requests().last().and_then(|request| request.headers.text("cache-control"));
    ensure!(told.as_deref() == Some("no-cache"), "the provider was told {told:?}");
    eventually(DEADLINE, async || {
        let again = house.exchange(&with("off", "max-age=3600")).await?;
        ensure!(cache_of(&again) == "HIT", "{again:?}");
        Ok((again.body != first.body).then_some(()))
    })
    .await?;
    // What is older than its time, or than the caller wants it, is not given again.
    for (seed, control) in [("short", "s-maxage=1, max-age=9"), ("young", "max-age=9")] {
        expect(&house, &with(seed, control), "MISS").await?;
        let call = with(seed, "max-age=1");
        eventually(DEADLINE, async || Ok((cache_of(&house.exchange(&call).await?) == "MISS").then_some(())))
            .await?;
    }
    Ok(())
}

// proves: Helicone-Cache-Bucket-Max-Size, Helicone-Cache-Bucket-Idx
#[tokio::test]
async fn a_bucket_collects_its_answers_before_it_gives_any() -> Result<()> {
    let house = House::start().await?;
    let call = cached(false).header("Helicone-Cache-Bucket-Max-Size", "3");
    let mut bodies = HashSet::new();
    for number in 0..3 {
        let call = call.clone().double(&format!("completion-tokens={number}"));
        bodies.insert(expect(&house, &call, "MISS").await?.body);
    }
    let given = RefCell::new(HashSet::new());
    eventually(DEADLINE, async || {
        let answer = expect(&house, &call, "HIT").await?;
        let slot = answer.head.headers.text("helicone-cache-bucket-idx").context("no slot")?;
        ensure!(bodies.contains(&answer.body) && ["0", "1", "2"].contains(&slot.as_str()), "{answer:?}");
        let mut given = given.borrow_mut();
        given.insert((slot, answer.body));
        Ok((given.len() == 3).then_some(()))
    })
    .await?;
    ensure!(house.double.requests().len() == 3, "a bucket of three needs three calls");
    // A bucket that is too large has always been refused.
    for size in ["21", "0", "many"] {
        let answer = house.exchange(&cached(false).header("Helicone-Cache-Bucket-Max-Size", size)).await?;
        ensure!(answer.head.status == 400, "{size}: {answer:?}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_whole_or_no_success_is_not_kept() -> Result<()> {
    let house = House::with_toml("[cache]\nmax_entry_bytes = \"4KiB\"\n").await?;
    for directives in ["status=500", "status=404", "cut-after=3", "reset-after=2", "bytes=9000", "trailers"] {
        for stream in [false, true] {
            let call = cached(stream).header("Helicone-Cache-Seed", directives).double(directives);
            for _ in 0..2 {
                expect(&house, &call, "MISS").await?;
            }
        }
    }
    for directives in ["error-after=2", "error-after=2,gzip"] {
        for (path, target) in [
            ("/v1/chat/completions", OPENAI),
            ("/v1/responses", OPENAI),
            ("/v1/messages", "https://api.anthropic.com"),
        ] {
            let call = Call { path, ..cached(true).header("Helicone-Cache-Seed", directives) };
            let call = call.replace("Helicone-Target-Url", target).double(directives);
            for _ in 0..2 {
                expect(&house, &call, "MISS").await.context(path)?;
            }
        }
    }
    for header in ["Range", "If-None-Match"] {
        for _ in 0..2 {
            expect(&house, &cached(false).header(header, "bytes=0-1"), "MISS").await?;
        }
    }
    for _ in 0..2 {
        let call = Call::new("DELETE", "/v1/files/a").header("Helicone-Cache-Enabled", "true");
        expect(&house, &call, "MISS").await?;
    }
    house.expect_alive().await
}

#[tokio::test]
async fn what_follows_the_last_event_is_a_part_of_the_answer() -> Result<()> {
    const HEAD: &str =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
    const LAST_EVENT: &str = "d\r\ndata: [DONE]\n\r\n";
    for durability in ["normal", "strict"] {
        let house = House::with_toml(&format!("[journal]\ndurability = {durability:?}\n")).await?;
        house.double.script(
            "whole",
            Script::bytes(format!("{HEAD}{LAST_EVENT}1\r\n\n\r\n6\r\n: bye\n\r\n0\r\n\r\n")),
        );
        house.double.script("cut", Script::bytes(format!("{HEAD}{LAST_EVENT}")).then(Step::Close));
        for (script, again) in [("cut", "MISS"), ("whole", "HIT")] {
            let call = cached(true).header("Helicone-Cache-Seed", script).header("X-Double-Script", script);
            let first = expect(&house, &call, "MISS").await?;
            let second = expect(&house, &call, again).await.context(durability)?;
            if again == "HIT" {
                ensure!(*second.body == *b"data: [DONE]\n\n: bye\n", "{:?}", latin1(&second.body));
                same(&first, &second).context(durability)?;
            }
        }
    }
    Ok(())
}

// proves: Helicone-Cache-Pacing
#[tokio::test]
async fn a_stream_is_given_again_with_its_pauses_if_the_caller_wants_them() -> Result<()> {
    let house = House::start().await?;
    let call = cached(true).double("events=4,gap-ms=100");
    let first = expect(&house, &call, "MISS").await?;
    same(&first, &expect(&house, &call, "HIT").await?)?;
    let started = Instant::now();
    let paced = expect(&house, &call.header("Helicone-Cache-Pacing", "Original"), "HIT").await?;
    ensure!(started.elapsed() >= Duration::from_millis(300), "it came in {:?}", started.elapsed());
    same(&first, &paced)
}

#[tokio::test]
async fn compressed_answers_are_for_those_who_take_them() -> Result<()> {
    let house = House::start().await?;
    let call = cached(true).double("gzip");
    let gzip = call.clone().header("Accept-Encoding", "gzip, deflate");
    let first = expect(&house, &gzip, "MISS").await?;
    same(&first, &expect(&house, &call.clone().header("accept-encoding", "deflate,gzip"), "HIT").await?)?;
    expect(&house, &call, "MISS").await?;
    Ok(())
}

#[tokio::test]
async fn entries_outlive_the_process() -> Result<()> {
    for durability in ["normal", "strict"] {
        let toml = format!("[journal]\ndurability = \"{durability}\"\n[cache]\nmemory_bytes = 0\n");
        let mut house = House::with_toml(&toml).await?;
        let call = cached(true);
        let first = expect(&house, &call, "MISS").await?;
        same(&first, &expect(&house, &call, "HIT").await?)?;
        house.gatehouse.terminate(DEADLINE).await?;
        house.gatehouse.restart().await?;
        same(&first, &expect(&house, &call, "HIT").await?)?;
        house.gatehouse.kill9().await?;
        house.gatehouse.restart().await?;
        let again = expect(&house, &call, "HIT").await?;
        same(&first, &again)?;
        house.row(&helicone_id(&again.head.headers)?).await?;
        // What is damaged, or gone, is made again.
        house.gatehouse.kill9().await?;
        for file in files(&house.gatehouse)? {
            fs::write(file, vec![7; 100_000])?;
        }
        house.gatehouse.restart().await?;
        expect(&house, &call, "MISS").await?;
        expect(&house, &call, "HIT").await?;
        house.gatehouse.kill9().await?;
        fs::remove_dir_all(house.gatehouse.data_dir().join("cache"))?;
        fs::write(house.gatehouse.data_dir().join("cache"), "in the way")?;
        house.gatehouse.restart().await?;
        expect(&house, &call, "MISS").await?;
    }
    Ok(())
}

fn files(gatehouse: &Gatehouse) -> Result<Vec<std::path::PathBuf>> {
    fs::read_dir(gatehouse.data_dir().join("cache"))?.map(|entry| Ok(entry?.path())).collect()
}

#[tokio::test]
async fn a_dump_of_the_cache_says_nothing() -> Result<()> {
    let house = House::start().await?;
    let mut known = HashSet::new();
    for stream in [false, true] {
        let call =
            cached(stream).header("Helicone-Cache-Seed", "my-seed").header("Helicone-User-Id", "my-user");
        let first = expect(&house, &call, "MISS").await?;
        expect(&house, &call, "HIT").await?;
        let words = latin1(&first.body);
        known.extend(words.split(|letter: char| !letter.is_alphanumeric()).map(str::to_owned));
        known.insert(helicone_id(&first.head.headers)?);
        for field in &first.head.headers.0 {
            known.extend([field.name.clone(), field.name.to_lowercase(), latin1(&field.value)]);
        }
    }
    known.extend(
        ["Say hello.", "my-seed", "my-user", "api.openai.com", "sk-provider-secret", "chat/completions"]
            .map(str::to_owned),
    );
    known.insert(TEST_KEY.to_owned());
    // Shorter words are found in any random bytes.
    known.retain(|word| word.len() >= 5);
    let dump = |directory: &str| -> Result<String> {
        let files = fs::read_dir(house.gatehouse.data_dir().join(directory))?;
        files.map(|file| Ok(latin1(&fs::read(file?.path())?))).collect()
    };
    let found = |dump: &str| known.iter().find(|word| dump.contains(word.as_str())).cloned();
    let cache = dump("cache")?;
    ensure!(cache.len() > 2000, "only {} bytes were kept", cache.len());
    let word = found(&cache);
    ensure!(word.is_none(), "{word:?} is in the cache");
    // The journal is not sealed: there the same search finds what it looks for.
    ensure!(found(&dump("journal")?).is_some(), "the search finds nothing anywhere");
    Ok(())
}
