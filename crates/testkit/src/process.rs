//! The real `gatehouse` binary as a child process, with its own directory and free ports.
//!
//! The caller names the binary (`env!("CARGO_BIN_EXE_gatehouse")`), so that this crate does not depend on it.
//! A child never outlives its [`Gatehouse`].

mod child;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use toml::{Table, Value};

use crate::client::{RawClient, get_json, post_json, request};
use crate::{ProviderDouble, TestCa};
use child::Child;

pub use child::{Finished, run};

/// The API key that a started gatehouse accepts unless the test sets another one.
pub const TEST_KEY: &str = "sk-helicone-aaaaaaa-bbbbbbb-ccccccc-ddddddd";

/// How long a start may take until `readyz` says yes.
const START: Duration = Duration::from_secs(60);
/// How long a request for `readyz` may take.
const READY_REQUEST: Duration = Duration::from_secs(2);

/// How a gatehouse is started.
#[derive(Debug, Clone)]
pub struct GatehouseOptions {
    /// Path of the binary.
    pub binary: PathBuf,
    /// Configuration laid over the basic one: sections are joined, keys of later texts win.
    pub toml: Vec<String>,
    /// The environment variables, besides a plain `PATH`; none are inherited.
    pub environment: Vec<(String, String)>,
    /// Whom to trust when the API listener speaks TLS, for which its certificate must name `localhost`.
    pub api_ca: Option<Arc<TestCa>>,
    /// How long the start may take.
    pub start_deadline: Duration,
}

impl GatehouseOptions {
    /// Starts `binary` with the basic configuration: ports 0 and [`TEST_KEY`].
    pub fn new(binary: impl Into<PathBuf>) -> Self {
        Self {
            binary: binary.into(),
            toml: Vec::new(),
            environment: Vec::new(),
            api_ca: None,
            start_deadline: START,
        }
    }

    /// Leads all provider host names to `double`.
    #[must_use]
    pub fn with_double(self, double: &ProviderDouble) -> Self {
        let upstream = double.upstream_toml();
        self.with_toml(&upstream)
    }

    /// Lays `text` over the configuration.
    #[must_use]
    pub fn with_toml(mut self, text: &str) -> Self {
        self.toml.push(text.to_owned());
        self
    }
}

/// A running gatehouse.
#[derive(Debug)]
pub struct Gatehouse {
    options: GatehouseOptions,
    home: TempDir,
    child: Child,
    gateway: SocketAddr,
    api: SocketAddr,
}

impl Gatehouse {
    /// Starts a gatehouse with a new data directory and waits until it is ready.
    ///
    /// # Errors
    /// When the configuration is not TOML, the process ends, or it is not ready in time; with its standard error.
    pub async fn start(options: GatehouseOptions) -> Result<Self> {
        let home = tempfile::tempdir().context("make a home directory")?;
        let config = configuration(&home.path().join("data"), &options.toml)?;
        std::fs::write(home.path().join("gatehouse.toml"), config).context("write gatehouse.toml")?;
        let (child, gateway, api) = spawn(&options, home.path()).await?;
        Ok(Self { options, home, child, gateway, api })
    }

    /// Returns the address of the gateway listener.
    pub fn gateway(&self) -> SocketAddr {
        self.gateway
    }

    /// Returns the address of the API listener.
    pub fn api(&self) -> SocketAddr {
        self.api
    }

    /// Returns the path of the configuration file.
    pub fn config_path(&self) -> PathBuf {
        self.home.path().join("gatehouse.toml")
    }

    /// Returns the data directory.
    pub fn data_dir(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// Returns the process id.
    pub fn pid(&self) -> u32 {
        self.child.pid()
    }

    /// Kills the process at once (SIGKILL) and waits for its end.
    ///
    /// # Errors
    /// When the process can't be killed.
    pub async fn kill9(&mut self) -> Result<()> {
        self.child.kill().await
    }

    /// Asks the process to end (SIGTERM) without waiting.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn send_term(&self) -> Result<()> {
        self.child.send_term()
    }

    /// Asks the process to end (SIGTERM) and waits for its end, at most `deadline`.
    ///
    /// # Errors
    /// When it does not end in time; it goes on then.
    pub async fn terminate(&mut self, deadline: Duration) -> Result<ExitStatus> {
        self.child.send_term()?;
        self.child.wait(deadline).await
    }

    /// Waits for the end of the process, at most `deadline`.
    ///
    /// # Errors
    /// When it does not end in time.
    pub async fn wait(&mut self, deadline: Duration) -> Result<ExitStatus> {
        self.child.wait(deadline).await
    }

    /// Starts the process again on the same data and configuration; one that still runs is killed before.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn restart(&mut self) -> Result<()> {
        self.child.kill().await?;
        (self.child, self.gateway, self.api) = spawn(&self.options, self.home.path()).await?;
        Ok(())
    }

    /// Returns the resident memory of the process in bytes.
    ///
    /// # Errors
    /// When the process is gone.
    pub fn rss_bytes(&self) -> Result<u64> {
        self.child.rss_bytes()
    }

    /// Returns the CPU time that the process has used, user and system, in steps of a clock tick (10 ms).
    ///
    /// # Errors
    /// When the process is gone.
    pub fn cpu_time(&self) -> Result<Duration> {
        self.child.cpu_time()
    }

    /// Returns what the process wrote to standard output since its last start.
    pub fn stdout(&self) -> String {
        self.child.stdout()
    }

    /// Returns what the process wrote to standard error since its last start.
    pub fn stderr(&self) -> String {
        self.child.stderr()
    }

    /// Reads JSON from the API with [`TEST_KEY`].
    ///
    /// # Errors
    /// When the exchange fails or the status is not 2xx.
    pub async fn get(&self, path: &str) -> Result<serde_json::Value> {
        get_json(self.api, path, TEST_KEY).await
    }

    /// Posts JSON to the API with [`TEST_KEY`].
    ///
    /// # Errors
    /// When the exchange fails or the status is not 2xx.
    pub async fn post(&self, path: &str, body: &serde_json::Value) -> Result<serde_json::Value> {
        post_json(self.api, path, TEST_KEY, body).await
    }
}

async fn spawn(options: &GatehouseOptions, home: &Path) -> Result<(Child, SocketAddr, SocketAddr)> {
    let config = home.join("gatehouse.toml");
    let arguments = ["serve".as_ref(), "--config".as_ref(), config.as_os_str()];
    let mut child = Child::spawn(&options.binary, &arguments, &options.environment)?;
    let started = wait_until_ready(&mut child, options).await;
    let (gateway, api) = started.with_context(|| {
        format!(
            "{:?} did not start\nstdout:\n{}\nstderr:\n{}",
            options.binary,
            child.stdout(),
            child.stderr()
        )
    })?;
    Ok((child, gateway, api))
}

async fn wait_until_ready(child: &mut Child, options: &GatehouseOptions) -> Result<(SocketAddr, SocketAddr)> {
    let deadline = options.start_deadline;
    let end = tokio::time::Instant::now() + deadline;
    loop {
        if let Some(status) = child.ended().await? {
            bail!("the process ended with {status}");
        }
        let stdout = child.stdout();
        if let (Some(gateway), Some(api)) = (address(&stdout, "gateway"), address(&stdout, "api"))
            && is_ready(api, options.api_ca.as_deref()).await
        {
            return Ok((gateway, api));
        }
        if tokio::time::Instant::now() >= end {
            bail!("not ready within {deadline:?}");
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// Returns the address in the first line that begins with `word` and a URL.
fn address(stdout: &str, word: &str) -> Option<SocketAddr> {
    stdout.lines().find_map(|line| {
        let mut words = line.split_whitespace();
        let first = words.next()?.trim_end_matches(':');
        let url = words.next()?;
        let place = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
        (first == word).then(|| place.trim_end_matches('/').parse().ok()).flatten()
    })
}

async fn is_ready(api: SocketAddr, ca: Option<&TestCa>) -> bool {
    let ask = async {
        let mut client = match ca {
            None => RawClient::connect(api).await?,
            Some(ca) => RawClient::connect_tls(api, "localhost", ca).await?,
        };
        let host = api.to_string();
        let headers = [("Host", host.as_str()), ("Connection", "close")];
        client.exchange(request("GET", "/readyz", &headers, b"")).await
    };
    let answer = tokio::time::timeout(READY_REQUEST, ask).await;
    matches!(answer, Ok(Ok(answer)) if answer.head.status == 200)
}

fn configuration(data_dir: &Path, overlays: &[String]) -> Result<String> {
    let basic = format!(
        "data_dir = {data_dir:?}\n\
         [gateway]\nlisten = \"127.0.0.1:0\"\n\
         [api]\nlisten = \"127.0.0.1:0\"\n\
         [bootstrap]\napi_key = \"{TEST_KEY}\"\n"
    );
    let mut config: Table = basic.parse().context("read the basic configuration")?;
    for overlay in overlays {
        let overlay = overlay.parse().with_context(|| format!("read as TOML: {overlay}"))?;
        lay_over(&mut config, overlay);
    }
    Ok(config.to_string())
}

fn lay_over(below: &mut Table, above: Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}
