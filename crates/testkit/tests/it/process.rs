//! The harness around the binary, tried on a shell script that behaves like one; and the double as a program.

use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, Result};
use gatehouse_testkit::client::{RawClient, get_json};
use gatehouse_testkit::double::DoubleOptions;
use gatehouse_testkit::process::{TEST_KEY, run};
use gatehouse_testkit::{Gatehouse, GatehouseOptions, ProviderDouble, TestCa, eventually};
use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use toml::Table;

const DEADLINE: Duration = Duration::from_secs(10);

/// Answers every connection with 200 until the set is dropped.
async fn ready_server(tasks: &mut JoinSet<()>) -> Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 1024];
            let read = stream.read(&mut request).await;
            let sent = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
            drop((read, sent));
        }
    });
    Ok(address)
}

fn pretending(variable: &str, value: &str) -> GatehouseOptions {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/pretend-gatehouse.sh");
    let mut options = GatehouseOptions::new(script);
    options.environment.push((variable.to_owned(), value.to_owned()));
    options
}

#[tokio::test]
async fn starts_measures_ends_and_starts_again() -> Result<()> {
    let mut tasks = JoinSet::new();
    let api = ready_server(&mut tasks).await?;
    let mut options = pretending("PRETEND_API", &api.to_string());
    options.environment.push(("GATEHOUSE_EXTRA".to_owned(), "given".to_owned()));
    let mut gatehouse = Gatehouse::start(options).await?;
    assert_eq!((gatehouse.gateway(), gatehouse.api()), ("127.0.0.1:1".parse()?, api));
    let config = gatehouse.config_path();
    assert!(gatehouse.stdout().contains(&format!("args serve --config {}", config.display())));
    assert!(gatehouse.rss_bytes()? > 100_000);
    gatehouse.cpu_time()?;
    assert!(gatehouse.get("/v1/anything").await?.is_object());

    let first = gatehouse.pid();
    gatehouse.restart().await?;
    assert_ne!(gatehouse.pid(), first);
    let status = gatehouse.terminate(DEADLINE).await?;
    assert_eq!(status.code(), Some(7));
    assert_eq!(gatehouse.stderr(), "extra given\nbye\n");
    assert!(gatehouse.send_term().is_err());
    gatehouse.restart().await?;
    gatehouse.kill9().await?;
    assert!(gatehouse.rss_bytes().is_err());
    Ok(())
}

#[tokio::test]
async fn a_failed_start_tells_why() -> Result<()> {
    let options = pretending("PRETEND_FAIL", "port in use");
    let error = format!("{:#}", Gatehouse::start(options.clone()).await.unwrap_err());
    assert!(error.contains("stderr:\nport in use") && error.contains("exit status: 3"), "{error}");
    let finished = run(&options.binary, &[], &options.environment, DEADLINE).await?;
    assert_eq!((finished.status.code(), finished.stderr.as_str()), (Some(3), "port in use\n"));
    Ok(())
}

#[tokio::test]
async fn a_start_that_takes_too_long_fails() -> Result<()> {
    // Nothing listens at port 1.
    let mut options = pretending("PRETEND_API", "127.0.0.1:1");
    options.start_deadline = Duration::from_millis(50);
    let error = format!("{:#}", Gatehouse::start(options).await.unwrap_err());
    assert!(error.contains("not ready within 50ms"), "{error}");
    Ok(())
}

#[tokio::test]
async fn configuration_is_laid_over_the_basic_one() -> Result<()> {
    let mut tasks = JoinSet::new();
    let api = ready_server(&mut tasks).await?;
    let double = ProviderDouble::start(DoubleOptions::default()).await?;
    let options = pretending("PRETEND_API", &api.to_string())
        .with_double(&double)
        .with_toml("[gateway]\nrequire_auth = false\n[upstream]\nallow_http = true");
    let gatehouse = Gatehouse::start(options).await?;
    let config: Table = std::fs::read_to_string(gatehouse.config_path())?.parse()?;
    assert_eq!(config["gateway"]["listen"].as_str(), Some("127.0.0.1:0"));
    assert_eq!(config["gateway"]["require_auth"].as_bool(), Some(false));
    assert_eq!(config["bootstrap"]["api_key"].as_str(), Some(TEST_KEY));
    assert_eq!(config["upstream"]["allow_http"].as_bool(), Some(true));
    let resolve = &config["upstream"]["resolve"]["api.openai.com:443"];
    assert_eq!(resolve.as_str(), Some(double.address().to_string().as_str()));
    assert_eq!(config["upstream"]["extra_ca"].as_str(), double.ca().path().to_str());
    Ok(())
}

#[tokio::test]
async fn the_double_runs_as_a_program() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let out = directory.path().join("out");
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_provider-double"))
        .args(["--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0", "--dir"])
        .arg(directory.path())
        .stdout(Stdio::from(std::fs::File::create(&out)?))
        .kill_on_drop(true)
        .spawn()?;
    let printed = eventually(DEADLINE, async || {
        let text = std::fs::read_to_string(&out)?;
        Ok(text.contains("\"api.x.ai:443\" = ").then_some(text))
    })
    .await?;
    let line = |word: &str| printed.lines().find_map(|line| line.strip_prefix(word)).context("no such line");

    let ca = TestCa::in_directory(directory.path())?;
    assert_eq!(line("ca ")?, ca.path().canonicalize()?.to_str().unwrap());
    let mut client =
        RawClient::connect_tls(line("provider https://")?.parse()?, "api.openai.com", &ca).await?;
    let answer = client.exchange("GET /v1/models HTTP/1.1\r\nAuthorization: Bearer k\r\n\r\n").await?;
    assert_eq!(answer.head.status, 200);
    let shown = get_json(line("admin http://")?.parse()?, "/requests", "").await?;
    assert_eq!(shown["requests"][0]["target"], "/v1/models");

    let pid = Pid::from_raw(i32::try_from(child.id().unwrap())?).unwrap();
    kill_process(pid, Signal::TERM)?;
    let status = tokio::time::timeout(DEADLINE, child.wait()).await??;
    assert!(status.success(), "{status}");
    Ok(())
}
