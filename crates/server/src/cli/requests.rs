//! The command line of `gatehouse requests` and `gatehouse export`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::{Access, Form, Selection};

#[derive(Debug, Subcommand)]
pub(crate) enum RequestsCommand {
    /// Shows calls as they are logged, until it is stopped; a lost connection is made again.
    Tail(TailRequests),
    /// Lists the last calls.
    List(ListRequests),
}

/// Which calls; all of them without any of this.
#[derive(Debug, Default, Args)]
pub(crate) struct Which {
    #[command(flatten)]
    pub(crate) selection: Selection,
    /// Only calls of this user.
    #[arg(long)]
    pub(crate) user: Option<String>,
    /// Only calls with this status: a number, a class as in `4xx`, or `error`.
    #[arg(long, value_name = "STATUS", value_parser = status)]
    pub(crate) status: Option<StatusRange>,
    /// Only calls with this property; may be given more than once.
    #[arg(long = "property", value_name = "NAME=VALUE", value_parser = property)]
    pub(crate) properties: Vec<(String, String)>,
}

/// Statuses from one to another, both included; without an end all from there on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct StatusRange {
    pub(crate) from: i32,
    pub(crate) to: Option<i32>,
}

#[derive(Debug, Args)]
pub(crate) struct TailRequests {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Prints a line of JSON for each call.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

#[derive(Debug, Args)]
pub(crate) struct ListRequests {
    #[command(flatten)]
    pub(crate) which: Which,
    /// How many calls at most, the last ones.
    #[arg(long, default_value_t = 25, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) form: Form,
    #[command(flatten)]
    pub(crate) access: Access,
}

#[derive(Debug, Args)]
pub(crate) struct ExportCalls {
    #[command(flatten)]
    pub(crate) which: Which,
    /// What the file is.
    #[arg(long, value_enum, default_value_t = ExportFormat::Jsonl)]
    pub(crate) format: ExportFormat,
    /// The file; until it is complete it has `.part` behind its name [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Exports what was said, too.
    #[arg(long)]
    pub(crate) bodies: bool,
    #[command(flatten)]
    pub(crate) access: Access,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// A line of JSON for each call.
    Jsonl,
    /// A table as RFC 4180 has it.
    Csv,
    /// A table in columns.
    Parquet,
}

impl ExportFormat {
    /// Returns the name that the API has for it.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Jsonl => "jsonl",
            Self::Csv => "csv",
            Self::Parquet => "parquet",
        }
    }
}

fn status(text: &str) -> Result<StatusRange, String> {
    let wrong = || "expected a status as in `404`, a class as in `4xx`, or `error`".to_owned();
    if text == "error" {
        return Ok(StatusRange { from: 400, to: None });
    }
    if let Some(class) = text.strip_suffix("xx") {
        let class: i32 = class.parse().map_err(|_| wrong())?;
        let is_class = (1..=5).contains(&class);
        return is_class
            .then_some(StatusRange { from: class * 100, to: Some(class * 100 + 99) })
            .ok_or_else(wrong);
    }
    text.parse().map(|status| StatusRange { from: status, to: Some(status) }).map_err(|_| wrong())
}

fn property(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("expected a name and a value, as in `Environment=production`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_a_number_a_class_or_every_error() {
        let range = |from, to| Ok(StatusRange { from, to });
        assert_eq!(status("404"), range(404, Some(404)));
        assert_eq!(status("-3"), range(-3, Some(-3)));
        assert_eq!(status("5xx"), range(500, Some(599)));
        assert_eq!(status("error"), range(400, None));
        for wrong in ["9xx", "x", "", "4x"] {
            assert!(status(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_property_has_a_name() {
        assert_eq!(property("a=b=c"), Ok(("a".to_owned(), "b=c".to_owned())));
        assert_eq!(property("a="), Ok(("a".to_owned(), String::new())));
        assert!(property("=b").is_err() && property("a").is_err());
    }
}
