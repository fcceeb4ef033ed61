//! Providers' keys in the vault: sealed on disk, bound to hosts, and rotated beside a running server.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::call_json;
use gatehouse_testkit::process::TEST_KEY;
use serde_json::{Value, json};

use crate::cli::{command, printed};
use crate::support::{Call, House, chat_body, refusal};

const SECRET: &str = "sk-proj-kept-in-the-vault";
/// How long a running server may take to end on a busy machine.
const END: Duration = Duration::from_secs(30);

/// Calls the API, which must answer 200.
async fn api(house: &House, method: &str, path: &str, body: Option<Value>) -> Result<Value> {
    let (status, json) = call_json(house.gatehouse.api(), method, path, TEST_KEY, body.as_ref()).await?;
    ensure!(status == 200, "{method} {path} answered {status}: {json}");
    Ok(json)
}

/// Stores a provider's key and returns a proxy key for it.
async fn proxy_key(house: &House, provider: &str, secret: &str) -> Result<String> {
    let body = json!({"providerName": provider, "providerKey": secret});
    let stored = api(house, "POST", "/v1/api-keys/provider-key", Some(body)).await?;
    let body = json!({"providerKeyId": stored.get("id"), "proxyKeyName": "app"});
    let made = api(house, "POST", "/v1/api-keys/proxy-key", Some(body)).await?;
    let key = made.get("proxyKey").and_then(Value::as_str).context("a proxy key")?;
    Ok(key.to_owned())
}

/// Returns a call with a proxy key where the provider's key would stand.
fn with_proxy_key(key: &str) -> Call<'static> {
    Call::chat(&chat_body(false)).without("Helicone-Auth").replace("Authorization", format!("Bearer {key}"))
}

/// Returns the keys of the vault as they are listed.
async fn status(house: &House) -> Result<Vec<(String, u64, u64)>> {
    let rows: Vec<Value> = serde_json::from_str(&printed(house, &["vault", "status", "--json"]).await?)?;
    let row = |row: &Value| {
        let count = |field: &str| row.get(field).and_then(Value::as_u64).unwrap_or(u64::MAX);
        let state = row.get("state").and_then(Value::as_str).unwrap_or_default();
        (state.to_owned(), count("secrets"), count("unreadable"))
    };
    Ok(rows.iter().map(row).collect())
}

/// Checks that no file below `directory` has `secret` in it.
fn check_absent(directory: &Path, secret: &[u8]) -> Result<()> {
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.is_dir() {
            check_absent(&path, secret)?;
            continue;
        }
        let bytes = fs::read(&path)?;
        let has_it = bytes.windows(secret.len()).any(|part| part == secret);
        ensure!(!has_it, "`{}` has a secret in it", path.display());
    }
    Ok(())
}

#[tokio::test]
async fn a_rotation_under_load_loses_no_call() -> Result<()> {
    let house = House::start().await?;
    let key = proxy_key(&house, "openai", SECRET).await?;
    let over = AtomicBool::new(false);
    let calls = async {
        let mut made = 0;
        while !over.load(Ordering::Relaxed) || made == 0 {
            let answer = house.exchange(&with_proxy_key(&key)).await?;
            ensure!(answer.head.status == 200, "after {made} calls: {answer:?}");
            made += 1;
        }
        anyhow::Ok(made)
    };
    let rotations = async {
        for arguments in
            [["vault", "rotate"].as_slice(), &["vault", "rotate", "--drop-old"], &["vault", "rotate"]]
        {
            let report = printed(&house, arguments).await?;
            ensure!(report.contains("sealed 1 secrets anew"), "{report}");
        }
        over.store(true, Ordering::Relaxed);
        anyhow::Ok(())
    };
    let (made, rotated) = tokio::join!(calls, rotations);
    rotated?;
    let received = house.double.wait_for(made?).await?;
    let placed = format!("Bearer {SECRET}");
    for request in &received {
        ensure!(request.headers.text("authorization").as_deref() == Some(placed.as_str()), "{request:?}");
    }
    let row = |state: &str, secrets| (state.to_owned(), secrets, 0);
    assert_eq!(status(&house).await?, [row("current", 1), row("former", 0)]);

    // The running server seals with the new key, and the next one opens with it.
    proxy_key(&house, "anthropic", "sk-ant-other").await?;
    assert_eq!(status(&house).await?, [row("current", 2), row("former", 0)]);
    let mut house = house;
    house.gatehouse.terminate(END).await?;
    house.gatehouse.restart().await?;
    let answer = house.exchange(&with_proxy_key(&key)).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn a_key_in_the_vault_is_on_no_disk_and_in_no_log() -> Result<()> {
    let house = House::with_toml("[telemetry]\nlevel = \"trace\"\n").await?;
    let key = proxy_key(&house, "openai", SECRET).await?;
    let call = with_proxy_key(&key);
    let answer = house.exchange(&call).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    let row = house.row(&crate::support::helicone_id(&answer.head.headers)?).await?;
    ensure!(!row.to_string().contains(SECRET) && !row.to_string().contains(&key), "{row}");
    let mut house = house;
    house.gatehouse.terminate(END).await?;
    let data = house.gatehouse.data_dir();
    for secret in [SECRET, &key] {
        check_absent(&data, secret.as_bytes())?;
        let said = format!("{}{}", house.gatehouse.stdout(), house.gatehouse.stderr());
        ensure!(!said.contains(secret), "{said}");
    }
    let mode = fs::metadata(data.join("vault.key"))?.mode();
    ensure!(mode & 0o777 == 0o600, "{mode:o}");
    Ok(())
}

#[tokio::test]
async fn a_key_goes_to_its_providers_hosts_and_nowhere_else() -> Result<()> {
    let house = House::start().await?;
    let key = proxy_key(&house, "openai", SECRET).await?;
    for target in [
        "https://api.anthropic.com",
        "https://api.openai.com.evil.example",
        "https://api.openai.com:8443",
        "https://api.openai.com@api.anthropic.com",
    ] {
        let call = with_proxy_key(&key).replace("Helicone-Target-Url", target);
        let answer = house.exchange(&call).await?;
        ensure!((400..500).contains(&answer.head.status), "{target}: {answer:?}");
    }
    ensure!(house.double.requests().is_empty(), "{:?}", house.double.requests());
    let answer = house.exchange(&with_proxy_key(&key)).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    Ok(())
}

#[tokio::test]
async fn without_its_key_the_vault_refuses_and_a_rotation_changes_nothing() -> Result<()> {
    let mut house = House::start().await?;
    let key = proxy_key(&house, "openai", SECRET).await?;
    let file = house.gatehouse.data_dir().join("vault.key");
    let kept = fs::read(&file)?;
    house.gatehouse.terminate(END).await?;
    fs::remove_file(&file)?;
    house.gatehouse.restart().await?;
    let (status_code, _, message) = refusal(&house.exchange(&with_proxy_key(&key)).await?)?;
    ensure!((400..600).contains(&status_code) && message.contains("can't be decrypted"), "{message}");
    ensure!(house.double.requests().is_empty());

    let made = fs::read(&file)?;
    let finished = command(&house, &["vault", "rotate"]).await?;
    ensure!(!finished.status.success() && finished.stderr.contains("can't rotate"), "{finished:?}");
    ensure!(fs::read(&file)? == made, "a rotation that fails changes nothing");
    let row = |state: &str, secrets, unreadable| (state.to_owned(), secrets, unreadable);
    assert_eq!(status(&house).await?, [row("current", 0, 0), row("missing", 1, 1)]);

    // The file comes back, and the running server goes on with it.
    fs::write(&file, kept)?;
    let look = async || {
        let answer = house.exchange(&with_proxy_key(&key)).await?;
        Ok((answer.head.status == 200).then_some(()))
    };
    gatehouse_testkit::eventually(END, look).await
}

#[tokio::test]
async fn keys_of_the_configuration_are_rotated_there() -> Result<()> {
    let old = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    let new = "ff".repeat(32);
    let house = House::with_toml(&format!("[vault]\nkey = \"{new},{old}\"\n")).await?;
    let key = proxy_key(&house, "openai", SECRET).await?;
    ensure!(!house.gatehouse.data_dir().join("vault.key").exists());
    let report = printed(&house, &["vault", "rotate"]).await?;
    ensure!(report.contains("sealed 0 secrets anew"), "{report}");
    let finished = command(&house, &["vault", "rotate", "--drop-old"]).await?;
    ensure!(finished.stderr.contains("`vault.key` is configured"), "{finished:?}");
    let answer = house.exchange(&with_proxy_key(&key)).await?;
    ensure!(answer.head.status == 200, "{answer:?}");
    Ok(())
}
