//! The command line of `gatehouse import`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gatehouse_types::Timestamp;

use super::Place;
use super::costs::time;

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Takes over what Helicone logged, from its API or from files that it exported; can be repeated and goes on where
    /// it was ended.
    Helicone(ImportHelicone),
}

#[derive(Debug, Args)]
pub(crate) struct ImportHelicone {
    /// The URL of Helicone's API.
    #[arg(long, default_value = "https://api.helicone.ai")]
    pub(crate) url: String,
    /// A key of Helicone's that may read [default: that of the variable HELICONE_API_KEY]
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Only calls that began then or later: a date, or an ISO 8601 time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) since: Option<Timestamp>,
    /// Only calls that began before then.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) until: Option<Timestamp>,
    /// Reads exports (JSONL, JSON or CSV) and asks no API.
    #[arg(long = "file", value_name = "FILE", conflicts_with_all = ["since", "until"])]
    pub(crate) files: Vec<PathBuf>,
    /// Leaves the bodies out.
    #[arg(long)]
    pub(crate) no_bodies: bool,
    /// How many calls of Helicone's API are made in a second at most.
    #[arg(long, default_value_t = 10, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) max_per_second: u32,
    /// The file that says how far the import is; with it the next one goes on there.
    #[arg(long, value_name = "FILE", default_value = "helicone-import.json")]
    pub(crate) state: PathBuf,
    /// Begins from the start whatever the state file says; what is there already is replaced by the same.
    #[arg(long)]
    pub(crate) restart: bool,
    /// The URL of the API that takes the calls [default: as the configuration says, on this machine]
    #[arg(long, value_name = "URL")]
    pub(crate) into: Option<String>,
    /// An API key of the organisation that takes them, which may write [default: that of the variable INTO_API_KEY]
    #[arg(long, value_name = "KEY")]
    pub(crate) into_key: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
}
