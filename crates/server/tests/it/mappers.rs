//! An API that nobody wrote a reader for is mapped by itself, and approved where it can't be sure.

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::call_json;
use gatehouse_testkit::double::Script;
use gatehouse_testkit::eventually;
use gatehouse_testkit::process::TEST_KEY;
use serde_json::{Value, json};

use crate::support::{Call, DEADLINE, House, helicone_id, text};

const ACME: &str = "https://llm.unknown.example";
const PATH: &str = "/v1/turns";
const LIMITS: &str = "[domains]\nrequests_per_second = 1000";

/// What the API is asked and answers, unlike any known dialect; the counts add up.
fn turn(number: u64) -> (Value, Value) {
    let questions = [
        "Which river runs through Cologne, and where does it end?",
        "Write two lines about the smell of rain.",
        "How many legs does a spider have?",
        "Name a prime above one hundred.",
        "Why is the sky blue?",
    ];
    let answers = [
        "The Rhine. It ends in the North Sea, near Rotterdam.",
        "Wet dust, warm stone; the street remembers that it once was earth, and says so.",
        "Eight.",
        "A hundred and one is prime, and so is a hundred and three.",
        "Air scatters short waves more than long ones, so the blue of the sun reaches us from everywhere.",
    ];
    let pick = |list: [&'static str; 5], by: u64| {
        let place = usize::try_from((number * by + number / 5) % 5).unwrap_or_default();
        list.into_iter().nth(place).unwrap_or_default()
    };
    let question = format!("{} ({number})", pick(questions, 1));
    let answer = format!("{} [{}]", pick(answers, 2), number * 7);
    let (input, output) = (question.len() as u64 / 4 + 3, answer.len() as u64 / 4 + 1);
    let asked = json!({
        "engine": "acme-large-2", "heat": 0.5,
        "dialogue": [{"speaker": "human", "utterance": question}],
    });
    let answered = json!({
        "id": format!("turn-{}", 77_000 + number * 13), "took_ms": 400 + number * 31 % 97,
        "turn": {"speaker": "ai", "utterance": answer}, "ended_because": "eos",
        "accounting": {"tokens_in": input, "tokens_out": output, "tokens_total": input + output},
    });
    (asked, answered)
}

/// Makes a call that is answered as [`turn`] says; returns its id.
async fn call(house: &House, number: u64) -> Result<String> {
    let (asked, answered) = turn(number);
    let answered = answered.to_string();
    let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ";
    let name = format!("turn-{number}");
    house.double.script(&name, Script::bytes(format!("{head}{}\r\n\r\n{answered}", answered.len())));
    let call = Call::new("POST", PATH)
        .replace("Helicone-Target-Url", ACME)
        .header("Content-Type", "application/json")
        .header("X-Double-Script", name.as_str())
        .with_body(asked.to_string());
    let answer = house.exchange(&call).await?;
    ensure!(answer.head.status == 200 && answer.end.is_ok(), "{answer:?}");
    helicone_id(&answer.head.headers)
}

async fn api(house: &House, call: &str, body: Option<&Value>) -> Result<Value> {
    let (method, path) = call.split_once(' ').context("a method and a path")?;
    let (status, answer) = call_json(house.gatehouse.api(), method, path, TEST_KEY, body).await?;
    ensure!((200..300).contains(&status), "{call}: {status} {answer}");
    Ok(answer.get("data").cloned().unwrap_or_default())
}

/// Decides about a mapper; again, where the job was faster.
async fn decide(house: &House, call: &str, body: &Value) -> Result<Value> {
    let path = call.strip_prefix("POST ").context("a POST")?;
    eventually(DEADLINE, async || {
        let (status, answer) = call_json(house.gatehouse.api(), "POST", path, TEST_KEY, Some(body)).await?;
        ensure!(matches!(status, 200 | 409), "{call}: {status} {answer}");
        Ok((status == 200).then(|| answer.get("data").cloned().unwrap_or_default()))
    })
    .await
}

/// Returns the mapper as soon as it is as wanted.
async fn mapper(house: &House, is_wanted: impl Fn(&Value) -> bool) -> Result<Value> {
    eventually(DEADLINE, async || {
        let listed = api(house, "GET /v1/mappers", None).await?;
        Ok(listed.get(0).filter(|mapper| is_wanted(mapper)).cloned())
    })
    .await
}

#[tokio::test]
async fn an_unknown_api_is_mapped_and_its_stored_calls_are_read_again() -> Result<()> {
    let house = House::with_toml(LIMITS).await?;
    let first = call(&house, 0).await?;
    let row = house.row(&first).await?;
    ensure!(row["usage_source"] == "none" && row["prompt_tokens"].is_null(), "{row}");
    let pending = mapper(&house, |_| true).await?;
    ensure!(pending["status"] == "PENDING_CREATION", "{pending}");
    let row = eventually(DEADLINE, async || {
        let row = house.row(&first).await?;
        Ok((row["usage_hint"] == "Model is pending mapping").then_some(row))
    })
    .await?;
    ensure!(row["mapper_id"].is_null(), "{row}");
    ensure!(pending["host"] == "llm.unknown.example" && pending["path"] == PATH, "{pending}");

    let mut ids = vec![first];
    for number in 1..20 {
        ids.push(call(&house, number).await?);
    }
    let inferred = mapper(&house, |mapper| !mapper["inferred_at"].is_null()).await?;
    let path = format!("/v1/mappers/{}", text(&inferred, "id"));
    // The newest calls are looked at, all of them now.
    api(&house, &format!("POST {path}/infer"), None).await?;
    let inferred = mapper(&house, |mapper| mapper["sample_count"] == 20).await?;
    let status = text(&inferred, "status");
    ensure!(matches!(status, "ACTIVE" | "PENDING_APPROVAL"), "{inferred}");
    let detail = decide(&house, &format!("POST {path}/approve"), &json!({})).await?;
    ensure!(detail["mapper"]["status"] == "ACTIVE", "{}", detail["mapper"]);

    for (number, id) in (0..).zip(&ids) {
        let (_, answered) = turn(number);
        let row = eventually(DEADLINE, async || {
            let row = house.row(id).await?;
            Ok((row["usage_source"] == "mapped").then_some(row))
        })
        .await
        .with_context(|| format!("the row of call {number} is not read: {detail}"))?;
        let counts = &answered["accounting"];
        ensure!(row["prompt_tokens"] == counts["tokens_in"], "{row}");
        ensure!(row["mapper_id"] == inferred["id"] && row["usage_hint"].is_null(), "{row}");
        ensure!(row["completion_tokens"] == counts["tokens_out"], "{row}");
        ensure!(row["total_tokens"] == counts["tokens_total"], "{row}");
        ensure!(row["cost"].is_null() && row["cost_status"] == "no_price", "{row}");
        let said = answered["turn"]["utterance"].as_str().unwrap_or_default();
        ensure!(row["response_preview"] == said, "{row}");
    }

    let new = house.row(&call(&house, 20).await?).await?;
    ensure!(new["usage_source"] == "mapped" && new["model"] == "acme-large-2", "{new}");

    let declined = decide(&house, &format!("POST {path}/decline"), &json!({})).await?;
    ensure!(declined["mapper"]["active_version"].is_null(), "{}", declined["mapper"]);
    let unread = house.row(&call(&house, 21).await?).await?;
    ensure!(unread["usage_source"] == "none", "{unread}");
    let back = decide(&house, &format!("POST {path}/rollback"), &json!({"version": 1})).await?;
    ensure!(back["mapper"]["active_version"] == 1, "{}", back["mapper"]);
    Ok(())
}
