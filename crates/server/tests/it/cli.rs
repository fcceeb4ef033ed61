//! Commands about keys, organisations and domains, beside a running server and without one.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::call_json;
use gatehouse_testkit::eventually;
use gatehouse_testkit::process::{Finished, TEST_KEY, run};
use serde_json::{Value, json};

use crate::support::{BINARY, Call, DEADLINE, House, chat_body, refusal};

/// How long a running server may take to know of a change on a busy machine: it looks four times a second.
const KNOWN: Duration = Duration::from_secs(20);

/// Runs a command on the data of `house`.
pub(crate) async fn command(house: &House, arguments: &[&str]) -> Result<Finished> {
    let config = house.gatehouse.config_path();
    let place = [OsStr::new("--config"), config.as_os_str()];
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).chain(place).collect();
    run(Path::new(BINARY), &arguments, &[], DEADLINE).await
}

/// Runs a command that must succeed, and returns what it printed, without the last line end.
pub(crate) async fn printed(house: &House, arguments: &[&str]) -> Result<String> {
    let finished = command(house, arguments).await?;
    ensure!(finished.status.success() && finished.stderr.is_empty(), "{arguments:?}: {finished:?}");
    Ok(finished.stdout.strip_suffix('\n').context("no line end")?.to_owned())
}

/// Runs a command that must fail with this exit code, say this, and print nothing else.
async fn fails(house: &House, arguments: &[&str], code: i32, about: &str) -> Result<()> {
    let finished = command(house, arguments).await?;
    ensure!(finished.status.code() == Some(code), "{arguments:?}: {finished:?}");
    ensure!(finished.stdout.is_empty() && finished.stderr.contains(about), "{arguments:?}: {finished:?}");
    Ok(())
}

async fn listed(house: &House, arguments: &[&str]) -> Result<Vec<Value>> {
    let text = printed(house, &[arguments, &["--json"]].concat()).await?;
    Ok(serde_json::from_str(&text)?)
}

/// Returns the only row whose field says this.
fn with<'a>(rows: &'a [Value], field: &str, text: &str) -> Result<&'a Value> {
    let found: Vec<_> = rows.iter().filter(|row| row.get(field).is_some_and(|found| found == text)).collect();
    ensure!(found.len() == 1, "{} rows have {field} {text} in {rows:?}", found.len());
    found.first().copied().context("a row")
}

fn text<'a>(row: &'a Value, field: &str) -> Result<&'a str> {
    row.get(field).and_then(Value::as_str).with_context(|| format!("no text `{field}` in {row}"))
}

/// Returns the status and code of a call through the gateway with `key`.
async fn outcome(house: &House, key: &str) -> Result<(u16, String)> {
    let call = Call::chat(&chat_body(false)).replace("Helicone-Auth", format!("Bearer {key}"));
    let answer = house.exchange(&call).await?;
    if answer.head.status == 200 {
        return Ok((200, String::new()));
    }
    let (status, code, _) = refusal(&answer)?;
    Ok((status, code))
}

/// Waits until a call with `key` ends like this.
async fn known(house: &House, key: &str, status: u16, code: &str) -> Result<()> {
    let look = async || {
        let (found, told) = outcome(house, key).await?;
        Ok(((found, told.as_str()) == (status, code)).then_some(()))
    };
    eventually(KNOWN, look).await.with_context(|| format!("{status} {code}"))
}

#[tokio::test]
async fn a_running_server_knows_keys_that_are_made_and_revoked_beside_it() -> Result<()> {
    let house = House::start().await?;
    let key = printed(&house, &["keys", "create", "--name", "worker", "--permissions", "w"]).await?;
    ensure!(key.starts_with("sk-helicone-") && key.len() == TEST_KEY.len(), "{key}");
    known(&house, &key, 200, "").await?;
    let rows = listed(&house, &["keys", "list"]).await?;
    let row = with(&rows, "name", "worker")?;
    let told = ["permissions", "admin", "status", "organization"].map(|field| row.get(field));
    let expected = [json!("w"), json!(false), json!("active"), json!("Default")];
    ensure!(told == expected.each_ref().map(Some), "{row}");
    ensure!(!rows.iter().any(|row| row.to_string().contains(&key)), "a key is shown once");
    let id = text(row, "id")?;

    let table = printed(&house, &["keys", "list"]).await?;
    let (heading, lines) = table.split_once('\n').context("two lines")?;
    let columns: Vec<_> = heading.split("  ").map(str::trim).filter(|name| !name.is_empty()).collect();
    let expected =
        ["ID", "NAME", "ORGANIZATION", "PERMISSIONS", "ADMIN", "CREATED AT", "LAST USED AT", "STATUS"];
    ensure!(columns == expected, "{columns:?}");
    let line = lines.lines().find(|line| line.starts_with(id)).context("its line")?;
    ensure!(line.contains("worker") && line.ends_with("active"), "{line}");

    let said = printed(&house, &["keys", "revoke", id]).await?;
    ensure!(said == format!("revoked the key {id} (worker)"), "{said}");
    known(&house, &key, 401, "revoked_api_key").await?;
    fails(&house, &["keys", "revoke", id], 1, "was revoked already").await?;
    let rows = listed(&house, &["keys", "list"]).await?;
    ensure!(text(with(&rows, "name", "worker")?, "status")? == "revoked", "{rows:?}");
    let audit = house.gatehouse.get("/v1/audit?limit=2").await?;
    let entry = |number: usize, field: &str| audit.pointer(&format!("/data/{number}/{field}")).cloned();
    ensure!(entry(0, "action") == Some(json!("key_revoked")), "{audit}");
    ensure!(entry(1, "action") == Some(json!("key_created")), "{audit}");
    ensure!(entry(0, "actor/type") == Some(json!("command_line")), "{audit}");
    Ok(())
}

#[tokio::test]
async fn a_key_expires_when_its_time_is_over() -> Result<()> {
    let house = House::start().await?;
    let key = printed(&house, &["keys", "create", "--name", "brief", "--expires-in", "1s"]).await?;
    let look =
        async || Ok((outcome(&house, &key).await? == (401, "expired_api_key".to_owned())).then_some(()));
    eventually(DEADLINE, look).await?;
    let rows = listed(&house, &["keys", "list"]).await?;
    let row = with(&rows, "name", "brief")?;
    ensure!(text(row, "status")? == "expired" && text(row, "expires_at")?.ends_with('Z'), "{row}");
    let long = printed(&house, &["keys", "create", "--name", "long", "--expires-in", "90d"]).await?;
    known(&house, &long, 200, "").await
}

#[tokio::test]
async fn organizations_have_keys_of_their_own() -> Result<()> {
    let house = House::start().await?;
    let id = printed(&house, &["organizations", "create", "--name", "Research"]).await?;
    let rows = listed(&house, &["organizations", "list"]).await?;
    ensure!(text(with(&rows, "name", "Research")?, "id")? == id, "{rows:?}");
    ensure!(rows.len() == 2, "{rows:?}");
    let table = printed(&house, &["organizations", "list"]).await?;
    ensure!(table.starts_with("ID ") && table.contains("Research"), "{table}");
    fails(&house, &["organizations", "create", "--name", "Research"], 1, "`Research` already").await?;

    let make = ["keys", "create", "--organization"];
    let by_name = printed(&house, &[&make[..], &["Research", "--name", "one"]].concat()).await?;
    let by_id = printed(&house, &[&make[..], &[&id, "--name", "two", "--admin"]].concat()).await?;
    for (key, is_admin) in [(&by_name, false), (&by_id, true)] {
        let call = async || call_json(house.gatehouse.api(), "GET", "/v1/organization", key, None).await;
        let look = async || Ok(Some(call().await?).filter(|(status, _)| *status == 200));
        let (_, who) = eventually(KNOWN, look).await?;
        ensure!(who.pointer("/data/id") == Some(&json!(id)), "{who}");
        ensure!(who.pointer("/data/is_admin") == Some(&json!(is_admin)), "{who}");
    }
    let rows = listed(&house, &["keys", "list", "--organization", "Research"]).await?;
    ensure!(rows.len() == 2 && text(with(&rows, "name", "two")?, "organization_id")? == id, "{rows:?}");
    ensure!(listed(&house, &["keys", "list"]).await?.len() == 3, "{rows:?}");
    let nobodys = [&make[..], &["Nobody", "--name", "x"]].concat();
    fails(&house, &nobodys, 1, "there is no organisation `Nobody`").await?;
    fails(&house, &["keys", "list", "--organization", "Nobody"], 1, "`Nobody`").await
}

#[tokio::test]
async fn a_command_that_can_not_be_done_says_why() -> Result<()> {
    let house = House::start().await?;
    let nobodys = "00000000-0000-0000-0000-00000000dead";
    fails(&house, &["keys", "revoke", nobodys], 1, "there is no key").await?;
    fails(&house, &["keys", "revoke", "x"], 2, "invalid value 'x'").await?;
    fails(&house, &["keys", "revoke"], 2, "<ID>").await?;
    fails(&house, &["keys", "create", "--name", " "], 2, "1 to 200 characters").await?;
    fails(&house, &["keys", "create", "--name", "a", "--permissions", "x"], 2, "`rw`, `r` or `w`").await?;
    fails(&house, &["keys", "create", "--name", "a", "--expires-in", "soon"], 2, "`90d`").await?;
    fails(&house, &["domains", "approve", nobodys], 1, "there is no domain").await?;
    fails(&house, &["domains", "reject", nobodys], 1, "there is no domain").await?;
    let add = |domain: &'static str| ["domains", "add", "--domain", domain];
    fails(&house, &add("https://llm.example.com/v1"), 1, "did you mean `llm.example.com`?").await?;
    fails(&house, &add("api.openai.com"), 1, "needs no approval").await?;
    let id = printed(&house, &add("llm.example.com")).await?;
    fails(&house, &add("llm.example.com"), 1, "`llm.example.com` already").await?;
    let rows = listed(&house, &["domains", "list", "--organization", "Default"]).await?;
    let row = with(&rows, "domain", "llm.example.com")?;
    ensure!(text(row, "id")? == id && text(row, "status")? == "pending", "{row}");
    let said = printed(&house, &["domains", "reject", &id, "--reason", "who is this?"]).await?;
    ensure!(said == format!("rejected the domain {id} (llm.example.com)"), "{said}");
    let rows = listed(&house, &["domains", "list"]).await?;
    let reason = text(with(&rows, "domain", "llm.example.com")?, "reason")?;
    ensure!(reason == "an administrator rejected it: who is this?", "{reason}");
    let table = printed(&house, &["domains", "list"]).await?;
    ensure!(table.contains("llm.example.com") && table.contains("rejected"), "{table}");
    Ok(())
}

#[tokio::test]
async fn commands_that_need_a_control_store_make_none() -> Result<()> {
    let home = tempfile::tempdir()?;
    let data = home.path().join("data");
    let run_with = async |arguments: &[&str]| {
        let place = [OsStr::new("--data-dir"), data.as_os_str()];
        let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).chain(place).collect();
        run(Path::new(BINARY), &arguments, &[], DEADLINE).await
    };
    for arguments in [["keys", "list"], ["organizations", "list"], ["domains", "list"]] {
        let finished = run_with(&arguments).await?;
        ensure!(finished.status.code() == Some(1), "{finished:?}");
        ensure!(finished.stderr.contains("there is no control store"), "{finished:?}");
        ensure!(!data.exists(), "{arguments:?} made a directory");
    }
    // The first key may be made before the first start.
    let finished = run_with(&["keys", "create", "--name", "first"]).await?;
    ensure!(finished.status.success() && finished.stdout.starts_with("sk-helicone-"), "{finished:?}");
    ensure!(run_with(&["keys", "list"]).await?.stdout.contains("first"));
    Ok(())
}
