//! The provider double as a program of its own, for SDKs, curl and load tools.
//!
//! Prints its addresses and the configuration that leads a gateway to it (or writes that to a file), and
//! runs until SIGTERM or SIGINT.
#![expect(clippy::print_stdout, reason = "its output is how callers learn the addresses")]

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use gatehouse_testkit::double::{Alpn, DoubleOptions, ProviderDouble};
use tokio::signal::unix::{SignalKind, signal};

/// A provider double with TLS: answers like the provider whose host is called, or breaks as the header `x-double` says.
#[derive(Debug, Parser)]
#[command(name = "provider-double")]
struct Arguments {
    /// Address of the TLS listener; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:9443")]
    listen: SocketAddr,
    /// Address of the admin listener.
    #[arg(long, default_value = "127.0.0.1:9480")]
    admin: SocketAddr,
    /// Directory of the certificate authority, made if it is missing.
    #[arg(long, default_value = ".double")]
    dir: PathBuf,
    /// Offers HTTP/2 besides HTTP/1.1.
    #[arg(long)]
    http2: bool,
    /// Opens a listener for plain HTTP too, on a free port.
    #[arg(long)]
    plain: bool,
    /// Writes a configuration there that leads a gateway to the double, in place of printing it.
    #[arg(long)]
    write_config: Option<PathBuf>,
    /// Records nothing, for load.
    #[arg(long)]
    no_record: bool,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut terminate = signal(SignalKind::terminate()).context("wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("wait for SIGINT")?;
    std::fs::create_dir_all(&arguments.dir).with_context(|| format!("make {:?}", arguments.dir))?;
    let directory = arguments.dir.canonicalize().context("find the directory")?;
    let double = ProviderDouble::start(DoubleOptions {
        listen: arguments.listen,
        admin: Some(arguments.admin),
        plain: arguments.plain,
        alpn: if arguments.http2 { Alpn::Http2 } else { Alpn::Http1 },
        directory: Some(directory),
        record: !arguments.no_record,
        ..DoubleOptions::default()
    })
    .await?;
    println!("provider https://{}", double.address());
    if let Some(plain) = double.plain_address() {
        println!("plain http://{plain}");
    }
    println!("admin http://{}", double.admin_address().unwrap_or(arguments.admin));
    println!("ca {}", double.ca().path().display());
    match &arguments.write_config {
        Some(path) => {
            let config = format!("data_dir = \"./data\"\n\n{}", double.upstream_toml());
            std::fs::write(path, config).with_context(|| format!("write {path:?}"))?;
            println!("config {}", path.display());
        }
        None => println!("\n# in gatehouse.toml:\n{}", double.upstream_toml()),
    }
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    double.stop().await;
    Ok(())
}
