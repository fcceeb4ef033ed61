//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};
use gatehouse_store::control::Permissions;

/// An LLM gateway and observability server.
#[derive(Debug, Parser)]
#[command(name = "gatehouse", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs the gateway, the API and the dashboard.
    Serve(Place),
    /// Checks the configuration and prints it as it will be used, secrets hidden.
    CheckConfig(Place),
    /// Manages API keys.
    Keys {
        #[command(subcommand)]
        command: KeysCommand,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeysCommand {
    /// Makes a key and prints it, once; a running server knows it within a second.
    Create(CreateKey),
}

/// Where configuration and data are.
#[derive(Debug, Args)]
pub(crate) struct Place {
    /// The configuration file [default: gatehouse.toml, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The directory of everything that is kept; wins over the configuration.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct CreateKey {
    /// What the key is called in lists.
    #[arg(long)]
    pub(crate) name: String,
    /// What it may do: `r` reads what was logged, `w` sends calls, `rw` does both.
    #[arg(long, default_value = "rw", value_parser = permissions)]
    pub(crate) permissions: Permissions,
    #[command(flatten)]
    pub(crate) place: Place,
}

fn permissions(text: &str) -> Result<Permissions, String> {
    Permissions::parse(text).ok_or_else(|| "expected `rw`, `r` or `w`".to_owned())
}
