//! The harness around the binary, tried on shell scripts that behave like one.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use gatehouse_testkit::client::RawClient;
use gatehouse_testkit::double::DoubleOptions;
use gatehouse_testkit::process::{TEST_KEY, run};
use gatehouse_testkit::{Gatehouse, GatehouseOptions, ProviderDouble};
use toml::Table;

const DEADLINE: Duration = Duration::from_secs(10);

fn program(directory: &Path, text: &str) -> Result<PathBuf> {
    let path = directory.join("program");
    std::fs::write(&path, format!("#!/bin/sh\n{text}\n"))?;
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755))?;
    Ok(path)
}

/// Answers every connection with 200 until the set is dropped.
async fn ready_server(tasks: &mut tokio::task::JoinSet<()>) -> Result<SocketAddr> {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tasks.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            use tokio::io::{AsyncReadExt, AsyncWriteExt};
            let mut request = [0; 1024];
            let read = stream.read(&mut request).await;
            let sent = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}").await;
            drop((read, sent));
        }
    });
    Ok(address)
}

/// A program that says it listens at `api`, and ends with status 7 on SIGTERM.
fn server_text(api: SocketAddr) -> String {
    format!(
        "trap 'echo bye >&2; kill $!; exit 7' TERM\n\
         echo \"args $*\"\necho \"gateway http://127.0.0.1:1\"\necho \"api http://{api}\"\n\
         echo \"$GATEHOUSE_EXTRA\" >&2\n\
         tail -f /dev/null & wait"
    )
}

#[tokio::test]
async fn starts_measures_ends_and_starts_again() -> Result<()> {
    let (directory, mut tasks) = (tempfile::tempdir()?, tokio::task::JoinSet::new());
    let api = ready_server(&mut tasks).await?;
    let text = server_text(api)
        .replace("while :; do read -r line < /dev/zero || :; done & wait", "sleep 600 & wait; kill $!");
    let mut options = GatehouseOptions::new(program(directory.path(), &text)?);
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
    assert!(gatehouse.stderr().contains("given") && gatehouse.stderr().contains("bye"));
    assert!(gatehouse.send_term().is_err());
    gatehouse.restart().await?;
    gatehouse.kill9().await?;
    assert!(gatehouse.rss_bytes().is_err());
    Ok(())
}

#[tokio::test]
async fn a_failed_start_tells_why() -> Result<()> {
    let directory = tempfile::tempdir()?;
    let options = GatehouseOptions::new(program(directory.path(), "echo 'port in use' >&2; exit 3")?);
    let error = format!("{:#}", Gatehouse::start(options.clone()).await.unwrap_err());
    assert!(error.contains("port in use") && error.contains("exit status: 3"), "{error}");
    let finished = run(&options.binary, &[], &[], DEADLINE).await?;
    assert_eq!((finished.status.code(), finished.stderr.as_str()), (Some(3), "port in use\n"));
    Ok(())
}

#[tokio::test]
async fn configuration_is_laid_over_the_basic_one() -> Result<()> {
    let (directory, mut tasks) = (tempfile::tempdir()?, tokio::task::JoinSet::new());
    let api = ready_server(&mut tasks).await?;
    let double = ProviderDouble::start(DoubleOptions::default()).await?;
    let text = format!("echo gateway http://127.0.0.1:1\necho api http://{api}\nexec tail -f /dev/null");
    let options = GatehouseOptions::new(program(directory.path(), &text)?)
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
    let text = format!(
        "exec {} --listen 127.0.0.1:0 --admin 127.0.0.1:0 --dir {} > {}",
        env!("CARGO_BIN_EXE_provider-double"),
        directory.path().display(),
        out.display()
    );
    let program = program(directory.path(), &text)?;
    let mut child = tokio::process::Command::new(program).kill_on_drop(true).spawn()?;
    let printed = gatehouse_testkit::eventually(DEADLINE, async || {
        Ok(std::fs::read_to_string(&out)
            .ok()
            .filter(|text| text.contains("[upstream.resolve]\n\"api.openai")))
    })
    .await?;
    let line =
        |word: &str| printed.lines().find_map(|line| line.strip_prefix(word)).unwrap().trim().to_owned();
    let ca = gatehouse_testkit::TestCa::in_directory(directory.path())?;
    assert_eq!(line("ca "), ca.path().canonicalize()?.to_str().unwrap());
    let provider: SocketAddr = line("provider https://").parse()?;
    let mut client = RawClient::connect_tls(provider, "api.openai.com", &ca).await?;
    let answer = client.exchange("GET /v1/models HTTP/1.1\r\nAuthorization: Bearer k\r\n\r\n").await?;
    assert_eq!(answer.head.status, 200);
    let admin: SocketAddr = line("admin http://").parse()?;
    let shown = gatehouse_testkit::client::get_json(admin, "/requests", "").await?;
    assert_eq!(shown["requests"][0]["target"], "/v1/models");
    let pid = child.id().unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(pid)?).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
    let status = tokio::time::timeout(DEADLINE, child.wait()).await??;
    assert!(status.success(), "{status}");
    Ok(())
}
