//! Start and end: what a start refuses, what it says, how SIGTERM drains.

use std::ffi::OsStr;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use gatehouse_testkit::client::{RawClient, request};
use gatehouse_testkit::http1::Piece;
use gatehouse_testkit::process::{Finished, run};
use gatehouse_testkit::{Gatehouse, GatehouseOptions, ProviderDouble, eventually};

use crate::load::{SEEN, chat, row};
use crate::support::{Call, House, chat_body, helicone_id};

const BINARY: &str = env!("CARGO_BIN_EXE_gatehouse");
const DEADLINE: Duration = Duration::from_secs(30);

async fn gatehouse(arguments: &[&str]) -> Result<Finished> {
    let arguments: Vec<&OsStr> = arguments.iter().map(OsStr::new).collect();
    run(Path::new(BINARY), &arguments, &[], DEADLINE).await
}

#[tokio::test]
async fn says_its_version() -> Result<()> {
    let finished = gatehouse(&["--version"]).await?;
    ensure!(finished.stdout == format!("gatehouse {}\n", env!("CARGO_PKG_VERSION")), "{}", finished.stdout);
    Ok(())
}

#[tokio::test]
async fn names_line_key_and_nearest_name_of_a_wrong_configuration() -> Result<()> {
    let home = tempfile::tempdir()?;
    let file = home.path().join("gatehouse.toml");
    std::fs::write(&file, "[gateway]\nlissten = \"127.0.0.1:0\"\nmax_headers = \"many\"\n")?;
    for command in ["serve", "check-config"] {
        let finished = gatehouse(&[command, "--config", &file.to_string_lossy()]).await?;
        ensure!(!finished.status.success(), "{command} took a wrong configuration");
        for part in ["gatehouse.toml:2:1", "gateway.lissten", "gateway.listen", ":3:", "gateway.max_headers"]
        {
            ensure!(finished.stderr.contains(part), "no `{part}` in {}", finished.stderr);
        }
    }
    Ok(())
}

#[tokio::test]
async fn check_config_prints_what_is_in_force_without_secrets() -> Result<()> {
    let home = tempfile::tempdir()?;
    let file = home.path().join("gatehouse.toml");
    let key = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd";
    std::fs::write(&file, format!("[bootstrap]\napi_key = \"{key}\"\n"))?;
    let finished = gatehouse(&["check-config", "--config", &file.to_string_lossy()]).await?;
    ensure!(finished.status.success(), "{}", finished.stderr);
    ensure!(finished.stdout.contains("listen = \"127.0.0.1:8787\""), "{}", finished.stdout);
    ensure!(!finished.stdout.contains(key), "the key is shown");
    Ok(())
}

#[tokio::test]
async fn a_clean_stop_and_start_worries_nobody() -> Result<()> {
    let mut house = House::start().await?;
    let answer = house.exchange(&Call::chat(&chat_body(false))).await?;
    house.row(&helicone_id(&answer.head.headers)?).await?;
    for _ in 0..3 {
        house.gatehouse.terminate(DEADLINE).await?;
        house.gatehouse.restart().await?;
        let stderr = house.gatehouse.stderr();
        ensure!(!stderr.contains("WARN") && !stderr.contains("ERROR"), "{stderr}");
    }
    Ok(())
}

#[tokio::test]
async fn a_second_start_on_the_same_data_says_that_it_is_in_use() -> Result<()> {
    let first = Gatehouse::start(GatehouseOptions::new(BINARY)).await?;
    let config = first.config_path();
    let second = gatehouse(&["serve", "--config", &config.to_string_lossy()]).await?;
    ensure!(!second.status.success(), "it started");
    ensure!(second.stderr.contains("in use"), "{}", second.stderr);
    Ok(())
}

#[tokio::test]
async fn a_taken_port_is_named() -> Result<()> {
    let first = Gatehouse::start(GatehouseOptions::new(BINARY)).await?;
    let home = tempfile::tempdir()?;
    let file = home.path().join("gatehouse.toml");
    let listen = first.gateway();
    std::fs::write(&file, format!("[gateway]\nlisten = \"{listen}\"\n[api]\nlisten = \"127.0.0.1:0\"\n"))?;
    let data = home.path().join("data");
    let arguments = ["serve", "--config", &file.to_string_lossy(), "--data-dir", &data.to_string_lossy()];
    let second = gatehouse(&arguments).await?;
    ensure!(!second.status.success(), "it started");
    ensure!(second.stderr.contains(&listen.to_string()), "{}", second.stderr);
    Ok(())
}

#[tokio::test]
async fn the_first_start_shows_a_generated_key_once() -> Result<()> {
    let home = tempfile::tempdir()?;
    let file = home.path().join("gatehouse.toml");
    std::fs::write(&file, "[gateway]\nlisten = \"127.0.0.1:0\"\n[api]\nlisten = \"127.0.0.1:0\"\n")?;
    let options = GatehouseOptions::new(BINARY).with_toml("[bootstrap]\napi_key = \"\"\n");
    let mut gatehouse = Gatehouse::start(options).await?;
    ensure!(gatehouse.stdout().contains("sk-helicone-"), "no key: {}", gatehouse.stdout());
    ensure!(!gatehouse.stderr().contains("sk-helicone-"), "the key is in the log");
    gatehouse.restart().await?;
    ensure!(!gatehouse.stdout().contains("sk-helicone-"), "the key is shown again");
    Ok(())
}

#[tokio::test]
async fn a_made_key_is_known_to_the_running_server_within_a_second() -> Result<()> {
    let server = Gatehouse::start(GatehouseOptions::new(BINARY)).await?;
    let config = server.config_path();
    let config = config.to_string_lossy();
    let made =
        gatehouse(&["keys", "create", "--name", "reader", "--permissions", "r", "--config", &config]).await?;
    ensure!(made.status.success(), "{}", made.stderr);
    let authorization = format!("Bearer {}", made.stdout.trim());
    let host = server.api().to_string();
    let headers = [("Host", host.as_str()), ("Authorization", &authorization), ("Connection", "close")];
    eventually(DEADLINE, || async {
        let mut client = RawClient::connect(server.api()).await?;
        let answer = client.exchange(request("GET", "/openapi.json", &headers, b"")).await?;
        Ok((answer.head.status == 200).then_some(()))
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_takes_no_new_calls_and_lets_streams_end() -> Result<()> {
    let double = ProviderDouble::start(Default::default()).await?;
    let options = GatehouseOptions::new(BINARY).with_double(&double);
    let mut gatehouse = Gatehouse::start(options).await?;
    let mut client = RawClient::connect(gatehouse.gateway()).await?;
    client.send(chat(true, &[("x-double", "hold")])).await?;
    let head = client.read_head().await?;
    let id = head.headers.text("helicone-id").context("no Helicone-Id")?;
    let mut body = client.body(&head, false)?;
    ensure!(matches!(client.read_piece(&mut body).await?, Piece::Data { .. }), "no first event");

    gatehouse.send_term()?;
    let refused = || async { Ok(RawClient::connect(gatehouse.gateway()).await.is_err().then_some(())) };
    eventually(SEEN, refused).await.context("new connections are still taken")?;
    double.release();
    let mut rest = Vec::new();
    while let Piece::Data { bytes, .. } = client.read_piece(&mut body).await? {
        rest.extend_from_slice(&bytes);
    }
    ensure!(String::from_utf8_lossy(&rest).contains("[DONE]"), "the stream did not end");
    let status = gatehouse.wait(DEADLINE).await?;
    ensure!(status.success(), "exit status {status}");

    gatehouse.restart().await?;
    let row = row(&gatehouse, &id).await?;
    ensure!(row["outcome"] == "complete" && row["response_status"] == 200, "{row}");
    Ok(())
}
