//! What a person at the terminal reads: the start message on standard output, errors on standard error.

use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, Result};

/// Writes `text` and a line end to standard output; a reader that has seen enough, such as `head`, is no failure.
pub(crate) fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match writeln!(out, "{text}").and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written.context("can't write to standard output"),
    }
}

/// What was made at this start and is shown this once.
#[derive(Debug, Default)]
pub(crate) struct Fresh {
    /// A key.
    pub(crate) key: Option<String>,
    /// The link that lets the first person in.
    pub(crate) first_visit: Option<String>,
}

/// Says where everything is, `gateway` and `api` by URL, and what was made.
pub(crate) fn started(gateway: &str, api: &str, data_dir: &Path, fresh: &Fresh) -> Result<()> {
    let mut text = format!(
        "gatehouse {}\n  gateway  {gateway}\n  api      {api}   (dashboard at /)\n  data     {}",
        env!("CARGO_PKG_VERSION"),
        data_dir.display()
    );
    if let Some(key) = &fresh.key {
        text.push_str(&format!("\n  api key  {key}"));
    }
    if let Some(link) = &fresh.first_visit {
        text.push_str(&format!("\n  sign in  {link}"));
    }
    if fresh.key.is_some() {
        text.push_str("\n\nThis key is shown once: keep it. More keys: gatehouse keys create --name NAME");
    }
    if fresh.first_visit.is_some() {
        text.push_str(
            "\nThe link makes the first account, once; while there is none, each start prints another.",
        );
    }
    print(&text)
}

/// Reports why the program ends, with every cause.
pub(crate) fn complain(error: &anyhow::Error) {
    let mut text = format!("gatehouse: {error}");
    for cause in error.chain().skip(1) {
        text.push_str(&format!("\n  because: {cause}"));
    }
    // There is nowhere left to report that standard error is gone.
    drop(writeln!(io::stderr().lock(), "{text}"));
}
