//! The double of a provider of identities as a program of its own, for browsers.
//!
//! Prints who it is and whose certificate it has, and runs until SIGTERM or SIGINT.
#![expect(clippy::print_stdout, reason = "its output is how callers learn the address")]

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;
use gatehouse_testkit::identity::{CLIENT_ID, CLIENT_SECRET};
use gatehouse_testkit::{IdentityDouble, TestCa};
use tokio::signal::unix::{SignalKind, signal};

/// A provider of identities that lets in whoever asks, always as the same person.
#[derive(Debug, Parser)]
#[command(name = "identity-double")]
struct Arguments {
    /// Directory of the certificate authority, made if it is missing.
    #[arg(long)]
    dir: PathBuf,
    /// What it calls the person.
    #[arg(long, default_value = "ada")]
    subject: String,
    /// Their address, for which it vouches.
    #[arg(long, default_value = "ada@example.com")]
    email: String,
}

#[tokio::main]
async fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let mut terminate = signal(SignalKind::terminate()).context("wait for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("wait for SIGINT")?;
    let double = IdentityDouble::start(&TestCa::in_directory(&arguments.dir)?).await?;
    double.let_in(&arguments.subject, &arguments.email);
    println!("issuer {}", double.issuer());
    println!("client_id {CLIENT_ID}");
    println!("client_secret {CLIENT_SECRET}");
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
