//! The command line of `gatehouse dev`.

use clap::{Args, Subcommand};
use gatehouse_types::Timestamp;

use super::costs::time;
use super::{Owner, Place};

#[derive(Debug, Subcommand)]
pub(crate) enum DevCommand {
    /// Fills the log store with made-up calls; the server must not run.
    Seed(SeedRows),
}

#[derive(Debug, Args)]
pub(crate) struct SeedRows {
    /// How many calls.
    #[arg(long, value_name = "N")]
    pub(crate) rows: u64,
    /// Over how many days they are spread.
    #[arg(long, value_name = "D", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=3_650))]
    pub(crate) days: u32,
    /// When the last of them is made: a date, or an ISO 8601 time [default: now]
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) until: Option<Timestamp>,
    /// What chance begins with: the same seed and the same end make the same calls.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Leaves out what was said: a fraction of the disk, and of the time.
    #[arg(long)]
    pub(crate) no_bodies: bool,
    #[command(flatten)]
    pub(crate) owner: Owner,
    #[command(flatten)]
    pub(crate) place: Place,
}
