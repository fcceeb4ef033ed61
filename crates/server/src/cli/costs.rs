//! The command line of `gatehouse cost`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gatehouse_types::Timestamp;

use super::{Form, Place};

#[derive(Debug, Subcommand)]
pub(crate) enum CostCommand {
    /// Prices calls anew, with the prices that were valid when each was made.
    Reprice(RepriceCalls),
    /// Adds up what calls cost, and says of how many the cost is not known.
    Summary(SummarizeCosts),
    /// Lays a provider's export of costs beside what was computed.
    Reconcile(ReconcileCosts),
}

/// How the server is reached.
#[derive(Debug, Args)]
pub(crate) struct Access {
    /// The URL of the server's API [default: as the configuration says, on this machine]
    #[arg(long)]
    pub(crate) url: Option<String>,
    /// An API key of the organisation [default: that of the variable HELICONE_API_KEY]
    #[arg(long)]
    pub(crate) key: Option<String>,
    #[command(flatten)]
    pub(crate) place: Place,
}

/// Which calls; all of them without any of this.
#[derive(Debug, Default, Args)]
pub(crate) struct Selection {
    /// A filter as the API takes it, or `@` and the file that has one.
    #[arg(long, value_name = "JSON_OR_@FILE")]
    pub(crate) filter: Option<String>,
    /// Only calls that began then or later: a date, or an ISO 8601 time.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) since: Option<Timestamp>,
    /// Only calls that began before then.
    #[arg(long, value_name = "TIME", value_parser = time)]
    pub(crate) until: Option<Timestamp>,
    /// Only calls of this model.
    #[arg(long)]
    pub(crate) model: Option<String>,
    /// Only calls of this provider, as lists name it.
    #[arg(long)]
    pub(crate) provider: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct RepriceCalls {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Only says what would change.
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) form: Form,
    #[command(flatten)]
    pub(crate) access: Access,
}

#[derive(Debug, Args)]
pub(crate) struct SummarizeCosts {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// By what sums are made.
    #[arg(long, value_delimiter = ',', value_name = "GROUPS", value_parser = ["day", "model", "provider", "cost_status"])]
    pub(crate) by: Vec<String>,
    #[command(flatten)]
    pub(crate) form: Form,
    #[command(flatten)]
    pub(crate) access: Access,
}

#[derive(Debug, Args)]
pub(crate) struct ReconcileCosts {
    /// Whose export it is, as in `openai`.
    #[arg(long)]
    pub(crate) provider: String,
    /// The export: JSON or CSV.
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) form: Form,
    #[command(flatten)]
    pub(crate) access: Access,
}

pub(super) fn time(text: &str) -> Result<Timestamp, String> {
    Timestamp::parse(text).ok_or_else(|| "expected a date or an ISO 8601 time, as in `2026-11-22`".to_owned())
}
