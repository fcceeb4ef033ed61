//! Webhooks: every call is told to whoever wants to know of it, signed, at least once, and to nobody else.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, Ipv4Addr};

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::call_json;
use gatehouse_testkit::dns::Answer;
use gatehouse_testkit::process::TEST_KEY;
use gatehouse_testkit::receiver::Delivery;
use gatehouse_testkit::{
    DoubleOptions, Gatehouse, GatehouseOptions, ProviderDouble, Receiver, TestDns, eventually,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::load::metric;
use crate::support::{BINARY, Call, DEADLINE, House, chat_body, helicone_id};

/// A host that leads to the receiver.
const HOOKS: &str = "https://hooks.example.com";
/// Retries without a wait that anybody would notice.
const HASTY: &str = "[webhooks]\nretry_pause = \"2ms\"\n";

/// A gatehouse with a receiver of webhooks.
struct Scene {
    house: House,
    receiver: Receiver,
}

/// A webhook that was made.
struct Hook {
    id: String,
    key: String,
}

impl Scene {
    async fn start(toml: &str) -> Result<Self> {
        let double = ProviderDouble::start(DoubleOptions::default()).await?;
        let receiver = Receiver::start(double.ca()).await?;
        let place = format!("[upstream.resolve]\n\"hooks.example.com:443\" = \"{}\"\n", receiver.address());
        let options = GatehouseOptions::new(BINARY).with_double(&double).with_toml(&place).with_toml(toml);
        let gatehouse = Gatehouse::start(options).await?;
        Ok(Self { house: House { double, gatehouse }, receiver })
    }

    async fn ask(&self, call: &str, body: Value) -> Result<(u16, Value)> {
        let (method, path) = call.split_once(' ').context("a method and a path")?;
        let body = Some(&body).filter(|body| !body.is_null());
        call_json(self.house.gatehouse.api(), method, path, TEST_KEY, body).await
    }

    /// Asks the API and returns what is in `data`.
    async fn data(&self, call: &str, body: Value) -> Result<Value> {
        let (status, json) = self.ask(call, body).await?;
        ensure!(status == 200, "{call}: {status} {json}");
        json.get("data").cloned().context("data")
    }

    async fn hook(&self, path: &str, config: Value) -> Result<Hook> {
        let body = json!({"destination": format!("{HOOKS}{path}"), "config": config});
        self.hook_of(body).await
    }

    async fn hook_of(&self, body: Value) -> Result<Hook> {
        let made = self.data("POST /v1/webhooks", body).await?;
        let text = |name: &str| made.get(name).and_then(Value::as_str).context("a text").map(str::to_owned);
        Ok(Hook { id: text("id")?, key: text("hmac_key")? })
    }

    /// Makes a call and returns its id.
    async fn call(&self, property: Option<&str>) -> Result<String> {
        let mut call = Call::chat(&chat_body(false)).header("Helicone-User-Id", "alice");
        if let Some(value) = property {
            call = call.header("Helicone-Property-Environment", value);
        }
        let answer = self.house.exchange(&call).await?;
        ensure!(answer.head.status == 200, "{answer:?}");
        helicone_id(&answer.head.headers)
    }

    async fn letters(&self, hook: &Hook) -> Result<Vec<Value>> {
        let letters = self.data(&format!("GET /v1/webhooks/{}/dead-letters", hook.id), Value::Null).await?;
        letters.as_array().cloned().context("a list")
    }

    /// Waits until a webhook has so many dead letters.
    async fn wait_for_letters(&self, hook: &Hook, count: usize) -> Result<Vec<Value>> {
        let look = async || Ok(Some(self.letters(hook).await?).filter(|letters| letters.len() >= count));
        eventually(DEADLINE, look).await.context("dead letters")
    }

    /// Waits until so many deliveries were taken and none is under way.
    async fn settled(&self, delivered: f64) -> Result<()> {
        let look = async || {
            let gatehouse = &self.house.gatehouse;
            let taken =
                metric(gatehouse, "gatehouse_webhook_deliveries_total{outcome=\"delivered\"}").await?;
            let waiting = metric(gatehouse, "gatehouse_webhook_deliveries_waiting").await?;
            Ok((taken == Some(delivered) && waiting == Some(0.0)).then_some(()))
        };
        eventually(DEADLINE, look).await.with_context(|| format!("{delivered} delivered and none waiting"))
    }
}

fn to<'a>(deliveries: &'a [Delivery], path: &'a str) -> impl Iterator<Item = &'a Delivery> {
    deliveries.iter().filter(move |delivery| delivery.target == path)
}

fn request_id(delivery: &Delivery) -> Result<String> {
    let json = delivery.json()?;
    Ok(json.get("request_id").and_then(Value::as_str).context("a request_id")?.to_owned())
}

/// The HMAC-SHA256 by its definition (RFC 2104), in hex.
fn hmac(key: &str, message: &[u8]) -> String {
    let mut block = [0_u8; 64];
    block.iter_mut().zip(key.bytes()).for_each(|(slot, byte)| *slot = byte);
    let padded = |pad: u8| block.map(|byte| byte ^ pad);
    let inner = Sha256::digest([&padded(0x36), message].concat());
    let outer = Sha256::digest([&padded(0x5c), inner.as_slice()].concat());
    outer.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn check_signatures(delivery: &Delivery, key: &str) -> Result<()> {
    ensure!(delivery.header("helicone-signature") == hmac(key, &delivery.body), "{delivery:?}");
    let signature = delivery.header("gatehouse-signature");
    let (time, code) = signature.split_once(",v1=").context("two parts")?;
    let time = time.strip_prefix("t=").context("a time")?;
    ensure!(time.parse::<u64>()? > 1_700_000_000, "{signature}");
    let message = [time.as_bytes(), b".", &delivery.body].concat();
    ensure!(code == hmac(key, &message), "{signature}");
    Ok(())
}

#[tokio::test]
async fn a_call_is_told_with_its_figures_and_two_signatures_and_can_be_read_at_once() -> Result<()> {
    // The first row after a pause is stored at once, the next one waits for others.
    let toml = "[log]\nbatch_interval = \"1s\"\n[webhooks]\napi_url = \"https://gate.example\"\n";
    let scene = Scene::start(toml).await?;
    let first = scene.call(None).await?;
    scene.house.row(&first).await?;
    let hook = scene.hook("/told?by=gatehouse", json!({})).await?;
    let id = scene.call(None).await?;
    let deliveries = scene.receiver.wait_for(1).await?;
    let row = scene.house.gatehouse.get(&format!("/v1/request/{id}")).await.context("the row is there")?;
    let delivery = deliveries.first().context("a delivery")?;
    ensure!((delivery.method.as_str(), delivery.target.as_str()) == ("POST", "/told?by=gatehouse"));
    ensure!(
        delivery.header("content-type") == "application/json"
            && delivery.header("host") == "hooks.example.com"
    );
    ensure!(delivery.header("gatehouse-delivery").len() == 36, "{delivery:?}");
    check_signatures(delivery, &hook.key)?;
    let told = delivery.json()?;
    let row = row.get("data").context("data")?;
    for (field, expected) in [
        ("/request_id", json!(id)),
        ("/user_id", json!("alice")),
        ("/request_body", chat_body(false)),
        ("/request_response_url", json!(format!("https://gate.example/v1/request/{id}?includeBody=true"))),
        ("/model", row.get("model").cloned().context("a model")?),
        ("/provider", json!("OPENAI")),
        ("/metadata/cost", row.get("cost").cloned().context("a cost")?),
        ("/metadata/promptTokens", row.get("prompt_tokens").cloned().context("tokens")?),
        ("/metadata/totalTokens", row.get("total_tokens").cloned().context("tokens")?),
    ] {
        let same = match (told.pointer(field), &expected) {
            (Some(Value::Number(a)), Value::Number(b)) => a.as_f64() == b.as_f64(),
            (told, expected) => told == Some(expected),
        };
        ensure!(same, "{field}: expected {expected} in {told}");
    }
    ensure!(told.pointer("/metadata/cost").and_then(Value::as_f64) > Some(0.0), "{told}");
    ensure!(told.pointer("/response_body/choices").is_some(), "{told}");
    Ok(())
}

#[tokio::test]
async fn only_calls_that_a_webhook_wants_are_told_to_it() -> Result<()> {
    let scene = Scene::start("").await?;
    let id = scene.call(Some("prod")).await?;
    scene.house.row(&id).await?;
    scene.hook("/all", json!({})).await?;
    scene.hook("/none", json!({"sampleRate": 0})).await?;
    let filters = json!([{"key": "Environment", "value": "prod"}]);
    scene.hook("/prod", json!({"propertyFilters": filters})).await?;
    let off = scene.hook("/off", json!({})).await?;
    scene.data(&format!("PATCH /v1/webhooks/{}", off.id), json!({"is_active": false})).await?;
    let plain = scene.call(None).await?;
    let test = scene.call(Some("test")).await?;
    let prod = scene.call(Some("prod")).await?;
    scene.settled(4.0).await?;
    let deliveries = scene.receiver.received();
    let ids = |path: &str| to(&deliveries, path).map(request_id).collect::<Result<HashSet<_>>>();
    ensure!(
        ids("/all")? == HashSet::from([plain, test, prod.clone()]),
        "none that ended before: {deliveries:?}"
    );
    ensure!(ids("/prod")? == HashSet::from([prod]), "{deliveries:?}");
    ensure!(deliveries.len() == 4, "{deliveries:?}");
    Ok(())
}

#[tokio::test]
async fn a_delivery_that_fails_is_made_again_under_the_same_id() -> Result<()> {
    let scene = Scene::start(HASTY).await?;
    let hook = scene.hook("/flaky", json!({})).await?;
    scene.receiver.answer(&[500, 429, 503], 200);
    scene.call(None).await?;
    scene.settled(1.0).await?;
    let deliveries = scene.receiver.received();
    ensure!(deliveries.len() == 4, "{deliveries:?}");
    let ids: HashSet<&str> =
        deliveries.iter().map(|delivery| delivery.header("gatehouse-delivery")).collect();
    let bodies: HashSet<_> = deliveries.iter().map(|delivery| delivery.body.clone()).collect();
    ensure!((ids.len(), bodies.len()) == (1, 1), "{deliveries:?}");
    deliveries.iter().try_for_each(|delivery| check_signatures(delivery, &hook.key))?;
    ensure!(scene.letters(&hook).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn what_is_given_up_is_kept_and_can_be_sent_again() -> Result<()> {
    let scene = Scene::start(&format!("{HASTY}attempts = 2\n")).await?;
    let hook = scene.hook("/away", json!({})).await?;
    scene.receiver.answer(&[], 500);
    let id = scene.call(None).await?;
    let letters = scene.wait_for_letters(&hook, 1).await?;
    let letter = letters.first().context("a letter")?;
    let field = |name: &str| letter.get(name).cloned().unwrap_or_default();
    ensure!(field("request_id") == json!(id) && field("attempts") == json!(2), "{letter}");
    ensure!(field("error") == json!("the receiver answered with status 500"), "{letter}");
    ensure!(scene.receiver.received().len() == 2);

    let retry = format!(
        "POST /v1/webhooks/{}/dead-letters/{}/retry",
        hook.id,
        field("id").as_str().context("an id")?
    );
    let tried = scene.data(&retry, Value::Null).await?;
    ensure!(tried.get("success") == Some(&json!(false)) && scene.letters(&hook).await?.len() == 1, "{tried}");
    scene.receiver.answer(&[], 204);
    let tried = scene.data(&retry, Value::Null).await?;
    ensure!(tried.get("success") == Some(&json!(true)) && scene.letters(&hook).await?.is_empty(), "{tried}");
    let deliveries = scene.receiver.received();
    let last = deliveries.last().context("a delivery")?;
    check_signatures(last, &hook.key)?;
    ensure!(deliveries.iter().all(|delivery| delivery.body == last.body), "{deliveries:?}");
    let ids: HashSet<&str> =
        deliveries.iter().map(|delivery| delivery.header("gatehouse-delivery")).collect();
    ensure!(ids == HashSet::from([field("id").as_str().unwrap_or_default()]), "{deliveries:?}");
    Ok(())
}

#[tokio::test]
async fn a_receiver_that_refuses_is_not_asked_again() -> Result<()> {
    let scene = Scene::start(HASTY).await?;
    let hook = scene.hook("/refuses", json!({})).await?;
    scene.receiver.answer(&[404, 307], 200);
    scene.call(None).await?;
    scene.wait_for_letters(&hook, 1).await?;
    scene.call(None).await?;
    let letters = scene.wait_for_letters(&hook, 2).await?;
    let errors: Vec<_> = letters.iter().filter_map(|letter| letter.get("error")?.as_str()).collect();
    let redirect = "the receiver answered with status 307; redirects are not followed";
    ensure!(errors == [redirect, "the receiver answered with status 404"], "{letters:?}");
    ensure!(scene.receiver.received().len() == 2);
    Ok(())
}

#[tokio::test]
async fn a_receiver_that_never_ends_its_answer_has_taken_the_delivery() -> Result<()> {
    let scene = Scene::start("[webhooks]\nattempts = 1\ntimeout = \"1s\"\n").await?;
    scene.receiver.never_end("/hook");
    let hook = scene.hook("/hook", json!({})).await?;
    scene.call(None).await?;
    scene.settled(1.0).await?;
    ensure!(scene.letters(&hook).await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn a_slow_receiver_delays_nobody_else() -> Result<()> {
    let scene = Scene::start("[webhooks]\nparallel = 1\n").await?;
    scene.receiver.hold("/slow");
    scene.hook("/slow", json!({})).await?;
    scene.hook("/fast", json!({})).await?;
    for _ in 0..5 {
        scene.call(None).await?;
    }
    let enough = |deliveries: &[Delivery]| to(deliveries, "/fast").count() == 5;
    let deliveries = scene.receiver.wait_until(enough).await?;
    ensure!(to(&deliveries, "/slow").count() <= 1, "{deliveries:?}");
    Ok(())
}

#[tokio::test]
async fn a_receiver_that_is_away_holds_no_more_of_the_journal_than_it_may() -> Result<()> {
    let toml = "[gateway]\nmax_buffered_body_bytes = \"64KiB\"\nmax_header_bytes = \"4KiB\"\n\
                [journal]\nsegment_bytes = \"64KiB\"\nmax_disk_bytes = \"1MiB\"\n\
                [webhooks]\nretry_pause = \"10m\"\n";
    let scene = Scene::start(toml).await?;
    let hook = scene.hook("/away", json!({})).await?;
    scene.receiver.answer(&[], 503);
    let mut body = chat_body(false);
    body["messages"][0]["content"] = json!("x".repeat(50_000));
    for count in 1..=8 {
        scene.house.exchange(&Call::chat(&body)).await?;
        scene.receiver.wait_for(count).await?;
    }
    let letters = scene.wait_for_letters(&hook, 1).await?;
    let reason = "the journal could not keep the call until the receiver takes it";
    ensure!(letters.iter().all(|letter| letter.get("error") == Some(&json!(reason))), "{letters:?}");
    ensure!(letters.len() < 8, "the latest still wait: {letters:?}");
    Ok(())
}

#[tokio::test]
async fn private_destinations_are_refused_and_nothing_is_sent() -> Result<()> {
    let dns = TestDns::start().await?;
    dns.set("inside.example.org", Answer::addresses(&[IpAddr::V4(Ipv4Addr::LOCALHOST)]));
    let toml = format!("{HASTY}[upstream]\ndns_server = \"{}\"\n", dns.address());
    let scene = Scene::start(&toml).await?;
    let port = scene.receiver.address().port();
    for destination in [
        "http://example.com/hook",
        "ftp://example.com/hook",
        "https://user:password@example.com/",
        "https://localhost/",
        "https://a.localhost/",
        "https://printer.local/",
        "https://metadata.google.internal/",
        "https://db.corp/",
        "https://nas.lan/",
        "https://intranet/",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://10.1.2.3/",
        "https://172.16.0.1/",
        "https://192.168.0.1/",
        "https://100.64.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[fd00::1]/",
        "https://example.com:25/",
        "example.com",
    ] {
        let destination = destination.replace("127.0.0.1/", &format!("127.0.0.1:{port}/"));
        let (status, json) = scene.ask("POST /v1/webhooks", json!({"destination": destination})).await?;
        let code = json.pointer("/error/code").and_then(Value::as_str);
        ensure!((status, code) == (400, Some("invalid_field")), "{destination}: {status} {json}");
        ensure!(!json.to_string().contains("password@"), "{json}");
    }
    // A name tells nothing: it is refused when it is looked up.
    let hook =
        scene.hook_of(json!({"destination": format!("https://inside.example.org:{port}/hook")})).await?;
    let tried = scene.data(&format!("POST /v1/webhooks/{}/test", hook.id), Value::Null).await?;
    ensure!(tried.get("success") == Some(&json!(false)), "{tried}");
    scene.call(None).await?;
    let letters = scene.wait_for_letters(&hook, 1).await?;
    let expected = Some(json!("the receiver resolves to an address that is not public"));
    let letter = letters.first().context("a letter")?;
    ensure!(
        letter.get("error").cloned() == expected && letter.get("attempts") == Some(&json!(1)),
        "{letter}"
    );
    ensure!(scene.receiver.connections() == 0 && dns.queries("inside.example.org") > 0);
    Ok(())
}

/// A webhook whose destination leads back here would make calls of calls without end.
#[tokio::test]
async fn a_delivery_is_no_call() -> Result<()> {
    let scene = Scene::start(HASTY).await?;
    let call =
        Call::chat(&chat_body(false)).header("Gatehouse-Delivery", "0199f0a1-7c1e-7c3a-9a55-3f2f0c8f1d20");
    let answer = scene.house.exchange(&call).await?;
    ensure!(answer.head.status == 400, "{answer:?}");
    ensure!(String::from_utf8_lossy(&answer.body).contains("webhook_delivery"), "{answer:?}");
    let hook = scene.hook("/hook", json!({})).await?;
    let id = scene.call(None).await?;
    let told = scene.receiver.wait_for(1).await?;
    ensure!(to(&told, "/hook").count() == 1 && request_id(told.first().context("one")?)? == id, "{told:?}");
    ensure!(scene.letters(&hook).await?.is_empty());
    ensure!(scene.house.double.wait_for(1).await?.len() == 1, "the delivery was not sent on");
    Ok(())
}

#[tokio::test]
async fn a_webhook_can_be_tried_out() -> Result<()> {
    let scene = Scene::start("").await?;
    let hook = scene.hook("/try", json!({})).await?;
    let test = format!("POST /v1/webhooks/{}/test", hook.id);
    let tried = scene.data(&test, Value::Null).await?;
    ensure!(tried == json!({"success": true, "message": "the receiver took it"}), "{tried}");
    let deliveries = scene.receiver.wait_for(1).await?;
    let delivery = deliveries.first().context("a delivery")?;
    check_signatures(delivery, &hook.key)?;
    ensure!(delivery.json()?.get("user_id") == Some(&json!("webhook-test")), "{delivery:?}");
    Ok(())
}

#[tokio::test]
async fn a_kill_loses_no_delivery() -> Result<()> {
    // The second attempts come after the cursor was saved at least once, the third ones after the kill.
    let mut scene = Scene::start("[webhooks]\nretry_pause = \"3s\"\n").await?;
    let hook = scene.hook("/killed", json!({})).await?;
    scene.receiver.answer(&[], 503);
    let mut calls = HashSet::new();
    for _ in 0..12 {
        calls.insert(scene.call(None).await?);
    }
    let before = scene.receiver.wait_for(2 * calls.len()).await?;
    let id_of = |deliveries: &[Delivery]| -> Result<HashMap<String, String>> {
        let pair = |delivery: &Delivery| {
            Ok((request_id(delivery)?, delivery.header("gatehouse-delivery").to_owned()))
        };
        deliveries.iter().map(pair).collect()
    };
    let ids = id_of(&before)?;
    scene.house.gatehouse.kill9().await?;
    scene.receiver.answer(&[], 200);
    scene.house.gatehouse.restart().await?;
    #[expect(clippy::cast_precision_loss, reason = "a dozen")]
    scene.settled(calls.len() as f64).await?;
    let after = scene.receiver.received().split_off(before.len());
    ensure!(id_of(&after)? == ids, "the same calls under the same ids: {after:?}");
    ensure!(ids.keys().cloned().collect::<HashSet<_>>() == calls);
    after.iter().try_for_each(|delivery| check_signatures(delivery, &hook.key))
}

#[tokio::test]
async fn what_is_delivered_is_not_delivered_again_after_a_stop() -> Result<()> {
    let mut scene = Scene::start("").await?;
    scene.hook("/once", json!({})).await?;
    for _ in 0..3 {
        scene.call(None).await?;
    }
    scene.settled(3.0).await?;
    scene.house.gatehouse.terminate(DEADLINE).await?;
    scene.house.gatehouse.restart().await?;
    scene.call(None).await?;
    scene.settled(1.0).await?;
    ensure!(scene.receiver.received().len() == 4, "{:?}", scene.receiver.received());
    Ok(())
}

#[tokio::test]
async fn without_webhooks_the_journal_keeps_nothing_for_them() -> Result<()> {
    let scene = Scene::start("").await?;
    let cursor = scene.house.gatehouse.data_dir().join("journal").join("webhooks.cursor");
    let becomes = async |is_there: bool| {
        let look = async || Ok((cursor.exists() == is_there).then_some(()));
        eventually(DEADLINE, look).await.with_context(|| format!("{}: {is_there}", cursor.display()))
    };
    scene.call(None).await?;
    becomes(false).await?;
    let hook = scene.hook("/here", json!({})).await?;
    becomes(true).await?;
    scene.call(None).await?;
    scene.settled(1.0).await?;
    scene.data(&format!("DELETE /v1/webhooks/{}", hook.id), Value::Null).await?;
    becomes(false).await
}

#[tokio::test]
async fn keys_are_in_no_file_and_no_message() -> Result<()> {
    let mut scene = Scene::start(&format!("{HASTY}[telemetry]\nlevel = \"trace\"\n")).await?;
    let hook = scene.hook("/secret?token=url-token", json!({})).await?;
    scene.receiver.answer(&[500], 200);
    scene.call(None).await?;
    scene.settled(1.0).await?;
    scene.house.gatehouse.terminate(DEADLINE).await?;
    let said = [scene.house.gatehouse.stdout(), scene.house.gatehouse.stderr()].concat();
    ensure!(!said.contains(&hook.key) && !said.contains("url-token"), "{said}");
    let mut looked_at = 0;
    let mut directories = vec![scene.house.gatehouse.data_dir()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(&directory)? {
            let path = entry?.path();
            if path.is_dir() {
                directories.push(path);
                continue;
            }
            let bytes = std::fs::read(&path)?;
            let found = bytes.windows(hook.key.len()).any(|window| window == hook.key.as_bytes());
            ensure!(!found, "the key is in {}", path.display());
            looked_at += 1;
        }
    }
    ensure!(looked_at > 2, "{looked_at} files");
    Ok(())
}
